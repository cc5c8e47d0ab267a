// SPDX-License-Identifier: GPL-2.0

//! The native grammar: a noun, a verb, and what they are about.

mod args;
pub(crate) mod complete;
mod conn;
mod declare;
mod import;
mod plan;
mod settings;
mod tools;

use super::{
    ipvsadm,
    Invocation, //
};
use crate::{
    action::Action,
    document::Format,
    error::Error,
    request::Owner, //
};
use args::{
    AnywhereArgs,
    ConfigArgs,
    DrainArgs,
    FormatName,
    OptionalService,
    ServerArgs,
    ServerPlace,
    ServiceArgs,
    ServiceSettings,
    SourceName,
    StatsArgs, //
};
use clap::{
    error::ErrorKind,
    Parser,
    Subcommand, //
};
use clap_complete::engine::ArgValueCompleter;
use conn::{
    FilterArgs,
    FlowArgs,
    KillArgs, //
};
use declare::{
    ApplyArgs,
    DocumentArgs, //
};
use plan::Plan;
use std::{
    ffi::OsString,
    path::PathBuf,
    time::Duration, //
};
use tools::{
    DoctorArgs,
    ExporterArgs,
    MonitorArgs, //
};

/// The options that may stand in front of the noun.
pub const LEADING_OPTIONS: &[&str] = &[
    "-n",
    "--netns",
    "--json",
    "--watch",
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
  rvsadm service add fwmark 7 --scheduler wlc --persist 300/24
  rvsadm server add fwmark 7 10.0.0.3 --tunnel gue:6080 --upper 1000
  rvsadm service list
  rvsadm --json service show tcp 192.0.2.1:80
  rvsadm -n blue conn list
  rvsadm config set --timeout-tcp 600
  rvsadm diff rvs.toml
  rvsadm apply rvs.toml --confirm 60

The grammar of ipvsadm is understood as well:
  rvsadm -A -t 192.0.2.1:80 -s rr
  rvsadm -a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3
  rvsadm -Ln --stats
  rvsadm -Sn > rules; rvsadm -R < rules
and as `rvsadm ipvsadm ...`, or by the name ipvsadm, with its messages and exit codes.";

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the output could not be written; diff: something differs; doctor: there is a fault
  2  the command line or a document makes no sense
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
    #[arg(short = 'n', long, global = true, value_name = "NAME",
        add = ArgValueCompleter::new(complete::namespaces))]
    netns: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Print again and again, every 2 seconds or as often as said
    #[arg(long, global = true, value_name = "SECONDS", num_args = 0..=1, require_equals = true,
        default_missing_value = "2", value_parser = parse_pause)]
    watch: Option<Duration>,
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
    /// What would become of a packet, and why; nothing happens to any
    #[command(
        after_help = "Examples:\n  rvsadm explain tcp 198.51.100.7:40000 192.0.2.1:80\n  \
                            rvsadm explain udp 2001:db8::7 '[2001:db8::1]:53' --mark 7\n  \
                            rvsadm explain tcp 198.51.100.7 192.0.2.1:80 --tcp-flags ack"
    )]
    Explain(FlowArgs),
    /// The settings of the network namespace
    #[command(subcommand, arg_required_else_help = false)]
    Config(ConfigVerb),
    /// What passes each second
    #[command(after_help = "Examples:\n  rvsadm stats tcp 192.0.2.1:80\n  \
                            rvsadm stats --openmetrics --level service")]
    Stats(StatsArgs),
    /// Count anew: everything, a service with its servers, or one server
    #[command(
        after_help = "Examples:\n  rvsadm zero\n  rvsadm zero tcp 192.0.2.1:80 10.0.0.2:8080"
    )]
    Zero {
        #[command(flatten)]
        service: OptionalService,
        /// The server
        #[arg(value_name = "SERVER[:PORT]", value_parser = args::parse_place,
            add = ArgValueCompleter::new(complete::servers))]
        server: Option<super::values::Place>,
    },
    /// Show version, features, table sizes and drop counters
    Info,
    /// Show what this kernel module can do: features, schedulers, limits
    Feature,
    /// Let a server finish: it takes no new connections, and goes when it has none left
    #[command(after_help = "Examples:\n  rvsadm drain 10.0.0.2\n  \
                            rvsadm drain 10.0.0.2:8080 --timeout 300 --policy reset\n  \
                            rvsadm drain tcp 192.0.2.1:80 10.0.0.2:8080")]
    Drain {
        #[command(flatten)]
        server: AnywhereArgs,
        #[command(flatten)]
        how: DrainArgs,
    },
    /// Let a server that drains stay
    #[command(after_help = "Examples:\n  rvsadm ready 10.0.0.2\n  \
                            rvsadm ready tcp 192.0.2.1:80 10.0.0.2:8080")]
    Ready(AnywhereArgs),
    /// Look for what often goes wrong, and say what to type against it
    ///
    /// Nothing is changed. A host that has services is looked at as a director: virtual
    /// addresses, forwarding, rp_filter, ways to the servers, MTU of tunnels, modules, connection
    /// tracking. Any other host, and one for which --vip is given, is looked at as a server
    /// that gets packets for a virtual address by direct routing or through a tunnel: that
    /// address, arp_ignore, arp_announce, rp_filter. The exit code is 1 if something does not work.
    #[command(after_help = "Examples:\n  rvsadm doctor\n  rvsadm -n blue doctor\n  \
                            rvsadm doctor --vip 192.0.2.1 --vip 2001:db8::1")]
    Doctor(DoctorArgs),
    /// Serve all counters over HTTP in the OpenMetrics text format, for Prometheus
    ///
    /// The address is printed when it is ready. With --netns the counters are those of that
    /// namespace, and the address is still one of the present namespace.
    #[command(after_help = "Examples:\n  rvsadm exporter\n  \
                            rvsadm -n blue exporter --listen 192.0.2.7:9877 --level service")]
    Exporter(ExporterArgs),
    /// Show services and servers on the whole terminal: connections, rates, drops
    ///
    /// The keys: arrows choose a server, d drains it and r makes it ready, both after a question; s
    /// changes the order, Enter hides servers, ? shows all keys, q quits.
    #[command(after_help = "Examples:\n  rvsadm top\n  rvsadm -n blue top --every 5")]
    Top {
        /// How often to look
        #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = parse_pause)]
        every: Duration,
    },
    /// Print what happens, a line each: changes, servers that are full or drain, pressure
    ///
    /// When events come faster than they are read, some are lost; then a line says so, and
    /// what follows is complete again. The same goes for a module that is loaded anew.
    #[command(after_help = "Examples:\n  rvsadm monitor\n  \
                            rvsadm --json monitor --group state,pressure")]
    Monitor(MonitorArgs),
    /// Remove all services and their servers
    ///
    /// What has an owner stays, and nothing is removed then, unless the owner is named or
    /// --force given.
    #[command(
        after_help = "Examples:\n  rvsadm flush\n  rvsadm flush --owner web\n  rvsadm flush --force"
    )]
    Flush {
        /// Only what this owner has
        #[arg(long, value_name = "NAME", value_parser = Owner::typed)]
        owner: Option<Owner>,
        /// Also what owners have
        #[arg(long)]
        force: bool,
    },
    /// Print all that is configured, as a document
    #[command(
        after_help = "Examples:\n  rvsadm export > rvs.toml\n  rvsadm export --format ipvsadm"
    )]
    Export {
        /// What to write
        #[arg(short, long, value_name = "FORMAT", default_value = "toml")]
        format: FormatName,
    },
    /// Compare what is configured with a document
    ///
    /// A service that the document has is to be as it says there, with these servers and no
    /// others. Exits with 0 if nothing has to change, with 1 if something has to.
    #[command(
        after_help = "Examples:\n  rvsadm diff rvs.toml\n  rvsadm diff rvs.toml --prune --owner web"
    )]
    Diff(DocumentArgs),
    /// Make the kernel have what a document says, as one step
    ///
    /// No packet sees half of it, and if the kernel refuses any of it, nothing is changed.
    #[command(after_help = "Examples:\n  rvsadm apply rvs.toml --dry-run\n  \
                            rvsadm apply rvs.toml --prune --owner web\n  \
                            rvsadm apply rvs.toml --confirm 60")]
    Apply(ApplyArgs),
    /// Keep what `apply --confirm` changed, or undo it at once
    #[command(after_help = "Examples:\n  rvsadm confirm\n  rvsadm confirm --undo")]
    Confirm {
        /// Undo it
        #[arg(long)]
        undo: bool,
    },
    /// Turn a document, what ipvsadm saved, or keepalived.conf into another format
    ///
    /// The kernel is not asked. Every mistake is shown with its place in the file. Of
    /// keepalived.conf, virtual servers are read; what is left out is said.
    #[command(
        after_help = "Examples:\n  rvsadm import /etc/ipvsadm.rules > rvs.toml\n  \
                            rvsadm import rvs.toml --format ipvsadm\n  \
                            rvsadm import /etc/keepalived/keepalived.conf"
    )]
    Import {
        /// The file, or - for standard input
        file: PathBuf,
        /// What the file is written in; if it is not said, what it looks like
        #[arg(long, value_name = "FORMAT")]
        from: Option<SourceName>,
        /// What to write
        #[arg(short, long, value_name = "FORMAT", default_value = "toml")]
        format: FormatName,
    },
    /// Print the JSON schema of documents
    #[command(after_help = "Example:\n  rvsadm schema > rvs.schema.json")]
    Schema,
    /// Print a completion script, which also knows services and servers
    #[command(after_help = "Example:\n  source <(rvsadm completions bash)")]
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
    #[command(
        after_help = "Examples:\n  rvsadm service add tcp 192.0.2.1:80 --scheduler rr\n  \
                            rvsadm service add udp 192.0.2.1:53 -s rr --one-packet\n  \
                            rvsadm service add fwmark 7 --ipv6 -s sh --persist 300/64"
    )]
    Add {
        #[command(flatten)]
        service: ServiceArgs,
        /// The scheduler, which picks the server of each new connection
        #[arg(short, long, value_name = "NAME",
            add = ArgValueCompleter::new(complete::schedulers))]
        scheduler: String,
        #[command(flatten)]
        settings: Box<ServiceSettings>,
    },
    /// Change a service; what is not named stays
    #[command(after_help = "Example:\n  \
                            rvsadm service set tcp 192.0.2.1:80 --timeout established=3600 \
                            --no-server drop")]
    Set {
        #[command(flatten)]
        service: ServiceArgs,
        /// The scheduler, which picks the server of each new connection
        #[arg(short, long, value_name = "NAME",
            add = ArgValueCompleter::new(complete::schedulers))]
        scheduler: Option<String>,
        #[command(flatten)]
        settings: Box<ServiceSettings>,
    },
    /// Remove a service and its servers
    Del(ServiceArgs),
    /// Show a service and its servers
    Show(ServiceArgs),
}

