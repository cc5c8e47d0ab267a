// SPDX-License-Identifier: GPL-2.0

//! Requests to the netlink family `rvs`.

use crate::random::Random;
use rvs_logic::logic::uapi::{
    self,
    Attribute, //
};

/// Of `<linux/netlink.h>`.
const REQUEST: u16 = 1;
const ACK: u16 = 4;
const DUMP: u16 = 0x300;
const NESTED: u16 = 0x8000;

const SCHEDULERS: [&str; 18] = [
    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos",
    "p2c", "ewma", "rr", "wlc",
];
/// Few, so that the same objects are met again and again.
const VIPS: [[u8; 4]; 5] = [
    [10, 0, 0, 100],
    [10, 9, 0, 100],
    [10, 9, 0, 101],
    [10, 9, 0, 102],
    [10, 9, 0, 103],
];
const VIPS6: [[u8; 2]; 2] = [[1, 0], [1, 1]];
const PORTS: [u16; 5] = [80, 53, 0, 65535, 8080];
const HOSTILE: [u64; 14] = [
    0,
    1,
    2,
    3,
    4,
    10,
    32,
    128,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
    2_678_400,
];

/// What of the top level a command takes.
fn nests(command: u8) -> &'static [&'static str] {
    match command {
        uapi::cmd::SERVICE_NEW
        | uapi::cmd::SERVICE_SET
        | uapi::cmd::SERVICE_DEL
        | uapi::cmd::SERVICE_GET => &["service"],
        uapi::cmd::DEST_NEW
        | uapi::cmd::DEST_SET
        | uapi::cmd::DEST_DEL
        | uapi::cmd::DEST_GET
        | uapi::cmd::ZERO => &["service", "dest"],
        uapi::cmd::CONFIG_SET => &["config"],
        _ => &[],
    }
}

/// A request whose structure is right and whose values are not always.
pub(crate) fn by_the_specification(random: &mut Random) -> Vec<u8> {
    let command = match random.below(10) {
        0..=2 => uapi::cmd::SERVICE_NEW,
        3..=5 => uapi::cmd::DEST_NEW,
        _ => u8::try_from(random.below(usize::from(uapi::cmd::ZERO) + 2)).unwrap_or(0),
    };
    // Everything at once is removed now and then only.
    if command == uapi::cmd::FLUSH && !random.one_in(50) {
        return by_the_specification(random);
    }
    let mut flags = REQUEST | ACK;
    if random.one_in(20) {
        flags |= DUMP;
    }
    let mut body = Vec::new();
    for attribute in uapi::rvs::ATTRIBUTES {
        let usual = nests(command).contains(&attribute.name);
        if usual && !random.one_in(50) || random.one_in(200) {
            put(random, &mut body, attribute, command);
        }
    }
    message(flags, command, &body)
}

/// A request that breaks the rules of netlink, or anything.
pub(crate) fn against_it(random: &mut Random) -> Vec<u8> {
    if random.one_in(8) {
        let command = random.byte();
        let len = random.below(200);
        let body = random.bytes(len);
        return message(REQUEST | ACK, command, &body);
    }
    let mut message = by_the_specification(random);
    let mut body = message.split_off(3);
    random.mutate(&mut body);
    message.extend(body);
    message
}

fn message(flags: u16, command: u8, body: &[u8]) -> Vec<u8> {
    let mut message = flags.to_le_bytes().to_vec();
    message.push(command);
    message.extend(body);
    message
}

/// Adds an attribute with what is in it.
fn put(random: &mut Random, to: &mut Vec<u8>, attribute: &Attribute, command: u8) {
    let (payload, nested) = match attribute.nested {
        Some(inner) => {
            let payload = nest(random, inner, attribute.name, command);
            (payload, NESTED)
        }
        None => (value(random, attribute.name), 0),
    };
    let len = u16::try_from(payload.len() + 4).unwrap_or(u16::MAX);
    to.extend(len.to_le_bytes());
    to.extend((attribute.kind | nested).to_le_bytes());
    to.extend(&payload);
    to.resize(to.len().next_multiple_of(4), 0);
}

/// The attributes of a nest: the key almost always, settings where they belong, others rarely.
fn nest(random: &mut Random, inner: &[Attribute], name: &str, command: u8) -> Vec<u8> {
    let mut body = Vec::new();
    let key_only = matches!(
        command,
        uapi::cmd::SERVICE_DEL | uapi::cmd::SERVICE_GET | uapi::cmd::DEST_DEL | uapi::cmd::DEST_GET
    ) || name == "service" && nests(command).len() == 2;
    let by_mark = name == "service" && random.one_in(6);
    for attribute in inner {
        let chance = match attribute.name {
            "fwmark" if by_mark => 1,
            "fwmark" | "stats" | "drop" | "dests" | "active" | "inactive" | "templates"
            | "overloaded" => 400,
            "protocol" | "addr" | "port" if by_mark => 400,
            "family" if name == "dest" => 20,
            "family" | "protocol" | "addr" | "port" | "state" | "seconds" => {
                if random.one_in(200) {
                    continue;
                }
                1
            }
            "scheduler" if command == uapi::cmd::SERVICE_NEW => 1,
            _ if key_only => 400,
            _ => 4,
        };
        if random.one_in(chance) {
            put(random, &mut body, attribute, command);
        }
    }
    body
}

/// A value for the attribute of this name.
fn value(random: &mut Random, name: &str) -> Vec<u8> {
    let width = match name {
        "family" | "dest-family" => return family(random),
        "addr" => return address(random),
        "port" | "tun-port" => return random.pick(&PORTS).to_be_bytes().to_vec(),
        "scheduler" => return scheduler(random),
        "protocol" => return vec![random.pick(&[6, 17, 17, 6, 6, 17, 17, 6, 6, 17, 132, 50])],
        "method" | "tun-type" | "no-server" | "persist-prefix" | "state" | "template"
        | "overloaded" | "reason" => 1,
        "tun-flags" => 2,
        _ => 4,
    };
    let width = match random.one_in(300) {
        true => random.below(40),
        false => width,
    };
    let number = match random.one_in(12) {
        true => random.pick(&HOSTILE),
        // Most enumerations and flags are small.
        false => random.word() % 4,
    };
    let mut bytes = number.to_le_bytes().to_vec();
    bytes.resize(width, 0);
    bytes
}

fn family(random: &mut Random) -> Vec<u8> {
    let number: u16 = match random.below(100) {
        0 => 0,
        1 => 65535,
        2..=6 => 10,
        _ => 2,
    };
    number.to_le_bytes().to_vec()
}

fn address(random: &mut Random) -> Vec<u8> {
    match random.below(60) {
        0 => {
            let len = random.below(18);
            random.bytes(len)
        }
        1..=4 => {
            let mut bytes = vec![0x20, 1, 0x0d, 0xb8];
            bytes.resize(14, 0);
            bytes.extend(random.pick(&VIPS6));
            bytes
        }
        5..=32 => random.pick(&VIPS).to_vec(),
        33..=45 => vec![192, 168, 0, random.pick(&[11, 12, 13])],
        _ => vec![10, 9, 1, u8::try_from(random.below(30)).unwrap_or(0)],
    }
}

fn scheduler(random: &mut Random) -> Vec<u8> {
    let mut name = match random.below(400) {
        // For each that is not there the kernel starts modprobe, which takes long.
        0 => random.bytes(5),
        1 => b"nosuch".to_vec(),
        _ => random.pick(&SCHEDULERS).as_bytes().to_vec(),
    };
    if !random.one_in(200) {
        name.push(0);
    }
    name
}
