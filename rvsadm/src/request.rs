// SPDX-License-Identifier: GPL-2.0

//! The requests of the netlink interface, typed.

mod filter;
mod owner;
mod transaction;
mod write;

pub use filter::{
    Filter,
    Flow,
    Range, //
};
pub use owner::Owner;
use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    uapi::{
        cmd,
        ConnState,
        DrainPolicy,
        Method,
        NoServer,
        TunType, //
    },
};
use std::fmt;
pub use transaction::{
    Change,
    Transaction, //
};

/// What names a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServiceKey {
    /// The family of its packets.
    pub family: Family,
    /// Which packets those are.
    pub matches: Match,
}

/// The packets of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Match {
    /// Those of a protocol to an address and a port; port 0 is every port.
    Address(Protocol, Endpoint),
    /// Those that carry a firewall mark.
    Mark(u32),
}

impl ServiceKey {
    /// The service at an address.
    pub const fn at(family: Family, protocol: Protocol, endpoint: Endpoint) -> Self {
        Self {
            family,
            matches: Match::Address(protocol, endpoint),
        }
    }

    /// The service of a firewall mark.
    pub const fn marked(family: Family, mark: u32) -> Self {
        Self {
            family,
            matches: Match::Mark(mark),
        }
    }

    /// Its protocol, if it has just one.
    pub const fn protocol(&self) -> Option<Protocol> {
        match self.matches {
            Match::Address(protocol, _) => Some(protocol),
            Match::Mark(_) => None,
        }
    }

    /// Its port, or 0.
    pub const fn port(&self) -> u16 {
        match self.matches {
            Match::Address(_, endpoint) => endpoint.port,
            Match::Mark(_) => 0,
        }
    }

    /// Its firewall mark, or 0.
    pub const fn mark(&self) -> u32 {
        match self.matches {
            Match::Address(..) => 0,
            Match::Mark(mark) => mark,
        }
    }

    /// Its address and port, or zeros.
    pub fn endpoint(&self) -> Endpoint {
        match self.matches {
            Match::Address(_, endpoint) => endpoint,
            Match::Mark(_) => Endpoint::new(Addr::UNSPECIFIED, 0),
        }
    }
}

/// What names a server within its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerKey {
    /// The family of its address.
    pub family: Family,
    /// Its address and port.
    pub endpoint: Endpoint,
}

impl fmt::Display for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.endpoint.display(self.family).fmt(f)
    }
}

/// How long connections may be idle in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// The state.
    pub state: ConnState,
    /// The time in seconds.
    pub seconds: u32,
}

/// What a service does; what is `None` is left to the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSpec {
    /// The name of its scheduler.
    pub scheduler: Option<String>,
    /// Bits of [`rvs_logic::logic::uapi::ServiceFlag`].
    pub flags: Option<u32>,
    /// Bits of [`rvs_logic::logic::uapi::SchedFlag`].
    pub sched_flags: Option<u32>,
    /// Size of the scheduler's table.
    pub sched_size: Option<u32>,
    /// Seconds after which the scheduler forgets.
    pub sched_expiry: Option<u32>,
    /// Seconds for which a client keeps its server.
    pub persist_timeout: Option<u32>,
    /// Length of the prefix of clients that share a server.
    pub persist_prefix: Option<u8>,
    /// Timeouts of its own; those of states that are not named stay.
    pub timeouts: Vec<Timeout>,
    /// What becomes of a connection without a server.
    pub no_server: Option<NoServer>,
    /// The server for those connections.
    pub fallback: Option<ServerSpec>,
    /// Seconds over which the weight of a new server rises.
    pub slow_start: Option<u32>,
    /// Who manages it.
    pub owner: Option<Owner>,
}

impl ServiceSpec {
    /// A service with this scheduler.
    pub fn scheduler(name: impl Into<String>) -> Self {
        Self {
            scheduler: Some(name.into()),
            ..Self::default()
        }
    }
}

/// A server of a service; what is `None` is left to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerSpec {
    /// What names it.
    pub key: ServerKey,
    /// How packets reach it.
    pub method: Option<Method>,
    /// Its weight.
    pub weight: Option<u32>,
    /// Connections at which it takes no new ones.
    pub upper: Option<u32>,
    /// Connections below which it takes new ones again.
    pub lower: Option<u32>,
    /// What tunnel packets are like.
    pub tunnel: Option<Tunnel>,
    /// Whether it is to stay.
    pub stay: Option<Stay>,
    /// Who manages it.
    pub owner: Option<Owner>,
}

