// SPDX-License-Identifier: GPL-2.0

//! Per-CPU counters.
//!
//! C header: [`include/linux/percpu.h`](srctree/include/linux/percpu.h)

use super::{
    atomic::{
        AtomicU64,
        Ordering, //
    },
    bindings,
    cpu::Cpu, //
};
use core::{
    alloc::Layout,
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

/// `N` counters for each possible CPU.
///
/// A counter is written by its own CPU with bottom halves off, so a plain load, add and store
/// suffice; readers on other CPUs see whole values.
///
/// # Invariants
///
/// `base` is a per-CPU allocation of `[AtomicU64; N]`.
pub(crate) struct Counters<const N: usize> {
    base: NonNull<u8>,
    _own: PhantomData<[AtomicU64; N]>,
}

// SAFETY: The counters are atomics.
unsafe impl<const N: usize> Send for Counters<N> {}
// SAFETY: As above.
unsafe impl<const N: usize> Sync for Counters<N> {}

impl<const N: usize> Counters<N> {
    /// Allocates the counters, all zero. Process context.
    pub(crate) fn new() -> Result<Self, AllocError> {
        let layout = Layout::new::<[AtomicU64; N]>();
        // SAFETY: Size and alignment are those of the type; the memory comes zeroed.
        let base = unsafe { bindings::rvs_helper_percpu_alloc(layout.size(), layout.align()) };
        // INVARIANT: Just allocated.
        Ok(Self {
            base: NonNull::new(base.cast()).ok_or(AllocError)?,
            _own: PhantomData,
        })
    }

    /// The counters of the current CPU.
    #[inline(always)]
    fn this<'a>(&'a self, cpu: Cpu<'_>) -> &'a [AtomicU64; N] {
        // SAFETY: `cpu` proves that its offset is that of the current CPU, where the allocation
        // has a copy by the type invariant.
        unsafe {
            &*self
                .base
                .as_ptr()
                .wrapping_add(cpu.offset())
                .cast::<[AtomicU64; N]>()
        }
    }

    /// Adds to some counters of this CPU. An index beyond the last counter is ignored.
    #[inline(always)]
    pub(crate) fn add<const M: usize>(&self, cpu: Cpu<'_>, changes: [(usize, u64); M]) {
        let counters = self.this(cpu);
        for (index, n) in changes {
            if let Some(counter) = counters.get(index) {
                let value = counter.load(Ordering::Relaxed);
                counter.store(value.wrapping_add(n), Ordering::Relaxed);
            }
        }
    }

    /// The allocation, for a C helper that adds to the counters of its CPU itself.
    #[inline]
    pub(super) fn raw(&self) -> *mut c_void {
        self.base.as_ptr().cast()
    }

    /// The copy of the first possible CPU from a number on, which moves on behind it.
    fn next_copy(&self, cpu: &mut u32) -> Option<&[AtomicU64; N]> {
        // SAFETY: `base` is a per-CPU allocation; the helper returns this CPU's copy, or null when no
        // possible CPU has that number or a higher one.
        let copy = unsafe { bindings::rvs_helper_percpu_next(self.base.as_ptr().cast(), cpu) };
        // SAFETY: The copy of a possible CPU, by the type invariant.
        NonNull::new(copy.cast::<[AtomicU64; N]>()).map(|copy| unsafe { copy.as_ref() })
    }

    /// The first possible CPU from a number on, which moves on behind it. Any context.
    pub(crate) fn next_cpu(&self, cpu: &mut u32) -> Option<u32> {
        self.next_copy(cpu)?;
        cpu.checked_sub(1)
    }

    /// The counters of a possible CPU. Any context.
    pub(crate) fn on_cpu(&self, mut cpu: u32) -> [u64; N] {
        let mut counters = [0u64; N];
        if let Some(copy) = self.next_copy(&mut cpu) {
            for (value, counter) in counters.iter_mut().zip(copy) {
                *value = counter.load(Ordering::Relaxed);
            }
        }
        counters
    }

    /// The sums over all CPUs. Any context.
    pub(crate) fn sums(&self) -> [u64; N] {
        let mut sums = [0u64; N];
        let mut cpu = 0;
        while let Some(copy) = self.next_copy(&mut cpu) {
            for (sum, counter) in sums.iter_mut().zip(copy) {
                *sum = sum.wrapping_add(counter.load(Ordering::Relaxed));
            }
        }
        sums
    }
}

impl<const N: usize> Drop for Counters<N> {
    fn drop(&mut self) {
        // SAFETY: The allocation of the type invariant, which nobody reaches any more.
        unsafe { bindings::free_percpu(self.base.as_ptr().cast()) };
    }
}
