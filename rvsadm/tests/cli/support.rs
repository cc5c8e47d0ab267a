// SPDX-License-Identifier: GPL-2.0

//! What several tests need: keys, and the messages of a kernel.

use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    nla::{
        Full,
        Writer, //
    },
    uapi::{
        self,
        cmd, //
    },
};
use rvsadm::{
    client::Client,
    netlink::replay::{
        attributes,
        Datagram,
        Replay, //
    },
    request::{
        Match,
        ServerKey,
        ServerSpec,
        ServiceKey, //
    },
};

/// `10.0.0.LAST:PORT`.
pub(crate) fn v4(last: u8, port: u16) -> Endpoint {
    Endpoint::new(Addr::from_v4([10, 0, 0, last]), port)
}

/// `[2001:db8::LAST]:PORT`.
pub(crate) fn v6(last: u8, port: u16) -> Endpoint {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&[0x20, 1, 0xd, 0xb8]);
    bytes[15] = last;
    Endpoint::new(Addr::from_v6(bytes), port)
}

/// The service `tcp 10.0.0.1:PORT`.
pub(crate) fn tcp(port: u16) -> ServiceKey {
    ServiceKey::at(Family::Ipv4, Protocol::TCP, v4(1, port))
}

/// The service `udp [2001:db8::1]:PORT`.
pub(crate) fn udp6(port: u16) -> ServiceKey {
    ServiceKey::at(Family::Ipv6, Protocol::UDP, v6(1, port))
}

/// The server at an IPv4 address.
pub(crate) fn server_v4(last: u8, port: u16) -> ServerKey {
    ServerKey {
        family: Family::Ipv4,
        endpoint: v4(last, port),
    }
}

/// The server at an IPv6 address.
pub(crate) fn server_v6(last: u8, port: u16) -> ServerKey {
    ServerKey {
        family: Family::Ipv6,
        endpoint: v6(last, port),
    }
}

/// Only the key of a server.
pub(crate) fn bare(key: ServerKey) -> ServerSpec {
    ServerSpec::key(key)
}

/// A client of a kernel that gives these answers.
pub(crate) fn client(answers: impl IntoIterator<Item = Vec<Datagram>>) -> Client<Replay> {
    Client::connect(Replay::new(answers)).expect("the family is known")
}

fn put_addr(to: &mut Writer<'_>, kind: u16, family: Family, at: Endpoint) -> Result<(), Full> {
    to.put(kind, &at.addr.bytes()[..family.addr_len()])
}

fn put_stats(to: &mut Writer<'_>, kind: u16, first: u64) -> Result<(), Full> {
    use uapi::stats as id;

    let nest = to.nest_start(kind)?;
    for (value, kind) in (first..).zip(id::CONNS..=id::OUT_BYTE_RATE) {
        to.put_u64(kind, value)?;
    }
    to.nest_end(nest)
}

/// The key of a service, with the name of its scheduler.
pub(crate) fn put_service_key(
    to: &mut Writer<'_>,
    kind: u16,
    key: &ServiceKey,
    scheduler: &str,
) -> Result<(), Full> {
    use uapi::service as id;

    let nest = to.nest_start(kind)?;
    to.put_u16(id::FAMILY, key.family.af())?;
    match key.matches {
        Match::Address(protocol, endpoint) => {
            to.put_u8(id::PROTOCOL, protocol.0)?;
            put_addr(to, id::ADDR, key.family, endpoint)?;
            to.put_u16_be(id::PORT, endpoint.port)?;
        }
        Match::Mark(mark) => to.put_u32(id::FWMARK, mark)?,
    }
    to.put_str(id::SCHEDULER, scheduler)?;
    to.nest_end(nest)
}

/// The key of a server.
pub(crate) fn put_server_key(
    to: &mut Writer<'_>,
    kind: u16,
    family: Family,
    at: Endpoint,
) -> Result<(), Full> {
    use uapi::dest as id;

    let nest = to.nest_start(kind)?;
    put_addr(to, id::ADDR, family, at)?;
    to.put_u16_be(id::PORT, at.port)?;
    to.nest_end(nest)
}

/// The attributes of a service with counters from `stats` on.
pub(crate) fn service(key: &ServiceKey, scheduler: &str, stats: u64) -> Vec<u8> {
    service_with(key, scheduler, stats, |_| Ok(()))
}

/// The same, with more attributes.
pub(crate) fn service_with(
    key: &ServiceKey,
    scheduler: &str,
    stats: u64,
    more: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
) -> Vec<u8> {
    use uapi::service as id;

    attributes(|to| {
        let nest = to.nest_start(uapi::rvs::SERVICE)?;
        to.put_u16(id::FAMILY, key.family.af())?;
        match key.matches {
            Match::Address(protocol, endpoint) => {
                to.put_u8(id::PROTOCOL, protocol.0)?;
                put_addr(to, id::ADDR, key.family, endpoint)?;
                to.put_u16_be(id::PORT, endpoint.port)?;
            }
            Match::Mark(mark) => to.put_u32(id::FWMARK, mark)?,
        }
        to.put_str(id::SCHEDULER, scheduler)?;
        put_stats(to, id::STATS, stats)?;
        to.put_u32(id::DESTS, 1)?;
        more(to)?;
        to.nest_end(nest)
    })
}

/// The attributes of a server with counters from `stats` on.
pub(crate) fn server(family: Family, at: Endpoint, method: u8, weight: u32, stats: u64) -> Vec<u8> {
    server_with(family, at, method, weight, stats, |_| Ok(()))
}

