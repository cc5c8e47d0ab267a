// SPDX-License-Identifier: GPL-2.0

//! A packet inside a hook.
//!
//! C header: [`include/linux/skbuff.h`](srctree/include/linux/skbuff.h)

use super::{
    bindings,
    conntrack::Flow,
    route::RouteCache, //
};
use crate::{
    conn::Way,
    logic::addr::{
        Addr,
        Family, //
    }, //
};
use core::{
    mem::MaybeUninit,
    ptr, //
};
use kernel::prelude::*;

mod hop;
mod relay;
mod tunnel;

pub(crate) use hop::Hop;
pub(crate) use relay::Relay;
pub(crate) use tunnel::{
    Passage,
    Tunnel, //
};

/// What the netfilter core shall do with a packet.
///
/// C header: [`include/uapi/linux/netfilter.h`](srctree/include/uapi/linux/netfilter.h)
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict(u32);

impl Verdict {
    /// Free it.
    pub(crate) const DROP: Self = Self(0);
    /// Let it go on.
    pub(crate) const ACCEPT: Self = Self(1);
    /// It has been consumed; only what takes an [`Skb`] by value says so.
    const STOLEN: Self = Self(2);

    pub(super) fn raw(self) -> c_uint {
        self.0
    }
}

/// An ICMP error that rvs sends.
#[derive(Clone, Copy)]
pub(crate) enum IcmpError {
    /// No server takes the connection.
    PortUnreachable,
    /// TTL or hop limit is used up.
    TimeExceeded,
    /// The packet is longer than this path MTU.
    TooBig(u32),
    /// There is no route to the server.
    NoRoute,
}

/// What [`Skb::route`] found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Routed {
    /// The packet has the route now and its headers are writable.
    Out,
    /// The destination is this host; the headers are writable.
    Local,
    /// No route.
    NoRoute,
    /// TTL or hop limit is used up.
    TimeExceeded,
    /// Longer than this path MTU.
    TooBig(u32),
    /// No memory for the route.
    NoMemory,
    /// The headers could not be made writable.
    NotWritable,
    /// From or to the loopback network, or out again without having been changed.
    Crossing,
}

impl Routed {
    #[inline(always)]
    fn from_c(routed: bindings::rvs_routed, mtu: u32) -> Self {
        match routed {
            bindings::rvs_routed_RVS_ROUTED_OUT => Self::Out,
            bindings::rvs_routed_RVS_ROUTED_LOCAL => Self::Local,
            bindings::rvs_routed_RVS_ROUTED_NONE => Self::NoRoute,
            bindings::rvs_routed_RVS_ROUTED_TTL => Self::TimeExceeded,
            bindings::rvs_routed_RVS_ROUTED_TOO_BIG => Self::TooBig(mtu),
            bindings::rvs_routed_RVS_ROUTED_CROSSING => Self::Crossing,
            bindings::rvs_routed_RVS_ROUTED_NO_MEMORY => Self::NoMemory,
            _ => Self::NotWritable,
        }
    }
}

/// What is known about a packet inside a hook; lives in the hook's frame.
pub(super) struct Frame {
    pub(super) raw: *mut bindings::sk_buff,
    pub(super) net: *mut bindings::net,
    pub(super) packet: bindings::rvs_packet,
    pub(super) family: Family,
    writable: u32,
    /// nf_conntrack is to keep it.
    tracked: bool,
}

/// Frees a packet, or a message, that goes nowhere. Any context.
///
/// # Safety
///
/// It is the caller's own.
pub(super) unsafe fn free_unsent(skb: *mut bindings::sk_buff) {
    // Kernels that check it do not take 0, "not dropped yet".
    let reason = bindings::skb_drop_reason_SKB_DROP_REASON_NOT_SPECIFIED;
    // SAFETY: The caller says so.
    unsafe { bindings::sk_skb_reason_drop(ptr::null_mut(), skb, reason) };
}

impl Frame {
    /// What a hook answers that was lent the packet `lent`, after this verdict. Another packet may have taken the
    /// place of that one, which is gone then; netfilter, which does not know the other, cannot go on with it.
    #[inline(always)]
    pub(super) fn conclude(&self, lent: *mut bindings::sk_buff, verdict: Verdict) -> Verdict {
        if self.raw == lent || verdict == Verdict::STOLEN {
            return verdict;
        }
        // SAFETY: It took the place of the hook's own packet, and has not been consumed.
        unsafe { free_unsent(self.raw) };
        Verdict::STOLEN
    }

