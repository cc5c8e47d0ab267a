// SPDX-License-Identifier: GPL-2.0

//! Services and servers in the layout of `ipvsadm -L`, which many scripts read.

use super::{
    method_name,
    stats, //
};
use crate::{
    client::Entry,
    reply::{
        Server,
        Service, //
    },
    request::Config,
};
use rvs_logic::logic::addr::{
    Endpoint,
    Family, //
};
use std::io::{
    self,
    Write, //
};

/// Widths of the names of services and servers; longer IPv4 names are cut.
const SERVICE_WIDTH: usize = 33;
const SERVER_WIDTH: usize = 28;

/// How to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Counters instead of weights and connections.
    pub stats: bool,
    /// Large numbers in full.
    pub exact: bool,
    /// In the order of the addresses, not of the kernel.
    pub sorted: bool,
}

/// Prints the line that names the version whose layout this is.
pub fn version_line(out: &mut impl Write, buckets: u32) -> io::Result<()> {
    writeln!(out, "IP Virtual Server version 1.2.1 (size={buckets})")
}

/// Prints the timeouts.
pub fn timeouts(out: &mut impl Write, config: &Config) -> io::Result<()> {
    let [tcp, fin, udp] = [
        config.timeout_tcp,
        config.timeout_tcp_fin,
        config.timeout_udp,
    ]
    .map(Option::unwrap_or_default);
    writeln!(out, "Timeout (tcp tcpfin udp): {tcp} {fin} {udp}")
}

/// Prints the titles and the services with their servers.
pub fn entries(out: &mut impl Write, mut entries: Vec<Entry>, style: Style) -> io::Result<()> {
    titles(out, style)?;
    if style.sorted {
        sort(&mut entries);
    }
    for entry in &entries {
        let service = &entry.service;
        service_line(out, service, style)?;
        for server in &entry.servers {
            server_line(out, server, service.key.family, style)?;
        }
    }
    Ok(())
}

/// Orders services and servers as ipvsadm does: by family, protocol, address and port.
pub fn sort(entries: &mut [Entry]) {
    let place = |endpoint: Endpoint| (endpoint.addr.bytes(), endpoint.port);
    entries.sort_by_key(|entry| {
        let key = entry.service.key;
        (key.family.af(), key.protocol.0, place(key.endpoint))
    });
    for entry in entries {
        entry.servers.sort_by_key(|server| place(server.endpoint));
    }
}

fn titles(out: &mut impl Write, style: Style) -> io::Result<()> {
    if !style.stats {
        writeln!(out, "Prot LocalAddress:Port Scheduler Flags")?;
        return writeln!(
            out,
            "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn"
        );
    }
    let titles = stats::TITLES.map(|title| format!(" {title:>8}")).concat();
    writeln!(out, "{:<SERVICE_WIDTH$}{titles}", "Prot LocalAddress:Port")?;
    writeln!(out, "  -> RemoteAddress:Port")
}

fn service_line(out: &mut impl Write, service: &Service, style: Style) -> io::Result<()> {
    let key = &service.key;
    let place = key.endpoint.display(key.family);
    let name = format!("{:<4} {place}", key.protocol.to_string());
    let name = cut(&name, key.family, SERVICE_WIDTH);
    if !style.stats {
        return writeln!(out, "{name} {}", service.scheduler);
    }
    let columns = stats::columns(&service.stats, style.exact);
    writeln!(out, "{name:<SERVICE_WIDTH$}{columns}")
}

fn server_line(
    out: &mut impl Write,
    server: &Server,
    family: Family,
    style: Style,
) -> io::Result<()> {
    let name = server.endpoint.display(family).to_string();
    let name = cut(&name, family, SERVER_WIDTH);
    if style.stats {
        let columns = stats::columns(&server.stats, style.exact);
        return writeln!(out, "  -> {name:<SERVER_WIDTH$}{columns}");
    }
    writeln!(
        out,
        "  -> {name:<SERVER_WIDTH$} {:<7} {:<6} {:<10} {:<10}",
        method_name(server.method),
        server.weight,
        server.active,
        server.inactive
    )
}

/// The name as far as it fits; an IPv6 name is never cut.
fn cut(name: &str, family: Family, width: usize) -> &str {
    match family {
        Family::Ipv4 => name.get(..width).unwrap_or(name),
        Family::Ipv6 => name,
    }
}
