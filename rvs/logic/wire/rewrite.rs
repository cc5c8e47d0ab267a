// SPDX-License-Identifier: GPL-2.0

//! Rewriting one end of a packet in place, with every checksum it touches.
//!
//! All functions take the bytes from the network header on and the packet as
//! it was parsed from them. They check that every byte they will write is
//! there before they write the first one.

use super::{
    super::{
        addr::{
            Endpoint,
            Family,
            Protocol, //
        },
        csum,
        num::{
            array_at_mut,
            be16_at, //
        },
    },
    ipv4,
    ipv6,
    tcp,
    udp,
    Fragment,
    Packet,
    ParseError, //
};

/// Which end of the packet is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The sender.
    Src,
    /// The receiver.
    Dst,
}

impl Side {
    #[inline]
    const fn addr_offset(self, family: Family) -> usize {
        match (self, family) {
            (Self::Src, Family::Ipv4) => ipv4::SRC_OFFSET,
            (Self::Dst, Family::Ipv4) => ipv4::DST_OFFSET,
            (Self::Src, Family::Ipv6) => ipv6::SRC_OFFSET,
            (Self::Dst, Family::Ipv6) => ipv6::DST_OFFSET,
        }
    }

    #[inline]
    const fn port_offset(self) -> usize {
        match self {
            Self::Src => udp::SRC_PORT_OFFSET,
            Self::Dst => udp::DST_PORT_OFFSET,
        }
    }

    /// This end of the packet.
    #[inline]
    pub const fn endpoint(self, pkt: &Packet) -> &Endpoint {
        match self {
            Self::Src => &pkt.tuple.src,
            Self::Dst => &pkt.tuple.dst,
        }
    }
}

/// What to do with the checksum of the transport header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Transport {
    /// It covers the whole segment: update it.
    Full,
    /// It is the sum of the pseudo header (`CHECKSUM_PARTIAL`).
    Partial,
    /// Leave it: the segment is only quoted.
    Quoted,
}

/// Gives the packet a new receiver.
///
/// `partial` says that the device will finish the transport checksum
/// (`CHECKSUM_PARTIAL`). A later fragment has no ports, so only its address
/// changes. The CRC of SCTP covers no address; the caller recomputes it for the
/// new port.
#[inline]
pub fn rewrite_dst(
    bytes: &mut [u8],
    pkt: &Packet,
    new: &Endpoint,
    partial: bool,
) -> Result<(), ParseError> {
    rewrite(bytes, pkt, Side::Dst, new, mode(partial))
}

/// Gives the packet a new sender; otherwise like [`rewrite_dst`].
#[inline]
pub fn rewrite_src(
    bytes: &mut [u8],
    pkt: &Packet,
    new: &Endpoint,
    partial: bool,
) -> Result<(), ParseError> {
    rewrite(bytes, pkt, Side::Src, new, mode(partial))
}

/// Rewrites one end of the packet that an ICMP error quotes.
///
/// `bytes` begins with the quoted network header. The transport checksum stays
/// as it is, since most of the segment is cut off; the caller fixes the
/// checksum of the ICMP message.
#[inline]
pub fn rewrite_embedded(
    bytes: &mut [u8],
    pkt: &Packet,
    side: Side,
    new: &Endpoint,
) -> Result<(), ParseError> {
    rewrite(bytes, pkt, side, new, Transport::Quoted)
}

#[inline]
const fn mode(partial: bool) -> Transport {
    match partial {
        true => Transport::Partial,
        false => Transport::Full,
    }
}

#[inline]
fn rewrite(
    bytes: &mut [u8],
    pkt: &Packet,
    side: Side,
    new: &Endpoint,
    mode: Transport,
) -> Result<(), ParseError> {
    let want = pkt
        .l4_offset
        .checked_add(transport_len(pkt, mode))
        .ok_or(ParseError::Malformed)?;
    if bytes.len() < want {
        return Err(ParseError::NeedMore(want));
    }
    let (network, segment) = bytes
        .split_at_mut_checked(pkt.l4_offset)
        .ok_or(ParseError::Malformed)?;
    rewrite_network(network, pkt, side, new).ok_or(ParseError::Malformed)?;
    if pkt.fragment == Fragment::Later {
        return Ok(());
    }
    rewrite_segment(segment, pkt, side, new, mode).ok_or(ParseError::Malformed)
}

