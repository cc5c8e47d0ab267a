// SPDX-License-Identifier: GPL-2.0

//! The grammar of ipvsadm: what is accepted, and what it means.

use crate::support::{
    server_v4,
    server_v6,
    tcp,
    udp6, //
};
use rvs_logic::logic::{
    addr::Family,
    uapi::{
        Method,
        SchedFlag,
        ServiceFlag,
        TunFlag,
        TunType, //
    },
};
use rvsadm::{
    action::{
        Action,
        Listing, //
    },
    cli::ipvsadm::{
        parse,
        Face, //
    },
    error::Error,
    output::list::{
        Format,
        Style, //
    },
    request::{
        Config,
        Request,
        ServerKey,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Tunnel, //
    },
};

pub(crate) fn run(line: &str) -> Result<Action, Error> {
    let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    parse(Face::Rvsadm, &args)
}

#[track_caller]
fn change(line: &str) -> Request {
    match run(line) {
        Ok(Action::Change(request)) => request,
        other => panic!("{line}: {other:?}"),
    }
}

/// A server as ipvsadm sends it: nothing is left to the kernel.
fn server(key: ServerKey, method: Method, weight: u32) -> ServerSpec {
    ServerSpec {
        method: Some(method),
        weight: Some(weight),
        upper: Some(0),
        lower: Some(0),
        ..ServerSpec::key(key)
    }
}

/// A service as ipvsadm sends it.
fn spec(scheduler: &str, prefix: u8) -> ServiceSpec {
    ServiceSpec {
        flags: Some(0),
        sched_flags: Some(0),
        persist_timeout: Some(0),
        persist_prefix: Some(prefix),
        ..ServiceSpec::scheduler(scheduler)
    }
}

#[test]
fn services() {
    let new = |scheduler: &str| Request::ServiceNew(tcp(80), spec(scheduler, 32));
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
        Request::ServiceSet(tcp(80), spec("wlc", 32))
    );
    assert_eq!(
        change("--edit-service --udp-service [2001:db8::1]:53 -s rr"),
        Request::ServiceSet(udp6(53), spec("rr", 128))
    );
    assert_eq!(
        change("-D -u [2001:db8::1]:53"),
        Request::ServiceDel(udp6(53))
    );
    for line in ["-C", "--clear"] {
        assert_eq!(change(line), Request::FLUSH);
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
        let spec = server(server_v4(2, 8080), Method::Nat, 3);
        assert_eq!(change(line), Request::ServerNew(tcp(80), spec), "{line}");
    }
    assert_eq!(
        change("-a -u [2001:db8::1]:53 -r [2001:db8::2]:5353 -m -w 2147483647"),
        Request::ServerNew(
            udp6(53),
            server(server_v6(2, 5353), Method::Nat, 2_147_483_647)
        )
    );
    // Without a port the server has the service's, whichever option came first.
    for line in [
        "-a -t 10.0.0.1:80 -r 10.0.0.2 -m",
        "-a -m -r 10.0.0.2 -t 10.0.0.1:80",
    ] {
        let spec = server(server_v4(2, 80), Method::Nat, 1);
        assert_eq!(change(line), Request::ServerNew(tcp(80), spec), "{line}");
    }
}

#[test]
fn direct_servers_have_the_port_of_the_service() {
    let spec = server(server_v4(2, 80), Method::Direct, 1);
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
        Request::ServerDel(tcp(80), server_v4(2, 8080))
    );
}

