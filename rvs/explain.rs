// SPDX-License-Identifier: GPL-2.0

//! What would become of a packet, and why: the steps of [`crate::input`] and [`crate::xmit`] for someone who
//! only asks. Nothing is counted, made, removed or sent.

use crate::{
    conn::{
        Conn,
        Way as Direction, //
    },
    dest::Dest,
    input,
    logic::{
        addr::{
            Addr,
            Protocol, //
        },
        sched::Candidate,
        settings::Knob,
        uapi::{
            DropReason,
            FlowFound,
            Method,
            NoServer,
            Verdict, //
        },
        wire::{
            self,
            icmp,
            Packet, //
        }, //
    },
    net::Net,
    persist,
    policy::Settings,
    reals,
    roster::Wants,
    service::{
        Service,
        ServiceKey, //
    },
    sys::{
        rcu::Rcu,
        route::{
            Arrival,
            Way, //
        },
        time, //
    },
};

/// What would become of a packet.
pub(crate) struct Explanation<'a> {
    pub(crate) verdict: Verdict,
    /// The counter that would count up.
    pub(crate) reason: Option<DropReason>,
    pub(crate) why: &'static str,
    pub(crate) found: FlowFound,
    pub(crate) service: Option<ServiceKey>,
    pub(crate) scheduler: Option<&'a str>,
    pub(crate) dest: Option<&'a Dest>,
    pub(crate) conn: Option<&'a Conn>,
    /// Whether another destination may come.
    pub(crate) random: bool,
    pub(crate) method: Option<Method>,
    pub(crate) way: Option<Way>,
}

impl<'a> Explanation<'a> {
    /// It goes on through the host's own stack.
    fn pass(why: &'static str) -> Self {
        Self {
            verdict: Verdict::Pass,
            reason: None,
            why,
            found: FlowFound::Nothing,
            service: None,
            scheduler: None,
            dest: None,
            conn: None,
            random: false,
            method: None,
            way: None,
        }
    }

    fn drops(self, reason: DropReason, why: &'static str) -> Self {
        Self {
            verdict: Verdict::Drop,
            reason: Some(reason),
            why,
            ..self
        }
    }

    fn rejects(self, reason: DropReason, why: &'static str) -> Self {
        Self {
            verdict: Verdict::Reject,
            ..self.drops(reason, why)
        }
    }

    fn passes(self, why: &'static str) -> Self {
        Self { why, ..self }
    }

    fn goes(self, why: &'static str) -> Self {
        Self {
            verdict: Verdict::Forward,
            why,
            ..self
        }
    }
}

/// Someone's question about a packet.
struct Question<'a, 'p> {
    net: &'a Net,
    rcu: Rcu<'a>,
    packet: &'p Packet,
    mark: u32,
    arrival: Arrival,
}

/// Says what would become of a packet that came now. Process context, in a read section.
pub(crate) fn explain<'a>(
    net: &'a Net,
    rcu: Rcu<'a>,
    packet: &Packet,
    mark: u32,
) -> Explanation<'a> {
    let tuple = &packet.tuple;
    let protocol = tuple.protocol;
    if protocol == icmp::protocol(tuple.family) {
        return Explanation::pass(
            "an ICMP error goes the way of the packet that it is about: ask for that",
        );
    }
    if !protocol.has_ports() && !matches!(protocol, Protocol::AH | Protocol::ESP) {
        return Explanation::pass("no service has this protocol");
    }
    let question = Question {
        net,
        rcu,
        packet,
        mark,
        arrival: net.namespace.arrives(rcu, tuple, mark),
    };
    question.dispatch()
}

