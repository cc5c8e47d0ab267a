// SPDX-License-Identifier: GPL-2.0

//! What is configured about a destination.

use crate::logic::{
    addr::{
        Endpoint,
        Family, //
    },
    drain::Plan,
    owner::Owner,
    sched::overload::Limits,
    uapi::{
        Method,
        TunType, //
    }, //
};

/// How packets are put into others for a destination of the method tunnel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tunnel {
    pub(crate) kind: TunType,
    /// UDP port of the server, for gue.
    pub(crate) port: u16,
    /// Bits of [`crate::logic::uapi::TunFlag`].
    pub(crate) flags: u8,
}

impl Tunnel {
    /// All in one word, so that it changes as one.
    pub(super) fn pack(self) -> u32 {
        u32::from_be_bytes([self.kind.value(), self.flags, 0, 0]) | u32::from(self.port)
    }

    pub(super) fn unpack(word: u32) -> Self {
        let [kind, flags, p0, p1] = word.to_be_bytes();
        Self {
            kind: TunType::from_u8(kind).unwrap_or(TunType::Ipip),
            port: u16::from_be_bytes([p0, p1]),
            flags,
        }
    }
}

/// What is configured about a destination, its key included.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct DestSpec {
    pub(crate) family: Family,
    /// Port 0 is the port that the client asked for.
    pub(crate) endpoint: Endpoint,
    pub(crate) method: Method,
    pub(crate) weight: u32,
    pub(crate) tunnel: Tunnel,
    /// Connections at which it takes no new ones, 0 for no limit, and below which it does again.
    pub(crate) upper: u32,
    pub(crate) lower: u32,
    /// Who manages it.
    pub(crate) owner: Owner,
    /// What is to become of it, if it is not to stay.
    pub(crate) drain: Option<Plan>,
}

impl DestSpec {
    /// One of which nothing more is said.
    pub(crate) fn new(family: Family, endpoint: Endpoint, method: Method, weight: u32) -> Self {
        Self {
            family,
            endpoint,
            method,
            weight,
            tunnel: Tunnel {
                kind: TunType::Ipip,
                port: 0,
                flags: 0,
            },
            upper: 0,
            lower: 0,
            owner: Owner::NOBODY,
            drain: None,
        }
    }

    /// The weight that schedulers go by, which is 0 while it drains.
    pub(crate) fn weight_in_use(&self) -> u32 {
        match self.drain {
            None => self.weight,
            Some(_) => 0,
        }
    }

    /// The hidden destination of packets that go on to where they were sent.
    pub(crate) fn bypass(family: Family) -> Self {
        Self::new(family, Endpoint::default(), Method::Bypass, 0)
    }

    /// Whether it is the hidden one.
    pub(crate) fn is_bypass(&self) -> bool {
        self.method == Method::Bypass
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            upper: self.upper,
            lower: self.lower,
        }
    }
}
