// SPDX-License-Identifier: GPL-2.0

//! Bypass: the packet goes where it was sent to, as if it had not been caught here. Its address is the client's
//! choice and different for each connection, so its route is not kept.

use super::{
    transmit,
    undeliverable, //
};
use crate::{
    conn::Conn,
    input::drop_of,
    logic::{
        uapi::DropReason,
        wire::{
            self,
            Packet, //
        }, //
    },
    sys::{
        hook::Context,
        route::RouteCache,
        skb::{
            Routed,
            Skb,
            Verdict, //
        }, //
    },
};

/// Sends the packet to its own destination.
#[cold]
pub(super) fn send(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    let route = RouteCache::closed();
    let addr = &packet.tuple.dst.addr;
    match skb.route(&route, addr, false, packet.l4_offset) {
        Routed::Out => {}
        // It would only come back to us.
        Routed::Local => return undeliverable(context, skb, conn, Routed::Crossing),
        why => return undeliverable(context, skb, conn, why),
    }
    if wire::decrement_ttl(skb.headers_mut(), packet.tuple.family).is_none() {
        return drop_of(context, conn, DropReason::TtlExpired);
    }
    transmit(context, skb, conn)
}
