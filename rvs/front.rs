// SPDX-License-Identifier: GPL-2.0

//! What a front end in another module sees of a namespace, besides what it asks [`crate::control`] for: what
//! there is to list, as IPVS's files have it, and the settings.

use crate::{
    conn::Conn,
    logic::{
        addr::Endpoint,
        ipvs::files::{
            ConnLine,
            Counters,
            ServerLine,
            ServiceLine,
            TableLines, //
        },
        sched::Candidate,
        settings::Knob,
        uapi::{
            ConnState,
            Method,
            ServiceFlag, //
        }, //
    },
    net::Net,
    persist::Template,
    service::Service,
    sys::{
        rcu,
        time, //
    },
};
use kernel::prelude::*;

/// A line of a list of services.
pub enum Line<'a> {
    /// A service.
    Service(&'a ServiceLine<'a>),
    /// A server of the service before.
    Server(&'a ServerLine),
}

/// A namespace.
pub struct View<'a>(&'a Net);

/// The place of a cursor behind the last hash.
const PAST: u64 = 1 << 32;

/// How many buckets are searched for a piece of a file at most.
const PART: u32 = 1 << 12;

/// How many lines a piece of a file has at most.
const LINES: u32 = 32;

impl<'a> View<'a> {
    pub(crate) fn new(net: &'a Net) -> Self {
        Self(net)
    }

    pub(crate) fn net(&self) -> &'a Net {
        self.0
    }

    /// The number of buckets for connections. IPVS behaviour: 0 until there has been a service.
    pub fn conn_buckets(&self) -> u32 {
        let has_begun = self.0.control.lock().has_begun();
        match has_begun {
            true => self.0.conns.buckets(),
            false => 0,
        }
    }

    /// Lists the service that `cursor` stands for, the numbers of the service and of the server above the
    /// first one to list, or 0 to begin with the service itself. Moves the cursor on; `false` after the last.
    pub fn service(&self, cursor: &mut [u64; 2], line: &mut dyn FnMut(Line<'_>)) -> bool {
        let control = self.0.control.lock();
        let [id, below] = *cursor;
        let Some(service) = control.first_from(id) else {
            return false;
        };
        // The service may have gone meanwhile, and this is the next.
        let below = match below {
            0 => u64::MAX,
            below if service.id == id => below,
            _ => u64::MAX,
        };
        if below == u64::MAX {
            list_service(&service, line);
        }
        *cursor = match list_servers(&service, below, line) {
            Some(last) => [service.id, last],
            None => [service.id.wrapping_add(1), 0],
        };
        true
    }

    /// Lists connections and then templates, from `cursor` on, which is moved; `false` after the last.
    pub fn conns(&self, cursor: &mut [u64; 2], line: &mut dyn FnMut(&ConnLine)) -> bool {
        let net = self.0;
        let mut lines = 0u32;
        let mut room = || {
            lines = lines.wrapping_add(1);
            lines <= LINES
        };
        let _no_resize = net.round.lock();
        // A hash to go on with, which may be 0; beyond 32 bits there is none.
        if let Ok(from) = u32::try_from(cursor[0]) {
            let mut from = Some(from);
            net.conns.walk(&mut from, PART, |_, conn| {
                let left = conn.expires_in(&net.timeouts, time::now());
                left == 0 || conn.is_condemned() || (room() && list_conn(&conn, left, line))
            });
            cursor[0] = from.map_or(PAST, u64::from);
            if from.is_some() {
                return true;
            }
        }
        let mut from = u32::try_from(cursor[1]).ok();
        net.templates.walk(&mut from, PART, |template| {
            room() && list_template(template, line)
        });
        cursor[1] = from.map_or(PAST, u64::from);
        from.is_some()
    }

    /// What the namespace has counted, and its rates.
    pub fn figures(&self) -> (Counters, Counters) {
        self.0.control.lock().figures().in_order()
    }

    /// What each CPU has counted, ever. What servers had counted that have been removed is nobody's, and
    /// added to the first.
    pub fn per_cpu(
        &self,
        each: &mut dyn FnMut(u32, Counters) -> core::fmt::Result,
    ) -> core::fmt::Result {
        let control = self.0.control.lock();
        let mut rest = control.totals();
        let mut next = 0;
        while let Some(cpu) = self.0.drops.counters.next_cpu(&mut next) {
            rest.subtract(&control.on_cpu(cpu));
        }
        let mut next = 0;
        while let Some(cpu) = self.0.drops.counters.next_cpu(&mut next) {
            let mut counted = control.on_cpu(cpu);
            counted.add(&core::mem::take(&mut rest));
            each(cpu, counted.in_order())?;
        }
        Ok(())
    }

    /// How full the tables of connections and services are.
    pub fn tables(&self) -> [TableLines; 2] {
        let conns = {
            let _no_resize = self.0.round.lock();
            self.0.conns.lengths()
        };
        let services = {
            let _no_resize = self.0.control.lock();
            self.0.services.lengths()
        };
        let tables = [
            TableLines {
                entries: self.0.conns.len(),
                bits: self.conn_buckets().checked_ilog2().unwrap_or(0),
                lengths: conns,
            },
            TableLines {
                entries: self.0.services.len(),
                bits: self.0.services.buckets().checked_ilog2().unwrap_or(0),
                lengths: services,
            },
        ];
        let [conns, services] = tables;
        let or_none = |table: TableLines, is_there| match is_there {
            true => table,
            false => TableLines::default(),
        };
        // IPVS behaviour: a table for services while there are any, one for connections since the first.
        let has_conns = self.conn_buckets() != 0;
        let has_services = services.entries != 0;
        [or_none(conns, has_conns), or_none(services, has_services)]
    }

    /// The value of a setting.
    pub fn get(&self, knob: Knob) -> u32 {
        self.0.settings.get(knob)
    }

    /// Changes a setting; `privileged` is who rules the whole machine.
    pub fn set(&self, knob: Knob, value: u32, privileged: bool) -> Result {
        self.0.set(knob, value, privileged)
    }
}

