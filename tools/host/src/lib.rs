// SPDX-License-Identifier: GPL-2.0

//! The pure logic of rvs, compiled for the host.
//!
//! The kernel module and this crate compile the same files, under the same
//! module name: `crate::logic`. Here they are tested, fuzzed and shared with
//! rvsadm; an import of kernel code or of an allocator breaks this build.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

#[path = "../../../rvs/logic/mod.rs"]
pub mod logic;
