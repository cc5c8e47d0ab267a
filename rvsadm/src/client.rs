// SPDX-License-Identifier: GPL-2.0

//! The kernel's rvs as an object with typed methods.

use crate::{
    error::Error,
    netlink::{
        Connection,
        Transport, //
    },
    reply::{
        Conn,
        Info,
        Server,
        Service, //
    },
    request::{
        Config,
        Request,
        ServiceKey, //
    },
};
use rustix::io::Errno;

/// A service and its servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The service.
    pub service: Service,
    /// Its servers.
    pub servers: Vec<Server>,
}

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
        self.connection.exchange(request).map(|_messages| ())
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

    /// All connections.
    pub fn conns(&mut self) -> Result<Vec<Conn>, Error> {
        self.all(&Request::ConnDump, Conn::read)
    }

    /// The settings.
    pub fn config(&mut self) -> Result<Config, Error> {
        self.one(&Request::ConfigGet, Config::read)
    }

    /// The state of the module.
    pub fn info(&mut self) -> Result<Info, Error> {
        self.one(&Request::InfoGet, Info::read)
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
