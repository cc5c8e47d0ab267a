// SPDX-License-Identifier: GPL-2.0

//! Keyed hashing of flows, services and servers.
//!
//! Attackers choose the tuples, so the hash of every table that packets fill is SipHash (Aumasson
//! and Bernstein, 2012) under a random key. Short fixed messages are fed as whole
//! words, without a loop over bytes; the result is exactly the standard
//! function of the message that each function names, so it can be checked
//! against any other implementation.

use super::{
    addr::{
        Endpoint,
        Family,
        Protocol,
        Tuple, //
    },
    num, //
};

/// The random key of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HashKey {
    /// The first half.
    pub k0: u64,
    /// The second half.
    pub k1: u64,
}

/// The state of SipHash-`C`-`D`: `C` rounds per word, `D` at the end.
#[derive(Clone, Copy, Debug)]
pub struct SipHash<const C: usize, const D: usize> {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,
}

/// The variant of all tables of rvs.
pub type SipHash13 = SipHash<1, 3>;

/// The variant of the original paper, which ip_vs uses.
pub type SipHash24 = SipHash<2, 4>;

impl<const C: usize, const D: usize> SipHash<C, D> {
    /// Begins a message.
    #[inline]
    pub const fn new(key: &HashKey) -> Self {
        Self {
            v0: key.k0 ^ 0x736f_6d65_7073_6575,
            v1: key.k1 ^ 0x646f_7261_6e64_6f6d,
            v2: key.k0 ^ 0x6c79_6765_6e65_7261,
            v3: key.k1 ^ 0x7465_6462_7974_6573,
        }
    }

    #[inline]
    fn round(&mut self) {
        self.v0 = self.v0.wrapping_add(self.v1);
        self.v1 = self.v1.rotate_left(13) ^ self.v0;
        self.v0 = self.v0.rotate_left(32);
        self.v2 = self.v2.wrapping_add(self.v3);
        self.v3 = self.v3.rotate_left(16) ^ self.v2;
        self.v0 = self.v0.wrapping_add(self.v3);
        self.v3 = self.v3.rotate_left(21) ^ self.v0;
        self.v2 = self.v2.wrapping_add(self.v1);
        self.v1 = self.v1.rotate_left(17) ^ self.v2;
        self.v2 = self.v2.rotate_left(32);
    }

    /// Adds eight bytes of the message, given as a little-endian word.
    #[inline]
    #[must_use]
    pub fn word(mut self, word: u64) -> Self {
        self.v3 ^= word;
        for _ in 0..C {
            self.round();
        }
        self.v0 ^= word;
        self
    }

    /// Ends a message of `len` bytes.
    ///
    /// `tail` holds the bytes after the last whole word, at most seven.
    #[inline]
    pub fn finish(self, tail: u64, len: u8) -> u64 {
        let mut state = self.word(tail | (u64::from(len) << 56));
        state.v2 ^= 0xff;
        for _ in 0..D {
            state.round();
        }
        state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    /// Hashes a message of any length.
    pub fn bytes(key: &HashKey, message: &[u8]) -> u64 {
        let mut state = Self::new(key);
        let mut words = message.chunks_exact(8);
        for chunk in words.by_ref() {
            state = state.word(little_endian(chunk));
        }
        let [len, ..] = num::wide(message.len()).to_le_bytes();
        state.finish(little_endian(words.remainder()), len)
    }
}

/// At most eight bytes as a little-endian number.
#[inline]
fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// Folds a hash so that each half of it counts in every bit.
#[inline]
const fn fold(hash: u64) -> u32 {
    num::low32(hash) ^ num::high32(hash)
}

/// The bytes of an address, as little-endian words, into the message.
///
/// An IPv4 address is only half a word, so its callers place it themselves.
#[inline]
fn feed_v6(state: SipHash13, endpoint: &Endpoint) -> SipHash13 {
    let [first, second] = endpoint.addr.words();
    state.word(first.to_le()).word(second.to_le())
}

/// The IPv4 address of an endpoint as a little-endian number.
#[inline]
fn v4(endpoint: &Endpoint) -> u64 {
    u64::from(endpoint.addr.v4_word().to_le())
}

/// Hashes a flow: SipHash-1-3 of source address, destination address, source
/// port, destination port (both little-endian), protocol, family and a zero.
///
/// That is 15 bytes (two words) for IPv4 and 39 bytes (five words) for IPv6.
///
/// Inlined always: most often the tuple is not in memory, but about to be put together.
#[inline(always)]
pub fn tuple_hash(key: &HashKey, t: &Tuple) -> u32 {
    let tail = u64::from(t.src.port)
        | (u64::from(t.dst.port) << 16)
        | (u64::from(t.protocol.0) << 32)
        | (u64::from(t.family.af()) << 40);
    let state = SipHash13::new(key);
    fold(match t.family {
        Family::Ipv4 => state.word(v4(&t.src) | (v4(&t.dst) << 32)).finish(tail, 15),
        Family::Ipv6 => feed_v6(feed_v6(state, &t.src), &t.dst).finish(tail, 39),
    })
}

/// Hashes the key of a service: one multiplication under the key for each word of the address.
///
/// Administrators choose which services there are, not attackers, who therefore cannot make the chains
/// of that table long. It is searched for each new connection, so it has a hash that is cheap.
#[inline]
pub fn service_hash(key: &HashKey, family: Family, protocol: Protocol, dst: Endpoint) -> u32 {
    let rest = u64::from(dst.port) | (u64::from(protocol.0) << 16) | (u64::from(family.af()) << 24);
    let [first, second] = dst.addr.words();
    let word = match family {
        Family::Ipv4 => v4(&dst),
        Family::Ipv6 => multiply(key, first.to_le()) ^ second.to_le(),
    };
    fold(multiply(key, word ^ (rest << 32)))
}

/// Both halves of a product, together.
#[inline]
fn multiply(key: &HashKey, word: u64) -> u64 {
    let product = u128::from(word ^ key.k0).wrapping_mul(u128::from(key.k1 | 1));
    let [low, high] = [product, product >> 64].map(|half| half & u128::from(u64::MAX));
    // CAST: each half has 64 bits.
    (low as u64) ^ (high as u64)
}

/// Hashes one endpoint: SipHash-1-3 of address and port (little-endian);
/// 6 bytes for IPv4, 18 for IPv6.
#[inline]
pub fn endpoint_hash(key: &HashKey, family: Family, endpoint: Endpoint) -> u32 {
    let port = u64::from(endpoint.port);
    let state = SipHash13::new(key);
    fold(match family {
        Family::Ipv4 => state.finish(v4(&endpoint) | (port << 32), 6),
        Family::Ipv6 => feed_v6(state, &endpoint).finish(port, 18),
    })
}

#[cfg(test)]
mod tests;
