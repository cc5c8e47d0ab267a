// SPDX-License-Identifier: GPL-2.0

//! The settings of a namespace, as the packet path reads them.
//!
//! They are written through `/proc/sys/net/rvs` ([`crate::sys::sysctl`]). Reading one is a plain load.

use crate::{
    logic::settings::{
        Knob,
        CONN_MAX, //
    },
    sys::atomic::{
        AtomicU32,
        Ordering, //
    },
};
use kernel::prelude::*;

/// The values of all settings.
pub(crate) struct Settings {
    values: [AtomicU32; Knob::COUNT],
    /// The highest `conn_max` that only the namespace's own administrator may set.
    conn_hard: AtomicU32,
}

impl Settings {
    /// The defaults; a namespace gets its bound on connections from the initial one, which has none.
    pub(crate) fn new(initial: Option<&Self>) -> Self {
        let hard = initial.map_or(CONN_MAX, |initial| {
            initial.conn_hard.load(Ordering::Relaxed)
        });
        let settings = Self {
            values: Knob::ALL.map(|knob| AtomicU32::new(knob.default_value())),
            conn_hard: AtomicU32::new(hard),
        };
        settings.store(Knob::ConnMax, hard);
        settings
    }

    /// All values, in the order of the numbers of the settings.
    pub(crate) fn values(&self) -> &[AtomicU32; Knob::COUNT] {
        &self.values
    }

    /// The value of a setting.
    #[inline(always)]
    pub(crate) fn get(&self, knob: Knob) -> u32 {
        self.values
            .get(knob.index())
            .map_or(0, |value| value.load(Ordering::Relaxed))
    }

    /// Whether a switch is on.
    #[inline(always)]
    pub(crate) fn is_on(&self, knob: Knob) -> bool {
        self.get(knob) != 0
    }

    fn store(&self, knob: Knob, value: u32) {
        if let Some(slot) = self.values.get(knob.index()) {
            slot.store(value, Ordering::Relaxed);
        }
    }

    /// Sets a value; `EINVAL` and no change if it is out of range. Writers take turns.
    ///
    /// `privileged` is who rules the whole machine. Their `conn_max` also binds the administrators of the
    /// namespace, who can go no higher.
    pub(crate) fn set(&self, knob: Knob, value: u32, privileged: bool) -> Result {
        if !knob.allows(value) {
            return Err(EINVAL);
        }
        if knob == Knob::ConnMax {
            if privileged {
                self.conn_hard.store(value, Ordering::Relaxed);
            } else if value > self.conn_hard.load(Ordering::Relaxed) {
                return Err(EINVAL);
            }
        }
        self.store(knob, value);
        Ok(())
    }

    /// Changes a value unless somebody else has changed it from `old` meanwhile.
    pub(crate) fn adjust(&self, knob: Knob, old: u32, new: u32) {
        if let Some(slot) = self.values.get(knob.index()) {
            // Whoever wrote another value has the last word.
            let _ = slot.compare_exchange(old, new, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}
