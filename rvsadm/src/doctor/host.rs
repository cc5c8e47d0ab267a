// SPDX-License-Identifier: GPL-2.0

//! Where the doctor looks: the running host, or what a test says of one.

use super::Address;
use crate::{
    modules,
    netlink::{
        firewall,
        route::{
            Held,
            Link,
            Route,
            Routes, //
        },
    },
};
use rvs_logic::logic::addr::Family;
use std::{
    collections::BTreeSet,
    fs,
    io, //
};

/// What can be read of a host.
pub trait Host {
    /// The text of a file.
    fn read(&self, path: &str) -> Option<String>;
    /// The devices.
    fn links(&mut self) -> io::Result<Vec<Link>>;
    /// The addresses.
    fn addresses(&mut self) -> io::Result<Vec<Held>>;
    /// The way to an address.
    fn route(&mut self, to: Address) -> Option<Route>;
    /// The devices of default routes.
    fn uplinks(&mut self, family: Family) -> Vec<u32>;
    /// The chains that translate sources and have rules, by their names.
    fn source_nat(&mut self) -> Vec<String>;
    /// The schedulers that the kernel could load.
    fn loadable(&self) -> BTreeSet<String>;
    /// The schedulers whose modules are on disk.
    fn on_disk(&self) -> BTreeSet<String>;
}

/// The host on which rvsadm runs.
pub struct Here(Routes);

impl Here {
    /// Looks at it.
    pub fn open() -> io::Result<Self> {
        Routes::open().map(Self)
    }
}

impl Host for Here {
    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(path).ok()
    }

    fn links(&mut self) -> io::Result<Vec<Link>> {
        self.0.links()
    }

    fn addresses(&mut self) -> io::Result<Vec<Held>> {
        self.0.addresses()
    }

    fn route(&mut self, to: Address) -> Option<Route> {
        self.0.route(to.0, to.1).ok().flatten()
    }

    fn uplinks(&mut self, family: Family) -> Vec<u32> {
        self.0.uplinks(family).unwrap_or_default()
    }

    fn source_nat(&mut self) -> Vec<String> {
        firewall::source_nat().unwrap_or_default()
    }

    fn loadable(&self) -> BTreeSet<String> {
        modules::schedulers()
    }

    fn on_disk(&self) -> BTreeSet<String> {
        modules::files()
    }
}
