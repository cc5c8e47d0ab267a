// SPDX-License-Identifier: GPL-2.0

//! The native grammar: a noun, a verb, and what they are about.

mod plan;

use super::{
    ipvsadm,
    values::{
        place,
        Place, //
    },
    Invocation,
};
use crate::{
    action::Action,
    error::Error, //
};
use clap::{
    error::ErrorKind,
    Args,
    Parser,
    Subcommand,
    ValueEnum, //
};
use plan::Plan;
use rvs_logic::logic::uapi;
use std::{
    ffi::OsString,
    fmt::Write, //
};

/// The options that may stand in front of the noun.
pub const LEADING_OPTIONS: &[&str] = &[
    "-n",
    "--netns",
    "--json",
    "-h",
    "--help",
    "-V",
    "-v",
    "--version",
];

const EXAMPLES: &str = "\
Examples:
  rvsadm service add tcp 192.0.2.1:80 --scheduler rr
  rvsadm server add tcp 192.0.2.1:80 10.0.0.2:8080 --method nat --weight 3
  rvsadm service list
  rvsadm --json service show tcp 192.0.2.1:80
  rvsadm -n blue conn list
  rvsadm config set --timeout-tcp 600

The grammar of ipvsadm is understood as well:
  rvsadm -A -t 192.0.2.1:80 -s rr
  rvsadm -a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3
  rvsadm -Ln --stats";

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the output could not be written
  2  the command line makes no sense
  3  the kernel refused the request
  4  the kernel could not be asked";

/// Controls the Rust Virtual Server, a layer-4 load balancer in the kernel.
///
/// A service is a virtual address that clients use; its servers answer. Everything
/// belongs to one network namespace: the present one, or the one named with --netns.
#[derive(Debug, Parser)]
#[command(
    name = "rvsadm",
    version,
    after_help = EXAMPLES,
    after_long_help = long_after_help(),
    disable_help_subcommand = true,
    disable_version_flag = true
)]
pub struct Cli {
    /// Act in the network namespace NAME (as in `ip netns`)
    #[arg(short = 'n', long, global = true, value_name = "NAME")]
    netns: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Print the version
    #[arg(short = 'V', short_alias = 'v', long, action = clap::ArgAction::Version)]
    version: Option<bool>,
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, Subcommand)]
enum Noun {
    /// The virtual addresses that clients use
    #[command(subcommand, arg_required_else_help = false)]
    Service(ServiceVerb),
    /// The servers that answer for a service
    #[command(subcommand, arg_required_else_help = false)]
    Server(ServerVerb),
    /// The connections that pass
    #[command(subcommand, arg_required_else_help = false)]
    Conn(ConnVerb),
    /// The settings of the network namespace
    #[command(subcommand, arg_required_else_help = false)]
    Config(ConfigVerb),
    /// Show version, features, table sizes and drop counters
    Info,
    /// Remove all services and their servers
    Flush,
    /// Print a completion script
    Completions {
        /// The shell that is to run it
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
enum ServiceVerb {
    /// List all services
    List,
    /// Add a service
    #[command(after_help = "Example:\n  rvsadm service add tcp 192.0.2.1:80 --scheduler rr")]
    Add {
        #[command(flatten)]
        service: ServiceArgs,
        #[command(flatten)]
        scheduler: SchedulerArg,
    },
    /// Change a service
    Set {
        #[command(flatten)]
        service: ServiceArgs,
        #[command(flatten)]
        scheduler: SchedulerArg,
    },
    /// Remove a service and its servers
    Del(ServiceArgs),
    /// Show a service and its servers
    Show(ServiceArgs),
}

#[derive(Debug, Subcommand)]
enum ServerVerb {
    /// List the servers of a service, or of all services
    List {
        /// The protocol of the service
        #[arg(requires = "address")]
        protocol: Option<ProtocolName>,
        /// The virtual address of the service
        #[arg(value_name = "ADDRESS:PORT", value_parser = parse_place)]
        address: Option<Place>,
    },
    /// Add a server to a service
    #[command(
        after_help = "Example:\n  rvsadm server add tcp 192.0.2.1:80 10.0.0.2:8080 --method nat"
    )]
    Add(ServerArgs),
    /// Change a server; what is not named stays
    Set(ServerArgs),
    /// Remove a server from its service
    Del {
        #[command(flatten)]
        service: ServiceArgs,
        #[command(flatten)]
        server: ServerPlace,
    },
}

