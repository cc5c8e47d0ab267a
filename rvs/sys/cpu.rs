// SPDX-License-Identifier: GPL-2.0

//! "Bottom halves are off on this CPU", as a value.

use core::marker::PhantomData;

/// Proof that the holder runs with bottom halves off and therefore stays on one CPU.
///
/// Made by the hook trampolines. It also carries what a packet needs of its moment: where the CPU's
/// data lies and what time it is.
#[derive(Clone, Copy)]
pub struct Cpu<'a> {
    /// Distance from a per-CPU address to this CPU's copy.
    offset: usize,
    now: u32,
    _context: PhantomData<(&'a (), *mut ())>,
}

impl Cpu<'_> {
    /// # Safety
    ///
    /// Bottom halves are off for the whole lifetime of the value, and `offset` is the per-CPU
    /// offset of the current CPU.
    #[inline]
    pub(super) unsafe fn assume(offset: usize, now: u32) -> Self {
        Self {
            offset,
            now,
            _context: PhantomData,
        }
    }

    #[inline]
    pub(super) fn offset(self) -> usize {
        self.offset
    }

    /// The time when the packet entered, in jiffies; wraps.
    #[inline]
    pub fn now(self) -> u32 {
        self.now
    }
}
