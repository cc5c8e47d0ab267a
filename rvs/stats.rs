// SPDX-License-Identifier: GPL-2.0

//! What is counted, and where.
//!
//! A packet is counted once, at its destination, in the counters of the CPU that handles it. What a
//! service or a namespace shows is a sum made when somebody asks. What is dropped is counted
//! by reason in the namespace.

use crate::{
    logic::{
        nla::{
            Full,
            Writer, //
        },
        uapi::{
            self,
            DropReason, //
        }, //
    },
    sys::{
        atomic::{
            AtomicU64,
            Ordering, //
        },
        cpu::Cpu,
        percpu::Counters, //
    },
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

/// Number of values in a [`Totals`].
const TRAFFIC: usize = 5;

const CONNS: usize = 0;
const IN_PKTS: usize = 1;
const IN_BYTES: usize = 2;
const OUT_PKTS: usize = 3;
const OUT_BYTES: usize = 4;

/// Connections, packets and bytes of one destination.
pub(crate) struct Traffic(Counters<TRAFFIC>);

impl Traffic {
    pub(crate) fn new() -> Result<Self, AllocError> {
        Ok(Self(Counters::new()?))
    }

    /// Counts a scheduled connection.
    #[inline]
    pub(crate) fn add_conn(&self, cpu: Cpu<'_>) {
        self.0.add(cpu, [(CONNS, 1)]);
    }

    /// Counts a packet from a client.
    #[inline(always)]
    pub(crate) fn add_in(&self, cpu: Cpu<'_>, bytes: u32) {
        self.0
            .add(cpu, [(IN_PKTS, 1), (IN_BYTES, u64::from(bytes))]);
    }

    /// Counts a packet to a client.
    #[inline(always)]
    pub(crate) fn add_out(&self, cpu: Cpu<'_>, bytes: u32) {
        self.0
            .add(cpu, [(OUT_PKTS, 1), (OUT_BYTES, u64::from(bytes))]);
    }

    /// The sums over all CPUs.
    pub(crate) fn totals(&self) -> Totals {
        Totals(self.0.sums())
    }
}

/// Sums of [`Traffic`] counters.
#[derive(Clone, Copy, Default)]
pub(crate) struct Totals([u64; TRAFFIC]);

impl Totals {
    /// Adds another sum.
    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, n) in self.0.iter_mut().zip(other.0) {
            *sum = sum.wrapping_add(n);
        }
    }

    /// Writes the attributes of a `stats` nest.
    pub(crate) fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        let kinds = [
            uapi::stats::CONNS,
            uapi::stats::IN_PKTS,
            uapi::stats::IN_BYTES,
            uapi::stats::OUT_PKTS,
            uapi::stats::OUT_BYTES,
        ];
        for (kind, value) in kinds.into_iter().zip(self.0) {
            to.put_u64(kind, value)?;
        }
        Ok(())
    }
}

/// Totals of what has been removed, so that a service's sums never run backwards.
#[derive(Default)]
pub(crate) struct Retired([AtomicU64; TRAFFIC]);

impl Retired {
    /// Takes over the totals of something that is going away.
    pub(crate) fn absorb(&self, totals: &Totals) {
        for (sum, n) in self.0.iter().zip(totals.0) {
            sum.fetch_add(n, Ordering::Relaxed);
        }
    }

    /// The totals taken over so far.
    pub(crate) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for (total, sum) in totals.0.iter_mut().zip(&self.0) {
            *total = sum.load(Ordering::Relaxed);
        }
        totals
    }
}

/// Number of drop reasons.
const REASONS: usize = DropReason::ALL.len();

/// Dropped packets of a namespace by reason.
pub(crate) struct Drops(Counters<REASONS>);

impl Drops {
    pub(crate) fn new() -> Result<Self, AllocError> {
        Ok(Self(Counters::new()?))
    }

    /// Counts a dropped packet.
    #[inline]
    pub(crate) fn add(&self, cpu: Cpu<'_>, reason: DropReason) {
        self.0.add(cpu, [(usize::from(reason.value()), 1)]);
    }

    /// Writes them as attributes of an `info` nest.
    pub(crate) fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        for (reason, packets) in DropReason::ALL.iter().zip(self.0.sums()) {
            let nest = to.nest_start(uapi::info::DROP)?;
            to.put_u8(uapi::drop::REASON, reason.value())?;
            to.put_u64(uapi::drop::PACKETS, packets)?;
            to.nest_end(nest)?;
        }
        Ok(())
    }
}

/// Packets and bytes that rvs has handled and that left through POST_ROUTING; counted there by the hook.
pub(crate) type Sent = Counters<2>;
