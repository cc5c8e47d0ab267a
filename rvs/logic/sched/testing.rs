// SPDX-License-Identifier: GPL-2.0

//! What the tests of the rules share: plain servers, and the memory of an index.

use super::{
    Candidate,
    Index, //
};
use std::{
    vec,
    vec::Vec, //
};

/// A server as a test writes it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) weight: u32,
    pub(super) overloaded: bool,
    pub(super) active: u32,
    pub(super) inactive: u32,
}

impl Server {
    /// An idle server.
    pub(super) fn new(weight: u32) -> Self {
        Self {
            weight,
            overloaded: false,
            active: 0,
            inactive: 0,
        }
    }

    /// The same with connections.
    pub(super) fn with(self, active: u32, inactive: u32) -> Self {
        Self {
            active,
            inactive,
            ..self
        }
    }

    /// The same at its upper threshold.
    pub(super) fn over(self) -> Self {
        Self {
            overloaded: true,
            ..self
        }
    }
}

impl Candidate for Server {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn overloaded(&self) -> bool {
        self.overloaded
    }

    fn active(&self) -> u32 {
        self.active
    }

    fn inactive(&self) -> u32 {
        self.inactive
    }
}

/// An index with its memory and the servers that it knows.
pub(super) struct Site<I: Index> {
    pub(super) index: I,
    pub(super) cells: Vec<I::Cell>,
    pub(super) servers: Vec<Option<Server>>,
}

impl<I: Index + Default> Site<I> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            index: I::default(),
            cells: vec![I::EMPTY; I::cells(capacity)],
            servers: vec![None; capacity],
        }
    }

    /// Servers in the slots 0, 1, and so on.
    pub(super) fn with(servers: &[Server]) -> Self {
        let mut site = Self::new(servers.len().next_power_of_two().max(super::MIN_SLOTS));
        for (slot, server) in servers.iter().enumerate() {
            site.set(u32::try_from(slot).expect("few"), Some(*server));
        }
        site
    }

    pub(super) fn set(&mut self, slot: u32, server: Option<Server>) {
        if let Some(place) = self.servers.get_mut(slot as usize) {
            *place = server;
        }
        self.index.set(&mut self.cells, slot, server.as_ref());
    }

    /// Changes a server.
    pub(super) fn edit(&mut self, slot: u32, change: impl FnOnce(&mut Server)) {
        let mut server = self.servers[slot as usize].expect("a server");
        change(&mut server);
        self.set(slot, Some(server));
    }

    /// The slots with a server, in the order of IPVS's list.
    pub(super) fn list(&self) -> Vec<(u32, Server)> {
        let all = self.servers.iter().enumerate().rev();
        all.filter_map(|(slot, server)| Some((slot as u32, (*server)?)))
            .collect()
    }
}
