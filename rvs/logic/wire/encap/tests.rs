// SPDX-License-Identifier: GPL-2.0

use super::{
    super::{
        decap::{
            self,
            Encapsulation, //
        },
        network, //
    },
    *,
};
use std::vec::Vec;

/// DSCP 46, ECN CE; "don't fragment"; 63 hops left; 60 bytes, from 10.0.0.2 to 10.0.0.100.
const V4: [u8; 20] = [
    0x45, 0xbb, 0, 60, 0x12, 0x34, 0x40, 0, 63, 6, 0xff, 0xff, 10, 0, 0, 2, 10, 0, 0, 100,
];
/// Traffic class 0xba, a flow label, 62 hops left; 80 bytes.
const V6: [u8; 40] = [
    0x6b, 0xa1, 0x23, 0x45, 0, 40, 6, 62, 0x20, 1, 0xd, 0xb8, 0, 0xa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
    0x20, 1, 0xd, 0xb8, 0, 0xa, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0,
];
const V6_SRC: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0xb, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const V6_DST: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0xb, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11];

const CSUM: u8 = 1;
const REMCSUM: u8 = 2;

fn values(outer: Family) -> Values {
    let (src, dst) = match outer {
        Family::Ipv4 => (
            Addr::from_v4([192, 168, 0, 1]),
            Addr::from_v4([192, 168, 0, 11]),
        ),
        Family::Ipv6 => (Addr::from_v6(V6_SRC), Addr::from_v6(V6_DST)),
    };
    Values {
        src,
        dst,
        src_port: 0x8765,
        dst_port: 0x17c0,
        keep_df: true,
        csum_start: 20,
        csum_offset: 16,
    }
}

/// The headers of a tunnel of this kind before one of the packets above.
fn made(outer: Family, inner: Family, kind: TunType, flags: u8, partial: bool) -> Vec<u8> {
    let shape = Shape::new(outer, inner, kind, flags, partial);
    let headers = match inner {
        Family::Ipv4 => Headers::new(&shape, &values(outer), &V4, 60),
        Family::Ipv6 => Headers::new(&shape, &values(outer), &V6, 80),
    };
    let bytes = headers.unwrap().bytes().to_vec();
    assert_eq!(bytes.len(), shape.headers_len());
    bytes
}

#[test]
fn ipv4_in_ipv4() {
    let wanted = [
        0x45, 0xba, 0, 80, 0, 0, 0x40, 0, 63, 4, 0, 0, 192, 168, 0, 1, 192, 168, 0, 11,
    ];
    let got = made(Family::Ipv4, Family::Ipv4, TunType::Ipip, 0, false);
    assert_eq!(got, wanted);
    // There is nothing in it that could have a checksum.
    let got = made(Family::Ipv4, Family::Ipv4, TunType::Ipip, CSUM, true);
    assert_eq!(got, wanted);
}

#[test]
fn ipv6_in_ipv4_may_be_split() {
    let wanted = [
        0x45, 0xba, 0, 100, 0, 0, 0, 0, 62, 41, 0, 0, 192, 168, 0, 1, 192, 168, 0, 11,
    ];
    let got = made(Family::Ipv4, Family::Ipv6, TunType::Ipip, 0, false);
    assert_eq!(got, wanted);
}

#[test]
fn in_ipv6() {
    let mut wanted = [0x6b, 0xa0, 0, 0, 0, 60, 4, 63].to_vec();
    wanted.extend(V6_SRC);
    wanted.extend(V6_DST);
    let got = made(Family::Ipv6, Family::Ipv4, TunType::Ipip, 0, false);
    assert_eq!(got, wanted);
    wanted[..8].copy_from_slice(&[0x6b, 0xa0, 0, 0, 0, 80, 41, 62]);
    let got = made(Family::Ipv6, Family::Ipv6, TunType::Ipip, 0, false);
    assert_eq!(got, wanted);
}

#[test]
fn gre() {
    let got = made(Family::Ipv4, Family::Ipv4, TunType::Gre, 0, false);
    assert_eq!(got[2..4], [0, 84]);
    assert_eq!(got[9], 47);
    assert_eq!(got[20..], [0, 0, 8, 0]);
    let got = made(Family::Ipv6, Family::Ipv6, TunType::Gre, CSUM, false);
    assert_eq!(got[4..7], [0, 88, 47]);
    assert_eq!(got[40..], [0x80, 0, 0x86, 0xdd, 0, 0, 0, 0]);
}

#[test]
fn gue() {
    let got = made(Family::Ipv4, Family::Ipv4, TunType::Gue, 0, true);
    assert_eq!(got[2..4], [0, 92]);
    assert_eq!(got[9], 17);
    assert_eq!(got[20..], [0x87, 0x65, 0x17, 0xc0, 0, 72, 0, 0, 0, 4, 0, 0]);
    // The flag about the checksum changes no length.
    assert_eq!(
        made(Family::Ipv4, Family::Ipv4, TunType::Gue, CSUM, true),
        got
    );
    let got = made(Family::Ipv6, Family::Ipv6, TunType::Gue, 0, false);
    assert_eq!(got[4..7], [0, 92, 17]);
    assert_eq!(
        got[40..],
        [0x87, 0x65, 0x17, 0xc0, 0, 92, 0, 0, 0, 41, 0, 0]
    );
}

