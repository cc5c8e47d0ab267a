// SPDX-License-Identifier: GPL-2.0

//! The netlink family `rvs`: one function for each operation of `Documentation/netlink/specs/rvs.yaml`.
//!
//! All run in process context, several at a time; the namespace's control lock orders what they do.

use super::{
    request::ServiceRequest,
    server::DestRequest,
    transact::{
        self,
        Rights, //
    },
    write, //
};
use crate::{
    conn,
    logic::{
        num,
        proto::State,
        sched::BUILT,
        settings::Knob,
        uapi::{
            self,
            cmd,
            ChangeOp, //
        }, //
    },
    net::Net,
    sched::{
        self,
        ABI, //
    },
    sys::{
        genl::{
            Message,
            Request, //
        },
        rcu, //
    },
};
use kernel::{
    prelude::*,
    str::CString, //
};

pub(crate) use super::dump::{
    dest_dump,
    service_dump, //
};
pub(crate) use transact::transact;

/// What this version can do, for clients that ask instead of guessing.
const FEATURES: &[&str] = &[
    "nat",
    "local",
    "tunnel",
    "direct",
    "bypass",
    "ipip",
    "gue",
    "gre",
    "ipv4",
    "ipv6",
    "tcp",
    "udp",
    "sctp",
    "ipsec",
    "icmp",
    "fragments",
    "fwmark",
    "any-port",
    "persistence",
    "one-packet",
    "thresholds",
    "timeouts",
    "no-server",
    "owner",
    "drain",
    "slow-start",
    "events",
    "reset-idle",
    "return",
    "hairpin",
    "mss-clamp",
    "fast",
    "conntrack",
    "defense",
    "rates",
    "conn-filter",
    "conn-del",
    "explain",
    "transactions",
    "dumps",
];

/// Version of the module.
const VERSION: &str = "0.1.0";

/// Room for the reply to a request about one object.
const ROOM: u32 = 1024;

/// Adds a service.
pub(crate) fn service_new(net: &Net, request: &Request<'_>) -> Result {
    transact::one(net, request.message, ChangeOp::ServiceNew, Rights::ALL)
}

/// Changes a service; what is absent stays. A scheduler of the same name is kept with its state.
pub(crate) fn service_set(net: &Net, request: &Request<'_>) -> Result {
    transact::one(net, request.message, ChangeOp::ServiceSet, Rights::ALL)
}

/// Removes a service and its destinations.
pub(crate) fn service_del(net: &Net, request: &Request<'_>) -> Result {
    transact::one(net, request.message, ChangeOp::ServiceDel, Rights::ALL)
}

/// Shows one service.
pub(crate) fn service_get(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::key_only(request.message)?;
    let control = net.control.lock();
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    request.reply(cmd::SERVICE_GET, 2 * ROOM, |to| {
        write::service(to, &service)
    })
}

/// Adds a destination to a service.
pub(crate) fn dest_new(net: &Net, request: &Request<'_>) -> Result {
    transact::one(net, request.message, ChangeOp::DestNew, Rights::ALL)
}

/// Changes a destination; what is absent stays.
pub(crate) fn dest_set(net: &Net, request: &Request<'_>) -> Result {
    transact::one(net, request.message, ChangeOp::DestSet, Rights::ALL)
}

/// Removes a destination.
pub(crate) fn dest_del(net: &Net, request: &Request<'_>) -> Result {
    transact::one(net, request.message, ChangeOp::DestDel, Rights::ALL)
}

/// Shows one destination.
pub(crate) fn dest_get(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::key_only(request.message)?;
    let dest = DestRequest::key_only(request.message, &wanted.key)?;
    let control = net.control.lock();
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    let found = service.find_dest(dest.key());
    let found = found.ok_or_else(|| dest.refuse(ENOENT))?;
    request.reply(cmd::DEST_GET, ROOM, |to| write::dest(to, &found))
}

/// Refuses attributes where none are expected; the generated policy has nothing to check them against.
fn no_attributes(message: &Message<'_>) -> Result {
    match message.attrs().next() {
        None => Ok(()),
        Some(Ok(attr)) => Err(message.refuse(
            EINVAL,
            Some(&attr),
            fmt!("this request takes no attributes"),
        )),
        Some(Err(_)) => Err(message.refuse(EINVAL, None, fmt!("malformed attributes"))),
    }
}

/// Removes all services, or what an owner has.
pub(crate) fn flush(net: &Net, request: &Request<'_>) -> Result {
    let message = &request.message;
    let attr = message.attrs().find(uapi::rvs::OWNER);
    let rights = Rights::of(message)?;
    if let (false, Some(attr)) = (rights.owner.is_somebody(), attr) {
        return Err(message.refuse(EINVAL, Some(&attr), fmt!("the name of an owner is empty")));
    }
    transact::one(net, request.message, ChangeOp::Flush, rights)
}

