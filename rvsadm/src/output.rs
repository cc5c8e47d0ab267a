// SPDX-License-Identifier: GPL-2.0

//! Printing, one file per format.

pub mod conns;
pub mod doctor;
pub mod events;
pub mod explain;
pub(crate) mod grid;
pub mod json;
pub mod list;
pub mod metrics;
pub mod names;
pub mod order;
pub mod paper;
pub mod save;
pub mod stats;
pub mod table;

use crate::reply::Server;
use rvs_logic::logic::{
    proto::State,
    uapi::{
        ConnState,
        DestState,
        Method,
        SchedFlag,
        ServiceFlag,
        TunFlag, //
    }, //
};

/// The name of a method in the words of ipvsadm.
pub fn method_name(method: Method) -> &'static str {
    match method {
        Method::Nat => "Masq",
        Method::Local => "Local",
        Method::Tunnel => "Tunnel",
        Method::Bypass => "Bypass",
        Method::Direct => "Route",
    }
}

/// The name of a connection's state in the words of IPVS: `FIN_WAIT`.
pub fn state_name(state: ConnState) -> String {
    match State::from_u8(state.value()) {
        Some(known) => known.name().to_owned(),
        // A state of what persistence remembers, which has no packets.
        None => state.name().replace('-', "_").to_uppercase(),
    }
}

/// Whether a server is to stay.
pub fn server_state(server: &Server) -> DestState {
    match server.drain {
        Some(_) => DestState::Draining,
        None => DestState::Ready,
    }
}

/// Milliseconds as minutes and seconds: `01:55`.
pub fn minutes(milliseconds: u32) -> String {
    let seconds = milliseconds / 1000;
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// The names of a service's flags.
pub fn service_flags(bits: u32) -> Vec<&'static str> {
    let all = ServiceFlag::ALL.iter();
    all.filter(|flag| bits & flag.bit() != 0)
        .map(|flag| flag.name())
        .collect()
}

/// The names of a scheduler's flags in the specification, or as ipvsadm has them for `sh`
/// and `mh`.
pub fn sched_flags(scheduler: &str, bits: u32) -> Vec<&'static str> {
    let all = SchedFlag::ALL.iter();
    all.filter(|flag| bits & flag.bit() != 0)
        .map(|flag| match (scheduler, flag) {
            ("sh", SchedFlag::Sched1) => "sh-fallback",
            ("sh", SchedFlag::Sched2) => "sh-port",
            ("mh", SchedFlag::Sched1) => "mh-fallback",
            ("mh", SchedFlag::Sched2) => "mh-port",
            _ => flag.name(),
        })
        .collect()
}

/// The names of a tunnel's flags.
pub fn tun_flags(bits: u16) -> Vec<&'static str> {
    let all = TunFlag::ALL.iter();
    all.filter(|flag| u32::from(bits) & flag.bit() != 0)
        .map(|flag| flag.name())
        .collect()
}
