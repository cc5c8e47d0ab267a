// SPDX-License-Identifier: GPL-2.0

//! CRC32c, the checksum of SCTP (RFC 9260 appendix A), after a small change of the message.
//!
//! A CRC is linear: the CRCs of two messages of equal length differ by the CRC, begun with zero, of what
//! the messages differ by. So a change of a port needs only the old CRC, the change and the
//! distance to the end of the message, and a message that was damaged before stays recognisable.
//!
//! Polynomials over GF(2) are kept as the CRC has them: the coefficient of x^0 is the highest bit.

/// The polynomial of CRC32c without its highest term.
const POLYNOMIAL: u32 = 0x82f6_3b78;
/// The polynomial 1.
const ONE: u32 = 1 << 31;
/// How many bits a distance may have.
const DISTANCE_BITS: usize = 32;

/// `a * x` modulo the polynomial.
const fn times_x(a: u32) -> u32 {
    match a & 1 {
        0 => a >> 1,
        _ => (a >> 1) ^ POLYNOMIAL,
    }
}

/// `a * b` modulo the polynomial.
const fn multiply(a: u32, mut b: u32) -> u32 {
    let mut rest = a;
    let mut product = 0;
    while rest != 0 {
        if rest & ONE != 0 {
            product ^= b;
        }
        rest <<= 1;
        b = times_x(b);
    }
    product
}

/// x^8, x^16, x^32 and so on: what one, two, four … zero bytes multiply a CRC by.
static ZERO_BYTES: [u32; DISTANCE_BITS] = {
    let mut powers = [ONE >> 8; DISTANCE_BITS];
    let mut rest: &mut [u32] = &mut powers;
    let mut power = ONE >> 8;
    while let Some((first, others)) = rest.split_first_mut() {
        *first = power;
        power = multiply(power, power);
        rest = others;
    }
    powers
};

/// The CRC register after `count` zero bytes.
fn skip(mut crc: u32, mut count: u32) -> u32 {
    for power in &ZERO_BYTES {
        if count & 1 != 0 {
            crc = multiply(crc, *power);
        }
        count >>= 1;
    }
    crc
}

/// The CRC32c of a message after `old` in it became `new`, with `behind` bytes following them.
///
/// `old` and `new` are the 16 bits as read in network order.
pub fn update16(crc: u32, old: u16, new: u16, behind: u32) -> u32 {
    let change = u32::from((old ^ new).swap_bytes());
    // Two bytes have to pass through the register themselves.
    crc ^ skip(change, behind.saturating_add(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// CRC32c bit by bit, from its definition.
    fn crc32c(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| times_x(crc))
        })
    }

    /// The check value of the CRC catalogue, and the example of RFC 3720 appendix B.4.
    #[test]
    fn the_definition_is_right() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn zero_bytes_can_be_skipped() {
        for count in [0, 1, 2, 3, 7, 255, 256, 1480] {
            let walked = (0..count * 8).fold(0xdead_beef, |crc, _| times_x(crc));
            assert_eq!(skip(0xdead_beef, count), walked, "{count}");
        }
    }

    #[test]
    fn a_changed_port_changes_the_crc_as_if_made_anew() {
        for len in [4usize, 5, 12, 100, 1480, 65535] {
            let mut bytes: Vec<u8> = (0u8..=255).cycle().take(len).collect();
            let before = crc32c(&bytes);
            for offset in [0, 2] {
                let old = u16::from_be_bytes([bytes[offset], bytes[offset + 1]]);
                bytes[offset..offset + 2].copy_from_slice(&0x1f90u16.to_be_bytes());
                let behind = u32::try_from(len - offset - 2).expect("short");
                assert_eq!(update16(before, old, 0x1f90, behind), crc32c(&bytes));
                bytes[offset..offset + 2].copy_from_slice(&old.to_be_bytes());
            }
        }
    }
}
