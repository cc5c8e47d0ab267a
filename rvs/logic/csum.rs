// SPDX-License-Identifier: GPL-2.0

//! The Internet checksum (RFC 1071) and its incremental update (RFC 1624).
//!
//! Checksums and words are numbers as read from network order. A one's
//! complement sum does not depend on byte order as long as the folded result
//! is swapped like its input (RFC 1071 §2(B)), so addresses are summed as they
//! were loaded and swapped once.
//!
//! Sums are kept in 64 bits: four thousand million 32-bit words fit without a
//! carry, which is more than any packet holds.

use super::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    num, //
};

/// Folds a sum to 16 bits, without taking its complement.
///
/// Zero comes out only if zero went in.
#[inline]
pub const fn fold(sum: u64) -> u16 {
    // The upper half receives the sum of both and the carry of the lower half.
    fold32(num::high32(sum.wrapping_add(sum.rotate_left(32))))
}

/// [`fold`] for a sum of 32 bits.
#[inline]
const fn fold32(sum: u32) -> u16 {
    num::low16(sum.wrapping_add(sum.rotate_left(16)) >> 16)
}

/// The sum of the 16-bit words of `bytes`, an odd last byte padded with zero,
/// added to `sum`.
///
/// The result is unfolded, so parts of a message can be summed one after the
/// other as long as every part but the last has an even length.
#[inline]
pub fn partial(sum: u64, bytes: &[u8]) -> u64 {
    let mut pairs = bytes.chunks_exact(2);
    let words = pairs.by_ref().fold(sum, |sum, pair| match *pair {
        [high, low] => sum.wrapping_add(u64::from(u16::from_be_bytes([high, low]))),
        _ => sum,
    });
    match *pairs.remainder() {
        [last] => words.wrapping_add(u64::from(u16::from_be_bytes([last, 0]))),
        _ => words,
    }
}

/// The checksum of `bytes`.
#[inline]
pub fn checksum(bytes: &[u8]) -> u16 {
    !fold(partial(0, bytes))
}

/// The checksum after one word of the message changed (RFC 1624, equation 3).
#[inline]
pub fn update16(csum_be: u16, old: u16, new: u16) -> u16 {
    update(csum_be, u32::from(!old).wrapping_add(u32::from(new)))
}

/// The checksum after a change that adds `change` to the sum; at most a few 16-bit words.
#[inline]
const fn update(csum: u16, change: u32) -> u16 {
    !fold32((!csum as u32).wrapping_add(change))
}

/// The checksum of an IPv4 header from which one hop was taken.
#[inline]
pub const fn one_hop_less(csum: u16) -> u16 {
    // A word less 0x0100: its complement and what it became are 0xffff less that.
    update(csum, 0xfeff)
}

/// The checksum after `old` was replaced by `new`, at an even offset.
///
/// The two may differ in length: then bytes were inserted or taken away behind
/// which everything moved by an even distance.
#[inline]
pub fn update_bytes(csum: u16, old: &[u8], new: &[u8]) -> u16 {
    update16(csum, fold(partial(0, old)), fold(partial(0, new)))
}

/// What the change of an address adds to a sum.
#[inline(always)]
pub fn addr_change(family: Family, old: &Addr, new: &Addr) -> u16 {
    let sum = match family {
        Family::Ipv4 => u64::from(!old.v4_word()).wrapping_add(u64::from(new.v4_word())),
        Family::Ipv6 => {
            let [o0, o1] = old.words();
            let [n0, n1] = new.words();
            [!o0, !o1, n0, n1].iter().fold(0u64, |sum, word| {
                sum.wrapping_add(u64::from(num::low32(*word)))
                    .wrapping_add(u64::from(num::high32(*word)))
            })
        }
    };
    // Loaded natively, summed natively: bring the result to network order.
    u16::from_be(fold(sum))
}

/// What the change of a port adds to a sum.
#[inline]
fn port_change(old: u16, new: u16) -> u32 {
    u32::from(!old).wrapping_add(u32::from(new))
}

/// A checksum that covers an address after it changed; `change` is its [`addr_change`].
#[inline]
pub fn after_addr(csum: u16, change: u16) -> u16 {
    update(csum, u32::from(change))
}

/// A full transport checksum after an address and the port beside it changed; `change` is the
/// [`addr_change`]. For UDP see [`after_endpoint_udp`].
#[inline]
pub fn after_endpoint(csum: u16, change: u16, old_port: u16, new_port: u16) -> u16 {
    update(
        csum,
        u32::from(change).wrapping_add(port_change(old_port, new_port)),
    )
}

/// [`after_endpoint`] with the rules of UDP (RFC 768): zero means that the sender made no checksum,
/// which stays so, and a computed zero is sent as `0xffff`.
#[inline]
pub fn after_endpoint_udp(csum: u16, change: u16, old_port: u16, new_port: u16) -> u16 {
    match csum {
        0 => 0,
        _ => udp_nonzero(after_endpoint(csum, change, old_port, new_port)),
    }
}

/// The checksum field of a `CHECKSUM_PARTIAL` packet after an address changed; `change` is its
/// [`addr_change`].
///
/// Such a field holds the sum of the pseudo header, not complemented; the device adds the rest of
/// the packet later. Ports are no part of it.
#[inline]
pub fn after_addr_partial(field: u16, change: u16) -> u16 {
    fold32(u32::from(field).wrapping_add(u32::from(change)))
}

