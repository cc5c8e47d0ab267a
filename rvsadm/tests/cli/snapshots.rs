// SPDX-License-Identifier: GPL-2.0

//! Every output, compared with what it was: `snapshots/NAME`. After a deliberate change,
//! `SNAPSHOTS=write cargo test` writes them anew.

use crate::{
    output::{
        listing,
        print,
        with_info, //
    },
    support::{
        client,
        config,
        conn,
        conn_with,
        dump,
        info,
        put_server_key,
        put_service_key,
        reply,
        server_with,
        service,
        service_with,
        tcp,
        two_services,
        udp6,
        v4,
        v6, //
    },
};
use rvs_logic::logic::{
    addr::{
        Endpoint,
        Family,
        Protocol, //
    },
    nla::{
        Full,
        Writer, //
    },
    uapi::{
        self,
        ConnState,
        DropReason,
        FlowFound,
        Method,
        NoServer,
        SchedFlag,
        ServiceFlag,
        TunFlag,
        TunType,
        Verdict, //
    },
};
use rvsadm::{
    action::{
        Action,
        View, //
    },
    netlink::replay::{
        attributes,
        Datagram, //
    },
    output::{
        json,
        metrics::Level,
        table, //
    },
    request::{
        Filter,
        Flow,
        ServiceKey, //
    },
};
use std::{
    env,
    fs,
    path::Path, //
};

type Answers = Vec<Vec<Datagram>>;

#[track_caller]
pub(crate) fn snapshot(name: &str, text: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/snapshots");
    let path = directory.join(name);
    if env::var_os("SNAPSHOTS").is_some_and(|how| how == "write") {
        fs::create_dir_all(&directory).expect("the directory of snapshots");
        fs::write(&path, text).expect(name);
    }
    let want = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        want == text,
        "{name} is another: {text}\nIf that is right: SNAPSHOTS=write cargo test"
    );
}

fn put_timeouts(to: &mut Writer<'_>, kind: u16) -> Result<(), Full> {
    for (state, seconds) in [(ConnState::Established, 3600), (ConnState::SctpInit, 5)] {
        let nest = to.nest_start(kind)?;
        to.put_u8(uapi::timeout::STATE, state.value())?;
        to.put_u32(uapi::timeout::SECONDS, seconds)?;
        to.nest_end(nest)?;
    }
    Ok(())
}

/// A service with everything set.
fn rich_service(key: &ServiceKey) -> Vec<u8> {
    use uapi::service as id;

    service_with(key, "sh", 1_000_000_000, |to| {
        to.put_u32(
            id::FLAGS,
            ServiceFlag::OnePacket.bit() | ServiceFlag::Hairpin.bit(),
        )?;
        to.put_u32(
            id::SCHED_FLAGS,
            SchedFlag::Sched1.bit() | SchedFlag::Sched2.bit(),
        )?;
        to.put_u32(id::SCHED_SIZE, 512)?;
        to.put_u32(id::SCHED_EXPIRY, 60)?;
        to.put_u32(id::PERSIST_TIMEOUT, 300)?;
        to.put_u8(id::PERSIST_PREFIX, 24)?;
        to.put_u32(id::TEMPLATES, 17)?;
        put_timeouts(to, id::TIMEOUT)?;
        to.put_u8(id::NO_SERVER, NoServer::Fallback.value())?;
        let fallback = to.nest_start(id::FALLBACK)?;
        to.put(uapi::dest::ADDR, &[10, 0, 0, 99])?;
        to.put_u16_be(uapi::dest::PORT, 8080)?;
        to.put_u8(uapi::dest::METHOD, Method::Nat.value())?;
        to.nest_end(fallback)?;
        for (reason, packets) in [(DropReason::NoRoute, 3), (DropReason::TooBig, 4)] {
            let drop = to.nest_start(id::DROP)?;
            to.put_u8(uapi::drop::REASON, reason.value())?;
            to.put_u64(uapi::drop::PACKETS, packets)?;
            to.nest_end(drop)?;
        }
        Ok(())
    })
}