/// How many bytes of the transport header a rewrite touches.
#[inline]
const fn transport_len(pkt: &Packet, mode: Transport) -> usize {
    if matches!(pkt.fragment, Fragment::Later) {
        return 0;
    }
    match (mode, checksum_offset(pkt.tuple.protocol)) {
        (Transport::Full | Transport::Partial, Some(offset)) => offset.saturating_add(2),
        _ => udp::PORTS_LEN,
    }
}

/// Where the checksum stands in the transport header.
#[inline]
const fn checksum_offset(protocol: Protocol) -> Option<usize> {
    match protocol {
        Protocol::TCP => Some(tcp::CHECKSUM_OFFSET),
        Protocol::UDP => Some(udp::CHECKSUM_OFFSET),
        _ => None,
    }
}

/// Writes the address and updates the checksum of an IPv4 header.
#[inline]
fn rewrite_network(header: &mut [u8], pkt: &Packet, side: Side, new: &Endpoint) -> Option<()> {
    let family = pkt.tuple.family;
    let offset = side.addr_offset(family);
    match family {
        Family::Ipv4 => {
            let old = &side.endpoint(pkt).addr;
            let field = be16_at(header, ipv4::CHECKSUM_OFFSET)?;
            *array_at_mut(header, offset)? = new.addr.v4();
            let field = csum::replace_addr_v4(field, old, &new.addr);
            *array_at_mut(header, ipv4::CHECKSUM_OFFSET)? = field.to_be_bytes();
        }
        Family::Ipv6 => *array_at_mut(header, offset)? = new.addr.bytes(),
    }
    Some(())
}

/// Writes the port and updates the checksum of TCP or UDP.
#[inline]
fn rewrite_segment(
    segment: &mut [u8],
    pkt: &Packet,
    side: Side,
    new: &Endpoint,
    mode: Transport,
) -> Option<()> {
    *array_at_mut(segment, side.port_offset())? = new.port.to_be_bytes();
    let Some(offset) = checksum_offset(pkt.tuple.protocol) else {
        return Some(());
    };
    let family = pkt.tuple.family;
    let old = side.endpoint(pkt);
    let update = |field| match (mode, pkt.tuple.protocol) {
        (Transport::Partial, _) => csum::replace_addr_partial(field, family, &old.addr, &new.addr),
        (_, Protocol::UDP) => csum::replace_endpoint_udp(field, family, old, new),
        _ => csum::replace_endpoint(field, family, old, new),
    };
    if mode != Transport::Quoted {
        let field = update(be16_at(segment, offset)?);
        *array_at_mut(segment, offset)? = field.to_be_bytes();
    }
    Some(())
}

/// Takes one hop from the packet; `None` if it has none left, and then the
/// packet is unchanged.
///
/// `None` also if the bytes end before the network header does.
#[inline]
pub fn decrement_ttl(bytes: &mut [u8], family: Family) -> Option<()> {
    match family {
        Family::Ipv4 => {
            bytes.first_chunk::<{ ipv4::HEADER_LEN }>()?;
            let old = be16_at(bytes, ipv4::TTL_OFFSET)?;
            let [ttl, protocol] = old.to_be_bytes();
            let new = [hop(ttl)?, protocol];
            let field = be16_at(bytes, ipv4::CHECKSUM_OFFSET)?;
            let field = csum::update16(field, old, u16::from_be_bytes(new));
            *array_at_mut(bytes, ipv4::TTL_OFFSET)? = new;
            *array_at_mut(bytes, ipv4::CHECKSUM_OFFSET)? = field.to_be_bytes();
        }
        Family::Ipv6 => {
            let header = bytes.first_chunk_mut::<{ ipv6::HEADER_LEN }>()?;
            let limit = header.get_mut(ipv6::HOP_LIMIT_OFFSET)?;
            *limit = hop(*limit)?;
        }
    }
    Some(())
}

/// One hop less, unless it was the last one.
#[inline]
const fn hop(ttl: u8) -> Option<u8> {
    match ttl {
        0 | 1 => None,
        _ => Some(ttl.wrapping_sub(1)),
    }
}
