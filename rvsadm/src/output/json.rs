// SPDX-License-Identifier: GPL-2.0

//! JSON for programs. The keys are an interface: they are never renamed.

use super::{
    sched_flags,
    server_state,
    service_flags,
    state_name,
    tun_flags, //
};
use crate::{
    client::Entry,
    netlink::route,
    reply::{
        Conn,
        Counters,
        Drops,
        Explanation,
        Info,
        Server,
        Service,
        Stats, //
    },
    request::{
        Config,
        Match,
        Owner,
        ServerKey,
        ServerSpec,
        ServiceKey,
        Timeout,
        Tunnel, //
    },
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family, //
    },
    uapi::Method,
};
use serde::Serialize;
use std::{
    collections::{
        BTreeMap,
        BTreeSet, //
    },
    io::{
        self,
        Write, //
    }, //
};

#[derive(Serialize)]
pub(super) struct PlaceView {
    address: String,
    port: u16,
}

#[derive(Serialize)]
struct CountersView {
    connections: u64,
    in_packets: u64,
    in_bytes: u64,
    out_packets: u64,
    out_bytes: u64,
}

#[derive(Serialize)]
struct StatsView {
    #[serde(flatten)]
    total: CountersView,
    per_second: CountersView,
}

/// What names a service: protocol, address and port, or a firewall mark.
#[derive(Serialize)]
pub(super) struct KeyView {
    family: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(flatten)]
    place: Option<PlaceView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fwmark: Option<u32>,
}

#[derive(Serialize)]
struct PersistenceView {
    timeout: u32,
    prefix: u8,
    templates: u32,
}

#[derive(Serialize)]
struct TunnelView {
    r#type: &'static str,
    port: u16,
    flags: Vec<&'static str>,
}

#[derive(Serialize)]
struct FallbackView {
    #[serde(flatten)]
    place: PlaceView,
    method: &'static str,
    tunnel: Option<TunnelView>,
}

type Numbers<T> = BTreeMap<&'static str, T>;

#[derive(Serialize)]
struct ServiceView<'a> {
    #[serde(flatten)]
    key: KeyView,
    scheduler: &'a str,
    scheduler_flags: Vec<&'static str>,
    scheduler_size: u32,
    scheduler_expiry: u32,
    flags: Vec<&'static str>,
    persistence: Option<PersistenceView>,
    timeouts: Numbers<u32>,
    no_server: &'static str,
    fallback: Option<FallbackView>,
    slow_start: u32,
    owner: Option<&'a str>,
    server_count: usize,
    stats: StatsView,
    drops: Numbers<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<Vec<ServerView<'a>>>,
}

#[derive(Serialize)]
struct DrainView {
    policy: &'static str,
    timeout: u32,
    left: u32,
}

#[derive(Serialize)]
struct ServerView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<KeyView>,
    #[serde(flatten)]
    place: PlaceView,
    method: &'static str,
    tunnel: Option<TunnelView>,
    weight: u32,
    effective_weight: u32,
    upper: u32,
    lower: u32,
    overloaded: bool,
    state: &'static str,
    drain: Option<DrainView>,
    owner: Option<&'a str>,
    active_connections: u32,
    inactive_connections: u32,
    templates: u32,
    stats: StatsView,
}

#[derive(Serialize)]
struct ServiceRates {
    #[serde(flatten)]
    key: KeyView,
    stats: StatsView,
    servers: Vec<ServerRates>,
}

#[derive(Serialize)]
struct ServerRates {
    #[serde(flatten)]
    place: PlaceView,
    stats: StatsView,
}

#[derive(Serialize)]
struct ConnView {
    protocol: String,
    client: PlaceView,
    service: PlaceView,
    #[serde(skip_serializing_if = "Option::is_none")]
    fwmark: Option<u32>,
    server: PlaceView,
    method: &'static str,
    state: String,
    template: bool,
    expires_ms: u32,
}

#[derive(Serialize)]
struct RemovedView {
    removed: u32,
}

#[derive(Serialize)]
struct ExplanationView<'a> {
    verdict: &'static str,
    found: Option<&'static str>,
    random: bool,
    service: Option<KeyView>,
    scheduler: Option<&'a str>,
    server: Option<PlaceView>,
    method: Option<&'static str>,
    connection: Option<ConnView>,
    drop_reason: Option<&'static str>,
    text: Option<&'a str>,
    route: RouteView,
}

#[derive(Serialize)]
struct RouteView {
    device: Option<String>,
    via: Option<String>,
    source: Option<String>,
    mtu: Option<u32>,
}

#[derive(Serialize)]
struct ConfigView {
    timeout_tcp: Option<u32>,
    timeout_tcp_fin: Option<u32>,
    timeout_udp: Option<u32>,
    timeouts: Numbers<u32>,
}

#[derive(Serialize)]
struct SchedulerView<'a> {
    name: &'a str,
    loaded: bool,
    loadable: bool,
}

#[derive(Serialize)]
struct FeaturesView<'a> {
    version: &'a str,
    scheduler_interface: &'a str,
    features: &'a [String],
    schedulers: Vec<SchedulerView<'a>>,
    connection_limit: Option<u32>,
    change_limit: Option<u32>,
}

