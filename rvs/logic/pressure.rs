// SPDX-License-Identifier: GPL-2.0

//! How near a namespace is to the number of connections that it may have.

/// From so many hundredths of the limit on there is a level of pressure.
const LEVELS: [u32; 3] = [80, 90, 100];

/// A level is over when the number has fallen by so many hundredths of the limit below it.
const SLACK: u32 = 5;

/// The level, 0 to 3, of so many connections; `old` is what it was.
pub fn level(conns: u32, limit: u32, old: u32) -> u32 {
    if limit == 0 {
        return 0;
    }
    let mut level = 0;
    for (number, percent) in (1..).zip(LEVELS) {
        let from = if number <= old {
            percent.saturating_sub(SLACK)
        } else {
            percent
        };
        if u64::from(conns).saturating_mul(100) >= u64::from(limit).saturating_mul(u64::from(from))
        {
            level = number;
        }
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_at_once_and_falls_late() {
        let levels = [0, 79, 80, 90, 99, 100, 95, 94, 85, 84, 75, 74];
        let mut level_now = 0;
        let seen = levels.map(|conns| {
            level_now = level(conns, 100, level_now);
            level_now
        });
        assert_eq!(seen, [0, 0, 1, 2, 2, 3, 3, 2, 2, 1, 1, 0]);
    }

    #[test]
    fn no_limit_no_pressure() {
        assert_eq!(level(u32::MAX, 0, 3), 0);
        assert_eq!(level(u32::MAX, u32::MAX, 0), 3);
    }
}
