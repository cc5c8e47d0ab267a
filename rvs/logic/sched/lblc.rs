// SPDX-License-Identifier: GPL-2.0

//! Locality-based least connection: packets to one address go to one server, as
//! long as that is not overloaded while another has little to do.

use super::{
    cache::{
        Cache,
        Memory, //
    },
    ranking::{
        Node,
        Ranking,
        Rule,
        Score, //
    },
    wlc::Wlc,
    Candidate,
    Index, //
};
use crate::logic::addr::Addr;

/// How many addresses are remembered, unless told otherwise.
pub const ENTRIES: u32 = 16384;

/// For how many seconds without use, unless told otherwise.
pub const EXPIRY: u32 = 24 * 60 * 60;

/// In place of a slot: the server has gone.
pub const GONE: u32 = u32::MAX;

/// Who has the fewest active connections for its weight, whether or not it takes new ones.
pub struct Idlest;

impl Rule for Idlest {
    #[inline]
    fn score(server: &impl Candidate) -> Option<Score> {
        (server.weight() > 0).then(|| Score {
            burden: u64::from(server.active()),
            share: server.weight(),
        })
    }
}

/// The index of the rule: whom to choose (weighted least connection), and who has least to do.
#[derive(Default)]
pub struct Locality {
    best: Ranking<Wlc>,
    idlest: Ranking<Idlest>,
}

impl Locality {
    /// Whom weighted least connection would choose.
    pub fn best(cells: &[Node]) -> Option<u32> {
        Ranking::<Wlc>::best(halves(cells).0)
    }

    /// Whether a server with so many active connections should be left alone.
    ///
    /// IPVS behaviour: it has more than its weight, and some server less than half of its own.
    pub fn is_crowded(cells: &[Node], server: &impl Candidate) -> bool {
        let spare = |score: Score| score.burden.saturating_mul(2) < u64::from(score.share);
        server.active() > server.weight()
            && Ranking::<Idlest>::best_score(halves(cells).1).is_some_and(spare)
    }
}

fn halves(cells: &[Node]) -> (&[Node], &[Node]) {
    cells.split_at(cells.len() / 2)
}

impl Index for Locality {
    type Cell = Node;

    const EMPTY: Node = Ranking::<Wlc>::EMPTY;

    fn cells(capacity: usize) -> usize {
        Ranking::<Wlc>::cells(capacity).saturating_mul(2)
    }

    fn set(&mut self, cells: &mut [Node], slot: u32, server: Option<&impl Candidate>) {
        let (best, idlest) = cells.split_at_mut(cells.len() / 2);
        self.best.set(best, slot, server);
        self.idlest.set(idlest, slot, server);
    }
}

/// What a packet asks for.
pub struct Question<'q> {
    /// The address, which names the entry, and its hash.
    pub name: (u32, &'q Addr),
    /// The time now, in ticks.
    pub now: u32,
    /// Forget what was not used for so many ticks.
    pub expiry: u32,
    /// Exactly as IPVS.
    pub exact: bool,
}

