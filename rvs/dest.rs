// SPDX-License-Identifier: GPL-2.0

//! Destinations: the real servers of a service.

use crate::{
    logic::{
        addr::{
            Endpoint,
            Family, //
        },
        drain::Plan,
        num,
        owner::Owner,
        proto::State,
        sched::overload::{
            Event,
            Limits, //
        },
        uapi::Method,
        wire::TcpFlags,
    },
    policy::Policy,
    roster::Wants,
    stats::Traffic,
    sys::{
        atomic::{
            AtomicU32,
            AtomicU64,
            Ordering, //
        },
        lock::{
            Class,
            SpinLockBh, //
        },
        route::RouteCache,
        shared::Shared, //
    },
};
use kernel::prelude::*;

mod care;
mod counts;
mod delay;
mod spec;

use care::Care;
pub(crate) use care::News;
pub use delay::Delay;
pub(crate) use spec::{
    DestSpec,
    Tunnel, //
};

/// The destination belongs to its service.
const AVAILABLE: u32 = 1;
/// The service has timeouts of its own.
const OWN_TIMEOUTS: u32 = 2;
/// The service wants established flows to take the fast path.
const FAST: u32 = 4;

/// What the flags say of the service.
fn policy_flags(policy: &Policy) -> u32 {
    let own = if policy.has_timeouts() {
        OWN_TIMEOUTS
    } else {
        0
    };
    let fast = if policy.is_fast() { FAST } else { 0 };
    own | fast
}

/// What is configured about a destination and no packet needs.
struct Admin {
    owner: Owner,
    drain: Option<Plan>,
    /// The generation of its last change.
    generation: u32,
}

/// It has as many connections as it may have.
const OVERLOADED: u32 = 1;
/// It starts slowly, and has had its share for the moment.
const GATED: u32 = 2;

/// A real server in its role for one service.
///
/// Owned by the service's list and by every connection that goes to it. The packet path reads it under
/// RCU; what can be configured is atomic, so that a change needs no lock on that side.
pub struct Dest {
    /// Order of creation, or of coming back, for dumps.
    id: AtomicU64,
    /// The settings of its service.
    pub(crate) policy: Shared<Policy>,
    family: Family,
    endpoint: Endpoint,
    method: AtomicU32,
    /// What schedulers go by: 0 while it drains.
    weight: AtomicU32,
    configured: AtomicU32,
    tunnel: AtomicU32,
    /// The last weight that was not 0, which mh goes by.
    last_weight: AtomicU32,
    /// [`Limits`] in one word.
    limits: AtomicU64,
    /// Active connections in the upper half, inactive ones in the lower: so their sum is always exact.
    counts: AtomicU64,
    /// Why schedulers pass it over: [`OVERLOADED`], [`GATED`].
    closed: AtomicU32,
    templates: AtomicU32,
    flags: AtomicU32,
    /// The number among the servers of the service, and the mark that stands for it.
    slot: AtomicU32,
    mark: AtomicU32,
    /// What only requests ask for.
    admin: SpinLockBh<Admin>,
    care: Care,
    /// How long the server takes to answer, if a scheduler asks for that.
    pub delay: Delay,
    pub(crate) traffic: Traffic,
    pub(crate) route: RouteCache,
}

impl Dest {
    /// A destination that is not part of a service yet. Process context.
    pub(crate) fn new(id: u64, spec: &DestSpec, policy: Shared<Policy>) -> Result<Self> {
        let flags = AVAILABLE | policy_flags(&policy);
        let dest = Self {
            id: AtomicU64::new(id),
            policy,
            family: spec.family,
            endpoint: spec.endpoint,
            method: AtomicU32::new(u32::from(spec.method.value())),
            weight: AtomicU32::new(0),
            configured: AtomicU32::new(0),
            tunnel: AtomicU32::new(spec.tunnel.pack()),
            last_weight: AtomicU32::new(spec.weight),
            limits: AtomicU64::new(spec.limits().to_word()),
            counts: AtomicU64::new(0),
            closed: AtomicU32::new(0),
            templates: AtomicU32::new(0),
            flags: AtomicU32::new(flags),
            slot: AtomicU32::new(NO_SLOT),
            mark: AtomicU32::new(NO_SLOT),
            admin: SpinLockBh::new(
                Admin {
                    owner: spec.owner,
                    drain: spec.drain,
                    generation: 0,
                },
                Class::Dest,
            ),
            care: Care::new(),
            delay: Delay::new(),
            traffic: Traffic::new()?,
            route: RouteCache::new(),
        };
        dest.set_weight(spec.weight, None, spec.drain);
        Ok(dest)
    }

