// SPDX-License-Identifier: GPL-2.0

//! Never queue: an idle server if there is one, otherwise as shortest expected
//! delay.

use super::{
    ranking::{
        Rule,
        Score, //
    },
    sed::expected_delay,
    Candidate, //
};

/// The rule.
///
/// IPVS behaviour: of several idle servers the first is chosen, whatever its
/// weight; idle is a server without active connections.
pub struct Nq;

impl Rule for Nq {
    #[inline]
    fn score(server: &impl Candidate) -> Option<Score> {
        server.eligible().then(|| match server.active() {
            0 => Score {
                burden: 0,
                share: 1,
            },
            _ => expected_delay(server),
        })
    }
}
