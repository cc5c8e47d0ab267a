// SPDX-License-Identifier: GPL-2.0

//! The netlink family `IPVS`: every request of IPVS's own, with its errors.

use crate::{
    apply::{
        self,
        error, //
    },
    write, //
};
use kernel::prelude::*;
use rvs::{
    api,
    front::View,
    logic::ipvs::{
        daemon,
        policy::{
            Parsed,
            Shape, //
        },
        spec::{
            self,
            DestAttrs,
            Key,
            ServiceAttrs, //
        },
        uapi::{
            self,
            cmd,
            info,
            top, //
        }, //
    },
    sys::{
        family::{
            Family,
            Operation, //
        },
        genl::{
            Dump,
            Message,
            Request, //
        }, //
    },
};

/// Room for an answer.
const ROOM: u32 = 1024;

/// The family.
pub(crate) static FAMILY: Family = Family {
    name: uapi::FAMILY,
    version: uapi::FAMILY_VERSION,
    max_attr: top::TIMEOUT_UDP as u32,
    operations: &OPERATIONS,
};

type Handle = fn(&View<'_>, &Request<'_>) -> Result;

const fn request(command: u8, handle: Handle) -> Operation {
    Operation {
        command,
        request: Some(handle),
        dump: None,
    }
}

static OPERATIONS: [Operation; 16] = [
    request(cmd::NEW_SERVICE, new_service),
    request(cmd::SET_SERVICE, set_service),
    request(cmd::DEL_SERVICE, del_service),
    Operation {
        command: cmd::GET_SERVICE,
        request: Some(get_service),
        dump: Some(dump_services),
    },
    request(cmd::NEW_DEST, new_dest),
    request(cmd::SET_DEST, set_dest),
    request(cmd::DEL_DEST, del_dest),
    Operation {
        command: cmd::GET_DEST,
        request: None,
        dump: Some(dump_dests),
    },
    request(cmd::NEW_DAEMON, new_daemon),
    request(cmd::DEL_DAEMON, del_daemon),
    Operation {
        command: cmd::GET_DAEMON,
        request: None,
        dump: Some(dump_daemons),
    },
    request(cmd::SET_CONFIG, set_config),
    request(cmd::GET_CONFIG, get_config),
    request(cmd::GET_INFO, get_info),
    request(cmd::ZERO, zero),
    request(cmd::FLUSH, flush),
];

type Top<'a> = Parsed<'a, 6>;

const TOP: [Shape; 6] = [
    Shape::Nest,
    Shape::Nest,
    Shape::Nest,
    Shape::AtLeast(4),
    Shape::AtLeast(4),
    Shape::AtLeast(4),
];

fn top<'a>(message: &Message<'a>) -> Result<Top<'a>> {
    Parsed::new(message.attrs(), &TOP).map_err(error)
}

fn service<'a>(attrs: &Top<'a>) -> Result<(Key, ServiceAttrs<'a>)> {
    let service = ServiceAttrs::new(attrs.get(top::SERVICE)).map_err(error)?;
    Ok((service.key().map_err(error)?, service))
}

fn new_service(view: &View<'_>, request: &Request<'_>) -> Result {
    let (key, service) = service(&top(&request.message)?)?;
    apply::add_service(view, &key, &service.user().map_err(error)?)
}

fn set_service(view: &View<'_>, request: &Request<'_>) -> Result {
    let (key, service) = service(&top(&request.message)?)?;
    apply::set_service(view, &key, &service.user().map_err(error)?)
}

fn del_service(view: &View<'_>, request: &Request<'_>) -> Result {
    let (key, _) = service(&top(&request.message)?)?;
    view.configure().remove(&key)
}

fn get_service(view: &View<'_>, request: &Request<'_>) -> Result {
    let (key, _) = service(&top(&request.message)?)?;
    let shown = view.configure().show(&key)?;
    request.answer(cmd::NEW_SERVICE, ROOM, &mut |to| write::service(to, &shown))
}

fn dump_services(view: &View<'_>, dump: &mut Dump<'_>) -> Result<bool> {
    let session = view.configure();
    while let Some(shown) = session.show_from(dump.cursor()[0]) {
        let added = dump.add(cmd::NEW_SERVICE, &mut |to| write::service(to, &shown));
        if added.is_err() {
            return Ok(false);
        }
        dump.cursor()[0] = shown.id.wrapping_add(1);
    }
    Ok(true)
}

