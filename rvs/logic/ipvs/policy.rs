// SPDX-License-Identifier: GPL-2.0

//! How IPVS takes attributes apart: the lenient way of old netlink families.
//!
//! Unknown attributes are ignored, as are bytes at the end that are none; of an attribute that is given
//! twice the last one counts; a number may have more bytes than it needs.

use crate::logic::{
    ipvs::Refused,
    nla::{
        Attr,
        Attrs, //
    },
};

/// What an attribute must look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Anything.
    Any,
    /// At least so many bytes.
    AtLeast(usize),
    /// At most so many bytes.
    AtMost(usize),
    /// A text that ends with a zero byte, of at most so many bytes without it.
    Text(usize),
    /// Attributes.
    Nest,
}

impl Shape {
    fn check(self, payload: &[u8]) -> Result<(), Refused> {
        let len = payload.len();
        let good = match self {
            Self::Any => true,
            Self::AtLeast(least) => len >= least,
            Self::AtMost(most) => len <= most,
            Self::Nest => len == 0 || len >= crate::logic::nla::HEADER_LEN,
            Self::Text(most) => {
                let start = payload.get(..most.saturating_add(1)).unwrap_or(payload);
                if !start.contains(&0) {
                    return Err(Refused::Invalid);
                }
                let len = match payload.last() {
                    Some(0) => len.saturating_sub(1),
                    _ => len,
                };
                len <= most
            }
        };
        good.then_some(()).ok_or(Refused::Range)
    }
}

/// The attributes of one nest by their types; the shape of type 1 comes first.
pub struct Parsed<'a, const N: usize>([Option<Attr<'a>>; N]);

impl<'a, const N: usize> Parsed<'a, N> {
    /// Takes attributes apart.
    pub fn new(attrs: Attrs<'a>, shapes: &[Shape; N]) -> Result<Self, Refused> {
        let mut found = [None; N];
        for attr in attrs.flatten() {
            let Some(index) = usize::from(attr.kind).checked_sub(1) else {
                continue;
            };
            if let (Some(slot), Some(shape)) = (found.get_mut(index), shapes.get(index)) {
                shape.check(attr.payload)?;
                *slot = Some(attr);
            }
        }
        Ok(Self(found))
    }

    /// An attribute.
    pub fn get(&self, kind: u16) -> Option<Attr<'a>> {
        *self.0.get(usize::from(kind).checked_sub(1)?)?
    }

    /// The first bytes of an attribute.
    pub fn bytes<const M: usize>(&self, kind: u16) -> Option<[u8; M]> {
        self.get(kind)?.payload.first_chunk().copied()
    }

    /// A number.
    pub fn u8(&self, kind: u16) -> Option<u8> {
        self.bytes(kind).map(u8::from_ne_bytes)
    }

    /// A number.
    pub fn u16(&self, kind: u16) -> Option<u16> {
        self.bytes(kind).map(u16::from_ne_bytes)
    }

    /// A number in network order.
    pub fn u16_be(&self, kind: u16) -> Option<u16> {
        self.bytes(kind).map(u16::from_be_bytes)
    }

    /// A number.
    pub fn u32(&self, kind: u16) -> Option<u32> {
        self.bytes(kind).map(u32::from_ne_bytes)
    }

    /// Bytes, as many as there are, and zeros.
    pub fn padded<const M: usize>(&self, kind: u16) -> Option<[u8; M]> {
        Some(super::padded(self.get(kind)?.payload))
    }

    /// A text up to the zero byte.
    pub fn text(&self, kind: u16) -> Option<&'a [u8]> {
        self.get(kind)?.str_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        vec,
        vec::Vec, //
    };

    fn attr(kind: u16, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 256];
        let mut writer = crate::logic::nla::Writer::new(&mut bytes);
        writer.put(kind, payload).unwrap();
        let len = writer.len();
        bytes.truncate(len);
        bytes
    }

    const SHAPES: [Shape; 4] = [
        Shape::AtLeast(4),
        Shape::AtMost(8),
        Shape::Text(3),
        Shape::Nest,
    ];

    fn parse(bytes: &[u8]) -> Result<Parsed<'_, 4>, Refused> {
        Parsed::new(Attrs::new(bytes), &SHAPES)
    }

    #[test]
    fn unknown_types_and_rubbish_are_ignored() {
        let bytes = [
            attr(9, b"x"),
            attr(0, b""),
            attr(1, &[1, 0, 0, 0, 9]),
            vec![1, 2],
        ]
        .concat();
        assert_eq!(
            parse(&bytes).unwrap().u32(1),
            Some(u32::from_ne_bytes([1, 0, 0, 0]))
        );
    }

    #[test]
    fn the_last_one_counts() {
        let bytes = [attr(1, &[1, 0, 0, 0]), attr(1 | 0x8000, &[2, 0, 0, 0])].concat();
        assert_eq!(parse(&bytes).unwrap().bytes::<1>(1), Some([2]));
    }

    #[test]
    fn wrong_shapes_are_refused() {
        for (kind, payload, error) in [
            (1, &b"abc"[..], Refused::Range),
            (2, b"123456789", Refused::Range),
            (3, b"abcd\0", Refused::Invalid),
            (3, b"abc", Refused::Invalid),
            (3, b"", Refused::Invalid),
            (3, b"a\0cd\0", Refused::Range),
            (4, b"abc", Refused::Range),
        ] {
            assert_eq!(
                parse(&attr(kind, payload)).err(),
                Some(error),
                "{kind} {payload:?}"
            );
        }
        for (kind, payload) in [(2, &b""[..]), (3, b"abc\0"), (3, b"\0"), (4, b"")] {
            assert!(parse(&attr(kind, payload)).is_ok(), "{kind} {payload:?}");
        }
    }

    #[test]
    fn text_and_padding() {
        let bytes = [attr(2, b"12"), attr(3, b"ab\0")].concat();
        let parsed = parse(&bytes).unwrap();
        assert_eq!(parsed.text(3), Some(&b"ab"[..]));
        assert_eq!(parsed.padded::<4>(2), Some([b'1', b'2', 0, 0]));
    }
}
