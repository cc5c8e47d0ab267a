// SPDX-License-Identifier: GPL-2.0

//! Least connection: the server with the least load, whatever its weight.

#![deny(unsafe_code)]

use rvs::{
    logic::sched::lc::Lc,
    ranked::{
        BestServer,
        Ranked, //
    },
    sched::Wants, //
};

rvs::scheduler_module! {
    type: BestServer<LeastConnection>,
    name: "rvs_lc",
    description: "rvs scheduler: least connection",
    alias: "ip_vs_lc",
}

/// The rule with its name.
struct LeastConnection;

impl Ranked for LeastConnection {
    type Rule = Lc;

    const NAME: &'static str = "lc";
    const WANTS: Wants = Wants::LOADS;
}
