// SPDX-License-Identifier: GPL-2.0

//! The bucket array of a [`super::Table`].

use super::{
    super::{
        atomic::{
            AtomicPtr,
            Ordering, //
        },
        bindings,
        rcu::Rcu, //
    },
    Node, //
};
use core::ptr::{
    self,
    NonNull, //
};
use kernel::{
    alloc::{
        flags::__GFP_ZERO,
        AllocError, //
    },
    prelude::*, //
};

/// Largest size of an array, as a power of two.
pub(super) const MAX_BITS: u32 = 27;

/// A power-of-two array of chains.
///
/// # Invariants
///
/// `chains` has `1 << bits` elements and `0 < bits <= MAX_BITS`.
pub(super) struct Buckets {
    bits: u32,
    /// The array that takes this one's place; never changes once set.
    future: AtomicPtr<Buckets>,
    chains: KVVec<AtomicPtr<Node>>,
}

impl Buckets {
    /// An array of empty chains. Process context.
    #[inline(never)]
    pub(super) fn new(bits: u32) -> Result<NonNull<Self>, AllocError> {
        let bits = bits.clamp(1, MAX_BITS);
        let len = 1usize.wrapping_shl(bits);
        let mut chains = KVVec::with_capacity(len, GFP_KERNEL | __GFP_ZERO)?;
        // SAFETY: The capacity suffices, and zeroed memory holds null pointers.
        unsafe { chains.inc_len(len) };
        // INVARIANT: As many chains as the clamped bits say.
        let buckets = KBox::new(
            Self {
                bits,
                future: AtomicPtr::new(ptr::null_mut()),
                chains,
            },
            GFP_KERNEL,
        )?;
        NonNull::new(KBox::into_raw(buckets)).ok_or(AllocError)
    }

    /// Size as a power of two.
    #[inline]
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// Number of chains.
    pub(super) fn len(&self) -> usize {
        self.chains.len()
    }

    /// The head of the chain that `hash` belongs to.
    #[inline(always)]
    pub(super) fn chain(&self, hash: u32) -> &AtomicPtr<Node> {
        let index = hash.wrapping_shr(32u32.wrapping_sub(self.bits)) as usize;
        // SAFETY: A number of `bits` bits is below `1 << bits`, the length by the type invariant.
        unsafe { self.chains.get_unchecked(index) }
    }

    /// The lowest hash of a chain.
    pub(super) fn first_hash(&self, index: usize) -> u32 {
        (index as u32).wrapping_shl(32u32.wrapping_sub(self.bits))
    }

    /// The lowest hash of the chain after that of `hash`; `None` after the last.
    pub(super) fn next_hash(&self, hash: u32) -> Option<u32> {
        let shift = 32u32.wrapping_sub(self.bits);
        let index = hash.wrapping_shr(shift).wrapping_add(1);
        ((index as usize) < self.len()).then(|| index.wrapping_shl(shift))
    }

    /// The array that takes this one's place, if a resize has begun.
    #[inline(always)]
    pub(super) fn future<'a>(&self, _rcu: Rcu<'a>) -> Option<&'a Buckets> {
        // SAFETY: Published by a resize and freed only after it was itself replaced and a grace
        // period has passed, or with the table after one.
        unsafe { self.future.load(Ordering::Acquire).as_ref() }
    }

    /// Makes `future` the array that new entries go to.
    pub(super) fn publish_future(&self, future: NonNull<Buckets>) {
        self.future.store(future.as_ptr(), Ordering::Release);
    }

    /// Moves all nodes of a chain to the array `to`, from the tail on.
    ///
    /// # Safety
    ///
    /// The caller holds the lock that covers the chain's range of hashes in both arrays.
    pub(super) unsafe fn move_chain(&self, index: usize, to: &Buckets) {
        let Some(head) = self.chains.get(index) else {
            return;
        };
        while let Some(mut last) = NonNull::new(head.load(Ordering::Relaxed)) {
            let mut place = head;
            loop {
                // SAFETY: Linked, and the lock keeps it so.
                let node = unsafe { &*last.as_ptr() };
                let Some(next) = NonNull::new(node.next.load(Ordering::Relaxed)) else {
                    let chain = to.chain(node.hash);
                    node.next
                        .store(chain.load(Ordering::Relaxed), Ordering::Release);
                    chain.store(last.as_ptr(), Ordering::Release);
                    // Readers that come now find the end here and look in `to`.
                    place.store(ptr::null_mut(), Ordering::Release);
                    break;
                };
                place = &node.next;
                last = next;
            }
        }
    }

    /// # Safety
    ///
    /// `this` came from [`Self::new`] and nobody can reach it any more.
    pub(super) unsafe fn free(this: *mut Self) {
        // SAFETY: By the contract above.
        drop(unsafe { KBox::from_raw(this) });
    }

    /// Frees the array after a grace period. Process context.
    ///
    /// # Safety
    ///
    /// `this` came from [`Self::new`] and no new reader can reach it.
    pub(super) unsafe fn free_later(this: *mut Self) {
        // SAFETY: Process context; readers that are in a section now end.
        unsafe { bindings::synchronize_rcu() };
        // SAFETY: By the contract above, and the readers have gone.
        unsafe { Self::free(this) };
    }
}
