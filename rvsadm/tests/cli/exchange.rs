// SPDX-License-Identifier: GPL-2.0

//! Messages: what is sent, byte by byte, and what is made of every kind of answer.

use crate::support::{
    bare,
    client,
    command_of,
    config,
    conn,
    dump,
    reply,
    server,
    server_v4,
    server_v6,
    service,
    tcp,
    two_services,
    udp6,
    v4, //
};
use rvs_logic::logic::uapi::{
    cmd,
    DrainPolicy,
    Method, //
};
use rvsadm::{
    client::Client,
    error::{
        Error,
        Exit, //
    },
    netlink::{
        message::F_DUMP_INTR,
        replay::{
            attributes,
            Datagram,
            Replay,
            FAMILY_ID, //
        }, //
    },
    request::{
        Change,
        Config,
        Filter,
        Owner,
        Request,
        ServerSpec,
        ServiceSpec,
        Stay,
        Transaction, //
    },
};

const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const ESRCH: i32 = 3;
const EEXIST: i32 = 17;
const EINVAL: i32 = 22;
const ERANGE: i32 = 34;

/// The last message that was sent for `request`.
fn sent(request: &Request) -> Vec<u8> {
    let mut client = client([vec![Datagram::ack()]]);
    client.change(request).expect("acknowledged");
    client.transport().sent.last().expect("a message").clone()
}

#[track_caller]
fn refusal(request: &Request, errno: i32, explanation: &[u8]) -> (String, Exit) {
    let mut client = client([vec![Datagram::refusal(errno, explanation)]]);
    let error = client.change(request).expect_err("refused");
    (error.to_string(), error.exit())
}

fn add_server() -> Request {
    Request::ServerNew(
        tcp(80),
        ServerSpec {
            method: Some(Method::Direct),
            weight: Some(3),
            ..bare(server_v4(2, 8080))
        },
    )
}

#[test]
#[cfg(target_endian = "little")]
fn the_family_is_looked_up() {
    let client = client([]);
    // Command 3 of version 2; attribute 2 is the name with its NUL.
    #[rustfmt::skip]
    let want = [
        28, 0, 0, 0, 16, 0, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0,
        3, 2, 0, 0,
        8, 0, 2, 0, b'r', b'v', b's', 0,
    ];
    assert_eq!(client.transport().sent, [want]);
}

#[test]
#[cfg(target_endian = "little")]
fn bytes_of_a_service() {
    let message = sent(&Request::ServiceNew(tcp(80), ServiceSpec::scheduler("rr")));
    #[rustfmt::skip]
    let want = [
        64, 0, 0, 0, FAMILY_ID as u8, 0, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0,
        cmd::SERVICE_NEW, 1, 0, 0,
        44, 0, 1, 0x80,
        6, 0, 1, 0, 2, 0, 0, 0,
        5, 0, 2, 0, 6, 0, 0, 0,
        8, 0, 3, 0, 10, 0, 0, 1,
        6, 0, 4, 0, 0, 80, 0, 0,
        7, 0, 5, 0, b'r', b'r', 0, 0,
    ];
    assert_eq!(message, want);
}

#[test]
#[cfg(target_endian = "little")]
fn bytes_of_a_server() {
    let message = sent(&add_server());
    #[rustfmt::skip]
    let want = [
        92, 0, 0, 0, FAMILY_ID as u8, 0, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0,
        cmd::DEST_NEW, 1, 0, 0,
        36, 0, 1, 0x80,
        6, 0, 1, 0, 2, 0, 0, 0,
        5, 0, 2, 0, 6, 0, 0, 0,
        8, 0, 3, 0, 10, 0, 0, 1,
        6, 0, 4, 0, 0, 80, 0, 0,
        36, 0, 2, 0x80,
        8, 0, 1, 0, 10, 0, 0, 2,
        6, 0, 2, 0, 0x1f, 0x90, 0, 0,
        5, 0, 3, 0, 3, 0, 0, 0,
        8, 0, 4, 0, 3, 0, 0, 0,
    ];
    assert_eq!(message, want);
}

