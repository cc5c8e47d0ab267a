// SPDX-License-Identifier: GPL-2.0

//! Somebody who knows every line of the code but not the key of a table, and who chooses the addresses
//! and ports of a flood, cannot make a chain of the table longer than chance does.
//!
//! The keys are the same in every run, so that a run that passed passes again.

use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol,
        Tuple, //
    },
    hash::{
        endpoint_hash,
        tuple_hash,
        HashKey, //
    },
};

/// The table: as many chains, and as many flows in it, as it has before it grows.
const BITS: u32 = 12;
const FLOWS: usize = 1 << BITS;
/// The longest chain of so many flows, thrown at random, is 7 most often; 15 and more are met once in a
/// billion floods.
const CHANCE: usize = 14;
/// How many real keys each flood is tried under.
const KEYS: u64 = 24;

/// Another word for each number, as a random source would give (SplitMix64).
fn scrambled(number: u64) -> u64 {
    let mut word = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn key(number: u64) -> HashKey {
    HashKey {
        k0: scrambled(2 * number + 1),
        k1: scrambled(2 * number + 2),
    }
}

/// The keys that the attacked tables have.
fn secrets() -> impl Iterator<Item = HashKey> {
    (100..100 + KEYS).map(key)
}

fn addr(family: Family, high: u32, low: u32) -> Addr {
    match family {
        Family::Ipv4 => Addr::from_v4((high ^ low).to_be_bytes()),
        Family::Ipv6 => {
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&[0x20, 1]);
            bytes[8..12].copy_from_slice(&high.to_be_bytes());
            bytes[12..].copy_from_slice(&low.to_be_bytes());
            Addr::from_v6(bytes)
        }
    }
}

/// The flow from this address and port to the service that is attacked.
fn flow(family: Family, source: Addr, port: u16) -> Tuple {
    let target = match family {
        Family::Ipv4 => Addr::from_v4([192, 0, 2, 1]),
        Family::Ipv6 => addr(family, 0, 1),
    };
    Tuple {
        family,
        protocol: Protocol::TCP,
        src: Endpoint::new(source, port),
        dst: Endpoint::new(target, 443),
    }
}

/// The chain of a flow: the high bits of its hash, as in `rvs/sys/hash/buckets.rs`.
fn chain(hash: u32, bits: u32) -> usize {
    (hash >> (32 - bits)) as usize
}

/// The longest chain of these hashes.
fn longest(hashes: impl Iterator<Item = u32>) -> usize {
    let mut chains = vec![0; 1 << BITS];
    for hash in hashes {
        chains[chain(hash, BITS)] += 1;
    }
    chains.into_iter().max().unwrap_or(0)
}

fn under(key: &HashKey, flows: &[Tuple]) -> usize {
    longest(flows.iter().map(|flow| tuple_hash(key, flow)))
}

/// Flows whose hashes under a known key are all in the first of as many chains as there are in
/// this many bits.
fn colliding(family: Family, known: &HashKey, bits: u32) -> Vec<Tuple> {
    let flows = (0..u32::MAX).map(|number| {
        let high = 0x0a00_0000 | (number >> 14);
        flow(
            family,
            addr(family, high, 0),
            (number & 0x3fff) as u16 + 1024,
        )
    });
    let flows = flows.filter(|flow| chain(tuple_hash(known, flow), bits) == 0);
    flows.take(FLOWS).collect()
}

#[test]
fn with_the_key_one_chain_takes_all() {
    for family in [Family::Ipv4, Family::Ipv6] {
        let known = key(0);
        let flows = colliding(family, &known, 8);
        assert!(
            under(&known, &flows) > 8 * CHANCE,
            "the attack itself works"
        );
        let all = flows.iter().map(|flow| tuple_hash(&known, flow));
        assert!(all.clone().all(|hash| chain(hash, 8) == 0));
    }
}

