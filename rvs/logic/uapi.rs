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
/// Size of the name of an owner, with its terminating NUL.
pub const OWNER_LEN: u32 = 32;
/// Highest weight of a destination.
pub const WEIGHT_MAX: u32 = 2147483647;
/// Largest table of a scheduler.
pub const SCHED_SIZE_MAX: u32 = 131072;
/// Longest settable connection timeout in seconds (31 days).
pub const TIMEOUT_MAX: u32 = 2678400;

/// How packets reach a real server. The numbers are those of IPVS, so that tools need no
/// translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    /// Network address translation; replies return through the director.
    Nat = 0,
    /// The director itself; the packet goes on to its own sockets.
    Local = 1,
    /// The packet is sent inside another one to the server, which unpacks it and answers the client
    /// itself.
    Tunnel = 2,
    /// Direct routing; the packet is sent unchanged to the server, which answers the client itself.
    Direct = 3,
    /// The packet goes where it was sent to. Connections have this method, destinations do not.
    Bypass = 4,
}

impl Method {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [Method] = &[
        Method::Nat,
        Method::Local,
        Method::Tunnel,
        Method::Direct,
        Method::Bypass,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Method::Nat),
            1 => Some(Method::Local),
            2 => Some(Method::Tunnel),
            3 => Some(Method::Direct),
            4 => Some(Method::Bypass),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Nat => "nat",
            Method::Local => "local",
            Method::Tunnel => "tunnel",
            Method::Direct => "direct",
            Method::Bypass => "bypass",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// What a packet is put into by the method tunnel. The numbers are those of IPVS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TunType {
    /// IP in IP (protocol 4 or 41).
    Ipip = 0,
    /// Generic UDP encapsulation.
    Gue = 1,
    /// Generic routing encapsulation, without key and sequence number.
    Gre = 2,
}

impl TunType {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [TunType] = &[TunType::Ipip, TunType::Gue, TunType::Gre];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(TunType::Ipip),
            1 => Some(TunType::Gue),
            2 => Some(TunType::Gre),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            TunType::Ipip => "ipip",
            TunType::Gue => "gue",
            TunType::Gre => "gre",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// How tunnel packets are protected. The bits are those of IPVS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TunFlag {
    /// With a checksum over the whole, in the UDP or GRE header.
    Csum = 0,
    /// With remote checksum offload (GUE only).
    Remcsum = 1,
}

impl TunFlag {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [TunFlag] = &[TunFlag::Csum, TunFlag::Remcsum];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(TunFlag::Csum),
            1 => Some(TunFlag::Remcsum),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            TunFlag::Csum => "csum",
            TunFlag::Remcsum => "remcsum",
        }
    }

    /// The number of its bit.
    pub const fn value(self) -> u8 {
        self as u8
    }

    /// Its bit.
    pub const fn bit(self) -> u32 {
        1 << self.value()
    }
}

/// What a service does beyond choosing servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ServiceFlag {
    /// Every datagram is scheduled for itself and leaves no connection behind (UDP only).
    OnePacket = 0,
    /// When an idle TCP connection expires, both ends get a RST (method nat only).
    ResetIdle = 1,
    /// A client that is a server of the service, or in the network of the chosen server, is given
    /// an address of the director as source, so that the answer comes back (method nat only).
    Hairpin = 2,
    /// The MSS option of a SYN is lowered to what fits through the tunnel to the server (method
    /// tunnel only).
    MssClamp = 3,
    /// Established flows are taken where they come in, past routing and all other hooks of the host
    /// (TCP and UDP, methods nat and direct).
    Fast = 4,
}

impl ServiceFlag {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [ServiceFlag] = &[
        ServiceFlag::OnePacket,
        ServiceFlag::ResetIdle,
        ServiceFlag::Hairpin,
        ServiceFlag::MssClamp,
        ServiceFlag::Fast,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(ServiceFlag::OnePacket),
            1 => Some(ServiceFlag::ResetIdle),
            2 => Some(ServiceFlag::Hairpin),
            3 => Some(ServiceFlag::MssClamp),
            4 => Some(ServiceFlag::Fast),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            ServiceFlag::OnePacket => "one-packet",
            ServiceFlag::ResetIdle => "reset-idle",
            ServiceFlag::Hairpin => "hairpin",
            ServiceFlag::MssClamp => "mss-clamp",
            ServiceFlag::Fast => "fast",
        }
    }

    /// The number of its bit.
    pub const fn value(self) -> u8 {
        self as u8
    }

    /// Its bit.
    pub const fn bit(self) -> u32 {
        1 << self.value()
    }
}

/// What a flag means is the scheduler's to say. The bits are IPVS's flag-1 to flag-3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SchedFlag {
    /// sh and mh fall back to another server (sh-fallback, mh-fallback).
    Sched1 = 0,
    /// sh and mh include the client's port (sh-port, mh-port).
    Sched2 = 1,
    /// Free for a scheduler.
    Sched3 = 2,
    /// Choose exactly as IPVS does, also where rvs knows better by default.
    Exact = 3,
}

impl SchedFlag {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [SchedFlag] = &[
        SchedFlag::Sched1,
        SchedFlag::Sched2,
        SchedFlag::Sched3,
        SchedFlag::Exact,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(SchedFlag::Sched1),
            1 => Some(SchedFlag::Sched2),
            2 => Some(SchedFlag::Sched3),
            3 => Some(SchedFlag::Exact),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            SchedFlag::Sched1 => "sched-1",
            SchedFlag::Sched2 => "sched-2",
            SchedFlag::Sched3 => "sched-3",
            SchedFlag::Exact => "exact",
        }
    }

    /// The number of its bit.
    pub const fn value(self) -> u8 {
        self as u8
    }

    /// Its bit.
    pub const fn bit(self) -> u32 {
        1 << self.value()
    }
}

/// What becomes of a new connection for which no server is usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum NoServer {
    /// TCP gets a RST, everything else port unreachable.
    Reject = 0,
    /// Nothing.
    Drop = 1,
    /// It goes to the fallback destination.
    Fallback = 2,
    /// It goes on to the address it was sent to, by the director's routes (services with a firewall
    /// mark).
    Bypass = 3,
    /// Everything gets port unreachable, as IPVS answers.
    Unreachable = 4,
}

