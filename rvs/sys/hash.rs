// SPDX-License-Identifier: GPL-2.0

//! A hash table that RCU readers search while it changes and while it is resized.
//!
//! An entry has `N` nodes, one for each key by which it is found (a connection has two: one for
//! each direction), all inside the entry. The caller computes 32-bit hashes with a secret key.
//! The bucket is given by the *top* bits of the hash, so the order of buckets is the order of
//! hashes, whatever the size: a walk can stop at a hash and go on after a resize without losing
//! or repeating an entry.
//!
//! # Resizing
//!
//! The new bucket array is published as `future` of the old one. From then on new entries go to
//! the new array, and the resizer moves the old chains, each from its tail: the last entry is
//! linked at the head of its new chain and then cut off the old one. A reader that stands on it is
//! led into the new chain, which does no harm; a reader that does not find its entry searches
//! the `future` array next, where it must be. A lock covers the same range of hashes in both arrays,
//! so whoever changes a chain holds the one lock that matters. Readers never wait.
//!
//! # Life of an entry
//!
//! `NEW` while its nodes are being linked, `LIVE`, then `DEAD`. Only the caller that makes it dead
//! unlinks it, so an entry is removed once; its memory is returned after a grace period.

use super::{
    atomic::{
        AtomicPtr,
        AtomicU32,
        Ordering, //
    },
    lock::{
        Class,
        SpinLockBh, //
    },
    rcu::{
        self,
        Rcu, //
    },
};
use core::ptr::{
    self,
    NonNull, //
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

mod buckets;
mod entry;
mod resize;
mod walk;

use buckets::{
    Buckets,
    MAX_BITS, //
};
use entry::{
    Entry,
    Node,
    DEAD,
    LIVE, //
};

pub(crate) use entry::{
    entry_layout,
    value_offset,
    Found,
    Pool, //
};

/// Number of locks, as a power of two; no table is smaller.
const LOCK_BITS: u32 = 6;
const LOCKS: usize = 1 << LOCK_BITS;

/// Why [`Table::insert`] did not insert.
pub(crate) enum Refused<'a, T, const N: usize> {
    /// An equal entry is in the table already.
    Exists(Found<'a, T, N>),
    /// There are as many entries as there may be.
    Full,
    /// No memory.
    NoMemory,
}

/// An entry that is not in its table yet.
///
/// # Invariants
///
/// Owns the entry, which nobody else can reach.
pub(crate) struct Prepared<T: Send + Sync + 'static, const N: usize, P: Pool>(
    NonNull<Entry<T, N>>,
    core::marker::PhantomData<P>,
);

impl<T: Send + Sync + 'static, const N: usize, P: Pool> Drop for Prepared<T, N, P> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant.
        unsafe { Entry::free::<P>(self.0) };
    }
}

/// A table of entries `T` that are found by `N` keys.
pub(crate) struct Table<T: Send + Sync + 'static, const N: usize, P: Pool> {
    current: AtomicPtr<Buckets>,
    locks: KBox<[SpinLockBh<()>; LOCKS]>,
    count: AtomicU32,
    /// Most entries.
    limit: AtomicU32,
    /// Bounds of the array's size, as powers of two.
    min_bits: u32,
    _own: core::marker::PhantomData<(Entry<T, N>, P)>,
}

// SAFETY: The table shares and hands out `T` across CPUs, which `T` allows; the rest is atomics and locks.
unsafe impl<T: Send + Sync + 'static, const N: usize, P: Pool> Sync for Table<T, N, P> {}
// SAFETY: As above.
unsafe impl<T: Send + Sync + 'static, const N: usize, P: Pool> Send for Table<T, N, P> {}

