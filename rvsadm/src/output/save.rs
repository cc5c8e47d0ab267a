// SPDX-License-Identifier: GPL-2.0

//! The command lines of ipvsadm that make what there is, as `ipvsadm --save` prints them.

use super::{
    list::mask,
    names::Names, //
};
use crate::{
    cli::ipvsadm::sched_flag_names,
    client::Entry,
    document::Described,
    reply::longest_prefix,
    request::{
        Match,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Tunnel, //
    },
};
use rvs_logic::logic::{
    addr::{
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

/// Prints the command lines.
pub fn entries(out: &mut impl Write, entries: &[Entry], names: &Names) -> io::Result<()> {
    for entry in entries {
        let Described { key, spec, servers } = Described::from(entry);
        let service = service_option(&key, names);
        writeln!(out, "-A {service}{}", service_options(key.family, &spec))?;
        for server in &servers {
            let name = names.server(key.protocol(), &server.key);
            writeln!(out, "-a {service} -r {name}{}", server_options(server))?;
        }
    }
    Ok(())
}

/// What names a service: `-t 192.0.2.1:80`.
pub(crate) fn service_option(key: &ServiceKey, names: &Names) -> String {
    match key.matches {
        Match::Mark(mark) => {
            let ipv6 = match key.family {
                Family::Ipv4 => "",
                Family::Ipv6 => " -6",
            };
            format!("-f {mark}{ipv6}")
        }
        Match::Address(protocol, endpoint) => {
            let option = match protocol {
                Protocol::UDP => "-u",
                Protocol::SCTP => "--sctp-service",
                _ => "-t",
            };
            let name = names.endpoint(Some(protocol), key.family, endpoint);
            format!("{option} {name}")
        }
    }
}

/// What a service does, as far as ipvsadm can say it.
pub(crate) fn service_options(family: Family, spec: &ServiceSpec) -> String {
    let scheduler = spec.scheduler.as_deref().unwrap_or_default();
    let mut text = format!(" -s {scheduler}");
    if let Some(seconds) = spec.persist_timeout.filter(|seconds| *seconds != 0) {
        text += &format!(" -p {seconds}");
        let prefix = spec.persist_prefix;
        if let Some(prefix) = prefix.filter(|prefix| *prefix != longest_prefix(family)) {
            text += &format!(" -M {}", mask(family, prefix));
        }
    }
    let bits = spec.flags.unwrap_or_default();
    if bits & ServiceFlag::OnePacket.bit() != 0 {
        text += " -o";
    }
    let flags = sched_flag_names(scheduler, spec.sched_flags.unwrap_or_default());
    if !flags.is_empty() {
        text += &format!(" -b {flags}");
    }
    text
}

/// How a server is reached, and its weight.
pub(crate) fn server_options(server: &ServerSpec) -> String {
    let method = match server.method {
        Some(Method::Nat) => "-m",
        Some(Method::Tunnel) => "-i",
        Some(Method::Direct | Method::Local | Method::Bypass) | None => "-g",
    };
    let mut text = format!(" {method} -w {}", server.weight.unwrap_or(1));
    if let Some(tunnel) = &server.tunnel {
        text += &tunnel_options(tunnel);
    }
    text
}

fn tunnel_options(tunnel: &Tunnel) -> String {
    let mut text = format!(" --tun-type {}", tunnel.kind.name());
    if tunnel.kind == TunType::Gue {
        text += &format!(" --tun-port {}", tunnel.port);
    }
    if tunnel.kind != TunType::Ipip {
        text += match tun_flag(tunnel) {
            Some(TunFlag::Csum) => " --tun-csum",
            Some(TunFlag::Remcsum) => " --tun-remcsum",
            None => " --tun-nocsum",
        };
    }
    text
}

/// The flag of a tunnel; with remote checksum offload the checksum goes without saying.
pub(super) fn tun_flag(tunnel: &Tunnel) -> Option<TunFlag> {
    let flags = u32::from(tunnel.flags);
    let all = [TunFlag::Remcsum, TunFlag::Csum];
    all.into_iter().find(|flag| flags & flag.bit() != 0)
}
