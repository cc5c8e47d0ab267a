// SPDX-License-Identifier: GPL-2.0

//! Weighted overflow: the server with the highest weight that has no more active
//! connections than its weight.

use super::{
    ranking::{
        Rule,
        Score, //
    },
    Candidate, //
};

/// The rule.
///
/// IPVS behaviour: it takes new ones until it has one more than its weight.
pub struct Ovf;

impl Rule for Ovf {
    #[inline]
    fn score(server: &impl Candidate) -> Option<Score> {
        let room = server.active() <= server.weight();
        (server.eligible() && room).then(|| Score {
            burden: 1,
            share: server.weight(),
        })
    }
}