    /// Family of the server's address.
    #[inline]
    pub fn family(&self) -> Family {
        self.family
    }

    /// Address and port of the server; port 0 is the port that the client asked for.
    #[inline]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// How packets of new connections are to reach the server.
    #[inline]
    pub(crate) fn method(&self) -> Method {
        // Any number fits into 8 bits, since only methods are stored.
        Method::from_u8(num::low8(self.method.load(Ordering::Relaxed))).unwrap_or(Method::Direct)
    }

    /// How packets are put into others, for the method tunnel.
    #[inline]
    pub(crate) fn tunnel(&self) -> Tunnel {
        Tunnel::unpack(self.tunnel.load(Ordering::Relaxed))
    }

    /// What is configured now.
    pub(crate) fn spec(&self) -> DestSpec {
        let limits = self.limits();
        DestSpec {
            family: self.family,
            endpoint: self.endpoint,
            method: self.method(),
            weight: self.configured(),
            tunnel: self.tunnel(),
            upper: limits.upper,
            lower: limits.lower,
            owner: self.owner(),
            drain: self.admin.lock().drain,
        }
    }

    /// Notes the generation that it changed in. Control lock.
    pub(crate) fn note_change(&self, generation: u32) {
        self.admin.lock().generation = generation;
    }

    /// The generation of its last change; 0 for a fallback destination.
    pub(crate) fn generation(&self) -> u32 {
        self.admin.lock().generation
    }

    /// Who manages it.
    pub(crate) fn owner(&self) -> Owner {
        self.admin.lock().owner
    }

    /// Changes the configuration but for the key. Connections keep the method that they began with. Process
    /// context.
    pub(crate) fn set(&self, spec: &DestSpec) {
        self.method
            .store(u32::from(spec.method.value()), Ordering::Relaxed);
        let old = {
            let mut admin = self.admin.lock();
            admin.owner = spec.owner;
            core::mem::replace(&mut admin.drain, spec.drain)
        };
        self.set_weight(spec.weight, old, spec.drain);
        if spec.weight != 0 {
            self.last_weight.store(spec.weight, Ordering::Relaxed);
        }
        self.tunnel.store(spec.tunnel.pack(), Ordering::Relaxed);
        let limits = spec.limits().to_word();
        if self.limits.swap(limits, Ordering::SeqCst) != limits {
            self.settle(Event::Edited);
        }
        self.route.clear();
    }

    /// The configured weight, also while it drains.
    fn configured(&self) -> u32 {
        self.configured.load(Ordering::Relaxed)
    }

    /// The last weight that was not 0.
    pub fn last_weight(&self) -> u32 {
        self.last_weight.load(Ordering::Relaxed)
    }

    fn limits(&self) -> Limits {
        Limits::from_word(self.limits.load(Ordering::SeqCst))
    }

    /// The number among the servers of the service.
    pub(crate) fn slot(&self) -> Option<u32> {
        Some(self.slot.load(Ordering::Relaxed)).filter(|slot| *slot != NO_SLOT)
    }

    /// Gives it a number, and the mark that stands for it. Control lock.
    pub(crate) fn set_slot(&self, slot: u32, mark: u32) {
        self.slot.store(slot, Ordering::SeqCst);
        self.mark.store(mark, Ordering::SeqCst);
    }

    /// Notes that a scheduler should look at this server again.
    #[inline]
    pub(crate) fn touch(&self) {
        self.policy.watch.mark(self.mark.load(Ordering::SeqCst));
    }

