// SPDX-License-Identifier: GPL-2.0

//! Addresses, endpoints and the tuple that names a flow.

use core::{
    fmt,
    net::{
        Ipv4Addr,
        Ipv6Addr, //
    }, //
};

/// An address family, by its number in the system (`AF_INET`, `AF_INET6`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Family {
    /// IPv4.
    Ipv4 = 2,
    /// IPv6.
    Ipv6 = 10,
}

impl Family {
    /// The family with the number `af`.
    #[inline]
    pub const fn from_af(af: u16) -> Option<Self> {
        match af {
            2 => Some(Self::Ipv4),
            10 => Some(Self::Ipv6),
            _ => None,
        }
    }

    /// The number of the family.
    #[inline]
    pub const fn af(self) -> u16 {
        match self {
            Self::Ipv4 => 2,
            Self::Ipv6 => 10,
        }
    }

    /// The length of an address in bytes.
    #[inline]
    pub const fn addr_len(self) -> usize {
        match self {
            Self::Ipv4 => 4,
            Self::Ipv6 => 16,
        }
    }
}

/// A transport protocol, by its number in the IP header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
#[repr(transparent)]
pub struct Protocol(pub u8);

impl Protocol {
    /// ICMP for IPv4.
    pub const ICMP: Self = Self(1);
    /// IPv4 inside IP.
    pub const IPIP: Self = Self(4);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// IPv6 inside IP.
    pub const IPV6: Self = Self(41);
    /// Generic routing encapsulation.
    pub const GRE: Self = Self(47);
    /// Encapsulating security payload.
    pub const ESP: Self = Self(50);
    /// Authentication header.
    pub const AH: Self = Self(51);
    /// ICMP for IPv6.
    pub const ICMPV6: Self = Self(58);
    /// SCTP.
    pub const SCTP: Self = Self(132);

    /// Whether the header begins with a source and a destination port that rvs
    /// knows how to read.
    #[inline]
    pub const fn has_ports(self) -> bool {
        matches!(self, Self::TCP | Self::UDP | Self::SCTP)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TCP => f.pad("TCP"),
            Self::UDP => f.pad("UDP"),
            Self::SCTP => f.pad("SCTP"),
            Self::ICMP => f.pad("ICMP"),
            Self::ICMPV6 => f.pad("ICMPv6"),
            Self(number) => fmt::Display::fmt(&number, f),
        }
    }
}

/// An IPv4 or IPv6 address.
///
/// The bytes are kept in network order, loaded as two native words; an IPv4
/// address takes the first four bytes and the rest is zero. The family is known
/// from where the address stands (a service, a tuple), so it is not repeated
/// here.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
#[repr(C)]
pub struct Addr {
    words: [u64; 2],
}

impl Addr {
    /// The address of no host: `0.0.0.0` and `::`.
    pub const UNSPECIFIED: Self = Self { words: [0; 2] };

    /// An IPv4 address.
    #[inline]
    pub const fn from_v4(bytes: [u8; 4]) -> Self {
        let [a, b, c, d] = bytes;
        Self {
            words: [u64::from_ne_bytes([a, b, c, d, 0, 0, 0, 0]), 0],
        }
    }

    /// An IPv6 address.
    #[inline]
    pub const fn from_v6(bytes: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
        Self {
            words: [
                u64::from_ne_bytes([a, b, c, d, e, f, g, h]),
                u64::from_ne_bytes([i, j, k, l, m, n, o, p]),
            ],
        }
    }

    /// The address that begins `bytes`, which may be longer than it.
    ///
    /// The union of the kernel's netlink interfaces carries an IPv4 address in
    /// 16 bytes, so a longer slice is no error.
    #[inline]
    pub fn from_slice(family: Family, bytes: &[u8]) -> Option<Self> {
        match family {
            Family::Ipv4 => bytes.first_chunk().map(|v4| Self::from_v4(*v4)),
            Family::Ipv6 => bytes.first_chunk().map(|v6| Self::from_v6(*v6)),
        }
    }

    /// All bytes in network order; those after an IPv4 address are zero.
    #[inline]
    pub const fn bytes(&self) -> [u8; 16] {
        let [first, second] = self.words;
        let [a, b, c, d, e, f, g, h] = first.to_ne_bytes();
        let [i, j, k, l, m, n, o, p] = second.to_ne_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }

    /// The bytes of an IPv4 address in network order.
    #[inline]
    pub const fn v4(&self) -> [u8; 4] {
        let [first, _] = self.words;
        let [a, b, c, d, ..] = first.to_ne_bytes();
        [a, b, c, d]
    }

    /// The words as loaded from memory.
    #[inline]
    pub const fn words(&self) -> [u64; 2] {
        self.words
    }

    /// The address with these [`Self::words`].
    pub const fn from_words(words: [u64; 2]) -> Self {
        Self { words }
    }

    /// The IPv4 address as one native load of its bytes.
    #[inline]
    pub const fn v4_word(&self) -> u32 {
        u32::from_ne_bytes(self.v4())
    }

