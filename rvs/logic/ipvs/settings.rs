// SPDX-License-Identifier: GPL-2.0

//! IPVS's settings in `/proc/sys/net/ipv4/vs`: their names, defaults and ranges, and which of rvs's own
//! they are.

use crate::logic::settings::Knob;
use core::ffi::CStr;

/// A value: one number, or two.
pub type Value = [i32; 2];

/// How a value is written, and which values there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A number in this range.
    Number(i32, i32),
    /// A power of two.
    PowerOfTwo,
    /// Seconds, of which the kernel could make jiffies.
    Seconds,
    /// Two numbers, the first below the second unless that is 0.
    Pair,
    /// An unsigned long.
    Long,
    /// A list of CPUs.
    Cpus,
}

/// One of the settings.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name of the file.
    pub name: &'static CStr,
    /// How it is written.
    pub kind: Kind,
    /// What it begins with.
    pub default: Value,
    /// Whether only the initial user namespace may write it.
    pub initial_only: bool,
    /// What it is in rvs; without, the value is only kept.
    pub knob: Option<Knob>,
}

const ANY: Kind = Kind::Number(i32::MIN, i32::MAX);
const MODE: Kind = Kind::Number(0, 3);
const FACTOR: Kind = Kind::Number(-8, 8);

const fn kept(name: &'static CStr, kind: Kind, default: i32) -> Setting {
    Setting {
        name,
        kind,
        default: [default, 0],
        initial_only: false,
        knob: None,
    }
}

const fn initial(name: &'static CStr, kind: Kind, default: i32) -> Setting {
    Setting {
        initial_only: true,
        ..kept(name, kind, default)
    }
}

const fn knob(name: &'static CStr, kind: Kind, knob: Knob) -> Setting {
    Setting {
        name,
        kind,
        // CAST: no default is that large.
        default: [knob.default_value() as i32, 0],
        initial_only: false,
        knob: Some(knob),
    }
}

/// Number of the setting `conn_lfactor`.
pub const CONN_LFACTOR: usize = 30;
/// Number of the setting `svc_lfactor`.
pub const SVC_LFACTOR: usize = 31;

/// Most connections.
const CONN_MAX: i32 = 1 << 30;

/// All settings.
pub const ALL: [Setting; 32] = [
    knob(c"amemthresh", ANY, Knob::Amemthresh),
    knob(c"am_droprate", ANY, Knob::AmDroprate),
    knob(c"conn_max", Kind::Number(0, CONN_MAX), Knob::ConnMax),
    knob(c"drop_entry", MODE, Knob::DropEntry),
    knob(c"drop_packet", MODE, Knob::DropPacket),
    knob(c"conntrack", ANY, Knob::Conntrack),
    knob(c"secure_tcp", MODE, Knob::SecureTcp),
    knob(c"snat_reroute", ANY, Knob::SnatReroute),
    kept(c"sync_version", Kind::Number(0, 1), 1),
    kept(c"sync_ports", Kind::PowerOfTwo, 1),
    kept(c"sync_persist_mode", ANY, 0),
    initial(c"sync_qlen_max", Kind::Long, 0),
    initial(c"sync_sock_size", ANY, 0),
    kept(c"cache_bypass", ANY, 0),
    knob(c"expire_nodest_conn", ANY, Knob::ExpireNodestConn),
    knob(c"sloppy_tcp", ANY, Knob::SloppyTcp),
    knob(c"sloppy_sctp", ANY, Knob::SloppySctp),
    kept(c"expire_quiescent_template", ANY, 0),
    Setting {
        default: [3, 50],
        ..kept(c"sync_threshold", Kind::Pair, 0)
    },
    kept(c"sync_refresh_period", Kind::Seconds, 0),
    kept(c"sync_retries", MODE, 0),
    knob(c"nat_icmp_send", ANY, Knob::NatIcmpSend),
    knob(c"pmtu_disc", ANY, Knob::PmtuDisc),
    kept(c"backup_only", ANY, 0),
    knob(c"conn_reuse_mode", ANY, Knob::ConnReuseMode),
    knob(c"schedule_icmp", ANY, Knob::ScheduleIcmp),
    knob(c"ignore_tunneled", ANY, Knob::IgnoreTunneled),
    initial(c"run_estimation", ANY, 1),
    initial(c"est_cpulist", Kind::Cpus, 0),
    initial(c"est_nice", Kind::Number(-20, 19), 0),
    initial(c"conn_lfactor", FACTOR, -4),
    initial(c"svc_lfactor", FACTOR, -3),
];

