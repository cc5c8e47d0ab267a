// SPDX-License-Identifier: GPL-2.0

//! Talking to the kernel: requests out, answers in, over any [`Transport`].

pub mod extack;
pub mod firewall;
pub mod listen;
pub mod message;
pub mod replay;
pub mod route;
pub mod socket;

use crate::{
    error::Error,
    request::Request, //
};
use extack::Refusal;
use message::{
    Message,
    Messages,
    Outgoing, //
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

/// Carries netlink datagrams. The kernel is at the other end, or a recording of it.
pub trait Transport {
    /// Sends one message.
    fn send(&mut self, message: &[u8]) -> io::Result<()>;

    /// Receives one datagram, which may hold several messages, and returns its length.
    ///
    /// A length above that of `buffer` means that the datagram was cut.
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Above everything that the kernel puts into one datagram of a dump (32 KiB).
const BUFFER_LEN: usize = 64 * 1024;

/// How often a listing is read again because its table changed meanwhile.
const DUMP_ATTEMPTS: u32 = 10;

/// The command of the generic netlink controller that looks a family up.
const CTRL_GET_FAMILY: u8 = 3;
const CTRL_VERSION: u8 = 2;
const CTRL_ATTR_FAMILY_ID: u16 = 1;
const CTRL_ATTR_FAMILY_NAME: u16 = 2;
/// Room for that attribute.
const CTRL_ROOM: usize = 64;
const CTRL_ATTR_MCAST_GROUPS: u16 = 7;
const CTRL_ATTR_MCAST_GRP_NAME: u16 = 1;
const CTRL_ATTR_MCAST_GRP_ID: u16 = 2;

/// What the controller says of a family.
struct Family {
    number: u16,
    groups: BTreeMap<String, u32>,
}

impl Family {
    /// Reads the attributes of one message.
    fn read(message: &[u8]) -> Result<Self, Error> {
        let attrs = Attrs::new(message);
        let number = attrs.find(CTRL_ATTR_FAMILY_ID).and_then(|id| id.u16());
        let groups = attrs.find(CTRL_ATTR_MCAST_GROUPS);
        let groups = groups.into_iter().flat_map(|all| all.attrs().flatten());
        let groups = groups.filter_map(|group| {
            let name = group.attrs().find(CTRL_ATTR_MCAST_GRP_NAME)?.str()?;
            let id = group.attrs().find(CTRL_ATTR_MCAST_GRP_ID)?.u32()?;
            Some((name.to_owned(), id))
        });
        Ok(Self {
            number: number.ok_or_else(|| Error::garbled("the netlink family has no number"))?,
            groups: groups.collect(),
        })
    }
}

/// A connection to the netlink family of rvs.
pub struct Connection<T> {
    transport: T,
    family: Family,
    sequence: u32,
    buffer: Vec<u8>,
}

/// What came back for one request.
struct Answer {
    /// The attributes of each message.
    messages: Vec<Vec<u8>>,
    /// The table changed while the kernel listed it.
    interrupted: bool,
}

impl<T: Transport> Connection<T> {
    /// Looks up the family of rvs, which makes the kernel load the module if it can.
    pub fn connect(transport: T) -> Result<Self, Error> {
        let mut connection = Self {
            transport,
            family: Family {
                number: message::GENL_ID_CTRL,
                groups: BTreeMap::new(),
            },
            sequence: 0,
            buffer: vec![0; BUFFER_LEN],
        };
        connection.family = connection.find_family()?;
        Ok(connection)
    }

    /// Sends a request and returns the attributes of every message of the answer.
    pub fn exchange(&mut self, request: &Request) -> Result<Vec<Vec<u8>>, Error> {
        let flags = if request.is_dump() {
            message::F_DUMP
        } else {
            message::F_ACK
        };
        for _attempt in 0..DUMP_ATTEMPTS {
            let sent = self
                .outgoing(flags, request.command(), uapi::FAMILY_VERSION)
                .finish(request.room(), |to| request.write(to))?;
            let answer = self.transact(&sent).map_err(explain)?;
            if !answer.interrupted {
                return Ok(answer.messages);
            }
        }
        Err(Error::Unreachable(
            "the tables of rvs change too fast to be listed; try again".to_owned(),
        ))
    }

    /// The transport, to look at what it recorded.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// The transport and what the family is like.
    fn into_parts(self) -> (T, Family) {
        (self.transport, self.family)
    }

    fn find_family(&mut self) -> Result<Family, Error> {
        let sent = self
            .outgoing(message::F_ACK, CTRL_GET_FAMILY, CTRL_VERSION)
            .finish(CTRL_ROOM, |to| {
                to.put_str(CTRL_ATTR_FAMILY_NAME, uapi::FAMILY_NAME)
            })?;
        let answer = self.transact(&sent).map_err(|error| match error.errno() {
            Some(errno) if errno == Errno::NOENT.raw_os_error() => Error::NotLoaded,
            _ => error,
        })?;
        Family::read(answer.messages.first().map_or(&[], Vec::as_slice))
    }

    fn outgoing(&mut self, flags: u16, command: u8, version: u8) -> Outgoing {
        self.sequence = self.sequence.wrapping_add(1);
        Outgoing {
            kind: self.family.number,
            flags,
            sequence: self.sequence,
            command,
            version,
        }
    }

    fn transact(&mut self, sent: &[u8]) -> Result<Answer, Error> {
        self.transport
            .send(sent)
            .map_err(|cause| Error::unreachable("cannot send to the kernel", &cause))?;
        let mut answer = Answer {
            messages: Vec::new(),
            interrupted: false,
        };
        loop {
            let length = self.receive()?;
            let datagram = self.buffer.get(..length).unwrap_or(&self.buffer);
            for message in Messages::new(datagram) {
                let message = message.ok_or_else(|| Error::garbled("a message is cut off"))?;
                if message.sequence == self.sequence && answer.take(&message, sent)? {
                    return Ok(answer);
                }
            }
        }
    }

    fn receive(&mut self) -> Result<usize, Error> {
        loop {
            match self.transport.receive(&mut self.buffer) {
                Ok(length) if length <= self.buffer.len() => return Ok(length),
                Ok(_) => return Err(Error::garbled("a datagram is too long")),
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => {
                    return Err(Error::unreachable("cannot receive from the kernel", &cause))
                }
            }
        }
    }
}

impl Answer {
    /// Takes in one message; true if it was the last one.
    fn take(&mut self, message: &Message<'_>, sent: &[u8]) -> Result<bool, Error> {
        self.interrupted |= message.flags & message::F_DUMP_INTR != 0;
        match message.kind {
            message::ERROR | message::DONE => {
                let errno = message
                    .errno()
                    .ok_or_else(|| Error::garbled("an acknowledgement is too short"))?;
                if errno != 0 {
                    return Err(Error::Refused(Refusal::read(errno, message, sent)));
                }
                Ok(true)
            }
            kind if kind < message::FIRST_FAMILY => Ok(false),
            _ => {
                let attrs = message.payload.get(message::GENL_HEADER_LEN..);
                self.messages.push(attrs.unwrap_or(&[]).to_vec());
                Ok(false)
            }
        }
    }
}

/// A refusal that says nothing about the request itself.
///
/// rvs says why it refuses what belongs to another owner; netlink does not say why it lets
/// nobody in.
fn explain(error: Error) -> Error {
    match error {
        Error::Refused(Refusal { errno, text, .. })
            if errno == Errno::PERM.raw_os_error() && text.is_none() =>
        {
            Error::NotPermitted
        }
        error => error,
    }
}
