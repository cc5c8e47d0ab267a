// SPDX-License-Identifier: GPL-2.0

//! Network address translation: the packet gets the server's address and port; the answers come back
//! through the director and are translated in [`crate::output`].

use super::{
    deliver_here,
    transmit,
    undeliverable, //
};
use crate::{
    conn::Conn,
    input::drop_packet,
    logic::{
        uapi::DropReason,
        wire::{
            self,
            Packet, //
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
pub(super) fn send(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    let dest = conn.dest();
    let server = dest.endpoint();
    let headers = wire::header_len(packet);
    let routed = skb.route(&dest.route, &server.addr, false, headers);
    if !matches!(routed, Routed::Out | Routed::Local) {
        return undeliverable(context, skb, routed);
    }
    let partial = skb.partial_checksum();
    let bytes = skb.headers_mut();
    if wire::rewrite_dst(bytes, packet, &server, partial).is_err() {
        return drop_packet(context, DropReason::Malformed);
    }
    if routed == Routed::Local {
        return here(context, skb);
    }
    if wire::decrement_ttl(bytes, packet.tuple.family).is_none() {
        return drop_packet(context, DropReason::TtlExpired);
    }
    transmit(context, skb)
}

/// The server is on this host. A packet from the network goes on to its socket; one from a local
/// client has a route to the virtual address, which may lead elsewhere.
#[cold]
fn here(context: &Context<'_>, mut skb: Skb<'_>) -> Verdict {
    if context.point == Point::LocalOut && !skb.reroute(true) {
        return drop_packet(context, DropReason::NoRoute);
    }
    deliver_here(skb)
}
