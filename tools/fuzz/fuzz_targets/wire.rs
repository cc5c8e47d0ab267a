// SPDX-License-Identifier: GPL-2.0

//! Parses and rewrites arbitrary packets; the first byte chooses the family.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rvs_logic::logic::{
    addr::{
        Endpoint,
        Family, //
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
        ParseError,
        Side, //
    }, //
};

fuzz_target!(|data: &[u8]| {
    let Some((choice, packet)) = data.split_first() else {
        return;
    };
    let family = match choice & 1 {
        0 => Family::Ipv4,
        _ => Family::Ipv6,
    };
    run(family, choice & 2 != 0, packet);
});

fn run(family: Family, partial: bool, packet: &[u8]) {
    let mut bytes = packet.to_vec();
    if let Err(ParseError::NeedMore(want)) = parse(family, packet) {
        assert!(want > packet.len(), "asks for bytes that it has");
    }
    if let Ok(header) = network(family, packet) {
        assert!(header.l4_offset <= packet.len());
        let _ = icmp::parse(&header, packet);
    }
    for parsed in [parse(family, packet), parse_embedded(family, packet)] {
        let Ok(parsed) = parsed else { continue };
        let new = Endpoint::new(parsed.tuple.src.addr, parsed.tuple.dst.port ^ 1);
        let _ = rewrite_dst(&mut bytes, &parsed, &new, partial);
        let _ = rewrite_src(&mut bytes, &parsed, &new, partial);
        let _ = rewrite_embedded(&mut bytes, &parsed, Side::Dst, &new);
    }
    let _ = decrement_ttl(&mut bytes, family);
}
