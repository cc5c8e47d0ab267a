// SPDX-License-Identifier: GPL-2.0

//! Power of two choices: as twos, but in a number of steps that does not depend on the servers.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
    kept::Kept,
    logic::sched::{
        classes::{
            Classes,
            Dice, //
        },
        p2c,
        twos::second_is_better, //
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
    type: PowerOfTwo,
    name: "rvs_p2c",
    description: "rvs scheduler: power of two choices",
}

/// Knows the servers by classes of weights.
struct PowerOfTwo(Kept<Classes>);

impl Scheduler for PowerOfTwo {
    const NAME: &'static str = "p2c";
    const WANTS: Wants = Wants::ELIGIBILITY;
    const RANDOM: bool = true;

    fn new(_options: &SchedOptions) -> Result<Self> {
        Ok(Self(Kept::new(Classes::default(), ())))
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        let mut dice = Dice::new(random::word());
        self.0.pick(servers, |view| {
            let [first, second] = p2c::draw(view.index, view.cells, &mut dice)?;
            let both = view.get(first).zip(view.get(second));
            let better = both.is_some_and(|(first, second)| second_is_better(&first, &second));
            Some(if better { second } else { first })
        })
    }

    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.schedule(servers, flow)
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.0.changed(members, change)
    }
}
