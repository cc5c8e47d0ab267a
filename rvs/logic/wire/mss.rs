// SPDX-License-Identifier: GPL-2.0

//! The maximum segment size that the ends of a TCP connection tell each other (RFC 9293 §3.7.1).

use super::{
    super::{
        addr::{
            Family,
            Protocol, //
        },
        csum,
        num::{
            self,
            array_at_mut,
            be16_at, //
        },
    },
    tcp,
    Packet, //
};

const END: u8 = 0;
const NO_OPERATION: u8 = 1;
const MSS: u8 = 2;
const MSS_LEN: u8 = 4;

/// Where the data offset stands in the TCP header.
const DATA_OFFSET: usize = 12;

/// The largest MSS whose packets fit into `mtu` bytes.
pub const fn of_mtu(family: Family, mtu: u32) -> u16 {
    let headers = match family {
        Family::Ipv4 => 40,
        Family::Ipv6 => 60,
    };
    match mtu.saturating_sub(headers) {
        mss if mss < 0xffff => num::low16(mss),
        _ => 0xffff,
    }
}

/// Where the TCP header of a packet ends with its options, from the network header on. `bytes` begins there
/// and holds the header without options.
pub fn header_end(bytes: &[u8], packet: &Packet) -> Option<usize> {
    if packet.tuple.protocol != Protocol::TCP {
        return None;
    }
    let offset = bytes.get(packet.l4_offset.checked_add(DATA_OFFSET)?)?;
    let len = usize::from(offset >> 4) << 2;
    if len < tcp::HEADER_LEN {
        return None;
    }
    packet.l4_offset.checked_add(len)
}

/// Lowers the MSS option of a SYN to `most`, with the checksum of TCP. `bytes` begins with the network header and
/// ends with the TCP header or later.
///
/// A lower one, and a packet without the option, stays as it is: without it the size is 536 or 1220 bytes.
/// `partial` says that the device will finish the transport checksum (`CHECKSUM_PARTIAL`).
pub fn clamp(bytes: &mut [u8], packet: &Packet, most: u16, partial: bool) -> Option<()> {
    let end = header_end(bytes, packet)?;
    let header = bytes.get_mut(packet.l4_offset..end)?;
    let at = find(header)?;
    let old = be16_at(header, at)?;
    if old <= most {
        return Some(());
    }
    *array_at_mut(header, at)? = most.to_be_bytes();
    if !partial {
        let field = be16_at(header, tcp::CHECKSUM_OFFSET)?;
        let (was, is) = match at & 1 {
            0 => (old, most),
            // The option is not aligned: its bytes are halves of two words.
            _ => (old.swap_bytes(), most.swap_bytes()),
        };
        let field = csum::update16(field, was, is);
        *array_at_mut(header, tcp::CHECKSUM_OFFSET)? = field.to_be_bytes();
    }
    Some(())
}

/// Where the value of the MSS option stands in a TCP header.
fn find(header: &[u8]) -> Option<usize> {
    let mut at = tcp::HEADER_LEN;
    loop {
        let kind = *header.get(at)?;
        let len = match kind {
            END => return None,
            NO_OPERATION => 1,
            _ => *header.get(at.checked_add(1)?)?,
        };
        match (kind, len) {
            (MSS, MSS_LEN) => return at.checked_add(2),
            (NO_OPERATION, _) => {}
            // Such an option would not end.
            (_, 0 | 1) => return None,
            _ => {}
        }
        at = at.checked_add(usize::from(len))?;
    }
}

#[cfg(test)]
mod tests {
    use super::{super::parse, *};
    use std::vec::Vec;

