// SPDX-License-Identifier: GPL-2.0

//! From objects to attributes.

use crate::{
    conn::Conn,
    dest::Dest,
    logic::{
        addr::{
            Addr,
            Endpoint,
            Family, //
        },
        drain::Plan,
        filter::Shown,
        nla::{
            Full,
            Writer, //
        },
        owner::Owner,
        proto::State,
        sched::Candidate,
        uapi::{
            self,
            ConnState,
            DestState,
            Method, //
        }, //
    },
    persist::Template,
    policy::Settings,
    service::{
        Service,
        ServiceKey, //
    },
    sys::{
        rcu,
        time, //
    },
};

/// Writes an address.
pub(super) fn addr(
    to: &mut Writer<'_>,
    kind: u16,
    family: Family,
    addr: &Addr,
) -> Result<(), Full> {
    let bytes = addr.bytes();
    to.put(kind, bytes.get(..family.addr_len()).unwrap_or(&bytes))
}

/// Writes an address and a port.
pub(super) fn endpoint(
    to: &mut Writer<'_>,
    [addr, port]: [u16; 2],
    family: Family,
    end: Endpoint,
) -> Result<(), Full> {
    self::addr(to, addr, family, &end.addr)?;
    to.put_u16_be(port, end.port)
}

/// Writes the timeout of a state.
pub(super) fn timeout(
    to: &mut Writer<'_>,
    kind: u16,
    state: State,
    seconds: u32,
) -> Result<(), Full> {
    let nest = to.nest_start(kind)?;
    to.put_u8(uapi::timeout::STATE, state.as_u8())?;
    to.put_u32(uapi::timeout::SECONDS, seconds)?;
    to.nest_end(nest)
}

/// Writes an owner, if there is one.
fn owner(to: &mut Writer<'_>, kind: u16, owner: &Owner) -> Result<(), Full> {
    match owner.is_somebody() {
        true => to.put_str(kind, owner.name()),
        false => Ok(()),
    }
}

/// Writes the key of a service.
pub(super) fn service_key(to: &mut Writer<'_>, key: &ServiceKey) -> Result<(), Full> {
    to.put_u16(uapi::service::FAMILY, key.family.af())?;
    if let Some(mark) = key.mark() {
        return to.put_u32(uapi::service::FWMARK, mark);
    }
    to.put_u8(uapi::service::PROTOCOL, key.protocol.0)?;
    let kinds = [uapi::service::ADDR, uapi::service::PORT];
    endpoint(to, kinds, key.family, key.endpoint)
}

/// Writes the settings of a service.
fn settings(to: &mut Writer<'_>, service: &Service, settings: &Settings) -> Result<(), Full> {
    let numbers = [
        (uapi::service::FLAGS, settings.flags),
        (uapi::service::SCHED_FLAGS, settings.sched.flags),
        (uapi::service::SCHED_SIZE, settings.sched.size),
        (uapi::service::SCHED_EXPIRY, settings.sched.expiry),
        (uapi::service::PERSIST_TIMEOUT, settings.persist_timeout),
        (uapi::service::SLOW_START, settings.slow_start),
    ];
    for (kind, number) in numbers {
        to.put_u32(kind, number)?;
    }
    to.put_u8(uapi::service::PERSIST_PREFIX, settings.persist_prefix)?;
    to.put_u8(uapi::service::NO_SERVER, settings.no_server.value())?;
    owner(to, uapi::service::OWNER, &settings.owner)?;
    for state in State::ALL {
        match service.policy.timeout_seconds(state) {
            0 => {}
            seconds => timeout(to, uapi::service::TIMEOUT, state, seconds)?,
        }
    }
    Ok(())
}

/// Writes a service. Control lock.
pub(super) fn service(to: &mut Writer<'_>, service: &Service) -> Result<(), Full> {
    service_as(to, uapi::rvs::SERVICE, service)
}

/// Writes a service as the attribute `kind`. Control lock.
pub(super) fn service_as(to: &mut Writer<'_>, kind: u16, service: &Service) -> Result<(), Full> {
    let nest = to.nest_start(kind)?;
    service_key(to, &service.key)?;
    rcu::read(|rcu| {
        to.put_str(uapi::service::SCHEDULER, service.scheduler_name(rcu))?;
        let stats = to.nest_start(uapi::service::STATS)?;
        service.figures(rcu).write(to)?;
        to.nest_end(stats)?;
        if let Some(fallback) = service.configured_fallback(rcu) {
            dest_as(to, uapi::service::FALLBACK, &fallback)?;
        }
        service.policy.drops.write(to, uapi::service::DROP, false)?;
        match service.policy.settings(rcu) {
            Some(now) => settings(to, service, now),
            None => Ok(()),
        }
    })?;
    to.put_u32(
        uapi::service::TEMPLATES,
        rcu::read(|rcu| service.templates(rcu)),
    )?;
    to.put_u32(uapi::service::DESTS, service.dest_count())?;
    to.put_u32(uapi::service::GENERATION, service.generation())?;
    to.nest_end(nest)
}

/// Writes a destination. Control lock.
pub(super) fn dest(to: &mut Writer<'_>, dest: &Dest) -> Result<(), Full> {
    dest_as(to, uapi::rvs::DEST, dest)
}

