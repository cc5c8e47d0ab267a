// SPDX-License-Identifier: GPL-2.0

//! Packets of every protocol that rvs looks at, between the hosts of `selftests/lib.sh`.

use crate::random::Random;

/// Client, director on the clients' side, virtual address; server and director on the servers' side.
const HOSTS: [[u8; 4]; 5] = [
    [10, 0, 0, 2],
    [10, 0, 0, 1],
    [10, 0, 0, 100],
    [192, 168, 0, 11],
    [192, 168, 0, 1],
];
const CLIENT: usize = 0;
const DIRECTOR: usize = 1;
const VIRTUAL: usize = 2;
const SERVER: usize = 3;
const DIRECTOR_LAN: usize = 4;

/// 80 and 81 are services, 4500 a port of no service, 6080 one for GUE.
const PORTS: [u16; 6] = [80, 80, 81, 500, 4500, 6080];

#[derive(Clone, Copy)]
enum Ip {
    V4,
    V6,
}

/// An input: the side, then a packet, most often a little wrong.
pub(crate) fn packet(random: &mut Random) -> Vec<u8> {
    let ip = match random.one_in(3) {
        true => Ip::V6,
        false => Ip::V4,
    };
    let side = random.below(2);
    let mut bytes = flow(random, ip, side, 0);
    if !random.one_in(5) {
        random.mutate(&mut bytes);
        // Most are to get past the checks of the stack that come before rvs.
        if !random.one_in(6) {
            repair(&mut bytes);
        }
    }
    bytes.truncate(1500);
    let mut input = vec![u8::try_from(side).unwrap_or(0)];
    input.extend(bytes);
    input
}

/// A packet from the client (side 0) or a server (side 1).
fn flow(random: &mut Random, ip: Ip, side: usize, depth: usize) -> Vec<u8> {
    let (src, dst) = match side {
        0 => (CLIENT, VIRTUAL),
        _ => (SERVER, CLIENT),
    };
    let port = u16::try_from(1024 + random.below(400)).unwrap_or(1024);
    let service = random.pick(&PORTS);
    let ports = match side {
        0 => [port, service],
        _ => [service, port],
    };
    let (protocol, body) = match random.below(if depth == 0 { 14 } else { 7 }) {
        0..=2 => (6, tcp(random, ports)),
        3..=4 => (17, udp(random, ports)),
        5..=6 => (132, sctp(random, ports)),
        7 => (random.pick(&[50, 51]), payload(random, Vec::new())),
        8..=10 => return icmp(random, ip, side),
        11 => return tunnel(random, ip, side),
        12 => return fragments(random, ip, [src, dst], ports),
        _ => (random.byte(), payload(random, Vec::new())),
    };
    build(random, ip, [src, dst], protocol, &body)
}

