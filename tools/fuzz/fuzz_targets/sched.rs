// SPDX-License-Identifier: GPL-2.0

//! Arbitrary changes of arbitrary servers: every index answers what a walk over the servers would, and
//! nobody is chosen who must not be.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rvs_logic::logic::sched::{
    bits::Eligible,
    classes::{
        Classes,
        Dice, //
    },
    fo::Fo,
    lc::Lc,
    nq::Nq,
    ovf::Ovf,
    p2c,
    ranking::{
        Ranking,
        Rule, //
    },
    rr::RoundRobin,
    sed::Sed,
    twos::Twos,
    wlc::Wlc,
    wrr::WeightedRoundRobin,
    Candidate,
    Index,
    MIN_SLOTS, //
};

#[derive(Clone, Copy)]
struct Server([u32; 3], bool);

impl Candidate for Server {
    fn weight(&self) -> u32 {
        self.0[0]
    }

    fn overloaded(&self) -> bool {
        self.1
    }

    fn active(&self) -> u32 {
        self.0[1]
    }

    fn inactive(&self) -> u32 {
        self.0[2]
    }
}

/// Nine bytes: a slot and what is in it now. Small numbers are likely, large ones possible.
fn step(bytes: &[u8]) -> (u32, Option<Server>) {
    let number = |at: usize| (u32::from(bytes[at]) << (bytes[at + 1] & 31)) >> (bytes[at + 1] >> 5);
    let server = Server([number(1), number(3), number(5)], bytes[7] & 1 != 0);
    (u32::from(bytes[0]), (bytes[8] & 3 != 0).then_some(server))
}

/// An index with its memory.
struct Site<I: Index>(I, Vec<I::Cell>);

impl<I: Index> Site<I> {
    fn new(index: I) -> Self {
        Self(index, vec![I::EMPTY; I::cells(4 * MIN_SLOTS)])
    }

    fn set(&mut self, slot: u32, server: Option<&Server>) {
        self.0.set(&mut self.1, slot, server);
    }
}

/// The best server by a walk from the highest slot.
fn walk<R: Rule>(servers: &[Option<Server>]) -> Option<u32> {
    let mut best: Option<(u32, u128, u128)> = None;
    for (slot, server) in servers.iter().enumerate().rev() {
        let slot = slot as u32;
        let Some(score) = server.as_ref().and_then(R::score) else {
            continue;
        };
        let (burden, share) = (u128::from(score.burden), u128::from(score.share));
        if best.is_none_or(|(_, best_burden, best_share)| best_burden * share > burden * best_share)
        {
            best = Some((slot, burden, share));
        }
    }
    best.map(|(slot, ..)| slot)
}

fn ranking<R: Rule>(steps: &[(u32, Option<Server>)]) {
    let mut site = Site::new(Ranking::<R>::default());
    let mut servers = vec![None; 4 * MIN_SLOTS];
    for (slot, server) in steps {
        servers[*slot as usize] = *server;
        site.set(*slot, server.as_ref());
        assert_eq!(Ranking::<R>::best(&site.1), walk::<R>(&servers));
    }
}

fuzz_target!(|data: &[u8]| {
    let steps: Vec<_> = data.chunks_exact(9).map(step).collect();
    ranking::<Lc>(&steps);
    ranking::<Wlc>(&steps);
    ranking::<Sed>(&steps);
    ranking::<Nq>(&steps);
    ranking::<Fo>(&steps);
    ranking::<Ovf>(&steps);

    let mut servers = vec![None; 4 * MIN_SLOTS];
    let mut dice = Dice::new(data.len() as u64);
    let mut eligible = Site::new(Eligible::default());
    let mut rr = Site::new(RoundRobin::default());
    let mut wrr = Site::new(WeightedRoundRobin::default());
    let mut twos = Site::new(Twos);
    let mut classes = Site::new(Classes::default());
    for (slot, server) in &steps {
        servers[*slot as usize] = *server;
        eligible.set(*slot, server.as_ref());
        rr.set(*slot, server.as_ref());
        wrr.set(*slot, server.as_ref());
        wrr.0.changed(&wrr.1);
        twos.set(*slot, server.as_ref());
        classes.set(*slot, server.as_ref());
        let takes = |slot: u32| servers[slot as usize].is_some_and(|server| server.eligible());
        let any = servers
            .iter()
            .flatten()
            .filter(|server| server.eligible())
            .count();
        assert_eq!(eligible.0.count() as usize, any);
        let mut picks = vec![
            Eligible::first(&eligible.1),
            rr.0.pick(&rr.1),
            wrr.0.pick(&wrr.1),
        ];
        for drawn in [
            Twos::draw(&twos.1, [dice.roll(), dice.roll()]),
            p2c::draw(&classes.0, &classes.1, &mut dice),
        ] {
            picks.extend(drawn.map_or([None; 2], |both| both.map(Some)));
        }
        for pick in picks {
            assert_eq!(pick.is_some(), any > 0);
            assert!(pick.is_none_or(takes));
        }
    }
});
