// SPDX-License-Identifier: GPL-2.0

//! The native grammar, and how it is told from ipvsadm's.

use crate::support::{
    bare,
    server_v4,
    tcp, //
};
use rvs_logic::logic::uapi::Method;
use rvsadm::{
    action::{
        Action,
        Listing,
        View, //
    },
    cli::{
        ipvsadm::Face,
        parse,
        Invocation, //
    },
    error::Error,
    output::metrics::Level,
    request::{
        Config,
        Filter,
        Request,
        ServerSpec,
        ServiceSpec, //
    },
};

fn run(line: &str) -> Result<Invocation, Error> {
    let words = std::iter::once("rvsadm").chain(line.split_whitespace());
    parse(Face::Rvsadm, words.map(Into::into).collect())
}

#[track_caller]
fn action(line: &str) -> Action {
    match run(line) {
        Ok(Invocation::Run {
            netns: None,
            action,
        }) => *action,
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn refused(line: &str) -> String {
    match run(line) {
        Err(Error::Usage(text) | Error::Syntax(text) | Error::Lacking(text)) => text,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn views() {
    let service = tcp(80);
    let cases = [
        ("service list", View::Services),
        ("service show tcp 10.0.0.1:80", View::Service(service)),
        ("server list", View::Servers(None)),
        ("server list tcp 10.0.0.1:80", View::Servers(Some(service))),
        ("conn list", View::Conns(Filter::default())),
        ("config show", View::Config),
        ("info", View::Info),
        ("feature", View::Features),
    ];
    for (line, view) in cases {
        assert_eq!(action(line), Action::Table(view), "{line}");
        let json = Action::Json(view);
        assert_eq!(action(&format!("--json {line}")), json, "{line}");
        assert_eq!(action(&format!("{line} --json")), json, "{line}");
    }
}

#[test]
fn metrics() {
    let total = Action::Metrics(Level::Total);
    assert_eq!(action("stats --openmetrics"), total);
    let servers = Action::Metrics(Level::Server);
    assert_eq!(action("stats --openmetrics --level server"), servers);
    assert_eq!(action("stats"), Action::Table(View::Stats(None)));
    refused("stats --level server");
    refused("stats --openmetrics --json");
    refused("stats --openmetrics --watch");
    refused("stats --openmetrics tcp 10.0.0.1:80");
}

#[test]
fn watching() {
    let watch = |seconds: f32| Action::Watch {
        view: View::Services,
        json: false,
        pause: std::time::Duration::from_secs_f32(seconds),
    };
    assert_eq!(action("service list --watch"), watch(2.0));
    assert_eq!(action("--watch service list"), watch(2.0));
    assert_eq!(action("--watch 5 service list"), watch(5.0));
    assert_eq!(action("service list --watch=0.5"), watch(0.5));
    refused("service list --watch=0");
    refused("service list --watch=nan");
    assert_eq!(refused("flush --watch"), "--watch is for listings");
}

#[test]
fn filters() {
    let filter = |line: &str| match action(&format!("conn list {line}")) {
        Action::Table(View::Conns(filter)) => filter,
        other => panic!("{line}: {other:?}"),
    };
    let kill = |line: &str| match action(&format!("conn kill {line}")) {
        Action::Kill { filter, reset, .. } => (filter, reset),
        other => panic!("{line}: {other:?}"),
    };
    let of_service = filter("--service tcp 10.0.0.1:80 --no-templates");
    assert_eq!(of_service.service, Some(tcp(80)));
    assert_eq!(of_service.template, Some(false));
    let odd =
        "--proto udp --client 10.0.0.0/8 --virtual :53 --state TIME_WAIT --mark 7 --method nat";
    assert_eq!(kill(&format!("{odd} --reset")), (filter(odd), true));
    assert_eq!(kill("--all"), (Filter::default(), false));
    refused("conn kill");
    refused("conn kill --reset");
    refused("conn kill --all --mark 7");
    refused("conn list --client 10.0.0.1 --virtual ::1");
    refused("conn list --service tcp");
    let text = refused("conn list --state establishd");
    assert!(text.contains("did you mean established?"), "{text}");
}

#[test]
fn explanations() {
    let text = refused("explain tcp 10.0.0.9 10.0.0.1");
    assert_eq!(text, "the destination needs a port");
    refused("explain tcp 10.0.0.9 [::1]:80");
    refused("explain udp 10.0.0.9 10.0.0.1:53 --tcp-flags ack");
    match action("explain icmp 10.0.0.9 10.0.0.1") {
        Action::Table(View::Explain(flow)) => assert_eq!(flow.source.port, 0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn changes_of_services() {
    let service = tcp(80);
    let cases = [
        (
            "service add tcp 10.0.0.1:80 --scheduler rr",
            Request::ServiceNew(service, ServiceSpec::scheduler("rr")),
        ),
        (
            "service set tcp 10.0.0.1:80 -s wrr",
            Request::ServiceSet(service, ServiceSpec::scheduler("wrr")),
        ),
        ("service del tcp 10.0.0.1:80", Request::ServiceDel(service)),
        ("flush", Request::FLUSH),
        (
            "config set --timeout-udp 30",
            Request::ConfigSet(Config {
                timeout_udp: Some(30),
                ..Config::default()
            }),
        ),
    ];
    for (line, request) in cases {
        assert_eq!(action(line), Action::Change(request), "{line}");
    }
}

#[test]
fn changes_of_servers_say_only_what_was_said() {
    let service = tcp(80);
    let spec = |port, method, weight| ServerSpec {
        method,
        weight,
        ..bare(server_v4(2, port))
    };
    let cases = [
        (
            "server add tcp 10.0.0.1:80 10.0.0.2:8080 --method nat --weight 3",
            Request::ServerNew(service, spec(8080, Some(Method::Nat), Some(3))),
        ),
        (
            "server add tcp 10.0.0.1:80 10.0.0.2",
            Request::ServerNew(service, spec(80, None, None)),
        ),
        (
            "server set tcp 10.0.0.1:80 10.0.0.2:81 -w 0",
            Request::ServerSet(service, spec(81, None, Some(0))),
        ),
        (
            "server del tcp 10.0.0.1:80 10.0.0.2:8080",
            Request::ServerDel(service, server_v4(2, 8080)),
        ),
    ];
    for (line, request) in cases {
        assert_eq!(action(line), Action::Change(request), "{line}");
    }
}

#[test]
fn the_namespace_stands_anywhere() {
    for line in ["-n blue info", "--netns=blue info", "info -n blue"] {
        match run(line) {
            Ok(Invocation::Run { netns, .. }) => assert_eq!(netns.as_deref(), Some("blue")),
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn texts_need_no_kernel() {
    let text = |line: &str| match run(line) {
        Ok(Invocation::Print(text)) => text,
        other => panic!("{line}: {other:?}"),
    };
    for line in ["-h", "--help", "service add --help"] {
        assert!(text(line).contains("Usage: rvsadm"), "{line}");
    }
    let long = text("--help");
    assert!(long.contains("--tcp-service HOST:PORT"), "{long}");
    assert!(long.contains("-p, --persistent [SECONDS]"), "{long}");
    for line in ["-v", "-V", "--version"] {
        assert_eq!(
            text(line),
            concat!("rvsadm ", env!("CARGO_PKG_VERSION"), "\n")
        );
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&format!("completions {shell}")).contains("rvsadm"));
    }
}

#[test]
fn the_first_argument_tells_the_grammar() {
    assert!(matches!(action(""), Action::List(Listing::Services { .. })));
    assert!(matches!(
        action("-Lnc"),
        Action::List(Listing::Conns { .. })
    ));
    assert_eq!(action("-Z"), Action::Change(Request::Zero(None)));
    assert!(refused("--sevrice").contains("rvsadm -h"));
}

#[test]
fn mistakes_are_explained() {
    let cases = [
        (
            "servcie list",
            "some similar subcommands exist: 'server', 'service'",
        ),
        ("service", "requires a subcommand"),
        ("service add tcp 10.0.0.1:80", "--scheduler <NAME>"),
        (
            "service add tcp 10.0.0.1 -s rr",
            "the address of a service needs a port",
        ),
        ("service add tcp host:80 -s rr", "not an IP address"),
        (
            "service add dccp 10.0.0.1:80 -s rr",
            "[possible values: tcp, udp, sctp, fwmark]",
        ),
        ("server list tcp", "<ADDRESS:PORT|MARK>"),
        (
            "server add tcp 10.0.0.1:80 [2001:db8::1]:80",
            "a server of another family than the service needs --method tunnel",
        ),
        ("service add fwmark 0 -s rr", "1 to 4294967295"),
        ("service add fwmark 10.0.0.1:80 -s rr", "1 to 4294967295"),
        ("service add tcp 7 -s rr", "not an IP address"),
        (
            "service add tcp 10.0.0.1:80 --ipv6 -s rr",
            "--ipv6 is for firewall marks",
        ),
        ("service set tcp 10.0.0.1:80", "there is nothing to change"),
        (
            "server add tcp 10.0.0.1:80 10.0.0.2 -m nat --tunnel gre",
            "the method nat has no tunnel",
        ),
        (
            "server add tcp 10.0.0.1:80 10.0.0.2 --tunnel-checksum",
            "--tunnel <TYPE>",
        ),
        (
            "server add tcp 10.0.0.1:80 10.0.0.2 --tunnel gue",
            "gue needs a port: gue:PORT",
        ),
        (
            "service set tcp 10.0.0.1:80 --fallback-method nat",
            "--fallback <SERVER[:PORT]>",
        ),
        ("zero tcp", "<ADDRESS:PORT|MARK>"),
        ("config set --timeout x=1", "no such state; there are none"),
        (
            "config set --timeout estabished=1",
            "no such state; did you mean established?",
        ),
        ("service lst", "a similar subcommand exists: 'list'"),
        (
            "import /no/such/file",
            "cannot read /no/such/file: No such file",
        ),
        (
            "server add tcp 10.0.0.1:80 10.0.0.2 -w 2147483648",
            "2147483648 is not in 0..=2147483647",
        ),
        ("config set", "--timeout-tcp <SECONDS>"),
        ("config set --timeout-tcp 0", "0 is not in 1..=2678400"),
    ];
    for (line, part) in cases {
        let text = refused(line);
        assert!(text.contains(part), "{line}: {text}");
        assert!(!text.starts_with("error"), "{line}: {text}");
    }
}
