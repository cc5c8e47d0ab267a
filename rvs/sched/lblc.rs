// SPDX-License-Identifier: GPL-2.0

//! Locality-based least connection: packets to one address go to one server.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
    kept::Kept,
    locality::Remembered,
    logic::sched::{
        lblc, //
        lblc::Locality,
    },
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
    type: LocalityBased,
    name: "rvs_lblc",
    description: "rvs scheduler: locality-based least connection",
    alias: "ip_vs_lblc",
}

/// Knows the loads, and remembers the server of each address.
struct LocalityBased(Kept<Locality, Remembered<u32>>);

impl Scheduler for LocalityBased {
    const NAME: &'static str = "lblc";
    const WANTS: Wants = Wants::LOADS;

    fn new(options: &SchedOptions) -> Result<Self> {
        let remembered = Remembered::new(options, 0)?;
        Ok(Self(Kept::new(Locality::default(), remembered)))
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| {
            let (roster, rcu) = (view.roster, servers.rcu());
            let (cache, mut memory, question) = view.extra.ask(flow);
            let get = |slot| roster.get(rcu, slot);
            lblc::pick(view.cells, (cache, &mut memory), &question, get)
        })
    }

    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| {
            let (roster, rcu) = (view.roster, servers.rcu());
            let (cache, memory, question) = view.extra.ask(flow);
            let get = |slot| roster.get(rcu, slot);
            lblc::peek(view.cells, (cache, &memory), &question, get)
        })
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.0.changed_with(members, change, |remembered, new| {
            remembered.for_each(|value| *value = new(*value).unwrap_or(lblc::GONE));
        })
    }
}
