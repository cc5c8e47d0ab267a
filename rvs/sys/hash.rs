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
    bindings,
    cache::Cache,
    lock::{
        Class,
        SpinLockBh, //
    },
    rcu::{
        self,
        Rcu, //
    },
};
use core::{
    cell::UnsafeCell,
    mem::offset_of,
    ops::Deref,
    ptr::{
        self,
        NonNull, //
    },
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

mod buckets;

use buckets::{
    Buckets,
    MAX_BITS, //
};

const NEW: u32 = 0;
const LIVE: u32 = 1;
const DEAD: u32 = 2;

/// Number of locks, as a power of two; no table is smaller.
const LOCK_BITS: u32 = 6;

/// The place of an entry in one chain.
#[repr(C)]
pub(super) struct Node {
    pub(super) next: AtomicPtr<Node>,
    pub(super) hash: u32,
    /// Which of the entry's nodes this is.
    index: u32,
}

/// What is allocated for an entry.
#[repr(C)]
struct Entry<T, const N: usize> {
    nodes: [Node; N],
    value: T,
    life: AtomicU32,
    rcu: UnsafeCell<bindings::callback_head>,
}

/// Where the memory of a table's entries comes from.
pub(crate) trait Pool: Send + Sync + 'static {
    /// The slab cache of the entries.
    fn cache() -> &'static Cache;
}

/// Memory layout of the entries of a table, to create the slab cache with.
pub(crate) const fn entry_layout<T, const N: usize>() -> core::alloc::Layout {
    core::alloc::Layout::new::<Entry<T, N>>()
}

/// An entry that a reader found, valid for its read section.
pub(crate) struct Found<'a, T, const N: usize>(&'a Entry<T, N>);

impl<T, const N: usize> Clone for Found<'_, T, N> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, const N: usize> Copy for Found<'_, T, N> {}

impl<'a, T, const N: usize> Found<'a, T, N> {
    /// The entry's value for the whole of the read section.
    #[inline]
    pub(crate) fn get(self) -> &'a T {
        &self.0.value
    }
}

impl<T, const N: usize> Deref for Found<'_, T, N> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0.value
    }
}

/// Why [`Table::insert`] did not insert.
pub(crate) enum Refused<'a, T, const N: usize> {
    /// An equal entry is in the table already.
    Exists(Found<'a, T, N>),
    /// No memory.
    NoMemory,
}

