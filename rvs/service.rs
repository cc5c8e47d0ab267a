// SPDX-License-Identifier: GPL-2.0

//! Virtual services: what clients connect to, and the table in which packets find them.

use crate::{
    dest::Dest,
    logic::{
        addr::{
            Endpoint,
            Family,
            Protocol, //
        },
        hash::{
            service_hash,
            HashKey, //
        },
        wire::Packet, //
    },
    sched::{
        Bound,
        Servers, //
    },
    stats::{
        Retired,
        Totals, //
    },
    sys::{
        atomic::{
            AtomicU32,
            Ordering, //
        },
        cache::{
            Cache,
            Created, //
        },
        hash::{
            entry_layout,
            Pool,
            Refused,
            Table, //
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
        }, //
    },
};
use kernel::prelude::*;

/// What names a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServiceKey {
    pub(crate) family: Family,
    pub(crate) protocol: Protocol,
    /// Virtual address and port.
    pub(crate) endpoint: Endpoint,
}

/// A virtual service with its destinations and its scheduler.
///
/// Packets read it under RCU. Changes are made under the namespace's control lock, which the
/// callers of the methods marked so hold.
pub(crate) struct Service {
    /// Order of creation, for dumps.
    pub(crate) id: u64,
    pub(crate) key: ServiceKey,
    dests: List<Dest>,
    scheduler: Slot<Bound>,
    /// Keeps the scheduler's module; `None` once the service has ended.
    module: SpinLockBh<Option<ModuleRef>>,
    dest_count: AtomicU32,
    /// What its removed destinations had counted.
    retired: Retired,
}

impl Service {
    pub(crate) fn new(
        id: u64,
        key: ServiceKey,
        (scheduler, module): (Shared<Bound>, ModuleRef),
    ) -> Self {
        Self {
            id,
            key,
            dests: List::new(),
            scheduler: Slot::new(scheduler),
            module: SpinLockBh::new(Some(module), Class::Module),
            dest_count: AtomicU32::new(0),
            retired: Retired::default(),
        }
    }

