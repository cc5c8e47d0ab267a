// SPDX-License-Identifier: GPL-2.0

//! The ICMP header of both families (RFC 792, RFC 4443 §2.1).

use super::{
    super::{
        addr::{
            Endpoint,
            Family,
            Protocol, //
        },
        csum,
        num::{
            self,
            array_at_mut,
            be16_at, //
        },
    },
    network,
    parse_embedded,
    rewrite::rewrite_address,
    rewrite_embedded,
    tcp,
    Network,
    Packet,
    ParseError,
    Side, //
};

/// The length of the header; in an error the quoted packet follows it.
pub const HEADER_LEN: usize = 8;
/// Where the checksum stands.
pub const CHECKSUM_OFFSET: usize = 2;

/// Destination unreachable, of IPv4.
pub const DEST_UNREACHABLE: u8 = 3;
/// The code of [`DEST_UNREACHABLE`] for a packet that was too long and must not be split.
pub const FRAGMENTATION_NEEDED: u8 = 4;
/// Packet too big, of IPv6.
pub const PACKET_TOO_BIG: u8 = 2;
const SOURCE_QUENCH: u8 = 4;
const TIME_EXCEEDED: u8 = 11;
const HOST_UNREACHABLE: u8 = 1;
const DEST_UNREACHABLE_V6: u8 = 1;
const TIME_EXCEEDED_V6: u8 = 3;
const ADDRESS_UNREACHABLE_V6: u8 = 3;

/// Shorter packets than this every link can carry whole (RFC 791, RFC 8200 §5).
const fn least_mtu(family: Family) -> u32 {
    match family {
        Family::Ipv4 => 68,
        Family::Ipv6 => 1280,
    }
}

/// The head of an ICMP message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Icmp {
    /// The type.
    pub kind: u8,
    /// The code.
    pub code: u8,
    /// The word behind the checksum, which some errors use.
    pub info: u32,
    /// Where the quoted packet of an error begins, from the (outer) network
    /// header on.
    pub embedded_offset: usize,
}

/// The protocol number of ICMP in a family.
#[inline]
pub const fn protocol(family: Family) -> Protocol {
    match family {
        Family::Ipv4 => Protocol::ICMP,
        Family::Ipv6 => Protocol::ICMPV6,
    }
}

/// Reads the ICMP header behind `network`.
///
/// Another protocol, or the ICMP of the other family, is
/// [`ParseError::NotHandled`].
pub fn parse(network: &Network, bytes: &[u8]) -> Result<Icmp, ParseError> {
    if network.protocol != protocol(network.family) {
        return Err(ParseError::NotHandled);
    }
    let &[kind, code, _, _, i0, i1, i2, i3] = network
        .require(bytes, HEADER_LEN)?
        .first_chunk::<HEADER_LEN>()
        .ok_or(ParseError::Malformed)?;
    let embedded_offset = network
        .l4_offset
        .checked_add(HEADER_LEN)
        .ok_or(ParseError::Malformed)?;
    Ok(Icmp {
        kind,
        code,
        info: u32::from_be_bytes([i0, i1, i2, i3]),
        embedded_offset,
    })
}

/// Whether a message of this type reports a fault of a flow that may be ours.
///
/// IPVS behaviour: for IPv4 destination unreachable, source quench and time
/// exceeded; for IPv6 every error type (RFC 4443: the types below 128).
#[inline]
pub const fn is_error(family: Family, kind: u8) -> bool {
    match family {
        Family::Ipv4 => matches!(kind, DEST_UNREACHABLE | SOURCE_QUENCH | TIME_EXCEEDED),
        Family::Ipv6 => kind < 128,
    }
}

/// An error as it is to be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// The type.
    pub kind: u8,
    /// The code.
    pub code: u8,
    /// The word behind the checksum.
    pub info: u32,
}

impl Icmp {
    /// What the sender of a packet is told when this error of `family` is about the tunnel that the packet of
    /// family `inner` went into; `overhead` is what the tunnel adds to it.
    pub fn through_tunnel(&self, family: Family, inner: Family, overhead: usize) -> Told {
        let overhead = num::saturating_u32(overhead);
        if let Some(mtu) = self.path_mtu(family) {
            let (kind, code) = match inner {
                Family::Ipv4 => (DEST_UNREACHABLE, FRAGMENTATION_NEEDED),
                Family::Ipv6 => (PACKET_TOO_BIG, 0),
            };
            let info = mtu.saturating_sub(overhead).max(least_mtu(inner));
            return Told { kind, code, info };
        }
        if family == inner {
            return Told {
                kind: self.kind,
                code: self.code,
                info: self.info,
            };
        }
        // As the tunnels of the kernel translate them.
        let (kind, code) = match (inner, self.kind) {
            (Family::Ipv4, TIME_EXCEEDED_V6) => (TIME_EXCEEDED, 0),
            (Family::Ipv4, _) => (DEST_UNREACHABLE, HOST_UNREACHABLE),
            (Family::Ipv6, TIME_EXCEEDED) => (TIME_EXCEEDED_V6, 0),
            (Family::Ipv6, _) => (DEST_UNREACHABLE_V6, ADDRESS_UNREACHABLE_V6),
        };
        Told {
            kind,
            code,
            info: 0,
        }
    }

