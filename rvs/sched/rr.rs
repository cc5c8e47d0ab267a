// SPDX-License-Identifier: GPL-2.0

//! Round robin: each server in its turn, whatever its weight, as long as that is not 0.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
    logic::{
        sched::rr,
        wire::Packet, //
    },
    sched::{
        Scheduler,
        Servers, //
    },
    sys::{
        lock::{
            Class,
            SpinLockBh, //
        },
        shared::{
            Ref,
            Shared, //
        }, //
    },
};

rvs::scheduler_module! {
    type: RoundRobin,
    name: "rvs_rr",
    description: "rvs scheduler: round robin",
}

/// Remembers whose turn it was last.
struct RoundRobin {
    last: SpinLockBh<Option<Shared<Dest>>>,
}

impl Scheduler for RoundRobin {
    const NAME: &'static str = "rr";

    fn new() -> Result<Self> {
        Ok(Self {
            last: SpinLockBh::new(None, Class::Scheduler),
        })
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, _packet: &Packet) -> Option<Ref<'a, Dest>> {
        let mut last = self.last.lock();
        let round = servers.iter_round(last.as_ref().map(Shared::as_ref));
        let next = rr::pick(round, core::iter::empty())?;
        *last = Some(next.upgrade()?);
        Some(next)
    }

    fn removing(&self, servers: &Servers<'_>, leaving: Ref<'_, Dest>) {
        let mut last = self.last.lock();
        if last
            .as_ref()
            .is_some_and(|last| last.as_ref().same(leaving))
        {
            *last = servers.before(leaving);
        }
    }
}
