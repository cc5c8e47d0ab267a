// SPDX-License-Identifier: GPL-2.0

//! Rates of counters, computed when somebody asks.
//!
//! Nothing runs between two readings, so all that is known is how far the counters have come since the
//! last one. What came in between is taken as evenly spread, and weighs less the longer it is ago: what
//! happened *t* ago weighs (3/4)^(*t* / 2 s).
//!
//! IPVS behaviour: every 2 s the average moves a quarter of the way to the mean of those 2 s. Whoever
//! reads every 2 s gets just that here.

/// The shortest time between two readings that makes new rates, in milliseconds.
///
/// A packet or two more or less would make wild numbers of a shorter one.
pub const MIN_INTERVAL: u64 = 1000;

/// In this time what is known loses a quarter of its weight, in milliseconds.
const PERIOD: u64 = 2000;

/// Decay is computed in this many steps per period.
const STEPS: u64 = 2048;

/// Number of bits behind the point of a decay.
const DECAY_BITS: u32 = 31;

/// The decay of one step: (3/4)^(1/2048).
const STEP: u64 = 2_147_182_013;

/// Number of bits behind the point of a rate.
const RATE_BITS: u32 = 8;

/// `N` counters at their last reading, and their rates at that time.
///
/// Times are milliseconds that never run backwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rates<const N: usize> {
    time: u64,
    counts: [u64; N],
    /// Per second, with [`RATE_BITS`] bits behind the point.
    rates: [u64; N],
    /// Whether the rates come from a reading.
    known: bool,
}

impl<const N: usize> Rates<N> {
    /// Counters that stand at `counts` now; their rates begin with what comes from now on.
    pub const fn new(now: u64, counts: [u64; N]) -> Self {
        Self {
            time: now,
            counts,
            rates: [0; N],
            known: false,
        }
    }

    /// The rates per second, rounded, when the counters stand at `counts`. The first reading gives the mean since
    /// the beginning.
    pub fn read(&mut self, now: u64, counts: [u64; N]) -> [u64; N] {
        let elapsed = now.saturating_sub(self.time);
        if elapsed >= MIN_INTERVAL {
            let weight = if self.known { decay(elapsed) } else { 0 };
            let old = self.counts.iter().zip(counts);
            for (rate, (old, new)) in self.rates.iter_mut().zip(old) {
                *rate = blend(*rate, mean(new.saturating_sub(*old), elapsed), weight);
            }
            self.time = now;
            self.counts = counts;
            self.known = true;
        }
        self.rates.map(rounded)
    }
}

/// A rate without the bits behind the point.
fn rounded(rate: u64) -> u64 {
    rate.saturating_add(1 << (RATE_BITS - 1)) >> RATE_BITS
}

/// `count` in `elapsed` milliseconds as a rate per second. `elapsed` is not 0.
fn mean(count: u64, elapsed: u64) -> u64 {
    const SECOND: u64 = 1000 << RATE_BITS;
    let whole = count.checked_div(elapsed).unwrap_or(0);
    let rest = count.checked_rem(elapsed).unwrap_or(0);
    // The rest is less than the time, so this overflows after millions of years.
    let rest = rest.saturating_mul(SECOND).checked_div(elapsed);
    whole
        .saturating_mul(SECOND)
        .saturating_add(rest.unwrap_or(0))
}

/// The part `weight` of the old rate and the rest of the new one.
fn blend(old: u64, new: u64, weight: u64) -> u64 {
    if old > new {
        new.saturating_add(scale(old.wrapping_sub(new), weight))
    } else {
        new.saturating_sub(scale(new.wrapping_sub(old), weight))
    }
}

/// `value` times a decay.
fn scale(value: u64, decay: u64) -> u64 {
    let low = value & ((1 << DECAY_BITS) - 1);
    let high = (value >> DECAY_BITS).saturating_mul(decay);
    high.saturating_add(low.saturating_mul(decay) >> DECAY_BITS)
}

