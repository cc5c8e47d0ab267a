// SPDX-License-Identifier: GPL-2.0

//! ICMP errors about packets of our connections.
//!
//! An error goes against the packet that it quotes. One about a packet to a server goes to the client, who
//! knows only the virtual address; one about an answer was sent to the virtual address and goes to the
//! server. One about a packet that we put into a tunnel comes to this host, and the client is told.
//! Errors do not keep a connection alive.

use crate::{
    conn::{
        Conn,
        FoundConn,
        Way, //
    },
    input::{
        drop_of,
        drop_packet, //
    },
    logic::{
        addr::{
            Endpoint,
            Tuple, //
        },
        num,
        uapi::{
            DropReason,
            Method,
            TunType, //
        },
        wire::{
            self,
            decap::{
                self,
                Encapsulation,
                Inner, //
            },
            icmp::{
                self,
                Icmp, //
            },
            Fragment,
            Network,
            Packet,
            ParseError,
            Side, //
        }, //
    },
    output,
    sys::{
        hook::{
            Context,
            Point, //
        },
        skb::{
            Relay,
            Skb,
            Verdict, //
        }, //
    },
    unusual::{
        gather,
        read_headers, //
    },
    xmit, //
};

/// An ICMP error and what it quotes.
pub(crate) struct Error {
    /// The network header of the error itself.
    pub(crate) network: Network,
    /// Its ICMP header.
    pub(crate) message: Icmp,
    /// The packet that it is about.
    pub(crate) quoted: Packet,
}

impl Error {
    /// The bytes that [`Self::rewrite`] may change, in a packet of `len` bytes.
    pub(crate) fn headers(&self, len: u32) -> usize {
        icmp::rewrite_len(&self.message, &self.quoted, num::index(len))
    }

    /// Gives the error's end `side`, and the opposite end of the packet that it quotes, another address,
    /// and the quoted packet the port too.
    pub(crate) fn rewrite(
        &self,
        bytes: &mut [u8],
        side: Side,
        new: &Endpoint,
        partial: bool,
    ) -> Result<(), ParseError> {
        icmp::rewrite(
            bytes,
            &self.network,
            &self.message,
            &self.quoted,
            side,
            new,
            partial,
        )
    }
}

/// An ICMP message, whose network header has been read.
#[cold]
pub(crate) fn receive(context: &Context<'_>, mut skb: Skb<'_>, mut network: Network) -> Verdict {
    if network.fragment != Fragment::None {
        (skb, network) = match whole(context, skb) {
            Ok(whole) => whole,
            Err(verdict) => return verdict,
        };
    }
    let message = match read_headers(&mut skb, |bytes| icmp::parse(&network, bytes)) {
        Ok(message) => message,
        // Forwarded, it is for its receiver to judge.
        Err(_) if context.point == Point::Forward => return Verdict::ACCEPT,
        Err(_) => return drop_packet(context, DropReason::Malformed),
    };
    if !icmp::is_error(network.family, message.kind) {
        return Verdict::ACCEPT;
    }
    let quoted = read_headers(&mut skb, |bytes| {
        icmp::quoted_flow(&network, &message, bytes)
    });
    if let Ok(quoted) = quoted {
        if let Some((conn, way)) = find(context, &quoted.tuple.reversed()) {
            let error = Error {
                network,
                message,
                quoted,
            };
            return about(context, skb, &error, &conn, way);
        }
    }
    if context.point == Point::LocalIn {
        return about_tunnel(context, skb, &network, &message);
    }
    Verdict::ACCEPT
}

/// The whole message that a fragment is part of.
fn whole<'a>(context: &Context<'_>, skb: Skb<'a>) -> Result<(Skb<'a>, Network), Verdict> {
    let mut skb = gather(context, skb)?;
    let family = skb.family();
    match read_headers(&mut skb, |bytes| wire::network(family, bytes)) {
        Ok(network) if network.fragment == Fragment::None => Ok((skb, network)),
        _ => Err(Verdict::ACCEPT),
    }
}

