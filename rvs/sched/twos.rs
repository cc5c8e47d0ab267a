// SPDX-License-Identifier: GPL-2.0

//! Two random choices by weight; the less loaded one gets the connection.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    dest::Dest,
    kept::Kept,
    logic::sched::twos::{
        second_is_better,
        Twos, //
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
    type: TwoChoices,
    name: "rvs_twos",
    description: "rvs scheduler: two random choices",
    alias: "ip_vs_twos",
}

/// Knows the sums of the weights.
struct TwoChoices(Kept<Twos>);

impl Scheduler for TwoChoices {
    const NAME: &'static str = "twos";
    const WANTS: Wants = Wants::ELIGIBILITY;
    const RANDOM: bool = true;

    fn new(_options: &SchedOptions) -> Result<Self> {
        Ok(Self(Kept::new(Twos, ())))
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0.pick(servers, |view| {
            let random = [random::word(), random::word()];
            let [first, second] = Twos::draw(view.cells, random)?;
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
