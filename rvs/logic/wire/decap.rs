// SPDX-License-Identifier: GPL-2.0

//! Reading a tunnel's headers down to the packet that it carries.
//!
//! Only the tunnels that rvs itself makes are known: IP in IP (RFC 2003, RFC 2473), GRE (RFC 2784) and
//! GUE (draft-ietf-intarea-gue), with the header fields that rvs sets.

use super::{
    super::{
        addr::{
            Family,
            Protocol, //
        },
        num::{
            array_at,
            be16_at, //
        },
    },
    udp,
    Fragment,
    Network,
    ParseError, //
};

/// How a packet was packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encapsulation {
    /// Directly behind the outer header.
    Ipip,
    /// Behind a GRE header.
    Gre,
    /// Behind a UDP header to this port and a GUE header.
    Gue {
        /// The port that the tunnel's end listens at.
        port: u16,
    },
}

/// The packet inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inner {
    /// How it was packed.
    pub encapsulation: Encapsulation,
    /// Its family.
    pub family: Family,
    /// Where it begins, from the outer network header on.
    pub offset: usize,
}

const GRE_HEADER_LEN: usize = 4;
const GRE_CHECKSUM_LEN: usize = 4;
const GRE_CHECKSUM: u16 = 0x8000;
const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_IPV6: u16 = 0x86dd;

const GUE_HEADER_LEN: usize = 4;
/// The length of the optional fields, in words of 4 bytes.
const GUE_WORDS: u8 = 0x1f;

/// Reads what is packed behind `outer`, whose header begins `bytes`.
///
/// [`ParseError::NotHandled`] if it is no tunnel that rvs makes.
pub fn parse(outer: &Network, bytes: &[u8]) -> Result<Inner, ParseError> {
    if outer.fragment == Fragment::Later {
        return Err(ParseError::Fragment);
    }
    let (encapsulation, family, len) = match outer.protocol {
        Protocol::GRE => gre(outer, bytes)?,
        Protocol::UDP => gue(outer, bytes)?,
        protocol => (Encapsulation::Ipip, family(protocol)?, 0),
    };
    let offset = outer
        .l4_offset
        .checked_add(len)
        .ok_or(ParseError::Malformed)?;
    Ok(Inner {
        encapsulation,
        family,
        offset,
    })
}

const fn family(protocol: Protocol) -> Result<Family, ParseError> {
    match protocol {
        Protocol::IPIP => Ok(Family::Ipv4),
        Protocol::IPV6 => Ok(Family::Ipv6),
        _ => Err(ParseError::NotHandled),
    }
}

fn gre(outer: &Network, bytes: &[u8]) -> Result<(Encapsulation, Family, usize), ParseError> {
    let header = outer.require(bytes, GRE_HEADER_LEN)?;
    let flags = be16_at(header, 0).ok_or(ParseError::Malformed)?;
    let family = match be16_at(header, 2) {
        Some(ETHERTYPE_IPV4) => Family::Ipv4,
        Some(ETHERTYPE_IPV6) => Family::Ipv6,
        _ => return Err(ParseError::NotHandled),
    };
    let len = match flags {
        0 => GRE_HEADER_LEN,
        GRE_CHECKSUM => GRE_HEADER_LEN + GRE_CHECKSUM_LEN,
        _ => return Err(ParseError::NotHandled),
    };
    Ok((Encapsulation::Gre, family, len))
}

fn gue(outer: &Network, bytes: &[u8]) -> Result<(Encapsulation, Family, usize), ParseError> {
    let header = outer.require(bytes, udp::HEADER_LEN + GUE_HEADER_LEN)?;
    let (_, port) = udp::ports(header).ok_or(ParseError::Malformed)?;
    let [head, protocol] = array_at(header, udp::HEADER_LEN).ok_or(ParseError::Malformed)?;
    // Version 0 and no control message.
    if head & !GUE_WORDS != 0 {
        return Err(ParseError::NotHandled);
    }
    let words = usize::from(head & GUE_WORDS);
    let len = (udp::HEADER_LEN + GUE_HEADER_LEN).wrapping_add(words << 2);
    Ok((
        Encapsulation::Gue { port },
        family(Protocol(protocol))?,
        len,
    ))
}
