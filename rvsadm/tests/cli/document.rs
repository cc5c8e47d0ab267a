// SPDX-License-Identifier: GPL-2.0

//! Documents: every format says the same, and mistakes are shown with their place.

use crate::{
    snapshots::{
        rich,
        snapshot, //
    },
    support::{
        client,
        config,
        reply, //
    },
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{
        select,
        subsequence, //
    }, //
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family,
        Protocol, //
    },
    uapi::{
        ConnState,
        Method,
        NoServer,
        SchedFlag,
        ServiceFlag,
        TunFlag,
        TunType, //
    },
};
use rvsadm::{
    action::Action,
    document::{
        Described,
        Document,
        Format, //
    },
    request::{
        ServerKey,
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Timeout,
        Tunnel, //
    },
};
use std::collections::HashSet;

fn longest(family: Family) -> u8 {
    match family {
        Family::Ipv4 => 32,
        Family::Ipv6 => 128,
    }
}

fn families() -> impl Strategy<Value = Family> {
    select(vec![Family::Ipv4, Family::Ipv6])
}

fn addrs(family: Family) -> BoxedStrategy<Addr> {
    match family {
        Family::Ipv4 => any::<[u8; 4]>().prop_map(Addr::from_v4).boxed(),
        Family::Ipv6 => any::<[u8; 16]>().prop_map(Addr::from_v6).boxed(),
    }
}

fn endpoints(family: Family) -> impl Strategy<Value = Endpoint> {
    (addrs(family), any::<u16>()).prop_map(|(addr, port)| Endpoint::new(addr, port))
}

fn keys() -> impl Strategy<Value = ServiceKey> {
    families().prop_flat_map(|family| {
        let protocols = select(vec![Protocol::TCP, Protocol::UDP, Protocol::SCTP]);
        let at = (protocols, endpoints(family));
        prop_oneof![
            3 => at.prop_map(move |(protocol, at)| ServiceKey::at(family, protocol, at)),
            1 => (1u32..).prop_map(move |mark| ServiceKey::marked(family, mark)),
        ]
    })
}

fn bits(all: Vec<u32>) -> impl Strategy<Value = u32> {
    let most = all.len();
    subsequence(all, 0..=most).prop_map(|some| some.into_iter().sum())
}

fn tunnels() -> impl Strategy<Value = Tunnel> {
    let flags = select(vec![None, Some(TunFlag::Csum), Some(TunFlag::Remcsum)]);
    let kinds = select(TunType::ALL.to_vec());
    (kinds, 1u16.., flags).prop_map(|(kind, port, flag)| {
        let flag = flag.filter(|flag| match kind {
            TunType::Ipip => false,
            TunType::Gue => true,
            TunType::Gre => *flag == TunFlag::Csum,
        });
        Tunnel {
            kind,
            port: if kind == TunType::Gue { port } else { 0 },
            flags: flag.map_or(0, |flag| u16::try_from(flag.bit()).expect("a small bit")),
        }
    })
}

/// A server as ipvsadm can describe it: only NAT changes the port.
fn servers(service: ServiceKey) -> impl Strategy<Value = ServerSpec> {
    let of = |family| endpoints(family).prop_map(move |endpoint| ServerKey { family, endpoint });
    let limits = (0u32..1 << 31, 0u32..1 << 31);
    (
        families().prop_flat_map(of),
        of(service.family),
        select(Method::ALL.to_vec()),
        tunnels(),
    )
        .prop_flat_map(move |(any, own, method, tunnel)| {
            (
                Just((any, own, method, tunnel)),
                0u32..1 << 31,
                limits.clone(),
            )
        })
        .prop_map(move |((any, own, method, tunnel), weight, (a, b))| {
            let (mut key, method, tunnel) = match method {
                Method::Tunnel => (any, method, Some(tunnel)),
                Method::Nat => (own, method, None),
                _ => (own, Method::Direct, None),
            };
            if method != Method::Nat && service.protocol().is_some() {
                key.endpoint.port = service.port();
            }
            ServerSpec {
                key,
                method: Some(method),
                weight: Some(weight),
                upper: Some(a.max(b)),
                lower: Some(a.min(b)),
                tunnel,
                stay: None,
                owner: None,
            }
        })
}

