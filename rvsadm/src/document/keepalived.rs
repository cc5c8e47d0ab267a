// SPDX-License-Identifier: GPL-2.0

//! Reading the virtual servers of a configuration of keepalived.
//!
//! What says how servers are checked and who is told is keepalived's own affair and left
//! out, as is everything that is not about virtual servers.

mod tree;

use super::{
    source::{
        Complaint,
        Complaints, //
    },
    Described,
    Document, //
};
use crate::{
    cli::values::{
        place,
        Place, //
    },
    output::table::service_name,
    reply::longest_prefix,
    request::{
        ServerKey,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Tunnel, //
    },
    suggest,
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    uapi::{
        Method,
        NoServer,
        SchedFlag,
        ServiceFlag,
        TunFlag,
        TunType, //
    },
};
use std::{
    collections::BTreeMap,
    ops::Range, //
};
use tree::Node;

/// A mistake, and where it is.
type Wrong = (Range<usize>, String);

/// Seconds of persistence if they are not said.
const PERSISTENCE: u32 = 360;

/// What is in a virtual server, or in one of its servers, for keepalived itself.
const OWN: &[&str] = &[
    "alpha",
    "connect_timeout",
    "delay_before_retry",
    "delay_loop",
    "ha_suspend",
    "hysteresis",
    "inhibit_on_failure",
    "log_all_failures",
    "no_alpha",
    "notify_down",
    "notify_up",
    "omega",
    "quorum",
    "quorum_down",
    "quorum_up",
    "retry",
    "smtp_alert",
    "sorry_server_inhibit",
    "snmp_name",
    "virtualhost",
    "warmup",
];

/// Reads a configuration, and says what of it is left out.
pub(super) fn read(name: &str, text: &str) -> Result<(Document, Vec<String>), Complaints> {
    let complain = |(bytes, message): Wrong| Complaint::at(name, text, bytes, message);
    let nodes = tree::parse(text).map_err(|wrong| Complaints(vec![complain(wrong)]))?;
    let mut reader = Reader::default();
    let mut wrong = Vec::new();
    for node in &nodes {
        if let Err(mistake) = reader.group(node) {
            wrong.push(complain(mistake));
        }
    }
    for node in &nodes {
        if let Err(mistake) = reader.top(node) {
            wrong.push(complain(mistake));
        }
    }
    match wrong.is_empty() {
        true => Ok((reader.document, reader.lost)),
        false => Err(Complaints(wrong)),
    }
}

#[derive(Default)]
struct Reader {
    document: Document,
    lost: Vec<String>,
    /// The places of each group.
    groups: BTreeMap<String, Vec<Target>>,
}

/// What a virtual server is for.
#[derive(Clone)]
enum Target {
    /// Packets to this address and port.
    Place(Place),
    /// Packets with this mark.
    Mark(u32),
}

/// A virtual server, without what names it.
struct Settings {
    protocol: Protocol,
    family: Family,
    spec: ServiceSpec,
    method: Method,
    tunnel: Option<Tunnel>,
    fallback: Option<Place>,
    fallback_method: Option<(Method, Option<Tunnel>)>,
    granularity: Option<(Range<usize>, String)>,
}

impl Reader {
    fn lose(&mut self, what: String) {
        if !self.lost.contains(&what) {
            self.lost.push(what);
        }
    }

    /// Takes in a group.
    fn group(&mut self, node: &Node<'_>) -> Result<(), Wrong> {
        if node.name() != "virtual_server_group" {
            return Ok(());
        }
        let (_, name) = node.argument(0)?;
        let mut all = Vec::new();
        for entry in node.inner() {
            if entry.name() == "fwmark" {
                all.push(Target::Mark(mark(entry)?));
                continue;
            }
            let first = entry.word(0)?;
            let last = first.1.rsplit_once('-').filter(|_| !first.1.contains(':'));
            let (address, last) = last.map_or((first.1, None), |(at, last)| (at, Some(last)));
            let from = endpoint((first.0.clone(), address), entry.argument(0)?)?;
            all.extend(range(&from, last, &first)?.into_iter().map(Target::Place));
        }
        self.groups.insert(name.to_owned(), all);
        Ok(())
    }

