// SPDX-License-Identifier: GPL-2.0

//! Shortest expected delay: the fewest active connections for the weight, the new one included.

#![deny(unsafe_code)]

use rvs::{
    logic::sched::sed::Sed,
    ranked::{
        BestServer,
        Ranked, //
    },
    sched::Wants, //
};

rvs::scheduler_module! {
    type: BestServer<ShortestDelay>,
    name: "rvs_sed",
    description: "rvs scheduler: shortest expected delay",
    alias: "ip_vs_sed",
}

/// The rule with its name.
struct ShortestDelay;

impl Ranked for ShortestDelay {
    type Rule = Sed;

    const NAME: &'static str = "sed";
    const WANTS: Wants = Wants::LOADS;
}
