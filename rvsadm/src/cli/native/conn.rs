// SPDX-License-Identifier: GPL-2.0

//! What connections and packets are named by.

use super::{
    args::{
        parse_where,
        MethodName,
        ProtocolName,
        ServiceArgs, //
    },
    complete,
};
use crate::{
    action::Action,
    cli::values::{
        place,
        Place, //
    },
    error::Error,
    reply::longest_prefix,
    request::{
        Filter,
        Flow,
        Range,
        ServiceKey, //
    },
    suggest,
};
use clap::{
    value_parser,
    Args,
    ValueEnum, //
};
use clap_complete::engine::ArgValueCompleter;
use rvs_logic::logic::{
    addr::{
        Family,
        Protocol, //
    },
    uapi::ConnState,
};
use std::net::IpAddr;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FamilyName {
    Ipv4,
    Ipv6,
}

impl From<FamilyName> for Family {
    fn from(name: FamilyName) -> Self {
        match name {
            FamilyName::Ipv4 => Self::Ipv4,
            FamilyName::Ipv6 => Self::Ipv6,
        }
    }
}

/// Which connections; all that is given must be so.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Which connections (all that is given must be so)")]
pub(super) struct FilterArgs {
    /// Of this family
    #[arg(long, value_name = "FAMILY")]
    family: Option<FamilyName>,
    /// Of this protocol: tcp, udp, sctp or a number
    #[arg(long, alias = "protocol", value_name = "PROTOCOL", value_parser = parse_protocol)]
    proto: Option<Protocol>,
    /// Of these clients
    #[arg(long, value_name = "ADDRESS[/BITS][:PORT]", value_parser = parse_range)]
    client: Option<Range>,
    /// To these virtual addresses
    #[arg(long = "virtual", value_name = "ADDRESS[/BITS][:PORT]", value_parser = parse_range,
        add = ArgValueCompleter::new(complete::virtuals))]
    virtual_at: Option<Range>,
    /// To these servers
    #[arg(long, value_name = "ADDRESS[/BITS][:PORT]", value_parser = parse_range,
        add = ArgValueCompleter::new(complete::all_servers))]
    server: Option<Range>,
    /// In this state
    #[arg(long, value_name = "STATE", value_parser = parse_state,
        add = ArgValueCompleter::new(complete::states))]
    state: Option<ConnState>,
    /// Of the service with this firewall mark
    #[arg(long, value_name = "MARK", value_parser = value_parser!(u32).range(1..))]
    mark: Option<u32>,
    /// Forwarded like this
    #[arg(long, value_name = "METHOD")]
    method: Option<MethodName>,
    /// Of this service
    #[arg(long, num_args = 2, value_names = ["PROTOCOL", "ADDRESS:PORT|MARK"],
        add = ArgValueCompleter::new(complete::service_words))]
    service: Option<Vec<String>>,
    /// Only what persistence remembers of clients
    #[arg(long, conflicts_with = "no_templates")]
    templates: bool,
    /// Only connections, not what persistence remembers of clients
    #[arg(long)]
    no_templates: bool,
}

impl FilterArgs {
    pub(super) fn filter(&self) -> Result<Filter, Error> {
        let family = self.family.map(Family::from);
        let service = self.service.as_deref();
        let filter = Filter {
            family,
            protocol: self.proto,
            client: self.client.unwrap_or_default(),
            service_at: self.virtual_at.unwrap_or_default(),
            server: self.server.unwrap_or_default(),
            state: self.state,
            mark: self.mark,
            method: self.method.map(MethodName::into),
            service: service.map(|words| key(words, family)).transpose()?,
            template: match (self.templates, self.no_templates) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            },
        };
        match filter.contradiction() {
            Some(what) => Err(Error::usage(what)),
            None => Ok(filter),
        }
    }
}

