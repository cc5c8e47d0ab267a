// SPDX-License-Identifier: GPL-2.0

//! Weighted least connection: the server with the least load for its weight.

#![deny(unsafe_code)]

use rvs::{
    logic::sched::wlc::Wlc,
    ranked::{
        BestServer,
        Ranked, //
    },
    sched::Wants, //
};

rvs::scheduler_module! {
    type: BestServer<WeightedLeastConnection>,
    name: "rvs_wlc",
    description: "rvs scheduler: weighted least connection",
    alias: "ip_vs_wlc",
}

/// The rule with its name.
struct WeightedLeastConnection;

impl Ranked for WeightedLeastConnection {
    type Rule = Wlc;

    const NAME: &'static str = "wlc";
    const WANTS: Wants = Wants::LOADS;
}
