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
        uapi::{
            self,
            Method, //
        }, //
    },
    net::Net,
    service::ServiceKey,
    sys::genl::Message, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// A nested attribute of a request, with what is needed to refuse it.
pub(super) struct Nest<'a> {
    message: Message<'a>,
    attr: Attr<'a>,
    attrs: Attrs<'a>,
    name: &'static str,
}

impl<'a> Nest<'a> {
    /// The nest `kind` of the message, of whose attributes only those in `allowed` may be there.
    fn new(message: Message<'a>, kind: u16, name: &'static str, allowed: &[u16]) -> Result<Self> {
        let attr = message
            .attrs()
            .find(kind)
            .ok_or_else(|| message.missing(None, kind, fmt!("attribute {name} is missing")))?;
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
    fn need(&self, kind: u16, name: &str) -> Result<Attr<'a>> {
        self.attrs.find(kind).ok_or_else(|| {
            let nest = self.name;
            self.message.missing(
                Some(&self.attr),
                kind,
                fmt!("attribute {nest}.{name} is missing"),
            )
        })
    }

    fn find(&self, kind: u16) -> Option<Attr<'a>> {
        self.attrs.find(kind)
    }

    fn refuse(&self, error: Error, at: &Attr<'a>, text: fmt::Arguments<'_>) -> Error {
        self.message.refuse(error, Some(at), text)
    }

    /// The value of an attribute whose length the policy has checked.
    fn value<T>(&self, attr: &Attr<'a>, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.refuse(EINVAL, attr, fmt!("wrong length")))
    }

    /// An address of exactly the family's length.
    fn addr(&self, kind: u16, family: Family) -> Result<(Addr, Attr<'a>)> {
        let attr = self.need(kind, "addr")?;
        let bytes = attr.bytes();
        let want = family.addr_len();
        if bytes.len() != want {
            let len = bytes.len();
            return Err(self.refuse(
                EINVAL,
                &attr,
                fmt!("the address has {len} bytes, the family's have {want}"),
            ));
        }
        let addr = self.value(&attr, Addr::from_slice(family, bytes))?;
        Ok((addr, attr))
    }

    fn port(&self, kind: u16) -> Result<u16> {
        let attr = self.need(kind, "port")?;
        self.value(&attr, attr.u16_be())
    }
}

/// A service as a request names it.
pub(super) struct ServiceRequest<'a> {
    nest: Nest<'a>,
    pub(super) key: ServiceKey,
}

const SERVICE_KEY: [u16; 4] = [
    uapi::service::FAMILY,
    uapi::service::PROTOCOL,
    uapi::service::ADDR,
    uapi::service::PORT,
];

impl<'a> ServiceRequest<'a> {
    /// The key of a service.
    pub(super) fn key_only(message: Message<'a>) -> Result<Self> {
        Self::new(message, &SERVICE_KEY)
    }

    /// The key of a service and its settings.
    pub(super) fn with_settings(message: Message<'a>) -> Result<Self> {
        let [family, protocol, addr, port] = SERVICE_KEY;
        Self::new(
            message,
            &[family, protocol, addr, port, uapi::service::SCHEDULER],
        )
    }

    fn new(message: Message<'a>, allowed: &[u16]) -> Result<Self> {
        let nest = Nest::new(message, uapi::rvs::SERVICE, "service", allowed)?;
        let attr = nest.need(uapi::service::FAMILY, "family")?;
        let number = nest.value(&attr, attr.u16())?;
        let family = Family::from_af(number).ok_or_else(|| {
            nest.refuse(
                EAFNOSUPPORT,
                &attr,
                fmt!("unknown address family {number}: 2 and 10 are known"),
            )
        })?;
        let attr = nest.need(uapi::service::PROTOCOL, "protocol")?;
        let protocol = Protocol(nest.value(&attr, attr.u8())?);
        if !matches!(protocol, Protocol::TCP | Protocol::UDP) {
            let number = protocol.0;
            return Err(nest.refuse(
                EPROTONOSUPPORT,
                &attr,
                fmt!("protocol {number} is not supported: 6 (TCP) and 17 (UDP) are"),
            ));
        }
        let (addr, attr) = nest.addr(uapi::service::ADDR, family)?;
        if addr.is_unspecified() || addr.is_multicast(family) || addr.is_broadcast(family) {
            return Err(nest.refuse(EINVAL, &attr, fmt!("the virtual address is not unicast")));
        }
        let port = nest.port(uapi::service::PORT)?;
        let key = ServiceKey {
            family,
            protocol,
            endpoint: Endpoint::new(addr, port),
        };
        Ok(Self { nest, key })
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

/// A destination to be made.
pub(super) struct DestSpec {
    pub(super) endpoint: Endpoint,
    pub(super) method: Method,
    pub(super) weight: u32,
}

/// What is to change about a destination.
pub(super) struct DestChange {
    pub(super) method: Option<Method>,
    pub(super) weight: Option<u32>,
}

/// A destination as a request names it.
pub(super) struct DestRequest<'a> {
    nest: Nest<'a>,
    service_port: u16,
    addr_attr: Attr<'a>,
    pub(super) endpoint: Endpoint,
}

impl<'a> DestRequest<'a> {
    /// The key of a destination of this service.
    pub(super) fn key_only(message: Message<'a>, service: &ServiceKey) -> Result<Self> {
        Self::new(message, service, &[uapi::dest::ADDR, uapi::dest::PORT])
    }