/// Jiffies of so many seconds.
pub fn jiffies(seconds: u32) -> u32 {
    time::jiffies_from_seconds(seconds)
}

fn list_service(service: &Service, line: &mut dyn FnMut(Line<'_>)) {
    rcu::read(|rcu| {
        let Some(settings) = service.policy.settings(rcu) else {
            return;
        };
        line(Line::Service(&ServiceLine {
            family: service.key.family,
            protocol: service.key.protocol,
            end: service.key.endpoint,
            mark: service.key.mark(),
            scheduler: service.scheduler_name(rcu),
            one_packet: settings.flags & ServiceFlag::OnePacket.bit() != 0,
            persistent: match settings.persist_timeout {
                0 => None,
                seconds => Some(jiffies(seconds)),
            },
            prefix: settings.persist_prefix,
        }));
    });
}

/// Lists servers whose numbers are below one; the number of the last if there are more.
fn list_servers(service: &Service, below: u64, line: &mut dyn FnMut(Line<'_>)) -> Option<u64> {
    rcu::read(|rcu| {
        let mut last = 0;
        let servers = service.dests(rcu).filter(|dest| dest.id() < below);
        for (listed, dest) in (0..=LINES).zip(servers) {
            if listed == LINES {
                return Some(last);
            }
            let spec = dest.spec();
            line(Line::Server(&ServerLine {
                family: spec.family,
                end: spec.endpoint,
                method: spec.method,
                weight: spec.weight,
                active: dest.active(),
                inactive: dest.inactive(),
            }));
            last = dest.id();
        }
        None
    })
}

/// Always `true`, as [`Conn`]s go on.
fn list_conn(conn: &Conn, left: u32, line: &mut dyn FnMut(&ConnLine)) -> bool {
    line(&ConnLine {
        family: conn.family(),
        protocol: conn.protocol(),
        client: conn.client(),
        virtual_end: conn.virtual_end(),
        server_family: conn.dest().family(),
        server: match conn.method() {
            // It is where the client wants to go.
            Method::Bypass => conn.virtual_end(),
            _ => conn.server(),
        },
        state: conn.status().state().name(),
        expires: time::milliseconds(left) / 1000,
    });
    true
}

fn list_template(template: &Template, line: &mut dyn FnMut(&ConnLine)) -> bool {
    let dest = &template.dest;
    let key = dest.policy.key;
    let state = match template.is_assured() {
        true => ConnState::Assured,
        false => ConnState::None,
    };
    line(&ConnLine {
        family: key.family,
        protocol: key.protocol,
        client: Endpoint::new(template.client(), 0),
        // IPVS behaviour: a firewall mark in the place of an address.
        virtual_end: key.endpoint,
        server_family: dest.family(),
        // IPVS behaviour: for all ports no port of the server either.
        server: match key.endpoint.port {
            0 => Endpoint::new(dest.endpoint().addr, 0),
            _ => dest.endpoint(),
        },
        state: match state {
            ConnState::Assured => "ASSURED",
            _ => "NONE",
        },
        expires: time::milliseconds(template.expires_in(time::now())) / 1000,
    });
    true
}
