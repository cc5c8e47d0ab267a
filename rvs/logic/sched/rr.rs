// SPDX-License-Identifier: GPL-2.0

//! Round robin: each server in its turn, whatever its weight.

use super::{
    bits::Eligible,
    Candidate,
    Index, //
};

/// Whose turn it was last, and the servers that take new connections.
///
/// IPVS behaviour: the walk begins behind the server that was chosen last (at
/// the head of the list at first), goes round, and looks at that server last.
/// New servers stand at the head of the list. When the server at the position
/// is taken away, the position moves to the one before it.
#[derive(Default)]
pub struct RoundRobin {
    servers: Eligible,
    last: Option<u32>,
}

impl RoundRobin {
    /// Chooses the next server.
    #[inline]
    pub fn pick(&mut self, cells: &[u64]) -> Option<u32> {
        let next = self.peek(cells)?;
        self.last = Some(next);
        Some(next)
    }

    /// The server that [`Self::pick`] would choose.
    #[inline]
    pub fn peek(&self, cells: &[u64]) -> Option<u32> {
        let next = self.last.and_then(|last| Eligible::after(cells, last));
        next.or_else(|| Eligible::first(cells))
    }

    /// A server leaves the list, where `before` stands before it.
    pub fn leaving(&mut self, slot: u32, before: Option<u32>) {
        if self.last == Some(slot) {
            self.last = before;
        }
    }
}

impl Index for RoundRobin {
    type Cell = u64;

    const EMPTY: u64 = Eligible::EMPTY;

    fn cells(capacity: usize) -> usize {
        Eligible::cells(capacity)
    }

    fn set(&mut self, cells: &mut [u64], slot: u32, server: Option<&impl Candidate>) {
        self.servers.set(cells, slot, server);
    }

    fn renumber(&mut self, old: u32, new: impl Fn(u32) -> Option<u32>) {
        // As when it leaves alone: the position moves to the one before it.
        self.last = self.last.and_then(|last| (last..old).find_map(&new));
        self.servers.renumber(old, new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sched::testing::{
        Server,
        Site, //
    };
    use core::iter;
    use std::vec::Vec;

    /// A service with the round robin rule; servers are numbered from 1.
    struct Service {
        site: Site<RoundRobin>,
        next: u32,
    }

    impl Service {
        fn with(count: u32) -> Self {
            let mut service = Self {
                site: Site::new(64),
                next: 1,
            };
            (0..count).for_each(|_| service.add());
            service
        }

        fn add(&mut self) {
            self.site.set(self.next, Some(Server::new(1)));
            self.next += 1;
        }

        fn remove(&mut self, id: u32) {
            let list = self.site.list();
            let before = list.iter().rev().find(|entry| entry.0 > id);
            self.site.index.leaving(id, before.map(|entry| entry.0));
            self.site.set(id, None);
        }

        fn weight(&mut self, id: u32, weight: u32) {
            self.site.edit(id, |server| server.weight = weight);
        }

        fn next(&mut self) -> Option<u32> {
            let seen = self.site.index.peek(&self.site.cells);
            let picked = self.site.index.pick(&self.site.cells);
            assert_eq!(seen, picked);
            picked
        }

        fn take(&mut self, count: usize) -> Vec<u32> {
            iter::repeat_with(|| self.next().expect("an eligible server"))
                .take(count)
                .collect()
        }
    }

    /// Measured with ip_vs: servers 1, 2, 3, 4 in that order.
    #[test]
    fn the_newest_server_comes_first() {
        assert_eq!(Service::with(4).take(9), [4, 3, 2, 1, 4, 3, 2, 1, 4]);
    }

    /// Measured with ip_vs: the same after the weight of 3 became zero.
    #[test]
    fn weight_zero_is_passed_over() {
        let mut service = Service::with(4);
        assert_eq!(service.take(5), [4, 3, 2, 1, 4]);
        service.weight(3, 0);
        assert_eq!(service.take(6), [2, 1, 4, 2, 1, 4]);
    }

    #[test]
    fn an_overloaded_server_is_passed_over() {
        let mut service = Service::with(3);
        service.site.edit(2, |server| server.overloaded = true);
        assert_eq!(service.take(4), [3, 1, 3, 1]);
        service.site.edit(2, |server| server.overloaded = false);
        assert_eq!(service.take(4), [3, 2, 1, 3]);
    }

    #[test]
    fn the_position_is_looked_at_last() {
        let mut service = Service::with(3);
        assert_eq!(service.take(2), [3, 2]);
        service.weight(1, 0);
        service.weight(3, 0);
        assert_eq!(service.take(3), [2, 2, 2]);
    }

    #[test]
    fn nothing_eligible_keeps_the_position() {
        let mut service = Service::with(2);
        assert_eq!(service.take(1), [2]);
        service.weight(1, 0);
        service.weight(2, 0);
        assert_eq!(service.next(), None);
        service.weight(1, 1);
        service.weight(2, 1);
        assert_eq!(service.take(2), [1, 2]);
        assert_eq!(Service::with(0).next(), None);
    }

    #[test]
    fn removing_the_position_moves_it_back() {
        let mut service = Service::with(4);
        assert_eq!(service.take(2), [4, 3]);
        service.remove(3);
        assert_eq!(service.take(3), [2, 1, 4]);
        service.remove(4);
        assert_eq!(service.take(3), [2, 1, 2]);
    }

    #[test]
    fn removing_the_head_begins_anew_with_the_next_head() {
        let mut service = Service::with(2);
        assert_eq!(service.take(1), [2]);
        service.remove(2);
        service.add();
        assert_eq!(service.take(2), [3, 1]);
    }

    #[test]
    fn a_new_server_comes_up_after_the_wrap() {
        let mut service = Service::with(3);
        assert_eq!(service.take(2), [3, 2]);
        service.add();
        assert_eq!(service.take(5), [1, 4, 3, 2, 1]);
    }

    #[test]
    fn numbering_anew_keeps_the_position() {
        let mut service = Service::with(3);
        assert_eq!(service.take(2), [3, 2]);
        service.site.cells.fill(0);
        service.site.index.renumber(64, |slot| slot.checked_sub(1));
        (0..3).for_each(|slot| service.site.set(slot, Some(Server::new(1))));
        service.site.set(3, None);
        assert_eq!(service.take(4), [0, 2, 1, 0]);
    }
}
