// SPDX-License-Identifier: GPL-2.0

//! Persistence: clients keep their server for a while.
//!
//! A *template* remembers which server of a service a client was given. Every new connection of the client
//! goes there as long as the template lasts: until it has not been used for the service's timeout and no
//! connection that was made by it is left. What counts as one client is the service's to say: the prefix
//! of the address that all of it has in common.
//!
//! Only packets that begin a connection look here. A connection keeps its template in
//! [`crate::conn::Extra`], so the number of its owners tells whether it has any.

use crate::{
    dest::Dest,
    logic::{
        addr::{
            Addr,
            Endpoint,
            Tuple, //
        },
        hash::{
            tuple_hash,
            HashKey, //
        },
        sched::Candidate,
        uapi::{
            DropReason,
            FlowFound, //
        },
        wire::Packet, //
    },
    net::Net,
    policy::Settings,
    service::{
        Service,
        ServiceKey, //
    },
    sys::{
        atomic::{
            AtomicBool,
            AtomicU32,
            Ordering, //
        },
        cache::{
            Cache,
            Created, //
        },
        hash::{
            entry_layout,
            Found,
            Pool,
            Refused,
            Table, //
        },
        hook::Context,
        rcu::Rcu,
        shared::Shared,
        time, //
    },
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

/// What names a template.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    service: ServiceKey,
    /// The part of the address that counts, the rest is zero.
    client: Addr,
}

impl Key {
    /// As a flow that no packet has, to be hashed.
    fn tuple(&self) -> Tuple {
        Tuple {
            family: self.service.family,
            protocol: self.service.protocol,
            src: Endpoint::new(self.client, 0),
            dst: self.service.endpoint,
        }
    }
}

/// The server of a client.
pub(crate) struct Template {
    client: Addr,
    pub(crate) dest: Shared<Dest>,
    /// When a connection was last made by it, in jiffies.
    last_use: AtomicU32,
    /// For how long it is kept after that, in jiffies.
    timeout: AtomicU32,
    assured: AtomicBool,
}

impl Template {
    fn key(&self) -> Key {
        Key {
            service: self.dest.policy.key,
            client: self.client,
        }
    }

    /// The client, without the part of the address that does not count.
    pub(crate) fn client(&self) -> Addr {
        self.client
    }

    /// Whether a connection of the client was established.
    pub(crate) fn is_assured(&self) -> bool {
        self.assured.load(Ordering::Relaxed)
    }

    /// Notes that a connection of the client was established.
    pub(crate) fn assure(&self) {
        self.assured.store(true, Ordering::Relaxed);
    }

    /// Jiffies until it may go; 0 if only its connections keep it.
    pub(crate) fn expires_in(&self, now: u32) -> u32 {
        let idle = now.wrapping_sub(self.last_use.load(Ordering::Relaxed));
        // Another CPU may have been here a moment "after" now.
        let idle = if idle > u32::MAX / 2 { 0 } else { idle };
        self.timeout.load(Ordering::Relaxed).saturating_sub(idle)
    }

    /// Whether its server takes connections. One with the weight 0 does not, whoever asks.
    fn is_usable(&self) -> bool {
        self.dest.is_available() && self.dest.weight() != 0
    }

    /// Notes that a connection is made by it. The service may have another timeout by now.
    fn touch(&self, now: u32, timeout: u32) {
        self.timeout.store(timeout, Ordering::Relaxed);
        self.last_use.store(now, Ordering::Relaxed);
    }
}

/// Whether a template has had its time and no connection keeps it.
fn is_over(template: &Shared<Template>, now: u32) -> bool {
    template.expires_in(now) == 0 && template.is_sole()
}

/// Where the entries of the template table come from.
struct TemplatePool;

static CACHE: Cache = Cache::new();

impl Pool for TemplatePool {
    fn cache() -> &'static Cache {
        &CACHE
    }
}

/// Makes the slab cache of the template table's entries. At module load.
pub(crate) fn create_cache() -> Result<Created> {
    CACHE.create(c"rvs_template", entry_layout::<Shared<Template>, 1>())
}

