// SPDX-License-Identifier: GPL-2.0

//! Properties of parsing and rewriting whole packets.

use super::common::{
    any_family,
    any_spec,
    checksum_offset,
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
        decrement_ttl,
        icmp,
        network,
        parse,
        parse_embedded,
        rewrite_dst,
        rewrite_embedded,
        rewrite_src,
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
    if let Some(offset) = checksum_offset(spec.protocol) {
        let at = l4_offset + offset;
        bytes[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    }
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
    fn a_quoted_packet_keeps_its_transport_checksum(
        (spec, new) in spec_and_endpoint(),
        side in any_side(),
    ) {
        let bytes = spec.build();
        let whole = parse(spec.family, &bytes).expect("a good packet");
        let mut quoted = bytes[..whole.l4_offset + 8].to_vec();
        let packet = parse_embedded(spec.family, &quoted).expect("a good quotation");
        prop_assert_eq!(packet.tuple, whole.tuple);
        rewrite_embedded(&mut quoted, &packet, side, &new).expect("all there");
        let want = moved(&spec, side, new).build();
        let ports = whole.l4_offset + 4;
        prop_assert_eq!(&quoted[..ports], &want[..ports]);
        prop_assert_eq!(&quoted[ports..], &bytes[ports..whole.l4_offset + 8]);
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
        let _ = icmp::parse(&header, &bytes);
    }
    for packet in [parse(family, &bytes), parse_embedded(family, &bytes)] {
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
