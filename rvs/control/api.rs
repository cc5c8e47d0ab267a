// SPDX-License-Identifier: GPL-2.0

//! The control plane for front ends in other modules: [`View::configure`] gives a [`Session`], which has the
//! namespace's configuration to itself.
//!
//! A front end turns what its clients say into the values here, and the core's answers into what its clients
//! expect. What can be, is decided by [`Control`], as for the netlink family `rvs`.

use super::{
    plan::Plan,
    transact::Rights,
    Control,
    ServiceSpec, //
};
use crate::{
    dest::{
        Dest,
        DestSpec,
        Tunnel, //
    },
    front::View,
    logic::{
        addr::{
            Endpoint,
            Family,
            Protocol, //
        },
        drain,
        ipvs::{
            files::Counters,
            spec::{
                DestWish,
                Key,
                ServiceWish,
                NAME_LEN, //
            }, //
        },
        owner::Owner,
        proto::State,
        sched::Candidate,
        uapi::{
            NoServer,
            SchedFlag,
            ServiceFlag, //
        }, //
    },
    net::Net,
    policy::{
        SchedOptions,
        Settings, //
    },
    sched::{
        self,
        Found, //
    },
    service::{
        Service,
        ServiceKey, //
    },
    sys::{
        rcu,
        shared::Shared,
        time, //
    },
};
use kernel::{
    prelude::*,
    sync::MutexGuard, //
};

/// The states whose timeouts IPVS lets set: TCP, TCP after a FIN, UDP.
const TIMEOUTS: [State; 3] = [State::Established, State::FinWait, State::Udp];

/// A scheduler that is loaded, and will be until this is used or dropped.
pub struct Scheduler(Found);

impl Scheduler {
    /// The scheduler of this name, whose module is loaded if need be; `ENOENT` without it. Process context,
    /// no session open.
    pub fn find(name: &[u8]) -> Result<Self> {
        let plain = |c: &u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-".contains(c);
        let name = core::str::from_utf8(name).map_err(|_| ENOENT)?;
        if name.is_empty() || !name.as_bytes().iter().all(plain) {
            return Err(ENOENT);
        }
        sched::find_or_load(name).map(Self)
    }
}

/// A service as it is.
pub struct ServiceShown {
    /// Its number; they grow in the order of creation.
    pub id: u64,
    /// Its key.
    pub key: Key,
    /// The name of its scheduler, ended by a zero byte.
    pub scheduler: [u8; NAME_LEN],
    /// Its settings.
    pub settings: ServiceWish,
    /// How many servers it has.
    pub servers: u32,
    /// What it has counted.
    pub totals: Counters,
    /// The same per second.
    pub rates: Counters,
}

/// A server of a service as it is.
pub struct ServerShown {
    /// Its number; they grow in the order of creation.
    pub id: u64,
    /// Its key and settings.
    pub settings: DestWish,
    /// Connections.
    pub active: u32,
    /// Connections.
    pub inactive: u32,
    /// Clients that persistence keeps here.
    pub clients: u32,
    /// What it has counted.
    pub totals: Counters,
    /// The same per second.
    pub rates: Counters,
}

/// The configuration of a namespace, which nobody else can change meanwhile.
pub struct Session<'a> {
    net: &'a Net,
    control: MutexGuard<'a, Control>,
}

impl<'a> View<'a> {
    /// Waits for others that change the configuration. Process context.
    #[inline(never)]
    pub fn configure(&self) -> Session<'a> {
        let net = self.net();
        Session {
            net,
            control: net.control.lock(),
        }
    }
}

/// The core's key; there is none for protocols that no IP header can have.
fn core_key(key: &Key) -> Option<ServiceKey> {
    match *key {
        Key::Mark(family, mark) => Some(ServiceKey::of_mark(family, mark)),
        Key::Address(family, protocol, endpoint) => Some(ServiceKey {
            family,
            protocol: Protocol(u8::try_from(protocol).ok().filter(|n| *n != 0)?),
            endpoint,
        }),
    }
}

fn shown_key(key: &ServiceKey) -> Key {
    match key.mark() {
        Some(mark) => Key::Mark(key.family, mark),
        None => Key::Address(key.family, u16::from(key.protocol.0), key.endpoint),
    }
}

