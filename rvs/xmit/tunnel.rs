// SPDX-License-Identifier: GPL-2.0

//! Tunnels: the packet travels inside another one to the server, which may be in another network and of the other
//! address family. The server takes it out, owns the virtual address too and answers the client itself.

use super::{
    local,
    transmit,
    undeliverable, //
};
use crate::{
    conn::Conn,
    input::drop_of,
    logic::{
        addr::{
            Family,
            Protocol, //
        },
        num,
        settings::Knob,
        uapi::{
            DropReason,
            ServiceFlag, //
        },
        wire::{
            self,
            encap::{
                Headers,
                Shape,
                Values, //
            },
            mss,
            Packet, //
        }, //
    },
    sys::{
        hook::Context,
        skb::{
            Passage,
            Routed,
            Skb,
            Tunnel,
            Verdict, //
        }, //
    },
};

/// Sends the packet through the tunnel to the server.
#[inline(never)]
pub(super) fn send(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    let dest = conn.dest();
    let shape = shape(&skb, packet, conn);
    let keep_df = context.net.settings.is_on(Knob::PmtuDisc);
    let clamped = clamped_header(context, &skb, packet, conn);
    let way = Tunnel {
        shape: &shape,
        addr: &dest.endpoint().addr,
        headers: clamped.unwrap_or(packet.l4_offset),
        // Nobody but its sender splits an IPv6 packet.
        always: !keep_df && packet.tuple.family == Family::Ipv4,
    };
    let passage = match skb.route_tunnel(&dest.route, &way) {
        Ok(passage) => passage,
        Err(Routed::Local) => return local::deliver(skb),
        Err(why) => return undeliverable(context, skb, conn, why),
    };
    if clamped.is_some() {
        clamp(&mut skb, packet, passage.mtu, &shape);
    }
    if wire::decrement_ttl(skb.headers_mut(), packet.tuple.family).is_none() {
        return drop_of(context, conn, DropReason::TtlExpired);
    }
    match headers(&skb, &shape, conn, &passage, keep_df) {
        Some(headers) if skb.encapsulate(&shape, &headers) => transmit(context, skb, conn),
        _ => drop_of(context, conn, DropReason::Encapsulation),
    }
}

/// Which headers the packet gets.
fn shape(skb: &Skb<'_>, packet: &Packet, conn: &Conn) -> Shape {
    let dest = conn.dest();
    let tunnel = dest.tunnel();
    // The receiver can complete the sums of TCP and UDP, but not the CRC of SCTP.
    let partial = skb.partial_checksum() && packet.tuple.protocol != Protocol::SCTP;
    Shape::new(
        dest.family(),
        packet.tuple.family,
        tunnel.kind,
        tunnel.flags,
        partial,
    )
}

/// What is put before the packet, whose remaining hops have been counted already.
fn headers(
    skb: &Skb<'_>,
    shape: &Shape,
    conn: &Conn,
    passage: &Passage,
    keep_df: bool,
) -> Option<Headers> {
    let dest = conn.dest();
    let values = Values {
        src: passage.source,
        dst: dest.endpoint().addr,
        src_port: passage.port,
        dst_port: dest.tunnel().port,
        keep_df,
        csum_start: passage.csum_start,
        csum_offset: passage.csum_offset,
    };
    Headers::new(shape, &values, skb.bytes(), skb.len())
}

/// Where the TCP header ends of a packet whose MSS is to be lowered.
#[inline]
fn clamped_header(
    context: &Context<'_>,
    skb: &Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Option<usize> {
    if !packet.tcp.syn() {
        return None;
    }
    let settings = conn.dest().policy.settings(context.rcu)?;
    if settings.flags & ServiceFlag::MssClamp.bit() == 0 {
        return None;
    }
    mss::header_end(skb.bytes(), packet)
}

/// Lowers the MSS of a SYN whose TCP header is writable to what fits through the tunnel, of which `mtu` bytes
/// are left by headers of this shape. Others of the connection's packets may get longer ones.
fn clamp(skb: &mut Skb<'_>, packet: &Packet, mtu: u32, shape: &Shape) {
    let partial = skb.partial_checksum();
    let more = shape
        .longest()
        .headers_len()
        .saturating_sub(shape.headers_len());
    let mtu = mtu.saturating_sub(num::saturating_u32(more));
    let most = mss::of_mtu(packet.tuple.family, mtu);
    // A SYN without the option has nothing that could be lowered.
    let _ = mss::clamp(skb.headers_mut(), packet, most, partial);
}

/// Lowers the MSS of a SYN+ACK that passes through the director on its way to the client, since it bounds what
/// the client sends through the tunnel.
#[cold]
pub(crate) fn clamp_answer(
    context: &Context<'_>,
    skb: &mut Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Result<(), DropReason> {
    let Some(end) = clamped_header(context, skb, packet, conn) else {
        return Ok(());
    };
    let dest = conn.dest();
    let shape = shape(skb, packet, conn);
    let mtu = skb.tunnel_mtu(&dest.route, &dest.endpoint().addr, &shape);
    if mtu == 0 {
        return Ok(());
    }
    if !skb.make_writable(end) {
        return Err(DropReason::NotWritable);
    }
    clamp(skb, packet, mtu, &shape);
    Ok(())
}
