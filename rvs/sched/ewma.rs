// SPDX-License-Identifier: GPL-2.0

//! Peak EWMA: of two servers that are drawn by weight, the one where a new connection would wait least,
//! going by how long the servers took to answer SYNs.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
    kept::Kept,
    logic::{
        num,
        sched::{
            classes::{
                Classes,
                Dice, //
            },
            ewma::{
                Measured,
                HALF_LIFE, //
            },
            p2c, //
        }, //
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
    sys::{
        random,
        shared::Ref, //
    },
};

rvs::scheduler_module! {
    type: PeakEwma,
    name: "rvs_ewma",
    description: "rvs scheduler: peak EWMA of the handshake time",
}

/// Knows the servers by classes of weights; how long they take to answer is with the servers.
struct PeakEwma {
    classes: Kept<Classes>,
    half_life: u32,
}

impl Scheduler for PeakEwma {
    const NAME: &'static str = "ewma";
    const WANTS: Wants = Wants::ELIGIBILITY.and(Wants::DELAYS);
    const RANDOM: bool = true;

    fn new(options: &SchedOptions) -> Result<Self> {
        Ok(Self {
            classes: Kept::new(Classes::default(), ()),
            half_life: options.expiry_jiffies(HALF_LIFE),
        })
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        let mut dice = Dice::new(random::word());
        let measured = |server: Ref<'a, Dest>| Measured {
            delay: server.delay.now(flow.now, self.half_life),
            server,
        };
        self.classes.pick(servers, |view| {
            let [first, second] = p2c::draw(view.index, view.cells, &mut dice)?;
            let both = view.get(first).zip(view.get(second));
            let better = both.is_some_and(|(first, second)| {
                Measured::second_is_better(&measured(first), &measured(second))
            });
            Some(if better { second } else { first })
        })
    }

    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.schedule(servers, flow)
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        if let Change::Added(_) | Change::Edited(_) | Change::Settled = change {
            let roster = members.roster();
            let measurable = members.read(|servers| {
                let slots = match change {
                    Change::Added(slot) | Change::Edited(slot) => slot..slot.saturating_add(1),
                    _ => 0..num::saturating_u32(roster.capacity()),
                };
                slots
                    .filter_map(|slot| roster.get(servers.rcu(), slot))
                    .all(|server| server.answers_pass())
            });
            if !measurable {
                pr_warn!(
                    "ewma: answers pass the director with the method nat only; of another server only the connections count\n"
                );
            }
        }
        self.classes.changed(members, change)
    }
}