    /// The scheduler at work; `None` once the service has ended.
    #[inline]
    pub(crate) fn scheduler<'a>(&self, rcu: Rcu<'a>) -> Option<Ref<'a, Bound>> {
        self.scheduler.get(rcu)
    }

    /// The name of the scheduler at work.
    pub(crate) fn scheduler_name<'a>(&self, rcu: Rcu<'a>) -> &'a str {
        self.scheduler(rcu)
            .map_or("none", |scheduler| scheduler.get().name())
    }

    /// Puts another scheduler to work, or none. Control lock.
    pub(crate) fn set_scheduler(&self, scheduler: Option<(Shared<Bound>, ModuleRef)>) {
        let (scheduler, module) = scheduler.unzip();
        drop(self.scheduler.replace(scheduler));
        // Only now may the old module go: its instance has been released.
        let old = core::mem::replace(&mut *self.module.lock(), module);
        drop(old);
    }

    /// Chooses the destination of a new connection.
    pub(crate) fn schedule<'a>(&'a self, rcu: Rcu<'a>, packet: &Packet) -> Option<Ref<'a, Dest>> {
        let servers = Servers::new(&self.dests, rcu);
        self.scheduler(rcu)?.get().schedule(&servers, packet)
    }

    /// Number of destinations.
    pub(crate) fn dest_count(&self) -> u32 {
        self.dest_count.load(Ordering::Relaxed)
    }

    /// The destinations, newest first.
    pub(crate) fn dests<'a>(&self, rcu: Rcu<'a>) -> impl Iterator<Item = Ref<'a, Dest>> {
        self.dests.iter(rcu)
    }

    /// The destination with this address and port.
    pub(crate) fn find_dest<'a>(&self, rcu: Rcu<'a>, endpoint: Endpoint) -> Option<Ref<'a, Dest>> {
        self.dests(rcu).find(|dest| dest.endpoint() == endpoint)
    }

    /// Adds a destination. Control lock.
    pub(crate) fn add_dest(&self, dest: Shared<Dest>) -> Result {
        self.dests.push_front(dest).map_err(|_| EEXIST)?;
        self.dest_count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Removes a destination; its connections stay. Control lock.
    pub(crate) fn remove_dest(&self, rcu: Rcu<'_>, dest: Ref<'_, Dest>) {
        let servers = Servers::new(&self.dests, rcu);
        if let Some(scheduler) = self.scheduler(rcu) {
            scheduler.removing(&servers, dest);
        }
        if let Some(removed) = self.dests.remove(dest) {
            removed.retire();
            self.retired.absorb(&removed.traffic.totals());
            self.dest_count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Ends the service: releases the scheduler, removes all destinations and returns what the service has
    /// counted. Control lock.
    pub(crate) fn end(&self) -> Totals {
        self.set_scheduler(None);
        rcu::read(|rcu| {
            for dest in self.dests(rcu) {
                self.remove_dest(rcu, dest);
            }
        });
        self.retired.totals()
    }

    /// The sum over its destinations, removed ones included.
    pub(crate) fn totals(&self, rcu: Rcu<'_>) -> Totals {
        let mut totals = self.retired.totals();
        for dest in self.dests(rcu) {
            totals.add(&dest.traffic.totals());
        }
        totals
    }
}

/// Where the entries of the service table come from.
struct ServicePool;

static CACHE: Cache = Cache::new();

impl Pool for ServicePool {
    fn cache() -> &'static Cache {
        &CACHE
    }
}

/// Makes the slab cache of the service table's entries. At module load.
pub(crate) fn create_cache() -> Result<Created> {
    CACHE.create(c"rvs_service", entry_layout::<Shared<Service>, 1>())
}

/// The services of a namespace by their keys.
pub(crate) struct Services {
    table: Table<Shared<Service>, 1, ServicePool>,
    key: HashKey,
}

impl Services {
    pub(crate) fn new(key: HashKey) -> Result<Self> {
        Ok(Self {
            table: Table::new(0)?,
            key,
        })
    }

    pub(crate) fn len(&self) -> u32 {
        self.table.len()
    }

    pub(crate) fn buckets(&self) -> u32 {
        self.table.buckets()
    }

    fn hash(&self, key: &ServiceKey) -> u32 {
        service_hash(&self.key, key.family, key.protocol, key.endpoint)
    }

    /// The service with this key.
    #[inline]
    pub(crate) fn find<'a>(&self, rcu: Rcu<'a>, key: &ServiceKey) -> Option<Ref<'a, Service>> {
        let (found, _) = self
            .table
            .find(rcu, self.hash(key), |service, _| service.key == *key)?;
        Some(found.get().as_ref())
    }

    /// Adds a service whose key is not in the table. Control lock.
    pub(crate) fn insert(&self, service: Shared<Service>) -> Result {
        let key = service.key;
        rcu::read(|rcu| {
            let same = |other: &Shared<Service>| other.key == key;
            match self.table.insert(rcu, [self.hash(&key)], service, same) {
                Ok(_) => Ok(()),
                Err(Refused::Exists(_)) => Err(EEXIST),
                Err(Refused::NoMemory) => Err(ENOMEM),
            }
        })
    }

    /// Takes a service out of the table. Control lock.
    pub(crate) fn remove(&self, key: &ServiceKey) {
        rcu::read(|rcu| {
            let found = self
                .table
                .find(rcu, self.hash(key), |service, _| service.key == *key);
            if let Some((found, _)) = found {
                self.table.remove(rcu, found);
            }
        });
    }

    /// Fits the table to the number of services. Control lock, of which `lock` is the proof.
    pub(crate) fn fit<L>(&self, lock: &mut L) {
        if let Some(bits) = self.table.wants_resize() {
            // Without memory the table stays as it is: slower, but right.
            let _ = self.table.resize(lock, bits);
        }
    }
}
