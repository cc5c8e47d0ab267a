// SPDX-License-Identifier: GPL-2.0

//! What the locality-based schedulers remember of addresses: a hash table of
//! bounded size that forgets what has not been used for longest.
//!
//! Entries live in a slice that the caller owns and are linked by their
//! numbers: in the chain of their bucket, and in the order of their last use.

use crate::logic::{
    addr::Addr,
    num, //
};

/// No entry.
const NONE: u32 = u32::MAX;

/// One address and what is remembered of it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<V> {
    addr: Addr,
    /// When it was used last, in ticks that wrap.
    used: u32,
    bucket: u32,
    /// The next one in the bucket.
    chain: u32,
    /// The one that was used just after this one.
    newer: u32,
    /// The one that was used just before this one.
    older: u32,
    value: V,
}

impl<V> Entry<V> {
    /// An entry that is not in use.
    pub const fn new(value: V) -> Self {
        Self {
            addr: Addr::UNSPECIFIED,
            used: 0,
            bucket: 0,
            chain: NONE,
            newer: NONE,
            older: NONE,
            value,
        }
    }
}

#[cfg(test)]
impl<V> Entry<V> {
    /// What is remembered, for tests of the rules.
    pub(super) fn value_for_test(&self) -> &V {
        &self.value
    }
}

/// What an empty bucket holds.
pub const EMPTY_BUCKET: u32 = NONE;

/// The memory of a cache.
pub struct Memory<'m, V> {
    /// Room for the entries; there can be no more than that.
    pub entries: &'m mut [Entry<V>],
    /// The buckets, a power of two of them, all [`EMPTY_BUCKET`] at first.
    pub buckets: &'m mut [u32],
}

/// Where the entries begin and end.
pub struct Cache {
    newest: u32,
    oldest: u32,
    /// The first of the entries that were used once and are free again, linked by `chain`.
    free: u32,
    /// From here on entries have never been used.
    unused: u32,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            newest: NONE,
            oldest: NONE,
            free: NONE,
            unused: 0,
        }
    }
}

impl Cache {
    /// What is remembered of an address, which does not count as a use of it.
    pub fn look<'m, V>(
        &self,
        memory: &'m Memory<'_, V>,
        (hash, addr): (u32, &Addr),
    ) -> Option<&'m V> {
        let mut at = *memory.buckets.get(bucket(memory, hash))?;
        loop {
            let entry = memory.entries.get(num::index(at))?;
            if entry.addr == *addr {
                return Some(&entry.value);
            }
            at = entry.chain;
        }
    }

    /// The entry of an address, which counts as used now.
    pub fn find<V>(
        &mut self,
        memory: &mut Memory<'_, V>,
        (hash, addr): (u32, &Addr),
        now: u32,
    ) -> Option<u32> {
        let mut at = *memory.buckets.get(bucket(memory, hash))?;
        loop {
            let entry = memory.entries.get_mut(num::index(at))?;
            if entry.addr == *addr {
                entry.used = now;
                if at != self.newest {
                    self.unlink(memory, at);
                    self.link(memory, at);
                }
                return Some(at);
            }
            at = entry.chain;
        }
    }

    /// What is remembered there.
    pub fn value<'m, V>(&self, memory: &'m mut Memory<'_, V>, at: u32) -> Option<&'m mut V> {
        Some(&mut memory.entries.get_mut(num::index(at))?.value)
    }

    /// Remembers something of an address that has no entry, forgetting the oldest if there is no room.
    pub fn insert<V>(
        &mut self,
        memory: &mut Memory<'_, V>,
        (hash, addr): (u32, &Addr),
        value: V,
        now: u32,
    ) {
        let bucket = bucket(memory, hash);
        let Some(chain) = memory.buckets.get(bucket).copied() else {
            return;
        };
        let Some(at) = self.take(memory) else {
            return;
        };
        // Taking one may have changed this very bucket.
        let chain = memory.buckets.get(bucket).copied().unwrap_or(chain);
        let Some(entry) = memory.entries.get_mut(num::index(at)) else {
            return;
        };
        *entry = Entry {
            addr: *addr,
            used: now,
            bucket: num::saturating_u32(bucket),
            chain,
            newer: NONE,
            older: NONE,
            value,
        };
        if let Some(first) = memory.buckets.get_mut(bucket) {
            *first = at;
        }
        self.link(memory, at);
    }

    /// Forgets entries that have been idle for `limit`, at most a few at a time.
    pub fn expire<V>(&mut self, memory: &mut Memory<'_, V>, now: u32, limit: u32) {
        for _ in 0..2 {
            let Some(entry) = memory.entries.get(num::index(self.oldest)) else {
                return;
            };
            let idle = now.wrapping_sub(entry.used);
            // A moment "before" is the clock of another CPU.
            if idle < limit || idle > u32::MAX / 2 {
                return;
            }
            self.forget(memory, self.oldest);
        }
    }

    /// Calls `visit` for all that is remembered.
    pub fn for_each<V>(&self, memory: &mut Memory<'_, V>, mut visit: impl FnMut(&mut V)) {
        let mut at = self.newest;
        while let Some(entry) = memory.entries.get_mut(num::index(at)) {
            visit(&mut entry.value);
            at = entry.older;
        }
    }

    /// An entry for something new.
    fn take<V>(&mut self, memory: &mut Memory<'_, V>) -> Option<u32> {
        if let Some(entry) = memory.entries.get(num::index(self.free)) {
            let at = self.free;
            self.free = entry.chain;
            return Some(at);
        }
        if num::index(self.unused) < memory.entries.len() {
            let at = self.unused;
            self.unused = at.wrapping_add(1);
            return Some(at);
        }
        self.forget(memory, self.oldest);
        let at = self.free;
        self.free = memory.entries.get(num::index(at))?.chain;
        Some(at)
    }

    /// Frees an entry.
    fn forget<V>(&mut self, memory: &mut Memory<'_, V>, at: u32) {
        self.unlink(memory, at);
        let Some(entry) = memory.entries.get(num::index(at)) else {
            return;
        };
        let (bucket, next) = (num::index(entry.bucket), entry.chain);
        if memory.buckets.get(bucket) == Some(&at) {
            if let Some(first) = memory.buckets.get_mut(bucket) {
                *first = next;
            }
        } else {
            let mut before = memory.buckets.get(bucket).copied().unwrap_or(NONE);
            while let Some(entry) = memory.entries.get_mut(num::index(before)) {
                if entry.chain == at {
                    entry.chain = next;
                    break;
                }
                before = entry.chain;
            }
        }
        if let Some(entry) = memory.entries.get_mut(num::index(at)) {
            entry.chain = self.free;
            self.free = at;
        }
    }

    /// Makes an entry the newest.
    fn link<V>(&mut self, memory: &mut Memory<'_, V>, at: u32) {
        if let Some(entry) = memory.entries.get_mut(num::index(at)) {
            entry.older = self.newest;
            entry.newer = NONE;
        }
        match memory.entries.get_mut(num::index(self.newest)) {
            Some(newest) => newest.newer = at,
            None => self.oldest = at,
        }
        self.newest = at;
    }

    /// Takes an entry out of the order of use.
    fn unlink<V>(&mut self, memory: &mut Memory<'_, V>, at: u32) {
        let Some(entry) = memory.entries.get(num::index(at)) else {
            return;
        };
        let (newer, older) = (entry.newer, entry.older);
        match memory.entries.get_mut(num::index(newer)) {
            Some(entry) => entry.older = older,
            None => self.newest = older,
        }
        match memory.entries.get_mut(num::index(older)) {
            Some(entry) => entry.newer = newer,
            None => self.oldest = newer,
        }
    }
}

