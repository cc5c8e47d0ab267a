// SPDX-License-Identifier: GPL-2.0

//! What a director needs.

use super::{
    named,
    remove_address,
    single,
    word,
    Address,
    Patient, //
};
use crate::{
    client::Entry,
    netlink::route::{
        Link,
        Route, //
    },
    output::table::service_name,
    reply::{
        Server,
        Service, //
    },
    request::{
        Match,
        ServiceKey, //
    },
};
use rvs_logic::logic::{
    addr::{
        Family,
        Protocol, //
    },
    uapi::{
        Method,
        NoServer,
        ServiceFlag, //
    },
    wire::encap::Shape,
};

/// What a packet of most links can have.
const USUAL_MTU: u32 = 1500;

/// The address of a service that has one.
fn virtual_address(key: &ServiceKey) -> Option<Address> {
    match key.matches {
        Match::Address(_, endpoint) => Some((key.family, endpoint.addr)),
        Match::Mark(_) => None,
    }
}

fn address(server: &Server) -> Address {
    (server.key.family, server.key.endpoint.addr)
}

impl Patient<'_> {
    /// The addresses of all services, each once.
    fn virtual_addresses(&self) -> Vec<Address> {
        let keys = self.entries.iter().map(|entry| &entry.service.key);
        let mut all: Vec<Address> = Vec::new();
        for address in keys.filter_map(virtual_address) {
            if !all.contains(&address) {
                all.push(address);
            }
        }
        all
    }

    /// Every server with its service.
    fn pairs(&self) -> Vec<(Service, Server)> {
        let pairs = self.entries.iter().flat_map(|Entry { service, servers }| {
            servers.iter().map(|server| (service.clone(), *server))
        });
        pairs.collect()
    }
}

/// Whether a server takes connections, unless it is full.
fn takes(server: &Server) -> bool {
    server.weight != 0 && server.drain.is_none()
}

/// Whether every service has a server that takes connections.
pub(super) fn services(patient: &mut Patient<'_>) {
    for Entry { service, servers } in patient.entries.clone() {
        let elsewhere = matches!(service.no_server, NoServer::Fallback | NoServer::Bypass);
        if elsewhere || servers.iter().any(takes) {
            continue;
        }
        let name = service_name(&service.key);
        let drains = servers
            .iter()
            .find(|server| server.drain.is_some() && server.weight != 0);
        let (text, command) = match servers.first() {
            None => (
                format!("the service {name} has no server"),
                format!("rvsadm server add {name} SERVER"),
            ),
            // One that drains has its weight still.
            Some(_) if drains.is_some() => {
                let first = drains.map(|server| server.key.to_string());
                (
                    format!("no server of the service {name} takes connections: some drain"),
                    format!("rvsadm ready {name} {}", first.unwrap_or_default()),
                )
            }
            Some(first) => (
                format!("all servers of the service {name} have the weight 0"),
                format!("rvsadm server set {name} {} --weight 1", first.key),
            ),
        };
        let command = patient.here(&command);
        patient.warn(text, vec![command]);
    }
}

/// Whether packets to the virtual addresses are for this host.
pub(super) fn placement(patient: &mut Patient<'_>) {
    for vip in patient.virtual_addresses() {
        if let Some((text, commands)) = misplaced(patient, vip) {
            patient.fault(text, commands);
        }
    }
}

/// What is wrong with the place of a virtual address, and what to type against it.
fn misplaced(patient: &mut Patient<'_>, vip: Address) -> Option<(String, Vec<String>)> {
    let name = named(vip);
    let holders = patient.holders(vip);
    let up = holders.iter().find(|link| link.up);
    let local = patient.host.route(vip).is_some_and(|route| route.local);
    match (up, holders.first()) {
        (None, Some(down)) => {
            let text = format!("{name} is on {}, which is down", down.name);
            let command = format!("ip link set {} up", word(&down.name));
            Some((text, vec![patient.here(&command)]))
        }
        (Some(holder), _) if !local => {
            let text = format!(
                "{name} is on {} but not in use: another host has it, or is asked whether it does",
                holder.name
            );
            let add = add_address(patient, vip, &holder.name);
            Some((text, vec![remove_address(patient, vip, holder), add]))
        }
        (None, None) if !local => {
            let near = patient.neighbourhood(vip).map(|link| link.name);
            let uplink = patient.host.uplinks(vip.0).first().copied();
            let device = near.or_else(|| uplink.map(|index| patient.device(index)));
            let device = device.unwrap_or_else(|| "lo".to_owned());
            let text = format!("{name} is not an address of this host");
            Some((text, vec![add_address(patient, vip, &device)]))
        }
        _ => unheard(patient, vip, &holders),
    }
}

