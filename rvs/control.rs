// SPDX-License-Identifier: GPL-2.0

//! The configuration of a namespace and how it changes.
//!
//! A front end turns a message into typed values ([`request`]), refusing what makes no sense, and calls
//! the methods of [`Control`], which check against what is there and then apply. What has been refused has
//! changed nothing. [`genl`] is the front end for the netlink family `rvs`.

use crate::{
    dest::{
        Dest,
        DestSpec, //
    },
    logic::{
        addr::Family,
        proto::State,
        uapi::EventKind, //
    },
    net::Net,
    policy::Settings,
    pulse::Pulse,
    service::{
        Service,
        ServiceKey, //
    },
    stats::{
        Figures,
        Totals,
        View, //
    },
    sys::{
        netns::Hooks,
        rcu,
        shared::Shared, //
    },
};
use event::Events;
use kernel::{
    prelude::*,
    rbtree::RBTree, //
};
use retired::RetiredDests;

pub mod api;
mod commit;
pub(crate) mod conns;
mod dump;
mod event;
pub(crate) mod explain;
mod filter;
pub(crate) mod genl;
mod owners;
mod plan;
mod request;
mod retired;
mod server;
mod settings;
mod tend;
pub(crate) mod transact;
mod write;

/// What a request says about a service, checked and complete.
pub(crate) struct ServiceSpec {
    pub(crate) settings: Settings,
    /// Timeouts of its own to set, in seconds, or with 0 to give up.
    pub(crate) timeouts: [Option<u32>; State::COUNT],
    /// Where connections go when no server is usable.
    pub(crate) fallback: Option<DestSpec>,
}

/// The configuration of a namespace; the lock around it makes changes come one after the other.
///
/// Packets do not look in here: they find services in [`crate::service::Services`].
pub(crate) struct Control {
    services: RBTree<u64, Shared<Service>>,
    /// Numbers services and destinations in the order of their creation.
    last_id: u64,
    /// Changes with every change of the configuration.
    generation: u32,
    /// The generation in which something was removed for the last time.
    removed: u32,
    dests: u32,
    /// What the removed services had counted.
    retired: Totals,
    view: View,
    /// Removed destinations that may come back.
    retired_dests: RetiredDests,
    hooks: Hooks,
    pulse: Shared<Pulse>,
    events: Events,
}

impl Control {
    pub(crate) fn new(hooks: Hooks, pulse: Shared<Pulse>) -> Self {
        Self {
            services: RBTree::new(),
            last_id: 0,
            generation: 1,
            removed: 1,
            dests: 0,
            retired: Totals::default(),
            view: View::new(),
            retired_dests: RetiredDests::new(),
            hooks,
            pulse,
            events: Events::default(),
        }
    }

    fn next_id(&mut self) -> u64 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    /// Whether there has ever been a service.
    pub(crate) fn has_begun(&self) -> bool {
        self.last_id != 0
    }

    /// Notes that something changed. 0 would mean "unknown" to netlink.
    fn changed(&mut self) {
        self.generation = self.generation.wrapping_add(1).max(1);
    }

    /// The same, and something is there no more.
    fn lost(&mut self) {
        self.changed();
        self.removed = self.generation;
    }

    /// Has fragments of a family put together before the hooks see them; the host does it for IPv4.
    fn gather(&mut self, family: Family) -> Result {
        match family {
            Family::Ipv4 => Ok(()),
            Family::Ipv6 => self.hooks.gather_ipv6(),
        }
    }

