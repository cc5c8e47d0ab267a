// SPDX-License-Identifier: GPL-2.0

//! The netlink family `rvs`: one function for each operation of `Documentation/netlink/specs/rvs.yaml`.
//!
//! All run in process context, several at a time; the namespace's control lock orders what they do.

use super::{
    request::{
        ConfigRequest,
        DestRequest,
        ServiceRequest, //
    },
    write,
    NewScheduler, //
};
use crate::{
    conn,
    logic::{
        num,
        proto::State,
        uapi::{
            self,
            cmd, //
        }, //
    },
    net::Net,
    sched::{
        self,
        ABI, //
    },
    sys::{
        genl::{
            Dump,
            Message,
            Request, //
        },
        rcu,
        time, //
    },
};
use kernel::{
    prelude::*,
    str::CString, //
};

/// What this version can do, for clients that ask instead of guessing.
const FEATURES: [&str; 6] = ["nat", "direct", "ipv4", "ipv6", "tcp", "udp"];

/// Version of the module.
const VERSION: &str = "0.1.0";

/// Room for the reply to a request about one object.
const ROOM: u32 = 1024;

/// An instance of the scheduler that the request names.
fn bind(request: &Request<'_>, service: &ServiceRequest<'_>) -> Result<NewScheduler> {
    let (name, attr) = service.scheduler()?;
    sched::bind(name).map_err(|error| match error {
        ENOENT => request.message.refuse(
            error,
            Some(&attr),
            fmt!("scheduler '{name}' is not loaded: modprobe rvs_{name}"),
        ),
        _ => error,
    })
}

/// Adds a service.
pub(crate) fn service_new(net: &Net, request: &Request<'_>) -> Result {
    let service = ServiceRequest::with_settings(request.message)?;
    service.scheduler()?;
    if rcu::read(|rcu| net.services.find(rcu, &service.key).is_some()) {
        return Err(service.refuse(EEXIST));
    }
    // Loading a module waits for userspace, so it comes before the lock.
    let scheduler = bind(request, &service)?;
    net.control
        .lock()
        .add_service(net, service.key, scheduler)
        .map_err(|error| service.refuse(error))
}

/// Changes the scheduler of a service; one of the same name is kept with its state.
pub(crate) fn service_set(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::with_settings(request.message)?;
    let (name, _) = wanted.scheduler()?;
    let unchanged = rcu::read(|rcu| {
        let service = net.services.find(rcu, &wanted.key)?;
        Some(service.scheduler_name(rcu) == name)
    });
    match unchanged {
        None => return Err(wanted.refuse(ESRCH)),
        Some(true) => return Ok(()),
        Some(false) => {}
    }
    let scheduler = bind(request, &wanted)?;
    let mut control = net.control.lock();
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    control.set_scheduler(&service, scheduler);
    Ok(())
}

/// Removes a service and its destinations.
pub(crate) fn service_del(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::key_only(request.message)?;
    let mut control = net.control.lock();
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    control
        .remove_service(net, service.id)
        .map_err(|error| wanted.refuse(error))
}

/// Shows one service.
pub(crate) fn service_get(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::key_only(request.message)?;
    let service = net
        .control
        .lock()
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    request.reply(cmd::SERVICE_GET, ROOM, |to| write::service(to, &service))
}

/// Shows all services in the order of their creation.
pub(crate) fn service_dump(net: &Net, dump: &mut Dump<'_>) -> Result<bool> {
    no_attributes(&dump.message)?;
    let control = net.control.lock();
    dump.set_generation(control.generation);
    let mut next = dump.cursor()[0];
    while let Some(service) = control.first_from(next) {
        if dump
            .object(cmd::SERVICE_GET, |to| write::service(to, &service))
            .is_err()
        {
            return Ok(false);
        }
        next = service.id.wrapping_add(1);
        dump.cursor()[0] = next;
    }
    Ok(true)
}

/// Adds a destination to a service.
pub(crate) fn dest_new(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::key_only(request.message)?;
    let dest = DestRequest::with_settings(request.message, &wanted.key)?;
    let spec = dest.spec(net, wanted.key.family)?;
    let mut control = net.control.lock();
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    control
        .add_dest(&service, &spec)
        .map_err(|error| dest.refuse(error))
}

/// Changes a destination; what is absent stays.
pub(crate) fn dest_set(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::key_only(request.message)?;
    let dest = DestRequest::with_settings(request.message, &wanted.key)?;
    let mut control = net.control.lock();
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    rcu::read(|rcu| {
        let found = service
            .find_dest(rcu, dest.endpoint)
            .ok_or_else(|| dest.refuse(ENOENT))?;
        let change = dest.change(found.method())?;
        control.set_dest(&found, &change);
        Ok(())
    })
}

/// Removes a destination.
pub(crate) fn dest_del(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::key_only(request.message)?;
    let dest = DestRequest::key_only(request.message, &wanted.key)?;
    let mut control = net.control.lock();
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    rcu::read(|rcu| {
        let found = service
            .find_dest(rcu, dest.endpoint)
            .ok_or_else(|| dest.refuse(ENOENT))?;
        control.remove_dest(rcu, &service, found);
        Ok(())
    })
}

