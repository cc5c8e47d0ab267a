// SPDX-License-Identifier: GPL-2.0

//! The connections of a namespace, in the table in which packets find them.

use super::{
    Conn,
    Timeouts,
    Way, //
};
use crate::{
    logic::{
        addr::{
            Addr,
            Tuple, //
        },
        defense::Sieve,
        hash::{
            tuple_hash,
            HashKey, //
        },
        num,
        uapi::DropReason, //
    },
    sys::{
        cache::{
            Cache,
            Created, //
        },
        conntrack::Tracking,
        hash::{
            entry_layout,
            value_offset,
            Found,
            Pool,
            Refused,
            Table, //
        },
        random,
        rcu::Rcu,
        time, //
    },
};
use core::mem::{
    offset_of,
    size_of, //
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

/// Where the entries of the connection table come from.
pub(crate) struct ConnPool;

static CACHE: Cache = Cache::new();

impl Pool for ConnPool {
    fn cache() -> &'static Cache {
        &CACHE
    }
}

/// Bytes of a cache line, to which entries are aligned.
const CACHE_LINE: usize = 64;

/// Bytes of one entry.
pub(crate) const ENTRY_SIZE: usize = entry_layout::<Conn, 2>().size();

/// Two cache lines: what a search reads is in the first, and what packets of an established connection write is
/// in the second. So a packet never takes a line from those that walk over the entry on other CPUs, and the
/// only lines that it writes are that one, and counters of its CPU. tools/profile/writes shows it.
const fn lines_are_apart() -> bool {
    let conn = value_offset::<Conn, 2>();
    ENTRY_SIZE <= 2 * CACHE_LINE
        && conn + offset_of!(Conn, virtual_addr) + size_of::<Addr>() <= CACHE_LINE
        && conn + offset_of!(Conn, last_seen) >= CACHE_LINE
        && conn + offset_of!(Conn, status) >= CACHE_LINE
}

/// Makes the slab cache of the connections. At module load.
pub(crate) fn create_cache() -> Result<Created> {
    const { assert!(lines_are_apart()) };
    CACHE.create(c"rvs_conn", entry_layout::<Conn, 2>())
}

/// Smallest number of buckets, as a power of two.
const MIN_BITS: u32 = 8;
/// The part of the table that is thinned at a time; a power of two.
const THIN_PARTS: u32 = 32;

/// A connection that a packet found.
pub(crate) type FoundConn<'a> = Found<'a, Conn, 2>;

/// The hash of a tuple in the table of connections; made by [`Conns::hash`].
#[derive(Clone, Copy)]
pub(crate) struct FlowHash(u32);

/// The connections of a namespace.
pub(crate) struct Conns {
    table: Table<Conn, 2, ConnPool>,
    key: HashKey,
    /// What the namespace has to do with nf_conntrack.
    pub(crate) tracking: Tracking,
}

impl Conns {
    pub(crate) fn new(key: HashKey, tracking: Tracking) -> Result<Self, AllocError> {
        Ok(Self {
            table: Table::new(MIN_BITS)?,
            key,
            tracking,
        })
    }

    pub(crate) fn len(&self) -> u32 {
        self.table.len()
    }

    pub(crate) fn buckets(&self) -> u32 {
        self.table.buckets()
    }

    /// Bounds the number of connections from now on; those that there are stay.
    pub(crate) fn set_limit(&self, limit: u32) {
        self.table.set_limit(limit);
    }