impl NoServer {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [NoServer] = &[
        NoServer::Reject,
        NoServer::Drop,
        NoServer::Fallback,
        NoServer::Bypass,
        NoServer::Unreachable,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(NoServer::Reject),
            1 => Some(NoServer::Drop),
            2 => Some(NoServer::Fallback),
            3 => Some(NoServer::Bypass),
            4 => Some(NoServer::Unreachable),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            NoServer::Reject => "reject",
            NoServer::Drop => "drop",
            NoServer::Fallback => "fallback",
            NoServer::Bypass => "bypass",
            NoServer::Unreachable => "unreachable",
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
    /// `sctp-init1`.
    SctpInit1 = 12,
    /// `sctp-init`.
    SctpInit = 13,
    /// `sctp-cookie-sent`.
    SctpCookieSent = 14,
    /// `sctp-cookie-replied`.
    SctpCookieReplied = 15,
    /// `sctp-cookie-wait`.
    SctpCookieWait = 16,
    /// `sctp-cookie`.
    SctpCookie = 17,
    /// `sctp-cookie-echoed`.
    SctpCookieEchoed = 18,
    /// `sctp-established`.
    SctpEstablished = 19,
    /// `sctp-shutdown-sent`.
    SctpShutdownSent = 20,
    /// `sctp-shutdown-received`.
    SctpShutdownReceived = 21,
    /// `sctp-shutdown-ack-sent`.
    SctpShutdownAckSent = 22,
    /// `sctp-rejected`.
    SctpRejected = 23,
    /// `sctp-closed`.
    SctpClosed = 24,
    /// `assured`.
    Assured = 25,
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
        ConnState::SctpInit1,
        ConnState::SctpInit,
        ConnState::SctpCookieSent,
        ConnState::SctpCookieReplied,
        ConnState::SctpCookieWait,
        ConnState::SctpCookie,
        ConnState::SctpCookieEchoed,
        ConnState::SctpEstablished,
        ConnState::SctpShutdownSent,
        ConnState::SctpShutdownReceived,
        ConnState::SctpShutdownAckSent,
        ConnState::SctpRejected,
        ConnState::SctpClosed,
        ConnState::Assured,
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
            12 => Some(ConnState::SctpInit1),
            13 => Some(ConnState::SctpInit),
            14 => Some(ConnState::SctpCookieSent),
            15 => Some(ConnState::SctpCookieReplied),
            16 => Some(ConnState::SctpCookieWait),
            17 => Some(ConnState::SctpCookie),
            18 => Some(ConnState::SctpCookieEchoed),
            19 => Some(ConnState::SctpEstablished),
            20 => Some(ConnState::SctpShutdownSent),
            21 => Some(ConnState::SctpShutdownReceived),
            22 => Some(ConnState::SctpShutdownAckSent),
            23 => Some(ConnState::SctpRejected),
            24 => Some(ConnState::SctpClosed),
            25 => Some(ConnState::Assured),
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
            ConnState::SctpInit1 => "sctp-init1",
            ConnState::SctpInit => "sctp-init",
            ConnState::SctpCookieSent => "sctp-cookie-sent",
            ConnState::SctpCookieReplied => "sctp-cookie-replied",
            ConnState::SctpCookieWait => "sctp-cookie-wait",
            ConnState::SctpCookie => "sctp-cookie",
            ConnState::SctpCookieEchoed => "sctp-cookie-echoed",
            ConnState::SctpEstablished => "sctp-established",
            ConnState::SctpShutdownSent => "sctp-shutdown-sent",
            ConnState::SctpShutdownReceived => "sctp-shutdown-received",
            ConnState::SctpShutdownAckSent => "sctp-shutdown-ack-sent",
            ConnState::SctpRejected => "sctp-rejected",
            ConnState::SctpClosed => "sctp-closed",
            ConnState::Assured => "assured",
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
    /// No destination of the service is usable; what the client got is the service's no-server.
    NoDestination = 1,
    /// The entry of a new connection, or a route, could not be allocated.
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
    /// The namespace has as many connections as it may have.
    ConnLimit = 9,
    /// Dropped by drop_packet under attack, before it was scheduled.
    Defense = 10,
    /// An ICMP message that was to be translated has a wrong checksum.
    Checksum = 11,
    /// A fragment of a packet that cannot be, or has not yet been, put together.
    Fragment = 12,
    /// The packet could not be put into a tunnel packet.
    Encapsulation = 13,
    /// The packet must not cross from or to the loopback network, or would come back to where it
    /// was.
    Crossing = 14,
    /// nf_conntrack could not be kept in step.
    Conntrack = 15,
    /// A packet of a NAT server that belongs to no connection; the server got port unreachable
    /// (nat_icmp_send).
    NoConnection = 16,
    /// A packet of a TCP connection that was removed by force; its sender got a RST.
    Killed = 17,
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
        DropReason::ConnLimit,
        DropReason::Defense,
        DropReason::Checksum,
        DropReason::Fragment,
        DropReason::Encapsulation,
        DropReason::Crossing,
        DropReason::Conntrack,
        DropReason::NoConnection,
        DropReason::Killed,
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
            9 => Some(DropReason::ConnLimit),
            10 => Some(DropReason::Defense),
            11 => Some(DropReason::Checksum),
            12 => Some(DropReason::Fragment),
            13 => Some(DropReason::Encapsulation),
            14 => Some(DropReason::Crossing),
            15 => Some(DropReason::Conntrack),
            16 => Some(DropReason::NoConnection),
            17 => Some(DropReason::Killed),
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
            DropReason::ConnLimit => "conn-limit",
            DropReason::Defense => "defense",
            DropReason::Checksum => "checksum",
            DropReason::Fragment => "fragment",
            DropReason::Encapsulation => "encapsulation",
            DropReason::Crossing => "crossing",
            DropReason::Conntrack => "conntrack",
            DropReason::NoConnection => "no-connection",
            DropReason::Killed => "killed",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// Whether a destination is to stay. Apart from that its weight may be 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DestState {
    /// It takes new connections as its weight says.
    Ready = 0,
    /// It takes no new connections, and is removed when it has none left or the time is up.
    Draining = 1,
}

impl DestState {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [DestState] = &[DestState::Ready, DestState::Draining];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(DestState::Ready),
            1 => Some(DestState::Draining),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            DestState::Ready => "ready",
            DestState::Draining => "draining",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// What becomes of the connections that are left when the time of a draining destination is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DrainPolicy {
    /// They go on as those of any removed destination; nobody is told.
    Wait = 0,
    /// Both ends of each TCP connection get a RST (method nat only), and all entries are removed.
    Reset = 1,
}

impl DrainPolicy {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [DrainPolicy] = &[DrainPolicy::Wait, DrainPolicy::Reset];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(DrainPolicy::Wait),
            1 => Some(DrainPolicy::Reset),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            DrainPolicy::Wait => "wait",
            DrainPolicy::Reset => "reset",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// What one change of a transaction does. The requests of the same names say the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ChangeOp {
    /// `service-new`.
    ServiceNew = 0,
    /// `service-set`.
    ServiceSet = 1,
    /// `service-del`.
    ServiceDel = 2,
    /// `dest-new`.
    DestNew = 3,
    /// `dest-set`.
    DestSet = 4,
    /// `dest-del`.
    DestDel = 5,
    /// Add the service, or set everything about it when it exists; what is absent becomes the
    /// default.
    ServicePut = 6,
    /// The same for a destination.
    DestPut = 7,
    /// Remove all services and destinations of the transaction's owner, or all without one.
    Flush = 8,
    /// Change settings of the namespace.
    ConfigSet = 9,
}

impl ChangeOp {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [ChangeOp] = &[
        ChangeOp::ServiceNew,
        ChangeOp::ServiceSet,
        ChangeOp::ServiceDel,
        ChangeOp::DestNew,
        ChangeOp::DestSet,
        ChangeOp::DestDel,
        ChangeOp::ServicePut,
        ChangeOp::DestPut,
        ChangeOp::Flush,
        ChangeOp::ConfigSet,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(ChangeOp::ServiceNew),
            1 => Some(ChangeOp::ServiceSet),
            2 => Some(ChangeOp::ServiceDel),
            3 => Some(ChangeOp::DestNew),
            4 => Some(ChangeOp::DestSet),
            5 => Some(ChangeOp::DestDel),
            6 => Some(ChangeOp::ServicePut),
            7 => Some(ChangeOp::DestPut),
            8 => Some(ChangeOp::Flush),
            9 => Some(ChangeOp::ConfigSet),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            ChangeOp::ServiceNew => "service-new",
            ChangeOp::ServiceSet => "service-set",
            ChangeOp::ServiceDel => "service-del",
            ChangeOp::DestNew => "dest-new",
            ChangeOp::DestSet => "dest-set",
            ChangeOp::DestDel => "dest-del",
            ChangeOp::ServicePut => "service-put",
            ChangeOp::DestPut => "dest-put",
            ChangeOp::Flush => "flush",
            ChangeOp::ConfigSet => "config-set",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EventKind {
    /// Group config.
    ServiceAdded = 0,
    /// Group config.
    ServiceChanged = 1,
    /// Group config. Its destinations went with it.
    ServiceRemoved = 2,
    /// Group config.
    DestAdded = 3,
    /// Group config.
    DestChanged = 4,
    /// Group config.
    DestRemoved = 5,
    /// Group config. Timeouts of the namespace, which config-set changes.
    ConfigChanged = 6,
    /// Group config. The last event of a generation; the events before it belong to one step.
    Committed = 7,
    /// Group state. The destination reached its upper threshold.
    Overloaded = 8,
    /// Group state. It takes new connections again.
    Relieved = 9,
    /// Group state.
    Draining = 10,
    /// Group state. The draining destination had no connections left and was removed.
    Drained = 11,
    /// Group state. The time was up and the destination was removed; conns says how many were left.
    DrainExpired = 12,
    /// Group state. A draining destination stays.
    Ready = 13,
    /// Group state. A destination of weight 0 has no connections left.
    Quiesced = 14,
    /// Group state. The last usable server of the service is gone.
    NoServer = 15,
    /// Group state. The service has a usable server again.
    ServerAgain = 16,
    /// Group pressure. The connections of the namespace reached a share of the limit; see conns and
    /// limit.
    Pressure = 17,
    /// Group pressure. They fell below it again.
    PressureOver = 18,
}

impl EventKind {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [EventKind] = &[
        EventKind::ServiceAdded,
        EventKind::ServiceChanged,
        EventKind::ServiceRemoved,
        EventKind::DestAdded,
        EventKind::DestChanged,
        EventKind::DestRemoved,
        EventKind::ConfigChanged,
        EventKind::Committed,
        EventKind::Overloaded,
        EventKind::Relieved,
        EventKind::Draining,
        EventKind::Drained,
        EventKind::DrainExpired,
        EventKind::Ready,
        EventKind::Quiesced,
        EventKind::NoServer,
        EventKind::ServerAgain,
        EventKind::Pressure,
        EventKind::PressureOver,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(EventKind::ServiceAdded),
            1 => Some(EventKind::ServiceChanged),
            2 => Some(EventKind::ServiceRemoved),
            3 => Some(EventKind::DestAdded),
            4 => Some(EventKind::DestChanged),
            5 => Some(EventKind::DestRemoved),
            6 => Some(EventKind::ConfigChanged),
            7 => Some(EventKind::Committed),
            8 => Some(EventKind::Overloaded),
            9 => Some(EventKind::Relieved),
            10 => Some(EventKind::Draining),
            11 => Some(EventKind::Drained),
            12 => Some(EventKind::DrainExpired),
            13 => Some(EventKind::Ready),
            14 => Some(EventKind::Quiesced),
            15 => Some(EventKind::NoServer),
            16 => Some(EventKind::ServerAgain),
            17 => Some(EventKind::Pressure),
            18 => Some(EventKind::PressureOver),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            EventKind::ServiceAdded => "service-added",
            EventKind::ServiceChanged => "service-changed",
            EventKind::ServiceRemoved => "service-removed",
            EventKind::DestAdded => "dest-added",
            EventKind::DestChanged => "dest-changed",
            EventKind::DestRemoved => "dest-removed",
            EventKind::ConfigChanged => "config-changed",
            EventKind::Committed => "committed",
            EventKind::Overloaded => "overloaded",
            EventKind::Relieved => "relieved",
            EventKind::Draining => "draining",
            EventKind::Drained => "drained",
            EventKind::DrainExpired => "drain-expired",
            EventKind::Ready => "ready",
            EventKind::Quiesced => "quiesced",
            EventKind::NoServer => "no-server",
            EventKind::ServerAgain => "server-again",
            EventKind::Pressure => "pressure",
            EventKind::PressureOver => "pressure-over",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// What would become of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// It goes on through the host's own stack. Not rvs's business, or an answer to a client.
    Pass = 0,
    /// It goes to a destination.
    Forward = 1,
    /// It is dropped.
    Drop = 2,
    /// It is dropped and its sender is told.
    Reject = 3,
}

impl Verdict {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [Verdict] = &[
        Verdict::Pass,
        Verdict::Forward,
        Verdict::Drop,
        Verdict::Reject,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Verdict::Pass),
            1 => Some(Verdict::Forward),
            2 => Some(Verdict::Drop),
            3 => Some(Verdict::Reject),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Forward => "forward",
            Verdict::Drop => "drop",
            Verdict::Reject => "reject",
        }
    }

    /// Its number.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

/// By what the destination of a packet is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FlowFound {
    /// Neither a connection nor a service.
    Nothing = 0,
    /// An entry of the connection table.
    Conn = 1,
    /// Persistence; a new connection would be made.
    Template = 2,
    /// The scheduler's choice; a new connection would be made.
    Scheduler = 3,
    /// No server is usable; the fallback destination takes it.
    Fallback = 4,
    /// No server is usable; the packet goes on to where it was sent.
    Bypass = 5,
}

impl FlowFound {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [FlowFound] = &[
        FlowFound::Nothing,
        FlowFound::Conn,
        FlowFound::Template,
        FlowFound::Scheduler,
        FlowFound::Fallback,
        FlowFound::Bypass,
    ];

