// SPDX-License-Identifier: GPL-2.0

//! A transport that replays what a kernel answered, for tests.

use super::{
    message::{
        self,
        frame, //
    },
    Transport,
};
use rvs_logic::logic::nla::{
    Full,
    Writer, //
};
use std::{
    collections::VecDeque,
    io, //
};

/// The number that the family of rvs has in a replay.
pub const FAMILY_ID: u16 = 0x21;

/// A recorded kernel: it keeps what it is sent and gives the next answer to each request.
#[derive(Debug, Default)]
pub struct Replay {
    /// The messages that were sent, the look-up of the family included.
    pub sent: Vec<Vec<u8>>,
    answers: VecDeque<Vec<Datagram>>,
    waiting: VecDeque<Datagram>,
}

/// One datagram of an answer; the number of the request is filled in when it is sent.
#[derive(Clone, Debug, Default)]
pub struct Datagram(Vec<Part>);

#[derive(Clone, Debug)]
struct Part {
    kind: u16,
    flags: u16,
    payload: Vec<u8>,
}

impl Replay {
    /// A kernel that knows the family and gives these answers, one per request.
    pub fn new(answers: impl IntoIterator<Item = Vec<Datagram>>) -> Self {
        let mut replay = Self::bare(answers);
        let known = attributes(|to| to.put_u16(1, FAMILY_ID));
        replay
            .answers
            .push_front(vec![Datagram::default().message(&known), Datagram::ack()]);
        replay
    }

    /// A kernel that gives these answers, the first one to the look-up of the family.
    pub fn bare(answers: impl IntoIterator<Item = Vec<Datagram>>) -> Self {
        Self {
            answers: answers.into_iter().collect(),
            ..Self::default()
        }
    }

    fn sequence(&self) -> u32 {
        let field = self
            .sent
            .last()
            .and_then(|sent| sent.get(8..)?.first_chunk());
        field.copied().map_or(0, u32::from_ne_bytes)
    }
}

impl Datagram {
    /// Adds a message of the family with these attributes.
    pub fn message(self, attrs: &[u8]) -> Self {
        self.flagged(0, attrs)
    }

    /// Adds a message of the family with these flags and attributes.
    pub fn flagged(self, flags: u16, attrs: &[u8]) -> Self {
        let header = [1, 1, 0, 0];
        self.part(FAMILY_ID, flags, [&header, attrs].concat())
    }

    /// A good acknowledgement.
    pub fn ack() -> Self {
        let header = [0; message::HEADER_LEN];
        let payload = [[0; 4].as_slice(), &header].concat();
        Self::default().part(message::ERROR, message::F_CAPPED, payload)
    }

    /// A bad acknowledgement, with the attributes that explain it.
    pub fn refusal(errno: i32, explanation: &[u8]) -> Self {
        let code = errno.wrapping_neg().to_ne_bytes();
        let header = [0; message::HEADER_LEN];
        let payload = [code.as_slice(), &header, explanation].concat();
        let flags = message::F_CAPPED | message::F_ACK_TLVS;
        Self::default().part(message::ERROR, flags, payload)
    }

    /// Adds the end of a listing.
    pub fn done(self) -> Self {
        self.part(message::DONE, message::F_MULTI, vec![0; 4])
    }

    fn part(mut self, kind: u16, flags: u16, payload: Vec<u8>) -> Self {
        self.0.push(Part {
            kind,
            flags,
            payload,
        });
        self
    }

    fn bytes(&self, sequence: u32) -> Vec<u8> {
        let parts = self.0.iter();
        parts
            .flat_map(|part| frame(part.kind, part.flags, sequence, &part.payload))
            .flatten()
            .collect()
    }
}

/// The bytes of the attributes that `write` writes.
pub fn attributes(write: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>) -> Vec<u8> {
    let mut buffer = [0; 4096];
    let mut writer = Writer::new(&mut buffer);
    match write(&mut writer) {
        Ok(()) => writer.written().to_vec(),
        Err(Full) => Vec::new(),
    }
}

impl Transport for Replay {
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.sent.push(message.to_vec());
        let answer = self.answers.pop_front().unwrap_or_default();
        self.waiting.extend(answer);
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self.waiting.pop_front();
        let next = next.ok_or(io::ErrorKind::UnexpectedEof)?;
        let bytes = next.bytes(self.sequence());
        if let Some(room) = buffer.get_mut(..bytes.len()) {
            room.copy_from_slice(&bytes);
        }
        Ok(bytes.len())
    }
}
