// SPDX-License-Identifier: GPL-2.0

//! A tournament over all servers: whom a rule likes best is known at all times.
//!
//! The cells are a binary tree in an array. The leaves are the servers' scores
//! in the order of their slots, and each node above is a copy of the better of
//! its two children. The root is the pick; a change of a server replays only
//! the matches on the way from its leaf to the root, and not even those above
//! one whose winner stayed as it was.

use super::{
    Candidate,
    Index, //
};
use crate::logic::num;
use core::marker::PhantomData;

/// How well a rule likes a server: the fraction `burden / share`, less is better.
///
/// A share of 0 keeps the server out of the choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Score {
    /// What the server carries.
    pub burden: u64,
    /// What it should carry in proportion to the others.
    pub share: u32,
}

/// A rule that is told completely by what it thinks of each server.
pub trait Rule {
    /// The score of a server, `None` if it must not be chosen.
    fn score(server: &impl Candidate) -> Option<Score>;
}

/// A place in the tree: a server and its score.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    burden: u64,
    share: u32,
    slot: u32,
}

impl Node {
    /// Whether a server that stands behind `first` in the list is chosen all the
    /// same: it must be strictly better. With a share of 0, which stands for the
    /// worst of all scores, this is right without being a case of its own.
    #[inline(always)]
    fn beats(&self, first: &Self) -> bool {
        let mine = u128::from(self.burden) * u128::from(first.share);
        u128::from(first.burden) * u128::from(self.share) > mine
    }
}

/// The index of a rule: a tournament.
pub struct Ranking<R> {
    _rule: PhantomData<fn() -> R>,
}

impl<R> Default for Ranking<R> {
    fn default() -> Self {
        Self { _rule: PhantomData }
    }
}

impl<R: Rule> Ranking<R> {
    /// The slot of the best server.
    #[inline]
    pub fn best(cells: &[Node]) -> Option<u32> {
        let root = cells.get(1)?;
        (root.share > 0).then_some(root.slot)
    }

    /// The score of the best server.
    #[inline]
    pub fn best_score(cells: &[Node]) -> Option<Score> {
        let root = cells.get(1)?;
        (root.share > 0).then_some(Score {
            burden: root.burden,
            share: root.share,
        })
    }

    /// Gives the leaf a new score and replays its matches.
    fn play(cells: &mut [Node], slot: u32, score: Option<Score>) {
        let mut at = (cells.len() / 2).wrapping_add(num::index(slot));
        let score = score.unwrap_or(OUT);
        let mut best = Node {
            burden: score.burden,
            share: score.share,
            slot,
        };
        loop {
            match cells.get_mut(at) {
                Some(place) if *place != best => *place = best,
                _ => return,
            }
            if at <= 1 {
                return;
            }
            let Some(sibling) = cells.get(at ^ 1) else {
                return;
            };
            // The right child holds the higher slots, which stand first.
            let lost = match at & 1 {
                0 => !best.beats(sibling),
                _ => sibling.beats(&best),
            };
            if lost {
                best = *sibling;
            }
            at >>= 1;
        }
    }
}

/// The score of a server that must not be chosen.
const OUT: Score = Score {
    burden: 1,
    share: 0,
};

impl<R: Rule> Index for Ranking<R> {
    type Cell = Node;

    const EMPTY: Node = Node {
        burden: OUT.burden,
        share: OUT.share,
        slot: 0,
    };

    fn cells(capacity: usize) -> usize {
        capacity.saturating_mul(2)
    }

    fn set(&mut self, cells: &mut [Node], slot: u32, server: Option<&impl Candidate>) {
        Self::play(cells, slot, server.and_then(R::score));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sched::{
        testing::{
            Server,
            Site, //
        },
        wlc::Wlc, //
    };

    #[test]
    fn nobody_is_best_of_none() {
        let mut site = Site::<Ranking<Wlc>>::new(64);
        assert_eq!(Ranking::<Wlc>::best(&site.cells), None);
        site.set(3, Some(Server::new(0)));
        assert_eq!(Ranking::<Wlc>::best(&site.cells), None);
        site.set(3, Some(Server::new(1)));
        assert_eq!(Ranking::<Wlc>::best(&site.cells), Some(3));
        site.set(3, None);
        assert_eq!(Ranking::<Wlc>::best(&site.cells), None);
    }

    #[test]
    fn the_highest_slot_wins_a_tie() {
        let mut site = Site::<Ranking<Wlc>>::new(64);
        for slot in [5, 63, 0, 62] {
            site.set(slot, Some(Server::new(7)));
        }
        assert_eq!(Ranking::<Wlc>::best(&site.cells), Some(63));
        site.set(63, Some(Server::new(7).with(0, 1)));
        assert_eq!(Ranking::<Wlc>::best(&site.cells), Some(62));
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let mut site = Site::<Ranking<Wlc>>::new(64);
        let full = Server::new(u32::MAX).with(u32::MAX, u32::MAX);
        site.set(0, Some(full));
        site.set(
            1,
            Some(Server {
                active: full.active - 1,
                ..full
            }),
        );
        assert_eq!(Ranking::<Wlc>::best(&site.cells), Some(1));
    }

    #[test]
    fn slots_beyond_the_memory_are_ignored() {
        let mut site = Site::<Ranking<Wlc>>::new(64);
        site.set(64, Some(Server::new(1)));
        site.set(u32::MAX, Some(Server::new(1)));
        assert_eq!(Ranking::<Wlc>::best(&site.cells), None);
    }
}
