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
pub(crate) mod conntrack;
pub mod cpu;
pub mod family;
pub mod front;
pub mod genl;
pub(crate) mod hash;
pub(crate) mod hook;
mod ingress;
pub mod list;
pub mod lock;
pub(crate) mod memory;
pub mod module;
pub(crate) mod netns;
pub(crate) mod percpu;
pub(crate) mod print;
pub mod random;
pub mod rcu;
pub(crate) mod registry;
pub(crate) mod route;
pub mod shared;
pub(crate) mod skb;
pub mod sockopt;
pub(crate) mod sysctl;
pub(crate) mod tcp;
pub(crate) mod time;
mod xt;
