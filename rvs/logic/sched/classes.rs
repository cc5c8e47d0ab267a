// SPDX-License-Identifier: GPL-2.0

//! Random choice in proportion to weights, in a number of steps that does not
//! depend on the number of servers.
//!
//! Weights from 2^k to 2^(k+1) − 1 form a class. A class is chosen by the sum of
//! its weights, a server in it by lot, and accepted with the probability
//! weight / 2^(k+1), which is at least one half; otherwise the lot is drawn
//! again. So each server is chosen exactly in proportion to its weight.

use super::{
    Candidate,
    Index, //
};
use crate::logic::num;

/// The number of classes: weights have 32 bits.
const CLASSES: usize = 32;

/// How often the lot is drawn before the last one is taken, whatever its weight: once in 2^16 draws at most.
const TRIES: u32 = 16;

/// A cell is about a slot, and about a place in the order of the servers.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The weight of the server in this slot; 0 if it is in no class.
    weight: u32,
    /// The place of the server in this slot.
    place: u32,
    /// The slot of the server at this place.
    slot: u32,
}

/// The eligible servers, ordered by class; those of a class stand together.
pub struct Classes {
    /// Where the class ends in the order, which is where the next one begins.
    ends: [u32; CLASSES],
    /// The sum of the weights of the class.
    sums: [u64; CLASSES],
    total: u64,
}

impl Default for Classes {
    fn default() -> Self {
        Self {
            ends: [0; CLASSES],
            sums: [0; CLASSES],
            total: 0,
        }
    }
}

/// The class of a weight, which is not 0.
fn class_of(weight: u32) -> usize {
    num::index(31u32.wrapping_sub(weight.leading_zeros()) & 31)
}

impl Classes {
    /// Draws a server.
    pub fn draw(&self, cells: &[Cell], dice: &mut Dice) -> Option<u32> {
        let mut place = dice.below(self.total)?;
        let mut start = 0;
        for class in 0..CLASSES {
            let (sum, end) = (*self.sums.get(class)?, *self.ends.get(class)?);
            if place < sum {
                return lot(cells, (start, end), class, dice);
            }
            place = place.wrapping_sub(sum);
            start = end;
        }
        None
    }

    fn insert(&mut self, cells: &mut [Cell], slot: u32, weight: u32) {
        let class = class_of(weight);
        let mut free = self.ends.last().copied().unwrap_or(0);
        // Each class above makes room at its beginning by sending its first server to its end.
        for above in (class..CLASSES).rev() {
            let Some(end) = self.ends.get_mut(above) else {
                return;
            };
            *end = end.wrapping_add(1);
            let start = self.start(above);
            if above != class && start != free {
                carry(cells, start, free);
                free = start;
            }
        }
        put(cells, free, slot);
        self.count(cells, slot, class, weight, u64::from(weight));
    }

    fn remove(&mut self, cells: &mut [Cell], slot: u32, weight: u32) {
        let class = class_of(weight);
        let Some(mut free) = cells.get(num::index(slot)).map(|cell| cell.place) else {
            return;
        };
        // The last of each class, from this one on, fills the gap before it.
        for at in class..CLASSES {
            let Some(end) = self.ends.get_mut(at) else {
                return;
            };
            *end = end.wrapping_sub(1);
            let last = *end;
            if last != free {
                carry(cells, last, free);
                free = last;
            }
        }
        self.count(cells, slot, class, 0, u64::from(weight).wrapping_neg());
    }

    fn count(&mut self, cells: &mut [Cell], slot: u32, class: usize, weight: u32, change: u64) {
        if let Some(cell) = cells.get_mut(num::index(slot)) {
            cell.weight = weight;
        }
        if let Some(sum) = self.sums.get_mut(class) {
            *sum = sum.wrapping_add(change);
        }
        self.total = self.total.wrapping_add(change);
    }

    /// Where a class begins.
    fn start(&self, class: usize) -> u32 {
        let before = class.checked_sub(1).and_then(|class| self.ends.get(class));
        before.copied().unwrap_or(0)
    }
}

/// Draws a server among those of a class.
fn lot(cells: &[Cell], (start, end): (u32, u32), class: usize, dice: &mut Dice) -> Option<u32> {
    let count = u64::from(end.wrapping_sub(start));
    let mut tries = 0;
    loop {
        let place = start.wrapping_add(num::low32(dice.below(count)?));
        let slot = cells.get(num::index(place))?.slot;
        let weight = cells.get(num::index(slot))?.weight;
        tries = 1u32.wrapping_add(tries);
        // The class's upper end is 2^(class + 1).
        let limit = num::high32(dice.roll()) >> (31usize.wrapping_sub(class) & 31);
        if limit < weight || tries == TRIES {
            return Some(slot);
        }
    }
}