/// The settings of a service that IPVS's clients know, over those that it has; they say nothing of the
/// others.
fn settings(wish: &ServiceWish, old: Option<&Settings>) -> Settings {
    let one_packet = ServiceFlag::OnePacket.bit();
    let flags = old.map_or(0, |old| old.flags) & !one_packet;
    let sched = old.map_or_else(SchedOptions::default, |old| old.sched);
    Settings {
        flags: match wish.one_packet {
            true => flags | one_packet,
            false => flags,
        },
        sched: SchedOptions {
            // Who configures IPVS gets IPVS's choices.
            flags: wish.sched_flags | SchedFlag::Exact.bit(),
            ..sched
        },
        persist_timeout: wish.persist_timeout,
        persist_prefix: wish.persist_prefix,
        no_server: old.map_or(NoServer::Unreachable, |old| old.no_server),
        owner: old.map_or(Owner::NOBODY, |old| old.owner),
        slow_start: old.map_or(0, |old| old.slow_start),
    }
}

/// A server as IPVS's clients want it; they say nothing of the rest.
fn server(wish: &DestWish, owner: Owner, drain: Option<drain::Plan>) -> DestSpec {
    DestSpec {
        family: wish.family,
        endpoint: wish.endpoint,
        method: wish.method,
        weight: wish.weight,
        tunnel: Tunnel {
            kind: wish.tun_type,
            port: wish.tun_port,
            flags: wish.tun_flags,
        },
        upper: wish.upper,
        lower: wish.lower,
        owner,
        drain,
    }
}

impl Session<'_> {
    fn find(&self, key: &Key) -> Result<Shared<Service>> {
        self.control.find(self.net, &core_key(key).ok_or(ESRCH)?)
    }

    fn find_server(service: &Service, key: (Family, Endpoint)) -> Result<Shared<Dest>> {
        service.find_dest(key).ok_or(ENOENT)
    }

    /// Makes what is planned.
    fn change(&mut self, make: impl FnOnce(&mut Plan, &Net) -> Result) -> Result {
        let mut plan = Plan::new(Rights::ALL);
        make(&mut plan, self.net)?;
        self.commit(&plan)
    }

    fn commit(&mut self, plan: &Plan) -> Result {
        let done = self.control.commit(self.net, plan, false);
        done.map_err(|failed| failed.error)
    }

    /// Whether there is a service.
    #[inline(never)]
    pub fn has(&self, key: &Key) -> bool {
        self.find(key).is_ok()
    }

    /// Adds a service.
    #[inline(never)]
    pub fn add(&mut self, key: &Key, wish: &ServiceWish, scheduler: Scheduler) -> Result {
        let key = core_key(key).ok_or(EINVAL)?;
        let spec = ServiceSpec {
            settings: settings(wish, None),
            timeouts: [None; State::COUNT],
            fallback: None,
        };
        self.change(|plan, net| plan.add_service(net, &key, &spec, scheduler.0))
    }

    /// Changes a service, and its scheduler if one is given.
    #[inline(never)]
    pub fn set(&mut self, key: &Key, wish: &ServiceWish, scheduler: Option<Scheduler>) -> Result {
        let service = self.find(key)?;
        let key = service.key;
        let spec = rcu::read(|rcu| ServiceSpec {
            settings: settings(wish, service.policy.settings(rcu)),
            timeouts: [None; State::COUNT],
            fallback: service.fallback(rcu).map(|dest| dest.spec()),
        });
        let scheduler = scheduler.map(|scheduler| scheduler.0);
        self.change(|plan, net| plan.set_service(net, &key, &spec, scheduler))
    }

    /// Removes a service with its servers.
    #[inline(never)]
    pub fn remove(&mut self, key: &Key) -> Result {
        let key = core_key(key).ok_or(ESRCH)?;
        self.change(|plan, net| plan.remove_service(net, &key))
    }

    /// Removes all services, whoever manages them.
    #[inline(never)]
    pub fn flush(&mut self) -> Result {
        let mut plan = Plan::new(Rights::ALL);
        plan.flush(self.net, &self.control)?;
        self.commit(&plan)
    }

    /// Begins to count anew, for a service or for everything.
    #[inline(never)]
    pub fn zero(&mut self, key: Option<&Key>) -> Result {
        match key {
            Some(key) => {
                let service = self.find(key)?;
                let _ = rcu::read(|rcu| service.zero(rcu));
            }
            None => self.control.zero(self.net),
        }
        Ok(())
    }

    /// Adds a server to a service. `EINVAL` if its address cannot be one.
    #[inline(never)]
    pub fn add_server(&mut self, key: &Key, wish: &DestWish) -> Result {
        let service = self.find(key)?;
        if service.find_dest((wish.family, wish.endpoint)).is_some() {
            return Err(EEXIST);
        }
        let bytes = wish.endpoint.addr.bytes();
        if !self
            .net
            .namespace
            .is_server_address(wish.family as u8, &bytes)
        {
            return Err(EINVAL);
        }
        let spec = server(wish, service.owner(), None);
        self.change(|plan, net| plan.add_dest(net, &service.key, &spec))
    }

    /// Changes a server.
    #[inline(never)]
    pub fn set_server(&mut self, key: &Key, wish: &DestWish) -> Result {
        let service = self.find(key)?;
        let dest = Self::find_server(&service, (wish.family, wish.endpoint))?;
        // The weight of a server that drains is for when it comes back.
        let spec = server(wish, dest.owner(), dest.spec().drain);
        self.change(|plan, net| plan.set_dest(net, &service.key, &spec))
    }

    /// Removes a server.
    #[inline(never)]
    pub fn remove_server(&mut self, key: &Key, server: (Family, Endpoint)) -> Result {
        let key = core_key(key).ok_or(ESRCH)?;
        self.change(|plan, net| plan.remove_dest(net, &key, server))
    }

    /// Shows a service.
    #[inline(never)]
    pub fn show(&self, key: &Key) -> Result<ServiceShown> {
        let service = self.find(key)?;
        show(&service).ok_or(ESRCH)
    }

    /// Shows the first service whose number is at least `id`.
    #[inline(never)]
    pub fn show_from(&self, id: u64) -> Option<ServiceShown> {
        show(&*self.control.first_from(id)?)
    }

    /// Shows the servers of a service whose numbers are below `below`, newest first, until `visit` has
    /// enough. It may not sleep.
    #[inline(never)]
    pub fn servers(
        &self,
        key: &Key,
        below: u64,
        visit: &mut dyn FnMut(&ServerShown) -> bool,
    ) -> Result {
        let service = self.find(key)?;
        rcu::read(|rcu| {
            service
                .dests(rcu)
                .filter(|dest| dest.id() < below)
                .map(|dest| show_server(&dest))
                .all(|shown| visit(&shown));
        });
        Ok(())
    }

    /// The timeouts of TCP, TCP after a FIN, and UDP, in seconds.
    #[inline(never)]
    pub fn timeouts(&self) -> [u32; 3] {
        TIMEOUTS.map(|state| self.net.timeouts.seconds(state))
    }

    /// Changes those that are given.
    #[inline(never)]
    pub fn set_timeouts(&mut self, timeouts: [Option<u32>; 3]) -> Result {
        let given = |state| {
            let mut pairs = TIMEOUTS.into_iter().zip(timeouts);
            pairs.find(|(of, _)| *of == state)?.1
        };
        self.change(|plan, _| {
            plan.configure(&State::ALL.map(given));
            Ok(())
        })
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.net.attend();
    }
}

