// SPDX-License-Identifier: GPL-2.0

use super::{
    super::addr::Addr,
    *, //
};
use std::{
    hash::{
        DefaultHasher,
        Hasher, //
    },
    vec,
    vec::Vec, //
};

const KEY: HashKey = HashKey {
    k0: 0x0706_0504_0302_0100,
    k1: 0x0f0e_0d0c_0b0a_0908,
};

/// The message of the reference vectors: 0, 1, 2, …
fn counting(len: u8) -> Vec<u8> {
    (0..len).collect()
}

/// The published vectors of SipHash-2-4 (`vectors_sip64` of the reference
/// implementation; the one of length 15 is appendix A of the paper).
#[test]
fn siphash_2_4_matches_the_paper() {
    let cases: [(u8, [u8; 8]); 11] = [
        (0, [0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72]),
        (1, [0xfd, 0x67, 0xdc, 0x93, 0xc5, 0x39, 0xf8, 0x74]),
        (2, [0x5a, 0x4f, 0xa9, 0xd9, 0x09, 0x80, 0x6c, 0x0d]),
        (3, [0x2d, 0x7e, 0xfb, 0xd7, 0x96, 0x66, 0x67, 0x85]),
        (4, [0xb7, 0x87, 0x71, 0x27, 0xe0, 0x94, 0x27, 0xcf]),
        (5, [0x8d, 0xa6, 0x99, 0xcd, 0x64, 0x55, 0x76, 0x18]),
        (6, [0xce, 0xe3, 0xfe, 0x58, 0x6e, 0x46, 0xc9, 0xcb]),
        (7, [0x37, 0xd1, 0x01, 0x8b, 0xf5, 0x00, 0x02, 0xab]),
        (8, [0x62, 0x24, 0x93, 0x9a, 0x79, 0xf5, 0xf5, 0x93]),
        (15, [0xe5, 0x45, 0xbe, 0x49, 0x61, 0xca, 0x29, 0xa1]),
        (63, [0x72, 0x45, 0x06, 0xeb, 0x4c, 0x32, 0x8a, 0x95]),
    ];
    for (len, want) in cases {
        let hash = SipHash24::bytes(&KEY, &counting(len));
        assert_eq!(hash, u64::from_le_bytes(want), "length {len}");
    }
}

/// The standard library's default hasher is SipHash-1-3 under a zero key.
fn standard(message: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(message);
    hasher.finish()
}

#[test]
fn siphash_1_3_matches_the_standard_library() {
    for len in 0..=200 {
        let message = counting(len);
        let hash = SipHash13::bytes(&HashKey::default(), &message);
        assert_eq!(hash, standard(&message), "length {len}");
    }
}

fn endpoint(family: Family, seed: u8) -> Endpoint {
    let [a, b, c, d] = [seed, seed ^ 0x5a, seed.wrapping_mul(3), !seed];
    let addr = match family {
        Family::Ipv4 => Addr::from_v4([a, b, c, d]),
        Family::Ipv6 => Addr::from_v6([a, b, c, d, 1, 2, 3, 4, 5, 6, 7, 8, d, c, b, a]),
    };
    Endpoint::new(addr, u16::from_be_bytes([seed ^ 0x11, seed]))
}

fn tuple(family: Family, seed: u8) -> Tuple {
    Tuple {
        family,
        protocol: Protocol::TCP,
        src: endpoint(family, seed),
        dst: endpoint(family, seed ^ 0x80),
    }
}

fn address_bytes(family: Family, endpoint: &Endpoint) -> Vec<u8> {
    let mut bytes = endpoint.addr.bytes().to_vec();
    bytes.truncate(family.addr_len());
    bytes
}

/// The message of [`tuple_hash`], built byte by byte from its definition.
fn tuple_message(t: &Tuple) -> Vec<u8> {
    let mut message = address_bytes(t.family, &t.src);
    message.extend(address_bytes(t.family, &t.dst));
    message.extend(t.src.port.to_le_bytes());
    message.extend(t.dst.port.to_le_bytes());
    message.extend([t.protocol.0, t.family as u8, 0]);
    message
}

