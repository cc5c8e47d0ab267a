// SPDX-License-Identifier: GPL-2.0

//! A plan becomes the configuration: prepared off to the side, then one step, then what is left over goes.
//!
//! All that can fail or sleep comes before the step and is undone on error. The step itself is
//! [`crate::turn::Turn::change`].

use super::{
    plan::{
        DestPlan,
        Plan,
        ServicePlan, //
    },
    Control, //
};
use crate::{
    dest::{
        Dest,
        DestSpec, //
    },
    logic::{
        proto::State,
        uapi::EventKind, //
    },
    net::Net,
    policy::{
        Policy,
        Settings, //
    },
    service::{
        dest_key,
        Coming,
        Fate,
        Lineup,
        Place,
        Scheduling,
        Service,
        Wanted, //
    },
    sys::{
        memory,
        rcu::{
            self,
            Rcu, //
        },
        shared::Shared, //
    },
};
use kernel::{
    prelude::*,
    rbtree::RBTreeNode, //
};

/// Why a plan could not be committed.
pub(crate) struct Failed {
    pub(crate) error: Error,
    /// The last change of the service that is to blame; 0 if none is.
    pub(crate) change: u32,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, change: 0 }
    }
}

/// The places that a new service takes.
struct Fresh {
    place: Option<Place>,
    node: Option<RBTreeNode<u64, Shared<Service>>>,
}

/// What becomes of one service.
struct Step {
    service: Shared<Service>,
    fresh: Option<Fresh>,
    goes: bool,
    /// Removed and added again.
    renewed: bool,
    /// What is to be told of the service itself, if anything.
    news: Option<EventKind>,
    /// Dropped packets are counted anew.
    fresh_drops: bool,
    settings: Option<Shared<Settings>>,
    timeouts: [Option<u32>; State::COUNT],
    fallback: Option<Option<Shared<Dest>>>,
    lineup: Option<Lineup>,
    /// Whether any service wants the fast path may have changed.
    fast: bool,
}

impl Step {
    /// The service stays as it is.
    fn of(service: Shared<Service>) -> Self {
        Self {
            service,
            fresh: None,
            goes: false,
            renewed: false,
            news: None,
            fresh_drops: false,
            settings: None,
            timeouts: [None; State::COUNT],
            fallback: None,
            lineup: None,
            fast: false,
        }
    }

    /// Whether anything is there no more.
    fn removes(&self) -> bool {
        let going = self.lineup.as_ref().map(|lineup| !lineup.going.is_empty());
        self.goes || going.unwrap_or(false)
    }

    /// Whether a timeout becomes longer for connections that there may be.
    fn lengthens(&self, net: &Net) -> bool {
        // Of a new service there are only those whose policy it takes over.
        if self.fresh.is_some() && !self.fresh_drops {
            return false;
        }
        let longer = |(state, seconds): (State, Option<u32>)| {
            let or_usual = |own| match own {
                0 => net.timeouts.seconds(state),
                own => own,
            };
            let now = self.service.policy.timeout_seconds(state);
            seconds.is_some_and(|seconds| or_usual(seconds) > or_usual(now))
        };
        State::ALL.into_iter().zip(self.timeouts).any(longer)
    }

    /// Notes the generation in all that changed.
    fn note_change(&self, generation: u32) {
        if self.news.is_some() {
            self.service.note_change(generation);
        }
        let Some(lineup) = &self.lineup else {
            return;
        };
        for coming in &lineup.coming {
            coming.dest.note_change(generation);
        }
        for edited in &lineup.edited {
            edited.dest.note_change(generation);
        }
    }

    /// Makes the step for a service that will be there.
    fn take(&mut self, net: &Net, rcu: Rcu<'_>) {
        let service = &self.service;
        let noted = self.settings.is_some() || self.timeouts.iter().any(Option::is_some);
        if let Some(settings) = self.settings.take() {
            service.policy.exchange(settings);
        }
        if let Some(fallback) = self.fallback.take() {
            service.set_fallback(fallback);
        }
        if let Some(lineup) = &mut self.lineup {
            service.take(lineup);
        }
        for (state, seconds) in State::ALL.into_iter().zip(self.timeouts) {
            if let Some(seconds) = seconds {
                service.policy.set_timeout(state, seconds);
            }
        }
        if noted {
            service.note_policy(rcu);
        }
        if let Some(place) = self.fresh.as_mut().and_then(|fresh| fresh.place.take()) {
            net.services.insert(rcu, &service.key, place);
        }
    }
}

