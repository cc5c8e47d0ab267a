// SPDX-License-Identifier: GPL-2.0

use super::*;
use std::{
    vec,
    vec::Vec, //
};

/// An attribute as the header file defines it, padded.
fn raw(kind: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len() + 4).expect("short");
    let mut bytes = len.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(payload);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn kinds(buf: &[u8]) -> Vec<Result<u16, Malformed>> {
    Attrs::new(buf)
        .map(|attr| attr.map(|attr| attr.kind))
        .collect()
}

#[test]
fn numbers_and_texts_are_laid_out_as_the_kernel_does() {
    let mut buf = [0xaa; 96];
    let mut writer = Writer::new(&mut buf);
    writer.put_u8(1, 0x12).expect("room");
    writer.put_u16(2, 0x1234).expect("room");
    writer.put_u16_be(3, 0x1234).expect("room");
    writer.put_u32(4, 0x1234_5678).expect("room");
    writer.put_u32_be(5, 0x1234_5678).expect("room");
    writer.put_u64(6, 0x1122_3344_5566_7788).expect("room");
    writer.put_str(7, "rr").expect("room");
    writer.put_flag(8).expect("room");
    let want = [
        raw(1, &[0x12]),
        raw(2, &0x1234u16.to_ne_bytes()),
        raw(3, &[0x12, 0x34]),
        raw(4, &0x1234_5678u32.to_ne_bytes()),
        raw(5, &[0x12, 0x34, 0x56, 0x78]),
        raw(6, &0x1122_3344_5566_7788u64.to_ne_bytes()),
        raw(7, b"rr\0"),
        raw(8, b""),
    ]
    .concat();
    assert_eq!(writer.written(), want);
    assert_eq!(writer.len(), want.len());
}

#[test]
fn numbers_need_their_exact_length() {
    let buf = [
        raw(1, &[1]),
        raw(2, &[0x12, 0x34]),
        raw(3, &7u32.to_ne_bytes()),
        raw(4, &9u64.to_ne_bytes()),
        raw(5, &[0x12, 0x34, 0x56, 0x78]),
    ]
    .concat();
    let attrs = Attrs::new(&buf);
    let get = |kind| attrs.find(kind).expect("present");
    assert_eq!(get(1).u8(), Some(1));
    assert_eq!(get(1).u16(), None);
    assert_eq!(get(2).u16_be(), Some(0x1234));
    assert_eq!(get(2).u16(), Some(u16::from_ne_bytes([0x12, 0x34])));
    assert_eq!(get(2).u8(), None);
    assert_eq!(get(3).u32(), Some(7));
    assert_eq!(get(5).u32_be(), Some(0x1234_5678));
    assert_eq!(get(3).u64(), None);
    assert_eq!(get(4).u64(), Some(9));
    assert_eq!(get(4).bytes().len(), 8);
    assert_eq!(attrs.find(6), None);
}

#[test]
fn texts_need_a_nul() {
    let attr = |payload| Attr {
        kind: 1,
        nested: false,
        payload,
    };
    assert_eq!(attr(b"wlc\0").str(), Some("wlc"));
    assert_eq!(attr(b"wlc\0\0junk").str(), Some("wlc"));
    assert_eq!(attr(b"\0").str(), Some(""));
    assert_eq!(attr(b"wlc").str(), None);
    assert_eq!(attr(b"").str(), None);
    assert_eq!(attr(b"\xff\0").str(), None);
    assert_eq!(attr(b"\xff\0").str_bytes(), Some(&b"\xff"[..]));
}

#[test]
fn flags_are_no_part_of_the_type() {
    let buf = [
        raw(5 | F_NESTED, &raw(1, &[9])),
        raw(6 | F_NET_BYTEORDER, &[]),
    ]
    .concat();
    let nest = Attrs::new(&buf).find(5).expect("present");
    assert!(nest.nested);
    assert_eq!(nest.attrs().find(1).and_then(|attr| attr.u8()), Some(9));
    assert_eq!(
        Attrs::new(&buf).find(6).map(|attr| attr.nested),
        Some(false)
    );
}

#[test]
fn a_bad_end_is_reported_once() {
    let good = raw(1, &[1, 2]);
    let short = [&good[..], &[8, 0, 1]].concat();
    assert_eq!(kinds(&short), [Ok(1), Err(Malformed)]);
    let long = [&good[..], &raw(2, &[0; 9])[..12]].concat();
    assert_eq!(kinds(&long), [Ok(1), Err(Malformed)]);
    let tiny = [&good[..], &3u16.to_ne_bytes(), &[0, 0]].concat();
    assert_eq!(kinds(&tiny), [Ok(1), Err(Malformed)]);
    assert_eq!(Attrs::new(&tiny).check(), Err(Malformed));
    assert_eq!(Attrs::new(&good).check(), Ok(()));
    assert_eq!(kinds(&[]), []);
}

#[test]
fn the_last_padding_may_be_missing() {
    let buf = [raw(1, &[1]), raw(2, &[1, 2, 3])].concat();
    assert_eq!(kinds(&buf[..buf.len() - 1]), [Ok(1), Ok(2)]);
}

#[test]
fn nests_get_their_length_at_the_end() {
    let mut buf = [0xaa; 64];
    let mut writer = Writer::new(&mut buf);
    let outer = writer.nest_start(1).expect("room");
    writer.put_u8(2, 7).expect("room");
    let inner = writer.nest_start(3).expect("room");
    writer.put_u32(4, 8).expect("room");
    writer.nest_end(inner).expect("short");
    writer.nest_end(outer).expect("short");
    let inner = raw(3 | F_NESTED, &raw(4, &8u32.to_ne_bytes()));
    let want = raw(1 | F_NESTED, &[raw(2, &[7]), inner].concat());
    assert_eq!(writer.written(), want);
}

#[test]
fn a_failed_call_writes_nothing() {
    let mut buf = [0xaa; 12];
    let mut writer = Writer::new(&mut buf);
    writer.put_u32(1, 1).expect("room");
    assert_eq!(writer.put_u32(2, 2), Err(Full));
    assert_eq!(writer.put(2, &[0; 70_000]), Err(Full));
    assert_eq!(writer.len(), 8);
    writer.put_flag(3).expect("room");
    assert_eq!(writer.put_flag(4), Err(Full));
    assert_eq!(kinds(writer.written()), [Ok(1), Ok(3)]);
}

#[test]
fn rewinding_takes_away_what_came_later() {
    let mut buf = [0; 64];
    let mut writer = Writer::new(&mut buf);
    writer.put_u8(1, 1).expect("room");
    let mark = writer.mark();
    writer.put_u8(2, 2).expect("room");
    writer.rewind(mark);
    let nest = writer.nest_start(3).expect("room");
    writer.put_u8(4, 4).expect("room");
    writer.nest_cancel(nest);
    writer.put_u8(5, 5).expect("room");
    assert_eq!(kinds(writer.written()), [Ok(1), Ok(5)]);
}

#[test]
fn a_nest_beyond_64_kib_is_taken_away() {
    let mut buf = vec![0; 80_000];
    let mut writer = Writer::new(&mut buf);
    writer.put_u8(1, 1).expect("room");
    let nest = writer.nest_start(2).expect("room");
    writer.put(3, &[0; 40_000]).expect("room");
    writer.put(3, &[0; 30_000]).expect("room");
    assert_eq!(writer.nest_end(nest), Err(Full));
    assert_eq!(kinds(writer.written()), [Ok(1)]);
}
