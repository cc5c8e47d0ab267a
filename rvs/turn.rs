// SPDX-License-Identifier: GPL-2.0

//! The step from one configuration of a namespace to the next, which no packet sees half of.
//!
//! Whoever changes several things in one step does so in [`Turn::change`], where the count is odd. A packet that
//! begins a connection remembers the count, chooses service and server, and looks again: if the count was
//! odd or is another one, it may have seen some of the old and some of the new, and chooses once more. Packets of
//! connections that exist see one object each and do not look here.

use crate::sys::{
    atomic::{
        fence,
        AtomicU32,
        Ordering, //
    },
    lock::{
        Class,
        SpinLockBh, //
    },
};

/// How many changes there have been, twice, and one more while there is one.
pub(crate) struct Turn {
    count: AtomicU32,
    /// Held during a change, so that packets can wait for its end.
    changing: SpinLockBh<()>,
}

impl Turn {
    pub(crate) fn new() -> Self {
        Self {
            count: AtomicU32::new(0),
            changing: SpinLockBh::new((), Class::Turn),
        }
    }

    /// The count, to be given to [`Self::is_still`].
    #[inline(always)]
    pub(crate) fn now(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// Whether all that was read since [`Self::now`] is of one configuration.
    #[inline(always)]
    pub(crate) fn is_still(&self, then: u32) -> bool {
        fence(Ordering::Acquire);
        self.count.load(Ordering::Relaxed) == then && then & 1 == 0
    }

    /// Waits for the end of a change, if there is one. Any context; no lock held.
    #[cold]
    pub(crate) fn wait(&self) {
        drop(self.changing.lock());
    }

    /// Makes a change, with bottom halves off. Process context.
    pub(crate) fn change<R>(&self, change: impl FnOnce() -> R) -> R {
        let _changing = self.changing.lock();
        // What follows is not seen before the odd number is.
        self.count.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let result = change();
        self.count.fetch_add(1, Ordering::Release);
        result
    }
}
