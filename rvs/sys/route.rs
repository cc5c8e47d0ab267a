// SPDX-License-Identifier: GPL-2.0

//! A cached route to a destination.
//!
//! C header: [`include/net/dst.h`](srctree/include/net/dst.h)

use super::bindings;
use crate::logic::addr::{
    Addr,
    Family, //
};
use core::{
    cell::UnsafeCell,
    mem::MaybeUninit, //
};

/// Where a client is, seen from a server, and the address with which this host talks to the server.
pub(crate) enum Vicinity {
    /// The server is this host, or cannot be reached.
    Here,
    /// Client and server are in one network.
    Near(Addr),
    /// They are not.
    Far(Addr),
}

/// Where a packet would be seen.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    /// Its source is an address of this host.
    pub(crate) from_here: bool,
    /// Its destination is.
    pub(crate) here: bool,
}

/// A way out of this host, for someone who only asks.
pub(crate) struct Way {
    /// Whether it ends on this host.
    pub(crate) local: bool,
    /// Index of the device.
    pub(crate) device: u32,
    /// The gateway, if there is one.
    pub(crate) via: Option<(Family, Addr)>,
    /// The host's own address that goes with it.
    pub(crate) source: Addr,
    pub(crate) mtu: u32,
}

/// The route that the last packet to a destination took, kept while it is valid.
///
/// A route must not outlive its namespace, but a destination may (connections hold it until a grace
/// period has passed): [`Self::close`] must come first.
pub(crate) struct RouteCache(UnsafeCell<bindings::rvs_route>);

// SAFETY: Readers use RCU, writers the lock inside.
unsafe impl Send for RouteCache {}
// SAFETY: As above.
unsafe impl Sync for RouteCache {}

impl RouteCache {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        let mut raw = MaybeUninit::<bindings::rvs_route>::zeroed();
        // SAFETY: Valid for writes; an unlocked spinlock may be moved.
        unsafe { bindings::rvs_helper_route_init(raw.as_mut_ptr()) };
        // SAFETY: Initialised above.
        Self(UnsafeCell::new(unsafe { raw.assume_init() }))
    }

    /// One that never keeps a route, for packets that go to various addresses.
    pub(crate) fn closed() -> Self {
        let cache = Self::new();
        cache.close();
        cache
    }

    pub(super) fn raw(&self) -> *mut bindings::rvs_route {
        self.0.get()
    }

    /// Forgets the route, so that the next packet looks it up again. Any context.
    pub(crate) fn clear(&self) {
        // SAFETY: Initialised by `new`.
        unsafe { bindings::rvs_helper_route_drop(self.raw(), false) };
    }

    /// Forgets the route and keeps any other from being cached. Any context.
    pub(crate) fn close(&self) {
        // SAFETY: Initialised by `new`.
        unsafe { bindings::rvs_helper_route_drop(self.raw(), true) };
    }
}

impl RouteCache {
    /// Lets routes be cached again after [`Self::close`]. Any context.
    pub(crate) fn open(&self) {
        // SAFETY: Initialised by `new`.
        unsafe { bindings::rvs_helper_route_open(self.raw()) };
    }
}

impl Drop for RouteCache {
    fn drop(&mut self) {
        self.close();
    }
}
