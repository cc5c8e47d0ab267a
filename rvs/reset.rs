// SPDX-License-Identifier: GPL-2.0

//! Resets for both ends of a TCP connection that ends here before it ends there, so that neither end waits for
//! the other for ever: one that was idle for too long, if the service wants them, or was removed by force.
//!
//! A reset is believed only with the number that its receiver expects. Where that has not been followed it is
//! asked for: an end that gets an acknowledgement out of place answers with one that has the number
//! (RFC 9293 §3.10.7.4). So the connection stays, *condemned*, and its packets are answered with resets.

use crate::{
    conn::{
        Conn,
        FoundConn,
        Way, //
    },
    input::drop_of,
    logic::{
        uapi::DropReason,
        wire::{
            tcp::Bare,
            Packet,
            TcpFlags, //
        }, //
    },
    net::Net,
    refuse,
    sys::{
        hook::Context,
        netns::Namespace,
        rcu::Rcu,
        skb::{
            Skb,
            Verdict, //
        },
        tcp, //
    },
};

/// An acknowledgement of nothing that was ever sent.
const OUT_OF_PLACE: Bare = Bare {
    seq: 0,
    ack: 0,
    flags: TcpFlags::ACK,
};

/// Tells both ends that the connection is over, as far as they can be told. Any context.
#[cold]
pub(crate) fn both_ends(rcu: Rcu<'_>, namespace: &Namespace, conn: &Conn) {
    for (flow, reset) in conn.resets() {
        tcp::send(rcu, namespace, &flow, &reset);
    }
}

/// Removes a connection and tells both ends, if that is possible; `true` for the one caller that did it. Any
/// context.
#[cold]
pub(crate) fn kill(rcu: Rcu<'_>, net: &Net, conn: FoundConn<'_>) -> bool {
    if conn.is_condemned() {
        return false;
    }
    if !conn.can_be_reset() {
        return net.conns.remove(rcu, conn);
    }
    if conn.resets().count() == 2 {
        let removed = net.conns.remove(rcu, conn);
        if removed {
            both_ends(rcu, &net.namespace, &conn);
        }
        return removed;
    }
    conn.condemn();
    for way in conn.ways_back() {
        tcp::send(rcu, &net.namespace, &way, &OUT_OF_PLACE);
    }
    true
}

/// Answers a packet of a condemned connection.
#[cold]
pub(crate) fn answer(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
    way: Way,
) -> Verdict {
    refuse::reject(context, &mut skb, packet);
    conn.told(way, context.cpu.now());
    drop_of(context, conn, DropReason::Killed)
}
