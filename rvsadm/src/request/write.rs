// SPDX-License-Identifier: GPL-2.0

//! How requests are written as attributes.

use super::{
    Change,
    Config,
    Match,
    Owner,
    Request,
    ServerSpec,
    ServiceKey,
    ServiceSpec,
    Stay,
    Timeout,
    Transaction,
    Tunnel, //
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Family, //
    },
    nla::{
        Full,
        Writer, //
    },
    uapi::{
        self,
        DestState, //
    }, //
};

type Written = Result<(), Full>;

impl Request {
    /// Writes the attributes of the request.
    pub fn write(&self, to: &mut Writer<'_>) -> Written {
        match self {
            Self::ServiceNew(key, spec) | Self::ServiceSet(key, spec) => {
                service(to, key, Some(spec))
            }
            Self::ServiceDel(key) | Self::ServiceGet(key) | Self::ServerDump(key) => {
                service(to, key, None)
            }
            Self::ServerNew(key, spec) | Self::ServerSet(key, spec) => {
                service(to, key, None)?;
                server(to, uapi::rvs::DEST, key.family, spec)
            }
            Self::ServerDel(key, at) => {
                service(to, key, None)?;
                server(to, uapi::rvs::DEST, key.family, &ServerSpec::key(*at))
            }
            Self::Zero(Some((key, at))) => {
                service(to, key, None)?;
                at.map_or(Ok(()), |at| {
                    server(to, uapi::rvs::DEST, key.family, &ServerSpec::key(at))
                })
            }
            Self::ConfigSet(settings) => config(to, settings),
            Self::ConnDump(filter) if filter.is_empty() => Ok(()),
            Self::ConnDump(filter) => filter.write(to),
            Self::ConnDel { filter, reset } => {
                filter.write(to)?;
                match reset {
                    true => to.put_flag(uapi::rvs::FORCE),
                    false => Ok(()),
                }
            }
            Self::Explain(flow) => flow.write(to),
            Self::ServiceDump | Self::Zero(None) => Ok(()),
            Self::Flush { owner, force } => scope(to, *owner, *force),
            Self::Transact(all) => transaction(to, all),
            Self::ConfigGet | Self::InfoGet => Ok(()),
        }
    }

    /// At least as many bytes as [`Self::write`] writes.
    pub fn room(&self) -> usize {
        /// Above everything that one object has.
        const OBJECT: usize = 4096;

        let count = match self {
            Self::Transact(all) => all.changes.iter().map(change_room).sum(),
            _ => 0usize,
        };
        count.saturating_add(OBJECT)
    }
}

/// At least as many bytes as a change is long.
fn change_room(change: &Change) -> usize {
    /// Above all attributes of a service and of a server but its timeouts.
    const OBJECTS: usize = 512;
    const TIMEOUT: usize = 20;

    let timeouts = match change {
        Change::ServiceNew(_, spec) | Change::ServiceSet(_, spec) | Change::ServicePut(_, spec) => {
            spec.timeouts.len()
        }
        Change::ConfigSet(config) => config.timeouts.len(),
        _ => 0,
    };
    timeouts.saturating_mul(TIMEOUT).saturating_add(OBJECTS)
}

/// Whose objects are touched.
fn scope(to: &mut Writer<'_>, owner: Option<Owner>, force: bool) -> Written {
    if let Some(owner) = owner {
        to.put_str(uapi::rvs::OWNER, owner.as_str())?;
    }
    match force {
        true => to.put(uapi::rvs::FORCE, &[]),
        false => Ok(()),
    }
}

fn transaction(to: &mut Writer<'_>, all: &Transaction) -> Written {
    if let Some(generation) = all.generation {
        to.put_u32(uapi::rvs::GENERATION, generation)?;
    }
    if all.dry_run {
        to.put(uapi::rvs::DRY_RUN, &[])?;
    }
    scope(to, all.owner, all.force)?;
    all.changes.iter().try_for_each(|one| change(to, one))
}

fn change(to: &mut Writer<'_>, change: &Change) -> Written {
    use uapi::change as id;

    let nest = to.nest_start(uapi::rvs::CHANGE)?;
    to.put_u8(id::OP, change.op().value())?;
    match change {
        Change::ServiceNew(key, spec)
        | Change::ServiceSet(key, spec)
        | Change::ServicePut(key, spec) => service_in(to, id::SERVICE, key, Some(spec))?,
        Change::ServiceDel(key) => service_in(to, id::SERVICE, key, None)?,
        Change::ServerNew(key, spec)
        | Change::ServerSet(key, spec)
        | Change::ServerPut(key, spec) => {
            service_in(to, id::SERVICE, key, None)?;
            server(to, id::DEST, key.family, spec)?;
        }
        Change::ServerDel(key, at) => {
            service_in(to, id::SERVICE, key, None)?;
            server(to, id::DEST, key.family, &ServerSpec::key(*at))?;
        }
        Change::ConfigSet(settings) => config_in(to, id::CONFIG, settings)?,
    }
    to.nest_end(nest)
}

fn key_attributes(to: &mut Writer<'_>, key: &ServiceKey) -> Written {
    use uapi::service as id;

    to.put_u16(id::FAMILY, key.family.af())?;
    match key.matches {
        Match::Address(protocol, endpoint) => {
            to.put_u8(id::PROTOCOL, protocol.0)?;
            addr(to, id::ADDR, key.family, endpoint.addr)?;
            to.put_u16_be(id::PORT, endpoint.port)
        }
        Match::Mark(mark) => to.put_u32(id::FWMARK, mark),
    }
}

