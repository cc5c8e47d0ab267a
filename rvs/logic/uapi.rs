// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
// Do not edit directly, auto-generated from:
//   Documentation/netlink/specs/rvs.yaml
// To regenerate run: tools/netlink/generate

//! The netlink interface of rvs: every number that travels between the kernel and its
//! clients, by name.

/// One attribute of an attribute set.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// The number of the attribute.
    pub kind: u16,
    /// Its name in the specification.
    pub name: &'static str,
    /// The attributes inside it, if it is a nest.
    pub nested: Option<&'static [Attribute]>,
}

/// Name of the generic netlink family.
pub const FAMILY_NAME: &str = "rvs";
/// Version of the generic netlink family.
pub const FAMILY_VERSION: u8 = 1;
/// Size of a scheduler name, with its terminating NUL.
pub const NAME_LEN: u32 = 16;
/// Highest weight of a destination.
pub const WEIGHT_MAX: u32 = 2147483647;
/// Longest settable connection timeout in seconds (31 days).
pub const TIMEOUT_MAX: u32 = 2678400;

/// How packets reach a real server. The numbers are those of IPVS, so that tools need no
/// translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    /// Network address translation; replies return through the director.
    Nat = 0,
    /// Direct routing; the packet is sent unchanged to the server, which answers the client itself.
    Direct = 3,
}

impl Method {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [Method] = &[Method::Nat, Method::Direct];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Method::Nat),
            3 => Some(Method::Direct),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Nat => "nat",
            Method::Direct => "direct",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// State of a connection, as ip_vs_conn names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ConnState {
    /// `none`.
    None = 0,
    /// `established`.
    Established = 1,
    /// `syn-sent`.
    SynSent = 2,
    /// `syn-recv`.
    SynRecv = 3,
    /// `fin-wait`.
    FinWait = 4,
    /// `time-wait`.
    TimeWait = 5,
    /// `close`.
    Close = 6,
    /// `close-wait`.
    CloseWait = 7,
    /// `last-ack`.
    LastAck = 8,
    /// `listen`.
    Listen = 9,
    /// `synack`.
    Synack = 10,
    /// `udp`.
    Udp = 11,
}

impl ConnState {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [ConnState] = &[
        ConnState::None,
        ConnState::Established,
        ConnState::SynSent,
        ConnState::SynRecv,
        ConnState::FinWait,
        ConnState::TimeWait,
        ConnState::Close,
        ConnState::CloseWait,
        ConnState::LastAck,
        ConnState::Listen,
        ConnState::Synack,
        ConnState::Udp,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(ConnState::None),
            1 => Some(ConnState::Established),
            2 => Some(ConnState::SynSent),
            3 => Some(ConnState::SynRecv),
            4 => Some(ConnState::FinWait),
            5 => Some(ConnState::TimeWait),
            6 => Some(ConnState::Close),
            7 => Some(ConnState::CloseWait),
            8 => Some(ConnState::LastAck),
            9 => Some(ConnState::Listen),
            10 => Some(ConnState::Synack),
            11 => Some(ConnState::Udp),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            ConnState::None => "none",
            ConnState::Established => "established",
            ConnState::SynSent => "syn-sent",
            ConnState::SynRecv => "syn-recv",
            ConnState::FinWait => "fin-wait",
            ConnState::TimeWait => "time-wait",
            ConnState::Close => "close",
            ConnState::CloseWait => "close-wait",
            ConnState::LastAck => "last-ack",
            ConnState::Listen => "listen",
            ConnState::Synack => "synack",
            ConnState::Udp => "udp",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// Why rvs dropped, or did not forward, a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DropReason {
    /// The network or transport header is truncated or contradicts itself.
    Malformed = 0,
    /// No destination of the service is usable; the client got port unreachable.
    NoDestination = 1,
    /// The entry of a new connection could not be allocated.
    NoMemory = 2,
    /// The connection's destination was removed from its service.
    DestinationRemoved = 3,
    /// There is no route to the destination.
    NoRoute = 4,
    /// The TTL or hop limit ran out; the sender got time exceeded.
    TtlExpired = 5,
    /// The packet exceeds the path MTU; the sender got the MTU.
    TooBig = 6,
    /// The packet's headers could not be made writable.
    NotWritable = 7,
    /// The network stack refused the packet.
    Transmit = 8,
}

impl DropReason {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [DropReason] = &[
        DropReason::Malformed,
        DropReason::NoDestination,
        DropReason::NoMemory,
        DropReason::DestinationRemoved,
        DropReason::NoRoute,
        DropReason::TtlExpired,
        DropReason::TooBig,
        DropReason::NotWritable,
        DropReason::Transmit,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(DropReason::Malformed),
            1 => Some(DropReason::NoDestination),
            2 => Some(DropReason::NoMemory),
            3 => Some(DropReason::DestinationRemoved),
            4 => Some(DropReason::NoRoute),
            5 => Some(DropReason::TtlExpired),
            6 => Some(DropReason::TooBig),
            7 => Some(DropReason::NotWritable),
            8 => Some(DropReason::Transmit),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            DropReason::Malformed => "malformed",
            DropReason::NoDestination => "no-destination",
            DropReason::NoMemory => "no-memory",
            DropReason::DestinationRemoved => "destination-removed",
            DropReason::NoRoute => "no-route",
            DropReason::TtlExpired => "ttl-expired",
            DropReason::TooBig => "too-big",
            DropReason::NotWritable => "not-writable",
            DropReason::Transmit => "transmit",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// Attribute set `stats`. Live counters; they never run backwards while the object exists.
pub mod stats {
    use super::Attribute;

    /// Connections scheduled.
    pub const CONNS: u16 = 1;
    /// Packets from clients.
    pub const IN_PKTS: u16 = 2;
    /// Bytes of those packets, from the network header on.
    pub const IN_BYTES: u16 = 3;
    /// Packets to clients that passed the director.
    pub const OUT_PKTS: u16 = 4;
    /// Bytes of those packets, from the network header on.
    pub const OUT_BYTES: u16 = 5;
    /// The highest number of this set.
    pub const MAX: u16 = 5;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: CONNS,
            name: "conns",
            nested: None,
        },
        Attribute {
            kind: IN_PKTS,
            name: "in-pkts",
            nested: None,
        },
        Attribute {
            kind: IN_BYTES,
            name: "in-bytes",
            nested: None,
        },
        Attribute {
            kind: OUT_PKTS,
            name: "out-pkts",
            nested: None,
        },
        Attribute {
            kind: OUT_BYTES,
            name: "out-bytes",
            nested: None,
        },
    ];
}

/// Attribute set `service`.
pub mod service {
    use super::Attribute;

