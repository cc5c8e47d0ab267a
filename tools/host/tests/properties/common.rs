// SPDX-License-Identifier: GPL-2.0

//! Packets with correct checksums, built from their definitions without the
//! code under test.

use proptest::prelude::*;
use rvs_logic::logic::addr::{
    Addr,
    Endpoint,
    Family,
    Protocol, //
};

/// What a packet is built from.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// The family.
    pub(crate) family: Family,
    /// TCP, UDP or SCTP.
    pub(crate) protocol: Protocol,
    /// The sender.
    pub(crate) src: Endpoint,
    /// The receiver.
    pub(crate) dst: Endpoint,
    /// The remaining hops.
    pub(crate) ttl: u8,
    /// The TCP flags.
    pub(crate) flags: u8,
    /// How many words of IPv4 options, or IPv6 extension headers, there are.
    pub(crate) extra: usize,
    /// What the transport header carries.
    pub(crate) payload: Vec<u8>,
}

/// The Internet checksum, as slowly as RFC 1071 describes it.
pub(crate) fn naive_checksum(bytes: &[u8]) -> u16 {
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        let low = pair.get(1).copied().unwrap_or(0);
        sum += u32::from(u16::from_be_bytes([pair[0], low]));
        while sum > 0xffff {
            sum -= 0xffff;
        }
    }
    !u16::try_from(sum).expect("folded")
}

/// CRC32c, bit by bit.
fn naive_crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc = (crc >> 1) ^ (carry * 0x82f6_3b78);
        }
    }
    !crc
}

/// Where the checksum of a protocol stands.
pub(crate) fn checksum_offset(protocol: Protocol) -> Option<usize> {
    match protocol {
        Protocol::TCP => Some(16),
        Protocol::UDP => Some(6),
        _ => None,
    }
}

fn address(family: Family, addr: &Addr) -> Vec<u8> {
    addr.bytes()[..family.addr_len()].to_vec()
}

impl Spec {
    /// The pseudo header of the transport checksum.
    pub(crate) fn pseudo_header(&self, len: usize) -> Vec<u8> {
        let mut bytes = address(self.family, &self.src.addr);
        bytes.extend(address(self.family, &self.dst.addr));
        bytes.extend(u32::try_from(len).expect("short").to_be_bytes());
        bytes.extend([0, 0, 0, self.protocol.0]);
        bytes
    }

    /// The transport header and the payload, with a full checksum.
    pub(crate) fn segment(&self) -> Vec<u8> {
        let mut bytes = self.src.port.to_be_bytes().to_vec();
        bytes.extend(self.dst.port.to_be_bytes());
        let payload = &self.payload;
        match self.protocol {
            Protocol::TCP => {
                bytes.extend([
                    0, 0, 0, 1, 0, 0, 0, 2, 0x50, self.flags, 0x20, 0, 0, 0, 0, 0,
                ]);
            }
            Protocol::UDP => {
                let len = u16::try_from(payload.len() + 8).expect("short");
                bytes.extend(len.to_be_bytes());
                bytes.extend([0, 0]);
            }
            _ => bytes.extend([1, 2, 3, 4, 0, 0, 0, 0]),
        }
        bytes.extend(payload);
        if self.protocol == Protocol::SCTP {
            let crc = naive_crc32c(&bytes);
            bytes[8..12].copy_from_slice(&crc.to_le_bytes());
        }
        if let Some(offset) = checksum_offset(self.protocol) {
            let covered = [self.pseudo_header(bytes.len()), bytes.clone()].concat();
            let sum = match (naive_checksum(&covered), self.protocol) {
                (0, Protocol::UDP) => 0xffff,
                (sum, _) => sum,
            };
            bytes[offset..offset + 2].copy_from_slice(&sum.to_be_bytes());
        }
        bytes
    }

    /// The whole packet.
    pub(crate) fn build(&self) -> Vec<u8> {
        let segment = self.segment();
        let mut bytes = match self.family {
            Family::Ipv4 => self.ipv4_header(segment.len()),
            Family::Ipv6 => self.ipv6_header(segment.len()),
        };
        bytes.extend(segment);
        bytes
    }

