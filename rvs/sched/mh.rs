// SPDX-License-Identifier: GPL-2.0

//! Maglev hashing: a client stays with its server, also when another one comes or goes.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    hashed::{
        FlowHash,
        Hashed, //
    },
    logic::{
        addr::Family,
        num,
        sched::{
            mh,
            table::{
                Entry,
                Pick,
                Usable, //
            },
            FLAG_EXACT, //
        }, //
    },
    sched::{
        Flow,
        SchedOptions, //
    }, //
};

rvs::scheduler_module! {
    type: FlowHash<Maglev>,
    name: "rvs_mh",
    description: "rvs scheduler: Maglev hashing",
    alias: "ip_vs_mh",
}

/// The rule with its name.
struct Maglev;

impl Hashed for Maglev {
    const NAME: &'static str = "mh";
    const WEIGHTED: bool = true;

    fn table(options: &SchedOptions, family: Family, servers: &[Entry]) -> Result<KVVec<u32>> {
        let count = num::saturating_u32(servers.len());
        let exact = options.flags & FLAG_EXACT != 0;
        let size = mh::size(options.size, count, exact).ok_or(EINVAL)?;
        let mut claims = KVVec::from_elem(mh::Claim::default(), servers.len(), GFP_KERNEL_ACCOUNT)?;
        mh::claims(&mut claims, (size, exact), family, servers.iter().copied());
        let mut table = KVVec::from_elem(0, num::index(size), GFP_KERNEL_ACCOUNT)?;
        mh::fill(&mut table, &mut claims);
        Ok(table)
    }

    fn pick(table: &[u32], flags: u32, flow: &Flow<'_>, usable: &impl Usable) -> Pick {
        mh::pick(table, flags, (flow.tuple.family, &flow.tuple.src), usable)
    }
}
