// SPDX-License-Identifier: GPL-2.0

//! No scheduler: no server gets a connection. IPVS has services like that.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
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
    type: NoScheduler,
    name: "rvs_none",
    description: "rvs scheduler: none",
}

/// Chooses nobody.
struct NoScheduler;

impl Scheduler for NoScheduler {
    const NAME: &'static str = "none";
    const WANTS: Wants = Wants::NOTHING;

    fn new(_options: &SchedOptions) -> Result<Self> {
        Ok(Self)
    }

    fn schedule<'a>(&self, _servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        None
    }

    fn peek<'a>(&self, _servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        None
    }

    fn changed(&self, _members: &Members<'_>, _change: Change) -> Result {
        Ok(())
    }
}
