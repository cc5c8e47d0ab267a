// SPDX-License-Identifier: GPL-2.0

//! What a native command line means.

use super::{
    args::{
        parse_place,
        parse_where,
        AnywhereArgs,
        ConfigArgs,
        DrainArgs,
        FormatName,
        LevelName,
        MethodName,
        NoServerName,
        OptionalService,
        PolicyName,
        ProtocolName,
        ServerArgs,
        ServiceArgs,
        ServiceSettings,
        SourceName,
        StatsArgs,
        Switch,
        Where, //
    },
    complete,
    import,
    settings::{
        Bits,
        TunnelKind, //
    },
    ConfigVerb,
    ConnVerb,
    Noun,
    ServerVerb,
    ServiceVerb, //
};
use crate::{
    action::{
        Action,
        FlagChange,
        View, //
    },
    cli::values::Place,
    declare::Mode,
    document::{
        Format,
        SCHEMA, //
    },
    error::Error,
    output::metrics::Level,
    request::{
        Config,
        Request,
        ServerKey,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Stay,
        Tunnel, //
    },
    tool::Tool,
};
use clap::ValueEnum;
use rvs_logic::logic::{
    addr::{
        Family,
        Protocol, //
    },
    uapi::{
        DrainPolicy,
        Method,
        NoServer,
        ServiceFlag,
        TunFlag, //
    },
};

/// What to do, before it is known how to print it.
pub(super) enum Plan {
    /// Do something.
    Act(Action),
    /// Show something of the kernel's.
    View(View),
    /// Print a text.
    Print(String),
    /// Run something that is more than a request and an answer.
    Tool(Tool),
}

impl Plan {
    fn change(request: Request) -> Self {
        Self::Act(Action::Change(request))
    }
}

impl Noun {
    pub(super) fn plan(self, json: bool, netns: Option<&str>) -> Result<Plan, Error> {
        Ok(match self {
            Self::Service(verb) => return verb.plan(),
            Self::Server(verb) => return verb.plan(),
            Self::Conn(ConnVerb::List(which)) => Plan::View(View::Conns(which.filter()?)),
            Self::Conn(ConnVerb::Kill(which)) => Plan::Act(which.action(json)?),
            Self::Explain(flow) => Plan::View(View::Explain(flow.flow()?)),
            Self::Config(ConfigVerb::Show) => Plan::View(View::Config),
            Self::Config(ConfigVerb::Set(config)) => {
                Plan::change(Request::ConfigSet(config.into()))
            }
            Self::Stats(StatsArgs {
                openmetrics: true,
                level,
                ..
            }) => match json {
                true => return Err(Error::usage("OpenMetrics is no JSON")),
                false => Plan::Act(Action::Metrics(level.into())),
            },
            Self::Stats(args) => Plan::View(View::Stats(args.service.key()?)),
            Self::Zero { service, server } => Plan::change(zero(service, server)?),
            Self::Info => Plan::View(View::Info),
            Self::Feature => Plan::View(View::Features),
            Self::Drain { server, how } => server.plan(how.stay())?,
            Self::Ready(server) => server.plan(Stay::Ready)?,
            Self::Flush { owner, force } => Plan::change(Request::Flush { owner, force }),
            Self::Doctor(args) => Plan::Tool(Tool::Doctor(args.question(json, netns))),
            Self::Top { .. } if json => {
                return Err(Error::usage("top is for people; see stats --watch"))
            }
            Self::Top { every } => Plan::Tool(Tool::Top(every)),
            Self::Monitor(args) => Plan::Tool(Tool::Monitor(args.wish(json))),
            Self::Exporter(_) if json => return Err(Error::usage("OpenMetrics is no JSON")),
            Self::Exporter(args) => Plan::Tool(Tool::Exporter(args.into())),
            Self::Export { format } => Plan::Act(Action::Export(format.into())),
            Self::Diff(document) => Plan::Act(document.order(Mode::Diff, json)?),
            Self::Apply(args) => Plan::Act(args.order(json)?),
            Self::Confirm { undo } => Plan::Act(Action::Settle { undo }),
            Self::Import { file, from, format } => {
                let from = from.map(Format::from);
                Plan::Print(import::convert(&file, from, format.into())?)
            }
            Self::Schema => Plan::Print(SCHEMA.to_owned()),
            Self::Completions { shell } => Plan::Print(complete::script(shell)),
        })
    }
}

