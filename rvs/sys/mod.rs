// SPDX-License-Identifier: GPL-2.0

//! The only unsafe code of rvs: one safe type per kernel object.
//!
//! Everything outside this directory is `#![deny(unsafe_code)]`. A type here owns or borrows one
//! kernel object, states its `# Invariants`, and makes wrong use not compile. Two kinds of values
//! stand for a context instead of a comment: [`rcu::Rcu`] ("inside an RCU read section") and
//! [`cpu::Cpu`] ("bottom halves are off on this CPU"). Only the trampolines in here create them.

pub mod atomic;
#[rustfmt::skip]
pub(crate) mod bindings;
pub(crate) mod cache;
pub mod cpu;
pub(crate) mod genl;
pub(crate) mod hash;
pub(crate) mod hook;
pub mod list;
pub mod lock;
pub mod module;
pub(crate) mod netns;
pub(crate) mod percpu;
pub(crate) mod print;
pub(crate) mod random;
pub mod rcu;
pub(crate) mod registry;
pub(crate) mod route;
pub mod shared;
pub(crate) mod skb;
pub(crate) mod time;
