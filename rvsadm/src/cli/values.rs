// SPDX-License-Identifier: GPL-2.0

//! Values that both grammars read: addresses, ports and protocols.

use rvs_logic::logic::addr::{
    Addr,
    Endpoint,
    Family,
    Protocol, //
};
use std::{
    fs,
    net::{
        IpAddr,
        Ipv6Addr,
        ToSocketAddrs, //
    }, //
};

/// An address with or without a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The family of the address.
    pub family: Family,
    /// The address.
    pub addr: Addr,
    /// The port, if there is one.
    pub port: Option<u16>,
}

impl Place {
    /// The endpoint at this port unless the place has its own.
    pub fn endpoint(&self, port: u16) -> Endpoint {
        Endpoint::new(self.addr, self.port.unwrap_or(port))
    }
}

/// Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
pub fn place(text: &str) -> Option<Place> {
    let (host, port) = split(text)?;
    let ip = host.parse().ok()?;
    Some(at(ip, port.map(str::parse).transpose().ok()?))
}

/// The same as C programs read it, or with the names of a host and of a port of `protocol`.
///
/// Only IPv4 addresses are looked up by name.
pub fn named_place(text: &str, protocol: Option<Protocol>) -> Option<Place> {
    let (host, port) = split(text)?;
    let ip = host
        .parse()
        .ok()
        .or_else(|| Some(IpAddr::from(legacy_v4(host)?)))
        .or_else(|| look_up_host(host))?;
    let port = match port {
        Some(port) => Some(legacy_port(port).or_else(|| look_up_port(port, protocol?))?),
        None => None,
    };
    Some(at(ip, port))
}

/// A decimal number as strtol() reads it, blanks and a plus sign in front included.
pub fn legacy_number(text: &str, least: u32, most: u32) -> Option<u32> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let digits = text.strip_prefix('+').unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().ok()?;
    (least..=most).contains(&number).then_some(number)
}

fn legacy_port(text: &str) -> Option<u16> {
    u16::try_from(legacy_number(text, 0, u32::from(u16::MAX))?).ok()
}

/// An IPv4 address as inet_aton() reads it: one to four decimal, octal or hexadecimal
/// numbers, of which the last fills what is left.
pub fn legacy_v4(text: &str) -> Option<[u8; 4]> {
    let text = text.split(|c: char| c.is_ascii_whitespace()).next()?;
    let numbers: Option<Vec<u32>> = text.split('.').map(c_number).collect();
    let numbers = numbers?;
    let (last, before) = numbers.split_last()?;
    if before.len() > 3 {
        return None;
    }
    let mut bytes = [0; 4];
    for (byte, number) in bytes.iter_mut().zip(before) {
        *byte = u8::try_from(*number).ok()?;
    }
    let last = last.to_be_bytes();
    let (cut, kept) = last.split_at(before.len());
    if cut.iter().any(|byte| *byte != 0) {
        return None;
    }
    bytes.get_mut(before.len()..)?.copy_from_slice(kept);
    Some(bytes)
}

/// A number as C writes it: `0x1f`, `017`, `15`.
fn c_number(text: &str) -> Option<u32> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = match (hex, text.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (text, 10),
    };
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

/// The host and the port in an address.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, tail) = rest.split_once(']')?;
        let _is_ipv6: Ipv6Addr = host.parse().ok()?;
        return match tail {
            "" => Some((host, None)),
            _ => Some((host, Some(tail.strip_prefix(':')?))),
        };
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Some((text, None));
    }
    Some(match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    })
}

fn at(ip: IpAddr, port: Option<u16>) -> Place {
    let (family, addr) = match ip {
        IpAddr::V4(v4) => (Family::Ipv4, Addr::from_v4(v4.octets())),
        IpAddr::V6(v6) => (Family::Ipv6, Addr::from_v6(v6.octets())),
    };
    Place { family, addr, port }
}

fn look_up_host(name: &str) -> Option<IpAddr> {
    let all = (name, 0).to_socket_addrs().ok()?;
    all.map(|found| found.ip()).find(IpAddr::is_ipv4)
}

fn look_up_port(name: &str, protocol: Protocol) -> Option<u16> {
    port_in(&fs::read_to_string("/etc/services").ok()?, name, protocol)
}

/// The port with this name in a file like /etc/services: `http 80/tcp www # comment`.
fn port_in(services: &str, name: &str, protocol: Protocol) -> Option<u16> {
    let protocol = protocol.to_string().to_lowercase();
    services.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let first = words.next()?;
        let (port, of) = words.next()?.split_once('/')?;
        let named = first == name || words.any(|alias| alias == name);
        (named && of == protocol).then(|| port.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let read = |text| place(text).map(|place| (place.family.af(), place.port));
        let cases = [
            ("192.0.2.1", Some((2, None))),
            ("192.0.2.1:80", Some((2, Some(80)))),
            ("2001:db8::1", Some((10, None))),
            ("[2001:db8::1]", Some((10, None))),
            ("[2001:db8::1]:80", Some((10, Some(80)))),
            ("192.0.2.1:", None),
            ("192.0.2.1:65536", None),
            ("192.0.2.1:http", None),
            ("[192.0.2.1]:80", None),
            ("[2001:db8::1]80", None),
            ("[2001:db8::1", None),
            ("host:80", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(read(text), want, "{text}");
        }
    }

    #[test]
    fn numbers_of_c() {
        let cases = [
            ("7", Some(7)),
            ("  7", Some(7)),
            ("+7", Some(7)),
            ("007", Some(7)),
            ("-7", None),
            ("++7", None),
            ("7x", None),
            ("7 ", None),
            ("0x7", None),
            ("", None),
            ("11", None),
            ("99999999999", None),
        ];
        for (text, want) in cases {
            assert_eq!(legacy_number(text, 1, 10), want, "{text}");
        }
    }

    #[test]
    fn addresses_of_c() {
        let cases = [
            ("10.0.0.1", Some([10, 0, 0, 1])),
            ("10.0.1", Some([10, 0, 0, 1])),
            ("10.1", Some([10, 0, 0, 1])),
            ("167772161", Some([10, 0, 0, 1])),
            ("010.0.0.1", Some([8, 0, 0, 1])),
            ("0xa.0.0.1 x", Some([10, 0, 0, 1])),
            ("10.0.258", Some([10, 0, 1, 2])),
            ("0", Some([0; 4])),
            ("10.0.0.256", None),
            ("10.256.0.1", None),
            ("10.0.65536", None),
            ("1.2.3.4.5", None),
            ("1..2", None),
            ("+1.2.3.4", None),
            ("09", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(legacy_v4(text), want, "{text}");
        }
    }

    #[test]
    fn ports_by_name() {
        let services = "# ports\nhttp\t80/tcp\twww web # the web\ndomain 53/tcp\ndomain 53/udp\n";
        let port = |name, protocol| port_in(services, name, protocol);
        assert_eq!(port("http", Protocol::TCP), Some(80));
        assert_eq!(port("web", Protocol::TCP), Some(80));
        assert_eq!(port("domain", Protocol::UDP), Some(53));
        assert_eq!(port("http", Protocol::UDP), None);
        assert_eq!(port("the", Protocol::TCP), None);
        assert_eq!(port("ports", Protocol::TCP), None);
    }
}