    /// The one with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(FlowFound::Nothing),
            1 => Some(FlowFound::Conn),
            2 => Some(FlowFound::Template),
            3 => Some(FlowFound::Scheduler),
            4 => Some(FlowFound::Fallback),
            5 => Some(FlowFound::Bypass),
            _ => None,
        }
    }

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            FlowFound::Nothing => "nothing",
            FlowFound::Conn => "conn",
            FlowFound::Template => "template",
            FlowFound::Scheduler => "scheduler",
            FlowFound::Fallback => "fallback",
            FlowFound::Bypass => "bypass",
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
    /// Connections per second.
    pub const CONN_RATE: u16 = 6;
    /// Packets from clients per second.
    pub const IN_PKT_RATE: u16 = 7;
    /// Bytes from clients per second.
    pub const IN_BYTE_RATE: u16 = 8;
    /// Packets to clients per second.
    pub const OUT_PKT_RATE: u16 = 9;
    /// Bytes to clients per second.
    pub const OUT_BYTE_RATE: u16 = 10;
    /// The highest number of this set.
    pub const MAX: u16 = 10;

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
        Attribute {
            kind: CONN_RATE,
            name: "conn-rate",
            nested: None,
        },
        Attribute {
            kind: IN_PKT_RATE,
            name: "in-pkt-rate",
            nested: None,
        },
        Attribute {
            kind: IN_BYTE_RATE,
            name: "in-byte-rate",
            nested: None,
        },
        Attribute {
            kind: OUT_PKT_RATE,
            name: "out-pkt-rate",
            nested: None,
        },
        Attribute {
            kind: OUT_BYTE_RATE,
            name: "out-byte-rate",
            nested: None,
        },
    ];
}