    /// Address family, 2 (AF_INET) or 10 (AF_INET6). Part of the key.
    pub const FAMILY: u16 = 1;
    /// IP protocol, 6 (TCP) or 17 (UDP). Part of the key.
    pub const PROTOCOL: u16 = 2;
    /// Virtual address in network order, 4 or 16 bytes as the family says. Part of the key.
    pub const ADDR: u16 = 3;
    /// Virtual port, not 0. Part of the key.
    pub const PORT: u16 = 4;
    /// Name of the scheduler. Its module rvs_NAME is loaded when needed.
    pub const SCHEDULER: u16 = 5;
    /// Sum over the service's destinations, removed ones included. Read only.
    pub const STATS: u16 = 6;
    /// Number of destinations. Read only.
    pub const DESTS: u16 = 7;
    /// The highest number of this set.
    pub const MAX: u16 = 7;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: FAMILY,
            name: "family",
            nested: None,
        },
        Attribute {
            kind: PROTOCOL,
            name: "protocol",
            nested: None,
        },
        Attribute {
            kind: ADDR,
            name: "addr",
            nested: None,
        },
        Attribute {
            kind: PORT,
            name: "port",
            nested: None,
        },
        Attribute {
            kind: SCHEDULER,
            name: "scheduler",
            nested: None,
        },
        Attribute {
            kind: STATS,
            name: "stats",
            nested: Some(super::stats::ATTRIBUTES),
        },
        Attribute {
            kind: DESTS,
            name: "dests",
            nested: None,
        },
    ];
}

/// Attribute set `dest`.
pub mod dest {
    use super::Attribute;

    /// Address of the real server, 4 or 16 bytes as the service's family says. Part of the key.
    pub const ADDR: u16 = 1;
    /// Port of the real server, not 0. Part of the key.
    pub const PORT: u16 = 2;
    /// Forwarding method.
    pub const METHOD: u16 = 3;
    /// Relative capacity; 0 takes no new connections.
    pub const WEIGHT: u16 = 4;
    /// Connections in an active state (TCP opening or established). Read only.
    pub const ACTIVE: u16 = 5;
    /// All other connections. Read only.
    pub const INACTIVE: u16 = 6;
    /// Counters of this destination. Read only.
    pub const STATS: u16 = 7;
    /// The highest number of this set.
    pub const MAX: u16 = 7;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: ADDR,
            name: "addr",
            nested: None,
        },
        Attribute {
            kind: PORT,
            name: "port",
            nested: None,
        },
        Attribute {
            kind: METHOD,
            name: "method",
            nested: None,
        },
        Attribute {
            kind: WEIGHT,
            name: "weight",
            nested: None,
        },
        Attribute {
            kind: ACTIVE,
            name: "active",
            nested: None,
        },
        Attribute {
            kind: INACTIVE,
            name: "inactive",
            nested: None,
        },
        Attribute {
            kind: STATS,
            name: "stats",
            nested: Some(super::stats::ATTRIBUTES),
        },
    ];
}