/// Whether a timeout of the namespace becomes longer.
fn lengthens(net: &Net, plan: &Plan) -> bool {
    let mut timeouts = State::ALL.into_iter().zip(plan.config);
    timeouts.any(|(state, seconds)| {
        seconds.is_some_and(|seconds| seconds > net.timeouts.seconds(state))
    })
}

/// What [`Control::prepare`] has made.
struct Steps(KVVec<Step>);

impl Control {
    /// Makes it so, as one step that no packet sees half of; or, if `dry`, only checks that it could. Process
    /// context.
    pub(crate) fn commit(&mut self, net: &Net, plan: &Plan, dry: bool) -> Result<(), Failed> {
        if let (false, Some((service, dest))) = (dry, plan.sole_dest()) {
            // Adding one of a thousand servers does not touch the others.
            return Ok(self.change_dest(net, service, dest)?);
        }
        let mut steps = Steps(KVVec::new());
        let prepared = self.prepare(net, plan, &mut steps);
        if prepared.is_err() || dry {
            self.undo(net, &mut steps);
            return prepared;
        }
        if lengthens(net, plan) || steps.0.iter().any(|step| step.lengthens(net)) {
            net.end_expired();
        }
        net.turn.change(|| {
            rcu::read(|rcu| {
                // A packet that looks for a service finds the new one or the old one.
                for step in steps.0.iter_mut().filter(|step| !step.goes) {
                    step.take(net, rcu);
                }
                for step in steps.0.iter().filter(|step| step.goes) {
                    net.services.remove(&step.service.key);
                    step.service.dests(rcu).for_each(|dest| dest.leave());
                }
                for (state, seconds) in State::ALL.into_iter().zip(plan.config) {
                    if let Some(seconds) = seconds {
                        net.timeouts.set_seconds(state, seconds);
                    }
                }
            });
        });
        self.last_id = self.last_id.wrapping_add(u64::from(plan.added));
        self.settle(net, &mut steps);
        match steps.0.iter().any(Step::removes) {
            true => self.lost(),
            false => self.changed(),
        }
        steps
            .0
            .iter()
            .for_each(|step| step.note_change(self.generation));
        if steps.0.iter().any(|step| step.fast) {
            net.fast.review(net);
        }
        self.tell_steps(net, plan, &steps);
        Ok(())
    }

    /// Tells what has been done, an object at a time. It is one step: whoever listens waits for its end.
    fn tell_steps(&mut self, net: &Net, plan: &Plan, steps: &Steps) {
        for step in &steps.0 {
            let service = &step.service;
            if let Some(kind) = step.news {
                self.tell_service(net, kind, service);
            }
            let Some(lineup) = &step.lineup else {
                continue;
            };
            for dest in &lineup.going {
                self.tell_dest(net, EventKind::DestRemoved, &service.key, dest);
            }
            for coming in &lineup.coming {
                self.tell_dest(net, EventKind::DestAdded, &service.key, &coming.dest);
                self.note_usable(net, service, &coming.dest);
            }
            for edited in &lineup.edited {
                self.tell_dest(net, EventKind::DestChanged, &service.key, &edited.dest);
                self.note_usable(net, service, &edited.dest);
            }
        }
        if plan.config.iter().any(Option::is_some) {
            self.tell_config(net);
        }
        self.tell_committed(net);
    }

