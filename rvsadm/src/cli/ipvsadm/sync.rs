// SPDX-License-Identifier: GPL-2.0

//! The options of ipvsadm's synchronisation daemons, which rvs does not have: they are
//! checked like all others, and then refused.

use super::{
    opts::{
        Command,
        Opt, //
    },
    Face, //
};
use crate::{
    action::{
        Action,
        Listing, //
    },
    cli::values::legacy_number,
    error::Error, //
};
use std::net::{
    Ipv4Addr,
    Ipv6Addr, //
};

/// Whether the value of a command is the state of a daemon, if it should be.
pub(super) fn check_state(command: Command, value: Option<&str>) -> Result<(), Error> {
    let complaint = match command {
        Command::StartDaemon => "illegal start-daemon parameter specified",
        Command::StopDaemon => "illegal start_daemon specified",
        _ => return Ok(()),
    };
    match value {
        Some("master" | "backup") => Ok(()),
        _ => Err(Error::usage(complaint)),
    }
}

/// Whether the value of an option makes sense.
pub(super) fn check(opt: Opt, text: &str) -> Result<(), Error> {
    let (least, most) = match opt {
        Opt::SyncId => (0, 255),
        Opt::SyncMaxlen => (1, 65507),
        Opt::McastPort => (1, 65535),
        Opt::McastTtl => (1, 255),
        Opt::McastGroup => return check_group(text),
        _ => return Ok(()),
    };
    let number = legacy_number(text, least, most);
    number
        .map(|_sound| ())
        .ok_or_else(|| Error::usage(format!("illegal {} specified", opt.name())))
}

fn check_group(text: &str) -> Result<(), Error> {
    let v6: Option<Ipv6Addr> = text.parse().ok();
    let (family, sound) = match v6 {
        Some(group) => ("IPv6", group.is_multicast()),
        None => {
            let v4: Option<Ipv4Addr> = text.parse().ok();
            ("IPv4", v4.is_some_and(|group| group.is_multicast()))
        }
    };
    if sound {
        return Ok(());
    }
    Err(Error::usage(format!(
        "invalid {family} mcast-group `{text}'"
    )))
}

/// What becomes of a sound command about daemons: there are none.
pub(super) fn action(face: Face, command: Command) -> Result<Action, Error> {
    match (command, face) {
        (Command::List, _) => Ok(Action::List(Listing::Daemons)),
        (Command::StopDaemon, _) => Err(Error::Lacking("No daemon is running".to_owned())),
        _ => Err(Error::Lacking(
            "this version of rvs has no synchronisation daemon".to_owned(),
        )),
    }
}