/// Attribute set `conn`. One entry of the connection table. Read only.
pub mod conn {
    use super::Attribute;

    /// Address family of the client, virtual and destination address.
    pub const FAMILY: u16 = 1;
    /// IP protocol.
    pub const PROTOCOL: u16 = 2;
    /// Client address.
    pub const CLIENT_ADDR: u16 = 3;
    /// Client port.
    pub const CLIENT_PORT: u16 = 4;
    /// Virtual address.
    pub const VIRTUAL_ADDR: u16 = 5;
    /// Virtual port.
    pub const VIRTUAL_PORT: u16 = 6;
    /// Address of the real server.
    pub const DEST_ADDR: u16 = 7;
    /// Port of the real server.
    pub const DEST_PORT: u16 = 8;
    /// Forwarding method.
    pub const METHOD: u16 = 9;
    /// Protocol state.
    pub const STATE: u16 = 10;
    /// Milliseconds until the entry expires if no further packet comes.
    pub const EXPIRES: u16 = 11;
    /// The highest number of this set.
    pub const MAX: u16 = 11;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: FAMILY,
            name: "family",
            nested: None,
        },
        Attribute {
            kind: PROTOCOL,
            name: "protocol",
            nested: None,
        },
        Attribute {
            kind: CLIENT_ADDR,
            name: "client-addr",
            nested: None,
        },
        Attribute {
            kind: CLIENT_PORT,
            name: "client-port",
            nested: None,
        },
        Attribute {
            kind: VIRTUAL_ADDR,
            name: "virtual-addr",
            nested: None,
        },
        Attribute {
            kind: VIRTUAL_PORT,
            name: "virtual-port",
            nested: None,
        },
        Attribute {
            kind: DEST_ADDR,
            name: "dest-addr",
            nested: None,
        },
        Attribute {
            kind: DEST_PORT,
            name: "dest-port",
            nested: None,
        },
        Attribute {
            kind: METHOD,
            name: "method",
            nested: None,
        },
        Attribute {
            kind: STATE,
            name: "state",
            nested: None,
        },
        Attribute {
            kind: EXPIRES,
            name: "expires",
            nested: None,
        },
    ];
}

/// Attribute set `config`. Settings of the namespace. An absent attribute keeps its value.
pub mod config {
    use super::Attribute;

    /// Idle timeout of established TCP connections, in seconds.
    pub const TIMEOUT_TCP: u16 = 1;
    /// Idle timeout of TCP connections in FIN_WAIT, in seconds.
    pub const TIMEOUT_TCP_FIN: u16 = 2;
    /// Idle timeout of UDP connections, in seconds.
    pub const TIMEOUT_UDP: u16 = 3;
    /// The highest number of this set.
    pub const MAX: u16 = 3;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: TIMEOUT_TCP,
            name: "timeout-tcp",
            nested: None,
        },
        Attribute {
            kind: TIMEOUT_TCP_FIN,
            name: "timeout-tcp-fin",
            nested: None,
        },
        Attribute {
            kind: TIMEOUT_UDP,
            name: "timeout-udp",
            nested: None,
        },
    ];
}

/// Attribute set `drop`. One drop counter. Read only.
pub mod drop {
    use super::Attribute;

    /// Why.
    pub const REASON: u16 = 1;
    /// How many packets.
    pub const PACKETS: u16 = 2;
    /// The highest number of this set.
    pub const MAX: u16 = 2;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: REASON,
            name: "reason",
            nested: None,
        },
        Attribute {
            kind: PACKETS,
            name: "packets",
            nested: None,
        },
    ];
}

/// Attribute set `info`. What this module is and how full its tables are. Read only.
pub mod info {
    use super::Attribute;