    /// Adds a destination to a service.
    fn add_dest(&mut self, net: &Net, service: &Service, spec: &DestSpec) -> Result {
        let key = (spec.family, spec.endpoint);
        if service.find_dest(key).is_some() {
            return Err(EEXIST);
        }
        self.gather(spec.family)?;
        let id = self.next_id();
        let dest = match self.retired_dests.take(&service.key, key) {
            Some((dest, from)) => {
                dest.revive(id, spec);
                if from != service.id {
                    dest.traffic.zero();
                }
                dest
            }
            None => Shared::new(
                Dest::new(id, spec, service.policy.clone())?,
                GFP_KERNEL_ACCOUNT,
            )?,
        };
        let added = net.reals.insert(dest.clone());
        if let Err(error) = added.and_then(|()| service.add_dest(dest.clone())) {
            rcu::read(|rcu| net.reals.remove(rcu, &dest));
            dest.retire();
            self.retired_dests.add(service.id, dest);
            return Err(error);
        }
        net.reals.fit(self, 0);
        self.dests = self.dests.wrapping_add(1);
        self.changed();
        dest.note_change(self.generation);
        self.tell_dest(net, EventKind::DestAdded, &service.key, &dest);
        self.tell_committed(net);
        self.note_usable(net, service, &dest);
        Ok(())
    }

    /// Changes a destination.
    fn set_dest(&mut self, net: &Net, service: &Service, dest: &Dest, spec: &DestSpec) -> Result {
        service.set_dest(dest, spec, |set| net.turn.change(set))?;
        self.changed();
        dest.note_change(self.generation);
        self.tell_dest(net, EventKind::DestChanged, &service.key, dest);
        self.tell_committed(net);
        self.note_usable(net, service, dest);
        Ok(())
    }

    /// Removes a destination.
    fn remove_dest(&mut self, net: &Net, service: &Service, dest: &Shared<Dest>) {
        rcu::read(|rcu| net.reals.remove(rcu, dest));
        service.remove_dest(dest);
        self.retired_dests.add(service.id, dest.clone());
        self.dests = self.dests.wrapping_sub(1);
        self.lost();
        self.tell_dest(net, EventKind::DestRemoved, &service.key, dest);
        self.tell_committed(net);
    }

    /// Begins to count anew, for everything.
    fn zero(&self, net: &Net) {
        let mut totals = self.retired;
        rcu::read(|rcu| {
            for service in self.services.values() {
                totals.add(&service.zero(rcu));
            }
        });
        self.view.zero(&totals);
        net.drops.zero();
        net.sent.zero();
        net.fast.taken.zero();
    }

    /// The service with this key.
    fn find(&self, net: &Net, key: &ServiceKey) -> Result<Shared<Service>> {
        rcu::read(|rcu| net.services.find(rcu, key)?.upgrade()).ok_or(ESRCH)
    }

    /// The first service in order of creation whose number is at least `id`.
    pub(crate) fn first_from(&self, id: u64) -> Option<Shared<Service>> {
        let cursor = self.services.cursor_lower_bound(&id)?;
        Some(cursor.current().1.clone())
    }

    /// What the namespace shows.
    pub(crate) fn figures(&self) -> Figures {
        self.view.figures(&self.totals())
    }

    /// The sum over all services, removed ones included, ever.
    pub(crate) fn totals(&self) -> Totals {
        let mut totals = self.retired;
        rcu::read(|rcu| {
            for service in self.services.values() {
                totals.add(&service.totals(rcu));
            }
        });
        totals
    }

    /// The sum over all servers of what a CPU has counted, ever.
    pub(crate) fn on_cpu(&self, cpu: u32) -> Totals {
        let mut totals = Totals::default();
        rcu::read(|rcu| {
            for service in self.services.values() {
                totals.add(&service.on_cpu(rcu, cpu));
            }
        });
        totals
    }

    /// Forgets all cached routes, which hold on to devices. Removed destinations have none.
    pub(crate) fn forget_routes(&self) {
        rcu::read(|rcu| {
            for service in self.services.values() {
                service.forget_routes(rcu);
            }
        });
    }

    /// Whether any service wants the fast path.
    pub(crate) fn wants_fast(&self) -> bool {
        self.services
            .values()
            .any(|service| service.policy.is_fast())
    }

    /// Forgets removed destinations that have nothing to come back for. Process context.
    pub(crate) fn sweep(&mut self) {
        self.retired_dests.sweep();
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
            service.end(drop);
        }
    }
}
