// SPDX-License-Identifier: GPL-2.0

//! Documents that the kernel is to have: what is asked for, printed and refused.

use crate::support::{
    client,
    config,
    dump,
    info_at,
    reply,
    server,
    service,
    tcp,
    udp6,
    v4,
    v6, //
};
use proptest::prelude::*;
use rvs_logic::logic::{
    addr::Family,
    uapi::{
        self,
        cmd, //
    },
};
use rvsadm::{
    action::Action,
    declare::{
        plan::{
            compare,
            Scope, //
        },
        Mode,
        Order, //
    },
    document::{
        Document,
        Format,
        Source, //
    },
    error::{
        Error,
        Exit, //
    },
    netlink::replay::{
        attributes,
        Datagram, //
    },
    output::paper::Draft,
    request::Owner, //
};

const ESTALE: i32 = 116;
const EPERM: i32 = 1;
const EOPNOTSUPP: i32 = 95;

/// What the kernel has: `udp [2001:db8::1]:53` with one server, `tcp 10.0.0.1:80` with two.
fn listing(before: u32, after: u32) -> Vec<Vec<Datagram>> {
    let servers = [
        server(Family::Ipv4, v4(3, 80), 3, 3, 20),
        server(Family::Ipv4, v4(2, 8080), 0, 1, 10),
    ];
    vec![
        reply(&info_at(before)),
        reply(&config()),
        dump([service(&udp6(53), "rr", 200), service(&tcp(80), "wlc", 100)]),
        dump([server(Family::Ipv6, v6(2, 53), 0, 1, 30)]),
        dump(servers),
        reply(&info_at(after)),
    ]
}

fn done(generation: u32) -> Vec<Datagram> {
    reply(&attributes(|to| {
        to.put_u32(uapi::rvs::GENERATION, generation)?;
        to.put_u32(uapi::rvs::COUNT, 1)
    }))
}

/// A refusal with these words.
fn refusal(errno: i32, words: &str) -> Vec<Datagram> {
    let said = attributes(|to| to.put_str(1, words));
    vec![Datagram::refusal(errno, &said)]
}

const SAME: &str = r#"
[[service]]
protocol = "tcp"
address = "10.0.0.1:80"
scheduler = "wlc"
server = [{ address = "10.0.0.3", weight = 3 }, { address = "10.0.0.2:8080", method = "nat" }]
"#;

const OTHER: &str = r#"
[timeouts]
udp = 7
[[service]]
protocol = "tcp"
address = "10.0.0.1:80"
scheduler = "rr"
server = [{ address = "10.0.0.3", weight = 5 }, { address = "10.0.0.4" }]
[[service]]
fwmark = 7
scheduler = "wcl"
owner = "web"
server = [{ address = "10.0.0.9:80", tunnel = { type = "gre" } }]
"#;

fn order(text: &str, mode: Mode) -> Order {
    let format = Format::guess(text);
    Order {
        document: Document::read(format, "rvs.toml", text).expect("a document"),
        source: Source {
            name: "rvs.toml".to_owned(),
            format,
            text: text.to_owned(),
        },
        mode,
        prune: false,
        force: false,
        json: false,
    }
}

const APPLY: Mode = Mode::Apply { confirm: None };

struct Ran {
    result: Result<u8, Error>,
    text: String,
    commands: Vec<u8>,
}

fn run(order: Order, colour: bool, answers: Vec<Vec<Datagram>>) -> Ran {
    let mut client = client(answers);
    let mut out = Draft::default();
    out.style.colour = colour;
    let result = Action::Declare(Box::new(order)).run(&mut client, &mut out);
    let sent = client.transport().sent.iter().skip(1);
    Ran {
        result,
        text: String::from_utf8(out.text).expect("text"),
        commands: sent.map(|sent| sent[16]).collect(),
    }
}

