// SPDX-License-Identifier: GPL-2.0

//! The state of one network namespace: one struct, one owner.

use crate::{
    conn::{
        Conns,
        Timeouts, //
    },
    control::Control,
    defense::{
        Defense,
        Orders, //
    },
    dest::Dest,
    fast::Fast,
    logic::{
        hash::HashKey,
        pressure,
        settings::Knob, //
    },
    persist::Templates,
    pulse::Pulse,
    reals::Reals,
    reset,
    service::Services,
    settings::Settings,
    stats::{
        Drops,
        Sent, //
    },
    sys::{
        atomic::{
            AtomicBool,
            AtomicU32,
            Ordering, //
        },
        conntrack::Tracking,
        lock::{
            Class,
            SpinLockBh, //
        },
        netns::{
            Hooks,
            Namespace, //
        },
        random,
        rcu::{
            self,
            Rcu, //
        },
        shared::Shared, //
    },
    turn::Turn,
};
use core::ptr;
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

/// How often the work looks after connections while there are any, in milliseconds.
const TICK_MS: u32 = 100;
/// In so many ticks the work looks at every connection once.
const TICKS_PER_ROUND: u32 = 8;
/// How often the defence looks at the memory while a setting wants it, in milliseconds.
const DEFENSE_MS: u32 = 1000;
/// Most buckets that one tick looks at, so that the work stays below a hundredth of a processor: with a
/// million connections a round takes a minute.
const MAX_BUCKETS_PER_TICK: u32 = 1 << 13;

/// Where the work stands on its way through the connection table.
///
/// The lock around it also keeps dumps and resizes of the table apart.
pub(crate) struct Round {
    cursor: Option<u32>,
    /// And through the table of templates.
    templates: Option<u32>,
}

/// What rvs knows in one network namespace.
pub(crate) struct Net {
    pub(crate) conns: Conns,
    /// Keeps connections from taking the same port of this host.
    pub(crate) hairpins: SpinLockBh<()>,
    pub(crate) templates: Templates,
    pub(crate) services: Services,
    /// Steps from one configuration to the next.
    pub(crate) turn: Turn,
    pub(crate) reals: Reals,
    pub(crate) timeouts: Timeouts,
    pub(crate) settings: Settings,
    pub(crate) defense: Defense,
    pub(crate) drops: Drops,
    pub(crate) sent: Sent,
    pub(crate) fast: Fast,
    pub(crate) namespace: Namespace,
    /// Serialises all changes of the configuration. Taken before `round`.
    pub(crate) control: Pin<KBox<Mutex<Control>>>,
    pub(crate) round: Pin<KBox<Mutex<Round>>>,
    /// Whether the work is due.
    busy: AtomicBool,
    /// Calls for the work.
    pulse: Shared<Pulse>,
    /// Whether a destination wants to know when its last connection is over.
    watching: AtomicBool,
    /// The [level](pressure::level) that was told last.
    pressure: AtomicU32,
}

impl Net {
    /// An empty state. Process context.
    pub(crate) fn new(namespace: Namespace, hooks: Hooks, settings: Settings) -> Result<Self> {
        let round = Round {
            cursor: Some(0),
            templates: Some(0),
        };
        let pulse = Shared::new(Pulse::new(), GFP_KERNEL_ACCOUNT)?;
        let tracking = Tracking::new(&namespace);
        let conns = Conns::new(random_key(), tracking)?;
        conns.set_limit(settings.get(Knob::ConnMax));
        let templates = Templates::new(random_key())?;
        templates.set_limit(settings.get(Knob::ConnMax));
        Ok(Self {
            conns,
            hairpins: SpinLockBh::new((), Class::Hairpin),
            templates,
            services: Services::new(random_key())?,
            turn: Turn::new(),
            reals: Reals::new(random_key())?,
            timeouts: Timeouts::new(),
            settings,
            defense: Defense::new()?,
            drops: Drops::new()?,
            sent: Sent::new()?,
            fast: Fast::new()?,
            namespace,
            control: KBox::pin_init(
                new_mutex!(Control::new(hooks, pulse.clone()), "rvs_control"),
                GFP_KERNEL_ACCOUNT,
            )?,
            round: KBox::pin_init(new_mutex!(round, "rvs_round"), GFP_KERNEL_ACCOUNT)?,
            busy: AtomicBool::new(false),
            pulse,
            watching: AtomicBool::new(false),
            pressure: AtomicU32::new(0),
        })
    }

    /// Changes a setting; see [`Settings::set`]. Process context.
    pub(crate) fn set(&self, knob: Knob, value: u32, privileged: bool) -> Result {
        if knob == Knob::Conntrack && value != 0 {
            self.conns.tracking.begin()?;
        }
        self.settings.set(knob, value, privileged)?;
        if knob == Knob::ConnMax {
            self.conns.set_limit(value);
            self.templates.set_limit(value);
        }
        if knob.is_defense() {
            // The writer finds its value in effect; the rest is for the work.
            let orders = self.defense.apply(&self.settings, |orders, _| orders);
            self.defend_again(orders);
        }
        Ok(())
    }

    /// The defence, while a setting wants it: looks at the memory and gives up connections that are worth
    /// little. Process context.
    pub(crate) fn defend(&self) {
        let orders = self.defense.apply(&self.settings, |orders, sieve| {
            if orders.give_up {
                let _no_resize = self.round.lock();
                self.conns.thin(sieve);
            }
            orders
        });
        self.defend_again(orders);
    }

