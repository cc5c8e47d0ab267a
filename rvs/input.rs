// SPDX-License-Identifier: GPL-2.0

//! Packets from clients: find the connection or make one, follow the protocol, send it on.

use crate::{
    conn::{
        Conn,
        FlowHash,
        FoundConn,
        Way, //
    },
    dest::Dest,
    logic::{
        addr::{
            Family,
            Protocol,
            Tuple, //
        },
        proto::{
            self,
            State, //
        },
        sched::Candidate,
        settings::Knob,
        uapi::DropReason,
        wire::{
            self,
            Packet, //
        }, //
    },
    net::Net,
    output,
    persist::{
        self,
        Choice, //
    },
    policy::{
        Policy,
        Settings, //
    },
    refuse,
    reset,
    service::Service,
    sys::{
        hook::Context,
        shared::Ref,
        skb::{
            Skb,
            Verdict, //
        }, //
    },
    unusual,
    xmit, //
};

/// Bit of `conn_reuse_mode`: also in FIN_WAIT, when the answers do not pass here.
const REUSE_ONE_WAY: u32 = 2;

/// A packet on its way to a socket of this host: what clients send to a virtual address, and what
/// servers answer to a client on this host.
#[inline(always)]
pub(crate) fn local_in(context: Context<'_>, skb: Skb<'_>) -> Verdict {
    // Once for each family, so that no later step asks which one it is.
    match skb.family() {
        Family::Ipv4 => receive(&context, skb, Family::Ipv4),
        Family::Ipv6 => receive(&context, skb, Family::Ipv6),
    }
}

/// A packet sent by this host: from a client here, or from a server here.
///
/// Once for all: there are fewer of these, and each copy of the way takes room in the processor's cache.
pub(crate) fn local_out(context: Context<'_>, skb: Skb<'_>) -> Verdict {
    match wire::parse(skb.family(), skb.bytes()) {
        Ok(packet) => dispatch(&context, skb, &packet, &packet.tuple),
        Err(_) => unusual::handle(&context, skb),
    }
}

/// Reads a packet of this family and does with it what is to be done.
#[inline(always)]
fn receive(context: &Context<'_>, skb: Skb<'_>, family: Family) -> Verdict {
    let Ok(packet) = wire::parse(family, skb.bytes()) else {
        return unusual::handle(context, skb);
    };
    // For the same reason once for each of the protocols that most packets are of.
    match packet.tuple.protocol {
        Protocol::TCP => go_on(context, skb, packet, Protocol::TCP),
        Protocol::UDP => go_on(context, skb, packet, Protocol::UDP),
        other => go_on(context, skb, packet, other),
    }
}

/// Finds the connection of a packet of this protocol, and sends it on.
#[inline(always)]
fn go_on(context: &Context<'_>, skb: Skb<'_>, mut packet: Packet, protocol: Protocol) -> Verdict {
    packet.tuple.protocol = protocol;
    dispatch(context, skb, &packet, &packet.tuple)
}

/// Finds the connection of a packet, whose packets have the tuple `flow`, and sends it on.
#[inline(always)]
pub(crate) fn dispatch(
    context: &Context<'_>,
    skb: Skb<'_>,
    packet: &Packet,
    flow: &Tuple,
) -> Verdict {
    let hash = context.net.conns.hash(flow);
    match context.net.conns.find_hashed(context.rcu, flow, hash) {
        Some((conn, Way::Request)) => request(context, skb, packet, conn, hash),
        Some((conn, Way::Reply)) => answer(context, skb, &packet.aside(), &conn),
        None => first(context, skb, &packet.aside(), hash),
    }
}

/// An answer of a server to a client on this host, or of a server on this host.
#[inline(never)]
fn answer(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    output::reply(context, skb, packet, conn)
}

/// Counts a packet that rvs drops.
#[cold]
pub(crate) fn drop_packet(context: &Context<'_>, reason: DropReason) -> Verdict {
    context.net.drops.add(context.cpu, reason);
    Verdict::DROP
}

/// Counts a packet that rvs drops on account of a service.
#[cold]
pub(crate) fn drop_for(context: &Context<'_>, policy: &Policy, reason: DropReason) -> Verdict {
    policy.drops.add(context.cpu, reason);
    drop_packet(context, reason)
}