type FoundTemplate<'a> = Found<'a, Shared<Template>, 1>;

/// The templates of a namespace.
pub(crate) struct Templates {
    table: Table<Shared<Template>, 1, TemplatePool>,
    key: HashKey,
}

impl Templates {
    pub(crate) fn new(key: HashKey) -> Result<Self, AllocError> {
        Ok(Self {
            table: Table::new(0)?,
            key,
        })
    }

    /// Bounds the number of templates from now on.
    pub(crate) fn set_limit(&self, limit: u32) {
        self.table.set_limit(limit);
    }

    pub(crate) fn len(&self) -> u32 {
        self.table.len()
    }

    /// The number of buckets.
    pub(crate) fn buckets(&self) -> u32 {
        self.table.buckets()
    }

    fn find<'a>(&self, rcu: Rcu<'a>, key: &Key) -> Option<FoundTemplate<'a>> {
        let hash = tuple_hash(&self.key, &key.tuple());
        let found = self.table.find(rcu, hash, |other, _| other.key() == *key);
        found.map(|(found, _)| found)
    }

    /// Adds a template, unless another CPU has just added one for the same client, which is returned then.
    fn insert(&self, rcu: Rcu<'_>, template: Template) -> Result<Shared<Template>, DropReason> {
        let key = template.key();
        let hash = tuple_hash(&self.key, &key.tuple());
        let template = Shared::new(template, GFP_ATOMIC).map_err(|_| DropReason::NoMemory)?;
        let same = |other: &Shared<Template>| other.key() == key;
        // Before it can be found, and removed.
        template.dest.count_template();
        let refused = match self.table.insert(rcu, [hash], template.clone(), same) {
            Ok(_) => return Ok(template),
            Err(refused) => refused,
        };
        template.dest.uncount_template();
        match refused {
            Refused::Exists(twin) => Ok(twin.get().clone()),
            Refused::Full => Err(DropReason::ConnLimit),
            Refused::NoMemory => Err(DropReason::NoMemory),
        }
    }

    fn remove(&self, rcu: Rcu<'_>, found: FoundTemplate<'_>) {
        if self.table.remove(rcu, found) {
            found.dest.uncount_template();
        }
    }

    /// Removes templates that are over, from `*cursor` on through at most `buckets` buckets. The caller keeps
    /// the table from being resized. Process context.
    pub(crate) fn reap(&self, cursor: &mut Option<u32>, buckets: u32) {
        self.table.walk(cursor, buckets, |rcu, found| {
            // Clients of a server that drains begin anew with another one.
            if is_over(found.get(), time::now()) || found.dest.is_draining() {
                self.remove(rcu, found);
            }
            true
        });
    }

    /// Calls `visit` for the templates from `*cursor` on through at most `buckets` buckets, until it returns
    /// `false`; see [`Table::walk`]. The caller keeps the table from being resized. Process context.
    pub(crate) fn walk(
        &self,
        cursor: &mut Option<u32>,
        buckets: u32,
        mut visit: impl FnMut(&Template) -> bool,
    ) {
        self.table.walk(cursor, buckets, |_, found| {
            let template = found.get();
            is_over(template, time::now()) || visit(template)
        });
    }

    /// Removes the templates for which `is` holds, from `*cursor` on through at most `buckets` buckets. Those
    /// clients get a server anew. The caller keeps the table from being resized. Process context.
    pub(crate) fn clear(
        &self,
        cursor: &mut Option<u32>,
        buckets: u32,
        mut is: impl FnMut(&Template) -> bool,
    ) {
        self.table.walk(cursor, buckets, |rcu, found| {
            if !is_over(found.get(), time::now()) && is(found.get()) {
                self.remove(rcu, found);
            }
            true
        });
    }

    /// Whether the table has become too small.
    pub(crate) fn is_crowded(&self, rcu: Rcu<'_>) -> bool {
        self.table.is_crowded(rcu)
    }

    /// Fits the table to the number of templates; `lock` is the proof that the caller excludes walks. Process
    /// context.
    pub(crate) fn fit<L>(&self, lock: &mut L) {
        if let Some(bits) = self.table.wants_resize() {
            // Without memory the table stays as it is: slower, but right.
            let _ = self.table.resize(lock, bits);
        }
    }
}

