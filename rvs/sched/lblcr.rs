// SPDX-License-Identifier: GPL-2.0

//! Locality-based least connection with replication: packets to one address go to a set of servers.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
    kept::Kept,
    locality::Remembered,
    logic::sched::{
        lblc::Locality,
        lblcr, //
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
    type: LocalityReplicated,
    name: "rvs_lblcr",
    description: "rvs scheduler: locality-based least connection with replication",
    alias: "ip_vs_lblcr",
}

/// Knows the loads, and remembers the servers of each address.
struct LocalityReplicated(Kept<Locality, Remembered<lblcr::Set>>);

impl Scheduler for LocalityReplicated {
    const NAME: &'static str = "lblcr";
    const WANTS: Wants = Wants::LOADS;

    fn new(options: &SchedOptions) -> Result<Self> {
        let remembered = Remembered::new(options, lblcr::Set::EMPTY)?;
        Ok(Self(Kept::new(Locality::default(), remembered)))
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| {
            let (roster, rcu) = (view.roster, servers.rcu());
            let (cache, mut memory, question) = view.extra.ask(flow);
            let get = |slot| roster.get(rcu, slot);
            lblcr::pick(view.cells, (cache, &mut memory), &question, get)
        })
    }

    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| {
            let (roster, rcu) = (view.roster, servers.rcu());
            let (cache, memory, question) = view.extra.ask(flow);
            let get = |slot| roster.get(rcu, slot);
            lblcr::peek(view.cells, (cache, &memory), &question, get)
        })
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.0.changed_with(members, change, |remembered, new| {
            remembered.for_each(|value| value.renumber(new));
        })
    }
}
