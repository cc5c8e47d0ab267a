// SPDX-License-Identifier: GPL-2.0

//! Weighted failover: the server with the highest weight.

use super::{
    ranking::{
        Rule,
        Score, //
    },
    Candidate, //
};

/// The rule.
///
/// IPVS behaviour: loads do not count; of equal weights the first is chosen.
pub struct Fo;

impl Rule for Fo {
    #[inline]
    fn score(server: &impl Candidate) -> Option<Score> {
        server.eligible().then(|| Score {
            burden: 1,
            share: server.weight(),
        })
    }
}
