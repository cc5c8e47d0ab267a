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
        let _ = decap::parse(&header, packet);
        error(&header, packet, partial);
    }
    let quoted = network(family, packet).and_then(|header| parse_embedded(&header, packet));
    for parsed in [parse(family, packet), quoted] {
        let Ok(parsed) = parsed else { continue };
        let new = Endpoint::new(parsed.tuple.src.addr, parsed.tuple.dst.port ^ 1);
        let _ = rewrite_dst(&mut bytes, &parsed, &new, partial);
        let _ = rewrite_src(&mut bytes, &parsed, &new, partial);
        let _ = rewrite_embedded(&mut bytes, &parsed, Side::Dst, &new);
    }
    let _ = decrement_ttl(&mut bytes, family);
}

/// The same for an ICMP error and the packet that it quotes.
fn error(header: &Network, packet: &[u8], partial: bool) {
    let Ok(message) = icmp::parse(header, packet) else {
        return;
    };
    let _ = icmp::quoted(header, &message, packet, decap::parse);
    match icmp::quoted_flow(header, &message, packet) {
        Err(ParseError::NeedMore(want)) => {
            assert!(want > packet.len(), "asks for bytes that it has");
        }
        Err(_) => {}
        Ok(quoted) => {
            let len = icmp::rewrite_len(&message, &quoted, packet.len());
            let mut bytes = packet[..len].to_vec();
            let new = quoted.tuple.src;
            let _ = icmp::rewrite(
                &mut bytes,
                header,
                &message,
                &quoted,
                Side::Src,
                &new,
                partial,
            );
        }
    }
}