fn zero(service: OptionalService, server: Option<Place>) -> Result<Request, Error> {
    let key = service.key()?;
    Ok(Request::Zero(key.map(|key| {
        (key, server.map(|server| server_key(server, &key)))
    })))
}

impl ServiceVerb {
    fn plan(self) -> Result<Plan, Error> {
        Ok(match self {
            Self::List => Plan::View(View::Services),
            Self::Show(service) => Plan::View(View::Service(service.key()?)),
            Self::Add {
                service,
                scheduler,
                settings,
            } => {
                let key = service.key()?;
                let (mut spec, flags) = settings.spec(&key, Some(scheduler))?;
                spec.flags = spec.flags.or(flags.map(|change| change.apply(0)));
                Plan::change(Request::ServiceNew(key, spec))
            }
            Self::Set {
                service,
                scheduler,
                settings,
            } => {
                let key = service.key()?;
                let (spec, flags) = settings.spec(&key, scheduler)?;
                if spec == ServiceSpec::default() && flags.is_none() {
                    return Err(Error::usage("there is nothing to change"));
                }
                Plan::Act(match flags {
                    Some(change) => Action::ChangeFlags(key, spec, change),
                    None => Action::Change(Request::ServiceSet(key, spec)),
                })
            }
            Self::Del(service) => Plan::change(Request::ServiceDel(service.key()?)),
        })
    }
}

impl ServerVerb {
    fn plan(self) -> Result<Plan, Error> {
        Ok(match self {
            Self::List(service) => Plan::View(View::Servers(service.key()?)),
            Self::Add(server) => {
                let key = server.service.key()?;
                let spec = server.spec(&key)?;
                if spec.key.family != key.family && spec.method != Some(Method::Tunnel) {
                    return Err(Error::usage(
                        "a server of another family than the service needs --method tunnel",
                    ));
                }
                Plan::change(Request::ServerNew(key, spec))
            }
            Self::Set(server) => {
                let key = server.service.key()?;
                Plan::change(Request::ServerSet(key, server.spec(&key)?))
            }
            Self::Drain {
                service,
                server,
                how,
            } => stay(&service.key()?, server.server, how.stay()),
            Self::Ready { service, server } => stay(&service.key()?, server.server, Stay::Ready),
            Self::Del { service, server } => {
                let key = service.key()?;
                Plan::change(Request::ServerDel(key, server_key(server.server, &key)))
            }
        })
    }
}

/// Let a server of a service go or stay.
fn stay(service: &ServiceKey, server: Place, stay: Stay) -> Plan {
    let spec = ServerSpec {
        stay: Some(stay),
        ..ServerSpec::key(server_key(server, service))
    };
    Plan::change(Request::ServerSet(*service, spec))
}

impl DrainArgs {
    fn stay(self) -> Stay {
        Stay::Drain {
            timeout: self.timeout,
            policy: match self.policy {
                PolicyName::Wait => DrainPolicy::Wait,
                PolicyName::Reset => DrainPolicy::Reset,
            },
        }
    }
}

