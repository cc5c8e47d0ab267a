// SPDX-License-Identifier: GPL-2.0

//! The table in which packets find services.

use super::{
    Service,
    ServiceKey, //
};
use crate::{
    logic::{
        addr::Family,
        hash::{
            service_hash,
            HashKey, //
        },
        wire::Packet, //
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
            Prepared,
            Table, //
        },
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
use kernel::prelude::*;

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

/// How many services there are of the kinds that need a look-up of their own, per family: without
/// any, packets are spared it.
#[derive(Default)]
pub(super) struct Rare([AtomicU32; 4]);

impl Rare {
    pub(super) const MARK: usize = 0;
    pub(super) const ANY_PORT: usize = 2;

    fn add(&self, key: &ServiceKey, n: u32) {
        if let Some(count) = key.rare().and_then(|index| self.0.get(index)) {
            count.fetch_add(n, Ordering::Relaxed);
        }
    }

    #[inline]
    fn has(&self, kind: usize, family: Family) -> bool {
        let index = kind.wrapping_add(usize::from(family == Family::Ipv6));
        self.0
            .get(index)
            .is_some_and(|count| count.load(Ordering::Relaxed) != 0)
    }
}

/// A place in the table for a service that is not in it yet.
pub(crate) struct Place(Prepared<Shared<Service>, 1, ServicePool>);

/// The services of a namespace by their keys.
pub(crate) struct Services {
    table: Table<Shared<Service>, 1, ServicePool>,
    key: HashKey,
    rare: Rare,
}

impl Services {
    pub(crate) fn new(key: HashKey) -> Result<Self> {
        Ok(Self {
            table: Table::new(0)?,
            key,
            rare: Rare::default(),
        })
    }

    pub(crate) fn len(&self) -> u32 {
        self.table.len()
    }

    pub(crate) fn buckets(&self) -> u32 {
        self.table.buckets()
    }

    /// How many buckets have how many nodes; see [`Table::lengths`]. Control lock.
    pub(crate) fn lengths(&self) -> [u32; 8] {
        self.table.lengths()
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

    /// The service for a packet that begins a connection.
    ///
    /// IPVS behaviour: a firewall mark comes first, then the exact address and port, then port 0.
    pub(crate) fn find_for<'a>(
        &self,
        rcu: Rcu<'a>,
        packet: &Packet,
        mark: u32,
    ) -> Option<Ref<'a, Service>> {
        let tuple = &packet.tuple;
        let family = tuple.family;
        if mark != 0 && self.rare.has(Rare::MARK, family) {
            let found = self.find(rcu, &ServiceKey::of_mark(family, mark));
            if found.is_some() {
                return found;
            }
        }
        let mut key = ServiceKey {
            family,
            protocol: tuple.protocol,
            endpoint: tuple.dst,
        };
        let found = self.find(rcu, &key);
        if found.is_some() || !self.rare.has(Rare::ANY_PORT, family) {
            return found;
        }
        key.endpoint.port = 0;
        self.find(rcu, &key)
    }

    /// A place in the table for a service whose key is not in it. Control lock, process context.
    pub(crate) fn prepare(&self, service: Shared<Service>) -> Result<Place> {
        let hash = self.hash(&service.key);
        Ok(Place(Table::prepare([hash], service)?))
    }

    /// Adds a service in its place. Control lock; does not sleep.
    pub(crate) fn insert(&self, rcu: Rcu<'_>, key: &ServiceKey, place: Place) {
        self.table.put(rcu, place.0);
        self.rare.add(key, 1);
    }

    /// Takes a service out of the table. Control lock.
    pub(crate) fn remove(&self, key: &ServiceKey) {
        rcu::read(|rcu| {
            let found = self
                .table
                .find(rcu, self.hash(key), |service, _| service.key == *key);
            if let Some((found, _)) = found {
                self.rare.add(key, u32::MAX);
                self.table.remove(rcu, found);
            }
        });
    }

    /// Fits the table to the number of services and so many more. Control lock, of which `lock` is the proof.
    pub(crate) fn fit<L>(&self, lock: &mut L, more: u32) {
        if let Some(bits) = self.table.wants_resize_for(more) {
            // Without memory the table stays as it is: slower, but right.
            let _ = self.table.resize(lock, bits);
        }
    }
}
