// SPDX-License-Identifier: GPL-2.0

//! What a request, or many of them in one transaction, will make of the configuration.
//!
//! A [`Plan`] lies over the configuration: each change is checked against what the changes before it will have
//! made, and noted there. Nothing else changes, so that a plan can simply be thrown away. In the end it says
//! for each service and each destination what is there and what shall be; how it got there no longer matters.
//! [`Control::commit`] makes it so.

use super::{
    owners::{
        self,
        Foreign,
        Rights, //
    },
    retired::service_words,
    ServiceSpec, //
};
use crate::{
    dest::{
        Dest,
        DestSpec, //
    },
    logic::{
        addr::{
            Endpoint,
            Family, //
        },
        owner::Owner,
        proto::State, //
    },
    net::Net,
    policy::Settings,
    sched::Found,
    service::{
        dest_key,
        DestKey,
        Service,
        ServiceKey, //
    },
    sys::{
        memory,
        rcu,
        shared::Shared, //
    },
};
use kernel::{
    prelude::*,
    rbtree::RBTree, //
};

/// Timeouts by state, in seconds; 0 is that of the namespace.
type Timeouts = [Option<u32>; State::COUNT];

/// What a service is before a change, for what the change does not say.
pub(crate) struct Base {
    pub(crate) settings: Settings,
    /// The fallback destination that an administrator named.
    pub(crate) fallback: Option<DestSpec>,
}

/// A destination that some change is about.
pub(super) struct DestPlan {
    pub(super) current: Option<Shared<Dest>>,
    pub(super) wanted: Option<DestSpec>,
    /// Removed and added again.
    pub(super) again: bool,
    /// The place in the order of what was added.
    pub(super) order: u32,
}

impl DestPlan {
    /// Whether it is to be added to what is there.
    pub(super) fn comes(&self) -> bool {
        self.current.is_none() && self.wanted.is_some()
    }
}

/// A service that some change is about.
pub(super) struct ServicePlan {
    pub(super) key: ServiceKey,
    pub(super) current: Option<Shared<Service>>,
    /// Whether it will be there.
    pub(super) exists: bool,
    /// It was removed: of what is there now only destinations that are added again stay.
    pub(super) cleared: bool,
    pub(super) settings: Option<Settings>,
    pub(super) fallback: Option<Option<DestSpec>>,
    pub(super) timeouts: Timeouts,
    /// Another scheduler than the one that is at work.
    pub(super) scheduler: Option<Found>,
    pub(super) dests: RBTree<DestKey, DestPlan>,
    /// How many of those there are.
    pub(super) touched: u32,
    /// Keys and orders of those that were added, in their order; some of them may not come after all.
    pub(super) added: KVVec<(DestKey, u32)>,
    pub(super) order: u32,
    /// The last change that is about it.
    pub(super) change: u32,
}

impl ServicePlan {
    fn of(key: ServiceKey, current: Option<Shared<Service>>) -> Self {
        Self {
            key,
            exists: current.is_some(),
            current,
            cleared: false,
            settings: None,
            fallback: None,
            timeouts: [None; State::COUNT],
            scheduler: None,
            dests: RBTree::new(),
            touched: 0,
            added: KVVec::new(),
            order: 0,
            change: 0,
        }
    }

    /// What it is after the changes so far; `None` if it is not there.
    fn base(&self) -> Option<Base> {
        if !self.exists {
            return None;
        }
        rcu::read(|rcu| {
            let current = self.current.as_ref();
            let settings = match &self.settings {
                Some(settings) => *settings,
                None => *current?.policy.settings(rcu)?,
            };
            let fallback = match &self.fallback {
                Some(fallback) => *fallback,
                None => current.and_then(|service| service.fallback(rcu).map(|dest| dest.spec())),
            };
            Some(Base {
                settings,
                fallback: fallback.filter(|dest| !dest.is_bypass()),
            })
        })
    }

    /// The name of the scheduler that will be at work.
    fn has_scheduler(&self, name: &str) -> bool {
        match (&self.scheduler, &self.current) {
            (Some(found), _) => found.name() == name,
            (None, Some(service)) => rcu::read(|rcu| service.scheduler_name(rcu) == name),
            (None, None) => false,
        }
    }

    fn set(&mut self, spec: &ServiceSpec, scheduler: Option<Found>) {
        self.settings = Some(spec.settings);
        self.fallback = Some(spec.fallback);
        if scheduler.is_some() {
            self.scheduler = scheduler;
        }
        for (timeout, wanted) in self.timeouts.iter_mut().zip(spec.timeouts) {
            *timeout = wanted.or(*timeout);
        }
    }

    /// Whether the service itself changes, and not only its destinations.
    pub(super) fn changes_service(&self) -> bool {
        let timeouts = self.timeouts.iter().any(Option::is_some);
        self.cleared || self.settings.is_some() || self.fallback.is_some() || timeouts
    }

