// SPDX-License-Identifier: GPL-2.0

//! What IPVS's clients say about services and destinations, from either of its interfaces, and what of it
//! makes sense.

use super::{
    padded,
    policy::{
        Parsed,
        Shape, //
    },
    uapi::{
        conn_flag,
        dest,
        flag,
        service, //
    },
    Refused, //
};
use crate::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    nla::Attr,
    num,
    uapi::{
        Method,
        TunType, //
    }, //
};

/// Bytes of the address attributes.
const ADDR_LEN: usize = 16;
/// Bytes of a scheduler's name with its zero byte.
pub const NAME_LEN: usize = 16;
/// The highest number that is not negative to IPVS.
const MOST: u32 = u32::MAX >> 1;

const SERVICE: [Shape; 12] = [
    Shape::AtLeast(2),
    Shape::AtLeast(2),
    Shape::AtMost(ADDR_LEN),
    Shape::AtLeast(2),
    Shape::AtLeast(4),
    Shape::Text(NAME_LEN - 1),
    Shape::AtMost(8),
    Shape::AtLeast(4),
    Shape::AtLeast(4),
    Shape::Nest,
    Shape::Text(NAME_LEN),
    Shape::Any,
];

const DEST: [Shape; 15] = [
    Shape::AtMost(ADDR_LEN),
    Shape::AtLeast(2),
    Shape::AtLeast(4),
    Shape::AtLeast(4),
    Shape::AtLeast(4),
    Shape::AtLeast(4),
    Shape::AtLeast(4),
    Shape::AtLeast(4),
    Shape::AtLeast(4),
    Shape::Nest,
    Shape::AtLeast(2),
    Shape::Any,
    Shape::AtLeast(1),
    Shape::AtLeast(2),
    Shape::AtLeast(2),
];

/// An address of which there are at least as many bytes as the family needs.
fn address(family: Family, bytes: [u8; ADDR_LEN]) -> Addr {
    match (family, bytes) {
        (Family::Ipv4, [a, b, c, d, ..]) => Addr::from_v4([a, b, c, d]),
        (Family::Ipv6, bytes) => Addr::from_v6(bytes),
    }
}

/// What names a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// A firewall mark that is not 0.
    Mark(Family, u32),
    /// Protocol, address and port.
    Address(Family, u16, Endpoint),
}

impl Key {
    /// Its family.
    pub fn family(&self) -> Family {
        match self {
            Self::Mark(family, _) | Self::Address(family, ..) => *family,
        }
    }

    /// The protocol, address and port, or the firewall mark instead if it is not 0.
    fn new(family: Family, mark: u32, protocol: u16, end: Endpoint) -> Self {
        match mark {
            0 => Self::Address(family, protocol, end),
            mark => Self::Mark(family, mark),
        }
    }
}

/// What is to be done with a service that is there or not yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServiceUser<'a> {
    /// The name of the scheduler.
    pub scheduler: &'a [u8],
    /// The persistence engine, empty for none.
    pub engine: &'a [u8],
    /// Flags, and which of them are meant.
    pub flags: [u32; 2],
    /// Seconds.
    pub timeout: u32,
    /// As in the attribute: in network order, or the length of an IPv6 prefix.
    pub netmask: [u8; 4],
}

/// A service's settings as rvs has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServiceWish {
    /// Each UDP packet is scheduled for itself.
    pub one_packet: bool,
    /// Bits of [`crate::logic::uapi::SchedFlag`].
    pub sched_flags: u32,
    /// Seconds for which a client keeps its server; 0 is not at all.
    pub persist_timeout: u32,
    /// How much of a client's address counts.
    pub persist_prefix: u8,
}

/// The attributes of a service.
pub struct ServiceAttrs<'a>(Parsed<'a, 12>);

impl<'a> ServiceAttrs<'a> {
    /// Takes the nest apart.
    pub fn new(nest: Option<Attr<'a>>) -> Result<Self, Refused> {
        let nest = nest.ok_or(Refused::Invalid)?;
        // IPVS behaviour: whatever is wrong inside.
        let parsed = Parsed::new(nest.attrs(), &SERVICE).map_err(|_| Refused::Invalid)?;
        Ok(Self(parsed))
    }

    /// What names the service.
    pub fn key(&self) -> Result<Key, Refused> {
        let attrs = &self.0;
        let af = attrs.u16(service::AF);
        let end = (
            attrs.u16_be(service::PORT),
            attrs.u16(service::PROTOCOL),
            attrs.padded(service::ADDR),
        );
        let mark = attrs.u32(service::FWMARK);
        let (Some(af), true) = (
            af,
            mark.is_some() || matches!(end, (Some(_), Some(_), Some(_))),
        ) else {
            return Err(Refused::Invalid);
        };
        let family = Family::from_af(af).ok_or(Refused::Family)?;
        match (mark, end) {
            (None, (Some(port), Some(protocol), Some(addr))) => {
                let end = Endpoint::new(address(family, addr), port);
                Ok(Key::new(family, 0, protocol, end))
            }
            // IPVS behaviour: without a mark it is TCP to port 0 of no address.
            (mark, _) => {
                let tcp = u16::from(Protocol::TCP.0);
                let end = Endpoint::new(address(family, [0; ADDR_LEN]), 0);
                Ok(Key::new(family, mark.unwrap_or(0), tcp, end))
            }
        }
    }