impl<T: Send + Sync + 'static, const N: usize, P: Pool> Table<T, N, P> {
    /// An empty table of `1 << min_bits` buckets, below which it never shrinks. Process context.
    pub(crate) fn new(min_bits: u32) -> Result<Self, AllocError> {
        let min_bits = min_bits.clamp(LOCK_BITS, MAX_BITS);
        let locks = core::array::from_fn(|_| SpinLockBh::new((), Class::Table));
        let locks = KBox::new(locks, GFP_KERNEL)?;
        Ok(Self {
            current: AtomicPtr::new(Buckets::new(min_bits)?.as_ptr()),
            locks,
            count: AtomicU32::new(0),
            limit: AtomicU32::new(u32::MAX),
            min_bits,
            _own: core::marker::PhantomData,
        })
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// Bounds the number of entries from now on; those that there are stay.
    pub(crate) fn set_limit(&self, limit: u32) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Whether there are as many entries as there may be.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.len() >= self.limit.load(Ordering::Relaxed)
    }

    /// Number of buckets.
    pub(crate) fn buckets(&self) -> u32 {
        rcu::read(|rcu| 1u32.wrapping_shl(self.current(rcu).bits()))
    }

    #[inline(always)]
    fn current<'a>(&self, _rcu: Rcu<'a>) -> &'a Buckets {
        // SAFETY: Never null; an array that is replaced is freed after a grace period.
        unsafe { &*self.current.load(Ordering::Acquire) }
    }

    /// Finds the entry one of whose nodes has `hash` and satisfies `is`, which is told the node's index.
    #[inline(always)]
    pub(crate) fn find<'a>(
        &self,
        rcu: Rcu<'a>,
        hash: u32,
        mut is: impl FnMut(&T, usize) -> bool,
    ) -> Option<(Found<'a, T, N>, usize)> {
        let mut buckets = self.current(rcu);
        loop {
            let mut node = buckets.chain(hash).load(Ordering::Acquire);
            while let Some(this) = NonNull::new(node) {
                // SAFETY: Reached from a chain inside the read section `'a`.
                let this = unsafe { this.as_ref() };
                if this.hash == hash {
                    let entry = Entry::of_node(rcu, this);
                    let index = this.index as usize;
                    if is(&entry.value, index) && entry.life.load(Ordering::Relaxed) != DEAD {
                        return Some((Found(entry), index));
                    }
                }
                node = this.next.load(Ordering::Acquire);
            }
            buckets = buckets.future(rcu)?;
        }
    }

    /// The lock of the range of hashes that `hash` is in.
    fn lock_of(&self, hash: u32) -> Option<&SpinLockBh<()>> {
        self.locks.get((hash >> (32 - LOCK_BITS)) as usize)
    }

    /// Adds an entry with one hash for each of its nodes, unless `same` holds for one whose first node
    /// has the first hash. Any context.
    pub(crate) fn insert<'a>(
        &self,
        rcu: Rcu<'a>,
        hashes: [u32; N],
        value: T,
        same: impl Fn(&T) -> bool,
    ) -> Result<Found<'a, T, N>, Refused<'a, T, N>> {
        // Counted first, so that not one too many can come in.
        let others = self.count.fetch_add(1, Ordering::Relaxed);
        if others >= self.limit.load(Ordering::Relaxed) {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return Err(Refused::Full);
        }
        let Some(entry) = Entry::alloc::<P>(hashes, value) else {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return Err(Refused::NoMemory);
        };
        // SAFETY: Just allocated and initialised, and freed only through RCU once published.
        let new: &'a Entry<T, N> = unsafe { &*entry.as_ptr() };
        for node in &new.nodes {
            let Some(lock) = self.lock_of(node.hash) else {
                continue;
            };
            let _guard = lock.lock();
            if node.index == 0 {
                if let Some((twin, _)) = self.find(rcu, node.hash, |v, i| i == 0 && same(v)) {
                    // SAFETY: Never published, so nobody else has seen it.
                    unsafe { Entry::free::<P>(entry) };
                    self.count.fetch_sub(1, Ordering::Relaxed);
                    return Err(Refused::Exists(twin));
                }
            }
            self.link(rcu, node);
        }
        new.life.store(LIVE, Ordering::Release);
        Ok(Found(new))
    }

    /// An entry with one hash for each of its nodes, to be added by [`Self::put`]. Any context.
    pub(crate) fn prepare(hashes: [u32; N], value: T) -> Result<Prepared<T, N, P>, AllocError> {
        // INVARIANT: Nobody else knows the new entry.
        Entry::alloc::<P>(hashes, value)
            .map(|entry| Prepared(entry, core::marker::PhantomData))
            .ok_or(AllocError)
    }

    /// Adds a prepared entry, whatever else is there and how many others: the caller knows that it may. Any
    /// context.
    pub(crate) fn put(&self, rcu: Rcu<'_>, prepared: Prepared<T, N, P>) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let entry = prepared.0;
        core::mem::forget(prepared);
        // SAFETY: The type invariant of `Prepared`, and the entry is freed only through RCU from now on.
        let new: &Entry<T, N> = unsafe { &*entry.as_ptr() };
        for node in &new.nodes {
            if let Some(lock) = self.lock_of(node.hash) {
                let _guard = lock.lock();
                self.link(rcu, node);
            }
        }
        new.life.store(LIVE, Ordering::Release);
    }

    /// Links a node at the head of its chain. The lock of its hash is held.
    fn link(&self, rcu: Rcu<'_>, node: &Node) {
        let chain = self.newest(rcu).chain(node.hash);
        node.next
            .store(chain.load(Ordering::Relaxed), Ordering::Relaxed);
        chain.store(ptr::from_ref(node).cast_mut(), Ordering::Release);
    }

    /// Takes an entry out; `true` for the one caller that did it. Any context.
    ///
    /// Readers may still hold the entry until their section ends. An entry whose insertion is not
    /// complete is left alone.
    pub(crate) fn remove(&self, rcu: Rcu<'_>, found: Found<'_, T, N>) -> bool {
        let entry = found.0;
        let won = entry
            .life
            .compare_exchange(LIVE, DEAD, Ordering::AcqRel, Ordering::Relaxed);
        if won.is_err() {
            return false;
        }
        for node in &entry.nodes {
            if let Some(lock) = self.lock_of(node.hash) {
                let _guard = lock.lock();
                self.unlink(rcu, node);
            }
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: Unlinked, and only the winner above comes here.
        unsafe { entry.free_later::<P>() };
        true
    }

    /// Cuts a node out of its chain. The lock of its hash is held.
    fn unlink(&self, rcu: Rcu<'_>, node: &Node) {
        let mut buckets = Some(self.current(rcu));
        while let Some(here) = buckets {
            let mut place = here.chain(node.hash);
            while let Some(this) = NonNull::new(place.load(Ordering::Relaxed)) {
                if ptr::eq(this.as_ptr(), node) {
                    place.store(node.next.load(Ordering::Relaxed), Ordering::Release);
                    return;
                }
                // SAFETY: Linked, and the lock keeps it so.
                place = unsafe { &(*this.as_ptr()).next };
            }
            buckets = here.future(rcu);
        }
    }

    /// The array that new entries go to.
    fn newest<'a>(&self, rcu: Rcu<'a>) -> &'a Buckets {
        let mut buckets = self.current(rcu);
        while let Some(future) = buckets.future(rcu) {
            buckets = future;
        }
        buckets
    }
}

impl<T: Send + Sync + 'static, const N: usize, P: Pool> Drop for Table<T, N, P> {
    fn drop(&mut self) {
        let mut cursor = Some(0);
        while cursor.is_some() {
            self.walk(&mut cursor, u32::MAX, |rcu, found| {
                self.remove(rcu, found);
                true
            });
        }
        // SAFETY: `&mut self`: no reader can come any more; those that walk a chain hold an RCU section,
        // for which `Buckets::free_later` waits.
        unsafe { Buckets::free_later(*self.current.get_mut()) };
    }
}
