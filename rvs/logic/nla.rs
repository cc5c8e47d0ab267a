// SPDX-License-Identifier: GPL-2.0

//! Netlink attributes (`include/uapi/linux/netlink.h`).
//!
//! An attribute is a header of two native 16-bit numbers, the length (header
//! included) and the type, then the payload, then zeros up to a multiple of 4.
//! Kernel and userspace share this reader and this writer.

use super::num;

/// The length of an attribute's header.
pub const HEADER_LEN: usize = 4;
/// The flag of a type whose payload is attributes.
pub const F_NESTED: u16 = 1 << 15;
/// The flag of a type whose payload is a number in network order.
pub const F_NET_BYTEORDER: u16 = 1 << 14;
/// The bits of a type that are no flags.
pub const TYPE_MASK: u16 = !(F_NESTED | F_NET_BYTEORDER);

/// The attributes end in the middle of one, or a length is impossible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed;

/// The attribute does not fit into the buffer, or is longer than 64 KiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full;

/// One attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attr<'a> {
    /// The type, without flags.
    pub kind: u16,
    /// Whether the sender marked the payload as attributes.
    pub nested: bool,
    /// The payload, without padding.
    pub payload: &'a [u8],
}

impl<'a> Attr<'a> {
    /// The payload, if it has exactly `N` bytes.
    #[inline]
    pub fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.payload.try_into().ok()
    }

    /// The payload as an 8-bit number.
    #[inline]
    pub fn u8(&self) -> Option<u8> {
        self.array().map(u8::from_ne_bytes)
    }

    /// The payload as a 16-bit number.
    #[inline]
    pub fn u16(&self) -> Option<u16> {
        self.array().map(u16::from_ne_bytes)
    }

    /// The payload as a 16-bit number in network order.
    #[inline]
    pub fn u16_be(&self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// The payload as a 32-bit number.
    #[inline]
    pub fn u32(&self) -> Option<u32> {
        self.array().map(u32::from_ne_bytes)
    }

    /// The payload as a 32-bit number in network order.
    #[inline]
    pub fn u32_be(&self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// The payload as a 64-bit number.
    #[inline]
    pub fn u64(&self) -> Option<u64> {
        self.array().map(u64::from_ne_bytes)
    }

    /// The payload up to its first NUL, which must exist.
    #[inline]
    pub fn str_bytes(&self) -> Option<&'a [u8]> {
        let end = self.payload.iter().position(|byte| *byte == 0)?;
        self.payload.get(..end)
    }

    /// The same as text, if it is UTF-8.
    #[inline]
    pub fn str(&self) -> Option<&'a str> {
        core::str::from_utf8(self.str_bytes()?).ok()
    }

    /// The whole payload.
    #[inline]
    pub const fn bytes(&self) -> &'a [u8] {
        self.payload
    }

    /// The payload as attributes, whether marked so or not (old clients do not
    /// mark them).
    #[inline]
    pub const fn attrs(&self) -> Attrs<'a> {
        Attrs::new(self.payload)
    }
}

/// Walks the attributes in a buffer.
///
/// Bytes that are no attribute are reported once, at the end of the walk.
#[derive(Clone, Debug)]
pub struct Attrs<'a> {
    rest: &'a [u8],
}

impl<'a> Attrs<'a> {
    /// Walks `buf`.
    #[inline]
    pub const fn new(buf: &'a [u8]) -> Self {
        Self { rest: buf }
    }

    /// The first attribute of this type among those that are left and sound.
    pub fn find(&self, kind: u16) -> Option<Attr<'a>> {
        self.clone().flatten().find(|attr| attr.kind == kind)
    }

    /// Whether all that is left is sound.
    pub fn check(&self) -> Result<(), Malformed> {
        self.clone().try_for_each(|attr| attr.map(|_sound| ()))
    }

    /// The attribute at the front, and what follows it.
    #[inline]
    fn split(rest: &'a [u8]) -> Option<(Attr<'a>, &'a [u8])> {
        let [l0, l1, t0, t1] = *rest.first_chunk::<HEADER_LEN>()?;
        let len = usize::from(u16::from_ne_bytes([l0, l1]));
        let kind = u16::from_ne_bytes([t0, t1]);
        let attr = Attr {
            kind: kind & TYPE_MASK,
            nested: kind & F_NESTED != 0,
            payload: rest.get(HEADER_LEN..len)?,
        };
        // The padding of the last attribute may be missing.
        Some((attr, rest.get(num::align4(len)?..).unwrap_or(&[])))
    }
}

impl<'a> Iterator for Attrs<'a> {
    type Item = Result<Attr<'a>, Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((attr, rest)) = Self::split(self.rest) else {
            self.rest = &[];
            return Some(Err(Malformed));
        };
        self.rest = rest;
        Some(Ok(attr))
    }
}

impl core::iter::FusedIterator for Attrs<'_> {}

/// A place in a [`Writer`] to go back to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark(usize);

/// An attribute whose payload is being written.
#[derive(Debug)]
#[must_use = "the length is written by `nest_end`"]
pub struct Nest {
    start: usize,
}

