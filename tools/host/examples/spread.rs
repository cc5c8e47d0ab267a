// SPDX-License-Identifier: GPL-2.0

//! Draws how each scheduler spreads 1,000 flows over three servers of weight 1, 2 and 4:
//!
//! ```text
//! cargo run --package rvs-logic --example spread > Documentation/schedulers.svg
//! ```
//!
//! All flows come from different clients, go to different addresses, become active, and stay. The
//! rules are those of the kernel module.

use rvs_logic::logic::{
    addr::{
        Addr,
        Endpoint,
        Family, //
    },
    sched::{
        cache::{
            Cache,
            Entry as CacheEntry,
            Memory,
            EMPTY_BUCKET, //
        },
        classes::{
            Classes,
            Dice, //
        },
        dh,
        ewma::Measured,
        fo::Fo,
        lblc::{
            self,
            Locality,
            Question, //
        },
        lblcr,
        lc::Lc,
        mh,
        nq::Nq,
        ovf::Ovf,
        p2c,
        ranking::{
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
        twos::{
            second_is_better,
            Twos, //
        },
        wlc::Wlc,
        wrr::WeightedRoundRobin,
        Candidate,
        Index,
        MIN_SLOTS, //
    }, //
};

const FLOWS: u32 = 1000;
const WEIGHTS: [u32; 3] = [1, 2, 4];

#[derive(Clone, Copy)]
struct Server {
    weight: u32,
    active: u32,
}

impl Candidate for Server {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn overloaded(&self) -> bool {
        false
    }

    fn active(&self) -> u32 {
        self.active
    }

    fn inactive(&self) -> u32 {
        0
    }
}

/// The flows of each server, and those of nobody.
type Shares = [u32; 4];

/// Lets all flows come; `choose` is asked for each.
fn run<I: Index>(
    mut index: I,
    mut choose: impl FnMut(&mut I, &[I::Cell], &[Server], u32) -> Option<u32>,
) -> Shares {
    let mut cells = vec![I::EMPTY; I::cells(MIN_SLOTS)];
    let mut servers = WEIGHTS.map(|weight| Server { weight, active: 0 });
    let mut shares = Shares::default();
    for (slot, server) in (0..).zip(&servers) {
        index.set(&mut cells, slot, Some(server));
    }
    for flow in 0..FLOWS {
        let Some(slot) = choose(&mut index, &cells, &servers, flow) else {
            shares[3] += 1;
            continue;
        };
        let server = &mut servers[slot as usize];
        server.active += 1;
        shares[slot as usize] += 1;
        index.set(&mut cells, slot, Some(server));
    }
    shares
}

fn ranked<R: Rule>() -> Shares {
    run(Ranking::<R>::default(), |_, cells, _, _| {
        Ranking::<R>::best(cells)
    })
}

/// The address of a client, or of a site that clients ask for.
fn address(flow: u32) -> Addr {
    let [_, _, high, low] = flow.to_be_bytes();
    Addr::from_v4([10, 3, high, low])
}

fn hashed(
    size: usize,
    fill: impl Fn(&mut [u32], &[Entry]),
    look: impl Fn(&[u32], u32) -> Pick,
) -> Shares {
    let mut entries: Vec<Entry> = (0..)
        .zip(WEIGHTS)
        .map(|(slot, weight)| Entry {
            slot,
            weight,
            last_weight: weight,
            addr: Addr::from_v4([192, 168, 0, 11 + u8::try_from(slot).expect("three")]),
            port: 80,
        })
        .collect();
    entries.reverse();
    let mut table = vec![0; size];
    fill(&mut table, &entries);
    run(Ranking::<Lc>::default(), |_, _, _, flow| {
        match look(&table, flow) {
            Pick::Slot(slot) => Some(slot),
            _ => None,
        }
    })
}

fn two(choice: Option<[u32; 2]>, servers: &[Server]) -> Option<u32> {
    let [first, second] = choice?;
    let better = second_is_better(&servers[first as usize], &servers[second as usize]);
    Some(if better { second } else { first })
}

fn cached<V: Clone>(
    empty: V,
    pick: impl Fn(
        &[rvs_logic::logic::sched::ranking::Node],
        (&mut Cache, &mut Memory<'_, V>),
        &Question<'_>,
        &[Server],
    ) -> Option<u32>,
) -> Shares {
    let mut cache = Cache::default();
    let mut entries = vec![CacheEntry::new(empty); 2048];
    let mut buckets = vec![EMPTY_BUCKET; 2048];
    run(Locality::default(), |_, cells, servers, flow| {
        let addr = address(flow);
        let question = Question {
            name: (flow, &addr),
            now: 0,
            expiry: 1000,
            exact: false,
        };
        let mut memory = Memory {
            entries: &mut entries,
            buckets: &mut buckets,
        };
        pick(cells, (&mut cache, &mut memory), &question, servers)
    })
}

fn all() -> Vec<(&'static str, Shares)> {
    let mut dice = Dice::new(1);
    let mut weighted = WeightedRoundRobin::default();
    let mut first = true;
    let client = |flow| Endpoint::new(address(flow), 1024);
    let get = |servers: &[Server], slot: u32| servers.get(slot as usize).copied();
    vec![
        (
            "rr",
            run(RoundRobin::default(), |rr, cells, _, _| rr.pick(cells)),
        ),
        (
            "wrr",
            run(core::mem::take(&mut weighted), |wrr, cells, _, _| {
                if core::mem::take(&mut first) {
                    wrr.changed(cells);
                }
                wrr.pick(cells)
            }),
        ),
        ("lc", ranked::<Lc>()),
        ("wlc", ranked::<Wlc>()),
        ("sed", ranked::<Sed>()),
        ("nq", ranked::<Nq>()),
        ("fo", ranked::<Fo>()),
        ("ovf", ranked::<Ovf>()),
        (
            "dh",
            hashed(
                256,
                |table, servers| dh::fill(table, servers.iter().copied()),
                |table, flow| {
                    dh::pick(
                        table,
                        Fallback::Brief,
                        (Family::Ipv4, &address(flow)),
                        &|_| true,
                    )
                },
            ),
        ),
        (
            "sh",
            hashed(
                256,
                |table, servers| sh::fill(table, servers.iter().copied(), 1),
                |table, flow| sh::pick(table, 0, (Family::Ipv4, &client(flow)), &|_| true),
            ),
        ),
        (
            "mh",
            hashed(
                4093,
                |table, servers| {
                    let mut claims = vec![mh::Claim::default(); servers.len()];
                    mh::claims(
                        &mut claims,
                        (4093, false),
                        Family::Ipv4,
                        servers.iter().copied(),
                    );
                    mh::fill(table, &mut claims);
                },
                |table, flow| mh::pick(table, 0, (Family::Ipv4, &client(flow)), &|_| true),
            ),
        ),
        (
            "lblc",
            cached(0, |cells, cache, question, servers| {
                lblc::pick(cells, cache, question, |slot| get(servers, slot))
            }),
        ),
        (
            "lblcr",
            cached(lblcr::Set::EMPTY, |cells, cache, question, servers| {
                lblcr::pick(cells, cache, question, |slot| get(servers, slot))
            }),
        ),
        (
            "twos",
            run(Twos, |_, cells, servers, _| {
                two(Twos::draw(cells, [dice.roll(), dice.roll()]), servers)
            }),
        ),
        (
            "p2c",
            run(Classes::default(), |classes, cells, servers, _| {
                two(p2c::draw(classes, cells, &mut dice), servers)
            }),
        ),
        (
            "ewma",
            run(Classes::default(), |classes, cells, servers, _| {
                let [first, second] = p2c::draw(classes, cells, &mut dice)?;
                // The one of weight 1 answers twice as fast as the others.
                let measured = |slot: u32| Measured {
                    server: servers[slot as usize],
                    delay: if slot == 0 { 100 } else { 200 },
                };
                let better = Measured::second_is_better(&measured(first), &measured(second));
                Some(if better { second } else { first })
            }),
        ),
    ]
}

fn main() {
    const COLOURS: [&str; 4] = ["#4c78a8", "#f58518", "#54a24b", "#d0d0d0"];
    const NAMES: [&str; 4] = ["weight 1", "weight 2", "weight 4", "nobody"];
    const ROW: usize = 24;
    let rows = all();
    let height = (rows.len() + 2) * ROW + 10;
    println!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{height}" viewBox="0 0 720 {height}" font-family="sans-serif" font-size="13">"#
    );
    println!(r#"<rect width="720" height="{height}" fill="white"/>"#);
    for (number, (name, colour)) in NAMES.iter().zip(COLOURS).enumerate() {
        let x = 90 + number * 140;
        println!(r#"<rect x="{x}" y="10" width="14" height="14" fill="{colour}"/>"#);
        println!(r#"<text x="{}" y="22">{name}</text>"#, x + 20);
    }
    for (row, (name, shares)) in rows.iter().enumerate() {
        let y = (row + 2) * ROW - 8;
        println!(
            r#"<text x="80" y="{}" text-anchor="end">{name}</text>"#,
            y + 14
        );
        let mut x = 90.0;
        for (share, colour) in shares.iter().zip(COLOURS) {
            let width = f64::from(*share) * 600.0 / f64::from(FLOWS);
            if *share > 0 {
                println!(
                    r#"<rect x="{x:.1}" y="{y}" width="{width:.1}" height="18" fill="{colour}"/>"#
                );
            }
            if width > 30.0 {
                println!(
                    r#"<text x="{:.1}" y="{}" text-anchor="middle" fill="{}">{share}</text>"#,
                    x + width / 2.0,
                    y + 14,
                    if colour == COLOURS[3] {
                        "black"
                    } else {
                        "white"
                    }
                );
            }
            x += width;
        }
    }
    println!("</svg>");
}
