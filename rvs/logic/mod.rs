// SPDX-License-Identifier: GPL-2.0

//! What rvs can decide without a kernel object.
//!
//! Everything here is pure: `core` only, no `unsafe`, no allocation, no kernel
//! import, and no operation that can panic (a panic in the kernel stops the
//! machine). The same files are compiled into the kernel module and into the
//! host crate of `tools/host`, where cargo tests and fuzzes them.
//!
//! Ports, weights, timeouts and marks are ordinary numbers in host order;
//! addresses ([`addr::Addr`]) are kept as they stand on the wire.
//!
//! "IPVS behaviour" in a comment means: what the ip_vs module of the kernel
//! does, measured, and what its clients rely on.

#![deny(unsafe_code)]

pub mod addr;
pub mod crc32c;
pub mod csum;
pub mod defense;
pub mod drain;
pub mod est;
pub mod event;
pub mod filter;
pub mod generation;
pub mod hairpin;
pub mod hash;
pub mod ipvs;
pub mod nla;
pub mod num;
pub mod owner;
pub mod pressure;
pub mod proto;
pub mod sched;
pub mod settings;
pub mod slow;
pub mod steady;
pub mod uapi;
pub mod wire;
