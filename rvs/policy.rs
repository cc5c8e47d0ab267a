// SPDX-License-Identifier: GPL-2.0

//! What a service is to do: its settings, which its destinations share.
//!
//! Connections reach it through their destination, so it lives for as long as any of them.

use crate::{
    conn::Timeouts,
    logic::{
        addr::Protocol,
        owner::Owner,
        proto::State,
        uapi::{
            Method,
            NoServer,
            ServiceFlag, //
        }, //
    },
    pulse::Pulse,
    roster::Watch,
    service::ServiceKey,
    stats::Drops,
    sys::{
        atomic::{
            AtomicBool,
            AtomicU32,
            Ordering, //
        },
        rcu::{
            self,
            Rcu, //
        },
        shared::{
            Shared,
            Slot, //
        },
        time, //
    },
};
use kernel::prelude::*;

/// What the scheduler of a service is told.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct SchedOptions {
    /// Bits of [`crate::logic::uapi::SchedFlag`].
    pub flags: u32,
    /// Size of its table; 0 is the scheduler's default.
    pub size: u32,
    /// Seconds after which it forgets what was not used; 0 is the scheduler's default.
    pub expiry: u32,
}

impl SchedOptions {
    /// The expiry in jiffies, `default` seconds if none is set.
    pub fn expiry_jiffies(&self, default: u32) -> u32 {
        let seconds = match self.expiry {
            0 => default,
            seconds => seconds,
        };
        time::jiffies_from_seconds(seconds)
    }
}

/// Settings of a service that change together: a packet sees the old or the new ones.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// Bits of [`crate::logic::uapi::ServiceFlag`].
    pub(crate) flags: u32,
    pub(crate) sched: SchedOptions,
    /// Seconds for which a client keeps its server; 0 is not at all.
    pub(crate) persist_timeout: u32,
    /// How much of a client's address counts.
    pub(crate) persist_prefix: u8,
    pub(crate) no_server: NoServer,
    /// Who manages the service.
    pub(crate) owner: Owner,
    /// Seconds in which a server that has come reaches its weight; 0 is at once.
    pub(crate) slow_start: u32,
}

impl Settings {
    /// Whether both ends of an idle connection are to be told when it is given up.
    #[inline]
    pub(crate) fn resets_idle(&self, protocol: Protocol, method: Method) -> bool {
        self.flags & ServiceFlag::ResetIdle.bit() != 0
            && protocol == Protocol::TCP
            && method == Method::Nat
    }

    /// Whether clients that the servers would answer past the director are hidden from them.
    #[inline]
    pub(crate) fn hides_neighbours(&self) -> bool {
        self.flags & ServiceFlag::Hairpin.bit() != 0
    }

    /// Whether established flows are to take the fast path.
    pub(crate) fn is_fast(&self) -> bool {
        self.flags & ServiceFlag::Fast.bit() != 0
    }

    /// Whether each packet of this protocol is scheduled for itself.
    #[inline]
    pub(crate) fn is_one_packet(&self, protocol: Protocol) -> bool {
        self.flags & ServiceFlag::OnePacket.bit() != 0 && protocol == Protocol::UDP
    }
}

/// The settings of one service. Changed under the control lock.
pub(crate) struct Policy {
    /// The service.
    pub(crate) key: ServiceKey,
    settings: Slot<Settings>,
    /// Packets dropped on account of the service.
    pub(crate) drops: Drops,
    /// Timeouts that differ from the namespace's; 0 for those that do not.
    timeouts: Timeouts,
    /// Which of the service's servers have changed.
    pub(crate) watch: Watch,
    pulse: Shared<Pulse>,
    /// The namespace's work is to look after the service.
    care: AtomicBool,
    /// A server of it is starting slowly.
    starting: AtomicBool,
    /// Connections that came while one was, since the work was here last.
    arrivals: AtomicU32,
    /// What was last told of its servers: [`UNKNOWN`], [`SERVED`], [`UNSERVED`].
    told: AtomicU32,
}