    /// The key of a destination of this service and its settings.
    pub(super) fn with_settings(message: Message<'a>, service: &ServiceKey) -> Result<Self> {
        let allowed = [
            uapi::dest::ADDR,
            uapi::dest::PORT,
            uapi::dest::METHOD,
            uapi::dest::WEIGHT,
        ];
        Self::new(message, service, &allowed)
    }

    fn new(message: Message<'a>, service: &ServiceKey, allowed: &[u16]) -> Result<Self> {
        let nest = Nest::new(message, uapi::rvs::DEST, "dest", allowed)?;
        let (addr, addr_attr) = nest.addr(uapi::dest::ADDR, service.family)?;
        let port = nest.port(uapi::dest::PORT)?;
        Ok(Self {
            nest,
            service_port: service.endpoint.port,
            addr_attr,
            endpoint: Endpoint::new(addr, port),
        })
    }

    /// A new destination: method direct and weight 1 unless given.
    pub(super) fn spec(&self, net: &Net, family: Family) -> Result<DestSpec> {
        let bytes = self.endpoint.addr.bytes();
        if !net.namespace.is_server_address(family as u8, &bytes) {
            return Err(self.nest.refuse(
                EINVAL,
                &self.addr_attr,
                fmt!("the server's address is not unicast"),
            ));
        }
        let method = self.method()?.unwrap_or(Method::Direct);
        self.check_port(method)?;
        Ok(DestSpec {
            endpoint: self.endpoint,
            method,
            weight: self.weight()?.unwrap_or(1),
        })
    }

    /// What to change; `current` is the method so far.
    pub(super) fn change(&self, current: Method) -> Result<DestChange> {
        let method = self.method()?;
        self.check_port(method.unwrap_or(current))?;
        Ok(DestChange {
            method,
            weight: self.weight()?,
        })
    }

    fn method(&self) -> Result<Option<Method>> {
        let Some(attr) = self.nest.find(uapi::dest::METHOD) else {
            return Ok(None);
        };
        let method = attr.u8().and_then(Method::from_u8);
        self.nest.value(&attr, method).map(Some)
    }

    fn weight(&self) -> Result<Option<u32>> {
        let Some(attr) = self.nest.find(uapi::dest::WEIGHT) else {
            return Ok(None);
        };
        self.nest.value(&attr, attr.u32()).map(Some)
    }

    /// Direct routing leaves the packet as it is, so it cannot lead to another port.
    fn check_port(&self, method: Method) -> Result {
        let (want, got) = (self.service_port, self.endpoint.port);
        if method == Method::Direct && want != got {
            let at = self.nest.need(uapi::dest::PORT, "port")?;
            return Err(self.nest.refuse(
                EINVAL,
                &at,
                fmt!("direct routing keeps the port: it must be {want}, not {got}"),
            ));
        }
        Ok(())
    }

    /// Explains an error about the destination itself.
    pub(super) fn refuse(&self, error: Error) -> Error {
        let text = match error {
            EEXIST => "the destination exists already",
            ENOENT => "the service has no such destination",
            _ => return error,
        };
        self.nest.refuse(error, &self.nest.attr, fmt!("{text}"))
    }
}

/// The settings that a request gives, in seconds.
pub(super) struct ConfigRequest {
    pub(super) tcp: Option<u32>,
    pub(super) tcp_fin: Option<u32>,
    pub(super) udp: Option<u32>,
}

impl ConfigRequest {
    pub(super) fn new(message: Message<'_>) -> Result<Self> {
        let allowed = [
            uapi::config::TIMEOUT_TCP,
            uapi::config::TIMEOUT_TCP_FIN,
            uapi::config::TIMEOUT_UDP,
        ];
        let nest = Nest::new(message, uapi::rvs::CONFIG, "config", &allowed)?;
        let seconds = |kind| nest.find(kind).and_then(|attr| attr.u32());
        Ok(Self {
            tcp: seconds(uapi::config::TIMEOUT_TCP),
            tcp_fin: seconds(uapi::config::TIMEOUT_TCP_FIN),
            udp: seconds(uapi::config::TIMEOUT_UDP),
        })
    }
}
