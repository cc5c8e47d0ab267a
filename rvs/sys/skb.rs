// SPDX-License-Identifier: GPL-2.0

//! A packet inside a hook.
//!
//! C header: [`include/linux/skbuff.h`](srctree/include/linux/skbuff.h)

use super::{
    bindings,
    route::RouteCache, //
};
use crate::logic::addr::{
    Addr,
    Family, //
};
use core::marker::PhantomData;
use kernel::prelude::*;

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
    /// It has been consumed; only [`Skb::send`] says so.
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
    /// The headers could not be made writable.
    NoMemory,
}

/// A packet that a hook looks at, from its network header on.
///
/// # Invariants
///
/// `raw` is a packet that the netfilter core lends to the hook for `'a`, and nobody else uses it.
/// `packet` describes it: `linear` bytes are readable at `data`, of which the first `writable` belong to
/// this packet alone.
pub(crate) struct Skb<'a> {
    raw: *mut bindings::sk_buff,
    net: *mut bindings::net,
    packet: bindings::rvs_packet,
    writable: u32,
    family: Family,
    _life: PhantomData<&'a mut bindings::sk_buff>,
}

impl<'a> Skb<'a> {
    /// # Safety
    ///
    /// As the type invariant says.
    #[inline(always)]
    pub(super) unsafe fn new(
        raw: *mut bindings::sk_buff,
        net: *mut bindings::net,
        packet: bindings::rvs_packet,
        family: Family,
    ) -> Self {
        // INVARIANT: By the contract above; nothing is known to be writable.
        Self {
            raw,
            net,
            packet,
            writable: 0,
            family,
            _life: PhantomData,
        }
    }

    /// The family of the network header.
    #[inline]
    pub(crate) fn family(&self) -> Family {
        self.family
    }

    /// Bytes from the network header to the end, as counters count them.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.packet.len
    }

    /// Whether the network device is to complete the transport checksum.
    #[inline]
    pub(crate) fn partial_checksum(&self) -> bool {
        self.packet.partial != 0
    }

    /// The linear bytes from the network header on.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: The type invariant; the borrow keeps the methods away that move the data.
        unsafe { core::slice::from_raw_parts(self.packet.data, self.packet.linear as usize) }
    }

    /// Makes the first `len` bytes linear; `false` if the packet is shorter or memory is short.
    pub(crate) fn pull(&mut self, len: usize) -> bool {
        let Ok(len) = u32::try_from(len) else {
            return false;
        };
        self.writable = 0;
        // SAFETY: The type invariant; the helper describes the packet anew.
        unsafe { bindings::rvs_helper_packet_pull(self.raw, len, &mut self.packet) }
    }

    /// Makes the first `len` bytes this packet's own, to be changed by [`Self::headers_mut`].
    pub(crate) fn make_writable(&mut self, len: usize) -> bool {
        let Ok(len) = u32::try_from(len) else {
            return false;
        };
        // SAFETY: The type invariant; the helper describes the packet anew.
        let done = unsafe { bindings::rvs_helper_packet_writable(self.raw, len, &mut self.packet) };
        // INVARIANT: What the helper has just made writable.
        self.writable = if done { len } else { 0 };
        done
    }

    /// The bytes that were made writable.
    #[inline(always)]
    pub(crate) fn headers_mut(&mut self) -> &mut [u8] {
        let len = self.writable.min(self.packet.linear) as usize;
        // SAFETY: The type invariant; the exclusive borrow keeps every other access away.
        unsafe { core::slice::from_raw_parts_mut(self.packet.data, len) }
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
            return Routed::NoMemory;
        };
        let mut mtu = 0;
        // In memory the words are the bytes of the address, in network order.
        let words = addr.words();
        // SAFETY: The type invariant; a hook runs under RCU, and one that can be preempted has
        // bottom halves off. The address has the 16 bytes that the helper may read.
        let routed = unsafe {
            bindings::rvs_helper_packet_route(
                self.net,
                self.raw,
                self.family as u8,
                cache.raw(),
                words.as_ptr().cast(),
                direct,
                headers,
                &mut self.packet,
                &mut mtu,
            )
        };
        let routed = match routed {
            bindings::rvs_routed_RVS_ROUTED_OUT => Routed::Out,
            bindings::rvs_routed_RVS_ROUTED_LOCAL => Routed::Local,
            bindings::rvs_routed_RVS_ROUTED_NONE => Routed::NoRoute,
            bindings::rvs_routed_RVS_ROUTED_TTL => Routed::TimeExceeded,
            bindings::rvs_routed_RVS_ROUTED_TOO_BIG => Routed::TooBig(mtu),
            _ => Routed::NoMemory,
        };
        // INVARIANT: The helper made them writable in these two cases.
        self.writable = match routed {
            Routed::Out | Routed::Local => headers,
            _ => 0,
        };
        routed
    }

    /// Routes again after the packet's addresses changed: always, or only where the source address
    /// can matter to the route. `false` if there is no route.
    #[inline]
    pub(crate) fn reroute(&mut self, always: bool) -> bool {
        // SAFETY: The type invariant.
        let ret = unsafe {
            bindings::rvs_helper_packet_reroute(self.net, self.raw, self.family as u8, always)
        };
        // INVARIANT: A new route may have brought new headroom and with it another place.
        self.writable = 0;
        ret == 0
    }

    /// Marks the packet as handled by rvs and takes it away from conntrack. `orphan` parts it from a
    /// socket that early demux found for its old address.
    #[inline]
    pub(crate) fn set_handled(&mut self, orphan: bool) {
        // SAFETY: The type invariant.
        unsafe { bindings::rvs_helper_packet_handled(self.raw, orphan) };
    }

    /// Sends the packet by the route that [`Self::route`] gave it. It is consumed also when a rule or the
    /// stack refuses it, which the second value tells.
    #[inline(always)]
    pub(crate) fn send(self) -> (Verdict, bool) {
        // SAFETY: The type invariant; the packet is consumed, as `self` and the verdict are.
        let ret =
            unsafe { bindings::rvs_helper_packet_send(self.net, self.raw, self.family as u8) };
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
            bindings::rvs_helper_packet_icmp(self.net, self.raw, self.family as u8, kind, info)
        };
    }
}
