// SPDX-License-Identifier: GPL-2.0
/*
 * Packets, routes and addresses for Rust; see helpers.h.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/addrconf.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "packet.h"

/* ---------------------------------------------------------------- packets */

/* False for a packet that rvs leaves alone: handled already, not for this host, raw socket. */
bool rvs_helper_packet_enter(struct sk_buff *skb, const struct nf_hook_state *state,
			     struct rvs_packet *packet)
{
	if (skb->ipvs_property)
		return false;
	if (unlikely(!skb_dst(skb) || skb_network_offset(skb)))
		return false;
	if (state->hook == NF_INET_LOCAL_OUT) {
		struct sock *sk = skb_to_full_sk(skb);

		if (sk && sk->sk_family == PF_INET && inet_test_bit(NODEFRAG, sk))
			return false;
	} else if (unlikely(skb->pkt_type != PACKET_HOST)) {
		return false;
	}
	if (state->hook == NF_INET_LOCAL_OUT)
		local_bh_disable();
	rvs_packet_update(skb, packet);
	packet->cpu_offset = __my_cpu_offset;
	packet->now = (u32)jiffies;
	packet->mark = skb->mark;
	packet->partial = skb->ip_summed == CHECKSUM_PARTIAL;
	return true;
}

/* Ends what rvs_helper_packet_enter() began when it returned true at LOCAL_OUT. */
void rvs_helper_packet_leave(void)
{
	local_bh_enable();
}

bool rvs_helper_packet_pull(struct sk_buff *skb, u32 len, struct rvs_packet *packet)
{
	if (!pskb_may_pull(skb, len))
		return false;
	rvs_packet_update(skb, packet);
	return true;
}

bool rvs_helper_packet_writable(struct sk_buff *skb, u32 len, struct rvs_packet *packet)
{
	if (skb_ensure_writable(skb, len))
		return false;
	rvs_packet_update(skb, packet);
	return true;
}

/* The route to @daddr, cached if it may be, or an error. Sets @own when the caller has a reference. */
static struct dst_entry *rvs_route_get(struct net *net, u8 family, struct rvs_route *route,
				       const u8 *daddr, bool direct, bool *own)
{
	struct dst_entry *dst = rvs_route_cached(route, direct);
	u32 cookie;

	*own = false;
	if (likely(dst))
		return dst;
	dst = rvs_route_lookup(net, family, daddr, direct, &cookie);
	*own = !rvs_route_store(route, IS_ERR(dst) ? NULL : dst, cookie, direct, NULL);
	return dst;
}

/*
 * Whether a packet may go to a server on this host: one from the network not to a loopback address, and
 * one that keeps its address only if that is local, or it would leave by the route that it has.
 */
static noinline enum rvs_routed rvs_route_here(const struct sk_buff *skb, u8 family, const u8 *daddr,
					       bool direct)
{
	bool loopback;

	if (direct)
		return rvs_route_is_local(skb_dst(skb), family) ? RVS_ROUTED_LOCAL :
								  RVS_ROUTED_CROSSING;
	if (!skb->dev || skb->dev->flags & IFF_LOOPBACK)
		return RVS_ROUTED_LOCAL;
	if (family == AF_INET)
		loopback = daddr[0] == 127;
	else
		loopback = ipv6_addr_loopback((const struct in6_addr *)daddr);
	return loopback ? RVS_ROUTED_CROSSING : RVS_ROUTED_LOCAL;
}

/*
 * Gives the packet the route to @daddr and makes its first @headers bytes writable. The packet is
 * unchanged unless RVS_ROUTED_OUT or RVS_ROUTED_LOCAL is returned. Under RCU, bottom halves off.
 */
enum rvs_routed rvs_helper_packet_route(struct net *net, struct sk_buff *skb, u8 family,
					struct rvs_route *route, const u8 *daddr, bool direct,
					u32 headers, struct rvs_packet *packet, u32 *mtu)
{
	enum rvs_routed result = RVS_ROUTED_OUT;
	struct dst_entry *dst;
	bool own;
	u8 ttl;

	dst = rvs_route_get(net, family, route, daddr, direct, &own);
	if (IS_ERR(dst))
		return rvs_unrouted(dst);
	if (family == AF_INET) {
		ttl = ip_hdr(skb)->ttl;
		*mtu = ip_dst_mtu_maybe_forward(dst, false);
	} else {
		ttl = ipv6_hdr(skb)->hop_limit;
		*mtu = ip6_dst_mtu_maybe_forward(dst, false);
	}
	if (unlikely(rvs_route_is_local(dst, family)))
		result = rvs_route_here(skb, family, daddr, direct);
	else if (unlikely(rvs_from_loopback(skb, family)))
		result = RVS_ROUTED_CROSSING;
	else if (unlikely(ttl <= 1))
		result = RVS_ROUTED_TTL;
	else if (unlikely(rvs_exceeds_mtu(skb, family, *mtu)))
		result = RVS_ROUTED_TOO_BIG;
	if (result == RVS_ROUTED_OUT || result == RVS_ROUTED_LOCAL) {
		if (unlikely(!rvs_make_room(skb, headers, LL_RESERVED_SPACE(dst_dev(dst)))))
			result = RVS_ROUTED_NOT_WRITABLE;
		rvs_packet_update(skb, packet);
	}
	if (likely(result == RVS_ROUTED_OUT)) {
		skb_dst_drop(skb);
		if (unlikely(own))
			skb_dst_set(skb, dst);
		else
			skb_dst_set_noref(skb, dst);
	} else if (own) {
		dst_release(dst);
	}
	return result;
}