impl Setting {
    /// Whether the setting may have this value. `hz` is the number of jiffies in a second.
    pub fn allows(&self, value: Value, hz: i32) -> bool {
        let [first, second] = value;
        match self.kind {
            Kind::Number(min, max) => (min..=max).contains(&first),
            Kind::PowerOfTwo => first > 0 && first.count_ones() == 1,
            Kind::Seconds => first.checked_mul(hz).is_some(),
            Kind::Pair => first >= 0 && second >= 0 && (first < second || second == 0),
            Kind::Long | Kind::Cpus => true,
        }
    }

    /// The value that a new namespace begins with; other namespaces than the initial one have smaller tables.
    pub fn default_in(&self, initial: bool) -> Value {
        match self.kind {
            FACTOR if !initial => [-2, 0],
            _ => self.default,
        }
    }
}

/// The value of rvs's setting for one that IPVS takes: where rvs has a switch or a range, IPVS often takes any
/// number.
pub fn to_knob(knob: Knob, value: i32) -> u32 {
    match knob {
        // It means at least as much memory as there is none of.
        Knob::Amemthresh => value.max(0).unsigned_abs(),
        // IPVS drops everything at 1 and below, but nothing at 0.
        Knob::AmDroprate if value < 0 => 1,
        Knob::ConnReuseMode => value.unsigned_abs() & 3,
        _ if knob.max() == 1 => u32::from(value != 0),
        _ => value.max(0).unsigned_abs().min(knob.max()),
    }
}

/// What a setting reads: the value that was written, unless rvs's own has been changed since.
pub fn shown(knob: Knob, written: i32, now: u32) -> i32 {
    match to_knob(knob, written) == now {
        true => written,
        false => i32::try_from(now).unwrap_or(i32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str) -> Setting {
        *ALL.iter()
            .find(|setting| setting.name.to_str() == Ok(name))
            .unwrap()
    }

    #[test]
    fn numbers_that_have_names() {
        assert_eq!(ALL[CONN_LFACTOR].name, c"conn_lfactor");
        assert_eq!(ALL[SVC_LFACTOR].name, c"svc_lfactor");
    }

    #[test]
    fn defaults_are_allowed() {
        for setting in ALL {
            for initial in [true, false] {
                assert!(
                    setting.allows(setting.default_in(initial), 250),
                    "{:?}",
                    setting.name
                );
            }
            if let Some(knob) = setting.knob {
                assert_eq!(setting.name.to_str(), Ok(knob.name()));
                assert_eq!(to_knob(knob, setting.default[0]), knob.default_value());
            }
        }
    }

    /// What rvs is told is always a value that it takes, and what is read is what was written.
    #[test]
    fn every_value_becomes_one_of_rvs() {
        for setting in ALL {
            let Some(knob) = setting.knob else { continue };
            for value in [i32::MIN, -5, -1, 0, 1, 2, 3, 4, 7, 1 << 30, i32::MAX] {
                let there = to_knob(knob, value);
                assert!(knob.allows(there), "{:?} {value}", setting.name);
                assert_eq!(shown(knob, value, there), value);
            }
        }
        assert_eq!(shown(Knob::Conntrack, 5, 0), 0);
        assert_eq!(shown(Knob::DropEntry, 1, 2), 2);
    }

    /// IPVS behaviour: the ranges.
    #[test]
    fn ranges() {
        assert!(find("sync_ports").allows([128, 0], 250));
        assert!(!find("sync_ports").allows([0, 0], 250));
        assert!(!find("sync_ports").allows([6, 0], 250));
        assert!(!find("sync_ports").allows([i32::MIN, 0], 250));
        let threshold = find("sync_threshold");
        assert!(threshold.allows([5, 0], 250));
        assert!(threshold.allows([0, 0], 250));
        assert!(!threshold.allows([5, 5], 250));
        assert!(!threshold.allows([-1, 4], 250));
        assert!(find("sync_refresh_period").allows([-2, 0], 250));
        assert!(!find("sync_refresh_period").allows([8_589_935, 0], 250));
        assert_eq!(find("svc_lfactor").default_in(true), [-3, 0]);
        assert_eq!(find("svc_lfactor").default_in(false), [-2, 0]);
    }
}
