// SPDX-License-Identifier: GPL-2.0

//! Shortest expected delay: the server with the fewest active connections for
//! its weight, the new one included.

use super::{
    ranking::{
        Rule,
        Score, //
    },
    Candidate, //
};

/// The rule.
///
/// IPVS behaviour: inactive connections do not count, so UDP flows never do.
pub struct Sed;

impl Rule for Sed {
    #[inline]
    fn score(server: &impl Candidate) -> Option<Score> {
        server.eligible().then(|| expected_delay(server))
    }
}

/// How long a new connection would wait.
#[inline]
pub(super) fn expected_delay(server: &impl Candidate) -> Score {
    Score {
        burden: u64::from(server.active()).wrapping_add(1),
        share: server.weight(),
    }
}
