// SPDX-License-Identifier: GPL-2.0

//! Least connection: the server with the least load, whatever its weight.

use super::{
    ranking::{
        Rule,
        Score, //
    },
    Candidate, //
};

/// The rule.
///
/// IPVS behaviour: an active connection counts as much as 257 inactive ones.
pub struct Lc;

impl Rule for Lc {
    #[inline]
    fn score(server: &impl Candidate) -> Option<Score> {
        server.eligible().then(|| Score {
            burden: server.load(),
            share: 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sched::{
        fo::Fo,
        nq::Nq,
        ovf::Ovf,
        ranking::Ranking,
        sed::Sed,
        testing::{
            Server,
            Site, //
        },
        wlc::Wlc, //
    };
    use std::vec::Vec;

    /// Opens connections, which stay, and says who got them.
    fn picks<R: Rule>(weights: &[u32], active: bool, count: usize) -> Vec<u32> {
        let servers: Vec<Server> = weights.iter().copied().map(Server::new).collect();
        let mut site = Site::<Ranking<R>>::with(&servers);
        let mut picks = Vec::new();
        for _ in 0..count {
            let Some(best) = Ranking::<R>::best(&site.cells) else {
                break;
            };
            site.edit(best, |server| match active {
                true => server.active += 1,
                false => server.inactive += 1,
            });
            picks.push(best + 1);
        }
        picks
    }

    #[test]
    fn lc_ignores_weights() {
        assert_eq!(picks::<Lc>(&[1, 9, 1], false, 6), [3, 2, 1, 3, 2, 1]);
        assert_eq!(picks::<Lc>(&[1, 0, 1], true, 4), [3, 1, 3, 1]);
    }

    /// Measured with ip_vs: servers of weight 1, 2, 3 in that order.
    #[test]
    fn wlc_follows_weights() {
        let measured = [3, 2, 1, 3, 2, 3, 3, 2, 1, 3, 2, 3];
        assert_eq!(picks::<Wlc>(&[1, 2, 3], true, 12), measured);
    }

    #[test]
    fn an_active_connection_counts_as_257() {
        let mut site = Site::<Ranking<Lc>>::with(&[Server::new(1), Server::new(1)]);
        site.edit(1, |server| server.active = 1);
        site.edit(0, |server| server.inactive = 256);
        assert_eq!(Ranking::<Lc>::best(&site.cells), Some(0));
        site.edit(0, |server| server.inactive = 257);
        assert_eq!(Ranking::<Lc>::best(&site.cells), Some(1));
    }

    #[test]
    fn sed_counts_the_new_connection_and_no_inactive_ones() {
        assert_eq!(picks::<Sed>(&[1, 2], true, 4), [2, 2, 1, 2]);
        assert_eq!(picks::<Sed>(&[1, 2], false, 3), [2, 2, 2]);
    }

    #[test]
    fn nq_takes_an_idle_server_first() {
        assert_eq!(picks::<Nq>(&[1, 5, 1], true, 6), [3, 2, 1, 2, 2, 2]);
    }

    #[test]
    fn fo_stays_with_the_heaviest() {
        assert_eq!(picks::<Fo>(&[2, 7, 7, 1], true, 3), [3, 3, 3]);
    }

    /// Measured with ip_vs: weights 2, 2, 1 give three, three and two picks.
    #[test]
    fn ovf_flows_over() {
        assert_eq!(picks::<Ovf>(&[1, 2, 2], true, 9), [3, 3, 3, 2, 2, 2, 1, 1]);
    }

    #[test]
    fn nobody_overloaded_or_of_weight_zero() {
        fn none<R: Rule>() {
            let servers = [Server::new(0), Server::new(3).over()];
            let site = Site::<Ranking<R>>::with(&servers);
            assert_eq!(Ranking::<R>::best(&site.cells), None);
        }
        none::<Lc>();
        none::<Wlc>();
        none::<Sed>();
        none::<Nq>();
        none::<Fo>();
        none::<Ovf>();
    }
}
