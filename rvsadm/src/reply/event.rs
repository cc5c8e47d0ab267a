// SPDX-License-Identifier: GPL-2.0

//! Something that happened.

use super::{
    nest::Nest,
    read::{
        server_key,
        service_key, //
    },
};
use crate::{
    error::Error,
    request::{
        ServerKey,
        ServiceKey, //
    },
};
pub use rvs_logic::logic::event::Group;
use rvs_logic::logic::{
    addr::Family,
    nla::Attrs,
    uapi::{
        self,
        event as id,
        EventKind, //
    },
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// The generation of the configuration.
    pub generation: Option<u32>,
    /// Its number in its group.
    pub number: Option<u64>,
    /// The service.
    pub service: Option<ServiceKey>,
    /// The server.
    pub server: Option<ServerKey>,
    /// How many connections there are.
    pub conns: Option<u32>,
    /// What they are compared with.
    pub limit: Option<u32>,
}

impl Event {
    /// Reads the attributes of one message; `None` is an event that a newer kernel knows.
    pub fn read(message: &[u8]) -> Result<Option<Self>, Error> {
        let top = Attrs::new(message);
        let nest = Nest::open(&top, uapi::rvs::EVENT, ("event", id::ATTRIBUTES))?;
        let Some(kind) = EventKind::from_u8(nest.u8(id::KIND)?) else {
            return Ok(None);
        };
        let service = nest.inner(id::SERVICE, ("service", uapi::service::ATTRIBUTES));
        let service = service.as_ref().map(service_key).transpose()?;
        let family = service.map_or(Family::Ipv4, |key| key.family);
        let server = nest.inner(id::DEST, ("dest", uapi::dest::ATTRIBUTES));
        Ok(Some(Self {
            kind,
            generation: nest.optional(id::GENERATION, |attr| attr.u32())?,
            number: nest.optional(id::NUMBER, |attr| attr.u64())?,
            service,
            server: server
                .map(|server| server_key(&server, family))
                .transpose()?,
            conns: nest.optional(id::CONNS, |attr| attr.u32())?,
            limit: nest.optional(id::LIMIT, |attr| attr.u32())?,
        }))
    }
}