fn tcp(random: &mut Random, ports: [u16; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    ports.map(|port| bytes.extend(port.to_be_bytes()));
    bytes.extend(random.bytes(8));
    let options = random.pick(&[0, 0, 1, 3, 10]);
    let flags = random.pick(&[2, 0x10, 0x11, 4, 0x12, 0x18, 0, 0xff]);
    bytes.extend([(5 + options) << 4, flags, 0x20, 0, 0, 0, 0, 0]);
    // Maximum segment size, then padding.
    let mut rest = vec![2, 4, 5, 0xb4];
    rest.resize(usize::from(options) * 4, 1);
    bytes.extend(rest);
    payload(random, bytes)
}

fn udp(random: &mut Random, ports: [u16; 2]) -> Vec<u8> {
    let data = payload(random, Vec::new());
    let mut bytes = Vec::new();
    ports.map(|port| bytes.extend(port.to_be_bytes()));
    let len = u16::try_from(data.len() + 8).unwrap_or(8);
    bytes.extend(len.to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(data);
    bytes
}

fn sctp(random: &mut Random, ports: [u16; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    ports.map(|port| bytes.extend(port.to_be_bytes()));
    bytes.extend(random.bytes(8));
    for _ in 0..=random.below(3) {
        let kind = random.pick(&[1, 2, 10, 11, 0, 3, 6, 7, 8, 14, 255]);
        let len = random.pick(&[4, 8, 20, 0, 3, 200]);
        bytes.extend([kind, 0, 0, len]);
        let body = usize::from(len.saturating_sub(4)).min(64);
        bytes.extend(random.bytes(body));
    }
    bytes
}

fn payload(random: &mut Random, mut bytes: Vec<u8>) -> Vec<u8> {
    let len = random.pick(&[0, 1, 7, 64, 600, 1400]);
    let data = random.bytes(len);
    bytes.extend(data);
    bytes
}

/// An ICMP error about a packet that went the other way.
fn icmp(random: &mut Random, ip: Ip, side: usize) -> Vec<u8> {
    let quoted = match random.one_in(6) {
        true => tunnel(random, ip, 1 - side),
        false => flow(random, ip, 1 - side, 1),
    };
    let cut = random.pick(&[8, 20, 28, 48, 68, 128, 576]);
    let (kind, code) = match ip {
        Ip::V4 => (
            random.pick(&[3, 3, 11, 4, 5, 8, 12]),
            random.pick(&[0, 1, 3, 4, 13]),
        ),
        Ip::V6 => (
            random.pick(&[1, 2, 3, 4, 128, 136]),
            random.pick(&[0, 1, 3, 4]),
        ),
    };
    let mut bytes = vec![kind, code, 0, 0, 0, 0];
    bytes.extend(
        random
            .pick(&[0u16, 68, 576, 1280, 1400, 65535])
            .to_be_bytes(),
    );
    bytes.extend(quoted.get(..cut).unwrap_or(&quoted));
    let (ends, protocol) = match side {
        0 => ([CLIENT, random.pick(&[VIRTUAL, DIRECTOR, SERVER])], 1),
        _ => ([SERVER, random.pick(&[CLIENT, DIRECTOR_LAN, VIRTUAL])], 1),
    };
    let protocol = match ip {
        Ip::V4 => protocol,
        Ip::V6 => 58,
    };
    if matches!(ip, Ip::V4) && !random.one_in(10) {
        let sum = checksum(&bytes);
        bytes[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    build(random, ip, ends, protocol, &bytes)
}

/// A packet inside another, as the director sends it to a server.
fn tunnel(random: &mut Random, ip: Ip, side: usize) -> Vec<u8> {
    let inner_ip = random.pick(&[ip, Ip::V4, Ip::V6]);
    let inner = flow(random, inner_ip, side, 1);
    let (number, ether): (u8, [u8; 2]) = match inner_ip {
        Ip::V4 => (4, [8, 0]),
        Ip::V6 => (41, [0x86, 0xdd]),
    };
    let ends = [DIRECTOR_LAN, SERVER];
    let (protocol, head) = match random.below(3) {
        0 => (number, Vec::new()),
        1 => {
            let flags = random.pick(&[0, 0, 0x80, 0xff]);
            let mut head = vec![flags, 0];
            head.extend(ether);
            head.extend(
                [0; 4]
                    .get(..if flags == 0x80 { 4 } else { 0 })
                    .unwrap_or(&[]),
            );
            (47, head)
        }
        _ => {
            let len = u16::try_from(inner.len() + 12).unwrap_or(12);
            let mut head = vec![0x30, 0x39, 0x17, 0xc0];
            head.extend(len.to_be_bytes());
            head.extend([0, 0, random.pick(&[0, 2, 0x1f]), number, 0, 0]);
            (17, head)
        }
    };
    let mut bytes = head;
    bytes.extend(inner);
    build(random, ip, ends, protocol, &bytes)
}

/// One fragment of a packet, any.
fn fragments(random: &mut Random, ip: Ip, ends: [usize; 2], ports: [u16; 2]) -> Vec<u8> {
    let protocol = random.pick(&[6, 17, 132]);
    let segment = udp(random, ports);
    let offset = random.pick(&[0u16, 0, 8, 16, 1400, 65528]);
    let more = random.pick(&[0u16, 1]);
    let id = random.pick(&[1u8, 2, 3]);
    match ip {
        Ip::V4 => {
            let mut bytes = build(random, ip, ends, protocol, &segment);
            let field = (offset / 8) | (more << 13);
            bytes[4..6].copy_from_slice(&[0, id]);
            bytes[6..8].copy_from_slice(&field.to_be_bytes());
            repair(&mut bytes);
            bytes
        }
        Ip::V6 => {
            let mut bytes = vec![protocol, 0];
            bytes.extend((offset | more).to_be_bytes());
            bytes.extend([0, 0, 0, id]);
            bytes.extend(segment);
            build(random, ip, ends, 44, &bytes)
        }
    }
}

/// An IP packet; now and then with options or extension headers.
fn build(
    random: &mut Random,
    ip: Ip,
    [src, dst]: [usize; 2],
    protocol: u8,
    body: &[u8],
) -> Vec<u8> {
    let ttl = random.pick(&[64, 64, 64, 1, 0, 255]);
    match ip {
        Ip::V4 => {
            let options = random.pick(&[0u8, 0, 0, 1, 10]);
            let mut bytes = vec![0x45 + options, 0, 0, 0, 0, 1, random.pick(&[0, 0x40]), 0];
            bytes.extend([ttl, protocol, 0, 0]);
            bytes.extend(HOSTS[src]);
            bytes.extend(HOSTS[dst]);
            bytes.resize(20 + usize::from(options) * 4, 1);
            bytes.extend(body);
            repair(&mut bytes);
            bytes
        }
        Ip::V6 => {
            let extension = random.pick(&[None, None, None, Some(0u8), Some(60), Some(43)]);
            let mut rest = Vec::new();
            if extension.is_some() {
                rest.extend([protocol, 0, 1, 4, 0, 0, 0, 0]);
            }
            rest.extend(body);
            let len = u16::try_from(rest.len()).unwrap_or(0);
            let mut bytes = vec![0x60, 0, 0, 0];
            bytes.extend(len.to_be_bytes());
            bytes.extend([extension.unwrap_or(protocol), ttl]);
            bytes.extend(address6(src));
            bytes.extend(address6(dst));
            bytes.extend(rest);
            bytes
        }
    }
}

/// The IPv6 address of a host: its IPv4 address's last byte, written in decimal, as `lib.sh` does.
fn address6(host: usize) -> [u8; 16] {
    let net = match host {
        SERVER | DIRECTOR_LAN => 0x0b,
        _ => 0x0a,
    };
    let last = HOSTS[host][3];
    let digits = [last / 100, last / 10 % 10, last % 10].map(u16::from);
    let [high, low] = ((digits[0] << 8) | (digits[1] << 4) | digits[2]).to_be_bytes();
    [
        0x20, 1, 0x0d, 0xb8, 0, net, 0, 0, 0, 0, 0, 0, 0, 0, high, low,
    ]
}

/// Makes the lengths and the header checksum of an IP packet right.
fn repair(bytes: &mut [u8]) {
    let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    match bytes.first().map(|first| first >> 4) {
        Some(4) if bytes.len() >= 20 => {
            bytes[2..4].copy_from_slice(&len.to_be_bytes());
            bytes[10..12].copy_from_slice(&[0, 0]);
            let header = (usize::from(bytes[0] & 15) * 4).clamp(20, bytes.len());
            let sum = checksum(&bytes[..header]);
            bytes[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        Some(6) if bytes.len() >= 40 => {
            bytes[4..6].copy_from_slice(&len.saturating_sub(40).to_be_bytes());
        }
        _ => {}
    }
}

/// The internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        let word = [pair[0], pair.get(1).copied().unwrap_or(0)];
        sum += u32::from(u16::from_be_bytes(word));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}