/// Writes attributes into a buffer.
///
/// A failed call writes nothing.
#[derive(Debug)]
pub struct Writer<'a> {
    buf: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    /// Writes from the front of `buf`.
    #[inline]
    pub const fn new(buf: &'a mut [u8]) -> Self {
        Self { buf, len: 0 }
    }

    /// How many bytes are written, padding included.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is written.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What is written.
    #[inline]
    pub fn written(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or(&[])
    }

    /// Appends an attribute.
    #[inline]
    pub fn put(&mut self, kind: u16, payload: &[u8]) -> Result<(), Full> {
        self.put_parts(kind, payload, &[])
    }

    /// Appends an 8-bit number.
    #[inline]
    pub fn put_u8(&mut self, kind: u16, value: u8) -> Result<(), Full> {
        self.put(kind, &[value])
    }

    /// Appends a 16-bit number.
    #[inline]
    pub fn put_u16(&mut self, kind: u16, value: u16) -> Result<(), Full> {
        self.put(kind, &value.to_ne_bytes())
    }

    /// Appends a 16-bit number in network order.
    #[inline]
    pub fn put_u16_be(&mut self, kind: u16, value: u16) -> Result<(), Full> {
        self.put(kind, &value.to_be_bytes())
    }

    /// Appends a 32-bit number.
    #[inline]
    pub fn put_u32(&mut self, kind: u16, value: u32) -> Result<(), Full> {
        self.put(kind, &value.to_ne_bytes())
    }

    /// Appends a 32-bit number in network order.
    #[inline]
    pub fn put_u32_be(&mut self, kind: u16, value: u32) -> Result<(), Full> {
        self.put(kind, &value.to_be_bytes())
    }

    /// Appends a 64-bit number, aligned to 4 bytes like everything else.
    #[inline]
    pub fn put_u64(&mut self, kind: u16, value: u64) -> Result<(), Full> {
        self.put(kind, &value.to_ne_bytes())
    }

    /// Appends a text and the NUL that ends it.
    #[inline]
    pub fn put_str(&mut self, kind: u16, text: &str) -> Result<(), Full> {
        self.put_parts(kind, text.as_bytes(), &[0])
    }

    /// Appends an attribute without a payload, whose presence is the message.
    #[inline]
    pub fn put_flag(&mut self, kind: u16) -> Result<(), Full> {
        self.put(kind, &[])
    }

    /// Begins an attribute whose payload is attributes.
    #[inline]
    pub fn nest_start(&mut self, kind: u16) -> Result<Nest, Full> {
        let start = self.len;
        self.put(kind | F_NESTED, &[])?;
        Ok(Nest { start })
    }

    /// The same without the flag of a nest, for clients that do not know it.
    #[inline]
    pub fn nest_start_plain(&mut self, kind: u16) -> Result<Nest, Full> {
        let start = self.len;
        self.put(kind, &[])?;
        Ok(Nest { start })
    }

    /// Ends the attribute that [`Writer::nest_start`] began.
    ///
    /// If it became too long it is taken away again.
    #[inline]
    pub fn nest_end(&mut self, nest: Nest) -> Result<(), Full> {
        let Some(len) = self.nest_len(&nest) else {
            self.nest_cancel(nest);
            return Err(Full);
        };
        let field = num::array_at_mut(self.buf, nest.start).ok_or(Full)?;
        *field = len.to_ne_bytes();
        Ok(())
    }

    /// Takes away the attribute that [`Writer::nest_start`] began.
    #[inline]
    pub fn nest_cancel(&mut self, nest: Nest) {
        self.rewind(Mark(nest.start));
    }

    /// The present end, to go back to with [`Writer::rewind`].
    #[inline]
    pub const fn mark(&self) -> Mark {
        Mark(self.len)
    }

    /// Takes away everything that was written after `mark`.
    #[inline]
    pub fn rewind(&mut self, mark: Mark) {
        self.len = self.len.min(mark.0);
    }

    #[inline]
    fn nest_len(&self, nest: &Nest) -> Option<u16> {
        u16::try_from(self.len.checked_sub(nest.start)?).ok()
    }

    fn put_parts(&mut self, kind: u16, head: &[u8], tail: &[u8]) -> Result<(), Full> {
        let payload = head.len().checked_add(tail.len()).ok_or(Full)?;
        let len = payload.checked_add(HEADER_LEN).ok_or(Full)?;
        let field = u16::try_from(len).map_err(|_too_long| Full)?;
        let room = self.reserve(num::align4(len).ok_or(Full)?)?;
        let [l0, l1] = field.to_ne_bytes();
        let [k0, k1] = kind.to_ne_bytes();
        let room = num::write_front(room, &[l0, l1, k0, k1]);
        let room = num::write_front(room, head);
        let padding = num::write_front(room, tail);
        padding.fill(0);
        Ok(())
    }

    /// The next `len` bytes of the buffer, counted as written.
    #[inline]
    fn reserve(&mut self, len: usize) -> Result<&mut [u8], Full> {
        let end = self.len.checked_add(len).ok_or(Full)?;
        let room = self.buf.get_mut(self.len..end).ok_or(Full)?;
        self.len = end;
        Ok(room)
    }
}

#[cfg(test)]
mod tests;