    /// Version of the module.
    pub const VERSION: u16 = 1;
    /// Identity of the interface between the core and its schedulers, as 16 hex digits.
    pub const ABI: u16 = 2;
    /// Services in this namespace.
    pub const SERVICES: u16 = 3;
    /// Destinations in this namespace.
    pub const DESTS: u16 = 4;
    /// Connections in this namespace.
    pub const CONNS: u16 = 5;
    /// Size of the service table.
    pub const SERVICE_BUCKETS: u16 = 6;
    /// Size of the connection table.
    pub const CONN_BUCKETS: u16 = 7;
    /// Bytes of one connection entry.
    pub const CONN_SIZE: u16 = 8;
    /// Sum over all services, removed ones included.
    pub const STATS: u16 = 9;
    /// Packets handled by rvs that left through POST_ROUTING.
    pub const SENT_PKTS: u16 = 10;
    /// Bytes of those packets.
    pub const SENT_BYTES: u16 = 11;
    /// Drop counters, one attribute for each reason.
    pub const DROP: u16 = 12;
    /// A scheduler that is loaded, one attribute each.
    pub const SCHEDULER: u16 = 13;
    /// Name of a feature that this module has, one attribute each.
    pub const FEATURE: u16 = 14;
    /// The highest number of this set.
    pub const MAX: u16 = 14;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: VERSION,
            name: "version",
            nested: None,
        },
        Attribute {
            kind: ABI,
            name: "abi",
            nested: None,
        },
        Attribute {
            kind: SERVICES,
            name: "services",
            nested: None,
        },
        Attribute {
            kind: DESTS,
            name: "dests",
            nested: None,
        },
        Attribute {
            kind: CONNS,
            name: "conns",
            nested: None,
        },
        Attribute {
            kind: SERVICE_BUCKETS,
            name: "service-buckets",
            nested: None,
        },
        Attribute {
            kind: CONN_BUCKETS,
            name: "conn-buckets",
            nested: None,
        },
        Attribute {
            kind: CONN_SIZE,
            name: "conn-size",
            nested: None,
        },
        Attribute {
            kind: STATS,
            name: "stats",
            nested: Some(super::stats::ATTRIBUTES),
        },
        Attribute {
            kind: SENT_PKTS,
            name: "sent-pkts",
            nested: None,
        },
        Attribute {
            kind: SENT_BYTES,
            name: "sent-bytes",
            nested: None,
        },
        Attribute {
            kind: DROP,
            name: "drop",
            nested: Some(super::drop::ATTRIBUTES),
        },
        Attribute {
            kind: SCHEDULER,
            name: "scheduler",
            nested: None,
        },
        Attribute {
            kind: FEATURE,
            name: "feature",
            nested: None,
        },
    ];
}

/// Attribute set `rvs`. Top level of every message.
pub mod rvs {
    use super::Attribute;

    /// A service, or the key of one.
    pub const SERVICE: u16 = 1;
    /// A destination, or the key of one.
    pub const DEST: u16 = 2;
    /// A connection.
    pub const CONN: u16 = 3;
    /// Settings.
    pub const CONFIG: u16 = 4;
    /// State of the module.
    pub const INFO: u16 = 5;
    /// The highest number of this set.
    pub const MAX: u16 = 5;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: SERVICE,
            name: "service",
            nested: Some(super::service::ATTRIBUTES),
        },
        Attribute {
            kind: DEST,
            name: "dest",
            nested: Some(super::dest::ATTRIBUTES),
        },
        Attribute {
            kind: CONN,
            name: "conn",
            nested: Some(super::conn::ATTRIBUTES),
        },
        Attribute {
            kind: CONFIG,
            name: "config",
            nested: Some(super::config::ATTRIBUTES),
        },
        Attribute {
            kind: INFO,
            name: "info",
            nested: Some(super::info::ATTRIBUTES),
        },
    ];
}

/// Commands.
pub mod cmd {
    /// Add a service. Needs its key and the scheduler. EEXIST when it exists, ENOENT when the
    /// scheduler cannot be found.
    pub const SERVICE_NEW: u8 = 1;
    /// Change the scheduler of a service. ESRCH when there is no such service.
    pub const SERVICE_SET: u8 = 2;
    /// Remove a service and its destinations. ESRCH when there is no such service.
    pub const SERVICE_DEL: u8 = 3;
    /// One service by its key, or all services. ESRCH when there is no such service.
    pub const SERVICE_GET: u8 = 4;
    /// Add a destination to a service. Needs both keys; method is direct and weight 1 when absent.
    /// EEXIST when it exists, ESRCH when there is no such service.
    pub const DEST_NEW: u8 = 5;
    /// Change method or weight of a destination; what is absent stays. ENOENT when the service has
    /// no such destination, ESRCH when there is no such service.
    pub const DEST_SET: u8 = 6;
    /// Remove a destination. ENOENT when the service has no such destination, ESRCH when there is
    /// no such service.
    pub const DEST_DEL: u8 = 7;
    /// One destination by its keys, or all destinations of a service, newest first. ENOENT when the
    /// service has no such destination, ESRCH when there is no such service.
    pub const DEST_GET: u8 = 8;
    /// All connections, in no particular order.
    pub const CONN_GET: u8 = 9;
    /// Remove all services and their destinations.
    pub const FLUSH: u8 = 10;
    /// Change settings.
    pub const CONFIG_SET: u8 = 11;
    /// Show settings.
    pub const CONFIG_GET: u8 = 12;
    /// Version, features and table sizes of the module.
    pub const INFO_GET: u8 = 13;
}
