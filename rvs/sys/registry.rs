// SPDX-License-Identifier: GPL-2.0

//! The list of loaded schedulers, which all namespaces share.

use crate::sched::Entry;
use kernel::prelude::*;

kernel::sync::global_lock! {
    /// The schedulers that can be bound to a service.
    pub(crate) unsafe(uninit) static SCHEDULERS: Mutex<KVec<Entry>> = KVec::new();
}

/// Makes the list usable. Process context, first thing at module load.
pub(crate) fn init() {
    // SAFETY: Called once, before anything can use the list: schedulers and requests need the
    // module to be loaded.
    unsafe { SCHEDULERS.init() };
}
