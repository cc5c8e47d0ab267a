// SPDX-License-Identifier: GPL-2.0

//! What names services, and destinations of a service.

use super::table::Rare;
use crate::logic::addr::{
    Addr,
    Endpoint,
    Family,
    Protocol, //
};

/// What names a service: protocol, virtual address and port, or a firewall mark.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServiceKey {
    pub(crate) family: Family,
    /// 0 for a firewall mark.
    pub(crate) protocol: Protocol,
    /// Virtual address and port; for a firewall mark that number in the place of an IPv4 address.
    pub(crate) endpoint: Endpoint,
}

impl ServiceKey {
    /// The key of the service for packets with this firewall mark.
    pub(crate) fn of_mark(family: Family, mark: u32) -> Self {
        Self {
            family,
            protocol: Protocol(0),
            endpoint: Endpoint::new(Addr::from_v4(mark.to_be_bytes()), 0),
        }
    }

    /// The firewall mark, if it is the key.
    pub(crate) fn mark(&self) -> Option<u32> {
        (self.protocol == Protocol(0)).then(|| u32::from_be_bytes(self.endpoint.addr.v4()))
    }

    /// Which of the rare kinds of services this is one of, for [`Rare`].
    pub(super) fn rare(&self) -> Option<usize> {
        let kind = match (self.mark(), self.endpoint.port) {
            (Some(_), _) => Rare::MARK,
            (None, 0) => Rare::ANY_PORT,
            (None, _) => return None,
        };
        Some(kind.wrapping_add(usize::from(self.family == Family::Ipv6)))
    }
}

/// What names a destination of a service, in an order.
pub(crate) type DestKey = (u16, [u64; 2], u16);

pub(crate) fn dest_key(family: Family, endpoint: Endpoint) -> DestKey {
    (family.af(), endpoint.addr.words(), endpoint.port)
}
