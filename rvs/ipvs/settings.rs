// SPDX-License-Identifier: GPL-2.0

//! `/proc/sys/net/ipv4/vs`: IPVS's settings. Those that rvs has are rvs's; the others keep what is written.

use kernel::prelude::*;
use rvs::{
    front::{
        jiffies,
        View, //
    },
    logic::ipvs::settings::{
        shown,
        to_knob,
        Kind,
        Setting,
        Value,
        ALL, //
    },
    sys::front, //
};

/// The settings as files.
pub(crate) static SETTINGS: [front::Setting; ALL.len()] = {
    let mut settings = [const { front::Setting::new(c"", front::Kind::Number, false) }; ALL.len()];
    let mut index = 0;
    while index < ALL.len() {
        settings[index] = file(&ALL[index]);
        index += 1;
    }
    settings
};

const fn file(setting: &Setting) -> front::Setting {
    let kind = match setting.kind {
        Kind::Pair => front::Kind::Pair,
        Kind::Long => front::Kind::Word,
        Kind::Cpus => front::Kind::Cpus,
        Kind::Number(..) | Kind::PowerOfTwo | Kind::Seconds => front::Kind::Number,
    };
    front::Setting::new(setting.name, kind, setting.initial_only)
}

/// What a setting begins with.
pub(crate) fn begin(index: usize, initial: bool) -> Value {
    ALL.get(index)
        .map_or([0; 2], |setting| setting.default_in(initial))
}

/// What a setting reads.
pub(crate) fn get(view: &View<'_>, index: usize, written: Value) -> Value {
    let [first, second] = written;
    match ALL.get(index).and_then(|setting| setting.knob) {
        Some(knob) => [shown(knob, first, view.get(knob)), second],
        None => written,
    }
}

/// A setting is written.
pub(crate) fn set(view: &View<'_>, index: usize, value: Value, privileged: bool) -> Result {
    let setting = ALL.get(index).ok_or(EINVAL)?;
    let hz = i32::try_from(jiffies(1)).map_err(|_| EINVAL)?;
    if !setting.allows(value, hz) {
        return Err(EINVAL);
    }
    let [first, _] = value;
    match setting.knob {
        Some(knob) => view.set(knob, to_knob(knob, first), privileged),
        None => Ok(()),
    }
}
