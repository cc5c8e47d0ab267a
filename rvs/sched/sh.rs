// SPDX-License-Identifier: GPL-2.0

//! Source hashing: a client stays with its server.

#![deny(unsafe_code)]

use kernel::prelude::*;
use rvs::{
    hashed::{
        FlowHash,
        Hashed, //
    },
    logic::{
        addr::Family,
        sched::{
            sh,
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
    type: FlowHash<SourceHash>,
    name: "rvs_sh",
    description: "rvs scheduler: source hashing",
    alias: "ip_vs_sh",
}

/// The rule with its name.
struct SourceHash;

impl Hashed for SourceHash {
    const NAME: &'static str = "sh";
    const WEIGHTED: bool = true;

    fn table(options: &SchedOptions, _family: Family, servers: &[Entry]) -> Result<KVVec<u32>> {
        let exact = options.flags & FLAG_EXACT != 0;
        let list = servers.iter().copied();
        let (weights, divisor) = sh::sum(list.clone());
        // IPVS does not look for a common divisor.
        let divisor = if exact { 1 } else { divisor };
        let bits = sh::bits(options.size, weights, exact);
        let mut table = KVVec::from_elem(0, 1usize.wrapping_shl(bits), GFP_KERNEL_ACCOUNT)?;
        sh::fill(&mut table, list, divisor);
        Ok(table)
    }

    fn pick(table: &[u32], flags: u32, flow: &Flow<'_>, usable: &impl Usable) -> Pick {
        sh::pick(table, flags, (flow.tuple.family, &flow.tuple.src), usable)
    }
}
