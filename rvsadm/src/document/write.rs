// SPDX-License-Identifier: GPL-2.0

//! Writing a document as command lines of ipvsadm.

use super::{
    Described,
    Document, //
};
use crate::{
    output::{
        names::Names,
        save,
        table::service_name, //
    },
    request::{
        ServerSpec,
        Timeout, //
    },
};
use rvs_logic::logic::uapi::{
    ConnState,
    Method,
    NoServer,
    ServiceFlag, //
};

/// The command lines, and what they cannot say.
pub(super) fn lines(document: &Document) -> (String, Vec<String>) {
    let names = Names::new(true);
    let mut text = String::new();
    let mut lost = Vec::new();
    text += &timeouts(&document.timeouts, &mut lost);
    for service in &document.services {
        let key = &service.key;
        text += &format!(
            "-A {}{}\n",
            save::service_option(key, &names),
            save::service_options(key.family, &service.spec)
        );
        for server in &service.servers {
            text += &format!(
                "-a {} -r {}{}{}\n",
                save::service_option(key, &names),
                names.server(key.protocol(), &server.key),
                save::server_options(server),
                limits(server)
            );
        }
        let name = service_name(key);
        lost.extend(unsaid(service).map(|what| format!("{name}: {what}")));
    }
    (text, lost)
}

/// The limits of a server, which `ipvsadm --save` leaves out but `--restore` takes.
fn limits(server: &ServerSpec) -> String {
    let option = |letter: char, value: Option<u32>| match value {
        None | Some(0) => String::new(),
        Some(value) => format!(" -{letter} {value}"),
    };
    option('x', server.upper) + &option('y', server.lower)
}

/// The three timeouts that ipvsadm knows, if they are not the usual ones.
fn timeouts(timeouts: &[Timeout], lost: &mut Vec<String>) -> String {
    let known = [ConnState::Established, ConnState::FinWait, ConnState::Udp];
    let seconds = known.map(|state| {
        let found = timeouts.iter().find(|timeout| timeout.state == state);
        found.map_or(0, |timeout| timeout.seconds)
    });
    let others = timeouts.iter();
    let others = others.filter(|timeout| !known.contains(&timeout.state));
    lost.extend(others.map(|timeout| format!("timeout of {}", timeout.state.name())));
    match seconds {
        [0, 0, 0] => String::new(),
        [tcp, fin, udp] => format!("--set {tcp} {fin} {udp}\n"),
    }
}

/// What ipvsadm cannot say of a service.
fn unsaid(service: &Described) -> impl Iterator<Item = &'static str> + '_ {
    let spec = &service.spec;
    let others = !ServiceFlag::OnePacket.bit();
    let set = |value: Option<u32>| value.is_some_and(|value| value != 0);
    let local = |server: &ServerSpec| server.method == Some(Method::Local);
    let any_port = service.key.protocol().is_some() && service.key.port() == 0;
    [
        (
            any_port && !set(spec.persist_timeout),
            "every port without persistence",
        ),
        (spec.flags.is_some_and(|bits| bits & others != 0), "flags"),
        (set(spec.sched_size), "size of the scheduler's table"),
        (set(spec.sched_expiry), "expiry of the scheduler"),
        (!spec.timeouts.is_empty(), "timeouts"),
        (
            spec.no_server
                .is_some_and(|action| action != NoServer::Reject),
            "what becomes of connections without a server",
        ),
        (spec.fallback.is_some(), "fallback server"),
        (service.servers.iter().any(local), "method local"),
    ]
    .into_iter()
    .filter_map(|(lost, what)| lost.then_some(what))
}
