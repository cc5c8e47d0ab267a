// SPDX-License-Identifier: GPL-2.0

//! What would become of a packet.

use super::{
    nest::Nest,
    read::{
        conn,
        server_key,
        service_key, //
    },
    Conn, //
};
use crate::{
    error::Error,
    request::{
        ServerKey,
        ServiceKey, //
    },
};
use rvs_logic::logic::{
    addr::{
        Addr,
        Family, //
    },
    nla::{
        Attr,
        Attrs, //
    },
    uapi::{
        self,
        explanation as id,
        DropReason,
        FlowFound,
        Method,
        Verdict, //
    },
};

/// The way on which the packet would leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Index of the device.
    pub device: Option<u32>,
    /// The next hop.
    pub via: Option<(Family, Addr)>,
    /// Source address of the outer header.
    pub source: Option<(Family, Addr)>,
    /// Path MTU.
    pub mtu: Option<u32>,
}

/// What would become of a packet, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What.
    pub verdict: Verdict,
    /// By what the server is known.
    pub found: Option<FlowFound>,
    /// The service that matched.
    pub service: Option<ServiceKey>,
    /// The scheduler of that service.
    pub scheduler: Option<String>,
    /// The server.
    pub server: Option<ServerKey>,
    /// The connection that was found.
    pub conn: Option<Conn>,
    /// Whether the server is drawn anew for every packet.
    pub random: bool,
    /// How the packet reaches the server.
    pub method: Option<Method>,
    /// The counter that would count up.
    pub reason: Option<DropReason>,
    /// All of it in a sentence.
    pub text: Option<String>,
    /// The way to the server.
    pub way: Way,
}

impl Explanation {
    /// Reads the attributes of one message about a packet of `family`.
    pub fn read(message: &[u8], family: Family) -> Result<Self, Error> {
        let top = Attrs::new(message);
        let set = ("explanation", id::ATTRIBUTES);
        let nest = Nest::open(&top, uapi::rvs::EXPLANATION, set)?;
        let service = nest.inner(id::SERVICE, ("service", uapi::service::ATTRIBUTES));
        let server = nest.inner(id::DEST, ("dest", uapi::dest::ATTRIBUTES));
        let known = nest.inner(id::CONN, ("conn", uapi::conn::ATTRIBUTES));
        let scheduler = service.as_ref().map(|service| {
            let kind = uapi::service::SCHEDULER;
            service.optional(kind, |attr| attr.str().map(str::to_owned))
        });
        Ok(Self {
            verdict: nest.get(id::VERDICT, |attr| attr.u8().and_then(Verdict::from_u8))?,
            found: nest.optional(id::FOUND, |attr| attr.u8().and_then(FlowFound::from_u8))?,
            service: service.as_ref().map(service_key).transpose()?,
            scheduler: scheduler.transpose()?.flatten(),
            server: server
                .map(|server| server_key(&server, family))
                .transpose()?,
            conn: known.map(|known| conn(&known)).transpose()?,
            random: nest.optional(id::RANDOM, |attr| attr.u8())? == Some(1),
            method: nest.optional(id::METHOD, |attr| attr.u8().and_then(Method::from_u8))?,
            reason: nest.optional(id::REASON, |attr| attr.u8().and_then(DropReason::from_u8))?,
            text: nest.optional(id::TEXT, |attr| attr.str().map(str::to_owned))?,
            way: way(&nest)?,
        })
    }
}

fn way(nest: &Nest<'_>) -> Result<Way, Error> {
    Ok(Way {
        device: nest.optional(id::ROUTE_DEV, |attr| attr.u32())?,
        via: nest.optional(id::ROUTE_VIA, address)?,
        source: nest.optional(id::ROUTE_SOURCE, address)?,
        mtu: nest.optional(id::ROUTE_MTU, |attr| attr.u32())?,
    })
}

/// An address whose length says its family.
fn address(attr: Attr<'_>) -> Option<(Family, Addr)> {
    let family = match attr.payload.len() {
        4 => Family::Ipv4,
        _ => Family::Ipv6,
    };
    Some((family, Addr::from_slice(family, attr.payload)?))
}
