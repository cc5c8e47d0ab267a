// SPDX-License-Identifier: GPL-2.0

//! Reading and rewriting the headers of a packet.
//!
//! Everything works on the bytes from the network header on, as far as they
//! are linear in memory. When a header ends after them the answer is
//! [`ParseError::NeedMore`], and the caller pulls that many bytes and asks
//! again.

use super::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol,
        Tuple, //
    },
    num,
    proto::sctp::Event, //
};

pub mod decap;
pub mod encap;
pub mod icmp;
pub mod ipv4;
pub mod ipv6;
pub mod mss;
pub mod rewrite;
pub mod sctp;
pub mod tcp;
pub mod udp;

pub use rewrite::{
    decrement_ttl,
    rewrite_dst,
    rewrite_embedded,
    rewrite_src,
    Side, //
};
pub use tcp::TcpFlags;

/// Why a packet could not be read or rewritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParseError {
    /// That many bytes, counted from the network header, must be at hand.
    NeedMore(usize),
    /// The headers contradict themselves.
    Malformed,
    /// Not an error: a protocol without ports, or one that rvs leaves alone.
    NotHandled,
    /// A fragment; it must be put together with the others first.
    Fragment,
}

/// What a packet says about fragmentation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Fragment {
    /// The packet is whole.
    #[default]
    None,
    /// The first part, which holds the transport header.
    First,
    /// A later part, which holds no transport header.
    Later,
}

impl Fragment {
    /// From the two facts of the header: the offset and "more fragments".
    #[inline]
    pub const fn new(offset: u16, more: bool) -> Self {
        match (offset, more) {
            (0, false) => Self::None,
            (0, true) => Self::First,
            _ => Self::Later,
        }
    }
}

/// The network header, and the extension headers after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    /// The family of the header.
    pub family: Family,
    /// The protocol of what follows.
    pub protocol: Protocol,
    /// The source address.
    pub src: Addr,
    /// The destination address.
    pub dst: Addr,
    /// Where the transport header begins, from the network header on.
    pub l4_offset: usize,
    /// The length of the packet, headers included, as the header says; zero if
    /// it does not fit into the header (RFC 2675 and large offloaded packets).
    pub total_len: u32,
    /// Whether the packet is a fragment.
    pub fragment: Fragment,
    /// The remaining hops.
    pub ttl: u8,
    /// Whether routers must not split the packet; always for IPv6.
    pub dont_fragment: bool,
}

impl Network {
    /// Asks for `len` bytes of the transport header.
    ///
    /// Missing bytes that the packet cannot have are [`ParseError::Malformed`].
    #[inline]
    pub fn require<'a>(&self, bytes: &'a [u8], len: usize) -> Result<&'a [u8], ParseError> {
        let end = self
            .l4_offset
            .checked_add(len)
            .ok_or(ParseError::Malformed)?;
        if self.total_len != 0 && end > num::index(self.total_len) {
            return Err(ParseError::Malformed);
        }
        bytes
            .get(self.l4_offset..end)
            .ok_or(ParseError::NeedMore(end))
    }

    /// The tuple with these ports.
    #[inline]
    const fn tuple(&self, src_port: u16, dst_port: u16) -> Tuple {
        Tuple {
            family: self.family,
            protocol: self.protocol,
            src: Endpoint::new(self.src, src_port),
            dst: Endpoint::new(self.dst, dst_port),
        }
    }
}

/// A packet, as far as a load balancer looks at it: one with ports, or the part of a flow that has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet {
    /// The flow; a protocol without ports has zeros there.
    pub tuple: Tuple,
    /// Where the transport header begins, from the network header on.
    pub l4_offset: usize,
    /// The length of the packet, headers included, as the header says; zero if
    /// it does not fit into the header (RFC 2675 and large offloaded packets).
    pub total_len: u32,
    /// The flags of the TCP header, zero for other protocols.
    pub tcp: TcpFlags,
    /// What the chunks of SCTP say, [`Event::None`] for other protocols.
    pub sctp: Event,
    /// The remaining hops.
    pub ttl: u8,
    /// Whether routers must not split the packet; always for IPv6.
    pub dont_fragment: bool,
}

impl Packet {
    /// Whether the sender begins a connection, even if there was one before.
    #[inline]
    pub const fn opens(&self) -> bool {
        self.tcp.opens() || matches!(self.sctp, Event::Init)
    }

    /// A copy for a step that few packets take.
    ///
    /// As long as no call is told where a packet is, what was read of it stays in registers, and what is known of
    /// it when the code is made (its family) is asked nowhere.
    #[inline(always)]
    pub fn aside(&self) -> Self {
        // Without the hint the compiler finds that the original does as well.
        core::hint::black_box(*self)
    }