/// What is left of the weight after `elapsed` milliseconds.
fn decay(elapsed: u64) -> u64 {
    let mut steps = elapsed.saturating_mul(STEPS) / PERIOD;
    let mut power = STEP;
    let mut product = 1 << DECAY_BITS;
    while steps != 0 && product != 0 {
        if steps & 1 != 0 {
            product = scale(product, power);
        }
        power = scale(power, power);
        steps >>= 1;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether two numbers differ by a thousandth at most, or by 1.
    fn close(a: u64, b: u64) -> bool {
        a.abs_diff(b) <= (b / 1000).max(1)
    }

    #[test]
    fn decay_is_three_quarters_to_the_power_of_the_periods() {
        let one = (1u64 << DECAY_BITS) as f64;
        for elapsed in [0, 1, 999, 1000, 2000, 3000, 4000, 10_000, 60_000] {
            let want = 0.75f64.powf(elapsed as f64 / 2000.0);
            let got = decay(elapsed) as f64 / one;
            assert!((got - want).abs() < 0.001, "{elapsed}: {got} {want}");
        }
        assert_eq!(decay(u64::MAX), 0);
        assert_eq!(decay(3_600_000), 0);
    }

    #[test]
    fn the_first_reading_is_the_mean_since_the_beginning() {
        let mut rates = Rates::new(5000, [100, 0]);
        assert_eq!(rates.read(15_000, [1100, 7]), [100, 1]);
    }

    #[test]
    fn too_early_a_reading_says_what_the_last_one_said() {
        let mut rates = Rates::new(0, [0]);
        assert_eq!(rates.read(999, [1_000_000]), [0]);
        assert_eq!(rates.read(1000, [1_000_000]), [1_000_000]);
        let before = rates;
        assert_eq!(rates.read(1999, [9_000_000]), [1_000_000]);
        assert_eq!(rates, before);
    }

    /// IPVS behaviour: the rate of a burst of 58 bytes is seen as 7, 5, 4 bytes per second; 114 as 14, 11, 8.
    #[test]
    fn whoever_reads_every_two_seconds_sees_what_ipvs_shows() {
        for (burst, want) in [(58, [7, 5, 4]), (114, [14, 11, 8])] {
            let mut rates = Rates::new(0, [0]);
            // IPVS has looked at the silence before.
            assert_eq!(rates.read(2000, [0]), [0]);
            let seen = [4000, 6000, 8000].map(|now| rates.read(now, [burst])[0]);
            assert_eq!(seen, want, "{burst}");
        }
    }

    #[test]
    fn a_steady_flow_has_its_rate_however_often_it_is_read() {
        for interval in [1000u64, 1001, 2000, 7000, 3_600_000] {
            let mut rates = Rates::new(0, [0]);
            for reading in 1..50u64 {
                let now = reading * interval;
                let rate = rates.read(now, [now * 25])[0];
                assert!(close(rate, 25_000), "{interval}: {rate}");
            }
        }
    }

    #[test]
    fn a_changed_flow_is_seen_after_some_seconds_whatever_the_interval() {
        for interval in [1000u64, 1700, 2000, 5000] {
            let mut rates = Rates::new(0, [0]);
            rates.read(2000, [0]);
            let mut now = 2000;
            while now < 18_000 {
                now += interval;
                rates.read(now, [(now - 2000) * 10]);
            }
            let rate = rates.read(now, [0])[0];
            let want = 10_000.0 * (1.0 - 0.75f64.powf((now - 2000) as f64 / 2000.0));
            assert!(close(rate, want as u64), "{interval}: {rate} {want}");
        }
    }

    #[test]
    fn silence_is_the_end_of_a_rate() {
        let mut rates = Rates::new(0, [0]);
        assert_eq!(rates.read(1000, [1 << 40]), [1 << 40]);
        let mut last = 1 << 40;
        for second in 2..300 {
            let [rate] = rates.read(second * 1000, [1 << 40]);
            assert!(rate <= last);
            last = rate;
        }
        assert_eq!(last, 0);
    }

    #[test]
    fn no_number_is_too_large() {
        let mut rates = Rates::new(0, [0, u64::MAX]);
        // Counters do not run backwards; should one, its rate is 0.
        let [huge, small] = rates.read(1000, [u64::MAX, 4]);
        assert!(huge >= u64::MAX >> (RATE_BITS + 1));
        assert_eq!(small, 0);
        let _ = rates.read(u64::MAX, [0, 0]);
        // Time does not run backwards; should it, nothing happens.
        let before = rates;
        let _ = rates.read(5, [1, 1]);
        assert_eq!(rates, before);
    }
}
