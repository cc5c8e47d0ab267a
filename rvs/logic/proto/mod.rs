// SPDX-License-Identifier: GPL-2.0

//! The states of a connection and how long each of them lasts.
//!
//! IPVS behaviour: no sequence numbers are checked, the state follows the flags
//! alone, and every packet of a connection starts its timeout again.

use super::{
    addr::Protocol,
    wire::Packet, //
};

pub mod sctp;
pub mod tcp;
pub mod udp;

/// The state of a connection.
///
/// The numbers are those of IPVS's TCP states; [`State::Udp`] and the states of SCTP follow them.
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
    /// SCTP: the client's first INIT came.
    SctpInit1,
    /// SCTP: the client's INIT came again.
    SctpInit,
    /// SCTP: the server sent INIT ACK.
    SctpCookieSent,
    /// SCTP: the client sent COOKIE ECHO.
    SctpCookieReplied,
    /// SCTP: the server sent INIT.
    SctpCookieWait,
    /// SCTP: the client sent INIT ACK.
    SctpCookie,
    /// SCTP: the server sent COOKIE ECHO.
    SctpCookieEchoed,
    /// SCTP: data flows.
    SctpEstablished,
    /// SCTP: the server sent SHUTDOWN.
    SctpShutdownSent,
    /// SCTP: the client sent SHUTDOWN.
    SctpShutdownReceived,
    /// SCTP: the server sent SHUTDOWN ACK.
    SctpShutdownAckSent,
    /// SCTP: the opening was answered with ABORT.
    SctpRejected,
    /// SCTP: over.
    SctpClosed,
}