#[test]
fn every_setting_of_a_service() {
    let new = |key, spec| Request::ServiceNew(key, spec);
    let persistent = |seconds, prefix| ServiceSpec {
        persist_timeout: Some(seconds),
        persist_prefix: Some(prefix),
        ..spec("rr", prefix)
    };
    let v4 = tcp(80);
    let v6 = udp6(53);
    let mark = |family| ServiceKey::marked(family, 7);
    let any_port = ServiceKey::at(
        Family::Ipv4,
        tcp(0).protocol().expect("TCP"),
        tcp(0).endpoint(),
    );
    let one_packet = ServiceSpec {
        flags: Some(ServiceFlag::OnePacket.bit()),
        ..spec("rr", 128)
    };
    let flags = |scheduler: &str, bits| ServiceSpec {
        sched_flags: Some(bits),
        ..spec(scheduler, 32)
    };
    let (first, second) = (SchedFlag::Sched1.bit(), SchedFlag::Sched2.bit());
    let cases = [
        ("-A -t 10.0.0.1:80 -s rr -p", new(v4, persistent(360, 32))),
        ("-A -t 10.0.0.1:80 -p -s rr", new(v4, persistent(360, 32))),
        ("-A -t 10.0.0.1:80 -p5 -s rr", new(v4, persistent(5, 32))),
        ("-A -t 10.0.0.1:80 -p=5 -s rr", new(v4, persistent(5, 32))),
        (
            "-A -t 10.0.0.1:80 --persistent 5 -s rr -M 255.255.255.0",
            new(v4, persistent(5, 24)),
        ),
        (
            "-A -t 10.0.0.1 -s rr -p 5",
            new(any_port, persistent(5, 32)),
        ),
        (
            "-A -u [2001:db8::1]:53 -s rr -p 5 -M 64",
            new(v6, persistent(5, 64)),
        ),
        // A mask in front of the family is forgotten, as in ipvsadm.
        (
            "-A -M 255.0.0.0 -u [2001:db8::1]:53 -s rr -p 5",
            new(v6, persistent(5, 128)),
        ),
        (
            "-A -f 7 -M 64 -6 -s rr -p 5",
            new(mark(Family::Ipv6), persistent(5, 128)),
        ),
        ("-A -f 7 -s rr", new(mark(Family::Ipv4), spec("rr", 32))),
        ("-A -f 7 -6 -s rr", new(mark(Family::Ipv6), spec("rr", 128))),
        (
            "-A -f 7 -6 -6 -s rr -p 5 -M 64",
            new(mark(Family::Ipv6), persistent(5, 64)),
        ),
        (
            "-A -u [2001:db8::1]:53 -s rr -o",
            new(v6, one_packet.clone()),
        ),
        (
            "-A -f 7 -6 -s rr --ops",
            new(mark(Family::Ipv6), one_packet),
        ),
        (
            "-A -t 10.0.0.1:80 -s sh -b sh-port,sh-fallback",
            new(v4, flags("sh", first | second)),
        ),
        (
            "-A -t 10.0.0.1:80 -b mh-port -s mh",
            new(v4, flags("mh", second)),
        ),
        (
            "-A -t 10.0.0.1:80 -b flag-1,,flag-2 -s sh",
            new(v4, flags("sh", first | second)),
        ),
        (
            "-A -t 10.0.0.1:80 -b exact,flag-3 -s sh",
            new(
                v4,
                flags("sh", SchedFlag::Exact.bit() | SchedFlag::Sched3.bit()),
            ),
        ),
        ("-A -t 10.0.0.1:80 -b= -s sh", new(v4, spec("sh", 32))),
        ("-A -t 10.0.0.1:80 -s=", new(v4, spec("wlc", 32))),
        ("-A -t 012.0.1:+0080 -s rr", new(v4, spec("rr", 32))),
    ];
    for (line, request) in cases {
        assert_eq!(change(line), request, "{line}");
    }
}

#[test]
fn every_setting_of_a_server() {
    let add = |spec| Request::ServerNew(tcp(80), spec);
    let tunnel = |kind, port, flag: Option<TunFlag>| ServerSpec {
        tunnel: Some(Tunnel {
            kind,
            port,
            flags: flag.map_or(0, |flag| flag.bit() as u16),
        }),
        ..server(server_v4(2, 80), Method::Tunnel, 1)
    };
    let limits = ServerSpec {
        upper: Some(100),
        lower: Some(50),
        ..server(server_v4(2, 80), Method::Nat, 1)
    };
    let other_family = ServerSpec {
        key: server_v6(2, 80),
        ..tunnel(TunType::Ipip, 0, None)
    };
    let cases = [
        ("-m -x 100 -y 50", add(limits)),
        ("-i", add(tunnel(TunType::Ipip, 0, None))),
        ("-i --tun-type ipip", add(tunnel(TunType::Ipip, 0, None))),
        (
            "-i --tun-type gue --tun-port 6080",
            add(tunnel(TunType::Gue, 6080, None)),
        ),
        (
            "-i --tun-type gue --tun-port 6080 --tun-csum",
            add(tunnel(TunType::Gue, 6080, Some(TunFlag::Csum))),
        ),
        (
            "-i --tun-remcsum --tun-type gue --tun-port=6080",
            add(tunnel(TunType::Gue, 6080, Some(TunFlag::Remcsum))),
        ),
        (
            "-i --tun-type gre --tun-nocsum",
            add(tunnel(TunType::Gre, 0, None)),
        ),
    ];
    for (options, request) in cases {
        let line =
            format!("-a -t 10.0.0.1:80 -r 10.0.0.2:8080 {options}").replace(":8080 -m", " -m");
        assert_eq!(change(&line), request, "{line}");
    }
    assert_eq!(
        change("-a -t 10.0.0.1:80 -r [2001:db8::2]:8080 -i"),
        add(other_family)
    );
    // A firewall mark has no port that a server could be forced to.
    let mark = ServiceKey::marked(Family::Ipv4, 7);
    assert_eq!(
        change("-a -f 7 -r 10.0.0.2:8080"),
        Request::ServerNew(mark, server(server_v4(2, 8080), Method::Direct, 1))
    );
    assert_eq!(
        change("-d -f 7 -r 10.0.0.2"),
        Request::ServerDel(mark, server_v4(2, 0))
    );
}