#[test]
fn tuple_hash_is_siphash_of_its_message() {
    for (family, len) in [(Family::Ipv4, 15), (Family::Ipv6, 39)] {
        for seed in 0..=255 {
            let t = tuple(family, seed);
            let message = tuple_message(&t);
            assert_eq!(message.len(), len);
            let zero = HashKey::default();
            assert_eq!(tuple_hash(&zero, &t), fold(standard(&message)));
            assert_eq!(tuple_hash(&KEY, &t), fold(SipHash13::bytes(&KEY, &message)));
        }
    }
}

#[test]
fn other_hashes_are_siphash_of_their_messages() {
    for (family, len) in [(Family::Ipv4, 6), (Family::Ipv6, 18)] {
        for seed in 0..=255 {
            let end = endpoint(family, seed);
            let mut message = address_bytes(family, &end);
            message.extend(end.port.to_le_bytes());
            assert_eq!(message.len(), len);
            let want = fold(SipHash13::bytes(&KEY, &message));
            assert_eq!(endpoint_hash(&KEY, family, end), want);
        }
    }
}

/// Services as people number them: neighbouring addresses and ports spread over all buckets.
#[test]
fn services_spread() {
    for (family, key) in [Family::Ipv4, Family::Ipv6].into_iter().flat_map(|family| {
        (0..20u64).map(move |seed| {
            let k0 = SipHash13::bytes(&KEY, &seed.to_le_bytes());
            let k1 = SipHash13::bytes(&KEY, &k0.to_le_bytes());
            (family, HashKey { k0, k1 })
        })
    }) {
        let mut buckets = std::vec![0u32; 4096];
        for number in 0..4096u32 {
            let [_, _, high, low] = number.to_be_bytes();
            let addr = match family {
                Family::Ipv4 => Addr::from_v4([10, 0, high, low >> 4]),
                Family::Ipv6 => {
                    let mut bytes = [0; 16];
                    (bytes[0], bytes[1], bytes[14], bytes[15]) = (0x20, 1, high, low >> 4);
                    Addr::from_v6(bytes)
                }
            };
            let dst = Endpoint::new(addr, 80 + u16::from(low & 15));
            let hash = service_hash(&key, family, Protocol::TCP, dst);
            assert_ne!(hash, service_hash(&key, family, Protocol::UDP, dst));
            // The top bits choose the bucket.
            buckets[(hash >> 20) as usize] += 1;
        }
        let longest = buckets.iter().max().expect("some");
        let empty = buckets.iter().filter(|n| **n == 0).count();
        assert!(
            *longest <= 10 && empty < 2000,
            "{longest} in one, {empty} empty"
        );
    }
}

/// Every bit of a tuple changes each bit of the hash half of the time.
#[test]
fn one_bit_changes_half_of_the_hash() {
    let mut flipped = [0u32; 32];
    let mut trials = 0u32;
    for seed in 0..=255 {
        let t = tuple(Family::Ipv4, seed);
        let hash = tuple_hash(&KEY, &t);
        for bit in 0..16 {
            let mut src = t;
            src.src.port ^= 1 << bit;
            let mut dst = t;
            dst.dst.port ^= 1 << bit;
            for changed in [src, dst] {
                let difference = hash ^ tuple_hash(&KEY, &changed);
                trials += 1;
                for (index, count) in flipped.iter_mut().enumerate() {
                    *count += (difference >> index) & 1;
                }
            }
        }
    }
    for (index, count) in flipped.iter().enumerate() {
        let share = f64::from(*count) / f64::from(trials);
        assert!((0.47..0.53).contains(&share), "bit {index}: {share}");
    }
}

/// The flows of one client, whose ports only differ, spread evenly over the
/// buckets that the top bits choose.
#[test]
fn ports_of_one_client_spread_over_the_buckets() {
    let buckets = 1024u32;
    for family in [Family::Ipv4, Family::Ipv6] {
        let mut counts = vec![0u32; 1024];
        let mut t = tuple(family, 7);
        for port in 1024..=u16::MAX {
            t.src.port = port;
            let bucket = tuple_hash(&KEY, &t) >> (32 - buckets.trailing_zeros());
            counts[num::index(bucket)] += 1;
        }
        let mean = f64::from(u16::MAX - 1023) / f64::from(buckets);
        let chi2: f64 = counts
            .iter()
            .map(|count| (f64::from(*count) - mean).powi(2) / mean)
            .sum();
        // 1023 degrees of freedom: 1023 plus or minus six deviations of 45.
        assert!((750.0..1300.0).contains(&chi2), "{family:?}: {chi2}");
    }
}
