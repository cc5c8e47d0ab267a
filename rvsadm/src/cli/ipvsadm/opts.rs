// SPDX-License-Identifier: GPL-2.0

//! The commands and options of ipvsadm.

/// What to do; exactly one is given, in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Add a service.
    AddService,
    /// Change a service.
    EditService,
    /// Remove a service.
    DeleteService,
    /// Remove all services.
    Flush,
    /// List something.
    List,
    /// Add a server.
    AddServer,
    /// Remove a server.
    DeleteServer,
    /// Change a server.
    EditServer,
    /// Set timeouts.
    Set,
    /// Run the command lines that are read.
    Restore,
    /// Print the command lines that make what there is.
    Save,
    /// Count anew.
    Zero,
    /// Start to synchronise connections.
    StartDaemon,
    /// Stop to synchronise connections.
    StopDaemon,
    /// Explain the command.
    Help,
    /// Name the version.
    Version,
}

impl Command {
    /// The name in ipvsadm's messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddService => "add-service",
            Self::EditService => "edit-service",
            Self::DeleteService => "delete-service",
            Self::Flush => "flush",
            Self::List => "list",
            Self::AddServer => "add-server",
            Self::DeleteServer => "delete-server",
            Self::EditServer => "edit-server",
            Self::Set => "set",
            Self::Restore => "restore",
            Self::Save => "save",
            Self::Zero => "zero",
            Self::StartDaemon => "start-daemon",
            Self::StopDaemon => "stop-daemon",
            Self::Help => "help",
            Self::Version => "version",
        }
    }
}

/// An option of a command, in the order in which ipvsadm checks them. Several flags can be
/// the same option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opt {
    /// Print numbers, not names.
    Numeric,
    /// List connections.
    Connection,
    /// The service.
    Service,
    /// The scheduler.
    Scheduler,
    /// Clients keep their server.
    Persistent,
    /// Which clients share a server.
    Netmask,
    /// The server.
    Server,
    /// How packets reach the server.
    Forward,
    /// The weight of the server.
    Weight,
    /// Connections at which the server takes no new ones.
    Upper,
    /// Connections below which the server takes new ones again.
    Lower,
    /// Where connections are synchronised.
    McastInterface,
    /// List timeouts.
    Timeout,
    /// List synchronisation daemons.
    Daemon,
    /// List counters.
    Stats,
    /// List rates.
    Rate,
    /// List the limits of servers.
    Thresholds,
    /// List what persistence remembers.
    PersistentConn,
    /// List in the order of the kernel.
    NoSort,
    /// The number of a group of directors.
    SyncId,
    /// Print large numbers in full.
    Exact,
    /// Schedule each packet.
    OnePacket,
    /// What recognises a client.
    Engine,
    /// Flags of the scheduler.
    SchedFlags,
    /// The group that directors send to.
    McastGroup,
    /// The port that directors send to.
    McastPort,
    /// How far those packets go.
    McastTtl,
    /// How long those packets may be.
    SyncMaxlen,
    /// List what tunnel packets are like.
    TunInfo,
    /// What packets are put into.
    TunType,
    /// The UDP port of the tunnel.
    TunPort,
    /// Tunnel packets without a checksum.
    TunNoCsum,
    /// Tunnel packets with a checksum.
    TunCsum,
    /// Tunnel packets with remote checksum offload.
    TunRemCsum,
}

impl Opt {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Numeric,
        Self::Connection,
        Self::Service,
        Self::Scheduler,
        Self::Persistent,
        Self::Netmask,
        Self::Server,
        Self::Forward,
        Self::Weight,
        Self::Upper,
        Self::Lower,
        Self::McastInterface,
        Self::Timeout,
        Self::Daemon,
        Self::Stats,
        Self::Rate,
        Self::Thresholds,
        Self::PersistentConn,
        Self::NoSort,
        Self::SyncId,
        Self::Exact,
        Self::OnePacket,
        Self::Engine,
        Self::SchedFlags,
        Self::McastGroup,
        Self::McastPort,
        Self::McastTtl,
        Self::SyncMaxlen,
        Self::TunInfo,
        Self::TunType,
        Self::TunPort,
        Self::TunNoCsum,
        Self::TunCsum,
        Self::TunRemCsum,
    ];

    /// The name in ipvsadm's messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Connection => "connection",
            Self::Service => "service-address",
            Self::Scheduler => "scheduler",
            Self::Persistent => "persistent",
            Self::Netmask => "netmask",
            Self::Server => "real-server",
            Self::Forward => "forwarding-method",
            Self::Weight => "weight",
            Self::Upper => "u-threshold",
            Self::Lower => "l-threshold",
            Self::McastInterface => "mcast-interface",
            Self::Timeout => "timeout",
            Self::Daemon => "daemon",
            Self::Stats => "stats",
            Self::Rate => "rate",
            Self::Thresholds => "thresholds",
            Self::PersistentConn => "persistent-conn",
            Self::NoSort => "nosort",
            Self::SyncId => "syncid",
            Self::Exact => "exact",
            Self::OnePacket => "ops",
            Self::Engine => "pe",
            Self::SchedFlags => "sched-flags",
            Self::McastGroup => "mcast-group",
            Self::McastPort => "mcast-port",
            Self::McastTtl => "mcast-ttl",
            Self::SyncMaxlen => "sync-maxlen",
            Self::TunInfo => "tun-info",
            Self::TunType => "tun-type",
            Self::TunPort => "tun-port",
            Self::TunNoCsum => "tun-nocsum",
            Self::TunCsum => "tun-csum",
            Self::TunRemCsum => "tun-remcsum",
        }
    }
}