/// A server of a service for IPv4, or with an address of the other family.
fn tunnel_server(at: Endpoint, family: Family, tunnel: (TunType, u16, u16)) -> Vec<u8> {
    use uapi::dest as id;

    let (kind, port, flags) = tunnel;
    server_with(family, at, Method::Tunnel.value(), 2, 2_000, |to| {
        if family != Family::Ipv4 {
            to.put_u16(id::FAMILY, family.af())?;
        }
        to.put_u8(id::TUN_TYPE, kind.value())?;
        to.put_u16_be(id::TUN_PORT, port)?;
        to.put_u16(id::TUN_FLAGS, flags)
    })
}

fn limited_server() -> Vec<u8> {
    use uapi::dest as id;

    let at = v4(2, 80);
    server_with(Family::Ipv4, at, 0, 1, 500_000_000_000, |to| {
        to.put_u32(id::UPPER, 100)?;
        to.put_u32(id::LOWER, 50)?;
        to.put_u8(id::OVERLOADED, 1)?;
        to.put_u32(id::TEMPLATES, 9)
    })
}

fn rich_servers() -> Vec<Datagram> {
    let csum = |flag: TunFlag| flag.bit() as u16;
    dump([
        limited_server(),
        tunnel_server(v4(3, 80), Family::Ipv4, (TunType::Ipip, 0, 0)),
        tunnel_server(
            v4(4, 80),
            Family::Ipv4,
            (TunType::Gue, 6080, csum(TunFlag::Remcsum)),
        ),
        tunnel_server(v4(5, 80), Family::Ipv4, (TunType::Gue, 6080, 0)),
        tunnel_server(
            v6(6, 80),
            Family::Ipv6,
            (TunType::Gre, 0, csum(TunFlag::Csum)),
        ),
    ])
}

/// Two services, one for a firewall mark of each family, and one for an address.
pub(crate) fn rich() -> Answers {
    let marks = [Family::Ipv4, Family::Ipv6].map(|family| ServiceKey::marked(family, 7));
    let [v4, v6] = marks;
    let servers = dump([server_with(Family::Ipv6, self::v6(2, 0), 3, 1, 0, |_| {
        Ok(())
    })]);
    vec![
        dump([
            rich_service(&v4),
            service(&v6, "wlc", 0),
            rich_service(&tcp(80)),
        ]),
        dump([]),
        servers,
        rich_servers(),
    ]
}

fn conns() -> Answers {
    use uapi::conn as id;

    let assured = ConnState::Assured.value();
    vec![dump([
        conn(1, 900_000),
        conn_with(1, 60_000, |to| to.put_u32(id::FWMARK, 7)),
        conn_with(assured, 300_000, |to| {
            to.put_u32(id::FWMARK, 7)?;
            to.put_u8(id::TEMPLATE, 1)
        }),
        conn_with(0, 300_000, |to| to.put_u8(id::TEMPLATE, 1)),
        conn_with(ConnState::SctpCookieWait.value(), 1_000, |_| Ok(())),
    ])]
}

fn flow() -> Flow {
    Flow {
        family: Family::Ipv4,
        protocol: Protocol::TCP,
        source: v4(9, 33000),
        destination: v4(1, 80),
        mark: None,
        tcp_flags: None,
    }
}

/// A packet that goes to a server of its connection, with all that can be said.
fn explanation() -> Vec<u8> {
    use uapi::explanation as id;

    attributes(|to| {
        let nest = to.nest_start(uapi::rvs::EXPLANATION)?;
        to.put_u8(id::VERDICT, Verdict::Forward.value())?;
        to.put_u8(id::FOUND, FlowFound::Scheduler.value())?;
        put_service_key(to, id::SERVICE, &tcp(80), "wlc")?;
        put_server_key(to, id::DEST, Family::Ipv4, v4(2, 8080))?;
        to.put_u8(id::RANDOM, 1)?;
        to.put_u8(id::METHOD, Method::Nat.value())?;
        to.put_str(id::TEXT, "the scheduler wlc chooses 10.0.0.2:8080")?;
        to.put_u32(id::ROUTE_DEV, 4_242_424)?;
        to.put(id::ROUTE_VIA, &[10, 0, 0, 254])?;
        to.put_u32(id::ROUTE_MTU, 1500)?;
        to.nest_end(nest)
    })
}

