// SPDX-License-Identifier: GPL-2.0

//! Connections that are ended by force, or given up, while their ends still think that they go on.

use super::{
    Conn,
    Status,
    Way,
    CONDEMNED,
    TOLD_CLIENT,
    TOLD_SERVER, //
};
use crate::{
    logic::{
        addr::{
            Protocol,
            Tuple, //
        },
        proto,
        uapi::Method,
        wire::tcp::Bare, //
    },
    sys::atomic::Ordering, //
};

impl Conn {
    /// Whether its ends can be told that it is over: only of TCP, and only while both pass here.
    pub(crate) fn can_be_reset(&self) -> bool {
        let established = proto::is_open(self.status().state());
        established && self.protocol == Protocol::TCP && self.method == Method::Nat
    }

    /// The ways to its ends: to the client, to the server.
    pub(crate) fn ways_back(&self) -> [Tuple; 2] {
        self.tuples().map(|tuple| tuple.reversed())
    }

    /// Whether it was removed by force, and stays only to tell its ends.
    #[inline]
    pub(crate) fn is_condemned(&self) -> bool {
        self.flags() & CONDEMNED != 0
    }

    /// Removes it by force: from now on its packets are answered with resets. It stays for the time of the
    /// state CLOSE, or until both ends know.
    pub(crate) fn condemn(&self) {
        self.flags.fetch_or(CONDEMNED, Ordering::Relaxed);
        let closed = |raw| Status::from_raw(raw).closed();
        let changed = self
            .status
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |raw| {
                (!Status::from_raw(raw).is_ended()).then(|| closed(raw).raw())
            });
        if changed.is_ok_and(|raw| Status::from_raw(raw).state().is_active()) {
            self.dest.rebind(false);
        }
    }

    /// Notes that the sender of the packets of this way knows that it is over. Once both do it has expired.
    pub(crate) fn told(&self, way: Way, now: u32) {
        let (this, other) = match way {
            Way::Request => (TOLD_CLIENT, TOLD_SERVER),
            Way::Reply => (TOLD_SERVER, TOLD_CLIENT),
        };
        if self.flags.fetch_or(this, Ordering::Relaxed) & other != 0 {
            // Longer ago than any timeout of the state CLOSE that makes sense.
            let long_ago = now.wrapping_sub(u32::MAX / 4);
            self.last_seen.store(long_ago, Ordering::Relaxed);
        }
    }

    /// The resets that end it at both ends, with their ways; the way to the server is that of requests.
    pub(crate) fn resets(&self) -> impl Iterator<Item = (Tuple, Bare)> {
        let [request, reply] = self.tuples();
        let acks = self.extra.as_ref().and_then(|extra| extra.acks.as_ref());
        let open = proto::is_open(self.status().state());
        let acks = acks.filter(|_| open);
        let to_client = acks.and_then(|acks| acks.reset_for(Way::Request));
        let to_server = acks.and_then(|acks| acks.reset_for(Way::Reply));
        let to_client = to_client.map(|reset| (request.reversed(), reset));
        let to_server = to_server.map(|reset| (reply.reversed(), reset));
        Iterator::chain(to_client.into_iter(), to_server)
    }
}