#[test]
fn the_same() {
    let ran = run(order(SAME, Mode::Diff), false, listing(5, 5));
    assert_eq!(ran.result.expect("success"), 0);
    assert_eq!(
        ran.text,
        "1 service is not in the file and stays; --prune removes what the owner has\n\
         nothing to change\n"
    );
    // Nothing is changed then, and what the kernel has is the same as a document.
    let ran = run(order(SAME, APPLY), false, listing(5, 5));
    assert_eq!(ran.result.expect("success"), 0);
    assert!(!ran.commands.contains(&cmd::TRANSACT));
}

#[test]
fn what_differs() {
    let mut other = order(OTHER, Mode::Diff);
    other.prune = true;
    let ran = run(other, false, listing(5, 5));
    assert_eq!(ran.result.expect("success"), 1);
    let want = "\
~ timeout udp: timeout 300 s -> 7 s
- service udp [2001:db8::1]:53
  service tcp 10.0.0.1:80
-   server 10.0.0.2:8080
~ service tcp 10.0.0.1:80: scheduler wlc -> rr
~   server 10.0.0.3:80: weight 3 -> 5
+   server 10.0.0.4:80: method direct, weight 1
+ service fwmark 7: scheduler wcl, owner web
+   server 10.0.0.9:80: method tunnel gre, weight 1, owner web
3 to add, 3 to change, 2 to remove
";
    assert_eq!(ran.text, want);
    let ran = run(order(OTHER, Mode::Diff), true, listing(5, 5));
    assert!(
        ran.text.contains("\x1b[32m+   server 10.0.0.4:80"),
        "{}",
        ran.text
    );
    assert!(ran.text.contains("\x1b[31m-   server 10.0.0.2:8080"));
    assert!(ran.text.contains("\x1b[33m~ service tcp"));
}

#[test]
fn as_json() {
    let mut other = order(OTHER, Mode::Diff);
    other.json = true;
    let ran = run(other, false, listing(5, 5));
    let view: serde_json::Value = serde_json::from_str(&ran.text).expect("JSON");
    assert_eq!(view["done"], false);
    assert_eq!(view["kept"], 1);
    let change = &view["changes"][3];
    assert_eq!(change["action"], "change");
    assert_eq!(change["service"], "tcp 10.0.0.1:80");
    assert_eq!(change["server"], "10.0.0.3:80");
    assert_eq!(change["fields"][0]["field"], "weight");
    assert_eq!(change["fields"][0]["from"], "3");
    assert_eq!(change["fields"][0]["to"], "5");
}

#[test]
fn it_is_one_step() {
    let ran = run(
        order(OTHER, APPLY),
        false,
        [listing(5, 5), vec![done(6)]].concat(),
    );
    assert_eq!(ran.result.expect("success"), 0);
    assert!(
        ran.text
            .ends_with("\n3 added, 3 changed, 1 removed: generation 6\n"),
        "{}",
        ran.text
    );
    let changes = ran
        .commands
        .iter()
        .filter(|command| **command == cmd::TRANSACT);
    assert_eq!(changes.count(), 1);
    let ran = run(
        order(OTHER, Mode::Try),
        false,
        [listing(5, 5), vec![done(5)]].concat(),
    );
    assert!(
        ran.text.ends_with("1 to remove: the kernel would do it\n"),
        "{}",
        ran.text
    );
}

#[test]
fn whoever_is_late_begins_anew() {
    // Somebody changes it while it is read, and again before the transaction.
    let again = [
        listing(5, 6),
        listing(6, 6)[1..].to_vec(),
        vec![refusal(ESTALE, "the configuration has changed")],
        listing(7, 7),
        vec![done(8)],
    ];
    let ran = run(order(OTHER, APPLY), false, again.concat());
    assert_eq!(ran.result.expect("success"), 0);
    assert!(ran.text.ends_with("generation 8\n"));
    let always: Vec<_> = (0..10)
        .flat_map(|_| [listing(7, 7), vec![refusal(ESTALE, "")]].concat())
        .collect();
    let error = run(order(OTHER, APPLY), false, always)
        .result
        .expect_err("too late");
    assert!(error.to_string().contains("too fast"), "{error}");
}

