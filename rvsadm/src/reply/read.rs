// SPDX-License-Identifier: GPL-2.0

//! How answers are read from attributes.

use super::{
    nest::Nest,
    Conn,
    Drain,
    Info,
    Server,
    Service, //
};
use crate::{
    error::Error,
    request::{
        Config,
        Match,
        ServerKey,
        ServerSpec,
        ServiceKey,
        Tunnel, //
    },
};
use rvs_logic::logic::{
    addr::{
        Family,
        Protocol, //
    },
    nla::Attrs,
    uapi::{
        self,
        ConnState,
        DestState,
        DrainPolicy,
        Method,
        NoServer,
        TunType, //
    },
};

impl Service {
    /// Reads the attributes of one message.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        use uapi::service as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::SERVICE, ("service", id::ATTRIBUTES))?;
        let key = service_key(&nest)?;
        let longest = longest_prefix(key.family);
        let no_server =
            nest.optional(id::NO_SERVER, |attr| attr.u8().and_then(NoServer::from_u8))?;
        Ok(Self {
            key,
            scheduler: nest.text(id::SCHEDULER)?,
            flags: nest.u32_or_zero(id::FLAGS)?,
            sched_flags: nest.u32_or_zero(id::SCHED_FLAGS)?,
            sched_size: nest.u32_or_zero(id::SCHED_SIZE)?,
            sched_expiry: nest.u32_or_zero(id::SCHED_EXPIRY)?,
            persist_timeout: nest.u32_or_zero(id::PERSIST_TIMEOUT)?,
            persist_prefix: nest
                .optional(id::PERSIST_PREFIX, |attr| attr.u8())?
                .unwrap_or(longest),
            timeouts: nest.timeouts(id::TIMEOUT),
            no_server: no_server.unwrap_or(NoServer::Reject),
            fallback: fallback(&nest, key.family)?,
            drops: nest.drops(id::DROP),
            templates: nest.u32_or_zero(id::TEMPLATES)?,
            stats: nest.stats(id::STATS)?,
            servers: nest.u32(id::DESTS)?,
            slow_start: nest.u32_or_zero(id::SLOW_START)?,
            owner: nest.owner(id::OWNER),
        })
    }
}

/// The length of a whole address of `family` in bits.
pub(crate) fn longest_prefix(family: Family) -> u8 {
    match family {
        Family::Ipv4 => 32,
        Family::Ipv6 => 128,
    }
}

pub(super) fn service_key(nest: &Nest<'_>) -> Result<ServiceKey, Error> {
    use uapi::service as id;

    let family = nest.family(id::FAMILY)?;
    let mark = nest.optional(id::FWMARK, |attr| attr.u32())?;
    let matches = match mark.filter(|mark| *mark != 0) {
        Some(mark) => Match::Mark(mark),
        None => Match::Address(
            Protocol(nest.u8(id::PROTOCOL)?),
            nest.endpoint(family, id::ADDR, id::PORT)?,
        ),
    };
    Ok(ServiceKey { family, matches })
}

pub(super) fn server_key(nest: &Nest<'_>, service: Family) -> Result<ServerKey, Error> {
    use uapi::dest as id;

    let family = nest.family_or(id::FAMILY, service)?;
    Ok(ServerKey {
        family,
        endpoint: nest.endpoint(family, id::ADDR, id::PORT)?,
    })
}

fn tunnel(nest: &Nest<'_>) -> Result<Tunnel, Error> {
    use uapi::dest as id;

    let kind = nest.optional(id::TUN_TYPE, |attr| attr.u8().and_then(TunType::from_u8))?;
    let port = nest.optional(id::TUN_PORT, |attr| attr.u16_be())?;
    let flags = nest.optional(id::TUN_FLAGS, |attr| attr.u16())?;
    Ok(Tunnel {
        kind: kind.unwrap_or(TunType::Ipip),
        port: port.unwrap_or_default(),
        flags: flags.unwrap_or_default(),
    })
}

/// The server for connections that find none, in a service of `family`.
fn fallback(service: &Nest<'_>, family: Family) -> Result<Option<ServerSpec>, Error> {
    use uapi::dest as id;

    let kind = uapi::service::FALLBACK;
    if service.attrs.find(kind).is_none() {
        return Ok(None);
    }
    let nest = Nest::open(&service.attrs, kind, ("fallback", id::ATTRIBUTES))?;
    let method = nest.optional(id::METHOD, |attr| attr.u8().and_then(Method::from_u8))?;
    let tunnels = method == Some(Method::Tunnel);
    Ok(Some(ServerSpec {
        method,
        tunnel: tunnels.then(|| tunnel(&nest)).transpose()?,
        ..ServerSpec::key(server_key(&nest, family)?)
    }))
}