impl AnywhereArgs {
    fn plan(self, stay: Stay) -> Result<Plan, Error> {
        let place = |text: &String| {
            parse_place(text).map_err(|why| Error::usage(format!("invalid server '{text}': {why}")))
        };
        match self.words.as_slice() {
            [server] => Ok(Plan::Act(Action::Stay(place(server)?, stay))),
            [protocol, address, server] => {
                let protocol = ProtocolName::from_str(protocol, false).map_err(|_| {
                    Error::usage(format!(
                        "invalid protocol '{protocol}'; there are tcp, udp, sctp, fwmark"
                    ))
                })?;
                let address = parse_where(address)
                    .map_err(|why| Error::usage(format!("invalid service '{address}': {why}")))?;
                let service = ServiceArgs {
                    protocol,
                    address,
                    ipv6: self.ipv6,
                };
                Ok(self::stay(&service.key()?, place(server)?, stay))
            }
            _ => Err(Error::usage(
                "name a server, or a service (its protocol and address) and a server",
            )),
        }
    }
}

impl OptionalService {
    fn key(self) -> Result<Option<ServiceKey>, Error> {
        let ipv6 = self.ipv6;
        let both = self.protocol.zip(self.address);
        let service = both.map(|(protocol, address)| ServiceArgs {
            protocol,
            address,
            ipv6,
        });
        service.map(ServiceArgs::key).transpose()
    }
}

impl ServiceArgs {
    pub(super) fn key(self) -> Result<ServiceKey, Error> {
        let protocol = match self.protocol {
            ProtocolName::Tcp => Protocol::TCP,
            ProtocolName::Udp => Protocol::UDP,
            ProtocolName::Sctp => Protocol::SCTP,
            ProtocolName::Fwmark => return self.mark(),
        };
        let Where::Place(place) = self.address else {
            return Err(Error::usage("not an IP address with a port"));
        };
        let Some(port) = place.port else {
            return Err(Error::usage("the address of a service needs a port"));
        };
        if self.ipv6 {
            return Err(Error::usage("--ipv6 is for firewall marks"));
        }
        Ok(ServiceKey::at(place.family, protocol, place.endpoint(port)))
    }

    fn mark(self) -> Result<ServiceKey, Error> {
        let Where::Mark(mark) = self.address else {
            return Err(Error::usage("a firewall mark is 1 to 4294967295"));
        };
        let family = match self.ipv6 {
            true => Family::Ipv6,
            false => Family::Ipv4,
        };
        Ok(ServiceKey::marked(family, mark))
    }
}

impl ServiceSettings {
    /// The settings, and the flags that are switched one by one.
    fn spec(
        self,
        key: &ServiceKey,
        scheduler: Option<String>,
    ) -> Result<(ServiceSpec, Option<FlagChange>), Error> {
        let mut change = FlagChange::default();
        for (switch, flag) in [
            (self.one_packet, ServiceFlag::OnePacket),
            (self.reset_idle, ServiceFlag::ResetIdle),
            (self.hairpin, ServiceFlag::Hairpin),
            (self.mss_clamp, ServiceFlag::MssClamp),
            (self.fast, ServiceFlag::Fast),
        ] {
            match switch {
                Some(Switch::Yes) => change.set |= flag.bit(),
                Some(Switch::No) => change.clear |= flag.bit(),
                None => {}
            }
        }
        let switched = (change != FlagChange::default()).then_some(change);
        let fallback = self.fallback.map(|place| self.fallback(place, key));
        let fallback = fallback.transpose()?;
        let no_server = self.no_server.map(NoServer::from);
        let bits = |bits: Option<Bits>| bits.map(|Bits(bits)| bits);
        let spec = ServiceSpec {
            scheduler,
            // Flags that are all named need not be asked for.
            flags: bits(self.flags).map(|flags| change.apply(flags)),
            sched_flags: bits(self.scheduler_flags),
            sched_size: self.scheduler_size,
            sched_expiry: self.scheduler_expiry,
            persist_timeout: self.persist.map(|persist| persist.seconds),
            persist_prefix: self.persist.and_then(|persist| persist.prefix),
            no_server: no_server.or(fallback.map(|_| NoServer::Fallback)),
            fallback,
            timeouts: self.timeout,
            slow_start: self.slow_start,
            owner: self.owner,
        };
        Ok((spec, switched.filter(|_| self.flags.is_none())))
    }

