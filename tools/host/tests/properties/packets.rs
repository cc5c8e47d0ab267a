// SPDX-License-Identifier: GPL-2.0

//! Properties of parsing and rewriting whole packets.

use super::common::{
    any_family,
    any_spec,
    checksum_offset,
    icmp_error,
    naive_checksum,
    spec_and_endpoint,
    Spec, //
};
use proptest::prelude::*;
use rvs_logic::logic::{
    addr::{
        Endpoint,
        Family,
        Protocol, //
    },
    wire::{
        decap,
        decrement_ttl,
        icmp,
        network,
        parse,
        parse_embedded,
        rewrite_dst,
        rewrite_embedded,
        rewrite_src,
        Network,
        Packet,
        ParseError,
        Side, //
    }, //
};

/// The packet with another end.
fn moved(spec: &Spec, side: Side, new: Endpoint) -> Spec {
    let mut spec = spec.clone();
    match side {
        Side::Src => spec.src = new,
        Side::Dst => spec.dst = new,
    }
    spec
}

fn rewrite(
    bytes: &mut [u8],
    packet: &Packet,
    side: Side,
    new: &Endpoint,
    partial: bool,
) -> Result<(), ParseError> {
    match side {
        Side::Src => rewrite_src(bytes, packet, new, partial),
        Side::Dst => rewrite_dst(bytes, packet, new, partial),
    }
}

/// Puts the sum of the pseudo header into the checksum field, as the kernel
/// does for a device that will finish it.
fn make_partial(spec: &Spec, bytes: &mut [u8], l4_offset: usize) {
    let sum = !naive_checksum(&spec.pseudo_header(bytes.len() - l4_offset));
    match checksum_offset(spec.protocol) {
        Some(offset) => {
            let at = l4_offset + offset;
            bytes[at..at + 2].copy_from_slice(&sum.to_be_bytes());
        }
        None => bytes[l4_offset + 8..l4_offset + 12].fill(0),
    }
}

/// The same for an ICMP error about the packet; ICMP for IPv4 has no pseudo header.
fn partial_icmp_sum(spec: &Spec, len: usize) -> u16 {
    let mut error = moved(spec, Side::Src, spec.dst);
    error.dst = spec.src;
    error.protocol = Protocol::ICMPV6;
    match spec.family {
        Family::Ipv4 => 0,
        Family::Ipv6 => !naive_checksum(&error.pseudo_header(len)),
    }
}

/// Reads a quoted packet from its network header on.
fn embedded(family: Family, bytes: &[u8]) -> Result<Packet, ParseError> {
    parse_embedded(&network(family, bytes)?, bytes)
}

fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Src), Just(Side::Dst)]
}

