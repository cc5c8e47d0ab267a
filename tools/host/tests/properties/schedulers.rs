// SPDX-License-Identifier: GPL-2.0

//! Properties of the rules by which a server is chosen: each index against a plain walk over the
//! list of servers, under random changes; and what must hold of every rule.

use proptest::prelude::*;
use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family, //
    },
    sched::{
        classes::{
            Classes,
            Dice, //
        },
        dh,
        fo::Fo,
        lc::Lc,
        mh,
        nq::Nq,
        overload::{
            Event,
            Limits, //
        },
        ovf::Ovf,
        p2c,
        ranking::{
            Node,
            Ranking,
            Rule, //
        },
        rr::RoundRobin,
        sed::Sed,
        sh,
        table::{
            Entry,
            Fallback,
            Pick, //
        },
        twos::Twos,
        wlc::Wlc,
        wrr::WeightedRoundRobin,
        Candidate,
        Index,
        FLAG_EXACT,
        FLAG_FALLBACK,
        MIN_SLOTS, //
    }, //
};

#[derive(Clone, Copy, Debug)]
struct Server {
    weight: u32,
    overloaded: bool,
    active: u32,
    inactive: u32,
}

impl Candidate for Server {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn overloaded(&self) -> bool {
        self.overloaded
    }

    fn active(&self) -> u32 {
        self.active
    }

    fn inactive(&self) -> u32 {
        self.inactive
    }
}

fn any_server() -> impl Strategy<Value = Server> {
    let weight = prop_oneof![0..4u32, 0..1000u32, any::<u32>()];
    let conns = prop_oneof![0..3u32, 0..100u32, any::<u32>()];
    (weight, any::<bool>(), conns.clone(), conns).prop_map(
        |(weight, overloaded, active, inactive)| Server {
            weight,
            overloaded,
            active,
            inactive,
        },
    )
}

/// What happens to a service: in this slot there is this server now, or none.
type Step = (u32, Option<Server>);

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let slot = prop_oneof![0..6u32, 0..130u32];
    let step = (slot, proptest::option::weighted(0.8, any_server()));
    proptest::collection::vec(step, 1..60)
}

/// An index, its memory, and the servers that it knows.
struct Site<I: Index> {
    index: I,
    cells: Vec<I::Cell>,
    servers: Vec<Option<Server>>,
}

impl<I: Index> Site<I> {
    fn new(index: I) -> Self {
        let capacity = MIN_SLOTS * 4;
        Self {
            index,
            cells: vec![I::EMPTY; I::cells(capacity)],
            servers: vec![None; capacity],
        }
    }

    fn step(&mut self, step: &Step) {
        let (slot, server) = step;
        self.servers[*slot as usize] = *server;
        self.index.set(&mut self.cells, *slot, server.as_ref());
    }

    /// The list as IPVS has it.
    fn list(&self) -> Vec<(u32, Server)> {
        let slots = self.servers.iter().enumerate().rev();
        slots
            .filter_map(|(slot, server)| Some((u32::try_from(slot).ok()?, (*server)?)))
            .collect()
    }

    fn is_eligible(&self, slot: u32) -> bool {
        self.servers[slot as usize].is_some_and(|server| server.eligible())
    }
}

/// The best server by a walk: a later one must be strictly better.
fn walk<R: Rule>(list: &[(u32, Server)]) -> Option<u32> {
    let scored = list
        .iter()
        .filter_map(|(slot, server)| Some((*slot, R::score(server)?)));
    scored
        .reduce(|best, next| {
            let mine = u128::from(best.1.burden) * u128::from(next.1.share);
            let other = u128::from(next.1.burden) * u128::from(best.1.share);
            if mine > other {
                next
            } else {
                best
            }
        })
        .map(|(slot, _)| slot)
}

fn ranking_is_a_walk<R: Rule>(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut site = Site::new(Ranking::<R>::default());
    for step in steps {
        site.step(step);
        let best = Ranking::<R>::best(&site.cells);
        prop_assert_eq!(best, walk::<R>(&site.list()));
        prop_assert!(best.is_none_or(|slot| site.is_eligible(slot)));
    }
    Ok(())
}

/// How loads turn out when connections come and stay.
fn fill<R: Rule>(weights: &[u32], conns: u32) -> Vec<u32> {
    let mut cells: Vec<Node> = vec![Ranking::<R>::EMPTY; Ranking::<R>::cells(MIN_SLOTS)];
    let mut index = Ranking::<R>::default();
    let mut servers: Vec<Server> = Vec::new();
    for (slot, weight) in (0..).zip(weights) {
        let server = Server {
            weight: *weight,
            overloaded: false,
            active: 0,
            inactive: 0,
        };
        index.set(&mut cells, slot, Some(&server));
        servers.push(server);
    }
    for _ in 0..conns {
        if let Some(slot) = Ranking::<R>::best(&cells) {
            let server = &mut servers[slot as usize];
            server.active += 1;
            index.set(&mut cells, slot, Some(server));
        }
    }
    servers.iter().map(|server| server.active).collect()
}