/// Counts a packet of a connection that rvs drops.
#[cold]
pub(crate) fn drop_of(context: &Context<'_>, conn: &Conn, reason: DropReason) -> Verdict {
    drop_for(context, &conn.dest().policy, reason)
}

/// A packet of a connection that exists, from its client.
#[inline(always)]
fn request(
    context: &Context<'_>,
    skb: Skb<'_>,
    packet: &Packet,
    conn: FoundConn<'_>,
    hash: FlowHash,
) -> Verdict {
    let available = conn.dest().is_available();
    if is_over(context.net, context.cpu.now(), packet, &conn, available) {
        end(context, conn);
        return first(context, skb, &packet.aside(), hash);
    }
    if !available {
        return unavailable(context, skb, &packet.aside(), &conn);
    }
    forward(context, skb, packet, &conn)
}

/// A packet of a connection whose server was removed.
#[cold]
fn unavailable(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    if conn.is_condemned() {
        return reset::answer(context, skb, packet, conn, Way::Request);
    }
    drop_of(context, conn, DropReason::DestinationRemoved)
}

/// Removes a connection that has ended.
#[cold]
fn end(context: &Context<'_>, conn: FoundConn<'_>) {
    let net = context.net;
    let idle = conn.expires_in(&net.timeouts, context.cpu.now()) == 0;
    if net.conns.remove(context.rcu, conn) && idle {
        reset::both_ends(context.rcu, &net.namespace, &conn);
    }
}

/// Whether a connection has ended, so that the packet begins a new one: it expired, its client uses the
/// port again, or its server left and there is nothing to keep. `available` is what [`Dest::is_available`] says.
#[inline(always)]
pub(crate) fn is_over(net: &Net, now: u32, packet: &Packet, conn: &Conn, available: bool) -> bool {
    if conn.expires_in(&net.timeouts, now) == 0 {
        return true;
    }
    if packet.opens() || !available {
        return begins_anew(net, &packet.aside(), conn);
    }
    false
}

/// The rare part of [`is_over`].
#[cold]
fn begins_anew(net: &Net, packet: &Packet, conn: &Conn) -> bool {
    let settings = &net.settings;
    let status = conn.status();
    let state = status.state();
    let nobody = settings.is_on(Knob::ExpireNodestConn);
    if conn.is_condemned() {
        return packet.opens();
    }
    if !conn.dest().is_available() {
        return packet.opens() || nobody || matches!(state, State::Udp | State::None);
    }
    let quiesced = conn.dest().weight() == 0;
    if quiesced && nobody {
        return true;
    }
    if quiesced && proto::is_asked(state) && !status.is_answered() {
        // The client asks again for what that server has not answered, and will not be asked for any more.
        return true;
    }
    // A server that takes no connections does not take this one, whatever the setting is.
    let mode = match quiesced {
        true => u32::MAX,
        false => settings.get(Knob::ConnReuseMode),
    };
    match state {
        State::TimeWait | State::Close | State::SctpClosed => mode != 0,
        State::FinWait => mode & REUSE_ONE_WAY != 0 && status.is_one_way(),
        _ => false,
    }
}

/// Counts the packet, follows the protocol and sends the packet to the server.
#[inline(always)]
fn forward(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    conn.touch(context.cpu.now());
    conn.advance(packet, Way::Request, context.net.defense.is_secure());
    send(context, skb, packet, conn)
}

/// Counts the packet and sends it to the server.
#[inline(always)]
fn send(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    conn.dest().traffic.add_in(context.cpu, skb.len());
    xmit::to_server(context, skb, packet, conn)
}

/// A packet that belongs to no connection: it may begin one. `hash` is that of its flow, which for a
/// protocol that can begin one is its tuple.
fn first(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, hash: FlowHash) -> Verdict {
    if !may_open(context.net, packet) {
        return Verdict::ACCEPT;
    }
    let settings = &context.net.settings;
    if settings.is_on(Knob::IgnoreTunneled) && skb.is_tunneled() {
        return Verdict::ACCEPT;
    }
    match decide(context, packet) {
        Decision::Accept => Verdict::ACCEPT,
        Decision::Drop(service, reason) => drop_for(context, &service.policy, reason),
        Decision::Open(service, choice) => begin(context, skb, packet, hash, service, choice),
        Decision::NoServer(service, fallback) => {
            refuse::no_server(context, skb, packet, hash, service, fallback)
        }
    }
}