/// The same for one that is only on devices without a network, though a network would ask for it.
fn unheard(patient: &Patient<'_>, vip: Address, holders: &[Link]) -> Option<(String, Vec<String>)> {
    let near = patient.neighbourhood(vip).filter(|link| link.arp)?;
    let inner = !holders.is_empty() && holders.iter().all(|link| link.inner);
    // IPv6 never answers for an address of another device.
    let silent = vip.0 == Family::Ipv6 || patient.greater(&near.name, "arp_ignore") != 0;
    (inner && silent).then(|| {
        let text = format!(
            "{} is not on {}, so nobody answers when its network asks who has it",
            named(vip),
            near.name
        );
        (text, vec![add_address(patient, vip, &near.name)])
    })
}

fn add_address(patient: &Patient<'_>, address: Address, device: &str) -> String {
    let to = word(device);
    // Nobody shall wait until nobody else has it; another director may.
    let option = match address.0 {
        Family::Ipv4 => "",
        Family::Ipv6 => " nodad",
    };
    let address = single(address);
    patient.here(&format!("ip address add {address} dev {to}{option}"))
}

/// Whether the answers of NAT servers are forwarded.
pub(super) fn forwarding(patient: &mut Patient<'_>) {
    let mut told: Vec<(Family, String)> = Vec::new();
    for (_, server) in patient.pairs() {
        if server.method != Method::Nat {
            continue;
        }
        let Some(way) = patient.host.route(address(&server)) else {
            continue;
        };
        let device = patient.device(way.device);
        let family = server.key.family;
        let Some((path, name)) = unforwarded(patient, family, &device) else {
            continue;
        };
        let place = (family, path.join("."));
        if way.local || told.contains(&place) {
            continue;
        }
        told.push(place);
        let text = format!(
            "the answers of {} come in by {device}, and {name} packets are not forwarded",
            server.key
        );
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let command = patient.sysctl(&path, 1);
        patient.fault(text, vec![command]);
    }
}

/// The setting that keeps packets of a family that come in by a device from being forwarded.
fn unforwarded(
    patient: &Patient<'_>,
    family: Family,
    device: &str,
) -> Option<(Vec<String>, &'static str)> {
    let off = |path: &[&str]| patient.setting(path) == Some(0);
    let owned = |path: &[&str]| path.iter().map(|part| (*part).to_owned()).collect();
    match family {
        Family::Ipv4 => {
            let all = ["net", "ipv4", "ip_forward"];
            let one = ["net", "ipv4", "conf", device, "forwarding"];
            let path: &[&str] = if off(&all) { &all } else { &one };
            off(path).then(|| (owned(path), "IPv4"))
        }
        Family::Ipv6 => {
            let all = ["net", "ipv6", "conf", "all", "forwarding"];
            let forced = ["net", "ipv6", "conf", device, "force_forwarding"];
            let forced = patient.setting(&forced).is_some_and(|value| value != 0);
            (off(&all) && !forced).then(|| (owned(&all), "IPv6"))
        }
    }
}