    fn top(&mut self, node: &Node<'_>) -> Result<(), Wrong> {
        match node.name() {
            "virtual_server" => self.virtual_server(node),
            "include" => {
                let (_, file) = node.argument(0)?;
                self.lose(format!("include {file}"));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn virtual_server(&mut self, node: &Node<'_>) -> Result<(), Wrong> {
        let (bytes, first) = node.argument(0)?;
        let targets = match first {
            "group" => {
                let (bytes, name) = node.argument(1)?;
                let found = self.groups.get(name).cloned();
                found.ok_or_else(|| {
                    let hint = suggest::hint(name, self.groups.keys().map(String::as_str));
                    (bytes, format!("there is no group '{name}'{hint}"))
                })?
            }
            "fwmark" => vec![Target::Mark(number(node.argument(1)?, 1, u32::MAX)?)],
            _ => vec![Target::Place(endpoint((bytes, first), node.argument(1)?)?)],
        };
        for target in targets {
            self.service(node, &target)?;
        }
        Ok(())
    }

    fn service(&mut self, node: &Node<'_>, target: &Target) -> Result<(), Wrong> {
        let settings = Settings::read(node)?;
        let key = match target {
            Target::Mark(mark) => ServiceKey::marked(settings.family, *mark),
            Target::Place(place) => {
                let port = place.port.unwrap_or_default();
                ServiceKey::at(place.family, settings.protocol, place.endpoint(port))
            }
        };
        if self
            .document
            .services
            .iter()
            .any(|service| service.key == key)
        {
            return Err((node.bytes(), "this service is there already".to_owned()));
        }
        let mut service = Described {
            key,
            spec: settings.spec(&key)?,
            servers: Vec::new(),
        };
        for inner in node.inner() {
            if inner.name() == "real_server" {
                let server = self.real_server(inner, &settings, &key)?;
                if service.servers.iter().any(|there| there.key == server.key) {
                    return Err((inner.bytes(), "this server is there already".to_owned()));
                }
                service.servers.push(server);
            } else if inner.name() == "persistence_engine" {
                self.lose(format!("{}: persistence_engine", service_name(&key)));
            } else if !Settings::KNOWN.contains(&inner.name()) {
                self.unknown(inner, &key);
            }
        }
        self.document.services.push(service);
        Ok(())
    }

    /// What is no setting of ours.
    fn unknown(&mut self, node: &Node<'_>, key: &ServiceKey) {
        let name = service_name(key);
        let checks = node.name().ends_with("_CHECK") || node.name().ends_with("_GET");
        if checks || OWN.contains(&node.name()) {
            self.lose(format!(
                "{name}: checks of its servers, and what comes of them"
            ));
        } else if sched_flag_bit(node.name()).is_none() {
            self.lose(format!("{name}: {}", node.name()));
        }
    }

    fn real_server(
        &mut self,
        node: &Node<'_>,
        settings: &Settings,
        service: &ServiceKey,
    ) -> Result<ServerSpec, Wrong> {
        let (mut method, mut tunnel) = (settings.method, settings.tunnel);
        let (mut weight, mut upper, mut lower) = (1, 0, 0);
        for inner in node.inner() {
            match inner.name() {
                "weight" => weight = number(inner.argument(0)?, 0, i32::MAX.unsigned_abs())?,
                "uthreshold" => upper = number(inner.argument(0)?, 0, i32::MAX.unsigned_abs())?,
                "lthreshold" => lower = number(inner.argument(0)?, 0, i32::MAX.unsigned_abs())?,
                "lvs_method" => (method, tunnel) = lvs_method(inner)?,
                _ => self.unknown(inner, service),
            }
        }
        let address = node.argument(0)?;
        let place = match node.has_argument(1) {
            true => endpoint(address, node.argument(1)?)?,
            false => bare(address)?,
        };
        if place.family != service.family && method != Method::Tunnel {
            let message = "another family than that of the service needs lvs_method TUN";
            return Err((node.bytes(), message.to_owned()));
        }
        if lower > upper {
            let message = "lthreshold is above uthreshold";
            return Err((node.bytes(), message.to_owned()));
        }
        Ok(ServerSpec {
            method: Some(method),
            weight: Some(weight),
            upper: Some(upper),
            lower: Some(lower),
            tunnel,
            ..ServerSpec::key(server_key(place, method, service))
        })
    }
}

/// Only NAT can change the port.
fn server_key(place: Place, method: Method, service: &ServiceKey) -> ServerKey {
    let own = match method {
        Method::Nat => place.port,
        _ if service.protocol().is_none() => place.port,
        _ => None,
    };
    let port = own.filter(|port| *port != 0).unwrap_or(service.port());
    ServerKey {
        family: place.family,
        endpoint: Endpoint::new(place.addr, port),
    }
}

impl Settings {
    const KNOWN: &'static [&'static str] = &[
        "lb_algo",
        "lvs_sched",
        "lb_kind",
        "lvs_method",
        "protocol",
        "ip_family",
        "persistence_timeout",
        "persistence_granularity",
        "ops",
        "sorry_server",
        "sorry_server_lvs_method",
    ];

    fn new() -> Self {
        Self {
            protocol: Protocol::TCP,
            family: Family::Ipv4,
            spec: ServiceSpec {
                flags: Some(0),
                sched_flags: Some(0),
                sched_size: Some(0),
                sched_expiry: Some(0),
                persist_timeout: Some(0),
                no_server: Some(NoServer::Reject),
                slow_start: Some(0),
                ..ServiceSpec::scheduler("wlc")
            },
            method: Method::Nat,
            tunnel: None,
            fallback: None,
            fallback_method: None,
            granularity: None,
        }
    }

    fn read(node: &Node<'_>) -> Result<Self, Wrong> {
        let mut settings = Self::new();
        for inner in node.inner() {
            settings.take(inner)?;
        }
        Ok(settings)
    }

    fn take(&mut self, node: &Node<'_>) -> Result<(), Wrong> {
        match node.name() {
            "lb_algo" | "lvs_sched" => {
                self.spec.scheduler = Some(node.argument(0)?.1.to_owned());
            }
            "lb_kind" | "lvs_method" => (self.method, self.tunnel) = lvs_method(node)?,
            "protocol" => self.protocol = protocol(node.argument(0)?)?,
            "ip_family" => {
                self.family = one_of(
                    node.argument(0)?,
                    &[("inet", Family::Ipv4), ("inet6", Family::Ipv6)],
                )?;
            }
            "persistence_timeout" => {
                let seconds = match node.has_argument(0) {
                    true => number(node.argument(0)?, 0, 2_678_400)?,
                    false => PERSISTENCE,
                };
                self.spec.persist_timeout = Some(seconds);
            }
            "persistence_granularity" => {
                let (bytes, mask) = node.argument(0)?;
                self.granularity = Some((bytes, mask.to_owned()));
            }
            "ops" => self.spec.flags = Some(ServiceFlag::OnePacket.bit()),
            "sorry_server" => {
                let address = node.argument(0)?;
                self.fallback = Some(match node.has_argument(1) {
                    true => endpoint(address, node.argument(1)?)?,
                    false => bare(address)?,
                });
            }
            "sorry_server_lvs_method" => {
                self.fallback_method = Some(lvs_method(node)?);
            }
            name => {
                if let Some(bit) = sched_flag_bit(name) {
                    let bits = self.spec.sched_flags.unwrap_or_default();
                    self.spec.sched_flags = Some(bits | bit);
                }
            }
        }
        Ok(())
    }

    /// What the service does.
    fn spec(&self, key: &ServiceKey) -> Result<ServiceSpec, Wrong> {
        let mut spec = self.spec.clone();
        let longest = longest_prefix(key.family);
        spec.persist_prefix = Some(longest);
        if let Some((bytes, mask)) = &self.granularity {
            if spec.persist_timeout == Some(0) {
                spec.persist_timeout = Some(PERSISTENCE);
            }
            let prefix = mask_prefix(key.family, mask);
            let wrong = || (bytes.clone(), "not a prefix of an address".to_owned());
            spec.persist_prefix = Some(prefix.ok_or_else(wrong)?);
        }
        if let Some(place) = self.fallback {
            let usual = (self.method, self.tunnel);
            let (method, tunnel) = self.fallback_method.unwrap_or(usual);
            spec.no_server = Some(NoServer::Fallback);
            spec.fallback = Some(ServerSpec {
                method: Some(method),
                tunnel,
                ..ServerSpec::key(server_key(place, method, key))
            });
        }
        Ok(spec)
    }
}

/// A word, and where it is.
type Word<'a> = (Range<usize>, &'a str);

fn endpoint((bytes, address): Word<'_>, port: Word<'_>) -> Result<Place, Wrong> {
    let port = number(port, 0, u16::MAX.into())?;
    let place = bare((bytes, address))?;
    Ok(Place {
        port: u16::try_from(port).ok(),
        ..place
    })
}

fn bare((bytes, address): Word<'_>) -> Result<Place, Wrong> {
    let found = place(address).filter(|place| place.port.is_none());
    found.ok_or_else(|| (bytes, format!("'{address}' is not an IP address")))
}

/// The addresses `10.0.0.10-20`.
fn range(from: &Place, last: Option<&str>, word: &Word<'_>) -> Result<Vec<Place>, Wrong> {
    let Some(last) = last else {
        return Ok(vec![*from]);
    };
    let wrong = || (word.0.clone(), "not a range of addresses".to_owned());
    if from.family != Family::Ipv4 {
        return Err(wrong());
    }
    let [a, b, c, first] = from.addr.v4();
    let last: u8 = last.parse().map_err(|_| wrong())?;
    let all = (first..=last).map(|number| Place {
        addr: Addr::from_v4([a, b, c, number]),
        ..*from
    });
    Ok(all.collect())
}

/// The length of a prefix, which IPv4 says as a mask.
fn mask_prefix(family: Family, mask: &str) -> Option<u8> {
    if family == Family::Ipv6 {
        let prefix = mask.parse().ok();
        return prefix.filter(|prefix| (1..=128).contains(prefix));
    }
    let mask: std::net::Ipv4Addr = mask.parse().ok()?;
    let bits = u32::from(mask);
    let prefix = bits.leading_ones();
    let whole = bits.count_ones() == prefix;
    u8::try_from(prefix).ok().filter(|_| whole)
}

/// The flag of a scheduler that is set by its name.
fn sched_flag_bit(name: &str) -> Option<u32> {
    let flag = match name {
        "flag-1" | "sh-fallback" | "mh-fallback" => SchedFlag::Sched1,
        "flag-2" | "sh-port" | "mh-port" => SchedFlag::Sched2,
        "flag-3" => SchedFlag::Sched3,
        _ => return None,
    };
    Some(flag.bit())
}

fn mark(node: &Node<'_>) -> Result<u32, Wrong> {
    number(node.argument(0)?, 1, u32::MAX)
}

fn number((bytes, text): Word<'_>, least: u32, most: u32) -> Result<u32, Wrong> {
    let number = text.parse().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| (bytes, format!("must be {least} to {most}")))
}

