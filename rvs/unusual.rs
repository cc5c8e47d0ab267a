// SPDX-License-Identifier: GPL-2.0

//! Packets off the fast path: headers that are not linear yet, fragments, protocols without ports, and
//! packets whose headers contradict themselves.

use crate::{
    icmp,
    input::{
        self,
        drop_packet, //
    },
    logic::{
        addr::{
            Family,
            Protocol, //
        },
        uapi::DropReason,
        wire::{
            self,
            icmp as icmp_header,
            Packet,
            ParseError, //
        }, //
    },
    output,
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

/// Second thoughts about a packet that could not be read at once.
#[cold]
pub(crate) fn handle(context: &Context<'_>, skb: Skb<'_>) -> Verdict {
    match read(context, skb) {
        Ok((skb, packet)) => dispatch(context, skb, &packet),
        Err(verdict) => verdict,
    }
}

/// Finds the connection of a packet at the hook where it is.
fn dispatch(context: &Context<'_>, skb: Skb<'_>, packet: &Packet) -> Verdict {
    let flow = wire::flow(&packet.tuple);
    match context.point {
        Point::Forward => output::dispatch(context, skb, packet, &flow),
        Point::LocalIn | Point::LocalOut => input::dispatch(context, skb, packet, &flow),
    }
}

/// Reads a packet with ports, making linear what it has to and putting it together if it is a fragment.
/// What has no ports is handled elsewhere, which makes the verdict.
fn read<'a>(context: &Context<'_>, mut skb: Skb<'a>) -> Result<(Skb<'a>, Packet), Verdict> {
    let family = skb.family();
    let mut packet = read_headers(&mut skb, |bytes| wire::parse(family, bytes));
    if packet == Err(ParseError::Fragment) {
        skb = gather(context, skb)?;
        packet = read_headers(&mut skb, |bytes| wire::parse(family, bytes));
    }
    match packet {
        Ok(packet) => Ok((skb, packet)),
        Err(ParseError::NotHandled) => Err(without_ports(context, skb)),
        Err(ParseError::NeedMore(_)) => Err(drop_packet(context, DropReason::Malformed)),
        Err(ParseError::Malformed) => Err(malformed(context, &skb)),
        Err(ParseError::Fragment) => Err(Verdict::ACCEPT),
    }
}

/// Reads headers, making linear what `read` asks for. [`ParseError::NeedMore`] means in the end that the
/// packet is shorter than it says, or that memory is short.
pub(crate) fn read_headers<T>(
    skb: &mut Skb<'_>,
    read: impl Fn(&[u8]) -> Result<T, ParseError>,
) -> Result<T, ParseError> {
    let mut had = 0;
    loop {
        let done = read(skb.bytes());
        // Each header that is pulled in may reveal a longer one; every round asks for more.
        match done {
            Err(ParseError::NeedMore(more)) if more > had && skb.pull(more) => had = more,
            _ => return done,
        }
    }
}

/// Waits for the other fragments of a packet. Those of packets to this host have been put together before
/// (IPv4: by the host; IPv6: by nf_defrag_ipv6, also of packets that are forwarded or sent), so what is
/// left over is not ours.
pub(crate) fn gather<'a>(context: &Context<'_>, skb: Skb<'a>) -> Result<Skb<'a>, Verdict> {
    match (skb.family(), context.point) {
        (Family::Ipv4, Point::Forward | Point::LocalOut) => {
            skb.gather(context.point == Point::Forward)
        }
        _ => Err(Verdict::ACCEPT),
    }
}

/// Headers that contradict themselves. A packet of a protocol that we balance whose transport header is cut
/// off would only be in the way; about the rest the host may think what it likes, and what is
/// forwarded is for its receiver to judge.
fn malformed(context: &Context<'_>, skb: &Skb<'_>) -> Verdict {
    let balanced =
        wire::network(skb.family(), skb.bytes()).is_ok_and(|network| network.protocol.has_ports());
    if balanced && context.point != Point::Forward {
        return drop_packet(context, DropReason::Malformed);
    }
    Verdict::ACCEPT
}

/// A packet of a protocol without ports: an ICMP error may be about a connection of ours, and IPsec goes
/// where its keys were negotiated.
fn without_ports(context: &Context<'_>, mut skb: Skb<'_>) -> Verdict {
    let family = skb.family();
    let Ok(network) = read_headers(&mut skb, |bytes| wire::network(family, bytes)) else {
        return Verdict::ACCEPT;
    };
    match network.protocol {
        Protocol::AH | Protocol::ESP => dispatch(context, skb, &Packet::without_ports(&network)),
        protocol if protocol == icmp_header::protocol(family) => {
            icmp::receive(context, skb, network)
        }
        _ => Verdict::ACCEPT,
    }
}
