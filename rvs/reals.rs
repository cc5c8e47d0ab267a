// SPDX-License-Identifier: GPL-2.0

//! The real servers of a namespace by their addresses: whose packets are answers of a server.
//!
//! Looked at only for packets that belong to no connection, and only while the setting `nat_icmp_send` is on.

use crate::{
    dest::Dest,
    logic::{
        hash::{
            endpoint_hash,
            HashKey, //
        },
        proto::sctp::Event,
        uapi::Method,
        wire::Packet, //
    },
    sys::{
        cache::{
            Cache,
            Created, //
        },
        hash::{
            entry_layout,
            Pool,
            Table, //
        },
        rcu::{
            self,
            Rcu, //
        },
        shared::Shared, //
    },
};
use core::ptr;
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

/// Where the entries of the table of real servers come from.
struct RealPool;

static CACHE: Cache = Cache::new();

impl Pool for RealPool {
    fn cache() -> &'static Cache {
        &CACHE
    }
}

/// Makes the slab cache of the table's entries. At module load.
pub(crate) fn create_cache() -> Result<Created> {
    CACHE.create(c"rvs_real", entry_layout::<Shared<Dest>, 1>())
}

/// The destinations of all services of a namespace.
pub(crate) struct Reals {
    table: Table<Shared<Dest>, 1, RealPool>,
    key: HashKey,
}

impl Reals {
    pub(crate) fn new(key: HashKey) -> Result<Self, AllocError> {
        Ok(Self {
            table: Table::new(0)?,
            key,
        })
    }

    fn hash(&self, dest: &Dest) -> u32 {
        endpoint_hash(&self.key, dest.family(), dest.endpoint())
    }

    /// Adds a destination. Control lock.
    pub(crate) fn insert(&self, dest: Shared<Dest>) -> Result {
        let hash = self.hash(&dest);
        let entry = Table::prepare([hash], dest)?;
        rcu::read(|rcu| self.table.put(rcu, entry));
        Ok(())
    }

    /// Takes a destination out. Control lock.
    pub(crate) fn remove(&self, rcu: Rcu<'_>, dest: &Dest) {
        let found = self
            .table
            .find(rcu, self.hash(dest), |other, _| ptr::eq(&**other, dest));
        if let Some((found, _)) = found {
            self.table.remove(rcu, found);
        }
    }

    /// Fits the table to the number of destinations and so many more. Control lock, of which `lock` is the proof.
    pub(crate) fn fit<L>(&self, lock: &mut L, more: u32) {
        if let Some(bits) = self.table.wants_resize_for(more) {
            // Without memory the table stays as it is: slower, but right.
            let _ = self.table.resize(lock, bits);
        }
    }

    /// Whether a packet comes from a server that is reached by NAT, so that it can only be an answer.
    pub(crate) fn sent(&self, rcu: Rcu<'_>, packet: &Packet) -> bool {
        let tuple = &packet.tuple;
        let hash = endpoint_hash(&self.key, tuple.family, tuple.src);
        self.table
            .find(rcu, hash, |dest, _| {
                let key = &dest.policy.key;
                dest.endpoint() == tuple.src
                    && dest.family() == tuple.family
                    && dest.method() == Method::Nat
                    && (key.protocol == tuple.protocol || key.mark().is_some())
            })
            .is_some()
    }
}

/// Whether a packet ends what it belongs to, so that nobody need be told that there is no such thing.
pub(crate) fn is_farewell(packet: &Packet) -> bool {
    packet.tcp.rst() || packet.sctp == Event::Abort
}
