// SPDX-License-Identifier: GPL-2.0

//! A whole configuration as a document: read from TOML, from JSON or from the command lines
//! of ipvsadm, and written as each of them.

mod keepalived;
mod lines;
mod places;
mod shape;
mod source;
mod write;

use crate::{
    client::Entry,
    reply::Service,
    request::{
        Config,
        Owner,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Stay,
        Timeout,
        Tunnel, //
    },
};
pub use places::Source;
use rvs_logic::logic::{
    proto::{
        State,
        Timeouts, //
    },
    uapi::{
        ConnState,
        Method, //
    },
};
pub use source::{
    Complaint,
    Complaints, //
};

/// What a document in JSON or TOML looks like, as a JSON schema.
pub const SCHEMA: &str = include_str!("document/schema.json");

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Toml,
    /// For programs.
    Json,
    /// Command lines, as `ipvsadm --restore` reads them.
    Ipvsadm,
    /// The virtual servers of keepalived; this is only read.
    Keepalived,
}

/// A service with its servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What names it.
    pub key: ServiceKey,
    /// What it does. Nothing is left to the kernel.
    pub spec: ServiceSpec,
    /// Its servers.
    pub servers: Vec<ServerSpec>,
}

/// Everything that is configured in a network namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Who manages what names no other owner.
    pub owner: Option<Owner>,
    /// Timeouts that are not the usual ones.
    pub timeouts: Vec<Timeout>,
    /// The services.
    pub services: Vec<Described>,
}

impl Document {
    /// What the kernel has, in the order of the entries.
    pub fn of(config: &Config, entries: &[Entry]) -> Self {
        let mut timeouts = named(config);
        tidy(&mut timeouts);
        keep_unusual(&mut timeouts);
        Self {
            owner: None,
            timeouts,
            services: entries.iter().map(Described::from).collect(),
        }
    }

    /// Reads a document, and says what of it is left out.
    pub fn read_all(
        format: Format,
        name: &str,
        text: &str,
    ) -> Result<(Self, Vec<String>), Complaints> {
        match format {
            Format::Keepalived => keepalived::read(name, text),
            _ => Self::read(format, name, text).map(|document| (document, Vec::new())),
        }
    }

    /// Reads a document; `name` is what its file is called in complaints.
    pub fn read(format: Format, name: &str, text: &str) -> Result<Self, Complaints> {
        let document = match format {
            Format::Toml => shape::read_toml(name, text),
            Format::Json => shape::read_json(name, text),
            Format::Ipvsadm => return lines::read(name, text),
            Format::Keepalived => {
                return keepalived::read(name, text).map(|(document, _)| document)
            }
        }?;
        let twice = places::twice(&document, format, text);
        if twice.is_empty() {
            return Ok(document);
        }
        let complaints = twice.into_iter();
        let complaints = complaints.map(|(bytes, what)| Complaint::at(name, text, bytes, what));
        Err(Complaints(complaints.collect()))
    }

    /// Without the servers that are about to go.
    pub fn without_leaving(mut self) -> Self {
        for service in &mut self.services {
            let stays = |server: &ServerSpec| !matches!(server.stay, Some(Stay::Drain { .. }));
            service.servers.retain(stays);
        }
        self
    }

    /// Writes the document, and says what cannot be said in this format.
    pub fn write(&self, format: Format) -> (String, Vec<String>) {
        match format {
            // Nobody writes for keepalived.
            Format::Toml | Format::Keepalived => (shape::write_toml(self), Vec::new()),
            Format::Json => (shape::write_json(self), Vec::new()),
            Format::Ipvsadm => write::lines(self),
        }
    }
}

impl Format {
    /// The format that a text seems to have.
    pub fn guess(text: &str) -> Self {
        let keepalived = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let first = words.next();
            matches!(first, Some("virtual_server" | "virtual_server_group"))
                && words.next() != Some("=")
        };
        if text.lines().any(keepalived) {
            return Self::Keepalived;
        }
        let mut words = text.split_ascii_whitespace();
        match words.next() {
            Some(word) if word.starts_with('{') => Self::Json,
            Some(word) if word.starts_with('-') || word == "ipvsadm" => Self::Ipvsadm,
            _ => Self::Toml,
        }
    }
}

/// The usual timeout of a state.
pub(crate) fn usual(state: ConnState) -> Option<u32> {
    State::from_u8(state.value()).map(|state| Timeouts::DEFAULT.get(state))
}

/// All timeouts that the settings name.
fn named(config: &Config) -> Vec<Timeout> {
    let three = [
        (ConnState::Established, config.timeout_tcp),
        (ConnState::FinWait, config.timeout_tcp_fin),
        (ConnState::Udp, config.timeout_udp),
    ];
    let three = three.into_iter();
    let three = three.filter_map(|(state, seconds)| {
        Some(Timeout {
            state,
            seconds: seconds?,
        })
    });
    three.chain(config.timeouts.iter().copied()).collect()
}

fn keep_unusual(timeouts: &mut Vec<Timeout>) {
    timeouts.retain(|timeout| usual(timeout.state) != Some(timeout.seconds));
}

/// Orders timeouts by state; of several for one state the last one counts.
fn tidy(timeouts: &mut Vec<Timeout>) {
    timeouts.reverse();
    timeouts.sort_by_key(|timeout| timeout.state.value());
    timeouts.dedup_by_key(|timeout| timeout.state.value());
}

impl From<&Entry> for Described {
    fn from(entry: &Entry) -> Self {
        let servers = entry.servers.iter();
        let servers = servers.map(|server| ServerSpec {
            key: server.key,
            method: Some(server.method),
            weight: Some(server.weight),
            upper: Some(server.upper),
            lower: Some(server.lower),
            tunnel: (server.method == Method::Tunnel).then_some(server.tunnel),
            stay: server.drain.map(|drain| Stay::Drain {
                timeout: drain.timeout,
                policy: drain.policy,
            }),
            owner: server.owner,
        });
        Self {
            key: entry.service.key,
            spec: settings(&entry.service),
            servers: servers.collect(),
        }
    }
}

fn settings(service: &Service) -> ServiceSpec {
    let mut timeouts = service.timeouts.clone();
    tidy(&mut timeouts);
    let fallback = service.fallback.map(|fallback| {
        let method = fallback.method.unwrap_or(Method::Direct);
        let tunnel = fallback.tunnel.unwrap_or(Tunnel::IPIP);
        ServerSpec {
            method: Some(method),
            tunnel: (method == Method::Tunnel).then_some(tunnel),
            ..ServerSpec::key(fallback.key)
        }
    });
    ServiceSpec {
        scheduler: Some(service.scheduler.clone()),
        flags: Some(service.flags),
        sched_flags: Some(service.sched_flags),
        sched_size: Some(service.sched_size),
        sched_expiry: Some(service.sched_expiry),
        persist_timeout: Some(service.persist_timeout),
        persist_prefix: Some(service.persist_prefix),
        timeouts,
        no_server: Some(service.no_server),
        fallback,
        slow_start: Some(service.slow_start),
        owner: service.owner,
    }
}