/// The same, with more attributes.
pub(crate) fn server_with(
    family: Family,
    at: Endpoint,
    method: u8,
    weight: u32,
    stats: u64,
    more: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
) -> Vec<u8> {
    use uapi::dest as id;

    attributes(|to| {
        let nest = to.nest_start(uapi::rvs::DEST)?;
        put_addr(to, id::ADDR, family, at)?;
        to.put_u16_be(id::PORT, at.port)?;
        to.put_u8(id::METHOD, method)?;
        to.put_u32(id::WEIGHT, weight)?;
        to.put_u32(id::ACTIVE, 7)?;
        to.put_u32(id::INACTIVE, 11)?;
        put_stats(to, id::STATS, stats)?;
        more(to)?;
        to.nest_end(nest)
    })
}

/// The attributes of a connection from `10.0.0.9` to the service `10.0.0.1:80`.
pub(crate) fn conn(state: u8, expires: u32) -> Vec<u8> {
    conn_with(state, expires, |_| Ok(()))
}

/// The same, with more attributes.
pub(crate) fn conn_with(
    state: u8,
    expires: u32,
    more: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
) -> Vec<u8> {
    use uapi::conn as id;

    let family = Family::Ipv4;
    attributes(|to| {
        let nest = to.nest_start(uapi::rvs::CONN)?;
        to.put_u16(id::FAMILY, family.af())?;
        to.put_u8(id::PROTOCOL, Protocol::TCP.0)?;
        put_addr(to, id::CLIENT_ADDR, family, v4(9, 0))?;
        to.put_u16_be(id::CLIENT_PORT, 33000)?;
        put_addr(to, id::VIRTUAL_ADDR, family, v4(1, 0))?;
        to.put_u16_be(id::VIRTUAL_PORT, 80)?;
        put_addr(to, id::DEST_ADDR, family, v4(2, 0))?;
        to.put_u16_be(id::DEST_PORT, 8080)?;
        to.put_u8(id::METHOD, 0)?;
        to.put_u8(id::STATE, state)?;
        to.put_u32(id::EXPIRES, expires)?;
        more(to)?;
        to.nest_end(nest)
    })
}

/// The attributes of the settings.
pub(crate) fn config() -> Vec<u8> {
    use uapi::config as id;

    attributes(|to| {
        let nest = to.nest_start(uapi::rvs::CONFIG)?;
        to.put_u32(id::TIMEOUT_TCP, 900)?;
        to.put_u32(id::TIMEOUT_TCP_FIN, 120)?;
        to.put_u32(id::TIMEOUT_UDP, 300)?;
        to.nest_end(nest)
    })
}

/// The attributes of the state of the module.
pub(crate) fn info() -> Vec<u8> {
    info_with(|_| Ok(()))
}

/// The same, with the generation of the configuration.
pub(crate) fn info_at(generation: u32) -> Vec<u8> {
    info_with(|to| to.put_u32(uapi::info::GENERATION, generation))
}

fn info_with(more: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>) -> Vec<u8> {
    use uapi::info as id;

    attributes(|to| {
        let nest = to.nest_start(uapi::rvs::INFO)?;
        to.put_str(id::VERSION, "0.1.0")?;
        to.put_str(id::ABI, "0123456789abcdef")?;
        let numbers = [
            (id::SERVICES, 2),
            (id::DESTS, 3),
            (id::CONNS, 4),
            (id::SERVICE_BUCKETS, 256),
            (id::CONN_BUCKETS, 4096),
            (id::CONN_SIZE, 192),
        ];
        for (kind, value) in numbers {
            to.put_u32(kind, value)?;
        }
        put_stats(to, id::STATS, 100)?;
        to.put_u64(id::SENT_PKTS, 50)?;
        to.put_u64(id::SENT_BYTES, 5000)?;
        to.put_u64(id::FAST_PKTS, 40)?;
        to.put_u64(id::FAST_BYTES, 4000)?;
        to.put_u32(id::FAST_DEVICES, 2)?;
        for (reason, packets) in [(0, 1), (4, 2), (200, 3)] {
            let drop = to.nest_start(id::DROP)?;
            to.put_u8(uapi::drop::REASON, reason)?;
            to.put_u64(uapi::drop::PACKETS, packets)?;
            to.nest_end(drop)?;
        }
        to.put_str(id::SCHEDULER, "rr")?;
        to.put_str(id::FEATURE, "nat")?;
        to.put_str(id::FEATURE, "direct")?;
        more(to)?;
        to.nest_end(nest)
    })
}

/// A whole listing with one message per datagram.
pub(crate) fn dump(messages: impl IntoIterator<Item = Vec<u8>>) -> Vec<Datagram> {
    let messages = messages.into_iter();
    messages
        .map(|message| Datagram::default().message(&message))
        .chain([Datagram::default().done()])
        .collect()
}

/// A reply and its acknowledgement.
pub(crate) fn reply(message: &[u8]) -> Vec<Datagram> {
    vec![Datagram::default().message(message), Datagram::ack()]
}

/// The answers to a listing of two services with three servers.
pub(crate) fn two_services() -> Vec<Vec<Datagram>> {
    let servers = [
        server(Family::Ipv4, v4(3, 80), 3, 3, 20),
        server(Family::Ipv4, v4(2, 8080), 0, 1, 10),
    ];
    vec![
        dump([service(&udp6(53), "rr", 200), service(&tcp(80), "wlc", 100)]),
        dump([server(Family::Ipv6, v6(2, 53), 0, 1, 30)]),
        dump(servers),
    ]
}

/// The number of the command of a message that was sent.
pub(crate) fn command_of(sent: &[u8]) -> u8 {
    let command = sent[16];
    assert!((cmd::SERVICE_NEW..=cmd::EXPLAIN).contains(&command));
    command
}
