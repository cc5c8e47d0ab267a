// SPDX-License-Identifier: GPL-2.0

//! The SCTP header and the first chunks (RFC 9260 §3).

use super::{
    super::{
        num::be16_at,
        proto::sctp::Event, //
    },
    Network,
    ParseError, //
};

/// The length of the common header, behind which the chunks begin.
pub const HEADER_LEN: usize = 12;
/// Where the CRC32c stands.
pub const CHECKSUM_OFFSET: usize = 8;

/// The length of the head of a chunk: type, flags, length.
const CHUNK_LEN: usize = 4;
const CHUNK_LENGTH_OFFSET: usize = 2;

const INIT: u8 = 1;
const INIT_ACK: u8 = 2;
const ABORT: u8 = 6;
const SHUTDOWN: u8 = 7;
const SHUTDOWN_ACK: u8 = 8;
const ERROR: u8 = 9;
const COOKIE_ECHO: u8 = 10;
const COOKIE_ACK: u8 = 11;
const SHUTDOWN_COMPLETE: u8 = 14;

/// What the packet means to the state table.
///
/// IPVS behaviour: the first chunk decides; only behind a COOKIE ECHO or a COOKIE ACK an ABORT is
/// looked for, and then it counts. A packet that ends before its first chunk has no event.
pub(super) fn event(network: &Network, bytes: &[u8]) -> Result<Event, ParseError> {
    let Some((kind, len)) = chunk(network, bytes, HEADER_LEN)? else {
        return Ok(Event::None);
    };
    if matches!(kind, COOKIE_ECHO | COOKIE_ACK) && len >= CHUNK_LEN {
        // The length does not count the padding to a multiple of 4.
        let second = HEADER_LEN.wrapping_add(len.wrapping_add(3) & !3);
        if let Some((ABORT, _)) = chunk(network, bytes, second)? {
            return Ok(Event::Abort);
        }
    }
    Ok(of_type(kind))
}

/// Type and length of the chunk at `offset`; `None` if the packet ends before it.
fn chunk(
    network: &Network,
    bytes: &[u8],
    offset: usize,
) -> Result<Option<(u8, usize)>, ParseError> {
    let segment = match network.require(bytes, offset.wrapping_add(CHUNK_LEN)) {
        Ok(segment) => segment,
        Err(ParseError::Malformed) => return Ok(None),
        Err(error) => return Err(error),
    };
    let kind = segment.get(offset).copied();
    let len = be16_at(segment, offset.wrapping_add(CHUNK_LENGTH_OFFSET)).map(usize::from);
    Ok(kind.zip(len))
}

const fn of_type(kind: u8) -> Event {
    match kind {
        INIT => Event::Init,
        INIT_ACK => Event::InitAck,
        ABORT => Event::Abort,
        SHUTDOWN => Event::Shutdown,
        SHUTDOWN_ACK => Event::ShutdownAck,
        ERROR => Event::Error,
        COOKIE_ECHO => Event::CookieEcho,
        COOKIE_ACK => Event::CookieAck,
        SHUTDOWN_COMPLETE => Event::ShutdownComplete,
        _ => Event::Data,
    }
}
