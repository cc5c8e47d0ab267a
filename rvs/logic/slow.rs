// SPDX-License-Identifier: GPL-2.0

//! Slow start: a server that has just come takes its share of new connections little by little.
//!
//! A scheduler chooses as it always does, but a server that is starting has a *gate* which lets in
//! no more than its weight would get it if that had risen in proportion to the time so far. So it
//! does not matter whether the rule looks at weights at all, nor that a weight of 1 has nothing
//! below it. While the gate is shut the rule sees a server that takes no new connections.
//!
//! Shares and credits are fixed-point numbers: [`ONE`] is all, or one connection.

/// All of the share; one connection.
pub const ONE: u32 = 1 << 16;

/// The least share, a fiftieth.
const LEAST: u32 = ONE / 50;

/// A server that has so much of the share of the foremost one needs no gate.
const NEARLY: u32 = ONE - ONE / 20;

/// Credit that is never used up.
pub const UNLIMITED: u32 = u32::MAX;

/// How far a server is that began `elapsed` milliseconds ago.
pub fn share(elapsed: u64, seconds: u32) -> u32 {
    let span = u64::from(seconds).saturating_mul(1000);
    elapsed
        .saturating_mul(u64::from(ONE))
        .checked_div(span)
        .and_then(|share| u32::try_from(share).ok())
        .map_or(ONE, |share| share.clamp(LEAST, ONE))
}

/// The weight that a server stands for, at least 1 unless it has none.
pub fn effective(weight: u32, share: u32) -> u32 {
    let part = u64::from(weight).saturating_mul(u64::from(share)) >> 16;
    // Not `clamp`, which panics when the bounds are the wrong way round.
    let part = u32::try_from(part).unwrap_or(weight);
    part.max(weight.min(1)).min(weight)
}

/// The servers of a service that take new connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field {
    /// The share of the foremost one.
    top: u32,
    /// The sum of weights by shares.
    sum: u64,
}

impl Field {
    /// Counts a server in.
    pub fn add(&mut self, weight: u32, share: u32) {
        self.top = self.top.max(share);
        let part = u64::from(weight).saturating_mul(u64::from(share));
        self.sum = self.sum.saturating_add(part);
    }

    /// The credit of a server that had `old`, after so many connections came to the service.
    ///
    /// Servers that are all equally far need no gates, nor does one that is nearly as far as the foremost.
    pub fn credit(&self, weight: u32, share: u32, old: u32, arrivals: u32) -> u32 {
        let bar = u64::from(self.top).saturating_mul(u64::from(NEARLY)) >> 16;
        if u64::from(share) >= bar {
            return UNLIMITED;
        }
        // At most 2^63: weights have 31 bits, shares 17.
        let part = u64::from(weight).saturating_mul(u64::from(share)) << 15;
        let quota = part.checked_div(self.sum >> 9).unwrap_or(u64::MAX);
        let earned = quota.saturating_mul(u64::from(arrivals)) >> 8;
        let earned = u32::try_from(earned)
            .unwrap_or(UNLIMITED)
            .min(UNLIMITED / 4);
        let old = if old == UNLIMITED { 0 } else { old };
        // What nobody asked for is not saved up for long.
        let most = earned.saturating_mul(2).max(ONE.saturating_mul(2));
        old.saturating_add(earned).min(most)
    }
}

/// What is left of the credit after a connection.
pub fn charge(credit: u32) -> u32 {
    match credit {
        UNLIMITED => UNLIMITED,
        credit => credit.saturating_sub(ONE),
    }
}

/// Whether the credit is enough for another connection.
pub fn is_open(credit: u32) -> bool {
    credit >= ONE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_rise_with_time() {
        assert_eq!(share(0, 10), LEAST);
        assert_eq!(share(5_000, 10), ONE / 2);
        assert_eq!(share(10_000, 10), ONE);
        assert_eq!(share(u64::MAX, 10), ONE);
        assert_eq!(share(0, 0), ONE, "no slow start");
    }

    #[test]
    fn effective_weights() {
        assert_eq!(effective(100, ONE / 4), 25);
        assert_eq!(effective(100, ONE), 100);
        assert_eq!(effective(1, LEAST), 1);
        assert_eq!(effective(0, LEAST), 0);
        assert_eq!(effective(1 << 31, ONE), 1 << 31);
    }

    /// What a server among `others` of its weight takes of 10,000 connections that come in lots of `lot`
    /// when the rule would give all of them to it, in ten-thousandths.
    fn taken(others: u32, share: u32, lot: u32) -> u32 {
        let mut field = Field::default();
        (0..others).for_each(|_| field.add(1, ONE));
        field.add(1, share);
        let (mut credit, mut taken) = (0, 0);
        for _ in 0..10_000 / lot {
            for _ in 0..lot {
                if is_open(credit) {
                    credit = charge(credit);
                    taken += 1;
                }
            }
            credit = field.credit(1, share, credit, lot);
        }
        taken
    }

    #[test]
    fn no_rule_gives_more_than_the_share() {
        // 0.1 of 9.1, 0.5 of 9.5; one at a time and many at a time.
        for lot in [1, 10, 1000] {
            assert!((90..=112).contains(&taken(9, ONE / 10, lot)), "{lot}");
            assert!((470..=530).contains(&taken(9, ONE / 2, lot)), "{lot}");
        }
    }

    #[test]
    fn the_foremost_are_free() {
        let mut field = Field::default();
        field.add(1, ONE / 10);
        field.add(1, ONE / 10 - 1);
        field.add(1, ONE / 40);
        assert_eq!(field.credit(1, ONE / 10, 0, 1), UNLIMITED);
        assert_eq!(field.credit(1, ONE / 10 - 1, 0, 1), UNLIMITED);
        assert!(field.credit(1, ONE / 40, 0, 1) < ONE);
        assert_eq!(field.credit(1, ONE / 40, UNLIMITED, 0), 0, "no longer");
        assert_eq!(charge(UNLIMITED), UNLIMITED);
    }

    #[test]
    fn greatest_numbers() {
        let mut field = Field::default();
        (0..100_000).for_each(|_| field.add(1 << 31, ONE));
        field.add(1 << 31, LEAST);
        let credit = field.credit(1 << 31, LEAST, u32::MAX - 1, u32::MAX);
        assert!(credit < UNLIMITED);
    }
}
