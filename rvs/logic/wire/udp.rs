// SPDX-License-Identifier: GPL-2.0

//! The UDP header (RFC 768), and the ports, which TCP and SCTP place alike.

/// The length of the UDP header.
pub const HEADER_LEN: usize = 8;
/// The length of the two ports.
pub const PORTS_LEN: usize = 4;
/// Where the source port stands.
pub const SRC_PORT_OFFSET: usize = 0;
/// Where the destination port stands.
pub const DST_PORT_OFFSET: usize = 2;
/// Where the checksum of UDP stands.
pub const CHECKSUM_OFFSET: usize = 6;

/// The source and the destination port of the header that begins `header`.
#[inline]
pub fn ports(header: &[u8]) -> Option<(u16, u16)> {
    let [s0, s1, d0, d1] = *header.first_chunk::<PORTS_LEN>()?;
    Some((u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1])))
}
