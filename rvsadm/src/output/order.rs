// SPDX-License-Identifier: GPL-2.0

//! The order in which ipvsadm lists.
//!
//! It compares numbers by the sign of their 32-bit difference and IPv6 addresses by their
//! first 32 bits. That is no order when numbers are more than 2^31 apart, so a sort of our
//! own is needed that can bear it. Where ipvsadm leaves the order open, that of the numbers
//! decides.

use crate::{
    client::Entry,
    request::{
        ServerKey,
        ServiceKey, //
    },
};
use rvs_logic::logic::addr::Endpoint;
use std::cmp::Ordering;

/// Orders services by firewall mark, family, protocol, address and port, and the servers of
/// each by address and port.
pub fn sort(entries: &mut Vec<Entry>) {
    entries.sort_by_key(|entry| total(&entry.service.key));
    merge_sort(entries, &|a, b| compare(&a.service.key, &b.service.key));
    for entry in entries {
        let servers = &mut entry.servers;
        servers.sort_by_key(|server| place(server.key.endpoint));
        merge_sort(servers, &|a, b| compare_servers(&a.key, &b.key));
    }
}

/// Orders services by the numbers that name them.
pub(crate) fn by_number(a: &ServiceKey, b: &ServiceKey) -> Ordering {
    total(a).cmp(&total(b))
}

/// Orders servers by the numbers that name them.
pub(crate) fn servers_by_number(a: &ServerKey, b: &ServerKey) -> Ordering {
    place(a.endpoint).cmp(&place(b.endpoint))
}

fn place(at: Endpoint) -> ([u8; 16], u16) {
    (at.addr.bytes(), at.port)
}

fn total(key: &ServiceKey) -> (u32, u16, u8, ([u8; 16], u16)) {
    let protocol = key.protocol().unwrap_or_default();
    (
        key.mark(),
        key.family.af(),
        protocol.0,
        place(key.endpoint()),
    )
}

fn compare(a: &ServiceKey, b: &ServiceKey) -> Ordering {
    let (a_mark, a_family, a_protocol, _) = total(a);
    let (b_mark, b_family, b_protocol, _) = total(b);
    difference(a_mark, b_mark)
        .then(a_family.cmp(&b_family))
        .then(a_protocol.cmp(&b_protocol))
        .then_with(|| compare_endpoints(a.endpoint(), b.endpoint()))
}

fn compare_servers(a: &ServerKey, b: &ServerKey) -> Ordering {
    compare_endpoints(a.endpoint, b.endpoint)
}

fn compare_endpoints(a: Endpoint, b: Endpoint) -> Ordering {
    let first = |at: Endpoint| u32::from_be_bytes(at.addr.v4());
    difference(first(a), first(b)).then(a.port.cmp(&b.port))
}

fn difference(a: u32, b: u32) -> Ordering {
    let difference = a.wrapping_sub(b);
    i32::from_ne_bytes(difference.to_ne_bytes()).cmp(&0)
}

/// A stable merge sort, which ends for every `compare`. That of the standard library may
/// panic for one that is no order.
fn merge_sort<T>(items: &mut Vec<T>, compare: &impl Fn(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    merge_sort(items, compare);
    merge_sort(&mut right, compare);
    let mut left = std::mem::take(items).into_iter().peekable();
    let mut right = right.into_iter().peekable();
    loop {
        let from_left = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => compare(a, b) != Ordering::Greater,
            (Some(_), None) => true,
            (None, _) => false,
        };
        match if from_left { left.next() } else { right.next() } {
            Some(item) => items.push(item),
            None => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_numbers() {
        assert_eq!(difference(1, 2), Ordering::Less);
        assert_eq!(difference(2, 2), Ordering::Equal);
        // 192.168.0.1 comes before 10.0.0.1, and 100.0.0.1 before 200.0.0.1.
        assert_eq!(difference(0xc0a8_0001, 0x0a00_0001), Ordering::Less);
        assert_eq!(difference(0x6400_0001, 0xc800_0001), Ordering::Less);
    }

    #[test]
    fn sorting() {
        for length in 0..40u32 {
            let numbers = (0..length).map(|number| number.wrapping_mul(2_654_435_761) >> 8);
            let mut mine: Vec<u32> = numbers.collect();
            let mut theirs = mine.clone();
            merge_sort(&mut mine, &Ord::cmp);
            theirs.sort_unstable();
            assert_eq!(mine, theirs);
        }
        // No order, but it ends and loses nothing.
        let mut circle = vec![0u32, 0x8000_0000, 0x4000_0000, 0xc000_0000];
        merge_sort(&mut circle, &|a, b| difference(*a, *b));
        circle.sort_unstable();
        assert_eq!(circle, [0, 0x4000_0000, 0x8000_0000, 0xc000_0000]);
    }
}
