// SPDX-License-Identifier: GPL-2.0

//! Weighted round robin: each server as often as its weight says, spread evenly.
//!
//! IPVS behaviour: there is a level, from the highest weight down to 1 in steps
//! of the greatest common divisor of all weights. A round visits the servers
//! whose weight is not below the level; then the level falls by a step, or
//! begins again from the highest.
//!
//! The cells are a tree in an array like that of [`super::ranking`], whose
//! nodes know about the servers below them what the rule asks for. So the next
//! server at a level is found without a walk, and levels at which nobody can be
//! found are passed over all at once.

use super::{
    Candidate,
    Index, //
};
use crate::logic::num;

/// What a node knows about the servers below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weights {
    /// The highest weight.
    highest: u32,
    /// The highest weight among those that are not overloaded.
    usable: u32,
    /// The greatest common divisor of the weights; 0 if all are 0.
    divisor: u32,
}

const NONE: Weights = Weights {
    highest: 0,
    usable: 0,
    divisor: 0,
};

impl Weights {
    fn of(server: &impl Candidate) -> Self {
        let weight = server.weight();
        Self {
            highest: weight,
            usable: if server.overloaded() { 0 } else { weight },
            divisor: weight,
        }
    }

    fn join(&self, other: &Self) -> Self {
        Self {
            highest: self.highest.max(other.highest),
            usable: self.usable.max(other.usable),
            divisor: gcd(self.divisor, other.divisor),
        }
    }
}

/// The greatest common divisor; 0 is divided by everything.
pub(super) fn gcd(mut a: u32, mut b: u32) -> u32 {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

/// Where the round stands.
#[derive(Clone, Copy, Default)]
pub struct WeightedRoundRobin {
    /// The server that was chosen last; `None` is the head of the list.
    last: Option<u32>,
    /// The weight that a server needs now.
    level: u32,
    /// The level at which rounds begin.
    highest: u32,
    /// How far the level falls after each walk along the list.
    step: u32,
}

impl WeightedRoundRobin {
    /// Follows a change of the configuration. IPVS behaviour: any change of any server, also one that
    /// changes nothing, begins the walk at the head of the list again.
    pub fn changed(&mut self, cells: &[Weights]) {
        let all = cells.get(1).copied().unwrap_or(NONE);
        self.last = None;
        self.step = all.divisor.max(1);
        self.highest = all.highest.saturating_sub(self.step.wrapping_sub(1));
        if self.level > self.highest || self.level == 0 {
            self.level = self.highest;
        } else if self.step > 1 {
            let steps = self.level.checked_div(self.step).unwrap_or(0);
            self.level = steps.wrapping_mul(self.step).wrapping_add(1);
        }
    }

    /// The server that [`Self::pick`] would choose.
    pub fn peek(&self, cells: &[Weights]) -> Option<u32> {
        let mut next = *self;
        next.pick(cells)
    }

    /// Chooses the next server.
    pub fn pick(&mut self, cells: &[Weights]) -> Option<u32> {
        if self.highest == 0 {
            return None;
        }
        let began = self.last;
        let mut lowest_tried = false;
        let mut restarted = false;
        // The part of the list that is left to try at the lowest level, once all of the rest has been.
        let mut stop = None;
        loop {
            let found = find(cells, self.last, self.level);
            if let Some(slot) = found.filter(|slot| stop.is_none_or(|stop| *slot >= stop)) {
                self.last = Some(slot);
                return Some(slot);
            }
            if stop.is_some() {
                self.last = stop;
                return None;
            }
            self.last = None;
            self.fall();
            if self.level == 0 {
                self.level = self.highest;
                if lowest_tried || began.is_none() {
                    return None;
                }
                restarted = true;
            }
            self.skip(cells);
            lowest_tried = self.level <= self.step;
            if lowest_tried && restarted {
                stop = began;
            }
        }
    }

    /// The next level; 0 below the last one.
    fn fall(&mut self) {
        self.level = self.level.saturating_sub(self.step);
    }

    /// Passes over levels that no server reaches, but not the lowest of all.
    fn skip(&mut self, cells: &[Weights]) {
        let usable = cells.get(1).map_or(0, |all| all.usable);
        if let Some(above) = self.level.checked_sub(usable.max(1)) {
            // As many steps as lead to the last level that is still too high, or to the lowest.
            let steps = above
                .saturating_sub(u32::from(usable > 0))
                .checked_div(self.step)
                .unwrap_or(0);
            self.level = self.level.wrapping_sub(steps.wrapping_mul(self.step));
        }
    }

    /// A server leaves the list; [`Self::changed`] follows.
    fn update(cells: &mut [Weights], slot: u32, weights: Weights) {
        let mut at = (cells.len() / 2).wrapping_add(num::index(slot));
        let mut now = weights;
        loop {
            match cells.get_mut(at) {
                Some(place) if *place != now => *place = now,
                _ => return,
            }
            if at <= 1 {
                return;
            }
            let Some(sibling) = cells.get(at ^ 1) else {
                return;
            };
            now = now.join(sibling);
            at >>= 1;
        }
    }
}

/// The highest slot below `limit` whose server is usable at this level.
fn find(cells: &[Weights], limit: Option<u32>, level: u32) -> Option<u32> {
    let half = cells.len() / 2;
    let reaches = |at: usize| cells.get(at).is_some_and(|node| node.usable >= level);
    let mut at = match limit {
        None => 1,
        Some(limit) => {
            // Up, until there is such a server in the left half while we come from the right.
            let mut at = half.wrapping_add(num::index(limit));
            while at & 1 == 0 || !reaches(at ^ 1) {
                at >>= 1;
                if at <= 1 {
                    return None;
                }
            }
            at ^ 1
        }
    };
    if !reaches(at) {
        return None;
    }
    while at < half {
        at = at.wrapping_mul(2).wrapping_add(1);
        if !reaches(at) {
            at ^= 1;
        }
    }
    Some(num::saturating_u32(at.wrapping_sub(half)))
}

impl Index for WeightedRoundRobin {
    type Cell = Weights;

    const EMPTY: Weights = NONE;

    fn cells(capacity: usize) -> usize {
        capacity.saturating_mul(2)
    }

    fn set(&mut self, cells: &mut [Weights], slot: u32, server: Option<&impl Candidate>) {
        Self::update(cells, slot, server.map_or(NONE, Weights::of));
    }

    fn renumber(&mut self, old: u32, new: impl Fn(u32) -> Option<u32>) {
        self.last = self.last.and_then(|last| (last..old).find_map(&new));
    }
}

#[cfg(test)]
mod tests;
