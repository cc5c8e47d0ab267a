// SPDX-License-Identifier: GPL-2.0

//! The IPv6 header and its extension headers (RFC 8200 §3, §4).
//!
//! The authentication header is no extension header here but a protocol, as it is for IPv4: what stands
//! behind it must not be changed.

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

/// The length of the fixed header.
pub const HEADER_LEN: usize = 40;
/// Where the number of remaining hops stands.
pub const HOP_LIMIT_OFFSET: usize = 7;
/// Where the source address stands.
pub const SRC_OFFSET: usize = 8;
/// Where the destination address stands.
pub const DST_OFFSET: usize = 24;
/// How many extension headers are walked; a packet with more is refused.
pub const MAX_EXTENSIONS: usize = 8;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION_OPTIONS: u8 = 60;

const FRAGMENT_HEADER_LEN: usize = 8;

/// Reads an IPv6 header and walks the extension headers.
#[inline]
pub fn parse(bytes: &[u8]) -> Result<Network, ParseError> {
    let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
        return Err(ParseError::NeedMore(HEADER_LEN));
    };
    let [version, _flow0, _flow1, _flow2, l0, l1, next, ttl, ..] = *header;
    if version >> 4 != 6 {
        return Err(ParseError::Malformed);
    }
    let mut network = Network {
        family: Family::Ipv6,
        protocol: Protocol(next),
        src: address(header, SRC_OFFSET)?,
        dst: address(header, DST_OFFSET)?,
        l4_offset: HEADER_LEN,
        total_len: total_len(u16::from_be_bytes([l0, l1])),
        fragment: Fragment::None,
        ttl,
        dont_fragment: true,
    };
    if is_extension(next) {
        walk(&mut network, bytes)?;
    }
    Ok(network)
}

/// The length of the packet; zero if the payload length is zero, which means
/// "see elsewhere" (RFC 2675 §2).
#[inline]
fn total_len(payload_len: u16) -> u32 {
    match payload_len {
        0 => 0,
        // 40 is the length of the fixed header.
        _ => u32::from(payload_len).wrapping_add(40),
    }
}

#[inline]
fn address(header: &[u8; HEADER_LEN], offset: usize) -> Result<Addr, ParseError> {
    num::array_at(header, offset)
        .map(Addr::from_v6)
        .ok_or(ParseError::Malformed)
}

#[inline]
const fn is_extension(header: u8) -> bool {
    matches!(
        header,
        HOP_BY_HOP | ROUTING | FRAGMENT | DESTINATION_OPTIONS
    )
}

/// Moves `network` over the extension headers to what they carry.
///
/// It stops behind the header of a later fragment: what follows is the middle
/// of something.
fn walk(network: &mut Network, bytes: &[u8]) -> Result<(), ParseError> {
    for _ in 0..MAX_EXTENSIONS {
        let Protocol(kind) = network.protocol;
        if !is_extension(kind) || network.fragment == Fragment::Later {
            return Ok(());
        }
        step(network, kind, bytes)?;
    }
    match is_extension(network.protocol.0) && network.fragment != Fragment::Later {
        true => Err(ParseError::Malformed),
        false => Ok(()),
    }
}

/// Moves `network` over one extension header of type `kind`.
fn step(network: &mut Network, kind: u8, bytes: &[u8]) -> Result<(), ParseError> {
    let &[next, len, o0, o1, _, _, _, _] = network
        .require(bytes, FRAGMENT_HEADER_LEN)?
        .first_chunk::<FRAGMENT_HEADER_LEN>()
        .ok_or(ParseError::Malformed)?;
    let header_len = match kind {
        FRAGMENT => FRAGMENT_HEADER_LEN,
        // RFC 8200 §4.3: in words of 8 bytes, not counting the first.
        _ => usize::from(len).wrapping_add(1) << 3,
    };
    network.require(bytes, header_len)?;
    if kind == FRAGMENT {
        let field = u16::from_be_bytes([o0, o1]);
        network.fragment = Fragment::new(field >> 3, field & 1 != 0);
    }
    network.protocol = Protocol(next);
    network.l4_offset = network
        .l4_offset
        .checked_add(header_len)
        .ok_or(ParseError::Malformed)?;
    Ok(())
}
