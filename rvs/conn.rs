// SPDX-License-Identifier: GPL-2.0

//! Connections: which destination a flow was given to, and the table in which its packets find it.
//!
//! A connection is found by two keys, one for each direction: client → virtual address, and for the
//! answers server → client (NAT) or virtual address → client (direct routing). Both nodes and the
//! client's side of the key share the first cache line of the entry, the rest is in the second.
//!
//! Nothing counts references to a connection and no timer belongs to it. RCU keeps an entry alive for
//! the packets that are looking at it, each packet notes when it was there, and the namespace's work
//! removes what has been idle for longer than its state allows. A packet that finds such an entry
//! first removes it itself, so nobody can tell when the work runs.

use crate::{
    dest::Dest,
    logic::{
        addr::{
            Addr,
            Endpoint,
            Family,
            Protocol,
            Tuple, //
        },
        defense::Suspect,
        drain,
        proto::{
            self,
            State, //
        },
        uapi::Method,
        wire::Packet, //
    },
    persist::{
        Choice,
        Template, //
    },
    policy::Settings,
    sys::{
        atomic::{
            AtomicU32,
            AtomicU8,
            Ordering, //
        },
        conntrack::Flow,
        shared::Shared,
        time, //
    },
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

mod acks;
mod ending;
mod extra;
mod status;
mod steady;
mod table;
mod timeouts;

pub(crate) use acks::Acks;
pub(crate) use extra::Extra;
pub(crate) use status::{
    Status,
    Way, //
};
pub(crate) use table::{
    create_cache,
    Conns,
    FlowHash,
    FoundConn,
    ENTRY_SIZE, //
};
pub(crate) use timeouts::Timeouts;

/// nf_conntrack follows the connection.
const TRACKED: u8 = 1;
/// The server sees another source than the client.
const MASQUERADED: u8 = 2;
/// [`Extra::follow`] wants to see its packets.
const FOLLOWED: u8 = 4;
/// It was removed by force: its packets are answered with resets.
const CONDEMNED: u8 = 8;
/// The client, and the server, has been told so.
const TOLD_CLIENT: u8 = 16;
const TOLD_SERVER: u8 = 32;

/// A connection.
#[repr(C)]
pub(crate) struct Conn {
    client_addr: Addr,
    virtual_addr: Addr,
    client_port: u16,
    virtual_port: u16,
    /// The server's port: that of the destination, or the one that the client asked for.
    server_port: u16,
    protocol: Protocol,
    family: Family,
    method: Method,
    /// [`TRACKED`], [`MASQUERADED`], [`FOLLOWED`], [`CONDEMNED`], and mostly nothing.
    flags: AtomicU8,
    dest: Shared<Dest>,
    /// What only some connections have.
    extra: Option<KBox<Extra>>,
    /// When the last packet came, in jiffies.
    last_seen: AtomicU32,
    status: AtomicU32,
}

impl Conn {
    /// The connection that `packet` begins, to the server that was chosen, in the state after that packet;
    /// `secure` chooses the state table. Without memory it fails.
    #[inline]
    pub(crate) fn new(
        packet: &Packet,
        choice: Choice,
        settings: &Settings,
        now: u32,
        secure: bool,
    ) -> Result<Self, AllocError> {
        let tuple = &packet.tuple;
        let dest = choice.dest;
        let method = dest.method();
        let timed = match method {
            Method::Nat if dest.time_answer(tuple.src, packet.tcp) => status::TIMED,
            _ => 0,
        };
        let status = Status::new(method).after(tuple.protocol, packet, Way::Request, secure);
        let server_port = match dest.endpoint().port {
            port if port != 0 && !choice.keep_port => port,
            _ => tuple.dst.port,
        };
        if let Some(template) = &choice.template {
            if proto::is_assured(status.state(), false) {
                template.assure();
            }
        }
        let extra = Extra {
            template: choice.template,
            acks: settings
                .resets_idle(tuple.protocol, method)
                .then(Acks::default),
            masquerade: None,
        };
        Ok(Self {
            client_addr: tuple.src.addr,
            virtual_addr: tuple.dst.addr,
            client_port: tuple.src.port,
            virtual_port: tuple.dst.port,
            server_port,
            protocol: tuple.protocol,
            family: tuple.family,
            method,
            flags: AtomicU8::new(if extra.acks.is_some() { FOLLOWED } else { 0 }),
            dest,
            extra: extra.store()?,
            last_seen: AtomicU32::new(now),
            status: AtomicU32::new(status.raw() | timed),
        })
    }

    pub(crate) fn family(&self) -> Family {
        self.family
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    #[inline]
    pub(crate) fn method(&self) -> Method {
        self.method
    }

    #[inline]
    pub(crate) fn dest(&self) -> &Dest {
        &self.dest
    }

    /// Follows what only some connections have to be followed for.
    pub(crate) fn follow(&self, bytes: &[u8], packet: &Packet, way: Way) {
        if let Some(extra) = &self.extra {
            extra.follow(bytes, packet, way);
        }
    }

    #[inline(always)]
    fn flags(&self) -> u8 {
        self.flags.load(Ordering::Relaxed)
    }

    /// Whether its packets need no more than what its method does.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.flags() == 0
    }

    /// Whether nf_conntrack follows it.
    #[inline]
    pub(crate) fn is_tracked(&self) -> bool {
        self.flags() & TRACKED != 0
    }

    /// Lets nf_conntrack follow it. Before it is added to the table.
    pub(crate) fn track(&mut self) {
        *self.flags.get_mut() |= TRACKED;
    }

    /// The source that the server sees instead of the client, if it is to see another.
    pub(crate) fn masquerade(&self) -> Option<Endpoint> {
        self.extra.as_ref()?.masquerade
    }

    /// Lets the server see this source. Before it is added to the table.
    pub(crate) fn set_masquerade(&mut self, end: Endpoint) -> Result<(), AllocError> {
        match &mut self.extra {
            Some(extra) => extra.masquerade = Some(end),
            none => {
                let extra = Extra {
                    masquerade: Some(end),
                    ..Extra::default()
                };
                *none = extra.store()?;
            }
        }
        *self.flags.get_mut() |= MASQUERADED;
        Ok(())
    }

    /// The tuple of answers to this end.
    pub(crate) fn reply_to(&self, end: Endpoint) -> Tuple {
        Tuple {
            family: self.family,
            protocol: self.protocol,
            src: self.answering_end(),
            dst: end,
        }
    }

    /// What nf_conntrack has to know about it.
    pub(crate) fn flow(&self) -> Flow {
        Flow {
            family: self.family,
            protocol: self.protocol,
            client: self.client(),
            virtual_end: self.virtual_end(),
            server: self.server(),
            masquerade: self.masquerade(),
            translated: self.method == Method::Nat,
        }
    }

    /// The port of the service whose template the connection was made by.
    pub(crate) fn template_port(&self) -> Option<u16> {
        let template = self.template()?;
        Some(template.dest.policy.key.endpoint.port)
    }

    fn template(&self) -> Option<&Template> {
        self.extra.as_ref()?.template.as_deref()
    }

    /// The client's end.
    #[inline]
    pub(crate) fn client(&self) -> Endpoint {
        Endpoint::new(self.client_addr, self.client_port)
    }

    /// The server's end.
    #[inline]
    pub(crate) fn server(&self) -> Endpoint {
        Endpoint::new(self.dest.endpoint().addr, self.server_port)
    }

    /// The end that the client sees.
    #[inline]
    pub(crate) fn virtual_end(&self) -> Endpoint {
        Endpoint::new(self.virtual_addr, self.virtual_port)
    }

    /// State and flags.
    #[inline]
    pub(crate) fn status(&self) -> Status {
        Status::from_raw(self.status.load(Ordering::Relaxed))
    }

    /// Whether a packet from the client with this tuple belongs here.
    #[inline(always)]
    fn is_request(&self, tuple: &Tuple) -> bool {
        self.client_port == tuple.src.port
            && self.virtual_port == tuple.dst.port
            && self.client_addr == tuple.src.addr
            && self.virtual_addr == tuple.dst.addr
            && self.protocol == tuple.protocol
            && self.family == tuple.family
    }

    /// The sender of the answers.
    #[inline(always)]
    fn answering_end(&self) -> Endpoint {
        match self.method {
            Method::Nat => self.server(),
            _ => self.virtual_end(),
        }
    }

    /// Whether a packet to the client with this tuple belongs here.
    #[inline(always)]
    fn is_reply(&self, tuple: &Tuple) -> bool {
        (self.client_port == tuple.dst.port
            && self.client_addr == tuple.dst.addr
            && self.protocol == tuple.protocol
            && self.family == tuple.family
            && self.answering_end() == tuple.src)
            // A copy: see Packet::aside.
            || self.is_reply_to_masquerade(&core::hint::black_box(*tuple))
    }

    /// The same for a packet to the source that the server sees instead of the client.
    #[cold]
    fn is_reply_to_masquerade(&self, tuple: &Tuple) -> bool {
        self.masquerade()
            .is_some_and(|end| self.reply_to(end) == *tuple)
    }

    /// The tuples by which it is found: of requests, of replies.
    fn tuples(&self) -> [Tuple; 2] {
        let request = Tuple {
            family: self.family,
            protocol: self.protocol,
            src: self.client(),
            dst: self.virtual_end(),
        };
        let reply = self.reply_to(self.masquerade().unwrap_or(self.client()));
        [request, reply]
    }

    /// Notes that a packet came now. Written once per tick at most, to keep the cache line clean.
    #[inline(always)]
    pub(crate) fn touch(&self, now: u32) {
        if self.last_seen.load(Ordering::Relaxed) != now {
            self.last_seen.store(now, Ordering::Relaxed);
        }
    }

    /// Jiffies since the last packet.
    #[inline(always)]
    fn idle(&self, now: u32) -> u32 {
        let idle = now.wrapping_sub(self.last_seen.load(Ordering::Relaxed));
        // A packet on another CPU may have been here a moment "after" now.
        if idle > u32::MAX / 2 {
            0
        } else {
            idle
        }
    }

    /// Whether its ends have not finished with each other.
    fn is_alive(&self, now: u32) -> bool {
        let idle = time::milliseconds(self.idle(now));
        !drain::is_over(self.status().state(), idle)
    }

    /// What the defence wants to know about it.
    fn suspect(&self, now: u32) -> Suspect {
        let status = self.status();
        Suspect {
            protocol: self.protocol,
            state: status.state(),
            idle: time::milliseconds(self.idle(now)) / 1000,
            packets: status.packets(),
        }
    }

    /// Jiffies until it expires; 0 if it has.
    #[inline(always)]
    pub(crate) fn expires_in(&self, timeouts: &Timeouts, now: u32) -> u32 {
        let idle = self.idle(now);
        let state = self.status().state();
        let timeout = match self.dest.is_plain() {
            true => timeouts.get(state),
            false => self.own_timeout(timeouts, state),
        };
        timeout.saturating_sub(idle)
    }

    #[cold]
    fn own_timeout(&self, timeouts: &Timeouts, state: State) -> u32 {
        self.dest
            .timeout(state)
            .unwrap_or_else(|| timeouts.get(state))
    }

    /// Follows the protocol: the state after this packet, and the destination's counts with it.
    /// `secure` chooses the state table for TCP.
    #[inline(always)]
    pub(crate) fn advance(&self, packet: &Packet, way: Way, secure: bool) {
        let old = self.status();
        let protocol = match packet.tuple.protocol {
            protocol if protocol.has_ports() => protocol,
            // It goes with a flow of another protocol.
            _ => self.protocol,
        };
        let new = old.after(protocol, packet, way, secure);
        if new == old {
            return;
        }
        if new.is_only_counted_since(old) {
            // Another CPU that was faster has counted for both.
            let _ = self.status.compare_exchange(
                old.raw(),
                new.raw(),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        } else {
            self.change(&packet.aside(), way, secure);
        }
    }

    /// The rare part of [`Self::advance`]: another CPU may be changing the status too.
    #[cold]
    fn change(&self, packet: &Packet, way: Way, secure: bool) {
        let after = |raw| Status::from_raw(raw).after(self.protocol, packet, way, secure);
        let changed = self
            .status
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |raw| {
                // Once removed it counts nowhere any more.
                (!Status::from_raw(raw).is_ended()).then(|| after(raw).raw())
            });
        if let Ok(raw) = changed {
            if let Some(template) = self.template() {
                if proto::is_assured(after(raw).state(), way == Way::Reply) {
                    template.assure();
                }
            }
            let active = after(raw).state().is_active();
            if active != Status::from_raw(raw).state().is_active() {
                self.dest.rebind(active);
            }
            if raw & status::TIMED != 0 && way == Way::Reply {
                self.dest.answered(self.client(), packet.tcp);
            }
        }
    }

    /// Takes the connection off its destination's counts. Called once, by who removed it.
    fn end(&self) {
        let raw = self.status.fetch_or(status::ENDED, Ordering::Relaxed);
        self.dest.unbind(Status::from_raw(raw).state().is_active());
    }
}
