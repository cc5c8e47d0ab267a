// SPDX-License-Identifier: GPL-2.0

//! Packets of connections that need more than their method does: nf_conntrack follows them, their client is
//! hidden from the server, or somebody notes what they say.

use super::{
    by_method,
    hairpin,
    nat, //
};
use crate::{
    conn::{
        Conn,
        Way, //
    },
    input::drop_of,
    logic::{
        uapi::{
            DropReason,
            Method, //
        },
        wire::Packet, //
    },
    output, reset,
    sys::{
        hook::Context,
        skb::{
            Skb,
            Verdict, //
        }, //
    },
};

/// Sends a client's packet to the server.
#[cold]
#[inline(never)]
pub(super) fn to_server(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    if conn.is_condemned() {
        return reset::answer(context, skb, packet, conn, Way::Request);
    }
    conn.follow(skb.bytes(), packet, Way::Request);
    if conn.is_tracked() {
        skb.follow(&conn.flow(), Way::Request);
        // What leaves is the tunnel's packet, so here ends the way of the one inside.
        if conn.method() == Method::Tunnel && !skb.confirm() {
            return drop_of(context, conn, DropReason::Conntrack);
        }
    }
    match conn.masquerade() {
        Some(source) => nat::send_from(context, skb, packet, conn, Some(source)),
        None => by_method(context, skb, packet, conn),
    }
}

/// Sends an answer to the client, or lets it go on.
#[cold]
#[inline(never)]
pub(crate) fn to_client(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    if conn.is_condemned() {
        return reset::answer(context, skb, packet, conn, Way::Reply);
    }
    conn.follow(skb.bytes(), packet, Way::Reply);
    if conn.is_tracked() {
        skb.follow(&conn.flow(), Way::Reply);
    }
    match conn.masquerade() {
        Some(_) => hairpin::answer(context, skb, packet, conn),
        None => output::pass(context, skb, packet, conn),
    }
}