/// Attribute set `timeout`. How long a connection may be idle in one state.
pub mod timeout {
    use super::Attribute;

    /// The state.
    pub const STATE: u16 = 1;
    /// The timeout in seconds; for a service, 0 gives it the namespace's again.
    pub const SECONDS: u16 = 2;
    /// The highest number of this set.
    pub const MAX: u16 = 2;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: STATE,
            name: "state",
            nested: None,
        },
        Attribute {
            kind: SECONDS,
            name: "seconds",
            nested: None,
        },
    ];
}

/// Attribute set `service`.
pub mod service {
    use super::Attribute;

    /// Address family, 2 (AF_INET) or 10 (AF_INET6). Part of the key.
    pub const FAMILY: u16 = 1;
    /// IP protocol, 6 (TCP), 17 (UDP) or 132 (SCTP). Part of the key.
    pub const PROTOCOL: u16 = 2;
    /// Virtual address in network order, 4 or 16 bytes as the family says. Part of the key.
    pub const ADDR: u16 = 3;
    /// Virtual port; 0 is every port for which there is no other service. Part of the key.
    pub const PORT: u16 = 4;
    /// Name of the scheduler. Its module rvs_NAME is loaded when needed.
    pub const SCHEDULER: u16 = 5;
    /// Sum over the service's destinations, removed ones included. Read only.
    pub const STATS: u16 = 6;
    /// Number of destinations. Read only.
    pub const DESTS: u16 = 7;
    /// Firewall mark. The key of a service is the family and this, or family, protocol, address and
    /// port.
    pub const FWMARK: u16 = 8;
    /// What the service does beyond choosing servers; none when absent in a new one.
    pub const FLAGS: u16 = 9;
    /// Flags of the scheduler; none when absent in a new service.
    pub const SCHED_FLAGS: u16 = 10;
    /// Size of the scheduler's table, rounded as the scheduler says; 0 is its default.
    pub const SCHED_SIZE: u16 = 11;
    /// Seconds after which the scheduler forgets what was not used (lblc, lblcr); 0 is its default.
    pub const SCHED_EXPIRY: u16 = 12;
    /// Seconds for which a client keeps its server after its last new connection; 0 is not at all.
    pub const PERSIST_TIMEOUT: u16 = 13;
    /// Length of the prefix of client addresses that share a server; the whole address when absent
    /// in a new service.
    pub const PERSIST_PREFIX: u16 = 14;
    /// A timeout that differs from the namespace's.
    pub const TIMEOUT: u16 = 15;
    /// What becomes of a new connection for which no server is usable.
    pub const NO_SERVER: u16 = 16;
    /// The fallback destination, for no-server fallback.
    pub const FALLBACK: u16 = 17;
    /// Packets dropped on account of this service, one attribute for each reason for which there
    /// were any. Read only.
    pub const DROP: u16 = 18;
    /// Clients that are kept with their servers by persistence. Read only.
    pub const TEMPLATES: u16 = 19;
    /// Seconds over which the weight of a destination rises to what is configured, after it was
    /// added, made ready again or raised from weight 0; 0 is at once.
    pub const SLOW_START: u16 = 20;
    /// Who manages the service, a free name; none when absent in a new one.
    pub const OWNER: u16 = 21;
    /// The generation of the last change of the service. Read only.
    pub const GENERATION: u16 = 22;
    /// 1 for a service that is there no more; by this version not yet. Read only.
    pub const REMOVED: u16 = 23;
    /// The highest number of this set.
    pub const MAX: u16 = 23;

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
        Attribute {
            kind: FWMARK,
            name: "fwmark",
            nested: None,
        },
        Attribute {
            kind: FLAGS,
            name: "flags",
            nested: None,
        },
        Attribute {
            kind: SCHED_FLAGS,
            name: "sched-flags",
            nested: None,
        },
        Attribute {
            kind: SCHED_SIZE,
            name: "sched-size",
            nested: None,
        },
        Attribute {
            kind: SCHED_EXPIRY,
            name: "sched-expiry",
            nested: None,
        },
        Attribute {
            kind: PERSIST_TIMEOUT,
            name: "persist-timeout",
            nested: None,
        },
        Attribute {
            kind: PERSIST_PREFIX,
            name: "persist-prefix",
            nested: None,
        },
        Attribute {
            kind: TIMEOUT,
            name: "timeout",
            nested: Some(super::timeout::ATTRIBUTES),
        },
        Attribute {
            kind: NO_SERVER,
            name: "no-server",
            nested: None,
        },
        Attribute {
            kind: FALLBACK,
            name: "fallback",
            nested: Some(super::dest::ATTRIBUTES),
        },
        Attribute {
            kind: DROP,
            name: "drop",
            nested: Some(super::drop::ATTRIBUTES),
        },
        Attribute {
            kind: TEMPLATES,
            name: "templates",
            nested: None,
        },
        Attribute {
            kind: SLOW_START,
            name: "slow-start",
            nested: None,
        },
        Attribute {
            kind: OWNER,
            name: "owner",
            nested: None,
        },
        Attribute {
            kind: GENERATION,
            name: "generation",
            nested: None,
        },
        Attribute {
            kind: REMOVED,
            name: "removed",
            nested: None,
        },
    ];
}

