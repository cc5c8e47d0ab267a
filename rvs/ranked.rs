// SPDX-License-Identifier: GPL-2.0

//! Schedulers that give each server a score and choose the best one.

use crate::{
    dest::Dest,
    kept::Kept,
    logic::sched::ranking::{
        Ranking,
        Rule, //
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
use kernel::prelude::*;

/// What makes a scheduler of a rule that scores servers.
pub trait Ranked: 'static {
    /// The rule.
    type Rule: Rule;

    /// The name that administrators use.
    const NAME: &'static str;

    /// What the score depends on.
    const WANTS: Wants;
}

/// The scheduler of such a rule.
pub struct BestServer<R: Ranked>(Kept<Ranking<R::Rule>>);

impl<R: Ranked> Scheduler for BestServer<R> {
    const NAME: &'static str = R::NAME;
    const WANTS: Wants = R::WANTS;

    fn new(_options: &SchedOptions) -> Result<Self> {
        Ok(Self(Kept::new(Ranking::default(), ())))
    }

    #[inline]
    fn schedule<'a>(&self, servers: &Servers<'a>, _flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.0
            .pick(servers, |view| Ranking::<R::Rule>::best(view.cells))
    }

    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.schedule(servers, flow)
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.0.changed(members, change)
    }
}