fn one_of<T: Copy>((bytes, word): Word<'_>, known: &[(&str, T)]) -> Result<T, Wrong> {
    let found = known.iter().find(|(name, _)| *name == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        (
            bytes,
            format!("unknown word '{word}'; there are {}", names.join(", ")),
        )
    })
}

fn protocol(word: Word<'_>) -> Result<Protocol, Wrong> {
    let known = [
        ("TCP", Protocol::TCP),
        ("UDP", Protocol::UDP),
        ("SCTP", Protocol::SCTP),
    ];
    one_of(word, &known)
}

/// `NAT`, `DR`, or `TUN type gue port 6080 csum`.
fn lvs_method(node: &Node<'_>) -> Result<(Method, Option<Tunnel>), Wrong> {
    let known = [
        ("NAT", Method::Nat),
        ("DR", Method::Direct),
        ("TUN", Method::Tunnel),
    ];
    let method = one_of(node.argument(0)?, &known)?;
    if method != Method::Tunnel {
        return Ok((method, None));
    }
    let mut tunnel = Tunnel::IPIP;
    let mut index = 1;
    while node.has_argument(index) {
        let (bytes, word) = node.argument(index)?;
        index = index.saturating_add(1);
        match word {
            "type" => {
                let kinds: Vec<_> = TunType::ALL
                    .iter()
                    .map(|kind| (kind.name(), *kind))
                    .collect();
                tunnel.kind = one_of(node.argument(index)?, &kinds)?;
                index = index.saturating_add(1);
            }
            "port" => {
                let port = number(node.argument(index)?, 1, u16::MAX.into())?;
                tunnel.port = u16::try_from(port).unwrap_or_default();
                index = index.saturating_add(1);
            }
            "csum" | "remcsum" | "nocsum" => {
                let flags = match word {
                    "csum" => TunFlag::Csum.bit(),
                    "remcsum" => TunFlag::Remcsum.bit(),
                    _ => 0,
                };
                tunnel.flags = u16::try_from(flags).unwrap_or_default();
            }
            _ => return Err((bytes, format!("unknown word '{word}' about a tunnel"))),
        }
    }
    if (tunnel.kind == TunType::Gue) != (tunnel.port != 0) {
        let message = "a tunnel has a port if, and only if, its type is gue";
        return Err((node.bytes(), message.to_owned()));
    }
    Ok((method, Some(tunnel)))
}
