// SPDX-License-Identifier: GPL-2.0

//! Sending a client's packet to the server of its connection.

use crate::{
    conn::Conn,
    input::drop_packet,
    logic::{
        uapi::{
            DropReason,
            Method, //
        },
        wire::Packet, //
    },
    sys::{
        hook::Context,
        skb::{
            IcmpError,
            Routed,
            Skb,
            Verdict, //
        }, //
    },
};

mod direct;
mod nat;

/// Sends the packet by the connection's forwarding method.
#[inline(always)]
pub(crate) fn to_server(
    context: &Context<'_>,
    skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    match conn.method() {
        Method::Nat => nat::send(context, skb, packet, conn),
        Method::Direct => direct::send(context, skb, packet, conn),
    }
}

/// Drops a packet that cannot be routed to its server and tells the sender why.
#[cold]
fn undeliverable(context: &Context<'_>, mut skb: Skb<'_>, why: Routed) -> Verdict {
    let (error, reason) = match why {
        Routed::TimeExceeded => (Some(IcmpError::TimeExceeded), DropReason::TtlExpired),
        Routed::TooBig(mtu) => (Some(IcmpError::TooBig(mtu)), DropReason::TooBig),
        Routed::NoMemory => (None, DropReason::NotWritable),
        Routed::NoRoute | Routed::Out | Routed::Local => {
            (Some(IcmpError::NoRoute), DropReason::NoRoute)
        }
    };
    if let Some(error) = error {
        skb.send_icmp(error);
    }
    drop_packet(context, reason)
}

/// Hands the finished packet to the network stack.
#[inline(always)]
fn transmit(context: &Context<'_>, skb: Skb<'_>) -> Verdict {
    let (verdict, refused) = skb.send();
    if refused {
        drop_packet(context, DropReason::Transmit);
    }
    verdict
}

/// Lets the packet go up to a socket of this host, which is its server.
#[cold]
fn deliver_here(mut skb: Skb<'_>) -> Verdict {
    skb.set_handled(true);
    Verdict::ACCEPT
}
