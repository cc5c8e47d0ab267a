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
        sched::Candidate,
        wire::Packet, //
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
use core::iter::Chain;
use kernel::{
    prelude::*,
    str::CString,
    ThisModule, //
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
pub trait Scheduler: Send + Sync + Sized + 'static {
    /// The name that administrators use, at most 15 bytes.
    const NAME: &'static str;

    /// The state of the rule for one service. Process context.
    fn new() -> Result<Self>;

    /// Chooses a server for the connection that `packet` begins, or none. Softirq or process context with
    /// bottom halves off, many CPUs at a time.
    ///
    /// A server that is not [`Candidate::eligible`] must not be chosen.
    fn schedule<'a>(&self, servers: &Servers<'a>, packet: &Packet) -> Option<Ref<'a, Dest>>;

    /// A server is about to leave the list, where it still stands. Process context inside an RCU read section:
    /// must not sleep. Changes of one service come one after the other.
    fn removing(&self, _servers: &Servers<'_>, _leaving: Ref<'_, Dest>) {}
}

/// The servers of a service, newest first, as a read section sees them.
pub struct Servers<'a> {
    list: &'a List<Dest>,
    rcu: Rcu<'a>,
}

impl<'a> Servers<'a> {
    pub(crate) fn new(list: &'a List<Dest>, rcu: Rcu<'a>) -> Self {
        Self { list, rcu }
    }

    /// All servers.
    #[inline]
    pub fn iter(&self) -> Iter<'a, Dest> {
        self.list.iter(self.rcu)
    }

    /// All servers, beginning after `last` and coming round to it at the end (and on to the last one).
    /// If `last` has left, or there is none, the walk begins at the front.
    #[inline]
    pub fn iter_round(&self, last: Option<Ref<'_, Dest>>) -> Chain<Iter<'a, Dest>, Iter<'a, Dest>> {
        let after = match last {
            Some(last) => self.list.iter_after(self.rcu, last),
            None => self.iter(),
        };
        Iterator::chain(after, self.iter())
    }

    /// The server before `server`, if there is one.
    pub fn before(&self, server: Ref<'_, Dest>) -> Option<Shared<Dest>> {
        self.list.before(server)
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
    fn schedule<'a>(&self, servers: &Servers<'a>, packet: &Packet) -> Option<Ref<'a, Dest>>;
    fn removing(&self, servers: &Servers<'_>, leaving: Ref<'_, Dest>);
}

impl<S: Scheduler> Instance for S {
    fn schedule<'a>(&self, servers: &Servers<'a>, packet: &Packet) -> Option<Ref<'a, Dest>> {
        Scheduler::schedule(self, servers, packet)
    }

    fn removing(&self, servers: &Servers<'_>, leaving: Ref<'_, Dest>) {
        Scheduler::removing(self, servers, leaving);
    }
}

/// Makes an instance.
type Make = fn() -> Result<KBox<dyn Instance>>;

fn make<S: Scheduler>() -> Result<KBox<dyn Instance>> {
    let instance: KBox<dyn Instance> = KBox::new(S::new()?, GFP_KERNEL)?;
    Ok(instance)
}

/// A scheduler that is loaded.
pub(crate) struct Entry {
    name: &'static str,
    module: &'static ThisModule,
    make: Make,
}

/// A scheduler instance at work for a service.
pub(crate) struct Bound {
    instance: KBox<dyn Instance>,
    name: &'static str,
}

impl Bound {
    /// The scheduler's name.
    pub(crate) fn name(&self) -> &str {
        self.name
    }

    #[inline]
    pub(crate) fn schedule<'a>(
        &self,
        servers: &Servers<'a>,
        packet: &Packet,
    ) -> Option<Ref<'a, Dest>> {
        self.instance.schedule(servers, packet)
    }

    pub(crate) fn removing(&self, servers: &Servers<'_>, leaving: Ref<'_, Dest>) {
        self.instance.removing(servers, leaving);
    }
}

/// A new instance of the scheduler `name`, whose module is loaded if need be, and the hold on that module.
///
/// Whoever gives up the hold must have made the instance unreachable for new readers and released
/// it before; [`Registration`]'s end waits for the rest. `ENOENT` if there is no such scheduler. Process
/// context; waits for userspace, so no lock may be held.
pub(crate) fn bind(name: &str) -> Result<(Shared<Bound>, ModuleRef)> {
    let found = match find(name) {
        Some(found) => Some(found),
        None => {
            // Userspace says by its exit status whether it loaded anything; what counts is
            // whether the scheduler is there now.
            let module_name = CString::try_from_fmt(fmt!("rvs_{name}"))?;
            let _ = module::request(&module_name);
            find(name)
        }
    };
    let (name, make, module) = found.ok_or(ENOENT)?;
    let instance = make()?;
    Ok((Shared::new(Bound { instance, name }, GFP_KERNEL)?, module))
}

/// A loaded scheduler, with a hold on its module.
fn find(name: &str) -> Option<(&'static str, Make, ModuleRef)> {
    let entries = SCHEDULERS.lock();
    let entry = entries.iter().find(|entry| entry.name == name)?;
    Some((entry.name, entry.make, ModuleRef::get(entry.module)?))
}

/// Calls `visit` with the name of each loaded scheduler until it fails. Process context.
pub(crate) fn for_each_name<E>(mut visit: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    SCHEDULERS
        .lock()
        .iter()
        .try_for_each(|entry| visit(entry.name))
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
        Self::register(abi, S::NAME, module, make::<S>)
    }

    /// Its arguments up to the ABI's comparison must keep their places for ever.
    #[inline(never)]
    fn register(
        abi: u64,
        name: &'static str,
        module: &'static ThisModule,
        make: Make,
    ) -> Result<Self> {
        if abi != ABI {
            pr_err!("a scheduler was built for ABI {abi:016x}, this core has {ABI:016x}\n");
            return Err(EINVAL);
        }
        let mut entries = SCHEDULERS.lock();
        if entries.iter().any(|entry| entry.name == name) {
            pr_err!("scheduler '{name}' is registered already\n");
            return Err(EEXIST);
        }
        entries.push(Entry { name, module, make }, GFP_KERNEL)?;
        Ok(Self { name })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut entries = SCHEDULERS.lock();
        entries.retain(|entry| entry.name != self.name);
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
    (type: $scheduler:ty, name: $name:tt, description: $description:tt $(,)?) => {
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
        }
    };
}