    /// Who manages it, after the changes so far.
    pub(super) fn owner(&self) -> Owner {
        match (&self.settings, &self.current) {
            (Some(settings), _) => settings.owner,
            (None, Some(service)) => service.owner(),
            (None, None) => Owner::NOBODY,
        }
    }

    pub(super) fn remove(&mut self) {
        self.exists = false;
        self.cleared = true;
        self.scheduler = None;
        self.settings = None;
        self.fallback = None;
        for dest in self.dests.values_mut() {
            dest.wanted = None;
        }
    }

    /// The destination that was added with this order, if it comes.
    pub(super) fn coming(&self, key: &DestKey, order: u32) -> Option<&DestSpec> {
        let dest = self.dests.get(key)?;
        let comes = dest.comes() && dest.order == order;
        dest.wanted.as_ref().filter(|_| comes)
    }

    /// The destination with this key, as a change of it finds it.
    fn dest(&mut self, key: (Family, Endpoint)) -> Result<&mut DestPlan> {
        let name = dest_key(key.0, key.1);
        if self.dests.get(&name).is_none() {
            let current = self.current.as_ref().and_then(|found| found.find_dest(key));
            let wanted = current.as_ref().map(|dest| dest.spec());
            let plan = DestPlan {
                current,
                wanted: wanted.filter(|_| !self.cleared),
                again: false,
                order: 0,
            };
            self.dests
                .try_create_and_insert(name, plan, GFP_KERNEL_ACCOUNT)?;
            self.touched = self.touched.wrapping_add(1);
        }
        self.dests.get_mut(&name).ok_or(ENOMEM)
    }
}

/// All that shall change, in one step.
pub(crate) struct Plan {
    pub(super) services: RBTree<[u64; 3], ServicePlan>,
    pub(super) touched: u32,
    /// Timeouts of the namespace.
    pub(super) config: Timeouts,
    /// So many objects were added.
    pub(super) added: u32,
    /// The number of the change that is being planned.
    change: u32,
    /// In whose name.
    pub(super) rights: Rights,
    /// Whose object a change was refused for.
    foreign: Option<Foreign>,
}

/// All timeouts, those that are not given as `0`.
fn complete(timeouts: Timeouts) -> Timeouts {
    timeouts.map(|seconds| seconds.or(Some(0)))
}

impl Plan {
    /// Nothing changes.
    pub(crate) fn new(rights: Rights) -> Self {
        Self {
            services: RBTree::new(),
            touched: 0,
            config: [None; State::COUNT],
            added: 0,
            change: 0,
            rights,
            foreign: None,
        }
    }

    /// What follows is the change with this number.
    pub(crate) fn begin(&mut self, change: u32) {
        self.change = change;
    }

    /// Whose object the last change was refused for with `EPERM`.
    pub(super) fn take_foreign(&mut self) -> Option<Foreign> {
        self.foreign.take()
    }

    /// Refuses what is not allowed.
    pub(super) fn permit(&mut self, allowed: Result<(), Foreign>) -> Result {
        allowed.map_err(|foreign| {
            self.foreign = Some(foreign);
            EPERM
        })
    }

    /// Whether a service that will be there may be changed.
    fn may_change(&mut self, net: &Net, key: &ServiceKey) -> Result {
        let rights = self.rights;
        let owner = self.existing(net, key)?.owner();
        self.permit(rights.check(owner))
    }

    /// Notes a destination.
    pub(super) fn look_at(
        &mut self,
        net: &Net,
        key: &ServiceKey,
        dest: (Family, Endpoint),
    ) -> Result {
        self.at(net, key)?.dest(dest).map(|_| ())
    }

    fn order(&mut self) -> u32 {
        self.added = self.added.wrapping_add(1);
        self.added
    }

    /// The service with this key, there or not.
    pub(super) fn at(&mut self, net: &Net, key: &ServiceKey) -> Result<&mut ServicePlan> {
        let name = service_words(key);
        if self.services.get(&name).is_none() {
            let current = rcu::read(|rcu| net.services.find(rcu, key)?.upgrade());
            let plan = ServicePlan::of(*key, current);
            self.services
                .try_create_and_insert(name, plan, GFP_KERNEL_ACCOUNT)?;
            self.touched = self.touched.wrapping_add(1);
        }
        let plan = self.services.get_mut(&name).ok_or(ENOMEM)?;
        plan.change = self.change;
        Ok(plan)
    }

    /// The same, which must be there: `ESRCH`.
    fn existing(&mut self, net: &Net, key: &ServiceKey) -> Result<&mut ServicePlan> {
        let plan = self.at(net, key)?;
        match plan.exists {
            true => Ok(plan),
            false => Err(ESRCH),
        }
    }

    /// What a service will be, after the changes so far. `ESRCH` if it will not be there.
    pub(crate) fn service(&mut self, net: &Net, key: &ServiceKey) -> Result<Base> {
        self.at(net, key)?.base().ok_or(ESRCH)
    }