#[test]
fn counting_anew() {
    assert_eq!(change("-Z"), Request::Zero(None));
    assert_eq!(
        change("--zero -t 10.0.0.1:80"),
        Request::Zero(Some((tcp(80), None)))
    );
}

#[test]
fn saving_and_restoring() {
    for (line, numeric) in [("-S", false), ("-Sn", true), ("--save --numeric", true)] {
        let save = Action::List(Listing::Save { numeric });
        assert_eq!(run(line).expect(line), save);
    }
    let restore = Action::Restore(Face::Rvsadm);
    assert_eq!(run("-R").expect("-R"), restore);
}

#[test]
fn help_and_version() {
    let text = |line: &str| match parse(Face::Ipvsadm, &[line.to_owned()]) {
        Ok(Action::Print(text)) => text,
        other => panic!("{line}: {other:?}"),
    };
    assert!(text("-h").contains("-t, --tcp-service HOST:PORT"));
    assert!(text("-v").starts_with("ipvsadm v1.31 "));
}

#[test]
fn lists() {
    let services = |only, format, exact, sorted, numeric| {
        Action::List(Listing::Services {
            only,
            style: Style {
                format,
                exact,
                sorted,
                numeric,
            },
        })
    };
    let plain = |numeric| services(None, Format::Weights, false, true, numeric);
    let formatted = |format| services(None, format, false, true, true);
    let conns = |numeric, engines| Action::List(Listing::Conns { numeric, engines });
    let cases = [
        ("", plain(false)),
        ("-L", plain(false)),
        ("-l", plain(false)),
        ("-Ln", plain(true)),
        ("-Ln --sort", plain(true)),
        ("-Ln --syncid 3", plain(true)),
        (
            "-Ln --nosort",
            services(None, Format::Weights, false, false, true),
        ),
        ("-Ln --stats", formatted(Format::Stats)),
        ("-Ln --rate", formatted(Format::Rate)),
        ("-Ln --thresholds", formatted(Format::Thresholds)),
        ("-Ln --persistent-conn", formatted(Format::PersistentConn)),
        ("-Ln --tun-info", formatted(Format::TunInfo)),
        ("-Ln --rate --stats", formatted(Format::Stats)),
        ("-Ln --thresholds --rate", formatted(Format::Rate)),
        (
            "-Ln --persistent-conn --thresholds",
            formatted(Format::Thresholds),
        ),
        (
            "-Ln --tun-info --persistent-conn",
            formatted(Format::PersistentConn),
        ),
        (
            "--list --numeric --exact --stats",
            services(None, Format::Stats, true, true, true),
        ),
        (
            "-LX --stats",
            services(None, Format::Stats, true, true, false),
        ),
        (
            "-Ln -t 10.0.0.1:80",
            services(Some(tcp(80)), Format::Weights, false, true, true),
        ),
        ("-Lnc", conns(true, false)),
        ("-L -c", conns(false, false)),
        ("-L -c --persistent-conn", conns(false, true)),
        ("-L --timeout", Action::List(Listing::Timeouts)),
        ("-L --timeout --tun-info", Action::List(Listing::Timeouts)),
        ("-L --daemon", Action::List(Listing::Daemons)),
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
            ..Config::default()
        })
    );
    assert_eq!(change("--set 0 0 0"), Request::ConfigSet(Config::default()));
}
