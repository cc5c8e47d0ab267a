// SPDX-License-Identifier: GPL-2.0

//! The peak-sensitive moving average of how long servers take to answer.
//!
//! A sample above the average replaces it at once; one below pulls it down by
//! as much as the time since the last one weighs. Without samples the average
//! halves in each half-life, so that a server that was slow once is tried
//! again.

use super::{
    twos,
    Candidate, //
};

/// The half-life of averages in seconds, unless told otherwise.
pub const HALF_LIFE: u32 = 10;

/// The average of a server at a moment, in any unit of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Average {
    /// The average; 0 means that there is none yet.
    pub value: u32,
    /// When it was taken, in ticks that wrap.
    pub at: u32,
}

impl Average {
    /// What is left of the average at `now`.
    #[inline]
    pub fn decayed(self, now: u32, half_life: u32) -> u32 {
        let idle = now.wrapping_sub(self.at);
        // A moment "before" is the clock of another CPU.
        let idle = if idle > u32::MAX / 2 { 0 } else { idle };
        let halves = idle.checked_div(half_life).unwrap_or(u32::MAX);
        let rest = idle.checked_rem(half_life).unwrap_or(0);
        let value = u64::from(self.value).checked_shr(halves).unwrap_or(0);
        // Between two halvings a straight line.
        let fall = value
            .wrapping_mul(u64::from(rest))
            .checked_div(u64::from(half_life).wrapping_mul(2));
        // Not above the 32 bits that it began with.
        u32::try_from(value.saturating_sub(fall.unwrap_or(0))).unwrap_or(u32::MAX)
    }

    /// The average after a sample.
    pub fn with_sample(self, sample: u32, now: u32, half_life: u32) -> Self {
        let kept = self.decayed(now, half_life);
        let value = if self.value == 0 || sample >= kept {
            sample
        } else {
            // What has faded away of the old average is made up of the new sample: at least an eighth,
            // so that many samples within a tick count, too.
            let faded = self.value.saturating_sub(kept).max(self.value >> 3);
            let share = u64::from(faded).wrapping_mul(u64::from(sample));
            let new = share.checked_div(u64::from(self.value)).unwrap_or(0);
            let old = self.value.saturating_sub(faded);
            u32::try_from(u64::from(old).wrapping_add(new)).unwrap_or(u32::MAX)
        };
        Self {
            // 0 is taken: nothing is faster than one unit.
            value: value.max(1),
            at: now,
        }
    }
}

/// A server with its average.
pub struct Measured<D> {
    /// The server.
    pub server: D,
    /// Its average now; 0 if there is none.
    pub delay: u32,
}

impl<D: Candidate> Candidate for Measured<D> {
    #[inline]
    fn weight(&self) -> u32 {
        self.server.weight()
    }

    #[inline]
    fn overloaded(&self) -> bool {
        self.server.overloaded()
    }

    #[inline]
    fn active(&self) -> u32 {
        self.server.active()
    }

    #[inline]
    fn inactive(&self) -> u32 {
        self.server.inactive()
    }
}

impl<D: Candidate> Measured<D> {
    /// What a new connection would wait: the delay times the connections that are there already and this one.
    #[inline]
    fn cost(&self) -> u128 {
        let conns = u64::from(self.active()).wrapping_add(1);
        u128::from(u64::from(self.delay).wrapping_mul(conns))
    }

    /// Whether `second` gets the connection. Unless both have been measured only their connections count.
    #[inline]
    pub fn second_is_better(first: &Self, second: &Self) -> bool {
        if first.delay == 0 || second.delay == 0 {
            return twos::second_is_better(&first.server, &second.server);
        }
        first.cost() * u128::from(second.weight()) > second.cost() * u128::from(first.weight())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sched::testing::Server;

    const HALF: u32 = 1000;

    #[test]
    fn halves_in_each_half_life() {
        let average = Average {
            value: 800,
            at: 100,
        };
        assert_eq!(average.decayed(100, HALF), 800);
        assert_eq!(average.decayed(600, HALF), 600);
        assert_eq!(average.decayed(1100, HALF), 400);
        assert_eq!(average.decayed(4100, HALF), 50);
        assert_eq!(average.decayed(99, HALF), 800);
        assert_eq!(average.decayed(100 + (1 << 30), HALF), 0);
        assert_eq!(average.decayed(200, 0), 0);
    }

    #[test]
    fn peaks_count_at_once_and_go_slowly() {
        let first = Average::default().with_sample(100, 0, HALF);
        assert_eq!(first.value, 100);
        let peak = first.with_sample(5000, 1, HALF);
        assert_eq!(peak.value, 5000);
        let after = peak.with_sample(100, 2, HALF);
        assert!((4000..5000).contains(&after.value), "{after:?}");
        let later = (0..100).fold(after, |average, step| {
            average.with_sample(100, 10 * step, HALF)
        });
        assert!((100..200).contains(&later.value), "{later:?}");
        let idle = peak.with_sample(100, 1 + 20 * HALF, HALF);
        assert_eq!(idle.value, 100);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let most = Average {
            value: u32::MAX,
            at: 0,
        };
        assert_eq!(most.with_sample(u32::MAX, 7, HALF).value, u32::MAX);
        assert_eq!(most.with_sample(0, u32::MAX / 2, HALF).value, 1);
        let full = |delay| Measured {
            server: Server::new(u32::MAX).with(u32::MAX, 0),
            delay,
        };
        assert!(Measured::second_is_better(
            &full(u32::MAX),
            &full(u32::MAX - 1)
        ));
    }

    #[test]
    fn cost_is_delay_times_connections_by_weight() {
        let server = |weight, active, delay| Measured {
            server: Server::new(weight).with(active, 9),
            delay,
        };
        assert!(Measured::second_is_better(
            &server(1, 0, 200),
            &server(1, 0, 100)
        ));
        assert!(!Measured::second_is_better(
            &server(1, 0, 200),
            &server(1, 1, 100)
        ));
        assert!(Measured::second_is_better(
            &server(1, 0, 200),
            &server(2, 2, 100)
        ));
        // Not measured yet: the connections decide.
        assert!(Measured::second_is_better(
            &server(1, 3, 1),
            &server(1, 2, 0)
        ));
        assert!(!Measured::second_is_better(
            &server(1, 0, 1_000_000),
            &server(1, 1, 0)
        ));
    }
}