#[derive(Serialize)]
struct InfoView<'a> {
    version: &'a str,
    scheduler_interface: &'a str,
    schedulers: &'a [String],
    known_schedulers: &'a [String],
    features: &'a [String],
    generation: Option<u32>,
    connection_limit: Option<u32>,
    change_limit: Option<u32>,
    services: u32,
    servers: u32,
    connections: u32,
    service_buckets: u32,
    connection_buckets: u32,
    connection_size: u32,
    stats: StatsView,
    sent_packets: u64,
    sent_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fast_packets: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fast_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fast_devices: Option<u32>,
    drops: Numbers<u64>,
}

impl PlaceView {
    fn new(endpoint: Endpoint, family: Family) -> Self {
        Self {
            address: endpoint.addr.display(family).to_string(),
            port: endpoint.port,
        }
    }
}

impl From<&ServerKey> for PlaceView {
    fn from(key: &ServerKey) -> Self {
        Self::new(key.endpoint, key.family)
    }
}

impl From<&ServiceKey> for KeyView {
    fn from(key: &ServiceKey) -> Self {
        let protocol = key.protocol();
        let (place, fwmark) = match key.matches {
            Match::Address(_, endpoint) => (Some(PlaceView::new(endpoint, key.family)), None),
            Match::Mark(mark) => (None, Some(mark)),
        };
        Self {
            family: match key.family {
                Family::Ipv4 => "ipv4",
                Family::Ipv6 => "ipv6",
            },
            protocol: protocol.map(|protocol| protocol.to_string().to_lowercase()),
            place,
            fwmark,
        }
    }
}

impl From<&Counters> for CountersView {
    fn from(counters: &Counters) -> Self {
        Self {
            connections: counters.conns,
            in_packets: counters.in_pkts,
            in_bytes: counters.in_bytes,
            out_packets: counters.out_pkts,
            out_bytes: counters.out_bytes,
        }
    }
}

impl From<&Stats> for StatsView {
    fn from(stats: &Stats) -> Self {
        Self {
            total: (&stats.total).into(),
            per_second: (&stats.rate).into(),
        }
    }
}

impl TunnelView {
    /// There is one only with the method tunnel.
    fn new(method: Method, tunnel: &Tunnel) -> Option<Self> {
        (method == Method::Tunnel).then(|| Self {
            r#type: tunnel.kind.name(),
            port: tunnel.port,
            flags: tun_flags(tunnel.flags),
        })
    }
}

impl From<&ServerSpec> for FallbackView {
    fn from(spec: &ServerSpec) -> Self {
        let method = spec.method.unwrap_or(Method::Direct);
        Self {
            place: PlaceView::from(&spec.key),
            method: method.name(),
            tunnel: TunnelView::new(method, &spec.tunnel.unwrap_or(Tunnel::IPIP)),
        }
    }
}

fn timeouts(all: &[Timeout]) -> Numbers<u32> {
    let all = all.iter();
    all.map(|timeout| (timeout.state.name(), timeout.seconds))
        .collect()
}

fn drops(all: &[Drops]) -> Numbers<u64> {
    let all = all.iter();
    all.map(|drop| (drop.reason.name(), drop.packets)).collect()
}

impl<'a> From<&'a Server> for ServerView<'a> {
    fn from(server: &'a Server) -> Self {
        Self {
            service: None,
            place: PlaceView::from(&server.key),
            method: server.method.name(),
            tunnel: TunnelView::new(server.method, &server.tunnel),
            weight: server.weight,
            effective_weight: server.effective_weight,
            upper: server.upper,
            lower: server.lower,
            overloaded: server.overloaded,
            state: server_state(server).name(),
            drain: server.drain.map(|drain| DrainView {
                policy: drain.policy.name(),
                timeout: drain.timeout,
                left: drain.left,
            }),
            owner: server.owner.as_ref().map(Owner::as_str),
            active_connections: server.active,
            inactive_connections: server.inactive,
            templates: server.templates,
            stats: StatsView::from(&server.stats),
        }
    }
}

fn persistence(service: &Service) -> Option<PersistenceView> {
    (service.persist_timeout != 0).then_some(PersistenceView {
        timeout: service.persist_timeout,
        prefix: service.persist_prefix,
        templates: service.templates,
    })
}

impl<'a> ServiceView<'a> {
    fn new(entry: &'a Entry) -> Self {
        let service = &entry.service;
        Self {
            key: KeyView::from(&service.key),
            scheduler: &service.scheduler,
            scheduler_flags: sched_flags(&service.scheduler, service.sched_flags),
            scheduler_size: service.sched_size,
            scheduler_expiry: service.sched_expiry,
            flags: service_flags(service.flags),
            persistence: persistence(service),
            timeouts: timeouts(&service.timeouts),
            no_server: service.no_server.name(),
            fallback: service.fallback.as_ref().map(FallbackView::from),
            slow_start: service.slow_start,
            owner: service.owner.as_ref().map(Owner::as_str),
            server_count: entry.servers.len(),
            stats: StatsView::from(&service.stats),
            drops: drops(&service.drops),
            servers: None,
        }
    }

