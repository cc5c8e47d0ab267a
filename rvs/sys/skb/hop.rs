// SPDX-License-Identifier: GPL-2.0

//! Straight on to a neighbour, past routing.

use super::{
    super::{
        bindings,
        netns::Namespace,
        route::RouteCache, //
    },
    Skb,
    Verdict, //
};
use crate::logic::{
    addr::Addr,
    num, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::prelude::*;

/// The neighbour to whom a packet can be sent at once.
///
/// # Invariants
///
/// `neigh` is a neighbour that was found in the RCU read section of the hook, which lasts for `'a`.
pub(crate) struct Hop<'a> {
    neigh: NonNull<c_void>,
    _section: PhantomData<&'a ()>,
}

impl<'a> Skb<'a> {
    /// The next hop on the way to a server, and the first `headers` bytes made writable; `None` if anything is
    /// unusual: no route is cached, the neighbour is not known, the packet is too long, the
    /// virtual address has left this host.
    ///
    /// `direct` is as for [`Self::route`]. Only at a device's ingress.
    #[inline(always)]
    pub(crate) fn hop_to_server(
        &mut self,
        namespace: &Namespace,
        cache: &RouteCache,
        (virtual_addr, addr): (&Addr, &Addr),
        direct: bool,
        headers: usize,
    ) -> Option<Hop<'a>> {
        let headers = num::saturating_u32(headers);
        // In memory the words are the bytes of the addresses, in network order.
        let (here, there) = (virtual_addr.words(), addr.words());
        // SAFETY: The type invariant; another packet that takes the place of this one is its owner's in the same
        // way. The hook runs under RCU with bottom halves off, and was registered with the ways of its namespace in
        // place. The addresses have the 16 bytes that the helper may read.
        let neigh = unsafe {
            bindings::rvs_helper_fast_to_server(
                namespace.raw(),
                &mut self.0.raw,
                self.0.family as u8,
                cache.raw(),
                here.as_ptr().cast(),
                there.as_ptr().cast(),
                direct,
                headers,
                &mut self.0.packet,
            )
        };
        self.hop(neigh, headers)
    }

    /// The next hop on the way to a client, and the first `headers` bytes made writable; `None` if anything is
    /// unusual: also if more than the destination matters to the route, or the host is no router. Only at a device's ingress.
    #[inline(always)]
    pub(crate) fn hop_to_client(
        &mut self,
        namespace: &Namespace,
        addr: &Addr,
        headers: usize,
    ) -> Option<Hop<'a>> {
        let headers = num::saturating_u32(headers);
        let words = addr.words();
        // SAFETY: As above.
        let neigh = unsafe {
            bindings::rvs_helper_fast_to_client(
                namespace.raw(),
                &mut self.0.raw,
                self.0.family as u8,
                words.as_ptr().cast(),
                headers,
                &mut self.0.packet,
            )
        };
        self.hop(neigh, headers)
    }

    #[inline(always)]
    fn hop(&mut self, neigh: *mut c_void, headers: u32) -> Option<Hop<'a>> {
        let neigh = NonNull::new(neigh)?;
        // INVARIANT: The helper made them writable when it found a neighbour.
        self.0.writable = headers;
        // INVARIANT: Found by the helper in this very section.
        Some(Hop {
            neigh,
            _section: PhantomData,
        })
    }

    /// Sends the packet, whose transport header is at `transport`. It is consumed also when the device refuses it,
    /// which the second value tells.
    #[inline(always)]
    pub(crate) fn send_to(self, hop: &Hop<'_>, transport: usize) -> (Verdict, bool) {
        // SAFETY: The type invariants of both; the packet is consumed, as `self` and the verdict are.
        let ret = unsafe {
            bindings::rvs_helper_fast_send(
                self.0.raw,
                hop.neigh.as_ptr(),
                num::saturating_u32(transport),
            )
        };
        (Verdict::STOLEN, ret < 0)
    }
}
