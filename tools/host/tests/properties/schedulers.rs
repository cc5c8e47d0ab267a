// SPDX-License-Identifier: GPL-2.0

//! Properties of the rules by which a server is chosen.

use proptest::prelude::*;
use rvs_logic::logic::sched::{
    rr,
    Candidate, //
};

#[derive(Clone, Debug)]
struct Dest {
    id: usize,
    weight: u32,
    overloaded: bool,
}

impl Candidate for Dest {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn overloaded(&self) -> bool {
        self.overloaded
    }

    fn active(&self) -> u32 {
        0
    }

    fn inactive(&self) -> u32 {
        0
    }
}

fn any_dests() -> impl Strategy<Value = Vec<Dest>> {
    proptest::collection::vec((0..3u32, any::<bool>()), 1..20).prop_map(|dests| {
        dests
            .into_iter()
            .enumerate()
            .map(|(id, (weight, overloaded))| Dest {
                id,
                weight,
                overloaded,
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn round_robin_gives_everyone_the_same(dests in any_dests(), rounds in 1..5usize) {
        let eligible: Vec<usize> = dests
            .iter()
            .filter(|dest| dest.weight > 0 && !dest.overloaded)
            .map(|dest| dest.id)
            .collect();
        let mut position = dests.len() - 1;
        let mut picks = Vec::new();
        for _ in 0..rounds * eligible.len() {
            let (upto, after) = dests.split_at(position + 1);
            let chosen = rr::pick(after.iter(), upto.iter()).expect("one is eligible");
            position = chosen.id;
            picks.push(chosen.id);
        }
        prop_assert_eq!(picks, eligible.repeat(rounds));
        if eligible.is_empty() {
            prop_assert!(rr::pick(dests.iter(), dests.iter()).is_none());
        }
    }
}
