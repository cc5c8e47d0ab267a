// SPDX-License-Identifier: GPL-2.0

//! What changes about a connection, in one word, so that it changes as one.

use crate::logic::{
    addr::Protocol,
    num,
    proto::{
        self,
        Direction,
        State, //
    },
    uapi::Method,
    wire::Packet, //
};

/// Which way a packet of a connection goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the client.
    Request,
    /// To the client.
    Reply,
}

/// State and flags of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status(u32);

/// No answer has passed the director, and none need to (direct routing).
const ONE_WAY: u32 = 1 << 8;
/// The connection has been removed.
pub(super) const ENDED: u32 = 1 << 9;
/// The answer to the SYN is awaited, to measure how long it takes.
pub(super) const TIMED: u32 = 1 << 10;
/// An answer has passed the director.
const ANSWERED: u32 = 1 << 11;
/// One packet from the client, in the count of them.
const PACKET: u32 = 1 << 16;
/// The count stops here: nobody asks whether there were more.
const MANY_PACKETS: u32 = 9;
const PACKETS: u32 = 15 << 16;

impl Status {
    /// The status of a new connection.
    pub(super) fn new(method: Method) -> Self {
        let one_way = match method {
            Method::Nat => 0,
            _ => ONE_WAY,
        };
        Self(u32::from(State::None.as_u8()) | one_way)
    }

    #[inline(always)]
    pub(super) fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    #[inline(always)]
    pub(super) fn raw(self) -> u32 {
        self.0
    }

    /// The protocol's state.
    #[inline(always)]
    pub(crate) fn state(self) -> State {
        State::from_u8(num::low8(self.0)).unwrap_or(State::None)
    }

    /// The status of the same connection, closed.
    pub(super) fn closed(self) -> Self {
        Self((self.0 & !0xff) | u32::from(State::Close.as_u8()))
    }

    /// Whether no answer has passed the director.
    pub(crate) fn is_one_way(self) -> bool {
        self.0 & ONE_WAY != 0
    }

    /// Whether an answer has passed the director.
    pub(crate) fn is_answered(self) -> bool {
        self.0 & ANSWERED != 0
    }

    /// Whether the connection was removed.
    #[inline(always)]
    pub(super) fn is_ended(self) -> bool {
        self.0 & ENDED != 0
    }

    /// How many packets have come from the client; 9 stands for any larger number.
    pub(super) fn packets(self) -> u32 {
        (self.0 & PACKETS).wrapping_div(PACKET)
    }

    /// Whether this is `old` with one packet more, and otherwise the same.
    #[inline(always)]
    pub(super) fn is_only_counted_since(self, old: Self) -> bool {
        self.0 == old.0.wrapping_add(PACKET)
    }

    /// The status after a packet. `secure` chooses the state table for TCP.
    #[inline(always)]
    pub(super) fn after(self, protocol: Protocol, packet: &Packet, way: Way, secure: bool) -> Self {
        let one_way = self.0 & ONE_WAY;
        let dir = match way {
            Way::Reply => Direction::Output,
            Way::Request if one_way != 0 => Direction::InputOnly,
            Way::Request => Direction::Input,
        };
        let state = proto::next(protocol, self.state(), dir, packet, secure);
        let rest = match way {
            Way::Reply => (self.0 & (ENDED | PACKETS)) | ANSWERED,
            Way::Request if self.0 & PACKETS == MANY_PACKETS * PACKET => {
                self.0 & (ENDED | ONE_WAY | TIMED | ANSWERED | PACKETS)
            }
            Way::Request => {
                (self.0 & (ENDED | ONE_WAY | TIMED | ANSWERED | PACKETS)).wrapping_add(PACKET)
            }
        };
        Self(u32::from(state.as_u8()) | rest)
    }
}