/// Whether packets of clients pass the check of their source addresses.
pub(super) fn reverse_path(patient: &mut Patient<'_>) {
    const STRICT: u32 = 1;

    let uplinks = patient.host.uplinks(Family::Ipv4);
    let mut told: Vec<u32> = Vec::new();
    for vip in patient.virtual_addresses() {
        if vip.0 != Family::Ipv4 || uplinks.is_empty() {
            continue;
        }
        for link in patient.holders(vip) {
            let asymmetric = !link.inner && !uplinks.contains(&link.index);
            let strict = patient.greater(&link.name, "rp_filter") == STRICT;
            if !asymmetric || !strict || told.contains(&link.index) {
                continue;
            }
            told.push(link.index);
            let uplink = uplinks.first().map(|index| patient.device(*index));
            let text = format!(
                "clients elsewhere that come in by {} are dropped, because the way back to them is {}",
                link.name,
                uplink.unwrap_or_default()
            );
            // The greater of `all` and its own holds; 2 is for any way back.
            let path = ["net", "ipv4", "conf", &link.name, "rp_filter"];
            let command = patient.sysctl(&path, 2);
            patient.fault(text, vec![command]);
        }
    }
}

/// Whether there are ways to the servers on which their method works.
pub(super) fn servers(patient: &mut Patient<'_>) {
    let mut told: Vec<(Address, Method)> = Vec::new();
    for (service, server) in patient.pairs() {
        let to = address(&server);
        if server.method == Method::Local || told.contains(&(to, server.method)) {
            continue;
        }
        let name = named(to);
        match patient.host.route(to) {
            None => {
                let command = format!("ip route add {} via GATEWAY", single(to));
                let command = patient.here(&command);
                patient.fault(format!("there is no route to {name}"), vec![command]);
            }
            Some(Route { via: Some(via), .. }) if server.method == Method::Direct => {
                let text = format!(
                    "the method direct reaches neighbours alone, and {name} is behind {}",
                    via.display(to.0)
                );
                let service = service_name(&service.key);
                let command = format!("rvsadm server set {service} {} --tunnel ipip", server.key);
                let command = patient.here(&command);
                patient.fault(text, vec![command]);
            }
            Some(_) => continue,
        }
        told.push((to, server.method));
    }
}

/// Whether what clients send fits into the tunnels.
pub(super) fn mtu(patient: &mut Patient<'_>) {
    let mut told: Vec<ServiceKey> = Vec::new();
    for (service, server) in patient.pairs() {
        let clamped = service.flags & ServiceFlag::MssClamp.bit() != 0;
        let clampable = matches!(service.key.protocol(), Some(Protocol::TCP) | None);
        let tunnelled = server.method == Method::Tunnel;
        if !tunnelled || (clamped && clampable) || told.contains(&service.key) {
            continue;
        }
        let Some(way) = patient.host.route(address(&server)) else {
            continue;
        };
        let Some(link) = patient.link(way.device).cloned() else {
            continue;
        };
        let headers = headers(&service.key, &server);
        let needed = arriving(patient, &service.key).saturating_add(headers);
        if link.mtu >= needed || link.inner {
            continue;
        }
        told.push(service.key);
        let name = service_name(&service.key);
        let text = format!(
            "the longest packets of clients of {name} do not fit: {} has an MTU of {}, \
             with the {headers} bytes of the tunnel to {} they have {needed}",
            link.name, link.mtu, server.key
        );
        let command = match clampable {
            true => format!("rvsadm service set {name} --mss-clamp"),
            false => format!("ip link set {} mtu {needed}", word(&link.name)),
        };
        let command = patient.here(&command);
        patient.warn(text, vec![command]);
    }
}

/// The length of the headers of a server's tunnel.
fn headers(service: &ServiceKey, server: &Server) -> u32 {
    let tunnel = server.tunnel;
    let flags = u8::try_from(tunnel.flags).unwrap_or_default();
    let shape = Shape::new(server.key.family, service.family, tunnel.kind, flags, true);
    u32::try_from(shape.longest().headers_len()).unwrap_or_default()
}

/// The length of the longest packets that clients of a service send.
fn arriving(patient: &mut Patient<'_>, key: &ServiceKey) -> u32 {
    let holders = virtual_address(key).map(|vip| patient.holders(vip));
    let holders = holders.unwrap_or_default();
    let outer = holders.iter().filter(|link| !link.inner);
    let known = outer.map(|link| link.mtu).max();
    known.unwrap_or_else(|| {
        let uplinks = patient.host.uplinks(key.family);
        let links = uplinks.iter().filter_map(|index| patient.link(*index));
        links.map(|link| link.mtu).max().unwrap_or(USUAL_MTU)
    })
}
