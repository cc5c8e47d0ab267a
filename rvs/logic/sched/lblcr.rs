// SPDX-License-Identifier: GPL-2.0

//! Locality-based least connection with replication: packets to one address go
//! to a set of servers, which grows while its servers are overloaded and
//! shrinks again in time.

use super::{
    cache::{
        Cache,
        Memory, //
    },
    lblc::{
        Locality,
        Question, //
    },
    ranking::Node,
    Candidate, //
};
use crate::logic::num;

/// How many servers an address can have. IPVS has no limit; here the most loaded one makes room.
const MEMBERS: usize = 16;

/// The servers of an address.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// Slots; the newest member last.
    members: [u32; MEMBERS],
    count: u32,
    /// When a member came or went.
    modified: u32,
}

impl Set {
    /// No servers.
    pub const EMPTY: Self = Self {
        members: [0; MEMBERS],
        count: 0,
        modified: 0,
    };

    /// The members, the newest first.
    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let members = self.members.get(..num::index(self.count)).unwrap_or(&[]);
        members.iter().rev().copied()
    }

    fn remove(&mut self, slot: u32, now: u32) {
        let mut kept = 0;
        for at in 0..num::index(self.count) {
            let Some(member) = self.members.get(at).copied() else {
                return;
            };
            if member != slot {
                if let Some(place) = self.members.get_mut(kept) {
                    *place = member;
                }
                kept = 1usize.wrapping_add(kept);
            }
        }
        self.count = num::saturating_u32(kept);
        self.modified = now;
    }

    /// Adds a member that may be there already.
    fn insert<D: Candidate>(&mut self, slot: u32, now: u32, get: impl Fn(u32) -> Option<D>) {
        if self.iter().any(|member| member == slot) {
            return;
        }
        if num::index(self.count) == MEMBERS {
            let oldest = self.members.first().copied();
            if let Some(out) = most_loaded(self, get).or(oldest) {
                self.remove(out, now);
            }
        }
        if let Some(place) = self.members.get_mut(num::index(self.count)) {
            *place = slot;
            self.count = self.count.wrapping_add(1);
            self.modified = now;
        }
    }

    /// Follows a new numbering of the slots.
    pub fn renumber(&mut self, new: impl Fn(u32) -> Option<u32>) {
        let old = *self;
        self.count = 0;
        let members = old.members.get(..num::index(old.count)).unwrap_or(&[]);
        let slots = members.iter().filter_map(|slot| new(*slot));
        for (place, slot) in self.members.iter_mut().zip(slots) {
            *place = slot;
            self.count = self.count.wrapping_add(1);
        }
    }
}

/// Whether `a` carries more for its weight than `b`.
fn more(a: &impl Candidate, b: &impl Candidate) -> bool {
    u128::from(a.load()) * u128::from(b.weight()) > u128::from(b.load()) * u128::from(a.weight())
}

/// The member with the least load for its weight; of equal ones the newest.
fn least_loaded<D: Candidate>(set: &Set, get: impl Fn(u32) -> Option<D>) -> Option<(u32, D)> {
    let usable = set.iter().filter_map(|slot| Some((slot, get(slot)?)));
    usable
        .filter(|(_, server)| server.eligible())
        .reduce(|best, next| if more(&best.1, &next.1) { next } else { best })
}

/// The member with the highest load for its weight; of equal ones the newest. Weight 0 does not count.
fn most_loaded<D: Candidate>(set: &Set, get: impl Fn(u32) -> Option<D>) -> Option<u32> {
    let present = set.iter().filter_map(|slot| Some((slot, get(slot)?)));
    present
        .filter(|(_, server)| server.weight() > 0)
        .reduce(|most, next| if more(&next.1, &most.1) { next } else { most })
        .map(|(slot, _)| slot)
}

/// Chooses a server; `get` says what is in a slot.
pub fn pick<D: Candidate>(
    cells: &[Node],
    (cache, memory): (&mut Cache, &mut Memory<'_, Set>),
    question: &Question<'_>,
    get: impl Fn(u32) -> Option<D>,
) -> Option<u32> {
    let found = cache.find(memory, question.name, question.now);
    if let Some(set) = found.and_then(|at| cache.value(memory, at)) {
        let kept = kept(cells, set, &get);
        let unchanged = question.now.wrapping_sub(set.modified);
        if set.count > 1 && unchanged > question.expiry && unchanged <= u32::MAX / 2 {
            if let Some(out) = most_loaded(set, &get) {
                set.remove(out, question.now);
            }
        }
        if kept.is_some() {
            return kept;
        }
    }
    cache.expire(memory, question.now, question.expiry);
    let best = Locality::best(cells)?;
    // Expiring does not touch what was used just now.
    if let Some(set) = found.and_then(|at| cache.value(memory, at)) {
        set.insert(best, question.now, get);
    } else {
        let mut set = Set::EMPTY;
        set.insert(best, question.now, get);
        cache.insert(memory, question.name, set, question.now);
    }
    Some(best)
}

/// The server that [`pick`] would choose.
pub fn peek<D: Candidate>(
    cells: &[Node],
    (cache, memory): (&Cache, &Memory<'_, Set>),
    question: &Question<'_>,
    get: impl Fn(u32) -> Option<D>,
) -> Option<u32> {
    let known = cache.look(memory, question.name);
    let kept = known.and_then(|set| kept(cells, set, get));
    kept.or_else(|| Locality::best(cells))
}

/// The server of the set that takes the connection, unless it is crowded.
fn kept<D: Candidate>(cells: &[Node], set: &Set, get: impl Fn(u32) -> Option<D>) -> Option<u32> {
    let (slot, server) = least_loaded(set, get)?;
    (!Locality::is_crowded(cells, &server)).then_some(slot)
}

#[cfg(test)]
mod tests;
