// SPDX-License-Identifier: GPL-2.0

//! A server on this host: the packet goes up to its socket.

use crate::{
    conn::Conn,
    input::drop_of,
    logic::uapi::DropReason,
    sys::{
        hook::{
            Context,
            Point, //
        },
        skb::{
            Skb,
            Verdict, //
        }, //
    },
};

/// Lets a packet go on as it is.
#[cold]
pub(super) fn deliver(mut skb: Skb<'_>) -> Verdict {
    skb.set_handled(true);
    Verdict::ACCEPT
}

/// Lets a packet go on that has the server's address now. One from the network is on its way to a socket; one
/// from a local client has a route to the virtual address, which may lead elsewhere.
#[cold]
pub(super) fn deliver_translated(context: &Context<'_>, mut skb: Skb<'_>, conn: &Conn) -> Verdict {
    if context.point == Point::LocalOut && !skb.reroute() {
        return drop_of(context, conn, DropReason::NoRoute);
    }
    deliver(skb)
}
