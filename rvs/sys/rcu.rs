// SPDX-License-Identifier: GPL-2.0

//! RCU read sections as values, and the wait for callbacks.
//!
//! C header: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h)

use super::{
    atomic::{
        AtomicUsize,
        Ordering, //
    },
    bindings, //
};
use core::marker::PhantomData;

/// Proof that the holder is inside an RCU read section that lasts for `'a`.
///
/// References into RCU-protected structures carry this lifetime, so that none can leave the section.
/// Hook trampolines hand one out (the netfilter core holds RCU around a hook); process context
/// gets one from [`read`].
#[derive(Clone, Copy)]
pub struct Rcu<'a>(PhantomData<(&'a (), *mut ())>);

impl Rcu<'_> {
    /// # Safety
    ///
    /// The caller is inside an RCU read section that lasts for the whole lifetime of the value.
    #[inline]
    pub(super) unsafe fn assume() -> Self {
        Self(PhantomData)
    }
}

/// Runs `f` inside an RCU read section. Any context; `f` must not sleep.
pub fn read<R>(f: impl for<'a> FnOnce(Rcu<'a>) -> R) -> R {
    /// Leaves the section also when `f` is left early.
    struct Unlock;
    impl Drop for Unlock {
        fn drop(&mut self) {
            // SAFETY: Pairs with the `rcu_read_lock` below, which precedes this value.
            unsafe { bindings::rcu_read_unlock() }
        }
    }
    // SAFETY: May be called from any context; `Unlock` leaves the section.
    unsafe { bindings::rcu_read_lock() };
    let _unlock = Unlock;
    // SAFETY: The section lasts until `_unlock` is dropped, and `f` cannot keep a value of the
    // universally quantified lifetime.
    f(unsafe { Rcu::assume() })
}

/// Waits until every read section that is running now has ended. Process context.
pub(crate) fn synchronize() {
    // SAFETY: Callers are in process context and hold no lock that a reader needs.
    unsafe { bindings::synchronize_rcu() }
}

/// A moment, for [`wait_since`]. Any context.
pub(super) fn now() -> usize {
    // SAFETY: May be called from any context.
    unsafe { bindings::get_state_synchronize_rcu() }
}

/// Waits until every read section that ran at the moment `then` has ended. Process context.
pub(super) fn wait_since(then: usize) {
    // SAFETY: Callers are in process context and hold no lock that a reader needs.
    unsafe { bindings::cond_synchronize_rcu(then) };
}

/// Objects that wait for a grace period or are in use: tables and [`super::shared::Shared`] count here.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Counts an object that will be freed through RCU.
pub(super) fn object_born() {
    LIVE.fetch_add(1, Ordering::Relaxed);
}

/// Counts the end of such an object; called after its memory is returned.
pub(super) fn object_gone() {
    LIVE.fetch_sub(1, Ordering::Release);
}

/// Waits until all callbacks that are queued now have run, and those that they queue in turn: an object that
/// a scheduler made is released by the callback of the instance. Process context, no lock held.
pub(crate) fn wait_for_callbacks() {
    for _ in 0..3 {
        // SAFETY: Process context, no lock held.
        unsafe { bindings::rcu_barrier() };
    }
}

/// Waits for all RCU callbacks of this module and says how many objects are still alive.
///
/// An object may own another one that it releases in its own callback, so one barrier is not
/// enough: the longest chain is table entry, service, scheduler, destination. Process context, at module unload, when
/// no new object can come.
pub(super) fn barrier() -> usize {
    for _ in 0..8 {
        // SAFETY: Process context, no lock held.
        unsafe { bindings::rcu_barrier() };
        if LIVE.load(Ordering::Acquire) == 0 {
            break;
        }
    }
    // SAFETY: As above; the last callback may have counted itself out but not returned yet.
    unsafe { bindings::rcu_barrier() };
    LIVE.load(Ordering::Acquire)
}
