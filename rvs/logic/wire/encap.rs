// SPDX-License-Identifier: GPL-2.0

//! Writing the headers of a tunnel: an outer IP header, and what stands between it and the packet inside.
//!
//! IP in IP (RFC 2003, RFC 2473, RFC 4213), GRE (RFC 2784) and GUE (draft-ietf-intarea-gue). The reader of the
//! same headers is [`super::decap`].

use super::{
    super::{
        addr::{
            Addr,
            Family,
            Protocol, //
        },
        num,
        uapi::{
            TunFlag,
            TunType, //
        },
    },
    ipv4,
    ipv6,
    udp, //
};

/// The longest headers: IPv6, UDP, and GUE with remote checksum offload.
pub const MAX_LEN: usize = ipv6::HEADER_LEN + udp::HEADER_LEN + GUE_LEN + GUE_REMCSUM_LEN;

/// The smallest MTU that a link may have (RFC 791 §3.2, RFC 8200 §5): a sender need not make smaller packets.
pub const fn least_mtu(inner: Family) -> u32 {
    match inner {
        Family::Ipv4 => 68,
        Family::Ipv6 => 1280,
    }
}

const GUE_LEN: usize = 4;
const GUE_REMCSUM_LEN: usize = 8;
/// In the flags of the header: a word of private flags follows.
const GUE_PRIVATE: u16 = 0x0001;
/// In the private flags: the fields of remote checksum offload follow.
const GUE_REMCSUM: u32 = 0x8000_0000;

const GRE_LEN: usize = 4;
const GRE_CHECKSUM_LEN: usize = 4;
const GRE_CHECKSUM: u16 = 0x8000;

const DONT_FRAGMENT: u16 = 0x4000;

/// The two bits of the traffic class that are about congestion (RFC 3168 §5).
const ECN: u8 = 0x03;
/// Congestion was experienced.
const ECN_CE: u8 = 0x03;
/// The transport can react to congestion.
const ECN_ECT0: u8 = 0x02;

/// Which headers are put before a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Family of the outer IP header.
    pub outer: Family,
    /// Family of the packet.
    pub inner: Family,
    /// What stands between both.
    pub kind: TunType,
    /// Whether the UDP or GRE header has a checksum over the whole.
    pub csum: bool,
    /// Whether the receiver is told to complete the packet's checksum.
    pub remcsum: bool,
    /// Whether it would be told so if the checksum were incomplete.
    pub may_remcsum: bool,
}

impl Shape {
    /// The shape for a packet, given the tunnel's bits of [`TunFlag`]; `partial` says that the packet's own
    /// checksum is still incomplete (`CHECKSUM_PARTIAL`).
    #[inline]
    pub fn new(outer: Family, inner: Family, kind: TunType, flags: u8, partial: bool) -> Self {
        let has = |flag: TunFlag| u32::from(flags) & flag.bit() != 0;
        let remcsum = kind == TunType::Gue && has(TunFlag::Remcsum);
        Self {
            outer,
            inner,
            kind,
            csum: kind != TunType::Ipip && (has(TunFlag::Csum) || remcsum),
            remcsum: remcsum && partial,
            may_remcsum: remcsum,
        }
    }

    /// The longest shape that any packet gets in this tunnel.
    pub const fn longest(&self) -> Self {
        Self {
            remcsum: self.may_remcsum,
            ..*self
        }
    }

    /// The length of the outer IP header.
    #[inline]
    pub const fn ip_len(&self) -> usize {
        match self.outer {
            Family::Ipv4 => ipv4::HEADER_LEN,
            Family::Ipv6 => ipv6::HEADER_LEN,
        }
    }

    /// The length of all headers.
    #[inline]
    pub const fn headers_len(&self) -> usize {
        self.ip_len()
            .wrapping_add(match (self.kind, self.csum, self.remcsum) {
                (TunType::Ipip, ..) => 0,
                (TunType::Gue, _, false) => udp::HEADER_LEN + GUE_LEN,
                (TunType::Gue, _, true) => udp::HEADER_LEN + GUE_LEN + GUE_REMCSUM_LEN,
                (TunType::Gre, false, _) => GRE_LEN,
                (TunType::Gre, true, _) => GRE_LEN + GRE_CHECKSUM_LEN,
            })
    }

    /// What follows the outer IP header.
    #[inline]
    pub const fn protocol(&self) -> Protocol {
        match self.kind {
            TunType::Ipip => self.packet_protocol(),
            TunType::Gue => Protocol::UDP,
            TunType::Gre => Protocol::GRE,
        }
    }

    /// Whether there are ports among the headers.
    #[inline]
    pub const fn has_ports(&self) -> bool {
        matches!(self.kind, TunType::Gue)
    }

    /// The packet as the payload of an IP header.
    #[inline]
    const fn packet_protocol(&self) -> Protocol {
        match self.inner {
            Family::Ipv4 => Protocol::IPIP,
            Family::Ipv6 => Protocol::IPV6,
        }
    }

    /// The packet as the payload of a link.
    #[inline]
    const fn ethertype(&self) -> u16 {
        match self.inner {
            Family::Ipv4 => 0x0800,
            Family::Ipv6 => 0x86dd,
        }
    }
}

/// What the headers say, besides their shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Values {
    /// This end of the tunnel.
    pub src: Addr,
    /// The other end.
    pub dst: Addr,
    /// The ports of UDP, for GUE.
    pub src_port: u16,
    /// As above.
    pub dst_port: u16,
    /// Whether the tunnel's packet must not be split if the packet inside must not.
    pub keep_df: bool,
    /// Where the receiver begins to sum, from the packet's first byte on, and where the checksum stands from
    /// there; for remote checksum offload.
    pub csum_start: u16,
    /// As above.
    pub csum_offset: u16,
}

