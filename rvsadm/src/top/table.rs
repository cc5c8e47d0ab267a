// SPDX-License-Identifier: GPL-2.0

//! The rows, and which columns there is room for.

use super::{
    state::Order,
    track::{
        blocks,
        Track, //
    },
};
use crate::{
    client::Entry,
    output::{
        grid::short_number,
        order::{
            by_number,
            servers_by_number, //
        },
        table::service_name, //
    },
    reply::{
        Counters,
        Server, //
    },
    request::{
        ServerKey,
        ServiceKey, //
    },
};
use std::{
    collections::{
        BTreeMap,
        BTreeSet,
        VecDeque, //
    },
    ops::Range,
};

/// A service or a server.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What it is known by.
    pub(super) id: String,
    pub(super) service: ServiceKey,
    pub(super) server: Option<ServerKey>,
    name: String,
    kind: String,
    weight: String,
    active: u64,
    inactive: u64,
    rate: Counters,
    past: VecDeque<u64>,
    /// Takes no new connections.
    pub(super) closed: bool,
}

/// A column; the lower its rank, the longer it is there when room gets scarce.
struct Column {
    title: &'static str,
    width: usize,
    rank: u8,
    cell: fn(&Row) -> String,
}

const GAP: usize = 1;

/// How narrow the names may get.
const NAME: usize = 22;
/// How wide the pictures may get.
const TREND: usize = 30;

const COLUMNS: &[Column] = &[
    Column {
        title: "KIND",
        width: 8,
        rank: 5,
        cell: |row| row.kind.clone(),
    },
    Column {
        title: "WEIGHT",
        width: 6,
        rank: 4,
        cell: |row| row.weight.clone(),
    },
    Column {
        title: "ACTIVE",
        width: 6,
        rank: 0,
        cell: |row| short_number(row.active),
    },
    Column {
        title: "INACT",
        width: 6,
        rank: 7,
        cell: |row| short_number(row.inactive),
    },
    Column {
        title: "CONN/S",
        width: 6,
        rank: 1,
        cell: |row| short_number(row.rate.conns),
    },
    Column {
        title: "IN-P/S",
        width: 6,
        rank: 6,
        cell: |row| short_number(row.rate.in_pkts),
    },
    Column {
        title: "OUT-P/S",
        width: 7,
        rank: 6,
        cell: |row| short_number(row.rate.out_pkts),
    },
    Column {
        title: "IN-B/S",
        width: 6,
        rank: 2,
        cell: |row| short_number(row.rate.in_bytes),
    },
    Column {
        title: "OUT-B/S",
        width: 7,
        rank: 3,
        cell: |row| short_number(row.rate.out_bytes),
    },
];

/// The rows of all services and of the servers of those that are not folded.
pub(super) fn rows(
    entries: &[Entry],
    tracks: &BTreeMap<String, Track>,
    folded: &BTreeSet<String>,
    order: Order,
) -> Vec<Row> {
    let mut groups: Vec<(Row, Vec<Row>)> = Vec::new();
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by(|a, b| by_number(&a.service.key, &b.service.key));
    for entry in sorted {
        let name = service_name(&entry.service.key);
        let mut servers: Vec<&Server> = entry.servers.iter().collect();
        servers.sort_by(|a, b| servers_by_number(&a.key, &b.key));
        let mut servers: Vec<Row> = servers
            .into_iter()
            .map(|server| self::server(&entry.service.key, &name, server, tracks))
            .collect();
        arrange(&mut servers, order, |row| row);
        let service = service(entry, &name, tracks, folded.contains(&name));
        groups.push((service, servers));
    }
    arrange(&mut groups, order, |(service, _)| service);
    let mut rows = Vec::new();
    for (service, servers) in groups {
        let shown = !folded.contains(&service.id);
        rows.push(service);
        rows.extend(servers.into_iter().filter(|_| shown));
    }
    rows
}

