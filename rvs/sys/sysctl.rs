// SPDX-License-Identifier: GPL-2.0

//! The settings of a namespace as files in `/proc/sys/net/rvs`.
//!
//! The administrator of the user namespace that owns the network namespace may write them, as the
//! kernel rules for everything below `/proc/sys/net`.
//!
//! C header: [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h)

use super::{
    bindings,
    netns, //
};
use crate::{
    logic::settings::Knob,
    net::Net,
    settings::Settings, //
};
use kernel::{
    error::{
        from_result,
        to_result, //
    },
    prelude::*, //
};

/// Makes the files of a namespace. Process context.
///
/// # Safety
///
/// `ns` is the namespace part of the state that `settings` is part of, and [`unregister`] is called
/// before that state is freed.
pub(super) unsafe fn register(ns: *mut bindings::rvs_namespace, settings: &Settings) -> Result {
    let count = u32::try_from(Knob::COUNT).map_err(|_| EINVAL)?;
    let values = settings.values().as_ptr().cast_mut().cast();
    // SAFETY: There are as many values as names, in the same order; the names are static and each is
    // ended by a zero byte. C code only reads the values, which are atomics.
    to_result(unsafe {
        bindings::rvs_helper_ns_sysctl(ns, Knob::NAMES.as_ptr().cast(), values, count)
    })
}

/// Takes the files away, and waits for whoever is reading or writing one. Process context, no lock held
/// that [`Net::set`] takes.
///
/// # Safety
///
/// `ns` is the namespace part of a live state.
pub(super) unsafe fn unregister(ns: *mut bindings::rvs_namespace) {
    // SAFETY: By the contract above.
    unsafe { bindings::rvs_helper_ns_unsysctl(ns) };
}

/// Called when a file is written. Process context; one caller at a time. `privileged` says whether the writer
/// has CAP_NET_ADMIN in the initial user namespace.
///
/// # Safety
///
/// Called by the file's handler only, which [`unregister`] waits for.
#[no_mangle]
unsafe extern "C" fn rvs_ns_set(
    ns: *mut bindings::rvs_namespace,
    index: u32,
    value: u32,
    privileged: bool,
) -> c_int {
    from_result(|| {
        let knob = Knob::from_index(index).ok_or(EINVAL)?;
        // SAFETY: The files are taken away before the state is freed.
        let net: &Net = unsafe { netns::of_namespace(ns) };
        net.set(knob, value, privileged)?;
        Ok(0)
    })
}
