// SPDX-License-Identifier: GPL-2.0

//! Network namespaces: one [`Net`] for each, its periodic work and its hooks.
//!
//! C header: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h)

use super::bindings;
use crate::net::Net;
use core::{
    cell::UnsafeCell,
    mem::{
        offset_of,
        MaybeUninit, //
    },
    ptr::NonNull, //
};
use kernel::{
    error::{
        from_result,
        to_result, //
    },
    prelude::*, //
};

/// What is allocated for a namespace.
#[repr(C)]
struct State {
    raw: UnsafeCell<bindings::rvs_namespace>,
    net: Net,
}

/// A namespace as its own [`Net`] sees it.
///
/// # Invariants
///
/// `raw` is the first member of the [`State`] whose `net` this value is part of.
pub(crate) struct Namespace {
    raw: NonNull<bindings::rvs_namespace>,
}

// SAFETY: The functions below may be called from any CPU.
unsafe impl Send for Namespace {}
// SAFETY: As above.
unsafe impl Sync for Namespace {}

impl Namespace {
    /// Runs [`Net::work`] in `ms` milliseconds; 0 is at once. An earlier run stays. Any context.
    pub(crate) fn kick(&self, ms: u32) {
        // SAFETY: The type invariant; a stopped work ignores the call.
        unsafe { bindings::rvs_helper_ns_kick(self.raw.as_ptr(), ms) };
    }

    /// Whether an address can be a real server: unicast, or one of this host. Process context.
    pub(crate) fn is_server_address(&self, family: u8, addr: &[u8; 16]) -> bool {
        // SAFETY: The type invariant, and the helper reads no more than 16 bytes.
        unsafe {
            bindings::rvs_helper_addr_is_unicast_or_local(self.raw_net(), family, addr.as_ptr())
        }
    }

    pub(super) fn raw_net(&self) -> *mut bindings::net {
        // SAFETY: The type invariant; the field is set before the `Net` exists and never changes.
        unsafe { (*self.raw.as_ptr()).net }
    }
}

/// The right to register the namespace's hooks and to take them away.
///
/// There is one for each namespace, so that `&mut` makes the callers take turns.
pub(crate) struct Hooks {
    raw: NonNull<bindings::rvs_namespace>,
}

// SAFETY: Not bound to a thread.
unsafe impl Send for Hooks {}

impl Hooks {
    /// Registers the hooks unless they are registered already. Process context.
    pub(crate) fn register(&mut self) -> Result {
        // SAFETY: Like `Namespace`, this value lives in the state that `raw` is part of.
        to_result(unsafe { bindings::rvs_helper_ns_hook(self.raw.as_ptr()) })
    }

    /// Takes the hooks away and waits until no packet is inside one. Process context.
    pub(crate) fn unregister(&mut self) {
        // SAFETY: As above.
        unsafe { bindings::rvs_helper_ns_unhook(self.raw.as_ptr()) };
    }
}

/// Runs `f` with the state of a namespace, if it has one.
///
/// # Safety
///
/// `net` is a live namespace, and its exit does not run before `f` returns.
pub(super) unsafe fn with_net<R>(net: *mut bindings::net, f: impl FnOnce(&Net) -> R) -> Option<R> {
    // SAFETY: A live namespace by the contract above.
    let state = unsafe { bindings::rvs_helper_net_state(net) }.cast::<State>();
    // SAFETY: The pointer is null or set by `rvs_net_init`, and is freed by the namespace's exit only.
    unsafe { state.as_ref() }.map(|state| f(&state.net))
}

/// The state that a hook was registered for.
///
/// # Safety
///
/// `hook_private` is the `priv` of one of the hooks, and a packet is inside that hook for `'a`.
#[inline(always)]
pub(super) unsafe fn of_hook<'a>(hook_private: *mut c_void) -> (&'a Net, *mut bindings::net) {
    let state = hook_private.cast::<State>();
    // SAFETY: The `priv` is the namespace part of a `State`, which is its first member, and
    // hooks are taken away, with a grace period, before the state is freed.
    unsafe { (&(*state).net, (*(*state).raw.get()).net) }
}

