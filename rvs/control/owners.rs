// SPDX-License-Identifier: GPL-2.0

//! Who manages what: a transaction or a flush takes no objects away from those who did not ask for it.

use super::{
    plan::{
        DestPlan,
        Plan,
        ServicePlan, //
    },
    request,
    Control, //
};
use crate::{
    logic::{
        addr::{
            Endpoint,
            Family, //
        },
        owner::Owner,
        uapi, //
    },
    net::Net,
    service::Service,
    sys::{
        genl::Message,
        rcu, //
    },
};
use kernel::prelude::*;

/// In whose name changes are made.
#[derive(Clone, Copy)]
pub(crate) struct Rights {
    /// The owner of what is added, unless it names another.
    pub(crate) owner: Owner,
    /// Objects of others may be changed, too.
    pub(crate) force: bool,
}

impl Rights {
    /// In nobody's name, whosever the objects are.
    pub(crate) const ALL: Self = Self {
        owner: Owner::NOBODY,
        force: true,
    };

    /// Those that a message names.
    pub(super) fn of(message: &Message<'_>) -> Result<Self> {
        let owner = message.attrs().find(uapi::rvs::OWNER);
        let owner = owner.map(|attr| request::owner(message, &attr));
        Ok(Self {
            owner: owner.transpose()?.unwrap_or(Owner::NOBODY),
            force: message.attrs().find(uapi::rvs::FORCE).is_some(),
        })
    }

    /// Whether an object of `other` may be changed: `EPERM`, and whose it is.
    pub(super) fn check(&self, other: Owner) -> Result<(), Foreign> {
        match !self.force && other.is_foreign_to(&self.owner) {
            true => Err(Foreign(other)),
            false => Ok(()),
        }
    }
}

/// The owner of an object that somebody else would touch.
#[derive(Clone, Copy)]
pub(super) struct Foreign(Owner);

impl Foreign {
    /// Explains it.
    pub(super) fn refuse(&self, message: &Message<'_>) -> Error {
        let name = self.0.name();
        let owner = message.attrs().find(uapi::rvs::OWNER);
        match message.within() {
            Some(change) => message.refuse(
                EPERM,
                Some(&change),
                fmt!("this is of '{name}': name that owner, or force it"),
            ),
            None => message.refuse(
                EPERM,
                owner.as_ref(),
                fmt!("objects of '{name}' would go, too: name that owner, or force it"),
            ),
        }
    }
}

/// The destinations of a service that belong to an owner.
fn of_owner(service: &Service, owner: &Owner) -> Result<KVVec<(Family, Endpoint)>> {
    let room = crate::logic::num::index(service.dest_count());
    let mut found = KVVec::with_capacity(room, GFP_KERNEL_ACCOUNT)?;
    rcu::read(|rcu| {
        for dest in service.dests(rcu).filter(|dest| dest.owner() == *owner) {
            // There is room for all.
            let _ = found.push_within_capacity((dest.family(), dest.endpoint()));
        }
    });
    Ok(found)
}

/// Removes a service if that is allowed.
pub(super) fn remove(rights: &Rights, plan: &mut ServicePlan) -> Result<(), Foreign> {
    rights.check(plan.owner())?;
    if !rights.force {
        if let Some(service) = plan.current.as_ref().filter(|_| !plan.cleared) {
            rcu::read(|rcu| {
                let mut dests = service.dests(rcu);
                dests.try_for_each(|dest| rights.check(dest.owner()))
            })?;
        }
        let mut wanted = plan.dests.values().filter_map(|dest| dest.wanted);
        wanted.try_for_each(|spec| rights.check(spec.owner))?;
    }
    plan.remove();
    Ok(())
}

impl Plan {
    /// Removes what belongs to the owner, its services with all of their destinations; or everything if that
    /// is nobody.
    pub(super) fn flush(&mut self, net: &Net, control: &Control) -> Result {
        let rights = self.rights;
        for service in control.services.values() {
            self.at(net, &service.key)?;
            if rights.owner.is_somebody() {
                for dest in &of_owner(service, &rights.owner)? {
                    self.look_at(net, &service.key, *dest)?;
                }
            }
        }
        let all = !rights.owner.is_somebody();
        let mine =
            |dest: &&mut DestPlan| dest.wanted.is_some_and(|spec| spec.owner == rights.owner);
        let mut foreign = Ok(());
        for plan in self.services.values_mut().filter(|plan| plan.exists) {
            if all || plan.owner() == rights.owner {
                foreign = foreign.and(remove(&rights, plan));
                continue;
            }
            for dest in plan.dests.values_mut().filter(mine) {
                dest.wanted = None;
            }
        }
        self.permit(foreign)
    }
}
