// SPDX-License-Identifier: GPL-2.0

//! Which connections, and which packet: what is looked for in the kernel.

use super::ServiceKey;
use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    nla::{
        Full,
        Writer, //
    },
    uapi::{
        self,
        filter as id,
        ConnState,
        Method, //
    },
};

/// Addresses with the same first bits, and a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The family and the addresses: one of them and how many bits of it count.
    pub net: Option<(Family, Addr, u8)>,
    /// The port.
    pub port: Option<u16>,
}

/// Which connections; all that is given must be so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The family of client and service.
    pub family: Option<Family>,
    /// The protocol.
    pub protocol: Option<Protocol>,
    /// The client.
    pub client: Range,
    /// The virtual address.
    pub service_at: Range,
    /// The server.
    pub server: Range,
    /// The state.
    pub state: Option<ConnState>,
    /// The firewall mark of the service.
    pub mark: Option<u32>,
    /// How packets reach the server.
    pub method: Option<Method>,
    /// The service by which the connection was scheduled.
    pub service: Option<ServiceKey>,
    /// Only what persistence remembers, or only connections.
    pub template: Option<bool>,
}

impl Filter {
    /// Whether every connection passes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The family of client and service, as far as anything says it.
    fn family(&self) -> Option<Family> {
        let of = |range: Range| range.net.map(|(family, _, _)| family);
        let key = self.service.map(|key| key.family);
        self.family
            .or(of(self.client))
            .or(of(self.service_at))
            .or(key)
            .or(of(self.server))
    }

    /// What contradicts itself: addresses of one family with those of another.
    pub fn contradiction(&self) -> Option<&'static str> {
        let family = self.family();
        let differs = |range: Range| range.net.is_some_and(|(its, _, _)| Some(its) != family);
        if differs(self.client) || differs(self.service_at) {
            return Some("the client and the virtual address have one family");
        }
        match self.service {
            Some(key) if Some(key.family) != family => {
                Some("the service has another family than the addresses")
            }
            _ => None,
        }
    }

    /// Writes the attributes.
    pub(super) fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        let nest = to.nest_start(uapi::rvs::FILTER)?;
        if let Some(family) = self.family() {
            to.put_u16(id::FAMILY, family.af())?;
        }
        if let Some(protocol) = self.protocol {
            to.put_u8(id::PROTOCOL, protocol.0)?;
        }
        let client = (id::CLIENT_ADDR, id::CLIENT_PREFIX, id::CLIENT_PORT);
        range(to, self.client, client)?;
        let virtual_at = (id::VIRTUAL_ADDR, id::VIRTUAL_PREFIX, id::VIRTUAL_PORT);
        range(to, self.service_at, virtual_at)?;
        if let Some((family, _, _)) = self.server.net {
            to.put_u16(id::DEST_FAMILY, family.af())?;
        }
        let server = (id::DEST_ADDR, id::DEST_PREFIX, id::DEST_PORT);
        range(to, self.server, server)?;
        if let Some(state) = self.state {
            to.put_u8(id::STATE, state.value())?;
        }
        if let Some(mark) = self.mark {
            to.put_u32(id::FWMARK, mark)?;
        }
        if let Some(method) = self.method {
            to.put_u8(id::METHOD, method.value())?;
        }
        if let Some(key) = &self.service {
            super::write::service_key(to, id::SERVICE, key)?;
        }
        if let Some(template) = self.template {
            to.put_u8(id::TEMPLATE, u8::from(template))?;
        }
        to.nest_end(nest)
    }
}

fn range(to: &mut Writer<'_>, range: Range, kinds: (u16, u16, u16)) -> Result<(), Full> {
    let (addr, prefix, port) = kinds;
    if let Some((family, address, bits)) = range.net {
        super::write::addr(to, addr, family, address)?;
        to.put_u8(prefix, bits)?;
    }
    match range.port {
        Some(number) => to.put_u16_be(port, number),
        None => Ok(()),
    }
}

/// A packet, as it would come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The family of both addresses.
    pub family: Family,
    /// The protocol.
    pub protocol: Protocol,
    /// Where it comes from.
    pub source: Endpoint,
    /// Where it is sent to.
    pub destination: Endpoint,
    /// Its firewall mark.
    pub mark: Option<u32>,
    /// The flags of its TCP header; `None` is SYN.
    pub tcp_flags: Option<u8>,
}

impl Flow {
    /// Writes the attributes.
    pub(super) fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        use uapi::flow as id;

        let nest = to.nest_start(uapi::rvs::FLOW)?;
        to.put_u16(id::FAMILY, self.family.af())?;
        to.put_u8(id::PROTOCOL, self.protocol.0)?;
        super::write::addr(to, id::SRC_ADDR, self.family, self.source.addr)?;
        to.put_u16_be(id::SRC_PORT, self.source.port)?;
        super::write::addr(to, id::DST_ADDR, self.family, self.destination.addr)?;
        to.put_u16_be(id::DST_PORT, self.destination.port)?;
        if let Some(mark) = self.mark {
            to.put_u32(id::MARK, mark)?;
        }
        if let Some(flags) = self.tcp_flags {
            to.put_u8(id::TCP_FLAGS, flags)?;
        }
        to.nest_end(nest)
    }
}
