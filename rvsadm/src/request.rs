// SPDX-License-Identifier: GPL-2.0

//! The requests of the netlink interface, typed, and how they are written as attributes.

use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    nla::{
        Full,
        Writer, //
    },
    uapi::{
        self,
        cmd,
        Method, //
    },
};

/// What names a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceKey {
    /// The family of its address and of the addresses of its servers.
    pub family: Family,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its virtual address and port.
    pub endpoint: Endpoint,
}

/// A server of a service; what is `None` is left to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerSpec {
    /// Its address and port, which name it within its service.
    pub endpoint: Endpoint,
    /// How packets reach it.
    pub method: Option<Method>,
    /// Its weight.
    pub weight: Option<u32>,
}

/// The settings of a namespace; what is `None` keeps its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Idle timeout of established TCP connections, in seconds.
    pub timeout_tcp: Option<u32>,
    /// Idle timeout of TCP connections in FIN_WAIT, in seconds.
    pub timeout_tcp_fin: Option<u32>,
    /// Idle timeout of UDP connections, in seconds.
    pub timeout_udp: Option<u32>,
}

/// One request to the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Add a service with this scheduler.
    ServiceNew(ServiceKey, String),
    /// Give a service another scheduler.
    ServiceSet(ServiceKey, String),
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
    ServerDel(ServiceKey, Endpoint),
    /// Ask for all servers of a service.
    ServerDump(ServiceKey),
    /// Ask for all connections.
    ConnDump,
    /// Remove all services.
    Flush,
    /// Change settings.
    ConfigSet(Config),
    /// Ask for the settings.
    ConfigGet,
    /// Ask for the state of the module.
    InfoGet,
}

impl Request {
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
            Self::ConnDump => cmd::CONN_GET,
            Self::Flush => cmd::FLUSH,
            Self::ConfigSet(_) => cmd::CONFIG_SET,
            Self::ConfigGet => cmd::CONFIG_GET,
            Self::InfoGet => cmd::INFO_GET,
        }
    }

    /// Whether the answer is a list.
    pub fn is_dump(&self) -> bool {
        matches!(
            self,
            Self::ServiceDump | Self::ServerDump(_) | Self::ConnDump
        )
    }

    /// Writes the attributes of the request.
    pub fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        match self {
            Self::ServiceNew(key, scheduler) | Self::ServiceSet(key, scheduler) => {
                write_service(to, key, Some(scheduler))
            }
            Self::ServiceDel(key) | Self::ServiceGet(key) | Self::ServerDump(key) => {
                write_service(to, key, None)
            }
            Self::ServerNew(key, server) | Self::ServerSet(key, server) => {
                write_service(to, key, None)?;
                write_server(to, key.family, server)
            }
            Self::ServerDel(key, endpoint) => {
                write_service(to, key, None)?;
                write_server(to, key.family, &ServerSpec::key(*endpoint))
            }
            Self::ConfigSet(config) => write_config(to, config),
            Self::ServiceDump | Self::ConnDump => Ok(()),
            Self::Flush | Self::ConfigGet | Self::InfoGet => Ok(()),
        }
    }
}

impl ServerSpec {
    /// Only the key of a server.
    pub const fn key(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            method: None,
            weight: None,
        }
    }
}

fn write_service(
    to: &mut Writer<'_>,
    key: &ServiceKey,
    scheduler: Option<&str>,
) -> Result<(), Full> {
    use uapi::service as id;

    let nest = to.nest_start(uapi::rvs::SERVICE)?;
    to.put_u16(id::FAMILY, key.family.af())?;
    to.put_u8(id::PROTOCOL, key.protocol.0)?;
    write_addr(to, id::ADDR, key.family, key.endpoint.addr)?;
    to.put_u16_be(id::PORT, key.endpoint.port)?;
    if let Some(name) = scheduler {
        to.put_str(id::SCHEDULER, name)?;
    }
    to.nest_end(nest)
}

fn write_server(to: &mut Writer<'_>, family: Family, server: &ServerSpec) -> Result<(), Full> {
    use uapi::dest as id;

    let nest = to.nest_start(uapi::rvs::DEST)?;
    write_addr(to, id::ADDR, family, server.endpoint.addr)?;
    to.put_u16_be(id::PORT, server.endpoint.port)?;
    if let Some(method) = server.method {
        to.put_u8(id::METHOD, method.value())?;
    }
    if let Some(weight) = server.weight {
        to.put_u32(id::WEIGHT, weight)?;
    }
    to.nest_end(nest)
}

fn write_config(to: &mut Writer<'_>, config: &Config) -> Result<(), Full> {
    use uapi::config as id;

    let nest = to.nest_start(uapi::rvs::CONFIG)?;
    let settings = [
        (id::TIMEOUT_TCP, config.timeout_tcp),
        (id::TIMEOUT_TCP_FIN, config.timeout_tcp_fin),
        (id::TIMEOUT_UDP, config.timeout_udp),
    ];
    for (kind, value) in settings {
        if let Some(seconds) = value {
            to.put_u32(kind, seconds)?;
        }
    }
    to.nest_end(nest)
}

fn write_addr(to: &mut Writer<'_>, kind: u16, family: Family, addr: Addr) -> Result<(), Full> {
    let bytes = addr.bytes();
    to.put(kind, bytes.get(..family.addr_len()).unwrap_or(&bytes))
}
