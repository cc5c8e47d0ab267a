// SPDX-License-Identifier: GPL-2.0

//! Destination hashing: the destination address of a packet decides.

use super::table::{
    self,
    Entry,
    Fallback,
    Pick,
    Usable, //
};
use crate::logic::{
    addr::{
        Addr,
        Family, //
    },
    num, //
};

/// The size of the table of IPVS, as a power of two.
pub const IPVS_BITS: u32 = 8;

/// The largest table, as a power of two.
pub const MAX_BITS: u32 = 20;

/// The size of the table as a power of two: `wanted` places at least, and if that is 0, as many as IPVS
/// has, or enough for all servers when rvs is to choose.
pub fn bits(wanted: u32, servers: u32, exact: bool) -> u32 {
    let least = match (wanted, exact) {
        (0, true) => 0,
        (0, false) => servers.saturating_mul(4),
        (wanted, _) => return power(wanted).clamp(1, MAX_BITS),
    };
    power(least).clamp(IPVS_BITS, 16)
}

/// The smallest power of two that is not below `number`.
pub(super) fn power(number: u32) -> u32 {
    32u32.wrapping_sub(number.saturating_sub(1).leading_zeros())
}

/// Fills a table. `servers` walks the list.
///
/// IPVS behaviour: in turns, whatever the weights.
pub fn fill(table: &mut [u32], servers: impl Iterator<Item = Entry> + Clone) {
    let mut turns = servers.cycle();
    for place in table {
        *place = turns.next().map_or(table::NOWHERE, |server| server.slot);
    }
}

/// Looks up a packet to `target`.
pub fn pick(
    table: &[u32],
    fallback: Fallback,
    (family, target): (Family, &Addr),
    usable: &impl Usable,
) -> Pick {
    let size = num::saturating_u32(table.len());
    let bits = size.checked_ilog2().unwrap_or(0);
    let mask = size.wrapping_sub(1);
    let first = table::hash(table::fold(family, target), bits);
    // IPVS has no fallback; places one after the other would all fall to one server's neighbours.
    let next = |n: u32| {
        let mix = first
            .wrapping_add(n.wrapping_mul(0x9e37_79b9))
            .wrapping_add(1);
        (mix.wrapping_mul(0x85eb_ca6b) >> 7) & mask
    };
    let fallback = match fallback {
        Fallback::Brief => fallback,
        _ => Fallback::Never,
    };
    table::pick(table, fallback, first, next, usable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        vec,
        vec::Vec, //
    };

    fn entries(slots: &[u32]) -> Vec<Entry> {
        slots
            .iter()
            .map(|slot| Entry {
                slot: *slot,
                weight: 1,
                last_weight: 1,
                addr: Addr::UNSPECIFIED,
                port: 0,
            })
            .collect()
    }

    #[test]
    fn sizes() {
        assert_eq!(bits(0, 1000, true), 8);
        assert_eq!(bits(0, 10, false), 8);
        assert_eq!(bits(0, 1000, false), 12);
        assert_eq!(bits(0, u32::MAX, false), 16);
        assert_eq!(bits(256, 9, true), 8);
        assert_eq!(bits(257, 9, true), 9);
        assert_eq!(bits(1, 9, true), 1);
        assert_eq!(bits(u32::MAX, 9, true), MAX_BITS);
    }

    #[test]
    fn places_are_filled_in_turns() {
        let mut table = vec![0; 8];
        fill(&mut table, entries(&[5, 3, 2]).into_iter());
        assert_eq!(table, [5, 3, 2, 5, 3, 2, 5, 3]);
        fill(&mut table, entries(&[]).into_iter());
        assert_eq!(table, [table::NOWHERE; 8]);
    }

    #[test]
    fn falls_back_unless_exact() {
        let mut table = vec![0; 256];
        fill(&mut table, entries(&[1, 0]).into_iter());
        for last in 0..=255u8 {
            let target = Addr::from_v4([10, 1, 0, last]);
            let look =
                |fallback| pick(&table, fallback, (Family::Ipv4, &target), &|slot| slot == 1);
            let first = table[table::hash(0x0a01_0000 | u32::from(last), 8) as usize];
            let exact = if first == 1 {
                Pick::Slot(1)
            } else {
                Pick::Nobody
            };
            assert_eq!(look(Fallback::Whole), exact);
            assert!(matches!(
                look(Fallback::Brief),
                Pick::Slot(1) | Pick::Any(_)
            ));
        }
    }
}
