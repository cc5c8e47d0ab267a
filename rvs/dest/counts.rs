// SPDX-License-Identifier: GPL-2.0

//! The connections of a destination, and whether it takes more.

use super::{
    Dest,
    OVERLOADED, //
};
use crate::{
    logic::{
        num,
        sched::{
            overload::{
                Event,
                Limits, //
            },
            Candidate, //
        }, //
    },
    roster::Wants,
    sys::atomic::Ordering, //
};

impl Dest {
    /// Counts a connection that begins, in the active or the inactive ones.
    pub(crate) fn bind(&self, active: bool) {
        self.count(one(active), |limits, total| limits.at_open(total));
    }

    /// Counts a connection that ends.
    pub(crate) fn unbind(&self, active: bool) {
        let change = one(active).wrapping_neg();
        self.count(change, |limits, total| limits.at_close(total));
    }

    /// Counts a connection that changes sides.
    pub(crate) fn rebind(&self, active: bool) {
        let change = one(active).wrapping_sub(one(!active));
        self.count(change, |_, _| None);
    }

    #[inline(always)]
    fn count(&self, change: u64, event: impl FnOnce(Limits, u32) -> Option<Event>) {
        let counts = self.counts.fetch_add(change, Ordering::SeqCst);
        let limits = self.limits();
        if limits.are_set() {
            let total = total(counts.wrapping_add(change));
            if let Some(event) = event(limits, total) {
                self.settle(event);
            }
        }
        if self.policy.watch.is_wanted(Wants::LOADS) {
            self.touch();
        }
    }

    /// Sees whether the server is overloaded now.
    ///
    /// Several may do so at a time. Whoever writes last has seen numbers that are not older than what the
    /// others did, because everyone looks again after writing.
    #[cold]
    pub(super) fn settle(&self, event: Event) {
        loop {
            let counts = self.counts.load(Ordering::SeqCst);
            let before = self.is_overloaded();
            if self.limits().overloaded(event, total(counts), before) {
                self.closed.fetch_or(OVERLOADED, Ordering::SeqCst);
            } else {
                self.closed.fetch_and(!OVERLOADED, Ordering::SeqCst);
            }
            if self.counts.load(Ordering::SeqCst) == counts {
                break;
            }
        }
        self.touch();
        self.policy.alarm();
    }

    /// All connections.
    pub(crate) fn connections(&self) -> u32 {
        total(self.counts.load(Ordering::SeqCst))
    }
}

/// One connection, in the half of the counts where it belongs.
#[inline(always)]
fn one(active: bool) -> u64 {
    match active {
        true => 1 << 32,
        false => 1,
    }
}

/// The number of all connections.
#[inline(always)]
fn total(counts: u64) -> u32 {
    num::high32(counts).wrapping_add(num::low32(counts))
}

impl Candidate for Dest {
    #[inline]
    fn weight(&self) -> u32 {
        self.weight.load(Ordering::SeqCst)
    }

    #[inline]
    fn overloaded(&self) -> bool {
        self.closed.load(Ordering::SeqCst) != 0
    }

    #[inline]
    fn active(&self) -> u32 {
        num::high32(self.counts.load(Ordering::SeqCst))
    }

    #[inline]
    fn inactive(&self) -> u32 {
        num::low32(self.counts.load(Ordering::SeqCst))
    }
}
