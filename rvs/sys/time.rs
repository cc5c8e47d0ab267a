// SPDX-License-Identifier: GPL-2.0

//! Coarse time: jiffies as wrapping 32-bit numbers.
//!
//! A packet path that reads jiffies once per packet and stores them only when they changed needs no
//! timer per connection. Differences are right while they stay below 2^31 jiffies (99 days
//! at 250 per second), and no timeout is longer than [`MAX_SECONDS`].

/// Longest timeout in seconds, 31 days (`RVS_TIMEOUT_MAX`).
pub(crate) const MAX_SECONDS: u32 = crate::logic::uapi::TIMEOUT_MAX;

/// The time now, in jiffies; wraps. Any context.
#[inline]
pub(crate) fn now() -> u32 {
    // SAFETY: `jiffies` is a valid word that the timer interrupt changes.
    let jiffies = unsafe { core::ptr::read_volatile(&raw const super::bindings::jiffies) };
    low_word(jiffies)
}

/// A clock that counts nanoseconds and does not run backwards by much. Any context.
pub(crate) fn nanoseconds() -> u64 {
    // SAFETY: May be called from any context.
    unsafe { super::bindings::ktime_get_mono_fast_ns() }
}

/// The low 32 bits of a jiffies value.
#[inline]
fn low_word(jiffies: usize) -> u32 {
    (jiffies & 0xffff_ffff) as u32
}

/// Seconds as jiffies, at most [`MAX_SECONDS`].
pub(crate) fn jiffies_from_seconds(seconds: u32) -> u32 {
    // SAFETY: A pure function of its argument.
    unsafe { super::bindings::rvs_helper_seconds_to_jiffies(seconds.min(MAX_SECONDS)) }
}

/// Jiffies as milliseconds.
pub(crate) fn milliseconds(jiffies: u32) -> u32 {
    // SAFETY: A pure function of its argument.
    unsafe { super::bindings::rvs_helper_jiffies_to_msecs(jiffies) }
}

/// Milliseconds since the machine started; never runs backwards. Any context.
pub(crate) fn uptime() -> u64 {
    // SAFETY: May be called from any context.
    let nanoseconds = unsafe { super::bindings::ktime_get() };
    u64::try_from(nanoseconds).unwrap_or(0) / 1_000_000
}