    /// Whether a packet may simply go on: the destination still belongs to its service, which has no
    /// timeouts of its own.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.flags.load(Ordering::Relaxed) == AVAILABLE
    }

    /// Whether the packets of its connections may take the fast path.
    #[inline(always)]
    pub(crate) fn is_fast(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & (AVAILABLE | FAST) == AVAILABLE | FAST
    }

    /// The same, and the service has no timeouts of its own.
    #[inline(always)]
    pub(crate) fn is_fast_and_plain(&self) -> bool {
        self.flags.load(Ordering::Relaxed) == AVAILABLE | FAST
    }

    /// Whether the destination still belongs to its service.
    #[inline]
    pub(crate) fn is_available(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & AVAILABLE != 0
    }

    /// The timeout of a state in jiffies, if the service has one of its own.
    pub(crate) fn timeout(&self, state: State) -> Option<u32> {
        if self.flags.load(Ordering::Relaxed) & OWN_TIMEOUTS == 0 {
            return None;
        }
        self.policy.timeout(state)
    }

    /// Notes what packets have to know of the service's settings. Control lock.
    pub(crate) fn note_policy(&self) {
        let of_policy = policy_flags(&self.policy);
        let own = self.flags.load(Ordering::Relaxed) & AVAILABLE;
        self.flags.store(own | of_policy, Ordering::Relaxed);
    }

    /// The place in the order of dumps.
    pub(crate) fn id(&self) -> u64 {
        self.id.load(Ordering::Relaxed)
    }

    /// Whether it has connections or clients.
    pub(crate) fn is_used(&self) -> bool {
        self.counts.load(Ordering::SeqCst) != 0 || self.templates() != 0
    }

    /// Begins another part in a service with the key of the one that it had left. Its connections go on. Control
    /// lock; does not sleep.
    pub(crate) fn revive(&self, id: u64, spec: &DestSpec) {
        self.id.store(id, Ordering::Relaxed);
        // It comes anew, and may have to start slowly.
        self.weight.store(0, Ordering::SeqCst);
        self.set(spec);
        self.route.open();
        self.note_policy();
        self.flags.fetch_or(AVAILABLE, Ordering::SeqCst);
    }

    /// Ends the destination's part in its service. Connections keep the object alive, but no longer the
    /// namespace's routes. Process context.
    pub(crate) fn retire(&self) {
        self.leave();
        self.route.close();
    }

    /// The part of [`Self::retire`] that packets see. Any context.
    pub(crate) fn leave(&self) {
        self.flags.fetch_and(!AVAILABLE, Ordering::SeqCst);
        self.touch();
        self.policy.alarm();
    }

    /// Forgets the number that it had in a service which it has left. Control lock.
    pub(crate) fn forget_slot(&self) {
        self.set_slot(NO_SLOT, NO_SLOT);
    }

    /// The number of clients that persistence keeps here.
    pub(crate) fn templates(&self) -> u32 {
        self.templates.load(Ordering::Relaxed)
    }

    /// Counts a client that is to stay here.
    pub(crate) fn count_template(&self) {
        self.templates.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a client that is no longer kept.
    pub(crate) fn uncount_template(&self) {
        self.templates.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether the server's answers pass the director, which can measure them then.
    pub fn answers_pass(&self) -> bool {
        self.method() == Method::Nat
    }

    /// Begins to measure how long the server takes to answer this client, unless nobody wants to know, another
    /// measurement is under way, or the packet is no SYN. The answer is to be reported then.
    #[inline]
    pub(crate) fn time_answer(&self, client: Endpoint, flags: TcpFlags) -> bool {
        let watch = &self.policy.watch;
        watch.is_wanted(Wants::DELAYS)
            && flags.syn()
            && self.delay.begin(delay::id(client), watch.half_life())
    }

    /// The answer to such a client has come. A refusal counts as if none had come.
    #[cold]
    pub(crate) fn answered(&self, client: Endpoint, flags: TcpFlags) {
        let half_life = self.policy.watch.half_life();
        self.delay.end(delay::id(client), flags.syn(), half_life);
    }
}

/// No slot: not a server of a service that schedules.
const NO_SLOT: u32 = u32::MAX;
