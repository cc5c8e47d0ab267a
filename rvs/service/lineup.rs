// SPDX-License-Identifier: GPL-2.0

//! Many changes of a service's servers, or another scheduler, at once.
//!
//! A [`Lineup`] is what shall be. It is made off to the side, which may sleep and fail, and then takes effect in a
//! few steps that do neither. Servers that stay are the same objects, and keep their order.

use super::{
    dest_key,
    DestKey,
    Service, //
};
use crate::{
    dest::{
        Dest,
        DestSpec, //
    },
    logic::sched::{
        ewma,
        Candidate, //
    },
    roster::Roster,
    sched::{
        Bound,
        Change,
        Members,
        SchedOptions,
        Weights, //
    },
    sys::{
        atomic::Ordering,
        list::List,
        memory,
        module::ModuleRef,
        rcu,
        shared::Shared, //
    },
};
use kernel::{
    prelude::*,
    rbtree::RBTreeNode, //
};

/// A server that is to come.
pub(crate) struct Coming {
    pub(crate) dest: Shared<Dest>,
    id: u64,
    spec: DestSpec,
    node: Option<RBTreeNode<DestKey, Shared<Dest>>>,
}

impl Coming {
    /// `dest` is part of no service. Process context.
    pub(crate) fn new(dest: Shared<Dest>, id: u64, spec: DestSpec) -> Result<Self> {
        let key = dest_key(spec.family, spec.endpoint);
        let node = RBTreeNode::new(key, dest.clone(), GFP_KERNEL_ACCOUNT)?;
        // It may have had a number before it left.
        dest.forget_slot();
        List::await_readers(dest.as_ref());
        Ok(Self {
            dest,
            id,
            spec,
            node: Some(node),
        })
    }
}

/// A server that stays, and what is to become of it.
pub(crate) struct Edited {
    pub(crate) dest: Shared<Dest>,
    pub(crate) spec: DestSpec,
    /// It was removed and added again, so it counts from zero unless it is used.
    pub(crate) again: bool,
}

/// The scheduler that is to be at work.
pub(crate) enum Scheduling {
    /// The one that is.
    Stays,
    /// Another instance of it.
    Options(SchedOptions),
    /// This one.
    Other(Shared<Bound>, ModuleRef),
}

/// Servers and scheduler of a service as they shall be.
pub(crate) struct Lineup {
    roster: Shared<Roster>,
    /// By slot.
    weights: KVVec<Weights>,
    old_capacity: usize,
    scheduler: Shared<Bound>,
    /// If the scheduler is another one. Afterwards, the one that was at work.
    replaced: Option<Option<Shared<Bound>>>,
    /// If it is of another module. Afterwards, the one before.
    module: Option<ModuleRef>,
    pub(crate) coming: KVVec<Coming>,
    pub(crate) edited: KVVec<Edited>,
    pub(crate) going: KVVec<Shared<Dest>>,
}

impl Lineup {
    fn members<'m>(&'m self, service: &'m Service) -> Members<'m> {
        Members {
            list: &service.dests,
            watch: &service.policy.watch,
            roster: &self.roster,
            old_capacity: self.old_capacity,
            weights: Some(&self.weights),
            family: service.key.family,
        }
    }

    /// Gives a slot of the new roster to a server.
    fn place(&mut self, dest: Shared<Dest>, spec: Option<&DestSpec>) -> Result {
        let weights = match spec {
            Some(spec) => Weights {
                now: spec.weight_in_use(),
                last: match spec.weight {
                    0 => dest.last_weight(),
                    weight => weight,
                },
            },
            None => Weights {
                now: dest.weight(),
                last: dest.last_weight(),
            },
        };
        self.roster.add(dest).ok_or(ENOMEM)?;
        memory::push(&mut self.weights, weights)?;
        Ok(())
    }
}

/// What a lineup is to be made of.
pub(crate) struct Wanted<F> {
    pub(crate) scheduling: Scheduling,
    /// Those that come, oldest first.
    pub(crate) coming: KVVec<Coming>,
    /// What becomes of a server that is there.
    pub(crate) fate: F,
}

/// What becomes of a server that is there.
pub(crate) enum Fate {
    Stays,
    Goes,
    Edited(DestSpec, bool),
}

