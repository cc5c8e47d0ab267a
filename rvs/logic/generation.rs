// SPDX-License-Identifier: GPL-2.0

//! Generations of the configuration: numbers that grow, and begin anew after the greatest.

/// Whether `generation` comes after `since`: less than half of all numbers ahead of it.
pub fn is_after(generation: u32, since: u32) -> bool {
    generation != since && generation.wrapping_sub(since) < 1 << 31
}

/// Whether a generation is one of those from `first` to `last`.
pub fn is_within(generation: u32, first: u32, last: u32) -> bool {
    generation.wrapping_sub(first) <= last.wrapping_sub(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        for (since, later) in [(1, 2), (u32::MAX, 1), (5, 1 << 31)] {
            assert!(is_after(later, since) && !is_after(since, later));
        }
        assert!(!is_after(7, 7));
    }

    #[test]
    fn range() {
        assert!(is_within(3, 3, 5) && is_within(5, 3, 5));
        assert!(!is_within(2, 3, 5) && !is_within(6, 3, 5) && !is_within(0, 1, 9));
        assert!(is_within(1, u32::MAX, 2) && !is_within(3, u32::MAX, 2));
    }
}
