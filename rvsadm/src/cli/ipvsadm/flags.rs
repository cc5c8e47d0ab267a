// SPDX-License-Identifier: GPL-2.0

//! The table of flags: everything that ipvsadm understands, and what rvs makes of it.

/// What to do; exactly one is given, in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Add a service.
    AddService,
    /// Change a service.
    EditService,
    /// Remove a service.
    DeleteService,
    /// Remove all services.
    Flush,
    /// List something.
    List,
    /// Add a server.
    AddServer,
    /// Remove a server.
    DeleteServer,
    /// Change a server.
    EditServer,
    /// Set timeouts.
    Set,
}

impl Command {
    /// The name in ipvsadm's messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddService => "add-service",
            Self::EditService => "edit-service",
            Self::DeleteService => "delete-service",
            Self::Flush => "flush",
            Self::List => "list",
            Self::AddServer => "add-server",
            Self::DeleteServer => "delete-server",
            Self::EditServer => "edit-server",
            Self::Set => "set",
        }
    }
}

/// An option of a command. Several flags can be the same option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opt {
    /// Print numbers, not names; rvsadm always does.
    Numeric,
    /// List connections.
    Connection,
    /// The service.
    Service,
    /// The scheduler.
    Scheduler,
    /// The server.
    Server,
    /// How packets reach the server.
    Forward,
    /// The weight of the server.
    Weight,
    /// List timeouts.
    Timeout,
    /// List counters.
    Stats,
    /// List in the order of the kernel.
    NoSort,
    /// Print large numbers in full.
    Exact,
}

impl Opt {
    /// The name in ipvsadm's messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Connection => "connection",
            Self::Service => "service-address",
            Self::Scheduler => "scheduler",
            Self::Server => "real-server",
            Self::Forward => "forwarding-method",
            Self::Weight => "weight",
            Self::Timeout => "timeout",
            Self::Stats => "stats",
            Self::NoSort => "nosort",
            Self::Exact => "exact",
        }
    }
}

/// What a flag stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A command.
    Command(Command),
    /// An option.
    Option(Opt),
    /// Accepted without effect, as in ipvsadm.
    Nothing,
    /// A command that rvs does not have yet.
    LaterCommand,
    /// An option that rvs does not have yet.
    LaterOption,
}

/// One flag.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its letter.
    pub short: Option<char>,
    /// Its long name.
    pub long: &'static str,
    /// What its value is called, if it has one.
    pub value: Option<&'static str>,
    /// What it stands for.
    pub meaning: Meaning,
    /// What it does, for the help; empty if the help leaves it out.
    pub help: &'static str,
}

impl Flag {
    /// How it is written: `--persistent (-p)`.
    pub fn name(&self) -> String {
        match self.short {
            Some(letter) => format!("--{} (-{letter})", self.long),
            None => format!("--{}", self.long),
        }
    }
}

const fn command(letter: char, long: &'static str, command: Command, help: &'static str) -> Flag {
    Flag {
        short: Some(letter),
        long,
        value: None,
        meaning: Meaning::Command(command),
        help,
    }
}

const fn option(
    short: Option<char>,
    long: &'static str,
    value: Option<&'static str>,
    opt: Opt,
    help: &'static str,
) -> Flag {
    Flag {
        short,
        long,
        value,
        meaning: Meaning::Option(opt),
        help,
    }
}

const fn later(short: Option<char>, long: &'static str, meaning: Meaning) -> Flag {
    Flag {
        short,
        long,
        value: None,
        meaning,
        help: "",
    }
}

const fn later_option(short: Option<char>, long: &'static str) -> Flag {
    later(short, long, Meaning::LaterOption)
}

/// Every flag of ipvsadm 1.31.
pub const FLAGS: &[Flag] = &[
    command('A', "add-service", Command::AddService, "add a service"),
    command(
        'E',
        "edit-service",
        Command::EditService,
        "change a service",
    ),
    command(
        'D',
        "delete-service",
        Command::DeleteService,
        "remove a service",
    ),
    command('C', "clear", Command::Flush, "remove all services"),
    command(
        'a',
        "add-server",
        Command::AddServer,
        "add a server to a service",
    ),
    command('e', "edit-server", Command::EditServer, "change a server"),
    command(
        'd',
        "delete-server",
        Command::DeleteServer,
        "remove a server",
    ),
    command('L', "list", Command::List, "list services and servers"),
    Flag {
        help: "",
        ..command('l', "list", Command::List, "")
    },
    Flag {
        short: None,
        ..command(
            ' ',
            "set",
            Command::Set,
            "set the timeouts TCP TCPFIN UDP (seconds, 0 = keep)",
        )
    },
    option(
        Some('t'),
        "tcp-service",
        Some("HOST:PORT"),
        Opt::Service,
        "a TCP service",
    ),
    option(
        Some('u'),
        "udp-service",
        Some("HOST:PORT"),
        Opt::Service,
        "a UDP service",
    ),
    option(
        Some('s'),
        "scheduler",
        Some("NAME"),
        Opt::Scheduler,
        "its scheduler [wlc]",
    ),
    option(
        Some('r'),
        "real-server",
        Some("HOST[:PORT]"),
        Opt::Server,
        "a server",
    ),
    option(
        Some('g'),
        "gatewaying",
        None,
        Opt::Forward,
        "direct routing (default)",
    ),
    option(Some('m'), "masquerading", None, Opt::Forward, "NAT"),
    option(
        Some('w'),
        "weight",
        Some("WEIGHT"),
        Opt::Weight,
        "its weight [1]",
    ),
    option(
        Some('n'),
        "numeric",
        None,
        Opt::Numeric,
        "numeric output (always so)",
    ),
    option(
        Some('c'),
        "connection",
        None,
        Opt::Connection,
        "list connections",
    ),
    option(None, "timeout", None, Opt::Timeout, "list timeouts"),
    option(None, "stats", None, Opt::Stats, "list counters"),
    option(
        Some('X'),
        "exact",
        None,
        Opt::Exact,
        "do not abbreviate counters",
    ),
    option(
        None,
        "nosort",
        None,
        Opt::NoSort,
        "list in the order of the kernel",
    ),
    later(None, "sort", Meaning::Nothing),
    later(Some('R'), "restore", Meaning::LaterCommand),
    later(Some('S'), "save", Meaning::LaterCommand),
    later(Some('Z'), "zero", Meaning::LaterCommand),
    later(None, "start-daemon", Meaning::LaterCommand),
    later(None, "stop-daemon", Meaning::LaterCommand),
    later_option(None, "sctp-service"),
    later_option(Some('f'), "fwmark-service"),
    later_option(Some('6'), "ipv6"),
    later_option(Some('p'), "persistent"),
    later_option(Some('M'), "netmask"),
    later_option(None, "pe"),
    later_option(Some('b'), "sched-flags"),
    later_option(Some('o'), "ops"),
    later_option(Some('i'), "ipip"),
    later_option(None, "tun-type"),
    later_option(None, "tun-port"),
    later_option(None, "tun-nocsum"),
    later_option(None, "tun-csum"),
    later_option(None, "tun-remcsum"),
    later_option(None, "tun-info"),
    later_option(Some('x'), "u-threshold"),
    later_option(Some('y'), "l-threshold"),
    later_option(None, "thresholds"),
    later_option(None, "rate"),
    later_option(None, "persistent-conn"),
    later_option(None, "daemon"),
    later_option(None, "mcast-interface"),
    later_option(None, "mcast-group"),
    later_option(None, "mcast-port"),
    later_option(None, "mcast-ttl"),
    later_option(None, "syncid"),
    later_option(None, "sync-maxlen"),
];