/// Jiffies of a second.
#[inline(never)]
pub fn hz() -> u32 {
    time::jiffies_from_seconds(1)
}

fn show(service: &Service) -> Option<ServiceShown> {
    rcu::read(|rcu| {
        let now = service.policy.settings(rcu)?;
        let mut scheduler = [0; NAME_LEN];
        let name = service.scheduler_name(rcu).bytes().take(NAME_LEN - 1);
        for (to, from) in scheduler.iter_mut().zip(name) {
            *to = from;
        }
        let (totals, rates) = service.figures(rcu).in_order();
        Some(ServiceShown {
            id: service.id,
            key: shown_key(&service.key),
            scheduler,
            settings: ServiceWish {
                one_packet: now.flags & ServiceFlag::OnePacket.bit() != 0,
                sched_flags: now.sched.flags & !SchedFlag::Exact.bit(),
                persist_timeout: now.persist_timeout,
                persist_prefix: now.persist_prefix,
            },
            servers: service.dest_count(),
            totals,
            rates,
        })
    })
}

fn show_server(dest: &Dest) -> ServerShown {
    let spec = dest.spec();
    let (totals, rates) = dest.traffic.figures().in_order();
    ServerShown {
        id: dest.id(),
        settings: DestWish {
            family: spec.family,
            endpoint: spec.endpoint,
            method: spec.method,
            weight: spec.weight,
            upper: spec.upper,
            lower: spec.lower,
            tun_type: spec.tunnel.kind,
            tun_port: spec.tunnel.port,
            tun_flags: spec.tunnel.flags,
        },
        active: dest.active(),
        inactive: dest.inactive(),
        clients: dest.templates(),
        totals,
        rates,
    }
}