/// The bucket of a hash.
fn bucket<V>(memory: &Memory<'_, V>, hash: u32) -> usize {
    num::index(hash) & memory.buckets.len().wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        vec,
        vec::Vec, //
    };

    /// A cache beside a plain list, oldest first.
    struct Pair {
        cache: Cache,
        entries: Vec<Entry<u32>>,
        buckets: Vec<u32>,
        list: Vec<(u8, u32, u32)>,
    }

    impl Pair {
        fn new(room: usize, buckets: usize) -> Self {
            Self {
                cache: Cache::default(),
                entries: vec![Entry::new(0); room],
                buckets: vec![EMPTY_BUCKET; buckets],
                list: Vec::new(),
            }
        }

        /// Looks an address up and remembers `value` of it if it is new.
        fn get(&mut self, key: u8, value: u32, now: u32) {
            let mut memory = Memory {
                entries: &mut self.entries,
                buckets: &mut self.buckets,
            };
            let addr = Addr::from_v4([10, 0, 0, key]);
            let name = (u32::from(key) * 7, &addr);
            let seen = self.cache.look(&memory, name).copied();
            let found = self.cache.find(&mut memory, name, now);
            let found = found.map(|at| *self.cache.value(&mut memory, at).expect("there"));
            assert_eq!(found, seen);
            let known = self.list.iter().position(|entry| entry.0 == key);
            assert_eq!(found, known.map(|at| self.list[at].1));
            let value = match known {
                Some(at) => self.list.remove(at).1,
                None => {
                    self.cache.insert(&mut memory, name, value, now);
                    if self.list.len() == memory.entries.len() {
                        self.list.remove(0);
                    }
                    value
                }
            };
            self.list.push((key, value, now));
            self.check();
        }

        fn expire(&mut self, now: u32, limit: u32) {
            let mut memory = Memory {
                entries: &mut self.entries,
                buckets: &mut self.buckets,
            };
            self.cache.expire(&mut memory, now, limit);
            for _ in 0..2 {
                if self
                    .list
                    .first()
                    .is_some_and(|entry| now - entry.2 >= limit)
                {
                    self.list.remove(0);
                }
            }
            self.check();
        }

        fn check(&mut self) {
            let mut memory = Memory {
                entries: &mut self.entries,
                buckets: &mut self.buckets,
            };
            let mut values = Vec::new();
            self.cache
                .for_each(&mut memory, |value| values.push(*value));
            values.reverse();
            let wanted: Vec<u32> = self.list.iter().map(|entry| entry.1).collect();
            assert_eq!(values, wanted);
        }
    }

    #[test]
    fn remembers_as_a_list_does() {
        for (room, buckets) in [(1, 1), (5, 1), (5, 4), (16, 16)] {
            let mut pair = Pair::new(room, buckets);
            let mut state = 1u64;
            for step in 0..3000 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let random = (state >> 33) as u32;
                match random % 8 {
                    0 => pair.expire(step, random % 30),
                    _ => pair.get((random >> 8) as u8 % 24, step, step),
                }
            }
        }
    }

    #[test]
    fn without_memory_nothing_is_remembered() {
        let mut pair = Pair::new(0, 0);
        let mut memory = Memory {
            entries: &mut pair.entries,
            buckets: &mut pair.buckets,
        };
        let name = (1, &Addr::UNSPECIFIED);
        pair.cache.insert(&mut memory, name, 1, 0);
        assert_eq!(pair.cache.find(&mut memory, name, 0), None);
    }
}
