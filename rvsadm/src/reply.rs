// SPDX-License-Identifier: GPL-2.0

//! The answers of the netlink interface, typed, and how they are read from attributes.

use crate::{
    error::Error,
    request::{
        Config,
        ServiceKey, //
    },
};
use rvs_logic::logic::{
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
        Attribute,
        ConnState,
        DropReason,
        Method, //
    },
};

/// Packet and byte counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections scheduled.
    pub conns: u64,
    /// Packets from clients.
    pub in_pkts: u64,
    /// Bytes of those.
    pub in_bytes: u64,
    /// Packets to clients.
    pub out_pkts: u64,
    /// Bytes of those.
    pub out_bytes: u64,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// What names it.
    pub key: ServiceKey,
    /// The name of its scheduler.
    pub scheduler: String,
    /// Its counters.
    pub stats: Stats,
    /// How many servers it has.
    pub servers: u32,
}

/// A server of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its address and port.
    pub endpoint: Endpoint,
    /// How packets reach it.
    pub method: Method,
    /// Its weight.
    pub weight: u32,
    /// Its active connections.
    pub active: u32,
    /// Its other connections.
    pub inactive: u32,
    /// Its counters.
    pub stats: Stats,
}

/// A connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conn {
    /// The family of its addresses.
    pub family: Family,
    /// Its protocol.
    pub protocol: Protocol,
    /// The client.
    pub client: Endpoint,
    /// The service.
    pub service: Endpoint,
    /// The server.
    pub server: Endpoint,
    /// How packets reach the server.
    pub method: Method,
    /// Its state.
    pub state: ConnState,
    /// Milliseconds until it expires.
    pub expires: u32,
}

/// The state of the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// Version of the module.
    pub version: String,
    /// Identity of the interface between the core and its schedulers.
    pub abi: String,
    /// Number of services.
    pub services: u32,
    /// Number of servers.
    pub servers: u32,
    /// Number of connections.
    pub conns: u32,
    /// Size of the service table.
    pub service_buckets: u32,
    /// Size of the connection table.
    pub conn_buckets: u32,
    /// Bytes of a connection.
    pub conn_size: u32,
    /// Sum of all counters.
    pub stats: Stats,
    /// Packets that left through POST_ROUTING.
    pub sent_pkts: u64,
    /// Bytes of those.
    pub sent_bytes: u64,
    /// Packets dropped, by reason.
    pub drops: Vec<(DropReason, u64)>,
    /// The schedulers that are loaded.
    pub schedulers: Vec<String>,
    /// What this module can do.
    pub features: Vec<String>,
}

/// The attributes of one nest, with the names that error messages need.
struct Nest<'a> {
    attrs: Attrs<'a>,
    set: &'static [Attribute],
    set_name: &'static str,
}

impl<'a> Nest<'a> {
    /// The nest `name` of type `kind` inside `attrs`.
    fn open(
        attrs: &Attrs<'a>,
        kind: u16,
        set_name: &'static str,
        set: &'static [Attribute],
    ) -> Result<Self, Error> {
        let attr = attrs
            .find(kind)
            .ok_or_else(|| Error::garbled(&format!("attribute {set_name} is missing")))?;
        Ok(Self {
            attrs: attr.attrs(),
            set,
            set_name,
        })
    }

    fn get<T>(&self, kind: u16, read: impl FnOnce(Attr<'a>) -> Option<T>) -> Result<T, Error> {
        self.attrs.find(kind).and_then(read).ok_or_else(|| {
            let known = self.set.iter().find(|attr| attr.kind == kind);
            let name = known.map_or("?", |attr| attr.name);
            Error::garbled(&format!(
                "attribute {}.{name} is missing or invalid",
                self.set_name
            ))
        })
    }

    fn u8(&self, kind: u16) -> Result<u8, Error> {
        self.get(kind, |attr| attr.u8())
    }

    fn u32(&self, kind: u16) -> Result<u32, Error> {
        self.get(kind, |attr| attr.u32())
    }

    fn u64(&self, kind: u16) -> Result<u64, Error> {
        self.get(kind, |attr| attr.u64())
    }

    fn text(&self, kind: u16) -> Result<String, Error> {
        self.get(kind, |attr| attr.str().map(str::to_owned))
    }

    fn texts(&self, kind: u16) -> Vec<String> {
        let all = self.attrs.clone().flatten();
        all.filter(|attr| attr.kind == kind)
            .filter_map(|attr| attr.str().map(str::to_owned))
            .collect()
    }

    fn family(&self, kind: u16) -> Result<Family, Error> {
        self.get(kind, |attr| attr.u16().and_then(Family::from_af))
    }

    fn method(&self, kind: u16) -> Result<Method, Error> {
        self.get(kind, |attr| attr.u8().and_then(Method::from_u8))
    }

    fn endpoint(&self, family: Family, addr: u16, port: u16) -> Result<Endpoint, Error> {
        Ok(Endpoint::new(
            self.get(addr, |attr| Addr::from_slice(family, attr.payload))?,
            self.get(port, |attr| attr.u16_be())?,
        ))
    }

    fn stats(&self, kind: u16) -> Result<Stats, Error> {
        use uapi::stats as id;

        let nest = Nest::open(&self.attrs, kind, "stats", id::ATTRIBUTES)?;
        Ok(Stats {
            conns: nest.u64(id::CONNS)?,
            in_pkts: nest.u64(id::IN_PKTS)?,
            in_bytes: nest.u64(id::IN_BYTES)?,
            out_pkts: nest.u64(id::OUT_PKTS)?,
            out_bytes: nest.u64(id::OUT_BYTES)?,
        })
    }
}

impl Service {
    /// Reads the attributes of one message.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        use uapi::service as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::SERVICE, "service", id::ATTRIBUTES)?;
        let family = nest.family(id::FAMILY)?;
        Ok(Self {
            key: ServiceKey {
                family,
                protocol: Protocol(nest.u8(id::PROTOCOL)?),
                endpoint: nest.endpoint(family, id::ADDR, id::PORT)?,
            },
            scheduler: nest.text(id::SCHEDULER)?,
            stats: nest.stats(id::STATS)?,
            servers: nest.u32(id::DESTS)?,
        })
    }
}

