// SPDX-License-Identifier: GPL-2.0

//! Packets that are put into others.

use super::{
    super::{
        bindings,
        route::RouteCache, //
    },
    Routed,
    Skb, //
};
use crate::logic::{
    addr::{
        Addr,
        Family, //
    },
    num,
    wire::encap::{
        self,
        Headers,
        Shape, //
    },
};

/// What [`Skb::route_tunnel`] needs to know.
pub(crate) struct Tunnel<'a> {
    pub(crate) shape: &'a Shape,
    /// The end of the tunnel.
    pub(crate) addr: &'a Addr,
    /// How many bytes of the packet will be changed.
    pub(crate) headers: usize,
    /// Whether the packet may be split on its way whatever it says itself.
    pub(crate) always: bool,
}

/// The way of a packet through a tunnel.
pub(crate) struct Passage {
    /// This end of the tunnel.
    pub(crate) source: Addr,
    /// What the packet may have at most.
    pub(crate) mtu: u32,
    /// A source port that depends on the flow, if the tunnel has one.
    pub(crate) port: u16,
    /// Where the sum of a packet begins that [`Skb::partial_checksum`] speaks of.
    pub(crate) csum_start: u16,
    /// Where its checksum stands, from there.
    pub(crate) csum_offset: u16,
}

/// The bytes of the address of a family as C has them.
fn from_c(family: Family, bytes: [u8; 16]) -> Addr {
    Addr::from_slice(family, bytes.get(..family.addr_len()).unwrap_or(&bytes))
        .unwrap_or(Addr::from_v6(bytes))
}

impl Skb<'_> {
    /// Gives the packet the route to the end of a tunnel, makes its first bytes writable and room for the
    /// headers. Otherwise it is unchanged, and the result is anything but `Out`.
    pub(crate) fn route_tunnel(
        &mut self,
        cache: &RouteCache,
        tunnel: &Tunnel<'_>,
    ) -> Result<Passage, Routed> {
        let shape = tunnel.shape;
        let mut raw = bindings::rvs_tunnel {
            daddr: tunnel.addr.bytes(),
            family: shape.outer as u8,
            hashed: shape.has_ports(),
            always: tunnel.always,
            headers: num::saturating_u32(tunnel.headers),
            overhead: num::saturating_u32(shape.headers_len()),
            least: encap::least_mtu(shape.inner),
            ..Default::default()
        };
        // SAFETY: The type invariant; a hook runs under RCU, and one that can be preempted has
        // bottom halves off. The helper describes the packet anew.
        let routed = unsafe {
            bindings::rvs_helper_tunnel_route(
                self.0.net,
                self.0.raw,
                self.0.family as u8,
                cache.raw(),
                &mut raw,
                &mut self.0.packet,
            )
        };
        // INVARIANT: The helper made them writable in this case.
        self.0.writable = 0;
        match Routed::from_c(routed, raw.mtu) {
            Routed::Out => self.0.writable = raw.headers,
            why => return Err(why),
        }
        Ok(Passage {
            source: from_c(shape.outer, raw.source),
            mtu: raw.mtu,
            port: raw.port,
            csum_start: raw.csum_start,
            csum_offset: raw.csum_offset,
        })
    }

    /// Puts headers before the packet, after [`Self::route_tunnel`]; the packet is the tunnel's from then
    /// on. `false` if memory is short.
    pub(crate) fn encapsulate(&mut self, shape: &Shape, headers: &Headers) -> bool {
        let mut raw = bindings::rvs_encap {
            len: num::saturating_u32(headers.bytes().len()),
            ip_len: num::saturating_u32(shape.ip_len()),
            family: shape.outer as u8,
            inner_family: shape.inner as u8,
            protocol: shape.protocol().0,
            csum: shape.csum,
            remcsum: shape.remcsum,
            ..Default::default()
        };
        num::write_front(&mut raw.bytes, headers.bytes());
        // INVARIANT: Nothing of the new headers may be changed.
        self.0.writable = 0;
        self.0.family = shape.outer;
        // SAFETY: The type invariant. There is room, since `route_tunnel` made it for this shape, and there are
        // no more bytes than the structure has. The helper describes the packet anew.
        unsafe {
            bindings::rvs_helper_tunnel_push(self.0.net, self.0.raw, &raw, &mut self.0.packet)
        }
    }

    /// What a packet may have at most that goes through a tunnel to `addr`; 0 without a route.
    pub(crate) fn tunnel_mtu(&self, cache: &RouteCache, addr: &Addr, shape: &Shape) -> u32 {
        let addr = addr.bytes();
        // SAFETY: The type invariant; a hook runs under RCU, and one that can be preempted has
        // bottom halves off. The address has the 16 bytes that the helper may read.
        let mtu = unsafe {
            bindings::rvs_helper_tunnel_mtu(
                self.0.net,
                shape.outer as u8,
                cache.raw(),
                addr.as_ptr(),
            )
        };
        mtu.saturating_sub(num::saturating_u32(shape.headers_len()))
    }
}
