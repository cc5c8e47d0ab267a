// SPDX-License-Identifier: GPL-2.0

//! What the namespace's work does for services that have called for it: removes destinations that have drained,
//! lets those that start slowly have their share, and tells what has happened.

use super::Control;
use crate::{
    dest::{
        Dest,
        News, //
    },
    logic::{
        sched::Candidate,
        slow::Field,
        uapi::{
            DrainPolicy,
            EventKind, //
        }, //
    },
    net::Net,
    service::Service,
    sys::{
        rcu::{
            self,
            Rcu, //
        },
        shared::Shared, //
    },
};

/// What the work has to know.
#[derive(Default)]
pub(crate) struct Tended {
    /// A destination wants to know when its last connection is over.
    pub(crate) watching: bool,
}

/// So many destinations of a service have news at a time; others wait for the next.
const BATCH: usize = 32;

type Batch = [Option<(Shared<Dest>, News)>; BATCH];

impl Control {
    /// Looks after all services that have called for it. `round` is whether a [round](crate::logic::drain)
    /// has ended. Process context.
    pub(crate) fn tend(&mut self, net: &Net, round: bool) -> Tended {
        let mut tended = Tended::default();
        let mut next = 0;
        while let Some(service) = self.first_from(next) {
            next = service.id.wrapping_add(1);
            if service.policy.take_alarm() {
                self.tend_service(net, &service, round, &mut tended);
            }
        }
        tended
    }

    fn tend_service(&mut self, net: &Net, service: &Service, round: bool, tended: &mut Tended) {
        let mut batch: Batch = [const { None }; BATCH];
        let again = rcu::read(|rcu| {
            let again = look_at_dests(rcu, service, round, &mut batch, tended);
            start_slowly(rcu, service) || again
        });
        for (dest, news) in batch.iter_mut().filter_map(Option::take) {
            self.react(net, service, &dest, news);
        }
        let served = rcu::read(|rcu| service.dests(rcu).any(|dest| dest.is_usable()));
        self.tell_served(net, service, served);
        if again {
            service.policy.alarm();
        }
    }

    /// Tells whether a service has a usable server, if that is news. A request tells it of a server that it made
    /// usable, since what becomes of that server before the work comes would not be news otherwise.
    pub(super) fn tell_served(&mut self, net: &Net, service: &Service, served: bool) {
        match service.policy.served(served) {
            Some(true) => self.tell(net, EventKind::ServerAgain, service, None),
            Some(false) => self.tell(net, EventKind::NoServer, service, None),
            None => {}
        }
    }

    /// Notes a destination that a request has added or changed.
    pub(super) fn note_usable(&mut self, net: &Net, service: &Service, dest: &Dest) {
        if dest.is_usable() {
            self.tell_served(net, service, true);
        }
    }

    /// Does what a destination's news demand, and tells whoever listens.
    fn react(&mut self, net: &Net, service: &Service, dest: &Shared<Dest>, news: News) {
        let kind = match news {
            News::Draining => EventKind::Draining,
            News::Ready => EventKind::Ready,
            News::Quiesced => EventKind::Quiesced,
            News::Overloaded => EventKind::Overloaded,
            News::Relieved => EventKind::Relieved,
            News::Drained => EventKind::Drained,
            News::Late => EventKind::DrainExpired,
        };
        let left = dest.connections();
        if matches!(news, News::Drained | News::Late) {
            let policy = dest.spec().drain.map(|plan| plan.policy);
            self.remove_dest(net, service, dest);
            if news == News::Late && policy == Some(DrainPolicy::Reset) {
                net.kill_conns(dest);
            }
        }
        self.tell(net, kind, service, Some((dest, left)));
    }
}

/// Collects the news of a service's destinations; whether they must be looked at again soon.
fn look_at_dests(
    rcu: Rcu<'_>,
    service: &Service,
    round: bool,
    batch: &mut Batch,
    tended: &mut Tended,
) -> bool {
    let mut again = false;
    let mut places = batch.iter_mut();
    let mut place = places.next();
    for dest in service.dests(rcu) {
        if place.is_none() {
            // The others wait for the next time.
            tended.watching = true;
            return true;
        }
        let (news, soon) = dest.look_after(round);
        again |= soon;
        tended.watching |= dest.is_watched();
        if let (Some(news), Some(dest), Some(here)) = (news, dest.upgrade(), place.as_mut()) {
            **here = Some((dest, news));
            place = places.next();
        }
    }
    again
}

/// Lets the servers that start slowly have their share; whether there are any.
fn start_slowly(rcu: Rcu<'_>, service: &Service) -> bool {
    let policy = &service.policy;
    if !policy.is_starting() {
        return false;
    }
    let seconds = policy
        .settings(rcu)
        .map_or(0, |settings| settings.slow_start);
    let mut field = Field::default();
    let mut any = false;
    for dest in service.dests(rcu) {
        let share = dest.share(seconds);
        any |= dest.is_starting();
        if dest.is_usable() {
            field.add(dest.weight(), share);
        }
    }
    let arrivals = policy.take_arrivals();
    for dest in service.dests(rcu).filter(|dest| dest.is_starting()) {
        dest.earn(&field, arrivals);
    }
    if !any {
        policy.set_starting(false);
    }
    any
}