impl Server {
    /// Reads the attributes of one message about a server of a service of `family`.
    pub fn read(message: &[u8], family: Family) -> Result<Self, Error> {
        use uapi::dest as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::DEST, "dest", id::ATTRIBUTES)?;
        Ok(Self {
            endpoint: nest.endpoint(family, id::ADDR, id::PORT)?,
            method: nest.method(id::METHOD)?,
            weight: nest.u32(id::WEIGHT)?,
            active: nest.u32(id::ACTIVE)?,
            inactive: nest.u32(id::INACTIVE)?,
            stats: nest.stats(id::STATS)?,
        })
    }
}

impl Conn {
    /// Reads the attributes of one message.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        use uapi::conn as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::CONN, "conn", id::ATTRIBUTES)?;
        let family = nest.family(id::FAMILY)?;
        Ok(Self {
            family,
            protocol: Protocol(nest.u8(id::PROTOCOL)?),
            client: nest.endpoint(family, id::CLIENT_ADDR, id::CLIENT_PORT)?,
            service: nest.endpoint(family, id::VIRTUAL_ADDR, id::VIRTUAL_PORT)?,
            server: nest.endpoint(family, id::DEST_ADDR, id::DEST_PORT)?,
            method: nest.method(id::METHOD)?,
            state: nest.get(id::STATE, |attr| attr.u8().and_then(ConnState::from_u8))?,
            expires: nest.u32(id::EXPIRES)?,
        })
    }
}

impl Config {
    /// Reads the attributes of one message.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        use uapi::config as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::CONFIG, "config", id::ATTRIBUTES)?;
        Ok(Self {
            timeout_tcp: Some(nest.u32(id::TIMEOUT_TCP)?),
            timeout_tcp_fin: Some(nest.u32(id::TIMEOUT_TCP_FIN)?),
            timeout_udp: Some(nest.u32(id::TIMEOUT_UDP)?),
        })
    }
}

impl Info {
    /// Reads the attributes of one message.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        use uapi::info as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::INFO, "info", id::ATTRIBUTES)?;
        Ok(Self {
            version: nest.text(id::VERSION)?,
            abi: nest.text(id::ABI)?,
            services: nest.u32(id::SERVICES)?,
            servers: nest.u32(id::DESTS)?,
            conns: nest.u32(id::CONNS)?,
            service_buckets: nest.u32(id::SERVICE_BUCKETS)?,
            conn_buckets: nest.u32(id::CONN_BUCKETS)?,
            conn_size: nest.u32(id::CONN_SIZE)?,
            stats: nest.stats(id::STATS)?,
            sent_pkts: nest.u64(id::SENT_PKTS)?,
            sent_bytes: nest.u64(id::SENT_BYTES)?,
            drops: read_drops(&nest),
            schedulers: nest.texts(id::SCHEDULER),
            features: nest.texts(id::FEATURE),
        })
    }
}

/// The drop counters. A reason that a newer kernel added is left out.
fn read_drops(info: &Nest<'_>) -> Vec<(DropReason, u64)> {
    use uapi::drop as id;

    let all = info.attrs.clone().flatten();
    all.filter(|attr| attr.kind == uapi::info::DROP)
        .filter_map(|attr| {
            let reason = attr.attrs().find(id::REASON)?.u8()?;
            let packets = attr.attrs().find(id::PACKETS)?.u64()?;
            Some((DropReason::from_u8(reason)?, packets))
        })
        .collect()
}
