// SPDX-License-Identifier: GPL-2.0

//! The answers of the netlink interface, typed.

mod event;
mod explain;
mod nest;
mod read;

use crate::request::{
    Owner,
    ServerKey,
    ServerSpec,
    ServiceKey,
    Timeout,
    Tunnel, //
};
pub use event::{
    Event,
    Group, //
};
pub use explain::{
    Explanation,
    Way, //
};
pub(crate) use read::longest_prefix;
use rvs_logic::logic::{
    addr::{
        Endpoint,
        Family,
        Protocol, //
    },
    uapi::{
        ConnState,
        DrainPolicy,
        DropReason,
        Method,
        NoServer, //
    },
};

/// Packet and byte counters, or rates per second of the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections scheduled.
    pub conns: u64,
    /// Packets from clients.
    pub in_pkts: u64,
    /// Bytes of those.
    pub in_bytes: u64,
    /// Packets to clients.
    pub out_pkts: u64,
    /// Bytes of those.
    pub out_bytes: u64,
}

/// What passed so far, and what passes each second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// So far.
    pub total: Counters,
    /// Each second.
    pub rate: Counters,
}

/// How many packets were dropped for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drops {
    /// The reason.
    pub reason: DropReason,
    /// The number of packets.
    pub packets: u64,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// What names it.
    pub key: ServiceKey,
    /// The name of its scheduler.
    pub scheduler: String,
    /// Bits of [`rvs_logic::logic::uapi::ServiceFlag`].
    pub flags: u32,
    /// Bits of [`rvs_logic::logic::uapi::SchedFlag`].
    pub sched_flags: u32,
    /// Size of the scheduler's table; 0 is its default.
    pub sched_size: u32,
    /// Seconds after which the scheduler forgets; 0 is its default.
    pub sched_expiry: u32,
    /// Seconds for which a client keeps its server; 0 is not at all.
    pub persist_timeout: u32,
    /// Length of the prefix of clients that share a server.
    pub persist_prefix: u8,
    /// Timeouts that differ from the namespace's.
    pub timeouts: Vec<Timeout>,
    /// What becomes of a connection without a server.
    pub no_server: NoServer,
    /// The server for those connections.
    pub fallback: Option<ServerSpec>,
    /// Packets dropped on its account.
    pub drops: Vec<Drops>,
    /// Clients that are kept with their servers.
    pub templates: u32,
    /// Its counters.
    pub stats: Stats,
    /// How many servers it has.
    pub servers: u32,
    /// Seconds over which the weight of a new server rises; 0 is at once.
    pub slow_start: u32,
    /// Who manages it.
    pub owner: Option<Owner>,
}

/// A server of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// What names it.
    pub key: ServerKey,
    /// How packets reach it.
    pub method: Method,
    /// What tunnel packets are like.
    pub tunnel: Tunnel,
    /// Its weight.
    pub weight: u32,
    /// Connections at which it takes no new ones; 0 is no limit.
    pub upper: u32,
    /// Connections below which it takes new ones again.
    pub lower: u32,
    /// Whether it takes no new connections because of `upper`.
    pub overloaded: bool,
    /// Its active connections.
    pub active: u32,
    /// Its other connections.
    pub inactive: u32,
    /// Clients that are kept with it.
    pub templates: u32,
    /// Its counters.
    pub stats: Stats,
    /// How it drains, if it does.
    pub drain: Option<Drain>,
    /// The weight that counts now.
    pub effective_weight: u32,
    /// Who manages it.
    pub owner: Option<Owner>,
}

/// How a server drains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// What becomes of connections that are left when the time is up.
    pub policy: DrainPolicy,
    /// Seconds that it had; 0 is no end.
    pub timeout: u32,
    /// Seconds that are left of them.
    pub left: u32,
}

/// A connection, or what persistence remembers of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conn {
    /// The family of its client and its service.
    pub family: Family,
    /// Its protocol.
    pub protocol: Protocol,
    /// The client.
    pub client: Endpoint,
    /// The service.
    pub service: Endpoint,
    /// The firewall mark of the service, if it has one.
    pub mark: Option<u32>,
    /// The server.
    pub server: ServerKey,
    /// How packets reach the server.
    pub method: Method,
    /// Its state.
    pub state: ConnState,
    /// Whether this is no connection but what persistence remembers.
    pub template: bool,
    /// Milliseconds until it expires.
    pub expires: u32,
}

/// The state of the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// Version of the module.
    pub version: String,
    /// Identity of the interface between the core and its schedulers.
    pub abi: String,
    /// Number of services.
    pub services: u32,
    /// Number of servers.
    pub servers: u32,
    /// Number of connections.
    pub conns: u32,
    /// Size of the service table.
    pub service_buckets: u32,
    /// Size of the connection table.
    pub conn_buckets: u32,
    /// Bytes of a connection.
    pub conn_size: u32,
    /// Sum of all counters.
    pub stats: Stats,
    /// Packets that left.
    pub sent_pkts: u64,
    /// Bytes of those.
    pub sent_bytes: u64,
    /// Those of them that took the fast path.
    pub fast_pkts: Option<u64>,
    /// Bytes of those.
    pub fast_bytes: Option<u64>,
    /// Devices at whose ingress the fast path is.
    pub fast_devices: Option<u32>,
    /// Packets dropped, by reason.
    pub drops: Vec<Drops>,
    /// The schedulers that are loaded.
    pub schedulers: Vec<String>,
    /// The schedulers that were built with it.
    pub known_schedulers: Vec<String>,
    /// The generation of the configuration.
    pub generation: Option<u32>,
    /// Connections that the namespace may have; 0 is no limit.
    pub conn_limit: Option<u32>,
    /// Changes that one transaction may have; 0 is no limit.
    pub change_limit: Option<u32>,
    /// What this module can do.
    pub features: Vec<String>,
}
