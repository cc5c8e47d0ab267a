// SPDX-License-Identifier: GPL-2.0

//! Round robin: each server in its turn, whatever its weight, as long as that is not 0.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
    kept::Kept,
    logic::sched::rr,
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
    type: RoundRobin,
    name: "rvs_rr",
    description: "rvs scheduler: round robin",
    alias: "ip_vs_rr",
}

/// Remembers whose turn it was last.
struct RoundRobin(Kept<rr::RoundRobin>);

impl Scheduler for RoundRobin {
    const NAME: &'static str = "rr";
    const WANTS: Wants = Wants::ELIGIBILITY;

    fn new(_options: &SchedOptions) -> Result<Self> {
        Ok(Self(Kept::new(rr::RoundRobin::default(), ())))
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| view.index.pick(view.cells))
    }

    fn peek<'a>(&self, servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| view.index.peek(view.cells))
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.0.changed(members, change)?;
        if let Change::Leaving(slot) = change {
            members.read(|servers| {
                self.0.with(servers, |view| {
                    let before = view.before(slot);
                    view.index.leaving(slot, before);
                })
            });
        }
        Ok(())
    }
}
