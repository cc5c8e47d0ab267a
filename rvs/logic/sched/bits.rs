// SPDX-License-Identifier: GPL-2.0

//! A set of slots in which the next one is found without a walk.
//!
//! The cells are 64-bit words. The first half holds a bit for each slot, the
//! second a bit for each word of the first that is not zero.

use super::{
    Candidate,
    Index, //
};
use crate::logic::num;

/// The servers that take new connections.
#[derive(Default)]
pub struct Eligible {
    count: u32,
}

/// The number of words for `capacity` bits.
const fn words(capacity: usize) -> usize {
    capacity.div_ceil(64)
}

/// The two levels of the cells.
#[inline(always)]
fn levels(cells: &[u64]) -> (&[u64], &[u64]) {
    // All but one in 65 words, rounded up, hold the slots.
    cells.split_at(cells.len().saturating_sub(cells.len().div_ceil(65)))
}

impl Eligible {
    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The first of all: the highest slot.
    #[inline]
    pub fn first(cells: &[u64]) -> Option<u32> {
        let (slots, summary) = levels(cells);
        highest(slots, last_word(summary, u32::MAX)?)
    }

    /// The next one behind `slot` in the list: the highest slot below it.
    #[inline]
    pub fn after(cells: &[u64], slot: u32) -> Option<u32> {
        let (slots, summary) = levels(cells);
        let word = slot >> 6;
        let rest = slots.get(num::index(word))? & below(slot);
        if rest != 0 {
            return Some((word << 6) | top(rest));
        }
        highest(slots, last_word(summary, word)?)
    }

    /// The one at place `n` of the list, counted from the end.
    ///
    /// This looks at every word: rules call it only when all else failed.
    pub fn nth(cells: &[u64], mut n: u32) -> Option<u32> {
        let (slots, _) = levels(cells);
        for (at, word) in slots.iter().enumerate() {
            let count = word.count_ones();
            if n < count {
                let word = (0..n).fold(*word, |word, _| word & word.wrapping_sub(1));
                return Some((num::saturating_u32(at) << 6) | word.trailing_zeros());
            }
            n = n.wrapping_sub(count);
        }
        None
    }

    fn change(&mut self, cells: &mut [u64], slot: u32, member: bool) {
        let split = levels(cells).0.len();
        let (slots, summary) = cells.split_at_mut(split);
        let word = slot >> 6;
        let Some(bits) = slots.get_mut(num::index(word)) else {
            return;
        };
        let bit = 1 << (slot & 63);
        if (*bits & bit != 0) == member {
            return;
        }
        *bits ^= bit;
        self.count = match member {
            true => self.count.wrapping_add(1),
            false => self.count.wrapping_sub(1),
        };
        if let Some(above) = summary.get_mut(num::index(word >> 6)) {
            let bit = 1 << (word & 63);
            *above = if *bits != 0 {
                *above | bit
            } else {
                *above & !bit
            };
        }
    }
}

impl Index for Eligible {
    type Cell = u64;

    const EMPTY: u64 = 0;

    fn cells(capacity: usize) -> usize {
        words(capacity).saturating_add(words(words(capacity)))
    }

    fn set(&mut self, cells: &mut [u64], slot: u32, server: Option<&impl Candidate>) {
        self.change(cells, slot, server.is_some_and(Candidate::eligible));
    }

    fn renumber(&mut self, _old: u32, _new: impl Fn(u32) -> Option<u32>) {
        self.count = 0;
    }
}

/// The bits below a slot within its word.
#[inline]
fn below(slot: u32) -> u64 {
    (1u64 << (slot & 63)).wrapping_sub(1)
}

/// The number of the highest bit of a word that is not zero.
#[inline]
fn top(word: u64) -> u32 {
    63u32.wrapping_sub(word.leading_zeros())
}

/// The highest slot of a word that is not zero.
#[inline]
fn highest(slots: &[u64], word: u32) -> Option<u32> {
    Some((word << 6) | top(*slots.get(num::index(word))?))
}

/// The last word below `limit` that is not zero.
#[inline]
fn last_word(summary: &[u64], limit: u32) -> Option<u32> {
    let at = num::index(limit >> 6);
    if let Some(word) = summary.get(at) {
        let rest = word & below(limit);
        if rest != 0 {
            return Some((num::saturating_u32(at) << 6) | top(rest));
        }
    }
    let before = summary.get(..at).unwrap_or(summary);
    let (at, word) = before.iter().enumerate().rfind(|(_, word)| **word != 0)?;
    Some((num::saturating_u32(at) << 6) | top(*word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sched::testing::{
        Server,
        Site, //
    };

    /// Every question about every slot, against a walk.
    fn check(site: &Site<Eligible>, capacity: u32) {
        let mut list = site.list();
        list.retain(|(_, server)| server.weight > 0);
        assert_eq!(site.index.count(), list.len() as u32);
        assert_eq!(
            Eligible::first(&site.cells),
            list.first().map(|entry| entry.0)
        );
        for slot in 0..capacity {
            let next = list.iter().find(|entry| entry.0 < slot);
            assert_eq!(
                Eligible::after(&site.cells, slot),
                next.map(|entry| entry.0)
            );
        }
        for (n, entry) in list.iter().rev().enumerate() {
            assert_eq!(Eligible::nth(&site.cells, n as u32), Some(entry.0));
        }
        assert_eq!(Eligible::nth(&site.cells, list.len() as u32), None);
    }

    #[test]
    fn finds_what_a_walk_finds() {
        for capacity in [64u32, 128, 4096, 8192] {
            let mut site = Site::<Eligible>::new(capacity as usize);
            check(&site, capacity);
            for slot in [0, 1, capacity / 2 - 1, capacity / 2, capacity - 1] {
                site.set(slot, Some(Server::new(1)));
                check(&site, capacity);
            }
            site.set(1, Some(Server::new(0)));
            site.set(0, None);
            site.set(capacity, Some(Server::new(1)));
            check(&site, capacity);
        }
    }
}