fn timeouts() -> impl Strategy<Value = Vec<Timeout>> {
    let states = subsequence(ConnState::ALL.to_vec(), 0..4);
    (states, 1u32..=2_678_400).prop_map(|(states, seconds)| {
        let all = states.into_iter();
        all.map(|state| Timeout { state, seconds }).collect()
    })
}

/// What ipvsadm can say of a service.
fn plain_specs(key: ServiceKey) -> impl Strategy<Value = ServiceSpec> {
    let schedulers = select(vec!["rr", "wlc", "sh", "mh", "lblcr"]);
    let one_packet = key
        .protocol()
        .is_none_or(|protocol| protocol == Protocol::UDP);
    // A service for every port has to be persistent.
    let least = u32::from(key.protocol().is_some() && key.port() == 0);
    // The shortest prefix that ipvsadm takes.
    let shortest = u8::from(key.family == Family::Ipv6);
    let prefixes = shortest..=longest(key.family);
    let flags = bits(SchedFlag::ALL.iter().map(|flag| flag.bit()).collect());
    (
        schedulers,
        any::<bool>(),
        flags,
        least..=2_678_400,
        prefixes,
    )
        .prop_map(
            move |(scheduler, packets, sched_flags, seconds, prefix)| ServiceSpec {
                scheduler: Some(scheduler.to_owned()),
                flags: Some(u32::from(packets && one_packet) * ServiceFlag::OnePacket.bit()),
                sched_flags: Some(sched_flags),
                sched_size: Some(0),
                sched_expiry: Some(0),
                persist_timeout: Some(seconds),
                // Without persistence nobody says which clients are kept together.
                persist_prefix: Some(if seconds == 0 {
                    longest(key.family)
                } else {
                    prefix
                }),
                timeouts: Vec::new(),
                no_server: Some(NoServer::Reject),
                fallback: None,
                slow_start: Some(0),
                owner: None,
            },
        )
}

/// Everything that rvs can do with a service.
fn rich_specs(key: ServiceKey) -> impl Strategy<Value = ServiceSpec> {
    let flags = bits(ServiceFlag::ALL.iter().map(|flag| flag.bit()).collect());
    let fallback = option::of(servers(key));
    let no_server = select(NoServer::ALL.to_vec());
    let sizes = (0u32..=131_072, 0u32..=2_678_400);
    (
        plain_specs(key),
        flags,
        sizes,
        timeouts(),
        no_server,
        fallback,
    )
        .prop_map(
            |(plain, flags, (size, expiry), timeouts, no_server, fallback)| ServiceSpec {
                flags: Some(flags),
                sched_size: Some(size),
                sched_expiry: Some(expiry),
                timeouts,
                no_server: Some(no_server),
                fallback: fallback.map(|server| ServerSpec {
                    method: server.method,
                    tunnel: server.tunnel,
                    ..ServerSpec::key(server.key)
                }),
                ..plain
            },
        )
}

fn documents<S: Strategy<Value = ServiceSpec>>(
    specs: fn(ServiceKey) -> S,
) -> impl Strategy<Value = Document> {
    let service = keys().prop_flat_map(move |key| {
        (Just(key), specs(key), vec(servers(key), 0..4)).prop_map(|(key, spec, mut servers)| {
            servers
                .sort_by_key(|server| (server.key.endpoint.addr.bytes(), server.key.endpoint.port));
            let mut seen = HashSet::new();
            servers.retain(|server: &ServerSpec| seen.insert(server.key));
            Described { key, spec, servers }
        })
    });
    vec(service, 0..4).prop_map(|mut services| {
        let mut seen = HashSet::new();
        services.retain(|service| seen.insert(service.key));
        Document {
            owner: None,
            timeouts: Vec::new(),
            services,
        }
    })
}

/// Any document at all.
pub(crate) fn any_document() -> impl Strategy<Value = Document> {
    documents(rich_specs)
}

