// SPDX-License-Identifier: GPL-2.0

//! Counters in the OpenMetrics text format, for Prometheus and its kin.

use super::table::service_name;
use crate::{
    client::Entry,
    reply::{
        Counters,
        Info, //
    },
};
use std::io::{
    self,
    Write, //
};

/// How finely to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only sums of the namespace: a fixed number of lines, however many services there are.
    #[default]
    Total,
    /// Also each service.
    Service,
    /// Also each server.
    Server,
}

/// One line of a family: its labels and its value.
type Sample = (String, u64);

/// Prints what there is at this level; `entries` may be empty at [`Level::Total`].
pub fn print(out: &mut impl Write, level: Level, info: &Info, entries: &[Entry]) -> io::Result<()> {
    gauge(out, "rvs_services", "Services.", &one(info.services))?;
    gauge(out, "rvs_servers", "Servers.", &one(info.servers))?;
    gauge(out, "rvs_connections", "Connections.", &one(info.conns))?;
    if let Some(limit) = info.conn_limit {
        let help = "Connections that there may be; 0 is no limit.";
        gauge(out, "rvs_connection_limit", help, &one(limit))?;
    }
    counters(out, "rvs", &[(String::new(), info.stats.total)])?;
    sent(out, info)?;
    let drops = info.drops.iter();
    let drops: Vec<Sample> = drops
        .map(|drop| (labels(&[("reason", drop.reason.name())]), drop.packets))
        .collect();
    counter(out, "rvs_dropped_packets", "Packets dropped.", &drops)?;
    if level >= Level::Service {
        services(out, entries)?;
    }
    if level >= Level::Server {
        servers(out, entries)?;
    }
    writeln!(out, "# EOF")
}

/// What has left, and how much of it took the fast path.
fn sent(out: &mut impl Write, info: &Info) -> io::Result<()> {
    let mut sum = |name: &str, help: &str, value: Option<u64>| match value {
        Some(value) => counter(out, name, help, &[(String::new(), value)]),
        None => Ok(()),
    };
    let families = [
        (
            "rvs_sent_packets",
            "Packets that left.",
            Some(info.sent_pkts),
        ),
        ("rvs_sent_bytes", "Bytes that left.", Some(info.sent_bytes)),
        (
            "rvs_fast_packets",
            "Packets that took the fast path.",
            info.fast_pkts,
        ),
        (
            "rvs_fast_bytes",
            "Bytes that took the fast path.",
            info.fast_bytes,
        ),
    ];
    families
        .iter()
        .try_for_each(|(name, help, value)| sum(name, help, *value))
}

fn services(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let name = |entry: &Entry| labels(&[("service", &service_name(&entry.service.key))]);
    let count = |entry: &Entry| u64::try_from(entry.servers.len()).unwrap_or(u64::MAX);
    let servers: Vec<_> = entries.iter().map(|one| (name(one), count(one))).collect();
    gauge(
        out,
        "rvs_service_servers",
        "Servers of the service.",
        &servers,
    )?;
    let totals = entries
        .iter()
        .map(|one| (name(one), one.service.stats.total));
    counters(out, "rvs_service", &totals.collect::<Vec<_>>())?;
    let mut drops = Vec::new();
    for Entry { service, .. } in entries {
        let name = service_name(&service.key);
        drops.extend(service.drops.iter().map(|drop| {
            let both = [("service", name.as_str()), ("reason", drop.reason.name())];
            (labels(&both), drop.packets)
        }));
    }
    let help = "Packets dropped on account of the service.";
    counter(out, "rvs_service_dropped_packets", help, &drops)
}

fn servers(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let mut all = Vec::new();
    for Entry { service, servers } in entries {
        let service = service_name(&service.key);
        all.extend(servers.iter().map(|server| {
            let name = server.key.to_string();
            (labels(&[("service", &service), ("server", &name)]), server)
        }));
    }
    let weights: Vec<Sample> = all
        .iter()
        .map(|(name, server)| (name.clone(), u64::from(server.weight)))
        .collect();
    gauge(out, "rvs_server_weight", "Weight of the server.", &weights)?;
    let effective: Vec<Sample> = all
        .iter()
        .map(|(name, server)| (name.clone(), u64::from(server.effective_weight)))
        .collect();
    let help = "Weight that counts now: less during a slow start, 0 while draining.";
    gauge(out, "rvs_server_effective_weight", help, &effective)?;
    let draining: Vec<Sample> = all
        .iter()
        .map(|(name, server)| (name.clone(), u64::from(server.drain.is_some())))
        .collect();
    let help = "Whether the server drains.";
    gauge(out, "rvs_server_draining", help, &draining)?;
    let active: Vec<Sample> = all
        .iter()
        .map(|(name, server)| (name.clone(), u64::from(server.active)))
        .collect();
    let help = "Active connections of the server.";
    gauge(out, "rvs_server_active_connections", help, &active)?;
    let inactive: Vec<Sample> = all
        .iter()
        .map(|(name, server)| (name.clone(), u64::from(server.inactive)))
        .collect();
    let help = "Other connections of the server.";
    gauge(out, "rvs_server_inactive_connections", help, &inactive)?;
    let totals = all.iter();
    let totals = totals.map(|(name, server)| (name.clone(), server.stats.total));
    counters(out, "rvs_server", &totals.collect::<Vec<_>>())
}

/// The five counters of one kind of object.
fn counters(out: &mut impl Write, prefix: &str, all: &[(String, Counters)]) -> io::Result<()> {
    type Read = fn(&Counters) -> u64;
    const FAMILIES: [(&str, &str, Read); 5] = [
        ("scheduled_connections", "Connections scheduled.", |c| {
            c.conns
        }),
        ("in_packets", "Packets from clients.", |c| c.in_pkts),
        ("in_bytes", "Bytes from clients.", |c| c.in_bytes),
        ("out_packets", "Packets to clients.", |c| c.out_pkts),
        ("out_bytes", "Bytes to clients.", |c| c.out_bytes),
    ];

    FAMILIES.iter().try_for_each(|(name, help, read)| {
        let samples = all.iter();
        let samples: Vec<Sample> = samples
            .map(|(labels, counters)| (labels.clone(), read(counters)))
            .collect();
        counter(out, &format!("{prefix}_{name}"), help, &samples)
    })
}

fn one(value: u32) -> [Sample; 1] {
    [(String::new(), u64::from(value))]
}

fn gauge(out: &mut impl Write, name: &str, help: &str, samples: &[Sample]) -> io::Result<()> {
    family(out, name, "gauge", help, "", samples)
}

fn counter(out: &mut impl Write, name: &str, help: &str, samples: &[Sample]) -> io::Result<()> {
    family(out, name, "counter", help, "_total", samples)
}

fn family(
    out: &mut impl Write,
    name: &str,
    kind: &str,
    help: &str,
    suffix: &str,
    samples: &[Sample],
) -> io::Result<()> {
    writeln!(out, "# TYPE {name} {kind}\n# HELP {name} {help}")?;
    samples
        .iter()
        .try_for_each(|(labels, value)| writeln!(out, "{name}{suffix}{labels} {value}"))
}

/// `{service="tcp 192.0.2.1:80"}`; no name of ours needs an escape.
fn labels(all: &[(&str, &str)]) -> String {
    let pairs = all.iter();
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    format!("{{{}}}", pairs.join(","))
}
