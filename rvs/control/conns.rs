// SPDX-License-Identifier: GPL-2.0

//! Requests about connections: to show them and to remove them, all or some.
//!
//! The tables are walked a part at a time. Between two parts whoever wants to expire connections or resize a
//! table has its turn.

use super::{
    filter,
    write, //
};
use crate::{
    logic::{
        filter::{
            Filter,
            Shown, //
        },
        uapi::{
            self,
            cmd, //
        }, //
    },
    net::Net,
    reset,
    service::ServiceKey,
    sys::{
        genl::{
            Dump,
            Request, //
        },
        rcu::Rcu,
        time, //
    },
};
use kernel::prelude::*;

/// The buckets of a part.
const PART: u32 = 1 << 12;

/// Room for the reply.
const ROOM: u32 = 64;

/// Walks a table from `*cursor` on until the end or until `part`, which gets the cursor, fails.
fn walk(net: &Net, cursor: &mut u64, mut part: impl FnMut(&mut Option<u32>) -> bool) -> bool {
    loop {
        // The cursor is the hash to go on with, which may be 0; beyond 32 bits it means "finished".
        let mut at = u32::try_from(*cursor).ok();
        if at.is_none() {
            return true;
        }
        let _no_resize = net.round.lock();
        let goes_on = part(&mut at);
        *cursor = at.map_or(u64::MAX, u64::from);
        if !goes_on {
            return false;
        }
    }
}

/// Adds an entry to a dump, if it passes the filter; `false` if there is no room.
fn show(
    dump: &mut Dump<'_>,
    filter: &Filter<ServiceKey>,
    entry: &Shown<ServiceKey>,
    expires: u32,
) -> bool {
    !filter.passes(entry)
        || dump
            .object(cmd::CONN_GET, |to| {
                write::shown(to, uapi::rvs::CONN, entry, expires)
            })
            .is_ok()
}

/// Shows all connections, and then all templates, or those that pass a filter. One that comes or goes during
/// the dump may or may not be in it; all others are, once each, also if the table is resized meanwhile. (If the
/// buffer is full between two whose 32-bit hashes are equal, the first is shown again.)
pub(crate) fn dump(net: &Net, dump: &mut Dump<'_>) -> Result<bool> {
    let filter = filter::read(dump.message, &[uapi::rvs::FILTER])?;
    let [mut conns, mut templates, ..] = *dump.cursor();
    let timeouts = &net.timeouts;
    let mut done = !filter.takes_conns()
        || walk(net, &mut conns, |at| {
            let mut room = true;
            net.conns.walk(at, PART, |_, conn| {
                let expires = conn.expires_in(timeouts, time::now());
                let hidden = expires == 0 || conn.is_condemned();
                room = hidden || show(dump, &filter, &write::shown_conn(&conn), expires);
                room
            });
            room
        });
    // The templates come after the connections, with a cursor of their own.
    if done && filter.takes_templates() {
        done = walk(net, &mut templates, |at| {
            let mut room = true;
            net.templates.walk(at, PART, |template| {
                let expires = template.expires_in(time::now());
                room = show(dump, &filter, &write::shown_template(template), expires);
                room
            });
            room
        });
    }
    *dump.cursor() = [conns, templates, 0, 0, 0];
    Ok(done)
}

/// Removes connections and templates, all or those that pass a filter.
pub(crate) fn del(net: &Net, request: &Request<'_>) -> Result {
    let allowed = [uapi::rvs::FILTER, uapi::rvs::FORCE];
    let filter = filter::read(request.message, &allowed)?;
    let force = request.message.attrs().find(uapi::rvs::FORCE).is_some();
    // There must be an answer to what has been done.
    let reply = request.begin_reply(cmd::CONN_DEL, ROOM)?;
    let mut count = 0u32;
    if filter.takes_conns() {
        walk(net, &mut 0, |at| {
            net.conns.walk(at, PART, |rcu: Rcu<'_>, conn| {
                let is_over = conn.expires_in(&net.timeouts, time::now()) == 0;
                if !is_over && filter.passes(&write::shown_conn(&conn)) {
                    let removed = match force {
                        true => reset::kill(rcu, net, conn),
                        false => net.conns.remove(rcu, conn),
                    };
                    count = count.wrapping_add(u32::from(removed));
                }
                true
            });
            true
        });
    }
    if filter.takes_templates() {
        walk(net, &mut 0, |at| {
            net.templates.clear(at, PART, |template| {
                let passes = filter.passes(&write::shown_template(template));
                count = count.wrapping_add(u32::from(passes));
                passes
            });
            true
        });
    }
    reply.send(|to| to.put_u32(uapi::rvs::COUNT, count))
}
