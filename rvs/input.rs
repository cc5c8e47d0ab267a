// SPDX-License-Identifier: GPL-2.0

//! Packets from clients: find the connection or make one, follow the protocol, send it on.

use crate::{
    conn::{
        Conn,
        FoundConn,
        Way, //
    },
    logic::{
        proto::{
            self,
            State, //
        },
        uapi::DropReason,
        wire::{
            self,
            Fragment,
            Packet,
            ParseError, //
        }, //
    },
    output,
    service::{
        Service,
        ServiceKey, //
    },
    sys::{
        hook::Context,
        skb::{
            IcmpError,
            Skb,
            Verdict, //
        }, //
    },
    xmit, //
};

/// A packet on its way to a socket of this host: what clients send to a virtual address, and what
/// servers answer to a client on this host.
pub(crate) fn local_in(context: Context<'_>, skb: Skb<'_>) -> Verdict {
    receive(&context, skb)
}

/// A packet sent by this host: from a client here, or from a server here.
pub(crate) fn local_out(context: Context<'_>, skb: Skb<'_>) -> Verdict {
    receive(&context, skb)
}

fn receive(context: &Context<'_>, mut skb: Skb<'_>) -> Verdict {
    let packet = match wire::parse(skb.family(), skb.bytes()) {
        Ok(packet) => packet,
        Err(error) => match read_again(context, &mut skb, error) {
            Ok(packet) => packet,
            Err(verdict) => return verdict,
        },
    };
    match context.net.conns.find(context.rcu, &packet.tuple) {
        Some((conn, Way::Request)) => request(context, skb, &packet, conn),
        Some((conn, Way::Reply)) => output::reply(context, skb, &packet, &conn),
        None => first(context, skb, &packet),
    }
}

/// Second thoughts about a packet whose headers could not be read at once. Those that are not linear yet
/// are made so. What rvs does not balance, and headers that contradict themselves, are the host's to judge; a
/// packet that ends before its headers say is dropped.
#[cold]
pub(crate) fn read_again(
    context: &Context<'_>,
    skb: &mut Skb<'_>,
    error: ParseError,
) -> Result<Packet, Verdict> {
    let ParseError::NeedMore(mut wanted) = error else {
        return Err(Verdict::ACCEPT);
    };
    // Each header that is pulled in may reveal a longer one; every round asks for more.
    while skb.pull(wanted) {
        match wire::parse(skb.family(), skb.bytes()) {
            Ok(packet) => return Ok(packet),
            Err(ParseError::NeedMore(more)) if more > wanted => wanted = more,
            Err(_) => return Err(Verdict::ACCEPT),
        }
    }
    Err(drop_packet(context, DropReason::Malformed))
}

/// Counts a packet that rvs drops.
#[cold]
pub(crate) fn drop_packet(context: &Context<'_>, reason: DropReason) -> Verdict {
    context.net.drops.add(context.cpu, reason);
    Verdict::DROP
}

/// A packet of a connection that exists, from its client.
#[inline(always)]
fn request(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: FoundConn<'_>) -> Verdict {
    if is_over(context, packet, &conn) {
        context.net.conns.remove(context.rcu, conn);
        return first(context, skb, packet);
    }
    if !conn.dest().is_available() {
        return drop_packet(context, DropReason::DestinationRemoved);
    }
    forward(context, skb, packet, &conn)
}

/// Whether a connection has ended, so that the packet begins a new one: it expired, its client uses the
/// port again, or its server left and there is nothing to keep.
#[inline(always)]
fn is_over(context: &Context<'_>, packet: &Packet, conn: &Conn) -> bool {
    if conn.expires_in(&context.net.timeouts, context.cpu.now()) == 0 {
        return true;
    }
    let opens = packet.tcp.syn() && !packet.tcp.ack();
    let state = conn.status().state();
    if opens && matches!(state, State::TimeWait | State::Close) {
        return true;
    }
    !conn.dest().is_available() && (opens || state == State::Udp || state == State::None)
}

/// Counts the packet, follows the protocol and sends the packet to the server.
#[inline(always)]
fn forward(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    conn.touch(context.cpu.now());
    conn.advance(packet, Way::Request);
    conn.dest().traffic.add_in(context.cpu, skb.len());
    xmit::to_server(context, skb, packet, conn)
}

/// A packet that belongs to no connection: it may begin one.
fn first(context: &Context<'_>, skb: Skb<'_>, packet: &Packet) -> Verdict {
    if packet.fragment == Fragment::Later
        || !proto::may_open(packet.tuple.protocol, packet.tcp, false)
    {
        return Verdict::ACCEPT;
    }
    let key = ServiceKey {
        family: packet.tuple.family,
        protocol: packet.tuple.protocol,
        endpoint: packet.tuple.dst,
    };
    match context.net.services.find(context.rcu, &key) {
        Some(service) => open(context, skb, packet, service.get()),
        None => Verdict::ACCEPT,
    }
}

/// Makes the connection that a packet begins.
fn open<'a>(
    context: &Context<'a>,
    mut skb: Skb<'_>,
    packet: &Packet,
    service: &'a Service,
) -> Verdict {
    let chosen = service
        .schedule(context.rcu, packet)
        .and_then(|dest| dest.upgrade());
    let Some(dest) = chosen else {
        skb.send_icmp(IcmpError::PortUnreachable);
        return drop_packet(context, DropReason::NoDestination);
    };
    let conn = Conn::new(packet, dest, context.cpu.now());
    let Some((conn, is_new)) = context.net.conns.insert(context.rcu, conn) else {
        return drop_packet(context, DropReason::NoMemory);
    };
    if is_new {
        conn.dest().traffic.add_conn(context.cpu);
        context.net.wake(context.rcu);
    }
    forward(context, skb, packet, &conn)
}