/// A service in two words; a firewall mark is that of the family, or of IPv4.
fn key(words: &[String], family: Option<Family>) -> Result<ServiceKey, Error> {
    let [protocol, address] = words else {
        return Err(Error::usage("a service is a protocol and an address"));
    };
    let protocol = ProtocolName::from_str(protocol, true).map_err(Error::usage)?;
    let marked = matches!(protocol, ProtocolName::Fwmark);
    ServiceArgs {
        protocol,
        address: parse_where(address).map_err(Error::usage)?,
        ipv6: marked && family == Some(Family::Ipv6),
    }
    .key()
}

/// Which connections to remove.
#[derive(Clone, Debug, Args)]
pub(super) struct KillArgs {
    #[command(flatten)]
    which: FilterArgs,
    /// All connections
    #[arg(long)]
    all: bool,
    /// Both ends of each TCP connection get a reset (method nat)
    #[arg(long)]
    reset: bool,
}

impl KillArgs {
    pub(super) fn action(&self, json: bool) -> Result<Action, Error> {
        let filter = self.which.filter()?;
        match (filter.is_empty(), self.all) {
            (true, false) => Err(Error::usage(
                "say which connections, for example --client 198.51.100.7, or --all",
            )),
            (false, true) => Err(Error::usage("--all leaves nothing to choose")),
            _ => Ok(Action::Kill {
                filter,
                reset: self.reset,
                json,
            }),
        }
    }
}

/// A packet to explain.
#[derive(Clone, Debug, Args)]
pub(super) struct FlowArgs {
    /// The protocol of the packet: tcp, udp, sctp, icmp or a number
    #[arg(value_name = "PROTOCOL", value_parser = parse_protocol)]
    protocol: Protocol,
    /// Where it comes from; without a port it is one that clients use
    #[arg(value_name = "SOURCE[:PORT]", value_parser = super::args::parse_place)]
    source: Place,
    /// Where it is sent to
    #[arg(value_name = "DESTINATION[:PORT]", value_parser = super::args::parse_place)]
    destination: Place,
    /// Its firewall mark
    #[arg(long, value_name = "MARK")]
    mark: Option<u32>,
    /// The flags of its TCP header, with commas between: fin, syn, rst, psh, ack, urg [syn]
    #[arg(long, value_name = "FLAGS", value_parser = parse_tcp_flags)]
    tcp_flags: Option<u8>,
}

impl FlowArgs {
    pub(super) fn flow(&self) -> Result<Flow, Error> {
        /// What clients often begin with.
        const SOURCE_PORT: u16 = 40_000;

        if self.source.family != self.destination.family {
            return Err(Error::usage("source and destination have one family"));
        }
        let ports = self.protocol.has_ports();
        if ports && self.destination.port.is_none() {
            return Err(Error::usage("the destination needs a port"));
        }
        if self.tcp_flags.is_some() && self.protocol != Protocol::TCP {
            return Err(Error::usage("--tcp-flags is for tcp"));
        }
        Ok(Flow {
            family: self.source.family,
            protocol: self.protocol,
            source: self.source.endpoint(if ports { SOURCE_PORT } else { 0 }),
            destination: self.destination.endpoint(0),
            mark: self.mark,
            tcp_flags: self.tcp_flags,
        })
    }
}

fn parse_protocol(text: &str) -> Result<Protocol, String> {
    const NAMES: [(&str, u8); 6] = [
        ("tcp", 6),
        ("udp", 17),
        ("sctp", 132),
        ("icmp", 1),
        ("icmpv6", 58),
        ("any", 0),
    ];
    let name = text.to_lowercase();
    let known = NAMES.iter().find(|(known, _)| *known == name);
    match (known, text.parse()) {
        (Some((_, number)), _) => Ok(Protocol(*number)),
        (None, Ok(number)) => Ok(Protocol(number)),
        (None, Err(_)) => Err(format!(
            "not a protocol{}",
            suggest::hint(&name, NAMES.iter().map(|(known, _)| *known))
        )),
    }
}

