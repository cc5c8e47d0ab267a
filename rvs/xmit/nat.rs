// SPDX-License-Identifier: GPL-2.0

//! Network address translation: the packet gets the server's address and port; the answers come back
//! through the director and are translated in [`crate::output`].

use super::{
    local,
    transmit,
    undeliverable, //
};
use crate::{
    conn::Conn,
    icmp::Error,
    input::drop_of,
    logic::{
        addr::Endpoint,
        uapi::DropReason,
        wire::{
            self,
            Packet,
            Side, //
        }, //
    },
    sys::{
        hook::{
            Context,
            Point, //
        },
        skb::{
            Routed,
            Skb,
            Verdict, //
        }, //
    },
};

/// Translates the packet and sends it.
#[inline(always)]
pub(super) fn send(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    send_from(context, skb, packet, conn, None)
}

/// The same, also with another source if there is to be one.
#[inline(always)]
pub(super) fn send_from(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
    source: Option<Endpoint>,
) -> Verdict {
    let dest = conn.dest();
    let server = conn.server();
    let headers = wire::header_len(packet);
    let routed = skb.route(&dest.route, &server.addr, false, headers);
    if !matches!(routed, Routed::Out | Routed::Local) {
        return undeliverable(context, skb, conn, routed);
    }
    let partial = skb.partial_checksum();
    let bytes = skb.headers_mut();
    if wire::rewrite_dst(bytes, packet, &server, partial).is_err() {
        return drop_of(context, conn, DropReason::Malformed);
    }
    if let Some(source) = source {
        if wire::rewrite_src(bytes, packet, &source, partial).is_err() {
            return drop_of(context, conn, DropReason::Malformed);
        }
    }
    if routed == Routed::Local {
        return local::deliver_translated(context, skb, conn);
    }
    if wire::decrement_ttl(bytes, packet.tuple.family).is_none() {
        return drop_of(context, conn, DropReason::TtlExpired);
    }
    transmit(context, skb, conn)
}

/// Translates an ICMP error about an answer and sends it.
pub(super) fn send_error(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    error: &Error,
    conn: &Conn,
) -> Verdict {
    let server = conn.server();
    let headers = error.headers(skb.len());
    let routed = skb.route(&conn.dest().route, &server.addr, false, headers);
    match routed {
        Routed::Out => {}
        // From there it would be forwarded, not delivered here.
        Routed::Local if context.point == Point::Forward => {
            return undeliverable(context, skb, conn, Routed::Crossing);
        }
        Routed::Local => {}
        why => return undeliverable(context, skb, conn, why),
    }
    let partial = skb.partial_checksum();
    let bytes = skb.headers_mut();
    let mut done = error.rewrite(bytes, Side::Dst, &server, partial);
    if let Some(source) = conn.masquerade() {
        done = done.and_then(|()| error.rewrite(bytes, Side::Src, &source, partial));
    }
    if done.is_err() {
        return drop_of(context, conn, DropReason::Malformed);
    }
    if routed == Routed::Local {
        return local::deliver_translated(context, skb, conn);
    }
    if wire::decrement_ttl(bytes, error.network.family).is_none() {
        return drop_of(context, conn, DropReason::TtlExpired);
    }
    transmit(context, skb, conn)
}
