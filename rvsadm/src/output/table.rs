// SPDX-License-Identifier: GPL-2.0

//! Tables for people.

use super::{
    minutes,
    state_name, //
};
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
use std::io::{
    self,
    Write, //
};

/// Rows of cells; a column is as wide as its widest cell.
struct Table<const N: usize> {
    rows: Vec<[String; N]>,
    /// The first of the columns that hold numbers and are aligned to the right.
    numbers_from: usize,
}

impl<const N: usize> Table<N> {
    fn new(titles: [&str; N], numbers_from: usize) -> Self {
        Self {
            rows: vec![titles.map(str::to_owned)],
            numbers_from,
        }
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.len().max(*width);
            }
        }
        for row in &self.rows {
            let cells = row.iter().zip(widths).enumerate();
            let line: String = cells
                .map(|(column, (cell, width))| {
                    if column < self.numbers_from {
                        format!("{cell:<width$}  ")
                    } else {
                        format!("{cell:>width$}  ")
                    }
                })
                .collect();
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Prints one `name: value` per line.
fn facts(out: &mut impl Write, facts: &[(&str, String)]) -> io::Result<()> {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    facts.iter().try_for_each(|(name, value)| {
        let name = format!("{name}:");
        writeln!(out, "{name:<0$} {value}", width.saturating_add(1))
    })
}

/// The name of a service: `tcp 192.0.2.1:80`.
fn service_name(key: &ServiceKey) -> String {
    format!("{} {}", protocol(key), place(key))
}

fn protocol(key: &ServiceKey) -> String {
    key.protocol.to_string().to_lowercase()
}

fn place(key: &ServiceKey) -> String {
    key.endpoint.display(key.family).to_string()
}

/// The counters of a row.
fn counters(stats: &Stats) -> [String; 5] {
    [
        stats.conns,
        stats.in_pkts,
        stats.in_bytes,
        stats.out_pkts,
        stats.out_bytes,
    ]
    .map(|number| number.to_string())
}

/// Prints services.
pub fn services(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let titles = [
        "PROTOCOL",
        "ADDRESS",
        "SCHEDULER",
        "SERVERS",
        "CONNS",
        "IN-PKTS",
        "IN-BYTES",
        "OUT-PKTS",
        "OUT-BYTES",
    ];
    let mut table = Table::new(titles, 3);
    for Entry { service, servers } in entries {
        let [conns, in_pkts, in_bytes, out_pkts, out_bytes] = counters(&service.stats);
        table.rows.push([
            protocol(&service.key),
            place(&service.key),
            service.scheduler.clone(),
            servers.len().to_string(),
            conns,
            in_pkts,
            in_bytes,
            out_pkts,
            out_bytes,
        ]);
    }
    table.print(out)
}

/// Prints a service and its servers.
pub fn service(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    for Entry { service, servers } in entries {
        let [conns, in_pkts, in_bytes, out_pkts, out_bytes] = counters(&service.stats);
        let lines = [
            ("service", service_name(&service.key)),
            ("scheduler", service.scheduler.clone()),
            ("connections", conns),
            ("in", format!("{in_pkts} packets, {in_bytes} bytes")),
            ("out", format!("{out_pkts} packets, {out_bytes} bytes")),
            ("servers", servers.len().to_string()),
        ];
        facts(out, &lines)?;
    }
    if entries.iter().any(|entry| !entry.servers.is_empty()) {
        writeln!(out)?;
        self::servers(out, entries)?;
    }
    Ok(())
}

/// Prints servers.
pub fn servers(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let titles = [
        "SERVICE",
        "SERVER",
        "METHOD",
        "WEIGHT",
        "ACTIVE",
        "INACTIVE",
        "CONNS",
        "IN-PKTS",
        "IN-BYTES",
        "OUT-PKTS",
        "OUT-BYTES",
    ];
    let mut table = Table::new(titles, 3);
    for entry in entries {
        let key = &entry.service.key;
        let rows = entry.servers.iter().map(|server| server_row(key, server));
        table.rows.extend(rows);
    }
    table.print(out)
}

fn server_row(key: &ServiceKey, server: &Server) -> [String; 11] {
    let [conns, in_pkts, in_bytes, out_pkts, out_bytes] = counters(&server.stats);
    [
        service_name(key),
        server.endpoint.display(key.family).to_string(),
        server.method.name().to_owned(),
        server.weight.to_string(),
        server.active.to_string(),
        server.inactive.to_string(),
        conns,
        in_pkts,
        in_bytes,
        out_pkts,
        out_bytes,
    ]
}

/// Prints connections.
pub fn conns(out: &mut impl Write, conns: &[Conn]) -> io::Result<()> {
    let titles = [
        "PROTOCOL", "CLIENT", "SERVICE", "SERVER", "METHOD", "STATE", "EXPIRES",
    ];
    let mut table = Table::new(titles, 6);
    for conn in conns {
        let [client, service, server] = [conn.client, conn.service, conn.server]
            .map(|endpoint| endpoint.display(conn.family).to_string());
        table.rows.push([
            conn.protocol.to_string().to_lowercase(),
            client,
            service,
            server,
            conn.method.name().to_owned(),
            state_name(conn.state),
            minutes(conn.expires),
        ]);
    }
    table.print(out)
}

/// Prints settings.
pub fn config(out: &mut impl Write, config: &Config) -> io::Result<()> {
    let seconds = |value: Option<u32>| format!("{} s", value.unwrap_or_default());
    let lines = [
        ("timeout-tcp", seconds(config.timeout_tcp)),
        ("timeout-tcp-fin", seconds(config.timeout_tcp_fin)),
        ("timeout-udp", seconds(config.timeout_udp)),
    ];
    facts(out, &lines)
}

/// Prints the state of the module.
pub fn info(out: &mut impl Write, info: &Info) -> io::Result<()> {
    let [conns, in_pkts, in_bytes, out_pkts, out_bytes] = counters(&info.stats);
    let packets = |packets: &str, bytes: &str| format!("{packets} packets, {bytes} bytes");
    let lines = [
        ("version", info.version.clone()),
        ("scheduler interface", info.abi.clone()),
        ("schedulers loaded", words(&info.schedulers)),
        ("features", words(&info.features)),
        (
            "services",
            format!("{} in {} buckets", info.services, info.service_buckets),
        ),
        ("servers", info.servers.to_string()),
        (
            "connections",
            format!(
                "{} of {} bytes in {} buckets",
                info.conns, info.conn_size, info.conn_buckets
            ),
        ),
        ("scheduled", format!("{conns} connections")),
        ("in", packets(&in_pkts, &in_bytes)),
        ("out", packets(&out_pkts, &out_bytes)),
        (
            "sent",
            packets(&info.sent_pkts.to_string(), &info.sent_bytes.to_string()),
        ),
    ];
    facts(out, &lines)?;
    if !info.drops.is_empty() {
        writeln!(out)?;
        let mut table = Table::new(["DROPPED", "PACKETS"], 1);
        let rows = info.drops.iter();
        table
            .rows
            .extend(rows.map(|(reason, packets)| [reason.name().to_owned(), packets.to_string()]));
        table.print(out)?;
    }
    Ok(())
}

fn words(all: &[String]) -> String {
    if all.is_empty() {
        return "none".to_owned();
    }
    all.join(" ")
}