impl Service {
    /// Prepares a lineup. Control lock, process context; sleeps.
    ///
    /// It must be brought to [`Self::settle`], taken or not.
    pub(crate) fn prepare(
        &self,
        mut wanted: Wanted<impl FnMut(&Dest) -> Result<Fate>>,
    ) -> Result<Lineup> {
        let old = self.roster().ok();
        let there = self.dest_count() as usize;
        let room = there.saturating_add(wanted.coming.len()).saturating_mul(2);
        let roster = Shared::new(Roster::new(room)?, GFP_KERNEL_ACCOUNT)?;
        let current = rcu::read(|rcu| self.scheduler(rcu)?.upgrade());
        let (scheduler, is_new, module) = match wanted.scheduling {
            Scheduling::Stays => (current.ok_or(ENOENT)?, false, None),
            Scheduling::Options(options) => (current.ok_or(ENOENT)?.again(&options)?, true, None),
            Scheduling::Other(bound, module) => (bound, true, Some(module)),
        };
        let mut lineup = Lineup {
            roster,
            weights: KVVec::new(),
            old_capacity: old.as_ref().map_or(0, |old| old.capacity()),
            scheduler,
            replaced: is_new.then_some(None),
            module,
            coming: KVVec::new(),
            edited: KVVec::new(),
            going: KVVec::new(),
        };
        if let Some(old) = &old {
            self.sort(old, &mut lineup, &mut wanted.fate)?;
        }
        for coming in &wanted.coming {
            lineup.place(coming.dest.clone(), Some(&coming.spec))?;
        }
        lineup.coming = wanted.coming;
        let members = lineup.members(self);
        if let Err(error) = lineup.scheduler.changed(&members, Change::Renumbering) {
            let _ = lineup.scheduler.changed(&members, Change::Settled);
            return Err(error);
        }
        Ok(lineup)
    }

    /// Decides what becomes of the servers that are there, oldest first.
    fn sort(
        &self,
        old: &Roster,
        lineup: &mut Lineup,
        fate: &mut impl FnMut(&Dest) -> Result<Fate>,
    ) -> Result {
        for slot in 0..crate::logic::num::saturating_u32(old.capacity()) {
            let Some(dest) = rcu::read(|rcu| old.get(rcu, slot)?.upgrade()) else {
                continue;
            };
            match fate(&dest)? {
                Fate::Stays => lineup.place(dest, None)?,
                Fate::Goes => memory::push(&mut lineup.going, dest)?,
                Fate::Edited(spec, again) => {
                    lineup.place(dest.clone(), Some(&spec))?;
                    let edited = Edited { dest, spec, again };
                    memory::push(&mut lineup.edited, edited)?;
                }
            }
        }
        Ok(())
    }

    /// Puts a lineup to work. Inside [`crate::turn::Turn::change`]: neither sleeps nor fails.
    pub(crate) fn take(&self, lineup: &mut Lineup) {
        for edited in &lineup.edited {
            edited.dest.set(&edited.spec);
        }
        for dest in &lineup.going {
            dest.leave();
            self.delist(dest);
        }
        for coming in lineup.coming.iter_mut() {
            coming.dest.revive(coming.id, &coming.spec);
            if let Some(node) = coming.node.take() {
                self.enlist(coming.dest.clone(), node);
            }
        }
        let members = lineup.members(self);
        // Made ready by `Renumbering`, so it does not fail.
        let _ = lineup.scheduler.changed(&members, Change::Renumbered);
        rcu::read(|rcu| lineup.roster.number(rcu));
        drop(self.roster.replace(Some(lineup.roster.clone())));
        if let Some(replaced) = &mut lineup.replaced {
            let scheduler = lineup.scheduler.clone();
            let half_life = scheduler.options().expiry_jiffies(ewma::HALF_LIFE);
            self.policy.watch.set_wants(scheduler.wants(), half_life);
            *replaced = self.scheduler.replace(Some(scheduler));
            if let Some(module) = lineup.module.take() {
                lineup.module = self.module.lock().replace(module);
            }
        }
    }

    /// Puts a server into the list and the tree.
    pub(super) fn enlist(&self, dest: Shared<Dest>, node: RBTreeNode<DestKey, Shared<Dest>>) {
        // It has left any other list; see `Coming::new`.
        if self.dests.push_front(dest).is_ok() {
            self.dest_count.fetch_add(1, Ordering::Relaxed);
        }
        let _other = self.by_key.lock().insert(node);
    }

    /// Takes a server out of the list and the tree.
    pub(super) fn delist(&self, dest: &Shared<Dest>) {
        if let Some(_removed) = self.dests.remove(dest.as_ref()) {
            let key = dest_key(dest.family(), dest.endpoint());
            let _found = self.by_key.lock().remove_node(&key);
            self.dest_count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Ends what a lineup began, whether it was taken or not. Control lock, process context. If it was,
    /// no packet may be left that had begun before.
    pub(crate) fn settle(&self, lineup: &mut Lineup, taken: bool) {
        let members = lineup.members(self);
        let _ = lineup.scheduler.changed(&members, Change::Settled);
        if !taken {
            return;
        }
        // Marks for old numbers, or that packets inside the old scheduler took away.
        self.policy.watch.mark_all();
        for dest in &lineup.going {
            dest.retire();
            dest.traffic.hand_over(&self.retired);
        }
        for edited in &lineup.edited {
            if edited.again && !edited.dest.is_used() {
                let _ = edited.dest.traffic.zero();
            }
        }
        // Its instance first, then its module.
        lineup.replaced = None;
        lineup.module = None;
    }
}
