// SPDX-License-Identifier: GPL-2.0

//! The arguments of the native grammar.

use super::{
    complete,
    settings::{
        parse_persist,
        parse_sched_flags,
        parse_service_flags,
        parse_timeout,
        parse_tunnel,
        Bits,
        Persist,
        TunnelKind, //
    },
};
use crate::{
    cli::values::{
        place,
        Place, //
    },
    request::{
        Owner,
        Timeout, //
    },
};
use clap::{
    builder::RangedI64ValueParser,
    value_parser,
    Args,
    ValueEnum, //
};
use clap_complete::engine::ArgValueCompleter;
use rvs_logic::logic::uapi;

/// What says which packets a service is for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ProtocolName {
    Tcp,
    Udp,
    Sctp,
    /// Packets that a filter rule has marked
    Fwmark,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum MethodName {
    /// Network address translation; answers return through the director
    Nat,
    /// Direct routing; the server answers the client itself
    Direct,
    /// Packets are sent inside others to the server, which answers the client itself
    Tunnel,
    /// The director is the server
    Local,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum NoServerName {
    /// TCP gets a reset, everything else port unreachable
    Reject,
    /// Nothing is answered
    Drop,
    /// Everything gets port unreachable, as with IPVS
    Unreachable,
    /// The packet goes on to where it was sent to
    Bypass,
    /// The fallback server takes it
    Fallback,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FormatName {
    /// For people
    Toml,
    /// For programs
    Json,
    /// Command lines, as `ipvsadm --save` writes and `ipvsadm --restore` reads them
    Ipvsadm,
}

/// What is read.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SourceName {
    /// For people
    Toml,
    /// For programs
    Json,
    /// Command lines, as `ipvsadm --save` writes them
    Ipvsadm,
    /// The virtual servers in keepalived.conf
    Keepalived,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    Yes,
    No,
}

/// Where a service is: an address with a port, or a firewall mark.
#[derive(Clone, Copy, Debug)]
pub(super) enum Where {
    Place(Place),
    Mark(u32),
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ServiceArgs {
    /// The protocol of the service, or fwmark
    pub(super) protocol: ProtocolName,
    /// The virtual address of the service, or its firewall mark
    #[arg(value_name = "ADDRESS:PORT|MARK", value_parser = parse_where,
        add = ArgValueCompleter::new(complete::services))]
    pub(super) address: Where,
    /// The firewall mark is for IPv6
    #[arg(short = '6', long)]
    pub(super) ipv6: bool,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct OptionalService {
    /// The protocol of the service, or fwmark
    #[arg(requires = "address")]
    pub(super) protocol: Option<ProtocolName>,
    /// The virtual address of the service, or its firewall mark
    #[arg(value_name = "ADDRESS:PORT|MARK", value_parser = parse_where,
        add = ArgValueCompleter::new(complete::services))]
    pub(super) address: Option<Where>,
    /// The firewall mark is for IPv6
    #[arg(short = '6', long)]
    pub(super) ipv6: bool,
}

/// How finely counters are told.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LevelName {
    /// Sums alone: a fixed number of lines
    Total,
    /// Also each service
    Service,
    /// Also each server
    Server,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct StatsArgs {
    #[command(flatten)]
    pub(super) service: OptionalService,
    /// Print all counters in the OpenMetrics text format, for Prometheus
    #[arg(long, conflicts_with = "protocol")]
    pub(super) openmetrics: bool,
    /// How finely, with --openmetrics
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "total",
        requires = "openmetrics"
    )]
    pub(super) level: LevelName,
}

