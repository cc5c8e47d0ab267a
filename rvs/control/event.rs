// SPDX-License-Identifier: GPL-2.0

//! Events: what happens is told to the multicast groups of the netlink family.
//!
//! Events of a group are numbered one by one, whether or not anybody listens, so that a listener sees that it
//! has lost some. They are sent under the control lock: their order is that of what they tell of.

use super::{
    write,
    Control, //
};
use crate::{
    dest::Dest,
    logic::{
        event::Group,
        nla::{
            Full,
            Writer, //
        },
        uapi::{
            self,
            EventKind, //
        }, //
    },
    net::Net,
    service::{
        Service,
        ServiceKey, //
    },
    sys::genl, //
};

/// The numbers of the last events of each group.
#[derive(Default)]
pub(super) struct Events([u64; 3]);

/// Room for an event.
const ROOM: u32 = 3072;

/// Writes the key of a service.
fn service_key(to: &mut Writer<'_>, key: &ServiceKey) -> Result<(), Full> {
    let nest = to.nest_start(uapi::event::SERVICE)?;
    write::service_key(to, key)?;
    to.nest_end(nest)
}

/// Writes the key of a destination.
fn dest_key(to: &mut Writer<'_>, dest: &Dest) -> Result<(), Full> {
    let nest = to.nest_start(uapi::event::DEST)?;
    let kinds = [uapi::dest::ADDR, uapi::dest::PORT];
    write::endpoint(to, kinds, dest.family(), dest.endpoint())?;
    to.put_u16(uapi::dest::FAMILY, dest.family().af())?;
    to.nest_end(nest)
}

impl Control {
    /// Sends an event with what `fill` writes.
    pub(super) fn emit(
        &mut self,
        net: &Net,
        kind: EventKind,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
    ) {
        // CAST: the discriminants of this enum are the numbers of the groups.
        let index = Group::of(kind) as u32;
        let generation = self.generation;
        let Some(number) = self.events.0.get_mut(crate::logic::num::index(index)) else {
            return;
        };
        *number = number.wrapping_add(1);
        let number = *number;
        if !genl::has_listeners(&net.namespace, index) {
            return;
        }
        genl::publish(&net.namespace, index, ROOM, |to| {
            let nest = to.nest_start(uapi::rvs::EVENT)?;
            to.put_u8(uapi::event::KIND, kind.value())?;
            to.put_u32(uapi::event::GENERATION, generation)?;
            to.put_u64(uapi::event::NUMBER, number)?;
            fill(to)?;
            to.nest_end(nest)
        });
    }

    /// Tells of the state of a service, or of a destination with so many connections.
    pub(super) fn tell(
        &mut self,
        net: &Net,
        kind: EventKind,
        service: &Service,
        dest: Option<(&Dest, u32)>,
    ) {
        self.emit(net, kind, |to| {
            service_key(to, &service.key)?;
            let Some((dest, conns)) = dest else {
                return Ok(());
            };
            dest_key(to, dest)?;
            to.put_u32(uapi::event::CONNS, conns)?;
            match dest.spec().upper {
                0 => Ok(()),
                upper => to.put_u32(uapi::event::LIMIT, upper),
            }
        });
    }

    /// Tells of the pressure of so many connections, that has risen or fallen.
    pub(crate) fn tell_pressure(&mut self, net: &Net, risen: bool, conns: u32, limit: u32) {
        let kind = match risen {
            true => EventKind::Pressure,
            false => EventKind::PressureOver,
        };
        self.emit(net, kind, |to| {
            to.put_u32(uapi::event::CONNS, conns)?;
            to.put_u32(uapi::event::LIMIT, limit)
        });
    }

    /// Tells of a change of a service: the whole of it, or its key if it has been removed.
    pub(super) fn tell_service(&mut self, net: &Net, kind: EventKind, service: &Service) {
        self.emit(net, kind, |to| match kind {
            EventKind::ServiceRemoved => service_key(to, &service.key),
            _ => write::service_as(to, uapi::event::SERVICE, service),
        });
    }

    /// Tells of a change of a destination: the whole of it, or its key if it has been removed.
    pub(super) fn tell_dest(
        &mut self,
        net: &Net,
        kind: EventKind,
        service: &ServiceKey,
        dest: &Dest,
    ) {
        self.emit(net, kind, |to| {
            service_key(to, service)?;
            match kind {
                EventKind::DestRemoved => dest_key(to, dest),
                _ => write::dest_as(to, uapi::event::DEST, dest),
            }
        });
    }

    /// Tells that a step is complete.
    pub(super) fn tell_committed(&mut self, net: &Net) {
        self.emit(net, EventKind::Committed, |_| Ok(()));
    }

    /// Tells that settings of the namespace have changed.
    pub(super) fn tell_config(&mut self, net: &Net) {
        self.emit(net, EventKind::ConfigChanged, |_| Ok(()));
    }
}
