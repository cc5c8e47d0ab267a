// SPDX-License-Identifier: GPL-2.0

//! Maglev hashing (Eisenbud and others, 2016): like [`super::sh`], but when a
//! server comes or goes nearly all flows of the others stay where they are.

use super::{
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
        Addr,
        Endpoint,
        Family, //
    },
    hash::{
        HashKey,
        SipHash13, //
    },
    num, //
};

/// The sizes that a table may have. IPVS knows the first ten.
const SIZES: [u32; 13] = [
    251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131_071, 262_139, 524_287, 1_048_573,
];

/// The size of the table of IPVS, as Debian builds it.
pub const IPVS_SIZE: u32 = 4093;

/// How many places each server gets at least if rvs chooses the size. With fewer, more than one flow in a hundred
/// moves without need when a server leaves.
const PLACES: u32 = 200;

/// So many servers are served well enough by the size of IPVS: the one that stays takes all.
const FEW: u32 = 2;

/// The size for more than [`FEW`].
const MANY_SIZE: u32 = 131_071;

/// IPVS behaviour: the keys of the two hashes, which are the same everywhere.
const KEYS: [u64; 2] = [2_654_435_761, 2_654_446_892];

/// The size of the table: `wanted` places at least, and if that is 0, as many as IPVS has, or enough for
/// all servers when rvs is to choose. `None` if there are more servers than places.
pub fn size(wanted: u32, servers: u32, exact: bool) -> Option<u32> {
    let least = match (wanted, exact) {
        (0, true) => IPVS_SIZE,
        (0, false) if servers <= FEW => IPVS_SIZE,
        (0, false) => servers.saturating_mul(PLACES).max(MANY_SIZE),
        (wanted, _) => wanted,
    };
    let [.., largest] = SIZES;
    let fits = SIZES.into_iter().find(|size| *size >= least);
    Some(fits.unwrap_or(largest)).filter(|size| *size >= servers)
}

/// IPVS behaviour: the hash of an address and a port, `n` more than they.
fn hash(key: usize, family: Family, addr: &Addr, port: u16, n: u32) -> u32 {
    let key = KEYS.get(key).copied().unwrap_or(0);
    let number = n
        .wrapping_add(u32::from(port))
        .wrapping_add(table::fold(family, addr));
    let hash = SipHash13::new(&HashKey { k0: key, k1: key }).finish(u64::from(number), 4);
    num::low32(hash)
}

/// A server while its table is being filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Claim {
    slot: u32,
    /// Where the walk over all places is, which gives the place that it wants next.
    at: u32,
    /// From one step of the walk to the next.
    skip: u32,
    /// How many places it takes each time.
    turns: u32,
    /// How its steps become places.
    order: Order,
}

/// How the steps of a server's walk become places.
///
/// With the order of IPVS two servers whose walks have the same step (a chance of 1 to the size for each pair)
/// follow each other through the table: one takes what the other wants next, so that much moves when
/// either leaves. Orders that are mixed differ from each other all along.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Order {
    /// IPVS behaviour: each step is the place.
    #[default]
    Steps,
    /// A bijection of the server's own; the number is odd.
    Mixed(u32),
}

impl Order {
    /// The place of step `at` of a table of `size` places; different steps have different places.
    fn place(self, at: u32, size: u32) -> u32 {
        let Order::Mixed(odd) = self else {
            return at;
        };
        let mut place = at;
        loop {
            place = mix(place, odd, size);
            // The orbit of a number below the size comes back below it, at the latest at that number.
            if place < size {
                return place;
            }
        }
    }
}

/// A bijection of the numbers up to the power of two that `size` needs.
fn mix(number: u32, odd: u32, size: u32) -> u32 {
    let bits = 32u32.wrapping_sub(size.leading_zeros());
    let mask = u32::MAX.wrapping_shr(32u32.wrapping_sub(bits));
    let round = |number: u32| {
        let product = number.wrapping_mul(odd) & mask;
        product ^ product.wrapping_shr(bits / 2)
    };
    round(round(number))
}

/// Prepares the claims of `servers`, which walks the list; there is one in `claims` for each. With `exact`
/// their orders are those of IPVS.
pub fn claims(
    claims: &mut [Claim],
    (size, exact): (u32, bool),
    family: Family,
    servers: impl Iterator<Item = Entry> + Clone,
) {
    let weights = servers.clone().map(|server| server.last_weight);
    let divisor = weights.clone().fold(0, super::wrr::gcd);
    let most = weights.max().unwrap_or(0);
    let shift = shift(most.checked_div(divisor).unwrap_or(0), size);
    for (claim, server) in claims.iter_mut().zip(servers) {
        let offset = hash(0, family, &server.addr, server.port, 0);
        let skip = hash(1, family, &server.addr, server.port, 0);
        let turns = server
            .last_weight
            .checked_div(divisor)
            .unwrap_or(0)
            .wrapping_shr(shift);
        *claim = Claim {
            slot: server.slot,
            at: offset.checked_rem(size).unwrap_or(0),
            skip: skip
                .checked_rem(size.wrapping_sub(1))
                .unwrap_or(0)
                .wrapping_add(1),
            turns: turns.max(u32::from(server.last_weight != 0)),
            order: match exact {
                true => Order::Steps,
                false => Order::Mixed(hash(1, family, &server.addr, server.port, 1) | 1),
            },
        };
    }
}

/// IPVS behaviour: large weights are divided by a power of two, so that nobody takes too many places at a time.
fn shift(most: u32, size: u32) -> u32 {
    let bits = 32u32.wrapping_sub(most.leading_zeros());
    // IPVS takes half of the number of its size, which is that of the power of two above it.
    let index = 32u32.wrapping_sub(size.leading_zeros());
    bits.saturating_sub(index / 2).min(31)
}

/// Fills a table, whose length is the size that [`claims`] was given: each server in its turn takes the
/// next place of its own order that is still free.
pub fn fill(table: &mut [u32], claims: &mut [Claim]) {
    table.fill(table::NOWHERE);
    let mut left = table.len();
    if claims.iter().all(|claim| claim.turns == 0) {
        return;
    }
    loop {
        for claim in claims.iter_mut() {
            for _ in 0..claim.turns {
                if left == 0 {
                    return;
                }
                take(table, claim);
                left = left.wrapping_sub(1);
            }
        }
    }
}

/// Takes one place; there is a free one.
fn take(table: &mut [u32], claim: &mut Claim) {
    let size = num::saturating_u32(table.len());
    // A prime size: each walk visits every place.
    for _ in 0..size {
        let place = table.get_mut(num::index(claim.order.place(claim.at, size)));
        claim.at = claim.at.wrapping_add(claim.skip);
        if claim.at >= size {
            claim.at = claim.at.wrapping_sub(size);
        }
        match place {
            Some(place) if *place == table::NOWHERE => {
                *place = claim.slot;
                return;
            }
            _ => {}
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
    let port = match flags & FLAG_PORT {
        0 => 0,
        _ => client.port,
    };
    let place = |n: u32| {
        let hash = hash(0, family, &client.addr, port, n);
        hash.checked_rem(size).unwrap_or(0)
    };
    let first = place(0);
    // IPVS behaviour.
    let next = |n: u32| place(n.wrapping_add(first).checked_rem(size).unwrap_or(0));
    table::pick(table, Fallback::from_flags(flags), first, next, usable)
}

#[cfg(test)]
mod tests;