#[track_caller]
fn read(format: Format, text: &str) -> Document {
    match Document::read(format, "text", text) {
        Ok(document) => document,
        Err(complaints) => panic!("{complaints}\n{text}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn toml_and_json_say_everything(mut document in documents(rich_specs), timeouts in timeouts()) {
        document.timeouts = timeouts;
        for format in [Format::Toml, Format::Json] {
            let (text, lost) = document.write(format);
            prop_assert!(lost.is_empty());
            prop_assert_eq!(&read(format, &text), &document, "{}", text);
        }
    }

    #[test]
    fn export_import_export_is_the_same(document in documents(plain_specs)) {
        let (text, lost) = document.write(Format::Ipvsadm);
        prop_assert!(lost.is_empty(), "{:?}", lost);
        let imported = read(Format::Ipvsadm, &text);
        prop_assert_eq!(&imported, &document, "{}", text);
        prop_assert_eq!(&imported.write(Format::Ipvsadm).0, &text);
        let (toml, _) = imported.write(Format::Toml);
        prop_assert_eq!(&read(Format::Toml, &toml).write(Format::Ipvsadm).0, &text);
    }

    #[test]
    fn no_text_is_too_broken(text in ".{0,200}", format in select(vec![Format::Toml, Format::Json, Format::Ipvsadm])) {
        if let Err(complaints) = Document::read(format, "text", &text) {
            prop_assert!(complaints.to_string().starts_with("text:"));
        }
    }

    #[test]
    fn no_line_is_too_broken(
        words in vec(select(vec![
            "-A", "-a", "-E", "-d", "-t", "-f", "-6", "-r", "-p", "-M", "-b", "-w", "-i", "-m", "-x",
            "--tun-type", "gue", "--tun-port", "7", "10.0.0.1:80", "[::1]:80", "::1", "sh-port", "=",
            "-p=", "--", "-", "ipvsadm", "#", "\u{fffd}ö",
        ]), 0..12),
    ) {
        let text = words.join(" ");
        if let Err(complaints) = Document::read(Format::Ipvsadm, "text", &text) {
            prop_assert!(complaints.to_string().starts_with("text:1:"));
        }
    }
}

#[test]
fn exports() {
    for (format, name) in [
        (Format::Toml, "export.toml"),
        (Format::Json, "export.json"),
        (Format::Ipvsadm, "export.ipvsadm"),
    ] {
        let answers = [vec![reply(&config())], rich()].concat();
        let mut out = Vec::new();
        Action::Export(format)
            .run(&mut client(answers), &mut out)
            .expect("success");
        snapshot(name, &String::from_utf8(out).expect("text"));
    }
}

#[test]
fn formats_are_recognised() {
    let cases = [
        ("-A -t 10.0.0.1:80", Format::Ipvsadm),
        ("\n  ipvsadm -C", Format::Ipvsadm),
        (" {\"service\": []}", Format::Json),
        ("[timeouts]\nudp = 5", Format::Toml),
        ("", Format::Toml),
    ];
    for (text, format) in cases {
        assert_eq!(Format::guess(text), format, "{text}");
    }
}

#[test]
fn saved_lines_are_replayed() {
    let text = "\
# saved
--set 5 0 7
--set 900 0 0
ipvsadm -A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.0.2 -m
-e -t 10.0.0.1:80 -r 10.0.0.2 -m -w 5
-a -t 10.0.0.1:80 -r 10.0.0.3
-d -t 10.0.0.1:80 -r 10.0.0.3
-A -t 10.0.0.1:81
-E -t 10.0.0.1:81 -s sh -p 5
-A -t 10.0.0.1:82
-D -t 10.0.0.1:82
";
    let (text, lost) = read(Format::Ipvsadm, text).write(Format::Ipvsadm);
    let want = "\
--set 0 0 7
-A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 5
-A -t 10.0.0.1:81 -s sh -p 5
";
    assert_eq!((text.as_str(), lost.len()), (want, 0));
}

#[test]
fn what_ipvsadm_cannot_say_is_named() {
    let text = "[timeouts]\ntime-wait = 5\n[[service]]\nprotocol = \"tcp\"\n\
                address = \"10.0.0.1:0\"\nscheduler = \"rr\"\nno_server = \"drop\"\n\
                server = [{ address = \"10.0.0.2\", method = \"local\" }]\n";
    let (_, lost) = read(Format::Toml, text).write(Format::Ipvsadm);
    let want = [
        "timeout of time-wait",
        "tcp 10.0.0.1:0: every port without persistence",
        "tcp 10.0.0.1:0: what becomes of connections without a server",
        "tcp 10.0.0.1:0: method local",
    ];
    assert_eq!(lost, want);
}

#[track_caller]
fn complaint(format: Format, text: &str) -> String {
    match Document::read(format, "rules", text) {
        Err(complaints) => complaints.to_string(),
        Ok(document) => panic!("{document:?}"),
    }
}

#[test]
fn mistakes_in_lines() {
    let text = "\
-A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.0.2 -w x

\t-a -t 10.0.0.1:81 -r 10.0.0.2
-L
ipvsadm --bogus
-A -t 10.0.0.1:80
-A -u 10.0.0.1:5060 -s rr -p --pe sip
";
    let want = "\
rules:2:34: illegal weight specified
 2 | -a -t 10.0.0.1:80 -r 10.0.0.2 -w x
   |                                  ^
rules:4:2: there is no such service above
 4 |  -a -t 10.0.0.1:81 -r 10.0.0.2
   |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
rules:5:1: this is no part of a configuration
 5 | -L
   | ^^
rules:6:9: Try `rvsadm -h' or 'rvsadm --help' for more information.
 6 | ipvsadm --bogus
   |         ^^^^^^^
rules:7:1: this service is there already
 7 | -A -t 10.0.0.1:80
   | ^^^^^^^^^^^^^^^^^
rules:8:35: this version of rvs has no persistence engine sip
 8 | -A -u 10.0.0.1:5060 -s rr -p --pe sip
   |                                   ^^^";
    assert_eq!(complaint(Format::Ipvsadm, text), want);
}

#[test]
fn mistakes_in_toml() {
    let service =
        "[[service]]\nprotocol = \"tcp\"\naddress = \"10.0.0.1:80\"\nscheduler = \"sh\"\n";
    let cases = [
        ("service = 5", "rules:1:11: "),
        (
            "[[service]]\nprotocol = \"tpc\"",
            "rules:2:12: unknown protocol 'tpc'; did you mean tcp?",
        ),
        (
            "[timeouts]\nestabished = 5",
            "unknown state 'estabished'; did you mean established?",
        ),
        (
            "[timeouts]\nudp = 2678401",
            "rules:2:7: must be 0 to 2678400",
        ),
        (
            "[[service]]\nscheduler = \"rr\"",
            "a service has a protocol and an address, or a fwmark",
        ),
        (
            "[[service]]\nfwmark = 0\nscheduler = \"rr\"",
            "a firewall mark is 1 to 4294967295",
        ),
        ("x = ", "rules:1:"),
    ];
    for (text, part) in cases {
        let complaint = complaint(Format::Toml, text);
        assert!(complaint.contains(part), "{text}: {complaint}");
    }
    let cases = [
        (
            "shceduler = 1",
            "unknown field 'shceduler'; did you mean scheduler?",
        ),
        (
            "scheduler_flags = [\"sh-prot\"]",
            "unknown flag 'sh-prot'; did you mean sh-port?",
        ),
        (
            "persistence = { timeout = 5, prefix = 33 }",
            "the prefix is longer than an address",
        ),
        (
            "server = [{ address = \"10.0.0.2:x\" }]",
            "not an IP address",
        ),
        (
            "server = [{ address = \"10.0.0.2\", tunnel = { type = \"gue\" } }]",
            "a tunnel has a port if, and only if, its type is gue",
        ),
        (
            "server = [{ address = \"10.0.0.2\", method = \"nat\", tunnel = { type = \"gre\" } }]",
            "the method nat has no tunnel",
        ),
        (
            "server = [{ address = \"10.0.0.2\", upper = 1, lower = 2 }]",
            "has a lower above its upper",
        ),
        ("server = [{ address = \"::2\" }]", "that needs a tunnel"),
    ];
    for (line, part) in cases {
        let complaint = complaint(Format::Toml, &format!("{service}{line}\n"));
        assert!(complaint.contains(part), "{line}: {complaint}");
    }
}

#[test]
fn mistakes_in_json() {
    let text = "{\n  \"timeouts\": { \"udp\": -1 }\n}";
    let complaint = complaint(Format::Json, text);
    assert!(
        complaint.starts_with("rules:2:") && complaint.contains(": must be 0 to 2678400\n"),
        "{complaint}"
    );
}

#[test]
fn the_example_of_the_documentation() {
    let page = include_str!("../../../Documentation/rvsadm.md");
    let (_, rest) = page.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let document = read(Format::Toml, example);
    assert_eq!(document.services.len(), 2);
    assert_eq!(document.services[0].servers.len(), 2);
    let (again, _) = document.write(Format::Toml);
    assert_eq!(read(Format::Toml, &again), document);
}
