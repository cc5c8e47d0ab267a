// SPDX-License-Identifier: GPL-2.0

//! What a command line asks for, and carrying it out.

use crate::{
    cli::{
        ipvsadm::Face,
        values::Place, //
    },
    client::{
        Client,
        Entry, //
    },
    declare::{
        confirm,
        Order, //
    },
    document::{
        Document,
        Format, //
    },
    error::Error,
    face,
    modules,
    netlink::Transport,
    output::{
        conns,
        explain,
        json,
        list,
        metrics::{
            self,
            Level, //
        },
        names::Names,
        order,
        paper::Paper,
        save,
        table, //
    },
    request::{
        Change,
        Filter,
        Flow,
        Request,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Stay,
        Transaction, //
    },
    restore,
    watch, //
};
use std::{
    io,
    time::Duration, //
};

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a change and print nothing.
    Change(Request),
    /// Change a service, and some of its flags beside what else is said.
    ChangeFlags(ServiceKey, ServiceSpec, FlagChange),
    /// Let a server go or stay, in all services that have it.
    Stay(Place, Stay),
    /// Compare with a document, or make it so.
    Declare(Box<Order>),
    /// Confirm the change that waits for it, or undo that.
    Settle {
        /// Whether to undo it.
        undo: bool,
    },
    /// Run the command lines on standard input.
    Restore(Face),
    /// Print as ipvsadm does.
    List(Listing),
    /// Print as a table for people.
    Table(View),
    /// Print as JSON for programs.
    Json(View),
    /// Print all that is configured.
    Export(Format),
    /// Print a view again and again.
    Watch {
        /// The view.
        view: View,
        /// Whether as JSON.
        json: bool,
        /// How long to wait in between.
        pause: Duration,
    },
    /// Remove connections, and print how many there were.
    Kill {
        /// Which.
        filter: Filter,
        /// Whether both ends of TCP connections get a reset.
        reset: bool,
        /// Whether as JSON.
        json: bool,
    },
    /// Print counters in the OpenMetrics text format.
    Metrics(Level),
    /// Print a text.
    Print(String),
}

/// Flags to set and to clear; the others stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlagChange {
    /// Those to set.
    pub set: u32,
    /// Those to clear.
    pub clear: u32,
}

impl FlagChange {
    /// What becomes of `flags`.
    pub const fn apply(self, flags: u32) -> u32 {
        (flags | self.set) & !self.clear
    }
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
    Conns {
        /// Numbers instead of names.
        numeric: bool,
        /// With a title for persistence engines, of which there are none.
        engines: bool,
    },
    /// Timeouts.
    Timeouts,
    /// Synchronisation daemons, of which there are none.
    Daemons,
    /// The command lines that make what there is.
    Save {
        /// Numbers instead of names.
        numeric: bool,
    },
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
    /// What passes each second, of one service or of all.
    Stats(Option<ServiceKey>),
    /// Connections.
    Conns(Filter),
    /// What would become of a packet.
    Explain(Flow),
    /// The settings.
    Config,
    /// The state of the module.
    Info,
    /// What the module can do.
    Features,
}

impl Action {
    /// Carries it out, printing to `out`; returns the exit code.
    pub fn run<T: Transport>(
        &self,
        client: &mut Client<T>,
        out: &mut impl Paper,
    ) -> Result<u8, Error> {
        match self {
            Self::Change(request) => client.change(request)?,
            Self::ChangeFlags(key, spec, change) => {
                let flags = change.apply(client.service(*key)?.flags);
                let spec = ServiceSpec {
                    flags: Some(flags),
                    ..spec.clone()
                };
                client.change(&Request::ServiceSet(*key, spec))?;
            }
            Self::Stay(place, stay) => stay_everywhere(client, place, *stay)?,
            Self::Declare(order) => return order.run(client, out),
            Self::Settle { undo } => confirm::settle(*undo)?,
            Self::Restore(face) => {
                let input = io::stdin().lock();
                return restore::run(*face, input, client, out, &mut io::stderr());
            }
            Self::List(listing) => listing.print(client, out)?,
            Self::Table(view) => view.print_table(client, out)?,
            Self::Json(view) => view.print_json(client, out)?,
            Self::Watch { view, json, pause } => watch::run(view, *json, *pause, client, out)?,
            Self::Kill {
                filter,
                reset,
                json,
            } => {
                let count = client.kill(filter, *reset)?;
                match json {
                    true => json::removed(out, count)?,
                    false => table::removed(out, count)?,
                }
            }
            Self::Export(format) => {
                let config = client.config()?;
                let mut entries = client.entries()?;
                order::sort(&mut entries);
                let (text, lost) = Document::of(&config, &entries)
                    .without_leaving()
                    .write(*format);
                out.write_all(text.as_bytes())?;
                lost.iter().for_each(|what| face::note_lost(what));
            }
            Self::Metrics(level) => {
                let info = client.info()?;
                let entries = match level {
                    Level::Total => Vec::new(),
                    _ => View::entries(None, client)?,
                };
                metrics::print(out, *level, &info, &entries)?;
            }
            Self::Print(text) => out.write_all(text.as_bytes())?,
        }
        Ok(0)
    }

