// SPDX-License-Identifier: GPL-2.0

//! Schedulers that look a hash of the flow up in a table.
//!
//! The table is made off to the side when the servers change, and put in the place of the old one in
//! one step; a packet sees one or the other.

use crate::{
    dest::Dest,
    kept::Kept,
    logic::{
        addr::Family,
        sched::{
            bits::Eligible,
            table::{
                Entry,
                Pick,
                Usable, //
            },
            Candidate,
            FLAG_EXACT, //
        }, //
    },
    roster::Roster,
    sched::{
        Change,
        Flow,
        Members,
        SchedOptions,
        Scheduler,
        Servers,
        Wants, //
    },
    sys::{
        rcu,
        shared::{
            Ref,
            Shared,
            Slot, //
        }, //
    },
};
use core::marker::PhantomData;
use kernel::prelude::*;

/// What makes a scheduler of a rule that hashes flows.
pub trait Hashed: Send + Sync + 'static {
    /// The name that administrators use.
    const NAME: &'static str;

    /// Whether the table depends on the weights.
    const WEIGHTED: bool;

    /// Makes a table for these servers, the first of the list first. Process context.
    fn table(options: &SchedOptions, family: Family, servers: &[Entry]) -> Result<KVVec<u32>>;

    /// Looks a flow up.
    fn pick(table: &[u32], flags: u32, flow: &Flow<'_>, usable: &impl Usable) -> Pick;
}

/// A table with the servers that it leads to.
struct Table {
    places: KVVec<u32>,
    roster: Shared<Roster>,
}

/// The scheduler of such a rule.
pub struct FlowHash<H: Hashed> {
    options: SchedOptions,
    table: Slot<Table>,
    /// The one that a renumbering needs, or has left.
    spare: Slot<Table>,
    /// For flows whose places lead to servers that take no new connections.
    eligible: Kept<Eligible>,
    _rule: PhantomData<H>,
}

impl<H: Hashed> FlowHash<H> {
    /// The servers as the maker of a table sees them.
    fn entries(&self, members: &Members<'_>, planned: bool) -> Result<KVVec<Entry>> {
        let roster = members.roster();
        let mut entries = KVVec::with_capacity(roster.capacity(), GFP_KERNEL_ACCOUNT)?;
        let exact = self.options.flags & FLAG_EXACT != 0;
        let room = rcu::read(|rcu| {
            // Servers that are yet to come are not available.
            let servers = roster.all(rcu);
            let mut servers = servers.filter(|(_, server)| planned || server.is_available());
            servers.try_for_each(|(slot, server)| {
                let weights = members.weights(slot, &server);
                entries.push_within_capacity(Entry {
                    slot,
                    // Otherwise a server that takes a rest keeps its places, so that flows of others stay.
                    weight: match exact {
                        true => weights.now,
                        false => weights.last,
                    },
                    last_weight: weights.last,
                    addr: server.endpoint().addr,
                    port: server.endpoint().port,
                })
            })
        });
        room.map_err(|_| ENOMEM)?;
        Ok(entries)
    }

    /// The table for the servers as they are, or as they are planned.
    fn build(&self, members: &Members<'_>, planned: bool) -> Result<Shared<Table>> {
        let entries = self.entries(members, planned)?;
        let table = Table {
            places: H::table(&self.options, members.family(), &entries)?,
            roster: members.roster().clone(),
        };
        Ok(Shared::new(table, GFP_KERNEL_ACCOUNT)?)
    }

    fn rebuild(&self, members: &Members<'_>) -> Result {
        drop(self.table.replace(Some(self.build(members, false)?)));
        Ok(())
    }

    /// Puts the spare table to use, and makes the one that was in use spare.
    fn exchange(&self) {
        if let Some(table) = self.spare.replace(None) {
            let old = self.table.replace(Some(table));
            drop(self.spare.replace(old));
        }
    }

    /// Any server that takes new connections, chosen by `number`.
    #[cold]
    fn any<'a>(&self, servers: &Servers<'a>, number: u32) -> Option<Ref<'a, Dest>> {
        self.eligible.pick(servers, |view| {
            let count = view.index.count();
            let n = u64::from(number.wrapping_mul(0x9e37_79b9)) * u64::from(count);
            Eligible::nth(view.cells, crate::logic::num::high32(n))
        })
    }

    /// Whether any server takes new connections.
    #[cold]
    fn has_any(&self, servers: &Servers<'_>) -> bool {
        self.eligible.with(servers, |view| view.index.count() > 0) == Some(true)
    }
}

/// What a table's slots mean to a packet.
struct Look<'l, 'a, H: Hashed> {
    scheduler: &'l FlowHash<H>,
    roster: &'l Roster,
    servers: &'l Servers<'a>,
}

impl<'a, H: Hashed> Look<'_, 'a, H> {
    fn get(&self, slot: u32) -> Option<Ref<'a, Dest>> {
        self.roster.get(self.servers.rcu(), slot)
    }
}

impl<H: Hashed> Usable for Look<'_, '_, H> {
    fn takes(&self, slot: u32) -> bool {
        self.get(slot).is_some_and(|server| server.eligible())
    }

    fn anybody(&self) -> bool {
        self.scheduler.has_any(self.servers)
    }
}

impl<H: Hashed> Scheduler for FlowHash<H> {
    const NAME: &'static str = H::NAME;
    const WANTS: Wants = Wants::ELIGIBILITY;

    fn new(options: &SchedOptions) -> Result<Self> {
        Ok(Self {
            options: *options,
            table: Slot::empty(),
            spare: Slot::empty(),
            eligible: Kept::new(Eligible::default(), ()),
            _rule: PhantomData,
        })
    }

    fn schedule<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        let table = self.table.get(servers.rcu())?.get();
        let look = Look {
            scheduler: self,
            roster: &table.roster,
            servers,
        };
        match H::pick(&table.places, self.options.flags, flow, &look) {
            Pick::Slot(slot) => look.get(slot),
            Pick::Nobody => None,
            Pick::Any(number) => self.any(servers, number),
        }
    }

    fn peek<'a>(&self, servers: &Servers<'a>, flow: &Flow<'_>) -> Option<Ref<'a, Dest>> {
        self.schedule(servers, flow)
    }

    fn changed(&self, members: &Members<'_>, change: Change) -> Result {
        self.eligible.changed(members, change)?;
        match change {
            Change::Renumbering => drop(self.spare.replace(Some(self.build(members, true)?))),
            Change::Renumbered => self.exchange(),
            Change::Settled => drop(self.spare.replace(None)),
            Change::Edited(_) if !H::WEIGHTED => {}
            _ => self.rebuild(members)?,
        }
        Ok(())
    }
}
