// SPDX-License-Identifier: GPL-2.0

//! What a document looks like in TOML and JSON.
//!
//! What has its usual value is left out when a document is written. Values that make no
//! sense are refused while they are read, so that a complaint can show the place.

mod words;

use super::{
    source::{
        Complaint,
        Complaints, //
    },
    Described,
    Document, //
};
use crate::{
    cli::values::Place,
    reply::longest_prefix,
    request::{
        Match,
        Owner,
        ServerKey,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Timeout,
        Tunnel, //
    },
    suggest,
};
use rvs_logic::logic::{
    addr::Family,
    uapi::{
        self,
        Method,
        NoServer,
        TunType, //
    },
};
use serde::{
    Deserialize,
    Serialize, //
};
use std::collections::BTreeMap;
use words::{
    Address,
    Limited,
    OwnerName,
    Proto,
    SchedFlags,
    ServiceFlags,
    StateName,
    TunFlags,
    Word, //
};

type Seconds = Limited<{ uapi::TIMEOUT_MAX }>;
type Count = Limited<{ uapi::WEIGHT_MAX }>;
type TimeoutMap = BTreeMap<StateName, Seconds>;

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DocumentShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<OwnerName>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    timeouts: TimeoutMap,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    service: Vec<ServiceShape>,
}

