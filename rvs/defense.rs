// SPDX-License-Identifier: GPL-2.0

//! Defence against overload: when memory is low, or always, rvs refuses some of the new connections,
//! gives up old ones that are worth little, and believes in a TCP connection only when its server has
//! answered. `Documentation/sysctl.md` says what each setting does.
//!
//! Packets of existing connections pay nothing for it: they read one flag where the TCP state table is
//! chosen. A work looks at the memory once a second, while there is a setting that wants it.

use crate::{
    logic::{
        defense::{
            self,
            mode,
            Sieve, //
        },
        settings::Knob, //
    },
    settings::Settings,
    sys::{
        atomic::{
            AtomicBool,
            AtomicU32,
            AtomicU64,
            Ordering, //
        },
        memory, //
    },
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

/// The state of a namespace's defence.
pub(crate) struct Defense {
    /// Whether TCP is followed by the secure table.
    secure: AtomicBool,
    /// One of so many new connections is refused; 0 is none.
    rate: AtomicU32,
    /// How many have asked since the rate was set.
    asked: AtomicU64,
    /// Who holds the lock puts the settings into effect.
    sieve: Pin<KBox<Mutex<Sieve>>>,
}

/// What is to be done after the settings were put into effect.
#[derive(Clone, Copy)]
pub(crate) struct Orders {
    /// Connections are given up.
    pub(crate) give_up: bool,
    /// The work must come again.
    pub(crate) again: bool,
}

impl Defense {
    /// Nothing is on. Process context.
    pub(crate) fn new() -> Result<Self> {
        let sieve = new_mutex!(Sieve::default(), "rvs_defense");
        Ok(Self {
            secure: AtomicBool::new(false),
            rate: AtomicU32::new(0),
            asked: AtomicU64::new(0),
            sieve: KBox::pin_init(sieve, GFP_KERNEL_ACCOUNT)?,
        })
    }

    /// Whether TCP is followed by the secure table.
    #[inline(always)]
    pub(crate) fn is_secure(&self) -> bool {
        self.secure.load(Ordering::Relaxed)
    }

    /// Whether the connection that now asks is refused.
    #[inline(always)]
    pub(crate) fn refuses(&self) -> bool {
        let rate = self.rate.load(Ordering::Relaxed);
        rate != 0 && self.is_turn(rate)
    }

    /// Whether [`Self::refuses`] would say so.
    pub(crate) fn would_refuse(&self) -> bool {
        let rate = self.rate.load(Ordering::Relaxed);
        rate != 0 && defense::refuses(rate, self.asked.load(Ordering::Relaxed))
    }

    #[cold]
    fn is_turn(&self, rate: u32) -> bool {
        defense::refuses(rate, self.asked.fetch_add(1, Ordering::Relaxed))
    }

    /// Puts the settings into effect, given how much memory there is, and calls `then` with what is to be done.
    /// Process context.
    pub(crate) fn apply<R>(
        &self,
        settings: &Settings,
        then: impl FnOnce(Orders, &mut Sieve) -> R,
    ) -> R {
        let mut sieve = self.sieve.lock();
        let threshold = settings.get(Knob::Amemthresh);
        let available = memory::available_pages();
        let low = available < u64::from(threshold);
        let [(entry, give_up), (packet, refuse), (tcp, secure)] =
            [Knob::DropEntry, Knob::DropPacket, Knob::SecureTcp]
                .map(|knob| judge(settings, knob, low));
        self.secure.store(secure, Ordering::Relaxed);
        self.set_rate(match (refuse, packet) {
            (false, _) => 0,
            (true, mode::ON) => settings.get(Knob::AmDroprate),
            (true, _) => defense::automatic_rate(threshold, available),
        });
        let automatic = [entry, packet, tcp].into_iter().any(defense::is_automatic);
        let orders = Orders {
            give_up,
            again: give_up || automatic,
        };
        then(orders, &mut sieve)
    }

    /// Sets the rate; a new one begins with a refusal.
    fn set_rate(&self, rate: u32) {
        if self.rate.swap(rate, Ordering::Relaxed) != rate {
            self.asked.store(0, Ordering::Relaxed);
        }
    }
}

/// The mode of one defence, adjusted to the memory, and whether it is on.
fn judge(settings: &Settings, knob: Knob, low: bool) -> (u32, bool) {
    let old = settings.get(knob);
    let (new, on) = defense::judge(old, low);
    if new != old {
        settings.adjust(knob, old, new);
    }
    (new, on)
}
