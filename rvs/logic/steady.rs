// SPDX-License-Identifier: GPL-2.0

//! Which packets the fast path takes a look at.

use super::{
    addr::{
        Family,
        Protocol, //
    },
    wire::{
        ipv4,
        ipv6,
        Packet, //
    }, //
};

/// Whether a packet is as the packets of established flows are: no options, no extension headers, hops
/// to spare, and for TCP nothing that begins or ends a connection.
#[inline(always)]
pub fn is_steady(packet: &Packet) -> bool {
    let header = match packet.tuple.family {
        Family::Ipv4 => ipv4::HEADER_LEN,
        Family::Ipv6 => ipv6::HEADER_LEN,
    };
    let flags = packet.tcp;
    let quiet = match packet.tuple.protocol {
        Protocol::TCP => flags.ack() && !(flags.syn() || flags.fin() || flags.rst()),
        Protocol::UDP => true,
        _ => false,
    };
    quiet && packet.l4_offset == header && packet.ttl > 1
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            addr::{
                Addr,
                Endpoint,
                Tuple, //
            },
            proto::sctp::Event,
            wire::TcpFlags, //
        },
        *,
    };

    fn packet(family: Family, protocol: Protocol, flags: u8) -> Packet {
        let end = Endpoint::new(Addr::from_v4([192, 0, 2, 1]), 80);
        Packet {
            tuple: Tuple {
                family,
                protocol,
                src: end,
                dst: end,
            },
            l4_offset: match family {
                Family::Ipv4 => 20,
                Family::Ipv6 => 40,
            },
            total_len: 100,
            tcp: TcpFlags(flags),
            sctp: Event::None,
            ttl: 64,
            dont_fragment: true,
        }
    }

    const ACK: u8 = 0x10;

    #[test]
    fn data_is_steady() {
        for family in [Family::Ipv4, Family::Ipv6] {
            for flags in [ACK, ACK | 0x08, ACK | 0x20, ACK | 0xc0] {
                assert!(is_steady(&packet(family, Protocol::TCP, flags)));
            }
            assert!(is_steady(&packet(family, Protocol::UDP, 0)));
        }
    }

    #[test]
    fn what_changes_a_connection_is_not() {
        for flags in [0, 0x01, 0x02, 0x04, ACK | 0x01, ACK | 0x02, ACK | 0x04] {
            assert!(!is_steady(&packet(Family::Ipv4, Protocol::TCP, flags)));
        }
    }

    #[test]
    fn nor_what_is_unusual() {
        let options = Packet {
            l4_offset: 24,
            ..packet(Family::Ipv4, Protocol::TCP, ACK)
        };
        let extension = Packet {
            l4_offset: 48,
            ..packet(Family::Ipv6, Protocol::UDP, 0)
        };
        let last_hop = Packet {
            ttl: 1,
            ..packet(Family::Ipv6, Protocol::UDP, 0)
        };
        for packet in [options, extension, last_hop] {
            assert!(!is_steady(&packet));
        }
        assert!(!is_steady(&packet(Family::Ipv4, Protocol::SCTP, 0)));
        assert!(!is_steady(&packet(Family::Ipv4, Protocol(1), 0)));
    }
}
