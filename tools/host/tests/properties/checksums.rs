// SPDX-License-Identifier: GPL-2.0

//! Properties of the Internet checksum: an update is a full computation.

use super::common::{
    any_endpoint,
    any_family,
    any_spec,
    checksum_offset,
    naive_checksum, //
};
use proptest::prelude::*;
use rvs_logic::logic::{
    addr::{
        Endpoint,
        Protocol, //
    },
    csum, //
};

/// Bytes in which zero and all-ones are common.
fn edgy_bytes(len: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0u8), Just(0xff), any::<u8>()];
    proptest::collection::vec(byte, len)
}

proptest! {
    #[test]
    fn a_checksum_is_the_naive_one(bytes in edgy_bytes(0..200)) {
        prop_assert_eq!(csum::checksum(&bytes), naive_checksum(&bytes));
    }

    #[test]
    fn parts_can_be_summed_one_after_the_other(
        bytes in edgy_bytes(0..200),
        cut in 0..100usize,
    ) {
        let (head, tail) = bytes.split_at((cut * 2).min(bytes.len() / 2 * 2));
        let sum = csum::partial(csum::partial(0, head), tail);
        prop_assert_eq!(csum::fold(sum), !csum::checksum(&bytes));
    }

    #[test]
    fn changing_a_word_updates_the_checksum(
        bytes in edgy_bytes(4..100),
        at in any::<prop::sample::Index>(),
        new in edgy_bytes(2),
    ) {
        let at = at.index(bytes.len() / 2) * 2;
        let mut changed = bytes.clone();
        changed[at..at + 2].copy_from_slice(&new);
        // A message of zeros alone has no header to be in.
        prop_assume!(bytes.iter().chain(&changed).any(|byte| *byte != 0));
        let word = |bytes: &[u8]| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        let before = csum::checksum(&bytes);
        let updated = csum::update16(before, word(&bytes), word(&changed));
        assert_same(updated, csum::checksum(&changed))?;
        let updated = csum::update_bytes(before, &bytes[at..at + 2], &new);
        assert_same(updated, csum::checksum(&changed))?;
    }

    #[test]
    fn changing_a_range_updates_the_checksum(
        head in edgy_bytes(2..30),
        old in edgy_bytes(0..30),
        new in edgy_bytes(0..30),
    ) {
        let head = &head[..head.len() / 2 * 2];
        let before = csum::checksum(&[head, &old[..]].concat());
        let after = csum::checksum(&[head, &new[..]].concat());
        assert_same(csum::update_bytes(before, &old, &new), after)?;
    }

    #[test]
    fn a_transport_checksum_is_the_naive_one(spec in any_spec()) {
        let mut segment = spec.segment();
        let Some(offset) = checksum_offset(spec.protocol) else {
            return Ok(());
        };
        let want = [segment[offset], segment[offset + 1]];
        segment[offset..offset + 2].fill(0);
        let (src, dst) = (&spec.src.addr, &spec.dst.addr);
        let sum = csum::transport(spec.family, src, dst, spec.protocol, &segment);
        let sum = match spec.protocol {
            Protocol::UDP => csum::udp_nonzero(sum),
            _ => sum,
        };
        prop_assert_eq!(sum.to_be_bytes(), want);
    }

    #[test]
    fn an_endpoint_is_replaced_word_by_word(
        (family, old, new) in any_family().prop_flat_map(|family| {
            (Just(family), any_endpoint(family), any_endpoint(family))
        }),
        before in any::<u16>(),
    ) {
        let words = |end: &Endpoint| {
            [&end.addr.bytes()[..], &end.port.to_be_bytes()].concat()
        };
        let want = csum::update_bytes(before, &words(&old), &words(&new));
        assert_same(csum::replace_endpoint(before, family, &old, &new), want)?;
    }
}

/// The two zeros of one's complement are the same checksum; only a message of
/// zeros alone tells them apart, which no header allows.
fn assert_same(left: u16, right: u16) -> Result<(), TestCaseError> {
    prop_assert_eq!(left % 0xffff, right % 0xffff);
    Ok(())
}