#[derive(Debug, Subcommand)]
enum ServerVerb {
    /// List the servers of a service, or of all services
    List(OptionalService),
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
    /// Let a server finish: it takes no new connections, and goes when it has none left
    #[command(after_help = "Example:\n  \
                            rvsadm server drain tcp 192.0.2.1:80 10.0.0.2:8080 --timeout 300")]
    Drain {
        #[command(flatten)]
        service: ServiceArgs,
        #[command(flatten)]
        server: ServerPlace,
        #[command(flatten)]
        how: DrainArgs,
    },
    /// Let a server that drains stay
    Ready {
        #[command(flatten)]
        service: ServiceArgs,
        #[command(flatten)]
        server: ServerPlace,
    },
}

#[derive(Debug, Subcommand)]
enum ConnVerb {
    /// List connections, all or those that the options say
    #[command(
        after_help = "Examples:\n  rvsadm conn list --client 198.51.100.0/24 --state established\n  \
                            rvsadm conn list --service tcp 192.0.2.1:80 --no-templates"
    )]
    List(FilterArgs),
    /// Remove connections; of each that the options say there is nothing left
    ///
    /// The next packet of such a connection is treated as one that belongs to none. What
    /// persistence remembers is removed as well, unless --no-templates is there.
    #[command(
        after_help = "Examples:\n  rvsadm conn kill --client 198.51.100.7 --reset\n  \
                            rvsadm conn kill --server 10.0.0.2:8080 --no-templates\n  \
                            rvsadm conn kill --all"
    )]
    Kill(KillArgs),
}