fn service(to: &mut Writer<'_>, key: &ServiceKey, spec: Option<&ServiceSpec>) -> Written {
    service_in(to, uapi::rvs::SERVICE, key, spec)
}

fn service_in(
    to: &mut Writer<'_>,
    kind: u16,
    key: &ServiceKey,
    spec: Option<&ServiceSpec>,
) -> Written {
    let nest = to.nest_start(kind)?;
    key_attributes(to, key)?;
    if let Some(spec) = spec {
        service_spec(to, key.family, spec)?;
    }
    to.nest_end(nest)
}

fn service_spec(to: &mut Writer<'_>, family: Family, spec: &ServiceSpec) -> Written {
    use uapi::service as id;

    if let Some(name) = &spec.scheduler {
        to.put_str(id::SCHEDULER, name)?;
    }
    numbers(
        to,
        &[
            (id::FLAGS, spec.flags),
            (id::SCHED_FLAGS, spec.sched_flags),
            (id::SCHED_SIZE, spec.sched_size),
            (id::SCHED_EXPIRY, spec.sched_expiry),
            (id::PERSIST_TIMEOUT, spec.persist_timeout),
        ],
    )?;
    if let Some(prefix) = spec.persist_prefix {
        to.put_u8(id::PERSIST_PREFIX, prefix)?;
    }
    timeouts(to, id::TIMEOUT, &spec.timeouts)?;
    if let Some(action) = spec.no_server {
        to.put_u8(id::NO_SERVER, action.value())?;
    }
    if let Some(fallback) = &spec.fallback {
        server(to, id::FALLBACK, family, fallback)?;
    }
    numbers(to, &[(id::SLOW_START, spec.slow_start)])?;
    owner(to, id::OWNER, spec.owner)
}

fn owner(to: &mut Writer<'_>, kind: u16, owner: Option<Owner>) -> Written {
    owner.map_or(Ok(()), |owner| to.put_str(kind, owner.as_str()))
}

/// A server of a service of `family`, whose own family is said only if it is another.
fn server(to: &mut Writer<'_>, kind: u16, family: Family, spec: &ServerSpec) -> Written {
    use uapi::dest as id;

    let nest = to.nest_start(kind)?;
    let at = &spec.key;
    addr(to, id::ADDR, at.family, at.endpoint.addr)?;
    to.put_u16_be(id::PORT, at.endpoint.port)?;
    if let Some(method) = spec.method {
        to.put_u8(id::METHOD, method.value())?;
    }
    numbers(to, &[(id::WEIGHT, spec.weight)])?;
    if at.family != family {
        to.put_u16(id::FAMILY, at.family.af())?;
    }
    numbers(to, &[(id::UPPER, spec.upper), (id::LOWER, spec.lower)])?;
    if let Some(Tunnel { kind, port, flags }) = spec.tunnel {
        to.put_u8(id::TUN_TYPE, kind.value())?;
        to.put_u16_be(id::TUN_PORT, port)?;
        to.put_u16(id::TUN_FLAGS, flags)?;
    }
    if let Some(stay) = spec.stay {
        self::stay(to, stay)?;
    }
    owner(to, id::OWNER, spec.owner)?;
    to.nest_end(nest)
}

fn stay(to: &mut Writer<'_>, stay: Stay) -> Written {
    use uapi::dest as id;

    match stay {
        Stay::Ready => to.put_u8(id::STATE, DestState::Ready.value()),
        Stay::Drain { timeout, policy } => {
            to.put_u8(id::STATE, DestState::Draining.value())?;
            to.put_u8(id::DRAIN_POLICY, policy.value())?;
            to.put_u32(id::DRAIN_TIMEOUT, timeout)
        }
    }
}

fn config(to: &mut Writer<'_>, config: &Config) -> Written {
    config_in(to, uapi::rvs::CONFIG, config)
}

fn config_in(to: &mut Writer<'_>, kind: u16, config: &Config) -> Written {
    use uapi::config as id;

    let nest = to.nest_start(kind)?;
    numbers(
        to,
        &[
            (id::TIMEOUT_TCP, config.timeout_tcp),
            (id::TIMEOUT_TCP_FIN, config.timeout_tcp_fin),
            (id::TIMEOUT_UDP, config.timeout_udp),
        ],
    )?;
    timeouts(to, id::TIMEOUT, &config.timeouts)?;
    to.nest_end(nest)
}

fn timeouts(to: &mut Writer<'_>, kind: u16, all: &[Timeout]) -> Written {
    for Timeout { state, seconds } in all {
        let nest = to.nest_start(kind)?;
        to.put_u8(uapi::timeout::STATE, state.value())?;
        to.put_u32(uapi::timeout::SECONDS, *seconds)?;
        to.nest_end(nest)?;
    }
    Ok(())
}

/// Those of the numbers that there are.
fn numbers(to: &mut Writer<'_>, all: &[(u16, Option<u32>)]) -> Written {
    let mut there = all
        .iter()
        .filter_map(|(kind, value)| Some((kind, (*value)?)));
    there.try_for_each(|(kind, value)| to.put_u32(*kind, value))
}

/// The key of a service, in an attribute of this type.
pub(super) fn service_key(to: &mut Writer<'_>, kind: u16, key: &ServiceKey) -> Written {
    let nest = to.nest_start(kind)?;
    key_attributes(to, key)?;
    to.nest_end(nest)
}

pub(super) fn addr(to: &mut Writer<'_>, kind: u16, family: Family, addr: Addr) -> Written {
    let bytes = addr.bytes();
    to.put(kind, bytes.get(..family.addr_len()).unwrap_or(&bytes))
}
