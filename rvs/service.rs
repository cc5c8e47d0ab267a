// SPDX-License-Identifier: GPL-2.0

//! Virtual services: what clients connect to.

use crate::{
    dest::{
        Dest,
        DestSpec, //
    },
    logic::{
        addr::{
            Endpoint,
            Family,
            Tuple, //
        },
        owner::Owner,
        uapi::Method,
        wire::Packet, //
    },
    policy::Policy,
    roster::Roster,
    sched::{
        Bound,
        Change,
        Flow,
        Members,
        Servers, //
    },
    stats::{
        Figures,
        Retired,
        Totals,
        View, //
    },
    sys::{
        atomic::{
            AtomicU32,
            Ordering, //
        },
        list::List,
        lock::{
            Class,
            SpinLockBh, //
        },
        module::ModuleRef,
        rcu::{
            self,
            Rcu, //
        },
        shared::{
            Ref,
            Shared,
            Slot, //
        },
        time, //
    },
};
use kernel::{
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNode, //
    }, //
};

mod key;
mod lineup;
mod table;

pub(crate) use key::{
    dest_key,
    DestKey,
    ServiceKey, //
};
pub(crate) use lineup::{
    Coming,
    Fate,
    Lineup,
    Scheduling,
    Wanted, //
};
pub(crate) use table::{
    create_cache,
    Place,
    Services, //
};

/// A virtual service with its destinations and its scheduler.
///
/// Packets read it under RCU. Changes are made under the namespace's control lock, which the
/// callers of the methods marked so hold.
pub(crate) struct Service {
    /// Order of creation, for dumps.
    pub(crate) id: u64,
    pub(crate) key: ServiceKey,
    pub(crate) policy: Shared<Policy>,
    dests: List<Dest>,
    /// The same by address and port, for requests.
    by_key: SpinLockBh<RBTree<DestKey, Shared<Dest>>>,
    /// The destinations by number.
    roster: Slot<Roster>,
    /// Where connections go when no server is usable, if the policy says so.
    fallback: Slot<Dest>,
    scheduler: Slot<Bound>,
    /// Keeps the scheduler's module; `None` once the service has ended.
    module: SpinLockBh<Option<ModuleRef>>,
    dest_count: AtomicU32,
    /// What its removed destinations had counted.
    retired: Retired,
    view: View,
    generation: AtomicU32,
}

impl Service {
    /// A service without servers, which has no scheduler before its first [`Lineup`]. Process context.
    pub(crate) fn new(id: u64, policy: Shared<Policy>) -> Self {
        Self {
            id,
            key: policy.key,
            policy,
            dests: List::new(),
            by_key: SpinLockBh::new(RBTree::new(), Class::Module),
            roster: Slot::empty(),
            fallback: Slot::empty(),
            scheduler: Slot::empty(),
            module: SpinLockBh::new(None, Class::Module),
            dest_count: AtomicU32::new(0),
            retired: Retired::default(),
            view: View::new(),
            generation: AtomicU32::new(0),
        }
    }

    /// Notes the generation that the service itself changed in. Control lock.
    pub(crate) fn note_change(&self, generation: u32) {
        self.generation.store(generation, Ordering::Relaxed);
    }

