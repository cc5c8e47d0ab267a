// SPDX-License-Identifier: GPL-2.0

//! The grammar of ipvsadm: what is accepted, what it means, and the texts of refusals.

use crate::support::{
    tcp,
    udp6,
    v4,
    v6, //
};
use rvs_logic::logic::{
    addr::Endpoint,
    uapi::Method, //
};
use rvsadm::{
    action::{
        Action,
        Listing, //
    },
    cli::ipvsadm::parse,
    error::Error,
    output::list::Style,
    request::{
        Config,
        Request,
        ServerSpec, //
    },
};

fn run(line: &str) -> Result<Action, Error> {
    let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    parse(&args)
}

#[track_caller]
fn change(line: &str) -> Request {
    match run(line) {
        Ok(Action::Change(request)) => request,
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn refused(line: &str) -> String {
    match run(line) {
        Err(Error::Usage(text)) => text,
        other => panic!("{line}: {other:?}"),
    }
}

fn server(endpoint: Endpoint, method: Method, weight: u32) -> ServerSpec {
    ServerSpec {
        endpoint,
        method: Some(method),
        weight: Some(weight),
    }
}

#[test]
fn services() {
    let new = |scheduler: &str| Request::ServiceNew(tcp(80), scheduler.to_owned());
    for line in [
        "-A -t 10.0.0.1:80 -s rr",
        "-A -s rr -t 10.0.0.1:80",
        "-A -t10.0.0.1:80 -srr",
        "-A -t=10.0.0.1:80 -s=rr",
        "-At 10.0.0.1:80 -s rr",
        "--add-service --tcp-service 10.0.0.1:80 --scheduler rr",
        "--add-service --tcp-service=10.0.0.1:80 --scheduler=rr",
    ] {
        assert_eq!(change(line), new("rr"), "{line}");
    }
    assert_eq!(change("-A -t 10.0.0.1:80"), new("wlc"));
    assert_eq!(
        change("-E -t 10.0.0.1:80"),
        Request::ServiceSet(tcp(80), "wlc".to_owned())
    );
    assert_eq!(
        change("--edit-service --udp-service [2001:db8::1]:53 -s rr"),
        Request::ServiceSet(udp6(53), "rr".to_owned())
    );
    assert_eq!(
        change("-D -u [2001:db8::1]:53"),
        Request::ServiceDel(udp6(53))
    );
    for line in ["-C", "--clear"] {
        assert_eq!(change(line), Request::Flush);
    }
}

#[test]
fn servers() {
    for line in [
        "-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 3",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -mw3",
        "-a -r 10.0.0.2:8080 -t 10.0.0.1:80 -w=3 --masquerading",
        "--add-server --tcp-service 10.0.0.1:80 --real-server 10.0.0.2:8080 -m --weight 3",
    ] {
        let spec = server(v4(2, 8080), Method::Nat, 3);
        assert_eq!(change(line), Request::ServerNew(tcp(80), spec), "{line}");
    }
    assert_eq!(
        change("-a -u [2001:db8::1]:53 -r [2001:db8::2]:5353 -m -w 2147483647"),
        Request::ServerNew(udp6(53), server(v6(2, 5353), Method::Nat, 2_147_483_647))
    );
    // Without a port the server has the service's, whichever option came first.
    for line in [
        "-a -t 10.0.0.1:80 -r 10.0.0.2 -m",
        "-a -m -r 10.0.0.2 -t 10.0.0.1:80",
    ] {
        let spec = server(v4(2, 80), Method::Nat, 1);
        assert_eq!(change(line), Request::ServerNew(tcp(80), spec), "{line}");
    }
}

#[test]
fn direct_servers_have_the_port_of_the_service() {
    let spec = server(v4(2, 80), Method::Direct, 1);
    for line in [
        "-a -t 10.0.0.1:80 -r 10.0.0.2",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:8080",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -g",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:8080 --gatewaying -w 1",
    ] {
        assert_eq!(change(line), Request::ServerNew(tcp(80), spec), "{line}");
    }
    assert_eq!(
        change("-e -t 10.0.0.1:80 -r 10.0.0.2"),
        Request::ServerSet(tcp(80), spec)
    );
    assert_eq!(
        change("-d -t 10.0.0.1:80 -r 10.0.0.2:8080"),
        Request::ServerDel(tcp(80), v4(2, 8080))
    );
}

#[test]
fn lists() {
    let services = |only, stats, exact, sorted| {
        Action::List(Listing::Services {
            only,
            style: Style {
                stats,
                exact,
                sorted,
            },
        })
    };
    let cases = [
        ("", services(None, false, false, true)),
        ("-L", services(None, false, false, true)),
        ("-l", services(None, false, false, true)),
        ("-Ln", services(None, false, false, true)),
        ("-L --sort", services(None, false, false, true)),
        ("-Ln --nosort", services(None, false, false, false)),
        ("-L --stats", services(None, true, false, true)),
        (
            "--list --numeric --exact --stats",
            services(None, true, true, true),
        ),
        ("-LnX --stats", services(None, true, true, true)),
        (
            "-Ln -t 10.0.0.1:80",
            services(Some(tcp(80)), false, false, true),
        ),
        ("-Lnc", Action::List(Listing::Conns)),
        ("-L -c -n", Action::List(Listing::Conns)),
        ("-L --timeout", Action::List(Listing::Timeouts)),
    ];
    for (line, action) in cases {
        assert_eq!(run(line).expect(line), action, "{line}");
    }
}

#[test]
fn timeouts_of_zero_stay() {
    assert_eq!(
        change("--set 1 2 2678400"),
        Request::ConfigSet(Config {
            timeout_tcp: Some(1),
            timeout_tcp_fin: Some(2),
            timeout_udp: Some(2_678_400),
        })
    );
    assert_eq!(change("--set 0 0 0"), Request::ConfigSet(Config::default()));
}

/// Texts as ipvsadm 1.31 prints them, observed; its name is replaced.
const REFUSED: &[(&str, &str)] = &[
    (
        "-t 1.2.3.4:80 -A",
        "Try `rvsadm -h' or 'rvsadm --help' for more information.",
    ),
    (
        "-q",
        "Try `rvsadm -h' or 'rvsadm --help' for more information.",
    ),
    (
        "-A",
        "You need to supply the 'service-address' option for the 'add-service' command",
    ),
    ("-A -t", "-t: missing argument"),
    (
        "-A -t 1.2.3.4",
        "Zero port specified for non-persistent service",
    ),
    (
        "-A -t 1.2.3.4:0",
        "Zero port specified for non-persistent service",
    ),
    (
        "-E -t 1.2.3.4",
        "Zero port specified for non-persistent service",
    ),
    (
        "-A -t :80",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t 1.2.3.4:99999",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t 1.2.3.4:",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t [::1:80",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t [::1]80",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t [::1]",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t [1.2.3.4]:80",
        "illegal virtual server address[:port] specified",
    ),
    (
        "-A -t ::1:80",
        "Zero port specified for non-persistent service",
    ),
    ("-Atu", "illegal virtual server address[:port] specified"),
    ("-A -t 1.2.3.4:80 -D", "invalid option `-D'"),
    ("-A -t 1.2.3.4:80 -Ln", "invalid option `-Ln'"),
    ("-A -t 1.2.3.4:80 --bogus", "--bogus: unknown option"),
    ("-A -t 1.2.3.4:80 -q", "-q: unknown option"),
    ("-A -t 1.2.3.4:80 extra", "unexpected argument extra"),
    ("-A -t 1.2.3.4:80 -", "unexpected argument -"),
    ("-A -- -t 1.2.3.4:80", "unexpected argument -t"),
    ("-Ln -- x", "unexpected argument x"),
    (
        "-A -t 1.2.3.4:80 -t 1.2.3.4:81",
        "multiple 'service-address' options specified",
    ),
    (
        "-A -t 1.2.3.4:80 -u 1.2.3.4:81",
        "multiple 'service-address' options specified",
    ),
    (
        "-A -t 1.2.3.4:80 -r 1.1.1.1",
        "Illegal 'real-server' option with the 'add-service' command",
    ),
    (
        "-D -t 1.2.3.4:80 -s rr",
        "Illegal 'scheduler' option with the 'delete-service' command",
    ),
    ("-C -n", "Illegal 'numeric' option with the 'flush' command"),
    (
        "-C -t 1.2.3.4:80",
        "Illegal 'service-address' option with the 'flush' command",
    ),
    (
        "-a -t 1.2.3.4:80",
        "You need to supply the 'real-server' option for the 'add-server' command",
    ),
    (
        "-a -r 1.2.3.4:80",
        "You need to supply the 'service-address' option for the 'add-server' command",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -w -1",
        "illegal weight specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -w 2147483648",
        "illegal weight specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -w x",
        "illegal weight specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 --weight=",
        "illegal weight specified",
    ),
    ("-a -t 1.2.3.4:80 -r 1.1.1.1 -w", "-w: missing argument"),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -m -g",
        "multiple 'forwarding-method' options specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -g -g",
        "multiple 'forwarding-method' options specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 -w1 -w1",
        "multiple 'weight' options specified",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1:bad",
        "illegal real server address[:port] specified",
    ),
    (
        "-a -t [::1]:80 -r [::2]",
        "illegal real server address[:port] specified",
    ),
    (
        "-a -t [::1]:80 -r 1.1.1.1",
        "Different address family is allowed only for tunneling servers",
    ),
    (
        "-a -t 1.2.3.4:80 -r 1.1.1.1 --wei 3",
        "--wei: unknown option",
    ),
    (
        "-L -c -t 1.2.3.4:80",
        "The option 'service-address' conflicts with the 'connection' option in the 'list' command",
    ),
    (
        "-L -c --timeout",
        "The option 'timeout' conflicts with the 'connection' option in the 'list' command",
    ),
    (
        "-L -t 10.0.0.1:80 --timeout",
        "The option 'timeout' conflicts with the 'service-address' option in the 'list' command",
    ),
    ("-L -c --stats", "options conflicts in the list command"),
    (
        "-L --timeout --stats",
        "options conflicts in the list command",
    ),
    ("-Lnq", "-Lnq: unknown option"),
    (
        "-L -s rr",
        "Illegal 'scheduler' option with the 'list' command",
    ),
    ("-L x", "unexpected argument x"),
    ("--set", "--set option requires 3 timeout values"),
    ("--set 1", "--set option requires 3 timeout values"),
    ("--set 1 2", "--set option requires 3 timeout values"),
    ("--set 1 2 3 4", "unexpected argument 4"),
    ("--set x 2 3", "invalid timeout value `x' specified"),
    ("--set 1 x 3", "invalid timeout value `x' specified"),
    (
        "--set 2678401 2 3",
        "invalid timeout value `2678401' specified",
    ),
];

#[test]
fn refusals_have_the_texts_of_ipvsadm() {
    for (line, text) in REFUSED {
        assert_eq!(refused(line), *text, "{line}");
    }
}

#[test]
fn what_rvs_lacks_is_named() {
    let cases = [
        ("-S", "--save (-S)"),
        ("-S -n", "--save (-S)"),
        ("-R", "--restore (-R)"),
        ("-Z", "--zero (-Z)"),
        ("--start-daemon master", "--start-daemon"),
        ("--stop-daemon backup", "--stop-daemon"),
        ("-A -f 1 -6", "--fwmark-service (-f)"),
        ("-A --sctp-service 1.2.3.4:80", "--sctp-service"),
        ("-A -t 1.2.3.4:80 -p 60", "--persistent (-p)"),
        ("-A -t 1.2.3.4:80 -M 255.255.255.0", "--netmask (-M)"),
        ("-A -t 1.2.3.4:80 --pe sip", "--pe"),
        ("-A -t 1.2.3.4:80 -o", "--ops (-o)"),
        ("-A -t 1.2.3.4:80 -b sh-port", "--sched-flags (-b)"),
        ("-a -t 1.2.3.4:80 -r 1.1.1.1 -i", "--ipip (-i)"),
        ("-a -t 1.2.3.4:80 -r 1.1.1.1 -x 5", "--u-threshold (-x)"),
        ("-a -t 1.2.3.4:80 -r 1.1.1.1 -y 5", "--l-threshold (-y)"),
        ("-a -t 1.2.3.4:80 -r 1.1.1.1 --tun-type gue", "--tun-type"),
        ("-Ln --rate", "--rate"),
        ("-L --daemon", "--daemon"),
        ("-L --thresholds", "--thresholds"),
    ];
    for (line, flag) in cases {
        let text = format!("this version of rvs does not support {flag}");
        assert_eq!(refused(line), text, "{line}");
    }
}
