// SPDX-License-Identifier: GPL-2.0

//! UDP has one state, which every packet starts again.

use super::{
    Direction,
    State, //
};

/// The state after a packet.
#[inline]
pub const fn next(_state: State, _dir: Direction) -> State {
    State::Udp
}
