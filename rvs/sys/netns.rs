// SPDX-License-Identifier: GPL-2.0

//! Network namespaces: one [`Net`] for each, its periodic work and its hooks.
//!
//! C header: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h)

use super::{
    bindings,
    rcu::Rcu,
    route::{
        Arrival,
        Vicinity,
        Way, //
    },
    sysctl, //
};
use crate::{
    logic::addr::{
        Addr,
        Family,
        Tuple, //
    },
    net::Net,
    settings::Settings, //
};
use core::{
    cell::UnsafeCell,
    mem::MaybeUninit,
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

/// The address of this family that a helper has written.
fn written(family: Family, bytes: [u8; 16]) -> Addr {
    match (family, bytes) {
        (Family::Ipv4, [a, b, c, d, ..]) => Addr::from_v4([a, b, c, d]),
        (Family::Ipv6, bytes) => Addr::from_v6(bytes),
    }
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

    /// Runs [`Net::defend`] in `ms` milliseconds; an earlier run stays. Any context.
    pub(crate) fn defend_in(&self, ms: u32) {
        // SAFETY: The type invariant; a stopped work ignores the call.
        unsafe { bindings::rvs_helper_ns_defend(self.raw.as_ptr(), ms) };
    }

    /// What C knows of it.
    pub(super) fn raw(&self) -> *mut bindings::rvs_namespace {
        self.raw.as_ptr()
    }

    /// The kernel's namespace.
    pub(super) fn net(&self) -> *mut bindings::net {
        // SAFETY: The type invariant.
        unsafe { (*self.raw.as_ptr()).net }
    }

    /// Where a client is, seen from a server. In a hook.
    pub(crate) fn vicinity(&self, family: Family, client: &Addr, server: &Addr) -> Vicinity {
        let mut source = [0; 16];
        // SAFETY: The type invariant. All addresses have the 16 bytes that the helper may use.
        let vicinity = unsafe {
            bindings::rvs_helper_vicinity(
                self.net(),
                family as u8,
                client.bytes().as_ptr(),
                server.bytes().as_ptr(),
                source.as_mut_ptr(),
            )
        };
        match vicinity {
            bindings::rvs_vicinity_RVS_VICINITY_NEAR => Vicinity::Near(written(family, source)),
            bindings::rvs_vicinity_RVS_VICINITY_FAR => Vicinity::Far(written(family, source)),
            _ => Vicinity::Here,
        }
    }

    /// Where a packet with this firewall mark would be seen. Under RCU.
    pub(crate) fn arrives(&self, _rcu: Rcu<'_>, tuple: &Tuple, mark: u32) -> Arrival {
        // SAFETY: The type invariant. Both addresses have the 16 bytes that the helper may read.
        let bits = unsafe {
            bindings::rvs_helper_arrives(
                self.net(),
                tuple.family as u8,
                tuple.src.addr.bytes().as_ptr(),
                tuple.dst.addr.bytes().as_ptr(),
                mark,
            )
        };
        Arrival {
            from_here: bits & bindings::RVS_ARRIVES_FROM_HERE != 0,
            here: bits & bindings::RVS_ARRIVES_HERE != 0,
        }
    }

    /// The way that a packet to this address would take, if there is one; `direct` is for one that keeps another
    /// address. Under RCU.
    pub(crate) fn way(
        &self,
        _rcu: Rcu<'_>,
        family: Family,
        addr: &Addr,
        direct: bool,
    ) -> Option<Way> {
        let mut way = bindings::rvs_next_hop::default();
        // SAFETY: The type invariant. The address has the 16 bytes that the helper may read.
        let routed = unsafe {
            bindings::rvs_helper_way(
                self.net(),
                family as u8,
                addr.bytes().as_ptr(),
                direct,
                &mut way,
            )
        };
        if routed == bindings::rvs_routed_RVS_ROUTED_NONE {
            return None;
        }
        let via = Family::from_af(u16::from(way.via_family));
        Some(Way {
            local: routed == bindings::rvs_routed_RVS_ROUTED_LOCAL,
            device: way.device,
            via: via.map(|family| (family, written(family, way.via))),
            source: written(family, way.source),
            mtu: way.mtu,
        })
    }

    /// The first and the last port of those that sockets of the namespace are given.
    pub(crate) fn local_ports(&self) -> (u16, u16) {
        // SAFETY: The type invariant.
        let range = unsafe { bindings::rvs_helper_local_ports(self.net()) };
        let [l0, l1, h0, h1] = range.to_be_bytes();
        (u16::from_be_bytes([l0, l1]), u16::from_be_bytes([h0, h1]))
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

    /// Has IPv6 fragments put together before the hooks see them, for as long as the hooks are registered.
    /// Process context.
    pub(crate) fn gather_ipv6(&mut self) -> Result {
        // SAFETY: As above.
        to_result(unsafe { bindings::rvs_helper_ns_gather_ipv6(self.raw.as_ptr()) })
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

/// The state that a namespace part belongs to.
///
/// # Safety
///
/// `ns` is the first member of a [`State`] that is not freed during `'a`.
pub(super) unsafe fn of_namespace<'a>(ns: *mut bindings::rvs_namespace) -> &'a Net {
    // SAFETY: By the contract above.
    unsafe { &(*ns.cast::<State>()).net }
}

/// Called when a namespace is made, and for the existing ones at module load. Process context.
#[no_mangle]
extern "C" fn rvs_net_init(net: *mut bindings::net) -> c_int {
    from_result(|| {
        let state = KBox::<MaybeUninit<State>>::new_uninit(GFP_KERNEL_ACCOUNT)?;
        let state = KBox::into_raw(state).cast::<State>();
        // SAFETY: Freshly allocated for a `State`, of which this is the first member.
        let raw = unsafe { UnsafeCell::raw_get(&raw const (*state).raw) };
        // SAFETY: Valid for writes, and `net` is the namespace that is being made.
        unsafe { bindings::rvs_helper_ns_init(raw, net) };
        // SAFETY: Not null, since it was allocated.
        let raw = unsafe { NonNull::new_unchecked(raw) };
        // INVARIANT: The values go into the `net` of this very state.
        match make(Namespace { raw }, Hooks { raw }) {
            Ok(made) => {
                // SAFETY: Valid for writes and not initialised yet.
                unsafe { (&raw mut (*state).net).write(made) };
            }
            Err(error) => {
                // SAFETY: Allocated above as this type; nothing in it needs to be dropped.
                drop(unsafe { KBox::from_raw(state.cast::<MaybeUninit<State>>()) });
                return Err(error);
            }
        }
        // SAFETY: Both parts of the state are initialised now; the files go in `rvs_net_pre_exit`.
        if let Err(error) = unsafe { sysctl::register(raw.as_ptr(), &(*state).net.settings) } {
            // SAFETY: Allocated and initialised above; nobody else knows it.
            drop(unsafe { KBox::from_raw(state) });
            return Err(error);
        }
        // SAFETY: The slot of this module in the namespace.
        unsafe { bindings::rvs_helper_net_set_state(net, state.cast()) };
        Ok(0)
    })
}

/// The state of a namespace that is being made; some settings come from the initial one.
fn make(namespace: Namespace, hooks: Hooks) -> Result<Net> {
    let initial = &raw mut bindings::init_net;
    // SAFETY: It lives for ever, and namespaces are not made while this module leaves them. It has no
    // state yet when it is the one that is being made.
    let state = unsafe { bindings::rvs_helper_net_state(initial) }.cast::<State>();
    // SAFETY: Null or set by `rvs_net_init`.
    let initial = unsafe { state.as_ref() }.map(|state| &state.net.settings);
    Net::new(namespace, hooks, Settings::new(initial))
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
    // family is gone), the files that could start the work go first, and the work that could touch the
    // hooks is stopped before they go.
    unsafe {
        let raw = (*state).raw.get();
        sysctl::unregister(raw);
        bindings::rvs_helper_ns_stop(raw);
        // To take hooks away cannot fail.
        bindings::rvs_helper_ns_fast(raw, false);
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
    // SAFETY: The work is stopped before the state is freed.
    unsafe { of_namespace(ns) }.work();
}

/// The defence of a namespace. Process context; never two at once for one namespace.
#[no_mangle]
extern "C" fn rvs_ns_defend(ns: *mut bindings::rvs_namespace) {
    // SAFETY: The work is stopped before the state is freed.
    unsafe { of_namespace(ns) }.defend();
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
