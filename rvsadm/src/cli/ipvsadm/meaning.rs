// SPDX-License-Identifier: GPL-2.0

//! What a command with its options means, with ipvsadm's defaults.

use super::{
    options::{
        Options,
        DEFAULT_SCHEDULER, //
    },
    opts::{
        Command,
        Opt, //
    },
    rules,
    sync,
    Face, //
};
use crate::{
    action::{
        Action,
        Listing, //
    },
    error::Error,
    output::list::{
        Format,
        Style, //
    },
    reply::longest_prefix,
    request::{
        Config,
        Match,
        Request,
        ServerKey,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Tunnel, //
    },
};
use rvs_logic::logic::{
    addr::Protocol,
    uapi::{
        self,
        Method,
        ServiceFlag,
        TunFlag,
        TunType, //
    },
};

const DEFAULT_WEIGHT: u32 = 1;

/// What `command` means with these options.
pub(super) fn action(face: Face, command: Command, options: &Options) -> Result<Action, Error> {
    let request = match command {
        Command::List => return listing(options),
        Command::Save => {
            let numeric = options.has(Opt::Numeric);
            return Ok(Action::List(Listing::Save { numeric }));
        }
        Command::Restore => return Ok(Action::Restore(face)),
        Command::StartDaemon | Command::StopDaemon => return sync::action(face, command),
        Command::Flush | Command::Help | Command::Version => Request::FLUSH,
        Command::AddService => Request::ServiceNew(key(options)?, service(face, options)?),
        Command::EditService => Request::ServiceSet(key(options)?, service(face, options)?),
        Command::DeleteService => Request::ServiceDel(key(options)?),
        Command::AddServer => Request::ServerNew(key(options)?, server(options)?),
        Command::EditServer => Request::ServerSet(key(options)?, server(options)?),
        Command::DeleteServer => Request::ServerDel(key(options)?, server_key(options)?),
        Command::Zero => Request::Zero(options.service.map(|key| (key, None))),
        Command::Set => Request::ConfigSet(timeouts(options.timeouts)),
    };
    Ok(Action::Change(request))
}

fn key(options: &Options) -> Result<ServiceKey, Error> {
    let key = options.service;
    key.ok_or_else(|| Error::usage("no service specified"))
}

/// The service with ipvsadm's defaults: an edit resets what is not said.
fn service(face: Face, options: &Options) -> Result<ServiceSpec, Error> {
    let key = key(options)?;
    let one_packet = options.has(Opt::OnePacket);
    if let Match::Address(protocol, endpoint) = key.matches {
        if endpoint.port == 0 && options.persistent.is_none() {
            return Err(Error::usage(
                "Zero port specified for non-persistent service",
            ));
        }
        if one_packet && protocol != Protocol::UDP {
            return Err(Error::usage(
                "One-Packet Scheduling is only for UDP virtual services",
            ));
        }
    }
    if let Some(engine) = &options.engine {
        return Err(Error::Lacking(match face {
            Face::Ipvsadm => "Scheduler or persistence engine not found".to_owned(),
            Face::Rvsadm => format!("this version of rvs has no persistence engine {engine}"),
        }));
    }
    let prefix = match options.mask {
        Some(mask) => mask.prefix()?,
        None => longest_prefix(key.family),
    };
    Ok(ServiceSpec {
        scheduler: Some(scheduler(face, options)),
        flags: Some(if one_packet {
            ServiceFlag::OnePacket.bit()
        } else {
            0
        }),
        sched_flags: Some(options.sched_flags),
        persist_timeout: Some(options.persistent.unwrap_or(0)),
        persist_prefix: Some(prefix),
        ..ServiceSpec::default()
    })
}

/// The scheduler, whose name ipvsadm cuts where the kernel's does not fit.
fn scheduler(face: Face, options: &Options) -> String {
    const FITS: usize = uapi::NAME_LEN as usize - 1;

    let given = options.scheduler.as_deref().filter(|name| !name.is_empty());
    let name = given.unwrap_or(DEFAULT_SCHEDULER);
    match face {
        Face::Ipvsadm => name.get(..FITS).unwrap_or(name).to_owned(),
        Face::Rvsadm => name.to_owned(),
    }
}

