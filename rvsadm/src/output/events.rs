// SPDX-License-Identifier: GPL-2.0

//! What happened, a line each.

use super::{
    json::{
        KeyView,
        PlaceView, //
    },
    paper::{
        Ink,
        Paper, //
    },
    table::service_name,
};
use crate::{
    netlink::listen::Heard,
    reply::{
        Event,
        Group, //
    },
};
use rvs_logic::logic::uapi::EventKind;
use serde::Serialize;
use std::{
    io,
    time::Duration, //
};

/// Prints a line for people about what was heard, or that listening has begun.
pub fn text(out: &mut impl Paper, now: Duration, heard: Option<&Heard>) -> io::Result<()> {
    let seconds = now.as_secs();
    let time = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    );
    let (ink, text) = match heard {
        None => (Ink::Bold, "listening; times are UTC".to_owned()),
        Some(Heard::Event(event)) => (ink(event.kind), line(event)),
        Some(Heard::Overrun) => (
            Ink::Red,
            "lost: there were more events than could be taken; what follows is complete again"
                .to_owned(),
        ),
        Some(Heard::Lost(group, count)) => (
            Ink::Red,
            format!("lost: {count} events of {}", group.name()),
        ),
        Some(Heard::Gone) => (Ink::Red, "gone: the module rvs was unloaded".to_owned()),
        Some(Heard::Back) => (Ink::Bold, "listening: the module rvs was loaded".to_owned()),
    };
    let text = match text.split_once(' ') {
        Some((first, rest)) => format!("{} {rest}", ink.on(out.style(), first)),
        None => ink.on(out.style(), &text),
    };
    writeln!(out, "{time} {text}")
}

fn ink(kind: EventKind) -> Ink {
    match kind {
        EventKind::Overloaded | EventKind::Draining | EventKind::Pressure => Ink::Yellow,
        EventKind::NoServer | EventKind::DrainExpired => Ink::Red,
        EventKind::Relieved
        | EventKind::Ready
        | EventKind::ServerAgain
        | EventKind::PressureOver => Ink::Green,
        _ => Ink::Bold,
    }
}

/// `draining tcp 10.0.0.1:80 10.0.0.2:8080, 7 connections, generation 12`.
fn line(event: &Event) -> String {
    let mut names = vec![event.kind.name().to_owned()];
    names.extend(event.service.as_ref().map(service_name));
    names.extend(event.server.map(|server| server.to_string()));
    let connections = event.conns.map(|count| match event.limit {
        Some(limit) => format!("{count} of {limit} connections"),
        None => format!("{count} connections"),
    });
    let generation = event
        .generation
        .map(|number| format!("generation {number}"));
    let all = [Some(names.join(" ")), connections, generation];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[derive(Serialize)]
struct View<'a> {
    time: f64,
    event: &'a str,
    group: Option<&'static str>,
    number: Option<u64>,
    generation: Option<u32>,
    service: Option<KeyView>,
    server: Option<PlaceView>,
    connections: Option<u32>,
    limit: Option<u32>,
    lost: Option<u64>,
}

/// Prints a line of JSON about it.
pub fn json(out: &mut impl Paper, now: Duration, heard: Option<&Heard>) -> io::Result<()> {
    let nothing = View {
        // To the millisecond.
        time: (now.as_secs_f64() * 1000.0).trunc() / 1000.0,
        event: "listening",
        group: None,
        number: None,
        generation: None,
        service: None,
        server: None,
        connections: None,
        limit: None,
        lost: None,
    };
    let view = match heard {
        None | Some(Heard::Back) => nothing,
        Some(Heard::Gone) => View {
            event: "gone",
            ..nothing
        },
        Some(Heard::Overrun) => View {
            event: "lost",
            ..nothing
        },
        Some(Heard::Lost(group, count)) => View {
            event: "lost",
            group: Some(group.name()),
            lost: Some(*count),
            ..nothing
        },
        Some(Heard::Event(event)) => View {
            event: event.kind.name(),
            group: Some(Group::of(event.kind).name()),
            number: event.number,
            generation: event.generation,
            service: event.service.as_ref().map(KeyView::from),
            server: event.server.as_ref().map(PlaceView::from),
            connections: event.conns,
            limit: event.limit,
            ..nothing
        },
    };
    serde_json::to_writer(&mut *out, &view)?;
    writeln!(out)
}
