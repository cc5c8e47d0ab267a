// SPDX-License-Identifier: GPL-2.0

//! Listening to what the kernel tells everybody: the multicast groups of the family.

use super::{
    message::{
        self,
        Message,
        Messages, //
    },
    socket::Socket,
    Connection,
    Family,
    Transport,
    BUFFER_LEN, //
};
use crate::{
    error::Error,
    reply::{
        Event,
        Group, //
    },
};
use rustix::io::Errno;
use rvs_logic::logic::{
    nla::Attrs,
    uapi, //
};
use std::{
    collections::BTreeMap,
    io, //
};

/// The group of the generic netlink controller, by which families come and go.
const CTRL_GROUP: u32 = 16;
const CTRL_NEW_FAMILY: u8 = 1;
const CTRL_DEL_FAMILY: u8 = 2;

/// A transport that can hear groups.
pub trait Ears: Transport {
    /// Hears this group from now on.
    fn join(&mut self, group: u32) -> io::Result<()>;
}

impl Ears for Socket {
    fn join(&mut self, group: u32) -> io::Result<()> {
        Self::join(self, group)
    }
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something happened.
    Event(Event),
    /// The kernel could not deliver some events, of which groups is not known.
    Overrun,
    /// These many events of a group are missing before the next one.
    Lost(Group, u64),
    /// The module was unloaded.
    Gone,
    /// The module was loaded.
    Back,
}

/// Hears the events of some groups.
pub struct Listener<T> {
    transport: T,
    family: u16,
    groups: Vec<Group>,
    /// The number of the last event of each group.
    last: BTreeMap<Group, u64>,
    buffer: Vec<u8>,
}

impl<T: Ears> Listener<T> {
    /// Hears these groups from now on.
    pub fn open(transport: T, groups: Vec<Group>) -> Result<Self, Error> {
        let (mut transport, family) = Connection::connect(transport)?.into_parts();
        transport.join(CTRL_GROUP).map_err(deaf)?;
        let mut listener = Self {
            transport,
            family: 0,
            groups,
            last: BTreeMap::new(),
            buffer: vec![0; BUFFER_LEN],
        };
        listener.join(&family)?;
        Ok(listener)
    }

    fn join(&mut self, family: &Family) -> Result<(), Error> {
        self.family = family.number;
        self.last.clear();
        for group in &self.groups {
            let number = family
                .groups
                .get(group.name())
                .ok_or_else(|| Error::Lacking("this kernel module tells no events".to_owned()))?;
            self.transport.join(*number).map_err(deaf)?;
        }
        Ok(())
    }

    /// Waits until something is heard.
    pub fn hear(&mut self) -> Result<Vec<Heard>, Error> {
        let mut heard = Vec::new();
        while heard.is_empty() {
            let length = match self.transport.receive(&mut self.buffer) {
                Ok(length) => length,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) if cause.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => {
                    heard.push(Heard::Overrun);
                    break;
                }
                Err(cause) => {
                    return Err(Error::unreachable("cannot receive from the kernel", &cause))
                }
            };
            let datagram = self.buffer.get(..length);
            let datagram = datagram.ok_or_else(|| Error::garbled("a datagram is too long"))?;
            // A copy, because a message may change what is listened to.
            let datagram = datagram.to_vec();
            for message in Messages::new(&datagram) {
                let message = message.ok_or_else(|| Error::garbled("a message is cut off"))?;
                self.take(&message, &mut heard)?;
            }
        }
        Ok(heard)
    }

    fn take(&mut self, message: &Message<'_>, heard: &mut Vec<Heard>) -> Result<(), Error> {
        let attrs = message.payload.get(message::GENL_HEADER_LEN..);
        let attrs = attrs.unwrap_or_default();
        if message.kind == message::GENL_ID_CTRL {
            return self.news(message.payload.first().copied(), attrs, heard);
        }
        if message.kind != self.family {
            return Ok(());
        }
        let Some(event) = Event::read(attrs)? else {
            // One that a newer kernel knows, of whatever group.
            self.last.clear();
            return Ok(());
        };
        let group = Group::of(event.kind);
        if let Some(number) = event.number {
            let before = self.last.insert(group, number);
            let missing = before.map(|before| number.wrapping_sub(before).wrapping_sub(1));
            if let Some(count) = missing.filter(|count| *count != 0) {
                heard.push(Heard::Lost(group, count));
            }
        }
        heard.push(Heard::Event(event));
        Ok(())
    }

    /// A family came or went.
    fn news(
        &mut self,
        command: Option<u8>,
        attrs: &[u8],
        heard: &mut Vec<Heard>,
    ) -> Result<(), Error> {
        let name = Attrs::new(attrs).find(super::CTRL_ATTR_FAMILY_NAME);
        if name.and_then(|name| name.str()) != Some(uapi::FAMILY_NAME) {
            return Ok(());
        }
        match command {
            Some(CTRL_DEL_FAMILY) => heard.push(Heard::Gone),
            Some(CTRL_NEW_FAMILY) => {
                self.join(&Family::read(attrs)?)?;
                heard.push(Heard::Back);
            }
            _ => {}
        }
        Ok(())
    }
}

fn deaf(cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::PermissionDenied => Error::NotPermitted,
        _ => Error::unreachable("cannot listen to events", &cause),
    }
}
