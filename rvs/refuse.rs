// SPDX-License-Identifier: GPL-2.0

//! A new connection for which no server is usable: the service says what becomes of it.

use crate::{
    conn::FlowHash,
    dest::Dest,
    input::{
        begin,
        drop_for, //
    },
    logic::{
        addr::Protocol,
        uapi::{
            DropReason,
            NoServer, //
        },
        wire::{
            tcp,
            Packet, //
        }, //
    },
    persist::Choice,
    policy::Settings,
    service::Service,
    sys::{
        self,
        hook::Context,
        shared::Ref,
        skb::{
            IcmpError,
            Skb,
            Verdict, //
        }, //
    },
};

/// Does what the service says about a packet that would begin a connection.
#[cold]
pub(crate) fn no_server<'a>(
    context: &Context<'a>,
    mut skb: Skb<'_>,
    packet: &Packet,
    hash: FlowHash,
    (service, settings): (&'a Service, &Settings),
    fallback: Option<Ref<'a, Dest>>,
) -> Verdict {
    match settings.no_server {
        // The fallback destination; that of bypass is made for it.
        NoServer::Fallback | NoServer::Bypass => {
            if let Some(dest) = fallback.and_then(|dest| dest.upgrade()) {
                return begin(
                    context,
                    skb,
                    packet,
                    hash,
                    (service, settings),
                    Choice::once(dest),
                );
            }
            reject(context, &mut skb, packet);
        }
        NoServer::Reject => reject(context, &mut skb, packet),
        NoServer::Unreachable => skb.send_icmp(IcmpError::PortUnreachable),
        NoServer::Drop => {}
    }
    drop_for(context, &service.policy, DropReason::NoDestination)
}

/// Tells the client as a host would of whose ports none is open: TCP by a reset, all others by ICMP.
pub(crate) fn reject(context: &Context<'_>, skb: &mut Skb<'_>, packet: &Packet) {
    if packet.tuple.protocol != Protocol::TCP {
        skb.send_icmp(IcmpError::PortUnreachable);
        return;
    }
    let numbers = tcp::numbers(skb.bytes(), packet, skb.len());
    if let Some(reset) = numbers.and_then(|numbers| tcp::refusal(packet.tcp, &numbers)) {
        let back = packet.tuple.reversed();
        sys::tcp::send(context.rcu, &context.net.namespace, &back, &reset);
    }
}
