// SPDX-License-Identifier: GPL-2.0

//! Schedulers: who gets a new connection.
//!
//! A scheduler is a type that implements [`Scheduler`], in a module of its own named `rvs_NAME`, declared
//! with [`scheduler_module!`](crate::scheduler_module). It is loaded when a service asks for NAME. Each
//! service has its own instance; while one exists the module cannot be unloaded, and it
//! is dropped only when no packet can be inside it any more.
//!
//! The kernel does not check that a module was built against this very core, so every scheduler
//! carries the core's [`ABI`] and is refused when it differs.

use crate::{
    dest::Dest,
    logic::{
        addr::{
            Family,
            Tuple, //
        },
        num,
        sched::Candidate, //
    },
    roster::{
        Roster,
        Watch, //
    },
    sys::{
        list::{
            Iter,
            List, //
        },
        module::{
            self,
            ModuleRef, //
        },
        rcu::{
            self,
            Rcu, //
        },
        registry::SCHEDULERS,
        shared::{
            Ref,
            Shared, //
        }, //
    },
};
use kernel::{
    prelude::*,
    str::CString,
    ThisModule, //
};

pub use crate::{
    policy::SchedOptions,
    roster::Wants, //
};

/// Identity of the interface between the core and its schedulers: a hash over the core's sources and
/// the kernel's release. A scheduler that was built against it contains the same number.
pub const ABI: u64 = parse_abi(env!("RVS_ABI"));

/// Reads hex digits; the build makes them.
const fn parse_abi(text: &str) -> u64 {
    match u64::from_str_radix(text, 16) {
        Ok(abi) => abi,
        Err(_) => panic!("RVS_ABI is not a 64-bit hex number"),
    }
}

/// A rule for choosing the server of a new connection.
///
/// Most rules keep an index over the servers: see [`crate::kept::Kept`], and `rvs/sched/rr.rs` for the smallest of those.
pub trait Scheduler: Send + Sync + Sized + 'static {
    /// The name that administrators use, at most 15 bytes.
    const NAME: &'static str;

    /// Which changes of a server make a difference to the rule.
    const WANTS: Wants = Wants::NOTHING;

    /// Whether chance decides, so that [`Self::peek`] cannot foresee what [`Self::schedule`] will say.
    const RANDOM: bool = false;

    /// The state of the rule for one service. Process context.
    fn new(options: &SchedOptions) -> Result<Self>;

    /// Chooses a server for a connection, or none. Softirq or process context with bottom halves off, many
    /// CPUs at a time.
    ///
    /// A server that is not [`Candidate::eligible`] must not be chosen.
    fn schedule<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>>;

    /// The server that [`Self::schedule`] would choose now, for someone who only asks: it must not change what
    /// the next connection gets. Process context, inside a read section.
    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>>;

    /// The service's servers change. Process context, may sleep (but for [`Change::Renumbered`]); changes of
    /// one service come one after the other. The first is a renumbering, before any packet.
    ///
    /// An error refuses the change, except that of a server that leaves.
    fn changed(&self, _members: &Members<'_>, _change: Change) -> Result {
        Ok(())
    }
}

/// What happens to the servers of a service. Numbers are slots.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Other servers, or the same, are to have the numbers of [`Members::roster`], and the weights of
    /// [`Members::weights`]. Whatever that needs is made now, off to the side.
    Renumbering,
    /// Now they have them. Bottom halves are off: it must neither sleep nor fail, and takes
    /// what was made before.
    Renumbered,
    /// What was made for a renumbering, or was kept from before it, can go: it took place, or was given up.
    Settled,
    /// A server has been added.
    Added(u32),
    /// The configuration of a server has been changed, if only to what it was.
    Edited(u32),
    /// A server leaves. It no longer counts as one, but its slot is not free yet.
    Leaving(u32),
}

/// The connection for which a server is wanted.
#[derive(Clone, Copy)]
pub struct Flow<'p> {
    /// From the client to the virtual address.
    pub tuple: &'p Tuple,
    /// The time, in jiffies; wraps.
    pub now: u32,
}

/// The servers of a service, newest first, as a read section sees them.
pub struct Servers<'a> {
    list: &'a List<Dest>,
    watch: &'a Watch,
    rcu: Rcu<'a>,
}

impl<'a> Servers<'a> {
    pub(crate) fn new(list: &'a List<Dest>, watch: &'a Watch, rcu: Rcu<'a>) -> Self {
        Self { list, watch, rcu }
    }

    /// All servers.
    #[inline]
    pub fn iter(&self) -> Iter<'a, Dest> {
        self.list.iter(self.rcu)
    }

    /// The read section.
    #[inline]
    pub fn rcu(&self) -> Rcu<'a> {
        self.rcu
    }

    #[inline]
    pub(crate) fn watch(&self) -> &'a Watch {
        self.watch
    }
}