/// What becomes of a packet that may begin a connection.
enum Decision<'a> {
    /// It is for no service.
    Accept,
    Drop(&'a Service, DropReason),
    Open((&'a Service, &'a Settings), Choice),
    /// The service has no usable server, but it may have a fallback destination.
    NoServer((&'a Service, &'a Settings), Option<Ref<'a, Dest>>),
}

/// Decides by one configuration: if another has come meanwhile, anew.
#[inline(always)]
fn decide<'a>(context: &Context<'a>, packet: &Packet) -> Decision<'a> {
    let turn = &context.net.turn;
    loop {
        let then = turn.now();
        let decision = choose(context, packet);
        if turn.is_still(then) {
            return decision;
        }
        turn.wait();
    }
}

/// Whether a packet that belongs to no connection may begin one.
#[inline]
pub(crate) fn may_open(net: &Net, packet: &Packet) -> bool {
    let knob = match packet.tuple.protocol {
        Protocol::SCTP => Knob::SloppySctp,
        _ => Knob::SloppyTcp,
    };
    proto::may_open(packet, net.settings.is_on(knob))
}

/// Chooses service and server; while the configuration changes they may be of different ones.
#[inline(always)]
fn choose<'a>(context: &Context<'a>, packet: &Packet) -> Decision<'a> {
    let net = context.net;
    let Some(service) = net.services.find_for(context.rcu, packet, context.mark) else {
        return Decision::Accept;
    };
    let service = service.get();
    if net.defense.refuses() {
        return Decision::Drop(service, DropReason::Defense);
    }
    // Whoever cannot be served need not be scheduled.
    if net.conns.is_full() {
        return Decision::Drop(service, DropReason::ConnLimit);
    }
    // A service has settings as long as it is one.
    let Some(settings) = service.policy.settings(context.rcu) else {
        return Decision::Accept;
    };
    match persist::choose(context, packet, service, settings) {
        Ok(Some(choice)) => Decision::Open((service, settings), choice),
        Ok(None) => Decision::NoServer((service, settings), service.fallback(context.rcu)),
        Err(reason) => Decision::Drop(service, reason),
    }
}

/// Makes the connection of a packet to this destination and sends the packet.
pub(crate) fn begin(
    context: &Context<'_>,
    skb: Skb<'_>,
    packet: &Packet,
    hash: FlowHash,
    (service, settings): (&Service, &Settings),
    choice: Choice,
) -> Verdict {
    let secure = context.net.defense.is_secure();
    let Ok(mut conn) = Conn::new(packet, choice, settings, context.cpu.now(), secure) else {
        return drop_for(context, &service.policy, DropReason::NoMemory);
    };
    if settings.is_one_packet(packet.tuple.protocol) {
        return once(context, skb, packet, &conn);
    }
    if context.net.settings.is_on(Knob::Conntrack) {
        conn.track();
    }
    let inserted = match settings.hides_neighbours() {
        true => xmit::hairpin::insert(context, service, conn, hash),
        false => context.net.conns.insert(context.rcu, conn, hash),
    };
    let (conn, is_new) = match inserted {
        Ok(found) => found,
        Err(reason) => return drop_for(context, &service.policy, reason),
    };
    if !is_new {
        return forward(context, skb, packet, &conn);
    }
    conn.dest().traffic.add_conn(context.cpu);
    context.net.wake(context.rcu);
    send(context, skb, packet, &conn)
}

/// Sends a packet whose connection lasts no longer than it, which no other packet can find.
#[cold]
fn once(context: &Context<'_>, skb: Skb<'_>, packet: &Packet, conn: &Conn) -> Verdict {
    let traffic = &conn.dest().traffic;
    traffic.add_conn(context.cpu);
    traffic.add_in(context.cpu, skb.len());
    xmit::to_server(context, skb, packet, conn)
}