impl State {
    /// How many states there are.
    pub const COUNT: usize = 25;

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
        Self::SctpInit1,
        Self::SctpInit,
        Self::SctpCookieSent,
        Self::SctpCookieReplied,
        Self::SctpCookieWait,
        Self::SctpCookie,
        Self::SctpCookieEchoed,
        Self::SctpEstablished,
        Self::SctpShutdownSent,
        Self::SctpShutdownReceived,
        Self::SctpShutdownAckSent,
        Self::SctpRejected,
        Self::SctpClosed,
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
            Self::Established | Self::SctpEstablished => "ESTABLISHED",
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
            Self::SctpInit1 => "INIT1",
            Self::SctpInit => "INIT",
            Self::SctpCookieSent => "C-SENT",
            Self::SctpCookieReplied => "C-REPLIED",
            Self::SctpCookieWait => "C-WAIT",
            Self::SctpCookie => "COOKIE",
            Self::SctpCookieEchoed => "C-ECHOED",
            Self::SctpShutdownSent => "S-SENT",
            Self::SctpShutdownReceived => "S-RECEIVED",
            Self::SctpShutdownAckSent => "S-ACK-SENT",
            Self::SctpRejected => "REJECTED",
            Self::SctpClosed => "CLOSED",
        }
    }

    /// Whether the connection counts as active for its server.
    ///
    /// IPVS behaviour: an opening or open TCP connection does, an open SCTP association, UDP never.
    #[inline]
    pub const fn is_active(self) -> bool {
        matches!(
            self,
            Self::Established
                | Self::SynSent
                | Self::SynRecv
                | Self::SynAck
                | Self::SctpEstablished
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
/// A protocol without a state table keeps its state. `secure` chooses the secure table of TCP.
#[inline(always)]
pub fn next(
    protocol: Protocol,
    state: State,
    dir: Direction,
    packet: &Packet,
    secure: bool,
) -> State {
    match protocol {
        Protocol::TCP => tcp::next(state, dir, packet.tcp.event(), secure),
        Protocol::UDP => udp::next(state, dir),
        Protocol::SCTP => sctp::next(state, dir, packet.sctp),
        _ => state,
    }
}

/// Whether a packet without a connection may begin one.
///
/// IPVS behaviour: TCP as [`tcp::may_open`] says, SCTP as [`sctp::may_open`] says, UDP always.
#[inline]
pub const fn may_open(packet: &Packet, sloppy: bool) -> bool {
    match packet.tuple.protocol {
        Protocol::TCP => tcp::may_open(packet.tcp, sloppy),
        Protocol::UDP => true,
        Protocol::SCTP => sctp::may_open(packet.sctp, sloppy),
        _ => false,
    }
}

/// Whether a connection that has come to this state by a packet, an answer or not, shows that server and client
/// talk to each other.
#[inline]
pub const fn is_assured(state: State, by_answer: bool) -> bool {
    match state {
        State::Established | State::SctpEstablished => true,
        State::Udp => by_answer,
        _ => false,
    }
}

/// Whether the client has asked for a connection in this state and is not known to have had an answer; the caller
/// knows whether one has passed.
#[inline]
pub const fn is_asked(state: State) -> bool {
    matches!(
        state,
        State::SynRecv | State::SynAck | State::SctpInit1 | State::SctpInit
    )
}

/// Whether at least one end of a connection in this state waits for data of the other.
#[inline]
pub const fn is_open(state: State) -> bool {
    matches!(
        state,
        State::Established | State::CloseWait | State::FinWait
    )
}

/// How long a new entry that has not seen its first packet, in seconds.
pub const NEW_ENTRY_SECS: u32 = 3;

/// How long a connection stays in each state without a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    secs: [u32; State::COUNT],
}

impl Timeouts {
    /// IPVS's timeouts, in seconds.
    pub const DEFAULT: Self = Self {
        secs: [
            // NO ES   SS   SR  FW   TW   CL  CW  LA  LI   SA   UDP
            2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120, 300, //
            // SCTP: I1 IN CS  CR  CW  CO  CE  ES   SS  SR  SA  RJ CL
            4, 61, 61, 61, 61, 61, 61, 900, 61, 61, 61, 4, 61,
        ],
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
    use super::{
        super::{
            addr::{
                Addr,
                Endpoint,
                Family,
                Tuple, //
            },
            wire::TcpFlags, //
        },
        *, //
    };

    #[test]
    fn numbers_name_states() {
        for (number, state) in (0u8..).zip(State::ALL) {
            assert_eq!(state.as_u8(), number);
            assert_eq!(State::from_u8(number), Some(state));
        }
        assert_eq!(State::from_u8(25), None);
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
            (State::SctpInit1, "INIT1", false, 4),
            (State::SctpInit, "INIT", false, 61),
            (State::SctpCookieSent, "C-SENT", false, 61),
            (State::SctpCookieReplied, "C-REPLIED", false, 61),
            (State::SctpCookieWait, "C-WAIT", false, 61),
            (State::SctpCookie, "COOKIE", false, 61),
            (State::SctpCookieEchoed, "C-ECHOED", false, 61),
            (State::SctpEstablished, "ESTABLISHED", true, 900),
            (State::SctpShutdownSent, "S-SENT", false, 61),
            (State::SctpShutdownReceived, "S-RECEIVED", false, 61),
            (State::SctpShutdownAckSent, "S-ACK-SENT", false, 61),
            (State::SctpRejected, "REJECTED", false, 4),
            (State::SctpClosed, "CLOSED", false, 61),
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

    /// A packet of a protocol; only what the tables look at counts.
    fn packet(protocol: Protocol, tcp: TcpFlags, sctp: sctp::Event) -> Packet {
        let nobody = Endpoint::new(Addr::from_v4([0; 4]), 0);
        Packet {
            tuple: Tuple {
                family: Family::Ipv4,
                protocol,
                src: nobody,
                dst: nobody,
            },
            l4_offset: 20,
            total_len: 60,
            tcp,
            sctp,
            ttl: 64,
            dont_fragment: true,
        }
    }

    #[test]
    fn each_protocol_has_its_own_rule() {
        let input = Direction::Input;
        let opening = |protocol| packet(protocol, TcpFlags::SYN, sctp::Event::Init);
        let after = |protocol| next(protocol, State::None, input, &opening(protocol), false);
        assert_eq!(after(Protocol::TCP), State::SynRecv);
        assert_eq!(after(Protocol::UDP), State::Udp);
        assert_eq!(after(Protocol::SCTP), State::SctpInit1);
        assert_eq!(after(Protocol::GRE), State::None);
        for protocol in [Protocol::TCP, Protocol::UDP, Protocol::SCTP] {
            assert!(may_open(&opening(protocol), false), "{protocol}");
        }
        assert!(!may_open(&opening(Protocol::ESP), true));
        let data = |protocol| packet(protocol, TcpFlags::ACK, sctp::Event::Data);
        assert!(!may_open(&data(Protocol::TCP), false));
        assert!(may_open(&data(Protocol::UDP), false));
        assert!(!may_open(&data(Protocol::SCTP), false));
    }
}