    /// What is said about the service.
    pub fn user(&self) -> Result<ServiceUser<'a>, Refused> {
        let attrs = &self.0;
        let [f0, f1, f2, f3, m0, m1, m2, m3] =
            attrs.padded(service::FLAGS).ok_or(Refused::Invalid)?;
        Ok(ServiceUser {
            scheduler: attrs.text(service::SCHED_NAME).ok_or(Refused::Invalid)?,
            engine: attrs.text(service::PE_NAME).unwrap_or(&[]),
            flags: [[f0, f1, f2, f3], [m0, m1, m2, m3]].map(u32::from_ne_bytes),
            timeout: attrs.u32(service::TIMEOUT).ok_or(Refused::Invalid)?,
            netmask: attrs.bytes(service::NETMASK).ok_or(Refused::Invalid)?,
        })
    }
}

impl ServiceUser<'_> {
    /// The length of the prefix that a netmask stands for.
    fn prefix(&self, family: Family) -> Result<u8, Refused> {
        match family {
            Family::Ipv4 => {
                let mask = u32::from_be_bytes(self.netmask);
                let ones = mask.leading_ones();
                // rvs knows prefixes only.
                match ones.wrapping_add(mask.trailing_zeros()) {
                    32 => u8::try_from(ones).map_err(|_| Refused::Invalid),
                    _ if mask == 0 => Ok(0),
                    _ => Err(Refused::Invalid),
                }
            }
            Family::Ipv6 => match u32::from_ne_bytes(self.netmask) {
                bits @ 1..=128 => u8::try_from(bits).map_err(|_| Refused::Invalid),
                _ => Err(Refused::Invalid),
            },
        }
    }

    /// What it means for a service whose flags were `old`, or 0 for a new one.
    pub fn wish(&self, family: Family, old: u32) -> Result<ServiceWish, Refused> {
        let [flags, mask] = self.flags;
        let flags = old & !mask | flags & mask;
        let persist_timeout = match flags & flag::PERSISTENT {
            0 => 0,
            // 0 would be "not at all".
            _ => self.timeout.max(1),
        };
        Ok(ServiceWish {
            one_packet: flags & flag::ONE_PACKET != 0,
            sched_flags: (flags & flag::SCHED) >> flag::SCHED_SHIFT,
            persist_timeout,
            persist_prefix: self.prefix(family)?,
        })
    }
}

impl ServiceWish {
    /// Its flags as IPVS shows them.
    pub fn flags(&self) -> u32 {
        let mut flags = flag::HASHED | (self.sched_flags << flag::SCHED_SHIFT) & flag::SCHED;
        if self.persist_timeout != 0 {
            flags |= flag::PERSISTENT;
        }
        if self.one_packet {
            flags |= flag::ONE_PACKET;
        }
        flags
    }

    /// Its netmask as IPVS shows it.
    pub fn netmask(&self, family: Family) -> [u8; 4] {
        let prefix = u32::from(self.persist_prefix);
        match family {
            Family::Ipv4 => u32::MAX
                .checked_shl(32u32.saturating_sub(prefix))
                .unwrap_or(0)
                .to_be_bytes(),
            Family::Ipv6 => prefix.to_ne_bytes(),
        }
    }
}

/// What names a destination of a service. The family may be left open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DestKey {
    af: u16,
    addr: [u8; ADDR_LEN],
    port: u16,
}

impl DestKey {
    /// The family and the endpoint for a service of this family.
    pub fn resolve(&self, service: Family) -> Result<(Family, Endpoint), Refused> {
        let family = match self.af {
            0 => service,
            af => Family::from_af(af).ok_or(Refused::Family)?,
        };
        Ok((family, Endpoint::new(address(family, self.addr), self.port)))
    }
}

/// What is said about a destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DestUser {
    /// Its key.
    pub key: DestKey,
    /// The number of the method.
    pub method: u32,
    /// The weight; negative ones are refused.
    pub weight: u32,
    /// Thresholds.
    pub upper: u32,
    /// Thresholds.
    pub lower: u32,
    /// The number of the kind of tunnel.
    pub tun_type: u8,
    /// UDP port of the tunnel.
    pub tun_port: u16,
    /// Flags of the tunnel.
    pub tun_flags: u16,
}

/// A destination's settings as rvs has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DestWish {
    /// Family of the address.
    pub family: Family,
    /// Address and port.
    pub endpoint: Endpoint,
    /// How packets get there.
    pub method: Method,
    /// Its weight.
    pub weight: u32,
    /// Thresholds.
    pub upper: u32,
    /// Thresholds.
    pub lower: u32,
    /// What packets are put into.
    pub tun_type: TunType,
    /// UDP port of the tunnel.
    pub tun_port: u16,
    /// Bits of [`crate::logic::uapi::TunFlag`].
    pub tun_flags: u8,
}

/// The attributes of a destination.
pub struct DestAttrs<'a>(Parsed<'a, 15>);

