// SPDX-License-Identifier: GPL-2.0

//! The slab cache of the connection entries.
//!
//! C header: [`include/linux/slab.h`](srctree/include/linux/slab.h)

use super::{
    atomic::{
        AtomicPtr,
        Ordering, //
    },
    bindings, //
};
use core::{
    alloc::Layout,
    ptr::{
        self,
        NonNull, //
    },
};
use kernel::prelude::*;

/// The shape of the objects of a [`Cache`].
pub(crate) struct Object {
    /// Size and alignment.
    pub(super) layout: Layout,
    /// Where the object's RCU head is.
    pub(super) rcu: usize,
}

impl Object {
    /// Bytes of one object.
    pub(crate) const fn size(&self) -> usize {
        self.layout.size()
    }
}

/// A slab cache for objects of one size, made and destroyed with the module.
pub(crate) struct Cache(AtomicPtr<bindings::kmem_cache>);

impl Cache {
    /// A cache that does not exist yet.
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Makes the cache; it lives as long as the returned value. Process context, at module load.
    pub(crate) fn create(&'static self, name: &'static CStr, object: Object) -> Result<Created> {
        // SAFETY: The name is static; size, alignment and offset are those of a type.
        let cache = unsafe {
            bindings::rvs_helper_cache_create(
                name.as_char_ptr(),
                object.layout.size(),
                object.layout.align(),
                object.rcu,
            )
        };
        if cache.is_null() {
            return Err(ENOMEM);
        }
        self.0.store(cache, Ordering::Release);
        Ok(Created(self))
    }

    /// An object of the cache, not initialised. Any context.
    pub(super) fn alloc(&self) -> Option<NonNull<u8>> {
        let cache = self.0.load(Ordering::Relaxed);
        if cache.is_null() {
            return None;
        }
        // SAFETY: The cache exists while any table does; see `Created`.
        NonNull::new(unsafe { bindings::rvs_helper_cache_alloc(cache) }.cast())
    }

    /// Returns an object.
    ///
    /// # Safety
    ///
    /// The object came from [`Self::alloc`] of this cache and nobody uses it any more.
    pub(super) unsafe fn free(&self, object: NonNull<u8>) {
        // SAFETY: By the contract above, so the cache exists.
        unsafe {
            bindings::kmem_cache_free(self.0.load(Ordering::Relaxed), object.as_ptr().cast())
        };
    }
}

/// Destroys a [`Cache`] when dropped, after all its objects came back.
pub(crate) struct Created(&'static Cache);

impl Drop for Created {
    fn drop(&mut self) {
        let live = super::rcu::barrier();
        if live != 0 {
            super::print::error(fmt!("{live} objects were never released\n"));
        }
        let cache = self.0 .0.swap(ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: All tables are gone (the module drops them first) and `barrier` waited for the
        // callbacks that return their objects.
        unsafe { bindings::kmem_cache_destroy(cache) };
    }
}