impl Server {
    /// Reads the attributes of one message about a server of a service of `family`.
    pub fn read(message: &[u8], family: Family) -> Result<Self, Error> {
        use uapi::dest as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::DEST, ("dest", id::ATTRIBUTES))?;
        let weight = nest.u32(id::WEIGHT)?;
        let effective = nest.optional(id::EFFECTIVE_WEIGHT, |attr| attr.u32())?;
        Ok(Self {
            key: server_key(&nest, family)?,
            method: nest.method(id::METHOD)?,
            tunnel: tunnel(&nest)?,
            weight,
            upper: nest.u32_or_zero(id::UPPER)?,
            lower: nest.u32_or_zero(id::LOWER)?,
            overloaded: nest
                .optional(id::OVERLOADED, |attr| attr.u8())?
                .is_some_and(|value| value != 0),
            active: nest.u32(id::ACTIVE)?,
            inactive: nest.u32(id::INACTIVE)?,
            templates: nest.u32_or_zero(id::TEMPLATES)?,
            stats: nest.stats(id::STATS)?,
            drain: drain(&nest)?,
            effective_weight: effective.unwrap_or(weight),
            owner: nest.owner(id::OWNER),
        })
    }
}

/// How a server drains, if it does.
fn drain(server: &Nest<'_>) -> Result<Option<Drain>, Error> {
    use uapi::dest as id;

    let state = server.optional(id::STATE, |attr| attr.u8())?;
    if state != Some(DestState::Draining.value()) {
        return Ok(None);
    }
    let policy = server.optional(id::DRAIN_POLICY, |attr| attr.u8())?;
    Ok(Some(Drain {
        policy: policy
            .and_then(DrainPolicy::from_u8)
            .unwrap_or(DrainPolicy::Wait),
        timeout: server.u32_or_zero(id::DRAIN_TIMEOUT)?,
        left: server.u32_or_zero(id::DRAIN_LEFT)?,
    }))
}

impl Conn {
    /// Reads the attributes of one message.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        let top = Attrs::new(message);
        let set = ("conn", uapi::conn::ATTRIBUTES);
        conn(&Nest::open(&top, uapi::rvs::CONN, set)?)
    }
}

pub(super) fn conn(nest: &Nest<'_>) -> Result<Conn, Error> {
    use uapi::conn as id;

    let family = nest.family(id::FAMILY)?;
    let theirs = nest.family_or(id::DEST_FAMILY, family)?;
    let template = nest.optional(id::TEMPLATE, |attr| attr.u8())?;
    Ok(Conn {
        family,
        protocol: Protocol(nest.u8(id::PROTOCOL)?),
        client: nest.endpoint(family, id::CLIENT_ADDR, id::CLIENT_PORT)?,
        service: nest.endpoint(family, id::VIRTUAL_ADDR, id::VIRTUAL_PORT)?,
        mark: nest
            .optional(id::FWMARK, |attr| attr.u32())?
            .filter(|mark| *mark != 0),
        server: ServerKey {
            family: theirs,
            endpoint: nest.endpoint(theirs, id::DEST_ADDR, id::DEST_PORT)?,
        },
        method: nest.method(id::METHOD)?,
        state: nest.get(id::STATE, |attr| attr.u8().and_then(ConnState::from_u8))?,
        template: template.is_some_and(|value| value != 0),
        expires: nest.u32(id::EXPIRES)?,
    })
}

impl Config {
    /// Reads the attributes of one message.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        use uapi::config as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::CONFIG, ("config", id::ATTRIBUTES))?;
        Ok(Self {
            timeout_tcp: Some(nest.u32(id::TIMEOUT_TCP)?),
            timeout_tcp_fin: Some(nest.u32(id::TIMEOUT_TCP_FIN)?),
            timeout_udp: Some(nest.u32(id::TIMEOUT_UDP)?),
            timeouts: nest.timeouts(id::TIMEOUT),
        })
    }
}

impl Info {
    /// Reads the attributes of one message.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        use uapi::info as id;

        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::INFO, ("info", id::ATTRIBUTES))?;
        let texts = |kind| nest.all(kind, |attr| attr.str().map(str::to_owned));
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
            fast_pkts: nest.optional(id::FAST_PKTS, |attr| attr.u64())?,
            fast_bytes: nest.optional(id::FAST_BYTES, |attr| attr.u64())?,
            fast_devices: nest.optional(id::FAST_DEVICES, |attr| attr.u32())?,
            drops: nest.drops(id::DROP),
            schedulers: texts(id::SCHEDULER),
            known_schedulers: texts(id::KNOWN_SCHEDULER),
            generation: nest.optional(id::GENERATION, |attr| attr.u32())?,
            conn_limit: nest.optional(id::CONN_LIMIT, |attr| attr.u32())?,
            change_limit: nest.optional(id::CHANGE_LIMIT, |attr| attr.u32())?,
            features: texts(id::FEATURE),
        })
    }
}