/// The server of a new connection.
pub(crate) struct Choice {
    pub(crate) dest: Shared<Dest>,
    /// What remembers it for the client's next connections.
    pub(crate) template: Option<Shared<Template>>,
    /// The server is reached at the port that the client asked for, whatever its own is.
    pub(crate) keep_port: bool,
}

impl Choice {
    /// A server for this connection alone.
    pub(crate) fn once(dest: Shared<Dest>) -> Self {
        Self {
            dest,
            template: None,
            keep_port: false,
        }
    }
}

/// Chooses the server for the connection that a packet begins; none if no server is usable.
pub(crate) fn choose<'a>(
    context: &Context<'a>,
    packet: &Packet,
    service: &'a Service,
    settings: &Settings,
) -> Result<Option<Choice>, DropReason> {
    if settings.persist_timeout != 0 {
        return persistent(context, packet, service, settings);
    }
    let chosen = service.schedule(context.rcu, packet);
    Ok(chosen.and_then(|dest| dest.upgrade()).map(Choice::once))
}

/// Where [`choose`] would find the server of a connection; nothing changes. Process context, in a read section.
pub(crate) fn foresee<'a>(
    net: &'a Net,
    rcu: Rcu<'a>,
    tuple: &Tuple,
    service: &'a Service,
    settings: &Settings,
) -> Result<Option<(FlowFound, &'a Dest)>, DropReason> {
    let chosen = || {
        let dest = service.peek(rcu, tuple)?;
        Some((FlowFound::Scheduler, dest.get()))
    };
    if settings.persist_timeout == 0 {
        return Ok(chosen());
    }
    let found = net.templates.find(rcu, &key(service, settings, tuple));
    if let Some(template) = found.map(|found| found.get()) {
        return Ok(
            match template.is_usable() && !is_over(template, time::now()) {
                true => Some((FlowFound::Template, &*template.dest)),
                // It makes room for another.
                false => chosen(),
            },
        );
    }
    match chosen() {
        Some(_) if net.templates.table.is_full() => Err(DropReason::ConnLimit),
        chosen => Ok(chosen),
    }
}

/// What names the template of a client.
fn key(service: &Service, settings: &Settings, tuple: &Tuple) -> Key {
    Key {
        service: service.key,
        client: tuple.src.addr.masked(tuple.family, settings.persist_prefix),
    }
}

/// The server that the client has, or the one that it gets from now on.
#[cold]
fn persistent<'a>(
    context: &Context<'a>,
    packet: &Packet,
    service: &'a Service,
    settings: &Settings,
) -> Result<Option<Choice>, DropReason> {
    let templates = &context.net.templates;
    let (rcu, now) = (context.rcu, context.cpu.now());
    let key = key(service, settings, &packet.tuple);
    let timeout = time::jiffies_from_seconds(settings.persist_timeout);
    let mut template = None;
    if let Some(found) = templates.find(rcu, &key) {
        if found.is_usable() && !is_over(found.get(), now) {
            found.touch(now, timeout);
            template = Some(found.get().clone());
        } else {
            templates.remove(rcu, found);
        }
    }
    let template = match template {
        Some(template) => template,
        None => {
            let chosen = service.schedule(rcu, packet);
            let Some(dest) = chosen.and_then(|dest| dest.upgrade()) else {
                return Ok(None);
            };
            let new = templates.insert(
                rcu,
                Template {
                    client: key.client,
                    dest,
                    last_use: AtomicU32::new(now),
                    timeout: AtomicU32::new(timeout),
                    assured: AtomicBool::new(false),
                },
            )?;
            context.net.wake_for_templates(rcu);
            new
        }
    };
    Ok(Some(Choice {
        dest: template.dest.clone(),
        // IPVS behaviour: several ports of one service are one server's, so they must stay apart.
        keep_port: service.key.endpoint.port == 0,
        template: Some(template),
    }))
}
