// SPDX-License-Identifier: GPL-2.0

//! Printing, one file per format.

pub mod conns;
pub mod json;
pub mod list;
pub mod stats;
pub mod table;

use rvs_logic::logic::uapi::{
    ConnState,
    Method, //
};

/// The name of a method in the words of ipvsadm.
pub fn method_name(method: Method) -> &'static str {
    match method {
        Method::Nat => "Masq",
        Method::Direct => "Route",
    }
}

/// The name of a connection's state in the words of ipvsadm: `FIN_WAIT`.
pub fn state_name(state: ConnState) -> String {
    state.name().replace('-', "_").to_uppercase()
}

/// Milliseconds as minutes and seconds: `01:55`.
pub fn minutes(milliseconds: u32) -> String {
    let seconds = milliseconds / 1000;
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}