    /// Whether there are as many connections as there may be.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.table.is_full()
    }

    /// The hash of a tuple in this table.
    #[inline(always)]
    pub(crate) fn hash(&self, tuple: &Tuple) -> FlowHash {
        FlowHash(tuple_hash(&self.key, tuple))
    }

    /// The connection that a packet belongs to, and which way the packet goes.
    #[inline]
    pub(crate) fn find<'a>(&self, rcu: Rcu<'a>, tuple: &Tuple) -> Option<(FoundConn<'a>, Way)> {
        self.find_hashed(rcu, tuple, self.hash(tuple))
    }

    /// [`Self::find`] with the hash of the tuple.
    #[inline(always)]
    pub(crate) fn find_hashed<'a>(
        &self,
        rcu: Rcu<'a>,
        tuple: &Tuple,
        FlowHash(hash): FlowHash,
    ) -> Option<(FoundConn<'a>, Way)> {
        let (found, index) = self.table.find(rcu, hash, |conn, index| match index {
            0 => conn.is_request(tuple),
            _ => conn.is_reply(tuple),
        })?;
        let way = match index {
            0 => Way::Request,
            _ => Way::Reply,
        };
        Some((found, way))
    }

    /// Adds a connection, unless another CPU has just added the same, which is returned then.
    /// If it cannot be added: why its packet is dropped. `hash` is that of the client's packets. Any context.
    #[inline]
    pub(crate) fn insert<'a>(
        &self,
        rcu: Rcu<'a>,
        conn: Conn,
        hash: FlowHash,
    ) -> Result<(FoundConn<'a>, bool), DropReason> {
        let [request, reply] = conn.tuples();
        let hashes = [hash.0, self.hash(&reply).0];
        let dest = conn.dest.guarded(rcu).get();
        let active = conn.status().state().is_active();
        dest.bind(active);
        let same = |other: &Conn| other.is_request(&request);
        match self.table.insert(rcu, hashes, conn, same) {
            Ok(found) => Ok((found, true)),
            Err(refused) => {
                dest.unbind(active);
                match refused {
                    Refused::Exists(found) => Ok((found, false)),
                    Refused::Full => Err(DropReason::ConnLimit),
                    Refused::NoMemory => Err(DropReason::NoMemory),
                }
            }
        }
    }

    /// Removes a connection; `true` for the one caller that did it. Any context.
    pub(crate) fn remove(&self, rcu: Rcu<'_>, found: FoundConn<'_>) -> bool {
        let removed = self.table.remove(rcu, found);
        if removed {
            found.end();
            if found.is_tracked() {
                self.tracking.end(&found.flow());
            }
        }
        removed
    }

    /// Removes connections that have expired, from `*cursor` on through at most `buckets` buckets, and tells
    /// `removed` of each. If `watched`, destinations that want to know learn that they have others. The caller
    /// keeps the table from being resized. Process context.
    pub(crate) fn reap(
        &self,
        timeouts: &Timeouts,
        cursor: &mut Option<u32>,
        buckets: u32,
        watched: bool,
        mut removed: impl FnMut(Rcu<'_>, &Conn),
    ) {
        self.table.walk(cursor, buckets, |rcu, found| {
            let now = time::now();
            if found.expires_in(timeouts, now) == 0 {
                if self.remove(rcu, found) {
                    removed(rcu, found.get());
                }
            } else if watched && found.dest.is_watched() && found.is_alive(now) {
                found.dest.note_alive();
            }
            true
        });
    }

    /// Removes the connections that the sieve takes from a 32nd of the table, at a random place.
    /// The caller keeps the table from being resized. Process context.
    pub(crate) fn thin(&self, sieve: &mut Sieve) {
        let part = num::low32(random::word()) % THIN_PARTS;
        let mut cursor = Some(part.wrapping_mul(1 << (32 - THIN_PARTS.ilog2())));
        let buckets = self.buckets().wrapping_div(THIN_PARTS).max(1);
        self.table.walk(&mut cursor, buckets, |rcu, found| {
            if sieve.takes(found.suspect(time::now())) {
                self.remove(rcu, found);
            }
            true
        });
    }

    /// Calls `visit` for connections from `*cursor` on through at most `buckets` buckets, until it returns
    /// `false`; see [`Table::walk`]. The caller keeps the table from being resized. Process context.
    pub(crate) fn walk(
        &self,
        cursor: &mut Option<u32>,
        buckets: u32,
        visit: impl for<'a> FnMut(Rcu<'a>, FoundConn<'a>) -> bool,
    ) {
        self.table.walk(cursor, buckets, visit);
    }

    /// How many buckets have how many nodes; see [`Table::lengths`].
    /// The caller keeps the table from being resized. Process context.
    pub(crate) fn lengths(&self) -> [u32; 8] {
        self.table.lengths()
    }

    /// Whether the table has become too small. Cheap enough for each new connection.
    #[inline]
    pub(crate) fn is_crowded(&self, rcu: Rcu<'_>) -> bool {
        self.table.is_crowded(rcu)
    }

    /// The size that the table should have, if it is another than it has.
    pub(crate) fn wants_resize(&self) -> Option<u32> {
        self.table.wants_resize()
    }

    /// Resizes the table; `lock` is the proof that the caller excludes walks. Process context.
    pub(crate) fn resize<L>(&self, lock: &mut L, bits: u32) -> Result<(), AllocError> {
        self.table.resize(lock, bits)
    }
}