#[test]
fn gue_with_remote_checksum() {
    let got = made(Family::Ipv4, Family::Ipv4, TunType::Gue, REMCSUM, true);
    assert_eq!(got[2..4], [0, 100]);
    assert_eq!(got[24..28], [0, 80, 0, 0]);
    assert_eq!(got[28..], [2, 4, 0, 1, 0x80, 0, 0, 0, 0, 20, 0, 36]);
    // A packet whose checksum is complete needs none.
    let shape = Shape::new(Family::Ipv4, Family::Ipv4, TunType::Gue, REMCSUM, false);
    assert!(shape.csum && !shape.remcsum);
    assert_eq!(shape.headers_len(), 32);
    assert_eq!(shape.longest().headers_len(), 40);
}

/// IPVS behaviour: 20 bytes for ipip, 24 and 28 for gre, 32 and 40 for gue.
#[test]
fn overheads() {
    let len = |kind, flags| Shape::new(Family::Ipv4, Family::Ipv4, kind, flags, true).headers_len();
    assert_eq!(len(TunType::Ipip, 0), 20);
    assert_eq!(len(TunType::Gre, 0), 24);
    assert_eq!(len(TunType::Gre, CSUM), 28);
    assert_eq!(len(TunType::Gue, 0), 32);
    assert_eq!(len(TunType::Gue, CSUM), 32);
    assert_eq!(len(TunType::Gue, REMCSUM), 40);
    let shape = Shape::new(Family::Ipv6, Family::Ipv6, TunType::Gue, REMCSUM, true);
    assert_eq!(shape.headers_len(), MAX_LEN);
}

#[test]
fn congestion_is_reported_once() {
    for (inner, outer) in [(0xb8, 0xb8), (0xb9, 0xb9), (0xba, 0xba), (0xbb, 0xba)] {
        let mut packet = V4;
        packet[1] = inner;
        let shape = Shape::new(Family::Ipv4, Family::Ipv4, TunType::Ipip, 0, false);
        let headers = Headers::new(&shape, &values(Family::Ipv4), &packet, 60).unwrap();
        assert_eq!(headers.bytes()[1], outer);
    }
}

#[test]
fn splitting_is_forbidden_only_if_asked() {
    let shape = Shape::new(Family::Ipv4, Family::Ipv4, TunType::Ipip, 0, false);
    let mut free = values(Family::Ipv4);
    free.keep_df = false;
    let headers = Headers::new(&shape, &free, &V4, 60).unwrap();
    assert_eq!(headers.bytes()[6..8], [0, 0]);
    let mut packet = V4;
    packet[6] = 0;
    let headers = Headers::new(&shape, &values(Family::Ipv4), &packet, 60).unwrap();
    assert_eq!(headers.bytes()[6..8], [0, 0]);
}

#[test]
fn what_is_too_long_has_no_length() {
    let shape = Shape::new(Family::Ipv4, Family::Ipv4, TunType::Gue, 0, false);
    let headers = Headers::new(&shape, &values(Family::Ipv4), &V4, 65504).unwrap();
    assert_eq!(headers.bytes()[2..4], [0, 0]);
    assert_eq!(headers.bytes()[24..26], [0xff, 0xec]);
    let headers = Headers::new(&shape, &values(Family::Ipv4), &V4, u32::MAX).unwrap();
    assert_eq!(headers.bytes()[24..26], [0, 0]);
    assert_eq!(
        Headers::new(&shape, &values(Family::Ipv4), &V4[..19], 60),
        None
    );
}

/// Everything that is written can be read back.
#[test]
fn reads_back() {
    let families = [Family::Ipv4, Family::Ipv6];
    for (outer, inner) in families.iter().flat_map(|o| families.map(|i| (*o, i))) {
        for (kind, flags, partial) in [
            (TunType::Ipip, 0, false),
            (TunType::Gre, 0, false),
            (TunType::Gre, CSUM, false),
            (TunType::Gue, 0, false),
            (TunType::Gue, REMCSUM, true),
        ] {
            let mut bytes = made(outer, inner, kind, flags, partial);
            let len = bytes.len();
            match inner {
                Family::Ipv4 => bytes.extend(V4),
                Family::Ipv6 => bytes.extend(V6),
            }
            let header = network(outer, &bytes).unwrap();
            let found = decap::parse(&header, &bytes).unwrap();
            assert_eq!(found.offset, len);
            assert_eq!(found.family, inner);
            let wanted = match kind {
                TunType::Ipip => Encapsulation::Ipip,
                TunType::Gre => Encapsulation::Gre,
                TunType::Gue => Encapsulation::Gue { port: 0x17c0 },
            };
            assert_eq!(found.encapsulation, wanted);
        }
    }
}