/// Called when a namespace is made, and for the existing ones at module load. Process context.
#[no_mangle]
extern "C" fn rvs_net_init(net: *mut bindings::net) -> c_int {
    from_result(|| {
        let state = KBox::<MaybeUninit<State>>::new_uninit(GFP_KERNEL)?;
        let state = KBox::into_raw(state).cast::<State>();
        // SAFETY: Freshly allocated for a `State`, of which this is the first member.
        let raw = unsafe { UnsafeCell::raw_get(&raw const (*state).raw) };
        // SAFETY: Valid for writes, and `net` is the namespace that is being made.
        unsafe { bindings::rvs_helper_ns_init(raw, net) };
        // SAFETY: Not null, since it was allocated.
        let raw = unsafe { NonNull::new_unchecked(raw) };
        // INVARIANT: The values go into the `net` of this very state.
        let made = Net::new(Namespace { raw }, Hooks { raw });
        match made {
            Ok(made) => {
                // SAFETY: Valid for writes and not initialised yet.
                unsafe { (&raw mut (*state).net).write(made) };
                // SAFETY: The slot of this module in the namespace.
                unsafe { bindings::rvs_helper_net_set_state(net, state.cast()) };
                Ok(0)
            }
            Err(error) => {
                // SAFETY: Allocated above as this type; nothing in it needs to be dropped.
                drop(unsafe { KBox::from_raw(state.cast::<MaybeUninit<State>>()) });
                Err(error)
            }
        }
    })
}

/// Called before a namespace ends; a grace period follows. Process context.
#[no_mangle]
extern "C" fn rvs_net_pre_exit(net: *mut bindings::net) {
    // SAFETY: The namespace is live until its exit.
    let state = unsafe { bindings::rvs_helper_net_state(net) }.cast::<State>();
    if state.is_null() {
        return;
    }
    // SAFETY: No netlink request can come any more (its socket would hold the namespace, or the
    // family is gone), and the work that could touch the hooks is stopped first.
    unsafe {
        let raw = (*state).raw.get();
        bindings::rvs_helper_ns_stop(raw);
        bindings::rvs_helper_ns_unhook(raw);
    }
    // No packet can look a route up any more, and devices wait for the ones that are kept.
    // SAFETY: Freed by `rvs_net_exit` only, which comes later.
    unsafe { &(*state).net }.forget_routes();
}

/// Called when a device of a namespace goes down. Process context, RTNL held.
#[no_mangle]
extern "C" fn rvs_net_device_down(net: *mut bindings::net) {
    // SAFETY: The namespace of a device is live. Its exit does not run at the same time: by then
    // its devices have been moved or removed, and module unload takes the notifier away first.
    let _ = unsafe { with_net(net, Net::forget_routes) };
}

/// Called when a namespace ends. Process context.
#[no_mangle]
extern "C" fn rvs_net_exit(net: *mut bindings::net) {
    // SAFETY: The namespace is live until this returns.
    let state = unsafe { bindings::rvs_helper_net_state(net) }.cast::<State>();
    if state.is_null() {
        return;
    }
    // SAFETY: The slot of this module in the namespace.
    unsafe { bindings::rvs_helper_net_set_state(net, core::ptr::null_mut()) };
    // SAFETY: Allocated by `rvs_net_init`; hooks, work and requests have ended.
    drop(unsafe { KBox::from_raw(state) });
}

/// The periodic work of a namespace. Process context; never two at once for one namespace.
#[no_mangle]
extern "C" fn rvs_ns_work(ns: *mut bindings::rvs_namespace) {
    let state = ns
        .cast::<u8>()
        .wrapping_sub(offset_of!(State, raw))
        .cast::<State>();
    // SAFETY: The work is stopped before the state is freed.
    unsafe { &(*state).net }.work();
}

/// Makes rvs part of every namespace for as long as it exists.
pub(crate) struct Registration(());

impl Registration {
    /// Sets up all existing namespaces. Process context, at module load.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: Called once; the callbacks above are static.
        to_result(unsafe { bindings::rvs_helper_pernet_register() })?;
        Ok(Self(()))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: Registered by `new`.
        unsafe { bindings::rvs_helper_pernet_unregister() };
    }
}
