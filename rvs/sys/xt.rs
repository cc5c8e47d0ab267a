// SPDX-License-Identifier: GPL-2.0

//! What `rvs_xt.ko`, the match "ipvs" of iptables, asks about packets.

use super::{
    bindings,
    netns,
    rcu, //
};
use crate::{
    conn::Way,
    logic::{
        addr::{
            Addr,
            Endpoint,
            Family,
            Protocol,
            Tuple, //
        },
        ipvs::xt::{
            Facts,
            Wanted,
            INFO_LEN, //
        }, //
    },
    net::Net, //
};

/// Whether the packet is what is asked for.
///
/// # Safety
///
/// `net` is the live namespace of a packet that is in a hook; `packet` and `info` are valid, the latter for
/// as many bytes as the match's data has.
#[no_mangle]
unsafe extern "C" fn rvs_xt_match(
    net: *mut bindings::net,
    packet: *const bindings::rvs_xt_packet,
    info: *const u8,
) -> bool {
    // SAFETY: By the contract above.
    let (packet, info) = unsafe { (&*packet, &*info.cast::<[u8; INFO_LEN]>()) };
    let wanted = Wanted::parse(info);
    // SAFETY: By the contract above.
    unsafe { netns::with_net(net, |net| matches(net, packet, &wanted)) }.unwrap_or(false)
}

fn matches(net: &Net, packet: &bindings::rvs_xt_packet, wanted: &Wanted) -> bool {
    let Some(family) = Family::from_af(u16::from(packet.family)) else {
        return false;
    };
    let addr = |bytes: [u8; 16]| match (family, bytes) {
        (Family::Ipv4, [a, b, c, d, ..]) => Addr::from_v4([a, b, c, d]),
        (Family::Ipv6, bytes) => Addr::from_v6(bytes),
    };
    // IPVS behaviour: only packets to servers are found, by what their answers will be.
    let answer = Tuple {
        family,
        protocol: Protocol(packet.protocol),
        src: Endpoint::new(addr(packet.dest), packet.dest_port),
        dst: Endpoint::new(addr(packet.source), packet.source_port),
    };
    rcu::read(|rcu| {
        let Some((conn, Way::Reply)) = net.conns.find(rcu, &answer) else {
            return false;
        };
        wanted.matches(&Facts {
            family,
            protocol: answer.protocol,
            virtual_end: conn.virtual_end(),
            method: conn.method(),
            controller: conn.template_port(),
            reply: packet.tracked.then_some(packet.reply),
        })
    })
}
