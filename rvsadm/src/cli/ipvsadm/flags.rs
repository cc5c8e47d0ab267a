// SPDX-License-Identifier: GPL-2.0

//! The table of flags: everything that ipvsadm understands.

use super::opts::{
    Command,
    Opt, //
};

/// What a flag stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A command.
    Command(Command),
    /// An option.
    Option(Opt),
    /// The service of a firewall mark is one for IPv6; may be said more than once.
    Ipv6,
    /// Accepted without effect, as in ipvsadm.
    Nothing,
}

/// Whether a flag has a value, and what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// It has none.
    None,
    /// It has one.
    Needed(&'static str),
    /// It may have one.
    Optional(&'static str),
}

/// One flag.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its letter.
    pub short: Option<char>,
    /// Its long name.
    pub long: &'static str,
    /// Its value.
    pub value: Value,
    /// What it stands for.
    pub meaning: Meaning,
    /// What it does, for the help; empty if the help leaves it out.
    pub help: &'static str,
}

impl Flag {
    /// How it is written: `-p, --persistent [SECONDS]`.
    pub fn usage(&self) -> String {
        let letter = match self.short {
            Some(letter) => format!("-{letter}, "),
            None => "    ".to_owned(),
        };
        let value = match self.value {
            Value::None => String::new(),
            Value::Needed(name) => format!(" {name}"),
            Value::Optional(name) => format!(" [{name}]"),
        };
        format!("{letter}--{}{value}", self.long)
    }
}

const fn flag(short: char, long: &'static str, value: Value, meaning: Meaning) -> Flag {
    Flag {
        short: if short == ' ' { None } else { Some(short) },
        long,
        value,
        meaning,
        help: "",
    }
}

const fn command(short: char, long: &'static str, command: Command, help: &'static str) -> Flag {
    Flag {
        help,
        ..flag(short, long, Value::None, Meaning::Command(command))
    }
}

const fn option(
    short: char,
    long: &'static str,
    value: Value,
    opt: Opt,
    help: &'static str,
) -> Flag {
    Flag {
        help,
        ..flag(short, long, value, Meaning::Option(opt))
    }
}