    /// A SYN with these options, a multiple of 4 bytes, and a right checksum.
    fn syn(options: &[u8]) -> Vec<u8> {
        let words = u8::try_from(5 + options.len() / 4).unwrap();
        let len = u8::try_from(40 + options.len()).unwrap();
        let mut bytes =
            std::vec![0x45, 0, 0, len, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 2, 10, 0, 0, 100,];
        bytes.extend([0x80, 0x01, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0]);
        bytes.extend([words << 4, 0x02, 0x20, 0, 0, 0, 0, 0]);
        bytes.extend(options);
        let packet = parsed(&bytes);
        let check = csum::transport(
            Family::Ipv4,
            &packet.tuple.src.addr,
            &packet.tuple.dst.addr,
            Protocol::TCP,
            &bytes[20..],
        );
        bytes[36..38].copy_from_slice(&check.to_be_bytes());
        bytes
    }

    fn parsed(bytes: &[u8]) -> Packet {
        parse(Family::Ipv4, bytes).unwrap()
    }

    /// The packet with the checksum that it should have.
    fn summed(bytes: &[u8]) -> bool {
        let packet = parsed(bytes);
        let (src, dst) = (&packet.tuple.src.addr, &packet.tuple.dst.addr);
        csum::transport(Family::Ipv4, src, dst, Protocol::TCP, &bytes[20..]) == 0
    }

    #[test]
    fn lowers_but_never_raises() {
        for (old, most, wanted) in [(1460, 1440, 1440), (1200, 1440, 1200), (1440, 1440, 1440)] {
            let [high, low] = u16::to_be_bytes(old);
            let mut bytes = syn(&[MSS, 4, high, low]);
            let packet = parsed(&bytes);
            assert_eq!(clamp(&mut bytes, &packet, most, false), Some(()));
            assert_eq!(be16_at(&bytes, 42), Some(wanted));
            assert!(summed(&bytes));
        }
    }

    #[test]
    fn finds_the_option_behind_others_and_unaligned() {
        let mut bytes = syn(&[NO_OPERATION, MSS, 4, 0x05, 0xb4, 3, 3, 7]);
        let packet = parsed(&bytes);
        clamp(&mut bytes, &packet, 0x0501, false).unwrap();
        assert_eq!(be16_at(&bytes, 43), Some(0x0501));
        assert!(summed(&bytes));
        let mut bytes = syn(&[4, 2, 3, 3, 7, MSS, 4, 0x05, 0xb4, END, END, END]);
        let packet = parsed(&bytes);
        clamp(&mut bytes, &packet, 1400, false).unwrap();
        assert_eq!(be16_at(&bytes, 47), Some(1400));
        assert!(summed(&bytes));
    }

    #[test]
    fn an_incomplete_checksum_stays() {
        let mut bytes = syn(&[MSS, 4, 0x05, 0xb4]);
        let before = be16_at(&bytes, 36);
        let packet = parsed(&bytes);
        clamp(&mut bytes, &packet, 1000, true).unwrap();
        assert_eq!(be16_at(&bytes, 42), Some(1000));
        assert_eq!(be16_at(&bytes, 36), before);
    }

    #[test]
    fn broken_options_stay() {
        for options in [
            [8, 0, 0, 0],
            [8, 1, 0, 0],
            [8, 200, 0, 0],
            [END, MSS, 4, 5],
            [NO_OPERATION, NO_OPERATION, MSS, 4],
            [MSS, 3, 5, 0],
            [NO_OPERATION; 4],
        ] {
            let bytes = syn(&options);
            let mut changed = bytes.clone();
            assert_eq!(clamp(&mut changed, &parsed(&bytes), 1, false), None);
            assert_eq!(changed, bytes);
        }
        let mut bytes = syn(&[]);
        bytes[32] = 0x40;
        let packet = parsed(&bytes);
        assert_eq!(header_end(&bytes, &packet), None);
    }

    #[test]
    fn an_mss_leaves_room_for_the_headers() {
        assert_eq!(of_mtu(Family::Ipv4, 1480), 1440);
        assert_eq!(of_mtu(Family::Ipv6, 1480), 1420);
        assert_eq!(of_mtu(Family::Ipv6, 20), 0);
        assert_eq!(of_mtu(Family::Ipv4, 1 << 20), 0xffff);
    }
}