/// Everything but the scheduler.
#[derive(Clone, Debug, Args)]
pub(super) struct ServiceSettings {
    /// Flags of the scheduler, with commas between: fallback, port, flag-3, exact, or none
    #[arg(long, value_name = "FLAGS", value_parser = parse_sched_flags)]
    pub(super) scheduler_flags: Option<Bits>,
    /// Size of the scheduler's table, 0 for its default
    #[arg(long, value_name = "NUMBER", value_parser = up_to(uapi::SCHED_SIZE_MAX))]
    pub(super) scheduler_size: Option<u32>,
    /// When the scheduler forgets what was not used (lblc, lblcr), 0 for its default
    #[arg(long, value_name = "SECONDS", value_parser = up_to(uapi::TIMEOUT_MAX))]
    pub(super) scheduler_expiry: Option<u32>,
    /// How long a client keeps its server, 0 for not at all; clients with the same PREFIX share one
    #[arg(long, value_name = "SECONDS[/PREFIX]", value_parser = parse_persist)]
    pub(super) persist: Option<Persist>,
    /// All flags of the service, with commas between: one-packet, reset-idle, hairpin, mss-clamp, fast, or none
    #[arg(long, value_name = "FLAGS", value_parser = parse_service_flags)]
    pub(super) flags: Option<Bits>,
    /// Schedule each datagram for itself (UDP)
    #[arg(long, value_name = "YES|NO", num_args = 0..=1, require_equals = true, default_missing_value = "yes")]
    pub(super) one_packet: Option<Switch>,
    /// Reset both ends of a TCP connection that was idle for too long (NAT)
    #[arg(long, value_name = "YES|NO", num_args = 0..=1, require_equals = true, default_missing_value = "yes")]
    pub(super) reset_idle: Option<Switch>,
    /// Let servers call the virtual address (NAT)
    #[arg(long, value_name = "YES|NO", num_args = 0..=1, require_equals = true, default_missing_value = "yes")]
    pub(super) hairpin: Option<Switch>,
    /// Lower the MSS of connections to what fits through the tunnel
    #[arg(long, value_name = "YES|NO", num_args = 0..=1, require_equals = true, default_missing_value = "yes")]
    pub(super) mss_clamp: Option<Switch>,
    /// Take established flows at ingress, past routing and all other hooks (NAT and direct)
    #[arg(long, value_name = "YES|NO", num_args = 0..=1, require_equals = true, default_missing_value = "yes")]
    pub(super) fast: Option<Switch>,
    /// How long connections may be idle in a state, 0 for the namespace's setting
    #[arg(long, value_name = "STATE=SECONDS", value_parser = parse_timeout,
        add = ArgValueCompleter::new(complete::timeouts))]
    pub(super) timeout: Vec<Timeout>,
    /// What becomes of a new connection for which no server is usable
    #[arg(long, value_name = "ACTION")]
    pub(super) no_server: Option<NoServerName>,
    /// The server that takes connections for which no other is usable
    #[arg(long, value_name = "SERVER[:PORT]", value_parser = parse_place)]
    pub(super) fallback: Option<Place>,
    /// How packets reach the fallback server [direct]
    #[arg(long, value_name = "METHOD", requires = "fallback")]
    pub(super) fallback_method: Option<MethodName>,
    /// What packets to the fallback server are put into: ipip, gue:PORT or gre
    #[arg(long, value_name = "TYPE", value_parser = parse_tunnel, requires = "fallback")]
    pub(super) fallback_tunnel: Option<TunnelKind>,
    /// Tunnel packets to the fallback server have a checksum (gue, gre)
    #[arg(long, requires = "fallback_tunnel")]
    pub(super) fallback_tunnel_checksum: bool,
    /// Tunnel packets to the fallback server have remote checksum offload (gue)
    #[arg(long, requires = "fallback_tunnel")]
    pub(super) fallback_tunnel_remcsum: bool,
    /// How long the weight of a server rises that is new or ready again, 0 for not at all
    #[arg(long, value_name = "SECONDS", value_parser = up_to(uapi::TIMEOUT_MAX))]
    pub(super) slow_start: Option<u32>,
    /// Who manages the service: any name
    #[arg(long, value_name = "NAME", value_parser = Owner::typed)]
    pub(super) owner: Option<Owner>,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ServerPlace {
    /// The address of the server; the port is the service's if it is not given
    #[arg(value_name = "SERVER[:PORT]", value_parser = parse_place,
        add = ArgValueCompleter::new(complete::servers))]
    pub(super) server: Place,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ServerArgs {
    #[command(flatten)]
    pub(super) service: ServiceArgs,
    #[command(flatten)]
    pub(super) server: ServerPlace,
    /// How packets reach the server; a new server gets direct
    #[arg(short, long)]
    pub(super) method: Option<MethodName>,
    /// Its share of new connections, 0 for none; a new server gets 1
    #[arg(short, long, value_parser = up_to(uapi::WEIGHT_MAX))]
    pub(super) weight: Option<u32>,
    /// Connections at which it takes no new ones, 0 for no limit
    #[arg(long, value_name = "NUMBER", value_parser = up_to(uapi::WEIGHT_MAX))]
    pub(super) upper: Option<u32>,
    /// Connections below which it takes new ones again, 0 for three quarters of --upper
    #[arg(long, value_name = "NUMBER", value_parser = up_to(uapi::WEIGHT_MAX))]
    pub(super) lower: Option<u32>,
    /// What packets are put into: ipip, gue:PORT or gre; sets --method tunnel
    #[arg(long, value_name = "TYPE", value_parser = parse_tunnel)]
    pub(super) tunnel: Option<TunnelKind>,
    /// Tunnel packets have a checksum (gue, gre)
    #[arg(long, requires = "tunnel")]
    pub(super) tunnel_checksum: bool,
    /// Tunnel packets have remote checksum offload (gue)
    #[arg(long, requires = "tunnel")]
    pub(super) tunnel_remcsum: bool,
    /// Who manages the server; a new server gets the service's
    #[arg(long, value_name = "NAME", value_parser = Owner::typed)]
    pub(super) owner: Option<Owner>,
}

