// SPDX-License-Identifier: GPL-2.0

//! rvs, the Rust Virtual Server: a layer-4 load balancer inside the kernel.
//!
//! A *director* owns a virtual address (VIP). Clients connect to it; rvs gives each connection to one
//! *destination*, a real server, and sends every packet of the connection there.
//!
//! Reading order: `Documentation/architecture.md`, then [`input`] (what happens to a packet),
//! [`conn`], [`sched`] and `sched/rr.rs`, [`xmit`], and [`control`] (what happens to a request).
//! `sys` holds all unsafe code, `logic` everything that needs no kernel; read them on demand.

#![crate_name = "rvs"]
#![deny(unsafe_code)]

pub mod logic;
#[allow(unsafe_code)]
pub mod sys;

mod conn;
mod control;
mod defense;
pub mod dest;
mod explain;
mod fast;
pub mod front;
pub mod hashed;
mod icmp;
mod input;
pub mod kept;
pub mod locality;
mod net;
mod output;
mod persist;
pub mod policy;
mod pulse;
pub mod ranked;
mod reals;
mod refuse;
mod reset;
pub mod roster;
pub mod sched;
mod service;
mod settings;
mod stats;
mod turn;
mod unusual;
mod xmit;

pub use control::api;

use kernel::prelude::*;

module! {
    type: Rvs,
    name: "rvs",
    authors: ["The rvs authors"],
    description: "Rust Virtual Server: layer-4 load balancing",
    license: "GPL",
    alias: ["net-pf-16-proto-16-family-rvs"],
}

/// What the module holds while it is loaded. The order of the fields is the order of the tear-down:
/// first nobody can ask any more, then no packet comes, then the memory goes.
struct Rvs {
    _family: sys::genl::Registration,
    _namespaces: sys::netns::Registration,
    _services: sys::cache::Created,
    _reals: sys::cache::Created,
    _conns: sys::cache::Created,
    _templates: sys::cache::Created,
}

impl kernel::Module for Rvs {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        sys::registry::init();
        let templates = persist::create_cache()?;
        let reals = reals::create_cache()?;
        let conns = conn::create_cache()?;
        let services = service::create_cache()?;
        let namespaces = sys::netns::Registration::new()?;
        let family = sys::genl::Registration::new()?;
        Ok(Self {
            _family: family,
            _namespaces: namespaces,
            _services: services,
            _reals: reals,
            _conns: conns,
            _templates: templates,
        })
    }
}
