// SPDX-License-Identifier: GPL-2.0

//! Spinlocks that also keep bottom halves off.
//!
//! Hooks run in softirq and, for local clients, in process context; netlink requests run in process
//! context. A lock that both take must be taken with bottom halves off, which the kernel crate's
//! `SpinLock` does not do.
//!
//! C header: [`include/linux/spinlock.h`](srctree/include/linux/spinlock.h)

use super::bindings;
use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    ops::{
        Deref,
        DerefMut, //
    },
};

/// The lockdep class of a lock. Order of nesting: `Turn`, then all others; `Scheduler`, then `List`; `Hairpin`, then `Table`; `Table`, `Module`, `Stats` and `Dest` are leaves.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Class {
    /// Writers of a [`super::list::List`].
    List = 0,
    /// Bucket locks of the hash tables.
    Table = 1,
    /// State of a scheduler.
    Scheduler = 2,
    /// A service's hold on its scheduler's module.
    Module = 3,
    /// Where counters stood.
    Stats = 4,
    /// Who takes a port of this host for a hidden client.
    Hairpin = 5,
    /// What only requests ask for of a destination.
    Dest = 6,
    /// The step from one configuration to the next.
    Turn = 7,
}

/// A value that one context at a time may use, with bottom halves off. Any context but hard irq.
pub struct SpinLockBh<T> {
    raw: UnsafeCell<bindings::spinlock_t>,
    value: UnsafeCell<T>,
}

// SAFETY: The lock makes sure that one context at a time reaches the value.
unsafe impl<T: Send> Sync for SpinLockBh<T> {}
// SAFETY: An unlocked spinlock holds no reference to itself or to its owner, so it may move.
unsafe impl<T: Send> Send for SpinLockBh<T> {}

impl<T> SpinLockBh<T> {
    /// A lock around `value`.
    pub fn new(value: T, class: Class) -> Self {
        let mut raw = core::mem::MaybeUninit::<bindings::spinlock_t>::zeroed();
        // SAFETY: The helper initialises the spinlock at the valid pointer; the class is one of
        // those that it knows.
        unsafe { bindings::rvs_helper_spin_lock_init(raw.as_mut_ptr(), class as u32) };
        Self {
            // SAFETY: Initialised above.
            raw: UnsafeCell::new(unsafe { raw.assume_init() }),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the lock. Must not be nested in itself.
    pub fn lock(&self) -> Guard<'_, T> {
        // SAFETY: `raw` is an initialised spinlock.
        let bh = unsafe { bindings::rvs_helper_spin_lock_bh(self.raw.get()) };
        Guard {
            lock: self,
            bh,
            _not_send: PhantomData,
        }
    }
}

/// Holds a [`SpinLockBh`].
pub struct Guard<'a, T> {
    lock: &'a SpinLockBh<T>,
    /// Whether bottom halves are to be turned on again.
    bh: bool,
    _not_send: PhantomData<*mut ()>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: The guard holds the lock.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: The guard holds the lock and is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: The guard holds the lock.
        unsafe { bindings::rvs_helper_spin_unlock_bh(self.lock.raw.get(), self.bh) };
    }
}
