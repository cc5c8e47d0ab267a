// SPDX-License-Identifier: GPL-2.0

//! Connections: which destination a flow was given to, and the table in which its packets find it.
//!
//! A connection is found by two keys, one for each direction: client → virtual address, and for the
//! answers server → client (NAT) or virtual address → client (direct routing). Both nodes and the
//! client's side of the key share the first cache line of the entry, the rest is in the second.
//!
//! Nothing counts references to a connection and no timer belongs to it. RCU keeps an entry alive for
//! the packets that are looking at it, each packet notes when it was there, and the namespace's work
//! removes what has been idle for longer than its state allows. A packet that finds such an entry
//! first removes it itself, so nobody can tell when the work runs.

use crate::{
    dest::Dest,
    logic::{
        addr::{
            Addr,
            Endpoint,
            Family,
            Protocol,
            Tuple, //
        },
        hash::{
            tuple_hash,
            HashKey, //
        },
        proto::{
            self,
            State, //
        },
        uapi::Method,
        wire::Packet, //
    },
    sys::{
        atomic::{
            AtomicU32,
            Ordering, //
        },
        cache::{
            Cache,
            Created, //
        },
        hash::{
            entry_layout,
            Found,
            Pool,
            Refused,
            Table, //
        },
        rcu::Rcu,
        shared::Shared,
        time, //
    },
};
use kernel::{
    alloc::AllocError,
    prelude::*, //
};

mod status;

pub(crate) use status::{
    Status,
    Way, //
};

/// A connection.
#[repr(C)]
pub(crate) struct Conn {
    client_addr: Addr,
    virtual_addr: Addr,
    client_port: u16,
    virtual_port: u16,
    protocol: Protocol,
    family: Family,
    method: Method,
    dest: Shared<Dest>,
    /// When the last packet came, in jiffies.
    last_seen: AtomicU32,
    status: AtomicU32,
}

impl Conn {
    /// The connection that `packet` begins, to `dest`.
    pub(crate) fn new(packet: &Packet, dest: Shared<Dest>, now: u32) -> Self {
        let tuple = &packet.tuple;
        let method = dest.method();
        Self {
            client_addr: tuple.src.addr,
            virtual_addr: tuple.dst.addr,
            client_port: tuple.src.port,
            virtual_port: tuple.dst.port,
            protocol: tuple.protocol,
            family: tuple.family,
            method,
            dest,
            last_seen: AtomicU32::new(now),
            status: AtomicU32::new(Status::new(method).raw()),
        }
    }

    pub(crate) fn family(&self) -> Family {
        self.family
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    #[inline]
    pub(crate) fn method(&self) -> Method {
        self.method
    }

    #[inline]
    pub(crate) fn dest(&self) -> &Dest {
        &self.dest
    }

    /// The client's end.
    #[inline]
    pub(crate) fn client(&self) -> Endpoint {
        Endpoint::new(self.client_addr, self.client_port)
    }

    /// The end that the client sees.
    #[inline]
    pub(crate) fn virtual_end(&self) -> Endpoint {
        Endpoint::new(self.virtual_addr, self.virtual_port)
    }

    /// State and flags.
    #[inline]
    pub(crate) fn status(&self) -> Status {
        Status::from_raw(self.status.load(Ordering::Relaxed))
    }

    /// Whether a packet from the client with this tuple belongs here.
    #[inline(always)]
    fn is_request(&self, tuple: &Tuple) -> bool {
        self.client_port == tuple.src.port
            && self.virtual_port == tuple.dst.port
            && self.client_addr == tuple.src.addr
            && self.virtual_addr == tuple.dst.addr
            && self.protocol == tuple.protocol
            && self.family == tuple.family
    }

    /// The sender of the answers.
    #[inline(always)]
    fn server_end(&self) -> Endpoint {
        match self.method {
            Method::Nat => self.dest.endpoint(),
            Method::Direct => self.virtual_end(),
        }
    }

    /// Whether a packet to the client with this tuple belongs here.
    #[inline(always)]
    fn is_reply(&self, tuple: &Tuple) -> bool {
        self.client_port == tuple.dst.port
            && self.client_addr == tuple.dst.addr
            && self.protocol == tuple.protocol
            && self.family == tuple.family
            && self.server_end() == tuple.src
    }

    /// The tuples by which it is found: of requests, of replies.
    fn tuples(&self) -> [Tuple; 2] {
        let request = Tuple {
            family: self.family,
            protocol: self.protocol,
            src: self.client(),
            dst: self.virtual_end(),
        };
        let reply = Tuple {
            src: self.server_end(),
            dst: self.client(),
            ..request
        };
        [request, reply]
    }

    /// Notes that a packet came now. Written once per tick at most, to keep the cache line clean.
    #[inline(always)]
    pub(crate) fn touch(&self, now: u32) {
        if self.last_seen.load(Ordering::Relaxed) != now {
            self.last_seen.store(now, Ordering::Relaxed);
        }
    }

    /// Jiffies until it expires; 0 if it has.
    #[inline(always)]
    pub(crate) fn expires_in(&self, timeouts: &Timeouts, now: u32) -> u32 {
        let idle = now.wrapping_sub(self.last_seen.load(Ordering::Relaxed));
        // A packet on another CPU may have been here a moment "after" now.
        let idle = if idle > u32::MAX / 2 { 0 } else { idle };
        timeouts.get(self.status().state()).saturating_sub(idle)
    }

    /// Follows the protocol: the state after this packet, and the destination's counts with it.
    #[inline(always)]
    pub(crate) fn advance(&self, packet: &Packet, way: Way) {
        let old = self.status();
        if old.after(self.protocol, packet, way) != old {
            self.change(packet, way);
        }
    }

    /// The rare part of [`Self::advance`]: another CPU may be changing the status too.
    #[cold]
    fn change(&self, packet: &Packet, way: Way) {
        let after = |raw| Status::from_raw(raw).after(self.protocol, packet, way);
        let changed = self
            .status
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |raw| {
                // Once removed it counts nowhere any more.
                (!Status::from_raw(raw).is_ended()).then(|| after(raw).raw())
            });
        if let Ok(raw) = changed {
            let active = after(raw).state().is_active();
            if active != Status::from_raw(raw).state().is_active() {
                self.dest.rebind(active);
            }
        }
    }

