// SPDX-License-Identifier: GPL-2.0

//! A scheduler's index over the servers, kept in step with them.

use crate::{
    dest::Dest,
    logic::{
        num,
        sched::{
            Candidate,
            Index, //
        }, //
    },
    roster::Roster,
    sched::{
        Change,
        Members,
        Servers, //
    },
    sys::{
        lock::{
            Class,
            SpinLockBh, //
        },
        rcu::{
            self,
            Rcu, //
        },
        shared::{
            Ref,
            Shared, //
        }, //
    },
};
use kernel::prelude::*;

/// How often a choice is repeated when the server has just been closed to new connections.
const TRIES: u32 = 4;

/// An [`Index`] with its memory and whatever else the scheduler keeps, under one lock.
///
/// Before a choice the index is brought up to date with all servers that have changed. So when packets
/// come one at a time the choice is exactly the rule's. Packets on other CPUs that have chosen a server, but
/// whose connections are not counted yet, are not known to it.
pub struct Kept<I: Index, E = ()> {
    state: SpinLockBh<State<I, E>>,
}

struct State<I: Index, E> {
    index: I,
    cells: KVVec<I::Cell>,
    extra: E,
    roster: Option<Shared<Roster>>,
    /// What a renumbering needs, or has left.
    spare: Option<Spare<I>>,
}

/// Memory for other numbers.
struct Spare<I: Index> {
    cells: KVVec<I::Cell>,
    /// The new number of each old one.
    numbers: KVVec<Option<u32>>,
    roster: Option<Shared<Roster>>,
}

impl<I: Index> Spare<I> {
    fn new(members: &Members<'_>) -> Result<Self> {
        let roster = members.roster().clone();
        let cells = KVVec::from_elem(I::EMPTY, I::cells(roster.capacity()), GFP_KERNEL_ACCOUNT)?;
        let mut numbers =
            KVVec::from_elem(None::<u32>, members.old_capacity(), GFP_KERNEL_ACCOUNT)?;
        rcu::read(|rcu| {
            for (slot, server) in roster.all(rcu) {
                // Servers still have their old ones.
                let old = server.slot().map(num::index);
                if let Some(place) = old.and_then(|old| numbers.get_mut(old)) {
                    *place = Some(slot);
                }
            }
        });
        Ok(Self {
            cells,
            numbers,
            roster: Some(roster),
        })
    }

    fn number(&self, old: u32) -> Option<u32> {
        self.numbers.get(num::index(old)).copied().flatten()
    }
}

impl<I: Index, E> State<I, E> {
    /// Puts the spare memory to use, and makes what was in use spare.
    fn renumber(&mut self, renumber: impl FnOnce(&mut E, &dyn Fn(u32) -> Option<u32>)) {
        let Some(spare) = &mut self.spare else {
            return;
        };
        core::mem::swap(&mut self.cells, &mut spare.cells);
        core::mem::swap(&mut self.roster, &mut spare.roster);
        let spare = &*spare;
        let old = num::saturating_u32(spare.numbers.len());
        self.index.renumber(old, |slot| spare.number(slot));
        renumber(&mut self.extra, &|slot| spare.number(slot));
        let Some(roster) = &self.roster else {
            return;
        };
        rcu::read(|rcu| {
            for (slot, server) in roster.iter(rcu) {
                self.index.set(&mut self.cells, slot, Some(&server));
            }
        });
    }
}

/// What a rule works with while it chooses.
pub struct View<'v, 'a, I: Index, E> {
    /// The index.
    pub index: &'v mut I,
    /// Its memory.
    pub cells: &'v mut [I::Cell],
    /// What else the scheduler keeps.
    pub extra: &'v mut E,
    /// The servers by slot.
    pub roster: &'v Roster,
    rcu: Rcu<'a>,
}

impl<'a, I: Index, E> View<'_, 'a, I, E> {
    /// The server in a slot.
    #[inline]
    pub fn get(&self, slot: u32) -> Option<Ref<'a, Dest>> {
        self.roster.get(self.rcu, slot)
    }

    /// The slot of the server that stands just before this one in the list.
    pub fn before(&self, slot: u32) -> Option<u32> {
        self.roster.before(self.rcu, slot)
    }

    /// Looks at a server again.
    #[inline]
    fn refresh(&mut self, slot: u32) {
        let server = self.get(slot);
        self.index.set(self.cells, slot, server.as_ref());
    }
}

impl<I: Index, E> Kept<I, E> {
    /// An index without servers.
    pub fn new(index: I, extra: E) -> Self {
        Self {
            state: SpinLockBh::new(
                State {
                    index,
                    cells: KVVec::new(),
                    extra,
                    roster: None,
                    spare: None,
                },
                Class::Scheduler,
            ),
        }
    }

    /// Chooses a server by its slot.
    #[inline]
    pub fn pick<'a>(
        &self,
        servers: &Servers<'a>,
        mut choose: impl FnMut(&mut View<'_, 'a, I, E>) -> Option<u32>,
    ) -> Option<Ref<'a, Dest>> {
        self.with(servers, |view| {
            for _ in 0..TRIES {
                let slot = choose(view)?;
                match view.get(slot).filter(|server| server.weight() > 0) {
                    Some(server) => return Some(server),
                    // It was closed a moment ago; its mark is on the way.
                    None => view.refresh(slot),
                }
            }
            None
        })?
    }

    /// Brings the index up to date and calls `f` with it. `None` before there were any servers.
    #[inline]
    pub fn with<'a, R>(
        &self,
        servers: &Servers<'a>,
        f: impl FnOnce(&mut View<'_, 'a, I, E>) -> R,
    ) -> Option<R> {
        let mut state = self.state.lock();
        let state = &mut *state;
        let mut view = View {
            index: &mut state.index,
            cells: &mut state.cells,
            extra: &mut state.extra,
            roster: state.roster.as_ref()?,
            rcu: servers.rcu(),
        };
        let roster = view.roster;
        roster.drain(servers.watch(), |slot| view.refresh(slot));
        Some(f(&mut view))
    }

    /// Follows a change; every scheduler passes on here what it is told. Process context.
    pub fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.changed_with(members, change, |_, _| {})
    }

    /// The same; `renumber` is told of new numbers, so that it can change what else is kept.
    pub fn changed_with(
        &self,
        members: &Members<'_>,
        change: Change,
        renumber: impl FnOnce(&mut E, &dyn Fn(u32) -> Option<u32>),
    ) -> Result {
        let spare = match change {
            Change::Renumbering => Some(Spare::new(members)?),
            Change::Settled => None,
            Change::Renumbered => {
                self.state.lock().renumber(renumber);
                return Ok(());
            }
            Change::Added(_) | Change::Edited(_) | Change::Leaving(_) => return Ok(()),
        };
        // The old one is returned without the lock.
        let old = core::mem::replace(&mut self.state.lock().spare, spare);
        drop(old);
        Ok(())
    }
}
