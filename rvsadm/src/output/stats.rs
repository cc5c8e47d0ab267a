// SPDX-License-Identifier: GPL-2.0

//! Counters in the layout of `ipvsadm --stats` and `--rate`.

use crate::reply::Counters;

/// The titles of counters.
pub const TOTALS: [&str; 5] = ["Conns", "InPkts", "OutPkts", "InBytes", "OutBytes"];
/// The titles of rates.
pub const RATES: [&str; 5] = ["CPS", "InPPS", "OutPPS", "InBPS", "OutBPS"];

/// Titles, each with the blank before it.
pub fn titles(titles: [&str; 5]) -> String {
    titles.map(|title| format!(" {title:>8}")).concat()
}

const fn numbers(counters: &Counters) -> [u64; 5] {
    [
        counters.conns,
        counters.in_pkts,
        counters.out_pkts,
        counters.in_bytes,
        counters.out_bytes,
    ]
}

/// The columns of one row, each with the blank before it.
pub fn columns(counters: &Counters, exact: bool) -> String {
    numbers(counters)
        .map(|number| column(number, exact))
        .concat()
}

/// The columns of a server's rates, of which ipvsadm abbreviates only the last two.
pub fn rate_columns(counters: &Counters, exact: bool) -> String {
    let [conns, in_pkts, out_pkts, in_bytes, out_bytes] = numbers(counters);
    [
        column(conns, true),
        column(in_pkts, true),
        column(out_pkts, true),
        column(in_bytes, exact),
        column(out_bytes, exact),
    ]
    .concat()
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
