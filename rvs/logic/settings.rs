// SPDX-License-Identifier: GPL-2.0

//! The settings of a namespace: their names, defaults and ranges.
//!
//! Each one is a file of its name in `/proc/sys/net/rvs`; `Documentation/sysctl.md` has a section
//! about each.

macro_rules! knobs {
    ($($(#[$doc:meta])* $knob:ident = $name:literal, $default:expr, 0..=$max:expr;)*) => {
        /// A setting.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Knob {
            $($(#[$doc])* $knob,)*
        }

        impl Knob {
            /// All settings, in the order of their numbers.
            pub const ALL: [Self; Self::COUNT] = [$(Self::$knob),*];

            /// Number of settings.
            pub const COUNT: usize = [$($name),*].len();

            /// The names of all settings one behind the other, each ended by a zero byte.
            pub const NAMES: &'static str = concat!($($name, "\0"),*);

            /// The name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$knob => $name,)*
                }
            }

            /// The value that a new namespace begins with.
            pub const fn default_value(self) -> u32 {
                match self {
                    $(Self::$knob => $default,)*
                }
            }

            /// The largest value; the smallest is 0.
            pub const fn max(self) -> u32 {
                match self {
                    $(Self::$knob => $max,)*
                }
            }
        }
    };
}

/// Largest value of a number without a limit of its own.
const ANY: u32 = i32::MAX.unsigned_abs();

/// Most connections that a namespace can be allowed.
pub const CONN_MAX: u32 = 1 << 30;

knobs! {
    /// One of so many new connections is refused while `drop_packet` is 3.
    AmDroprate = "am_droprate", 10, 0..=ANY;
    /// Pages of free and buffer memory below which memory counts as low.
    Amemthresh = "amemthresh", 1024, 0..=ANY;
    /// Most connections.
    ConnMax = "conn_max", CONN_MAX, 0..=CONN_MAX;
    /// When a SYN on an old connection's ports begins a new one; a set of bits.
    ConnReuseMode = "conn_reuse_mode", 1, 0..=3;
    /// Whether nf_conntrack follows balanced connections.
    Conntrack = "conntrack", 0, 0..=1;
    /// When unfinished connections are given up.
    DropEntry = "drop_entry", 0, 0..=3;
    /// When some of the new connections are refused.
    DropPacket = "drop_packet", 0, 0..=3;
    /// Whether connections end together with the removal of their server.
    ExpireNodestConn = "expire_nodest_conn", 0, 0..=1;
    /// Whether packets of other protocols are never balanced again inside this host.
    IgnoreTunneled = "ignore_tunneled", 0, 0..=1;
    /// Whether servers learn by ICMP that nobody waits for their answer.
    NatIcmpSend = "nat_icmp_send", 0, 0..=1;
    /// Whether packets in tunnels keep "don't fragment".
    PmtuDisc = "pmtu_disc", 1, 0..=1;
    /// Whether an ICMP error can begin a connection.
    ScheduleIcmp = "schedule_icmp", 0, 0..=1;
    /// When TCP is followed by the secure state table.
    SecureTcp = "secure_tcp", 0, 0..=3;
    /// Whether SCTP packets other than INIT can begin a connection.
    SloppySctp = "sloppy_sctp", 0, 0..=1;
    /// Whether TCP packets other than SYN can begin a connection.
    SloppyTcp = "sloppy_tcp", 0, 0..=1;
    /// Whether answers of servers are routed as if this host had sent them.
    SnatReroute = "snat_reroute", 1, 0..=1;
}

impl Knob {
    /// The setting with this number.
    pub fn from_index(index: u32) -> Option<Self> {
        Self::ALL.get(super::num::index(index)).copied()
    }

    /// The number of the setting.
    #[inline]
    pub const fn index(self) -> usize {
        // CAST: the discriminants of this enum are the numbers.
        self as usize
    }

    /// Whether the setting is about defence against overload.
    pub const fn is_defense(self) -> bool {
        matches!(
            self,
            Self::Amemthresh
                | Self::AmDroprate
                | Self::DropEntry
                | Self::DropPacket
                | Self::SecureTcp
        )
    }

    /// Whether the setting may have this value.
    pub const fn allows(self, value: u32) -> bool {
        value <= self.max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn numbers_name_settings() {
        for (number, knob) in (0u32..).zip(Knob::ALL) {
            assert_eq!(Knob::from_index(number), Some(knob));
            assert_eq!(knob.index(), usize::try_from(number).unwrap());
        }
        let count = u32::try_from(Knob::COUNT).unwrap();
        assert_eq!(Knob::from_index(count), None);
        assert_eq!(Knob::from_index(u32::MAX), None);
    }

    #[test]
    fn names_are_sorted_and_terminated() {
        let names: Vec<_> = Knob::NAMES.split_terminator('\0').collect();
        assert!(Knob::NAMES.ends_with('\0'));
        assert_eq!(names, Knob::ALL.map(Knob::name));
        assert!(names.is_sorted());
    }

    #[test]
    fn defaults_are_in_range() {
        for knob in Knob::ALL {
            assert!(knob.allows(0));
            assert!(knob.allows(knob.default_value()), "{}", knob.name());
            assert!(!knob.allows(knob.max() + 1), "{}", knob.name());
            // They are read and written as an int.
            assert!(i32::try_from(knob.max()).is_ok(), "{}", knob.name());
        }
    }

    /// IPVS behaviour: the defaults of the settings that both have.
    #[test]
    fn defaults_are_those_of_ipvs() {
        let not_zero = [
            ("amemthresh", 1024),
            ("am_droprate", 10),
            ("conn_max", 1 << 30),
            ("conn_reuse_mode", 1),
            ("pmtu_disc", 1),
            ("snat_reroute", 1),
        ];
        for knob in Knob::ALL {
            let want = not_zero
                .iter()
                .find(|(name, _)| *name == knob.name())
                .map_or(0, |(_, value)| *value);
            assert_eq!(knob.default_value(), want, "{}", knob.name());
        }
    }
}