#[test]
#[cfg(target_endian = "little")]
fn what_is_not_said_is_not_sent() {
    let message = sent(&Request::ServerDel(udp6(53), server_v6(2, 53)));
    // Two headers, a service of 4 + 8 + 8 + 20 + 8 bytes, a server of 4 + 20 + 8.
    assert_eq!(message.len(), 20 + 48 + 32);
    let message = sent(&Request::ConfigSet(Config::default()));
    assert_eq!(message[20..], [4, 0, 4, 0x80]);
    let message = sent(&Request::ConfigSet(Config {
        timeout_udp: Some(30),
        ..Config::default()
    }));
    assert_eq!(message[20..], [12, 0, 4, 0x80, 8, 0, 3, 0, 30, 0, 0, 0]);
    assert_eq!(sent(&Request::FLUSH)[16..], [cmd::FLUSH, 1, 0, 0]);
}

#[test]
#[cfg(target_endian = "little")]
fn bytes_of_a_transaction() {
    let drain = ServerSpec {
        stay: Some(Stay::Drain {
            timeout: 5,
            policy: DrainPolicy::Reset,
        }),
        ..bare(server_v4(2, 8080))
    };
    let message = sent(&Request::Transact(Transaction {
        changes: vec![
            Change::ServiceDel(tcp(80)),
            Change::ServerSet(tcp(80), drain),
        ],
        generation: Some(7),
        dry_run: true,
        owner: Owner::new("web"),
        force: true,
    }));
    #[rustfmt::skip]
    let key = [
        32, 0, 2, 0x80,
        6, 0, 1, 0, 2, 0, 0, 0,
        5, 0, 2, 0, 6, 0, 0, 0,
        8, 0, 3, 0, 10, 0, 0, 1,
    ];
    let port = [6, 0, 4, 0, 0, 80, 0, 0];
    let service = [[36, 0, 2, 0x80].as_slice(), &key[4..], &port].concat();
    #[rustfmt::skip]
    let want = [
        [cmd::TRANSACT, 1, 0, 0].as_slice(),
        &[8, 0, 7, 0, 7, 0, 0, 0],
        &[4, 0, 8, 0],
        &[8, 0, 9, 0, b'w', b'e', b'b', 0],
        &[4, 0, 10, 0],
        &[48, 0, 6, 0x80, 5, 0, 1, 0, 2, 0, 0, 0],
        &service,
        &[92, 0, 6, 0x80, 5, 0, 1, 0, 4, 0, 0, 0],
        &service,
        &[44, 0, 3, 0x80, 8, 0, 1, 0, 10, 0, 0, 2, 6, 0, 2, 0, 0x1f, 0x90, 0, 0],
        &[5, 0, 16, 0, 1, 0, 0, 0, 5, 0, 17, 0, 1, 0, 0, 0, 8, 0, 18, 0, 5, 0, 0, 0],
    ].concat();
    assert_eq!(message[16..], want);
}

#[test]
fn a_long_transaction_is_written() {
    let changes: Vec<Change> = (0..10_000)
        .map(|port| Change::ServiceNew(tcp(port), ServiceSpec::scheduler("rr")))
        .collect();
    let message = sent(&Request::Transact(Transaction::from(changes)));
    // An attribute, the operation and a service each.
    assert_eq!(message.len(), 20 + 10_000 * (4 + 8 + 44));
}

#[test]
fn what_belongs_to_others_is_no_lack_of_permission() {
    let explanation = attributes(|to| to.put_str(1, "it belongs to web"));
    let (text, exit) = refusal(&Request::FLUSH, EPERM, &explanation);
    assert_eq!(exit, Exit::Refused);
    assert_eq!(text, "it belongs to web (Operation not permitted)");
}

#[test]
fn listings_come_in_many_parts() {
    let messages = (0..1000u16).map(|port| service(&tcp(port), "rr", 0));
    let all = messages.collect::<Vec<_>>();
    let datagrams = all.chunks(100).map(|chunk| {
        let chunk = chunk.iter();
        chunk.fold(Datagram::default(), |datagram, message| {
            datagram.message(message)
        })
    });
    let answer = datagrams.chain([Datagram::default().done()]).collect();
    let services = client([answer]).services().expect("services");
    let ports: Vec<u16> = services.iter().map(|service| service.key.port()).collect();
    assert_eq!(ports, (0..1000).collect::<Vec<_>>());
}

