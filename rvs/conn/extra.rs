// SPDX-License-Identifier: GPL-2.0

//! What only some connections have, and therefore is not part of the entry.

use super::{
    Acks,
    Way, //
};
use crate::{
    logic::{
        addr::Endpoint,
        wire::{
            tcp,
            Packet, //
        }, //
    },
    persist::Template,
    sys::shared::Shared, //
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

/// What only some connections have.
#[derive(Default)]
pub(crate) struct Extra {
    /// What remembers the client's server; it lasts at least as long as the connection.
    pub(crate) template: Option<Shared<Template>>,
    /// For resets when it has been idle for too long.
    pub(crate) acks: Option<Acks>,
    /// The source that the server sees instead of the client.
    pub(crate) masquerade: Option<Endpoint>,
}

impl Extra {
    /// Whether there is nothing in it, so that a connection does without.
    fn is_empty(&self) -> bool {
        self.template.is_none() && self.acks.is_none() && self.masquerade.is_none()
    }

    /// Looks at a packet of the connection.
    pub(super) fn follow(&self, bytes: &[u8], packet: &Packet, way: Way) {
        let Some(acks) = &self.acks else {
            return;
        };
        if packet.tcp.ack() && !packet.tcp.rst() {
            if let Some(ack) = tcp::ack(bytes, packet) {
                acks.note(way, ack);
            }
        }
    }

    /// In memory of its own, if there is anything in it. Any context.
    pub(crate) fn store(self) -> Result<Option<KBox<Self>>, AllocError> {
        match self.is_empty() {
            true => Ok(None),
            false => KBox::new(self, GFP_ATOMIC | __GFP_NOWARN).map(Some),
        }
    }
}