    /// Takes the connection off its destination's counts. Called once, by who removed it.
    fn end(&self) {
        let raw = self.status.fetch_or(status::ENDED, Ordering::Relaxed);
        self.dest.unbind(Status::from_raw(raw).state().is_active());
    }
}

/// How long connections may be idle in each state, in jiffies.
pub(crate) struct Timeouts([AtomicU32; State::COUNT]);

impl Timeouts {
    /// The timeouts of IPVS.
    pub(crate) fn new() -> Self {
        Self(State::ALL.map(|state| {
            let seconds = proto::Timeouts::DEFAULT.get(state);
            AtomicU32::new(time::jiffies_from_seconds(seconds))
        }))
    }

    #[inline(always)]
    fn get(&self, state: State) -> u32 {
        self.0
            .get(usize::from(state.as_u8()))
            .map_or(0, |timeout| timeout.load(Ordering::Relaxed))
    }

    /// The timeout of a state in seconds.
    pub(crate) fn seconds(&self, state: State) -> u32 {
        time::milliseconds(self.get(state)) / 1000
    }

    /// Sets the timeout of a state in seconds. It holds for existing connections too.
    pub(crate) fn set_seconds(&self, state: State, seconds: u32) {
        if let Some(timeout) = self.0.get(usize::from(state.as_u8())) {
            timeout.store(time::jiffies_from_seconds(seconds), Ordering::Relaxed);
        }
    }
}

/// Where the entries of the connection table come from.
pub(crate) struct ConnPool;

static CACHE: Cache = Cache::new();

impl Pool for ConnPool {
    fn cache() -> &'static Cache {
        &CACHE
    }
}

/// Bytes of one entry.
pub(crate) const ENTRY_SIZE: usize = entry_layout::<Conn, 2>().size();

/// Makes the slab cache of the connections. At module load.
pub(crate) fn create_cache() -> Result<Created> {
    CACHE.create(c"rvs_conn", entry_layout::<Conn, 2>())
}

/// Smallest number of buckets, as a power of two.
const MIN_BITS: u32 = 8;

/// A connection that a packet found.
pub(crate) type FoundConn<'a> = Found<'a, Conn, 2>;

/// The connections of a namespace.
pub(crate) struct Conns {
    table: Table<Conn, 2, ConnPool>,
    key: HashKey,
}

impl Conns {
    pub(crate) fn new(key: HashKey) -> Result<Self, AllocError> {
        Ok(Self {
            table: Table::new(MIN_BITS)?,
            key,
        })
    }

    pub(crate) fn len(&self) -> u32 {
        self.table.len()
    }

    pub(crate) fn buckets(&self) -> u32 {
        self.table.buckets()
    }

    /// The connection that a packet belongs to, and which way the packet goes.
    #[inline(always)]
    pub(crate) fn find<'a>(&self, rcu: Rcu<'a>, tuple: &Tuple) -> Option<(FoundConn<'a>, Way)> {
        let hash = tuple_hash(&self.key, tuple);
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
    /// `None` if there is no memory. Any context.
    pub(crate) fn insert<'a>(&self, rcu: Rcu<'a>, conn: Conn) -> Option<(FoundConn<'a>, bool)> {
        let tuples = conn.tuples();
        let request = tuples[0];
        let hashes = tuples.map(|tuple| tuple_hash(&self.key, &tuple));
        let dest = conn.dest.clone();
        dest.bind(false);
        let same = |other: &Conn| other.is_request(&request);
        match self.table.insert(rcu, hashes, conn, same) {
            Ok(found) => Some((found, true)),
            Err(refused) => {
                dest.unbind(false);
                match refused {
                    Refused::Exists(found) => Some((found, false)),
                    Refused::NoMemory => None,
                }
            }
        }
    }

    /// Removes a connection. Any context.
    pub(crate) fn remove(&self, rcu: Rcu<'_>, found: FoundConn<'_>) {
        if self.table.remove(rcu, found) {
            found.end();
        }
    }

    /// Removes connections that have expired, from `*cursor` on through at most `buckets` buckets.
    /// The caller keeps the table from being resized. Process context.
    pub(crate) fn reap(&self, timeouts: &Timeouts, cursor: &mut Option<u32>, buckets: u32) {
        self.table.walk(cursor, buckets, |rcu, found| {
            if found.expires_in(timeouts, time::now()) == 0 {
                self.remove(rcu, found);
            }
            true
        });
    }

    /// Calls `visit` for connections from `*cursor` on, until it returns `false`; see [`Table::walk`].
    /// The caller keeps the table from being resized. Process context.
    pub(crate) fn walk(&self, cursor: &mut Option<u32>, mut visit: impl FnMut(&Conn) -> bool) {
        self.table
            .walk(cursor, u32::MAX, |_, found| visit(found.get()));
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
