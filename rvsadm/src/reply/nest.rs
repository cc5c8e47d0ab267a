// SPDX-License-Identifier: GPL-2.0

//! The attributes of one nest, with the names that error messages need.

use super::{
    Counters,
    Drops,
    Stats, //
};
use crate::{
    error::Error,
    request::{
        Owner,
        Timeout, //
    }, //
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family, //
    },
    nla::{
        Attr,
        Attrs, //
    },
    uapi::{
        self,
        Attribute,
        ConnState,
        DropReason,
        Method, //
    },
};

/// An attribute set, by its name in the specification.
pub(super) type Set = (&'static str, &'static [Attribute]);

/// The attributes of one nest.
pub(super) struct Nest<'a> {
    pub(super) attrs: Attrs<'a>,
    set: Set,
}

impl<'a> Nest<'a> {
    /// The nest of type `kind` inside `attrs`.
    pub(super) fn open(attrs: &Attrs<'a>, kind: u16, set: Set) -> Result<Self, Error> {
        let attr = attrs
            .find(kind)
            .ok_or_else(|| Error::garbled(&format!("attribute {} is missing", set.0)))?;
        Ok(Self {
            attrs: attr.attrs(),
            set,
        })
    }

    /// The nest of type `kind` inside this one, if there is one.
    pub(super) fn inner(&self, kind: u16, set: Set) -> Option<Self> {
        let attr = self.attrs.find(kind)?;
        Some(Self {
            attrs: attr.attrs(),
            set,
        })
    }

    fn invalid(&self, kind: u16) -> Error {
        let known = self.set.1.iter().find(|attr| attr.kind == kind);
        let name = known.map_or("?", |attr| attr.name);
        Error::garbled(&format!(
            "attribute {}.{name} is missing or invalid",
            self.set.0
        ))
    }

    /// An attribute that must be there.
    pub(super) fn get<T>(
        &self,
        kind: u16,
        read: impl FnOnce(Attr<'a>) -> Option<T>,
    ) -> Result<T, Error> {
        let found = self.attrs.find(kind).and_then(read);
        found.ok_or_else(|| self.invalid(kind))
    }

    /// An attribute that older kernels, and those that have nothing to say, leave out.
    pub(super) fn optional<T>(
        &self,
        kind: u16,
        read: impl FnOnce(Attr<'a>) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        match self.attrs.find(kind) {
            Some(attr) => read(attr).map(Some).ok_or_else(|| self.invalid(kind)),
            None => Ok(None),
        }
    }

    pub(super) fn u8(&self, kind: u16) -> Result<u8, Error> {
        self.get(kind, |attr| attr.u8())
    }

    pub(super) fn u32(&self, kind: u16) -> Result<u32, Error> {
        self.get(kind, |attr| attr.u32())
    }

    pub(super) fn u64(&self, kind: u16) -> Result<u64, Error> {
        self.get(kind, |attr| attr.u64())
    }

    /// A number that is zero when absent.
    pub(super) fn u32_or_zero(&self, kind: u16) -> Result<u32, Error> {
        Ok(self.optional(kind, |attr| attr.u32())?.unwrap_or_default())
    }

    fn u64_or_zero(&self, kind: u16) -> Result<u64, Error> {
        Ok(self.optional(kind, |attr| attr.u64())?.unwrap_or_default())
    }

    pub(super) fn text(&self, kind: u16) -> Result<String, Error> {
        self.get(kind, |attr| attr.str().map(str::to_owned))
    }

    /// Who manages an object.
    pub(super) fn owner(&self, kind: u16) -> Option<Owner> {
        Owner::new(self.attrs.find(kind)?.str()?)
    }

    /// All attributes of this type that can be read. One that a newer kernel knows is
    /// left out.
    pub(super) fn all<T>(&self, kind: u16, read: impl Fn(Attr<'a>) -> Option<T>) -> Vec<T> {
        let all = self.attrs.clone().flatten();
        all.filter(|attr| attr.kind == kind)
            .filter_map(read)
            .collect()
    }

    pub(super) fn family(&self, kind: u16) -> Result<Family, Error> {
        self.get(kind, read_family)
    }

    /// A family that is `usual` when absent.
    pub(super) fn family_or(&self, kind: u16, usual: Family) -> Result<Family, Error> {
        Ok(self.optional(kind, read_family)?.unwrap_or(usual))
    }

    pub(super) fn method(&self, kind: u16) -> Result<Method, Error> {
        self.get(kind, |attr| attr.u8().and_then(Method::from_u8))
    }

    pub(super) fn endpoint(&self, family: Family, addr: u16, port: u16) -> Result<Endpoint, Error> {
        Ok(Endpoint::new(
            self.get(addr, |attr| Addr::from_slice(family, attr.payload))?,
            self.get(port, |attr| attr.u16_be())?,
        ))
    }

    pub(super) fn timeouts(&self, kind: u16) -> Vec<Timeout> {
        use uapi::timeout as id;

        self.all(kind, |attr| {
            let state = attr.attrs().find(id::STATE)?.u8()?;
            Some(Timeout {
                state: ConnState::from_u8(state)?,
                seconds: attr.attrs().find(id::SECONDS)?.u32()?,
            })
        })
    }

    pub(super) fn drops(&self, kind: u16) -> Vec<Drops> {
        use uapi::drop as id;

        self.all(kind, |attr| {
            let reason = attr.attrs().find(id::REASON)?.u8()?;
            Some(Drops {
                reason: DropReason::from_u8(reason)?,
                packets: attr.attrs().find(id::PACKETS)?.u64()?,
            })
        })
    }

    pub(super) fn stats(&self, kind: u16) -> Result<Stats, Error> {
        use uapi::stats as id;

        let nest = Nest::open(&self.attrs, kind, ("stats", id::ATTRIBUTES))?;
        let rate = |kind| nest.u64_or_zero(kind);
        Ok(Stats {
            total: Counters {
                conns: nest.u64(id::CONNS)?,
                in_pkts: nest.u64(id::IN_PKTS)?,
                in_bytes: nest.u64(id::IN_BYTES)?,
                out_pkts: nest.u64(id::OUT_PKTS)?,
                out_bytes: nest.u64(id::OUT_BYTES)?,
            },
            rate: Counters {
                conns: rate(id::CONN_RATE)?,
                in_pkts: rate(id::IN_PKT_RATE)?,
                in_bytes: rate(id::IN_BYTE_RATE)?,
                out_pkts: rate(id::OUT_PKT_RATE)?,
                out_bytes: rate(id::OUT_BYTE_RATE)?,
            },
        })
    }
}

fn read_family(attr: Attr<'_>) -> Option<Family> {
    attr.u16().and_then(Family::from_af)
}
