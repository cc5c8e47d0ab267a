// SPDX-License-Identifier: GPL-2.0

use super::{
    super::{
        super::addr::Family,
        parse, //
    },
    *, //
};
use std::vec::Vec;

/// 192.0.2.1:40000 to 198.51.100.7:80 with these numbers, flags and so many bytes of options and data.
fn segment(seq: u32, ack: u32, flags: TcpFlags, options: u8, data: u8) -> Vec<u8> {
    let mut bytes = Vec::from([0x45, 0, 0, 40 + options + data, 0, 0, 0x40, 0, 64, 6, 0, 0]);
    bytes.extend([192, 0, 2, 1, 198, 51, 100, 7, 0x9c, 0x40, 0, 80]);
    bytes.extend(seq.to_be_bytes());
    bytes.extend(ack.to_be_bytes());
    bytes.extend([(5 + options / 4) << 4, flags.0, 1, 0, 0, 0, 0, 0]);
    bytes.resize(bytes.len() + usize::from(options + data), 0);
    bytes
}

fn numbers_of(bytes: &[u8]) -> Option<Numbers> {
    let packet = parse(Family::Ipv4, bytes).expect("a good packet");
    numbers(bytes, &packet, packet.total_len)
}

#[test]
fn numbers_are_read() {
    let ack = TcpFlags::ACK;
    let rows = [
        (TcpFlags::SYN, 12, 0, 1),
        (ack, 12, 100, 100),
        (ack.with(TcpFlags::FIN), 0, 0, 1),
        (ack.with(TcpFlags::FIN), 0, 7, 8),
        (ack, 0, 0, 0),
    ];
    for (flags, options, data, len) in rows {
        let got = numbers_of(&segment(7, 9, flags, options, data)).expect("numbers");
        assert_eq!(
            got,
            Numbers {
                seq: 7,
                ack: 9,
                len
            }
        );
    }
}

/// A header that claims more than there is counts as no data; one that is cut off has no numbers.
#[test]
fn wrong_lengths_do_no_harm() {
    let mut bytes = segment(7, 9, TcpFlags::ACK, 0, 4);
    bytes[32] = 0xf0;
    assert_eq!(numbers_of(&bytes).map(|numbers| numbers.len), Some(0));
    let packet = parse(Family::Ipv4, &bytes).expect("a good packet");
    assert_eq!(numbers(&bytes[..30], &packet, 44), None);
}

/// RFC 9293 §3.10.7.1.
#[test]
fn refusals() {
    let numbers = Numbers {
        seq: u32::MAX,
        ack: 500,
        len: 3,
    };
    let refused = |flags| refusal(flags, &numbers);
    let rst_ack = TcpFlags::RST.with(TcpFlags::ACK);
    assert_eq!(
        refused(TcpFlags::SYN),
        Some(Bare {
            seq: 0,
            ack: 2,
            flags: rst_ack,
        })
    );
    assert_eq!(
        refused(TcpFlags::SYN.with(TcpFlags::ACK)),
        Some(Bare {
            seq: 500,
            ack: 0,
            flags: TcpFlags::RST,
        })
    );
    assert_eq!(refused(TcpFlags::RST), None);
    assert_eq!(refused(rst_ack), None);
}
