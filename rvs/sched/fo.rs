// SPDX-License-Identifier: GPL-2.0

//! Weighted failover: the server with the highest weight.

#![deny(unsafe_code)]

use rvs::{
    logic::sched::fo::Fo,
    ranked::{
        BestServer,
        Ranked, //
    },
    sched::Wants, //
};

rvs::scheduler_module! {
    type: BestServer<Failover>,
    name: "rvs_fo",
    description: "rvs scheduler: weighted failover",
    alias: "ip_vs_fo",
}

/// The rule with its name.
struct Failover;

impl Ranked for Failover {
    type Rule = Fo;

    const NAME: &'static str = "fo";
    const WANTS: Wants = Wants::ELIGIBILITY;
}
