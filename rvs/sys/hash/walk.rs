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
    Entry,
    Found,
    Node,
    Pool,
    Table,
    LIVE, //
};
use core::ptr::NonNull;

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
        for _ in 0..limit {
            let Some(from) = *cursor else { return };
            let done = rcu::read(|rcu| {
                let buckets = self.current(rcu);
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