impl<'a> Question<'a, '_> {
    /// Whether the packet is seen where it is forwarded, not on its way to a socket or from one.
    fn is_forwarded(&self) -> bool {
        !self.arrival.from_here && !self.arrival.here
    }

    /// See [`input::dispatch`] and [`crate::output::dispatch`].
    fn dispatch(&self) -> Explanation<'a> {
        let flow = wire::flow(&self.packet.tuple);
        let found = self.net.conns.find(self.rcu, &flow);
        match found.map(|(conn, way)| (conn.get(), way)) {
            Some((conn, Direction::Reply)) => self.reply(conn),
            None if self.is_forwarded() && self.is_unexpected() => Explanation::pass("").rejects(
                DropReason::NoConnection,
                "it comes from a server, but from none of its connections",
            ),
            _ if self.is_forwarded() => {
                Explanation::pass("its destination is no address of this host, which forwards it")
            }
            Some((conn, Direction::Request)) => self.request(conn),
            None => self.first(),
        }
    }

    /// See [`crate::output`].
    fn is_unexpected(&self) -> bool {
        self.net.settings.is_on(Knob::NatIcmpSend)
            && !reals::is_farewell(self.packet)
            && self.net.reals.sent(self.rcu, self.packet)
    }

    /// What is known of a packet of a connection.
    fn of(&self, conn: &'a Conn) -> Explanation<'a> {
        Explanation {
            found: FlowFound::Conn,
            service: Some(conn.dest().policy.key),
            dest: Some(conn.dest()),
            conn: Some(conn),
            method: Some(conn.method()),
            ..Explanation::pass("")
        }
    }

    fn reply(&self, conn: &'a Conn) -> Explanation<'a> {
        let about = self.of(conn);
        if conn.is_condemned() {
            return about.rejects(DropReason::Killed, "the connection was removed by force");
        }
        about.passes(match conn.method() {
            Method::Nat => "an answer of the server, which leaves with the virtual address",
            _ => "an answer of the server",
        })
    }

    /// See [`input::dispatch`] again.
    fn request(&self, conn: &'a Conn) -> Explanation<'a> {
        let (packet, now) = (self.packet, time::now());
        if input::is_over(self.net, now, packet, conn, conn.dest().is_available()) {
            let about = self.first();
            // Its place is free before a server is chosen.
            let chooses = about.service.is_some() && about.found != FlowFound::Template;
            let counts = chooses && self.frees(conn);
            return Explanation {
                random: about.random || counts,
                ..about
            };
        }
        let about = self.of(conn);
        if conn.is_condemned() {
            return about.rejects(DropReason::Killed, "the connection was removed by force");
        }
        if !conn.dest().is_available() {
            return about.drops(
                DropReason::DestinationRemoved,
                "the server of its connection has been removed",
            );
        }
        self.send(about, conn.dest(), "it belongs to a connection")
    }

    /// Whether the end of this connection can make another server the scheduler's choice.
    fn frees(&self, conn: &Conn) -> bool {
        conn.dest().overloaded() || conn.dest().policy.watch.is_wanted(Wants::LOADS)
    }

    /// See [`input`]'s first packet of a flow.
    fn first(&self) -> Explanation<'a> {
        if !input::may_open(self.net, self.packet) {
            return Explanation::pass("it belongs to no connection and cannot begin one");
        }
        let services = &self.net.services;
        match services.find_for(self.rcu, self.packet, self.mark) {
            Some(service) => self.open(service.get()),
            None => Explanation::pass("neither a connection nor a service matches"),
        }
    }

    fn open(&self, service: &'a Service) -> Explanation<'a> {
        let bound = service.scheduler(self.rcu).map(|bound| bound.get());
        let about = Explanation {
            service: Some(service.key),
            scheduler: bound.map(|bound| bound.name()),
            ..Explanation::pass("")
        };
        if self.net.defense.would_refuse() {
            return about.drops(DropReason::Defense, "the defence refuses this connection");
        }
        if self.net.conns.is_full() {
            return about.drops(DropReason::ConnLimit, "there are too many connections");
        }
        let Some(settings) = service.policy.settings(self.rcu) else {
            return about.passes("the service is just being removed");
        };
        let tuple = &self.packet.tuple;
        match persist::foresee(self.net, self.rcu, tuple, service, settings) {
            Ok(Some((FlowFound::Scheduler, dest))) => {
                let about = Explanation {
                    random: bound.is_some_and(|bound| bound.is_random()),
                    ..about
                };
                let why = "it begins a connection, whose server the scheduler chooses";
                self.begin(about, FlowFound::Scheduler, dest, why)
            }
            Ok(Some((found, dest))) => {
                let why = "it begins a connection of a client that keeps its server";
                self.begin(about, found, dest, why)
            }
            Ok(None) => self.no_server(about, service, settings),
            Err(reason) => about.drops(reason, "there are too many clients that keep their server"),
        }
    }

    fn begin(
        &self,
        about: Explanation<'a>,
        found: FlowFound,
        dest: &'a Dest,
        why: &'static str,
    ) -> Explanation<'a> {
        let about = Explanation {
            found,
            dest: Some(dest),
            method: Some(dest.method()),
            ..about
        };
        self.send(about, dest, why)
    }

    /// See [`crate::refuse::no_server`].
    fn no_server(
        &self,
        about: Explanation<'a>,
        service: &'a Service,
        settings: &Settings,
    ) -> Explanation<'a> {
        let why = "the service has no server that takes connections";
        match settings.no_server {
            NoServer::Drop => return about.drops(DropReason::NoDestination, why),
            NoServer::Fallback | NoServer::Bypass => {}
            NoServer::Reject | NoServer::Unreachable => {
                return about.rejects(DropReason::NoDestination, why);
            }
        }
        let Some(dest) = service.fallback(self.rcu).map(|dest| dest.get()) else {
            return about.rejects(DropReason::NoDestination, why);
        };
        let found = match dest.method() {
            Method::Bypass => FlowFound::Bypass,
            _ => FlowFound::Fallback,
        };
        self.begin(about, found, dest, why)
    }

    /// See [`crate::xmit`].
    fn send(&self, about: Explanation<'a>, dest: &Dest, why: &'static str) -> Explanation<'a> {
        let tuple = &self.packet.tuple;
        let server = &dest.endpoint().addr;
        let method = about.method.unwrap_or(Method::Local);
        let (family, addr, direct) = match method {
            Method::Local => return about.goes(why),
            Method::Nat => (tuple.family, server, false),
            Method::Direct => (tuple.family, server, true),
            Method::Tunnel => (dest.family(), server, false),
            Method::Bypass => (tuple.family, &tuple.dst.addr, false),
        };
        let Some(way) = self.net.namespace.way(self.rcu, family, addr, direct) else {
            return about.rejects(DropReason::NoRoute, "there is no route to the server");
        };
        let crosses = match way.local {
            true => !self.may_stay(method, addr),
            false => tuple.src.addr.is_loopback(tuple.family),
        };
        let about = Explanation {
            way: Some(way),
            ..about
        };
        match crosses {
            false => about.goes(why),
            true => about.drops(
                DropReason::Crossing,
                "it would go to the loopback network, leave it, or come back here",
            ),
        }
    }

    /// Whether a packet may go to a server on this host.
    fn may_stay(&self, method: Method, server: &Addr) -> bool {
        match method {
            Method::Nat => self.arrival.from_here || !server.is_loopback(self.packet.tuple.family),
            Method::Bypass => false,
            Method::Direct | Method::Tunnel | Method::Local => self.arrival.here,
        }
    }
}
