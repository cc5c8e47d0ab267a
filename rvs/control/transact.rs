// SPDX-License-Identifier: GPL-2.0

//! Transactions: any number of changes as one step. A single request is a transaction of one.
//!
//! All changes come in one message, so nothing is left to remember between messages: a client that dies
//! has changed everything or nothing.

use super::{
    commit::Failed,
    plan::Plan,
    request::{
        ConfigRequest,
        ServiceRequest, //
    },
    server::DestRequest,
    ServiceSpec, //
};

pub(crate) use super::owners::Rights;

use crate::{
    dest::DestSpec,
    logic::{
        nla::Attr,
        num,
        uapi::{
            self,
            cmd,
            ChangeOp, //
        }, //
    },
    net::Net,
    sched::{
        self,
        Found, //
    },
    service::ServiceKey,
    sys::{
        genl::{
            Message,
            Request, //
        },
        memory, //
    },
};
use kernel::prelude::*;

/// Room for the reply.
const ROOM: u32 = 64;

/// The schedulers that requests name, loaded.
///
/// Loading a module waits for userspace, so it comes before the lock.
struct Schedulers {
    found: KVVec<Found>,
    /// One of them cannot be loaded.
    missing: bool,
}

impl Schedulers {
    fn new() -> Self {
        Self {
            found: KVVec::new(),
            missing: false,
        }
    }

    fn get(&self, name: &str) -> Option<&Found> {
        self.found.iter().find(|found| found.name() == name)
    }