/// The servers of a service while its configuration changes. Process context, control lock held.
pub struct Members<'m> {
    pub(crate) list: &'m List<Dest>,
    pub(crate) watch: &'m Watch,
    pub(crate) roster: &'m Shared<Roster>,
    /// The number of slots that there were before they were renumbered.
    pub(crate) old_capacity: usize,
    /// By slot, while they are renumbered and the servers do not have them yet.
    pub(crate) weights: Option<&'m [Weights]>,
    pub(crate) family: Family,
}

/// What a server weighs.
#[derive(Clone, Copy, Default)]
pub struct Weights {
    /// Its weight.
    pub now: u32,
    /// Its last weight that was not 0.
    pub last: u32,
}

impl Members<'_> {
    /// The servers by slot.
    pub fn roster(&self) -> &Shared<Roster> {
        self.roster
    }

    pub(crate) fn old_capacity(&self) -> usize {
        self.old_capacity
    }

    /// What the server in a slot weighs, or will in the configuration that is being prepared.
    pub fn weights(&self, slot: u32, server: &Dest) -> Weights {
        let planned = self.weights.unwrap_or(&[]).get(num::index(slot)).copied();
        planned.unwrap_or_else(|| Weights {
            now: server.weight(),
            last: server.last_weight(),
        })
    }

    /// The address family of the service.
    pub fn family(&self) -> Family {
        self.family
    }

    /// Calls `f` with the servers inside a read section, where it must not sleep.
    pub fn read<R>(&self, f: impl FnOnce(&Servers<'_>) -> R) -> R {
        rcu::read(|rcu| f(&Servers::new(self.list, self.watch, rcu)))
    }
}

impl Candidate for Ref<'_, Dest> {
    #[inline]
    fn weight(&self) -> u32 {
        self.get().weight()
    }

    #[inline]
    fn overloaded(&self) -> bool {
        self.get().overloaded()
    }

    #[inline]
    fn active(&self) -> u32 {
        self.get().active()
    }

    #[inline]
    fn inactive(&self) -> u32 {
        self.get().inactive()
    }
}

/// A scheduler whose type is not known here.
trait Instance: Send + Sync {
    fn schedule<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>>;
    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>>;
    fn changed(&self, members: &Members<'_>, change: Change) -> Result;
}

impl<S: Scheduler> Instance for S {
    fn schedule<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        Scheduler::schedule(self, servers, flow)
    }

    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        Scheduler::peek(self, servers, flow)
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        Scheduler::changed(self, members, change)
    }
}

/// Makes an instance.
type Make = fn(&SchedOptions) -> Result<KBox<dyn Instance>>;

fn make<S: Scheduler>(options: &SchedOptions) -> Result<KBox<dyn Instance>> {
    let instance: KBox<dyn Instance> = KBox::new(S::new(options)?, GFP_KERNEL_ACCOUNT)?;
    Ok(instance)
}

/// What is known of a scheduler.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    wants: Wants,
    random: bool,
    make: Make,
}

/// A scheduler that is loaded.
pub(crate) struct Entry {
    kind: Kind,
    module: &'static ThisModule,
}

/// A scheduler instance at work for a service.
pub(crate) struct Bound {
    instance: KBox<dyn Instance>,
    kind: Kind,
    options: SchedOptions,
}

impl Bound {
    /// The scheduler's name.
    pub(crate) fn name(&self) -> &'static str {
        self.kind.name
    }

    /// What it was told when it was made.
    pub(crate) fn options(&self) -> &SchedOptions {
        &self.options
    }

    /// Which changes of a server it wants to learn of.
    pub(crate) fn wants(&self) -> Wants {
        self.kind.wants
    }

    /// Whether chance decides.
    pub(crate) fn is_random(&self) -> bool {
        self.kind.random
    }

    /// The server that it would choose now.
    pub(crate) fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.instance.peek(servers, flow)
    }

    #[inline]
    pub(crate) fn schedule<'a>(
        &self,
        servers: &Servers<'a>,
        flow: &Flow<'_>,
    ) -> Option<Ref<'a, Dest>> {
        self.instance.schedule(servers, flow)
    }

    pub(crate) fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.instance.changed(members, change)
    }

    /// Another instance of the same scheduler; the hold on its module is the service's. Process context.
    pub(crate) fn again(&self, options: &SchedOptions) -> Result<Shared<Self>> {
        Self::new(self.kind, options)
    }

    fn new(kind: Kind, options: &SchedOptions) -> Result<Shared<Self>> {
        let bound = Self {
            instance: (kind.make)(options)?,
            kind,
            options: *options,
        };
        Ok(Shared::new(bound, GFP_KERNEL_ACCOUNT)?)
    }
}

/// A scheduler that is loaded, and a hold on its module.
pub(crate) struct Found {
    kind: Kind,
    module: ModuleRef,
}

