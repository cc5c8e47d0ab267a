// SPDX-License-Identifier: GPL-2.0

//! Which command, and which type of tunnel, takes which option.

use super::opts::{
    Command,
    Opt, //
};
use crate::error::Error;
use rvs_logic::logic::uapi::TunType;

/// What a command makes of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Needed,
    Optional,
    /// Optional, but only one of those is.
    OneOf,
}

type Rules = &'static [(Opt, Rule)];

const SERVICE: Rules = &[
    (Opt::Service, Rule::Needed),
    (Opt::Scheduler, Rule::Optional),
    (Opt::Persistent, Rule::Optional),
    (Opt::Netmask, Rule::Optional),
    (Opt::OnePacket, Rule::Optional),
    (Opt::Engine, Rule::Optional),
    (Opt::SchedFlags, Rule::Optional),
];

const SERVER: Rules = &[
    (Opt::Service, Rule::Needed),
    (Opt::Server, Rule::Needed),
    (Opt::Forward, Rule::Optional),
    (Opt::Weight, Rule::Optional),
    (Opt::Upper, Rule::Optional),
    (Opt::Lower, Rule::Optional),
    (Opt::TunType, Rule::Optional),
    (Opt::TunPort, Rule::Optional),
    (Opt::TunNoCsum, Rule::Optional),
    (Opt::TunCsum, Rule::Optional),
    (Opt::TunRemCsum, Rule::Optional),
];

const LIST: Rules = &[
    (Opt::Numeric, Rule::Optional),
    (Opt::Connection, Rule::OneOf),
    (Opt::Service, Rule::OneOf),
    (Opt::Timeout, Rule::OneOf),
    (Opt::Daemon, Rule::OneOf),
    (Opt::Stats, Rule::Optional),
    (Opt::Rate, Rule::Optional),
    (Opt::Thresholds, Rule::Optional),
    (Opt::PersistentConn, Rule::Optional),
    (Opt::NoSort, Rule::Optional),
    (Opt::SyncId, Rule::Optional),
    (Opt::Exact, Rule::Optional),
    (Opt::TunInfo, Rule::Optional),
];

const START: Rules = &[
    (Opt::McastInterface, Rule::Optional),
    (Opt::SyncId, Rule::Optional),
    (Opt::McastGroup, Rule::Optional),
    (Opt::McastPort, Rule::Optional),
    (Opt::McastTtl, Rule::Optional),
    (Opt::SyncMaxlen, Rule::Optional),
];

const fn rules(command: Command) -> Rules {
    match command {
        Command::AddService | Command::EditService => SERVICE,
        Command::DeleteService => &[(Opt::Service, Rule::Needed)],
        Command::AddServer | Command::EditServer => SERVER,
        Command::DeleteServer => &[(Opt::Service, Rule::Needed), (Opt::Server, Rule::Needed)],
        Command::List => LIST,
        Command::Save => &[(Opt::Numeric, Rule::Optional)],
        Command::Zero => &[(Opt::Service, Rule::Optional)],
        Command::StartDaemon => START,
        Command::StopDaemon => &[(Opt::SyncId, Rule::Optional)],
        Command::Flush | Command::Set | Command::Restore => &[],
        Command::Help | Command::Version => &[],
    }
}

/// Whether `command` takes the options that were given.
pub(super) fn check(command: Command, given: &[Opt]) -> Result<(), Error> {
    check_all(Opt::ALL, rules(command), given, command.name(), "command")
}

/// The options that are about one type of tunnel or another.
const OF_TUNNELS: &[Opt] = &[
    Opt::TunPort,
    Opt::TunNoCsum,
    Opt::TunCsum,
    Opt::TunRemCsum, //
];

const GUE: Rules = &[
    (Opt::TunPort, Rule::Needed),
    (Opt::TunNoCsum, Rule::OneOf),
    (Opt::TunCsum, Rule::OneOf),
    (Opt::TunRemCsum, Rule::OneOf),
];

const GRE: Rules = &[(Opt::TunNoCsum, Rule::OneOf), (Opt::TunCsum, Rule::OneOf)];

/// Whether tunnels of this type take the options that were given.
pub(super) fn check_tunnel(kind: TunType, given: &[Opt]) -> Result<(), Error> {
    let rules: Rules = match kind {
        TunType::Ipip => &[],
        TunType::Gue => GUE,
        TunType::Gre => GRE,
    };
    check_all(OF_TUNNELS, rules, given, kind.name(), "tunnel type")
}

/// Whether what is called `name` takes those of the options `among` that were given.
fn check_all(
    among: &[Opt],
    rules: Rules,
    given: &[Opt],
    name: &str,
    what: &str,
) -> Result<(), Error> {
    let mut chosen: Option<Opt> = None;
    for opt in among.iter().copied() {
        let rule = rules.iter().find(|(of, _)| *of == opt);
        match (rule.map(|(_, rule)| *rule), given.contains(&opt)) {
            (Some(Rule::Needed), false) => {
                return Err(Error::usage(format!(
                    "You need to supply the '{}' option for the '{name}' {what}",
                    opt.name()
                )))
            }
            (None, true) => {
                return Err(Error::usage(format!(
                    "Illegal '{}' option with the '{name}' {what}",
                    opt.name()
                )))
            }
            (Some(Rule::OneOf), true) => {
                if let Some(chosen) = chosen {
                    return Err(Error::usage(format!(
                        "The option '{}' conflicts with the '{}' option in the '{name}' {what}",
                        opt.name(),
                        chosen.name()
                    )));
                }
                chosen = Some(opt);
            }
            _ => {}
        }
    }
    Ok(())
}
