// SPDX-License-Identifier: GPL-2.0

//! From attributes to typed values; what makes no sense is refused at the attribute.
//!
//! The generated policy has checked types, lengths and ranges already. Checked here is what one attribute
//! cannot say alone.

use crate::{
    logic::{
        addr::{
            Addr,
            Endpoint,
            Family,
            Protocol, //
        },
        nla::{
            Attr,
            Attrs, //
        },
        owner::Owner,
        proto::State,
        uapi, //
    },
    service::ServiceKey,
    sys::genl::Message, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// The name of an owner that an attribute gives; the empty one is nobody.
pub(super) fn owner<'a>(message: &Message<'a>, attr: &Attr<'a>) -> Result<Owner> {
    attr.str().and_then(Owner::new).ok_or_else(|| {
        message.refuse(
            EINVAL,
            Some(attr),
            fmt!("the name of an owner has no blanks and no control characters"),
        )
    })
}

/// A nested attribute of a request, with what is needed to refuse it.
pub(super) struct Nest<'a> {
    pub(super) message: Message<'a>,
    pub(super) attr: Attr<'a>,
    attrs: Attrs<'a>,
    name: &'static str,
}

impl<'a> Nest<'a> {
    /// The nest `kind` of the message, of whose attributes only those in `allowed` may be there.
    pub(super) fn new(
        message: Message<'a>,
        kind: u16,
        name: &'static str,
        allowed: &[u16],
    ) -> Result<Self> {
        // A change has the same attributes as the request of its name, with numbers of its own.
        let kind = match (message.within(), kind) {
            (None, kind) => kind,
            (_, uapi::rvs::SERVICE) => uapi::change::SERVICE,
            (_, uapi::rvs::DEST) => uapi::change::DEST,
            _ => uapi::change::CONFIG,
        };
        let attr = message
            .attrs()
            .find(kind)
            .ok_or_else(|| message.missing(None, kind, fmt!("attribute {name} is missing")))?;
        Self::of(message, attr, name, allowed)
    }

    /// The nest that `attr` is.
    pub(super) fn of(
        message: Message<'a>,
        attr: Attr<'a>,
        name: &'static str,
        allowed: &[u16],
    ) -> Result<Self> {
        let attrs = attr.attrs();
        for inner in attr.attrs() {
            let inner =
                inner.map_err(|_| message.refuse(EINVAL, Some(&attr), fmt!("malformed")))?;
            if !allowed.contains(&inner.kind) {
                return Err(message.refuse(
                    EINVAL,
                    Some(&inner),
                    fmt!("this attribute of a {name} cannot be given here"),
                ));
            }
        }
        Ok(Self {
            message,
            attr,
            attrs,
            name,
        })
    }