impl Found {
    /// The scheduler's name.
    pub(crate) fn name(&self) -> &'static str {
        self.kind.name
    }

    /// The same with a hold of its own. `ENOENT` if its module is being unloaded.
    pub(crate) fn again(&self) -> Result<Self> {
        Ok(Self {
            kind: self.kind,
            module: self.module.again().ok_or(ENOENT)?,
        })
    }

    /// An instance, with the hold on its module. Process context.
    ///
    /// Whoever gives up the hold must have made the instance unreachable for new readers and released
    /// it before; [`Registration`]'s end waits for the rest.
    pub(crate) fn make(self, options: &SchedOptions) -> Result<(Shared<Bound>, ModuleRef)> {
        Ok((Bound::new(self.kind, options)?, self.module))
    }
}

/// The scheduler `name`, whose module is loaded if need be. `ENOENT` if there is no such scheduler. Process
/// context; waits for userspace, so no lock may be held.
pub(crate) fn find_or_load(name: &str) -> Result<Found> {
    if let Some(found) = find(name) {
        return Ok(found);
    }
    // Userspace says by its exit status whether it loaded anything; what counts is
    // whether the scheduler is there now.
    let module_name = CString::try_from_fmt(fmt!("rvs_{name}"))?;
    let _ = module::request(&module_name);
    find(name).ok_or(ENOENT)
}

/// A loaded scheduler, with a hold on its module.
fn find(name: &str) -> Option<Found> {
    let entries = SCHEDULERS.lock();
    let entry = entries.iter().find(|entry| entry.kind.name == name)?;
    Some(Found {
        kind: entry.kind,
        module: ModuleRef::get(entry.module)?,
    })
}

/// Calls `visit` with the name of each loaded scheduler until it fails. Process context.
pub(crate) fn for_each_name<E>(mut visit: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    SCHEDULERS
        .lock()
        .iter()
        .try_for_each(|entry| visit(entry.kind.name))
}

/// Keeps a scheduler known to the core; dropped when its module is unloaded.
pub struct Registration {
    name: &'static str,
}

impl Registration {
    /// Makes the scheduler `S` of `module` known. `abi` must be [`ABI`] as the scheduler's build saw it.
    ///
    /// `EINVAL` if the module was built against another core, `EEXIST` if the name is taken. Process
    /// context.
    #[inline]
    pub fn new<S: Scheduler>(module: &'static ThisModule, abi: u64) -> Result<Self> {
        let kind = Kind {
            name: S::NAME,
            wants: S::WANTS,
            random: S::RANDOM,
            make: make::<S>,
        };
        Self::register(abi, module, kind)
    }

    /// Its arguments up to the ABI's comparison must keep their places for ever.
    #[inline(never)]
    fn register(abi: u64, module: &'static ThisModule, kind: Kind) -> Result<Self> {
        if abi != ABI {
            pr_err!("a scheduler was built for ABI {abi:016x}, this core has {ABI:016x}\n");
            return Err(EINVAL);
        }
        let mut entries = SCHEDULERS.lock();
        let name = kind.name;
        if entries.iter().any(|entry| entry.kind.name == name) {
            pr_err!("scheduler '{name}' is registered already\n");
            return Err(EEXIST);
        }
        entries.push(Entry { kind, module }, GFP_KERNEL)?;
        Ok(Self { name })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut entries = SCHEDULERS.lock();
        entries.retain(|entry| entry.kind.name != self.name);
        if entries.is_empty() {
            // A static is never dropped, so nothing else would free the list's memory.
            *entries = KVec::new();
        }
        drop(entries);
        // Instances that services gave up, and objects whose last owner they were, are dropped
        // by callbacks in the scheduler's own code, which must have run before that goes.
        rcu::wait_for_callbacks();
    }
}

/// Declares the module of a scheduler: `type` implements [`Scheduler`], `name` is the module's.
#[macro_export]
macro_rules! scheduler_module {
    (
        type: $scheduler:ty,
        name: $name:tt,
        description: $description:tt
        $(, alias: $alias:tt)?
        $(,)?
    ) => {
        /// The module: the scheduler is known while this exists.
        struct SchedulerModule {
            _registration: $crate::sched::Registration,
        }

        impl ::kernel::Module for SchedulerModule {
            fn init(module: &'static ::kernel::ThisModule) -> ::kernel::error::Result<Self> {
                Ok(Self {
                    _registration: $crate::sched::Registration::new::<$scheduler>(
                        module,
                        $crate::sched::ABI,
                    )?,
                })
            }
        }

        ::kernel::prelude::module! {
            type: SchedulerModule,
            name: $name,
            authors: ["The rvs authors"],
            description: $description,
            license: "GPL",
            $(alias: [$alias],)?
        }
    };
}
