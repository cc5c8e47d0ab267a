// SPDX-License-Identifier: GPL-2.0

//! The arguments of commands that are more than a request and an answer.

use super::{
    args::LevelName,
    complete, //
};
use crate::{
    doctor::{
        Address,
        Question, //
    },
    exporter::Offer,
    monitor::Wish,
    reply::Group,
};
use clap::{
    Args,
    ValueEnum, //
};
use clap_complete::engine::ArgValueCompleter;
use rvs_logic::logic::addr::{
    Addr,
    Family, //
};
use std::net::{
    IpAddr,
    SocketAddr, //
};

/// What the doctor looks at.
#[derive(Clone, Debug, Args)]
pub(super) struct DoctorArgs {
    /// This host is a server for the virtual address (direct routing, tunnels)
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address,
        add = ArgValueCompleter::new(complete::vips))]
    vip: Vec<Address>,
}

impl DoctorArgs {
    pub(super) fn question(self, json: bool, netns: Option<&str>) -> Question {
        Question {
            netns: netns.map(str::to_owned),
            vips: self.vip,
            json,
        }
    }
}

/// A group of events.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum GroupName {
    /// Changes of services, servers and settings
    Config,
    /// Servers that are full, drain, or have gone; services without one
    State,
    /// How near connections are to the limit
    Pressure,
}

impl From<GroupName> for Group {
    fn from(name: GroupName) -> Self {
        match name {
            GroupName::Config => Self::Config,
            GroupName::State => Self::State,
            GroupName::Pressure => Self::Pressure,
        }
    }
}

/// What to tell of.
#[derive(Clone, Debug, Args)]
pub(super) struct MonitorArgs {
    /// Only events of these groups
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    group: Vec<GroupName>,
    /// End after so many events
    #[arg(long, value_name = "NUMBER")]
    count: Option<u64>,
}

impl MonitorArgs {
    pub(super) fn wish(self, json: bool) -> Wish {
        let mut groups: Vec<Group> = self.group.into_iter().map(Group::from).collect();
        groups.sort();
        groups.dedup();
        if groups.is_empty() {
            groups.extend(Group::ALL);
        }
        Wish {
            groups,
            count: self.count,
            json,
        }
    }
}

/// What the exporter serves.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ExporterArgs {
    /// Where to listen, in the present network namespace; port 0 is any
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9877")]
    listen: SocketAddr,
    /// How finely
    #[arg(long, value_name = "LEVEL", default_value = "total")]
    level: LevelName,
}

impl From<ExporterArgs> for Offer {
    fn from(args: ExporterArgs) -> Self {
        Self {
            listen: args.listen,
            level: args.level.into(),
        }
    }
}

fn parse_address(text: &str) -> Result<Address, String> {
    let address = text.parse().map_err(|_| "not an IP address")?;
    Ok(match address {
        IpAddr::V4(v4) => (Family::Ipv4, Addr::from_v4(v4.octets())),
        IpAddr::V6(v6) => (Family::Ipv6, Addr::from_v6(v6.octets())),
    })
}
