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
        crc32c, csum,
        num::{
            self,
            array_at_mut,
            be16_at, //
        },
    },
    ipv4,
    ipv6,
    sctp,
    tcp,
    udp,
    Network,
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

    /// The other end.
    #[inline]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Src => Self::Dst,
            Self::Dst => Self::Src,
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
    /// The segment is only quoted: update it if it is there.
    Quoted,
}

/// Gives the packet a new receiver.
///
/// `partial` says that the device will finish the transport checksum
/// (`CHECKSUM_PARTIAL`). Of a protocol without ports only the address changes.
#[inline(always)]
pub fn rewrite_dst(
    bytes: &mut [u8],
    pkt: &Packet,
    new: &Endpoint,
    partial: bool,
) -> Result<(), ParseError> {
    rewrite(bytes, pkt, Side::Dst, new, mode(partial))
}

/// Gives the packet a new sender; otherwise like [`rewrite_dst`].
#[inline(always)]
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
/// `bytes` begins with the quoted network header. The transport checksum is updated if it is among them,
/// since some senders know their packets by it; the caller fixes the checksum of the ICMP message.
#[inline]
pub fn rewrite_embedded(
    bytes: &mut [u8],
    pkt: &Packet,
    side: Side,
    new: &Endpoint,
) -> Result<(), ParseError> {
    rewrite(bytes, pkt, side, new, Transport::Quoted)
}

/// Writes one address of a packet with this network header, and nothing behind that header.
pub(super) fn rewrite_address(
    bytes: &mut [u8],
    network: &Network,
    side: Side,
    new: &Endpoint,
) -> Result<(), ParseError> {
    let pkt = Packet::without_ports(network);
    let change = csum::addr_change(network.family, &side.endpoint(&pkt).addr, &new.addr);
    rewrite_network(bytes, &pkt, side, new, change).ok_or(ParseError::Malformed)
}

#[inline]
const fn mode(partial: bool) -> Transport {
    match partial {
        true => Transport::Partial,
        false => Transport::Full,
    }
}

#[inline(always)]
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
    let change = csum::addr_change(pkt.tuple.family, &side.endpoint(pkt).addr, &new.addr);
    rewrite_network(network, pkt, side, new, change).ok_or(ParseError::Malformed)?;
    if !pkt.tuple.protocol.has_ports() {
        return Ok(());
    }
    rewrite_segment(segment, pkt, side, new, change, mode).ok_or(ParseError::Malformed)
}

/// How many bytes of the transport header a rewrite needs.
#[inline]
const fn transport_len(pkt: &Packet, mode: Transport) -> usize {
    match (mode, pkt.tuple.protocol) {
        (Transport::Full | Transport::Partial, Protocol::TCP) => tcp::CHECKSUM_OFFSET + 2,
        (Transport::Full | Transport::Partial, Protocol::UDP) => udp::CHECKSUM_OFFSET + 2,
        (Transport::Full | Transport::Partial, Protocol::SCTP) => sctp::CHECKSUM_OFFSET + 4,
        (Transport::Quoted, Protocol::TCP | Protocol::UDP | Protocol::SCTP) => udp::PORTS_LEN,
        _ => 0,
    }
}

/// Writes the address and updates the checksum of an IPv4 header. `change` is what the new address adds to
/// a sum.
#[inline(always)]
fn rewrite_network(
    header: &mut [u8],
    pkt: &Packet,
    side: Side,
    new: &Endpoint,
    change: u16,
) -> Option<()> {
    let family = pkt.tuple.family;
    let offset = side.addr_offset(family);
    match family {
        Family::Ipv4 => {
            let header = header.first_chunk_mut::<{ ipv4::HEADER_LEN }>()?;
            let field = be16_at(header, ipv4::CHECKSUM_OFFSET)?;
            *array_at_mut(header, offset)? = new.addr.v4();
            let field = csum::after_addr(field, change);
            *array_at_mut(header, ipv4::CHECKSUM_OFFSET)? = field.to_be_bytes();
        }
        Family::Ipv6 => {
            let header = header.first_chunk_mut::<{ ipv6::HEADER_LEN }>()?;
            *array_at_mut(header, offset)? = new.addr.bytes();
        }
    }
    Some(())
}

/// Writes the port and updates the checksum.
#[inline(always)]
fn rewrite_segment(
    segment: &mut [u8],
    pkt: &Packet,
    side: Side,
    new: &Endpoint,
    change: u16,
    mode: Transport,
) -> Option<()> {
    *array_at_mut(segment, side.port_offset())? = new.port.to_be_bytes();
    let old = side.endpoint(pkt).port;
    let offset = match pkt.tuple.protocol {
        Protocol::TCP => tcp::CHECKSUM_OFFSET,
        Protocol::UDP => udp::CHECKSUM_OFFSET,
        _ if mode == Transport::Full => return update_crc(segment, &pkt.aside(), side, new.port),
        _ => return Some(()),
    };
    let Some(field) = be16_at(segment, offset) else {
        return (mode == Transport::Quoted).then_some(());
    };
    let field = match (mode, pkt.tuple.protocol) {
        (Transport::Partial, _) => csum::after_addr_partial(field, change),
        (_, Protocol::UDP) => csum::after_endpoint_udp(field, change, old, new.port),
        _ => csum::after_endpoint(field, change, old, new.port),
    };
    *array_at_mut(segment, offset)? = field.to_be_bytes();
    Some(())
}

/// Updates the CRC of SCTP, which covers the ports but no address (RFC 9260 §6.8).
#[cold]
fn update_crc(segment: &mut [u8], pkt: &Packet, side: Side, port: u16) -> Option<()> {
    let header = num::saturating_u32(pkt.l4_offset);
    // Behind the port, which is 2 bytes long.
    let before = num::saturating_u32(side.port_offset()).wrapping_add(2);
    let behind = pkt.total_len.checked_sub(header)?.checked_sub(before)?;
    let field = array_at_mut(segment, sctp::CHECKSUM_OFFSET)?;
    let crc = u32::from_le_bytes(*field);
    *field = crc32c::update16(crc, side.endpoint(pkt).port, port, behind).to_le_bytes();
    Some(())
}

/// Takes one hop from the packet; `None` if it has none left, and then the
/// packet is unchanged.
///
/// `None` also if the bytes end before the network header does.
#[inline(always)]
pub fn decrement_ttl(bytes: &mut [u8], family: Family) -> Option<()> {
    match family {
        Family::Ipv4 => {
            let header = bytes.first_chunk_mut::<{ ipv4::HEADER_LEN }>()?;
            let field = csum::one_hop_less(be16_at(header, ipv4::CHECKSUM_OFFSET)?);
            let ttl = header.get_mut(ipv4::TTL_OFFSET)?;
            *ttl = hop(*ttl)?;
            *array_at_mut(header, ipv4::CHECKSUM_OFFSET)? = field.to_be_bytes();
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
