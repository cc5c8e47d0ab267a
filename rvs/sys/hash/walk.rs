// SPDX-License-Identifier: GPL-2.0

//! Walking a [`super::Table`] piece by piece.

use super::{
    super::{
        atomic::{
            AtomicPtr,
            Ordering, //
        },
        rcu::{
            self,
            Rcu, //
        },
    },
    Buckets,
    Entry,
    Found,
    Node,
    Pool,
    Table,
    LIVE, //
};
use core::ptr::NonNull;

/// How many empty buckets a walk passes over inside one read section.
const MOST_SKIPPED: u32 = 256;

impl<T: Send + Sync + 'static, const N: usize, P: Pool> Table<T, N, P> {
    /// Walks entries in the order of their first hash, from `*cursor` on, through at most `limit` buckets.
    ///
    /// When `visit` returns `false` the walk stops and the cursor stays at that entry; otherwise it moves
    /// on, and is `None` after the last. Nothing is lost or repeated if the table is resized
    /// between two calls, but the caller keeps [`Self::resize`] from running during one. Entries come and
    /// go meanwhile. Process context.
    pub(crate) fn walk(
        &self,
        cursor: &mut Option<u32>,
        limit: u32,
        mut visit: impl for<'a> FnMut(Rcu<'a>, Found<'a, T, N>) -> bool,
    ) {
        let mut left = limit;
        while let (Some(from), Some(rest)) = (*cursor, left.checked_sub(1)) {
            left = rest;
            let done = rcu::read(|rcu| {
                let buckets = self.current(rcu);
                let Some(from) = Self::skip(buckets, from, &mut left) else {
                    *cursor = None;
                    return true;
                };
                *cursor = Some(from);
                let chain = buckets.chain(from);
                while let Some(hash) = cursor.and_then(|from| Self::lowest(rcu, chain, from)) {
                    *cursor = Some(hash);
                    let mut here = Self::chain(rcu, chain);
                    if !here.all(|found| found.0.nodes[0].hash != hash || visit(rcu, found)) {
                        return false;
                    }
                    *cursor = hash.checked_add(1);
                }
                *cursor = buckets.next_hash(from);
                true
            });
            if !done {
                return;
            }
        }
    }

    /// How many buckets have how many nodes; the last number is for 7 and more. The caller keeps
    /// [`Self::resize`] from running meanwhile. Process context.
    pub(crate) fn lengths(&self) -> [u32; 8] {
        let mut lengths = [0u32; 8];
        let mut next = Some(0);
        while let Some(from) = next {
            next = rcu::read(|rcu| {
                let buckets = self.current(rcu);
                let mut next = Some(from);
                for _ in 0..MOST_SKIPPED {
                    let Some(hash) = next else { break };
                    let len = Self::length(buckets.chain(hash));
                    if let Some(count) = lengths.get_mut(len) {
                        *count = count.wrapping_add(1);
                    }
                    next = buckets.next_hash(hash);
                }
                next
            });
        }
        lengths
    }

    /// The number of nodes in a chain, 7 at most. Inside an RCU read section.
    fn length(chain: &AtomicPtr<Node>) -> usize {
        let mut node = chain.load(Ordering::Acquire);
        let mut len = 0usize;
        while let (Some(this), 0..7) = (NonNull::new(node), len) {
            // SAFETY: Reached from a chain inside the read section of the caller.
            node = unsafe { this.as_ref() }.next.load(Ordering::Acquire);
            len = len.wrapping_add(1);
        }
        len
    }

    /// The first of some buckets, from that of `from` on, that is not empty, or where the search ended; each
    /// counts in `left`. `None` after the last.
    fn skip(buckets: &Buckets, mut from: u32, left: &mut u32) -> Option<u32> {
        for _ in 0..(*left).min(MOST_SKIPPED) {
            if !buckets.chain(from).load(Ordering::Relaxed).is_null() {
                break;
            }
            *left = left.wrapping_sub(1);
            from = buckets.next_hash(from)?;
        }
        Some(from)
    }

    /// The entries whose first nodes are in a chain.
    fn chain<'a>(
        rcu: Rcu<'a>,
        chain: &'a AtomicPtr<Node>,
    ) -> impl Iterator<Item = Found<'a, T, N>> {
        let mut node = chain.load(Ordering::Acquire);
        core::iter::from_fn(move || {
            while let Some(this) = NonNull::new(node) {
                // SAFETY: Reached from a chain inside the read section `'a`.
                let this = unsafe { this.as_ref() };
                node = this.next.load(Ordering::Acquire);
                if this.index == 0 {
                    let entry = Entry::of_node(rcu, this);
                    if entry.life.load(Ordering::Relaxed) == LIVE {
                        return Some(Found(entry));
                    }
                }
            }
            None
        })
    }

    /// The lowest first hash in a chain that is not below `from`.
    fn lowest<'a>(rcu: Rcu<'a>, chain: &'a AtomicPtr<Node>, from: u32) -> Option<u32> {
        Self::chain(rcu, chain)
            .map(|found| found.0.nodes[0].hash)
            .filter(|hash| *hash >= from)
            .min()
    }
}