/// Attribute set `dest`.
pub mod dest {
    use super::Attribute;

    /// Address of the real server, 4 or 16 bytes as its family says. Part of the key.
    pub const ADDR: u16 = 1;
    /// Port of the real server; 0 is the port that the client asked for. Part of the key.
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
    /// Address family of the server, the service's when absent. Another one than the service's
    /// needs the method tunnel. Part of the key.
    pub const FAMILY: u16 = 8;
    /// Connections at which the server takes no new ones; 0 is no limit.
    pub const UPPER: u16 = 9;
    /// Connections below which it takes new ones again; 0 is three quarters of upper. At most
    /// upper.
    pub const LOWER: u16 = 10;
    /// 1 while the server takes no new connections because of upper. Read only.
    pub const OVERLOADED: u16 = 11;
    /// Clients that persistence keeps with this server. Read only.
    pub const TEMPLATES: u16 = 12;
    /// What packets are put into, for the method tunnel; ipip when absent in a new one.
    pub const TUN_TYPE: u16 = 13;
    /// UDP port of the server for gue.
    pub const TUN_PORT: u16 = 14;
    /// How tunnel packets are protected.
    pub const TUN_FLAGS: u16 = 15;
    /// Whether the destination is to stay; in a request, draining begins to drain and ready ends
    /// that.
    pub const STATE: u16 = 16;
    /// What becomes of connections that are left when the time is up; wait when absent.
    pub const DRAIN_POLICY: u16 = 17;
    /// Seconds after which a draining destination is removed whatever it has; 0 is never.
    pub const DRAIN_TIMEOUT: u16 = 18;
    /// Seconds that are left of them. Read only.
    pub const DRAIN_LEFT: u16 = 19;
    /// The weight that the scheduler goes by now, during a slow start or while draining. Read only.
    pub const EFFECTIVE_WEIGHT: u16 = 20;
    /// Who manages the destination; the service's owner when absent in a new one.
    pub const OWNER: u16 = 21;
    /// The generation of the last change of the destination. Read only.
    pub const GENERATION: u16 = 22;
    /// 1 for a destination that is there no more; by this version not yet. Read only.
    pub const REMOVED: u16 = 23;
    /// The highest number of this set.
    pub const MAX: u16 = 23;

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
        Attribute {
            kind: FAMILY,
            name: "family",
            nested: None,
        },
        Attribute {
            kind: UPPER,
            name: "upper",
            nested: None,
        },
        Attribute {
            kind: LOWER,
            name: "lower",
            nested: None,
        },
        Attribute {
            kind: OVERLOADED,
            name: "overloaded",
            nested: None,
        },
        Attribute {
            kind: TEMPLATES,
            name: "templates",
            nested: None,
        },
        Attribute {
            kind: TUN_TYPE,
            name: "tun-type",
            nested: None,
        },
        Attribute {
            kind: TUN_PORT,
            name: "tun-port",
            nested: None,
        },
        Attribute {
            kind: TUN_FLAGS,
            name: "tun-flags",
            nested: None,
        },
        Attribute {
            kind: STATE,
            name: "state",
            nested: None,
        },
        Attribute {
            kind: DRAIN_POLICY,
            name: "drain-policy",
            nested: None,
        },
        Attribute {
            kind: DRAIN_TIMEOUT,
            name: "drain-timeout",
            nested: None,
        },
        Attribute {
            kind: DRAIN_LEFT,
            name: "drain-left",
            nested: None,
        },
        Attribute {
            kind: EFFECTIVE_WEIGHT,
            name: "effective-weight",
            nested: None,
        },
        Attribute {
            kind: OWNER,
            name: "owner",
            nested: None,
        },
        Attribute {
            kind: GENERATION,
            name: "generation",
            nested: None,
        },
        Attribute {
            kind: REMOVED,
            name: "removed",
            nested: None,
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
    /// Address family of the destination, when it is another.
    pub const DEST_FAMILY: u16 = 12;
    /// Firewall mark of the service, when the service is one.
    pub const FWMARK: u16 = 13;
    /// 1 for what persistence remembers of a client (port 0, address without what the prefix leaves
    /// out; for a service with a firewall mark also protocol and virtual address 0).
    pub const TEMPLATE: u16 = 14;
    /// The highest number of this set.
    pub const MAX: u16 = 14;

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
        Attribute {
            kind: DEST_FAMILY,
            name: "dest-family",
            nested: None,
        },
        Attribute {
            kind: FWMARK,
            name: "fwmark",
            nested: None,
        },
        Attribute {
            kind: TEMPLATE,
            name: "template",
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
    /// Idle timeout of connections in any one state.
    pub const TIMEOUT: u16 = 4;
    /// The highest number of this set.
    pub const MAX: u16 = 4;

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
        Attribute {
            kind: TIMEOUT,
            name: "timeout",
            nested: Some(super::timeout::ATTRIBUTES),
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
    /// Packets handled by rvs that left, through POST_ROUTING or on the fast path.
    pub const SENT_PKTS: u16 = 10;
    /// Bytes of those packets.
    pub const SENT_BYTES: u16 = 11;
    /// Drop counters, one attribute for each reason.
    pub const DROP: u16 = 12;
    /// A scheduler that is loaded, one attribute each.
    pub const SCHEDULER: u16 = 13;
    /// Name of a feature that this module has, one attribute each.
    pub const FEATURE: u16 = 14;
    /// A scheduler that was built with this module, loaded or not, one attribute each.
    pub const KNOWN_SCHEDULER: u16 = 15;
    /// The generation of the configuration; it changes with every change.
    pub const GENERATION: u16 = 16;
    /// Connections that the namespace may have; 0 is no limit.
    pub const CONN_LIMIT: u16 = 17;
    /// Changes that one transaction may have; 0 is no limit.
    pub const CHANGE_LIMIT: u16 = 18;
    /// The oldest generation of which a dump of what changed since can tell.
    pub const SINCE: u16 = 19;
    /// Those of the packets that left on the fast path.
    pub const FAST_PKTS: u16 = 20;
    /// Bytes of those packets.
    pub const FAST_BYTES: u16 = 21;
    /// Devices at whose ingress the fast path takes packets.
    pub const FAST_DEVICES: u16 = 22;
    /// The highest number of this set.
    pub const MAX: u16 = 22;

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
        Attribute {
            kind: KNOWN_SCHEDULER,
            name: "known-scheduler",
            nested: None,
        },
        Attribute {
            kind: GENERATION,
            name: "generation",
            nested: None,
        },
        Attribute {
            kind: CONN_LIMIT,
            name: "conn-limit",
            nested: None,
        },
        Attribute {
            kind: CHANGE_LIMIT,
            name: "change-limit",
            nested: None,
        },
        Attribute {
            kind: SINCE,
            name: "since",
            nested: None,
        },
        Attribute {
            kind: FAST_PKTS,
            name: "fast-pkts",
            nested: None,
        },
        Attribute {
            kind: FAST_BYTES,
            name: "fast-bytes",
            nested: None,
        },
        Attribute {
            kind: FAST_DEVICES,
            name: "fast-devices",
            nested: None,
        },
    ];
}

/// Attribute set `change`. One change of a transaction.
pub mod change {
    use super::Attribute;

    /// What it does.
    pub const OP: u16 = 1;
    /// The service.
    pub const SERVICE: u16 = 2;
    /// The destination.
    pub const DEST: u16 = 3;
    /// Settings.
    pub const CONFIG: u16 = 4;
    /// The highest number of this set.
    pub const MAX: u16 = 4;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: OP,
            name: "op",
            nested: None,
        },
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
            kind: CONFIG,
            name: "config",
            nested: Some(super::config::ATTRIBUTES),
        },
    ];
}

