// SPDX-License-Identifier: GPL-2.0

//! Services and servers in the layout of `ipvsadm -L`, which many scripts read.

use super::{
    method_name,
    names::Names,
    order,
    save::tun_flag,
    stats, //
};
use crate::{
    cli::ipvsadm::sched_flag_names,
    client::Entry,
    reply::{
        longest_prefix,
        Server,
        Service, //
    },
    request::{
        Config,
        Match,
        ServiceKey, //
    },
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Family,
        Protocol, //
    },
    uapi::{
        Method,
        ServiceFlag,
        TunFlag,
        TunType, //
    },
};
use std::io::{
    self,
    Write, //
};

/// Widths of the names of services and servers; longer IPv4 names are cut.
const SERVICE_WIDTH: usize = 33;
const SERVER_WIDTH: usize = 28;

/// What to say about each server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Method, weight and connections.
    Weights,
    /// Counters.
    Stats,
    /// Rates.
    Rate,
    /// Limits of connections.
    Thresholds,
    /// How many clients are kept with it.
    PersistentConn,
    /// What tunnel packets are like.
    TunInfo,
}

/// How to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// What to say.
    pub format: Format,
    /// Large numbers in full.
    pub exact: bool,
    /// In the order of the addresses, not of the kernel.
    pub sorted: bool,
    /// Numbers instead of names.
    pub numeric: bool,
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
    titles(out, style.format)?;
    if style.sorted {
        order::sort(&mut entries);
    }
    let names = Names::new(style.numeric);
    for entry in &entries {
        let service = &entry.service;
        service_line(out, service, &names, style)?;
        let protocol = service.key.protocol();
        for server in &entry.servers {
            let name = names.server(protocol, &server.key);
            server_line(out, server, &name, style)?;
        }
    }
    Ok(())
}

fn titles(out: &mut impl Write, format: Format) -> io::Result<()> {
    const SERVICE: &str = "Prot LocalAddress:Port";
    const SERVER: &str = "  -> RemoteAddress:Port";

    let columns = match format {
        Format::Weights | Format::TunInfo => {
            let info = match format {
                Format::TunInfo => "TunnelInfo    ",
                _ => "",
            };
            writeln!(out, "{SERVICE} Scheduler Flags")?;
            return writeln!(
                out,
                "{SERVER}           Forward {info}Weight ActiveConn InActConn"
            );
        }
        Format::Stats => stats::titles(stats::TOTALS),
        Format::Rate => stats::titles(stats::RATES),
        Format::Thresholds => " Uthreshold Lthreshold ActiveConn InActConn ".to_owned(),
        Format::PersistentConn => " Weight    PersistConn ActiveConn InActConn ".to_owned(),
    };
    writeln!(out, "{SERVICE:<SERVICE_WIDTH$}{columns}")?;
    writeln!(out, "{SERVER}")
}

/// The name of a service: `TCP  192.0.2.1:80`, `FWM  7 IPv6`.
fn service_name(key: &ServiceKey, names: &Names) -> String {
    match key.matches {
        Match::Address(protocol, endpoint) => {
            let place = names.endpoint(Some(protocol), key.family, endpoint);
            format!("{:<4} {place}", protocol_name(protocol))
        }
        Match::Mark(mark) => match key.family {
            Family::Ipv4 => format!("FWM  {mark}"),
            Family::Ipv6 => format!("FWM  {mark} IPv6"),
        },
    }
}

/// The name of a protocol; 0 is any.
pub(super) fn protocol_name(protocol: Protocol) -> String {
    match protocol {
        Protocol(0) => "IP".to_owned(),
        protocol => protocol.to_string(),
    }
}

fn service_line(
    out: &mut impl Write,
    service: &Service,
    names: &Names,
    style: Style,
) -> io::Result<()> {
    let name = service_name(&service.key, names);
    let name = cut(&name, service.key.family, SERVICE_WIDTH);
    let columns = match style.format {
        Format::Stats => stats::columns(&service.stats.total, style.exact),
        Format::Rate => stats::columns(&service.stats.rate, style.exact),
        _ => return writeln!(out, "{name} {}", service_facts(service)),
    };
    writeln!(out, "{name:<SERVICE_WIDTH$}{columns}")
}

/// What follows the name of a service: `sh (sh-port) persistent 60 mask 255.255.0.0`.
fn service_facts(service: &Service) -> String {
    let mut text = service.scheduler.clone();
    let flags = sched_flag_names(&service.scheduler, service.sched_flags);
    if !flags.is_empty() {
        text += &format!(" ({flags})");
    }
    if service.persist_timeout != 0 {
        text += &format!(" persistent {}", service.persist_timeout);
        let family = service.key.family;
        if service.persist_prefix != longest_prefix(family) {
            text += &format!(" mask {}", mask(family, service.persist_prefix));
        }
    }
    if service.flags & ServiceFlag::OnePacket.bit() != 0 {
        text += " ops";
    }
    text
}

/// A prefix as ipvsadm takes it: a mask for IPv4, a length for IPv6.
pub(super) fn mask(family: Family, prefix: u8) -> String {
    match family {
        Family::Ipv4 => {
            let all = Addr::from_v4([255; 4]);
            all.masked(family, prefix).display(family).to_string()
        }
        Family::Ipv6 => prefix.to_string(),
    }
}

fn server_line(out: &mut impl Write, server: &Server, name: &str, style: Style) -> io::Result<()> {
    let name = cut(name, server.key.family, SERVER_WIDTH);
    write!(out, "  -> {name:<SERVER_WIDTH$}")?;
    let method = method_name(server.method);
    let (weight, active, inactive) = (server.weight, server.active, server.inactive);
    match style.format {
        Format::Stats => write!(out, "{}", stats::columns(&server.stats.total, style.exact))?,
        Format::Rate => write!(
            out,
            "{}",
            stats::rate_columns(&server.stats.rate, style.exact)
        )?,
        Format::Weights => write!(out, " {method:<7} {weight:<6} {active:<10} {inactive:<10}")?,
        Format::Thresholds => write!(
            out,
            " {:<10} {:<10} {active:<10} {inactive:<10}",
            server.upper, server.lower
        )?,
        Format::PersistentConn => write!(
            out,
            " {weight:<9} {:<11} {active:<10} {inactive:<10}",
            server.templates
        )?,
        Format::TunInfo => write!(
            out,
            " {method:<7} {:<13} {weight:<6} {active:<10} {inactive:<10}",
            tunnel_info(server)
        )?,
    }
    writeln!(out)
}

/// What tunnel packets are like: `gue:6080:+c`.
fn tunnel_info(server: &Server) -> String {
    if server.method != Method::Tunnel {
        return "n/a".to_owned();
    }
    let checksum = match tun_flag(&server.tunnel) {
        None => "-c",
        Some(TunFlag::Csum) => "+c",
        Some(TunFlag::Remcsum) => "r+c",
    };
    match server.tunnel.kind {
        TunType::Ipip => "ipip".to_owned(),
        TunType::Gue => format!("gue:{}:{checksum}", server.tunnel.port),
        TunType::Gre => format!("gre:{checksum}"),
    }
}

/// The name as far as it fits; an IPv6 name is never cut.
fn cut(name: &str, family: Family, width: usize) -> &str {
    match family {
        Family::Ipv4 => name.get(..width).unwrap_or(name),
        Family::Ipv6 => name,
    }
}
