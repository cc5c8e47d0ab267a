// SPDX-License-Identifier: GPL-2.0

//! Defence against overload: when it is on, which new connections it refuses and which old ones it
//! gives up.

use super::{
    addr::Protocol,
    proto::State, //
};

/// The values of the settings `drop_entry`, `drop_packet` and `secure_tcp`.
pub mod mode {
    /// Never on.
    pub const OFF: u32 = 0;
    /// On when memory is low, which it is not.
    pub const READY: u32 = 1;
    /// On because memory is low.
    pub const ALERT: u32 = 2;
    /// Always on.
    pub const ON: u32 = 3;
}

/// What a mode becomes and whether the defence is on, now that memory is low or not.
///
/// IPVS behaviour: 1 and 2 become each other as memory becomes low and recovers.
pub const fn judge(mode: u32, low: bool) -> (u32, bool) {
    match mode {
        mode::READY | mode::ALERT if low => (mode::ALERT, true),
        mode::READY | mode::ALERT => (mode::READY, false),
        mode::ON => (mode, true),
        _ => (mode, false),
    }
}

/// Whether a mode has to be judged again and again.
pub const fn is_automatic(mode: u32) -> bool {
    matches!(mode, mode::READY | mode::ALERT)
}

/// One of how many new connections is refused when `available` pages are left and memory is low below
/// `threshold`; at least 1 when it is low.
///
/// IPVS behaviour: none is spared when no memory is left, nearly all are just below the threshold.
pub fn automatic_rate(threshold: u32, available: u64) -> u32 {
    let threshold = u64::from(threshold);
    let lack = threshold.saturating_sub(available);
    let rate = threshold.checked_div(lack).unwrap_or(0);
    u32::try_from(rate).unwrap_or(u32::MAX)
}

/// Whether the packet with this number, counted from 0 since the rate was set, is refused.
///
/// IPVS behaviour: the first is, then `rate - 1` pass, and so on; a rate of 0 lets all pass.
pub fn refuses(rate: u32, number: u64) -> bool {
    number.checked_rem(u64::from(rate)) == Some(0)
}

/// What is known about a connection that may be given up.
#[derive(Clone, Copy, Debug)]
pub struct Suspect {
    /// Its protocol.
    pub protocol: Protocol,
    /// Its state.
    pub state: State,
    /// How long no packet has come, in seconds.
    pub idle: u32,
    /// How many packets have come from the client; any number above 8 stands for itself.
    pub packets: u32,
}

/// Most packets of a connection that may be given up although it is open.
const FEW_PACKETS: u32 = 8;

/// How long an open connection must have been idle to be given up, in seconds.
const LONG_IDLE: u32 = 60;

/// Chooses the connections that are given up while `drop_entry` is on.
///
/// IPVS behaviour: half-open connections are; of open ones and of those without states, those that are idle and had
/// few packets: with *n* packets every *n*-th, beginning with the first.
#[derive(Clone, Copy, Default, Debug)]
pub struct Sieve {
    /// For each number of packets how many more are spared.
    spare: [u8; 8],
}

impl Sieve {
    /// Whether this connection is given up.
    pub fn takes(&mut self, suspect: Suspect) -> bool {
        match suspect.state {
            State::SynRecv | State::SynAck | State::SctpInit1 | State::SctpInit => true,
            State::Established | State::SctpEstablished => self.takes_open(suspect),
            _ if matches!(suspect.protocol, Protocol::TCP | Protocol::SCTP) => false,
            _ => self.takes_open(suspect),
        }
    }

