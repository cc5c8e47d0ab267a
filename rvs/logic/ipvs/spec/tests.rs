// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::logic::nla::Writer;
use std::{
    vec,
    vec::Vec, //
};

fn nest(fill: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = vec![0; 512];
    let mut writer = Writer::new(&mut bytes);
    fill(&mut writer);
    let len = writer.len();
    bytes.truncate(len);
    bytes
}

fn as_attr(payload: &[u8]) -> Option<Attr<'_>> {
    Some(Attr {
        kind: 1,
        nested: false,
        payload,
    })
}

fn user(flags: u32, mask: u32, timeout: u32, netmask: [u8; 4]) -> ServiceUser<'static> {
    ServiceUser {
        scheduler: b"rr",
        engine: b"",
        flags: [flags, mask],
        timeout,
        netmask,
    }
}

#[test]
fn keys_of_services() {
    let v4 = nest(|to| {
        to.put_u16(service::AF, 2).unwrap();
        to.put_u16(service::PROTOCOL, 17).unwrap();
        to.put(service::ADDR, &[10, 0, 0, 1]).unwrap();
        to.put_u16_be(service::PORT, 53).unwrap();
    });
    let key = ServiceAttrs::new(as_attr(&v4)).unwrap().key();
    let end = Endpoint::new(Addr::from_v4([10, 0, 0, 1]), 53);
    assert_eq!(key, Ok(Key::Address(Family::Ipv4, 17, end)));
    let mark = nest(|to| {
        to.put_u16(service::AF, 10).unwrap();
        to.put_u32(service::FWMARK, 7).unwrap();
    });
    let key = ServiceAttrs::new(as_attr(&mark)).unwrap().key();
    assert_eq!(key, Ok(Key::Mark(Family::Ipv6, 7)));
    let zero = nest(|to| {
        to.put_u16(service::AF, 2).unwrap();
        to.put_u32(service::FWMARK, 0).unwrap();
    });
    let key = ServiceAttrs::new(as_attr(&zero)).unwrap().key();
    let end = Endpoint::new(Addr::from_v4([0; 4]), 0);
    assert_eq!(key, Ok(Key::Address(Family::Ipv4, 6, end)));
    let foreign = nest(|to| {
        to.put_u16(service::AF, 3).unwrap();
        to.put_u32(service::FWMARK, 1).unwrap();
    });
    let key = ServiceAttrs::new(as_attr(&foreign)).unwrap().key();
    assert_eq!(key, Err(Refused::Family));
    let short = nest(|to| to.put_u16(service::AF, 2).unwrap());
    let key = ServiceAttrs::new(as_attr(&short)).unwrap().key();
    assert_eq!(key, Err(Refused::Invalid));
    assert!(ServiceAttrs::new(None).is_err());
}

#[test]
fn flags_of_services() {
    let all = [255; 4];
    let wish = user(0x1d, 0x1d, 300, all).wish(Family::Ipv4, 0).unwrap();
    assert_eq!((wish.sched_flags, wish.one_packet), (3, true));
    assert_eq!(wish.flags(), 0x1f);
    // Outside of the mask the old ones stay, and for a new service there are none.
    assert_eq!(
        user(0x1d, 0, 300, all)
            .wish(Family::Ipv4, 0)
            .unwrap()
            .flags(),
        2
    );
    assert_eq!(
        user(0, 0, 300, all)
            .wish(Family::Ipv4, 0x15)
            .unwrap()
            .flags(),
        0x17
    );
}

