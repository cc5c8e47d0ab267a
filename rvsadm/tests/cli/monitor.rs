// SPDX-License-Identifier: GPL-2.0

//! Events, the loss of some, and a module that goes and comes back.

use crate::{
    snapshots::snapshot,
    support::{
        put_server_key,
        put_service_key,
        tcp,
        v4, //
    },
};
use rvs_logic::logic::{
    addr::Family,
    uapi::{
        self,
        EventKind, //
    },
};
use rvsadm::{
    error::Error,
    monitor::{
        self,
        Wish, //
    },
    netlink::{
        listen::{
            Ears,
            Heard,
            Listener, //
        },
        message::frame,
        replay::attributes,
        Transport, //
    },
    output::events,
    reply::{
        Event,
        Group, //
    },
};
use std::{
    collections::VecDeque,
    io,
    time::Duration, //
};

const FAMILY: u16 = 0x21;
const NEW_FAMILY: u16 = 0x30;
const CTRL: u16 = 16;

/// A kernel that says what it is told to.
#[derive(Default)]
struct Kernel {
    datagrams: VecDeque<io::Result<Vec<u8>>>,
    joined: Vec<u32>,
    without_groups: bool,
}

/// What the controller says of the family.
fn family(number: u16, without_groups: bool) -> Vec<u8> {
    attributes(|to| {
        to.put_u16(1, number)?;
        to.put_str(2, "rvs")?;
        let groups = to.nest_start(7)?;
        for (index, name) in [(1, "config"), (2, "state"), (3, "pressure")] {
            if without_groups {
                continue;
            }
            let group = to.nest_start(index)?;
            to.put_u32(2, u32::from(number) + u32::from(index))?;
            to.put_str(1, name)?;
            to.nest_end(group)?;
        }
        to.nest_end(groups)
    })
}

fn message(kind: u16, command: u8, sequence: u32, attrs: &[u8]) -> Vec<u8> {
    let payload = [&[command, 1, 0, 0], attrs].concat();
    frame(kind, 0, sequence, &payload).expect("a message")
}

fn event(kind: u8, number: u64) -> Vec<u8> {
    use uapi::event as id;

    let attrs = attributes(|to| {
        let nest = to.nest_start(uapi::rvs::EVENT)?;
        to.put_u8(id::KIND, kind)?;
        to.put_u32(id::GENERATION, 12)?;
        to.put_u64(id::NUMBER, number)?;
        put_service_key(to, id::SERVICE, &tcp(80), "rr")?;
        put_server_key(to, id::DEST, Family::Ipv4, v4(2, 8080))?;
        to.put_u32(id::CONNS, 7)?;
        to.nest_end(nest)
    });
    message(FAMILY, 1, 0, &attrs)
}

impl Transport for Kernel {
    fn send(&mut self, sent: &[u8]) -> io::Result<()> {
        let sequence = u32::from_ne_bytes(sent[8..12].try_into().expect("four bytes"));
        let known = message(CTRL, 1, sequence, &family(FAMILY, self.without_groups));
        let ack = frame(2, 0x100, sequence, &[0; 20]).expect("a message");
        self.datagrams.push_front(Ok([known, ack].concat()));
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self.datagrams.pop_front();
        let next = next.unwrap_or(Err(io::ErrorKind::UnexpectedEof.into()))?;
        buffer[..next.len()].copy_from_slice(&next);
        Ok(next.len())
    }
}

impl Ears for Kernel {
    fn join(&mut self, group: u32) -> io::Result<()> {
        self.joined.push(group);
        Ok(())
    }
}

fn overrun() -> io::Result<Vec<u8>> {
    Err(io::Error::from_raw_os_error(105))
}

