// SPDX-License-Identifier: GPL-2.0

//! The state of one network namespace: one struct, one owner.

use crate::{
    conn::{
        Conns,
        Timeouts, //
    },
    control::Control,
    logic::hash::HashKey,
    service::Services,
    stats::{
        Drops,
        Sent, //
    },
    sys::{
        atomic::{
            AtomicBool,
            Ordering, //
        },
        netns::{
            Hooks,
            Namespace, //
        },
        random,
        rcu::{
            self,
            Rcu, //
        }, //
    },
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

/// How often the work looks after connections while there are any, in milliseconds.
const TICK_MS: u32 = 100;
/// In so many ticks the work looks at every connection once.
const TICKS_PER_ROUND: u32 = 8;
/// Most buckets that one tick looks at; a huge table takes longer than a round.
const MAX_BUCKETS_PER_TICK: u32 = 1 << 16;

/// Where the work stands on its way through the connection table.
///
/// The lock around it also keeps dumps and resizes of the table apart.
pub(crate) struct Round {
    cursor: Option<u32>,
}

/// What rvs knows in one network namespace.
pub(crate) struct Net {
    pub(crate) conns: Conns,
    pub(crate) services: Services,
    pub(crate) timeouts: Timeouts,
    pub(crate) drops: Drops,
    pub(crate) sent: Sent,
    pub(crate) namespace: Namespace,
    /// Serialises all changes of the configuration. Taken before `round`.
    pub(crate) control: Pin<KBox<Mutex<Control>>>,
    pub(crate) round: Pin<KBox<Mutex<Round>>>,
    /// Whether the work is due.
    busy: AtomicBool,
}

impl Net {
    /// An empty state. Process context.
    pub(crate) fn new(namespace: Namespace, hooks: Hooks) -> Result<Self> {
        let round = Round { cursor: Some(0) };
        Ok(Self {
            conns: Conns::new(random_key())?,
            services: Services::new(random_key())?,
            timeouts: Timeouts::new(),
            drops: Drops::new()?,
            sent: Sent::new()?,
            namespace,
            control: KBox::pin_init(new_mutex!(Control::new(hooks), "rvs_control"), GFP_KERNEL)?,
            round: KBox::pin_init(new_mutex!(round, "rvs_round"), GFP_KERNEL)?,
            busy: AtomicBool::new(false),
        })
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

    /// The periodic work: removes expired connections, fits the table to their number, and takes the
    /// hooks away when nothing is left to do. Process context.
    pub(crate) fn work(&self) {
        self.busy.store(false, Ordering::Release);
        self.tend_table();
        if self.conns.len() != 0 {
            rcu::read(|rcu| self.wake(rcu));
        } else {
            self.control.lock().rest(self);
        }
    }

    /// Forgets all cached routes. Process context; a device of the namespace goes down, or the namespace ends.
    pub(crate) fn forget_routes(&self) {
        self.control.lock().forget_routes();
    }

    /// Removes expired connections in the next part of the table.
    fn tend_table(&self) {
        let mut round = self.round.lock();
        if let Some(bits) = self.conns.wants_resize() {
            // Without memory the table stays as it is: slower, but right.
            let _ = self.conns.resize(&mut *round, bits);
        }
        let buckets = (self.conns.buckets() / TICKS_PER_ROUND).clamp(1, MAX_BUCKETS_PER_TICK);
        self.conns.reap(&self.timeouts, &mut round.cursor, buckets);
        if round.cursor.is_none() {
            round.cursor = Some(0);
        }
    }
}

/// A key for a hash table, which never leaves the kernel.
fn random_key() -> HashKey {
    HashKey {
        k0: random::word(),
        k1: random::word(),
    }
}
