// SPDX-License-Identifier: GPL-2.0

//! What the namespace's work looks after at a destination: that it drains, starts slowly, or that somebody is to
//! be told of its state. Packets hardly ever look in here.

use super::{
    Dest,
    GATED,
    OVERLOADED, //
};
use crate::{
    logic::{
        drain::{
            self,
            Look,
            Plan,
            Watch, //
        },
        sched::Candidate,
        slow, //
    },
    sys::{
        atomic::{
            AtomicBool,
            AtomicU32,
            AtomicU64,
            Ordering, //
        },
        rcu,
        time, //
    },
};

/// See the module.
pub(super) struct Care {
    draining: AtomicBool,
    /// When the time of the drain is up, by [`time::uptime`]; 0 is never.
    deadline: AtomicU64,
    /// [`Watch`].
    watch: AtomicU32,
    /// A connection that is not over was seen in this round.
    alive: AtomicBool,
    /// What was last told of draining.
    told_draining: AtomicBool,
    /// What was last told of the thresholds.
    told_overloaded: AtomicBool,
    /// When the slow start began, by [`time::uptime`]; 0 when there is none.
    start: AtomicU64,
    share: AtomicU32,
    credit: AtomicU32,
}

/// What has become of a destination.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// It begins to drain.
    Draining,
    /// It drains no longer.
    Ready,
    /// It is draining and empty.
    Drained,
    /// It is draining and the time is up.
    Late,
    /// It has the weight 0 and is empty.
    Quiesced,
    Overloaded,
    Relieved,
}

impl Care {
    pub(super) fn new() -> Self {
        Self {
            draining: AtomicBool::new(false),
            deadline: AtomicU64::new(0),
            watch: AtomicU32::new(Watch::Nothing.as_u32()),
            alive: AtomicBool::new(false),
            told_draining: AtomicBool::new(false),
            told_overloaded: AtomicBool::new(false),
            start: AtomicU64::new(0),
            share: AtomicU32::new(slow::ONE),
            credit: AtomicU32::new(slow::UNLIMITED),
        }
    }

    fn watch(&self) -> Watch {
        Watch::from_u32(self.watch.load(Ordering::Relaxed))
    }

    fn set_watch(&self, watch: Watch) {
        self.watch.store(watch.as_u32(), Ordering::Relaxed);
    }

    /// Whether there is no need to look again soon.
    fn is_at_rest(&self) -> bool {
        self.watch() == Watch::Nothing
            && !self.draining.load(Ordering::Relaxed)
            && self.start.load(Ordering::Relaxed) == 0
    }
}

impl Dest {
    /// Whether it takes no more connections and is to be removed when it has none left.
    #[inline]
    pub(crate) fn is_draining(&self) -> bool {
        self.care.draining.load(Ordering::Relaxed)
    }

    /// Seconds until it is removed whatever it has, if there is a time.
    pub(crate) fn drain_left(&self) -> Option<u32> {
        let deadline = self.care.deadline.load(Ordering::Relaxed);
        (self.is_draining() && deadline != 0).then(|| drain::left(deadline, time::uptime()))
    }

    /// Changes the weight and whether it drains. Control lock; does not sleep.
    pub(super) fn set_weight(&self, weight: u32, old: Option<Plan>, plan: Option<Plan>) {
        let care = &self.care;
        if let Some(plan) = plan.filter(|plan| old != Some(*plan)) {
            let deadline = plan.deadline(time::uptime());
            care.deadline.store(deadline, Ordering::Relaxed);
        }
        care.draining.store(plan.is_some(), Ordering::SeqCst);
        self.configured.store(weight, Ordering::Relaxed);
        let used = if plan.is_some() { 0 } else { weight };
        let before = self.weight.swap(used, Ordering::SeqCst);
        if used != 0 && before == 0 {
            care.set_watch(Watch::Nothing);
            self.start_slowly();
        } else if used == 0 && (before != 0 || old.is_some() != plan.is_some()) {
            care.set_watch(Watch::Begun);
            self.end_start();
        }
        self.policy.alarm();
    }

    /// Begins a slow start, if the service wants one. Control lock; does not sleep.
    pub(super) fn start_slowly(&self) {
        let settings = rcu::read(|rcu| self.policy.settings(rcu).map(|now| now.slow_start));
        if settings.unwrap_or(0) == 0 || self.weight() == 0 {
            return;
        }
        let care = &self.care;
        care.start.store(time::uptime().max(1), Ordering::Relaxed);
        care.share.store(slow::share(0, 1), Ordering::Relaxed);
        care.credit.store(0, Ordering::Relaxed);
        self.policy.set_starting(true);
        self.shut_gate();
        self.policy.alarm();
    }

