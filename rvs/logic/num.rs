// SPDX-License-Identifier: GPL-2.0

//! Checked and exact number conversions.
//!
//! The only place where rvs converts numbers with `as`: each function names
//! what happens to the bits that do not fit, so that a reader of the caller
//! sees it.

// `index` is exact on every machine that rvs supports.
const _: () = assert!(usize::BITS >= u32::BITS);

/// The low 32 bits of `value`; the others are dropped.
#[inline]
pub const fn low32(value: u64) -> u32 {
    value as u32
}

/// The high 32 bits of `value`; the others are dropped.
#[inline]
pub const fn high32(value: u64) -> u32 {
    (value >> 32) as u32
}

/// The low 16 bits of `value`; the others are dropped.
#[inline]
pub const fn low16(value: u32) -> u16 {
    value as u16
}

/// The low 8 bits of `value`; the others are dropped.
#[inline]
pub const fn low8(value: u32) -> u8 {
    value as u8
}

/// `value` as an index or a length; exact.
#[inline]
pub const fn index(value: u32) -> usize {
    value as usize
}

/// A length as a 64-bit number; exact.
#[inline]
pub const fn wide(value: usize) -> u64 {
    value as u64
}

/// A length as a 32-bit number, `u32::MAX` if it is larger.
#[inline]
pub fn saturating_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// `value` rounded up to a multiple of 4, unless that overflows.
#[inline]
pub const fn align4(value: usize) -> Option<usize> {
    match value.checked_add(3) {
        Some(sum) => Some(sum & !3),
        None => None,
    }
}

/// The `N` bytes of `bytes` that start at `offset`, if all of them exist.
#[inline]
pub fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk::<N>().copied()
}

/// The same bytes as [`array_at`], to be written to.
#[inline]
pub fn array_at_mut<const N: usize>(bytes: &mut [u8], offset: usize) -> Option<&mut [u8; N]> {
    bytes.get_mut(offset..)?.first_chunk_mut::<N>()
}

/// The 16-bit number in network order that stands at `offset`.
#[inline]
pub fn be16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    array_at(bytes, offset).map(u16::from_be_bytes)
}

/// Copies `from` to the front of `to`, as much as fits, and returns the rest.
#[inline]
pub fn write_front<'a>(to: &'a mut [u8], from: &[u8]) -> &'a mut [u8] {
    let len = from.len().min(to.len());
    let Some((front, rest)) = to.split_at_mut_checked(len) else {
        return &mut [];
    };
    for (to, from) in front.iter_mut().zip(from) {
        *to = *from;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_and_bytes() {
        assert_eq!(low32(0x1122_3344_5566_7788), 0x5566_7788);
        assert_eq!(high32(0x1122_3344_5566_7788), 0x1122_3344);
        assert_eq!(low16(0x1122_3344), 0x3344);
        assert_eq!(low8(0x1122_3344), 0x44);
    }

    #[test]
    fn lengths() {
        assert_eq!(index(u32::MAX), 0xffff_ffff);
        assert_eq!(wide(usize::MAX), u64::MAX);
        assert_eq!(saturating_u32(7), 7);
        assert_eq!(saturating_u32(usize::MAX), u32::MAX);
    }

    #[test]
    fn align4_rounds_up() {
        let cases = [(0, 0), (1, 4), (3, 4), (4, 4), (5, 8)];
        for (value, want) in cases {
            assert_eq!(align4(value), Some(want), "align4({value})");
        }
        assert_eq!(align4(usize::MAX), None);
        assert_eq!(align4(usize::MAX - 2), None);
        assert_eq!(align4(usize::MAX - 3), Some(usize::MAX - 3));
    }

    #[test]
    fn reads_stay_inside() {
        let bytes = [1, 2, 3];
        assert_eq!(be16_at(&bytes, 1), Some(0x0203));
        assert_eq!(be16_at(&bytes, 2), None);
        assert_eq!(be16_at(&bytes, usize::MAX), None);
        assert_eq!(array_at::<0>(&bytes, 3), Some([]));
    }

    #[test]
    fn writes_stay_inside() {
        let mut bytes = [0; 3];
        assert_eq!(write_front(&mut bytes, &[1, 2]), [0]);
        assert_eq!(write_front(&mut bytes, &[7, 8, 9, 10]), []);
        assert_eq!(bytes, [7, 8, 9]);
    }
}
