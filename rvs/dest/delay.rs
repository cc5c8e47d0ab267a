// SPDX-License-Identifier: GPL-2.0

//! How long a server takes to answer: from the SYN that goes to it to the SYN-ACK that comes back.
//!
//! One handshake at a time is measured, which needs no memory per connection. Nothing is done
//! for packets of established connections: a SYN begins a measurement, and the change of state at the
//! SYN-ACK ends it.

use crate::{
    logic::{
        addr::Endpoint,
        num,
        sched::ewma::Average, //
    },
    sys::{
        atomic::{
            AtomicU64,
            Ordering, //
        },
        time, //
    },
};

/// Nanoseconds in a tick of the measurement, as a power of two.
const TICK: u32 = 6;

/// After so many ticks (4 seconds) a handshake is given up, and counts as having taken that long.
const LOST: u32 = 62_500_000;

/// The moving average of the time that a server takes to answer.
pub struct Delay {
    /// The value in the upper half, when it was taken (in jiffies) in the lower one.
    average: AtomicU64,
    /// Which handshake is being measured in the upper half, since when (in ticks) in the lower one; 0 if none is.
    probe: AtomicU64,
}

impl Delay {
    pub(super) fn new() -> Self {
        Self {
            average: AtomicU64::new(0),
            probe: AtomicU64::new(0),
        }
    }

    /// The average now, in ticks of 64 ns; 0 if nothing has been measured yet. Times are in jiffies.
    #[inline]
    pub fn now(&self, now: u32, half_life: u32) -> u32 {
        self.average().decayed(now, half_life)
    }

    fn average(&self) -> Average {
        let word = self.average.load(Ordering::Relaxed);
        Average {
            value: num::high32(word),
            at: num::low32(word),
        }
    }

    /// A handshake begins; `id` tells it from others. Says whether it is measured.
    pub(super) fn begin(&self, id: u32, half_life: u32) -> bool {
        let ticks = ticks();
        let probe = self.probe.load(Ordering::Relaxed);
        if probe != 0 {
            if ticks.wrapping_sub(num::low32(probe)) < LOST {
                return false;
            }
            self.sample(LOST, half_life);
        }
        let probe = (u64::from(id) << 32) | u64::from(ticks);
        self.probe.store(probe, Ordering::Relaxed);
        true
    }

    /// A handshake is answered, or refused.
    pub(super) fn end(&self, id: u32, agreed: bool, half_life: u32) {
        let probe = self.probe.load(Ordering::Relaxed);
        if num::high32(probe) != id {
            return;
        }
        // Only who takes the probe away counts it.
        let taken = self
            .probe
            .compare_exchange(probe, 0, Ordering::Relaxed, Ordering::Relaxed);
        if taken.is_ok() {
            let ticks = match agreed {
                true => ticks().wrapping_sub(num::low32(probe)),
                false => LOST,
            };
            self.sample(ticks, half_life);
        }
    }

    fn sample(&self, ticks: u32, half_life: u32) {
        let average = self.average().with_sample(ticks, time::now(), half_life);
        let word = (u64::from(average.value) << 32) | u64::from(average.at);
        self.average.store(word, Ordering::Relaxed);
    }
}

/// Tells the handshakes of clients apart; never 0. If two are mistaken for each other a sample is wrong, no more.
pub(super) fn id(client: Endpoint) -> u32 {
    let [first, second] = client.addr.words();
    let words = first ^ second ^ (u64::from(client.port) << 20);
    num::high32(words.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1
}

/// The time in ticks; wraps after four and a half minutes.
fn ticks() -> u32 {
    num::low32(time::nanoseconds() >> TICK)
}