proptest! {
    #[test]
    fn parsing_finds_what_was_built(spec in any_spec()) {
        let bytes = spec.build();
        let packet = parse(spec.family, &bytes).expect("a good packet");
        prop_assert_eq!(packet.tuple.src, spec.src);
        prop_assert_eq!(packet.tuple.dst, spec.dst);
        prop_assert_eq!(packet.tuple.protocol, spec.protocol);
        prop_assert_eq!(packet.ttl, spec.ttl);
        let len = u32::try_from(bytes.len()).expect("short");
        prop_assert_eq!(packet.total_len, len);
        prop_assert_eq!(packet.l4_offset, bytes.len() - spec.segment().len());
        let flags = if spec.protocol == Protocol::TCP { spec.flags } else { 0 };
        prop_assert_eq!(packet.tcp.0, flags);
    }

    #[test]
    fn a_prefix_asks_for_more_until_it_is_enough(spec in any_spec()) {
        let bytes = spec.build();
        let whole = parse(spec.family, &bytes);
        let mut have = 0;
        for _ in 0..32 {
            match parse(spec.family, &bytes[..have]) {
                Err(ParseError::NeedMore(want)) => {
                    prop_assert!(want > have && want <= bytes.len());
                    have = want;
                }
                enough => {
                    prop_assert_eq!(enough, whole);
                    return Ok(());
                }
            }
        }
        prop_assert!(false, "does not end");
    }

    #[test]
    fn a_rewrite_is_the_packet_built_anew(
        (spec, new) in spec_and_endpoint(),
        side in any_side(),
    ) {
        let mut bytes = spec.build();
        let packet = parse(spec.family, &bytes).expect("a good packet");
        rewrite(&mut bytes, &packet, side, &new, false).expect("all there");
        prop_assert_eq!(bytes, moved(&spec, side, new).build());
    }

    #[test]
    fn a_partial_rewrite_keeps_the_pseudo_header_sum(
        (spec, new) in spec_and_endpoint(),
        side in any_side(),
    ) {
        let mut bytes = spec.build();
        let packet = parse(spec.family, &bytes).expect("a good packet");
        make_partial(&spec, &mut bytes, packet.l4_offset);
        rewrite(&mut bytes, &packet, side, &new, true).expect("all there");
        let want = moved(&spec, side, new);
        let mut rebuilt = want.build();
        make_partial(&want, &mut rebuilt, packet.l4_offset);
        prop_assert_eq!(bytes, rebuilt);
    }

    #[test]
    fn udp_without_a_checksum_stays_so(
        (mut spec, new) in spec_and_endpoint(),
        side in any_side(),
    ) {
        spec.protocol = Protocol::UDP;
        let mut bytes = spec.build();
        let packet = parse(spec.family, &bytes).expect("a good packet");
        let field = packet.l4_offset + 6..packet.l4_offset + 8;
        bytes[field.clone()].fill(0);
        rewrite(&mut bytes, &packet, side, &new, false).expect("all there");
        prop_assert_eq!(&bytes[field], &[0, 0]);
    }

    #[test]
    fn a_quoted_packet_is_quoted_from_the_packet_built_anew(
        (spec, new) in spec_and_endpoint(),
        side in any_side(),
        words in 2..32usize,
    ) {
        let bytes = spec.build();
        let whole = parse(spec.family, &bytes).expect("a good packet");
        let mut quoted = bytes;
        quoted.truncate(whole.l4_offset + words * 2);
        let packet = embedded(spec.family, &quoted).expect("a good quotation");
        prop_assert_eq!(packet.tuple, whole.tuple);
        rewrite_embedded(&mut quoted, &packet, side, &new).expect("all there");
        let mut want = moved(&spec, side, new).build();
        want.truncate(quoted.len());
        if spec.protocol == Protocol::SCTP {
            // What its CRC covers is not there.
            quoted.truncate(whole.l4_offset + 8);
            want.truncate(whole.l4_offset + 8);
        }
        prop_assert_eq!(quoted, want);
    }

    #[test]
    fn a_rewritten_error_is_the_error_built_anew(
        (spec, new) in spec_and_endpoint(),
        side in any_side(),
        words in 2..32usize,
        partial in any::<bool>(),
    ) {
        let family = spec.family;
        let whole = parse(family, &spec.build()).expect("a good packet");
        // An error about this packet, or about the packet with the new end.
        let error = |spec: &Spec| {
            let mut quoted = spec.build();
            quoted.truncate(whole.l4_offset + words * 2);
            if spec.protocol == Protocol::SCTP {
                quoted.truncate(whole.l4_offset + 8);
            }
            icmp_error(family, &spec.dst.addr, &spec.src.addr, &quoted)
        };
        let mut bytes = error(&spec);
        let mut want = error(&moved(&spec, side, new));
        let outer = network(family, &bytes).expect("a good header");
        let message = icmp::parse(&outer, &bytes).expect("a good message");
        let quoted = icmp::quoted_flow(&outer, &message, &bytes).expect("a good quotation");
        prop_assert_eq!(quoted.tuple, whole.tuple);
        let field = outer.l4_offset + 2..outer.l4_offset + 4;
        if partial {
            for (bytes, spec) in [(&mut bytes, &spec), (&mut want, &moved(&spec, side, new))] {
                let sum = partial_icmp_sum(spec, bytes.len() - outer.l4_offset);
                bytes[field.clone()].copy_from_slice(&sum.to_be_bytes());
            }
        }
        let writable = icmp::rewrite_len(&message, &quoted, bytes.len());
        let (head, tail) = bytes.split_at_mut(writable);
        let tail = tail.to_vec();
        icmp::rewrite(head, &outer, &message, &quoted, side.opposite(), &new, partial)
            .expect("all there");
        prop_assert_eq!(&want[..writable], &*head);
        prop_assert_eq!(&want[writable..], &*tail);
    }

    #[test]
    fn one_hop_less_is_the_packet_built_anew(spec in any_spec()) {
        let mut bytes = spec.build();
        let before = bytes.clone();
        let mut next = spec.clone();
        match decrement_ttl(&mut bytes, spec.family) {
            Some(()) => {
                next.ttl = spec.ttl - 1;
                prop_assert_eq!(bytes, next.build());
            }
            None => {
                prop_assert!(spec.ttl <= 1);
                prop_assert_eq!(bytes, before);
            }
        }
    }

    #[test]
    fn any_bytes_are_safe(
        family in any_family(),
        bytes in proptest::collection::vec(any::<u8>(), 0..160),
        new in any::<u16>(),
    ) {
        any_bytes(family, bytes, new)?;
    }

    #[test]
    fn almost_good_packets_are_safe(
        spec in any_spec(),
        changes in proptest::collection::vec((0..120usize, any::<u8>()), 0..6),
        len in 0..200usize,
    ) {
        let mut bytes = spec.build();
        for (offset, value) in changes {
            if let Some(byte) = bytes.get_mut(offset) {
                *byte = value;
            }
        }
        bytes.truncate(len);
        any_bytes(spec.family, bytes, spec.src.port)?;
    }
}