    /// An attribute that must be there, with its name for the refusal.
    pub(super) fn need(&self, kind: u16, name: &str) -> Result<Attr<'a>> {
        self.attrs.find(kind).ok_or_else(|| {
            let nest = self.name;
            self.message.missing(
                Some(&self.attr),
                kind,
                fmt!("attribute {nest}.{name} is missing"),
            )
        })
    }

    /// An attribute that may be there.
    pub(super) fn find(&self, kind: u16) -> Option<Attr<'a>> {
        self.attrs.find(kind)
    }

    /// The value of a number that may be there.
    pub(super) fn u32(&self, kind: u16) -> Option<u32> {
        self.find(kind)?.u32()
    }

    /// The timeouts that it gives, by state, in seconds.
    pub(super) fn timeouts(&self, kind: u16) -> Result<[Option<u32>; State::COUNT]> {
        let mut timeouts = [None; State::COUNT];
        for attr in self.attr.attrs().flatten().filter(|attr| attr.kind == kind) {
            let allowed = [uapi::timeout::STATE, uapi::timeout::SECONDS];
            let nest = Self::of(self.message, attr, "timeout", &allowed)?;
            let at = nest.need(uapi::timeout::STATE, "state")?;
            let state = nest.value(&at, at.u8())?;
            let seconds = nest.need(uapi::timeout::SECONDS, "seconds")?;
            match timeouts.get_mut(usize::from(state)) {
                Some(timeout) => *timeout = Some(nest.value(&seconds, seconds.u32())?),
                None => {
                    return Err(nest.refuse(
                        EINVAL,
                        &at,
                        fmt!("no connection stays in this state"),
                    ));
                }
            }
        }
        Ok(timeouts)
    }

    /// The name of an owner that may be there; the empty one is nobody.
    pub(super) fn owner(&self, kind: u16) -> Result<Option<Owner>> {
        self.find(kind)
            .map(|attr| owner(&self.message, &attr))
            .transpose()
    }

    pub(super) fn refuse(&self, error: Error, at: &Attr<'a>, text: fmt::Arguments<'_>) -> Error {
        self.message.refuse(error, Some(at), text)
    }

    /// The value of an attribute whose length the policy has checked.
    pub(super) fn value<T>(&self, attr: &Attr<'a>, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.refuse(EINVAL, attr, fmt!("wrong length")))
    }

    /// An address family.
    pub(super) fn family(&self, attr: &Attr<'a>) -> Result<Family> {
        let number = self.value(attr, attr.u16())?;
        Family::from_af(number).ok_or_else(|| {
            self.refuse(
                EAFNOSUPPORT,
                attr,
                fmt!("unknown address family {number}: 2 and 10 are known"),
            )
        })
    }

    /// An address of exactly the family's length.
    pub(super) fn addr(&self, kind: u16, family: Family) -> Result<(Addr, Attr<'a>)> {
        let attr = self.need(kind, "addr")?;
        Ok((self.addr_in(&attr, family)?, attr))
    }

    /// The address in an attribute, of exactly the family's length.
    pub(super) fn addr_in(&self, attr: &Attr<'a>, family: Family) -> Result<Addr> {
        let bytes = attr.bytes();
        let want = family.addr_len();
        if bytes.len() != want {
            let len = bytes.len();
            return Err(self.refuse(
                EINVAL,
                attr,
                fmt!("the address has {len} bytes, the family's have {want}"),
            ));
        }
        self.value(attr, Addr::from_slice(family, bytes))
    }

    pub(super) fn port(&self, kind: u16) -> Result<u16> {
        let attr = self.need(kind, "port")?;
        self.value(&attr, attr.u16_be())
    }
}

/// A service as a request names it.
pub(super) struct ServiceRequest<'a> {
    pub(super) nest: Nest<'a>,
    pub(super) key: ServiceKey,
}

const SERVICE_KEY: [u16; 5] = [
    uapi::service::FAMILY,
    uapi::service::PROTOCOL,
    uapi::service::ADDR,
    uapi::service::PORT,
    uapi::service::FWMARK,
];

const SERVICE_SETTINGS: [u16; 17] = [
    uapi::service::FAMILY,
    uapi::service::PROTOCOL,
    uapi::service::ADDR,
    uapi::service::PORT,
    uapi::service::FWMARK,
    uapi::service::SCHEDULER,
    uapi::service::FLAGS,
    uapi::service::SCHED_FLAGS,
    uapi::service::SCHED_SIZE,
    uapi::service::SCHED_EXPIRY,
    uapi::service::PERSIST_TIMEOUT,
    uapi::service::PERSIST_PREFIX,
    uapi::service::TIMEOUT,
    uapi::service::NO_SERVER,
    uapi::service::FALLBACK,
    uapi::service::OWNER,
    uapi::service::SLOW_START,
];

impl<'a> ServiceRequest<'a> {
    /// The key of a service.
    pub(super) fn key_only(message: Message<'a>) -> Result<Self> {
        Self::new(message, &SERVICE_KEY)
    }

    /// The key of a service and its settings.
    pub(super) fn with_settings(message: Message<'a>) -> Result<Self> {
        Self::new(message, &SERVICE_SETTINGS)
    }

    /// The key of a service in an attribute elsewhere in the message.
    pub(super) fn nested(message: Message<'a>, attr: Attr<'a>) -> Result<Self> {
        Self::of(Nest::of(message, attr, "service", &SERVICE_KEY)?)
    }

    fn new(message: Message<'a>, allowed: &[u16]) -> Result<Self> {
        Self::of(Nest::new(message, uapi::rvs::SERVICE, "service", allowed)?)
    }