/// Chooses a server; `get` says what is in a slot.
///
/// IPVS behaviour, if exact is asked for: the thresholds of a server that is remembered do not count.
pub fn pick<D: Candidate>(
    cells: &[Node],
    (cache, memory): (&mut Cache, &mut Memory<'_, u32>),
    question: &Question<'_>,
    get: impl Fn(u32) -> Option<D>,
) -> Option<u32> {
    let found = cache.find(memory, question.name, question.now);
    let known = found.and_then(|at| cache.value(memory, at).copied());
    if let Some(slot) = kept(cells, known, question, get) {
        return Some(slot);
    }
    cache.expire(memory, question.now, question.expiry);
    let best = Locality::best(cells)?;
    // Expiring does not touch what was used just now.
    match found.and_then(|at| cache.value(memory, at)) {
        Some(value) => *value = best,
        None => cache.insert(memory, question.name, best, question.now),
    }
    Some(best)
}

/// The server that [`pick`] would choose.
pub fn peek<D: Candidate>(
    cells: &[Node],
    (cache, memory): (&Cache, &Memory<'_, u32>),
    question: &Question<'_>,
    get: impl Fn(u32) -> Option<D>,
) -> Option<u32> {
    let known = cache.look(memory, question.name).copied();
    kept(cells, known, question, get).or_else(|| Locality::best(cells))
}

/// The server that is remembered, if the address stays with it.
fn kept<D: Candidate>(
    cells: &[Node],
    known: Option<u32>,
    question: &Question<'_>,
    get: impl Fn(u32) -> Option<D>,
) -> Option<u32> {
    known.filter(|slot| {
        get(*slot).is_some_and(|server| {
            let open = server.weight() > 0 && (question.exact || !server.overloaded());
            open && !Locality::is_crowded(cells, &server)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sched::{
        cache::{
            Entry,
            EMPTY_BUCKET, //
        },
        testing::{
            Server,
            Site, //
        }, //
    };
    use std::{
        vec,
        vec::Vec, //
    };

    struct Service {
        site: Site<Locality>,
        cache: Cache,
        entries: Vec<Entry<u32>>,
        buckets: Vec<u32>,
        now: u32,
        exact: bool,
    }

    impl Service {
        fn new(weights: &[u32]) -> Self {
            let servers: Vec<Server> = weights.iter().copied().map(Server::new).collect();
            Self {
                site: Site::with(&servers),
                cache: Cache::default(),
                entries: vec![Entry::new(0); 4],
                buckets: vec![EMPTY_BUCKET; 4],
                now: 0,
                exact: false,
            }
        }

        /// A new connection to the address, which becomes active; servers are numbered from 1.
        fn open(&mut self, address: u8) -> Option<u32> {
            let mut memory = Memory {
                entries: &mut self.entries,
                buckets: &mut self.buckets,
            };
            let question = Question {
                name: (u32::from(address), &Addr::from_v4([10, 0, 0, address])),
                now: self.now,
                expiry: 100,
                exact: self.exact,
            };
            let servers = &self.site.servers;
            let get = |slot: u32| servers.get(slot as usize).copied().flatten();
            let cells = &self.site.cells;
            let seen = peek(cells, (&self.cache, &memory), &question, get);
            let slot = pick(cells, (&mut self.cache, &mut memory), &question, get);
            assert_eq!(seen, slot);
            let slot = slot?;
            self.site.edit(slot, |server| server.active += 1);
            Some(slot + 1)
        }
    }

    /// Measured with ip_vs: three servers of weight 1.
    #[test]
    fn an_address_stays_until_its_server_is_crowded() {
        let mut service = Service::new(&[1, 1, 1]);
        let picks: Vec<_> = (0..8).filter_map(|_| service.open(1)).collect();
        assert_eq!(picks, [3, 3, 2, 2, 1, 1, 1, 1]);
    }

    #[test]
    fn addresses_are_spread() {
        let mut service = Service::new(&[9, 9, 9]);
        let picks: Vec<_> = [1, 2, 3, 1, 2, 3]
            .into_iter()
            .filter_map(|a| service.open(a))
            .collect();
        assert_eq!(picks, [3, 2, 1, 3, 2, 1]);
    }

    #[test]
    fn a_server_that_is_gone_or_closed_is_replaced() {
        let mut service = Service::new(&[9, 9, 9]);
        assert_eq!(service.open(1), Some(3));
        service.site.edit(2, |server| server.weight = 0);
        assert_eq!(service.open(1), Some(2));
        service.site.set(1, None);
        assert_eq!(service.open(1), Some(1));
        service.site.set(0, None);
        assert_eq!(service.open(1), None);
    }

    #[test]
    fn thresholds_of_known_servers_count_unless_exact() {
        let mut service = Service::new(&[9, 9]);
        assert_eq!(service.open(1), Some(2));
        service.site.edit(1, |server| server.overloaded = true);
        service.exact = true;
        assert_eq!(service.open(1), Some(2));
        service.exact = false;
        assert_eq!(service.open(1), Some(1));
    }

    #[test]
    fn what_is_not_used_is_forgotten() {
        let mut service = Service::new(&[9, 9]);
        assert_eq!(service.open(1), Some(2));
        service.now = 100;
        assert_eq!(service.open(2), Some(1));
        // Forgotten: chosen anew, by load.
        service.site.edit(1, |server| server.active = 5);
        assert_eq!(service.open(1), Some(1));
    }
}