    /// Whether this is `0.0.0.0` or `::`.
    #[inline]
    pub const fn is_unspecified(&self) -> bool {
        let [first, second] = self.words;
        first | second == 0
    }

    /// Whether this is a group address (RFC 5771: `224.0.0.0/4`, RFC 4291:
    /// `ff00::/8`).
    #[inline]
    pub const fn is_multicast(&self, family: Family) -> bool {
        let [first, ..] = self.v4();
        match family {
            Family::Ipv4 => first & 0xf0 == 0xe0,
            Family::Ipv6 => first == 0xff,
        }
    }

    /// Whether this is the limited broadcast address of IPv4 (RFC 919).
    #[inline]
    pub const fn is_broadcast(&self, family: Family) -> bool {
        matches!(family, Family::Ipv4) && self.v4_word() == u32::MAX
    }

    /// Whether this IPv6 address is valid on one link only (RFC 4291:
    /// `fe80::/10`).
    #[inline]
    pub const fn is_link_local_v6(&self) -> bool {
        let [first, second, ..] = self.v4();
        first == 0xfe && second & 0xc0 == 0x80
    }

    /// Whether this address never leaves the host (`127.0.0.0/8`, `::1`).
    #[inline]
    pub const fn is_loopback(&self, family: Family) -> bool {
        let [first, second] = self.words;
        let [net, ..] = self.v4();
        match family {
            Family::Ipv4 => net == 127,
            Family::Ipv6 => first == 0 && second == 1u64.to_be(),
        }
    }

    /// The first `prefix` bits of the address, the others zero.
    ///
    /// A prefix that is longer than the address keeps all of it.
    #[inline]
    pub fn masked(&self, family: Family, prefix: u8) -> Self {
        let [first, second] = self.words;
        let prefix = u32::from(prefix);
        match family {
            Family::Ipv4 => Self {
                words: [first & prefix_mask(prefix.min(32)), 0],
            },
            Family::Ipv6 => Self {
                words: [
                    first & prefix_mask(prefix),
                    second & prefix_mask(prefix.saturating_sub(64)),
                ],
            },
        }
    }

    /// The address in the text form of its family; for IPv6 that is RFC 5952.
    #[inline]
    pub const fn display(self, family: Family) -> DisplayAddr {
        DisplayAddr { addr: self, family }
    }
}

/// A word, as loaded, whose first `bits` bits in network order are set.
#[inline]
fn prefix_mask(bits: u32) -> u64 {
    u64::MAX
        .checked_shr(bits)
        .map_or(u64::MAX, |rest| (!rest).to_be())
}

impl fmt::Debug for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = match self.bytes() {
            [_, _, _, _, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] => Family::Ipv4,
            _ => Family::Ipv6,
        };
        fmt::Display::fmt(&self.display(family), f)
    }
}

/// Prints an address; made by [`Addr::display`].
#[derive(Clone, Copy, Debug)]
pub struct DisplayAddr {
    addr: Addr,
    family: Family,
}

impl fmt::Display for DisplayAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            Family::Ipv4 => fmt::Display::fmt(&Ipv4Addr::from(self.addr.v4()), f),
            Family::Ipv6 => fmt::Display::fmt(&Ipv6Addr::from(self.addr.bytes()), f),
        }
    }
}

/// One end of a flow.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Debug)]
pub struct Endpoint {
    /// The address.
    pub addr: Addr,
    /// The port in host order.
    pub port: u16,
}

impl Endpoint {
    /// The endpoint at `addr` and `port`.
    #[inline]
    pub const fn new(addr: Addr, port: u16) -> Self {
        Self { addr, port }
    }

    /// The endpoint as text: `192.0.2.1:80`, `[2001:db8::1]:80`.
    #[inline]
    pub const fn display(self, family: Family) -> DisplayEndpoint {
        DisplayEndpoint {
            endpoint: self,
            family,
        }
    }
}

/// Prints an endpoint; made by [`Endpoint::display`].
#[derive(Clone, Copy, Debug)]
pub struct DisplayEndpoint {
    endpoint: Endpoint,
    family: Family,
}

impl fmt::Display for DisplayEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addr = self.endpoint.addr.display(self.family);
        let port = self.endpoint.port;
        match self.family {
            Family::Ipv4 => write!(f, "{addr}:{port}"),
            Family::Ipv6 => write!(f, "[{addr}]:{port}"),
        }
    }
}

/// What names a flow in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tuple {
    /// The family of both addresses.
    pub family: Family,
    /// The transport protocol.
    pub protocol: Protocol,
    /// Where the packet comes from.
    pub src: Endpoint,
    /// Where the packet goes to.
    pub dst: Endpoint,
}

impl Tuple {
    /// The tuple of the answers to this one.
    #[inline]
    pub const fn reversed(&self) -> Self {
        Self {
            family: self.family,
            protocol: self.protocol,
            src: self.dst,
            dst: self.src,
        }
    }
}

#[cfg(test)]
mod tests;
