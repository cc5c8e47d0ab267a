// SPDX-License-Identifier: GPL-2.0

use super::*;
use std::vec::Vec;

/// 192.0.2.1:40000 to 198.51.100.7:80, SYN; the checksums are not filled in.
const TCP_V4: [u8; 40] = [
    0x45, 0, 0, 40, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7, // IP
    0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xfa, 0xf0, 0, 0, 0, 0, // TCP
];

/// 2001:db8::1 port 5353 to 2001:db8::2 port 53, UDP without payload.
fn udp_v6() -> Vec<u8> {
    let mut bytes = Vec::from([0x60, 0, 0, 0, 0, 8, 17, 63]);
    for last in [1, 2] {
        bytes.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    bytes.extend([0x14, 0xe9, 0, 53, 0, 8, 0xab, 0xcd]);
    bytes
}

/// Puts an extension header in front of what follows the fixed header.
fn extend(bytes: &mut Vec<u8>, kind: u8, header: &[u8]) {
    let mut header = header.to_vec();
    header[0] = bytes[6];
    bytes[6] = kind;
    bytes.splice(40..40, header);
    let len = u16::try_from(bytes.len() - 40).expect("short");
    bytes[4..6].copy_from_slice(&len.to_be_bytes());
}

fn endpoint_v4(bytes: [u8; 4], port: u16) -> Endpoint {
    Endpoint::new(Addr::from_v4(bytes), port)
}

#[test]
fn ipv4_with_tcp() {
    let packet = parse(Family::Ipv4, &TCP_V4).expect("a good packet");
    let want = Packet {
        tuple: Tuple {
            family: Family::Ipv4,
            protocol: Protocol::TCP,
            src: endpoint_v4([192, 0, 2, 1], 40000),
            dst: endpoint_v4([198, 51, 100, 7], 80),
        },
        l4_offset: 20,
        total_len: 40,
        tcp: TcpFlags::SYN,
        sctp: Event::None,
        ttl: 64,
        dont_fragment: true,
    };
    assert_eq!(packet, want);
}

#[test]
fn ipv6_with_udp() {
    let packet = parse(Family::Ipv6, &udp_v6()).expect("a good packet");
    assert_eq!(packet.tuple.protocol, Protocol::UDP);
    assert_eq!((packet.tuple.src.port, packet.tuple.dst.port), (5353, 53));
    assert_eq!(packet.tuple.src.addr.bytes()[15], 1);
    assert_eq!(packet.tuple.dst.addr.bytes()[15], 2);
    assert_eq!((packet.l4_offset, packet.total_len), (40, 48));
    assert_eq!((packet.ttl, packet.dont_fragment), (63, true));
    assert_eq!(packet.tcp, TcpFlags::default());
}

#[test]
fn ipv4_options_move_the_transport_header() {
    let mut bytes = TCP_V4.to_vec();
    bytes[0] = 0x46;
    bytes[3] = 44;
    bytes.splice(20..20, [1, 1, 1, 0]);
    let packet = parse(Family::Ipv4, &bytes).expect("a good packet");
    assert_eq!(packet.l4_offset, 24);
    assert_eq!(packet.tuple.dst.port, 80);
}

#[test]
fn truncation_asks_for_exactly_what_is_missing() {
    let need = |family, bytes: &[u8]| parse(family, bytes).expect_err("too short");
    for (len, want) in [(0, 20), (19, 20), (20, 40), (39, 40)] {
        let bytes = &TCP_V4[..len];
        assert_eq!(need(Family::Ipv4, bytes), ParseError::NeedMore(want));
    }
    assert!(parse(Family::Ipv4, &TCP_V4[..40]).is_ok());
    for (len, want) in [(0, 40), (39, 40), (40, 48), (47, 48)] {
        let bytes = &udp_v6()[..len];
        assert_eq!(need(Family::Ipv6, bytes), ParseError::NeedMore(want));
    }
    let mut options = TCP_V4;
    options[0] = 0x4f;
    options[3] = 80;
    let bytes = &options[..30];
    assert_eq!(need(Family::Ipv4, bytes), ParseError::NeedMore(60));
}

#[test]
fn contradictions_in_an_ipv4_header() {
    let cases: [(usize, u8); 5] = [(0, 0x55), (0, 0x44), (0, 0x40), (3, 19), (3, 33)];
    for (offset, value) in cases {
        let mut bytes = TCP_V4;
        bytes[offset] = value;
        let got = parse(Family::Ipv4, &bytes);
        assert_eq!(got, Err(ParseError::Malformed), "{offset}: {value:#x}");
    }
}

#[test]
fn contradictions_in_an_ipv6_header() {
    let mut version = udp_v6();
    version[0] = 0x40;
    assert_eq!(parse(Family::Ipv6, &version), Err(ParseError::Malformed));
    let mut short = udp_v6();
    short[5] = 7;
    assert_eq!(parse(Family::Ipv6, &short), Err(ParseError::Malformed));
}

#[test]
fn a_length_of_zero_is_left_to_the_caller() {
    let mut four = TCP_V4;
    four[3] = 0;
    let packet = parse(Family::Ipv4, &four).expect("a large packet");
    assert_eq!(packet.total_len, 0);
    let mut six = udp_v6();
    six[5] = 0;
    let packet = parse(Family::Ipv6, &six).expect("a large packet");
    assert_eq!(packet.total_len, 0);
}

#[test]
fn protocols_without_ports_are_not_handled() {
    let mut bytes = TCP_V4;
    for protocol in [Protocol::ICMP, Protocol::ESP, Protocol::GRE] {
        bytes[9] = protocol.0;
        let got = parse(Family::Ipv4, &bytes);
        assert_eq!(got, Err(ParseError::NotHandled));
        let header = network(Family::Ipv4, &bytes).expect("a good header");
        assert_eq!(header.protocol, protocol);
    }
}

#[test]
fn ipv4_fragments() {
    let cases = [
        ([0x20, 0], Fragment::First, false),
        ([0x20, 5], Fragment::Later, false),
        ([0x00, 5], Fragment::Later, false),
        ([0x40, 0], Fragment::None, true),
        ([0x80, 0], Fragment::None, false),
    ];
    for (field, fragment, dont_fragment) in cases {
        let mut bytes = TCP_V4;
        bytes[6..8].copy_from_slice(&field);
        let header = network(Family::Ipv4, &bytes).expect("a good header");
        assert_eq!(header.fragment, fragment, "{field:?}");
        assert_eq!(header.dont_fragment, dont_fragment, "{field:?}");
        check_fragment(&header, &bytes, 80);
    }
}

/// Only whole packets are read; of a quoted first fragment the ports are.
fn check_fragment(header: &Network, bytes: &[u8], port: u16) {
    let whole = parse(header.family, bytes).map(|packet| packet.tuple.dst.port);
    let quoted = parse_embedded(header, bytes).map(|packet| packet.tuple.dst.port);
    let (want_whole, want_quoted) = match header.fragment {
        Fragment::None => (Ok(port), Ok(port)),
        Fragment::First => (Err(ParseError::Fragment), Ok(port)),
        Fragment::Later => (Err(ParseError::Fragment), Err(ParseError::Fragment)),
    };
    assert_eq!((whole, quoted), (want_whole, want_quoted));
}

#[test]
fn ipv6_extension_headers_are_walked() {
    let mut bytes = udp_v6();
    extend(&mut bytes, 60, &[0, 1, 0, 0, 0, 0, 0, 0].repeat(2));
    extend(&mut bytes, 43, &[0; 8]);
    extend(&mut bytes, 0, &[0; 8]);
    let packet = parse(Family::Ipv6, &bytes).expect("a good packet");
    assert_eq!(packet.l4_offset, 40 + 16 + 8 + 8);
    assert_eq!(packet.tuple.protocol, Protocol::UDP);
    assert_eq!(packet.tuple.dst.port, 53);
    assert_eq!(
        parse(Family::Ipv6, &bytes[..50]),
        Err(ParseError::NeedMore(56))
    );
}

#[test]
fn ipv6_fragments() {
    let cases = [
        ([0, 0], Fragment::None),
        ([0, 1], Fragment::First),
        ([0, 9], Fragment::Later),
        ([0, 8], Fragment::Later),
    ];
    for ([high, low], fragment) in cases {
        let mut bytes = udp_v6();
        extend(&mut bytes, 44, &[0, 0, high, low, 0, 0, 0, 1]);
        let header = network(Family::Ipv6, &bytes).expect("a good header");
        assert_eq!(header.fragment, fragment);
        check_fragment(&header, &bytes, 53);
    }
}

/// What stands behind an authentication header must not be changed, so it is not looked at.
#[test]
fn an_authentication_header_is_a_protocol() {
    let mut bytes = udp_v6();
    extend(&mut bytes, 51, &[0, 4, 0, 0, 0, 0, 0, 0].repeat(3));
    assert_eq!(parse(Family::Ipv6, &bytes), Err(ParseError::NotHandled));
    let header = network(Family::Ipv6, &bytes).expect("a good header");
    assert_eq!((header.protocol, header.l4_offset), (Protocol::AH, 40));
}

#[test]
fn ipsec_belongs_to_the_isakmp_flow() {
    let mut bytes = TCP_V4;
    for protocol in [Protocol::AH, Protocol::ESP] {
        bytes[9] = protocol.0;
        let header = network(Family::Ipv4, &bytes).expect("a good header");
        let packet = Packet::without_ports(&header);
        assert_eq!(packet.tuple.protocol, protocol);
        assert_eq!(parse_embedded(&header, &bytes), Ok(packet));
        assert_eq!(header_len(&packet), 20);
        let flow = flow(&packet.tuple);
        assert_eq!(flow.protocol, Protocol::UDP);
        assert_eq!(flow.src, endpoint_v4([192, 0, 2, 1], 500));
        assert_eq!(flow.dst, endpoint_v4([198, 51, 100, 7], 500));
        let new = endpoint_v4([10, 0, 0, 1], 500);
        let mut changed = bytes;
        assert_eq!(rewrite_dst(&mut changed, &packet, &new, false), Ok(()));
        assert_eq!(changed[16..20], [10, 0, 0, 1]);
        assert_eq!(changed[20..], bytes[20..]);
    }
    let tcp = parse(Family::Ipv4, &TCP_V4).expect("a good packet").tuple;
    assert_eq!(flow(&tcp), tcp);
}

#[test]
fn too_many_extension_headers_are_refused() {
    let mut bytes = udp_v6();
    for _ in 0..ipv6::MAX_EXTENSIONS {
        extend(&mut bytes, 60, &[0; 8]);
    }
    assert!(parse(Family::Ipv6, &bytes).is_ok());
    extend(&mut bytes, 60, &[0; 8]);
    assert_eq!(parse(Family::Ipv6, &bytes), Err(ParseError::Malformed));
}

#[test]
fn an_extension_header_must_fit_into_the_packet() {
    let mut bytes = udp_v6();
    extend(&mut bytes, 60, &[0; 8]);
    bytes[41] = 200;
    assert_eq!(parse(Family::Ipv6, &bytes), Err(ParseError::Malformed));
}

#[test]
fn an_icmp_error_quotes_a_packet() {
    let mut bytes = TCP_V4[..20].to_vec();
    bytes[9] = Protocol::ICMP.0;
    bytes[3] = 56;
    bytes.extend([3, 3, 0, 0, 0, 0, 0, 0]);
    bytes.extend(&TCP_V4[..28]);
    let header = network(Family::Ipv4, &bytes).expect("a good header");
    let message = icmp::parse(&header, &bytes).expect("a good message");
    assert_eq!((message.kind, message.code), (3, 3));
    assert!(icmp::is_error(Family::Ipv4, message.kind));
    assert_eq!(message.path_mtu(Family::Ipv4), None);
    let packet = icmp::quoted_flow(&header, &message, &bytes).expect("a good quotation");
    assert_eq!(packet.tuple.dst, endpoint_v4([198, 51, 100, 7], 80));
    assert_eq!(packet.tcp, TcpFlags::default());
    assert_eq!(
        icmp::parse(&header, &bytes[..27]),
        Err(ParseError::NeedMore(28))
    );
}

#[test]
fn a_quotation_asks_for_what_it_lacks() {
    let mut bytes = TCP_V4[..20].to_vec();
    bytes[9] = Protocol::ICMP.0;
    bytes[3] = 52;
    bytes.extend([3, 4, 0, 0, 0, 0, 0x05, 0x78]);
    bytes.extend(&TCP_V4[..24]);
    let header = network(Family::Ipv4, &bytes).expect("a good header");
    let message = icmp::parse(&header, &bytes).expect("a good message");
    assert_eq!(message.path_mtu(Family::Ipv4), Some(1400));
    let read = |bytes: &[u8]| icmp::quoted_flow(&header, &message, bytes).map(|_| ());
    assert_eq!(read(&bytes[..27]), Err(ParseError::NeedMore(28)));
    assert_eq!(read(&bytes[..28]), Err(ParseError::NeedMore(48)));
    assert_eq!(read(&bytes[..48]), Err(ParseError::NeedMore(52)));
    assert_eq!(read(&bytes), Ok(()));
    // A message that ends before the ports.
    let header = Network {
        total_len: 51,
        ..header
    };
    let read = icmp::quoted_flow(&header, &message, &bytes[..51]);
    assert_eq!(read, Err(ParseError::Malformed));
}

#[test]
fn tunnels_are_unpacked() {
    use decap::{
        Encapsulation,
        Inner, //
    };
    let gue = Encapsulation::Gue { port: 6080 };
    // The protocol, what follows the outer header, and what it packs.
    type Row = (
        u8,
        &'static [u8],
        Option<(Encapsulation, Family, usize)>, //
    );
    let rows: [Row; 12] = [
        (4, &[], Some((Encapsulation::Ipip, Family::Ipv4, 20))),
        (41, &[], Some((Encapsulation::Ipip, Family::Ipv6, 20))),
        (6, &[], None),
        (
            47,
            &[0, 0, 8, 0],
            Some((Encapsulation::Gre, Family::Ipv4, 24)),
        ),
        (
            47,
            &[0x80, 0, 0x86, 0xdd],
            Some((Encapsulation::Gre, Family::Ipv6, 28)),
        ),
        (47, &[0x20, 0, 8, 0], None),
        (47, &[0, 1, 8, 0], None),
        (47, &[0, 0, 0x65, 0x58], None),
        (
            17,
            &[0x80, 1, 0x17, 0xc0, 0, 20, 0, 0, 0, 4, 0, 0],
            Some((gue, Family::Ipv4, 32)),
        ),
        (
            17,
            &[0x80, 1, 0x17, 0xc0, 0, 20, 0, 0, 2, 41, 0, 0],
            Some((gue, Family::Ipv6, 40)),
        ),
        (17, &[0x80, 1, 0x17, 0xc0, 0, 20, 0, 0, 0x20, 4, 0, 0], None),
        (17, &[0x80, 1, 0x17, 0xc0, 0, 20, 0, 0, 0x40, 4, 0, 0], None),
    ];
    for (protocol, behind, want) in rows {
        let mut bytes = TCP_V4[..20].to_vec();
        bytes[9] = protocol;
        bytes.extend(behind);
        let header = network(Family::Ipv4, &bytes).expect("a good header");
        let want = want.map_or(
            Err(ParseError::NotHandled),
            |(encapsulation, family, offset)| {
                Ok(Inner {
                    encapsulation,
                    family,
                    offset,
                })
            },
        );
        assert_eq!(decap::parse(&header, &bytes), want, "{protocol} {behind:?}");
    }
}

#[test]
fn an_error_about_a_tunnel_is_told_to_the_sender() {
    use icmp::{
        Icmp,
        Told, //
    };
    let (v4, v6) = (Family::Ipv4, Family::Ipv6);
    // Family and error, the family inside, and what is told of a tunnel that adds 20 bytes.
    let rows = [
        (v4, (3, 4, 0xdead_0578), v4, (3, 4, 1380)),
        (v4, (3, 4, 60), v4, (3, 4, 68)),
        (v4, (3, 4, 1400), v6, (2, 0, 1380)),
        (v4, (3, 4, 1290), v6, (2, 0, 1280)),
        (v6, (2, 0, 1500), v6, (2, 0, 1480)),
        (v6, (2, 0, 1500), v4, (3, 4, 1480)),
        (v4, (3, 1, 7), v4, (3, 1, 7)),
        (v4, (11, 0, 0), v4, (11, 0, 0)),
        (v4, (11, 0, 0), v6, (3, 0, 0)),
        (v4, (3, 13, 0), v6, (1, 3, 0)),
        (v6, (1, 0, 0), v6, (1, 0, 0)),
        (v6, (1, 0, 0), v4, (3, 1, 0)),
        (v6, (3, 0, 0), v4, (11, 0, 0)),
    ];
    for (family, (kind, code, info), inner, (told_kind, told_code, told_info)) in rows {
        let message = Icmp {
            kind,
            code,
            info,
            embedded_offset: 28,
        };
        let want = Told {
            kind: told_kind,
            code: told_code,
            info: told_info,
        };
        let told = message.through_tunnel(family, inner, 20);
        assert_eq!(told, want, "{family:?} {kind} {code} {inner:?}");
    }
}

#[test]
fn which_icmp_types_are_errors() {
    for (kind, error) in [
        (0, false),
        (3, true),
        (4, true),
        (5, false),
        (8, false),
        (11, true),
        (12, false),
    ] {
        assert_eq!(icmp::is_error(Family::Ipv4, kind), error, "{kind}");
    }
    for (kind, error) in [
        (1, true),
        (2, true),
        (127, true),
        (128, false),
        (135, false),
    ] {
        assert_eq!(icmp::is_error(Family::Ipv6, kind), error, "{kind}");
    }
    let six = network(Family::Ipv6, &udp_v6()).expect("a good header");
    assert_eq!(icmp::parse(&six, &udp_v6()), Err(ParseError::NotHandled));
}

#[test]
fn hops_run_out() {
    let mut four = TCP_V4;
    four[8] = 2;
    let sum = csum_of(&four);
    four[10..12].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(decrement_ttl(&mut four, Family::Ipv4), Some(()));
    assert_eq!(
        (four[8], csum_of(&four).to_be_bytes()),
        (1, [four[10], four[11]])
    );
    let before = four;
    assert_eq!(decrement_ttl(&mut four, Family::Ipv4), None);
    assert_eq!(four, before);
    let mut six = udp_v6();
    assert_eq!(decrement_ttl(&mut six, Family::Ipv6), Some(()));
    assert_eq!(six[7], 62);
    six[7] = 0;
    assert_eq!(decrement_ttl(&mut six, Family::Ipv6), None);
    assert_eq!(decrement_ttl(&mut six[..39], Family::Ipv6), None);
    assert_eq!(decrement_ttl(&mut four[..19], Family::Ipv4), None);
}

fn csum_of(packet: &[u8]) -> u16 {
    super::super::csum::ipv4_header(&packet[..20]).expect("a whole header")
}

#[test]
fn a_rewrite_that_lacks_bytes_changes_nothing() {
    let packet = parse(Family::Ipv4, &TCP_V4).expect("a good packet");
    let new = endpoint_v4([10, 0, 0, 1], 8080);
    let mut bytes = TCP_V4;
    let got = rewrite_dst(&mut bytes[..37], &packet, &new, false);
    assert_eq!(got, Err(ParseError::NeedMore(38)));
    assert_eq!(bytes, TCP_V4);
    assert_eq!(rewrite_src(&mut bytes[..38], &packet, &new, true), Ok(()));
    assert_eq!(bytes[12..16], [10, 0, 0, 1]);
    assert_eq!(bytes[20..22], 8080u16.to_be_bytes());
}

/// 192.0.2.1:40000 to 198.51.100.7:80, SCTP with these chunks.
fn sctp_v4(chunks: &[u8]) -> Vec<u8> {
    let mut bytes = TCP_V4[..24].to_vec();
    bytes[9] = Protocol::SCTP.0;
    bytes.extend([0, 0, 0, 1, 0, 0, 0, 0]);
    bytes.extend(chunks);
    bytes[3] = u8::try_from(bytes.len()).expect("short");
    bytes
}

#[test]
fn the_chunks_of_sctp_are_an_event() {
    let rows: [(&[u8], Event); 14] = [
        (&[], Event::None),
        (&[1, 0, 0], Event::None),
        (&[0, 3, 0, 4], Event::Data),
        (&[1, 0, 0, 4], Event::Init),
        (&[2, 0, 0, 4], Event::InitAck),
        (&[3, 0, 0, 4], Event::Data),
        (&[7, 0, 0, 8], Event::Shutdown),
        (&[8, 0, 0, 4], Event::ShutdownAck),
        (&[9, 0, 0, 4, 6, 0, 0, 4], Event::Error),
        (&[14, 0, 0, 4], Event::ShutdownComplete),
        (&[200, 0, 0, 4], Event::Data),
        // The length of the cookie is 5, and 3 bytes of padding follow.
        (&[10, 0, 0, 5, 9, 0, 0, 0, 6, 0, 0, 4], Event::Abort),
        (&[11, 0, 0, 4, 6, 0, 0, 4], Event::Abort),
        // A length that cannot be: what follows is not looked at.
        (&[11, 0, 0, 3, 6, 0, 0, 4], Event::CookieAck),
    ];
    for (chunks, event) in rows {
        let bytes = sctp_v4(chunks);
        let packet = parse(Family::Ipv4, &bytes).expect("a good packet");
        assert_eq!(packet.sctp, event, "{chunks:?}");
        assert_eq!((packet.tuple.src.port, packet.tuple.dst.port), (40000, 80));
    }
}

#[test]
fn chunks_are_pulled_in_as_far_as_they_count() {
    let mut cookie = [0; 64];
    cookie[..4].copy_from_slice(&[10, 0, 0, 58]);
    cookie[60..].copy_from_slice(&[6, 0, 0, 4]);
    let bytes = sctp_v4(&cookie);
    let need = |len: usize| match parse(Family::Ipv4, &bytes[..len]) {
        Err(ParseError::NeedMore(more)) => more,
        other => panic!("{other:?}"),
    };
    assert_eq!((need(20), need(32), need(36)), (32, 36, 96));
    let packet = parse(Family::Ipv4, &bytes).expect("a good packet");
    assert_eq!(packet.sctp, Event::Abort);
    // Where the packet ends before a second chunk there is none.
    let packet = parse(Family::Ipv4, &sctp_v4(&cookie[..60])).expect("a good packet");
    assert_eq!(packet.sctp, Event::CookieEcho);
}
