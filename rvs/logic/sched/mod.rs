// SPDX-License-Identifier: GPL-2.0

//! The rules by which schedulers choose a server.
//!
//! A rule is a function over an iterator of candidates. The kernel walks its
//! own lists and trees with it, the tests walk plain vectors.

pub mod rr;

/// A server that a scheduler may choose.
pub trait Candidate {
    /// The configured weight; zero takes no new connections.
    fn weight(&self) -> u32;

    /// Whether the server reached its upper connection threshold.
    fn overloaded(&self) -> bool;

    /// The number of active connections.
    fn active(&self) -> u32;

    /// The number of inactive connections.
    fn inactive(&self) -> u32;

    /// Whether the server takes new connections.
    #[inline]
    fn eligible(&self) -> bool {
        self.weight() > 0 && !self.overloaded()
    }

    /// What the server carries.
    ///
    /// IPVS behaviour: an active connection weighs as much as 257 inactive ones.
    #[inline]
    fn load(&self) -> u64 {
        // At most 258 * 2^32: no overflow.
        u64::from(self.active())
            .wrapping_mul(257)
            .wrapping_add(u64::from(self.inactive()))
    }
}

impl<C: Candidate + ?Sized> Candidate for &C {
    #[inline]
    fn weight(&self) -> u32 {
        (**self).weight()
    }

    #[inline]
    fn overloaded(&self) -> bool {
        (**self).overloaded()
    }

    #[inline]
    fn active(&self) -> u32 {
        (**self).active()
    }

    #[inline]
    fn inactive(&self) -> u32 {
        (**self).inactive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dest(u32, bool, u32, u32);

    impl Candidate for Dest {
        fn weight(&self) -> u32 {
            self.0
        }

        fn overloaded(&self) -> bool {
            self.1
        }

        fn active(&self) -> u32 {
            self.2
        }

        fn inactive(&self) -> u32 {
            self.3
        }
    }

    #[test]
    fn eligible_needs_weight_and_room() {
        assert!(Dest(1, false, 0, 0).eligible());
        assert!(!Dest(0, false, 0, 0).eligible());
        assert!(!Dest(1, true, 0, 0).eligible());
    }

    #[test]
    fn load_counts_active_257_times() {
        assert_eq!(Dest(1, false, 2, 3).load(), 517);
        let most = u64::from(u32::MAX) * 258;
        assert_eq!(Dest(1, false, u32::MAX, u32::MAX).load(), most);
    }
}