#[test]
fn losses() {
    let draining = EventKind::Draining.value();
    let added = EventKind::DestAdded.value();
    let datagrams = [
        Ok(event(draining, 5)),
        Ok(event(added, 9)),
        Err(io::ErrorKind::Interrupted.into()),
        Ok([event(draining, 6), event(draining, 9)].concat()),
        overrun(),
        Ok(event(added, 20)),
        // What only a newer kernel knows may be of any group.
        Ok([event(200, 21), event(added, 30)].concat()),
        Ok([event(added, 31), event(draining, 40)].concat()),
    ];
    let kernel = Kernel {
        datagrams: datagrams.into(),
        ..Kernel::default()
    };
    let mut listener = Listener::open(kernel, Group::ALL.to_vec()).expect("events");
    let mut all = Vec::new();
    loop {
        match listener.hear() {
            Ok(heard) => all.extend(heard.into_iter().map(|one| match one {
                Heard::Event(event) => {
                    format!("{} {}", event.kind.name(), event.number.expect("a number"))
                }
                Heard::Lost(group, count) => format!("lost {} {count}", group.name()),
                other => format!("{other:?}"),
            })),
            Err(error) => {
                assert!(matches!(error, Error::Unreachable(_)));
                break;
            }
        }
    }
    let want = [
        "draining 5",
        "dest-added 9",
        "draining 6",
        "lost state 2",
        "draining 9",
        "Overrun",
        "lost config 10",
        "dest-added 20",
        "dest-added 30",
        "dest-added 31",
        "draining 40",
    ];
    assert_eq!(all, want);
}

#[test]
fn the_module_goes_and_comes_back() {
    let news = |command, number| message(CTRL, command, 0, &family(number, false));
    let other = attributes(|to| to.put_str(2, "nl80211"));
    let moved = {
        let mut bytes = event(EventKind::Ready.value(), 1);
        bytes[4..6].copy_from_slice(&NEW_FAMILY.to_ne_bytes());
        bytes
    };
    let datagrams = [
        Ok(message(CTRL, 2, 0, &other)),
        Ok(news(2, FAMILY)),
        Ok(news(1, NEW_FAMILY)),
        // Of another family that has its number now.
        Ok(event(EventKind::Ready.value(), 7)),
        Ok(moved),
    ];
    let kernel = Kernel {
        datagrams: datagrams.into(),
        ..Kernel::default()
    };
    let mut listener = Listener::open(kernel, vec![Group::State]).expect("events");
    assert_eq!(listener.hear().expect("news"), [Heard::Gone]);
    assert_eq!(listener.hear().expect("news"), [Heard::Back]);
    let heard = listener.hear().expect("an event");
    assert!(matches!(&heard[..], [Heard::Event(event)] if event.number == Some(1)));
}

#[test]
fn a_module_without_events() {
    let kernel = Kernel {
        without_groups: true,
        ..Kernel::default()
    };
    assert!(matches!(
        Listener::open(kernel, vec![Group::State]),
        Err(Error::Lacking(_))
    ));
}

#[test]
fn as_many_as_wanted() {
    let datagrams = (1..=9).map(|number| Ok(event(EventKind::Quiesced.value(), number)));
    let kernel = Kernel {
        datagrams: datagrams.collect(),
        ..Kernel::default()
    };
    let wish = Wish {
        groups: vec![Group::State],
        count: Some(3),
        json: true,
    };
    let mut out = Vec::new();
    monitor::run(&wish, kernel, &mut out).expect("events");
    let text = String::from_utf8(out).expect("text");
    let names: Vec<String> = text
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).expect(line);
            value["event"].as_str().expect("a name").to_owned()
        })
        .collect();
    assert_eq!(names, ["listening", "quiesced", "quiesced", "quiesced"]);
}

#[test]
fn printed() {
    let event = |kind, conns, limit| {
        Heard::Event(Event {
            kind,
            generation: Some(12),
            number: Some(34),
            service: Some(tcp(80)),
            server: Some(crate::support::server_v4(2, 8080)),
            conns,
            limit,
        })
    };
    let pressure = Heard::Event(Event {
        kind: EventKind::Pressure,
        generation: None,
        number: Some(1),
        service: None,
        server: None,
        conns: Some(90),
        limit: Some(100),
    });
    let all = [
        None,
        Some(event(EventKind::DestAdded, None, None)),
        Some(event(EventKind::Draining, Some(7), None)),
        Some(event(EventKind::Overloaded, Some(100), Some(100))),
        Some(pressure),
        Some(Heard::Overrun),
        Some(Heard::Lost(Group::Config, 10)),
        Some(Heard::Gone),
        Some(Heard::Back),
    ];
    let now = Duration::from_millis(1_764_000_000_123);
    let (mut text, mut json) = (Vec::new(), Vec::new());
    for heard in &all {
        events::text(&mut text, now, heard.as_ref()).expect("memory");
        events::json(&mut json, now, heard.as_ref()).expect("memory");
    }
    snapshot("monitor.table", &String::from_utf8(text).expect("text"));
    snapshot("monitor.json", &String::from_utf8(json).expect("text"));
}
