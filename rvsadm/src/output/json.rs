// SPDX-License-Identifier: GPL-2.0

//! JSON for programs. The keys are an interface: they are never renamed.

use super::state_name;
use crate::{
    client::Entry,
    reply::{
        Conn,
        Info,
        Server,
        Stats, //
    },
    request::{
        Config,
        ServiceKey, //
    },
};
use rvs_logic::logic::addr::{
    Endpoint,
    Family, //
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{
        self,
        Write, //
    }, //
};

#[derive(Serialize)]
struct PlaceView {
    address: String,
    port: u16,
}

#[derive(Serialize)]
struct StatsView {
    connections: u64,
    in_packets: u64,
    in_bytes: u64,
    out_packets: u64,
    out_bytes: u64,
}

#[derive(Serialize)]
struct KeyView {
    protocol: String,
    #[serde(flatten)]
    place: PlaceView,
}

#[derive(Serialize)]
struct ServiceView<'a> {
    #[serde(flatten)]
    key: KeyView,
    scheduler: &'a str,
    server_count: usize,
    stats: StatsView,
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<Vec<ServerView>>,
}

#[derive(Serialize)]
struct ServerView {
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<KeyView>,
    #[serde(flatten)]
    place: PlaceView,
    method: &'static str,
    weight: u32,
    active_connections: u32,
    inactive_connections: u32,
    stats: StatsView,
}

#[derive(Serialize)]
struct ConnView {
    protocol: String,
    client: PlaceView,
    service: PlaceView,
    server: PlaceView,
    method: &'static str,
    state: String,
    expires_ms: u32,
}

#[derive(Serialize)]
struct ConfigView {
    timeout_tcp: Option<u32>,
    timeout_tcp_fin: Option<u32>,
    timeout_udp: Option<u32>,
}

#[derive(Serialize)]
struct InfoView<'a> {
    version: &'a str,
    scheduler_interface: &'a str,
    schedulers: &'a [String],
    features: &'a [String],
    services: u32,
    servers: u32,
    connections: u32,
    service_buckets: u32,
    connection_buckets: u32,
    connection_size: u32,
    stats: StatsView,
    sent_packets: u64,
    sent_bytes: u64,
    drops: BTreeMap<&'static str, u64>,
}

impl PlaceView {
    fn new(endpoint: Endpoint, family: Family) -> Self {
        Self {
            address: endpoint.addr.display(family).to_string(),
            port: endpoint.port,
        }
    }
}

impl From<&ServiceKey> for KeyView {
    fn from(key: &ServiceKey) -> Self {
        Self {
            protocol: key.protocol.to_string().to_lowercase(),
            place: PlaceView::new(key.endpoint, key.family),
        }
    }
}

impl From<&Stats> for StatsView {
    fn from(stats: &Stats) -> Self {
        Self {
            connections: stats.conns,
            in_packets: stats.in_pkts,
            in_bytes: stats.in_bytes,
            out_packets: stats.out_pkts,
            out_bytes: stats.out_bytes,
        }
    }
}

impl ServerView {
    fn new(server: &Server, key: &ServiceKey) -> Self {
        Self {
            service: None,
            place: PlaceView::new(server.endpoint, key.family),
            method: server.method.name(),
            weight: server.weight,
            active_connections: server.active,
            inactive_connections: server.inactive,
            stats: StatsView::from(&server.stats),
        }
    }
}

impl<'a> ServiceView<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self {
            key: KeyView::from(&entry.service.key),
            scheduler: &entry.service.scheduler,
            server_count: entry.servers.len(),
            stats: StatsView::from(&entry.service.stats),
            servers: None,
        }
    }

    fn with_servers(entry: &'a Entry) -> Self {
        let key = &entry.service.key;
        let servers = entry.servers.iter();
        Self {
            servers: Some(servers.map(|server| ServerView::new(server, key)).collect()),
            ..Self::new(entry)
        }
    }
}

impl From<&Conn> for ConnView {
    fn from(conn: &Conn) -> Self {
        Self {
            protocol: conn.protocol.to_string().to_lowercase(),
            client: PlaceView::new(conn.client, conn.family),
            service: PlaceView::new(conn.service, conn.family),
            server: PlaceView::new(conn.server, conn.family),
            method: conn.method.name(),
            state: state_name(conn.state),
            expires_ms: conn.expires,
        }
    }
}

fn print(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// Prints services as an array.
pub fn services(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let all: Vec<_> = entries.iter().map(ServiceView::new).collect();
    print(out, &all)
}

/// Prints a service with its servers as an object.
pub fn service(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let mut all = entries.iter().map(ServiceView::with_servers);
    all.try_for_each(|view| print(out, &view))
}

/// Prints servers as an array, each with its service.
pub fn servers(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let mut all = Vec::new();
    for entry in entries {
        let key = &entry.service.key;
        all.extend(entry.servers.iter().map(|server| ServerView {
            service: Some(KeyView::from(key)),
            ..ServerView::new(server, key)
        }));
    }
    print(out, &all)
}

/// Prints connections as an array.
pub fn conns(out: &mut impl Write, conns: &[Conn]) -> io::Result<()> {
    let all: Vec<_> = conns.iter().map(ConnView::from).collect();
    print(out, &all)
}

/// Prints settings as an object.
pub fn config(out: &mut impl Write, config: &Config) -> io::Result<()> {
    let view = ConfigView {
        timeout_tcp: config.timeout_tcp,
        timeout_tcp_fin: config.timeout_tcp_fin,
        timeout_udp: config.timeout_udp,
    };
    print(out, &view)
}

/// Prints the state of the module as an object.
pub fn info(out: &mut impl Write, info: &Info) -> io::Result<()> {
    let drops = info.drops.iter();
    let view = InfoView {
        version: &info.version,
        scheduler_interface: &info.abi,
        schedulers: &info.schedulers,
        features: &info.features,
        services: info.services,
        servers: info.servers,
        connections: info.conns,
        service_buckets: info.service_buckets,
        connection_buckets: info.conn_buckets,
        connection_size: info.conn_size,
        stats: StatsView::from(&info.stats),
        sent_packets: info.sent_pkts,
        sent_bytes: info.sent_bytes,
        drops: drops
            .map(|(reason, packets)| (reason.name(), *packets))
            .collect(),
    };
    print(out, &view)
}
