// SPDX-License-Identifier: GPL-2.0

//! Packets to clients.

use crate::{
    conn::{
        Conn,
        Way, //
    },
    icmp::Error,
    input::{
        drop_of,
        drop_packet, //
    },
    logic::{
        addr::{
            Family,
            Tuple, //
        },
        settings::Knob,
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
    reals,
    sys::{
        hook::{
            Context,
            Point, //
        },
        skb::{
            IcmpError,
            Skb,
            Verdict, //
        }, //
    },
    unusual,
    xmit, //
};

/// A packet that this host forwards: perhaps an answer of a server.
#[inline(always)]
pub(crate) fn forward(context: Context<'_>, skb: Skb<'_>) -> Verdict {
    // Once for each family, so that no later step asks which one it is.
    match skb.family() {
        Family::Ipv4 => read(&context, skb, Family::Ipv4),
        Family::Ipv6 => read(&context, skb, Family::Ipv6),
    }
}

/// Reads a packet of this family and does with it what is to be done.
#[inline(always)]
fn read(context: &Context<'_>, skb: Skb<'_>, family: Family) -> Verdict {
    match wire::parse(family, skb.bytes()) {
        Ok(packet) => dispatch(context, skb, &packet, &packet.tuple),
        Err(_) => unusual::handle(context, skb),
    }
}

/// Finds the connection of a forwarded packet, whose packets have the tuple `flow`.
#[inline(always)]
pub(crate) fn dispatch(
    context: &Context<'_>,
    skb: Skb<'_>,
    packet: &Packet,
    flow: &Tuple,
) -> Verdict {
    match context.net.conns.find(context.rcu, flow) {
        Some((conn, Way::Reply)) => reply(context, skb, packet, &conn),
        // A client's packet that is not for this host is not ours.
        Some((_, Way::Request)) => Verdict::ACCEPT,
        None if context.net.settings.is_on(Knob::NatIcmpSend) => {
            unexpected(context, skb, &packet.aside())
        }
        None => Verdict::ACCEPT,
    }
}

/// An answer of a server: it must look as if the virtual address had sent it.
#[inline(always)]
pub(crate) fn reply(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    if !conn.is_plain() {
        return xmit::to_client(context, skb, &packet.aside(), conn);
    }
    pass(context, skb, packet, conn)
}

/// Lets an answer go on as the forwarding method demands.
#[inline(always)]
pub(crate) fn pass(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    if conn.method() == Method::Nat {
        if let Err(reason) = translate(context, &mut skb, packet, conn) {
            return drop_of(context, conn, reason);
        }
    } else if packet.tcp.syn() && conn.method() == Method::Tunnel {
        if let Err(reason) = xmit::clamp_answer(context, &mut skb, &packet.aside(), conn) {
            return drop_of(context, conn, reason);
        }
    }
    conn.touch(context.cpu.now());
    conn.advance(packet, Way::Reply, context.net.defense.is_secure());
    conn.dest().traffic.add_out(context.cpu, skb.len());
    skb.set_handled(context.point == Point::LocalIn && conn.method() == Method::Nat);
    Verdict::ACCEPT
}

/// Gives an answer the virtual address and port as its source.
#[inline(always)]
fn translate(
    context: &Context<'_>,
    skb: &mut Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Result<(), DropReason> {
    let partial = skb.partial_checksum();
    if !skb.make_writable(wire::header_len(packet)) {
        return Err(DropReason::NotWritable);
    }
    wire::rewrite_src(skb.headers_mut(), packet, &conn.virtual_end(), partial)
        .map_err(|_| DropReason::Malformed)?;
    route_again(context, skb)
}

/// A packet that belongs to no connection, while servers are to learn that nobody waits for their answers.
#[cold]
fn unexpected(context: &Context<'_>, mut skb: Skb<'_>, packet: &Packet) -> Verdict {
    if reals::is_farewell(packet) || !context.net.reals.sent(context.rcu, packet) {
        return Verdict::ACCEPT;
    }
    skb.send_icmp(IcmpError::PortUnreachable);
    drop_packet(context, DropReason::NoConnection)
}

/// Finds the way of an answer that has another source now.
#[inline(always)]
fn route_again(context: &Context<'_>, skb: &mut Skb<'_>) -> Result<(), DropReason> {
    match context.point {
        Point::LocalIn => Ok(()),
        Point::Forward if !skb.source_matters() => Ok(()),
        // A server on this host may have chosen a device for its answer by that of the request
        // (`IP_PKTINFO`), whose address was another: always route that anew.
        Point::Forward | Point::LocalOut => route_anew(context, skb),
    }
}

#[cold]
fn route_anew(context: &Context<'_>, skb: &mut Skb<'_>) -> Result<(), DropReason> {
    if context.net.settings.is_on(Knob::SnatReroute) && !skb.reroute() {
        return Err(DropReason::NoRoute);
    }
    Ok(())
}

/// An ICMP error about a packet to a server, from that server or from a router before it: the client
/// knows the virtual address only.
pub(crate) fn error(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    error: &Error,
    conn: &Conn,
) -> Verdict {
    if conn.is_tracked() {
        skb.keep_tracked();
    }
    if conn.masquerade().is_some() {
        return xmit::hairpin::error(context, skb, error, conn);
    }
    let translated = conn.method() == Method::Nat;
    if translated {
        if let Err(reason) = translate_error(context, &mut skb, error, conn) {
            return drop_of(context, conn, reason);
        }
    }
    conn.dest().traffic.add_out(context.cpu, skb.len());
    skb.set_handled(context.point == Point::LocalIn && translated);
    Verdict::ACCEPT
}

/// Gives an error the virtual address as its source, and the packet that it quotes the virtual address and port
/// as its destination.
fn translate_error(
    context: &Context<'_>,
    skb: &mut Skb<'_>,
    error: &Error,
    conn: &Conn,
) -> Result<(), DropReason> {
    let partial = skb.partial_checksum();
    if !skb.make_writable(error.headers(skb.len())) {
        return Err(DropReason::NotWritable);
    }
    error
        .rewrite(skb.headers_mut(), Side::Src, &conn.virtual_end(), partial)
        .map_err(|_| DropReason::Malformed)?;
    route_again(context, skb)
}
