// SPDX-License-Identifier: GPL-2.0

//! Which command takes which option.

use super::flags::{
    Command,
    Opt, //
};
use crate::error::Error;

/// What a command makes of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Needed,
    Optional,
    /// Optional, but only one of those is.
    OneOf,
}

/// All options, in the order in which ipvsadm checks them.
const ORDER: [Opt; 11] = [
    Opt::Numeric,
    Opt::Connection,
    Opt::Service,
    Opt::Scheduler,
    Opt::Server,
    Opt::Forward,
    Opt::Weight,
    Opt::Timeout,
    Opt::Stats,
    Opt::NoSort,
    Opt::Exact,
];

const fn rules(command: Command) -> &'static [(Opt, Rule)] {
    match command {
        Command::AddService | Command::EditService => &[
            (Opt::Service, Rule::Needed),
            (Opt::Scheduler, Rule::Optional),
        ],
        Command::DeleteService => &[(Opt::Service, Rule::Needed)],
        Command::AddServer | Command::EditServer => &[
            (Opt::Service, Rule::Needed),
            (Opt::Server, Rule::Needed),
            (Opt::Forward, Rule::Optional),
            (Opt::Weight, Rule::Optional),
        ],
        Command::DeleteServer => &[(Opt::Service, Rule::Needed), (Opt::Server, Rule::Needed)],
        Command::List => &[
            (Opt::Numeric, Rule::Optional),
            (Opt::Connection, Rule::OneOf),
            (Opt::Service, Rule::OneOf),
            (Opt::Timeout, Rule::OneOf),
            (Opt::Stats, Rule::Optional),
            (Opt::NoSort, Rule::Optional),
            (Opt::Exact, Rule::Optional),
        ],
        Command::Flush | Command::Set => &[],
    }
}

/// Whether `command` takes the options that were given.
pub(super) fn check(command: Command, given: &[Opt]) -> Result<(), Error> {
    let name = command.name();
    let mut chosen: Option<Opt> = None;
    for opt in ORDER {
        let rule = rules(command).iter().find(|(of, _)| *of == opt);
        match (rule.map(|(_, rule)| *rule), given.contains(&opt)) {
            (Some(Rule::Needed), false) => {
                return Err(Error::usage(format!(
                    "You need to supply the '{}' option for the '{name}' command",
                    opt.name()
                )))
            }
            (None, true) => {
                return Err(Error::usage(format!(
                    "Illegal '{}' option with the '{name}' command",
                    opt.name()
                )))
            }
            (Some(Rule::OneOf), true) => {
                if let Some(chosen) = chosen {
                    return Err(Error::usage(format!(
                        "The option '{}' conflicts with the '{}' option in the '{name}' command",
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
