// SPDX-License-Identifier: GPL-2.0

//! Clients that the servers would answer past the director, though only there the answers can be translated.
//!
//! Such a client is itself a server of the service, or it is in the network of the chosen server. A service
//! with the flag `hairpin` hides it: the packets have an address of the director and a port of their own
//! as their source, and the answers to that are translated back at both ends.

use super::{
    transmit,
    undeliverable, //
};
use crate::{
    conn::{
        Conn,
        FlowHash,
        FoundConn,
        Way, //
    },
    icmp::Error,
    input::drop_of,
    logic::{
        addr::{
            Addr,
            Endpoint, //
        },
        hairpin,
        num,
        uapi::{
            DropReason,
            Method, //
        },
        wire::{
            self,
            Packet,
            Side, //
        }, //
    },
    service::Service,
    sys::{
        hook::{
            Context,
            Point, //
        },
        random,
        route::{
            RouteCache,
            Vicinity, //
        },
        skb::{
            Routed,
            Skb,
            Verdict, //
        }, //
    },
};

/// Adds a connection of a service that hides some of its clients.
#[cold]
pub(crate) fn insert<'a>(
    context: &Context<'a>,
    service: &Service,
    mut conn: Conn,
    hash: FlowHash,
) -> Result<(FoundConn<'a>, bool), DropReason> {
    let (conns, rcu) = (&context.net.conns, context.rcu);
    let Some(address) = own_address(context, service, &conn) else {
        return conns.insert(rcu, conn, hash);
    };
    // So that two connections do not take the same port at a time.
    let _turn = context.net.hairpins.lock();
    let range = context.net.namespace.local_ports();
    let mut ports = hairpin::candidates(conn.client().port, range, num::low32(random::word()));
    let end = ports
        .by_ref()
        .map(|port| Endpoint::new(address, port))
        .find(|end| conns.find(rcu, &conn.reply_to(*end)).is_none());
    conn.set_masquerade(end.ok_or(DropReason::NoMemory)?)
        .map_err(|_| DropReason::NoMemory)?;
    conns.insert(rcu, conn, hash)
}

/// The director's address that a connection's server is to see, if it must not see the client's.
fn own_address(context: &Context<'_>, service: &Service, conn: &Conn) -> Option<Addr> {
    // A client here is answered here.
    if conn.method() != Method::Nat || context.point != Point::LocalIn {
        return None;
    }
    let (family, client) = (conn.family(), conn.client().addr);
    let namespace = &context.net.namespace;
    let vicinity = namespace.vicinity(family, &client, &conn.server().addr);
    match vicinity {
        // The answers of a server here pass us in any case.
        Vicinity::Here => None,
        Vicinity::Near(address) => Some(address),
        Vicinity::Far(address) => service
            .dests(context.rcu)
            .any(|dest| dest.endpoint().addr == client && dest.family() == family)
            .then_some(address),
    }
}

/// Sends an answer to a hidden client.
pub(super) fn answer(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    conn.touch(context.cpu.now());
    conn.advance(packet, Way::Reply, context.net.defense.is_secure());
    conn.dest().traffic.add_out(context.cpu, skb.len());
    let (client, virtual_end) = (conn.client(), conn.virtual_end());
    let route = RouteCache::closed();
    match skb.route(&route, &client.addr, false, wire::header_len(packet)) {
        Routed::Out => {}
        why => return undeliverable(context, skb, conn, why),
    }
    let partial = skb.partial_checksum();
    let bytes = skb.headers_mut();
    let done = wire::rewrite_src(bytes, packet, &virtual_end, partial)
        .and_then(|()| wire::rewrite_dst(bytes, packet, &client, partial));
    if done.is_err() {
        return drop_of(context, conn, DropReason::Malformed);
    }
    if wire::decrement_ttl(bytes, packet.tuple.family).is_none() {
        return drop_of(context, conn, DropReason::TtlExpired);
    }
    transmit(context, skb, conn)
}

/// Sends an ICMP error about a packet that the server got from us to its hidden client.
pub(crate) fn error(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    error: &Error,
    conn: &Conn,
) -> Verdict {
    let (client, virtual_end) = (conn.client(), conn.virtual_end());
    let len = skb.len();
    let route = RouteCache::closed();
    match skb.route(&route, &client.addr, false, error.headers(len)) {
        Routed::Out => {}
        why => return undeliverable(context, skb, conn, why),
    }
    conn.dest().traffic.add_out(context.cpu, len);
    let partial = skb.partial_checksum();
    let bytes = skb.headers_mut();
    let done = error
        .rewrite(bytes, Side::Src, &virtual_end, partial)
        .and_then(|()| error.rewrite(bytes, Side::Dst, &client, partial));
    if done.is_err() {
        return drop_of(context, conn, DropReason::Malformed);
    }
    if wire::decrement_ttl(bytes, error.network.family).is_none() {
        return drop_of(context, conn, DropReason::TtlExpired);
    }
    transmit(context, skb, conn)
}
