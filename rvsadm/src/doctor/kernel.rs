// SPDX-License-Identifier: GPL-2.0

//! What the kernel has: modules, limits, connection tracking.

use super::{
    Level,
    Patient, //
};
use crate::{
    error::Error,
    suggest, //
};
use rvs_logic::logic::uapi::Method;
use std::collections::BTreeSet;

/// Whether rvs answered.
pub(super) fn reached(patient: &mut Patient<'_>, asked: Result<(), Error>) {
    match asked {
        Ok(()) => patient.note(Level::Well, String::new(), Vec::new()),
        // A server needs no rvs.
        Err(Error::NotLoaded) if !patient.given.is_empty() => {}
        Err(Error::NotLoaded) => {
            let text = "the module rvs is not loaded".to_owned();
            patient.fault(text, vec!["modprobe rvs".to_owned()]);
        }
        Err(error) => patient.fault(error.to_string(), Vec::new()),
    }
}

/// Whether IPVS is loaded beside rvs.
pub(super) fn stock(patient: &mut Patient<'_>) {
    let modules = patient.host.read("/proc/modules").unwrap_or_default();
    let loaded = modules.lines().filter_map(|line| line.split(' ').next());
    let mut loaded: Vec<&str> = loaded.filter(|name| name.starts_with("ip_vs")).collect();
    if !loaded.contains(&"ip_vs") {
        return;
    }
    // What uses it goes first.
    loaded.sort_by_key(|name| *name == "ip_vs");
    let unload = format!("modprobe -r {}", loaded.join(" "));
    let table = patient.host.read("/proc/thread-self/net/ip_vs");
    let table = table.unwrap_or_default();
    let is_service = |line: &&str| {
        let word = line.split(' ').next();
        matches!(word, Some("TCP" | "UDP" | "SCTP" | "FWM"))
    };
    match table.lines().filter(is_service).count() {
        0 => patient.warn(
            "the module ip_vs of the kernel is loaded beside rvs".to_owned(),
            vec![unload],
        ),
        count => {
            let text = format!("ip_vs balances as well: it has {count} services here");
            let clear = patient.here("ipvsadm --clear");
            patient.fault(text, vec![clear, unload]);
        }
    }
}

/// Whether every scheduler can be loaded.
pub(super) fn schedulers(patient: &mut Patient<'_>) {
    let known: BTreeSet<String> = match patient.info.known_schedulers.is_empty() {
        true => suggest::SCHEDULERS
            .iter()
            .map(|name| (*name).to_owned())
            .collect(),
        false => patient.info.known_schedulers.iter().cloned().collect(),
    };
    let loaded = patient.info.schedulers.iter().cloned().collect();
    let loadable: BTreeSet<String> = &patient.host.loadable() | &loaded;
    let missing = &known - &loadable;
    let on_disk = patient.host.on_disk();
    let names = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    let unlisted = &missing & &on_disk;
    let absent = &missing - &on_disk;
    if !unlisted.is_empty() {
        let text = format!(
            "modprobe does not know these schedulers, which are on disk: {}",
            names(&unlisted)
        );
        patient.warn(text, vec!["depmod -a".to_owned()]);
    }
    if !absent.is_empty() {
        let text = format!(
            "the modules of these schedulers are not installed: {}; in the source of rvs",
            names(&absent)
        );
        patient.warn(text, vec!["make install".to_owned()]);
    }
}

/// Nine tenths of it are used.
fn nearly_full(used: u32, limit: u32) -> bool {
    let tenths = u64::from(used).saturating_mul(10);
    limit != 0 && tenths >= u64::from(limit).saturating_mul(9)
}

/// Whether connection tracking is set as it is needed.
pub(super) fn conntrack(patient: &mut Patient<'_>) {
    let table = |name| ["net", "netfilter", name];
    let used = patient.setting(&table("nf_conntrack_count"));
    let limit = patient.setting(&table("nf_conntrack_max"));
    if let (Some(used), Some(limit)) = (used, limit) {
        if nearly_full(used, limit) {
            let text = format!(
                "the table of nf_conntrack is nearly full ({used} of {limit}); \
                 then packets are dropped before rvs sees them"
            );
            let wanted = used.max(limit).saturating_mul(2);
            // Only the initial namespace may set it.
            let command = format!("sysctl -w net.netfilter.nf_conntrack_max={wanted}");
            patient.warn(text, vec![command]);
        }
    }
    let mut servers = patient.entries.iter().flat_map(|entry| &entry.servers);
    let translates = servers.any(|server| server.method == Method::Nat);
    if !translates || patient.setting(&["net", "rvs", "conntrack"]) != Some(0) {
        return;
    }
    let chains = patient.host.source_nat();
    if !chains.is_empty() {
        let text = format!(
            "the source NAT of {} does not see balanced packets, which nf_conntrack does not follow",
            chains.join(", ")
        );
        let command = patient.sysctl(&["net", "rvs", "conntrack"], 1);
        patient.warn(text, vec![command]);
    }
}

/// Whether there is room for more connections.
pub(super) fn connections(patient: &mut Patient<'_>) {
    const LIMIT: &[&str] = &["net", "rvs", "conn_max"];

    let used = patient.info.conns;
    let limit = patient.setting(LIMIT).or(patient.info.conn_limit);
    let Some(limit) = limit.filter(|limit| nearly_full(used, *limit)) else {
        return;
    };
    let text = format!("there are {used} connections of {limit} that there may be");
    let wanted = used.max(limit).saturating_mul(2).min(1 << 30);
    let command = patient.sysctl(LIMIT, wanted);
    patient.warn(text, vec![command]);
}
