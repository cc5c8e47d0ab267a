// SPDX-License-Identifier: GPL-2.0

//! Random numbers.
//!
//! C header: [`include/linux/random.h`](srctree/include/linux/random.h)

use super::bindings;

/// A random number from the kernel's generator. Any context.
pub fn word() -> u64 {
    // SAFETY: May be called from any context.
    unsafe { bindings::get_random_u64() }
}