/// A service, and the owners that are said of it and of its servers.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "RawService", into = "RawService")]
struct ServiceShape {
    described: Described,
    owner: Option<OwnerName>,
    server_owners: Vec<Option<OwnerName>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawService {
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<Proto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fwmark: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<Word<Family>>,
    scheduler: String,
    #[serde(default, skip_serializing_if = "SchedFlags::is_empty")]
    scheduler_flags: SchedFlags,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduler_size: Option<Limited<{ uapi::SCHED_SIZE_MAX }>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduler_expiry: Option<Seconds>,
    #[serde(default, skip_serializing_if = "ServiceFlags::is_empty")]
    flags: ServiceFlags,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_server: Option<Word<NoServer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    persistence: Option<Persistence>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    timeouts: TimeoutMap,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<Fallback>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slow_start: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<OwnerName>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    server: Vec<ServerShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Persistence {
    timeout: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<Limited<128>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fallback {
    address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Word<Method>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tunnel: Option<TunnelShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerShape {
    address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Word<Method>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tunnel: Option<TunnelShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<OwnerName>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "RawTunnel", into = "RawTunnel")]
struct TunnelShape(Tunnel);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTunnel {
    r#type: Word<TunType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(default, skip_serializing_if = "TunFlags::is_empty")]
    flags: TunFlags,
}

impl TryFrom<RawTunnel> for TunnelShape {
    type Error = String;

    fn try_from(raw: RawTunnel) -> Result<Self, String> {
        let Word(kind) = raw.r#type;
        let port = raw.port.unwrap_or(0);
        if (kind == TunType::Gue) != (port != 0) {
            return Err("a tunnel has a port if, and only if, its type is gue".to_owned());
        }
        Ok(Self(Tunnel {
            kind,
            port,
            flags: raw.flags.bits(),
        }))
    }
}

impl From<TunnelShape> for RawTunnel {
    fn from(TunnelShape(tunnel): TunnelShape) -> Self {
        Self {
            r#type: Word(tunnel.kind),
            port: (tunnel.port != 0).then_some(tunnel.port),
            flags: TunFlags::of(tunnel.flags),
        }
    }
}

/// The method and the tunnel of a server; each goes without saying where the other is said.
fn method(
    method: Option<Word<Method>>,
    tunnel: Option<TunnelShape>,
) -> Result<(Method, Option<Tunnel>), String> {
    let tunnel = tunnel.map(|TunnelShape(tunnel)| tunnel);
    match (method.map(|Word(method)| method), tunnel) {
        (None, None) => Ok((Method::Direct, None)),
        (None | Some(Method::Tunnel), tunnel) => {
            Ok((Method::Tunnel, Some(tunnel.unwrap_or(Tunnel::IPIP))))
        }
        (Some(method), None) => Ok((method, None)),
        (Some(method), Some(_)) => Err(format!("the method {} has no tunnel", method.name())),
    }
}

fn server_key(Address(place): Address, service: &ServiceKey) -> ServerKey {
    ServerKey {
        family: place.family,
        endpoint: place.endpoint(service.port()),
    }
}

impl ServerShape {
    fn read(self, service: &ServiceKey) -> Result<ServerSpec, String> {
        let (method, tunnel) = method(self.method, self.tunnel)?;
        let key = server_key(self.address, service);
        if key.family != service.family && method != Method::Tunnel {
            return Err(format!(
                "the server {key} is of another family than its service: that needs a tunnel"
            ));
        }
        let [upper, lower] =
            [self.upper, self.lower].map(|limit| limit.map_or(0, |Limited(limit)| limit));
        if lower > upper {
            return Err(format!("the server {key} has a lower above its upper"));
        }
        Ok(ServerSpec {
            key,
            method: Some(method),
            weight: Some(self.weight.map_or(1, |Limited(weight)| weight)),
            upper: Some(upper),
            lower: Some(lower),
            tunnel,
            stay: None,
            owner: None,
        })
    }

    fn write(server: &ServerSpec, owner: Option<OwnerName>) -> Self {
        let count = |value: Option<u32>, usual| {
            let value = value.filter(|value| *value != usual);
            value.map(Limited)
        };
        let tunnel = server.tunnel;
        Self {
            address: Address::of(&server.key),
            method: server.method.filter(|_| tunnel.is_none()).map(Word),
            weight: count(server.weight, 1),
            upper: count(server.upper, 0),
            lower: count(server.lower, 0),
            tunnel: tunnel.map(TunnelShape),
            owner,
        }
    }
}

impl RawService {
    fn key(&self) -> Result<ServiceKey, String> {
        let family = self.family.as_ref().map(|Word(family)| *family);
        match (&self.protocol, &self.address, self.fwmark) {
            (Some(Proto(protocol)), Some(Address(place)), None) => {
                let Place {
                    family: own, port, ..
                } = *place;
                if family.is_some_and(|family| family != own) {
                    return Err("the address is not of this family".to_owned());
                }
                let port = port.ok_or("the address of a service needs a port")?;
                Ok(ServiceKey::at(own, *protocol, place.endpoint(port)))
            }
            (None, None, Some(mark)) if mark != 0 => {
                Ok(ServiceKey::marked(family.unwrap_or(Family::Ipv4), mark))
            }
            (None, None, Some(_)) => Err("a firewall mark is 1 to 4294967295".to_owned()),
            _ => Err("a service has a protocol and an address, or a fwmark".to_owned()),
        }
    }
}

impl TryFrom<RawService> for ServiceShape {
    type Error = String;

    fn try_from(raw: RawService) -> Result<Self, String> {
        let key = raw.key()?;
        let longest = longest_prefix(key.family);
        let prefix = raw.persistence.as_ref().and_then(|some| some.prefix);
        let prefix = prefix.map(|Limited(prefix)| u8::try_from(prefix).unwrap_or(u8::MAX));
        if prefix.is_some_and(|prefix| prefix > longest) {
            return Err("the prefix is longer than an address".to_owned());
        }
        let fallback = raw.fallback.map(|fallback| fallback.read(&key));
        let fallback = fallback.transpose()?;
        let no_server = raw.no_server.map(|Word(action)| action);
        let no_server = no_server.unwrap_or(match fallback {
            Some(_) => NoServer::Fallback,
            None => NoServer::Reject,
        });
        let server_owners = raw.server.iter().map(|server| server.owner).collect();
        let servers = raw.server.into_iter();
        let servers: Result<Vec<_>, _> = servers.map(|server| server.read(&key)).collect();
        let described = Described {
            key,
            spec: ServiceSpec {
                scheduler: Some(raw.scheduler),
                flags: Some(raw.flags.bits()),
                sched_flags: Some(raw.scheduler_flags.bits()),
                sched_size: Some(raw.scheduler_size.map_or(0, |Limited(size)| size)),
                sched_expiry: Some(raw.scheduler_expiry.map_or(0, |Limited(secs)| secs)),
                persist_timeout: Some(raw.persistence.map_or(0, |some| some.timeout.0)),
                persist_prefix: Some(prefix.unwrap_or(longest)),
                timeouts: read_timeouts(&raw.timeouts),
                no_server: Some(no_server),
                fallback,
                slow_start: Some(raw.slow_start.map_or(0, |Limited(secs)| secs)),
                owner: None,
            },
            servers: servers?,
        };
        Ok(Self {
            described,
            owner: raw.owner,
            server_owners,
        })
    }
}

impl Fallback {
    fn read(self, service: &ServiceKey) -> Result<ServerSpec, String> {
        let (method, tunnel) = method(self.method, self.tunnel)?;
        Ok(ServerSpec {
            method: Some(method),
            tunnel,
            ..ServerSpec::key(server_key(self.address, service))
        })
    }

    fn write(fallback: &ServerSpec) -> Self {
        let tunnel = fallback.tunnel;
        Self {
            address: Address::of(&fallback.key),
            method: fallback.method.filter(|_| tunnel.is_none()).map(Word),
            tunnel: tunnel.map(TunnelShape),
        }
    }
}

impl From<ServiceShape> for RawService {
    fn from(shape: ServiceShape) -> Self {
        let Described { key, spec, servers } = shape.described;
        let (protocol, address, fwmark) = match key.matches {
            Match::Address(protocol, endpoint) => {
                let family = key.family;
                let key = ServerKey { family, endpoint };
                (Some(Proto(protocol)), Some(Address::of(&key)), None)
            }
            Match::Mark(mark) => (None, None, Some(mark)),
        };
        let family = (fwmark.is_some() && key.family == Family::Ipv6).then_some(Word(key.family));
        let persistence = spec.persist_timeout.filter(|seconds| *seconds != 0);
        let usual = match spec.fallback {
            Some(_) => NoServer::Fallback,
            None => NoServer::Reject,
        };
        let scheduler = spec.scheduler.unwrap_or_default();
        Self {
            protocol,
            address,
            fwmark,
            family,
            scheduler_flags: SchedFlags::of(&scheduler, spec.sched_flags.unwrap_or(0)),
            scheduler,
            scheduler_size: spec.sched_size.filter(|size| *size != 0).map(Limited),
            scheduler_expiry: spec.sched_expiry.filter(|secs| *secs != 0).map(Limited),
            flags: ServiceFlags::of(spec.flags.unwrap_or(0)),
            no_server: spec.no_server.filter(|action| *action != usual).map(Word),
            persistence: persistence.map(|seconds| Persistence {
                timeout: Limited(seconds),
                prefix: spec
                    .persist_prefix
                    .filter(|prefix| *prefix != longest_prefix(key.family))
                    .map(|prefix| Limited(prefix.into())),
            }),
            timeouts: write_timeouts(&spec.timeouts),
            fallback: spec.fallback.as_ref().map(Fallback::write),
            slow_start: spec.slow_start.filter(|secs| *secs != 0).map(Limited),
            owner: shape.owner,
            server: servers
                .iter()
                .zip(shape.server_owners)
                .map(|(server, owner)| ServerShape::write(server, owner))
                .collect(),
        }
    }
}

fn read_timeouts(all: &TimeoutMap) -> Vec<Timeout> {
    all.iter()
        .map(|(StateName(state), Limited(seconds))| Timeout {
            state: *state,
            seconds: *seconds,
        })
        .collect()
}

fn write_timeouts(all: &[Timeout]) -> TimeoutMap {
    all.iter()
        .map(|timeout| (StateName(timeout.state), Limited(timeout.seconds)))
        .collect()
}

impl ServiceShape {
    /// The service in a document with this owner: what names no owner belongs to the one
    /// around it.
    fn owned(self, outer: Option<Owner>) -> Described {
        let said = |name: Option<OwnerName>, outer| name.map_or(outer, |OwnerName(owner)| owner);
        let mut service = self.described;
        service.spec.owner = said(self.owner, outer);
        for (server, owner) in service.servers.iter_mut().zip(self.server_owners) {
            server.owner = said(owner, service.spec.owner);
        }
        service
    }

    /// The opposite.
    fn of(service: &Described, outer: Option<Owner>) -> Self {
        let unlike = |owner, outer| (owner != outer).then_some(OwnerName(owner));
        let own = service.spec.owner;
        let servers = service.servers.iter();
        Self {
            described: service.clone(),
            owner: unlike(own, outer),
            server_owners: servers.map(|server| unlike(server.owner, own)).collect(),
        }
    }
}

impl From<DocumentShape> for Document {
    fn from(shape: DocumentShape) -> Self {
        let owner = shape.owner.and_then(|OwnerName(owner)| owner);
        let services = shape.service.into_iter();
        Self {
            owner,
            timeouts: read_timeouts(&shape.timeouts),
            services: services.map(|service| service.owned(owner)).collect(),
        }
    }
}

impl From<&Document> for DocumentShape {
    fn from(document: &Document) -> Self {
        let owner = document.owner;
        let services = document.services.iter();
        Self {
            owner: owner.map(|owner| OwnerName(Some(owner))),
            timeouts: write_timeouts(&document.timeouts),
            service: services
                .map(|service| ServiceShape::of(service, owner))
                .collect(),
        }
    }
}

/// A message of the parser, with what may be meant instead of a field that does not exist.
fn explain(message: &str) -> String {
    let Some((name, known)) = message
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split_once("`, expected "))
    else {
        return message.to_owned();
    };
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let hint = suggest::hint(name, known.iter().copied());
    match hint.is_empty() {
        true => format!("unknown field '{name}'; there are {}", known.join(", ")),
        false => format!("unknown field '{name}'{hint}"),
    }
}

/// Reads TOML.
pub(super) fn read_toml(name: &str, text: &str) -> Result<Document, Complaints> {
    let shape: Result<DocumentShape, _> = toml::from_str(text);
    shape.map(Document::from).map_err(|error| {
        let bytes = error.span().unwrap_or(0..0);
        Complaints(vec![Complaint::at(
            name,
            text,
            bytes,
            explain(error.message()),
        )])
    })
}

/// Reads JSON.
pub(super) fn read_json(name: &str, text: &str) -> Result<Document, Complaints> {
    let shape: Result<DocumentShape, _> = serde_json::from_str(text);
    shape.map(Document::from).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let place = format!(" at line {line} column {column}");
        let message = message.strip_suffix(&place).unwrap_or(&message);
        Complaints(vec![Complaint::at_column(
            name,
            text,
            line,
            column,
            explain(message),
        )])
    })
}

/// Writes TOML.
pub(super) fn write_toml(document: &Document) -> String {
    // Every value of the shape has a form in TOML.
    toml::to_string(&DocumentShape::from(document)).unwrap_or_default()
}

/// Writes JSON.
pub(super) fn write_json(document: &Document) -> String {
    // Every value of the shape has a form in JSON.
    let text = serde_json::to_string_pretty(&DocumentShape::from(document));
    text.unwrap_or_default() + "\n"
}