/// Shows one destination.
pub(crate) fn dest_get(net: &Net, request: &Request<'_>) -> Result {
    let wanted = ServiceRequest::key_only(request.message)?;
    let dest = DestRequest::key_only(request.message, &wanted.key)?;
    let service = net
        .control
        .lock()
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    let found = rcu::read(|rcu| service.find_dest(rcu, dest.endpoint)?.upgrade());
    let found = found.ok_or_else(|| dest.refuse(ENOENT))?;
    request.reply(cmd::DEST_GET, ROOM, |to| write::dest(to, &found))
}

/// Shows all destinations of a service, newest first.
pub(crate) fn dest_dump(net: &Net, dump: &mut Dump<'_>) -> Result<bool> {
    let wanted = ServiceRequest::key_only(dump.message)?;
    let control = net.control.lock();
    dump.set_generation(control.generation);
    let service = control
        .find(net, &wanted.key)
        .map_err(|error| wanted.refuse(error))?;
    // Numbers fall along the list; the cursor is one more than the last one shown had left.
    let below = match dump.cursor()[0] {
        0 => u64::MAX,
        cursor => cursor,
    };
    rcu::read(|rcu| {
        for dest in service.dests(rcu).filter(|dest| dest.id < below) {
            if dump
                .object(cmd::DEST_GET, |to| write::dest(to, &dest))
                .is_err()
            {
                return Ok(false);
            }
            dump.cursor()[0] = dest.id;
        }
        Ok(true)
    })
}

/// Shows all connections. One that comes or goes during the dump may or may not be in it; all others are,
/// once each, also if the table is resized meanwhile. (If the buffer is full between two whose 32-bit
/// hashes are equal, the first is shown again.)
pub(crate) fn conn_dump(net: &Net, dump: &mut Dump<'_>) -> Result<bool> {
    no_attributes(&dump.message)?;
    let _no_resize = net.round.lock();
    // The cursor is the hash to go on with, which may be 0; beyond 32 bits it means "finished".
    let mut cursor = u32::try_from(dump.cursor()[0]).ok();
    net.conns.walk(&mut cursor, |conn| {
        if conn.expires_in(&net.timeouts, time::now()) == 0 {
            return true;
        }
        dump.object(cmd::CONN_GET, |to| write::conn(to, conn, &net.timeouts))
            .is_ok()
    });
    dump.cursor()[0] = cursor.map_or(u64::MAX, u64::from);
    Ok(cursor.is_none())
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

/// Removes all services.
pub(crate) fn flush(net: &Net, request: &Request<'_>) -> Result {
    no_attributes(&request.message)?;
    net.control.lock().flush(net);
    Ok(())
}

/// Changes settings; what is absent stays.
pub(crate) fn config_set(net: &Net, request: &Request<'_>) -> Result {
    let config = ConfigRequest::new(request.message)?;
    let _control = net.control.lock();
    let settings = [
        (State::Established, config.tcp),
        (State::FinWait, config.tcp_fin),
        (State::Udp, config.udp),
    ];
    for (state, seconds) in settings {
        if let Some(seconds) = seconds {
            net.timeouts.set_seconds(state, seconds);
        }
    }
    Ok(())
}

/// Shows the settings.
pub(crate) fn config_get(net: &Net, request: &Request<'_>) -> Result {
    no_attributes(&request.message)?;
    request.reply(cmd::CONFIG_GET, ROOM, |to| {
        let nest = to.nest_start(uapi::rvs::CONFIG)?;
        let settings = [
            (uapi::config::TIMEOUT_TCP, State::Established),
            (uapi::config::TIMEOUT_TCP_FIN, State::FinWait),
            (uapi::config::TIMEOUT_UDP, State::Udp),
        ];
        for (kind, state) in settings {
            to.put_u32(kind, net.timeouts.seconds(state))?;
        }
        to.nest_end(nest)
    })
}

/// Shows what the module is and how full its tables are.
pub(crate) fn info_get(net: &Net, request: &Request<'_>) -> Result {
    no_attributes(&request.message)?;
    let (dests, totals) = {
        let control = net.control.lock();
        (control.dests, control.totals())
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
        ];
        for (kind, number) in numbers {
            to.put_u32(kind, number)?;
        }
        let stats = to.nest_start(uapi::info::STATS)?;
        totals.write(to)?;
        to.nest_end(stats)?;
        let [packets, bytes] = net.sent.sums();
        to.put_u64(uapi::info::SENT_PKTS, packets)?;
        to.put_u64(uapi::info::SENT_BYTES, bytes)?;
        net.drops.write(to)?;
        sched::for_each_name(|name| to.put_str(uapi::info::SCHEDULER, name))?;
        for feature in FEATURES {
            to.put_str(uapi::info::FEATURE, feature)?;
        }
        to.nest_end(nest)
    })
}
