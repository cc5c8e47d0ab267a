// SPDX-License-Identifier: GPL-2.0

//! A destination, from attributes to values.

use super::request::Nest;
use crate::{
    dest::{
        DestSpec,
        Tunnel, //
    },
    logic::{
        addr::{
            Endpoint,
            Family, //
        },
        drain::Plan,
        nla::Attr,
        uapi::{
            self,
            DestState,
            DrainPolicy,
            Method,
            TunFlag,
            TunType, //
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

/// A destination as a request names it.
pub(super) struct DestRequest<'a> {
    nest: Nest<'a>,
    service: ServiceKey,
    addr_attr: Attr<'a>,
    family: Family,
    endpoint: Endpoint,
}

const DEST_KEY: [u16; 3] = [uapi::dest::FAMILY, uapi::dest::ADDR, uapi::dest::PORT];

/// What can be given of a fallback destination.
const FALLBACK_SETTINGS: [u16; 10] = [
    uapi::dest::FAMILY,
    uapi::dest::ADDR,
    uapi::dest::PORT,
    uapi::dest::METHOD,
    uapi::dest::WEIGHT,
    uapi::dest::UPPER,
    uapi::dest::LOWER,
    uapi::dest::TUN_TYPE,
    uapi::dest::TUN_PORT,
    uapi::dest::TUN_FLAGS,
];

/// What can be given of any other destination, too.
const DEST_SETTINGS: [u16; 14] = [
    uapi::dest::FAMILY,
    uapi::dest::ADDR,
    uapi::dest::PORT,
    uapi::dest::METHOD,
    uapi::dest::WEIGHT,
    uapi::dest::UPPER,
    uapi::dest::LOWER,
    uapi::dest::TUN_TYPE,
    uapi::dest::TUN_PORT,
    uapi::dest::TUN_FLAGS,
    uapi::dest::OWNER,
    uapi::dest::STATE,
    uapi::dest::DRAIN_POLICY,
    uapi::dest::DRAIN_TIMEOUT,
];

impl<'a> DestRequest<'a> {
    /// The key of a destination of this service.
    pub(super) fn key_only(message: Message<'a>, service: &ServiceKey) -> Result<Self> {
        let nest = Nest::new(message, uapi::rvs::DEST, "dest", &DEST_KEY)?;
        Self::new(nest, service)
    }

    /// The key of a destination of this service and its settings.
    pub(super) fn with_settings(message: Message<'a>, service: &ServiceKey) -> Result<Self> {
        let nest = Nest::new(message, uapi::rvs::DEST, "dest", &DEST_SETTINGS)?;
        Self::new(nest, service)
    }

    /// The fallback destination that the attribute `attr` of the message describes.
    pub(super) fn nested(
        message: Message<'a>,
        attr: Attr<'a>,
        service: &ServiceKey,
    ) -> Result<Self> {
        Self::new(
            Nest::of(message, attr, "dest", &FALLBACK_SETTINGS)?,
            service,
        )
    }

    fn new(nest: Nest<'a>, service: &ServiceKey) -> Result<Self> {
        let family = match nest.find(uapi::dest::FAMILY) {
            Some(attr) => nest.family(&attr)?,
            None => service.family,
        };
        let (addr, addr_attr) = nest.addr(uapi::dest::ADDR, family)?;
        let port = nest.port(uapi::dest::PORT)?;
        Ok(Self {
            nest,
            service: *service,
            addr_attr,
            family,
            endpoint: Endpoint::new(addr, port),
        })
    }

    /// What names the destination among those of its service.
    pub(super) fn key(&self) -> (Family, Endpoint) {
        (self.family, self.endpoint)
    }

    /// Whether the request says who manages the destination.
    pub(super) fn has_owner(&self) -> bool {
        self.nest.find(uapi::dest::OWNER).is_some()
    }

    /// A new destination: method direct, weight 1 and without an owner unless given.
    pub(super) fn spec(&self, net: &Net) -> Result<DestSpec> {
        let bytes = self.endpoint.addr.bytes();
        if !net.namespace.is_server_address(self.family as u8, &bytes) {
            return Err(self.nest.refuse(
                EINVAL,
                &self.addr_attr,
                fmt!("the server's address is not unicast"),
            ));
        }
        self.change(&DestSpec::new(
            self.family,
            self.endpoint,
            Method::Direct,
            1,
        ))
    }

    /// What the destination shall be; `old` is what it was.
    pub(super) fn change(&self, old: &DestSpec) -> Result<DestSpec> {
        let number = |kind, old| self.nest.u32(kind).unwrap_or(old);
        let spec = DestSpec {
            family: self.family,
            endpoint: self.endpoint,
            method: self.method(old.method)?,
            weight: number(uapi::dest::WEIGHT, old.weight),
            tunnel: self.tunnel(old.tunnel)?,
            upper: number(uapi::dest::UPPER, old.upper),
            lower: number(uapi::dest::LOWER, old.lower),
            owner: self.nest.owner(uapi::dest::OWNER)?.unwrap_or(old.owner),
            drain: self.drain(old.drain)?,
        };
        self.check_method(spec.method)?;
        self.check_tunnel(&spec.tunnel)?;
        self.check_thresholds(&spec)?;
        Ok(spec)
    }

    /// Whether it is to drain, and how.
    fn drain(&self, old: Option<Plan>) -> Result<Option<Plan>> {
        let nest = &self.nest;
        let (policy, timeout) = (
            nest.find(uapi::dest::DRAIN_POLICY),
            nest.find(uapi::dest::DRAIN_TIMEOUT),
        );
        let drains = match nest.find(uapi::dest::STATE) {
            Some(attr) => {
                let state = attr.u8().and_then(DestState::from_u8);
                nest.value(&attr, state)? == DestState::Draining
            }
            None => old.is_some(),
        };
        if !drains {
            return match policy.or(timeout) {
                Some(attr) => Err(nest.refuse(
                    EINVAL,
                    &attr,
                    fmt!("the destination does not drain: give its state, too"),
                )),
                None => Ok(None),
            };
        }
        let policy = match policy {
            Some(attr) => nest.value(&attr, attr.u8().and_then(DrainPolicy::from_u8))?,
            None => old.map_or(DrainPolicy::Wait, |plan| plan.policy),
        };
        let timeout = match timeout {
            Some(attr) => nest.value(&attr, attr.u32())?,
            None => old.map_or(0, |plan| plan.timeout),
        };
        Ok(Some(Plan { policy, timeout }))
    }

    fn method(&self, old: Method) -> Result<Method> {
        let Some(attr) = self.nest.find(uapi::dest::METHOD) else {
            return Ok(old);
        };
        let method = attr.u8().and_then(Method::from_u8);
        match self.nest.value(&attr, method)? {
            Method::Bypass => Err(self.nest.refuse(
                EINVAL,
                &attr,
                fmt!("a destination cannot have the method bypass"),
            )),
            method => Ok(method),
        }
    }

    fn tunnel(&self, old: Tunnel) -> Result<Tunnel> {
        let mut tunnel = old;
        if let Some(attr) = self.nest.find(uapi::dest::TUN_TYPE) {
            let kind = attr.u8().and_then(TunType::from_u8);
            tunnel.kind = self.nest.value(&attr, kind)?;
        }
        if let Some(attr) = self.nest.find(uapi::dest::TUN_PORT) {
            tunnel.port = self.nest.value(&attr, attr.u16_be())?;
        }
        if let Some(attr) = self.nest.find(uapi::dest::TUN_FLAGS) {
            let flags = attr.u16().and_then(|flags| u8::try_from(flags).ok());
            tunnel.flags = self.nest.value(&attr, flags)?;
        }
        Ok(tunnel)
    }

    /// The attribute that an objection concerns, or the destination as a whole.
    fn refuse_at(&self, kind: u16, text: fmt::Arguments<'_>) -> Error {
        let attr = self.nest.find(kind);
        self.nest
            .refuse(EINVAL, attr.as_ref().unwrap_or(&self.nest.attr), text)
    }

    /// Only a tunnel leads to a server of the other family. Direct routing leaves the packet as it
    /// is, so it cannot lead to another port.
    fn check_method(&self, method: Method) -> Result {
        if self.family != self.service.family && method != Method::Tunnel {
            return Err(self.refuse_at(
                uapi::dest::FAMILY,
                fmt!("only the method tunnel leads to a server of another address family"),
            ));
        }
        let (want, got) = (self.service.endpoint.port, self.endpoint.port);
        if method == Method::Direct && want != got && self.service.mark().is_none() {
            return Err(self.refuse_at(
                uapi::dest::PORT,
                fmt!("direct routing keeps the port: it must be {want}, not {got}"),
            ));
        }
        Ok(())
    }

    fn check_tunnel(&self, tunnel: &Tunnel) -> Result {
        if tunnel.kind == TunType::Gue && tunnel.port == 0 {
            return Err(self.refuse_at(
                uapi::dest::TUN_PORT,
                fmt!("gue needs the UDP port of the server"),
            ));
        }
        let remcsum = u32::from(tunnel.flags) & TunFlag::Remcsum.bit() != 0;
        if remcsum && tunnel.kind != TunType::Gue {
            return Err(self.refuse_at(
                uapi::dest::TUN_FLAGS,
                fmt!("only gue has remote checksum offload"),
            ));
        }
        Ok(())
    }

    fn check_thresholds(&self, spec: &DestSpec) -> Result {
        if spec.lower > spec.upper {
            let (lower, upper) = (spec.lower, spec.upper);
            return Err(self.nest.refuse(
                ERANGE,
                &self.nest.find(uapi::dest::LOWER).unwrap_or(self.nest.attr),
                fmt!("the lower threshold {lower} is above the upper one {upper}"),
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
