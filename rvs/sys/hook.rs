// SPDX-License-Identifier: GPL-2.0

//! The netfilter hooks: trampolines that make a context of what the kernel hands over.
//!
//! C header: [`include/linux/netfilter.h`](srctree/include/linux/netfilter.h)

use super::{
    bindings,
    cpu::Cpu,
    netns,
    rcu::Rcu,
    skb::{
        Frame,
        Skb,
        Verdict, //
    }, //
};
use crate::{
    input,
    logic::{
        addr::Family,
        settings::Knob, //
    },
    net::Net,
    output, //
};
use core::mem::MaybeUninit;
use kernel::prelude::*;

/// Where a packet is in the network stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// On its way to a socket of this host.
    LocalIn,
    /// Being forwarded.
    Forward,
    /// Sent by this host.
    LocalOut,
}

/// Everything about the moment in which a packet is inside a hook: RCU read section, bottom halves off.
pub(crate) struct Context<'a> {
    /// The namespace.
    pub(crate) net: &'a Net,
    /// The read section of the hook.
    pub(crate) rcu: Rcu<'a>,
    /// The CPU, and the time.
    pub(crate) cpu: Cpu<'a>,
    /// Which hook.
    pub(crate) point: Point,
    /// The packet's firewall mark.
    pub(crate) mark: u32,
}

/// Handles a packet that concerns rvs.
///
/// # Safety
///
/// The arguments are those of a hook that was registered by [`netns::Hooks`].
#[inline(always)]
unsafe fn enter(
    private: *mut c_void,
    skb: *mut bindings::sk_buff,
    state: *const bindings::nf_hook_state,
    point: Point,
) -> c_uint {
    let mut frame = MaybeUninit::uninit();
    let packet = Frame::packet_of(&mut frame);
    // SAFETY: Both are valid inside a hook; the helper fills `packet` in when it returns true.
    if !unsafe { bindings::rvs_helper_packet_enter(skb, state, packet) } {
        return Verdict::ACCEPT.raw();
    }
    // SAFETY: The `priv` of a hook of ours, in whose read section this is.
    let (net, raw_net) = unsafe { netns::of_hook(private) };
    // SAFETY: Valid inside a hook.
    let pf = unsafe { (*state).pf };
    let family = if pf == Family::Ipv4 as u8 {
        Family::Ipv4
    } else {
        Family::Ipv6
    };
    // SAFETY: The helper has filled `packet` in.
    let frame = unsafe { Frame::complete(&mut frame, skb, raw_net, family) };
    let packet = &frame.packet;
    let context = Context {
        net,
        // SAFETY: The netfilter core holds RCU around a hook.
        rcu: unsafe { Rcu::assume() },
        // SAFETY: The helper turned bottom halves off, or this is softirq context already.
        cpu: unsafe { Cpu::assume(packet.cpu_offset, packet.now) },
        point,
        mark: packet.mark,
    };
    // SAFETY: The packet is lent to this hook alone, and `packet` was just made of it.
    let skb = unsafe { Skb::new(frame) };
    let verdict = match point {
        Point::LocalIn => input::local_in(context, skb),
        Point::Forward => output::forward(context, skb),
        Point::LocalOut => input::local_out(context, skb),
    };
    if point == Point::LocalOut {
        // SAFETY: Pairs with the successful enter above, at the same hook.
        unsafe { bindings::rvs_helper_packet_leave() };
    }
    verdict.raw()
}

macro_rules! hooks {
    ($($name:ident, $point:ident;)*) => {
        $(
            #[doc = concat!("The hook at `", stringify!($point), "`. Softirq or process context.")]
            ///
            /// # Safety
            ///
            /// Called by the netfilter core only.
            #[no_mangle]
            unsafe extern "C" fn $name(
                private: *mut c_void,
                skb: *mut bindings::sk_buff,
                state: *const bindings::nf_hook_state,
            ) -> c_uint {
                // SAFETY: Registered by `netns::Hooks` with its `priv`.
                unsafe { enter(private, skb, state, Point::$point) }
            }
        )*
    };
}

hooks! {
    rvs_hook_local_in, LocalIn;
    rvs_hook_forward, Forward;
    rvs_hook_local_out, LocalOut;
}

/// The hook at POST_ROUTING: accounts what rvs has handled as it leaves, and keeps conntrack's hands off
/// it, so that no later rule translates it again. Softirq or process context.
///
/// # Safety
///
/// Called by the netfilter core only.
#[no_mangle]
unsafe extern "C" fn rvs_hook_post_routing(
    private: *mut c_void,
    skb: *mut bindings::sk_buff,
    _state: *const bindings::nf_hook_state,
) -> c_uint {
    // SAFETY: The `priv` of a hook of ours, in whose read section this is.
    let (net, _) = unsafe { netns::of_hook(private) };
    // SAFETY: The packet is valid inside a hook; the counters are two per-CPU words.
    if unsafe { bindings::rvs_helper_packet_left(skb, net.sent.counters.raw()) } {
        // SAFETY: As above.
        unsafe { left_tracked(net, skb) };
    }
    Verdict::ACCEPT.raw()
}

/// A packet of ours that leaves and is not untracked: conntrack follows it because it is to, or a rule or a
/// device has brought it back there.
///
/// # Safety
///
/// `skb` is a packet inside the hook at POST_ROUTING.
#[cold]
unsafe fn left_tracked(net: &Net, skb: *mut bindings::sk_buff) {
    let stays = net.settings.is_on(Knob::Conntrack);
    // SAFETY: By the contract above; the counters are two per-CPU words.
    unsafe { bindings::rvs_helper_packet_left_tracked(skb, net.sent.counters.raw(), stays) };
}