/// What is said when the kernel refuses with these words.
fn refused(text: &str, words: &str) -> String {
    let answers = [listing(5, 5), vec![refusal(EPERM, words)]].concat();
    let error = run(order(text, APPLY), false, answers)
        .result
        .expect_err("refused");
    assert_eq!(error.exit(), Exit::Refused);
    error.to_string()
}

#[test]
fn a_refusal_shows_its_place() {
    let want = "\
rvs.toml:8:23: so not (Operation not permitted)
 8 | server = [{ address = \"10.0.0.3\", weight = 5 }, { address = \"10.0.0.4\" }]
   |                       ^^^^^^^^^^";
    assert_eq!(refused(OTHER, "change 4: so not"), want);
    assert!(refused(OTHER, "change 6: so not").starts_with("rvs.toml:10:10: so not"));
    // What goes is not in the file.
    assert_eq!(
        refused(OTHER, "change 2: so not"),
        "server 10.0.0.2:8080: so not (Operation not permitted)"
    );
    // A kernel that says something else.
    for words in [
        "so not",
        "change 99: so not",
        "change x: so not",
        "change 0: so",
    ] {
        assert_eq!(
            refused(OTHER, words),
            format!("{words} (Operation not permitted)")
        );
    }
    let json = r#"{ "service": [
        { "protocol": "tcp", "address": "10.0.0.1:80", "scheduler": "wlc", "server": [
            { "address": "10.0.0.2:8080", "method": "nat", "weight": 9 }] }] }"#;
    assert!(refused(json, "change 2: so not").starts_with("rvs.toml:3:26: so not"));
    let answers = [
        listing(5, 5),
        vec![refusal(EOPNOTSUPP, "not in this version")],
    ]
    .concat();
    let error = run(order(OTHER, APPLY), false, answers)
        .result
        .expect_err("refused");
    assert!(error.to_string().contains("not in this version"));
}

#[test]
fn what_is_there_twice() {
    let text = format!("{SAME}{SAME}");
    let error = Document::read(Format::Toml, "x", &text).expect_err("twice");
    let want = "\
x:10:11: this service is there already
 10 | address = \"10.0.0.1:80\"
    |           ^^^^^^^^^^^^^";
    assert_eq!(error.to_string(), want);
    let json = r#"{"service": [{"fwmark": 7, "scheduler": "rr", "server":
        [{"address": "10.0.0.2:80"}, {"address": "10.0.0.2:80"}]}]}"#;
    let error = Document::read(Format::Json, "x", json).expect_err("twice");
    assert!(
        error
            .to_string()
            .starts_with("x:2:50: this server is there already"),
        "{error}"
    );
}

#[test]
fn owners_touch_only_their_own() {
    let web = Owner::new("web").expect("a name");
    let read = |text: &str| Document::read(Format::Toml, "x", text).expect("a document");
    let have = read(OTHER);
    let want = read("owner = \"web\"");
    let scope = |owner, force| Scope {
        owner,
        force,
        prune: true,
        everything: false,
    };
    let removed = |scope: Scope| {
        let steps = compare(&have, &want, &scope).steps;
        steps
            .iter()
            .map(|step| step.subject.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(removed(scope(Some(web), false)), ["service fwmark 7"]);
    assert_eq!(
        removed(scope(None, false)),
        ["timeout udp", "service tcp 10.0.0.1:80"]
    );
    assert_eq!(
        removed(scope(Some(web), true)),
        ["timeout udp", "service tcp 10.0.0.1:80", "service fwmark 7"]
    );
    let mine = read(SAME).owned_by(web);
    assert_eq!(mine.services[0].spec.owner, Some(web));
    assert_eq!(mine.services[0].servers[0].owner, Some(web));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_differs_from_itself(document in crate::document::any_document()) {
        let scope = Scope { prune: true, force: true, everything: true, owner: None };
        prop_assert!(compare(&document, &document, &scope).steps.is_empty());
        let steps = compare(&Document::default(), &document, &scope).steps;
        let objects = document.services.iter().map(|service| service.servers.len() + 1);
        let timeouts = document.timeouts.len();
        prop_assert_eq!(steps.len(), objects.sum::<usize>() + timeouts);
    }
}