    fn with_servers(entry: &'a Entry) -> Self {
        Self {
            servers: Some(entry.servers.iter().map(ServerView::from).collect()),
            ..Self::new(entry)
        }
    }
}

impl From<&Conn> for ConnView {
    fn from(conn: &Conn) -> Self {
        Self {
            protocol: match conn.protocol.0 {
                0 => "any".to_owned(),
                _ => conn.protocol.to_string().to_lowercase(),
            },
            client: PlaceView::new(conn.client, conn.family),
            service: PlaceView::new(conn.service, conn.family),
            fwmark: conn.mark,
            server: PlaceView::from(&conn.server),
            method: conn.method.name(),
            state: state_name(conn.state),
            template: conn.template,
            expires_ms: conn.expires,
        }
    }
}

pub(super) fn print(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
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
            ..ServerView::from(server)
        }));
    }
    print(out, &all)
}

/// Prints counters and rates as an array of services with their servers.
pub fn stats(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let all = entries.iter();
    let all: Vec<_> = all
        .map(|entry| ServiceRates {
            key: KeyView::from(&entry.service.key),
            stats: StatsView::from(&entry.service.stats),
            servers: entry.servers.iter().map(server_rates).collect(),
        })
        .collect();
    print(out, &all)
}

fn server_rates(server: &Server) -> ServerRates {
    ServerRates {
        place: PlaceView::from(&server.key),
        stats: StatsView::from(&server.stats),
    }
}

/// Prints connections as an array.
pub fn conns(out: &mut impl Write, conns: &[Conn]) -> io::Result<()> {
    let all: Vec<_> = conns.iter().map(ConnView::from).collect();
    print(out, &all)
}

/// Prints how many connections were removed, as an object.
pub fn removed(out: &mut impl Write, count: u32) -> io::Result<()> {
    print(out, &RemovedView { removed: count })
}

/// Prints what would become of a packet, as an object.
pub fn explanation(out: &mut impl Write, about: &Explanation) -> io::Result<()> {
    let address = |at: Option<(Family, Addr)>| at.map(|(family, addr)| addr.display(family));
    let address = |at| address(at).map(|addr| addr.to_string());
    let way = &about.way;
    let view = ExplanationView {
        verdict: about.verdict.name(),
        found: about.found.map(|found| found.name()),
        random: about.random,
        service: about.service.as_ref().map(KeyView::from),
        scheduler: about.scheduler.as_deref(),
        server: about.server.as_ref().map(PlaceView::from),
        method: about.method.map(|method| method.name()),
        connection: about.conn.as_ref().map(ConnView::from),
        drop_reason: about.reason.map(|reason| reason.name()),
        text: about.text.as_deref(),
        route: RouteView {
            device: way.device.map(route::device),
            via: address(way.via),
            source: address(way.source),
            mtu: way.mtu,
        },
    };
    print(out, &view)
}

/// Prints settings as an object.
pub fn config(out: &mut impl Write, config: &Config) -> io::Result<()> {
    let view = ConfigView {
        timeout_tcp: config.timeout_tcp,
        timeout_tcp_fin: config.timeout_tcp_fin,
        timeout_udp: config.timeout_udp,
        timeouts: timeouts(&config.timeouts),
    };
    print(out, &view)
}

/// Prints what the module can do as an object; `on_disk` are the schedulers that it could load.
pub fn features(out: &mut impl Write, info: &Info, on_disk: &BTreeSet<String>) -> io::Result<()> {
    let names = info.known_schedulers.iter().chain(&info.schedulers);
    let names: BTreeSet<&String> = names.chain(on_disk).collect();
    let schedulers = names.into_iter().map(|name| SchedulerView {
        name,
        loaded: info.schedulers.contains(name),
        loadable: on_disk.contains(name),
    });
    let view = FeaturesView {
        version: &info.version,
        scheduler_interface: &info.abi,
        features: &info.features,
        schedulers: schedulers.collect(),
        connection_limit: info.conn_limit,
        change_limit: info.change_limit,
    };
    print(out, &view)
}

/// Prints the state of the module as an object.
pub fn info(out: &mut impl Write, info: &Info) -> io::Result<()> {
    let view = InfoView {
        version: &info.version,
        scheduler_interface: &info.abi,
        schedulers: &info.schedulers,
        known_schedulers: &info.known_schedulers,
        features: &info.features,
        generation: info.generation,
        connection_limit: info.conn_limit,
        change_limit: info.change_limit,
        services: info.services,
        servers: info.servers,
        connections: info.conns,
        service_buckets: info.service_buckets,
        connection_buckets: info.conn_buckets,
        connection_size: info.conn_size,
        stats: StatsView::from(&info.stats),
        sent_packets: info.sent_pkts,
        sent_bytes: info.sent_bytes,
        fast_packets: info.fast_pkts,
        fast_bytes: info.fast_bytes,
        fast_devices: info.fast_devices,
        drops: drops(&info.drops),
    };
    print(out, &view)
}