impl<'a> DestAttrs<'a> {
    /// Takes the nest apart.
    pub fn new(nest: Option<Attr<'a>>) -> Result<Self, Refused> {
        let nest = nest.ok_or(Refused::Invalid)?;
        let parsed = Parsed::new(nest.attrs(), &DEST).map_err(|_| Refused::Invalid)?;
        Ok(Self(parsed))
    }

    /// What names the destination.
    pub fn key(&self) -> Result<DestKey, Refused> {
        Ok(DestKey {
            af: self.0.u16(dest::ADDR_FAMILY).unwrap_or(0),
            addr: self.0.padded(dest::ADDR).ok_or(Refused::Invalid)?,
            port: self.0.u16_be(dest::PORT).ok_or(Refused::Invalid)?,
        })
    }

    /// What is said about the destination.
    pub fn user(&self) -> Result<DestUser, Refused> {
        let number = |kind| self.0.u32(kind).ok_or(Refused::Invalid);
        Ok(DestUser {
            key: self.key()?,
            method: number(dest::FWD_METHOD)? & conn_flag::METHOD,
            weight: number(dest::WEIGHT)?,
            upper: number(dest::U_THRESH)?,
            lower: number(dest::L_THRESH)?,
            tun_type: self.0.u8(dest::TUN_TYPE).unwrap_or(0),
            tun_port: self.0.u16_be(dest::TUN_PORT).unwrap_or(0),
            tun_flags: self.0.u16(dest::TUN_FLAGS).unwrap_or(0),
        })
    }
}

impl DestUser {
    /// What it means in a service of this family, in the order in which IPVS checks.
    pub fn wish(&self, service: Family) -> Result<DestWish, Refused> {
        let (family, endpoint) = self.key.resolve(service)?;
        let method = Method::from_u8(num::low8(self.method));
        if family != service && method != Some(Method::Tunnel) {
            return Err(Refused::Invalid);
        }
        if self.weight > MOST || self.lower > self.upper {
            return Err(Refused::Range);
        }
        if self.upper > MOST {
            return Err(Refused::Invalid);
        }
        // What IPVS lets pass and rvs does not have is refused, too.
        let tun_type = TunType::from_u8(self.tun_type).ok_or(Refused::Invalid)?;
        if tun_type == TunType::Gue && self.tun_port == 0 {
            return Err(Refused::Invalid);
        }
        Ok(DestWish {
            family,
            endpoint,
            method: method
                .filter(|method| *method != Method::Bypass)
                .ok_or(Refused::Invalid)?,
            weight: self.weight,
            upper: self.upper,
            lower: self.lower,
            tun_type,
            tun_port: self.tun_port,
            tun_flags: u8::try_from(self.tun_flags).map_err(|_| Refused::Invalid)?,
        })
    }
}

/// A service as the socket options have it; its key and what is said about it.
pub fn service_user(bytes: &[u8; 44]) -> (Key, ServiceUser<'_>) {
    let u32_at = |at| u32::from_ne_bytes(num::array_at(bytes, at).unwrap_or_default());
    let name = bytes.get(16..32).unwrap_or(&[]);
    let protocol = u16::from_ne_bytes(num::array_at(bytes, 0).unwrap_or_default());
    let addr: [u8; 4] = num::array_at(bytes, 4).unwrap_or_default();
    let end = Endpoint::new(Addr::from_v4(addr), num::be16_at(bytes, 8).unwrap_or(0));
    let user = ServiceUser {
        // Without a zero byte it is too long, and refused for that.
        scheduler: name.split(|byte| *byte == 0).next().unwrap_or(&[]),
        engine: &[],
        flags: [u32_at(32), u32::MAX],
        timeout: u32_at(36),
        netmask: num::array_at(bytes, 40).unwrap_or_default(),
    };
    (Key::new(Family::Ipv4, u32_at(12), protocol, end), user)
}

/// A destination as the socket options have it.
pub fn dest_user(bytes: &[u8; 24]) -> DestUser {
    let u32_at = |at| u32::from_ne_bytes(num::array_at(bytes, at).unwrap_or_default());
    DestUser {
        key: DestKey {
            af: Family::Ipv4.af(),
            addr: padded(bytes.get(..4).unwrap_or(&[])),
            port: num::be16_at(bytes, 4).unwrap_or(0),
        },
        method: u32_at(8) & conn_flag::METHOD,
        weight: u32_at(12),
        upper: u32_at(16),
        lower: u32_at(20),
        tun_type: 0,
        tun_port: 0,
        tun_flags: 0,
    }
}

/// The timeouts that are to change, in seconds: 0 leaves one as it is. All are refused if one is out of
/// range, which depends on the jiffies of a second.
pub fn timeouts(wanted: [u32; 3], hz: u32) -> Result<[Option<u32>; 3], Refused> {
    let most = MOST.checked_div(hz).unwrap_or(0);
    if wanted.iter().any(|seconds| *seconds > most) {
        return Err(Refused::Invalid);
    }
    Ok(wanted.map(|seconds| Some(seconds).filter(|seconds| *seconds != 0)))
}

#[cfg(test)]
mod tests;