    /// Whether the service will have this scheduler.
    pub(crate) fn has_scheduler(
        &mut self,
        net: &Net,
        key: &ServiceKey,
        name: &str,
    ) -> Result<bool> {
        Ok(self.existing(net, key)?.has_scheduler(name))
    }

    /// Adds a service. `EEXIST`.
    pub(crate) fn add_service(
        &mut self,
        net: &Net,
        key: &ServiceKey,
        spec: &ServiceSpec,
        scheduler: Found,
    ) -> Result {
        let order = self.order();
        let plan = self.at(net, key)?;
        if plan.exists {
            return Err(EEXIST);
        }
        plan.exists = true;
        plan.order = order;
        plan.set(spec, Some(scheduler));
        plan.timeouts = complete(spec.timeouts);
        Ok(())
    }

    /// Changes a service; without a scheduler the one that it has stays. `ESRCH`.
    pub(crate) fn set_service(
        &mut self,
        net: &Net,
        key: &ServiceKey,
        spec: &ServiceSpec,
        scheduler: Option<Found>,
    ) -> Result {
        self.may_change(net, key)?;
        self.existing(net, key)?.set(spec, scheduler);
        Ok(())
    }

    /// The same for what is complete: timeouts that are not given are none.
    pub(crate) fn reset_service(
        &mut self,
        net: &Net,
        key: &ServiceKey,
        spec: &ServiceSpec,
        scheduler: Option<Found>,
    ) -> Result {
        self.may_change(net, key)?;
        let plan = self.existing(net, key)?;
        plan.set(spec, scheduler);
        plan.timeouts = complete(spec.timeouts);
        Ok(())
    }

    /// Removes a service and its destinations. `ESRCH`.
    pub(crate) fn remove_service(&mut self, net: &Net, key: &ServiceKey) -> Result {
        let rights = self.rights;
        let removed = owners::remove(&rights, self.existing(net, key)?);
        self.permit(removed)
    }

    /// What a destination will be, after the changes so far. `ESRCH` for the service, `ENOENT` for the destination.
    pub(crate) fn dest(
        &mut self,
        net: &Net,
        service: &ServiceKey,
        key: (Family, Endpoint),
    ) -> Result<DestSpec> {
        let plan = self.existing(net, service)?.dest(key)?;
        plan.wanted.ok_or(ENOENT)
    }

    /// Adds a destination. `ESRCH`, `EEXIST`.
    pub(crate) fn add_dest(&mut self, net: &Net, service: &ServiceKey, spec: &DestSpec) -> Result {
        let order = self.order();
        let service = self.existing(net, service)?;
        let plan = service.dest((spec.family, spec.endpoint))?;
        if plan.wanted.is_some() {
            return Err(EEXIST);
        }
        plan.wanted = Some(*spec);
        plan.again = plan.current.is_some();
        plan.order = order;
        let key = dest_key(spec.family, spec.endpoint);
        memory::push(&mut service.added, (key, order))?;
        Ok(())
    }

    /// Changes a destination. `ESRCH`, `ENOENT`.
    pub(crate) fn set_dest(&mut self, net: &Net, service: &ServiceKey, spec: &DestSpec) -> Result {
        let rights = self.rights;
        let service = self.existing(net, service)?;
        let plan = service.dest((spec.family, spec.endpoint))?;
        let allowed = match plan.wanted {
            None => return Err(ENOENT),
            Some(old) => rights.check(old.owner),
        };
        if allowed.is_ok() {
            plan.wanted = Some(*spec);
        }
        self.permit(allowed)
    }

    /// Removes a destination. `ESRCH`, `ENOENT`.
    pub(crate) fn remove_dest(
        &mut self,
        net: &Net,
        service: &ServiceKey,
        key: (Family, Endpoint),
    ) -> Result {
        let rights = self.rights;
        let plan = self.existing(net, service)?.dest(key)?;
        let allowed = match plan.wanted {
            None => return Err(ENOENT),
            Some(old) => rights.check(old.owner),
        };
        if allowed.is_ok() {
            plan.wanted = None;
        }
        self.permit(allowed)
    }

    /// Changes timeouts of the namespace, in seconds.
    pub(crate) fn configure(&mut self, timeouts: &Timeouts) {
        for (timeout, wanted) in self.config.iter_mut().zip(timeouts) {
            *timeout = wanted.or(*timeout);
        }
    }

    /// The one destination that all of this is about, with its service, if its service stays as it is.
    pub(super) fn sole_dest(&self) -> Option<(&Shared<Service>, &DestPlan)> {
        if self.touched != 1 || self.config.iter().any(Option::is_some) {
            return None;
        }
        let plan = self.services.values().next()?;
        let same = plan.exists && !plan.cleared && plan.settings.is_none() && plan.touched == 1;
        let dest = plan.dests.values().next().filter(|dest| !dest.again)?;
        Some((plan.current.as_ref()?, dest)).filter(|_| same)
    }
}