    fn of(nest: Nest<'a>) -> Result<Self> {
        let attr = nest.need(uapi::service::FAMILY, "family")?;
        let family = nest.family(&attr)?;
        let key = match nest.find(uapi::service::FWMARK) {
            Some(attr) => Self::mark_key(&nest, &attr, family)?,
            None => Self::address_key(&nest, family)?,
        };
        Ok(Self { nest, key })
    }

    fn mark_key(nest: &Nest<'a>, attr: &Attr<'a>, family: Family) -> Result<ServiceKey> {
        let others = [
            uapi::service::PROTOCOL,
            uapi::service::ADDR,
            uapi::service::PORT,
        ];
        if let Some(other) = others.into_iter().find_map(|kind| nest.find(kind)) {
            return Err(nest.refuse(
                EINVAL,
                &other,
                fmt!("a service with a firewall mark has no protocol, address and port"),
            ));
        }
        Ok(ServiceKey::of_mark(family, nest.value(attr, attr.u32())?))
    }

    fn address_key(nest: &Nest<'a>, family: Family) -> Result<ServiceKey> {
        let attr = nest.need(uapi::service::PROTOCOL, "protocol")?;
        let protocol = Protocol(nest.value(&attr, attr.u8())?);
        if !protocol.has_ports() {
            let number = protocol.0;
            return Err(nest.refuse(
                EPROTONOSUPPORT,
                &attr,
                fmt!("protocol {number} is not supported: 6 (TCP), 17 (UDP) and 132 (SCTP) are"),
            ));
        }
        let (addr, attr) = nest.addr(uapi::service::ADDR, family)?;
        if addr.is_unspecified() || addr.is_multicast(family) || addr.is_broadcast(family) {
            return Err(nest.refuse(EINVAL, &attr, fmt!("the virtual address is not unicast")));
        }
        let port = nest.port(uapi::service::PORT)?;
        Ok(ServiceKey {
            family,
            protocol,
            endpoint: Endpoint::new(addr, port),
        })
    }

    /// Whether the name of a scheduler is given.
    pub(super) fn has_scheduler(&self) -> bool {
        self.nest.find(uapi::service::SCHEDULER).is_some()
    }

    /// The name of the scheduler, which must be given.
    pub(super) fn scheduler(&self) -> Result<(&'a str, Attr<'a>)> {
        let attr = self.nest.need(uapi::service::SCHEDULER, "scheduler")?;
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_' || c == b'-';
        match attr.str() {
            Some(name) if !name.is_empty() && name.bytes().all(plain) => Ok((name, attr)),
            _ => Err(self.nest.refuse(
                EINVAL,
                &attr,
                fmt!("a scheduler's name consists of a-z, 0-9, '_' and '-'"),
            )),
        }
    }

    /// Explains an error about the service itself.
    pub(super) fn refuse(&self, error: Error) -> Error {
        let text = match error {
            EEXIST => "the service exists already",
            ESRCH => "there is no such service",
            _ => return error,
        };
        self.nest.refuse(error, &self.nest.attr, fmt!("{text}"))
    }
}

/// The settings that a request gives.
pub(super) struct ConfigRequest {
    /// Timeouts by state, in seconds.
    pub(super) timeouts: [Option<u32>; State::COUNT],
}

impl ConfigRequest {
    pub(super) fn new(message: Message<'_>) -> Result<Self> {
        let allowed = [
            uapi::config::TIMEOUT_TCP,
            uapi::config::TIMEOUT_TCP_FIN,
            uapi::config::TIMEOUT_UDP,
            uapi::config::TIMEOUT,
        ];
        let nest = Nest::new(message, uapi::rvs::CONFIG, "config", &allowed)?;
        let mut timeouts = nest.timeouts(uapi::config::TIMEOUT)?;
        if timeouts.contains(&Some(0)) {
            return Err(nest.refuse(EINVAL, &nest.attr, fmt!("a timeout is at least 1 s")));
        }
        let named = [
            (State::Established, uapi::config::TIMEOUT_TCP),
            (State::FinWait, uapi::config::TIMEOUT_TCP_FIN),
            (State::Udp, uapi::config::TIMEOUT_UDP),
        ];
        for (state, kind) in named {
            let Some(timeout) = timeouts.get_mut(usize::from(state.as_u8())) else {
                continue;
            };
            *timeout = nest.u32(kind).or(*timeout);
        }
        Ok(Self { timeouts })
    }
}
