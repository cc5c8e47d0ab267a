// SPDX-License-Identifier: GPL-2.0

//! Netlink messages (`include/uapi/linux/netlink.h`) with the generic netlink header.

use crate::error::Error;
use rvs_logic::logic::nla::{
    Full,
    Writer, //
};

/// The family that looks families up.
pub const GENL_ID_CTRL: u16 = 16;
/// The lowest type that is a family's; those below belong to netlink itself.
pub const FIRST_FAMILY: u16 = 16;
/// The type of an acknowledgement, good or bad.
pub const ERROR: u16 = 2;
/// The type of the end of a listing.
pub const DONE: u16 = 3;

/// This is a request.
pub const F_REQUEST: u16 = 0x1;
/// One of several messages.
pub const F_MULTI: u16 = 0x2;
/// An acknowledgement is wanted.
pub const F_ACK: u16 = 0x4;
/// The table changed during the listing.
pub const F_DUMP_INTR: u16 = 0x10;
/// A listing is wanted.
pub const F_DUMP: u16 = 0x300;
/// The acknowledgement repeats only the header of the request.
pub const F_CAPPED: u16 = 0x100;
/// The acknowledgement carries attributes.
pub const F_ACK_TLVS: u16 = 0x200;

/// The length of the netlink header.
pub const HEADER_LEN: usize = 16;
/// The length of the generic netlink header.
pub const GENL_HEADER_LEN: usize = 4;

/// A message that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The type: a family, or one of netlink's own.
    pub kind: u16,
    /// The flags.
    pub flags: u16,
    /// The number of the request that this answers.
    pub sequence: u32,
    /// What follows the header.
    pub payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// The error number of an acknowledgement or of the end of a listing.
    pub fn errno(&self) -> Option<i32> {
        let code = self.payload.first_chunk().copied().map(i32::from_ne_bytes);
        match (code, self.kind) {
            // An old kernel ends a listing without a number.
            (None, DONE) => Some(0),
            // The end of a listing may carry a count that is no error.
            (Some(code), DONE) if code > 0 => Some(0),
            (code, _) => code?.checked_neg(),
        }
    }

    /// The attributes of an acknowledgement, which explain it.
    pub fn explanation(&self) -> &'a [u8] {
        if self.flags & F_ACK_TLVS == 0 {
            return &[];
        }
        let request = self.payload.get(4..).unwrap_or(&[]);
        let repeated = match self.kind {
            DONE => Some(0),
            _ if self.flags & F_CAPPED != 0 => Some(HEADER_LEN),
            _ => length(request).map(|length| length.next_multiple_of(4)),
        };
        repeated
            .and_then(|repeated| request.get(repeated..))
            .unwrap_or(&[])
    }
}

/// Walks the messages of a datagram; `None` is a message that is cut off.
pub struct Messages<'a> {
    rest: &'a [u8],
}

impl<'a> Messages<'a> {
    /// Walks `datagram`.
    pub const fn new(datagram: &'a [u8]) -> Self {
        Self { rest: datagram }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Option<Message<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let parsed = split(self.rest);
        self.rest = parsed.map_or(&[], |(_, rest)| rest);
        Some(parsed.map(|(message, _)| message))
    }
}

/// The message at the front, and what follows it.
fn split(bytes: &[u8]) -> Option<(Message<'_>, &[u8])> {
    let length = length(bytes)?;
    let [_, _, _, _, k0, k1, f0, f1, s0, s1, s2, s3, ..] = *bytes.first_chunk::<HEADER_LEN>()?;
    let message = Message {
        kind: u16::from_ne_bytes([k0, k1]),
        flags: u16::from_ne_bytes([f0, f1]),
        sequence: u32::from_ne_bytes([s0, s1, s2, s3]),
        payload: bytes.get(HEADER_LEN..length)?,
    };
    let rest = bytes.get(length.next_multiple_of(4)..).unwrap_or(&[]);
    Some((message, rest))
}

/// The length that a message states, header included.
fn length(bytes: &[u8]) -> Option<usize> {
    let field = bytes.first_chunk().copied().map(u32::from_ne_bytes)?;
    usize::try_from(field).ok()
}

/// The headers of a request.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing {
    /// The number of the family.
    pub kind: u16,
    /// Flags besides [`F_REQUEST`].
    pub flags: u16,
    /// The number of the request.
    pub sequence: u32,
    /// The command of the family.
    pub command: u8,
    /// The version of the family.
    pub version: u8,
}

impl Outgoing {
    /// The whole message, with the attributes that `write` writes into `room` bytes.
    pub fn finish(
        self,
        room: usize,
        write: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
    ) -> Result<Vec<u8>, Error> {
        let front = HEADER_LEN.saturating_add(GENL_HEADER_LEN);
        let mut message = vec![0; front.saturating_add(room)];
        let mut writer = Writer::new(message.get_mut(front..).unwrap_or_default());
        write(&mut writer).map_err(|Full| Error::usage("an argument is too long"))?;
        let length = front.saturating_add(writer.len());
        let flags = self.flags | F_REQUEST;
        let header = header(self.kind, flags, self.sequence, length)?;
        let generic = [self.command, self.version, 0, 0];
        for (to, from) in message.iter_mut().zip(header.into_iter().chain(generic)) {
            *to = from;
        }
        message.truncate(length);
        Ok(message)
    }
}

/// A message with this header and payload.
pub fn frame(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Result<Vec<u8>, Error> {
    let length = HEADER_LEN.saturating_add(payload.len());
    let mut message = header(kind, flags, sequence, length)?;
    message.extend_from_slice(payload);
    message.resize(message.len().next_multiple_of(4), 0);
    Ok(message)
}

/// The netlink header of a message of this length.
fn header(kind: u16, flags: u16, sequence: u32, length: usize) -> Result<Vec<u8>, Error> {
    let length =
        u32::try_from(length).map_err(|_too_long| Error::usage("an argument is too long"))?;
    let mut header = Vec::new();
    header.extend_from_slice(&length.to_ne_bytes());
    header.extend_from_slice(&kind.to_ne_bytes());
    header.extend_from_slice(&flags.to_ne_bytes());
    header.extend_from_slice(&sequence.to_ne_bytes());
    header.extend_from_slice(&[0; 4]);
    Ok(header)
}
