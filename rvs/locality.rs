// SPDX-License-Identifier: GPL-2.0

//! What the locality-based schedulers remember of addresses, with its memory.

use crate::{
    logic::{
        addr::{
            Addr,
            Endpoint, //
        },
        hash::{
            endpoint_hash,
            HashKey, //
        },
        num,
        sched::{
            cache::{
                Cache,
                Entry,
                Memory,
                EMPTY_BUCKET, //
            },
            lblc::{
                Question,
                ENTRIES,
                EXPIRY, //
            },
            FLAG_EXACT, //
        }, //
    },
    sched::{
        Flow,
        SchedOptions, //
    },
    sys::random,
};
use kernel::prelude::*;

/// A cache, and the room for it, which is allocated as a whole: packets need no memory for it.
pub struct Remembered<V> {
    cache: Cache,
    entries: KVVec<Entry<V>>,
    buckets: KVVec<u32>,
    /// Clients choose the addresses.
    key: HashKey,
    expiry: u32,
    exact: bool,
}

impl<V: Copy> Remembered<V> {
    /// Nothing is remembered yet; `empty` is what an entry holds then. Process context.
    pub fn new(options: &SchedOptions, empty: V) -> Result<Self> {
        let size = match options.size {
            0 => ENTRIES,
            size => size,
        };
        let entries = num::index(size);
        let buckets = entries.checked_next_power_of_two().ok_or(ENOMEM)?;
        Ok(Self {
            cache: Cache::default(),
            entries: KVVec::from_elem(Entry::new(empty), entries, GFP_KERNEL_ACCOUNT)?,
            buckets: KVVec::from_elem(EMPTY_BUCKET, buckets, GFP_KERNEL_ACCOUNT)?,
            key: HashKey {
                k0: random::word(),
                k1: random::word(),
            },
            expiry: options.expiry_jiffies(EXPIRY),
            exact: options.flags & FLAG_EXACT != 0,
        })
    }

    /// What is remembered, and what to ask of it for this flow.
    pub fn ask<'q>(&mut self, flow: &Flow<'q>) -> (&mut Cache, Memory<'_, V>, Question<'q>) {
        let addr: &'q Addr = &flow.tuple.dst.addr;
        let endpoint = Endpoint::new(*addr, 0);
        let hash = endpoint_hash(&self.key, flow.tuple.family, endpoint);
        let memory = Memory {
            entries: &mut self.entries,
            buckets: &mut self.buckets,
        };
        let question = Question {
            name: (hash, addr),
            now: flow.now,
            expiry: self.expiry,
            exact: self.exact,
        };
        (&mut self.cache, memory, question)
    }

    /// Calls `change` for all that is remembered.
    pub fn for_each(&mut self, change: impl FnMut(&mut V)) {
        let mut memory = Memory {
            entries: &mut self.entries,
            buckets: &mut self.buckets,
        };
        self.cache.for_each(&mut memory, change);
    }
}