    fn fallback(&self, place: Place, key: &ServiceKey) -> Result<ServerSpec, Error> {
        let tunnel = tunnel(
            self.fallback_tunnel,
            self.fallback_tunnel_checksum,
            self.fallback_tunnel_remcsum,
        );
        let method = method(self.fallback_method, tunnel)?;
        Ok(ServerSpec {
            method: Some(method.unwrap_or(Method::Direct)),
            tunnel,
            ..ServerSpec::key(server_key(place, key))
        })
    }
}

/// What names a server of a service; its port is the service's if it is not given.
fn server_key(place: Place, service: &ServiceKey) -> ServerKey {
    ServerKey {
        family: place.family,
        endpoint: place.endpoint(service.port()),
    }
}

fn tunnel(kind: Option<TunnelKind>, checksum: bool, remcsum: bool) -> Option<Tunnel> {
    let TunnelKind { kind, port } = kind?;
    let mut flags = 0;
    for (_, flag) in [(checksum, TunFlag::Csum), (remcsum, TunFlag::Remcsum)]
        .into_iter()
        .filter(|(given, _)| *given)
    {
        flags |= flag.bit();
    }
    Some(Tunnel {
        kind,
        port,
        flags: u16::try_from(flags).unwrap_or_default(),
    })
}

/// The method, which is tunnel if a tunnel is described.
fn method(name: Option<MethodName>, tunnel: Option<Tunnel>) -> Result<Option<Method>, Error> {
    let named = name.map(Method::from);
    match (named, tunnel) {
        (None, Some(_)) => Ok(Some(Method::Tunnel)),
        (Some(method), Some(_)) if method != Method::Tunnel => Err(Error::usage(format!(
            "the method {} has no tunnel",
            method.name()
        ))),
        _ => Ok(named),
    }
}

impl ServerArgs {
    fn spec(&self, service: &ServiceKey) -> Result<ServerSpec, Error> {
        let key = server_key(self.server.server, service);
        let tunnel = tunnel(self.tunnel, self.tunnel_checksum, self.tunnel_remcsum);
        let method = method(self.method, tunnel)?;
        Ok(ServerSpec {
            key,
            method,
            weight: self.weight,
            upper: self.upper,
            lower: self.lower,
            tunnel,
            stay: None,
            owner: self.owner,
        })
    }
}

impl From<MethodName> for Method {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Nat => Self::Nat,
            MethodName::Direct => Self::Direct,
            MethodName::Tunnel => Self::Tunnel,
            MethodName::Local => Self::Local,
        }
    }
}

impl From<NoServerName> for NoServer {
    fn from(name: NoServerName) -> Self {
        match name {
            NoServerName::Reject => Self::Reject,
            NoServerName::Drop => Self::Drop,
            NoServerName::Unreachable => Self::Unreachable,
            NoServerName::Bypass => Self::Bypass,
            NoServerName::Fallback => Self::Fallback,
        }
    }
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Total => Self::Total,
            LevelName::Service => Self::Service,
            LevelName::Server => Self::Server,
        }
    }
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Toml => Self::Toml,
            FormatName::Json => Self::Json,
            FormatName::Ipvsadm => Self::Ipvsadm,
        }
    }
}

impl From<SourceName> for Format {
    fn from(name: SourceName) -> Self {
        match name {
            SourceName::Toml => Self::Toml,
            SourceName::Json => Self::Json,
            SourceName::Ipvsadm => Self::Ipvsadm,
            SourceName::Keepalived => Self::Keepalived,
        }
    }
}

impl From<ConfigArgs> for Config {
    fn from(args: ConfigArgs) -> Self {
        Self {
            timeout_tcp: args.timeout_tcp,
            timeout_tcp_fin: args.timeout_tcp_fin,
            timeout_udp: args.timeout_udp,
            timeouts: args.timeout,
        }
    }
}