fn parse_state(text: &str) -> Result<ConnState, String> {
    let name = text.to_lowercase().replace('_', "-");
    let known = ConnState::ALL.iter().find(|state| state.name() == name);
    known.copied().ok_or_else(|| {
        let names = ConnState::ALL.iter().map(|state| state.name());
        match suggest::hint(&name, names.clone()).as_str() {
            "" => format!("a state is one of {}", names.collect::<Vec<_>>().join(", ")),
            hint => format!("no such state{hint}"),
        }
    })
}

fn parse_tcp_flags(text: &str) -> Result<u8, String> {
    const NAMES: [&str; 8] = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"];

    let mut bits = 0;
    for word in text.split(',').filter(|word| *word != "none") {
        let bit = NAMES
            .iter()
            .position(|name| word.eq_ignore_ascii_case(name));
        let bit = bit.and_then(|bit| 1u8.checked_shl(u32::try_from(bit).ok()?));
        bits |= bit.ok_or_else(|| format!("no such flag{}", suggest::hint(word, NAMES)))?;
    }
    Ok(bits)
}

/// Reads `10.0.0.0/8`, `10.0.0.1:80`, `10.0.0.0/8:80`, `[2001:db8::/32]:80`, `:80` and the like.
fn parse_range(text: &str) -> Result<Range, String> {
    range(text).ok_or_else(|| {
        "not an IP address with or without /BITS and a port (write [IPV6/BITS]:PORT)".to_owned()
    })
}

fn range(text: &str) -> Option<Range> {
    let (net, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (net, tail) = rest.split_once(']')?;
            match tail {
                "" => (net, None),
                _ => (net, Some(tail.strip_prefix(':')?)),
            }
        }
        // More than one colon is an IPv6 address.
        None => match text.split_once(':') {
            Some((net, port)) if !port.contains(':') => (net, Some(port)),
            _ => (text, None),
        },
    };
    let port = port.map(str::parse).transpose().ok()?;
    if net.is_empty() {
        return port.map(|port| Range {
            net: None,
            port: Some(port),
        });
    }
    let (address, bits) = match net.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (net, None),
    };
    let _is_address: IpAddr = address.parse().ok()?;
    let at = place(address)?;
    let most = longest_prefix(at.family);
    let bits = bits.map_or(Ok(most), str::parse).ok()?;
    (bits <= most).then_some(Range {
        net: Some((at.family, at.addr, bits)),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let read = |text| {
            let range = range(text)?;
            let net = range.net;
            let net = net.map(|(family, addr, bits)| format!("{}/{bits}", addr.display(family)));
            Some((net.unwrap_or_default(), range.port))
        };
        let cases = [
            ("10.0.0.1", Some(("10.0.0.1/32", None))),
            ("10.0.0.0/8", Some(("10.0.0.0/8", None))),
            ("10.0.0.1:80", Some(("10.0.0.1/32", Some(80)))),
            ("10.0.0.0/8:80", Some(("10.0.0.0/8", Some(80)))),
            (":80", Some(("", Some(80)))),
            ("2001:db8::1", Some(("2001:db8::1/128", None))),
            ("2001:db8::/32", Some(("2001:db8::/32", None))),
            ("[2001:db8::/32]:80", Some(("2001:db8::/32", Some(80)))),
            ("[2001:db8::1]", Some(("2001:db8::1/128", None))),
            ("10.0.0.0/33", None),
            ("10.0.0.0/", None),
            ("10.0.0.1:", None),
            ("[2001:db8::/129]:1", None),
            ("[2001:db8::1", None),
            ("host", None),
            (":", None),
            ("", None),
        ];
        for (text, want) in cases {
            let want = want.map(|(net, port)| (net.to_owned(), port));
            assert_eq!(read(text), want, "{text}");
        }
    }

    #[test]
    fn flags() {
        assert_eq!(parse_tcp_flags("syn,ACK"), Ok(0x12));
        assert_eq!(parse_tcp_flags("none"), Ok(0));
        assert!(parse_tcp_flags("sny").is_err_and(|text| text.contains("did you mean syn?")));
    }
}