/// Attribute set `filter`. Which connections. All that is given must be so.
pub mod filter {
    use super::Attribute;

    /// Address family; needed with any address.
    pub const FAMILY: u16 = 1;
    /// IP protocol.
    pub const PROTOCOL: u16 = 2;
    /// Client address, or its first bits.
    pub const CLIENT_ADDR: u16 = 3;
    /// How many bits of it count; all when absent.
    pub const CLIENT_PREFIX: u16 = 4;
    /// Client port.
    pub const CLIENT_PORT: u16 = 5;
    /// Virtual address, or its first bits.
    pub const VIRTUAL_ADDR: u16 = 6;
    /// How many bits of it count; all when absent.
    pub const VIRTUAL_PREFIX: u16 = 7;
    /// Virtual port.
    pub const VIRTUAL_PORT: u16 = 8;
    /// Address family of the server, when it is another.
    pub const DEST_FAMILY: u16 = 9;
    /// Server's address, or its first bits.
    pub const DEST_ADDR: u16 = 10;
    /// How many bits of it count; all when absent.
    pub const DEST_PREFIX: u16 = 11;
    /// Server's port.
    pub const DEST_PORT: u16 = 12;
    /// Protocol state.
    pub const STATE: u16 = 13;
    /// Firewall mark that is the key of the service.
    pub const FWMARK: u16 = 14;
    /// Forwarding method.
    pub const METHOD: u16 = 15;
    /// The service (its key) that the connection was scheduled by.
    pub const SERVICE: u16 = 16;
    /// 1 for what persistence remembers alone, 0 for connections alone; both when absent.
    pub const TEMPLATE: u16 = 17;
    /// The highest number of this set.
    pub const MAX: u16 = 17;

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
            kind: CLIENT_PREFIX,
            name: "client-prefix",
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
            kind: VIRTUAL_PREFIX,
            name: "virtual-prefix",
            nested: None,
        },
        Attribute {
            kind: VIRTUAL_PORT,
            name: "virtual-port",
            nested: None,
        },
        Attribute {
            kind: DEST_FAMILY,
            name: "dest-family",
            nested: None,
        },
        Attribute {
            kind: DEST_ADDR,
            name: "dest-addr",
            nested: None,
        },
        Attribute {
            kind: DEST_PREFIX,
            name: "dest-prefix",
            nested: None,
        },
        Attribute {
            kind: DEST_PORT,
            name: "dest-port",
            nested: None,
        },
        Attribute {
            kind: STATE,
            name: "state",
            nested: None,
        },
        Attribute {
            kind: FWMARK,
            name: "fwmark",
            nested: None,
        },
        Attribute {
            kind: METHOD,
            name: "method",
            nested: None,
        },
        Attribute {
            kind: SERVICE,
            name: "service",
            nested: Some(super::service::ATTRIBUTES),
        },
        Attribute {
            kind: TEMPLATE,
            name: "template",
            nested: None,
        },
    ];
}

