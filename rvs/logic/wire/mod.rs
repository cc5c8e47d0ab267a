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
    num, //
};

pub mod icmp;
pub mod ipv4;
pub mod ipv6;
pub mod rewrite;
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

/// A packet with ports, as far as a load balancer looks at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet {
    /// The flow; the ports of a later fragment are zero.
    pub tuple: Tuple,
    /// Where the transport header begins, from the network header on.
    pub l4_offset: usize,
    /// The length of the packet, headers included, as the header says; zero if
    /// it does not fit into the header (RFC 2675 and large offloaded packets).
    pub total_len: u32,
    /// The flags of the TCP header, zero for other protocols.
    pub tcp: TcpFlags,
    /// Whether the packet is a fragment.
    pub fragment: Fragment,
    /// The remaining hops.
    pub ttl: u8,
    /// Whether routers must not split the packet; always for IPv6.
    pub dont_fragment: bool,
}

impl Packet {
    #[inline]
    const fn new(network: &Network, tuple: Tuple, tcp: TcpFlags) -> Self {
        Self {
            tuple,
            l4_offset: network.l4_offset,
            total_len: network.total_len,
            tcp,
            fragment: network.fragment,
            ttl: network.ttl,
            dont_fragment: network.dont_fragment,
        }
    }
}

/// How much of the transport header must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// What the protocol needs to be handled.
    Header,
    /// The ports, which is what an ICMP error has to quote (RFC 792).
    Ports,
}

/// The bytes, from the network header on, that rewriting the packet may change.
#[inline]
pub fn header_len(packet: &Packet) -> usize {
    let transport = match (packet.fragment, packet.tuple.protocol) {
        (Fragment::Later, _) => 0,
        (_, Protocol::TCP) => tcp::HEADER_LEN,
        (_, Protocol::UDP) => udp::HEADER_LEN,
        _ => SCTP_HEADER_LEN,
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

/// Reads a packet up to the ports and the TCP flags.
#[inline(always)]
pub fn parse(family: Family, bytes: &[u8]) -> Result<Packet, ParseError> {
    transport(&network(family, bytes)?, bytes, Depth::Header)
}

/// Reads a packet whose network header is known already.
#[inline]
pub fn parse_transport(network: &Network, bytes: &[u8]) -> Result<Packet, ParseError> {
    transport(network, bytes, Depth::Header)
}

/// Reads the packet that an ICMP error quotes.
///
/// `bytes` begins with the quoted network header. Only the ports are read: the
/// rest of the transport header may have been cut off, so the TCP flags are
/// zero.
#[inline]
pub fn parse_embedded(family: Family, bytes: &[u8]) -> Result<Packet, ParseError> {
    transport(&network(family, bytes)?, bytes, Depth::Ports)
}

#[inline(always)]
fn transport(network: &Network, bytes: &[u8], depth: Depth) -> Result<Packet, ParseError> {
    if !network.protocol.has_ports() {
        return Err(ParseError::NotHandled);
    }
    if network.fragment == Fragment::Later {
        let tuple = network.tuple(0, 0);
        return Ok(Packet::new(network, tuple, TcpFlags::default()));
    }
    let want = match (depth, network.protocol) {
        (Depth::Ports, _) => udp::PORTS_LEN,
        (Depth::Header, Protocol::TCP) => tcp::HEADER_LEN,
        (Depth::Header, Protocol::UDP) => udp::HEADER_LEN,
        (Depth::Header, _) => SCTP_HEADER_LEN,
    };
    let header = network.require(bytes, want)?;
    let (src, dst) = udp::ports(header).ok_or(ParseError::Malformed)?;
    let flags = match (depth, network.protocol) {
        (Depth::Header, Protocol::TCP) => tcp::flags(header).ok_or(ParseError::Malformed)?,
        _ => TcpFlags::default(),
    };
    Ok(Packet::new(network, network.tuple(src, dst), flags))
}

/// The length of the common header of SCTP (RFC 9260 §3.1).
pub const SCTP_HEADER_LEN: usize = 12;

#[cfg(test)]
mod tests;