    /// Whether it is a listing in the eyes of ipvsadm.
    pub fn is_listing(&self) -> bool {
        matches!(self, Self::List(_))
    }
}

/// Lets the servers at a place go or stay, all of them as one step.
fn stay_everywhere<T: Transport>(
    client: &mut Client<T>,
    place: &Place,
    stay: Stay,
) -> Result<(), Error> {
    let mut changes = Vec::new();
    for entry in client.entries()? {
        let here = entry.servers.iter().filter(|server| {
            let at = server.key.endpoint;
            let port = place.port.is_none_or(|port| port == at.port);
            port && (server.key.family, at.addr) == (place.family, place.addr)
        });
        changes.extend(here.map(|server| {
            let spec = ServerSpec {
                stay: Some(stay),
                ..ServerSpec::key(server.key)
            };
            Change::ServerSet(entry.service.key, spec)
        }));
    }
    if changes.is_empty() {
        let addr = place.addr.display(place.family);
        return Err(Error::Absent(format!("no service has the server {addr}")));
    }
    client.change(&Request::Transact(Transaction::from(changes)))
}

impl Listing {
    fn print<T: Transport>(
        self,
        client: &mut Client<T>,
        out: &mut impl Paper,
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
            Self::Conns { numeric, engines } => {
                conns::list(
                    out,
                    &client.conns(&Filter::default())?,
                    &Names::new(numeric),
                    engines,
                )?;
            }
            Self::Timeouts => list::timeouts(out, &client.config()?)?,
            Self::Daemons => {}
            Self::Save { numeric } => {
                let mut entries = client.entries()?;
                order::sort(&mut entries);
                save::entries(out, &entries, &Names::new(numeric))?;
            }
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
        order::sort(&mut entries);
        Ok(entries)
    }

    pub(crate) fn print_table<T: Transport>(
        self,
        client: &mut Client<T>,
        out: &mut impl Paper,
    ) -> Result<(), Error> {
        match self {
            Self::Services => table::services(out, &Self::entries(None, client)?)?,
            Self::Service(key) => table::service(out, &Self::entries(Some(key), client)?)?,
            Self::Servers(key) => table::servers(out, &Self::entries(key, client)?)?,
            Self::Stats(key) => table::stats(out, &Self::entries(key, client)?)?,
            Self::Conns(filter) => table::conns(out, &client.conns(&filter)?)?,
            Self::Explain(flow) => explain::explanation(out, &client.explain(&flow)?)?,
            Self::Config => table::config(out, &client.config()?)?,
            Self::Info => table::info(out, &client.info()?)?,
            Self::Features => table::features(out, &client.info()?, &modules::schedulers())?,
        }
        Ok(())
    }

    pub(crate) fn print_json<T: Transport>(
        self,
        client: &mut Client<T>,
        out: &mut impl Paper,
    ) -> Result<(), Error> {
        match self {
            Self::Services => json::services(out, &Self::entries(None, client)?)?,
            Self::Service(key) => json::service(out, &Self::entries(Some(key), client)?)?,
            Self::Servers(key) => json::servers(out, &Self::entries(key, client)?)?,
            Self::Stats(key) => json::stats(out, &Self::entries(key, client)?)?,
            Self::Conns(filter) => json::conns(out, &client.conns(&filter)?)?,
            Self::Explain(flow) => json::explanation(out, &client.explain(&flow)?)?,
            Self::Config => json::config(out, &client.config()?)?,
            Self::Info => json::info(out, &client.info()?)?,
            Self::Features => json::features(out, &client.info()?, &modules::schedulers())?,
        }
        Ok(())
    }
}
