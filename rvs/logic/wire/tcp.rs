// SPDX-License-Identifier: GPL-2.0

//! The TCP header (RFC 9293 §3.1).

use super::{
    super::{
        num::{
            self,
            array_at, //
        },
        proto::tcp::Event, //
    },
    Packet, //
};

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

    /// Whether it is a SYN alone, which begins a connection (RFC 9293 §3.5).
    #[inline]
    pub const fn opens(self) -> bool {
        let others = Self::FIN.with(Self::RST).with(Self::ACK);
        self.0 & Self::SYN.with(others).0 == Self::SYN.0
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

/// Where the sequence number stands.
const SEQ_OFFSET: usize = 4;
/// Where the acknowledgement number stands.
const ACK_OFFSET: usize = 8;
/// Where the length of the header stands, in its upper half.
const DATA_OFFSET: usize = 12;

/// A segment without data, as far as an answer to it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bare {
    /// The sequence number.
    pub seq: u32,
    /// The acknowledgement number.
    pub ack: u32,
    /// The flags.
    pub flags: TcpFlags,
}

/// The numbers of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Numbers {
    /// The sequence number.
    pub seq: u32,
    /// The acknowledgement number.
    pub ack: u32,
    /// How much of the sequence space it takes: data, SYN and FIN.
    pub len: u32,
}

/// The numbers of the segment that `packet`, of `total_len` bytes, holds.
pub fn numbers(bytes: &[u8], packet: &Packet, total_len: u32) -> Option<Numbers> {
    let header = bytes.get(packet.l4_offset..)?;
    let [offset] = array_at(header, DATA_OFFSET)?;
    let headers = packet
        .l4_offset
        .checked_add(usize::from(offset >> 4).checked_mul(4)?)?;
    let data = total_len.saturating_sub(num::saturating_u32(headers));
    let flags = u32::from(packet.tcp.syn()).wrapping_add(u32::from(packet.tcp.fin()));
    Some(Numbers {
        seq: u32::from_be_bytes(array_at(header, SEQ_OFFSET)?),
        ack: u32::from_be_bytes(array_at(header, ACK_OFFSET)?),
        len: data.wrapping_add(flags),
    })
}

/// The acknowledgement number of a packet.
#[inline]
pub fn ack(bytes: &[u8], packet: &Packet) -> Option<u32> {
    array_at(bytes.get(packet.l4_offset..)?, ACK_OFFSET).map(u32::from_be_bytes)
}

/// The reset that answers a segment which nobody wants (RFC 9293 §3.10.7.1); none for a reset.
pub fn refusal(flags: TcpFlags, numbers: &Numbers) -> Option<Bare> {
    if flags.rst() {
        return None;
    }
    Some(if flags.ack() {
        Bare {
            seq: numbers.ack,
            ack: 0,
            flags: TcpFlags::RST,
        }
    } else {
        Bare {
            seq: 0,
            ack: numbers.seq.wrapping_add(numbers.len),
            flags: TcpFlags::RST.with(TcpFlags::ACK),
        }
    })
}

#[cfg(test)]
mod tests;
