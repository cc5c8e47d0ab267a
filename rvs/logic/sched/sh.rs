// SPDX-License-Identifier: GPL-2.0

//! Source hashing: the client's address decides, and its port if that is asked for.

use super::{
    dh,
    table::{
        self,
        Entry,
        Fallback,
        Pick,
        Usable, //
    },
    FLAG_PORT, //
};
use crate::logic::{
    addr::{
        Endpoint,
        Family, //
    },
    num, //
};

/// The size of the table as a power of two: `wanted` places at least, and if that is 0, as many as IPVS
/// has, or enough for all weights when rvs is to choose.
pub fn bits(wanted: u32, weights: u64, exact: bool) -> u32 {
    dh::bits(wanted, u32::try_from(weights).unwrap_or(u32::MAX), exact)
}

/// What the weights add up to in units of their greatest common divisor, which is what counts for the size.
pub fn sum(servers: impl Iterator<Item = Entry> + Clone) -> (u64, u32) {
    let weights = servers.map(|server| server.weight);
    let divisor = weights.clone().fold(0, super::wrr::gcd).max(1);
    let sum = weights.map(|weight| u64::from(turns(weight, divisor)));
    (sum.fold(0, u64::saturating_add), divisor)
}

/// How many places a server takes each time.
fn turns(weight: u32, divisor: u32) -> u32 {
    weight.checked_div(divisor).unwrap_or(weight).max(1)
}

/// Fills a table. `servers` walks the list; weights are in units of `divisor` (1 for IPVS).
///
/// IPVS behaviour: each server takes as many places as its weight says, one after the other; weight 0 takes one.
pub fn fill(table: &mut [u32], servers: impl Iterator<Item = Entry> + Clone, divisor: u32) {
    let mut cycle = servers.cycle();
    let mut server = cycle.next();
    let mut taken = 0;
    for place in table {
        let Some(current) = server else {
            *place = table::NOWHERE;
            continue;
        };
        *place = current.slot;
        taken = 1u32.wrapping_add(taken);
        if taken >= turns(current.weight, divisor) {
            taken = 0;
            server = cycle.next();
        }
    }
}

/// Looks up a connection of `client`.
pub fn pick(
    table: &[u32],
    flags: u32,
    (family, client): (Family, &Endpoint),
    usable: &impl Usable,
) -> Pick {
    let size = num::saturating_u32(table.len());
    let bits = size.checked_ilog2().unwrap_or(0);
    let mask = size.wrapping_sub(1);
    let port = match flags & FLAG_PORT {
        0 => 0,
        _ => u32::from(client.port),
    };
    let number = table::fold(family, &client.addr);
    let first = table::hash(port.wrapping_add(number), bits);
    // IPVS behaviour: the walk begins at twice the first place, not behind it.
    let next = |n: u32| (n.wrapping_add(first) & mask).wrapping_add(first) & mask;
    table::pick(table, Fallback::from_flags(flags), first, next, usable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::{
        addr::Addr,
        sched::{
            FLAG_EXACT,
            FLAG_FALLBACK, //
        }, //
    };
    use std::{
        vec,
        vec::Vec, //
    };

    fn entries(weights: &[u32]) -> Vec<Entry> {
        let entry = |(slot, weight): (usize, &u32)| Entry {
            slot: slot as u32,
            weight: *weight,
            last_weight: *weight,
            addr: Addr::UNSPECIFIED,
            port: 0,
        };
        weights.iter().enumerate().map(entry).rev().collect()
    }

    #[test]
    fn weights_take_places() {
        let mut table = vec![0; 8];
        fill(&mut table, entries(&[2, 0, 3]).into_iter(), 1);
        assert_eq!(table, [2, 2, 2, 1, 0, 0, 2, 2]);
        fill(&mut table, entries(&[]).into_iter(), 1);
        assert_eq!(table, [table::NOWHERE; 8]);
    }

    #[test]
    fn common_factors_do_not_count() {
        assert_eq!(sum(entries(&[100, 200, 0]).into_iter()), (4, 100));
        assert_eq!(sum(entries(&[]).into_iter()), (0, 1));
        let mut table = vec![0; 4];
        fill(&mut table, entries(&[100, 200, 0]).into_iter(), 100);
        assert_eq!(table, [2, 1, 1, 0]);
    }

    #[test]
    fn the_port_counts_if_asked() {
        let mut table = vec![0; 256];
        fill(&mut table, entries(&[1, 1, 1]).into_iter(), 1);
        let look = |flags, port| {
            let client = Endpoint::new(Addr::from_v4([10, 0, 0, 2]), port);
            pick(&table, flags, (Family::Ipv4, &client), &|_| true)
        };
        let spread = |flags| (0..100).any(|port| look(flags, port) != look(flags, 0));
        assert!(!spread(0));
        assert!(spread(FLAG_PORT));
    }

    #[test]
    fn fallback_begins_at_twice_the_place() {
        let mut table: Vec<u32> = (0..256).collect();
        let client = Endpoint::new(Addr::from_v4([10, 0, 0, 2]), 0);
        let first = table::hash(0x0a00_0002, 8);
        let look = |table: &[u32], flags, dead: &[u32]| {
            pick(table, flags, (Family::Ipv4, &client), &|slot| {
                !dead.contains(&slot)
            })
        };
        assert_eq!(look(&table, FLAG_EXACT, &[]), Pick::Slot(first));
        assert_eq!(look(&table, FLAG_EXACT, &[first]), Pick::Nobody);
        let second = first * 2 % 256;
        for flags in [FLAG_EXACT | FLAG_FALLBACK, 0] {
            assert_eq!(look(&table, flags, &[first]), Pick::Slot(second));
            let third = (second + 1) % 256;
            assert_eq!(look(&table, flags, &[first, second]), Pick::Slot(third));
        }
        table.fill(9);
        assert_eq!(look(&table, FLAG_EXACT | FLAG_FALLBACK, &[9]), Pick::Nobody);
        assert!(matches!(look(&table, 0, &[9]), Pick::Any(_)));
    }
}
