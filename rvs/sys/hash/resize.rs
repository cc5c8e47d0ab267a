// SPDX-License-Identifier: GPL-2.0

//! Fitting a [`super::Table`] to the number of its entries.

use super::{
    super::{
        atomic::Ordering,
        rcu::{
            self,
            Rcu, //
        },
    },
    Buckets,
    Pool,
    Table,
    LOCK_BITS,
    MAX_BITS, //
};
use kernel::alloc::AllocError;

/// Tables of fewer buckets, as a power of two, grow eightfold at a time.
const FEW_BITS: u32 = 16;
/// How many chains are moved while a lock is held.
const BATCH: usize = 32;

impl<T: Send + Sync + 'static, const N: usize, P: Pool> Table<T, N, P> {
    /// Whether there is more than one node per bucket, counting a resize that is going on.
    #[inline]
    pub(crate) fn is_crowded(&self, rcu: Rcu<'_>) -> bool {
        let nodes = u64::from(self.len()).saturating_mul(N as u64);
        let bits = self.newest(rcu).bits();
        nodes > 1u64.wrapping_shl(bits) && bits < MAX_BITS
    }

    /// The size that the table should have now, if it is not the size it has.
    pub(crate) fn wants_resize(&self) -> Option<u32> {
        self.wants_resize_for(0)
    }

    /// The same with so many more entries.
    pub(crate) fn wants_resize_for(&self, more: u32) -> Option<u32> {
        let entries = u64::from(self.len()).saturating_add(u64::from(more));
        let nodes = entries.saturating_mul(N as u64);
        let bits = rcu::read(|rcu| self.current(rcu).bits());
        let needed = 64u32.wrapping_sub(nodes.leading_zeros());
        // Grow at one node per bucket, far ahead while that costs little memory: each move of the
        // table costs time. Shrink when it is larger than a table would become by growing.
        let ahead = if needed < FEW_BITS { 3 } else { 1 };
        let grown = needed
            .saturating_add(ahead)
            .max(self.min_bits)
            .min(MAX_BITS);
        let grow = needed > bits && bits < MAX_BITS;
        (grow || grown.saturating_add(1) < bits).then_some(grown)
    }

    /// Gives the table `1 << bits` buckets. Process context; sleeps.
    ///
    /// `&self` for readers and writers of entries, which go on meanwhile; but resizes and
    /// [`Self::walk`] exclude each other, for which `_exclusive` stands: the caller's lock.
    pub(crate) fn resize<L>(&self, _exclusive: &mut L, bits: u32) -> Result<(), AllocError> {
        let bits = bits.max(self.min_bits).min(MAX_BITS);
        let new = Buckets::new(bits)?;
        // SAFETY: Resizes exclude each other, so `current` stays the current array until the store below.
        let old = unsafe { &*self.current.load(Ordering::Acquire) };
        old.publish_future(new);
        // Both are powers of two and no array is smaller than the number of locks, so all chains of
        // a batch are covered by one lock.
        let batch = BATCH.min(old.len() >> LOCK_BITS).max(1);
        let mut start = 0;
        while let Some(lock) = (start < old.len())
            .then(|| self.lock_of(old.first_hash(start)))
            .flatten()
        {
            let _guard = lock.lock();
            let end = start.wrapping_add(batch);
            for index in start..end {
                // SAFETY: The lock covers the chain and all chains that its nodes move to.
                unsafe { old.move_chain(index, new.as_ref()) };
            }
            start = end;
        }
        let old = self.current.swap(new.as_ptr(), Ordering::AcqRel);
        rcu::synchronize();
        // SAFETY: Replaced, and every reader that could have seen it has gone.
        unsafe { Buckets::free(old) };
        Ok(())
    }
}