    fn ipv4_header(&self, payload: usize) -> Vec<u8> {
        let words = u8::try_from(5 + self.extra).expect("at most 15");
        let total = usize::from(words) * 4 + payload;
        let mut bytes = vec![0x40 | words, 0];
        bytes.extend(u16::try_from(total).expect("short").to_be_bytes());
        bytes.extend([0x12, 0x34, 0x40, 0, self.ttl, self.protocol.0, 0, 0]);
        bytes.extend(address(self.family, &self.src.addr));
        bytes.extend(address(self.family, &self.dst.addr));
        bytes.extend(std::iter::repeat_n(1, self.extra * 4));
        let sum = naive_checksum(&bytes);
        bytes[10..12].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    fn ipv6_header(&self, payload: usize) -> Vec<u8> {
        const OPTIONS: u8 = 60;
        let len = u16::try_from(payload + self.extra * 8).expect("short");
        let mut bytes = vec![0x60, 0, 0, 0];
        bytes.extend(len.to_be_bytes());
        let next = |last| match last {
            true => self.protocol.0,
            false => OPTIONS,
        };
        bytes.extend([next(self.extra == 0), self.ttl]);
        bytes.extend(address(self.family, &self.src.addr));
        bytes.extend(address(self.family, &self.dst.addr));
        for index in 1..=self.extra {
            bytes.extend([next(index == self.extra), 0, 1, 4, 0, 0, 0, 0]);
        }
        bytes
    }
}

/// An ICMP error about the beginning of a packet, from `src` to `dst`.
pub(crate) fn icmp_error(family: Family, src: &Addr, dst: &Addr, quoted: &[u8]) -> Vec<u8> {
    let message = Spec {
        family,
        protocol: match family {
            Family::Ipv4 => Protocol::ICMP,
            Family::Ipv6 => Protocol::ICMPV6,
        },
        src: Endpoint::new(*src, 0),
        dst: Endpoint::new(*dst, 0),
        ttl: 64,
        flags: 0,
        extra: 0,
        payload: Vec::new(),
    };
    let kind = match family {
        Family::Ipv4 => 3,
        Family::Ipv6 => 1,
    };
    let mut body = vec![kind, 1, 0, 0, 0, 0, 0, 0];
    body.extend(quoted);
    let covered = match family {
        Family::Ipv4 => body.clone(),
        Family::Ipv6 => [message.pseudo_header(body.len()), body.clone()].concat(),
    };
    body[2..4].copy_from_slice(&naive_checksum(&covered).to_be_bytes());
    let mut bytes = match family {
        Family::Ipv4 => message.ipv4_header(body.len()),
        Family::Ipv6 => message.ipv6_header(body.len()),
    };
    bytes.extend(body);
    bytes
}

/// Both families.
pub(crate) fn any_family() -> impl Strategy<Value = Family> {
    prop_oneof![Just(Family::Ipv4), Just(Family::Ipv6)]
}

/// Any endpoint of a family; all-zero and all-one bytes are common, because
/// they are where one's complement sums go wrong.
pub(crate) fn any_endpoint(family: Family) -> impl Strategy<Value = Endpoint> {
    let byte = prop_oneof![Just(0u8), Just(0xff), any::<u8>()];
    let port = prop_oneof![Just(0u16), Just(0xffff), any::<u16>()];
    (proptest::collection::vec(byte, 16), port).prop_map(move |(bytes, port)| {
        let addr = Addr::from_slice(family, &bytes).expect("long enough");
        Endpoint::new(addr, port)
    })
}

/// Any packet.
pub(crate) fn any_spec() -> impl Strategy<Value = Spec> {
    let protocol = prop_oneof![
        Just(Protocol::TCP),
        Just(Protocol::UDP),
        Just(Protocol::SCTP)
    ];
    (any_family(), protocol).prop_flat_map(|(family, protocol)| {
        (
            (any_endpoint(family), any_endpoint(family)),
            (any::<u8>(), any::<u8>(), 0..=8usize),
            proptest::collection::vec(any::<u8>(), 0..64),
        )
            .prop_map(move |((src, dst), (ttl, flags, extra), payload)| Spec {
                family,
                protocol,
                src,
                dst,
                ttl,
                flags,
                extra,
                payload,
            })
    })
}

/// A packet and an endpoint of its family.
pub(crate) fn spec_and_endpoint() -> impl Strategy<Value = (Spec, Endpoint)> {
    any_spec().prop_flat_map(|spec| {
        let endpoint = any_endpoint(spec.family);
        (Just(spec), endpoint)
    })
}