#[test]
fn what_collides_under_one_key_does_not_under_another() {
    // Those that somebody would guess, and one that was learned from another machine.
    let ones = HashKey {
        k0: u64::MAX,
        k1: u64::MAX,
    };
    for known in [HashKey::default(), ones, key(0)] {
        for family in [Family::Ipv4, Family::Ipv6] {
            let flows = colliding(family, &known, 8);
            for (number, secret) in secrets().enumerate() {
                let most = under(&secret, &flows);
                assert!(
                    most <= CHANCE,
                    "{family:?}, key {number}: a chain of {most}"
                );
            }
        }
    }
}

#[test]
fn a_key_that_differs_in_one_bit_is_another_key() {
    let known = key(0);
    let flows = colliding(Family::Ipv4, &known, 8);
    for bit in 0..128 {
        let flipped = 1u128 << bit;
        let secret = HashKey {
            k0: known.k0 ^ flipped as u64,
            k1: known.k1 ^ (flipped >> 64) as u64,
        };
        let most = under(&secret, &flows);
        assert!(most <= CHANCE, "bit {bit}: a chain of {most}");
    }
}

/// Floods that differ in a few bits of the input only, which a weak hash would not spread.
fn regular_floods(family: Family) -> Vec<(String, Vec<Tuple>)> {
    let number = 0..FLOWS as u32;
    let ports = number
        .clone()
        .map(|n| flow(family, addr(family, 7, 9), n as u16 * 16));
    let mut floods = vec![("ports of one address".to_owned(), ports.collect())];
    for shift in [0, 4, 8, 12, 16, 20] {
        let sources = number
            .clone()
            .map(|n| flow(family, addr(family, 0, n << shift), 4242));
        floods.push((format!("addresses, shifted by {shift}"), sources.collect()));
    }
    let both = number.map(|n| flow(family, addr(family, n, n << 16), n as u16 ^ 0xa5a5));
    floods.push(("address and port together".to_owned(), both.collect()));
    floods
}

#[test]
fn regular_addresses_and_ports_are_spread() {
    for family in [Family::Ipv4, Family::Ipv6] {
        for (name, flows) in regular_floods(family) {
            for (number, secret) in secrets().enumerate() {
                let most = under(&secret, &flows);
                assert!(
                    most <= CHANCE,
                    "{family:?}, {name}, key {number}: a chain of {most}"
                );
            }
        }
    }
}

/// Whoever could tell by the time of an answer which flows met in one chain would keep those and add
/// others that differ from them in the same way. It does not help: what differs alike does not meet
/// alike.
#[test]
fn what_was_learned_of_some_flows_says_nothing_of_others() {
    for secret in secrets().take(3) {
        let met = colliding(Family::Ipv4, &secret, 8);
        for offset in [1u32, 2, 256, 0x0001_0000, 0x0100_0000] {
            let moved: Vec<Tuple> = met
                .iter()
                .map(|flow| Tuple {
                    src: Endpoint::new(
                        Addr::from_v4(
                            (flow.src.addr.v4_word().swap_bytes() ^ offset).to_be_bytes(),
                        ),
                        flow.src.port,
                    ),
                    ..*flow
                })
                .collect();
            let most = under(&secret, &moved);
            assert!(most <= CHANCE, "{offset:#x}: a chain of {most}");
        }
    }
}

#[test]
fn clients_and_servers_cannot_be_chosen_to_meet_either() {
    for family in [Family::Ipv4, Family::Ipv6] {
        let known = HashKey::default();
        let hash = |key: &HashKey, n: u32| {
            endpoint_hash(key, family, Endpoint::new(addr(family, 0x0a00_0000, n), 0))
        };
        let chosen: Vec<u32> = (0..u32::MAX)
            .filter(|n| chain(hash(&known, *n), 8) == 0)
            .take(FLOWS)
            .collect();
        assert!(longest(chosen.iter().map(|n| hash(&known, *n))) > 8 * CHANCE);
        for secret in secrets() {
            let most = longest(chosen.iter().map(|n| hash(&secret, *n)));
            assert!(most <= CHANCE, "{family:?}: a chain of {most}");
        }
    }
}
