// SPDX-License-Identifier: GPL-2.0

//! The states of a connection and how long each of them lasts.
//!
//! IPVS behaviour: no sequence numbers are checked, the state follows the flags
//! alone, and every packet of a connection starts its timeout again.

use super::{
    addr::Protocol,
    wire::TcpFlags, //
};

pub mod tcp;
pub mod udp;

/// The state of a connection.
///
/// The numbers are those of IPVS's TCP states; [`State::Udp`] follows them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum State {
    /// No packet yet.
    #[default]
    None,
    /// TCP: data flows.
    Established,
    /// TCP: the server opens.
    SynSent,
    /// TCP: the client opens.
    SynRecv,
    /// TCP: the server closed its side.
    FinWait,
    /// TCP: both sides closed.
    TimeWait,
    /// TCP: reset, or never opened.
    Close,
    /// TCP: the client closed its side.
    CloseWait,
    /// TCP: the server waits for the last acknowledgement.
    LastAck,
    /// TCP: waiting for a client.
    Listen,
    /// TCP: opened, but not yet confirmed (the secure table).
    SynAck,
    /// UDP: the only state.
    Udp,
}

impl State {
    /// How many states there are.
    pub const COUNT: usize = 12;

    /// All states, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::None,
        Self::Established,
        Self::SynSent,
        Self::SynRecv,
        Self::FinWait,
        Self::TimeWait,
        Self::Close,
        Self::CloseWait,
        Self::LastAck,
        Self::Listen,
        Self::SynAck,
        Self::Udp,
    ];

    /// The state with this number.
    #[inline]
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The number of the state.
    #[inline]
    pub const fn as_u8(self) -> u8 {
        // CAST: the discriminants of this enum are the numbers.
        self as u8
    }

    #[inline]
    fn index(self) -> usize {
        usize::from(self.as_u8())
    }

    /// The name that IPVS prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Established => "ESTABLISHED",
            Self::SynSent => "SYN_SENT",
            Self::SynRecv => "SYN_RECV",
            Self::FinWait => "FIN_WAIT",
            Self::TimeWait => "TIME_WAIT",
            Self::Close => "CLOSE",
            Self::CloseWait => "CLOSE_WAIT",
            Self::LastAck => "LAST_ACK",
            Self::Listen => "LISTEN",
            Self::SynAck => "SYNACK",
            Self::Udp => "UDP",
        }
    }

    /// Whether the connection counts as active for its server.
    ///
    /// IPVS behaviour: an opening or open TCP connection does, UDP never.
    #[inline]
    pub const fn is_active(self) -> bool {
        matches!(
            self,
            Self::Established | Self::SynSent | Self::SynRecv | Self::SynAck
        )
    }
}

/// Which way a packet goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Direction {
    /// From the client.
    Input,
    /// From the server.
    Output,
    /// From the client, when the answers do not pass here (direct routing and
    /// tunnels).
    InputOnly,
}

impl Direction {
    #[inline]
    fn index(self) -> usize {
        // CAST: the discriminants of this enum are the numbers.
        usize::from(self as u8)
    }
}

/// The state after a packet of a protocol with ports.
///
/// A protocol without a state table keeps its state.
#[inline]
pub fn next(
    protocol: Protocol,
    state: State,
    dir: Direction,
    flags: TcpFlags,
    secure: bool,
) -> State {
    match protocol {
        Protocol::TCP => tcp::next(state, dir, flags.event(), secure),
        Protocol::UDP => udp::next(state, dir),
        _ => state,
    }
}

/// Whether a packet without a connection may begin one.
///
/// IPVS behaviour: TCP as [`tcp::may_open`] says, UDP always.
#[inline]
pub const fn may_open(protocol: Protocol, flags: TcpFlags, sloppy: bool) -> bool {
    match protocol {
        Protocol::TCP => tcp::may_open(flags, sloppy),
        Protocol::UDP => true,
        _ => false,
    }
}

/// How long a new entry lives that has not seen its first packet, in seconds.
pub const NEW_ENTRY_SECS: u32 = 3;

/// How long a connection stays in each state without a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    secs: [u32; State::COUNT],
}

impl Timeouts {
    /// IPVS's timeouts, in seconds.
    pub const DEFAULT: Self = Self {
        //     NO   ES   SS   SR  FW   TW   CL  CW  LA  LI   SA   UDP
        secs: [2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120, 300],
    };

    /// The timeout of a state in seconds.
    #[inline]
    pub fn get(&self, state: State) -> u32 {
        self.secs.get(state.index()).copied().unwrap_or(0)
    }

    /// Sets the timeout of a state in seconds.
    #[inline]
    pub fn set(&mut self, state: State, secs: u32) {
        if let Some(slot) = self.secs.get_mut(state.index()) {
            *slot = secs;
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_name_states() {
        for (number, state) in (0u8..).zip(State::ALL) {
            assert_eq!(state.as_u8(), number);
            assert_eq!(State::from_u8(number), Some(state));
        }
        assert_eq!(State::from_u8(12), None);
        assert_eq!(State::from_u8(255), None);
        assert_eq!(State::default(), State::None);
    }

    /// Name, active, default timeout: as ip_vs prints and counts them.
    #[test]
    fn every_state_is_as_in_ipvs() {
        let rows = [
            (State::None, "NONE", false, 2),
            (State::Established, "ESTABLISHED", true, 900),
            (State::SynSent, "SYN_SENT", true, 120),
            (State::SynRecv, "SYN_RECV", true, 60),
            (State::FinWait, "FIN_WAIT", false, 120),
            (State::TimeWait, "TIME_WAIT", false, 120),
            (State::Close, "CLOSE", false, 10),
            (State::CloseWait, "CLOSE_WAIT", false, 60),
            (State::LastAck, "LAST_ACK", false, 30),
            (State::Listen, "LISTEN", false, 120),
            (State::SynAck, "SYNACK", true, 120),
            (State::Udp, "UDP", false, 300),
        ];
        assert_eq!(rows.len(), State::COUNT);
        for (state, name, active, secs) in rows {
            assert_eq!(state.name(), name);
            assert_eq!(state.is_active(), active, "{name}");
            assert_eq!(Timeouts::default().get(state), secs, "{name}");
        }
    }

    #[test]
    fn setting_one_timeout_leaves_the_others() {
        let mut timeouts = Timeouts::DEFAULT;
        timeouts.set(State::FinWait, 7);
        for state in State::ALL {
            let want = match state {
                State::FinWait => 7,
                _ => Timeouts::DEFAULT.get(state),
            };
            assert_eq!(timeouts.get(state), want);
        }
    }

    #[test]
    fn each_protocol_has_its_own_rule() {
        let input = Direction::Input;
        let syn = TcpFlags::SYN;
        let after = |protocol| next(protocol, State::None, input, syn, false);
        assert_eq!(after(Protocol::TCP), State::SynRecv);
        assert_eq!(after(Protocol::UDP), State::Udp);
        assert_eq!(after(Protocol::GRE), State::None);
        assert!(may_open(Protocol::TCP, syn, false));
        assert!(!may_open(Protocol::TCP, TcpFlags::ACK, false));
        assert!(may_open(Protocol::UDP, TcpFlags::default(), false));
        assert!(!may_open(Protocol::ESP, syn, true));
    }
}
