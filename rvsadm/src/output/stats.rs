// SPDX-License-Identifier: GPL-2.0

//! Counters in the layout of `ipvsadm --stats`.

use crate::reply::Stats;

/// The titles of the five columns.
pub const TITLES: [&str; 5] = ["Conns", "InPkts", "OutPkts", "InBytes", "OutBytes"];

/// The columns of one row, each with the blank before it.
pub fn columns(stats: &Stats, exact: bool) -> String {
    let numbers = [
        stats.conns,
        stats.in_pkts,
        stats.out_pkts,
        stats.in_bytes,
        stats.out_bytes,
    ];
    numbers.map(|number| column(number, exact)).concat()
}

/// One number, nine characters wide as long as it fits.
pub fn column(number: u64, exact: bool) -> String {
    const K: u64 = 1_000;
    const M: u64 = K * K;
    const G: u64 = K * M;
    const T: u64 = K * G;

    if exact {
        return format!(" {number:>8}");
    }
    match number {
        0..100_000_000 => format!("{number:>9}"),
        100_000_000..1_000_000_000 => format!("{:>8}K", number / K),
        1_000_000_000..100_000_000_000 => format!("{:>8}M", number / M),
        100_000_000_000..100_000_000_000_000 => format!("{:>8}G", number / G),
        _ => format!("{:>8}T", number / T),
    }
}