/// What the outer header takes over from the packet's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Inherited {
    traffic_class: u8,
    ttl: u8,
    dont_fragment: bool,
}

impl Inherited {
    /// From the packet's header, which begins `packet`.
    fn read(family: Family, packet: &[u8]) -> Option<Self> {
        match family {
            Family::Ipv4 => {
                let [_, tos, _, _, _, _, f0, f1, ttl, ..] =
                    *packet.first_chunk::<{ ipv4::HEADER_LEN }>()?;
                Some(Self {
                    traffic_class: tos,
                    ttl,
                    dont_fragment: u16::from_be_bytes([f0, f1]) & DONT_FRAGMENT != 0,
                })
            }
            Family::Ipv6 => {
                let [b0, b1, _, _, _, _, _, ttl, ..] =
                    *packet.first_chunk::<{ ipv6::HEADER_LEN }>()?;
                Some(Self {
                    traffic_class: (b0 << 4) | (b1 >> 4),
                    ttl,
                    // Routers split no IPv6 packet, but this end may split the tunnel's.
                    dont_fragment: false,
                })
            }
        }
    }

    /// The traffic class of the outer header (RFC 3168 §9.1.1): congestion that the packet has met is not
    /// reported again.
    const fn outer_class(&self) -> u8 {
        match self.traffic_class & ECN {
            ECN_CE => (self.traffic_class & !ECN) | ECN_ECT0,
            _ => self.traffic_class,
        }
    }
}

/// Headers, ready to be put before a packet.
///
/// To be filled in by whoever sends them, since it depends on the rest: the checksums, which are zero, and the ID
/// of an IPv4 header without "don't fragment".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Headers {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl Headers {
    /// The headers for a packet of `packet_len` bytes, of which the network header begins `packet`. Its
    /// remaining hops are those of the outer header. `None` if the network header is incomplete.
    pub fn new(shape: &Shape, values: &Values, packet: &[u8], packet_len: u32) -> Option<Self> {
        let inherited = Inherited::read(shape.inner, packet)?;
        let mut headers = Self {
            bytes: [0; MAX_LEN],
            len: 0,
        };
        // At most u32::MAX: what does not fit into a header's field is not written.
        let len = packet_len.saturating_add(num::saturating_u32(shape.headers_len()));
        match shape.outer {
            Family::Ipv4 => headers.ipv4(shape, values, &inherited, len)?,
            Family::Ipv6 => headers.ipv6(shape, values, &inherited, len)?,
        }
        match shape.kind {
            TunType::Ipip => {}
            TunType::Gre => headers.gre(shape)?,
            TunType::Gue => {
                let ip_len = num::saturating_u32(shape.ip_len());
                headers.udp(values, len.saturating_sub(ip_len))?;
                headers.gue(shape, values)?;
            }
        }
        Some(headers)
    }

    /// The headers.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.len.checked_add(bytes.len())?;
        self.bytes.get_mut(self.len..end)?.copy_from_slice(bytes);
        self.len = end;
        Some(())
    }

    fn put16(&mut self, value: u16) -> Option<()> {
        self.put(&value.to_be_bytes())
    }

    fn ipv4(&mut self, shape: &Shape, values: &Values, from: &Inherited, len: u32) -> Option<()> {
        let fragment = match values.keep_df && from.dont_fragment {
            true => DONT_FRAGMENT,
            false => 0,
        };
        self.put(&[0x45, from.outer_class()])?;
        self.put16(field(len))?;
        self.put16(0)?;
        self.put16(fragment)?;
        self.put(&[from.ttl, shape.protocol().0, 0, 0])?;
        self.put(&values.src.v4())?;
        self.put(&values.dst.v4())
    }

    fn ipv6(&mut self, shape: &Shape, values: &Values, from: &Inherited, len: u32) -> Option<()> {
        let class = from.outer_class();
        let ip_len = num::saturating_u32(ipv6::HEADER_LEN);
        self.put(&[0x60 | (class >> 4), class << 4, 0, 0])?;
        self.put16(field(len.saturating_sub(ip_len)))?;
        self.put(&[shape.protocol().0, from.ttl])?;
        self.put(&values.src.bytes())?;
        self.put(&values.dst.bytes())
    }

    fn gre(&mut self, shape: &Shape) -> Option<()> {
        match shape.csum {
            false => {
                self.put16(0)?;
                self.put16(shape.ethertype())
            }
            true => {
                self.put16(GRE_CHECKSUM)?;
                self.put16(shape.ethertype())?;
                self.put(&[0; GRE_CHECKSUM_LEN])
            }
        }
    }

    fn udp(&mut self, values: &Values, len: u32) -> Option<()> {
        self.put16(values.src_port)?;
        self.put16(values.dst_port)?;
        self.put16(field(len))?;
        self.put16(0)
    }

    fn gue(&mut self, shape: &Shape, values: &Values) -> Option<()> {
        // Version 0, no control message, and the length of what is optional in words.
        let protocol = shape.packet_protocol().0;
        if !shape.remcsum {
            return self.put(&[0, protocol, 0, 0]);
        }
        self.put(&[2, protocol])?;
        self.put16(GUE_PRIVATE)?;
        self.put(&GUE_REMCSUM.to_be_bytes())?;
        self.put16(values.csum_start)?;
        self.put16(values.csum_start.wrapping_add(values.csum_offset))
    }
}

/// A length as a header's field; zero if it does not fit, as in packets that are cut before they leave.
#[inline]
fn field(len: u32) -> u16 {
    u16::try_from(len).unwrap_or(0)
}

#[cfg(test)]
mod tests;