#[test]
fn the_end_of_a_listing_may_share_a_datagram() {
    let answer = vec![Datagram::default().message(&conn(1, 0)).done()];
    assert_eq!(
        client([answer])
            .conns(&Filter::default())
            .expect("conns")
            .len(),
        1
    );
}

#[test]
fn an_interrupted_listing_is_read_again() {
    let interrupted = || {
        let torn = Datagram::default().flagged(F_DUMP_INTR, &conn(1, 0));
        vec![torn, Datagram::default().done()]
    };
    let mut good = client([interrupted(), interrupted(), dump([conn(1, 0), conn(5, 0)])]);
    assert_eq!(good.conns(&Filter::default()).expect("conns").len(), 2);
    assert_eq!(good.transport().sent.len(), 4);
    let mut bad = client((0..20).map(|_| interrupted()));
    let error = bad.conns(&Filter::default()).expect_err("never whole");
    assert_eq!(error.exit(), Exit::Unreachable);
    assert!(error.to_string().contains("too fast"), "{error}");
}

#[test]
fn a_service_that_goes_away_is_left_out() {
    let answers = vec![
        dump([service(&tcp(80), "rr", 0), service(&tcp(81), "rr", 0)]),
        vec![Datagram::refusal(ESRCH, &[])],
        dump([server(tcp(81).family, v4(2, 80), 0, 1, 0)]),
    ];
    let mut client = client(answers);
    let entries = client.entries().expect("entries");
    let ports: Vec<u16> = entries
        .iter()
        .map(|entry| entry.service.key.port())
        .collect();
    assert_eq!(ports, [81]);
    let commands: Vec<u8> = client.transport().sent[1..]
        .iter()
        .map(|sent| command_of(sent))
        .collect();
    assert_eq!(commands, [cmd::SERVICE_GET, cmd::DEST_GET, cmd::DEST_GET]);
}

#[test]
fn answers_to_other_requests_are_skipped() {
    let entries = client(two_services()).entries().expect("entries");
    assert_eq!(entries.len(), 2);
    let config = client([reply(&config())]).config().expect("config");
    assert_eq!(config.timeout_udp, Some(300));
}

#[test]
fn the_kernels_words_and_the_attribute() {
    // The port is the fourth attribute of the service: 20 + 4 + 8 + 8 + 8.
    let explanation = attributes(|to| {
        to.put_str(1, "integer out of range")?;
        to.put_u32(2, 48)
    });
    let service = Request::ServiceNew(tcp(0), ServiceSpec::scheduler("rr"));
    assert_eq!(
        refusal(&service, ERANGE, &explanation),
        (
            "service.port: integer out of range (Numerical result out of range)".to_owned(),
            Exit::Refused
        )
    );
}

#[test]
fn the_kernels_limits_are_named() {
    let limited = |limits: &[u8]| {
        let explanation = attributes(|to| {
            to.put_str(1, "out of range")?;
            to.put_u32(2, 84)?;
            to.put(4, limits)
        });
        refusal(&add_server(), ERANGE, &explanation).0
    };
    let text =
        |limits| format!("dest.weight: out of range{limits} (Numerical result out of range)");
    let values = attributes(|to| {
        to.put_u64(4, 0)?;
        to.put_u64(5, 2_147_483_647)
    });
    assert_eq!(limited(&values), text(", must be 0 to 2147483647"));
    let length = attributes(|to| to.put_u32(7, 15));
    assert_eq!(limited(&length), text(", must be at most 15 bytes long"));
    assert_eq!(limited(&[]), text(""));
}

#[test]
fn attributes_are_found_at_every_depth() {
    let at = |offset: u32| {
        let explanation = attributes(|to| to.put_u32(2, offset));
        refusal(&add_server(), EINVAL, &explanation).0
    };
    assert_eq!(at(20), "service: Invalid argument");
    assert_eq!(at(24), "service.family: Invalid argument");
    assert_eq!(at(56), "dest: Invalid argument");
    assert_eq!(at(84), "dest.weight: Invalid argument");
    for nowhere in [0, 19, 25, 92, 4000] {
        assert_eq!(at(nowhere), "Invalid argument", "{nowhere}");
    }
}