/// Attribute set `flow`. A packet to explain, as it would come in.
pub mod flow {
    use super::Attribute;

    /// Address family.
    pub const FAMILY: u16 = 1;
    /// IP protocol.
    pub const PROTOCOL: u16 = 2;
    /// Source address.
    pub const SRC_ADDR: u16 = 3;
    /// Source port; 0 when absent.
    pub const SRC_PORT: u16 = 4;
    /// Destination address.
    pub const DST_ADDR: u16 = 5;
    /// Destination port; 0 when absent.
    pub const DST_PORT: u16 = 6;
    /// Firewall mark; 0 when absent.
    pub const MARK: u16 = 7;
    /// Flags of the TCP header; SYN when absent. A packet of SCTP is an INIT.
    pub const TCP_FLAGS: u16 = 8;
    /// The highest number of this set.
    pub const MAX: u16 = 8;

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
            kind: SRC_ADDR,
            name: "src-addr",
            nested: None,
        },
        Attribute {
            kind: SRC_PORT,
            name: "src-port",
            nested: None,
        },
        Attribute {
            kind: DST_ADDR,
            name: "dst-addr",
            nested: None,
        },
        Attribute {
            kind: DST_PORT,
            name: "dst-port",
            nested: None,
        },
        Attribute {
            kind: MARK,
            name: "mark",
            nested: None,
        },
        Attribute {
            kind: TCP_FLAGS,
            name: "tcp-flags",
            nested: None,
        },
    ];
}

/// Attribute set `explanation`. What would become of a packet, and why. Read only.
pub mod explanation {
    use super::Attribute;

    /// What would become of it.
    pub const VERDICT: u16 = 1;
    /// By what the destination is known.
    pub const FOUND: u16 = 2;
    /// The service that matched.
    pub const SERVICE: u16 = 3;
    /// The destination.
    pub const DEST: u16 = 4;
    /// The connection that was found.
    pub const CONN: u16 = 5;
    /// 1 when another destination may come: the scheduler draws anew for every packet, or an ended
    /// connection is removed first, whose place counts.
    pub const RANDOM: u16 = 6;
    /// Forwarding method.
    pub const METHOD: u16 = 7;
    /// The counter that would count up.
    pub const REASON: u16 = 8;
    /// Why, in a sentence.
    pub const TEXT: u16 = 9;
    /// Index of the device by which the packet would leave.
    pub const ROUTE_DEV: u16 = 10;
    /// Address of the gateway; absent without one. Its length says its family.
    pub const ROUTE_VIA: u16 = 11;
    /// Source address of the outer header, for the method tunnel.
    pub const ROUTE_SOURCE: u16 = 12;
    /// Path MTU to the destination.
    pub const ROUTE_MTU: u16 = 13;
    /// The highest number of this set.
    pub const MAX: u16 = 13;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: VERDICT,
            name: "verdict",
            nested: None,
        },
        Attribute {
            kind: FOUND,
            name: "found",
            nested: None,
        },
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
            kind: RANDOM,
            name: "random",
            nested: None,
        },
        Attribute {
            kind: METHOD,
            name: "method",
            nested: None,
        },
        Attribute {
            kind: REASON,
            name: "reason",
            nested: None,
        },
        Attribute {
            kind: TEXT,
            name: "text",
            nested: None,
        },
        Attribute {
            kind: ROUTE_DEV,
            name: "route-dev",
            nested: None,
        },
        Attribute {
            kind: ROUTE_VIA,
            name: "route-via",
            nested: None,
        },
        Attribute {
            kind: ROUTE_SOURCE,
            name: "route-source",
            nested: None,
        },
        Attribute {
            kind: ROUTE_MTU,
            name: "route-mtu",
            nested: None,
        },
    ];
}

/// Attribute set `event`. Something that happened.
pub mod event {
    use super::Attribute;

    /// What.
    pub const KIND: u16 = 1;
    /// The generation of the configuration that it belongs to.
    pub const GENERATION: u16 = 2;
    /// Events of the namespace and group are numbered one by one; a gap means that one was lost.
    pub const NUMBER: u16 = 3;
    /// The service, or its key.
    pub const SERVICE: u16 = 4;
    /// The destination, or its key.
    pub const DEST: u16 = 5;
    /// Connections of the destination or the namespace.
    pub const CONNS: u16 = 6;
    /// The limit that they are compared with.
    pub const LIMIT: u16 = 7;
    /// The highest number of this set.
    pub const MAX: u16 = 7;