/// It has had no usable server yet.
const UNKNOWN: u32 = 0;
/// It has a usable server.
const SERVED: u32 = 1;
/// The last one is gone.
const UNSERVED: u32 = 2;

impl Policy {
    /// Process context.
    pub(crate) fn new(key: ServiceKey, settings: &Settings, pulse: Shared<Pulse>) -> Result<Self> {
        Ok(Self {
            key,
            settings: Slot::new(Shared::new(*settings, GFP_KERNEL_ACCOUNT)?),
            drops: Drops::new()?,
            timeouts: Timeouts::none(),
            watch: Watch::new(),
            pulse,
            care: AtomicBool::new(false),
            starting: AtomicBool::new(false),
            arrivals: AtomicU32::new(0),
            told: AtomicU32::new(UNKNOWN),
        })
    }

    /// Lets the namespace's work look after the service soon. Any context.
    pub(crate) fn alarm(&self) {
        self.care.store(true, Ordering::SeqCst);
        self.pulse.alarm();
    }

    /// Whether the service is to be looked after; takes the alarm away.
    pub(crate) fn take_alarm(&self) -> bool {
        self.care.load(Ordering::Relaxed) && self.care.swap(false, Ordering::SeqCst)
    }

    /// Whether a server is starting slowly.
    #[inline(always)]
    pub(crate) fn is_starting(&self) -> bool {
        self.starting.load(Ordering::Relaxed)
    }

    /// Notes whether one is.
    pub(crate) fn set_starting(&self, starting: bool) {
        self.starting.store(starting, Ordering::Relaxed);
    }

    /// Counts a connection that comes while one is.
    pub(crate) fn count_arrival(&self) {
        self.arrivals.fetch_add(1, Ordering::Relaxed);
    }

    /// How many have come since the last call.
    pub(crate) fn take_arrivals(&self) -> u32 {
        self.arrivals.swap(0, Ordering::Relaxed)
    }

    /// Whether it has a usable server, if that is news: the last one has gone, or there is one again.
    pub(crate) fn served(&self, served: bool) -> Option<bool> {
        let told = match (served, self.told.load(Ordering::Relaxed)) {
            (true, _) => SERVED,
            (false, UNKNOWN) => UNKNOWN,
            (false, _) => UNSERVED,
        };
        match (self.told.swap(told, Ordering::Relaxed), told) {
            (SERVED, UNSERVED) | (UNSERVED, SERVED) => Some(served),
            _ => None,
        }
    }

    /// The settings as they are now.
    #[inline]
    pub(crate) fn settings<'a>(&self, rcu: Rcu<'a>) -> Option<&'a Settings> {
        self.settings.get(rcu).map(|settings| settings.get())
    }

    /// Whether established flows are to take the fast path. Control lock.
    pub(crate) fn is_fast(&self) -> bool {
        rcu::read(|rcu| self.settings(rcu).is_some_and(Settings::is_fast))
    }

    /// Changes the settings. Control lock; does not sleep.
    pub(crate) fn exchange(&self, settings: Shared<Settings>) {
        drop(self.settings.replace(Some(settings)));
    }

    /// The service's own timeout of a state in jiffies, if it has one.
    pub(crate) fn timeout(&self, state: State) -> Option<u32> {
        Some(self.timeouts.get(state)).filter(|timeout| *timeout != 0)
    }

    /// The service's own timeout of a state in seconds, 0 if it has none.
    pub(crate) fn timeout_seconds(&self, state: State) -> u32 {
        self.timeouts.seconds(state)
    }

    /// Gives the service a timeout of its own in seconds, or none with 0. It holds for existing
    /// connections too.
    pub(crate) fn set_timeout(&self, state: State, seconds: u32) {
        self.timeouts.set_seconds(state, seconds);
    }

    /// Whether the service has any timeout of its own.
    pub(crate) fn has_timeouts(&self) -> bool {
        State::ALL
            .iter()
            .any(|state| self.timeout(*state).is_some())
    }
}