/// How a server drains.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct DrainArgs {
    /// When it goes whatever it has, 0 for never
    #[arg(short, long, value_name = "SECONDS", default_value_t = 0,
        value_parser = up_to(uapi::TIMEOUT_MAX))]
    pub(super) timeout: u32,
    /// What becomes of connections that are left then
    #[arg(short, long, default_value = "wait")]
    pub(super) policy: PolicyName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PolicyName {
    /// They go on; nobody is told
    Wait,
    /// Both ends of each TCP connection get a reset (NAT)
    Reset,
}

/// A server, of one service or wherever it is.
#[derive(Clone, Debug, Args)]
pub(super) struct AnywhereArgs {
    /// The server, in all services that have it; or a service, and its server
    #[arg(value_name = "[PROTOCOL ADDRESS:PORT] SERVER[:PORT]", num_args = 1..=3, required = true,
        add = ArgValueCompleter::new(complete::anywhere))]
    pub(super) words: Vec<String>,
    /// The firewall mark is for IPv6
    #[arg(short = '6', long)]
    pub(super) ipv6: bool,
}

#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct ConfigArgs {
    /// Idle timeout of established TCP connections
    #[arg(long, value_name = "SECONDS", value_parser = seconds())]
    pub(super) timeout_tcp: Option<u32>,
    /// Idle timeout of TCP connections in FIN_WAIT
    #[arg(long, value_name = "SECONDS", value_parser = seconds())]
    pub(super) timeout_tcp_fin: Option<u32>,
    /// Idle timeout of UDP connections
    #[arg(long, value_name = "SECONDS", value_parser = seconds())]
    pub(super) timeout_udp: Option<u32>,
    /// Idle timeout of connections in any one state
    #[arg(long, value_name = "STATE=SECONDS", value_parser = parse_timeout,
        add = ArgValueCompleter::new(complete::timeouts))]
    pub(super) timeout: Vec<Timeout>,
}

fn seconds() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=i64::from(uapi::TIMEOUT_MAX))
}

fn up_to(most: u32) -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(..=i64::from(most))
}

pub(super) fn parse_place(text: &str) -> Result<Place, String> {
    place(text).ok_or_else(|| "not an IP address with a port (write [IPV6]:PORT)".to_owned())
}

pub(super) fn parse_where(text: &str) -> Result<Where, String> {
    match text.parse() {
        Ok(0) => Err("a firewall mark is 1 to 4294967295".to_owned()),
        Ok(mark) => Ok(Where::Mark(mark)),
        Err(_) => parse_place(text).map(Where::Place),
    }
}