    fn defend_again(&self, orders: Orders) {
        if orders.again {
            self.namespace.defend_in(DEFENSE_MS);
        }
    }

    /// Sees to it that the work runs. Any context; after a connection was added.
    #[inline]
    pub(crate) fn wake(&self, rcu: Rcu<'_>) {
        if self.conns.is_crowded(rcu) {
            self.namespace.kick(0);
        } else if !self.busy.load(Ordering::Relaxed) && !self.busy.swap(true, Ordering::AcqRel) {
            self.namespace.kick(TICK_MS);
        }
    }

    /// Like [`Self::wake`], after a template was added; the work runs for its connection's sake already.
    pub(crate) fn wake_for_templates(&self, rcu: Rcu<'_>) {
        if self.templates.is_crowded(rcu) {
            self.namespace.kick(0);
        }
    }

    /// The periodic work: removes expired connections, fits the table to their number, and takes the
    /// hooks away when nothing is left to do. Process context.
    pub(crate) fn work(&self) {
        self.busy.store(false, Ordering::Release);
        self.fast.settle(self);
        let is_round = self.tend_tables();
        if is_round {
            self.control.lock().sweep();
        }
        self.look_after(is_round);
        self.feel_pressure();
        if self.conns.len() != 0 || self.templates.len() != 0 || self.pulse.is_due() {
            rcu::read(|rcu| self.wake(rcu));
        } else {
            let mut control = self.control.lock();
            control.sweep();
            control.rest(self);
        }
    }

    /// Sees to it that what has been called for is looked after. Any context; after a request.
    pub(crate) fn attend(&self) {
        if self.pulse.is_due() {
            rcu::read(|rcu| self.wake(rcu));
        }
    }

    /// Looks after destinations that drain, start slowly or have news. `is_round` is whether the last connection of
    /// the table has just been looked at.
    fn look_after(&self, is_round: bool) {
        if !self.pulse.take() {
            return;
        }
        if self.watching.load(Ordering::Relaxed) {
            // Packets that chose a server before it was closed have made their connections.
            rcu::synchronize();
        }
        let tended = self.control.lock().tend(self, is_round);
        self.watching.store(tended.watching, Ordering::Relaxed);
    }

    /// Ends all connections of a destination by force. Process context.
    pub(crate) fn kill_conns(&self, dest: &Dest) {
        let _no_resize = self.round.lock();
        self.conns.walk(&mut Some(0), u32::MAX, |rcu, found| {
            if ptr::eq(found.dest(), dest) {
                reset::kill(rcu, self, found);
            }
            true
        });
    }

    /// Removes all connections that have expired, so that a longer timeout does not bring them back. Process
    /// context; control lock.
    pub(crate) fn end_expired(&self) {
        let _no_resize = self.round.lock();
        self.reap(&mut Some(0), u32::MAX, false);
    }

    /// Removes expired connections in a part of their table; see [`Conns::reap`].
    fn reap(&self, cursor: &mut Option<u32>, buckets: u32, watched: bool) {
        self.conns
            .reap(&self.timeouts, cursor, buckets, watched, |rcu, conn| {
                reset::both_ends(rcu, &self.namespace, conn);
            });
    }

    /// Tells when the connections reach or leave a share of what there may be.
    fn feel_pressure(&self) {
        let (conns, limit) = (self.conns.len(), self.settings.get(Knob::ConnMax));
        let old = self.pressure.load(Ordering::Relaxed);
        let new = pressure::level(conns, limit, old);
        if new != old {
            self.pressure.store(new, Ordering::Relaxed);
            let mut control = self.control.lock();
            control.tell_pressure(self, new > old, conns, limit);
        }
    }

    /// Forgets all cached routes. Process context; a device of the namespace goes down, or the namespace ends.
    pub(crate) fn forget_routes(&self) {
        self.control.lock().forget_routes();
    }

    /// Removes expired connections and templates in the next part of their tables; `true` after the last part of
    /// that of connections.
    fn tend_tables(&self) -> bool {
        let mut round = self.round.lock();
        if let Some(bits) = self.conns.wants_resize() {
            // Without memory the table stays as it is: slower, but right.
            let _ = self.conns.resize(&mut *round, bits);
        }
        // Somebody waits for the end of a round.
        let watched = self.watching.load(Ordering::Relaxed);
        let ticks = if watched { 1 } else { TICKS_PER_ROUND };
        let buckets = (self.conns.buckets() / ticks).clamp(1, MAX_BUCKETS_PER_TICK);
        self.reap(&mut round.cursor, buckets, watched);
        let is_round = round.cursor.is_none();
        if is_round {
            round.cursor = Some(0);
        }
        self.templates.fit(&mut *round);
        let buckets = (self.templates.buckets() / ticks).clamp(1, MAX_BUCKETS_PER_TICK);
        self.templates.reap(&mut round.templates, buckets);
        if round.templates.is_none() {
            round.templates = Some(0);
        }
        is_round
    }
}

/// A key for a hash table, which never leaves the kernel.
fn random_key() -> HashKey {
    HashKey {
        k0: random::word(),
        k1: random::word(),
    }
}
