// SPDX-License-Identifier: GPL-2.0

//! TCP segments that rvs makes itself.
//!
//! C header: [`include/net/tcp.h`](srctree/include/net/tcp.h)

use super::{
    bindings,
    netns::Namespace,
    rcu::Rcu, //
};
use crate::logic::{
    addr::Tuple,
    wire::tcp::Bare, //
};

/// Sends a segment without data along `flow`, whose ends need not be addresses of this host. Without a route
/// or memory nothing happens. Any context.
pub(crate) fn send(_rcu: Rcu<'_>, namespace: &Namespace, flow: &Tuple, segment: &Bare) {
    let segment = bindings::rvs_segment {
        family: flow.family as u8,
        flags: segment.flags.0,
        src_port: flow.src.port,
        dst_port: flow.dst.port,
        seq: segment.seq,
        ack: segment.ack,
        src: flow.src.addr.bytes(),
        dst: flow.dst.addr.bytes(),
    };
    // SAFETY: The namespace is live, the segment is valid for the call, and the caller is in a read section.
    unsafe { bindings::rvs_helper_tcp_send(namespace.raw_net(), &segment) };
}
