// SPDX-License-Identifier: GPL-2.0

//! What a native command line means.

use super::{
    Cli,
    ConfigArgs,
    ConfigVerb,
    ConnVerb,
    MethodName,
    Noun,
    ProtocolName,
    ServerArgs,
    ServerPlace,
    ServerVerb,
    ServiceArgs,
    ServiceVerb, //
};
use crate::{
    action::View,
    error::Error,
    request::{
        Config,
        Request,
        ServerSpec,
        ServiceKey, //
    },
};
use clap::CommandFactory;
use clap_complete::Shell;
use rvs_logic::logic::{
    addr::{
        Endpoint,
        Protocol, //
    },
    uapi::Method,
};

/// What to do, before it is known how to print it.
pub(super) enum Plan {
    /// Make a change.
    Change(Request),
    /// Show something of the kernel's.
    View(View),
    /// Print a text.
    Print(String),
}

impl Noun {
    pub(super) fn plan(self) -> Result<Plan, Error> {
        match self {
            Self::Service(verb) => verb.plan(),
            Self::Server(verb) => verb.plan(),
            Self::Conn(ConnVerb::List) => Ok(Plan::View(View::Conns)),
            Self::Config(ConfigVerb::Show) => Ok(Plan::View(View::Config)),
            Self::Config(ConfigVerb::Set(config)) => {
                Ok(Plan::Change(Request::ConfigSet(config.into())))
            }
            Self::Info => Ok(Plan::View(View::Info)),
            Self::Flush => Ok(Plan::Change(Request::Flush)),
            Self::Completions { shell } => Ok(Plan::Print(completions(shell))),
        }
    }
}

impl ServiceVerb {
    fn plan(self) -> Result<Plan, Error> {
        Ok(match self {
            Self::List => Plan::View(View::Services),
            Self::Show(service) => Plan::View(View::Service(service.key()?)),
            Self::Add { service, scheduler } => {
                Plan::Change(Request::ServiceNew(service.key()?, scheduler.scheduler))
            }
            Self::Set { service, scheduler } => {
                Plan::Change(Request::ServiceSet(service.key()?, scheduler.scheduler))
            }
            Self::Del(service) => Plan::Change(Request::ServiceDel(service.key()?)),
        })
    }
}

impl ServerVerb {
    fn plan(self) -> Result<Plan, Error> {
        Ok(match self {
            Self::List { protocol, address } => {
                let both = protocol.zip(address);
                let service = both.map(|(protocol, address)| ServiceArgs { protocol, address });
                let key = service.map(ServiceArgs::key).transpose()?;
                Plan::View(View::Servers(key))
            }
            Self::Add(server) => {
                Plan::Change(Request::ServerNew(server.service.key()?, server.spec()?))
            }
            Self::Set(server) => {
                Plan::Change(Request::ServerSet(server.service.key()?, server.spec()?))
            }
            Self::Del { service, server } => {
                let key = service.key()?;
                Plan::Change(Request::ServerDel(key, server.of(&key)?))
            }
        })
    }
}

impl ServiceArgs {
    fn key(self) -> Result<ServiceKey, Error> {
        let Some(port) = self.address.port else {
            return Err(Error::usage("the address of a service needs a port"));
        };
        Ok(ServiceKey {
            family: self.address.family,
            protocol: match self.protocol {
                ProtocolName::Tcp => Protocol::TCP,
                ProtocolName::Udp => Protocol::UDP,
            },
            endpoint: self.address.endpoint(port),
        })
    }
}

impl ServerPlace {
    /// The endpoint as a server of `service`.
    fn of(self, service: &ServiceKey) -> Result<Endpoint, Error> {
        if self.server.family != service.family {
            return Err(Error::usage(
                "the server's address must be of the same family as the service's",
            ));
        }
        Ok(self.server.endpoint(service.endpoint.port))
    }
}

impl ServerArgs {
    fn spec(&self) -> Result<ServerSpec, Error> {
        Ok(ServerSpec {
            endpoint: self.server.of(&self.service.key()?)?,
            method: self.method.map(|method| match method {
                MethodName::Nat => Method::Nat,
                MethodName::Direct => Method::Direct,
            }),
            weight: self.weight,
        })
    }
}

impl From<ConfigArgs> for Config {
    fn from(args: ConfigArgs) -> Self {
        Self {
            timeout_tcp: args.timeout_tcp,
            timeout_tcp_fin: args.timeout_tcp_fin,
            timeout_udp: args.timeout_udp,
        }
    }
}

fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rvsadm", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
