// SPDX-License-Identifier: GPL-2.0

//! What would become of a packet, for people.

use super::{
    paper::{
        Ink,
        Paper, //
    },
    table::{
        facts,
        service_name, //
    },
};
use crate::{
    netlink::route,
    reply::{
        Explanation,
        Way, //
    },
};
use rvs_logic::logic::uapi::{
    FlowFound,
    Verdict, //
};
use std::io;

/// Prints what would become of a packet, and why.
pub fn explanation(out: &mut impl Paper, about: &Explanation) -> io::Result<()> {
    let ink = match about.verdict {
        Verdict::Forward => Ink::Green,
        Verdict::Pass => Ink::Yellow,
        Verdict::Drop | Verdict::Reject => Ink::Red,
    };
    let verdict = ink.on(out.style(), verdict(about.verdict));
    let service = about.service.as_ref().map(service_name);
    let scheduled = match about.random {
        true => "the scheduler's choice, drawn anew for every packet",
        false => "the scheduler's choice",
    };
    let found = about.found.map(|found| match found {
        FlowFound::Nothing => "neither a connection nor a service matches",
        FlowFound::Conn => "a connection",
        FlowFound::Template => "persistence; a new connection",
        FlowFound::Scheduler => scheduled,
        FlowFound::Fallback => "no server is usable; the fallback server",
        FlowFound::Bypass => "no server is usable; where it was sent to",
    });
    let text = |text: Option<&str>| text.map(str::to_owned);
    let all = [
        ("verdict", Some(verdict)),
        ("because", about.text.clone()),
        ("found", text(found)),
        ("service", service),
        ("scheduler", about.scheduler.clone()),
        ("server", about.server.map(|server| server.to_string())),
        ("method", text(about.method.map(|method| method.name()))),
        (
            "state",
            about.conn.map(|conn| super::state_name(conn.state)),
        ),
        ("counts as", text(about.reason.map(|reason| reason.name()))),
        ("leaves", way(&about.way)),
    ];
    let there = all.into_iter();
    let there: Vec<_> = there
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    facts(out, &there)
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass: it goes on to this host's own stack",
        Verdict::Forward => "forward: it goes to a server",
        Verdict::Drop => "drop: nobody is told",
        Verdict::Reject => "reject: it is dropped and its sender is told",
    }
}

/// `by eth1 via 10.0.0.254, as 10.0.0.1, MTU 1500`.
fn way(way: &Way) -> Option<String> {
    let device = way
        .device
        .map(|index| format!("by {}", route::device(index)));
    let at = |what: &str, address: Option<(_, rvs_logic::logic::addr::Addr)>| {
        address.map(|(family, addr)| format!("{what} {}", addr.display(family)))
    };
    let all = [
        device,
        at("via", way.via),
        at("with the source", way.source),
        way.mtu.map(|mtu| format!("MTU {mtu}")),
    ];
    let there: Vec<String> = all.into_iter().flatten().collect();
    (!there.is_empty()).then(|| there.join(", "))
}
