// SPDX-License-Identifier: GPL-2.0

//! Which multicast group an event is told to.

use super::uapi::EventKind;

/// A multicast group, by which events are numbered; in the order of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Changes of the configuration.
    Config = 0,
    /// What servers do.
    State = 1,
    /// How full the connection table is.
    Pressure = 2,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Config, Self::State, Self::Pressure];

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::State => "state",
            Self::Pressure => "pressure",
        }
    }

    /// The group to which an event of this kind is sent.
    pub const fn of(kind: EventKind) -> Self {
        match kind {
            EventKind::ServiceAdded
            | EventKind::ServiceChanged
            | EventKind::ServiceRemoved
            | EventKind::DestAdded
            | EventKind::DestChanged
            | EventKind::DestRemoved
            | EventKind::ConfigChanged
            | EventKind::Committed => Self::Config,
            EventKind::Pressure | EventKind::PressureOver => Self::Pressure,
            _ => Self::State,
        }
    }
}
