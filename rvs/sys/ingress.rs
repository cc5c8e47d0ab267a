// SPDX-License-Identifier: GPL-2.0

//! The hook at the ingress of devices, where a packet is before the host has looked at it.
//!
//! C header: [`include/linux/netfilter_netdev.h`](srctree/include/linux/netfilter_netdev.h)

use super::{
    bindings,
    cpu::Cpu,
    netns::{
        self,
        Namespace, //
    },
    rcu::Rcu,
    skb::{
        Frame,
        Skb,
        Verdict, //
    }, //
};
use crate::{
    fast,
    logic::addr::Family, //
};
use core::mem::MaybeUninit;
use kernel::{
    error::to_result,
    prelude::*, //
};

impl Namespace {
    /// Gives the hook to all devices, those that come later included, or takes it from all and waits until no
    /// packet is inside. Process context, without the control lock, not two at once. If it fails some devices may have it.
    pub(crate) fn set_fast(&self, on: bool) -> Result {
        // SAFETY: The namespace is not freed before its hooks are gone.
        to_result(unsafe { bindings::rvs_helper_ns_fast(self.raw(), on) })
    }

    /// How many devices have the hook.
    pub(crate) fn fast_devices(&self) -> u32 {
        // SAFETY: As above.
        unsafe { bindings::rvs_helper_ns_fast_devices(self.raw()) }
    }
}

/// The hook. Bottom halves are off.
///
/// # Safety
///
/// Called by the netfilter core only.
#[no_mangle]
unsafe extern "C" fn rvs_hook_ingress(
    private: *mut c_void,
    skb: *mut bindings::sk_buff,
    _state: *const bindings::nf_hook_state,
) -> c_uint {
    let mut frame = MaybeUninit::uninit();
    let packet = Frame::packet_of(&mut frame);
    let mut family = 0;
    // SAFETY: Valid inside a hook; the helper fills `packet` in when it returns true.
    if !unsafe { bindings::rvs_helper_fast_enter(skb, packet, &mut family) } {
        return Verdict::ACCEPT.raw();
    }
    // SAFETY: The `priv` of a hook of ours, in whose read section this is.
    let (net, raw_net) = unsafe { netns::of_hook(private) };
    let family = match family == Family::Ipv4 as u8 {
        true => Family::Ipv4,
        false => Family::Ipv6,
    };
    // SAFETY: The helper has filled `packet` in.
    let frame = unsafe { Frame::complete(&mut frame, skb, raw_net, family) };
    // SAFETY: The netfilter core holds RCU around a hook.
    let rcu = unsafe { Rcu::assume() };
    // SAFETY: The network stack receives with bottom halves off.
    let cpu = unsafe { Cpu::assume(frame.packet.cpu_offset, frame.packet.now) };
    // SAFETY: The packet is lent to this hook alone, and `packet` was just made of it.
    let lent = unsafe { Skb::new(frame) };
    let verdict = fast::receive(net, rcu, cpu, lent);
    frame.conclude(skb, verdict).raw()
}
