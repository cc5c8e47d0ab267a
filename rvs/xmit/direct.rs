// SPDX-License-Identifier: GPL-2.0

//! Direct routing: the packet goes to the server's link address with the virtual address still in it. The
//! server owns that address too and answers the client itself.

use super::{
    local,
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
        skb::{
            Routed,
            Skb,
            Verdict, //
        }, //
    },
};

/// Sends the packet to the server.
#[inline(always)]
pub(super) fn send(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    let dest = conn.dest();
    let server = dest.endpoint();
    match skb.route(&dest.route, &server.addr, true, packet.l4_offset) {
        Routed::Out => {}
        Routed::Local => return local::deliver(skb),
        why => return undeliverable(context, skb, conn, why),
    }
    if wire::decrement_ttl(skb.headers_mut(), packet.tuple.family).is_none() {
        return drop_of(context, conn, DropReason::TtlExpired);
    }
    transmit(context, skb, conn)
}
