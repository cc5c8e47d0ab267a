// SPDX-License-Identifier: GPL-2.0

//! The servers of a service by number, and which of them have changed.
//!
//! A [`Roster`] numbers the servers in the order in which they were added: the
//! *slots* of [`crate::logic::sched`]. When it is full the service makes another one, in which those
//! that are left are numbered anew.
//!
//! A scheduler keeps what it needs to know of each server in an index of its
//! own. So that it need not look at all of them for each connection, whatever changes a server leaves a
//! mark in the service's [`Watch`], and the next packet that wants a server brings
//! the index up to date with those that are marked. Marks are left without a lock, by packets on any
//! CPU, and only if the scheduler cares.
//!
//! A mark is left after the change that it stands for, and taken away before the server is
//! looked at; all of these are atomic operations in one order that all CPUs agree on. So whoever takes a mark away
//! sees the change, and if a change is not seen its mark is still there.

use crate::{
    dest::Dest,
    logic::num,
    sys::{
        atomic::{
            AtomicU32,
            AtomicU64,
            Ordering, //
        },
        rcu::Rcu,
        shared::{
            Ref,
            Shared,
            Slot, //
        }, //
    },
};
use kernel::prelude::*;

/// What a scheduler wants to learn about servers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Wants(u32);

impl Wants {
    /// Nothing: it looks at the servers itself.
    pub const NOTHING: Self = Self(0);
    /// When a server stops or begins to take new connections.
    pub const ELIGIBILITY: Self = Self(1);
    /// That, and each change of its connections.
    pub const LOADS: Self = Self(1 | 2);
    /// How long servers take to answer: [`Dest::delay`]. `sched-expiry` is the half-life of the average.
    pub const DELAYS: Self = Self(4);

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The number of words of marks.
const WORDS: usize = 64;

/// The number of marks. With more slots than that several share one.
const MARKS: usize = WORDS * 64;

/// Which servers have changed since the scheduler looked last.
pub(crate) struct Watch {
    wants: AtomicU32,
    /// Half-life of averages, in jiffies.
    half_life: AtomicU32,
    /// A bit for each word that is not zero.
    summary: AtomicU64,
    words: [AtomicU64; WORDS],
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            wants: AtomicU32::new(0),
            half_life: AtomicU32::new(0),
            summary: AtomicU64::new(0),
            words: [const { AtomicU64::new(0) }; WORDS],
        }
    }

    /// Says what the scheduler at work wants.
    pub(crate) fn set_wants(&self, wants: Wants, half_life: u32) {
        self.half_life.store(half_life, Ordering::Relaxed);
        self.wants.store(wants.0, Ordering::SeqCst);
    }

    /// The half-life of averages, in jiffies.
    pub(crate) fn half_life(&self) -> u32 {
        self.half_life.load(Ordering::Relaxed)
    }

    /// Whether the scheduler at work wants all of this.
    #[inline(always)]
    pub(crate) fn is_wanted(&self, wants: Wants) -> bool {
        // The order matters only around a change of the scheduler, which marks everything.
        self.wants.load(Ordering::Relaxed) & wants.0 == wants.0
    }

    /// Marks what has this number; the change came before.
    #[inline]
    pub(crate) fn mark(&self, mark: u32) {
        let word = mark >> 6;
        let Some(bits) = self.words.get(num::index(word)) else {
            return;
        };
        set(bits, mark);
        set(&self.summary, word);
    }

    /// Marks everything.
    pub(crate) fn mark_all(&self) {
        for bits in &self.words {
            bits.store(u64::MAX, Ordering::SeqCst);
        }
        self.summary.store(u64::MAX, Ordering::SeqCst);
    }

    /// Takes all marks away and calls `see` with each.
    #[inline]
    fn drain(&self, see: impl FnMut(u32)) {
        if self.summary.load(Ordering::SeqCst) != 0 {
            self.drain_words(see);
        }
    }

    fn drain_words(&self, mut see: impl FnMut(u32)) {
        let mut summary = self.summary.swap(0, Ordering::SeqCst);
        while let Some(word) = take_lowest(&mut summary) {
            let Some(bits) = self.words.get(num::index(word)) else {
                continue;
            };
            let mut bits = bits.swap(0, Ordering::SeqCst);
            while let Some(bit) = take_lowest(&mut bits) {
                see((word << 6) | bit);
            }
        }
    }
}

/// Sets the bit `number`, modulo 64, unless it is set.
#[inline(always)]
fn set(bits: &AtomicU64, number: u32) {
    let bit = 1u64 << (number & 63);
    if bits.load(Ordering::SeqCst) & bit == 0 {
        bits.fetch_or(bit, Ordering::SeqCst);
    }
}

