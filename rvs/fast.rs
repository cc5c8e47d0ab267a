// SPDX-License-Identifier: GPL-2.0

//! The fast path: packets of established flows, taken where they come in and sent on at once.
//!
//! A service asks for it with the flag `fast`. While there is such a service every device of the namespace has
//! a hook at its ingress. There nothing of the host has been done for a packet, no hook of its
//! protocol has seen it; so everything that is the least unusual is left alone and goes the normal
//! way, which [`crate::input`] and [`crate::output`] describe. Nothing is dropped here.

use crate::{
    conn::{
        Conn,
        Way, //
    },
    logic::{
        steady::is_steady,
        uapi::{
            DropReason,
            Method, //
        },
        wire::{
            self,
            Packet, //
        }, //
    },
    net::Net,
    stats::Tally,
    sys::{
        atomic::{
            AtomicBool,
            Ordering, //
        },
        cpu::Cpu,
        rcu::Rcu,
        skb::{
            Hop,
            Skb,
            Verdict, //
        }, //
    },
};
use kernel::alloc::AllocError;

/// In how many milliseconds the hooks are tried again for which memory was short.
const AGAIN_MS: u32 = 1000;

/// What a namespace knows of its fast path.
pub(crate) struct Fast {
    /// Packets and bytes that took it.
    pub(crate) taken: Tally<2>,
    /// Whether a service may have begun or ceased to want it.
    stale: AtomicBool,
    /// Whether the devices have the hook.
    on: AtomicBool,
}

impl Fast {
    pub(crate) fn new() -> Result<Self, AllocError> {
        Ok(Self {
            taken: Tally::new()?,
            stale: AtomicBool::new(false),
            on: AtomicBool::new(false),
        })
    }

    /// Has the work look whether a service wants the fast path. The caller may hold the control lock, within which
    /// hooks at devices cannot be changed: those who tell that a device goes down take it.
    pub(crate) fn review(&self, net: &Net) {
        self.stale.store(true, Ordering::Release);
        net.namespace.kick(0);
    }

    /// Part of the work: gives hooks to the devices or takes them away. Process context.
    pub(crate) fn settle(&self, net: &Net) {
        if !self.stale.load(Ordering::Relaxed) || !self.stale.swap(false, Ordering::AcqRel) {
            return;
        }
        let wanted = net.control.lock().wants_fast();
        if wanted == self.on.load(Ordering::Relaxed) {
            return;
        }
        match net.namespace.set_fast(wanted) {
            Ok(()) => self.on.store(wanted, Ordering::Relaxed),
            // Until then packets go the normal way; those devices that got the hook lose it.
            Err(_) => {
                let _ = net.namespace.set_fast(false);
                self.stale.store(true, Ordering::Release);
                net.namespace.kick(AGAIN_MS);
            }
        }
    }
}

/// A packet that has come to a device.
#[inline(always)]
pub(crate) fn receive(net: &Net, rcu: Rcu<'_>, cpu: Cpu<'_>, skb: Skb<'_>) -> Verdict {
    let Ok(packet) = wire::parse(skb.family(), skb.bytes()) else {
        return Verdict::ACCEPT;
    };
    if !is_steady(&packet) {
        return Verdict::ACCEPT;
    }
    match net.conns.find(rcu, &packet.tuple) {
        Some((conn, way)) => pass(net, cpu, skb, &packet, &conn, way),
        None => Verdict::ACCEPT,
    }
}

/// A packet of a connection.
#[inline(always)]
fn pass(
    net: &Net,
    cpu: Cpu<'_>,
    mut skb: Skb<'_>,
    packet: &Packet,
    conn: &Conn,
    way: Way,
) -> Verdict {
    let secure = net.defense.is_secure();
    let Some(step) = conn.steady(&net.timeouts, packet, way, cpu.now(), secure) else {
        return Verdict::ACCEPT;
    };
    let Some(hop) = find_hop(net, &mut skb, packet, conn, way) else {
        return Verdict::ACCEPT;
    };
    // Fails only before it changes anything.
    let bytes = skb.headers_mut();
    if wire::decrement_ttl(bytes, packet.tuple.family).is_none() {
        return Verdict::ACCEPT;
    }
    if !translate(&mut skb, packet, conn, way) {
        return refused(net, cpu, conn, DropReason::Malformed);
    }
    let bytes = skb.len();
    conn.take(&step, cpu.now());
    match way {
        Way::Request => conn.dest().traffic.add_in(cpu, bytes),
        Way::Reply => conn.dest().traffic.add_out(cpu, bytes),
    }
    net.fast.taken.add_packet(cpu, bytes);
    let (verdict, is_refused) = skb.send_to(&hop, packet.l4_offset);
    if is_refused {
        refused(net, cpu, conn, DropReason::Transmit);
    }
    verdict
}

/// The next hop of a packet, whose headers are writable then. `None` if it has to go the normal way.
#[inline(always)]
fn find_hop<'a>(
    net: &Net,
    skb: &mut Skb<'a>,
    packet: &Packet,
    conn: &Conn,
    way: Way,
) -> Option<Hop<'a>> {
    let headers = wire::header_len(packet);
    let direct = match conn.method() {
        Method::Nat => false,
        Method::Direct => true,
        _ => return None,
    };
    match way {
        Way::Request => {
            let dest = conn.dest();
            let ends = (&packet.tuple.dst.addr, &dest.endpoint().addr);
            skb.hop_to_server(&net.namespace, &dest.route, ends, direct, headers)
        }
        Way::Reply if direct => None,
        Way::Reply => skb.hop_to_client(&net.namespace, &packet.tuple.dst.addr, headers),
    }
}

/// Gives the packet the addresses that its receiver expects. `false` if its headers are too short for that, which they cannot be.
#[inline(always)]
fn translate(skb: &mut Skb<'_>, packet: &Packet, conn: &Conn, way: Way) -> bool {
    if conn.method() != Method::Nat {
        return true;
    }
    let partial = skb.partial_checksum();
    let bytes = skb.headers_mut();
    let done = match way {
        Way::Request => wire::rewrite_dst(bytes, packet, &conn.server(), partial),
        Way::Reply => wire::rewrite_src(bytes, packet, &conn.virtual_end(), partial),
    };
    done.is_ok()
}

/// Counts a packet that is lost.
#[cold]
fn refused(net: &Net, cpu: Cpu<'_>, conn: &Conn, reason: DropReason) -> Verdict {
    conn.dest().policy.drops.add(cpu, reason);
    net.drops.add(cpu, reason);
    Verdict::DROP
}