/// Those with most come first; what has the same keeps its order.
fn arrange<T>(rows: &mut [T], order: Order, row: impl Fn(&T) -> &Row) {
    rows.sort_by_key(|one| {
        let row = row(one);
        std::cmp::Reverse(match order {
            Order::Name => 0,
            Order::Connections => row.active,
            Order::Traffic => row.rate.in_bytes.saturating_add(row.rate.out_bytes),
        })
    });
}

fn service(entry: &Entry, name: &str, tracks: &BTreeMap<String, Track>, folded: bool) -> Row {
    let sum = |count: fn(&Server) -> u32| {
        let counts = entry.servers.iter().map(|server| u64::from(count(server)));
        counts.sum()
    };
    let track = tracks.get(name).cloned().unwrap_or_default();
    let mark = if folded { "+" } else { "-" };
    Row {
        id: name.to_owned(),
        service: entry.service.key,
        server: None,
        name: format!("{mark} {name}"),
        kind: entry.service.scheduler.clone(),
        weight: String::new(),
        active: sum(|server| server.active),
        inactive: sum(|server| server.inactive),
        rate: track.rate,
        past: track.packets,
        closed: false,
    }
}

fn server(
    service: &ServiceKey,
    name: &str,
    server: &Server,
    tracks: &BTreeMap<String, Track>,
) -> Row {
    let id = format!("{name} {}", server.key);
    let track = tracks.get(&id).cloned().unwrap_or_default();
    let state = match (&server.drain, server.overloaded) {
        (Some(drain), _) if drain.timeout != 0 => format!(" draining, {} s", drain.left),
        (Some(_), _) => " draining".to_owned(),
        (None, true) => " full".to_owned(),
        (None, false) => String::new(),
    };
    Row {
        id,
        service: *service,
        server: Some(server.key),
        name: format!("    {}{state}", server.key),
        kind: server.method.name().to_owned(),
        weight: server.weight.to_string(),
        active: u64::from(server.active),
        inactive: u64::from(server.inactive),
        rate: track.rate,
        past: track.packets,
        closed: !state.is_empty() || server.weight == 0,
    }
}

/// The titles, and those rows that are on the screen, as lines of this width.
pub(super) fn lines(rows: &[Row], screen: Range<usize>, width: usize) -> (String, Vec<String>) {
    let mut columns: Vec<&Column> = COLUMNS.iter().collect();
    let taken = |columns: &[&Column]| -> usize {
        let widths = columns
            .iter()
            .map(|column| column.width.saturating_add(GAP));
        widths.sum()
    };
    while taken(&columns).saturating_add(NAME) > width {
        let Some(last) = columns.iter().map(|column| column.rank).max() else {
            break;
        };
        columns.retain(|column| column.rank != last);
    }
    let wanted = rows.iter().map(|row| row.name.chars().count()).max();
    let rest = width.saturating_sub(taken(&columns));
    let name = wanted.unwrap_or_default().max(NAME).min(rest);
    let trend = rest.saturating_sub(name).saturating_sub(GAP).min(TREND);
    let line = |first: &str, cells: &dyn Fn(&Column) -> String, last: &str| {
        let mut line = fit(first, name);
        for column in &columns {
            let width = column.width;
            line.push_str(&format!(" {:>width$}", cells(column)));
        }
        line.push(' ');
        line.push_str(last);
        line
    };
    let titles = line(
        "SERVICE, SERVER",
        &|column| column.title.to_owned(),
        if trend >= 9 { "PACKETS/S" } else { "" },
    );
    let rows = rows.get(screen).unwrap_or_default().iter();
    let rows = rows.map(|row| {
        line(
            &row.name,
            &|column| (column.cell)(row),
            &blocks(&row.past, trend),
        )
    });
    (titles, rows.collect())
}

/// The text in exactly this width, cut if need be.
fn fit(text: &str, width: usize) -> String {
    match text.chars().count() > width {
        true => {
            let kept: String = text.chars().take(width.saturating_sub(1)).collect();
            format!("{kept}…")
        }
        false => format!("{text:<width$}"),
    }
}
