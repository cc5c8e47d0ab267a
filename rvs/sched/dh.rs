// SPDX-License-Identifier: GPL-2.0

//! Destination hashing: the address that a packet is sent to decides.

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
            dh,
            table::{
                Entry,
                Fallback,
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
    type: FlowHash<DestinationHash>,
    name: "rvs_dh",
    description: "rvs scheduler: destination hashing",
    alias: "ip_vs_dh",
}

/// The rule with its name.
struct DestinationHash;

impl Hashed for DestinationHash {
    const NAME: &'static str = "dh";
    const WEIGHTED: bool = false;

    fn table(options: &SchedOptions, _family: Family, servers: &[Entry]) -> Result<KVVec<u32>> {
        let count = num::saturating_u32(servers.len());
        let bits = dh::bits(options.size, count, options.flags & FLAG_EXACT != 0);
        let mut table = KVVec::from_elem(0, 1usize.wrapping_shl(bits), GFP_KERNEL_ACCOUNT)?;
        dh::fill(&mut table, servers.iter().copied());
        Ok(table)
    }

    fn pick(table: &[u32], flags: u32, flow: &Flow<'_>, usable: &impl Usable) -> Pick {
        let target = (flow.tuple.family, &flow.tuple.dst.addr);
        dh::pick(table, Fallback::from_flags(flags), target, usable)
    }
}