/// The living connection of a packet with this tuple.
fn find<'a>(context: &Context<'a>, tuple: &Tuple) -> Option<(FoundConn<'a>, Way)> {
    let (conn, way) = context.net.conns.find(context.rcu, &wire::flow(tuple))?;
    let left = conn.expires_in(&context.net.timeouts, context.cpu.now());
    (left != 0).then_some((conn, way))
}

/// An error that goes `way` along a connection.
fn about(context: &Context<'_>, skb: Skb<'_>, error: &Error, conn: &Conn, way: Way) -> Verdict {
    match way {
        Way::Reply => output::error(context, skb, error, conn),
        Way::Request => {
            conn.dest().traffic.add_in(context.cpu, skb.len());
            xmit::error_to_server(context, skb, error, conn)
        }
    }
}

/// Perhaps an error about a packet that we put into a tunnel.
fn about_tunnel(
    context: &Context<'_>,
    mut skb: Skb<'_>,
    network: &Network,
    message: &Icmp,
) -> Verdict {
    let inside = read_headers(&mut skb, |bytes| quoted_tunnel(network, message, bytes));
    let Ok((outer, inner, packet)) = inside else {
        return Verdict::ACCEPT;
    };
    let Some((conn, Way::Request)) = find(context, &packet.tuple) else {
        return Verdict::ACCEPT;
    };
    if !is_tunnel_of(&conn, &outer, &inner) {
        return Verdict::ACCEPT;
    }
    let mtu = message.path_mtu(network.family);
    // Without it the routers on the tunnel's way may split the packets: nobody need be told.
    let tell = mtu.is_none() || packet.dont_fragment;
    let relay = Relay {
        icmp: network.l4_offset,
        outer: message.embedded_offset,
        inner: inner.offset,
        inner_header: packet.l4_offset,
        inner_family: inner.family,
        mtu,
        tell: tell.then(|| message.through_tunnel(network.family, inner.family, inner.offset)),
    };
    let len = skb.len();
    match skb.relay(&relay) {
        Some(verdict) => {
            if tell {
                // The error that was sent may be shorter.
                conn.dest().traffic.add_out(context.cpu, len);
            }
            verdict
        }
        None => drop_of(context, &conn, DropReason::Malformed),
    }
}

/// The packet in a tunnel's packet that an error quotes, with the header of the tunnel's packet.
fn quoted_tunnel(
    network: &Network,
    message: &Icmp,
    bytes: &[u8],
) -> Result<(Network, Inner, Packet), ParseError> {
    let (outer, inner) = icmp::quoted(network, message, bytes, decap::parse)?;
    let offset = message.embedded_offset.saturating_add(inner.offset);
    let rest = bytes
        .get(offset..)
        .ok_or(icmp::need_more(network, offset))?;
    let packet = wire::network(inner.family, rest)
        .and_then(|header| wire::parse_embedded(&header, rest))
        .map_err(|error| match error {
            ParseError::NeedMore(more) => icmp::need_more(network, offset.saturating_add(more)),
            other => other,
        })?;
    Ok((outer, inner, packet))
}

/// Whether a connection's packets leave in such a tunnel.
fn is_tunnel_of(conn: &Conn, outer: &Network, inner: &Inner) -> bool {
    let dest = conn.dest();
    let tunnel = dest.tunnel();
    let same_kind = match inner.encapsulation {
        Encapsulation::Ipip => tunnel.kind == TunType::Ipip,
        Encapsulation::Gre => tunnel.kind == TunType::Gre,
        Encapsulation::Gue { port } => tunnel.kind == TunType::Gue && tunnel.port == port,
    };
    conn.method() == Method::Tunnel
        && same_kind
        && dest.endpoint().addr == outer.dst
        && dest.family() == outer.family
}
