// SPDX-License-Identifier: GPL-2.0

//! When a server that takes no more connections has none left.
//!
//! An entry of the connection table outlives its connection, so that late packets find their way: it is
//! *over* when both ends have closed and been quiet for a moment. Whether all entries of a
//! server are over is seen by looking at each of them: a *round* through the table that began when
//! no connection could come any more, and found none that is alive.

use super::{
    proto::State,
    uapi::DrainPolicy, //
};

/// What is to become of a server that drains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// What becomes of connections that are left when the time is up.
    pub policy: DrainPolicy,
    /// Seconds; 0 for as long as it takes.
    pub timeout: u32,
}

impl Plan {
    /// When the time of a plan that begins now is up, in milliseconds; 0 is never.
    pub fn deadline(&self, now: u64) -> u64 {
        match self.timeout {
            0 => 0,
            seconds => now.saturating_add(u64::from(seconds).saturating_mul(1000)),
        }
    }
}

/// Whether the time is up.
pub fn is_late(deadline: u64, now: u64) -> bool {
    deadline != 0 && now >= deadline
}

/// The seconds that are left, rounded up.
pub fn left(deadline: u64, now: u64) -> u32 {
    let left = deadline.saturating_sub(now).saturating_add(999) / 1000;
    u32::try_from(left).unwrap_or(u32::MAX)
}

/// For how long, in milliseconds, both ends may still repeat their last words.
const QUIET: u32 = 400;

/// Whether the connection of an entry is over, that has been idle for so many milliseconds.
pub fn is_over(state: State, idle: u32) -> bool {
    let closed = matches!(
        state,
        State::TimeWait | State::Close | State::SctpRejected | State::SctpClosed
    );
    closed && idle >= QUIET
}

/// How far it is known that a server has no connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Watch {
    /// Nobody wants to know, or everybody does already.
    #[default]
    Nothing,
    /// It takes no more; packets that chose it before may still be on their way.
    Begun,
    /// None is.
    Waits,
    /// A round began after that.
    Round,
}

/// What is seen of a server.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// It has entries.
    pub entries: bool,
    /// It has clients that persistence keeps, which matter.
    pub clients: bool,
    /// A round has ended, and with the next look another will have begun.
    pub round: bool,
    /// In that round an entry was seen whose connection is not over.
    pub alive: bool,
}

impl Watch {
    /// What is known after a look, and whether the server has just been found empty.
    pub fn after(self, look: &Look) -> (Self, bool) {
        let known = match self {
            Self::Nothing => return (self, false),
            Self::Begun => return (Self::Waits, false),
            Self::Waits => false,
            Self::Round => look.round && !look.alive,
        };
        if !look.clients && (known || !look.entries) {
            return (Self::Nothing, true);
        }
        match look.round {
            true => (Self::Round, false),
            false => (self, false),
        }
    }

    /// The number.
    pub const fn as_u32(self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::Begun => 1,
            Self::Waits => 2,
            Self::Round => 3,
        }
    }

    /// The value with this number.
    pub const fn from_u32(number: u32) -> Self {
        match number {
            1 => Self::Begun,
            2 => Self::Waits,
            3 => Self::Round,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USED: Look = Look {
        entries: true,
        clients: false,
        round: false,
        alive: false,
    };

    #[test]
    fn without_entries_it_is_empty_after_a_grace_period() {
        let none = Look {
            entries: false,
            ..USED
        };
        let (watch, empty) = Watch::Begun.after(&none);
        assert_eq!((watch, empty), (Watch::Waits, false));
        assert_eq!(watch.after(&none), (Watch::Nothing, true));
        assert_eq!(Watch::Nothing.after(&none), (Watch::Nothing, false), "once");
    }

    #[test]
    fn a_round_that_began_before_does_not_count() {
        let round = Look {
            round: true,
            ..USED
        };
        let (watch, _) = Watch::Begun.after(&round);
        let (watch, empty) = watch.after(&round);
        assert_eq!((watch, empty), (Watch::Round, false));
        assert_eq!(watch.after(&USED), (Watch::Round, false));
        assert_eq!(watch.after(&round), (Watch::Nothing, true));
    }

    #[test]
    fn life_and_clients_keep_it() {
        let alive = Look {
            round: true,
            alive: true,
            ..USED
        };
        assert_eq!(Watch::Round.after(&alive), (Watch::Round, false));
        let clients = Look {
            entries: false,
            clients: true,
            round: true,
            ..USED
        };
        assert_eq!(Watch::Round.after(&clients), (Watch::Round, false));
    }

    #[test]
    fn numbers() {
        for watch in [Watch::Nothing, Watch::Begun, Watch::Waits, Watch::Round] {
            assert_eq!(Watch::from_u32(watch.as_u32()), watch);
        }
    }

    #[test]
    fn what_is_over() {
        assert!(is_over(State::TimeWait, QUIET));
        assert!(!is_over(State::TimeWait, QUIET - 1));
        for state in [
            State::Established,
            State::CloseWait,
            State::FinWait,
            State::LastAck,
            State::Udp,
        ] {
            assert!(!is_over(state, u32::MAX), "{state:?}");
        }
    }

    #[test]
    fn deadlines() {
        let plan = |timeout| Plan {
            policy: DrainPolicy::Wait,
            timeout,
        };
        assert_eq!(plan(0).deadline(5), 0);
        assert!(!is_late(0, u64::MAX));
        let deadline = plan(2).deadline(500);
        assert!(!is_late(deadline, 2499) && is_late(deadline, 2500));
        assert_eq!(
            [
                left(deadline, 500),
                left(deadline, 1501),
                left(deadline, 9999)
            ],
            [2, 1, 0]
        );
    }
}
