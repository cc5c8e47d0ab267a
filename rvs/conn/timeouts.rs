// SPDX-License-Identifier: GPL-2.0

//! How long connections may be idle.

use crate::{
    logic::proto::{
        self,
        State, //
    },
    sys::{
        atomic::{
            AtomicU32,
            Ordering, //
        },
        time, //
    },
};

/// How long connections may be idle in each state, in jiffies.
pub(crate) struct Timeouts([AtomicU32; State::COUNT]);

impl Timeouts {
    /// The timeouts of IPVS.
    pub(crate) fn new() -> Self {
        Self(State::ALL.map(|state| {
            let seconds = proto::Timeouts::DEFAULT.get(state);
            AtomicU32::new(time::jiffies_from_seconds(seconds))
        }))
    }

    /// No timeout in any state.
    pub(crate) fn none() -> Self {
        Self(State::ALL.map(|_| AtomicU32::new(0)))
    }

    /// The timeout of a state in jiffies.
    #[inline(always)]
    pub(crate) fn get(&self, state: State) -> u32 {
        self.0
            .get(usize::from(state.as_u8()))
            .map_or(0, |timeout| timeout.load(Ordering::Relaxed))
    }

    /// The timeout of a state in seconds.
    pub(crate) fn seconds(&self, state: State) -> u32 {
        time::milliseconds(self.get(state)) / 1000
    }

    /// Sets the timeout of a state in seconds. It holds for existing connections too.
    pub(crate) fn set_seconds(&self, state: State, seconds: u32) {
        if let Some(timeout) = self.0.get(usize::from(state.as_u8())) {
            timeout.store(time::jiffies_from_seconds(seconds), Ordering::Relaxed);
        }
    }
}
