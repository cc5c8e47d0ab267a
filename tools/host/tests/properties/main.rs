// SPDX-License-Identifier: GPL-2.0

//! Properties of the pure logic, tried with random input.

mod adversary;
mod checksums;
mod common;
mod netlink;
mod packets;
mod schedulers;
