// SPDX-License-Identifier: GPL-2.0

//! Connection thresholds: when a server takes no more connections, and when it
//! does again.
//!
//! IPVS behaviour: what counts is the sum of active and inactive connections.
//! The server is overloaded from the moment when that reaches the upper
//! threshold until it falls below the lower one. A lower threshold of 0 stands
//! for three quarters of the upper one.

/// The thresholds of a server; an upper one of 0 is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// So many connections are taken.
    pub upper: u32,
    /// Below so many are there new ones again; 0 for three quarters of `upper`.
    pub lower: u32,
}

/// What makes a server's thresholds be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A connection came; the number has risen to the upper threshold.
    Rose,
    /// A connection went; the number has fallen below the lower threshold.
    Fell,
    /// The thresholds have been changed.
    Edited,
}

impl Limits {
    /// Both in one word, to be changed as one.
    #[inline]
    pub fn to_word(self) -> u64 {
        (u64::from(self.upper) << 32) | u64::from(self.lower)
    }

    /// Out of one word.
    #[inline]
    pub fn from_word(word: u64) -> Self {
        Self {
            upper: crate::logic::num::high32(word),
            lower: crate::logic::num::low32(word),
        }
    }

    /// Whether there are thresholds at all.
    #[inline]
    pub fn are_set(self) -> bool {
        self.upper > 0
    }

    /// Below so many connections a server takes new ones again.
    pub fn floor(self) -> u32 {
        match self.lower {
            0 => self.upper.saturating_sub(self.upper >> 2),
            lower => lower,
        }
    }

    /// What happens at the connection that makes `total`.
    pub fn at_open(self, total: u32) -> Option<Event> {
        (self.are_set() && total == self.upper).then_some(Event::Rose)
    }

    /// What happens at the connection that leaves `total`.
    pub fn at_close(self, total: u32) -> Option<Event> {
        (self.are_set() && total.checked_add(1) == Some(self.floor())).then_some(Event::Fell)
    }

    /// Whether a server with `total` connections is overloaded, if it was or was not before.
    pub fn overloaded(self, event: Event, total: u32, before: bool) -> bool {
        if !self.are_set() {
            return false;
        }
        let (set, keep) = match event {
            Event::Rose => (self.floor(), self.floor()),
            Event::Fell => (self.upper, self.upper),
            Event::Edited => (self.upper, self.floor()),
        };
        total >= set || (total >= keep && before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server: connections come while it is not overloaded.
    struct Server {
        limits: Limits,
        total: u32,
        overloaded: bool,
    }

    impl Server {
        fn new(upper: u32, lower: u32) -> Self {
            Self {
                limits: Limits { upper, lower },
                total: 0,
                overloaded: false,
            }
        }

        fn settle(&mut self, event: Option<Event>) {
            if let Some(event) = event {
                self.overloaded = self.limits.overloaded(event, self.total, self.overloaded);
            }
        }

        fn open(&mut self) {
            self.total += 1;
            self.settle(self.limits.at_open(self.total));
        }

        fn close(&mut self) {
            self.total -= 1;
            self.settle(self.limits.at_close(self.total));
        }

        fn edit(&mut self, upper: u32, lower: u32) {
            self.limits = Limits { upper, lower };
            self.settle(Some(Event::Edited));
        }

        fn fill(&mut self) -> u32 {
            (0..100)
                .take_while(|_| {
                    let free = !self.overloaded;
                    if free {
                        self.open();
                    }
                    free
                })
                .count() as u32
        }
    }

    #[test]
    fn exactly_the_upper_number_comes_in() {
        for upper in 1..20 {
            let mut server = Server::new(upper, 0);
            assert_eq!(server.fill(), upper);
            let floor = upper - upper / 4;
            while server.total >= floor {
                assert!(server.overloaded, "{upper}: {}", server.total);
                server.close();
            }
            assert!(!server.overloaded);
            assert_eq!(server.fill(), upper - floor + 1);
        }
    }

    #[test]
    fn the_lower_threshold_is_kept_to() {
        let mut server = Server::new(8, 3);
        assert_eq!(server.fill(), 8);
        (0..5).for_each(|_| server.close());
        assert!(server.overloaded);
        server.close();
        assert!(!server.overloaded);
        assert_eq!(server.fill(), 6);
    }

    #[test]
    fn edits() {
        let mut server = Server::new(0, 0);
        assert_eq!(server.fill(), 100);
        server.edit(100, 0);
        assert!(server.overloaded);
        server.edit(120, 0);
        assert!(server.overloaded, "between the thresholds nothing changes");
        server.edit(120, 101);
        assert!(!server.overloaded);
        server.edit(120, 90);
        assert!(!server.overloaded);
        server.edit(50, 0);
        assert!(server.overloaded);
        server.edit(0, 0);
        assert!(!server.overloaded);
    }

    #[test]
    fn words() {
        let limits = Limits {
            upper: 7,
            lower: u32::MAX,
        };
        assert_eq!(Limits::from_word(limits.to_word()), limits);
        assert_eq!(Limits::from_word(0), Limits::default());
    }
}