/// Lets `slot` stand at `place`.
fn put(cells: &mut [Cell], place: u32, slot: u32) {
    if let Some(cell) = cells.get_mut(num::index(place)) {
        cell.slot = slot;
    }
    if let Some(cell) = cells.get_mut(num::index(slot)) {
        cell.place = place;
    }
}

/// Lets the server that stands at `from` stand at `to`.
fn carry(cells: &mut [Cell], from: u32, to: u32) {
    if let Some(slot) = cells.get(num::index(from)).map(|cell| cell.slot) {
        put(cells, to, slot);
    }
}

impl Index for Classes {
    type Cell = Cell;

    const EMPTY: Cell = Cell {
        weight: 0,
        place: 0,
        slot: 0,
    };

    fn cells(capacity: usize) -> usize {
        capacity
    }

    fn set(&mut self, cells: &mut [Cell], slot: u32, server: Option<&impl Candidate>) {
        let server = server.filter(|server| server.eligible());
        let weight = server.map_or(0, Candidate::weight);
        let Some(old) = cells.get(num::index(slot)).map(|cell| cell.weight) else {
            return;
        };
        if old == weight {
            return;
        }
        if old != 0 {
            self.remove(cells, slot, old);
        }
        if weight != 0 {
            self.insert(cells, slot, weight);
        }
    }

    fn renumber(&mut self, _old: u32, _new: impl Fn(u32) -> Option<u32>) {
        *self = Self::default();
    }
}

/// Many random numbers out of one: SplitMix64 (Steele, Lea and Flood, 2014).
pub struct Dice(u64);

impl Dice {
    /// Dice with a random number of their own.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    #[inline]
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`; `None` if that is 0.
    #[inline]
    pub fn below(&mut self, limit: u64) -> Option<u64> {
        let wide = u128::from(limit) * u128::from(self.roll());
        (limit > 0).then(|| u64::try_from(wide >> 64).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sched::testing::{
        Server,
        Site, //
    };
    use std::{
        vec,
        vec::Vec, //
    };

    /// What must hold between the cells and the classes after each change.
    fn check(site: &Site<Classes>) {
        let mut expected: Vec<(u32, u32)> = site
            .list()
            .iter()
            .map(|(slot, server)| (*slot, server.weight))
            .collect();
        expected.retain(|entry| entry.1 > 0);
        expected.sort_unstable();
        let mut found = Vec::new();
        for class in 0..CLASSES {
            let mut sum = 0;
            for place in site.index.start(class)..site.index.ends[class] {
                let slot = site.cells[place as usize].slot;
                let weight = site.cells[slot as usize].weight;
                assert_eq!(site.cells[slot as usize].place, place);
                assert_eq!(class_of(weight), class);
                sum += u64::from(weight);
                found.push((slot, weight));
            }
            assert_eq!(site.index.sums[class], sum);
        }
        found.sort_unstable();
        assert_eq!(found, expected);
        let total = expected.iter().map(|entry| u64::from(entry.1)).sum::<u64>();
        assert_eq!(site.index.total, total);
    }

    #[test]
    fn servers_move_between_classes() {
        let mut site = Site::<Classes>::new(64);
        let mut dice = Dice::new(7);
        for _ in 0..5000 {
            let slot = dice.below(20).expect("some") as u32;
            let bits = dice.below(33).expect("some") as u32;
            let weight = (dice.roll() as u32).checked_shr(bits).unwrap_or(0);
            site.set(slot, (weight % 5 != 1).then(|| Server::new(weight)));
            check(&site);
        }
    }

    #[test]
    fn choice_is_in_proportion_to_weights() {
        let weights = [1, 2, 3, 4, 7, 8, 0, 100, 1000];
        let site = Site::<Classes>::with(&weights.map(Server::new));
        let total = weights.iter().sum::<u32>();
        let mut dice = Dice::new(42);
        let mut got = vec![0u32; weights.len()];
        let draws = 1_000_000u32;
        for _ in 0..draws {
            got[site.index.draw(&site.cells, &mut dice).expect("one") as usize] += 1;
        }
        for (weight, got) in weights.into_iter().zip(got) {
            let wanted = f64::from(draws) * f64::from(weight) / f64::from(total);
            // Six standard deviations.
            let bound = 6.0 * wanted.sqrt();
            assert!(
                (f64::from(got) - wanted).abs() <= bound,
                "{weight}: {got}, not {wanted}"
            );
        }
    }

    #[test]
    fn nobody_is_drawn_of_none() {
        let mut site = Site::<Classes>::new(64);
        let mut dice = Dice::new(1);
        assert_eq!(site.index.draw(&site.cells, &mut dice), None);
        site.set(3, Some(Server::new(u32::MAX)));
        assert_eq!(site.index.draw(&site.cells, &mut dice), Some(3));
        site.set(3, Some(Server::new(u32::MAX).over()));
        assert_eq!(site.index.draw(&site.cells, &mut dice), None);
    }
}