/// Writes whether a destination stays, and what it counts for now.
fn drain(to: &mut Writer<'_>, dest: &Dest, plan: Option<Plan>) -> Result<(), Full> {
    to.put_u32(uapi::dest::EFFECTIVE_WEIGHT, dest.effective_weight())?;
    let Some(plan) = plan else {
        return to.put_u8(uapi::dest::STATE, DestState::Ready.value());
    };
    to.put_u8(uapi::dest::STATE, DestState::Draining.value())?;
    to.put_u8(uapi::dest::DRAIN_POLICY, plan.policy.value())?;
    to.put_u32(uapi::dest::DRAIN_TIMEOUT, plan.timeout)?;
    match dest.drain_left() {
        Some(seconds) => to.put_u32(uapi::dest::DRAIN_LEFT, seconds),
        None => Ok(()),
    }
}

/// Writes a destination as the attribute `kind`.
pub(super) fn dest_as(to: &mut Writer<'_>, kind: u16, dest: &Dest) -> Result<(), Full> {
    let nest = to.nest_start(kind)?;
    let spec = dest.spec();
    let kinds = [uapi::dest::ADDR, uapi::dest::PORT];
    endpoint(to, kinds, spec.family, spec.endpoint)?;
    to.put_u16(uapi::dest::FAMILY, spec.family.af())?;
    to.put_u8(uapi::dest::METHOD, spec.method.value())?;
    to.put_u32(uapi::dest::WEIGHT, spec.weight)?;
    to.put_u32(uapi::dest::UPPER, spec.upper)?;
    to.put_u32(uapi::dest::LOWER, spec.lower)?;
    owner(to, uapi::dest::OWNER, &spec.owner)?;
    if spec.method == Method::Tunnel {
        to.put_u8(uapi::dest::TUN_TYPE, spec.tunnel.kind.value())?;
        to.put_u16_be(uapi::dest::TUN_PORT, spec.tunnel.port)?;
        to.put_u16(uapi::dest::TUN_FLAGS, u16::from(spec.tunnel.flags))?;
    }
    to.put_u32(uapi::dest::ACTIVE, dest.active())?;
    to.put_u32(uapi::dest::INACTIVE, dest.inactive())?;
    to.put_u8(uapi::dest::OVERLOADED, u8::from(dest.is_overloaded()))?;
    to.put_u32(uapi::dest::TEMPLATES, dest.templates())?;
    match dest.generation() {
        0 => {}
        generation => to.put_u32(uapi::dest::GENERATION, generation)?,
    }
    drain(to, dest, spec.drain)?;
    let stats = to.nest_start(uapi::dest::STATS)?;
    dest.traffic.figures().write(to)?;
    to.nest_end(stats)?;
    to.nest_end(nest)
}

/// A connection as listings show it.
pub(super) fn shown_conn(conn: &Conn) -> Shown<ServiceKey> {
    let service = conn.dest().policy.key;
    Shown {
        family: conn.family(),
        protocol: conn.protocol(),
        client: conn.client(),
        virtual_end: conn.virtual_end(),
        dest_family: conn.dest().family(),
        dest: match conn.method() {
            // It is where the client wants to go.
            Method::Bypass => conn.virtual_end(),
            _ => conn.server(),
        },
        mark: service.mark(),
        method: conn.method(),
        // They have the same numbers.
        state: ConnState::from_u8(conn.status().state().as_u8()).unwrap_or(ConnState::None),
        template: false,
        service,
    }
}

/// A template as listings show it: a connection from port 0.
pub(super) fn shown_template(template: &Template) -> Shown<ServiceKey> {
    let dest = &template.dest;
    let service = dest.policy.key;
    Shown {
        family: service.family,
        protocol: service.protocol,
        client: Endpoint::new(template.client(), 0),
        virtual_end: match service.mark() {
            Some(_) => Endpoint::default(),
            None => service.endpoint,
        },
        dest_family: dest.family(),
        dest: dest.endpoint(),
        mark: service.mark(),
        method: dest.method(),
        state: match template.is_assured() {
            true => ConnState::Assured,
            false => ConnState::None,
        },
        template: true,
        service,
    }
}

/// Writes an entry that expires in so many jiffies as the attribute `kind`.
pub(super) fn shown(
    to: &mut Writer<'_>,
    kind: u16,
    entry: &Shown<ServiceKey>,
    expires: u32,
) -> Result<(), Full> {
    let nest = to.nest_start(kind)?;
    if entry.template {
        to.put_u8(uapi::conn::TEMPLATE, 1)?;
    }
    to.put_u16(uapi::conn::FAMILY, entry.family.af())?;
    to.put_u8(uapi::conn::PROTOCOL, entry.protocol.0)?;
    let client = [uapi::conn::CLIENT_ADDR, uapi::conn::CLIENT_PORT];
    endpoint(to, client, entry.family, entry.client)?;
    let virtual_end = [uapi::conn::VIRTUAL_ADDR, uapi::conn::VIRTUAL_PORT];
    endpoint(to, virtual_end, entry.family, entry.virtual_end)?;
    let server = [uapi::conn::DEST_ADDR, uapi::conn::DEST_PORT];
    endpoint(to, server, entry.dest_family, entry.dest)?;
    if entry.dest_family != entry.family {
        to.put_u16(uapi::conn::DEST_FAMILY, entry.dest_family.af())?;
    }
    if let Some(mark) = entry.mark {
        to.put_u32(uapi::conn::FWMARK, mark)?;
    }
    to.put_u8(uapi::conn::METHOD, entry.method.value())?;
    to.put_u8(uapi::conn::STATE, entry.state.value())?;
    to.put_u32(uapi::conn::EXPIRES, time::milliseconds(expires))?;
    to.nest_end(nest)
}
