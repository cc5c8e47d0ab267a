// SPDX-License-Identifier: GPL-2.0

//! Tests of locality with replication.

use super::*;
use crate::logic::{
    addr::Addr,
    sched::{
        cache::{
            Entry,
            EMPTY_BUCKET, //
        },
        testing::{
            Server,
            Site, //
        }, //
    }, //
};
use std::{
    vec,
    vec::Vec, //
};

struct Service {
    site: Site<Locality>,
    cache: Cache,
    entries: Vec<Entry<Set>>,
    buckets: Vec<u32>,
    now: u32,
}

impl Service {
    fn new(weights: &[u32]) -> Self {
        let servers: Vec<Server> = weights.iter().copied().map(Server::new).collect();
        Self {
            site: Site::with(&servers),
            cache: Cache::default(),
            entries: vec![Entry::new(Set::EMPTY); 4],
            buckets: vec![EMPTY_BUCKET; 4],
            now: 0,
        }
    }

    /// A new connection to the address, which becomes active; servers are numbered from 1.
    fn open(&mut self, address: u8) -> Option<u32> {
        let mut memory = Memory {
            entries: &mut self.entries,
            buckets: &mut self.buckets,
        };
        let question = Question {
            name: (u32::from(address), &Addr::from_v4([10, 0, 0, address])),
            now: self.now,
            expiry: 100,
            exact: false,
        };
        let servers = &self.site.servers;
        let get = |slot: u32| servers.get(slot as usize).copied().flatten();
        let slot = pick(
            &self.site.cells,
            (&mut self.cache, &mut memory),
            &question,
            get,
        )?;
        self.site.edit(slot, |server| server.active += 1);
        Some(slot + 1)
    }

    /// The only set that is remembered.
    fn members(&self) -> Vec<u32> {
        self.entries[0]
            .value_for_test()
            .iter()
            .map(|slot| slot + 1)
            .collect()
    }
}

/// Measured with ip_vs: three servers of weight 1.
#[test]
fn the_set_grows_while_its_servers_are_crowded() {
    let mut service = Service::new(&[1, 1, 1]);
    let picks: Vec<_> = (0..8).filter_map(|_| service.open(1)).collect();
    assert_eq!(picks, [3, 3, 2, 2, 1, 1, 1, 2]);
    assert_eq!(service.members(), [1, 2, 3]);
}

#[test]
fn the_set_shrinks_by_its_most_loaded_in_time() {
    let mut service = Service::new(&[1, 1, 1]);
    (0..5).for_each(|_| assert!(service.open(1).is_some()));
    assert_eq!(service.members(), [1, 2, 3]);
    service.site.edit(1, |server| server.active = 7);
    service.now = 50;
    assert_eq!(service.open(1), Some(1));
    service.now = 101;
    service.open(1);
    assert_eq!(service.members(), [1, 3]);
    service.open(1);
    assert_eq!(service.members(), [1, 3]);
}

#[test]
fn unusable_members_are_passed_over() {
    let mut service = Service::new(&[1, 1, 1]);
    (0..5).for_each(|_| assert!(service.open(1).is_some()));
    service.site.edit(0, |server| server.overloaded = true);
    service.site.edit(1, |server| server.weight = 0);
    assert_eq!(service.open(1), Some(3));
    service.site.set(2, None);
    assert_eq!(service.open(1), None);
}

#[test]
fn a_full_set_makes_room() {
    let get = |slot: u32| Some(Server::new(1).with(slot % 5, 0));
    let mut set = Set::EMPTY;
    (0..16).for_each(|slot| set.insert(slot, 1, get));
    assert_eq!(set.iter().count(), 16);
    set.insert(3, 2, get);
    assert_eq!(set.modified, 1);
    set.insert(16, 3, get);
    assert_eq!(set.iter().count(), 16);
    assert!(
        !set.iter().any(|slot| slot == 14),
        "the newest of the most loaded"
    );
    set.renumber(|slot| slot.checked_sub(10));
    assert_eq!(set.iter().collect::<Vec<_>>(), [6, 5, 3, 2, 1, 0]);
}
