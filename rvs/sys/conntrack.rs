// SPDX-License-Identifier: GPL-2.0

//! nf_conntrack, kept in step with the connections of a namespace that wants it.
//!
//! C header: [`include/net/netfilter/nf_conntrack.h`](srctree/include/net/netfilter/nf_conntrack.h)

use super::{
    atomic::{
        AtomicBool,
        Ordering, //
    },
    bindings,
    netns::Namespace, //
};
use crate::logic::addr::{
    Endpoint,
    Family,
    Protocol, //
};
use kernel::{
    error::to_result,
    prelude::*, //
};

/// A connection as nf_conntrack has to see it.
pub(crate) struct Flow {
    pub(crate) family: Family,
    pub(crate) protocol: Protocol,
    pub(crate) client: Endpoint,
    pub(crate) virtual_end: Endpoint,
    pub(crate) server: Endpoint,
    /// The sender of the client's packets as the server sees it, if it is another than the client.
    pub(crate) masquerade: Option<Endpoint>,
    /// The packets are translated, and so are the answers, which pass this host.
    pub(crate) translated: bool,
}

fn end(endpoint: Endpoint) -> bindings::rvs_flow_end {
    bindings::rvs_flow_end {
        addr: endpoint.addr.bytes(),
        port: endpoint.port,
    }
}

impl Flow {
    pub(super) fn to_raw(&self) -> bindings::rvs_flow {
        bindings::rvs_flow {
            client: end(self.client),
            virt: end(self.virtual_end),
            server: end(self.server),
            source: end(self.masquerade.unwrap_or(self.client)),
            family: self.family as u8,
            protocol: self.protocol.0,
            translated: self.translated,
            masqueraded: self.masquerade.is_some(),
        }
    }
}

/// What a namespace has to do with nf_conntrack.
///
/// # Invariants
///
/// `net` is the namespace whose state this is a part of. While `held` is set this owns a hold on the module.
pub(crate) struct Tracking {
    net: *mut bindings::net,
    held: AtomicBool,
}

// SAFETY: The functions below may be called from any CPU.
unsafe impl Send for Tracking {}
// SAFETY: As above.
unsafe impl Sync for Tracking {}

impl Tracking {
    /// Nothing yet.
    pub(crate) fn new(namespace: &Namespace) -> Self {
        // INVARIANT: The caller makes it a part of the namespace's state.
        Self {
            net: namespace.net(),
            held: AtomicBool::new(false),
        }
    }

    /// Loads nf_conntrack if it is not there, and keeps it until the namespace ends. Process context.
    pub(crate) fn begin(&self) -> Result {
        if self.is_on() {
            return Ok(());
        }
        // SAFETY: Process context.
        to_result(unsafe { bindings::rvs_helper_conntrack_hold() })?;
        // INVARIANT: Just held; what somebody else has held meanwhile is one too many.
        if self.held.swap(true, Ordering::AcqRel) {
            // SAFETY: Pairs with the hold above.
            unsafe { bindings::rvs_helper_conntrack_drop() };
        }
        Ok(())
    }

    /// Whether connections of the namespace may be tracked.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    /// Ends what nf_conntrack knows of a connection. Any context.
    pub(crate) fn end(&self, flow: &Flow) {
        // SAFETY: The type invariant.
        unsafe { bindings::rvs_helper_conntrack_end(self.net, &flow.to_raw()) };
    }
}

impl Drop for Tracking {
    fn drop(&mut self) {
        if self.is_on() {
            // SAFETY: Owned by the type invariant. A namespace ends in process context.
            unsafe { bindings::rvs_helper_conntrack_drop() };
        }
    }
}