    fn takes_open(&mut self, suspect: Suspect) -> bool {
        if suspect.idle < LONG_IDLE || suspect.packets > FEW_PACKETS {
            return false;
        }
        let Some(index) = suspect.packets.checked_sub(1) else {
            return false;
        };
        let Some(spare) = self.spare.get_mut(super::num::index(index)) else {
            return false;
        };
        let taken = *spare == 0;
        *spare = match taken {
            true => super::num::low8(index),
            false => spare.saturating_sub(1),
        };
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn modes_follow_memory() {
        let rows = [
            // mode, memory low, becomes, on
            (0, false, 0, false),
            (0, true, 0, false),
            (1, false, 1, false),
            (1, true, 2, true),
            (2, false, 1, false),
            (2, true, 2, true),
            (3, false, 3, true),
            (3, true, 3, true),
            (4, true, 4, false),
        ];
        for (mode, low, becomes, on) in rows {
            assert_eq!(judge(mode, low), (becomes, on), "{mode} {low}");
        }
        assert_eq!([0, 1, 2, 3].map(is_automatic), [false, true, true, false]);
    }

    #[test]
    fn the_less_memory_the_more_is_refused() {
        let rows = [
            (1024, 1023, 1024),
            (1024, 1022, 512),
            (1024, 512, 2),
            (1024, 511, 1),
            (1024, 0, 1),
            (1024, 1024, 0),
            (1024, u64::MAX, 0),
            (0, 0, 0),
            (u32::MAX, u64::from(u32::MAX) - 1, u32::MAX),
        ];
        for (threshold, available, rate) in rows {
            assert_eq!(automatic_rate(threshold, available), rate, "{available}");
        }
    }

    /// IPVS behaviour, measured: rate 3 is drop, pass, pass.
    #[test]
    fn one_is_refused_and_then_rate_less_one_pass() {
        let pattern =
            |rate, count| -> Vec<bool> { (0..count).map(|number| refuses(rate, number)).collect() };
        assert_eq!(pattern(3, 6), [true, false, false, true, false, false]);
        assert_eq!(pattern(1, 3), [true; 3]);
        assert_eq!(pattern(0, 3), [false; 3]);
        assert_eq!(pattern(2, 4), [true, false, true, false]);
        assert!(refuses(u32::MAX, 0) && !refuses(u32::MAX, 1));
    }

    fn suspect(protocol: Protocol, state: State, idle: u32, packets: u32) -> Suspect {
        Suspect {
            protocol,
            state,
            idle,
            packets,
        }
    }

    #[test]
    fn half_open_connections_go_whatever_else() {
        let mut sieve = Sieve::default();
        let half_open = [
            (Protocol::TCP, State::SynRecv),
            (Protocol::TCP, State::SynAck),
            (Protocol::SCTP, State::SctpInit1),
            (Protocol::SCTP, State::SctpInit),
        ];
        for (protocol, state) in half_open {
            for _ in 0..3 {
                assert!(sieve.takes(suspect(protocol, state, 0, 100)));
            }
        }
    }

    #[test]
    fn closing_connections_and_new_ones_stay() {
        let mut sieve = Sieve::default();
        let weak = [
            State::SynRecv,
            State::SynAck,
            State::Established,
            State::SctpInit1,
            State::SctpInit,
            State::SctpEstablished,
        ];
        for state in State::ALL.iter().filter(|state| !weak.contains(state)) {
            for protocol in [Protocol::TCP, Protocol::SCTP] {
                let taken = sieve.takes(suspect(protocol, *state, 1000, 1));
                assert!(!taken, "{state:?}");
            }
        }
    }

    #[test]
    fn idle_ones_go_one_of_as_many_as_they_had_packets() {
        let open = [
            (Protocol::TCP, State::Established),
            (Protocol::SCTP, State::SctpEstablished),
            (Protocol::UDP, State::Udp),
            (Protocol::ESP, State::None),
        ];
        for (protocol, state) in open {
            for packets in 1..=8u32 {
                let mut sieve = Sieve::default();
                for number in 0..40u32 {
                    let taken = sieve.takes(suspect(protocol, state, 60, packets));
                    assert_eq!(taken, number % packets == 0, "{packets} {number}");
                }
            }
        }
    }

    #[test]
    fn each_number_of_packets_has_its_own_turn() {
        let mut sieve = Sieve::default();
        let mut takes = |packets| sieve.takes(suspect(Protocol::UDP, State::Udp, 99, packets));
        assert!(takes(2) && takes(3) && takes(4));
        assert!(!takes(2) && !takes(3) && !takes(4));
        assert!(takes(2) && !takes(3) && !takes(4));
    }

    #[test]
    fn busy_ones_stay() {
        let mut sieve = Sieve::default();
        for (idle, packets) in [(59, 1), (60, 0), (60, 9), (60, u32::MAX), (0, 1)] {
            let stays = suspect(Protocol::TCP, State::Established, idle, packets);
            assert!(!sieve.takes(stays), "{idle} {packets}");
        }
        assert!(sieve.takes(suspect(Protocol::TCP, State::Established, 60, 1)));
    }
}