    /// The generation of its last change.
    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Ordering::Relaxed)
    }

    /// The scheduler at work; `None` once the service has ended.
    #[inline]
    pub(crate) fn scheduler<'a>(&self, rcu: Rcu<'a>) -> Option<Ref<'a, Bound>> {
        self.scheduler.get(rcu)
    }

    /// Who manages it.
    pub(crate) fn owner(&self) -> Owner {
        rcu::read(|rcu| self.policy.settings(rcu).map(|settings| settings.owner))
            .unwrap_or(Owner::NOBODY)
    }

    /// The name of the scheduler at work.
    pub(crate) fn scheduler_name<'a>(&self, rcu: Rcu<'a>) -> &'a str {
        self.scheduler(rcu)
            .map_or("none", |scheduler| scheduler.get().name())
    }

    /// Takes the scheduler away for good. Control lock.
    fn drop_scheduler(&self) {
        drop(self.scheduler.replace(None));
        // Only now may its module go.
        let module = self.module.lock().take();
        drop(module);
    }

    /// The numbered destinations.
    fn roster(&self) -> Result<Shared<Roster>> {
        // It is there for as long as the service is.
        rcu::read(|rcu| self.roster.get(rcu)?.upgrade()).ok_or(ENOENT)
    }

    /// Tells a scheduler of a change.
    fn tell(
        &self,
        scheduler: &Bound,
        roster: &Shared<Roster>,
        old_capacity: usize,
        change: Change,
    ) -> Result {
        let members = Members {
            list: &self.dests,
            watch: &self.policy.watch,
            roster,
            old_capacity,
            weights: None,
            family: self.key.family,
        };
        scheduler.changed(&members, change)
    }

    /// Tells the scheduler at work, if there is one, of a change.
    fn announce(&self, roster: &Shared<Roster>, old_capacity: usize, change: Change) -> Result {
        match rcu::read(|rcu| self.scheduler(rcu)?.upgrade()) {
            Some(scheduler) => self.tell(&scheduler, roster, old_capacity, change),
            None => Ok(()),
        }
    }

    /// Chooses the destination of a new connection.
    pub(crate) fn schedule<'a>(&'a self, rcu: Rcu<'a>, packet: &Packet) -> Option<Ref<'a, Dest>> {
        let servers = Servers::new(&self.dests, &self.policy.watch, rcu);
        let flow = Flow {
            tuple: &packet.tuple,
            now: time::now(),
        };
        let scheduler = self.scheduler(rcu)?.get();
        let chosen = scheduler.schedule(&servers, &flow);
        match self.policy.is_starting() {
            false => chosen,
            true => self.schedule_slowly(rcu, chosen, || scheduler.schedule(&servers, &flow)),
        }
    }

    /// The rest of [`Self::schedule`] while a server is starting slowly: that one has had another connection. Nobody
    /// is refused for its sake.
    #[cold]
    fn schedule_slowly<'a>(
        &self,
        rcu: Rcu<'a>,
        chosen: Option<Ref<'a, Dest>>,
        choose: impl FnOnce() -> Option<Ref<'a, Dest>>,
    ) -> Option<Ref<'a, Dest>> {
        let chosen = match chosen {
            Some(chosen) => chosen,
            None => {
                self.dests(rcu).for_each(|dest| dest.open_gate());
                choose()?
            }
        };
        self.policy.count_arrival();
        chosen.charge();
        Some(chosen)
    }

    /// The destination that a connection of this flow would get now. Process context.
    pub(crate) fn peek<'a>(&'a self, rcu: Rcu<'a>, tuple: &Tuple) -> Option<Ref<'a, Dest>> {
        let servers = Servers::new(&self.dests, &self.policy.watch, rcu);
        let flow = Flow {
            tuple,
            now: time::now(),
        };
        self.scheduler(rcu)?.get().peek(&servers, &flow)
    }

    /// Where a connection goes for which no server is usable.
    pub(crate) fn fallback<'a>(&self, rcu: Rcu<'a>) -> Option<Ref<'a, Dest>> {
        self.fallback.get(rcu)
    }

    /// The fallback destination, if an administrator named it.
    pub(crate) fn configured_fallback<'a>(&self, rcu: Rcu<'a>) -> Option<Ref<'a, Dest>> {
        self.fallback(rcu)
            .filter(|dest| dest.method() != Method::Bypass)
    }

    /// Sets the fallback destination, or none. Control lock.
    pub(crate) fn set_fallback(&self, dest: Option<Shared<Dest>>) {
        if let Some(old) = self.fallback.replace(dest) {
            old.retire();
            old.traffic.hand_over(&self.retired);
        }
    }

    /// Number of destinations.
    pub(crate) fn dest_count(&self) -> u32 {
        self.dest_count.load(Ordering::Relaxed)
    }

    /// The destinations, newest first.
    pub(crate) fn dests<'a>(&self, rcu: Rcu<'a>) -> impl Iterator<Item = Ref<'a, Dest>> {
        self.dests.iter(rcu)
    }

    /// The destinations after the one with this key and number, or, if that is there no more, with lower numbers.
    pub(crate) fn dests_after<'a>(
        &self,
        rcu: Rcu<'a>,
        key: (Family, Endpoint),
        id: u64,
    ) -> impl Iterator<Item = Ref<'a, Dest>> {
        let found = self.find_dest(key).filter(|dest| dest.id() == id);
        let rest = match found {
            Some(dest) => self.dests.iter_after(rcu, dest.as_ref()),
            None => self.dests.iter(rcu),
        };
        rest.filter(move |dest| dest.id() < id)
    }

    /// The destinations and the fallback destination.
    fn all_dests<'a>(&self, rcu: Rcu<'a>) -> impl Iterator<Item = Ref<'a, Dest>> {
        Iterator::chain(self.dests(rcu), self.fallback(rcu))
    }

    /// The destination with this address and port.
    pub(crate) fn find_dest(&self, (family, endpoint): (Family, Endpoint)) -> Option<Shared<Dest>> {
        self.by_key.lock().get(&dest_key(family, endpoint)).cloned()
    }

    /// Adds a destination. Control lock, process context.
    pub(crate) fn add_dest(&self, dest: Shared<Dest>) -> Result {
        let key = dest_key(dest.family(), dest.endpoint());
        let node = RBTreeNode::new(key, dest.clone(), GFP_KERNEL_ACCOUNT)?;
        let roster = self.roster_with_room()?;
        List::await_readers(dest.as_ref());
        self.enlist(dest.clone(), node);
        let Some(slot) = roster.add(dest.clone()) else {
            self.remove_dest(&dest);
            return Err(ENOMEM);
        };
        dest.set_slot(slot, roster.mark_of(slot));
        dest.touch();
        let told = self.announce(&roster, 0, Change::Added(slot));
        if told.is_err() {
            self.remove_dest(&dest);
        }
        told
    }

    /// The roster, with at least one free slot.
    fn roster_with_room(&self) -> Result<Shared<Roster>> {
        let old = self.roster()?;
        if !old.is_full() {
            return Ok(old);
        }
        // Half of the slots become free, so that this does not happen too often.
        let count = crate::logic::num::index(self.dest_count());
        let roster = Roster::new(count.saturating_mul(2))?;
        rcu::read(|rcu| {
            let servers = old.iter(rcu).filter_map(|(_, server)| server.upgrade());
            // The oldest first.
            let mut left = count;
            let mut place = |server: Shared<Dest>| {
                left = left.wrapping_sub(1);
                roster.put(left, server);
            };
            servers.for_each(&mut place);
            roster.set_used(count);
        });
        let roster = Shared::new(roster, GFP_KERNEL_ACCOUNT)?;
        let prepared = self.announce(&roster, old.capacity(), Change::Renumbering);
        if prepared.is_ok() {
            let _ = self.announce(&roster, old.capacity(), Change::Renumbered);
            rcu::read(|rcu| roster.number(rcu));
            drop(self.roster.replace(Some(roster.clone())));
            self.policy.watch.mark_all();
            // Packets that had read a server's old number before may have set its mark after that.
            rcu::synchronize();
            self.policy.watch.mark_all();
        }
        let _ = self.announce(&roster, old.capacity(), Change::Settled);
        prepared.map(|()| roster)
    }

    /// Changes a destination but for its key. Control lock, process context.
    ///
    /// `step` calls what it is given, so that no packet sees half of the change.
    pub(crate) fn set_dest(
        &self,
        dest: &Dest,
        spec: &DestSpec,
        step: impl Fn(&dyn Fn()),
    ) -> Result {
        let old = dest.spec();
        step(&|| dest.set(spec));
        dest.touch();
        let Some(slot) = dest.slot() else {
            return Ok(());
        };
        let told = self.announce(&self.roster()?, 0, Change::Edited(slot));
        if told.is_err() {
            step(&|| dest.set(&old));
            dest.touch();
        }
        told
    }

    /// Removes a destination; its connections stay. Control lock, process context.
    pub(crate) fn remove_dest(&self, dest: &Shared<Dest>) {
        dest.retire();
        if let (Some(slot), Ok(roster)) = (dest.slot(), self.roster()) {
            // A scheduler that cannot follow passes over a server that has left.
            let _ = self.announce(&roster, 0, Change::Leaving(slot));
            roster.remove(slot);
            dest.touch();
        }
        self.delist(dest);
        dest.traffic.hand_over(&self.retired);
    }

    /// Ends the service: releases the scheduler, removes all destinations, which `retire` gets, and returns what
    /// the service has counted. Control lock, process context.
    pub(crate) fn end(&self, mut retire: impl FnMut(Shared<Dest>)) -> Totals {
        self.drop_scheduler();
        while let Some(dest) = rcu::read(|rcu| self.dests(rcu).next()?.upgrade()) {
            self.remove_dest(&dest);
            retire(dest);
        }
        self.set_fallback(None);
        self.retired.totals()
    }

    /// The sum over its destinations, removed ones included, ever. Control lock.
    pub(crate) fn totals(&self, rcu: Rcu<'_>) -> Totals {
        let mut totals = self.retired.totals();
        for dest in self.all_dests(rcu) {
            totals.add(&dest.traffic.unclaimed());
        }
        totals
    }

    /// The sum over its destinations of what a CPU has counted, ever. Control lock.
    pub(crate) fn on_cpu(&self, rcu: Rcu<'_>, cpu: u32) -> Totals {
        let mut totals = Totals::default();
        for dest in self.all_dests(rcu) {
            totals.add(&dest.traffic.on_cpu(cpu));
        }
        totals
    }

    /// The number of clients that persistence keeps with its servers.
    pub(crate) fn templates(&self, rcu: Rcu<'_>) -> u32 {
        self.all_dests(rcu)
            .fold(0, |sum, dest| sum.wrapping_add(dest.templates()))
    }

    /// What the service shows. Control lock.
    pub(crate) fn figures(&self, rcu: Rcu<'_>) -> Figures {
        self.view.figures(&self.totals(rcu))
    }

    /// Begins to show anew, for all destinations too, at one moment. Returns what [`Self::totals`] are then.
    /// Control lock.
    pub(crate) fn zero(&self, rcu: Rcu<'_>) -> Totals {
        let mut totals = self.retired.totals();
        for dest in self.all_dests(rcu) {
            totals.add(&dest.traffic.zero());
        }
        self.view.zero(&totals);
        self.policy.drops.zero();
        totals
    }

    /// Tells destinations what packets have to know of the policy. Control lock.
    pub(crate) fn note_policy(&self, rcu: Rcu<'_>) {
        for dest in self.all_dests(rcu) {
            dest.note_policy();
        }
    }

    /// Forgets the routes to all destinations, or for good. Control lock.
    pub(crate) fn forget_routes(&self, rcu: Rcu<'_>) {
        for dest in self.all_dests(rcu) {
            dest.route.clear();
        }
    }
}