/// What names the server; the port is the service's if it is not given.
fn server_key(options: &Options) -> Result<ServerKey, Error> {
    let place = options.server;
    let place = place.ok_or_else(|| Error::usage("no server specified"))?;
    Ok(ServerKey {
        family: place.family,
        endpoint: place.endpoint(key(options)?.port()),
    })
}

/// The server with ipvsadm's defaults: an edit resets what is not said.
fn server(options: &Options) -> Result<ServerSpec, Error> {
    let service = key(options)?;
    let method = options.method.unwrap_or(Method::Direct);
    let mut key = server_key(options)?;
    if method != Method::Nat && service.protocol().is_some() {
        // Only NAT can change the port.
        key.endpoint.port = service.port();
    }
    if key.family != service.family && method != Method::Tunnel {
        return Err(Error::usage(
            "Different address family is allowed only for tunneling servers",
        ));
    }
    Ok(ServerSpec {
        key,
        method: Some(method),
        weight: Some(options.weight.unwrap_or(DEFAULT_WEIGHT)),
        upper: Some(options.upper.unwrap_or(0)),
        lower: Some(options.lower.unwrap_or(0)),
        tunnel: tunnel(options, method)?,
        ..ServerSpec::key(key)
    })
}

fn tunnel(options: &Options, method: Method) -> Result<Option<Tunnel>, Error> {
    const OF_TUNNELS: [Opt; 5] = [
        Opt::TunType,
        Opt::TunPort,
        Opt::TunNoCsum,
        Opt::TunCsum,
        Opt::TunRemCsum,
    ];

    if method != Method::Tunnel {
        if OF_TUNNELS.iter().any(|opt| options.has(*opt)) {
            return Err(Error::usage("Tunnel options conflict with forward method"));
        }
        return Ok(None);
    }
    let kind = options.tun_type.unwrap_or(TunType::Ipip);
    rules::check_tunnel(kind, &options.given)?;
    let flag = if options.has(Opt::TunCsum) {
        TunFlag::Csum.bit()
    } else if options.has(Opt::TunRemCsum) {
        TunFlag::Remcsum.bit()
    } else {
        0
    };
    Ok(Some(Tunnel {
        kind,
        port: options.tun_port.unwrap_or(0),
        flags: u16::try_from(flag).unwrap_or_default(),
    }))
}

/// The values of `--set`; zero keeps the present value.
fn timeouts(values: [u32; 3]) -> Config {
    let [timeout_tcp, timeout_tcp_fin, timeout_udp] =
        values.map(|seconds| (seconds != 0).then_some(seconds));
    Config {
        timeout_tcp,
        timeout_tcp_fin,
        timeout_udp,
        timeouts: Vec::new(),
    }
}

/// The formats of a listing of services, in the order in which one wins over the next.
const FORMATS: [(Opt, Format); 5] = [
    (Opt::Stats, Format::Stats),
    (Opt::Rate, Format::Rate),
    (Opt::Thresholds, Format::Thresholds),
    (Opt::PersistentConn, Format::PersistentConn),
    (Opt::TunInfo, Format::TunInfo),
];

/// What the list command means.
pub(super) fn listing(options: &Options) -> Result<Action, Error> {
    let has = |opt| options.has(opt);
    let conns = has(Opt::Connection);
    let plain = has(Opt::Timeout) || has(Opt::Daemon);
    let counters = has(Opt::Stats) || has(Opt::Rate) || has(Opt::Thresholds);
    if (conns || plain) && counters || plain && has(Opt::PersistentConn) {
        return Err(Error::usage("options conflicts in the list command"));
    }
    let numeric = has(Opt::Numeric);
    if has(Opt::Daemon) {
        return sync::action(Face::Ipvsadm, Command::List);
    }
    Ok(Action::List(if conns {
        Listing::Conns {
            numeric,
            engines: has(Opt::PersistentConn),
        }
    } else if has(Opt::Timeout) {
        Listing::Timeouts
    } else {
        let mut formats = FORMATS.into_iter();
        let chosen = formats.find(|(opt, _)| has(*opt));
        Listing::Services {
            only: options.service,
            style: Style {
                format: chosen.map_or(Format::Weights, |(_, format)| format),
                exact: has(Opt::Exact),
                sorted: !has(Opt::NoSort),
                numeric,
            },
        }
    }))
}