/// Clears the lowest bit that is set, and says which that was.
#[inline(always)]
fn take_lowest(bits: &mut u64) -> Option<u32> {
    let lowest = bits.trailing_zeros();
    *bits &= bits.wrapping_sub(1);
    (lowest < 64).then_some(lowest)
}

/// The servers of a service by number.
///
/// Changed under the control lock; read under RCU.
pub struct Roster {
    servers: KVVec<Slot<Dest>>,
    /// So many slots have been given out.
    used: AtomicU32,
    /// Slots with the same number but for so many low bits share a mark.
    shift: u32,
}

impl Roster {
    /// A roster with at least so many slots, all free. Process context.
    pub(crate) fn new(slots: usize) -> Result<Self> {
        let capacity = slots
            .checked_next_power_of_two()
            .ok_or(ENOMEM)?
            .max(crate::logic::sched::MIN_SLOTS);
        let mut servers = KVVec::with_capacity(capacity, GFP_KERNEL_ACCOUNT)?;
        for _ in 0..capacity {
            servers.push(Slot::empty(), GFP_KERNEL_ACCOUNT)?;
        }
        Ok(Self {
            servers,
            used: AtomicU32::new(0),
            shift: capacity.div_ceil(MARKS).trailing_zeros(),
        })
    }

    /// The number of slots, a power of two.
    pub fn capacity(&self) -> usize {
        self.servers.len()
    }

    /// The server in a slot, unless it has left the service.
    #[inline]
    pub fn get<'a>(&self, rcu: Rcu<'a>, slot: u32) -> Option<Ref<'a, Dest>> {
        let server = self.servers.get(num::index(slot))?.get(rcu)?;
        server.get().is_available().then_some(server)
    }

    /// All slots with their servers, those that were added last first.
    pub fn iter<'a, 's: 'a>(
        &'s self,
        rcu: Rcu<'a>,
    ) -> impl Iterator<Item = (u32, Ref<'a, Dest>)> + Clone + 'a {
        (0..num::saturating_u32(self.capacity()))
            .rev()
            .filter_map(move |slot| Some((slot, self.get(rcu, slot)?)))
    }

    /// The same with those that are not, or no longer, part of the service.
    pub fn all<'a, 's: 'a>(
        &'s self,
        rcu: Rcu<'a>,
    ) -> impl Iterator<Item = (u32, Ref<'a, Dest>)> + Clone + 'a {
        (0..num::saturating_u32(self.capacity()))
            .rev()
            .filter_map(move |slot| Some((slot, self.servers.get(num::index(slot))?.get(rcu)?)))
    }

    /// The slot of the server that stands just before this one in the list.
    pub fn before(&self, rcu: Rcu<'_>, slot: u32) -> Option<u32> {
        (slot.saturating_add(1)..num::saturating_u32(self.capacity()))
            .find(|slot| self.get(rcu, *slot).is_some())
    }

    /// Whether there is no free slot at the end.
    pub(crate) fn is_full(&self) -> bool {
        num::index(self.used.load(Ordering::Relaxed)) >= self.capacity()
    }

    /// Puts a server into a slot of a roster that nobody else knows yet.
    pub(crate) fn put(&self, slot: usize, dest: Shared<Dest>) {
        if let Some(place) = self.servers.get(slot) {
            drop(place.replace(Some(dest)));
        }
    }

    /// Says that all slots before this one have been given out.
    pub(crate) fn set_used(&self, slots: usize) {
        self.used
            .store(num::saturating_u32(slots), Ordering::Relaxed);
    }

    /// Gives the next free slot to a server.
    pub(crate) fn add(&self, dest: Shared<Dest>) -> Option<u32> {
        let slot = self.used.load(Ordering::Relaxed);
        let place = self.servers.get(num::index(slot))?;
        self.used.store(slot.wrapping_add(1), Ordering::Relaxed);
        drop(place.replace(Some(dest)));
        Some(slot)
    }

    /// Frees a slot, which is not given out again.
    pub(crate) fn remove(&self, slot: u32) {
        if let Some(place) = self.servers.get(num::index(slot)) {
            drop(place.replace(None));
        }
    }

    /// Tells all servers their numbers. The roster has become that of their service.
    pub(crate) fn number(&self, rcu: Rcu<'_>) {
        for (slot, server) in self.iter(rcu) {
            server.set_slot(slot, self.mark_of(slot));
        }
    }

    /// The mark of a slot.
    pub(crate) fn mark_of(&self, slot: u32) -> u32 {
        slot.wrapping_shr(self.shift)
    }

    /// Calls `see` with the slots whose servers are marked, and takes the marks away.
    #[inline]
    pub(crate) fn drain(&self, watch: &Watch, mut see: impl FnMut(u32)) {
        watch.drain(|mark| {
            let first = mark.wrapping_shl(self.shift);
            let shared = 1u32.wrapping_shl(self.shift);
            for slot in first..first.saturating_add(shared) {
                see(slot);
            }
        });
    }
}
