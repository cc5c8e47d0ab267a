// SPDX-License-Identifier: GPL-2.0

//! The IPv4 header (RFC 791 §3.1).

use super::{
    super::{
        addr::{
            Addr,
            Family,
            Protocol, //
        },
        num, //
    },
    Fragment,
    Network,
    ParseError, //
};

/// The length of the header without options.
pub const HEADER_LEN: usize = 20;
/// Where the number of remaining hops stands.
pub const TTL_OFFSET: usize = 8;
/// Where the header checksum stands.
pub const CHECKSUM_OFFSET: usize = 10;
/// Where the source address stands.
pub const SRC_OFFSET: usize = 12;
/// Where the destination address stands.
pub const DST_OFFSET: usize = 16;

const DONT_FRAGMENT: u16 = 0x4000;
const MORE_FRAGMENTS: u16 = 0x2000;
const FRAGMENT_OFFSET: u16 = 0x1fff;

/// Reads an IPv4 header.
#[inline(always)]
pub fn parse(bytes: &[u8]) -> Result<Network, ParseError> {
    let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
        return Err(ParseError::NeedMore(HEADER_LEN));
    };
    let [version_ihl, _tos, l0, l1, _id0, _id1, f0, f1, ttl, protocol, _c0, _c1, s0, s1, s2, s3, d0, d1, d2, d3] =
        *header;
    let header_len = usize::from(version_ihl & 0x0f) << 2;
    let total_len = u32::from(u16::from_be_bytes([l0, l1]));
    if version_ihl >> 4 != 4 || header_len < HEADER_LEN {
        return Err(ParseError::Malformed);
    }
    if total_len != 0 && num::index(total_len) < header_len {
        return Err(ParseError::Malformed);
    }
    if bytes.len() < header_len {
        return Err(ParseError::NeedMore(header_len));
    }
    let fragment = u16::from_be_bytes([f0, f1]);
    Ok(Network {
        family: Family::Ipv4,
        protocol: Protocol(protocol),
        src: Addr::from_v4([s0, s1, s2, s3]),
        dst: Addr::from_v4([d0, d1, d2, d3]),
        l4_offset: header_len,
        total_len,
        fragment: Fragment::new(fragment & FRAGMENT_OFFSET, fragment & MORE_FRAGMENTS != 0),
        ttl,
        dont_fragment: fragment & DONT_FRAGMENT != 0,
    })
}