    /// Loads what the change names; if that is not possible it is refused when its turn comes, and what
    /// others name need not be loaded.
    fn load(&mut self, op: ChangeOp, message: Message<'_>) -> Result {
        use ChangeOp::{
            ServiceNew,
            ServicePut,
            ServiceSet, //
        };
        if self.missing || !matches!(op, ServiceNew | ServiceSet | ServicePut) {
            return Ok(());
        }
        let wanted = ServiceRequest::with_settings(message)?;
        if !wanted.has_scheduler() {
            return Ok(());
        }
        let (name, _) = wanted.scheduler()?;
        if self.get(name).is_none() {
            match sched::find_or_load(name) {
                Ok(found) => memory::push(&mut self.found, found)?,
                Err(ENOENT) => self.missing = true,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The scheduler that a request names.
    fn find(&self, wanted: &ServiceRequest<'_>) -> Result<Found> {
        let (name, attr) = wanted.scheduler()?;
        let found = self.get(name).map_or(Err(ENOENT), Found::again);
        found.map_err(|error| {
            wanted.nest.refuse(
                error,
                &attr,
                fmt!("scheduler '{name}' is not loaded: modprobe rvs_{name}"),
            )
        })
    }
}

/// What changes are planned in.
struct Planner<'n> {
    net: &'n Net,
    control: &'n super::Control,
    schedulers: &'n Schedulers,
    plan: Plan,
}

impl Planner<'_> {
    /// Plans one change.
    fn plan(&mut self, op: ChangeOp, message: Message<'_>) -> Result {
        let planned = self.plan_for(op, message);
        planned.map_err(|error| match self.plan.take_foreign() {
            Some(foreign) => foreign.refuse(&message),
            None => error,
        })
    }

    fn plan_for(&mut self, op: ChangeOp, message: Message<'_>) -> Result {
        match op {
            ChangeOp::ServiceNew => self.service_new(message),
            ChangeOp::ServiceSet => self.service_set(message),
            ChangeOp::ServicePut => self.service_put(message),
            ChangeOp::ServiceDel => {
                let wanted = ServiceRequest::key_only(message)?;
                let removed = self.plan.remove_service(self.net, &wanted.key);
                removed.map_err(|error| wanted.refuse(error))
            }
            ChangeOp::DestNew | ChangeOp::DestSet | ChangeOp::DestPut => self.dest(op, message),
            ChangeOp::DestDel => {
                let wanted = ServiceRequest::key_only(message)?;
                let dest = DestRequest::key_only(message, &wanted.key)?;
                let removed = self.plan.remove_dest(self.net, &wanted.key, dest.key());
                removed.map_err(|error| refuse(&wanted, &dest, error))
            }
            ChangeOp::Flush => self.plan.flush(self.net, self.control),
            ChangeOp::ConfigSet => {
                let config = ConfigRequest::new(message)?;
                self.plan.configure(&config.timeouts);
                Ok(())
            }
        }
    }

    /// What a new service is to be.
    fn service_spec(&self, wanted: &ServiceRequest<'_>) -> Result<ServiceSpec> {
        let mut spec = wanted.spec(self.net, None)?;
        if wanted.nest.find(uapi::service::OWNER).is_none() {
            spec.settings.owner = self.plan.rights.owner;
        }
        Ok(spec)
    }

    /// What a new destination is to be.
    fn dest_spec(&mut self, service: &ServiceKey, dest: &DestRequest<'_>) -> Result<DestSpec> {
        let mut spec = dest.spec(self.net)?;
        let owner = self.plan.rights.owner;
        if !dest.has_owner() {
            spec.owner = match owner.is_somebody() {
                true => owner,
                false => self.plan.service(self.net, service)?.settings.owner,
            };
        }
        Ok(spec)
    }

    fn service_new(&mut self, message: Message<'_>) -> Result {
        let wanted = ServiceRequest::with_settings(message)?;
        wanted.scheduler()?;
        let spec = self.service_spec(&wanted)?;
        if self.plan.service(self.net, &wanted.key).is_ok() {
            return Err(wanted.refuse(EEXIST));
        }
        let scheduler = self.schedulers.find(&wanted)?;
        self.plan
            .add_service(self.net, &wanted.key, &spec, scheduler)
    }

    fn service_set(&mut self, message: Message<'_>) -> Result {
        let wanted = ServiceRequest::with_settings(message)?;
        let base = self.plan.service(self.net, &wanted.key);
        let base = base.map_err(|error| wanted.refuse(error))?;
        let scheduler = match wanted.has_scheduler() {
            true => self.other_scheduler(&wanted)?,
            false => None,
        };
        let spec = wanted.spec(self.net, Some(base))?;
        self.plan
            .set_service(self.net, &wanted.key, &spec, scheduler)
    }

    fn service_put(&mut self, message: Message<'_>) -> Result {
        let wanted = ServiceRequest::with_settings(message)?;
        wanted.scheduler()?;
        if self.plan.service(self.net, &wanted.key).is_err() {
            return self.service_new(message);
        }
        let spec = self.service_spec(&wanted)?;
        let scheduler = self.other_scheduler(&wanted)?;
        self.plan
            .reset_service(self.net, &wanted.key, &spec, scheduler)
    }

    /// The scheduler that a request names, unless the service has it already.
    fn other_scheduler(&mut self, wanted: &ServiceRequest<'_>) -> Result<Option<Found>> {
        let (name, _) = wanted.scheduler()?;
        match self.plan.has_scheduler(self.net, &wanted.key, name)? {
            true => Ok(None),
            false => self.schedulers.find(wanted).map(Some),
        }
    }

    /// Adds or changes a destination.
    fn dest(&mut self, op: ChangeOp, message: Message<'_>) -> Result {
        let wanted = ServiceRequest::key_only(message)?;
        let dest = DestRequest::with_settings(message, &wanted.key)?;
        let (net, service) = (self.net, &wanted.key);
        if op == ChangeOp::DestNew {
            let spec = self.dest_spec(service, &dest);
            let added = spec.and_then(|spec| self.plan.add_dest(net, service, &spec));
            return added.map_err(|error| refuse(&wanted, &dest, error));
        }
        let old = match self.plan.dest(net, service, dest.key()) {
            Err(ENOENT) if op == ChangeOp::DestPut => None,
            old => Some(old.map_err(|error| refuse(&wanted, &dest, error))?),
        };
        let spec = match (op, &old) {
            (ChangeOp::DestSet, Some(old)) => dest.change(old)?,
            _ => self.dest_spec(service, &dest)?,
        };
        match old {
            Some(_) => self.plan.set_dest(net, service, &spec),
            None => self.plan.add_dest(net, service, &spec),
        }
    }
}

/// Explains an error about a destination or its service.
fn refuse(service: &ServiceRequest<'_>, dest: &DestRequest<'_>, error: Error) -> Error {
    match error {
        ESRCH => service.refuse(error),
        error => dest.refuse(error),
    }
}

/// Makes the change that a request asks for.
pub(super) fn one(net: &Net, message: Message<'_>, op: ChangeOp, rights: Rights) -> Result {
    let mut schedulers = Schedulers::new();
    schedulers.load(op, message)?;
    let mut control = net.control.lock();
    let mut planner = Planner {
        net,
        control: &control,
        schedulers: &schedulers,
        plan: Plan::new(rights),
    };
    planner.plan(op, message)?;
    let plan = planner.plan;
    control
        .commit(net, &plan, false)
        .map_err(|failed| failed.error)
}

/// The changes of a message, with their numbers.
fn changes<'a>(message: Message<'a>) -> impl Iterator<Item = (u32, Attr<'a>)> {
    let attrs = message.attrs().flatten();
    let mut number = 0u32;
    attrs
        .filter(|attr| attr.kind == uapi::rvs::CHANGE)
        .map(move |attr| {
            number = number.wrapping_add(1);
            (number, attr)
        })
}