    /// Makes `place` the frame of the packet `raw`, of which nothing is known to be writable. What a helper has
    /// written into the frame's `packet` stays there: it is not moved, since every packet would pay for that.
    ///
    /// # Safety
    ///
    /// `packet` of `place` has been filled in.
    #[inline(always)]
    pub(super) unsafe fn complete(
        place: &mut MaybeUninit<Self>,
        raw: *mut bindings::sk_buff,
        net: *mut bindings::net,
        family: Family,
    ) -> &mut Self {
        let frame = place.as_mut_ptr();
        // SAFETY: Fields of a place that is exclusively borrowed.
        unsafe {
            ptr::addr_of_mut!((*frame).raw).write(raw);
            ptr::addr_of_mut!((*frame).net).write(net);
            ptr::addr_of_mut!((*frame).family).write(family);
            ptr::addr_of_mut!((*frame).writable).write(0);
            ptr::addr_of_mut!((*frame).tracked).write(false);
        }
        // SAFETY: The caller has filled in `packet`, and the other fields have just been written.
        unsafe { place.assume_init_mut() }
    }

    /// Where a helper writes what it knows of a packet, before [`Self::complete`].
    #[inline(always)]
    pub(super) fn packet_of(place: &mut MaybeUninit<Self>) -> *mut bindings::rvs_packet {
        // SAFETY: A field of a place that is exclusively borrowed.
        unsafe { ptr::addr_of_mut!((*place.as_mut_ptr()).packet) }
    }
}

/// A packet that a hook looks at, from its network header on. No more than a pointer, so that handing it
/// on costs nothing.
///
/// # Invariants
///
/// `raw` is a packet that the netfilter core lends to the hook for `'a`, and nobody else uses it.
/// `packet` describes it: `linear` bytes are readable at `data`, of which the first `writable` belong to
/// this packet alone.
pub(crate) struct Skb<'a>(&'a mut Frame);

impl<'a> Skb<'a> {
    /// # Safety
    ///
    /// As the type invariant says.
    #[inline(always)]
    pub(super) unsafe fn new(frame: &'a mut Frame) -> Self {
        // INVARIANT: By the contract above; nothing is known to be writable.
        Self(frame)
    }

    /// The family of the network header.
    #[inline]
    pub(crate) fn family(&self) -> Family {
        self.0.family
    }