/// Every flag of ipvsadm 1.31.
pub const FLAGS: &[Flag] = &[
    command('A', "add-service", Command::AddService, "add a service"),
    command(
        'E',
        "edit-service",
        Command::EditService,
        "change a service; what is not said is reset",
    ),
    command(
        'D',
        "delete-service",
        Command::DeleteService,
        "remove a service",
    ),
    command('C', "clear", Command::Flush, "remove all services"),
    command(
        'R',
        "restore",
        Command::Restore,
        "run the command lines on standard input",
    ),
    command(
        'S',
        "save",
        Command::Save,
        "print the command lines that make what there is",
    ),
    command(
        'a',
        "add-server",
        Command::AddServer,
        "add a server to a service",
    ),
    command(
        'e',
        "edit-server",
        Command::EditServer,
        "change a server; what is not said is reset",
    ),
    command(
        'd',
        "delete-server",
        Command::DeleteServer,
        "remove a server",
    ),
    command('L', "list", Command::List, "list services and servers"),
    command('l', "list", Command::List, ""),
    command(
        'Z',
        "zero",
        Command::Zero,
        "count anew, a service or everything",
    ),
    command(
        ' ',
        "set",
        Command::Set,
        "set the timeouts TCP TCPFIN UDP (seconds, 0 = keep)",
    ),
    command('h', "help", Command::Help, ""),
    command('v', "version", Command::Version, ""),
    flag(
        ' ',
        "start-daemon",
        Value::Needed("STATE"),
        Meaning::Command(Command::StartDaemon),
    ),
    flag(
        ' ',
        "stop-daemon",
        Value::Needed("STATE"),
        Meaning::Command(Command::StopDaemon),
    ),
    option(
        't',
        "tcp-service",
        Value::Needed("HOST:PORT"),
        Opt::Service,
        "a TCP service",
    ),
    option(
        'u',
        "udp-service",
        Value::Needed("HOST:PORT"),
        Opt::Service,
        "a UDP service",
    ),
    option(
        ' ',
        "sctp-service",
        Value::Needed("HOST:PORT"),
        Opt::Service,
        "an SCTP service",
    ),
    option(
        'f',
        "fwmark-service",
        Value::Needed("MARK"),
        Opt::Service,
        "the service of a firewall mark",
    ),
    Flag {
        help: "... and of IPv6",
        ..flag('6', "ipv6", Value::None, Meaning::Ipv6)
    },
    option(
        's',
        "scheduler",
        Value::Needed("NAME"),
        Opt::Scheduler,
        "its scheduler [wlc]",
    ),
    option(
        'b',
        "sched-flags",
        Value::Needed("FLAGS"),
        Opt::SchedFlags,
        "flags of its scheduler, with commas between",
    ),
    option(
        'p',
        "persistent",
        Value::Optional("SECONDS"),
        Opt::Persistent,
        "clients keep their server [360]",
    ),
    option(
        'M',
        "netmask",
        Value::Needed("MASK"),
        Opt::Netmask,
        "clients that share a server: IPv4 mask, IPv6 prefix",
    ),
    option(
        'o',
        "ops",
        Value::None,
        Opt::OnePacket,
        "schedule each packet of a UDP service",
    ),
    option(' ', "pe", Value::Needed("NAME"), Opt::Engine, ""),
    option(
        'r',
        "real-server",
        Value::Needed("HOST[:PORT]"),
        Opt::Server,
        "a server",
    ),
    option(
        'g',
        "gatewaying",
        Value::None,
        Opt::Forward,
        "direct routing (default)",
    ),
    option('i', "ipip", Value::None, Opt::Forward, "tunnel"),
    option('m', "masquerading", Value::None, Opt::Forward, "NAT"),
    option(
        'w',
        "weight",
        Value::Needed("WEIGHT"),
        Opt::Weight,
        "its weight [1]",
    ),
    option(
        'x',
        "u-threshold",
        Value::Needed("NUMBER"),
        Opt::Upper,
        "connections at which it takes no new ones",
    ),
    option(
        'y',
        "l-threshold",
        Value::Needed("NUMBER"),
        Opt::Lower,
        "connections below which it does again",
    ),
    option(
        ' ',
        "tun-type",
        Value::Needed("TYPE"),
        Opt::TunType,
        "ipip, gue or gre [ipip]",
    ),
    option(
        ' ',
        "tun-port",
        Value::Needed("PORT"),
        Opt::TunPort,
        "its port for gue",
    ),
    option(
        ' ',
        "tun-nocsum",
        Value::None,
        Opt::TunNoCsum,
        "gue or gre without a checksum",
    ),
    option(
        ' ',
        "tun-csum",
        Value::None,
        Opt::TunCsum,
        "gue or gre with a checksum",
    ),
    option(
        ' ',
        "tun-remcsum",
        Value::None,
        Opt::TunRemCsum,
        "gue with remote checksum offload",
    ),
    option(
        'n',
        "numeric",
        Value::None,
        Opt::Numeric,
        "print numbers, not names",
    ),
    option(
        'c',
        "connection",
        Value::None,
        Opt::Connection,
        "list connections",
    ),
    option(' ', "timeout", Value::None, Opt::Timeout, "list timeouts"),
    option(
        ' ',
        "daemon",
        Value::None,
        Opt::Daemon,
        "list synchronisation daemons",
    ),
    option(' ', "stats", Value::None, Opt::Stats, "list counters"),
    option(' ', "rate", Value::None, Opt::Rate, "list rates"),
    option(
        ' ',
        "thresholds",
        Value::None,
        Opt::Thresholds,
        "list the limits of servers",
    ),
    option(
        ' ',
        "persistent-conn",
        Value::None,
        Opt::PersistentConn,
        "list how many clients keep a server",
    ),
    option(
        ' ',
        "tun-info",
        Value::None,
        Opt::TunInfo,
        "list what tunnel packets are like",
    ),
    option(
        'X',
        "exact",
        Value::None,
        Opt::Exact,
        "do not abbreviate numbers",
    ),
    option(
        ' ',
        "nosort",
        Value::None,
        Opt::NoSort,
        "list in the order of the kernel",
    ),
    option(
        ' ',
        "mcast-interface",
        Value::Needed("DEVICE"),
        Opt::McastInterface,
        "",
    ),
    option(
        ' ',
        "mcast-group",
        Value::Needed("ADDRESS"),
        Opt::McastGroup,
        "",
    ),
    option(' ', "mcast-port", Value::Needed("PORT"), Opt::McastPort, ""),
    option(' ', "mcast-ttl", Value::Needed("TTL"), Opt::McastTtl, ""),
    option(' ', "syncid", Value::Needed("NUMBER"), Opt::SyncId, ""),
    option(
        ' ',
        "sync-maxlen",
        Value::Needed("LENGTH"),
        Opt::SyncMaxlen,
        "",
    ),
    flag(' ', "sort", Value::None, Meaning::Nothing),
];
