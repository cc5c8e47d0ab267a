// SPDX-License-Identifier: GPL-2.0

//! Sending a client's packet to the server of its connection.

use crate::{
    conn::Conn,
    icmp::Error,
    input::drop_of,
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

mod bypass;
mod direct;
pub(crate) mod hairpin;
mod local;
mod nat;
mod special;
mod tunnel;

pub(crate) use special::to_client;
pub(crate) use tunnel::clamp_answer;

/// Sends the packet by the connection's forwarding method.
#[inline(always)]
pub(crate) fn to_server(
    context: &Context<'_>,
    skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    if !conn.is_plain() {
        return special::to_server(context, skb, &packet.aside(), conn);
    }
    by_method(context, skb, packet, conn)
}

/// The forwarding method and nothing else.
#[inline(always)]
fn by_method(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    match conn.method() {
        Method::Nat => nat::send(context, skb, packet, conn),
        Method::Direct => direct::send(context, skb, packet, conn),
        Method::Local => local::deliver(skb),
        Method::Tunnel => tunnel::send(context, skb, &packet.aside(), conn),
        Method::Bypass => bypass::send(context, skb, &packet.aside(), conn),
    }
}

/// Sends an ICMP error, which was sent to the virtual address about an answer, to the server.
pub(crate) fn error_to_server(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    error: &Error,
    conn: &Conn,
) -> Verdict {
    if conn.is_tracked() {
        skb.keep_tracked();
    }
    match conn.method() {
        Method::Nat => nat::send_error(context, skb, error, conn),
        _ => to_server(context, skb, &Packet::without_ports(&error.network), conn),
    }
}

/// Drops a packet that cannot be routed to its server and tells the sender why.
#[cold]
fn undeliverable(context: &Context<'_>, mut skb: Skb<'_>, conn: &Conn, why: Routed) -> Verdict {
    let (error, reason) = match why {
        Routed::TimeExceeded => (Some(IcmpError::TimeExceeded), DropReason::TtlExpired),
        Routed::TooBig(mtu) => (Some(IcmpError::TooBig(mtu)), DropReason::TooBig),
        Routed::NoMemory => (None, DropReason::NoMemory),
        Routed::NotWritable => (None, DropReason::NotWritable),
        Routed::Crossing => (None, DropReason::Crossing),
        Routed::NoRoute | Routed::Out | Routed::Local => {
            (Some(IcmpError::NoRoute), DropReason::NoRoute)
        }
    };
    if let Some(error) = error {
        skb.send_icmp(error);
    }
    drop_of(context, conn, reason)
}

/// Hands the finished packet to the network stack.
#[inline(always)]
fn transmit(context: &Context<'_>, skb: Skb<'_>, conn: &Conn) -> Verdict {
    let (verdict, refused) = skb.send();
    if refused {
        drop_of(context, conn, DropReason::Transmit);
    }
    verdict
}