/// The transport checksum after one end of the flow changed.
///
/// `csum` is a full checksum, which covers the addresses (in the pseudo header)
/// and the ports. For UDP see [`after_endpoint_udp`].
#[inline]
pub fn replace_endpoint(csum: u16, family: Family, old: &Endpoint, new: &Endpoint) -> u16 {
    let change = addr_change(family, &old.addr, &new.addr);
    after_endpoint(csum, change, old.port, new.port)
}

/// A computed UDP checksum in the form in which it is sent (RFC 768).
#[inline]
pub const fn udp_nonzero(csum: u16) -> u16 {
    match csum {
        0 => 0xffff,
        _ => csum,
    }
}

/// The checksum that belongs into an IPv4 header, whatever it holds now.
///
/// `header` is the header with its options; `None` if it is shorter than 20
/// bytes.
#[inline]
pub fn ipv4_header(header: &[u8]) -> Option<u16> {
    let before = header.get(..10)?;
    let after = header.get(12..)?;
    if after.len() < 8 {
        return None;
    }
    Some(!fold(partial(partial(0, before), after)))
}

/// The unfolded sum of the pseudo header (RFC 9293 §3.1, RFC 8200 §8.1).
#[inline]
pub fn pseudo_header(family: Family, src: &Addr, dst: &Addr, protocol: Protocol, len: u32) -> u64 {
    let addrs = match family {
        Family::Ipv4 => partial(partial(0, &src.v4()), &dst.v4()),
        Family::Ipv6 => partial(partial(0, &src.bytes()), &dst.bytes()),
    };
    addrs
        .wrapping_add(u64::from(protocol.0))
        .wrapping_add(u64::from(len))
}

/// The checksum of a whole transport segment whose checksum field is zero.
///
/// For UDP, pass the result through [`udp_nonzero`].
pub fn transport(
    family: Family,
    src: &Addr,
    dst: &Addr,
    protocol: Protocol,
    segment: &[u8],
) -> u16 {
    let len = num::saturating_u32(segment.len());
    !fold(partial(
        pseudo_header(family, src, dst, protocol, len),
        segment,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1071 §3: the sum is 0xddf2.
    #[test]
    fn the_example_of_rfc_1071() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(fold(partial(0, &bytes)), 0xddf2);
        assert_eq!(checksum(&bytes), !0xddf2);
    }

    /// The example of RFC 1624 §4: 0xdd2f, 0x5555 becomes 0x3285, gives zero.
    #[test]
    fn the_example_of_rfc_1624() {
        assert_eq!(update16(0xdd2f, 0x5555, 0x3285), 0x0000);
    }

    #[test]
    fn folding_keeps_zero_apart() {
        assert_eq!(fold(0), 0);
        assert_eq!(fold(0xffff), 0xffff);
        assert_eq!(fold(0x1_0000), 1);
        assert_eq!(fold(0xffff_ffff), 0xffff);
        assert_eq!(fold(u64::MAX), 0xffff);
    }

    #[test]
    fn an_odd_byte_is_the_high_one() {
        assert_eq!(fold(partial(0, &[0x12])), 0x1200);
        assert_eq!(fold(partial(0, &[0x12, 0x34, 0x56])), 0x6834);
        assert_eq!(fold(partial(0, &[])), 0);
    }

    /// A header from a capture: 45 00 00 73 … with checksum b861.
    #[test]
    fn ipv4_header_checksum() {
        let header = [
            0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8,
            0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
        ];
        assert_eq!(ipv4_header(&header), Some(0xb861));
        assert_eq!(checksum(&header), 0);
        assert_eq!(ipv4_header(&header[..19]), None);
        let old = Addr::from_v4([192, 168, 0, 199]);
        let new = Addr::from_v4([10, 1, 2, 3]);
        let mut other = header;
        other[16..].copy_from_slice(&[10, 1, 2, 3]);
        assert_eq!(
            Some(after_addr(0xb861, addr_change(Family::Ipv4, &old, &new))),
            ipv4_header(&other)
        );
    }

    #[test]
    fn udp_zero_means_none() {
        let old = Endpoint::new(Addr::from_v4([10, 0, 0, 1]), 53);
        let new = Endpoint::new(Addr::from_v4([10, 0, 0, 2]), 5353);
        let change = addr_change(Family::Ipv4, &old.addr, &new.addr);
        assert_eq!(after_endpoint_udp(0, change, 53, 5353), 0);
        // Choose the checksum that the change turns into zero.
        let before = replace_endpoint(0, Family::Ipv4, &new, &old);
        assert_eq!(replace_endpoint(before, Family::Ipv4, &old, &new), 0);
        assert_eq!(after_endpoint_udp(before, change, 53, 5353), 0xffff);
    }

    #[test]
    fn a_hop_less_is_a_word_less() {
        for (csum, ttl) in (0..=0xffff).flat_map(|csum| [2, 64, 255].map(|ttl| (csum, ttl))) {
            let word = |ttl| u16::from_be_bytes([ttl, 17]);
            assert_eq!(one_hop_less(csum), update16(csum, word(ttl), word(ttl - 1)));
        }
    }

    #[test]
    fn going_back_restores_the_checksum() {
        let old = Endpoint::new(Addr::from_v6([0x11; 16]), 80);
        let new = Endpoint::new(Addr::from_v6([0xfe; 16]), 8080);
        for csum in 0..0xffff {
            let there = replace_endpoint(csum, Family::Ipv6, &old, &new);
            let back = replace_endpoint(there, Family::Ipv6, &new, &old);
            assert_eq!(back, csum);
        }
    }
}