/* Takes the packet away from conntrack, so that no later rule translates it again. */
static void rvs_packet_untrack(struct sk_buff *skb)
{
	if (skb_nfct(skb))
		nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}

/* See rvs_helper_packet_handled(). */
static __always_inline void rvs_packet_handled(struct sk_buff *skb, bool orphan, bool tracked)
{
	skb->ipvs_property = 1;
	if (likely(!tracked))
		rvs_packet_untrack(skb);
	/* A sum that the device made of the whole packet is wrong once its headers changed. */
	skb_forward_csum(skb);
	/* A device means that it came from the network: a local sender keeps its socket. */
	if (orphan && skb->dev)
		skb_orphan(skb);
}

/* Marks the packet as handled; @orphan parts it from a socket that early demux found. */
void rvs_helper_packet_handled(struct sk_buff *skb, bool orphan, bool tracked)
{
	rvs_packet_handled(skb, orphan, tracked);
}

/* Whether the packet came out of a tunnel that ends on this host. */
bool rvs_helper_packet_tunneled(const struct sk_buff *skb)
{
	if (!skb->dev)
		return false;
	switch (skb->dev->type) {
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
		return true;
	default:
		return false;
	}
}

/*
 * Whether rvs alone listens at LOCAL_OUT, where it has nothing to do with what it sends itself, or only
 * together with the defragmentation that it turned on: what it sends is whole.
 */
static bool rvs_is_alone_at_local_out(const struct net *net, u8 family)
{
	const struct nf_hook_entries *hooks;
	unsigned int ours = 0;

	if (family == AF_INET) {
		hooks = rcu_dereference(net->nf.hooks_ipv4[NF_INET_LOCAL_OUT]);
		if (unlikely(!hooks))
			return false;
	} else {
		hooks = rcu_dereference(net->nf.hooks_ipv6[NF_INET_LOCAL_OUT]);
		if (unlikely(!hooks))
			return false;
		ours = hooks->hooks[0].hook == READ_ONCE(rvs_defrag_ipv6);
	}
	return hooks->num_hook_entries == ours + 1 && hooks->hooks[ours].hook == rvs_hook_local_out;
}

/* Sends the packet by its route through the rules of LOCAL_OUT, of which there are some. */
static noinline int rvs_send_through_rules(struct net *net, struct sk_buff *skb, u8 family)
{
	return NF_HOOK(family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6, NF_INET_LOCAL_OUT, net,
		       NULL, skb, NULL, dst_dev(skb_dst(skb)), dst_output);
}

/* Sends the packet by its route, through the LOCAL_OUT and POST_ROUTING rules. Consumes it. */
int rvs_helper_packet_send(struct net *net, struct sk_buff *skb, u8 family, bool tracked)
{
	rvs_packet_handled(skb, true, tracked);
	if (skb->dev)
		skb_clear_tstamp(skb);
	/* The MTU was checked; a packet without DF may be fragmented. */
	skb->ignore_df = 1;
	if (unlikely(!rvs_is_alone_at_local_out(net, family)))
		return rvs_send_through_rules(net, skb, family);
	return dst_output(net, NULL, skb);
}

/*
 * At POST_ROUTING: accounts a packet that rvs has handled in the two counters of this CPU, packets and
 * bytes. True for one that is not untracked: that needs a second look.
 */
bool rvs_helper_packet_left(struct sk_buff *skb, void *counters)
{
	u64 __percpu *sent = (u64 __percpu *)(unsigned long)counters;

	if (!skb->ipvs_property)
		return false;
	if (unlikely(skb_get_nfct(skb) != IP_CT_UNTRACKED))
		return true;
	this_cpu_inc(sent[0]);
	this_cpu_add(sent[1], skb->len);
	return false;
}

/* The second look: accounts the packet, and takes it away from conntrack unless it @stays there. */
void rvs_helper_packet_left_tracked(struct sk_buff *skb, void *counters, bool stays)
{
	u64 __percpu *sent = (u64 __percpu *)(unsigned long)counters;

	if (!stays)
		rvs_packet_untrack(skb);
	this_cpu_inc(sent[0]);
	this_cpu_add(sent[1], skb->len);
}

bool rvs_helper_source_matters(const struct net *net, u8 family)
{
	return rvs_source_matters(net, family);
}

/* Routes a packet again after its addresses changed, unless its route stays on this host. */
int rvs_helper_packet_reroute(struct net *net, struct sk_buff *skb, u8 family)
{
	if (rvs_route_is_local(skb_dst(skb), family))
		return 0;
	if (family == AF_INET)
		return ip_route_me_harder(net, skb->sk, skb, RTN_LOCAL);
	return ip6_route_me_harder(net, skb->sk, skb);
}

void rvs_helper_packet_icmp(struct net *net, struct sk_buff *skb, u8 family, enum rvs_icmp kind,
			    u32 info)
{
	static const struct { u8 type4, code4, type6, code6; } icmp[] = {
		[RVS_ICMP_PORT_UNREACH] = { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
					    ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH },
		[RVS_ICMP_TTL] = { ICMP_TIME_EXCEEDED, ICMP_EXC_TTL,
				   ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT },
		[RVS_ICMP_TOO_BIG] = { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
				       ICMPV6_PKT_TOOBIG, 0 },
		[RVS_ICMP_NO_ROUTE] = { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH,
					ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH },
	};

	if (!skb->dev)
		skb->dev = net->loopback_dev;
	if (family == AF_INET)
		icmp_send(skb, icmp[kind].type4, icmp[kind].code4, htonl(info));
	else
		icmpv6_send(skb, icmp[kind].type6, icmp[kind].code6, info);
}
