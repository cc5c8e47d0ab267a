// SPDX-License-Identifier: GPL-2.0

//! Counters over time: what they add each second, now and before.

use crate::reply::Counters;
use std::{
    collections::VecDeque,
    time::Duration, //
};

/// How much of the past is kept.
const PAST: usize = 120;

/// What something counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    last: Option<Counters>,
    /// What each second adds.
    pub(super) rate: Counters,
    /// Connections per second, the latest at the end.
    pub(super) conns: VecDeque<u64>,
    /// Packets of both directions per second, the latest at the end.
    pub(super) packets: VecDeque<u64>,
    /// Whether it was there when it was looked at last.
    pub(super) seen: bool,
}

impl Track {
    /// Takes in what is counted now, `elapsed` after the time before; at first there are only the
    /// rates that the kernel says.
    pub(super) fn count(&mut self, now: &Counters, kernel: &Counters, elapsed: Duration) {
        self.rate = match self.last {
            Some(before) => added(&before, now, elapsed),
            None => *kernel,
        };
        self.last = Some(*now);
        self.seen = true;
        push(&mut self.conns, self.rate.conns);
        let packets = self.rate.in_pkts.saturating_add(self.rate.out_pkts);
        push(&mut self.packets, packets);
    }
}

fn push(past: &mut VecDeque<u64>, value: u64) {
    past.push_back(value);
    while past.len() > PAST {
        past.pop_front();
    }
}

/// What each second added; counters that were set to zero count from there.
fn added(before: &Counters, now: &Counters, elapsed: Duration) -> Counters {
    let rate = |before: u64, now: u64| per_second(now.checked_sub(before).unwrap_or(now), elapsed);
    Counters {
        conns: rate(before.conns, now.conns),
        in_pkts: rate(before.in_pkts, now.in_pkts),
        in_bytes: rate(before.in_bytes, now.in_bytes),
        out_pkts: rate(before.out_pkts, now.out_pkts),
        out_bytes: rate(before.out_bytes, now.out_bytes),
    }
}

/// `count` in `elapsed`, per second.
pub(super) fn per_second(count: u64, elapsed: Duration) -> u64 {
    let scaled = u128::from(count).saturating_mul(1_000_000);
    let rate = scaled.checked_div(elapsed.as_micros()).unwrap_or_default();
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// The past as blocks of eight heights, as many as there is room for.
pub(super) fn blocks(past: &VecDeque<u64>, room: usize) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

    let recent = past.iter().skip(past.len().saturating_sub(room));
    let most = recent.clone().copied().max().unwrap_or_default().max(1);
    recent
        .map(|value| {
            let height = u128::from(*value)
                .saturating_mul(7)
                .div_ceil(u128::from(most));
            let height = usize::try_from(height).unwrap_or_default();
            HEIGHTS.get(height).copied().unwrap_or(' ')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(first: u64) -> Counters {
        Counters {
            conns: first,
            in_pkts: first.saturating_add(1),
            in_bytes: first.saturating_mul(100),
            out_pkts: 0,
            out_bytes: 0,
        }
    }

    #[test]
    fn rates() {
        let mut track = Track::default();
        let second = Duration::from_secs(1);
        track.count(&counters(100), &counters(7), second);
        assert_eq!(track.rate, counters(7));
        track.count(&counters(120), &counters(7), Duration::from_millis(500));
        assert_eq!((track.rate.conns, track.rate.in_bytes), (40, 4000));
        // Set to zero.
        track.count(&counters(3), &counters(7), second);
        assert_eq!(track.rate.conns, 3);
        assert_eq!(Vec::from(track.conns.clone()), [7, 40, 3]);
        track.count(&counters(u64::MAX), &counters(7), Duration::ZERO);
        assert_eq!(track.rate.conns, 0);
        for _ in 0..500 {
            track.count(&counters(0), &counters(0), second);
        }
        assert_eq!(track.conns.len(), PAST);
    }

    #[test]
    fn pictures() {
        let past = VecDeque::from([0, 1, 50, 100]);
        assert_eq!(blocks(&past, 10), "▁▂▅█");
        assert_eq!(blocks(&past, 2), "▅█");
        assert_eq!(blocks(&past, 0), "");
        assert_eq!(blocks(&VecDeque::from([0, 0]), 9), "▁▁");
        assert_eq!(blocks(&VecDeque::from([u64::MAX]), 9), "█");
    }
}
