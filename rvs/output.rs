// SPDX-License-Identifier: GPL-2.0

//! Packets to clients.

use crate::{
    conn::{
        Conn,
        Way, //
    },
    input::{
        drop_packet,
        read_again, //
    },
    logic::{
        uapi::{
            DropReason,
            Method, //
        },
        wire::{
            self,
            Packet, //
        }, //
    },
    sys::{
        hook::{
            Context,
            Point, //
        },
        skb::{
            Skb,
            Verdict, //
        }, //
    }, //
};

/// A packet that this host forwards: perhaps an answer of a server.
pub(crate) fn forward(context: Context<'_>, mut skb: Skb<'_>) -> Verdict {
    let packet = match wire::parse(skb.family(), skb.bytes()) {
        Ok(packet) => packet,
        Err(error) => match read_again(&context, &mut skb, error) {
            Ok(packet) => packet,
            Err(verdict) => return verdict,
        },
    };
    match context.net.conns.find(context.rcu, &packet.tuple) {
        Some((conn, Way::Reply)) => reply(&context, skb, &packet, &conn),
        // A client's packet that is not for this host is not ours.
        Some((_, Way::Request)) | None => Verdict::ACCEPT,
    }
}

/// An answer of a server: it must look as if the virtual address had sent it.
#[inline(always)]
pub(crate) fn reply(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Verdict {
    if conn.method() == Method::Nat {
        if let Err(reason) = translate(context, &mut skb, packet, conn) {
            return drop_packet(context, reason);
        }
    }
    conn.touch(context.cpu.now());
    conn.advance(packet, Way::Reply);
    conn.dest().traffic.add_out(context.cpu, skb.len());
    skb.set_handled(context.point == Point::LocalIn && conn.method() == Method::Nat);
    Verdict::ACCEPT
}

/// Gives an answer the virtual address and port as its source.
#[inline(always)]
fn translate(
    context: &Context<'_>,
    skb: &mut Skb<'_>,
    packet: &Packet,
    conn: &Conn,
) -> Result<(), DropReason> {
    let partial = skb.partial_checksum();
    if !skb.make_writable(wire::header_len(packet)) {
        return Err(DropReason::NotWritable);
    }
    wire::rewrite_src(skb.headers_mut(), packet, &conn.virtual_end(), partial)
        .map_err(|_| DropReason::Malformed)?;
    // A server on this host may have chosen a device for its answer by that of the request
    // (`IP_PKTINFO`), whose address was another: always route that anew.
    let always = context.point == Point::LocalOut;
    if context.point != Point::LocalIn && !skb.reroute(always) {
        return Err(DropReason::NoRoute);
    }
    Ok(())
}