    fn end_start(&self) {
        self.care.start.store(0, Ordering::Relaxed);
        self.care.share.store(slow::ONE, Ordering::Relaxed);
        self.care.credit.store(slow::UNLIMITED, Ordering::Relaxed);
        self.open_gate();
    }

    /// Whether it is starting slowly.
    pub(crate) fn is_starting(&self) -> bool {
        self.care.start.load(Ordering::Relaxed) != 0
    }

    fn shut_gate(&self) {
        if self.closed.fetch_or(GATED, Ordering::SeqCst) & GATED == 0 {
            self.touch();
        }
    }

    /// Lets the schedulers choose it again.
    pub(crate) fn open_gate(&self) {
        if self.closed.load(Ordering::SeqCst) & GATED != 0 {
            self.closed.fetch_and(!GATED, Ordering::SeqCst);
            self.touch();
        }
    }

    /// A scheduler chose it for a new connection, while a server of the service is starting.
    pub(crate) fn charge(&self) {
        if !self.is_starting() {
            return;
        }
        let credit = &self.care.credit;
        let pay = |credit| Some(slow::charge(credit));
        let old = credit.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay);
        if !slow::is_open(old.map_or(0, slow::charge)) {
            self.shut_gate();
        }
    }

    /// How far its slow start is, of a service that takes so many seconds for one; ends it when it is over. Only
    /// the namespace's work calls it.
    pub(crate) fn share(&self, seconds: u32) -> u32 {
        let care = &self.care;
        let start = care.start.load(Ordering::Relaxed);
        if start == 0 {
            return slow::ONE;
        }
        let share = slow::share(time::uptime().saturating_sub(start), seconds);
        match share {
            slow::ONE => self.end_start(),
            share => care.share.store(share, Ordering::Relaxed),
        }
        share
    }

    /// Gives it its part of so many connections that came to the service. Only the namespace's work calls it.
    pub(crate) fn earn(&self, field: &slow::Field, arrivals: u32) {
        let care = &self.care;
        let share = care.share.load(Ordering::Relaxed);
        let earn = |old| Some(field.credit(self.weight(), share, old, arrivals));
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        let old = care.credit.fetch_update(set, fetch, earn);
        if slow::is_open(old.ok().and_then(earn).unwrap_or(0)) {
            self.open_gate();
        } else {
            self.shut_gate();
        }
    }

    /// The weight that it stands for now.
    pub(crate) fn effective_weight(&self) -> u32 {
        slow::effective(self.weight(), self.care.share.load(Ordering::Relaxed))
    }

    /// Whether somebody wants to know when its last connection is over.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.care.watch() != Watch::Nothing
    }

    /// Notes that it has a connection.
    pub(crate) fn note_alive(&self) {
        self.care.alive.store(true, Ordering::Relaxed);
    }

    /// Looks after it: what has become of it, and whether that must be done again soon. `round` is whether a
    /// [round](drain) has ended. Only the namespace's work calls it. Control lock.
    pub(crate) fn look_after(&self, round: bool) -> (Option<News>, bool) {
        let now = self.is_draining();
        let news = match (self.care.told_draining.swap(now, Ordering::Relaxed), now) {
            (false, true) => Some(News::Draining),
            (true, false) => Some(News::Ready),
            _ => self.drain_news(round).or_else(|| self.threshold_news()),
        };
        (news, news.is_some() || !self.care.is_at_rest())
    }

    fn drain_news(&self, round: bool) -> Option<News> {
        let care = &self.care;
        let draining = self.is_draining();
        let look = Look {
            entries: self.connections() != 0,
            clients: draining && self.templates() != 0,
            round,
            alive: match round {
                true => care.alive.swap(false, Ordering::Relaxed),
                false => care.alive.load(Ordering::Relaxed),
            },
        };
        let (watch, empty) = care.watch().after(&look);
        care.set_watch(watch);
        match (empty, draining) {
            (true, true) => Some(News::Drained),
            (true, false) => Some(News::Quiesced),
            (false, true)
                if drain::is_late(care.deadline.load(Ordering::Relaxed), time::uptime()) =>
            {
                Some(News::Late)
            }
            (false, _) => None,
        }
    }

    fn threshold_news(&self) -> Option<News> {
        let now = self.is_overloaded();
        let before = self.care.told_overloaded.swap(now, Ordering::Relaxed);
        match (before, now) {
            (false, true) => Some(News::Overloaded),
            (true, false) => Some(News::Relieved),
            _ => None,
        }
    }

    /// Whether it has as many connections as it may have.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.closed.load(Ordering::SeqCst) & OVERLOADED != 0
    }

    /// Whether a client could get it: a slow start does not count.
    pub(crate) fn is_usable(&self) -> bool {
        self.weight() != 0 && !self.is_overloaded()
    }
}