#[test]
fn netmasks() {
    let mask = |bytes| user(1, 1, 5, bytes).wish(Family::Ipv4, 0);
    assert_eq!(mask([255, 255, 255, 0]).unwrap().persist_prefix, 24);
    assert_eq!(mask([255; 4]).unwrap().persist_prefix, 32);
    assert_eq!(mask([0; 4]).unwrap().persist_prefix, 0);
    assert_eq!(mask([255, 0, 255, 0]), Err(Refused::Invalid));
    for bytes in [[255, 255, 128, 0], [255; 4], [0; 4]] {
        assert_eq!(mask(bytes).unwrap().netmask(Family::Ipv4), bytes);
    }
    let prefix = |bits: u32| user(1, 1, 5, bits.to_ne_bytes()).wish(Family::Ipv6, 0);
    assert_eq!(
        prefix(64).unwrap().netmask(Family::Ipv6),
        64u32.to_ne_bytes()
    );
    assert_eq!(prefix(0), Err(Refused::Invalid));
    assert_eq!(prefix(129), Err(Refused::Invalid));
}

#[test]
fn destinations() {
    let good = DestUser {
        key: DestKey {
            af: 0,
            addr: padded(&[10, 0, 0, 2]),
            port: 80,
        },
        method: 0,
        weight: 1,
        upper: 0,
        lower: 0,
        tun_type: 0,
        tun_port: 0,
        tun_flags: 0,
    };
    let wish = |user: DestUser| user.wish(Family::Ipv4);
    assert_eq!(wish(good).unwrap().method, Method::Nat);
    assert_eq!(
        wish(DestUser {
            weight: 0x8000_0000,
            ..good
        }),
        Err(Refused::Range)
    );
    assert_eq!(wish(DestUser { lower: 1, ..good }), Err(Refused::Range));
    assert_eq!(
        wish(DestUser {
            upper: 0x8000_0000,
            ..good
        }),
        Err(Refused::Invalid)
    );
    assert_eq!(
        wish(DestUser {
            tun_type: 1,
            ..good
        }),
        Err(Refused::Invalid)
    );
    assert_eq!(
        wish(DestUser {
            tun_type: 9,
            ..good
        }),
        Err(Refused::Invalid)
    );
    assert_eq!(wish(DestUser { method: 5, ..good }), Err(Refused::Invalid));
    let six = DestKey { af: 10, ..good.key };
    assert_eq!(wish(DestUser { key: six, ..good }), Err(Refused::Invalid));
    assert!(wish(DestUser {
        key: six,
        method: 2,
        ..good
    })
    .is_ok());
    let none = DestKey { af: 3, ..good.key };
    assert_eq!(wish(DestUser { key: none, ..good }), Err(Refused::Family));
}

#[test]
fn timeouts_are_bounded() {
    assert_eq!(
        timeouts([0, 5, 8_589_934], 250),
        Ok([None, Some(5), Some(8_589_934)])
    );
    assert_eq!(timeouts([1, 2, 8_589_935], 250), Err(Refused::Invalid));
    assert_eq!(timeouts([u32::MAX, 0, 0], 250), Err(Refused::Invalid));
}

#[test]
fn structures_of_socket_options() {
    let mut bytes = [0; 44];
    bytes[..2].copy_from_slice(&6u16.to_ne_bytes());
    bytes[4..8].copy_from_slice(&[10, 0, 0, 1]);
    bytes[8..10].copy_from_slice(&80u16.to_be_bytes());
    bytes[16..18].copy_from_slice(b"rr");
    bytes[32..36].copy_from_slice(&1u32.to_ne_bytes());
    bytes[36..40].copy_from_slice(&60u32.to_ne_bytes());
    bytes[40..].copy_from_slice(&[255; 4]);
    let (key, user) = service_user(&bytes);
    let end = Endpoint::new(Addr::from_v4([10, 0, 0, 1]), 80);
    assert_eq!(key, Key::Address(Family::Ipv4, 6, end));
    assert_eq!(user.scheduler, b"rr");
    assert_eq!(user.wish(Family::Ipv4, 0).unwrap().persist_timeout, 60);
    bytes[12..16].copy_from_slice(&9u32.to_ne_bytes());
    assert_eq!(service_user(&bytes).0, Key::Mark(Family::Ipv4, 9));
}
