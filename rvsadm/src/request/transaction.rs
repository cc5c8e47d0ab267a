// SPDX-License-Identifier: GPL-2.0

//! Many changes that are made as one step, or not at all.

use super::{
    Config,
    Owner,
    ServerKey,
    ServerSpec,
    ServiceKey,
    ServiceSpec, //
};
use rvs_logic::logic::uapi::ChangeOp;

/// One change of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Add a service that is not there.
    ServiceNew(ServiceKey, ServiceSpec),
    /// Change a service that is there; what is not named stays.
    ServiceSet(ServiceKey, ServiceSpec),
    /// Add a service, or set everything about it; what is not named gets its default.
    ServicePut(ServiceKey, ServiceSpec),
    /// Remove a service and its servers.
    ServiceDel(ServiceKey),
    /// Add a server that is not there.
    ServerNew(ServiceKey, ServerSpec),
    /// Change a server that is there; what is not named stays.
    ServerSet(ServiceKey, ServerSpec),
    /// Add a server, or set everything about it; what is not named gets its default.
    ServerPut(ServiceKey, ServerSpec),
    /// Remove a server.
    ServerDel(ServiceKey, ServerKey),
    /// Change settings; what is not named stays.
    ConfigSet(Config),
}

impl Change {
    /// What it does, as the interface names it.
    pub const fn op(&self) -> ChangeOp {
        match self {
            Self::ServiceNew(..) => ChangeOp::ServiceNew,
            Self::ServiceSet(..) => ChangeOp::ServiceSet,
            Self::ServicePut(..) => ChangeOp::ServicePut,
            Self::ServiceDel(_) => ChangeOp::ServiceDel,
            Self::ServerNew(..) => ChangeOp::DestNew,
            Self::ServerSet(..) => ChangeOp::DestSet,
            Self::ServerPut(..) => ChangeOp::DestPut,
            Self::ServerDel(..) => ChangeOp::DestDel,
            Self::ConfigSet(_) => ChangeOp::ConfigSet,
        }
    }
}

/// Changes that are made as one step, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The changes.
    pub changes: Vec<Change>,
    /// The generation that the configuration must have.
    pub generation: Option<u32>,
    /// Only check whether it could be done.
    pub dry_run: bool,
    /// The owner of new objects; objects of others are not touched.
    pub owner: Option<Owner>,
    /// Also touch objects of others.
    pub force: bool,
}

impl From<Vec<Change>> for Transaction {
    fn from(changes: Vec<Change>) -> Self {
        Self {
            changes,
            ..Self::default()
        }
    }
}
