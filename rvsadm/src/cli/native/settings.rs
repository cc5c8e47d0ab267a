// SPDX-License-Identifier: GPL-2.0

//! Values of the native grammar that consist of several parts.

use crate::{
    request::Timeout,
    suggest, //
};
use rvs_logic::logic::uapi::{
    self,
    ConnState,
    SchedFlag,
    ServiceFlag,
    TunType, //
};

/// A set of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bits(pub(super) u32);

/// How long a client keeps its server, and which clients share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Persist {
    pub(super) seconds: u32,
    pub(super) prefix: Option<u8>,
}

/// What packets are put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TunnelKind {
    pub(super) kind: TunType,
    pub(super) port: u16,
}

/// `300`, `300/24`.
pub(super) fn parse_persist(text: &str) -> Result<Persist, String> {
    let (seconds, prefix) = match text.split_once('/') {
        Some((seconds, prefix)) => (seconds, Some(prefix)),
        None => (text, None),
    };
    let prefix: Option<u8> = prefix
        .map(str::parse)
        .transpose()
        .map_err(|_| "the prefix must be a length in bits")?;
    if prefix.is_some_and(|prefix| prefix > 128) {
        return Err("the prefix is longer than an address".to_owned());
    }
    Ok(Persist {
        seconds: parse_seconds(seconds)?,
        prefix,
    })
}

/// `established=900`.
pub(super) fn parse_timeout(text: &str) -> Result<Timeout, String> {
    let (name, seconds) = text.split_once('=').ok_or("write STATE=SECONDS")?;
    let mut all = ConnState::ALL.iter().copied();
    let state = all.find(|state| state.name() == name).ok_or_else(|| {
        let names = || ConnState::ALL.iter().map(|state| state.name());
        match suggest::hint(name, names()) {
            hint if hint.is_empty() => {
                let names: Vec<&str> = names().collect();
                format!("no such state; there are {}", names.join(" "))
            }
            hint => format!("no such state{hint}"),
        }
    })?;
    Ok(Timeout {
        state,
        seconds: parse_seconds(seconds)?,
    })
}

fn parse_seconds(text: &str) -> Result<u32, String> {
    let seconds = text.parse().ok();
    seconds
        .filter(|seconds| *seconds <= uapi::TIMEOUT_MAX)
        .ok_or_else(|| format!("must be 0 to {} seconds", uapi::TIMEOUT_MAX))
}

/// `ipip`, `gue:6080`, `gre`.
pub(super) fn parse_tunnel(text: &str) -> Result<TunnelKind, String> {
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (text, None),
    };
    let port: Option<u16> = port
        .map(str::parse)
        .transpose()
        .map_err(|_| "the port must be 1 to 65535")?;
    let mut all = TunType::ALL.iter().copied();
    let kind = all
        .find(|kind| kind.name() == name)
        .ok_or("must be ipip, gue:PORT or gre")?;
    match (kind, port) {
        (TunType::Gue, None | Some(0)) => Err("gue needs a port: gue:PORT".to_owned()),
        (TunType::Ipip | TunType::Gre, Some(_)) => Err(format!("{name} has no port")),
        _ => Ok(TunnelKind {
            kind,
            port: port.unwrap_or(0),
        }),
    }
}

/// Names with commas between them, or `none`.
fn parse_bits(text: &str, bit: impl Fn(&str) -> Option<u32>, known: &str) -> Result<Bits, String> {
    if text == "none" {
        return Ok(Bits(0));
    }
    let mut bits = 0;
    for name in text.split(',') {
        let bit = bit(name);
        bits |= bit.ok_or_else(|| format!("'{name}' is none of {known} (with commas between)"))?;
    }
    Ok(Bits(bits))
}

pub(super) fn parse_service_flags(text: &str) -> Result<Bits, String> {
    let bit = |name: &str| {
        let mut all = ServiceFlag::ALL.iter();
        all.find(|flag| flag.name() == name).map(|flag| flag.bit())
    };
    let names: Vec<&str> = ServiceFlag::ALL.iter().map(|flag| flag.name()).collect();
    parse_bits(text, bit, &names.join(", "))
}

pub(super) fn parse_sched_flags(text: &str) -> Result<Bits, String> {
    let bit = |name: &str| {
        Some(match name {
            "fallback" | "sh-fallback" | "mh-fallback" | "flag-1" => SchedFlag::Sched1.bit(),
            "port" | "sh-port" | "mh-port" | "flag-2" => SchedFlag::Sched2.bit(),
            "flag-3" => SchedFlag::Sched3.bit(),
            name => {
                let mut all = SchedFlag::ALL.iter();
                all.find(|flag| flag.name() == name)?.bit()
            }
        })
    };
    parse_bits(text, bit, "fallback, port, flag-3, exact")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persistence() {
        let read = |text| parse_persist(text).map(|persist| (persist.seconds, persist.prefix));
        assert_eq!(read("300"), Ok((300, None)));
        assert_eq!(read("300/24"), Ok((300, Some(24))));
        assert_eq!(read("0"), Ok((0, None)));
        for bad in ["", "x", "300/", "300/x", "300/129", "2678401", "-1", "/24"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn timeouts() {
        let read = |text| parse_timeout(text).map(|timeout| (timeout.state, timeout.seconds));
        assert_eq!(read("established=9"), Ok((ConnState::Established, 9)));
        assert_eq!(
            read("sctp-established=0"),
            Ok((ConnState::SctpEstablished, 0))
        );
        for bad in ["", "established", "established=", "nosuch=1", "udp=2678401"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tunnels() {
        let read = |text| parse_tunnel(text).map(|tunnel| (tunnel.kind, tunnel.port));
        assert_eq!(read("ipip"), Ok((TunType::Ipip, 0)));
        assert_eq!(read("gre"), Ok((TunType::Gre, 0)));
        assert_eq!(read("gue:6080"), Ok((TunType::Gue, 6080)));
        for bad in [
            "",
            "gue",
            "gue:",
            "gue:0",
            "gue:65536",
            "ipip:1",
            "gre:1",
            "vxlan",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn flags() {
        assert_eq!(parse_service_flags("none"), Ok(Bits(0)));
        let both = ServiceFlag::Hairpin.bit() | ServiceFlag::ResetIdle.bit();
        assert_eq!(parse_service_flags("hairpin,reset-idle"), Ok(Bits(both)));
        assert!(parse_service_flags("hairpin,nosuch").is_err());
        assert!(parse_service_flags("").is_err());
        let both = SchedFlag::Sched2.bit() | SchedFlag::Exact.bit();
        assert_eq!(parse_sched_flags("sh-port,exact"), Ok(Bits(both)));
        assert_eq!(parse_sched_flags("port,exact"), Ok(Bits(both)));
        assert!(parse_sched_flags("ports").is_err());
    }
}
