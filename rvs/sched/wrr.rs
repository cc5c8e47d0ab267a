// SPDX-License-Identifier: GPL-2.0

//! Weighted round robin: each server as often as its weight says, spread evenly.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
    kept::Kept,
    logic::sched::wrr,
    sched::{
        Change,
        Flow,
        Members,
        SchedOptions,
        Scheduler,
        Servers,
        Wants, //
    },
    sys::shared::Ref, //
};

rvs::scheduler_module! {
    type: WeightedRoundRobin,
    name: "rvs_wrr",
    description: "rvs scheduler: weighted round robin",
    alias: "ip_vs_wrr",
}

/// Remembers where the round stands.
struct WeightedRoundRobin(Kept<wrr::WeightedRoundRobin>);

impl Scheduler for WeightedRoundRobin {
    const NAME: &'static str = "wrr";
    const WANTS: Wants = Wants::ELIGIBILITY;

    fn new(_options: &SchedOptions) -> Result<Self> {
        Ok(Self(Kept::new(wrr::WeightedRoundRobin::default(), ())))
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| view.index.pick(view.cells))
    }

    fn peek<'a>(&self, servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| view.index.peek(view.cells))
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.0.changed(members, change)?;
        if matches!(change, Change::Renumbering | Change::Settled) {
            return Ok(());
        }
        members.read(|servers| self.0.with(servers, |view| view.index.changed(view.cells)));
        Ok(())
    }
}
