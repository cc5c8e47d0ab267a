// SPDX-License-Identifier: GPL-2.0

//! Tests of Maglev hashing.

use super::*;
use std::{
    collections::BTreeMap,
    vec,
    vec::Vec, //
};

fn entries(weights: &[u32]) -> Vec<Entry> {
    let entry = |(slot, weight): (usize, &u32)| Entry {
        slot: slot as u32,
        weight: *weight,
        last_weight: *weight,
        addr: Addr::from_v4([10, 9, (slot >> 8) as u8, slot as u8]),
        port: 80,
    };
    weights.iter().enumerate().map(entry).rev().collect()
}

fn table(servers: &[Entry], size: u32) -> Vec<u32> {
    let mut table = vec![0; size as usize];
    let mut all = vec![Claim::default(); servers.len()];
    claims(
        &mut all,
        (size, false),
        Family::Ipv4,
        servers.iter().copied(),
    );
    fill(&mut table, &mut all);
    table
}

fn shares(table: &[u32]) -> BTreeMap<u32, usize> {
    let mut shares = BTreeMap::new();
    for slot in table {
        *shares.entry(*slot).or_default() += 1;
    }
    shares
}

#[test]
fn sizes() {
    assert_eq!(size(0, 3, true), Some(4093));
    assert_eq!(size(0, 5000, true), None);
    assert_eq!(size(0, 2, false), Some(4093));
    assert_eq!(size(0, 3, false), Some(131_071));
    assert_eq!(size(0, 1000, false), Some(262_139));
    assert_eq!(size(0, u32::MAX, false), None);
    assert_eq!(size(1, 3, true), Some(251));
    assert_eq!(size(252, 3, false), Some(509));
    assert_eq!(size(u32::MAX, 3, false), Some(1_048_573));
}

#[test]
fn all_places_are_taken_by_weight() {
    let shares = shares(&table(&entries(&[1, 2, 4, 0]), 4093));
    assert_eq!(shares.len(), 3);
    for (slot, wanted) in [(0, 4093 / 7), (1, 4093 * 2 / 7), (2, 4093 * 4 / 7)] {
        assert!(
            shares[&slot].abs_diff(wanted) <= 4,
            "{slot}: {}",
            shares[&slot]
        );
    }
}

#[test]
fn without_weights_the_table_is_empty() {
    assert_eq!(table(&entries(&[0, 0]), 251), vec![table::NOWHERE; 251]);
    assert_eq!(table(&entries(&[]), 251), vec![table::NOWHERE; 251]);
    let client = Endpoint::new(Addr::from_v4([10, 0, 0, 1]), 1);
    let looked = pick(&table(&[], 251), 0, (Family::Ipv4, &client), &|_| true);
    assert_eq!(looked, Pick::Nobody);
}

#[test]
fn huge_weights_take_turns_all_the_same() {
    let shares = shares(&table(&entries(&[1, 1_000_000_000]), 251));
    // 14 to 1: the weights lost 26 bits.
    assert!((16..=17).contains(&shares[&0]), "{}", shares[&0]);
}

/// The share of places that led to `gone` or moved although they did not.
fn moved(servers: &[Entry], gone: usize, size: u32) -> (f64, f64) {
    let before = table(servers, size);
    let mut rest = servers.to_vec();
    let leaving = rest.remove(gone).slot;
    let after = table(&rest, size);
    let pairs = || before.iter().zip(&after);
    let lost = pairs().filter(|(old, _)| **old == leaving).count();
    let moved = pairs().filter(|(old, new)| old != new).count();
    (
        lost as f64 / f64::from(size),
        moved as f64 / f64::from(size),
    )
}

/// Two of these servers have walks with the same step.
#[test]
fn the_same_step_does_not_matter() {
    let server = |slot: u32| Entry {
        slot,
        weight: 1,
        last_weight: 1,
        addr: Addr::from_v4([10, 146, 0, slot as u8]),
        port: 80,
    };
    let servers: Vec<Entry> = (0..16).rev().map(server).collect();
    let mut exact = vec![Claim::default(); servers.len()];
    let size = size(0, 16, false).expect("a size");
    claims(
        &mut exact,
        (size, true),
        Family::Ipv4,
        servers.iter().copied(),
    );
    let mut steps: Vec<u32> = exact.iter().map(|claim| claim.skip).collect();
    steps.sort_unstable();
    steps.dedup();
    assert_eq!(steps.len(), 15);
    for gone in 0..16 {
        let (lost, moved) = moved(&servers, gone, size);
        assert!(moved <= lost + 0.01, "{gone}: {moved} instead of {lost}");
    }
}

#[test]
fn orders_visit_every_place() {
    for size in SIZES {
        for odd in [1, 3, 0x9e37_79b1, u32::MAX] {
            let mut seen = vec![false; size as usize];
            for at in 0..size {
                seen[Order::Mixed(odd).place(at, size) as usize] = true;
            }
            assert!(seen.iter().all(|seen| *seen), "{size}, {odd}");
        }
    }
}

#[test]
fn few_flows_move_when_a_server_leaves() {
    for count in [2u32, 3, 4, 5, 10, 20, 40, 100, 300] {
        let size = size(0, count, false).expect("a size");
        let servers = entries(&vec![1; count as usize]);
        for gone in [0, count / 3, count - 1] {
            let (_, moved) = moved(&servers, gone as usize, size);
            let bound = 1.0 / f64::from(count) + 0.01;
            assert!(moved <= bound, "{count} servers, size {size}: {moved}");
        }
    }
}
