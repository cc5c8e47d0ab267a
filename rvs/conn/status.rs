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

impl Status {
    /// The status of a new connection.
    pub(super) fn new(method: Method) -> Self {
        let one_way = match method {
            Method::Nat => 0,
            Method::Direct => ONE_WAY,
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

    /// Whether the connection was removed.
    #[inline(always)]
    pub(super) fn is_ended(self) -> bool {
        self.0 & ENDED != 0
    }

    /// The status after a packet.
    #[inline(always)]
    pub(super) fn after(self, protocol: Protocol, packet: &Packet, way: Way) -> Self {
        let one_way = self.0 & ONE_WAY;
        let dir = match way {
            Way::Reply => Direction::Output,
            Way::Request if one_way != 0 => Direction::InputOnly,
            Way::Request => Direction::Input,
        };
        let state = proto::next(protocol, self.state(), dir, packet.tcp, false);
        let flags = match way {
            Way::Reply => self.0 & ENDED,
            Way::Request => self.0 & (ENDED | ONE_WAY),
        };
        Self(u32::from(state.as_u8()) | flags)
    }
}
