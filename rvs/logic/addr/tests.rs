// SPDX-License-Identifier: GPL-2.0

use super::*;
use std::{
    collections::HashSet,
    format,
    string::ToString, //
};

const DOC: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

fn v6(text: &str) -> Addr {
    let addr: Ipv6Addr = text.parse().expect("an IPv6 address");
    Addr::from_v6(addr.octets())
}

fn v4(text: &str) -> Addr {
    let addr: Ipv4Addr = text.parse().expect("an IPv4 address");
    Addr::from_v4(addr.octets())
}

#[test]
fn families_have_their_numbers() {
    assert_eq!(Family::from_af(2), Some(Family::Ipv4));
    assert_eq!(Family::from_af(10), Some(Family::Ipv6));
    assert_eq!(Family::from_af(0), None);
    for family in [Family::Ipv4, Family::Ipv6] {
        assert_eq!(Family::from_af(family.af()), Some(family));
        assert_eq!(u16::from(family as u8), family.af());
    }
}

#[test]
fn bytes_come_back() {
    assert_eq!(Addr::from_v6(DOC).bytes(), DOC);
    assert_eq!(Addr::from_v4([192, 0, 2, 7]).v4(), [192, 0, 2, 7]);
    let [head @ .., _, _, _, _, _, _, _, _, _, _, _, _] = Addr::from_v4([1, 2, 3, 4]).bytes();
    assert_eq!(head, [1, 2, 3, 4]);
    assert_eq!(
        Addr::from_v4([1, 2, 3, 4]).v4_word(),
        u32::from_ne_bytes([1, 2, 3, 4])
    );
}

#[test]
fn slices_may_be_longer_but_not_shorter() {
    let first = Addr::from_v4([0x20, 1, 0xd, 0xb8]);
    assert_eq!(Addr::from_slice(Family::Ipv4, &DOC), Some(first));
    assert_eq!(
        Addr::from_slice(Family::Ipv6, &DOC),
        Some(Addr::from_v6(DOC))
    );
    assert_eq!(Addr::from_slice(Family::Ipv6, &DOC[..15]), None);
    assert_eq!(Addr::from_slice(Family::Ipv4, &DOC[..3]), None);
}

#[test]
fn an_ipv4_address_is_zero_behind_its_bytes() {
    let mut seen = HashSet::new();
    assert!(seen.insert(Addr::from_v4([10, 0, 0, 1])));
    assert!(!seen.insert(Addr::from_slice(Family::Ipv4, &[10, 0, 0, 1, 9, 9]).expect("four")));
}

#[test]
fn kinds_of_ipv4_addresses() {
    let family = Family::Ipv4;
    assert!(v4("0.0.0.0").is_unspecified());
    assert!(!v4("0.0.0.1").is_unspecified());
    assert!(v4("224.0.0.1").is_multicast(family));
    assert!(v4("239.255.255.255").is_multicast(family));
    assert!(!v4("240.0.0.1").is_multicast(family));
    assert!(!v4("223.255.255.255").is_multicast(family));
    assert!(v4("255.255.255.255").is_broadcast(family));
    assert!(!v4("255.255.255.254").is_broadcast(family));
    assert!(v4("127.0.0.1").is_loopback(family));
    assert!(v4("127.255.0.9").is_loopback(family));
    assert!(!v4("128.0.0.1").is_loopback(family));
}

#[test]
fn kinds_of_ipv6_addresses() {
    let family = Family::Ipv6;
    assert!(v6("::").is_unspecified());
    assert!(!v6("::1").is_unspecified());
    assert!(v6("ff02::1").is_multicast(family));
    assert!(!v6("fe02::1").is_multicast(family));
    assert!(v6("fe80::1").is_link_local_v6());
    assert!(v6("febf::1").is_link_local_v6());
    assert!(!v6("fec0::1").is_link_local_v6());
    assert!(v6("::1").is_loopback(family));
    assert!(!v6("::2").is_loopback(family));
    assert!(!v6("1::1").is_loopback(family));
    assert!(!v6("ffff:ffff::").is_broadcast(family));
}

#[test]
fn prefixes_of_ipv4_addresses() {
    let addr = v4("203.0.113.255");
    let cases = [
        (0, "0.0.0.0"),
        (1, "128.0.0.0"),
        (24, "203.0.113.0"),
        (31, "203.0.113.254"),
        (32, "203.0.113.255"),
        (200, "203.0.113.255"),
    ];
    for (prefix, want) in cases {
        assert_eq!(addr.masked(Family::Ipv4, prefix), v4(want), "/{prefix}");
    }
}

#[test]
fn prefixes_of_ipv6_addresses() {
    let addr = v6("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
    let cases = [
        (0, "::"),
        (3, "2000::"),
        (48, "2001:db8:ffff::"),
        (64, "2001:db8:ffff:ffff::"),
        (65, "2001:db8:ffff:ffff:8000::"),
        (127, "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe"),
        (128, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        (255, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ];
    for (prefix, want) in cases {
        assert_eq!(addr.masked(Family::Ipv6, prefix), v6(want), "/{prefix}");
    }
}

/// RFC 5952 §4: no leading zeros, the longest run of zeros shortened (the first
/// of equals, never a single one), lower case.
#[test]
fn text_of_ipv6_is_rfc_5952() {
    let cases = [
        ("2001:0db8::0001", "2001:db8::1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8::A", "2001:db8::a"),
        ("::", "::"),
        ("::1", "::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ];
    for (given, want) in cases {
        assert_eq!(v6(given).display(Family::Ipv6).to_string(), want);
    }
}

#[test]
fn text_of_endpoints() {
    let four = Endpoint::new(v4("192.0.2.1"), 80);
    let six = Endpoint::new(v6("2001:db8::1"), 443);
    assert_eq!(four.display(Family::Ipv4).to_string(), "192.0.2.1:80");
    assert_eq!(six.display(Family::Ipv6).to_string(), "[2001:db8::1]:443");
    assert_eq!(format!("{:?}", four.addr), "192.0.2.1");
    assert_eq!(format!("{:?}", six.addr), "2001:db8::1");
    assert_eq!(
        format!("{:>9}|", four.addr.display(Family::Ipv4)),
        "192.0.2.1|"
    );
    assert_eq!(
        format!("{:<11}|", four.addr.display(Family::Ipv4)),
        "192.0.2.1  |"
    );
}

#[test]
fn protocols_have_ports_and_names() {
    for protocol in [Protocol::TCP, Protocol::UDP, Protocol::SCTP] {
        assert!(protocol.has_ports());
    }
    assert!(!Protocol::ICMP.has_ports());
    assert_eq!(format!("{:<4}|", Protocol::TCP), "TCP |");
    assert_eq!(Protocol(99).to_string(), "99");
}

#[test]
fn reversing_twice_is_nothing() {
    let tuple = Tuple {
        family: Family::Ipv4,
        protocol: Protocol::UDP,
        src: Endpoint::new(v4("192.0.2.1"), 1),
        dst: Endpoint::new(v4("192.0.2.2"), 2),
    };
    assert_eq!(tuple.reversed().src, tuple.dst);
    assert_eq!(tuple.reversed().reversed(), tuple);
}