fn passed() -> Vec<u8> {
    use uapi::explanation as id;

    attributes(|to| {
        let nest = to.nest_start(uapi::rvs::EXPLANATION)?;
        to.put_u8(id::VERDICT, Verdict::Pass.value())?;
        to.put_u8(id::FOUND, FlowFound::Nothing.value())?;
        to.nest_end(nest)
    })
}

#[test]
fn features() {
    let info = client([reply(&info())]).info().expect("info");
    let on_disk = ["rr", "wlc"].map(str::to_owned).into();
    let mut table = Vec::new();
    table::features(&mut table, &info, &on_disk).expect("memory");
    snapshot("feature.table", &String::from_utf8(table).expect("text"));
    let mut json = Vec::new();
    json::features(&mut json, &info, &on_disk).expect("memory");
    snapshot("feature.json", &String::from_utf8(json).expect("text"));
}

#[test]
fn openmetrics() {
    let cases = [
        ("total", Level::Total, vec![]),
        ("service", Level::Service, rich()),
        ("server", Level::Server, rich()),
    ];
    for (name, level, answers) in cases {
        let text = print(&Action::Metrics(level), with_info(answers));
        assert!(text.ends_with("\n# EOF\n"), "{text}");
        snapshot(&format!("{name}.openmetrics"), &text);
    }
}

#[test]
fn killing() {
    let filter = Filter::default();
    let answers = || {
        let count = attributes(|to| to.put_u32(uapi::rvs::COUNT, 3));
        vec![reply(&count)]
    };
    let kill = |json| Action::Kill {
        filter,
        reset: false,
        json,
    };
    assert_eq!(print(&kill(false), answers()), "3 connections removed\n");
    assert_eq!(print(&kill(true), answers()), "{\n  \"removed\": 3\n}\n");
}

#[test]
fn as_ipvsadm() {
    for options in [
        "",
        " --stats",
        " --stats --exact",
        " --rate",
        " --rate --exact",
        " --thresholds",
        " --persistent-conn",
        " --tun-info",
        " --nosort",
    ] {
        let name = format!("ipvsadm-Ln{}", options.replace(' ', ""));
        let text = listing(&format!("-Ln{options}"), with_info(rich()));
        snapshot(&name, &text);
    }
    snapshot("ipvsadm-Sn", &listing("-Sn", rich()));
    snapshot("ipvsadm-Lnc", &listing("-Lnc", conns()));
    snapshot(
        "ipvsadm-Lnc--persistent-conn",
        &listing("-Lnc --persistent-conn", conns()),
    );
    assert_eq!(listing("-L --daemon", vec![]), "");
}

#[test]
fn for_people_and_programs() {
    let mark = ServiceKey::marked(Family::Ipv4, 7);
    let one = || vec![reply(&rich_service(&mark)), rich_servers()];
    let cases: Vec<(&str, View, Answers)> = vec![
        ("services", View::Services, rich()),
        ("plain-services", View::Services, two_services()),
        ("no-services", View::Services, vec![dump([])]),
        ("service", View::Service(mark), one()),
        (
            "plain-service",
            View::Service(udp6(53)),
            vec![reply(&service(&udp6(53), "rr", 1)), dump([])],
        ),
        ("servers", View::Servers(None), rich()),
        ("plain-servers", View::Servers(None), two_services()),
        ("stats", View::Stats(None), rich()),
        ("conns", View::Conns(Filter::default()), conns()),
        (
            "explain",
            View::Explain(flow()),
            vec![reply(&explanation())],
        ),
        (
            "explain-pass",
            View::Explain(flow()),
            vec![reply(&passed())],
        ),
        ("config", View::Config, vec![reply(&config())]),
        ("info", View::Info, vec![reply(&info())]),
    ];
    for (name, view, answers) in cases {
        let table = print(&Action::Table(view), answers.clone());
        snapshot(&format!("{name}.table"), &table);
        let json = print(&Action::Json(view), answers);
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&json);
        assert!(parsed.is_ok(), "{name}: {json}");
        snapshot(&format!("{name}.json"), &json);
    }
}
