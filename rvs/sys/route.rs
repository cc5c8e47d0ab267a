// SPDX-License-Identifier: GPL-2.0

//! A cached route to a destination.
//!
//! C header: [`include/net/dst.h`](srctree/include/net/dst.h)

use super::bindings;
use core::{
    cell::UnsafeCell,
    mem::MaybeUninit, //
};

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

impl Drop for RouteCache {
    fn drop(&mut self) {
        self.close();
    }
}
