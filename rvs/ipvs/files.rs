// SPDX-License-Identifier: GPL-2.0

//! `/proc/net/ip_vs` and its kin: what there is, in IPVS's format.

use core::fmt::Write;
use rvs::{
    front::{
        Line,
        View, //
    },
    logic::ipvs::files,
    sys::front::{
        File,
        Text, //
    }, //
};

/// The files, in the order in which they are made.
pub(crate) static FILES: [File; 7] = [
    File::new(c"ip_vs", 0, services),
    File::new(c"ip_vs_stats", 0, stats),
    File::new(c"ip_vs_stats_percpu", 0, stats_per_cpu),
    File::new(c"ip_vs_status", 0o440, status),
    File::new(c"ip_vs_app", 0, app),
    File::new(c"ip_vs_conn", 0, conns),
    File::new(c"ip_vs_conn_sync", 0, conns_sync),
];

// A text takes everything, so that writing to one never fails.

fn services(view: &View<'_>, cursor: &mut [u64; 2], to: &mut Text<'_>) -> bool {
    if *cursor == [0, 0] {
        let _ = files::titles(to, view.conn_buckets());
        // The number of the first service there can be.
        *cursor = [1, 0];
        return true;
    }
    view.service(cursor, &mut |line| {
        let _ = match line {
            Line::Service(service) => service.write(to),
            Line::Server(server) => server.write(to),
        };
    })
}

fn stats(view: &View<'_>, _cursor: &mut [u64; 2], to: &mut Text<'_>) -> bool {
    let (totals, rates) = view.figures();
    let _ = files::stats(to, totals, rates);
    false
}

fn stats_per_cpu(view: &View<'_>, _cursor: &mut [u64; 2], to: &mut Text<'_>) -> bool {
    let (totals, rates) = view.figures();
    let _ = files::stats_per_cpu(to, totals, rates, |each| view.per_cpu(each));
    false
}

fn status(view: &View<'_>, _cursor: &mut [u64; 2], to: &mut Text<'_>) -> bool {
    let [conns, services] = view.tables();
    let _ = files::status(to, &conns, &services, [0, 0]);
    false
}

/// There are no helpers of applications.
fn app(_view: &View<'_>, _cursor: &mut [u64; 2], to: &mut Text<'_>) -> bool {
    let _ = to.write_str(files::APP_TITLE);
    false
}

fn conns(view: &View<'_>, cursor: &mut [u64; 2], to: &mut Text<'_>) -> bool {
    list_conns(view, cursor, to, files::CONN_TITLE, None)
}

/// No connection came from another director.
fn conns_sync(view: &View<'_>, cursor: &mut [u64; 2], to: &mut Text<'_>) -> bool {
    list_conns(view, cursor, to, files::CONN_SYNC_TITLE, Some("LOCAL"))
}

/// The title is the piece 0, what comes behind it is counted from 1.
fn list_conns(
    view: &View<'_>,
    cursor: &mut [u64; 2],
    to: &mut Text<'_>,
    title: &str,
    origin: Option<&str>,
) -> bool {
    let [first, second] = *cursor;
    let Some(first) = first.checked_sub(1) else {
        let _ = to.write_str(title);
        *cursor = [1, 0];
        return true;
    };
    let mut there = [first, second];
    let more = view.conns(&mut there, &mut |conn| {
        let _ = conn.write(to, origin);
    });
    let [first, second] = there;
    *cursor = [first.wrapping_add(1), second];
    more
}
