// SPDX-License-Identifier: GPL-2.0

//! The TCP state tables.
//!
//! IPVS behaviour: there is a normal table and a secure one, which believes a
//! connection open only after the server has answered; it is switched on
//! against SYN floods.

use super::{
    super::wire::TcpFlags,
    Direction,
    State, //
};

/// What a segment means to the state table; see [`TcpFlags::event`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Event {
    /// SYN.
    Syn,
    /// FIN.
    Fin,
    /// ACK.
    Ack,
    /// RST.
    Rst,
    /// None of them.
    None,
}

/// How many states TCP has; they are numbered first.
const STATES: usize = 11;

/// The next states of all states, for one event in one direction.
type Row = [State; STATES];

/// The rows of SYN, FIN, ACK and RST.
type Events = [Row; 4];

/// The rows of the directions, in the order of [`Direction`].
type Table = [Events; 3];

const ES: State = State::Established;
const SS: State = State::SynSent;
const SR: State = State::SynRecv;
const FW: State = State::FinWait;
const TW: State = State::TimeWait;
const CL: State = State::Close;
const CW: State = State::CloseWait;
const LA: State = State::LastAck;
const LI: State = State::Listen;
const SA: State = State::SynAck;

/// From the server; the same in both tables but for SYN.
const OUTPUT_FIN: Row = [TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW];
const OUTPUT_ACK: Row = [ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES];
const OUTPUT_RST: Row = [CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL];

/// From the client, without the server's answers; the same but for SYN.
const ONLY_FIN: Row = [CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW];
const ONLY_ACK: Row = [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES];
const ONLY_RST: Row = [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL];

static NORMAL: Table = [
    [
        // NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
        [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
        [CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW],
        [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
        [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR],
    ],
    [
        [SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR],
        OUTPUT_FIN,
        OUTPUT_ACK,
        OUTPUT_RST,
    ],
    [
        [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
        ONLY_FIN,
        ONLY_ACK,
        ONLY_RST,
    ],
];

static SECURE: Table = [
    [
        // NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
        [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SA],
        [CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, SA],
        [ES, ES, SS, SR, FW, TW, CL, CW, CL, LI, SA],
        [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL],
    ],
    [
        [SS, ES, SS, SA, SS, SS, SS, SS, SS, LI, SA],
        OUTPUT_FIN,
        OUTPUT_ACK,
        OUTPUT_RST,
    ],
    [
        [SA, ES, ES, SR, SA, SA, SA, SA, SA, SA, SA],
        ONLY_FIN,
        ONLY_ACK,
        ONLY_RST,
    ],
];

/// The state after a segment.
///
/// `secure` chooses the secure table. A segment with none of the four flags
/// closes the connection.
#[inline]
pub fn next(state: State, dir: Direction, event: Event, secure: bool) -> State {
    if event == Event::None {
        return State::Close;
    }
    let table = match secure {
        true => &SECURE,
        false => &NORMAL,
    };
    // CAST: the discriminants of the enum are the numbers.
    let event = usize::from(event as u8);
    table
        .get(dir.index())
        .and_then(|events| events.get(event))
        .and_then(|row| row.get(state.index()))
        .copied()
        .unwrap_or(state)
}

/// Whether a segment without a connection may begin one.
///
/// A SYN alone may; if `sloppy`, everything without RST. IPVS takes a SYN with ACK or FIN too, which hides the answers
/// to this host's own connections from it.
#[inline]
pub const fn may_open(flags: TcpFlags, sloppy: bool) -> bool {
    flags.opens() || (sloppy && !flags.rst())
}

#[cfg(test)]
mod tests;
