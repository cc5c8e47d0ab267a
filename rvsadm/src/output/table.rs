// SPDX-License-Identifier: GPL-2.0

//! Tables for people.

use super::{
    grid::Table,
    minutes,
    paper::{
        Ink,
        Paper, //
    },
    sched_flags,
    server_state,
    service_flags,
    state_name,
    tun_flags, //
};
use crate::{
    client::Entry,
    reply::{
        longest_prefix,
        Conn,
        Counters,
        Drops,
        Info,
        Server,
        Service, //
    },
    request::{
        Config,
        Match,
        ServerSpec,
        ServiceKey,
        Timeout,
        Tunnel, //
    },
};
use rvs_logic::logic::{
    addr::Family,
    uapi::Method, //
};
use std::{
    collections::BTreeSet,
    io, //
};

/// Prints one `name: value` per line.
pub(crate) fn facts(out: &mut impl Paper, facts: &[(&str, String)]) -> io::Result<()> {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let style = out.style();
    facts.iter().try_for_each(|(name, value)| {
        let pad = width.saturating_sub(name.len()).saturating_add(1);
        let name = Ink::Bold.on(style, &format!("{name}:"));
        writeln!(out, "{name}{:pad$}{value}", "")
    })
}

/// The name of a service as the native grammar takes it: `tcp 192.0.2.1:80`.
pub(crate) fn service_name(key: &ServiceKey) -> String {
    format!("{} {}", protocol(key), place(key))
}

/// The protocol of a service, or `fwmark`.
pub(crate) fn protocol(key: &ServiceKey) -> String {
    let protocol = key.protocol().map(|protocol| protocol.to_string());
    protocol.map_or("fwmark".to_owned(), |name| name.to_lowercase())
}

/// The address of a service, or its firewall mark.
pub(crate) fn place(key: &ServiceKey) -> String {
    match (key.matches, key.family) {
        (Match::Address(_, endpoint), family) => endpoint.display(family).to_string(),
        (Match::Mark(mark), Family::Ipv4) => mark.to_string(),
        (Match::Mark(mark), Family::Ipv6) => format!("{mark} --ipv6"),
    }
}

/// The counters of a row.
fn counters(counters: &Counters) -> [String; 5] {
    [
        counters.conns,
        counters.in_pkts,
        counters.in_bytes,
        counters.out_pkts,
        counters.out_bytes,
    ]
    .map(|number| number.to_string())
}

