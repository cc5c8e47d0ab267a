// SPDX-License-Identifier: GPL-2.0

//! What the two ends of a TCP connection expect next.
//!
//! A reset is believed only if its sequence number is the one that its receiver expects (RFC 5961). That is
//! what this end has acknowledged last.

use super::Way;
use crate::{
    logic::{
        num,
        wire::{
            tcp::Bare,
            TcpFlags, //
        }, //
    },
    sys::atomic::{
        AtomicU64,
        Ordering, //
    },
};

/// In the upper half of a word: the lower half is a number.
const SEEN: u64 = 1 << 32;

/// The last acknowledgements of client and server.
#[derive(Default)]
pub(crate) struct Acks {
    client: AtomicU64,
    server: AtomicU64,
}

impl Acks {
    fn of(&self, way: Way) -> &AtomicU64 {
        match way {
            Way::Request => &self.client,
            Way::Reply => &self.server,
        }
    }

    /// Notes the acknowledgement of a segment that goes this way, unless a later one has been seen.
    pub(super) fn note(&self, way: Way, ack: u32) {
        let word = self.of(way);
        let new = SEEN | u64::from(ack);
        let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| {
            let ahead = ack.wrapping_sub(num::low32(old));
            (old == 0 || (ahead != 0 && ahead < 1 << 31)).then_some(new)
        });
    }

    /// The reset that the sender of the packets of this way believes; `None` if it has acknowledged nothing.
    pub(crate) fn reset_for(&self, way: Way) -> Option<Bare> {
        let word = self.of(way).load(Ordering::Relaxed);
        (word != 0).then(|| Bare {
            seq: num::low32(word),
            ack: 0,
            flags: TcpFlags::RST,
        })
    }
}
