// SPDX-License-Identifier: GPL-2.0

//! Values as ipvsadm reads them.

use super::options::COUNT_MAX;
use crate::{
    cli::values::{
        legacy_number,
        legacy_v4,
        named_place,
        Place, //
    },
    error::Error,
};
use rvs_logic::logic::{
    addr::{
        Family,
        Protocol, //
    },
    uapi::{
        self,
        SchedFlag,
        TunType, //
    },
};

/// An address; an IPv6 address in brackets needs a port.
pub(super) fn place(text: &str, protocol: Option<Protocol>, what: &str) -> Result<Place, Error> {
    let place = named_place(text, protocol);
    place
        .filter(|place| place.family == Family::Ipv4 || !text.ends_with(']'))
        .ok_or_else(|| Error::usage(format!("illegal {what} address[:port] specified")))
}

/// A firewall mark.
pub(super) fn mark(text: &str) -> Result<u32, Error> {
    legacy_number(text, 1, u32::MAX)
        .ok_or_else(|| Error::usage(format!("invalid fwmark value `{text}' specified")))
}

/// A timeout in seconds.
pub(super) fn timeout(text: &str, least: u32) -> Result<u32, Error> {
    legacy_number(text, least, uapi::TIMEOUT_MAX)
        .ok_or_else(|| Error::usage(format!("invalid timeout value `{text}' specified")))
}

/// A weight, or a number of connections.
pub(super) fn count(text: &str, what: &str) -> Result<u32, Error> {
    legacy_number(text, 0, COUNT_MAX)
        .ok_or_else(|| Error::usage(format!("illegal {what} specified")))
}

/// Which clients share a server: a mask for IPv4, a length for IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mask {
    V4(u32),
    V6(u8),
}

impl Mask {
    pub(super) fn read(text: &str, family: Family) -> Result<Self, Error> {
        match family {
            Family::Ipv4 => legacy_v4(text)
                .map(|mask| Self::V4(u32::from_be_bytes(mask)))
                .ok_or_else(|| Error::usage(NO_MASK)),
            Family::Ipv6 => legacy_number(text, 1, 128)
                .and_then(|length| u8::try_from(length).ok())
                .map(Self::V6)
                .ok_or_else(|| Error::usage("illegal ipv6 netmask specified")),
        }
    }

    /// The length of the prefix. A mask that is none, which IPVS takes, is refused: rvs
    /// knows prefixes only.
    pub(super) fn prefix(self) -> Result<u8, Error> {
        match self {
            Self::V4(mask) => prefix_of(mask).ok_or_else(|| Error::usage(NO_MASK)),
            Self::V6(length) => Ok(length),
        }
    }
}

const NO_MASK: &str = "illegal virtual server persistent mask specified";

/// The length of the prefix that a mask keeps.
fn prefix_of(mask: u32) -> Option<u8> {
    let length = mask.leading_ones();
    let rest = mask.checked_shl(length).unwrap_or(0);
    u8::try_from(length).ok().filter(|_| rest == 0)
}

/// The type of a tunnel.
pub(super) fn tun_type(text: &str) -> Result<TunType, Error> {
    let all = TunType::ALL.iter().copied();
    all.into_iter()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| Error::usage("illegal tunnel type specified"))
}

/// The port of a tunnel.
pub(super) fn tun_port(text: &str) -> Result<u16, Error> {
    legacy_number(text, 1, u32::from(u16::MAX))
        .and_then(|port| u16::try_from(port).ok())
        .ok_or_else(|| Error::usage("illegal tunnel port specified"))
}

/// The names that ipvsadm has for the flags of a scheduler, in the order it prints them.
/// `exact` is of rvs.
pub(super) fn flag_table(scheduler: &str) -> [(&'static str, SchedFlag); 4] {
    let [first, second] = match scheduler {
        "sh" => ["sh-fallback", "sh-port"],
        "mh" => ["mh-fallback", "mh-port"],
        _ => ["flag-1", "flag-2"],
    };
    [
        (first, SchedFlag::Sched1),
        (second, SchedFlag::Sched2),
        ("flag-3", SchedFlag::Sched3),
        ("exact", SchedFlag::Exact),
    ]
}

/// The flags of a scheduler, with commas between them.
pub(super) fn sched_flags(names: &str, scheduler: &str) -> Result<u32, Error> {
    let names = names.split(',').filter(|name| !name.is_empty());
    let mut bits = 0;
    for name in names {
        bits |= sched_flag(name, scheduler)?.bit();
    }
    Ok(bits)
}

fn sched_flag(name: &str, scheduler: &str) -> Result<SchedFlag, Error> {
    let of = |scheduler: &str| {
        let mut all = flag_table(scheduler).into_iter();
        all.find(|(known, _)| *known == name).map(|(_, flag)| flag)
    };
    if let Some(flag) = of(scheduler).or_else(|| of("")) {
        return Ok(flag);
    }
    let known = of("sh").or_else(|| of("mh")).is_some();
    let how = if known { "incompatible" } else { "invalid" };
    Err(Error::usage(format!("{how} scheduler flag `{name}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        let cases = [
            (0, Some(0)),
            (0x8000_0000, Some(1)),
            (0xffff_ff00, Some(24)),
            (u32::MAX, Some(32)),
            (0xffff_00ff, None),
            (24, None),
        ];
        for (mask, length) in cases {
            assert_eq!(prefix_of(mask), length, "{mask:x}");
        }
    }
}
