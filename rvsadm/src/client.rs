// SPDX-License-Identifier: GPL-2.0

//! The kernel's rvs as an object with typed methods.

use crate::{
    document::Document,
    error::Error,
    netlink::{
        Connection,
        Transport, //
    },
    output::order,
    reply::{
        Conn,
        Explanation,
        Info,
        Server,
        Service, //
    },
    request::{
        Config,
        Filter,
        Flow,
        Request,
        ServiceKey,
        Transaction, //
    },
    suggest,
};
use rustix::io::Errno;
use rvs_logic::logic::{
    nla::Attrs,
    uapi, //
};

/// A service and its servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The service.
    pub service: Service,
    /// Its servers.
    pub servers: Vec<Server>,
}

/// All that is configured, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The generation, if the kernel counts them.
    pub generation: Option<u32>,
    /// What is configured.
    pub document: Document,
}

/// How often everything is read again because it changed meanwhile.
const SNAPSHOT_ATTEMPTS: u32 = 10;

/// A connection to the rvs of one network namespace.
pub struct Client<T> {
    connection: Connection<T>,
}

impl<T: Transport> Client<T> {
    /// Connects over `transport`.
    pub fn connect(transport: T) -> Result<Self, Error> {
        let connection = Connection::connect(transport)?;
        Ok(Self { connection })
    }

    /// Makes a change.
    pub fn change(&mut self, request: &Request) -> Result<(), Error> {
        let answer = self.connection.exchange(request);
        answer.map(|_messages| ()).map_err(|mut error| {
            if let Error::Refused(refusal) = &mut error {
                refusal.hint = hint(request, refusal.errno);
            }
            error
        })
    }

    /// All services.
    pub fn services(&mut self) -> Result<Vec<Service>, Error> {
        self.all(&Request::ServiceDump, Service::read)
    }

    /// One service.
    pub fn service(&mut self, key: ServiceKey) -> Result<Service, Error> {
        self.one(&Request::ServiceGet(key), Service::read)
    }

    /// The servers of a service.
    pub fn servers(&mut self, key: ServiceKey) -> Result<Vec<Server>, Error> {
        self.all(&Request::ServerDump(key), |message| {
            Server::read(message, key.family)
        })
    }

    /// A service with its servers.
    pub fn entry(&mut self, key: ServiceKey) -> Result<Entry, Error> {
        Ok(Entry {
            service: self.service(key)?,
            servers: self.servers(key)?,
        })
    }

    /// All services with their servers.
    ///
    /// A service that goes away during the walk is left out.
    pub fn entries(&mut self) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for service in self.services()? {
            match self.servers(service.key) {
                Ok(servers) => entries.push(Entry { service, servers }),
                Err(error) if error.errno() == Some(Errno::SRCH.raw_os_error()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(entries)
    }

    /// Everything, as it is in one generation.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        let mut generation = self.info()?.generation;
        for _attempt in 0..SNAPSHOT_ATTEMPTS {
            let config = self.config()?;
            let mut entries = self.entries()?;
            let now = self.info()?.generation;
            if now == generation {
                order::sort(&mut entries);
                let document = Document::of(&config, &entries);
                return Ok(Snapshot {
                    generation,
                    document,
                });
            }
            generation = now;
        }
        Err(Error::Unreachable(
            "the configuration changes too fast to be read; try again".to_owned(),
        ))
    }

    /// Makes many changes as one step, and returns the generation then.
    pub fn transact(&mut self, all: Transaction) -> Result<u32, Error> {
        self.one(&Request::Transact(all), |message| {
            let generation = Attrs::new(message).find(uapi::rvs::GENERATION);
            let generation = generation.and_then(|attr| attr.u32());
            generation
                .ok_or_else(|| Error::garbled("attribute rvs.generation is missing or invalid"))
        })
    }

    /// The connections that a filter lets pass.
    pub fn conns(&mut self, filter: &Filter) -> Result<Vec<Conn>, Error> {
        self.all(&Request::ConnDump(*filter), Conn::read)
    }

    /// The settings.
    pub fn config(&mut self) -> Result<Config, Error> {
        self.one(&Request::ConfigGet, Config::read)
    }

    /// The state of the module.
    pub fn info(&mut self) -> Result<Info, Error> {
        self.one(&Request::InfoGet, Info::read)
    }

    /// Removes connections and returns how many there were.
    pub fn kill(&mut self, filter: &Filter, reset: bool) -> Result<u32, Error> {
        let filter = *filter;
        self.one(&Request::ConnDel { filter, reset }, |message| {
            let count = Attrs::new(message).find(uapi::rvs::COUNT);
            let count = count.and_then(|attr| attr.u32());
            count.ok_or_else(|| Error::garbled("attribute rvs.count is missing or invalid"))
        })
    }

    /// What would become of a packet.
    pub fn explain(&mut self, flow: &Flow) -> Result<Explanation, Error> {
        self.one(&Request::Explain(*flow), |message| {
            Explanation::read(message, flow.family)
        })
    }

    /// The transport, to look at what it recorded.
    pub fn transport(&self) -> &T {
        self.connection.transport()
    }

    fn all<R>(
        &mut self,
        request: &Request,
        read: impl Fn(&[u8]) -> Result<R, Error>,
    ) -> Result<Vec<R>, Error> {
        let messages = self.connection.exchange(request)?;
        messages.iter().map(|message| read(message)).collect()
    }

    fn one<R>(
        &mut self,
        request: &Request,
        read: impl Fn(&[u8]) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let all = self.all(request, read)?;
        let first = all.into_iter().next();
        first.ok_or_else(|| Error::garbled("there is nothing in it"))
    }
}

/// What may help a user whose request was refused with this error number.
fn hint(request: &Request, errno: i32) -> String {
    let (Request::ServiceNew(_, spec) | Request::ServiceSet(_, spec)) = request else {
        return String::new();
    };
    let name = spec.scheduler.as_deref().unwrap_or_default();
    if errno != Errno::NOENT.raw_os_error() || suggest::SCHEDULERS.contains(&name) {
        return String::new();
    }
    suggest::hint(name, suggest::SCHEDULERS.iter().copied())
}