    /// A packet of a protocol whose header rvs does not read.
    pub const fn without_ports(network: &Network) -> Self {
        Self::new(network, network.tuple(0, 0))
    }

    #[inline]
    const fn new(network: &Network, tuple: Tuple) -> Self {
        Self {
            tuple,
            l4_offset: network.l4_offset,
            total_len: network.total_len,
            tcp: TcpFlags(0),
            sctp: Event::None,
            ttl: network.ttl,
            dont_fragment: network.dont_fragment,
        }
    }
}

/// The bytes, from the network header on, that rewriting the packet may change.
#[inline]
pub fn header_len(packet: &Packet) -> usize {
    let transport = match packet.tuple.protocol {
        Protocol::TCP => tcp::HEADER_LEN,
        Protocol::UDP => udp::HEADER_LEN,
        Protocol::SCTP => sctp::HEADER_LEN,
        _ => 0,
    };
    packet.l4_offset.saturating_add(transport)
}

/// Reads the network header only.
#[inline(always)]
pub fn network(family: Family, bytes: &[u8]) -> Result<Network, ParseError> {
    match family {
        Family::Ipv4 => ipv4::parse(bytes),
        Family::Ipv6 => ipv6::parse(bytes),
    }
}

/// Reads a packet up to the ports and what drives the state tables.
///
/// A fragment of a protocol with ports is [`ParseError::Fragment`].
#[inline(always)]
pub fn parse(family: Family, bytes: &[u8]) -> Result<Packet, ParseError> {
    // Once for each family: so what was read of the header stays in registers.
    match family {
        Family::Ipv4 => parse_transport(&ipv4::parse(bytes)?, bytes),
        Family::Ipv6 => parse_transport(&ipv6::parse(bytes)?, bytes),
    }
}

/// Reads the transport header behind a network header.
#[inline(always)]
fn parse_transport(network: &Network, bytes: &[u8]) -> Result<Packet, ParseError> {
    if network.fragment != Fragment::None && network.protocol.has_ports() {
        return Err(ParseError::Fragment);
    }
    match network.protocol {
        Protocol::TCP => {
            let header = network.require(bytes, tcp::HEADER_LEN)?;
            let mut packet = with_ports(network, header)?;
            packet.tcp = tcp::flags(header).ok_or(ParseError::Malformed)?;
            Ok(packet)
        }
        Protocol::UDP => with_ports(network, network.require(bytes, udp::HEADER_LEN)?),
        Protocol::SCTP => {
            let header = network.require(bytes, sctp::HEADER_LEN)?;
            let mut packet = with_ports(network, header)?;
            packet.sctp = sctp::event(&{ *network }, bytes)?;
            Ok(packet)
        }
        _ => Err(ParseError::NotHandled),
    }
}

/// Reads the packet that an ICMP error quotes, of which `network` is the header.
///
/// `bytes` begins with that header. Only the ports are read, which is what an error has to quote (RFC 792):
/// the rest may have been cut off, so TCP flags and chunks are missing. A later fragment is
/// [`ParseError::Fragment`], and a protocol that has no flows is [`ParseError::NotHandled`].
pub fn parse_embedded(network: &Network, bytes: &[u8]) -> Result<Packet, ParseError> {
    match network.protocol {
        Protocol::TCP | Protocol::UDP | Protocol::SCTP => {}
        Protocol::AH | Protocol::ESP => return Ok(Packet::without_ports(network)),
        _ => return Err(ParseError::NotHandled),
    }
    if network.fragment == Fragment::Later {
        return Err(ParseError::Fragment);
    }
    with_ports(network, network.require(bytes, udp::PORTS_LEN)?)
}

/// The packet whose transport header begins `header`.
#[inline(always)]
fn with_ports(network: &Network, header: &[u8]) -> Result<Packet, ParseError> {
    let (src, dst) = udp::ports(header).ok_or(ParseError::Malformed)?;
    Ok(Packet::new(network, network.tuple(src, dst)))
}

/// The port of ISAKMP, which negotiates the keys of IPsec (RFC 2408 §2.5.1).
const ISAKMP_PORT: u16 = 500;

/// The tuple by which the connection of a packet is found.
///
/// IPVS behaviour: AH and ESP have no ports; they go where the ISAKMP flow between the same hosts went.
pub fn flow(tuple: &Tuple) -> Tuple {
    match tuple.protocol {
        Protocol::AH | Protocol::ESP => Tuple {
            family: tuple.family,
            protocol: Protocol::UDP,
            src: Endpoint::new(tuple.src.addr, ISAKMP_PORT),
            dst: Endpoint::new(tuple.dst.addr, ISAKMP_PORT),
        },
        _ => *tuple,
    }
}

#[cfg(test)]
mod tests;
