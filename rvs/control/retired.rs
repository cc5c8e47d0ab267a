// SPDX-License-Identifier: GPL-2.0

//! Destinations that were removed while they had connections: they come back with them.

use crate::{
    dest::Dest,
    logic::addr::{
        Endpoint,
        Family, //
    },
    policy::Policy,
    service::ServiceKey,
    sys::shared::Shared, //
};
use kernel::{
    prelude::*,
    rbtree::RBTree, //
};

/// The service and the destination, each in three words.
type Key = [u64; 6];

fn end(tag: u64, end: &Endpoint) -> [u64; 3] {
    let [first, second] = end.addr.words();
    [tag | u64::from(end.port), first, second]
}

/// What names a service, in an order.
pub(super) fn service_words(service: &ServiceKey) -> [u64; 3] {
    let tag = u64::from(service.family.af()) << 32 | u64::from(service.protocol.0) << 16;
    end(tag, &service.endpoint)
}

/// The key of a destination of a service; without one, what comes before all of them.
fn key(service: &ServiceKey, dest: Option<(Family, Endpoint)>) -> Key {
    let [a, b, c] = service_words(service);
    let [d, e, f] = dest.map_or([0; 3], |(family, endpoint)| {
        end(u64::from(family.af()) << 16, &endpoint)
    });
    [a, b, c, d, e, f]
}

struct Entry {
    dest: Shared<Dest>,
    /// The service object that it was removed from.
    service: u64,
}

/// Removed destinations, each for as long as it has connections or clients.
pub(super) struct RetiredDests(RBTree<Key, Entry>);

impl RetiredDests {
    pub(super) fn new() -> Self {
        Self(RBTree::new())
    }

    /// Remembers a destination that was removed from the service with this number, if it is used. Process
    /// context; without memory it will not come back.
    pub(super) fn add(&mut self, service: u64, dest: Shared<Dest>) {
        if !dest.is_used() {
            return;
        }
        let key = key(&dest.policy.key, Some((dest.family(), dest.endpoint())));
        let entry = Entry { dest, service };
        let _ = self.0.try_create_and_insert(key, entry, GFP_KERNEL_ACCOUNT);
    }

    /// The destination that was removed from a service with this key.
    pub(super) fn find(
        &self,
        service: &ServiceKey,
        dest: (Family, Endpoint),
    ) -> Option<Shared<Dest>> {
        let entry = self.0.get(&key(service, Some(dest)))?;
        Some(entry.dest.clone())
    }

    /// Takes out the destination that was removed from a service with this key, and says the number of the service.
    pub(super) fn take(
        &mut self,
        service: &ServiceKey,
        dest: (Family, Endpoint),
    ) -> Option<(Shared<Dest>, u64)> {
        let entry = self.0.remove(&key(service, Some(dest)))?;
        Some((entry.dest, entry.service))
    }

    /// The policy that the removed destinations of a service with this key go by. A new service must use it,
    /// too, to take them back.
    pub(super) fn policy(&self, service: &ServiceKey) -> Option<Shared<Policy>> {
        let cursor = self.0.cursor_lower_bound(&key(service, None))?;
        let policy = &cursor.current().1.dest.policy;
        (policy.key == *service).then(|| policy.clone())
    }

    /// Forgets those that are no longer used.
    pub(super) fn sweep(&mut self) {
        let mut cursor = self.0.cursor_front_mut();
        while let Some(here) = cursor {
            cursor = if here.current().1.dest.is_used() {
                here.move_next()
            } else {
                here.remove_current().0
            };
        }
    }
}
