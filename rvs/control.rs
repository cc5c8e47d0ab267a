// SPDX-License-Identifier: GPL-2.0

//! The configuration of a namespace and how it changes.
//!
//! A front end turns a message into typed values ([`request`]), refusing what makes no sense, and calls
//! the methods of [`Control`], which check against what is there and then apply. What has been refused has
//! changed nothing. [`genl`] is the front end for the netlink family `rvs`.

use crate::{
    dest::Dest,
    logic::sched::Candidate,
    net::Net,
    sched::Bound,
    service::{
        Service,
        ServiceKey, //
    },
    stats::Totals,
    sys::{
        module::ModuleRef,
        netns::Hooks,
        rcu::{
            self,
            Rcu, //
        },
        shared::{
            Ref,
            Shared, //
        }, //
    },
};
use kernel::{
    prelude::*,
    rbtree::RBTree, //
};

pub(crate) mod genl;
mod request;
mod write;

use request::{
    DestChange,
    DestSpec, //
};

/// A scheduler instance with the hold on its module.
type NewScheduler = (Shared<Bound>, ModuleRef);

/// The configuration of a namespace; the lock around it makes changes come one after the other.
///
/// Packets do not look in here: they find services in [`crate::service::Services`].
pub(crate) struct Control {
    services: RBTree<u64, Shared<Service>>,
    /// Numbers services and destinations in the order of their creation.
    last_id: u64,
    /// Changes with every change of the configuration.
    generation: u32,
    dests: u32,
    /// What the removed services had counted.
    retired: Totals,
    hooks: Hooks,
}

impl Control {
    pub(crate) fn new(hooks: Hooks) -> Self {
        Self {
            services: RBTree::new(),
            last_id: 0,
            generation: 1,
            dests: 0,
            retired: Totals::default(),
            hooks,
        }
    }

    fn next_id(&mut self) -> u64 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    /// Notes that something changed. 0 would mean "unknown" to netlink.
    fn changed(&mut self) {
        self.generation = self.generation.wrapping_add(1).max(1);
    }

    /// Adds a service; with the first one the hooks come.
    fn add_service(&mut self, net: &Net, key: ServiceKey, scheduler: NewScheduler) -> Result {
        if rcu::read(|rcu| net.services.find(rcu, &key).is_some()) {
            return Err(EEXIST);
        }
        let id = self.next_id();
        let service = Shared::new(Service::new(id, key, scheduler), GFP_KERNEL)?;
        let node = kernel::rbtree::RBTreeNode::new(id, service.clone(), GFP_KERNEL)?;
        self.hooks.register()?;
        if let Err(error) = net.services.insert(service) {
            self.rest(net);
            return Err(error);
        }
        self.services.insert(node);
        net.services.fit(self);
        self.changed();
        Ok(())
    }

    /// Removes a service and its destinations; connections stay until they expire.
    fn remove_service(&mut self, net: &Net, id: u64) -> Result {
        let service = self.services.remove(&id).ok_or(ESRCH)?;
        net.services.remove(&service.key);
        self.dests = self.dests.wrapping_sub(service.dest_count());
        self.retired.add(&service.end());
        net.services.fit(self);
        self.changed();
        self.rest(net);
        Ok(())
    }

    /// Removes all services.
    fn flush(&mut self, net: &Net) {
        while let Some(id) = self.first_from(0).map(|service| service.id) {
            // It was found a moment ago, under the same lock.
            let _ = self.remove_service(net, id);
        }
    }

    /// Adds a destination to a service.
    fn add_dest(&mut self, service: &Service, spec: &DestSpec) -> Result {
        if rcu::read(|rcu| service.find_dest(rcu, spec.endpoint).is_some()) {
            return Err(EEXIST);
        }
        let family = service.key.family;
        let dest = Dest::new(
            self.next_id(),
            family,
            spec.endpoint,
            spec.method,
            spec.weight,
        )?;
        service.add_dest(Shared::new(dest, GFP_KERNEL)?)?;
        self.dests = self.dests.wrapping_add(1);
        self.changed();
        Ok(())
    }

    /// Changes a destination.
    fn set_dest(&mut self, dest: &Dest, change: &DestChange) {
        dest.set(
            change.method.unwrap_or(dest.method()),
            change.weight.unwrap_or(dest.weight()),
        );
        self.changed();
    }

    /// Removes a destination.
    fn remove_dest(&mut self, rcu: Rcu<'_>, service: &Service, dest: Ref<'_, Dest>) {
        service.remove_dest(rcu, dest);
        self.dests = self.dests.wrapping_sub(1);
        self.changed();
    }

    /// Puts another scheduler to work for a service.
    fn set_scheduler(&mut self, service: &Service, scheduler: NewScheduler) {
        service.set_scheduler(Some(scheduler));
        self.changed();
    }

    /// The service with this key.
    fn find(&self, net: &Net, key: &ServiceKey) -> Result<Shared<Service>> {
        rcu::read(|rcu| net.services.find(rcu, key)?.upgrade()).ok_or(ESRCH)
    }

    /// The first service in order of creation whose number is at least `id`.
    fn first_from(&self, id: u64) -> Option<Shared<Service>> {
        let cursor = self.services.cursor_lower_bound(&id)?;
        Some(cursor.current().1.clone())
    }

    /// The sum over all services, removed ones included.
    fn totals(&self) -> Totals {
        let mut totals = self.retired;
        rcu::read(|rcu| {
            for service in self.services.values() {
                totals.add(&service.totals(rcu));
            }
        });
        totals
    }

    /// Forgets all cached routes, which hold on to devices. Removed destinations have none.
    pub(crate) fn forget_routes(&self) {
        rcu::read(|rcu| {
            for service in self.services.values() {
                service.dests(rcu).for_each(|dest| dest.route.clear());
            }
        });
    }

    /// Takes the hooks away when there is neither a service nor a connection. Process context.
    pub(crate) fn rest(&mut self, net: &Net) {
        if self.services.is_empty() && net.conns.len() == 0 {
            self.hooks.unregister();
        }
    }
}

impl Drop for Control {
    /// The namespace ends: its routes must not outlive it, while a destination may, held by connections
    /// that wait for a grace period.
    fn drop(&mut self) {
        for service in self.services.values() {
            service.end();
        }
    }
}
