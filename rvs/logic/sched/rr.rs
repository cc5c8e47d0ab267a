// SPDX-License-Identifier: GPL-2.0

//! Round robin: each server in its turn.

use super::Candidate;

/// Chooses the next server.
///
/// The scheduler keeps a position, the server that it chose last (the head of
/// the list at first). `after` walks from the one behind the position to the
/// end of the list, `from_head` from the head to the position, which is
/// therefore looked at last. `from_head` may as well walk the whole list: what
/// `after` has refused is refused again. A walk that wraps by itself is passed
/// as `after`, with [`core::iter::empty`] for the rest.
///
/// IPVS behaviour: the first eligible one is chosen and becomes the position;
/// new servers stand at the head of the list; when the server at the position
/// is taken away, the position moves to the one before it.
#[inline]
pub fn pick<D: Candidate>(
    after: impl Iterator<Item = D>,
    from_head: impl Iterator<Item = D>,
) -> Option<D> {
    after.chain(from_head).find(|dest| dest.eligible())
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::iter;
    use std::vec::Vec;

    struct Dest {
        id: u32,
        weight: u32,
        overloaded: bool,
    }

    impl Candidate for Dest {
        fn weight(&self) -> u32 {
            self.weight
        }

        fn overloaded(&self) -> bool {
            self.overloaded
        }

        fn active(&self) -> u32 {
            0
        }

        fn inactive(&self) -> u32 {
            0
        }
    }

    /// A service with the round robin rule; the newest server comes first.
    #[derive(Default)]
    struct Service {
        dests: Vec<Dest>,
        /// The server chosen last; `None` is the head of the list.
        position: Option<u32>,
    }

    impl Service {
        fn with(ids: &[u32]) -> Self {
            let mut service = Self::default();
            ids.iter().for_each(|id| service.add(*id));
            service
        }

        fn add(&mut self, id: u32) {
            self.dests.insert(
                0,
                Dest {
                    id,
                    weight: 1,
                    overloaded: false,
                },
            );
        }

        fn index(&self, id: u32) -> usize {
            let found = self.dests.iter().position(|dest| dest.id == id);
            found.expect("a server of the service")
        }

        fn remove(&mut self, id: u32) {
            let index = self.index(id);
            if self.position == Some(id) {
                self.position = index.checked_sub(1).map(|before| self.dests[before].id);
            }
            self.dests.remove(index);
        }

        fn get(&mut self, id: u32) -> &mut Dest {
            let index = self.index(id);
            &mut self.dests[index]
        }

        fn next(&mut self) -> Option<u32> {
            let split = self.position.map_or(0, |id| self.index(id) + 1);
            let (upto, after) = self.dests.split_at(split);
            let chosen = pick(after.iter(), upto.iter()).map(|dest| dest.id);
            let whole = pick(after.iter(), self.dests.iter()).map(|dest| dest.id);
            assert_eq!(chosen, whole, "walking the whole list is the same");
            let ring = after.iter().chain(upto);
            assert_eq!(chosen, pick(ring, iter::empty()).map(|dest| dest.id));
            self.position = chosen.or(self.position);
            chosen
        }

        fn take(&mut self, count: usize) -> Vec<u32> {
            iter::repeat_with(|| self.next())
                .take(count)
                .map(|chosen| chosen.expect("an eligible server"))
                .collect()
        }
    }

    /// Measured with ip_vs: servers 1, 2, 3, 4 in that order.
    #[test]
    fn the_newest_server_comes_first() {
        let mut service = Service::with(&[1, 2, 3, 4]);
        assert_eq!(service.take(9), [4, 3, 2, 1, 4, 3, 2, 1, 4]);
    }

    /// Measured with ip_vs: the same after the weight of 3 became zero.
    #[test]
    fn weight_zero_is_passed_over() {
        let mut service = Service::with(&[1, 2, 3, 4]);
        assert_eq!(service.take(5), [4, 3, 2, 1, 4]);
        service.get(3).weight = 0;
        assert_eq!(service.take(6), [2, 1, 4, 2, 1, 4]);
    }

    #[test]
    fn an_overloaded_server_is_passed_over() {
        let mut service = Service::with(&[1, 2, 3]);
        service.get(2).overloaded = true;
        assert_eq!(service.take(4), [3, 1, 3, 1]);
        service.get(2).overloaded = false;
        assert_eq!(service.take(4), [3, 2, 1, 3]);
    }

    #[test]
    fn the_position_is_looked_at_last() {
        let mut service = Service::with(&[1, 2, 3]);
        assert_eq!(service.take(2), [3, 2]);
        service.get(1).weight = 0;
        service.get(3).weight = 0;
        assert_eq!(service.take(3), [2, 2, 2]);
    }

    #[test]
    fn nothing_eligible_keeps_the_position() {
        let mut service = Service::with(&[1, 2]);
        assert_eq!(service.take(1), [2]);
        service.get(1).weight = 0;
        service.get(2).weight = 0;
        assert_eq!(service.next(), None);
        service.get(1).weight = 1;
        service.get(2).weight = 1;
        assert_eq!(service.take(2), [1, 2]);
        assert_eq!(Service::default().next(), None);
    }

    #[test]
    fn removing_the_position_moves_it_back() {
        let mut service = Service::with(&[1, 2, 3, 4]);
        assert_eq!(service.take(2), [4, 3]);
        service.remove(3);
        assert_eq!(service.take(3), [2, 1, 4]);
        service.remove(4);
        assert_eq!(service.take(3), [2, 1, 2]);
    }

    #[test]
    fn a_new_server_comes_up_after_the_wrap() {
        let mut service = Service::with(&[1, 2, 3]);
        assert_eq!(service.take(2), [3, 2]);
        service.add(4);
        assert_eq!(service.take(5), [1, 4, 3, 2, 1]);
    }
}