/// Whether a server is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// It stays.
    Ready,
    /// It takes no new connections, and goes when it has none left.
    Drain {
        /// Seconds after which it goes whatever it has; 0 is never.
        timeout: u32,
        /// What becomes of connections that are left then.
        policy: DrainPolicy,
    },
}

impl ServerSpec {
    /// Only the key of a server.
    pub const fn key(key: ServerKey) -> Self {
        Self {
            key,
            method: None,
            weight: None,
            upper: None,
            lower: None,
            tunnel: None,
            stay: None,
            owner: None,
        }
    }
}

/// What the packets of the method tunnel are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// What packets are put into.
    pub kind: TunType,
    /// The UDP port of the server for GUE, otherwise 0.
    pub port: u16,
    /// Bits of [`rvs_logic::logic::uapi::TunFlag`].
    pub flags: u16,
}

impl Tunnel {
    /// IP in IP.
    pub const IPIP: Self = Self {
        kind: TunType::Ipip,
        port: 0,
        flags: 0,
    };
}

/// The settings of a namespace; what is `None` keeps its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Idle timeout of established TCP connections, in seconds.
    pub timeout_tcp: Option<u32>,
    /// Idle timeout of TCP connections in FIN_WAIT, in seconds.
    pub timeout_tcp_fin: Option<u32>,
    /// Idle timeout of UDP connections, in seconds.
    pub timeout_udp: Option<u32>,
    /// Idle timeouts by state; those of states that are not named stay.
    pub timeouts: Vec<Timeout>,
}

/// One request to the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Add a service.
    ServiceNew(ServiceKey, ServiceSpec),
    /// Change a service.
    ServiceSet(ServiceKey, ServiceSpec),
    /// Remove a service and its servers.
    ServiceDel(ServiceKey),
    /// Ask for one service.
    ServiceGet(ServiceKey),
    /// Ask for all services.
    ServiceDump,
    /// Add a server to a service.
    ServerNew(ServiceKey, ServerSpec),
    /// Change a server.
    ServerSet(ServiceKey, ServerSpec),
    /// Remove a server from its service.
    ServerDel(ServiceKey, ServerKey),
    /// Ask for all servers of a service.
    ServerDump(ServiceKey),
    /// Ask for connections.
    ConnDump(Filter),
    /// Remove connections; with `reset` both ends of TCP connections are told.
    ConnDel {
        /// Which.
        filter: Filter,
        /// Whether both ends get a RST.
        reset: bool,
    },
    /// Ask what would become of a packet.
    Explain(Flow),
    /// Remove all services, or those of an owner.
    Flush {
        /// Only what this owner has.
        owner: Option<Owner>,
        /// Also what owners have.
        force: bool,
    },
    /// Make many changes as one step.
    Transact(Transaction),
    /// Change settings.
    ConfigSet(Config),
    /// Ask for the settings.
    ConfigGet,
    /// Ask for the state of the module.
    InfoGet,
    /// Count anew: everything, a service with its servers, or one server.
    Zero(Option<(ServiceKey, Option<ServerKey>)>),
}

impl Request {
    /// Remove all services that nobody owns.
    pub const FLUSH: Self = Self::Flush {
        owner: None,
        force: false,
    };

    /// The number of the command.
    pub fn command(&self) -> u8 {
        match self {
            Self::ServiceNew(..) => cmd::SERVICE_NEW,
            Self::ServiceSet(..) => cmd::SERVICE_SET,
            Self::ServiceDel(_) => cmd::SERVICE_DEL,
            Self::ServiceGet(_) | Self::ServiceDump => cmd::SERVICE_GET,
            Self::ServerNew(..) => cmd::DEST_NEW,
            Self::ServerSet(..) => cmd::DEST_SET,
            Self::ServerDel(..) => cmd::DEST_DEL,
            Self::ServerDump(_) => cmd::DEST_GET,
            Self::ConnDump(_) => cmd::CONN_GET,
            Self::ConnDel { .. } => cmd::CONN_DEL,
            Self::Explain(_) => cmd::EXPLAIN,
            Self::Flush { .. } => cmd::FLUSH,
            Self::Transact(_) => cmd::TRANSACT,
            Self::ConfigSet(_) => cmd::CONFIG_SET,
            Self::ConfigGet => cmd::CONFIG_GET,
            Self::InfoGet => cmd::INFO_GET,
            Self::Zero(_) => cmd::ZERO,
        }
    }

    /// Whether the answer is a list.
    pub fn is_dump(&self) -> bool {
        matches!(
            self,
            Self::ServiceDump | Self::ServerDump(_) | Self::ConnDump(_)
        )
    }
}