/// Whatever is parsed can be rewritten, or says what it lacks.
fn any_bytes(family: Family, mut bytes: Vec<u8>, port: u16) -> Result<(), TestCaseError> {
    if let Err(ParseError::NeedMore(want)) = parse(family, &bytes) {
        prop_assert!(want > bytes.len());
    }
    if let Ok(header) = network(family, &bytes) {
        let _ = decap::parse(&header, &bytes);
        any_message(&header, &bytes, port)?;
    }
    for packet in [parse(family, &bytes), embedded(family, &bytes)] {
        let Ok(packet) = packet else { continue };
        prop_assert!(packet.l4_offset <= bytes.len());
        let mut new = packet.tuple.dst;
        new.port = port;
        let _ = rewrite_dst(&mut bytes, &packet, &new, false);
        let _ = rewrite_src(&mut bytes, &packet, &new, true);
        let _ = rewrite_embedded(&mut bytes, &packet, Side::Src, &new);
    }
    let _ = decrement_ttl(&mut bytes, family);
    Ok(())
}

/// The same for an ICMP error.
fn any_message(header: &Network, bytes: &[u8], port: u16) -> Result<(), TestCaseError> {
    let Ok(message) = icmp::parse(header, bytes) else {
        return Ok(());
    };
    let quoted = icmp::quoted_flow(header, &message, bytes);
    if let Err(ParseError::NeedMore(want)) = quoted {
        prop_assert!(want > bytes.len());
    }
    if let Ok(quoted) = quoted {
        let mut bytes = bytes.to_vec();
        let len = icmp::rewrite_len(&message, &quoted, bytes.len());
        let mut new = quoted.tuple.dst;
        new.port = port;
        let _ = icmp::rewrite(
            &mut bytes[..len],
            header,
            &message,
            &quoted,
            Side::Src,
            &new,
            false,
        );
    }
    Ok(())
}