/// A table of entries `T` that are found by `N` keys.
pub(crate) struct Table<T: Send + Sync + 'static, const N: usize, P: Pool> {
    current: AtomicPtr<Buckets>,
    locks: KVec<SpinLockBh<()>>,
    count: AtomicU32,
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
        let mut locks = KVec::with_capacity(1 << LOCK_BITS, GFP_KERNEL)?;
        for _ in 0..1 << LOCK_BITS {
            locks.push(SpinLockBh::new((), Class::Table), GFP_KERNEL)?;
        }
        Ok(Self {
            current: AtomicPtr::new(Buckets::new(min_bits)?.as_ptr()),
            locks,
            count: AtomicU32::new(0),
            min_bits,
            _own: core::marker::PhantomData,
        })
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
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
                    let entry = Self::entry_of(rcu, this);
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

    /// The entry that a node is part of.
    #[inline(always)]
    fn entry_of<'a>(_rcu: Rcu<'a>, node: &Node) -> &'a Entry<T, N> {
        let first = ptr::from_ref(node).wrapping_sub(node.index as usize);
        let entry = first
            .cast::<u8>()
            .wrapping_sub(offset_of!(Entry<T, N>, nodes))
            .cast::<Entry<T, N>>();
        // SAFETY: All nodes of this table's chains are members of the `nodes` array of an
        // `Entry<T, N>` at their `index` (`insert` alone makes them), and an unlinked entry stays
        // allocated for the read section.
        unsafe { &*entry }
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
        let Some(entry) = Self::alloc(hashes, value) else {
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
                    unsafe { Self::free(entry) };
                    return Err(Refused::Exists(twin));
                }
            }
            let newest = self.newest(rcu);
            let chain = newest.chain(node.hash);
            node.next
                .store(chain.load(Ordering::Relaxed), Ordering::Relaxed);
            chain.store(ptr::from_ref(node).cast_mut(), Ordering::Release);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        new.life.store(LIVE, Ordering::Release);
        Ok(Found(new))
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
        // SAFETY: Unlinked, and only the winner above comes here; `release_entry` frees the
        // `Entry<T, N>` that the head is part of.
        unsafe { bindings::call_rcu(entry.rcu.get(), Some(release_entry::<T, N, P>)) };
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

    /// Walks entries in the order of their first hash, from `*cursor` on, through at most `limit` buckets.
    ///
    /// When `visit` returns `false` the walk stops and the cursor stays at that entry; otherwise it moves
    /// on, and is `None` after the last. Nothing is lost or repeated if the table is resized
    /// between two calls, but the caller keeps [`Self::resize`] from running during one. Entries come and
    /// go meanwhile. Process context.
    pub(crate) fn walk(
        &self,
        cursor: &mut Option<u32>,
        limit: u32,
        mut visit: impl for<'a> FnMut(Rcu<'a>, Found<'a, T, N>) -> bool,
    ) {
        for _ in 0..limit {
            let Some(from) = *cursor else { return };
            let done = rcu::read(|rcu| {
                let buckets = self.current(rcu);
                let chain = buckets.chain(from);
                while let Some(hash) = cursor.and_then(|from| Self::lowest(rcu, chain, from)) {
                    *cursor = Some(hash);
                    let mut here = Self::chain(rcu, chain);
                    if !here.all(|found| found.0.nodes[0].hash != hash || visit(rcu, found)) {
                        return false;
                    }
                    *cursor = hash.checked_add(1);
                }
                *cursor = buckets.next_hash(from);
                true
            });
            if !done {
                return;
            }
        }
    }

    /// The entries whose first nodes are in a chain.
    fn chain<'a>(
        rcu: Rcu<'a>,
        chain: &'a AtomicPtr<Node>,
    ) -> impl Iterator<Item = Found<'a, T, N>> {
        let mut node = chain.load(Ordering::Acquire);
        core::iter::from_fn(move || {
            while let Some(this) = NonNull::new(node) {
                // SAFETY: Reached from a chain inside the read section `'a`.
                let this = unsafe { this.as_ref() };
                node = this.next.load(Ordering::Acquire);
                if this.index == 0 {
                    let entry = Self::entry_of(rcu, this);
                    if entry.life.load(Ordering::Relaxed) == LIVE {
                        return Some(Found(entry));
                    }
                }
            }
            None
        })
    }

    /// The lowest first hash in a chain that is not below `from`.
    fn lowest<'a>(rcu: Rcu<'a>, chain: &'a AtomicPtr<Node>, from: u32) -> Option<u32> {
        Self::chain(rcu, chain)
            .map(|found| found.0.nodes[0].hash)
            .filter(|hash| *hash >= from)
            .min()
    }

    /// Whether there is more than one node per bucket, counting a resize that is going on.
    #[inline]
    pub(crate) fn is_crowded(&self, rcu: Rcu<'_>) -> bool {
        let nodes = u64::from(self.len()).saturating_mul(N as u64);
        let bits = self.newest(rcu).bits();
        nodes > 1u64.wrapping_shl(bits) && bits < MAX_BITS
    }

    /// The size that the table should have now, if it is not the size it has.
    pub(crate) fn wants_resize(&self) -> Option<u32> {
        let nodes = u64::from(self.len()).saturating_mul(N as u64);
        let bits = rcu::read(|rcu| self.current(rcu).bits());
        // Grow at one node per bucket, shrink at an eighth.
        let wanted = (64 - nodes.leading_zeros()).clamp(self.min_bits, MAX_BITS);
        let shrink = wanted.saturating_add(2) < bits;
        (wanted > bits || shrink).then_some(wanted)
    }

    /// Gives the table `1 << bits` buckets. Process context; sleeps.
    ///
    /// `&self` for readers and writers of entries, which go on meanwhile; but resizes and
    /// [`Self::walk`] exclude each other, for which `_exclusive` stands: the caller's lock.
    pub(crate) fn resize<L>(&self, _exclusive: &mut L, bits: u32) -> Result<(), AllocError> {
        let bits = bits.clamp(self.min_bits, MAX_BITS);
        let new = Buckets::new(bits)?;
        // SAFETY: Resizes exclude each other, so `current` stays the current array until the store below.
        let old = unsafe { &*self.current.load(Ordering::Acquire) };
        old.publish_future(new);
        for index in 0..old.len() {
            let Some(lock) = self.lock_of(old.first_hash(index)) else {
                continue;
            };
            let _guard = lock.lock();
            // SAFETY: The lock covers the chain and all chains that its nodes move to.
            unsafe { old.move_chain(index, new.as_ref()) };
        }
        let old = self.current.swap(new.as_ptr(), Ordering::AcqRel);
        rcu::synchronize();
        // SAFETY: Replaced, and every reader that could have seen it has gone.
        unsafe { Buckets::free(old) };
        Ok(())
    }

    /// Allocates an entry that is not in the table yet.
    fn alloc(hashes: [u32; N], value: T) -> Option<NonNull<Entry<T, N>>> {
        let entry = P::cache().alloc()?.cast::<Entry<T, N>>();
        let mut index = 0;
        let nodes = hashes.map(|hash| {
            let node = Node {
                next: AtomicPtr::new(ptr::null_mut()),
                hash,
                index,
            };
            index = index.wrapping_add(1);
            node
        });
        // SAFETY: The cache was created with this layout and the memory is not shared yet.
        unsafe {
            entry.write(Entry {
                nodes,
                value,
                life: AtomicU32::new(NEW),
                rcu: UnsafeCell::new(bindings::callback_head::default()),
            })
        };
        rcu::object_born();
        Some(entry)
    }

    /// # Safety
    ///
    /// The entry came from [`Self::alloc`] and nobody can reach it any more.
    unsafe fn free(entry: NonNull<Entry<T, N>>) {
        // SAFETY: By the contract above, the value is valid and this is its end.
        unsafe {
            entry.drop_in_place();
            P::cache().free(entry.cast());
        }
        rcu::object_gone();
    }
}

/// Frees an entry after its grace period. Softirq context.
///
/// # Safety
///
/// Called by RCU with the `rcu` member of an unlinked `Entry<T, N>`.
unsafe extern "C" fn release_entry<T: Send + Sync + 'static, const N: usize, P: Pool>(
    head: *mut bindings::callback_head,
) {
    let entry = head
        .cast::<u8>()
        .wrapping_sub(offset_of!(Entry<T, N>, rcu))
        .cast::<Entry<T, N>>();
    if let Some(entry) = NonNull::new(entry) {
        // SAFETY: Unlinked before the grace period that has ended now.
        unsafe { Table::<T, N, P>::free(entry) };
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
