// SPDX-License-Identifier: GPL-2.0

//! Weighted overflow: the highest weight that has no more active connections than that.

#![deny(unsafe_code)]

use rvs::{
    logic::sched::ovf::Ovf,
    ranked::{
        BestServer,
        Ranked, //
    },
    sched::Wants, //
};

rvs::scheduler_module! {
    type: BestServer<Overflow>,
    name: "rvs_ovf",
    description: "rvs scheduler: weighted overflow",
    alias: "ip_vs_ovf",
}

/// The rule with its name.
struct Overflow;

impl Ranked for Overflow {
    type Rule = Ovf;

    const NAME: &'static str = "ovf";
    const WANTS: Wants = Wants::LOADS;
}