/// The service and the attributes of the server that a request is about. IPVS behaviour: it says that there is
/// no such service before it looks at the server.
fn server<'a>(view: &View<'_>, request: &Request<'a>) -> Result<(Key, DestAttrs<'a>)> {
    let attrs = top(&request.message)?;
    let (key, _) = service(&attrs)?;
    if !view.configure().has(&key) {
        return Err(ESRCH);
    }
    let server = DestAttrs::new(attrs.get(top::DEST)).map_err(error)?;
    Ok((key, server))
}

fn new_dest(view: &View<'_>, request: &Request<'_>) -> Result {
    let (key, server) = server(view, request)?;
    let user = server.user().map_err(error)?;
    let wish = user.wish(key.family()).map_err(error)?;
    view.configure().add_server(&key, &wish)
}

fn set_dest(view: &View<'_>, request: &Request<'_>) -> Result {
    let (key, server) = server(view, request)?;
    let user = server.user().map_err(error)?;
    let wish = user.wish(key.family()).map_err(error)?;
    view.configure().set_server(&key, &wish)
}

fn del_dest(view: &View<'_>, request: &Request<'_>) -> Result {
    let (key, server) = server(view, request)?;
    let named = server.key().map_err(error)?;
    let named = named.resolve(key.family()).map_err(error)?;
    view.configure().remove_server(&key, named)
}

/// IPVS behaviour: without such a service the list is empty.
fn dump_dests(view: &View<'_>, dump: &mut Dump<'_>) -> Result<bool> {
    let Ok((key, _)) = top(&dump.message).and_then(|attrs| service(&attrs)) else {
        return Ok(true);
    };
    // Numbers fall along the list.
    let below = match dump.cursor()[0] {
        0 => u64::MAX,
        cursor => cursor,
    };
    let mut whole = true;
    let session = view.configure();
    let listed = session.servers(&key, below, &mut |shown| {
        let added = dump.add(cmd::NEW_DEST, &mut |to| write::server(to, shown));
        match added {
            Ok(()) => dump.cursor()[0] = shown.id,
            Err(_) => whole = false,
        }
        whole
    });
    Ok(listed.is_err() || whole)
}

fn new_daemon(_view: &View<'_>, request: &Request<'_>) -> Result {
    let attrs = top(&request.message)?;
    daemon::check_start(attrs.get(top::DAEMON)).map_err(error)?;
    Err(request.message.refuse(
        apply::no_daemon(),
        None,
        fmt!("rvs has no synchronisation daemon"),
    ))
}

fn del_daemon(_view: &View<'_>, request: &Request<'_>) -> Result {
    let attrs = top(&request.message)?;
    daemon::check_stop(attrs.get(top::DAEMON)).map_err(error)?;
    Err(ESRCH)
}

fn dump_daemons(_view: &View<'_>, _dump: &mut Dump<'_>) -> Result<bool> {
    Ok(true)
}

fn set_config(view: &View<'_>, request: &Request<'_>) -> Result {
    let attrs = top(&request.message)?;
    let wanted = top::TIMEOUTS.map(|kind| attrs.u32(kind).unwrap_or(0));
    let timeouts = spec::timeouts(wanted, api::hz()).map_err(error)?;
    view.configure().set_timeouts(timeouts)
}

fn get_config(view: &View<'_>, request: &Request<'_>) -> Result {
    let timeouts = view.configure().timeouts();
    request.answer(cmd::SET_CONFIG, ROOM, &mut |to| {
        top::TIMEOUTS
            .into_iter()
            .zip(timeouts)
            .try_for_each(|(kind, seconds)| to.put_u32(kind, seconds))
    })
}

fn get_info(view: &View<'_>, request: &Request<'_>) -> Result {
    let buckets = view.conn_buckets();
    request.answer(cmd::SET_INFO, ROOM, &mut |to| {
        to.put_u32(info::VERSION, uapi::VERSION)?;
        to.put_u32(info::CONN_TAB_SIZE, buckets)
    })
}

fn zero(view: &View<'_>, request: &Request<'_>) -> Result {
    let attrs = top(&request.message)?;
    match attrs.get(top::SERVICE) {
        Some(_) => view.configure().zero(Some(&service(&attrs)?.0)),
        None => view.configure().zero(None),
    }
}

fn flush(view: &View<'_>, request: &Request<'_>) -> Result {
    let _ = top(&request.message)?;
    view.configure().flush()
}