/// Servers as the builders of tables see them, the newest first.
fn entries(weights: &[u32], seed: u8) -> Vec<Entry> {
    let entry = |(slot, weight): (u32, &u32)| {
        let [_, _, high, low] = slot.to_be_bytes();
        Entry {
            slot,
            weight: *weight,
            last_weight: *weight,
            addr: Addr::from_v4([10, seed, high, low]),
            port: 80,
        }
    };
    let mut entries: Vec<Entry> = (0..).zip(weights).map(entry).collect();
    entries.reverse();
    entries
}

fn maglev(servers: &[Entry], size: u32) -> Vec<u32> {
    let mut claims = vec![mh::Claim::default(); servers.len()];
    mh::claims(
        &mut claims,
        (size, false),
        Family::Ipv4,
        servers.iter().copied(),
    );
    let mut table = vec![0; size as usize];
    mh::fill(&mut table, &mut claims);
    table
}

proptest! {
    #[test]
    fn best_servers_are_those_of_a_walk(steps in any_steps()) {
        ranking_is_a_walk::<Lc>(&steps)?;
        ranking_is_a_walk::<Wlc>(&steps)?;
        ranking_is_a_walk::<Sed>(&steps)?;
        ranking_is_a_walk::<Nq>(&steps)?;
        ranking_is_a_walk::<Fo>(&steps)?;
        ranking_is_a_walk::<Ovf>(&steps)?;
    }

    #[test]
    fn loads_follow_weights(weights in proptest::collection::vec(1..20u32, 1..20), rounds in 1..10u32) {
        let total = weights.iter().sum::<u32>();
        for loads in [
            fill::<Wlc>(&weights, total * rounds),
            fill::<Sed>(&weights, total * rounds),
        ] {
            for (load, weight) in loads.iter().zip(&weights) {
                prop_assert!(load.abs_diff(weight * rounds) <= *weight, "{load} by weight {weight}");
            }
        }
        let loads = fill::<Lc>(&weights, rounds * u32::try_from(weights.len()).expect("few"));
        prop_assert!(loads.iter().all(|load| *load == rounds));
    }

    #[test]
    fn round_robin_gives_everyone_the_same(steps in any_steps(), rounds in 1..4usize) {
        let mut site = Site::new(RoundRobin::default());
        steps.iter().for_each(|step| site.step(step));
        let mut eligible: Vec<u32> = site.list().iter().map(|entry| entry.0).collect();
        eligible.retain(|slot| site.is_eligible(*slot));
        let picks: Vec<u32> = (0..rounds * eligible.len())
            .filter_map(|_| site.index.pick(&site.cells))
            .collect();
        prop_assert_eq!(picks, eligible.repeat(rounds));
        if eligible.is_empty() {
            prop_assert_eq!(site.index.pick(&site.cells), None);
        }
    }

    #[test]
    fn weighted_round_robin_gives_everyone_its_weight(
        weights in proptest::collection::vec((0..30u32, any::<bool>()), 1..20),
        rounds in 1..4usize,
    ) {
        let mut site = Site::new(WeightedRoundRobin::default());
        for (slot, (weight, overloaded)) in (0..).zip(&weights) {
            let server = Server { weight: *weight, overloaded: *overloaded, active: 0, inactive: 0 };
            site.step(&(slot, Some(server)));
        }
        site.index.changed(&site.cells);
        let usable = |(weight, overloaded): &(u32, bool)| if *overloaded { 0 } else { *weight };
        let divisor = weights.iter().fold(0, |a, (b, _)| {
            let (mut a, mut b) = (a, *b);
            while b > 0 {
                (a, b) = (b, a % b);
            }
            a
        });
        let sum = weights.iter().map(usable).sum::<u32>() / divisor.max(1);
        let mut counts = vec![0; weights.len()];
        for _ in 0..sum as usize * rounds {
            let slot = site.index.pick(&site.cells).expect("somebody has weight");
            counts[slot as usize] += 1;
        }
        for (count, server) in counts.iter().zip(&weights) {
            prop_assert_eq!(*count, usable(server) / divisor.max(1) * u32::try_from(rounds).expect("few"));
        }
        if sum == 0 {
            prop_assert_eq!(site.index.pick(&site.cells), None);
        }
    }

    #[test]
    fn random_choice_is_of_eligible_servers(steps in any_steps(), seed: u64) {
        let mut twos = Site::new(Twos);
        let mut classes = Site::new(Classes::default());
        let mut dice = Dice::new(seed);
        for step in &steps {
            twos.step(step);
            classes.step(step);
            let any = twos.list().iter().any(|(_, server)| server.eligible());
            let random = [dice.roll(), dice.roll()];
            for drawn in [
                Twos::draw(&twos.cells, random),
                p2c::draw(&classes.index, &classes.cells, &mut dice),
            ] {
                prop_assert_eq!(drawn.is_some(), any);
                prop_assert!(drawn.iter().flatten().all(|slot| twos.is_eligible(*slot)));
            }
        }
    }

    #[test]
    fn hashes_lead_to_usable_servers(
        weights in proptest::collection::vec(0..5u32, 1..30),
        dead in any::<u32>(),
        client in any::<[u8; 4]>(),
        port: u16,
        flags in 0..16u32,
    ) {
        let servers = entries(&weights, 1);
        let takes = |slot: u32| weights[slot as usize] > 0 && (dead >> (slot % 32)) & 1 == 0;
        let client = Endpoint::new(Addr::from_v4(client), port);
        let list = servers.iter().copied();
        let mut table = vec![0; 256];
        let mut picks = Vec::new();
        dh::fill(&mut table, list.clone());
        picks.push(dh::pick(&table, Fallback::from_flags(flags), (Family::Ipv4, &client.addr), &takes));
        sh::fill(&mut table, list, 1);
        picks.push(sh::pick(&table, flags, (Family::Ipv4, &client), &takes));
        picks.push(mh::pick(&maglev(&servers, 251), flags, (Family::Ipv4, &client), &takes));
        for pick in picks {
            match pick {
                Pick::Slot(slot) => prop_assert!(takes(slot)),
                Pick::Any(_) => prop_assert!(flags & FLAG_EXACT == 0),
                Pick::Nobody => {
                    let all_zero = weights.iter().all(|weight| *weight == 0);
                    prop_assert!(flags & FLAG_EXACT != 0 || all_zero);
                }
            }
        }
    }

    #[test]
    fn maglev_moves_few_flows(count in 2..60u32, gone: prop::sample::Index, seed: u8) {
        let servers = entries(&vec![1; count as usize], seed);
        let size = mh::size(0, count, false).expect("fits");
        let before = maglev(&servers, size);
        let mut rest = servers.clone();
        rest.remove(gone.index(servers.len()));
        let after = maglev(&rest, size);
        let moved = before.iter().zip(&after).filter(|(old, new)| old != new).count();
        let moved = f64::from(u32::try_from(moved).expect("small")) / f64::from(size);
        let bound = 1.0 / f64::from(count) + 0.01;
        prop_assert!(moved <= bound, "{count} servers: {moved} moved, {bound} allowed");
    }

    #[test]
    fn tables_follow_weights(weights in proptest::collection::vec(1..9u32, 1..20)) {
        let servers = entries(&weights, 3);
        let total = weights.iter().sum::<u32>();
        let (sum, divisor) = sh::sum(servers.iter().copied());
        let mut hashed = vec![0; 1 << sh::bits(0, sum, false)];
        sh::fill(&mut hashed, servers.iter().copied(), divisor);
        let size = mh::size(0, u32::try_from(servers.len()).expect("few"), false).expect("fits");
        for (table, slack) in [(hashed, 9), (maglev(&servers, size), 9)] {
            let size = u32::try_from(table.len()).expect("small");
            for (slot, weight) in (0..).zip(&weights) {
                let share = table.iter().filter(|place| **place == slot).count();
                let wanted = f64::from(size) * f64::from(*weight) / f64::from(total);
                let off = (f64::from(u32::try_from(share).expect("small")) - wanted).abs();
                prop_assert!(off <= f64::from(slack), "weight {weight}: {share}, not {wanted}");
            }
        }
    }

    #[test]
    fn thresholds_hold(upper in 1..50u32, lower in 0..50u32, moves in proptest::collection::vec(any::<bool>(), 1..300)) {
        let limits = Limits { upper, lower: lower.min(upper) };
        let (mut total, mut overloaded) = (0u32, false);
        for open in moves {
            let event = if open {
                if overloaded {
                    continue;
                }
                total += 1;
                limits.at_open(total)
            } else if total > 0 {
                total -= 1;
                limits.at_close(total)
            } else {
                None
            };
            if let Some(event) = event {
                overloaded = limits.overloaded(event, total, overloaded);
            }
            prop_assert!(total <= upper);
            prop_assert!(overloaded || total < upper);
            prop_assert!(!overloaded || total >= limits.floor());
        }
        prop_assert!(!limits.overloaded(Event::Edited, 0, true));
    }
}

#[test]
fn flags_have_their_bits() {
    assert_eq!(FLAG_FALLBACK, 1);
    assert_eq!(FLAG_EXACT, 8);
}