    /// All attributes of this set.
    pub const ATTRIBUTES: &[Attribute] = &[
        Attribute {
            kind: KIND,
            name: "kind",
            nested: None,
        },
        Attribute {
            kind: GENERATION,
            name: "generation",
            nested: None,
        },
        Attribute {
            kind: NUMBER,
            name: "number",
            nested: None,
        },
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
            kind: CONNS,
            name: "conns",
            nested: None,
        },
        Attribute {
            kind: LIMIT,
            name: "limit",
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
    /// A change of a transaction, applied in the order of the message.
    pub const CHANGE: u16 = 6;
    /// The generation; in a request, the one that must still be there.
    pub const GENERATION: u16 = 7;
    /// Check, and change nothing.
    pub const DRY_RUN: u16 = 8;
    /// Name of an owner.
    pub const OWNER: u16 = 9;
    /// Also touch what belongs to others.
    pub const FORCE: u16 = 10;
    /// Which connections.
    pub const FILTER: u16 = 11;
    /// Only what changed after this generation.
    pub const SINCE: u16 = 12;
    /// How many.
    pub const COUNT: u16 = 13;
    /// A packet to explain.
    pub const FLOW: u16 = 14;
    /// What would become of it.
    pub const EXPLANATION: u16 = 15;
    /// Something that happened.
    pub const EVENT: u16 = 16;
    /// The highest number of this set.
    pub const MAX: u16 = 16;

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
        Attribute {
            kind: CHANGE,
            name: "change",
            nested: Some(super::change::ATTRIBUTES),
        },
        Attribute {
            kind: GENERATION,
            name: "generation",
            nested: None,
        },
        Attribute {
            kind: DRY_RUN,
            name: "dry-run",
            nested: None,
        },
        Attribute {
            kind: OWNER,
            name: "owner",
            nested: None,
        },
        Attribute {
            kind: FORCE,
            name: "force",
            nested: None,
        },
        Attribute {
            kind: FILTER,
            name: "filter",
            nested: Some(super::filter::ATTRIBUTES),
        },
        Attribute {
            kind: SINCE,
            name: "since",
            nested: None,
        },
        Attribute {
            kind: COUNT,
            name: "count",
            nested: None,
        },
        Attribute {
            kind: FLOW,
            name: "flow",
            nested: Some(super::flow::ATTRIBUTES),
        },
        Attribute {
            kind: EXPLANATION,
            name: "explanation",
            nested: Some(super::explanation::ATTRIBUTES),
        },
        Attribute {
            kind: EVENT,
            name: "event",
            nested: Some(super::event::ATTRIBUTES),
        },
    ];
}

/// Commands.
pub mod cmd {
    /// Add a service. Needs its key and the scheduler. EEXIST when it exists, ENOENT when the
    /// scheduler cannot be found.
    pub const SERVICE_NEW: u8 = 1;
    /// Change settings of a service; what is absent stays. ESRCH when there is no such service.
    pub const SERVICE_SET: u8 = 2;
    /// Remove a service and its destinations. ESRCH when there is no such service.
    pub const SERVICE_DEL: u8 = 3;
    /// One service by its key, or all services, those of an owner, or those that changed after a
    /// generation. ESRCH when there is no such service; ESTALE when something may have been removed
    /// since.
    pub const SERVICE_GET: u8 = 4;
    /// Add a destination to a service. Needs both keys; method is direct and weight 1 when absent.
    /// EEXIST when it exists, ESRCH when there is no such service.
    pub const DEST_NEW: u8 = 5;
    /// Change settings of a destination; what is absent stays. ENOENT when the service has no such
    /// destination, ESRCH when there is no such service.
    pub const DEST_SET: u8 = 6;
    /// Remove a destination. ENOENT when the service has no such destination, ESRCH when there is
    /// no such service.
    pub const DEST_DEL: u8 = 7;
    /// One destination by its keys, or all destinations of a service, newest first, or without a
    /// service those of all services; those of an owner, or those that changed after a generation.
    /// ESTALE when something may have been removed since. ENOENT when the service has no such
    /// destination, ESRCH when there is no such service.
    pub const DEST_GET: u8 = 8;
    /// All connections, or those that a filter lets pass, in no particular order.
    pub const CONN_GET: u8 = 9;
    /// Remove all services and their destinations; with owner those of this owner alone. Without
    /// owner, EPERM when there are objects with one, unless force is there.
    pub const FLUSH: u8 = 10;
    /// Change settings.
    pub const CONFIG_SET: u8 = 11;
    /// Show settings.
    pub const CONFIG_GET: u8 = 12;
    /// Version, features and table sizes of the module.
    pub const INFO_GET: u8 = 13;
    /// Begin to count anew: a destination, a service with its destinations, or everything in the
    /// namespace. ESRCH when there is no such service, ENOENT when it has no such destination.
    pub const ZERO: u8 = 14;
    /// Make any number of changes as one step, of which no packet sees half. Refused as a whole
    /// when one change is refused; the extended ack names that one. With generation, ESTALE when
    /// the configuration has another one by now. The owner is that of all new objects that do not
    /// name another, and changes of objects of others are refused with EPERM unless force is there.
    /// The reply has the generation and the count of changes.
    pub const TRANSACT: u8 = 15;
    /// Remove connections and what persistence remembers, by a filter, or all. With force both ends
    /// of established TCP connections get a RST (method nat only). The reply has their count.
    pub const CONN_DEL: u8 = 16;
    /// What would become of a packet, and why, without any effect. What other parts of the network
    /// stack do with it (netfilter rules, filters of reverse paths) is not looked at.
    pub const EXPLAIN: u8 = 17;
    /// Something happened. Sent to the groups that event-kind names.
    pub const EVENT: u8 = 18;
}
