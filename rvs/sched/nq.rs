// SPDX-License-Identifier: GPL-2.0

//! Never queue: an idle server if there is one, otherwise as shortest expected delay.

#![deny(unsafe_code)]

use rvs::{
    logic::sched::nq::Nq,
    ranked::{
        BestServer,
        Ranked, //
    },
    sched::Wants, //
};

rvs::scheduler_module! {
    type: BestServer<NeverQueue>,
    name: "rvs_nq",
    description: "rvs scheduler: never queue",
    alias: "ip_vs_nq",
}

/// The rule with its name.
struct NeverQueue;

impl Ranked for NeverQueue {
    type Rule = Nq;

    const NAME: &'static str = "nq";
    const WANTS: Wants = Wants::LOADS;
}
