// SPDX-License-Identifier: GPL-2.0

//! What services and servers are like, in words, one for each thing that can be set.
//!
//! Two of them are alike if all of their words are.

use crate::{
    output::{
        sched_flags,
        service_flags,
        table::method_text, //
    },
    reply::longest_prefix,
    request::{
        ServerSpec,
        ServiceKey,
        ServiceSpec,
        Stay,
        Timeout,
        Tunnel, //
    },
};
use rvs_logic::logic::uapi::{
    Method,
    NoServer, //
};

/// A thing that can be set, and its value if that is not the usual one.
pub type Field = (&'static str, Option<String>);

/// All of a service.
pub fn service(key: &ServiceKey, spec: &ServiceSpec) -> Vec<Field> {
    let scheduler = spec.scheduler.clone().unwrap_or_default();
    let flags = sched_flags(&scheduler, spec.sched_flags.unwrap_or_default());
    let fallback = spec.fallback.as_ref();
    let usual = match fallback {
        Some(_) => NoServer::Fallback,
        None => NoServer::Reject,
    };
    vec![
        ("scheduler_flags", listed(&flags)),
        ("scheduler_size", number(spec.sched_size, 0, "")),
        ("scheduler_expiry", number(spec.sched_expiry, 0, " s")),
        ("scheduler", Some(scheduler)),
        (
            "flags",
            listed(&service_flags(spec.flags.unwrap_or_default())),
        ),
        ("persistence", persistence(key, spec)),
        ("timeouts", timeouts(&spec.timeouts)),
        (
            "no_server",
            spec.no_server
                .filter(|action| *action != usual)
                .map(|action| action.name().to_owned()),
        ),
        (
            "fallback",
            fallback.map(|server| format!("{} {}", server.key, method(server))),
        ),
        ("slow_start", number(spec.slow_start, 0, " s")),
        ("owner", spec.owner.map(|owner| owner.to_string())),
    ]
}

/// All of a server.
pub fn server(spec: &ServerSpec) -> Vec<Field> {
    let state = match spec.stay {
        Some(Stay::Drain { .. }) => Some("draining".to_owned()),
        Some(Stay::Ready) | None => None,
    };
    vec![
        ("method", Some(method(spec))),
        ("weight", Some(spec.weight.unwrap_or(1).to_string())),
        ("upper", number(spec.upper, 0, "")),
        ("lower", number(spec.lower, 0, "")),
        ("state", state),
        ("owner", spec.owner.map(|owner| owner.to_string())),
    ]
}

fn method(server: &ServerSpec) -> String {
    let method = server.method.unwrap_or(Method::Direct);
    method_text(method, &server.tunnel.unwrap_or(Tunnel::IPIP))
}

fn listed(names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(","))
}

fn number(value: Option<u32>, usual: u32, unit: &str) -> Option<String> {
    let value = value.filter(|value| *value != usual);
    value.map(|value| format!("{value}{unit}"))
}

fn persistence(key: &ServiceKey, spec: &ServiceSpec) -> Option<String> {
    let seconds = spec.persist_timeout.filter(|seconds| *seconds != 0)?;
    let longest = longest_prefix(key.family);
    Some(match spec.persist_prefix {
        Some(prefix) if prefix != longest => format!("{seconds} s of /{prefix}"),
        _ => format!("{seconds} s"),
    })
}

fn timeouts(all: &[Timeout]) -> Option<String> {
    let mut all = all.to_vec();
    all.retain(|timeout| timeout.seconds != 0);
    all.sort_by_key(|timeout| timeout.state.value());
    let words: Vec<_> = all
        .iter()
        .map(|Timeout { state, seconds }| format!("{}={seconds}", state.name()))
        .collect();
    (!words.is_empty()).then(|| words.join(","))
}
