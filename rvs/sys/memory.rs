// SPDX-License-Identifier: GPL-2.0

//! How much memory the machine has left, and vectors that grow.
//!
//! C header: [`include/linux/mm.h`](srctree/include/linux/mm.h)

use super::bindings;
use kernel::{
    alloc::{
        allocator::KVmalloc,
        AllocError, //
    },
    prelude::*, //
};

/// Pages that are free or hold buffers. Process context.
pub(crate) fn available_pages() -> u64 {
    // SAFETY: A pure question.
    unsafe { bindings::rvs_helper_available_pages() }
}

/// Adds an item at the end of a vector. Process context.
///
/// A function of its own, because the compiler cannot see that the arithmetic with which the kernel crate's vectors
/// grow does not overflow, and `tools/check-panic` would find it in every caller.
#[inline(never)]
pub(crate) fn push<T>(vector: &mut Vec<T, KVmalloc>, item: T) -> Result<(), AllocError> {
    vector.push(item, GFP_KERNEL)
}