#[test]
fn missing_attributes_are_named() {
    let missing = |kind: u32, nest: Option<u32>| {
        let explanation = attributes(|to| {
            to.put_u32(5, kind)?;
            nest.map_or(Ok(()), |nest| to.put_u32(6, nest))
        });
        refusal(&add_server(), EINVAL, &explanation).0
    };
    let text = |name: &str| format!("{name}: missing attribute (Invalid argument)");
    assert_eq!(missing(2, None), text("dest"));
    assert_eq!(missing(5, Some(20)), text("service.scheduler"));
    assert_eq!(missing(3, Some(56)), text("dest.method"));
    assert_eq!(
        missing(99, Some(56)),
        "missing attribute (Invalid argument)"
    );
}

#[test]
fn numbers_without_words_are_explained() {
    let new = Request::ServiceNew(tcp(80), ServiceSpec::scheduler("wlc"));
    let cases = [
        (&new, EEXIST, "Service already exists (File exists)"),
        (
            &new,
            ENOENT,
            "Scheduler not found (No such file or directory)",
        ),
        (
            &Request::ServiceDel(tcp(80)),
            ESRCH,
            "No such service (No such process)",
        ),
        (
            &add_server(),
            EEXIST,
            "Destination already exists (File exists)",
        ),
        (
            &add_server(),
            ENOENT,
            "No such destination (No such file or directory)",
        ),
        (
            &add_server(),
            ESRCH,
            "Service not defined (No such process)",
        ),
        (&add_server(), EINVAL, "Invalid argument"),
    ];
    for (request, errno, text) in cases {
        assert_eq!(
            refusal(request, errno, &[]),
            (text.to_owned(), Exit::Refused)
        );
    }
}

#[test]
fn the_kernels_words_win() {
    let explanation = attributes(|to| to.put_str(1, "unknown scheduler"));
    let new = Request::ServiceNew(tcp(80), ServiceSpec::scheduler("wlc"));
    assert_eq!(
        refusal(&new, ENOENT, &explanation).0,
        "unknown scheduler (No such file or directory)"
    );
}

#[test]
fn schedulers_are_suggested() {
    let refused = |name: &str| {
        let new = Request::ServiceNew(tcp(80), ServiceSpec::scheduler(name));
        refusal(&new, ENOENT, &[]).0
    };
    let text = "Scheduler not found (No such file or directory)";
    assert_eq!(refused("wcl"), format!("{text}; did you mean wlc?"));
    assert_eq!(refused("wlc"), text);
    assert_eq!(refused("fewest"), text);
}

#[test]
fn no_permission_is_no_refusal() {
    let (text, exit) = refusal(&Request::FLUSH, EPERM, &[]);
    assert_eq!(exit, Exit::Unreachable);
    assert!(text.contains("CAP_NET_ADMIN"), "{text}");
}

#[test]
fn a_missing_module_is_named() {
    let replay = Replay::bare([vec![Datagram::refusal(ENOENT, &[])]]);
    let error = Client::connect(replay).map(|_| ()).expect_err("no family");
    assert_eq!(error.exit(), Exit::Unreachable);
    assert_eq!(
        error.to_string(),
        "the kernel module rvs is not loaded; try: modprobe rvs"
    );
}

#[test]
fn answers_that_make_no_sense() {
    let garbled = |answer: Vec<Datagram>| {
        let error = client([answer]).services().expect_err("garbled");
        assert_eq!(error.exit(), Exit::Unreachable);
        error.to_string()
    };
    let text = garbled(dump([attributes(|_| Ok(()))]));
    assert!(text.contains("attribute service is missing"), "{text}");
    let text = garbled(dump([attributes(|to| {
        let nest = to.nest_start(1)?;
        to.put_u16(1, 77)?;
        to.nest_end(nest)
    })]));
    assert!(
        text.contains("service.family is missing or invalid"),
        "{text}"
    );
    let text = garbled(vec![]);
    assert!(text.contains("cannot receive from the kernel"), "{text}");
    let error = client([vec![Datagram::ack()]]).config().expect_err("empty");
    assert!(error.to_string().contains("nothing in it"), "{error}");
}

#[test]
fn exit_codes() {
    let io = |kind: std::io::ErrorKind| Error::from(std::io::Error::from(kind)).exit();
    assert_eq!(io(std::io::ErrorKind::BrokenPipe), Exit::Success);
    assert_eq!(io(std::io::ErrorKind::WriteZero), Exit::Output);
    assert_eq!(Error::usage("x").exit(), Exit::Usage);
}