/// Prints services.
pub fn services(out: &mut impl Paper, entries: &[Entry]) -> io::Result<()> {
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
        let [conns, in_pkts, in_bytes, out_pkts, out_bytes] = counters(&service.stats.total);
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
pub fn service(out: &mut impl Paper, entries: &[Entry]) -> io::Result<()> {
    for Entry { service, servers } in entries {
        let packets = |counters: &Counters| {
            let [_, in_pkts, in_bytes, out_pkts, out_bytes] = self::counters(counters);
            [(in_pkts, in_bytes), (out_pkts, out_bytes)]
                .map(|(packets, bytes)| format!("{packets} packets, {bytes} bytes"))
        };
        let [total_in, total_out] = packets(&service.stats.total);
        let [rate_in, rate_out] = packets(&service.stats.rate);
        let conns = service.stats.total.conns;
        let rate = service.stats.rate.conns;
        let mut lines = vec![
            ("service", service_name(&service.key)),
            ("scheduler", service.scheduler.clone()),
        ];
        lines.extend(settings(service));
        lines.extend([
            ("connections", format!("{conns}, {rate} per second")),
            ("in", format!("{total_in}; per second {rate_in}")),
            ("out", format!("{total_out}; per second {rate_out}")),
            ("servers", servers.len().to_string()),
        ]);
        facts(out, &lines)?;
        drops(out, &service.drops)?;
    }
    if entries.iter().any(|entry| !entry.servers.is_empty()) {
        writeln!(out)?;
        self::servers(out, entries)?;
    }
    Ok(())
}

/// What is set for a service, as far as it differs from the defaults.
fn settings(service: &Service) -> Vec<(&'static str, String)> {
    let number = |number: u32, unit: &str| (number != 0).then(|| format!("{number}{unit}"));
    let list = |names: Vec<&str>| (!names.is_empty()).then(|| names.join(" "));
    let persistence = (service.persist_timeout != 0).then(|| {
        let seconds = service.persist_timeout;
        let prefix = service.persist_prefix;
        let prefix = match prefix == longest_prefix(service.key.family) {
            true => "each address for itself".to_owned(),
            false => format!("clients of a /{prefix} together"),
        };
        format!("{seconds} s, {prefix}; {} at present", service.templates)
    });
    let no_server = match &service.fallback {
        Some(fallback) => format!("fallback to {}", fallback_name(fallback)),
        None => service.no_server.name().to_owned(),
    };
    let scheduler = &service.scheduler;
    let all = [
        (
            "scheduler flags",
            list(sched_flags(scheduler, service.sched_flags)),
        ),
        ("scheduler size", number(service.sched_size, "")),
        ("scheduler expiry", number(service.sched_expiry, " s")),
        ("flags", list(service_flags(service.flags))),
        ("persistence", persistence),
        ("timeouts", timeouts(&service.timeouts)),
        ("without a server", Some(no_server)),
        ("slow start", number(service.slow_start, " s")),
        ("owner", service.owner.map(|owner| owner.to_string())),
    ];
    let set = all.into_iter();
    set.filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn timeouts(all: &[Timeout]) -> Option<String> {
    let all: Vec<String> = all
        .iter()
        .map(|timeout| format!("{} {} s", timeout.state.name(), timeout.seconds))
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn fallback_name(fallback: &ServerSpec) -> String {
    let method = fallback.method.unwrap_or(Method::Direct);
    let tunnel = fallback.tunnel.unwrap_or(Tunnel::IPIP);
    format!("{} ({})", fallback.key, method_text(method, &tunnel))
}

/// A method, with what tunnel packets are like: `tunnel gue:6080 csum`.
pub(crate) fn method_text(method: Method, tunnel: &Tunnel) -> String {
    if method != Method::Tunnel {
        return method.name().to_owned();
    }
    let mut text = format!("tunnel {}", tunnel.kind.name());
    if tunnel.port != 0 {
        text += &format!(":{}", tunnel.port);
    }
    for flag in tun_flags(tunnel.flags) {
        text += &format!(" {flag}");
    }
    text
}

/// Prints servers.
pub fn servers(out: &mut impl Paper, entries: &[Entry]) -> io::Result<()> {
    let titles = [
        "SERVICE",
        "SERVER",
        "METHOD",
        "LIMIT",
        "STATE",
        "WEIGHT",
        "ACTIVE",
        "INACTIVE",
        "CONNS",
        "IN-PKTS",
        "IN-BYTES",
        "OUT-PKTS",
        "OUT-BYTES",
    ];
    let mut table = Table::new(titles, 5);
    for entry in entries {
        let key = &entry.service.key;
        let rows = entry.servers.iter().map(|server| server_row(key, server));
        table.rows.extend(rows);
    }
    table.print(out)
}

fn server_row(key: &ServiceKey, server: &Server) -> [String; 13] {
    let [conns, in_pkts, in_bytes, out_pkts, out_bytes] = counters(&server.stats.total);
    [
        service_name(key),
        server.key.to_string(),
        method_text(server.method, &server.tunnel),
        limit(server),
        state(server),
        weight(server),
        server.active.to_string(),
        server.inactive.to_string(),
        conns,
        in_pkts,
        in_bytes,
        out_pkts,
        out_bytes,
    ]
}

/// The limits of a server: `100 (full, again below 75)`.
fn limit(server: &Server) -> String {
    let Server { upper, lower, .. } = server;
    match (upper, lower, server.overloaded) {
        (0, _, _) => "-".to_owned(),
        (_, 0, false) => upper.to_string(),
        (_, 0, true) => format!("{upper} (full)"),
        (_, _, false) => format!("{upper}/{lower}"),
        (_, _, true) => format!("{upper}/{lower} (full)"),
    }
}

/// Whether a server is to stay: `draining, 40 s left`.
fn state(server: &Server) -> String {
    let state = server_state(server).name();
    match server.drain {
        Some(drain) if drain.timeout != 0 => format!("{state}, {} s left", drain.left),
        _ => state.to_owned(),
    }
}

/// The weight of a server, with the one that counts now if that is another: `3/10`.
fn weight(server: &Server) -> String {
    match server.effective_weight == server.weight || server.drain.is_some() {
        true => server.weight.to_string(),
        false => format!("{}/{}", server.effective_weight, server.weight),
    }
}

/// Prints what passes each second.
pub fn stats(out: &mut impl Paper, entries: &[Entry]) -> io::Result<()> {
    let titles = [
        "SERVICE",
        "SERVER",
        "CONNS/S",
        "IN-PKTS/S",
        "IN-BYTES/S",
        "OUT-PKTS/S",
        "OUT-BYTES/S",
    ];
    let mut table = Table::new(titles, 2);
    for Entry { service, servers } in entries {
        let name = service_name(&service.key);
        table.rows.push(rates(&name, "-", &service.stats.rate));
        let rows = servers.iter();
        let rows = rows.map(|server| rates(&name, &server.key.to_string(), &server.stats.rate));
        table.rows.extend(rows);
    }
    table.print(out)
}

fn rates(service: &str, server: &str, rate: &Counters) -> [String; 7] {
    let [conns, in_pkts, in_bytes, out_pkts, out_bytes] = counters(rate);
    [
        service.to_owned(),
        server.to_owned(),
        conns,
        in_pkts,
        in_bytes,
        out_pkts,
        out_bytes,
    ]
}

/// Prints connections.
pub fn conns(out: &mut impl Paper, conns: &[Conn]) -> io::Result<()> {
    let titles = [
        "PROTOCOL", "CLIENT", "SERVICE", "SERVER", "METHOD", "STATE", "EXPIRES",
    ];
    let mut table = Table::new(titles, 6);
    for conn in conns {
        let protocol = match conn.protocol.0 {
            0 => "any".to_owned(),
            _ => conn.protocol.to_string().to_lowercase(),
        };
        table.rows.push([
            protocol,
            conn.client.display(conn.family).to_string(),
            conn_service(conn),
            conn.server.to_string(),
            conn.method.name().to_owned(),
            match conn.template {
                true => "(template)".to_owned(),
                false => state_name(conn.state),
            },
            minutes(conn.expires),
        ]);
    }
    table.print(out)
}

/// The service of a connection, with its firewall mark if it has one.
fn conn_service(conn: &Conn) -> String {
    let place = conn.service.display(conn.family);
    match conn.mark {
        Some(mark) if conn.template => format!("fwmark {mark}"),
        Some(mark) => format!("{place} (fwmark {mark})"),
        None => place.to_string(),
    }
}

/// Prints how many connections were removed.
pub fn removed(out: &mut impl Paper, count: u32) -> io::Result<()> {
    let what = if count == 1 {
        "connection"
    } else {
        "connections"
    };
    writeln!(out, "{count} {what} removed")
}

/// Prints settings.
pub fn config(out: &mut impl Paper, config: &Config) -> io::Result<()> {
    let seconds = |value: Option<u32>| format!("{} s", value.unwrap_or_default());
    let mut lines = vec![
        ("timeout-tcp", seconds(config.timeout_tcp)),
        ("timeout-tcp-fin", seconds(config.timeout_tcp_fin)),
        ("timeout-udp", seconds(config.timeout_udp)),
    ];
    let states = config.timeouts.iter();
    lines.extend(states.map(|timeout| (timeout.state.name(), format!("{} s", timeout.seconds))));
    facts(out, &lines)
}

/// Prints the state of the module.
pub fn info(out: &mut impl Paper, info: &Info) -> io::Result<()> {
    let [conns, in_pkts, in_bytes, out_pkts, out_bytes] = counters(&info.stats.total);
    let packets = |packets: &str, bytes: &str| format!("{packets} packets, {bytes} bytes");
    let mut lines = vec![
        ("version", info.version.clone()),
        ("scheduler interface", info.abi.clone()),
        ("schedulers loaded", words(&info.schedulers)),
        ("features", words(&info.features)),
        (
            "generation",
            info.generation
                .map_or("-".to_owned(), |number| number.to_string()),
        ),
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
    if let (Some(pkts), Some(bytes), Some(devices)) =
        (info.fast_pkts, info.fast_bytes, info.fast_devices)
    {
        let taken = packets(&pkts.to_string(), &bytes.to_string());
        lines.push(("fast", format!("{taken}, at {devices} devices")));
    }
    facts(out, &lines)?;
    drops(out, &info.drops)
}

/// Prints what the module can do; `on_disk` are the schedulers that it could load.
pub fn features(out: &mut impl Paper, info: &Info, on_disk: &BTreeSet<String>) -> io::Result<()> {
    let limit = |limit: Option<u32>| match limit {
        Some(0) => Some("none".to_owned()),
        limit => limit.map(|limit| limit.to_string()),
    };
    let loadable = on_disk.iter();
    let loadable = loadable.filter(|name| !info.schedulers.contains(name));
    let known = info.known_schedulers.iter();
    let missing: Vec<String> = known
        .filter(|name| !info.schedulers.contains(name) && !on_disk.contains(*name))
        .cloned()
        .collect();
    let all = [
        ("version", Some(info.version.clone())),
        ("scheduler interface", Some(info.abi.clone())),
        ("features", Some(words(&info.features))),
        ("schedulers loaded", Some(words(&info.schedulers))),
        (
            "schedulers loadable",
            Some(words(&loadable.cloned().collect::<Vec<_>>())),
        ),
        (
            "schedulers missing",
            (!missing.is_empty()).then(|| words(&missing)),
        ),
        ("most connections", limit(info.conn_limit)),
        ("most changes at once", limit(info.change_limit)),
    ];
    let there = all.into_iter();
    let there: Vec<_> = there
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    facts(out, &there)
}

/// Prints what was dropped, by reason, after an empty line; nothing if there is nothing.
fn drops(out: &mut impl Paper, all: &[Drops]) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let mut table = Table::new(["DROPPED", "PACKETS"], 1);
    let rows = all.iter();
    table
        .rows
        .extend(rows.map(|drop| [drop.reason.name().to_owned(), drop.packets.to_string()]));
    table.print(out)
}

fn words(all: &[String]) -> String {
    if all.is_empty() {
        return "none".to_owned();
    }
    all.join(" ")
}
