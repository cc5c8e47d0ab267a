// SPDX-License-Identifier: GPL-2.0

//! Weighted least connection: the server with the least load for its weight.

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
pub struct Wlc;

impl Rule for Wlc {
    #[inline]
    fn score(server: &impl Candidate) -> Option<Score> {
        server.eligible().then(|| Score {
            burden: server.load(),
            share: server.weight(),
        })
    }
}