/// What a change does.
fn op_of(message: &Message<'_>) -> Result<ChangeOp> {
    let Some(attr) = message.attrs().find(uapi::change::OP) else {
        let kind = uapi::change::OP;
        return Err(message.missing(None, kind, fmt!("attribute change.op is missing")));
    };
    let op = attr.u8().and_then(ChangeOp::from_u8);
    let op = op.ok_or_else(|| message.refuse(EINVAL, Some(&attr), fmt!("no such operation")))?;
    let needs: &[u16] = match op {
        ChangeOp::Flush => &[],
        ChangeOp::ConfigSet => &[uapi::change::CONFIG],
        ChangeOp::ServiceNew
        | ChangeOp::ServiceSet
        | ChangeOp::ServicePut
        | ChangeOp::ServiceDel => &[uapi::change::SERVICE],
        _ => &[uapi::change::SERVICE, uapi::change::DEST],
    };
    for attr in message.attrs() {
        let attr = attr.map_err(|_| message.refuse(EINVAL, None, fmt!("malformed")))?;
        if attr.kind != uapi::change::OP && !needs.contains(&attr.kind) {
            let name = op.name();
            return Err(message.refuse(
                EINVAL,
                Some(&attr),
                fmt!("this attribute is not for {name}"),
            ));
        }
    }
    Ok(op)
}

/// Makes several changes as one.
pub(crate) fn transact(net: &Net, request: &Request<'_>) -> Result {
    let message = request.message;
    let rights = Rights::of(&message)?;
    let mut schedulers = Schedulers::new();
    for (number, attr) in changes(message) {
        let change = message.change(number, attr);
        schedulers.load(op_of(&change)?, change)?;
    }
    // There must be an answer to what has been done.
    let reply = request.begin_reply(cmd::TRANSACT, ROOM)?;
    let mut control = net.control.lock();
    check_generation(&message, control.generation)?;
    let mut planner = Planner {
        net,
        control: &control,
        schedulers: &schedulers,
        plan: Plan::new(rights),
    };
    let mut count = 0;
    for (number, attr) in changes(message) {
        let change = message.change(number, attr);
        planner.plan.begin(number);
        planner.plan(op_of(&change)?, change)?;
        count = number;
    }
    let plan = planner.plan;
    let dry = message.attrs().find(uapi::rvs::DRY_RUN).is_some();
    if count != 0 {
        let done = control.commit(net, &plan, dry);
        done.map_err(|failed| explain(message, &failed))?;
    }
    let generation = control.generation;
    drop(control);
    reply.send(|to| {
        to.put_u32(uapi::rvs::GENERATION, generation)?;
        to.put_u32(uapi::rvs::COUNT, count)
    })
}

/// Refuses what was made for another generation.
fn check_generation(message: &Message<'_>, now: u32) -> Result {
    match message.attrs().find(uapi::rvs::GENERATION) {
        Some(attr) if attr.u32() != Some(now) => Err(message.refuse(
            ESTALE,
            Some(&attr),
            fmt!("the configuration has changed: its generation is {now}"),
        )),
        _ => Ok(()),
    }
}

/// Names the change that could not be made.
fn explain(message: Message<'_>, failed: &Failed) -> Error {
    let index = num::index(failed.change).checked_sub(1);
    let Some((number, attr)) = index.and_then(|index| changes(message).nth(index)) else {
        return failed.error;
    };
    let text = match failed.error {
        ENOMEM => "no memory",
        _ => "the scheduler cannot have it so",
    };
    let change = message.change(number, attr);
    change.refuse(failed.error, Some(&attr), fmt!("{text}"))
}
