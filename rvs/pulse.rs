// SPDX-License-Identifier: GPL-2.0

//! The alarm by which anything in a namespace calls for the namespace's work.

use crate::sys::atomic::{
    AtomicBool,
    Ordering, //
};

/// Whether there is something to look after.
pub(crate) struct Pulse(AtomicBool);

impl Pulse {
    /// There is nothing.
    pub(crate) fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// There is something. Any context.
    pub(crate) fn alarm(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether there is something.
    pub(crate) fn is_due(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The same, and takes the alarm away.
    pub(crate) fn take(&self) -> bool {
        self.is_due() && self.0.swap(false, Ordering::SeqCst)
    }
}
