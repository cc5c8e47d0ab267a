// SPDX-License-Identifier: GPL-2.0

//! Tests of weighted round robin: measured sequences, and the rule told as a walk.

use super::*;
use crate::logic::sched::testing::{
    Server,
    Site, //
};
use std::vec::Vec;

/// The rule as a walk over the whole list, one level after the other.
#[derive(Default)]
struct Walk {
    last: Option<u32>,
    level: i64,
    highest: i64,
    step: i64,
}

impl Walk {
    fn changed(&mut self, list: &[(u32, Server)]) {
        let weights = list.iter().map(|(_, server)| server.weight);
        self.step = i64::from(weights.clone().fold(0, gcd).max(1));
        self.highest = i64::from(weights.max().unwrap_or(0)) - (self.step - 1);
        self.last = None;
        if self.level > self.highest || self.level == 0 {
            self.level = self.highest;
        } else if self.step > 1 {
            self.level = self.level / self.step * self.step + 1;
        }
    }

    fn pick(&mut self, list: &[(u32, Server)]) -> Option<u32> {
        if self.highest == 0 {
            return None;
        }
        let (began, mut stop) = (self.last, None);
        let (mut last_pass, mut restarted) = (false, false);
        loop {
            let behind = |slot: u32| self.last.is_none_or(|last| slot < last);
            for (slot, server) in list.iter().filter(|entry| behind(entry.0)) {
                if !server.overloaded && i64::from(server.weight) >= self.level {
                    self.last = Some(*slot);
                    return Some(*slot);
                }
                if stop == Some(*slot) {
                    self.last = stop;
                    return None;
                }
            }
            self.last = None;
            self.level -= self.step;
            if self.level <= 0 {
                self.level = self.highest;
                if last_pass || began.is_none() {
                    return None;
                }
                restarted = true;
            }
            last_pass = self.level <= self.step;
            if last_pass && restarted && began.is_some() {
                stop = began;
            }
        }
    }
}

fn picks(weights: &[u32], count: usize) -> Vec<u32> {
    let servers: Vec<Server> = weights.iter().copied().map(Server::new).collect();
    let mut site = Site::<WeightedRoundRobin>::with(&servers);
    site.index.changed(&site.cells);
    (0..count)
        .map(|_| site.index.pick(&site.cells).expect("a server") + 1)
        .collect()
}

/// Measured with ip_vs.
#[test]
fn levels_are_interleaved() {
    assert_eq!(picks(&[3, 2, 1], 12), [1, 2, 1, 3, 2, 1, 1, 2, 1, 3, 2, 1]);
    assert_eq!(picks(&[1, 2, 3], 12), [3, 3, 2, 3, 2, 1, 3, 3, 2, 3, 2, 1]);
    assert_eq!(picks(&[4, 2], 6), [1, 2, 1, 1, 2, 1]);
}

#[test]
fn nobody() {
    let mut site = Site::<WeightedRoundRobin>::new(64);
    assert_eq!(site.index.pick(&site.cells), None);
    site.index.changed(&site.cells);
    assert_eq!(site.index.pick(&site.cells), None);
    site.set(1, Some(Server::new(0)));
    site.set(2, Some(Server::new(5).over()));
    site.index.changed(&site.cells);
    assert_eq!(site.index.pick(&site.cells), None);
}

#[test]
fn many_levels_that_nobody_reaches_are_no_walk() {
    let mut site = Site::<WeightedRoundRobin>::new(64);
    site.set(1, Some(Server::new(u32::MAX).over()));
    site.set(2, Some(Server::new(1)));
    site.index.changed(&site.cells);
    for _ in 0..10 {
        assert_eq!(site.index.pick(&site.cells), Some(2));
    }
}

/// A small generator: the same numbers in each run.
fn random(state: &mut u64, below: u32) -> u32 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1);
    ((*state >> 33) as u32) % below
}

#[test]
fn picks_are_those_of_the_walk() {
    for seed in 0..400u64 {
        let mut state = seed;
        let mut site = Site::<WeightedRoundRobin>::new(64);
        let mut walk = Walk::default();
        let largest = [2, 4, 13, 1000][(seed % 4) as usize];
        for step in 0..300 {
            let slot = random(&mut state, 12);
            let present = site.servers[slot as usize].is_some();
            match random(&mut state, 12) {
                0 | 1 => {
                    let weight = random(&mut state, largest) * (1 + random(&mut state, 3));
                    let gone = present && random(&mut state, 2) == 0;
                    site.set(slot, (!gone).then(|| Server::new(weight)));
                    site.index.changed(&site.cells);
                    walk.changed(&site.list());
                }
                2 | 3 if present => site.edit(slot, |server| server.overloaded ^= true),
                _ => {
                    let wanted = walk.pick(&site.list());
                    let got = site.index.pick(&site.cells);
                    assert_eq!(got, wanted, "seed {seed} step {step}");
                    assert_eq!(
                        i64::from(site.index.level),
                        walk.level,
                        "seed {seed} step {step}"
                    );
                    assert_eq!(site.index.last, walk.last, "seed {seed} step {step}");
                }
            }
        }
    }
}
