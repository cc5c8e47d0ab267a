// SPDX-License-Identifier: GPL-2.0

//! What the fast path asks a connection.

use super::{
    Conn,
    Status,
    Timeouts,
    Way, //
};
use crate::{
    logic::wire::Packet,
    sys::atomic::Ordering, //
};

/// What a packet changes about its connection on the fast path: at most how many packets have come.
pub(crate) struct Step {
    old: Status,
    new: Status,
}

impl Conn {
    /// Whether a packet that goes this way needs no more than what the fast path does: the service wants it,
    /// and the packet changes nothing that somebody has to be told of. `secure` chooses the state table.
    #[inline(always)]
    pub(crate) fn steady(
        &self,
        timeouts: &Timeouts,
        packet: &Packet,
        way: Way,
        now: u32,
        secure: bool,
    ) -> Option<Step> {
        if !self.is_plain() || !self.dest.is_fast() {
            return None;
        }
        let old = self.status();
        let timeout = match self.dest.is_fast_and_plain() {
            true => timeouts.get(old.state()),
            false => self.own_timeout(timeouts, old.state()),
        };
        let new = old.after(self.protocol, packet, way, secure);
        let same = new == old || new.is_only_counted_since(old);
        (same && self.idle(now) < timeout).then_some(Step { old, new })
    }

    /// Notes a packet that the fast path has taken.
    #[inline(always)]
    pub(crate) fn take(&self, step: &Step, now: u32) {
        self.touch(now);
        if step.new != step.old {
            // Another CPU that was faster has counted for both.
            let _ = self.status.compare_exchange(
                step.old.raw(),
                step.new.raw(),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }
}