    /// The path MTU that the error reports.
    pub const fn path_mtu(&self, family: Family) -> Option<u32> {
        match (family, self.kind, self.code) {
            // RFC 1191 §4: in the low half of the word.
            (Family::Ipv4, DEST_UNREACHABLE, FRAGMENTATION_NEEDED) => Some(self.info & 0xffff),
            (Family::Ipv6, PACKET_TOO_BIG, _) => Some(self.info),
            _ => None,
        }
    }
}

/// Reads the header of the packet that an error quotes, and the packet itself by `parse`, which gets the
/// bytes from that header on. Missing bytes are counted from the outer header.
pub fn quoted<T>(
    outer: &Network,
    message: &Icmp,
    bytes: &[u8],
    parse: impl FnOnce(&Network, &[u8]) -> Result<T, ParseError>,
) -> Result<(Network, T), ParseError> {
    let offset = message.embedded_offset;
    let bytes = bytes.get(offset..).ok_or(ParseError::NeedMore(offset))?;
    let parsed = network(outer.family, bytes).and_then(|inner| Ok((inner, parse(&inner, bytes)?)));
    parsed.map_err(|error| match error {
        ParseError::NeedMore(more) => need_more(outer, offset.saturating_add(more)),
        other => other,
    })
}

/// That many bytes are missing; what the packet cannot have makes it malformed.
pub const fn need_more(outer: &Network, end: usize) -> ParseError {
    match outer.total_len != 0 && end > num::index(outer.total_len) {
        true => ParseError::Malformed,
        false => ParseError::NeedMore(end),
    }
}

/// The packet of a flow that an error quotes.
pub fn quoted_flow(outer: &Network, message: &Icmp, bytes: &[u8]) -> Result<Packet, ParseError> {
    quoted(outer, message, bytes, parse_embedded).map(|(_, packet)| packet)
}

/// How many bytes, from the outer header on, [`rewrite`] may change in a message of `len` bytes.
pub fn rewrite_len(message: &Icmp, quoted: &Packet, len: usize) -> usize {
    message
        .embedded_offset
        .saturating_add(quoted.l4_offset)
        .saturating_add(tcp::CHECKSUM_OFFSET + 2)
        .min(len)
}

/// Gives an error another sender or receiver, and the packet that it quotes the same end as its receiver
/// or sender: an error goes against the packet that it is about.
///
/// `bytes` are the bytes from the outer header on that may be changed, `outer` is that header, and `side`
/// the end of the error itself. `partial` says that the device will finish the checksum.
pub fn rewrite(
    bytes: &mut [u8],
    outer: &Network,
    message: &Icmp,
    quoted: &Packet,
    side: Side,
    new: &Endpoint,
    partial: bool,
) -> Result<(), ParseError> {
    let (head, quotation) = bytes
        .split_at_mut_checked(message.embedded_offset)
        .ok_or(ParseError::NeedMore(message.embedded_offset))?;
    let before = csum::fold(csum::partial(0, quotation));
    rewrite_embedded(quotation, quoted, side.opposite(), new)?;
    let after = csum::fold(csum::partial(0, quotation));
    let old = match side {
        Side::Src => Endpoint::new(outer.src, 0),
        Side::Dst => Endpoint::new(outer.dst, 0),
    };
    let new = Endpoint::new(new.addr, 0);
    rewrite_address(head, outer, side, &new)?;
    let field = outer.l4_offset.saturating_add(CHECKSUM_OFFSET);
    let sum = be16_at(head, field).ok_or(ParseError::Malformed)?;
    let sum = match (partial, outer.family) {
        (true, Family::Ipv4) => sum,
        (true, Family::Ipv6) => {
            csum::after_addr_partial(sum, csum::addr_change(outer.family, &old.addr, &new.addr))
        }
        (false, Family::Ipv4) => csum::update16(sum, before, after),
        // The pseudo header of ICMPv6 has the addresses (RFC 4443 §2.3).
        (false, Family::Ipv6) => {
            csum::replace_endpoint(csum::update16(sum, before, after), outer.family, &old, &new)
        }
    };
    *array_at_mut(head, field).ok_or(ParseError::Malformed)? = sum.to_be_bytes();
    Ok(())
}
