// SPDX-License-Identifier: GPL-2.0

//! ICMP errors about packets of a tunnel.

use super::{
    super::bindings,
    Skb,
    Verdict, //
};
use crate::logic::{
    addr::Family,
    num,
    wire::icmp::Told, //
};

/// What [`Skb::relay`] needs to know of an error.
pub(crate) struct Relay {
    /// Where its ICMP header stands.
    pub(crate) icmp: usize,
    /// Where the header of the tunnel stands that it quotes.
    pub(crate) outer: usize,
    /// Where the packet inside the tunnel begins, from there.
    pub(crate) inner: usize,
    /// The length of that packet's network header.
    pub(crate) inner_header: usize,
    /// The family of that packet.
    pub(crate) inner_family: Family,
    /// The path MTU that the tunnel has from now on.
    pub(crate) mtu: Option<u32>,
    /// What the sender of the packet inside is told.
    pub(crate) tell: Option<Told>,
}

impl Skb<'_> {
    /// Tells the sender of a packet that went into a tunnel what this ICMP error says about the tunnel.
    /// `None` if the error is damaged; then it is unchanged or about to be dropped.
    ///
    /// Only at LOCAL_IN: it must have been sent to this host.
    pub(crate) fn relay(self, relay: &Relay) -> Option<Verdict> {
        let told = relay.tell.unwrap_or_default();
        let relay = bindings::rvs_relay {
            icmp: num::saturating_u32(relay.icmp),
            outer: num::saturating_u32(relay.outer),
            inner: num::saturating_u32(relay.inner),
            inner_header: num::saturating_u32(relay.inner_header),
            mtu: relay.mtu.unwrap_or(0),
            info: told.info,
            family: self.0.family as u8,
            inner_family: relay.inner_family as u8,
            type_: told.kind,
            code: told.code,
            tell: relay.tell.is_some(),
        };
        // SAFETY: The type invariant; the packet is consumed if the helper says so, as `self` is.
        unsafe { bindings::rvs_helper_packet_relay(self.0.net, self.0.raw, &relay) }
            .then_some(Verdict::STOLEN)
    }
}
