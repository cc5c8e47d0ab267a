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
    MAX_BITS, //
};
use kernel::alloc::AllocError;

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
        let nodes = u64::from(self.len()).saturating_mul(N as u64);
        let bits = rcu::read(|rcu| self.current(rcu).bits());
        // Grow at one node per bucket, shrink at an eighth.
        let wanted = 64u32
            .wrapping_sub(nodes.leading_zeros())
            .max(self.min_bits)
            .min(MAX_BITS);
        let shrink = wanted.saturating_add(2) < bits;
        (wanted > bits || shrink).then_some(wanted)
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
}
