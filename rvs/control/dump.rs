// SPDX-License-Identifier: GPL-2.0

//! Dumps of services and destinations: all, those of an owner, or what changed since a generation.
//!
//! Each call goes on where the last one stopped, without a walk over what it has passed. A dump during which the
//! configuration changes is flagged by the netlink core.

use super::{
    request::{
        self,
        ServiceRequest, //
    },
    write,
    Control, //
};
use crate::{
    dest::Dest,
    logic::{
        addr::{
            Addr,
            Endpoint,
            Family, //
        },
        generation,
        nla::{
            Full,
            Writer, //
        },
        owner::Owner,
        uapi::{
            self,
            cmd, //
        }, //
    },
    net::Net,
    service::Service,
    sys::{
        genl::{
            Dump,
            Message, //
        },
        rcu, //
    },
};
use kernel::prelude::*;

/// Which objects are wanted.
struct Choice {
    owner: Option<Owner>,
    since: Option<u32>,
}

impl Choice {
    /// What a message says, of whose attributes only those in `allowed` may be there. `ESTALE` if something was
    /// removed since, which nothing would show.
    fn of(message: &Message<'_>, control: &Control, allowed: &[u16]) -> Result<Self> {
        for attr in message.attrs() {
            let attr =
                attr.map_err(|_| message.refuse(EINVAL, None, fmt!("malformed attributes")))?;
            if !allowed.contains(&attr.kind) {
                return Err(message.refuse(
                    EINVAL,
                    Some(&attr),
                    fmt!("this request does not take this attribute"),
                ));
            }
        }
        let owner = message.attrs().find(uapi::rvs::OWNER);
        let owner = owner.map(|attr| request::owner(message, &attr));
        let owner = owner.transpose()?;
        let Some(attr) = message.attrs().find(uapi::rvs::SINCE) else {
            return Ok(Self { owner, since: None });
        };
        if owner.is_some() {
            return Err(message.refuse(
                EINVAL,
                Some(&attr),
                fmt!("what changed since is told of all owners: leave owner out"),
            ));
        }
        let since = attr.u32().ok_or(EINVAL)?;
        if !generation::is_within(since, control.removed, control.generation) {
            return Err(message.refuse(
                ESTALE,
                Some(&attr),
                fmt!("objects may have been removed since {since}: dump everything"),
            ));
        }
        let since = Some(since);
        Ok(Self { owner, since })
    }

    fn takes(&self, owner: impl FnOnce() -> Owner, changed: u32) -> bool {
        self.owner.is_none_or(|wanted| wanted == owner())
            && self
                .since
                .is_none_or(|since| generation::is_after(changed, since))
    }
}

/// Shows services in the order of their creation.
pub(crate) fn service_dump(net: &Net, dump: &mut Dump<'_>) -> Result<bool> {
    let control = net.control.lock();
    dump.set_generation(control.generation);
    let allowed = [uapi::rvs::SINCE, uapi::rvs::OWNER];
    let choice = Choice::of(&dump.message, &control, &allowed)?;
    let [mut next, ..] = *dump.cursor();
    while let Some(service) = control.first_from(next) {
        if choice.takes(|| service.owner(), service.generation()) {
            let added = dump.object(cmd::SERVICE_GET, |to| {
                write::service(to, &service)?;
                to.put_u32(uapi::rvs::GENERATION, control.generation)
            });
            if added.is_err() {
                return Ok(false);
            }
        }
        next = service.id.wrapping_add(1);
        *dump.cursor() = [next, 0, 0, 0, 0];
    }
    Ok(true)
}

/// Shows destinations of a service, or of all services in the order of their creation; those of a service newest
/// first.
pub(crate) fn dest_dump(net: &Net, dump: &mut Dump<'_>) -> Result<bool> {
    let control = net.control.lock();
    dump.set_generation(control.generation);
    let allowed = [uapi::rvs::SERVICE, uapi::rvs::SINCE, uapi::rvs::OWNER];
    let choice = Choice::of(&dump.message, &control, &allowed)?;
    if dump.message.attrs().find(uapi::rvs::SERVICE).is_some() {
        let wanted = ServiceRequest::key_only(dump.message)?;
        let service = control
            .find(net, &wanted.key)
            .map_err(|error| wanted.refuse(error))?;
        return Ok(dests(&control, &service, &choice, dump).is_ok());
    }
    let [mut next, ..] = *dump.cursor();
    while let Some(service) = control.first_from(next) {
        if next != service.id {
            // The one where the last call stopped is gone.
            *dump.cursor() = [service.id, 0, 0, 0, 0];
        }
        if dests(&control, &service, &choice, dump).is_err() {
            return Ok(false);
        }
        next = service.id.wrapping_add(1);
        *dump.cursor() = [next, 0, 0, 0, 0];
    }
    Ok(true)
}

/// The last destination that was shown, in the cursor.
fn words(dest: &Dest) -> [u64; 4] {
    let [first, second] = dest.endpoint().addr.words();
    let tag = u64::from(dest.family().af()) << 16 | u64::from(dest.endpoint().port);
    [dest.id(), tag, first, second]
}

/// The same from the cursor; `None` at the start of a service.
fn place([id, tag, first, second]: [u64; 4]) -> Option<((Family, Endpoint), u64)> {
    let family = Family::from_af(u16::try_from(tag >> 16).ok()?)?;
    let port = u16::try_from(tag & 0xffff).ok()?;
    let addr = Addr::from_words([first, second]);
    Some(((family, Endpoint::new(addr, port)), id))
}

/// Shows destinations of a service from where the cursor stands; `Err` if the buffer is full.
fn dests(
    control: &Control,
    service: &Service,
    choice: &Choice,
    dump: &mut Dump<'_>,
) -> Result<(), Full> {
    let [at, id, tag, first, second] = *dump.cursor();
    let mut show = |dest: &Dest| {
        if choice.takes(|| dest.owner(), dest.generation()) {
            dump.object(cmd::DEST_GET, |to| write_dest(to, control, service, dest))?;
        }
        let [id, tag, first, second] = words(dest);
        *dump.cursor() = [at, id, tag, first, second];
        Ok(())
    };
    rcu::read(|rcu| match place([id, tag, first, second]) {
        Some((key, id)) => service
            .dests_after(rcu, key, id)
            .try_for_each(|dest| show(&dest)),
        None => service.dests(rcu).try_for_each(|dest| show(&dest)),
    })
}

fn write_dest(
    to: &mut Writer<'_>,
    control: &Control,
    service: &Service,
    dest: &Dest,
) -> Result<(), Full> {
    let nest = to.nest_start(uapi::rvs::SERVICE)?;
    write::service_key(to, &service.key)?;
    to.nest_end(nest)?;
    write::dest(to, dest)?;
    to.put_u32(uapi::rvs::GENERATION, control.generation)
}
