// SPDX-License-Identifier: GPL-2.0

//! Destinations: the real servers of a service.

use crate::{
    logic::{
        addr::{
            Endpoint,
            Family, //
        },
        sched::Candidate,
        uapi::Method, //
    },
    stats::Traffic,
    sys::{
        atomic::{
            AtomicBool,
            AtomicU32,
            Ordering, //
        },
        route::RouteCache, //
    },
};
use kernel::prelude::*;

/// A real server in its role for one service.
///
/// Owned by the service's list and by every connection that goes to it. The packet path reads it under
/// RCU; what can be configured is atomic, so that a change needs no lock on that side.
pub struct Dest {
    /// Order of creation, for dumps.
    pub(crate) id: u64,
    family: Family,
    endpoint: Endpoint,
    method: AtomicU32,
    weight: AtomicU32,
    active: AtomicU32,
    inactive: AtomicU32,
    available: AtomicBool,
    pub(crate) traffic: Traffic,
    pub(crate) route: RouteCache,
}

impl Dest {
    /// A destination that is not part of a service yet. Process context.
    pub(crate) fn new(
        id: u64,
        family: Family,
        endpoint: Endpoint,
        method: Method,
        weight: u32,
    ) -> Result<Self> {
        Ok(Self {
            id,
            family,
            endpoint,
            method: AtomicU32::new(u32::from(method.value())),
            weight: AtomicU32::new(weight),
            active: AtomicU32::new(0),
            inactive: AtomicU32::new(0),
            available: AtomicBool::new(true),
            traffic: Traffic::new()?,
            route: RouteCache::new(),
        })
    }

    /// Family of the server's address.
    #[inline]
    pub fn family(&self) -> Family {
        self.family
    }

    /// Address and port of the server.
    #[inline]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// How packets of new connections are to reach the server.
    #[inline]
    pub(crate) fn method(&self) -> Method {
        let number = self.method.load(Ordering::Relaxed);
        if number == u32::from(Method::Nat.value()) {
            Method::Nat
        } else {
            Method::Direct
        }
    }

    /// Changes the configuration. Connections keep the method that they began with. Process context.
    pub(crate) fn set(&self, method: Method, weight: u32) {
        self.method
            .store(u32::from(method.value()), Ordering::Relaxed);
        self.weight.store(weight, Ordering::Relaxed);
        self.route.clear();
    }

    /// Whether the destination still belongs to its service.
    #[inline]
    pub(crate) fn is_available(&self) -> bool {
        self.available.load(Ordering::Relaxed)
    }

    /// Ends the destination's part in its service. Connections keep the object alive, but no longer the
    /// namespace's routes. Process context.
    pub(crate) fn retire(&self) {
        self.available.store(false, Ordering::Relaxed);
        self.route.close();
    }

    /// Counts a connection that begins, in the active or the inactive ones.
    pub(crate) fn bind(&self, active: bool) {
        self.count(active).fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection that ends.
    pub(crate) fn unbind(&self, active: bool) {
        self.count(active).fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a connection that changes sides.
    pub(crate) fn rebind(&self, active: bool) {
        self.bind(active);
        self.unbind(!active);
    }

    fn count(&self, active: bool) -> &AtomicU32 {
        if active {
            &self.active
        } else {
            &self.inactive
        }
    }
}

impl Candidate for Dest {
    #[inline]
    fn weight(&self) -> u32 {
        self.weight.load(Ordering::Relaxed)
    }

    #[inline]
    fn overloaded(&self) -> bool {
        false
    }

    #[inline]
    fn active(&self) -> u32 {
        self.active.load(Ordering::Relaxed)
    }

    #[inline]
    fn inactive(&self) -> u32 {
        self.inactive.load(Ordering::Relaxed)
    }
}
