// SPDX-License-Identifier: GPL-2.0

//! What a command line asks for, and carrying it out.

use crate::{
    client::{
        Client,
        Entry, //
    },
    error::Error,
    netlink::Transport,
    output::{
        conns,
        json,
        list,
        table, //
    },
    request::{
        Request,
        ServiceKey, //
    },
};
use std::io::Write;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a change and print nothing.
    Change(Request),
    /// Print as ipvsadm does.
    List(Listing),
    /// Print as a table for people.
    Table(View),
    /// Print as JSON for programs.
    Json(View),
}

/// What to print as ipvsadm does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Services and servers.
    Services {
        /// Only this service, without the version line.
        only: Option<ServiceKey>,
        /// How.
        style: list::Style,
    },
    /// Connections.
    Conns,
    /// Timeouts.
    Timeouts,
}

/// What to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// All services.
    Services,
    /// One service and its servers.
    Service(ServiceKey),
    /// The servers of one service or of all.
    Servers(Option<ServiceKey>),
    /// All connections.
    Conns,
    /// The settings.
    Config,
    /// The state of the module.
    Info,
}

impl Action {
    /// Carries it out, printing to `out`.
    pub fn run<T: Transport>(
        &self,
        client: &mut Client<T>,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        match self {
            Self::Change(request) => client.change(request),
            Self::List(listing) => listing.print(client, out),
            Self::Table(view) => view.print_table(client, out),
            Self::Json(view) => view.print_json(client, out),
        }
    }
}

impl Listing {
    fn print<T: Transport>(
        self,
        client: &mut Client<T>,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        match self {
            Self::Services { only: None, style } => {
                let buckets = client.info()?.conn_buckets;
                let entries = client.entries()?;
                list::version_line(out, buckets)?;
                list::entries(out, entries, style)?;
            }
            Self::Services {
                only: Some(key),
                style,
            } => list::entries(out, vec![client.entry(key)?], style)?,
            Self::Conns => conns::list(out, &client.conns()?)?,
            Self::Timeouts => list::timeouts(out, &client.config()?)?,
        }
        Ok(())
    }
}

impl View {
    /// The services and servers that the view is about.
    fn entries<T: Transport>(
        service: Option<ServiceKey>,
        client: &mut Client<T>,
    ) -> Result<Vec<Entry>, Error> {
        let mut entries = match service {
            Some(key) => vec![client.entry(key)?],
            None => client.entries()?,
        };
        list::sort(&mut entries);
        Ok(entries)
    }

    fn print_table<T: Transport>(
        self,
        client: &mut Client<T>,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        match self {
            Self::Services => table::services(out, &Self::entries(None, client)?)?,
            Self::Service(key) => table::service(out, &Self::entries(Some(key), client)?)?,
            Self::Servers(key) => table::servers(out, &Self::entries(key, client)?)?,
            Self::Conns => table::conns(out, &client.conns()?)?,
            Self::Config => table::config(out, &client.config()?)?,
            Self::Info => table::info(out, &client.info()?)?,
        }
        Ok(())
    }

    fn print_json<T: Transport>(
        self,
        client: &mut Client<T>,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        match self {
            Self::Services => json::services(out, &Self::entries(None, client)?)?,
            Self::Service(key) => json::service(out, &Self::entries(Some(key), client)?)?,
            Self::Servers(key) => json::servers(out, &Self::entries(key, client)?)?,
            Self::Conns => json::conns(out, &client.conns()?)?,
            Self::Config => json::config(out, &client.config()?)?,
            Self::Info => json::info(out, &client.info()?)?,
        }
        Ok(())
    }
}
