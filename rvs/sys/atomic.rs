// SPDX-License-Identifier: GPL-2.0

//! Atomic integers and pointers.
//!
//! The kernel crate's `Atomic<T>` is the LKMM's own type, but on a kernel built with gcc each of
//! its operations, even a plain load, is a call of a C helper. The packet path makes a dozen of
//! them per packet, so rvs uses the compiler's atomics, which are single instructions. What it
//! relies on holds in both models: relaxed loads and stores are single copy atomic, a release
//! store is seen with all that came before it by an acquire load of the same variable, and
//! read-modify-write operations are atomic. Nothing here is shared with C code.

pub use core::sync::atomic::{
    fence,
    AtomicBool,
    AtomicPtr,
    AtomicU32,
    AtomicU64,
    AtomicU8,
    AtomicUsize,
    Ordering, //
};