    /// Bytes from the network header to the end, as counters count them.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.0.packet.len
    }

    /// Whether the network device is to complete the transport checksum.
    #[inline]
    pub(crate) fn partial_checksum(&self) -> bool {
        self.0.packet.partial != 0
    }

    /// The linear bytes from the network header on.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: The type invariant; the borrow keeps the methods away that move the data.
        unsafe { core::slice::from_raw_parts(self.0.packet.data, self.0.packet.linear as usize) }
    }

    /// Makes the first `len` bytes linear; `false` if the packet is shorter or memory is short.
    pub(crate) fn pull(&mut self, len: usize) -> bool {
        let Ok(len) = u32::try_from(len) else {
            return false;
        };
        self.0.writable = 0;
        // SAFETY: The type invariant; the helper describes the packet anew.
        unsafe { bindings::rvs_helper_packet_pull(self.0.raw, len, &mut self.0.packet) }
    }

    /// Puts an IPv4 fragment together with the others of its packet, which then goes on instead of the last
    /// of them. Until that one comes the fragments are kept, and the verdict says that this one is.
    pub(crate) fn gather(self, forwarded: bool) -> Result<Self, Verdict> {
        self.0.writable = 0;
        // SAFETY: The type invariant. A hook runs with bottom halves off. The helper describes the whole
        // packet anew; otherwise the fragment is consumed, as `self` is.
        let whole = unsafe {
            bindings::rvs_helper_packet_gather(
                self.0.net,
                self.0.raw,
                forwarded,
                &mut self.0.packet,
            )
        };
        if whole {
            Ok(self)
        } else {
            Err(Verdict::STOLEN)
        }
    }

    /// Makes the first `len` bytes this packet's own, to be changed by [`Self::headers_mut`].
    pub(crate) fn make_writable(&mut self, len: usize) -> bool {
        let Ok(len) = u32::try_from(len) else {
            return false;
        };
        // SAFETY: The type invariant; the helper describes the packet anew.
        let done =
            unsafe { bindings::rvs_helper_packet_writable(self.0.raw, len, &mut self.0.packet) };
        // INVARIANT: What the helper has just made writable.
        self.0.writable = if done { len } else { 0 };
        done
    }

    /// The bytes that were made writable.
    #[inline(always)]
    pub(crate) fn headers_mut(&mut self) -> &mut [u8] {
        let len = self.0.writable.min(self.0.packet.linear) as usize;
        // SAFETY: The type invariant; the exclusive borrow keeps every other access away.
        unsafe { core::slice::from_raw_parts_mut(self.0.packet.data, len) }
    }

    /// Gives the packet the route to a destination and makes its first `headers` bytes writable.
    ///
    /// `direct` keeps the packet's own destination address: `addr` is the next hop.
    /// The packet is unchanged unless the result is `Out` or `Local`.
    #[inline(always)]
    pub(crate) fn route(
        &mut self,
        cache: &RouteCache,
        addr: &Addr,
        direct: bool,
        headers: usize,
    ) -> Routed {
        let Ok(headers) = u32::try_from(headers) else {
            return Routed::NotWritable;
        };
        let mut mtu = 0;
        // In memory the words are the bytes of the address, in network order.
        let words = addr.words();
        // SAFETY: The type invariant; a hook runs under RCU, and one that can be preempted has
        // bottom halves off. The address has the 16 bytes that the helper may read.
        let routed = unsafe {
            bindings::rvs_helper_packet_route(
                self.0.net,
                self.0.raw,
                self.0.family as u8,
                cache.raw(),
                words.as_ptr().cast(),
                direct,
                headers,
                &mut self.0.packet,
                &mut mtu,
            )
        };
        let routed = Routed::from_c(routed, mtu);
        // INVARIANT: The helper made them writable in these two cases.
        self.0.writable = match routed {
            Routed::Out | Routed::Local => headers,
            _ => 0,
        };
        routed
    }

    /// Whether the source address can matter to the route: there are rules, or routes, that ask for it.
    #[inline(always)]
    pub(crate) fn source_matters(&self) -> bool {
        // SAFETY: The type invariant.
        unsafe { bindings::rvs_helper_source_matters(self.0.net, self.0.family as u8) }
    }

    /// Routes again after the packet's addresses changed, unless its route stays on this host. `false` if
    /// there is no route.
    pub(crate) fn reroute(&mut self) -> bool {
        // SAFETY: The type invariant.
        let ret = unsafe {
            bindings::rvs_helper_packet_reroute(self.0.net, self.0.raw, self.0.family as u8)
        };
        // INVARIANT: A new route may have brought new headroom and with it another place.
        self.0.writable = 0;
        ret == 0
    }

    /// Whether the packet came out of a tunnel that ends on this host.
    pub(crate) fn is_tunneled(&self) -> bool {
        // SAFETY: The type invariant.
        unsafe { bindings::rvs_helper_packet_tunneled(self.0.raw) }
    }

    /// Keeps the packet from being taken away from nf_conntrack.
    #[inline]
    pub(crate) fn keep_tracked(&mut self) {
        self.0.tracked = true;
    }

    /// Lets nf_conntrack follow the packet as one of this connection, whose answer it is or not.
    pub(crate) fn follow(&mut self, flow: &Flow, way: Way) {
        // SAFETY: The type invariant; a hook runs under RCU.
        unsafe {
            bindings::rvs_helper_conntrack_follow(self.0.raw, &flow.to_raw(), way == Way::Reply)
        };
        self.keep_tracked();
    }

    /// Ends the packet's way as nf_conntrack sees it; another goes on in its place. `false` if that must not be.
    pub(crate) fn confirm(&mut self) -> bool {
        self.0.tracked = false;
        // SAFETY: The type invariant; a hook runs under RCU.
        unsafe { bindings::rvs_helper_conntrack_confirm(self.0.raw) }
    }

    /// Marks the packet as handled by rvs and takes it away from conntrack. `orphan` parts it from a
    /// socket that early demux found for its old address.
    #[inline]
    pub(crate) fn set_handled(&mut self, orphan: bool) {
        // SAFETY: The type invariant.
        unsafe { bindings::rvs_helper_packet_handled(self.0.raw, orphan, self.0.tracked) };
    }

    /// Sends the packet by the route that [`Self::route`] gave it. It is consumed also when a rule or the
    /// stack refuses it, which the second value tells.
    #[inline(always)]
    pub(crate) fn send(self) -> (Verdict, bool) {
        // SAFETY: The type invariant; the packet is consumed, as `self` and the verdict are.
        let ret = unsafe {
            bindings::rvs_helper_packet_send(
                self.0.net,
                self.0.raw,
                self.0.family as u8,
                self.0.tracked,
            )
        };
        (Verdict::STOLEN, ret < 0)
    }

    /// Sends an ICMP error about this packet to its sender; the kernel limits the rate.
    pub(crate) fn send_icmp(&mut self, error: IcmpError) {
        let (kind, info) = match error {
            IcmpError::PortUnreachable => (bindings::rvs_icmp_RVS_ICMP_PORT_UNREACH, 0),
            IcmpError::TimeExceeded => (bindings::rvs_icmp_RVS_ICMP_TTL, 0),
            IcmpError::TooBig(mtu) => (bindings::rvs_icmp_RVS_ICMP_TOO_BIG, mtu),
            IcmpError::NoRoute => (bindings::rvs_icmp_RVS_ICMP_NO_ROUTE, 0),
        };
        // SAFETY: The type invariant.
        unsafe {
            bindings::rvs_helper_packet_icmp(
                self.0.net,
                self.0.raw,
                self.0.family as u8,
                kind,
                info,
            )
        };
    }
}
