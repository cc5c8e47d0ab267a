// SPDX-License-Identifier: GPL-2.0

//! The rules by which schedulers choose a server.
//!
//! Servers are known by *slots*: numbers that rise in the order in which the
//! servers were added. IPVS behaviour: lists of servers begin with the newest
//! one, and of two that are equally good the one that stands first is chosen.
//! So "first" means the highest slot everywhere here.
//!
//! A rule does not walk the servers for each connection. It keeps an [`Index`]
//! over them, memory that its caller owns, which follows every change of a
//! server and answers in a number of steps that hardly grows with the servers.

pub mod bits;
pub mod cache;
pub mod classes;
pub mod dh;
pub mod ewma;
pub mod fo;
pub mod lblc;
pub mod lblcr;
pub mod lc;
pub mod mh;
pub mod nq;
pub mod overload;
pub mod ovf;
pub mod p2c;
pub mod ranking;
pub mod rr;
pub mod sed;
pub mod sh;
pub mod table;
#[cfg(test)]
mod testing;
pub mod twos;
pub mod wlc;
pub mod wrr;

/// The schedulers that are part of rvs, one module for each.
pub const BUILT: [&str; 16] = [
    "dh", "ewma", "fo", "lblc", "lblcr", "lc", "mh", "nq", "ovf", "p2c", "rr", "sed", "sh", "twos",
    "wlc", "wrr",
];

/// Scheduler flag 1 of IPVS: `sh-fallback`, `mh-fallback`.
pub const FLAG_FALLBACK: u32 = 1 << 0;

/// Scheduler flag 2 of IPVS: `sh-port`, `mh-port`.
pub const FLAG_PORT: u32 = 1 << 1;

/// No flag of IPVS: exactly its picks,
/// also where rvs knows better.
pub const FLAG_EXACT: u32 = 1 << 3;

/// A structure over the servers of a service that is kept in step with them.
///
/// Its memory is a slice of cells that the caller owns; all of them are
/// [`Self::EMPTY`] at first. `capacity`, the number of slots, is a power of
/// two of at least [`MIN_SLOTS`].
pub trait Index {
    /// The unit of the memory.
    type Cell: Copy;

    /// What a cell holds at first.
    const EMPTY: Self::Cell;

    /// The number of cells that it needs for `capacity` slots.
    fn cells(capacity: usize) -> usize;

    /// A server has come or changed, or has gone (`None`).
    fn set(&mut self, cells: &mut [Self::Cell], slot: u32, server: Option<&impl Candidate>);

    /// All slots were numbered anew, as `new` says, and all cells are empty;
    /// each server will be set again. There were `_old` slots; of those whose
    /// servers are gone there is no new number.
    fn renumber(&mut self, _old: u32, _new: impl Fn(u32) -> Option<u32>) {}
}

/// The smallest number of slots.
pub const MIN_SLOTS: usize = 64;

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

    #[test]
    #[cfg_attr(miri, ignore)]
    fn the_schedulers_that_are_built_are_known() {
        let files = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rvs/sched");
        let files = std::fs::read_dir(files).expect("the directory of the schedulers");
        let mut names: std::vec::Vec<std::string::String> = files
            .map(|file| file.expect("a file").path())
            .map(|path| {
                std::string::String::from(path.file_stem().expect("a name").to_string_lossy())
            })
            // It serves a client of IPVS that names none.
            .filter(|name| name != "none")
            .collect();
        names.sort();
        assert_eq!(names, BUILT);
    }

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