#[derive(Debug, Subcommand)]
enum ConfigVerb {
    /// Show the settings
    Show,
    /// Change settings; what is not named stays
    Set(ConfigArgs),
}

/// What follows the options in the long help: the other grammar, from its own table.
fn long_after_help() -> String {
    format!(
        "{EXAMPLES}\n\nOptions in the grammar of ipvsadm:\n{}\n{EXIT_CODES}",
        ipvsadm::flags_help()
    )
}

/// Understands a whole command line.
pub fn parse(args: Vec<OsString>) -> Result<Invocation, Error> {
    let cli = match Cli::try_parse_from(join_pause(args)) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let plan = cli.noun.plan(cli.json, cli.netns.as_deref())?;
    if cli.watch.is_some() && !matches!(plan, Plan::View(_)) {
        return Err(Error::usage("--watch is for listings"));
    }
    let action = match plan {
        Plan::Print(text) => return Ok(Invocation::Print(text)),
        Plan::Tool(tool) => {
            return Ok(Invocation::Tool {
                netns: cli.netns,
                tool,
            })
        }
        Plan::Act(Action::Export(Format::Toml)) if cli.json => Action::Export(Format::Json),
        Plan::Act(action) => action,
        Plan::View(view) if cli.watch.is_some() => Action::Watch {
            view,
            json: cli.json,
            pause: cli.watch.unwrap_or_default(),
        },
        Plan::View(view) if cli.json => Action::Json(view),
        Plan::View(view) => Action::Table(view),
    };
    Ok(Invocation::Run {
        netns: cli.netns,
        action: Box::new(action),
    })
}

/// Joins `--watch 5` into `--watch=5`, so that a word behind it that is no number is another
/// argument.
fn join_pause(args: Vec<OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    for arg in args {
        let number = arg.to_str().is_some_and(|text| parse_pause(text).is_ok());
        match joined.last_mut() {
            Some(last) if last == "--watch" && number => {
                last.push("=");
                last.push(arg);
            }
            _ => joined.push(arg),
        }
    }
    joined
}

fn parse_pause(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|s| (0.1..=86_400.0).contains(s));
    seconds
        .map(Duration::from_secs_f32)
        .ok_or_else(|| "a pause is 0.1 to 86400 seconds".to_owned())
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
