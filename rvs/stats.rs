// SPDX-License-Identifier: GPL-2.0

//! What is counted, and where.
//!
//! A packet is counted once, at its destination, in the counters of the CPU that handles it. What a
//! service or a namespace shows is a sum made when somebody asks, and so are rates. What is dropped is
//! counted by reason, in the namespace and for the service that it concerns.
//!
//! Counters only ever grow. To set them to zero means to remember where they stand: a CPU that counts
//! meanwhile loses nothing. Each destination, service and namespace remembers that for itself, so that one can
//! be set to zero without the others.

use crate::{
    logic::{
        est::Rates,
        ipvs::files as ipvs,
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
        lock::{
            Class,
            SpinLockBh, //
        },
        percpu::Counters,
        time, //
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
pub(crate) struct Traffic {
    counters: Counters<TRAFFIC>,
    /// What its service has taken over of it.
    claimed: Retired,
    view: View,
}

impl Traffic {
    pub(crate) fn new() -> Result<Self, AllocError> {
        Ok(Self {
            counters: Counters::new()?,
            claimed: Retired::default(),
            view: View::new(),
        })
    }

    /// Counts a scheduled connection.
    #[inline]
    pub(crate) fn add_conn(&self, cpu: Cpu<'_>) {
        self.counters.add(cpu, [(CONNS, 1)]);
    }

    /// Counts a packet from a client.
    #[inline(always)]
    pub(crate) fn add_in(&self, cpu: Cpu<'_>, bytes: u32) {
        self.counters
            .add(cpu, [(IN_PKTS, 1), (IN_BYTES, u64::from(bytes))]);
    }

    /// Counts a packet to a client.
    #[inline(always)]
    pub(crate) fn add_out(&self, cpu: Cpu<'_>, bytes: u32) {
        self.counters
            .add(cpu, [(OUT_PKTS, 1), (OUT_BYTES, u64::from(bytes))]);
    }

    /// What a CPU has counted, ever.
    pub(crate) fn on_cpu(&self, cpu: u32) -> Totals {
        Totals(self.counters.on_cpu(cpu))
    }

    /// The sums over all CPUs, ever.
    pub(crate) fn totals(&self) -> Totals {
        Totals(self.counters.sums())
    }

    /// What is to be added to what the service has taken over already. Control lock.
    pub(crate) fn unclaimed(&self) -> Totals {
        let mut rest = self.totals();
        rest.subtract(&self.claimed.totals());
        rest
    }

    /// Gives the service what it has not taken over yet: the destination is leaving it. Should the destination
    /// come back, it goes on from here. Control lock.
    pub(crate) fn hand_over(&self, to: &Retired) {
        let rest = self.unclaimed();
        to.absorb(&rest);
        self.claimed.absorb(&rest);
    }

    /// What the destination shows. Control lock.
    pub(crate) fn figures(&self) -> Figures {
        self.view.figures(&self.totals())
    }

    /// Begins to show anew. Returns what is [`Self::unclaimed`] at that very moment. Control lock.
    pub(crate) fn zero(&self) -> Totals {
        let mut totals = self.totals();
        self.view.zero(&totals);
        totals.subtract(&self.claimed.totals());
        totals
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

    /// In the order of IPVS's files.
    pub(crate) fn in_order(&self) -> ipvs::Counters {
        in_order(self.0)
    }

    /// Takes off a sum that was made earlier.
    pub(crate) fn subtract(&mut self, other: &Self) {
        self.0 = since(self.0, &other.0);
    }
}

/// In the order of IPVS's files.
fn in_order([conns, in_pkts, in_bytes, out_pkts, out_bytes]: [u64; TRAFFIC]) -> ipvs::Counters {
    [conns, in_pkts, out_pkts, in_bytes, out_bytes]
}

/// How far counters have come since they stood at `before`.
fn since<const N: usize>(mut now: [u64; N], before: &[u64; N]) -> [u64; N] {
    for (now, before) in now.iter_mut().zip(before) {
        *now = now.saturating_sub(*before);
    }
    now
}

/// What somebody sees of counters that only grow.
pub(crate) struct View(SpinLockBh<Seen>);

struct Seen {
    /// Where they stood when they were set to zero.
    zero: [u64; TRAFFIC],
    rates: Rates<TRAFFIC>,
}

impl View {
    /// Of counters that begin now.
    pub(crate) fn new() -> Self {
        let seen = Seen {
            zero: [0; TRAFFIC],
            rates: Rates::new(time::uptime(), [0; TRAFFIC]),
        };
        Self(SpinLockBh::new(seen, Class::Stats))
    }

    /// What there is to see when the counters stand at `totals`.
    pub(crate) fn figures(&self, totals: &Totals) -> Figures {
        let mut seen = self.0.lock();
        Figures {
            totals: since(totals.0, &seen.zero),
            rates: seen.rates.read(time::uptime(), totals.0),
        }
    }

    /// The counters stand at `totals`, which is to be seen as zero.
    pub(crate) fn zero(&self, totals: &Totals) {
        *self.0.lock() = Seen {
            zero: totals.0,
            rates: Rates::new(time::uptime(), totals.0),
        };
    }
}

/// What a destination, a service or a namespace shows.
pub(crate) struct Figures {
    totals: [u64; TRAFFIC],
    /// Per second.
    rates: [u64; TRAFFIC],
}

impl Figures {
    /// Totals and rates in the order of IPVS's files.
    pub(crate) fn in_order(&self) -> (ipvs::Counters, ipvs::Counters) {
        (in_order(self.totals), in_order(self.rates))
    }

    /// Writes the attributes of a `stats` nest.
    pub(crate) fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        let totals = [
            uapi::stats::CONNS,
            uapi::stats::IN_PKTS,
            uapi::stats::IN_BYTES,
            uapi::stats::OUT_PKTS,
            uapi::stats::OUT_BYTES,
        ];
        let rates = [
            uapi::stats::CONN_RATE,
            uapi::stats::IN_PKT_RATE,
            uapi::stats::IN_BYTE_RATE,
            uapi::stats::OUT_PKT_RATE,
            uapi::stats::OUT_BYTE_RATE,
        ];
        let totals = totals.into_iter().zip(self.totals);
        let rates = rates.into_iter().zip(self.rates);
        for (kind, value) in Iterator::chain(totals, rates) {
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

/// Counters that can be set to zero while they count.
pub(crate) struct Tally<const N: usize> {
    /// They only grow.
    pub(crate) counters: Counters<N>,
    /// Where they stood when they were set to zero.
    zero: SpinLockBh<[u64; N]>,
}

impl<const N: usize> Tally<N> {
    pub(crate) fn new() -> Result<Self, AllocError> {
        Ok(Self {
            counters: Counters::new()?,
            zero: SpinLockBh::new([0; N], Class::Stats),
        })
    }

    /// The sums over all CPUs since they were set to zero.
    pub(crate) fn sums(&self) -> [u64; N] {
        let zero = self.zero.lock();
        since(self.counters.sums(), &zero)
    }

    /// Begins to count anew.
    pub(crate) fn zero(&self) {
        let mut zero = self.zero.lock();
        *zero = self.counters.sums();
    }
}

impl Tally<2> {
    /// Counts a packet of so many bytes.
    #[inline(always)]
    pub(crate) fn add_packet(&self, cpu: Cpu<'_>, bytes: u32) {
        self.counters.add(cpu, [(0, 1), (1, u64::from(bytes))]);
    }
}

/// Number of drop reasons.
const REASONS: usize = DropReason::ALL.len();

/// Dropped packets by reason.
pub(crate) type Drops = Tally<REASONS>;

impl Drops {
    /// Counts a dropped packet.
    #[inline]
    pub(crate) fn add(&self, cpu: Cpu<'_>, reason: DropReason) {
        self.counters.add(cpu, [(usize::from(reason.value()), 1)]);
    }

    /// Writes each one as a nest `kind`, or only those that are not 0.
    pub(crate) fn write(&self, to: &mut Writer<'_>, kind: u16, all: bool) -> Result<(), Full> {
        let drops = DropReason::ALL.iter().zip(self.sums());
        for (reason, packets) in drops.filter(|(_, packets)| all || *packets != 0) {
            let nest = to.nest_start(kind)?;
            to.put_u8(uapi::drop::REASON, reason.value())?;
            to.put_u64(uapi::drop::PACKETS, packets)?;
            to.nest_end(nest)?;
        }
        Ok(())
    }
}

/// Packets and bytes that rvs has handled and that left through POST_ROUTING; counted there by the hook.
pub(crate) type Sent = Tally<2>;
