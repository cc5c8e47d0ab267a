// SPDX-License-Identifier: GPL-2.0

//! The request to explain what would become of a packet.

use super::{
    request::Nest,
    write, //
};
use crate::{
    dest::Dest,
    explain::{
        self,
        Explanation, //
    },
    logic::{
        addr::{
            Endpoint,
            Family,
            Protocol,
            Tuple, //
        },
        nla::{
            Full,
            Writer, //
        },
        proto::sctp::Event,
        uapi::{
            self,
            cmd,
            explanation as id,
            Method, //
        },
        wire::{
            Packet,
            TcpFlags, //
        }, //
    },
    net::Net,
    sys::{
        genl::Request,
        rcu,
        route::Way,
        time, //
    },
};
use kernel::prelude::*;

/// Room for the reply.
const ROOM: u32 = 1024;

/// Everything that can be said about a packet.
const ALL: [u16; 8] = [
    uapi::flow::FAMILY,
    uapi::flow::PROTOCOL,
    uapi::flow::SRC_ADDR,
    uapi::flow::SRC_PORT,
    uapi::flow::DST_ADDR,
    uapi::flow::DST_PORT,
    uapi::flow::MARK,
    uapi::flow::TCP_FLAGS,
];

/// Says what would become of a packet.
pub(crate) fn explain(net: &Net, request: &Request<'_>) -> Result {
    let nest = Nest::new(request.message, uapi::rvs::FLOW, "flow", &ALL)?;
    let packet = packet(&nest)?;
    let mark = nest.u32(uapi::flow::MARK).unwrap_or(0);
    // So that it is not asked in the middle of a change.
    let _control = net.control.lock();
    request.reply(cmd::EXPLAIN, ROOM, |to| {
        rcu::read(|rcu| {
            let about = explain::explain(net, rcu, &packet, mark);
            let nest = to.nest_start(uapi::rvs::EXPLANATION)?;
            explanation(to, net, &about)?;
            to.nest_end(nest)
        })
    })
}

/// The packet that is asked about: the smallest one with these headers.
fn packet(nest: &Nest<'_>) -> Result<Packet> {
    let attr = nest.need(uapi::flow::FAMILY, "family")?;
    let family = nest.family(&attr)?;
    let attr = nest.need(uapi::flow::PROTOCOL, "protocol")?;
    let protocol = Protocol(nest.value(&attr, attr.u8())?);
    let src = end(
        nest,
        (uapi::flow::SRC_ADDR, "src-addr"),
        uapi::flow::SRC_PORT,
        family,
    )?;
    let dst = end(
        nest,
        (uapi::flow::DST_ADDR, "dst-addr"),
        uapi::flow::DST_PORT,
        family,
    )?;
    let (mut tcp, mut sctp) = (TcpFlags(0), Event::None);
    let flags = nest.find(uapi::flow::TCP_FLAGS);
    match (protocol, &flags) {
        (Protocol::TCP, None) => tcp = TcpFlags::SYN,
        (Protocol::TCP, Some(attr)) => tcp = TcpFlags(nest.value(attr, attr.u8())?),
        (_, Some(attr)) => {
            return Err(nest.refuse(EINVAL, attr, fmt!("only TCP has these flags")));
        }
        (Protocol::SCTP, None) => sctp = Event::Init,
        (_, None) => {}
    }
    Ok(Packet {
        tuple: Tuple {
            family,
            protocol,
            src,
            dst,
        },
        l4_offset: match family {
            Family::Ipv4 => 20,
            Family::Ipv6 => 40,
        },
        total_len: 0,
        tcp,
        sctp,
        ttl: u8::MAX,
        dont_fragment: true,
    })
}

/// An address, which must be given, and a port, which need not.
fn end(nest: &Nest<'_>, (addr, name): (u16, &str), port: u16, family: Family) -> Result<Endpoint> {
    let attr = nest.need(addr, name)?;
    let addr = nest.addr_in(&attr, family)?;
    let port = nest.find(port).and_then(|attr| attr.u16_be());
    Ok(Endpoint::new(addr, port.unwrap_or(0)))
}

fn explanation(to: &mut Writer<'_>, net: &Net, about: &Explanation<'_>) -> Result<(), Full> {
    to.put_u8(id::VERDICT, about.verdict.value())?;
    to.put_u8(id::FOUND, about.found.value())?;
    if let Some(key) = &about.service {
        let nest = to.nest_start(id::SERVICE)?;
        write::service_key(to, key)?;
        if let Some(name) = about.scheduler {
            to.put_str(uapi::service::SCHEDULER, name)?;
        }
        to.nest_end(nest)?;
    }
    if let Some(dest) = about.dest.filter(|_| about.method != Some(Method::Bypass)) {
        dest_key(to, dest)?;
    }
    if let Some(conn) = about.conn {
        let expires = conn.expires_in(&net.timeouts, time::now());
        write::shown(to, id::CONN, &write::shown_conn(conn), expires)?;
    }
    if about.random {
        to.put_u8(id::RANDOM, 1)?;
    }
    if let Some(method) = about.method {
        to.put_u8(id::METHOD, method.value())?;
    }
    if let Some(reason) = about.reason {
        to.put_u8(id::REASON, reason.value())?;
    }
    to.put_str(id::TEXT, about.why)?;
    match &about.way {
        Some(way) => route(to, about, way),
        None => Ok(()),
    }
}

/// Writes what names a destination.
fn dest_key(to: &mut Writer<'_>, dest: &Dest) -> Result<(), Full> {
    let nest = to.nest_start(id::DEST)?;
    let kinds = [uapi::dest::ADDR, uapi::dest::PORT];
    write::endpoint(to, kinds, dest.family(), dest.endpoint())?;
    to.put_u16(uapi::dest::FAMILY, dest.family().af())?;
    to.nest_end(nest)
}

/// Writes the way that the packet would take.
fn route(to: &mut Writer<'_>, about: &Explanation<'_>, way: &Way) -> Result<(), Full> {
    to.put_u32(id::ROUTE_DEV, way.device)?;
    if let Some((family, addr)) = way.via {
        write::addr(to, id::ROUTE_VIA, family, &addr)?;
    }
    if let (Some(Method::Tunnel), Some(dest)) = (about.method, about.dest) {
        write::addr(to, id::ROUTE_SOURCE, dest.family(), &way.source)?;
    }
    to.put_u32(id::ROUTE_MTU, way.mtu)
}