#[derive(Debug, Subcommand)]
enum ConnVerb {
    /// List all connections
    List,
}

#[derive(Debug, Subcommand)]
enum ConfigVerb {
    /// Show the settings
    Show,
    /// Change settings; what is not named stays
    Set(ConfigArgs),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProtocolName {
    Tcp,
    Udp,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MethodName {
    /// Network address translation; answers return through the director
    Nat,
    /// Direct routing; the server answers the client itself
    Direct,
}

#[derive(Clone, Copy, Debug, Args)]
struct ServiceArgs {
    /// The protocol of the service
    protocol: ProtocolName,
    /// The virtual address of the service
    #[arg(value_name = "ADDRESS:PORT", value_parser = parse_place)]
    address: Place,
}

#[derive(Debug, Args)]
struct SchedulerArg {
    /// The scheduler, which picks the server of each new connection
    #[arg(short, long, value_name = "NAME")]
    scheduler: String,
}

#[derive(Clone, Copy, Debug, Args)]
struct ServerPlace {
    /// The address of the server; the port is the service's if it is not given
    #[arg(value_name = "SERVER[:PORT]", value_parser = parse_place)]
    server: Place,
}

#[derive(Debug, Args)]
struct ServerArgs {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    server: ServerPlace,
    /// How packets reach the server; a new server gets direct
    #[arg(short, long)]
    method: Option<MethodName>,
    /// Its share of new connections, 0 for none; a new server gets 1
    #[arg(short, long, value_parser = clap::value_parser!(u32).range(..=i64::from(uapi::WEIGHT_MAX)))]
    weight: Option<u32>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct ConfigArgs {
    /// Idle timeout of established TCP connections
    #[arg(long, value_name = "SECONDS", value_parser = seconds())]
    timeout_tcp: Option<u32>,
    /// Idle timeout of TCP connections in FIN_WAIT
    #[arg(long, value_name = "SECONDS", value_parser = seconds())]
    timeout_tcp_fin: Option<u32>,
    /// Idle timeout of UDP connections
    #[arg(long, value_name = "SECONDS", value_parser = seconds())]
    timeout_udp: Option<u32>,
}

fn seconds() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(uapi::TIMEOUT_MAX))
}

fn parse_place(text: &str) -> Result<Place, String> {
    place(text).ok_or_else(|| "not an IP address with a port (write [IPV6]:PORT)".to_owned())
}

/// What follows the options in the long help: the other grammar, from its own table.
fn long_after_help() -> String {
    let mut text = format!("{EXAMPLES}\n\nOptions in the grammar of ipvsadm:\n");
    for flag in ipvsadm::FLAGS.iter().filter(|flag| !flag.help.is_empty()) {
        let letter = flag
            .short
            .map_or("    ".to_owned(), |letter| format!("-{letter}, "));
        let name = format!("{letter}--{} {}", flag.long, flag.value.unwrap_or_default());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<34} {}", flag.help);
    }
    text + "\n" + EXIT_CODES
}

/// Understands a whole command line.
pub fn parse(args: Vec<OsString>) -> Result<Invocation, Error> {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let action = match cli.noun.plan()? {
        Plan::Print(text) => return Ok(Invocation::Print(text)),
        Plan::Change(request) => Action::Change(request),
        Plan::View(view) if cli.json => Action::Json(view),
        Plan::View(view) => Action::Table(view),
    };
    Ok(Invocation::Run {
        netns: cli.netns,
        action,
    })
}

/// Help and version are no errors; the rest is, without clap's own first word.
fn explain(error: &clap::Error) -> Result<Invocation, Error> {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Invocation::Print(text)),
        _ => {
            let text = text.trim_end();
            Err(Error::usage(text.strip_prefix("error: ").unwrap_or(text)))
        }
    }
}
