// SPDX-License-Identifier: GPL-2.0

//! The SCTP state table (RFC 9260 §4).
//!
//! IPVS behaviour: the first chunk of a packet decides, and the states are those
//! that the server is in, as far as its packets and the client's tell. The states
//! before [`State::SctpEstablished`] are finer than RFC 9260's so that an
//! association that nobody answers ends soon.

use super::{
    Direction,
    State, //
};

/// What a packet means to the state table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Event {
    /// DATA, SACK, HEARTBEAT and everything that is not below.
    Data,
    /// INIT.
    Init,
    /// INIT ACK.
    InitAck,
    /// COOKIE ECHO.
    CookieEcho,
    /// COOKIE ACK.
    CookieAck,
    /// SHUTDOWN.
    Shutdown,
    /// SHUTDOWN ACK.
    ShutdownAck,
    /// SHUTDOWN COMPLETE.
    ShutdownComplete,
    /// ERROR.
    Error,
    /// ABORT.
    Abort,
    /// The packet has no chunk, or is none of SCTP.
    #[default]
    None,
}

/// How many states SCTP has.
const STATES: usize = 14;

/// The next states of all states, for one event in one direction.
type Row = [State; STATES];

/// The rows of the events that have one, in the order of [`Event`].
type Events = [Row; 10];

const I1: State = State::SctpInit1;
const IN: State = State::SctpInit;
const CS: State = State::SctpCookieSent;
const CR: State = State::SctpCookieReplied;
const CW: State = State::SctpCookieWait;
const CO: State = State::SctpCookie;
const CE: State = State::SctpCookieEchoed;
const ES: State = State::SctpEstablished;
const SS: State = State::SctpShutdownSent;
const SR: State = State::SctpShutdownReceived;
const SA: State = State::SctpShutdownAckSent;
const RJ: State = State::SctpRejected;
const CL: State = State::SctpClosed;

/// The rows of the directions, in the order of [`Direction`].
static TABLE: [Events; 3] = [
    [
        // NO  I1  IN  CS  CR  CW  CO  CE  ES  SS  SR  SA  RJ  CL
        [ES, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // Data
        [I1, IN, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, IN, IN], // Init
        [CW, CW, CW, CS, CR, CO, CO, CE, ES, SS, SR, SA, RJ, CL], // InitAck
        [CR, IN, IN, CR, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // CookieEcho
        [ES, I1, IN, CS, CR, CW, CO, ES, ES, SS, SR, SA, RJ, CL], // CookieAck
        [SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL], // Shutdown
        [CL, IN, IN, CS, CR, CW, CO, CE, ES, CL, SR, CL, RJ, CL], // ShutdownAck
        [CL, CL, CL, CS, CR, CW, CO, CE, ES, SS, SR, CL, RJ, CL], // ShutdownComplete
        [CL, I1, IN, CS, CR, CW, CO, CL, ES, SS, SR, SA, RJ, CL], // Error
        [CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL], // Abort
    ],
    [
        // NO  I1  IN  CS  CR  CW  CO  CE  ES  SS  SR  SA  RJ  CL
        [ES, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // Data
        [CW, CW, CW, CW, CW, CW, CW, CW, ES, CW, CW, CW, CW, CW], // Init
        [CS, CS, CS, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // InitAck
        [CE, CE, CE, CE, CE, CE, CE, CE, ES, SS, SR, SA, RJ, CL], // CookieEcho
        [ES, ES, ES, ES, ES, ES, ES, ES, ES, SS, SR, SA, RJ, CL], // CookieAck
        [SS, SS, SS, SS, SS, SS, SS, SS, SS, SS, SR, SA, RJ, CL], // Shutdown
        [SA, SA, SA, SA, SA, CW, CO, CE, ES, SA, SA, SA, RJ, CL], // ShutdownAck
        [CL, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // ShutdownComplete
        [CL, CL, CL, CL, CL, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // Error
        [CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL], // Abort
    ],
    [
        // NO  I1  IN  CS  CR  CW  CO  CE  ES  SS  SR  SA  RJ  CL
        [ES, I1, IN, CS, CR, ES, CO, CE, ES, SS, SR, SA, RJ, CL], // Data
        [I1, IN, IN, IN, IN, IN, CO, CE, ES, SS, SR, SA, IN, IN], // Init
        [CE, CE, CE, CE, CE, CE, CO, CE, ES, SS, SR, SA, RJ, CL], // InitAck
        [ES, ES, ES, ES, ES, ES, CO, CE, ES, SS, SR, SA, RJ, CL], // CookieEcho
        [ES, I1, IN, ES, ES, CW, ES, ES, ES, SS, SR, SA, RJ, CL], // CookieAck
        [SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL], // Shutdown
        [CL, IN, IN, CS, CR, CW, CO, CE, CL, CL, SR, CL, RJ, CL], // ShutdownAck
        [CL, CL, CL, CL, CL, CW, CO, CE, ES, SS, CL, CL, RJ, CL], // ShutdownComplete
        [CL, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // Error
        [CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL], // Abort
    ],
];

/// The column of a state; `None` for one of another protocol.
#[inline]
fn column(state: State) -> Option<usize> {
    match state {
        State::None => Some(0),
        _ => {
            let column = usize::from(state.as_u8()).checked_sub(usize::from(State::Udp.as_u8()))?;
            (column != 0).then_some(column)
        }
    }
}

/// The state after a packet. A packet without a chunk changes nothing.
#[inline]
pub fn next(state: State, dir: Direction, event: Event) -> State {
    // CAST: the discriminants of the enum are the numbers.
    let event = usize::from(event as u8);
    column(state)
        .and_then(|column| TABLE.get(dir.index())?.get(event)?.get(column))
        .copied()
        .unwrap_or(state)
}

/// Whether a packet without an association may begin one.
///
/// IPVS behaviour: INIT may; if `sloppy`, everything but ABORT.
#[inline]
pub const fn may_open(event: Event, sloppy: bool) -> bool {
    match event {
        Event::Init => true,
        Event::Abort | Event::None => false,
        _ => sloppy,
    }
}

#[cfg(test)]
mod tests;
