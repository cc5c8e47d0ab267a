// SPDX-License-Identifier: GPL-2.0

//! Requests about IPVS's synchronisation daemons.

use super::{
    policy::{
        Parsed,
        Shape, //
    },
    uapi::daemon,
    Refused, //
};
use crate::logic::{
    addr::{
        Addr,
        Family, //
    },
    nla::Attr, //
};

const DAEMON: [Shape; 8] = [
    Shape::AtLeast(4),
    Shape::Text(15),
    Shape::AtLeast(4),
    Shape::AtLeast(2),
    Shape::AtLeast(4),
    Shape::AtLeast(16),
    Shape::AtLeast(2),
    Shape::AtLeast(1),
];

/// Checks the kind of a daemon.
pub fn check_state(state: u32) -> Result<(), Refused> {
    match state {
        daemon::MASTER | daemon::BACKUP => Ok(()),
        _ => Err(Refused::Invalid),
    }
}

/// Checks a request to start a daemon.
pub fn check_start(nest: Option<Attr<'_>>) -> Result<(), Refused> {
    let attrs = parse(nest)?;
    let needed = (
        attrs.u32(daemon::STATE),
        attrs.text(daemon::MCAST_IFN),
        attrs.u32(daemon::SYNC_ID),
    );
    let (Some(state), Some(_), Some(_)) = needed else {
        return Err(Refused::Invalid);
    };
    let group = match attrs.bytes(daemon::MCAST_GROUP) {
        Some(group) => Some((Family::Ipv4, Addr::from_v4(group))),
        None => attrs
            .bytes(daemon::MCAST_GROUP6)
            .map(|group| (Family::Ipv6, Addr::from_v6(group))),
    };
    if group.is_some_and(|(family, group)| !group.is_multicast(family)) {
        return Err(Refused::Invalid);
    }
    check_state(state)
}

/// Checks a request to stop a daemon.
pub fn check_stop(nest: Option<Attr<'_>>) -> Result<(), Refused> {
    check_state(parse(nest)?.u32(daemon::STATE).ok_or(Refused::Invalid)?)
}

fn parse(nest: Option<Attr<'_>>) -> Result<Parsed<'_, 8>, Refused> {
    let nest = nest.ok_or(Refused::Invalid)?;
    Parsed::new(nest.attrs(), &DAEMON).map_err(|_| Refused::Invalid)
}
