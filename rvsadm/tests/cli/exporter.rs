// SPDX-License-Identifier: GPL-2.0

//! The exporter, and clients that behave badly.

use rvsadm::{
    error::Error,
    exporter::{
        listen,
        serve,
        Limits, //
    },
};
use std::{
    io::{
        Read,
        Write, //
    },
    net::{
        SocketAddr,
        TcpStream, //
    },
    sync::{
        atomic::{
            AtomicU32,
            Ordering, //
        },
        Arc,
    },
    thread,
    time::{
        Duration,
        Instant, //
    },
};

const GET: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: rvs\r\n\r\n";

/// An exporter whose counters say how often it was asked; it answers until the tests end.
fn exporter(limits: Limits) -> SocketAddr {
    let asked = Arc::new(AtomicU32::new(0));
    exporter_of(limits, move || {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        match number % 10 {
            9 => Err(Error::NotLoaded),
            _ => Ok(format!("asked {number}\n# EOF\n").into_bytes()),
        }
    })
}

fn exporter_of(
    limits: Limits,
    source: impl Fn() -> Result<Vec<u8>, Error> + Send + Sync + 'static,
) -> SocketAddr {
    let listener = listen(([127, 0, 0, 1], 0).into()).expect("a port");
    let at = listener.local_addr().expect("an address");
    thread::spawn(move || serve(&listener, source, limits));
    at
}

fn open(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).expect("a connection");
    let limit = Some(Duration::from_secs(60));
    stream.set_read_timeout(limit).expect("a timeout");
    stream
}

/// The status and the last lines of the answer to a request.
fn ask(at: SocketAddr, request: &[u8]) -> (u16, String) {
    let mut stream = open(at);
    stream.write_all(request).expect("to write");
    answer(&mut stream)
}

fn answer(stream: &mut TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    (status.parse().expect("a number"), body.to_owned())
}

#[test]
fn counters_are_fresh_but_not_too_often() {
    let at = exporter(Limits {
        fresh: Duration::from_secs(3600),
        ..Limits::default()
    });
    let first = ask(at, GET);
    assert_eq!(first, (200, "asked 0\n# EOF\n".to_owned()));
    assert_eq!(ask(at, GET), first);
    let at = exporter(Limits {
        fresh: Duration::ZERO,
        ..Limits::default()
    });
    for number in 0..9 {
        let want = format!("asked {number}\n# EOF\n");
        assert_eq!(ask(at, GET), (200, want));
    }
    let (status, text) = ask(at, GET);
    assert_eq!(status, 503);
    assert!(text.contains("modprobe rvs"), "{text}");
    assert_eq!(ask(at, GET).0, 200);
}

#[test]
fn bad_clients_do_no_harm() {
    let patience = Duration::from_millis(1500);
    let at = exporter_of(
        Limits {
            clients: 4,
            patience,
            fresh: Duration::ZERO,
        },
        || Ok(vec![b'x'; 8 * 1024 * 1024]),
    );
    // Those that go at once, say nonsense, or too much.
    for request in [
        &b""[..],
        b"\0\0\0\0",
        b"GET /metr",
        b"\x16\x03\x01\x02\0\x01\0",
    ] {
        open(at).write_all(request).expect("to write");
    }
    let long = vec![b'a'; 200_000];
    let status = loop {
        let mut stream = open(at);
        stream.write_all(&long).expect("to write");
        match answer(&mut stream).0 {
            // It may take a while until those have gone.
            503 => thread::sleep(Duration::from_millis(50)),
            status => break status,
        }
    };
    assert_eq!(status, 431);
    // Those that do not go, and those that do not read what they asked for.
    let mut idle: Vec<TcpStream> = (0..2).map(|_| open(at)).collect();
    for _ in 0..2 {
        let mut deaf = open(at);
        deaf.write_all(GET).expect("to write");
        idle.push(deaf);
    }
    // There is no room until their time is up.
    let began = Instant::now();
    let mut refused = 0;
    loop {
        let mut stream = open(at);
        stream.write_all(GET).expect("to write");
        let mut text = Vec::new();
        // One for which there is no room may be cut off before it has said anything.
        let _end = stream.read_to_end(&mut text);
        if text.starts_with(b"HTTP/1.1 200 OK") {
            assert!(text.len() > 8 * 1024 * 1024);
            break;
        }
        refused += 1;
        assert!(began.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(50));
    }
    assert!(refused > 0);
    drop(idle);
}

#[test]
fn one_byte_at_a_time() {
    let at = exporter(Limits::default());
    let mut stream = open(at);
    for byte in GET {
        stream.write_all(&[*byte]).expect("to write");
    }
    assert_eq!(answer(&mut stream).0, 200);
}

#[test]
fn an_address_in_use() {
    let first = listen(([127, 0, 0, 1], 0).into()).expect("a port");
    let at = first.local_addr().expect("an address");
    let error = listen(at).expect_err("it is in use");
    let text = error.to_string();
    assert!(text.starts_with("cannot listen at 127.0.0.1:"), "{text}");
}