    /// Changes one destination in place.
    fn change_dest(&mut self, net: &Net, service: &Shared<Service>, plan: &DestPlan) -> Result {
        match (&plan.current, &plan.wanted) {
            (None, Some(spec)) => self.add_dest(net, service, spec),
            (Some(dest), Some(spec)) => self.set_dest(net, service, dest, spec),
            (Some(dest), None) => {
                self.remove_dest(net, service, dest);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// The number of an object of the plan.
    fn id(&self, order: u32) -> u64 {
        self.last_id.wrapping_add(u64::from(order))
    }

    /// Prepares a step for each service; also on error, [`Self::undo`] is for what `steps` has.
    fn prepare(&mut self, net: &Net, plan: &Plan, steps: &mut Steps) -> Result<(), Failed> {
        let (mut services, mut dests) = (0u32, 0u32);
        for plan in plan.services.values().filter(|plan| plan.exists) {
            services = services.wrapping_add(u32::from(plan.current.is_none()));
            for dest in plan.dests.values() {
                dests = dests.wrapping_add(u32::from(dest.comes()));
            }
        }
        if services != 0 {
            net.services.fit(self, services);
            self.hooks.register()?;
        }
        if dests > 1 {
            net.reals.fit(self, dests);
        }
        let returns = |plan: &ServicePlan| {
            plan.exists && plan.current.is_none() && self.retired_dests.policy(&plan.key).is_some()
        };
        if plan.services.values().any(returns) {
            // Packets may still be inside the schedulers of the earlier ones.
            rcu::synchronize();
        }
        let room = crate::logic::num::index(plan.touched);
        steps.0 = KVVec::with_capacity(room, GFP_KERNEL_ACCOUNT).map_err(Error::from)?;
        for plan in plan.services.values() {
            self.prepare_service(net, plan, steps)
                .map_err(|error| Failed {
                    error,
                    change: plan.change,
                })?;
        }
        Ok(())
    }

    fn prepare_service(&mut self, net: &Net, plan: &ServicePlan, steps: &mut Steps) -> Result {
        let step = match (&plan.current, plan.exists) {
            (None, false) => return Ok(()),
            (Some(service), exists) => Step {
                goes: !exists,
                renewed: plan.cleared,
                news: match exists {
                    false => Some(EventKind::ServiceRemoved),
                    true => plan.changes_service().then_some(EventKind::ServiceChanged),
                },
                fresh_drops: plan.cleared,
                fast: !exists && service.policy.is_fast(),
                ..Step::of(service.clone())
            },
            (None, true) => self.make_service(net, plan)?,
        };
        memory::push(&mut steps.0, step)?;
        match steps.0.last_mut() {
            Some(step) if !step.goes => self.fill(net, plan, step),
            _ => Ok(()),
        }
    }

    /// A new service. Its policy is that of an earlier one with the same key, if any of its servers can come back.
    fn make_service(&mut self, net: &Net, plan: &ServicePlan) -> Result<Step> {
        let settings = plan.settings.as_ref().ok_or(EINVAL)?;
        self.gather(plan.key.family)?;
        let (policy, fresh_drops) = match self.retired_dests.policy(&plan.key) {
            Some(policy) => (policy, true),
            None => {
                let policy = Policy::new(plan.key, settings, self.pulse.clone())?;
                (Shared::new(policy, GFP_KERNEL_ACCOUNT)?, false)
            }
        };
        let id = self.id(plan.order);
        let service = Shared::new(Service::new(id, policy), GFP_KERNEL_ACCOUNT)?;
        let fresh = Fresh {
            place: Some(net.services.prepare(service.clone())?),
            node: Some(RBTreeNode::new(id, service.clone(), GFP_KERNEL_ACCOUNT)?),
        };
        Ok(Step {
            fresh: Some(fresh),
            news: Some(EventKind::ServiceAdded),
            fresh_drops,
            fast: settings.is_fast(),
            ..Step::of(service)
        })
    }

    /// Prepares what a service is to become.
    fn fill(&mut self, net: &Net, plan: &ServicePlan, step: &mut Step) -> Result {
        step.timeouts = plan.timeouts;
        if let Some(settings) = &plan.settings {
            step.fast |= settings.is_fast() != step.service.policy.is_fast();
            step.settings = Some(Shared::new(*settings, GFP_KERNEL_ACCOUNT)?);
        }
        if let Some(wanted) = plan.fallback {
            let now = rcu::read(|rcu| step.service.fallback(rcu).map(|dest| dest.spec()));
            if now != wanted {
                step.fallback = Some(self.make_fallback(&step.service, wanted.as_ref())?);
            }
        }
        let scheduling = scheduling(plan)?;
        if plan.touched == 0 && !plan.cleared && matches!(scheduling, Scheduling::Stays) {
            return Ok(());
        }
        let coming = self.coming(plan, &step.service)?;
        let lineup = step.lineup.insert(step.service.prepare(Wanted {
            scheduling,
            coming,
            fate: |dest: &Dest| Ok(fate(plan, dest)),
        })?);
        for coming in &lineup.coming {
            net.reals.insert(coming.dest.clone())?;
        }
        Ok(())
    }

    /// The servers that come to a service, oldest first.
    fn coming(&mut self, plan: &ServicePlan, service: &Service) -> Result<KVVec<Coming>> {
        let mut coming = KVVec::with_capacity(plan.added.len(), GFP_KERNEL_ACCOUNT)?;
        for (name, order) in &plan.added {
            let Some(spec) = plan.coming(name, *order) else {
                continue;
            };
            self.gather(spec.family)?;
            let key = (spec.family, spec.endpoint);
            let id = self.id(*order);
            let dest = match self.retired_dests.find(&service.key, key) {
                Some(dest) => dest,
                None => {
                    let dest = Dest::new(id, spec, service.policy.clone())?;
                    Shared::new(dest, GFP_KERNEL_ACCOUNT)?
                }
            };
            memory::push(&mut coming, Coming::new(dest, id, *spec)?)?;
        }
        Ok(coming)
    }

    /// The fallback destination that a service is to have.
    fn make_fallback(
        &mut self,
        service: &Service,
        wanted: Option<&DestSpec>,
    ) -> Result<Option<Shared<Dest>>> {
        let Some(spec) = wanted else {
            return Ok(None);
        };
        self.gather(spec.family)?;
        let dest = Dest::new(0, spec, service.policy.clone())?;
        Ok(Some(Shared::new(dest, GFP_KERNEL_ACCOUNT)?))
    }

    /// Gives up what was prepared.
    fn undo(&mut self, net: &Net, steps: &mut Steps) {
        for step in steps.0.iter_mut() {
            if let Some(lineup) = &mut step.lineup {
                rcu::read(|rcu| {
                    for coming in &lineup.coming {
                        net.reals.remove(rcu, &coming.dest);
                    }
                });
                step.service.settle(lineup, false);
            }
        }
        self.rest(net);
    }

    /// Puts away what the step has left over. Process context.
    fn settle(&mut self, net: &Net, steps: &mut Steps) {
        let replaces = |step: &Step| step.fresh.is_none() && step.lineup.is_some();
        if steps.0.iter().any(replaces) {
            // Packets may still be inside schedulers that were replaced.
            rcu::synchronize();
        }
        for step in steps.0.iter_mut() {
            if let Some(node) = step.fresh.as_mut().and_then(|fresh| fresh.node.take()) {
                self.services.insert(node);
            }
            if step.goes {
                continue;
            }
            if let Some(lineup) = &mut step.lineup {
                self.settle_dests(net, &step.service, lineup, step.renewed);
            }
            if step.renewed {
                let _ = rcu::read(|rcu| step.service.zero(rcu));
            }
            if step.fresh_drops {
                step.service.policy.drops.zero();
            }
        }
        // The newest first: where many services share a real server, those stand at the head of its chain.
        for step in steps.0.iter().rev().filter(|step| step.goes) {
            self.forget_service(net, &step.service);
        }
        net.services.fit(self, 0);
        net.reals.fit(self, 0);
        self.rest(net);
    }

    /// Follows the change of a service's servers.
    fn settle_dests(&mut self, net: &Net, service: &Service, lineup: &mut Lineup, renewed: bool) {
        for coming in &lineup.coming {
            let key = (coming.dest.family(), coming.dest.endpoint());
            if let Some((dest, from)) = self.retired_dests.take(&service.key, key) {
                if from != service.id {
                    let _ = dest.traffic.zero();
                }
            }
            self.dests = self.dests.wrapping_add(1);
        }
        service.settle(lineup, true);
        for dest in &lineup.going {
            rcu::read(|rcu| net.reals.remove(rcu, dest));
            if renewed {
                let _ = dest.traffic.zero();
            }
            self.retired_dests.add(service.id, dest.clone());
            self.dests = self.dests.wrapping_sub(1);
        }
    }

    /// Ends a service that packets do not find any more; connections stay until they expire.
    fn forget_service(&mut self, net: &Net, service: &Service) {
        let _listed = self.services.remove(&service.id);
        self.dests = self.dests.wrapping_sub(service.dest_count());
        rcu::read(|rcu| {
            for dest in service.dests(rcu) {
                net.reals.remove(rcu, dest.get());
            }
        });
        let retired_dests = &mut self.retired_dests;
        let totals = service.end(|dest| retired_dests.add(service.id, dest));
        self.retired.add(&totals);
    }
}

/// What becomes of a destination that is there.
fn fate(plan: &ServicePlan, dest: &Dest) -> Fate {
    match plan.dests.get(&dest_key(dest.family(), dest.endpoint())) {
        None if plan.cleared => Fate::Goes,
        None => Fate::Stays,
        Some(dest) => match dest.wanted {
            None => Fate::Goes,
            Some(spec) => Fate::Edited(spec, dest.again),
        },
    }
}

/// Which scheduler shall be at work.
fn scheduling(plan: &ServicePlan) -> Result<Scheduling> {
    let Some(settings) = &plan.settings else {
        return Ok(Scheduling::Stays);
    };
    if let Some(found) = &plan.scheduler {
        let (bound, module) = found.again()?.make(&settings.sched)?;
        return Ok(Scheduling::Other(bound, module));
    }
    let same = |service: &Shared<Service>| {
        rcu::read(|rcu| {
            let bound = service.scheduler(rcu);
            bound.is_some_and(|bound| *bound.options() == settings.sched)
        })
    };
    Ok(match plan.current.as_ref().is_some_and(same) {
        true => Scheduling::Stays,
        false => Scheduling::Options(settings.sched),
    })
}
