// SPDX-License-Identifier: GPL-2.0

//! The ICMP header of both families (RFC 792, RFC 4443 §2.1).

use super::{
    super::addr::{
        Family,
        Protocol, //
    },
    Network,
    ParseError, //
};

/// The length of the header; in an error the quoted packet follows it.
pub const HEADER_LEN: usize = 8;
/// Where the checksum stands.
pub const CHECKSUM_OFFSET: usize = 2;

const DEST_UNREACHABLE: u8 = 3;
const SOURCE_QUENCH: u8 = 4;
const TIME_EXCEEDED: u8 = 11;

/// The head of an ICMP message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Icmp {
    /// The type.
    pub kind: u8,
    /// The code.
    pub code: u8,
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
    let &[kind, code, ..] = network
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
