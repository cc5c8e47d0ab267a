// SPDX-License-Identifier: GPL-2.0

//! From objects to attributes.

use crate::{
    conn::{
        Conn,
        Timeouts, //
    },
    dest::Dest,
    logic::{
        addr::{
            Endpoint,
            Family, //
        },
        nla::{
            Full,
            Writer, //
        },
        sched::Candidate,
        uapi, //
    },
    service::Service,
    sys::{
        rcu,
        time, //
    },
};

/// Writes an address and a port.
fn endpoint(
    to: &mut Writer<'_>,
    [addr, port]: [u16; 2],
    family: Family,
    end: Endpoint,
) -> Result<(), Full> {
    let bytes = end.addr.bytes();
    to.put(addr, bytes.get(..family.addr_len()).unwrap_or(&bytes))?;
    to.put_u16_be(port, end.port)
}

/// Writes a service.
pub(super) fn service(to: &mut Writer<'_>, service: &Service) -> Result<(), Full> {
    let key = service.key;
    let nest = to.nest_start(uapi::rvs::SERVICE)?;
    to.put_u16(uapi::service::FAMILY, key.family.af())?;
    to.put_u8(uapi::service::PROTOCOL, key.protocol.0)?;
    let kinds = [uapi::service::ADDR, uapi::service::PORT];
    endpoint(to, kinds, key.family, key.endpoint)?;
    rcu::read(|rcu| {
        to.put_str(uapi::service::SCHEDULER, service.scheduler_name(rcu))?;
        let stats = to.nest_start(uapi::service::STATS)?;
        service.totals(rcu).write(to)?;
        to.nest_end(stats)
    })?;
    to.put_u32(uapi::service::DESTS, service.dest_count())?;
    to.nest_end(nest)
}

/// Writes a destination.
pub(super) fn dest(to: &mut Writer<'_>, dest: &Dest) -> Result<(), Full> {
    let nest = to.nest_start(uapi::rvs::DEST)?;
    let kinds = [uapi::dest::ADDR, uapi::dest::PORT];
    endpoint(to, kinds, dest.family(), dest.endpoint())?;
    to.put_u8(uapi::dest::METHOD, dest.method().value())?;
    to.put_u32(uapi::dest::WEIGHT, dest.weight())?;
    to.put_u32(uapi::dest::ACTIVE, dest.active())?;
    to.put_u32(uapi::dest::INACTIVE, dest.inactive())?;
    let stats = to.nest_start(uapi::dest::STATS)?;
    dest.traffic.totals().write(to)?;
    to.nest_end(stats)?;
    to.nest_end(nest)
}

/// Writes a connection.
pub(super) fn conn(to: &mut Writer<'_>, conn: &Conn, timeouts: &Timeouts) -> Result<(), Full> {
    let family = conn.family();
    let nest = to.nest_start(uapi::rvs::CONN)?;
    to.put_u16(uapi::conn::FAMILY, family.af())?;
    to.put_u8(uapi::conn::PROTOCOL, conn.protocol().0)?;
    let client = [uapi::conn::CLIENT_ADDR, uapi::conn::CLIENT_PORT];
    endpoint(to, client, family, conn.client())?;
    let virtual_end = [uapi::conn::VIRTUAL_ADDR, uapi::conn::VIRTUAL_PORT];
    endpoint(to, virtual_end, family, conn.virtual_end())?;
    let server = [uapi::conn::DEST_ADDR, uapi::conn::DEST_PORT];
    endpoint(to, server, family, conn.dest().endpoint())?;
    to.put_u8(uapi::conn::METHOD, conn.method().value())?;
    to.put_u8(uapi::conn::STATE, conn.status().state().as_u8())?;
    let expires = time::milliseconds(conn.expires_in(timeouts, time::now()));
    to.put_u32(uapi::conn::EXPIRES, expires)?;
    to.nest_end(nest)
}
