// SPDX-License-Identifier: GPL-2.0

//! The native grammar, and how it is told from ipvsadm's.

use crate::support::{
    tcp,
    v4, //
};
use rvs_logic::logic::uapi::Method;
use rvsadm::{
    action::{
        Action,
        Listing,
        View, //
    },
    cli::{
        parse,
        Invocation, //
    },
    error::Error,
    request::{
        Config,
        Request,
        ServerSpec, //
    },
};

fn run(line: &str) -> Result<Invocation, Error> {
    let words = std::iter::once("rvsadm").chain(line.split_whitespace());
    parse(words.map(Into::into).collect())
}

#[track_caller]
fn action(line: &str) -> Action {
    match run(line) {
        Ok(Invocation::Run {
            netns: None,
            action,
        }) => action,
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

#[test]
fn views() {
    let service = tcp(80);
    let cases = [
        ("service list", View::Services),
        ("service show tcp 10.0.0.1:80", View::Service(service)),
        ("server list", View::Servers(None)),
        ("server list tcp 10.0.0.1:80", View::Servers(Some(service))),
        ("conn list", View::Conns),
        ("config show", View::Config),
        ("info", View::Info),
    ];
    for (line, view) in cases {
        assert_eq!(action(line), Action::Table(view), "{line}");
        let json = Action::Json(view);
        assert_eq!(action(&format!("--json {line}")), json, "{line}");
        assert_eq!(action(&format!("{line} --json")), json, "{line}");
    }
}

#[test]
fn changes_of_services() {
    let service = tcp(80);
    let cases = [
        (
            "service add tcp 10.0.0.1:80 --scheduler rr",
            Request::ServiceNew(service, "rr".to_owned()),
        ),
        (
            "service set tcp 10.0.0.1:80 -s wrr",
            Request::ServiceSet(service, "wrr".to_owned()),
        ),
        ("service del tcp 10.0.0.1:80", Request::ServiceDel(service)),
        ("flush", Request::Flush),
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
        endpoint: v4(2, port),
        method,
        weight,
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
            Request::ServerDel(service, v4(2, 8080)),
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
    assert!(!long.contains("--persistent"), "{long}");
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
    assert_eq!(action("-Lnc"), Action::List(Listing::Conns));
    assert!(refused("-Z").contains("--zero"));
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
            "service add sctp 10.0.0.1:80 -s rr",
            "[possible values: tcp, udp]",
        ),
        ("server list tcp", "<ADDRESS:PORT>"),
        (
            "server add tcp 10.0.0.1:80 [2001:db8::1]:80",
            "the server's address must be of the same family as the service's",
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