/// Changes settings; what is absent stays.
pub(crate) fn config_set(net: &Net, request: &Request<'_>) -> Result {
    transact::one(net, request.message, ChangeOp::ConfigSet, Rights::ALL)
}

/// Begins to count anew: for a destination, a service, or everything.
pub(crate) fn zero(net: &Net, request: &Request<'_>) -> Result {
    let control = net.control.lock();
    if request.message.attrs().next().is_none() {
        control.zero(net);
        return Ok(());
    }
    let wanted = ServiceRequest::key_only(request.message)?;
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    if request.message.attrs().find(uapi::rvs::DEST).is_none() {
        let _ = rcu::read(|rcu| service.zero(rcu));
        return Ok(());
    }
    let dest = DestRequest::key_only(request.message, &wanted.key)?;
    let found = service
        .find_dest(dest.key())
        .ok_or_else(|| dest.refuse(ENOENT))?;
    let _ = found.traffic.zero();
    Ok(())
}

/// Shows the settings.
pub(crate) fn config_get(net: &Net, request: &Request<'_>) -> Result {
    no_attributes(&request.message)?;
    request.reply(cmd::CONFIG_GET, 2 * ROOM, |to| {
        let nest = to.nest_start(uapi::rvs::CONFIG)?;
        let settings = [
            (uapi::config::TIMEOUT_TCP, State::Established),
            (uapi::config::TIMEOUT_TCP_FIN, State::FinWait),
            (uapi::config::TIMEOUT_UDP, State::Udp),
        ];
        for (kind, state) in settings {
            to.put_u32(kind, net.timeouts.seconds(state))?;
        }
        for state in State::ALL {
            write::timeout(
                to,
                uapi::config::TIMEOUT,
                state,
                net.timeouts.seconds(state),
            )?;
        }
        to.nest_end(nest)
    })
}

/// Shows what the module is and how full its tables are.
pub(crate) fn info_get(net: &Net, request: &Request<'_>) -> Result {
    no_attributes(&request.message)?;
    let (dests, [generation, since], figures) = {
        let control = net.control.lock();
        let generations = [control.generation, control.removed];
        (control.dests, generations, control.figures())
    };
    let abi = CString::try_from_fmt(fmt!("{ABI:016x}"))?;
    let abi = abi.to_str().map_err(|_| EINVAL)?;
    request.reply(cmd::INFO_GET, 4 * ROOM, |to| {
        let nest = to.nest_start(uapi::rvs::INFO)?;
        to.put_str(uapi::info::VERSION, VERSION)?;
        to.put_str(uapi::info::ABI, abi)?;
        let numbers = [
            (uapi::info::SERVICES, net.services.len()),
            (uapi::info::DESTS, dests),
            (uapi::info::CONNS, net.conns.len()),
            (uapi::info::SERVICE_BUCKETS, net.services.buckets()),
            (uapi::info::CONN_BUCKETS, net.conns.buckets()),
            (uapi::info::CONN_SIZE, num::saturating_u32(conn::ENTRY_SIZE)),
            (uapi::info::GENERATION, generation),
            (uapi::info::SINCE, since),
            (uapi::info::CHANGE_LIMIT, 0),
        ];
        for (kind, number) in numbers {
            to.put_u32(kind, number)?;
        }
        let stats = to.nest_start(uapi::info::STATS)?;
        figures.write(to)?;
        to.nest_end(stats)?;
        let [packets, bytes] = net.sent.sums();
        let [fast_packets, fast_bytes] = net.fast.taken.sums();
        let totals = [
            (uapi::info::SENT_PKTS, packets.wrapping_add(fast_packets)),
            (uapi::info::SENT_BYTES, bytes.wrapping_add(fast_bytes)),
            (uapi::info::FAST_PKTS, fast_packets),
            (uapi::info::FAST_BYTES, fast_bytes),
        ];
        for (kind, number) in totals {
            to.put_u64(kind, number)?;
        }
        to.put_u32(uapi::info::FAST_DEVICES, net.namespace.fast_devices())?;
        net.drops.write(to, uapi::info::DROP, true)?;
        sched::for_each_name(|name| to.put_str(uapi::info::SCHEDULER, name))?;
        for name in BUILT {
            to.put_str(uapi::info::KNOWN_SCHEDULER, name)?;
        }
        to.put_u32(uapi::info::CONN_LIMIT, net.settings.get(Knob::ConnMax))?;
        for feature in FEATURES {
            to.put_str(uapi::info::FEATURE, feature)?;
        }
        to.nest_end(nest)
    })
}
