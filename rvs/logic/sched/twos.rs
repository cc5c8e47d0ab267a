// SPDX-License-Identifier: GPL-2.0

//! Two random choices in proportion to the weights; the less loaded one wins.
//!
//! The cells are a tree in an array like that of [`super::ranking`] whose nodes
//! hold sums of weights, so a place in the sum of all leads to its server
//! without a walk.

use super::{
    Candidate,
    Index, //
};
use crate::logic::num;

/// The index of the rule: sums of weights.
#[derive(Default)]
pub struct Twos;

impl Twos {
    /// The two servers that `random`, all of whose bits count, chooses.
    ///
    /// IPVS behaviour: both places are drawn from 0 to the sum of all weights, inclusively, so that the first server
    /// of the list has one chance more than its weight.
    pub fn draw(cells: &[u64], random: [u64; 2]) -> Option<[u32; 2]> {
        let total = *cells.get(1)?;
        let [a, b] = random;
        Some([find(cells, place(total, a))?, find(cells, place(total, b))?])
    }
}

/// Which of two drawn servers gets the connection: whether it is the second.
///
/// IPVS behaviour: an active connection counts as much as 257 inactive ones.
#[inline]
pub fn second_is_better(first: &impl Candidate, second: &impl Candidate) -> bool {
    let first_load = u128::from(first.load());
    let second_load = u128::from(second.load());
    u128::from(second.weight()) * first_load > u128::from(first.weight()) * second_load
}

/// A number from 0 to `total`, both included.
fn place(total: u64, random: u64) -> u64 {
    let wide = u128::from(total.saturating_add(1)) * u128::from(random);
    // Less than the first factor, which fits.
    u64::try_from(wide >> 64).unwrap_or(total)
}

/// The first server, in the order of the list, up to which the weights add up to `place`.
fn find(cells: &[u64], place: u64) -> Option<u32> {
    let half = cells.len() / 2;
    let mut place = place.max(1);
    if *cells.get(1)? < place {
        return None;
    }
    let mut at = 1usize;
    while at < half {
        // The right child holds the higher slots, which stand first.
        at = at.wrapping_mul(2).wrapping_add(1);
        let right = *cells.get(at)?;
        if right < place {
            place = place.wrapping_sub(right);
            at ^= 1;
        }
    }
    Some(num::saturating_u32(at.wrapping_sub(half)))
}

impl Index for Twos {
    type Cell = u64;

    const EMPTY: u64 = 0;

    fn cells(capacity: usize) -> usize {
        capacity.saturating_mul(2)
    }

    fn set(&mut self, cells: &mut [u64], slot: u32, server: Option<&impl Candidate>) {
        let server = server.filter(|server| server.eligible());
        let weight = server.map_or(0, |server| u64::from(server.weight()));
        let mut at = (cells.len() / 2).wrapping_add(num::index(slot));
        let Some(leaf) = cells.get_mut(at) else {
            return;
        };
        let change = weight.wrapping_sub(*leaf);
        if change == 0 {
            return;
        }
        while at > 0 {
            if let Some(sum) = cells.get_mut(at) {
                *sum = sum.wrapping_add(change);
            }
            at >>= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sched::testing::{
        Server,
        Site, //
    };

    #[test]
    fn a_place_leads_to_its_server() {
        let mut site = Site::<Twos>::with(&[1, 0, 3, 2].map(Server::new));
        let found =
            |site: &Site<Twos>| [0, 1, 2, 3, 4, 5, 6, 7].map(|place| find(&site.cells, place));
        let wanted = [3, 3, 3, 2, 2, 2, 0].map(Some);
        assert_eq!(found(&site)[..7], wanted);
        assert_eq!(found(&site)[7], None);
        site.set(2, Some(Server::new(3).over()));
        assert_eq!(
            found(&site)[..5],
            [Some(3), Some(3), Some(3), Some(0), None]
        );
        site.set(3, None);
        assert_eq!(found(&site)[..3], [Some(0), Some(0), None]);
        site.set(0, None);
        assert_eq!(find(&site.cells, 0), None);
        assert_eq!(Twos::draw(&site.cells, [0, u64::MAX]), None);
    }

    #[test]
    fn all_random_bits_count() {
        assert_eq!(place(9, 0), 0);
        assert_eq!(place(9, u64::MAX), 9);
        assert_eq!(place(9, u64::MAX / 2), 4);
        let site = Site::<Twos>::with(&[5, 5].map(Server::new));
        assert_eq!(Twos::draw(&site.cells, [0, u64::MAX]), Some([1, 0]));
    }

    #[test]
    fn load_is_compared_by_weight() {
        let light = Server::new(1).with(1, 0);
        assert!(second_is_better(&light, &Server::new(3).with(2, 0)));
        assert!(!second_is_better(&light, &Server::new(3).with(3, 0)));
        assert!(!second_is_better(&light, &light));
    }
}
