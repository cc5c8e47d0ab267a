// SPDX-License-Identifier: GPL-2.0

//! The TCP header (RFC 9293 §3.1).

use super::super::proto::tcp::Event;

/// The length of the header without options.
pub const HEADER_LEN: usize = 20;
/// How much of the header must be read to have the flags.
pub const FLAGS_END: usize = 14;
/// Where the checksum stands.
pub const CHECKSUM_OFFSET: usize = 16;

/// The flags of a TCP header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(transparent)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x02);
    /// Reset the connection.
    pub const RST: Self = Self(0x04);
    /// Push.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgement number counts.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x20);

    /// Whether all of `flags` are set.
    #[inline]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Both sets of flags together.
    #[inline]
    pub const fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    /// Whether FIN is set.
    #[inline]
    pub const fn fin(self) -> bool {
        self.contains(Self::FIN)
    }

    /// Whether SYN is set.
    #[inline]
    pub const fn syn(self) -> bool {
        self.contains(Self::SYN)
    }

    /// Whether RST is set.
    #[inline]
    pub const fn rst(self) -> bool {
        self.contains(Self::RST)
    }

    /// Whether ACK is set.
    #[inline]
    pub const fn ack(self) -> bool {
        self.contains(Self::ACK)
    }

    /// What the segment means to the state table.
    ///
    /// IPVS behaviour: the first of RST, SYN, FIN, ACK that is set.
    #[inline]
    pub const fn event(self) -> Event {
        if self.rst() {
            Event::Rst
        } else if self.syn() {
            Event::Syn
        } else if self.fin() {
            Event::Fin
        } else if self.ack() {
            Event::Ack
        } else {
            Event::None
        }
    }
}

/// The flags of the header that begins `header`.
#[inline]
pub fn flags(header: &[u8]) -> Option<TcpFlags> {
    let [.., flags] = *header.first_chunk::<FLAGS_END>()?;
    Some(TcpFlags(flags))
}
