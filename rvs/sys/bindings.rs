// SPDX-License-Identifier: GPL-2.0

//! Bindings that bindgen makes of `bindings.h`, on top of the kernel crate's own.
//!
//! Used by `rvs/sys` alone.

#![allow(warnings, unsafe_op_in_unsafe_fn, clippy::all, missing_docs)]

include!(concat!(env!("RVS_GEN"), "/bindings_generated.rs"));
