// SPDX-License-Identifier: GPL-2.0
/*
 * Packets, routes and addresses for Rust; see helpers.h.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
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

#include "helpers.h"

/* ---------------------------------------------------------------- packets */

static void rvs_packet_update(struct sk_buff *skb, struct rvs_packet *packet)
{
	packet->data = skb_network_header(skb);
	packet->linear = skb_headlen(skb);
	packet->len = skb->len;
}

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

static bool rvs_exceeds_mtu(const struct sk_buff *skb, u8 family, u32 mtu)
{
	if (likely(skb->len <= mtu))
		return false;
	if (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu))
		return false;
	if (family == AF_INET)
		return ip_hdr(skb)->frag_off & htons(IP_DF);
	/* Reassembled by defragmentation: it leaves in fragments no larger than it came. */
	return !IP6CB(skb)->frag_max_size || IP6CB(skb)->frag_max_size > mtu;
}

static struct dst_entry *rvs_route_lookup(struct net *net, u8 family, const u8 *daddr, bool direct,
					  u32 *cookie)
{
	u8 flags = direct ? FLOWI_FLAG_KNOWN_NH : 0;
	struct dst_entry *dst;

	*cookie = 0;
	if (family == AF_INET) {
		struct flowi4 fl4 = { .flowi4_flags = flags };
		struct rtable *rt;

		memcpy(&fl4.daddr, daddr, sizeof(fl4.daddr));
		rt = ip_route_output_key(net, &fl4);
		return IS_ERR(rt) ? NULL : &rt->dst;
	} else {
		struct flowi6 fl6 = { .flowi6_flags = flags };

		memcpy(&fl6.daddr, daddr, sizeof(fl6.daddr));
		dst = ip6_route_output(net, NULL, &fl6);
		if (dst->error) {
			dst_release(dst);
			return NULL;
		}
		*cookie = rt6_get_cookie(dst_rt6_info(dst));
		return dst;
	}
}

/* The route to @daddr, cached if it may be. Sets @own when the caller has a reference. */
static struct dst_entry *rvs_route_get(struct net *net, u8 family, struct rvs_route *route,
				       const u8 *daddr, bool direct, bool *own)
{
	struct dst_entry *dst = rcu_dereference(route->dst), *old;
	u32 cookie;

	*own = false;
	if (likely(dst && route->direct == direct) && likely(dst_check(dst, route->cookie)))
		return dst;
	dst = rvs_route_lookup(net, family, daddr, direct, &cookie);
	spin_lock_bh(&route->lock);
	old = rcu_dereference_protected(route->dst, lockdep_is_held(&route->lock));
	if (dst && (route->closed || !netif_running(dst_dev(dst)))) {
		*own = true;
		rcu_assign_pointer(route->dst, NULL);
	} else {
		route->cookie = cookie;
		route->direct = direct;
		rcu_assign_pointer(route->dst, dst);
	}
	spin_unlock_bh(&route->lock);
	dst_release(old);
	return dst;
}

static bool rvs_route_is_local(const struct dst_entry *dst, u8 family)
{
	if (family == AF_INET)
		return dst_rtable(dst)->rt_flags & RTCF_LOCAL;
	return dst_dev(dst)->flags & IFF_LOOPBACK;
}

static bool rvs_from_loopback(const struct sk_buff *skb, u8 family)
{
	if (family == AF_INET)
		return ipv4_is_loopback(ip_hdr(skb)->saddr);
	return ipv6_addr_loopback(&ipv6_hdr(skb)->saddr);
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
	if (unlikely(!dst))
		return RVS_ROUTED_NONE;
	ttl = family == AF_INET ? ip_hdr(skb)->ttl : ipv6_hdr(skb)->hop_limit;
	*mtu = dst_mtu(dst);
	if (unlikely(rvs_route_is_local(dst, family)))
		result = RVS_ROUTED_LOCAL;
	else if (unlikely(rvs_from_loopback(skb, family)))
		result = RVS_ROUTED_NONE;
	else if (unlikely(ttl <= 1))
		result = RVS_ROUTED_TTL;
	else if (unlikely(rvs_exceeds_mtu(skb, family, *mtu)))
		result = RVS_ROUTED_TOO_BIG;
	if (result == RVS_ROUTED_OUT || result == RVS_ROUTED_LOCAL) {
		if (unlikely(skb_ensure_writable(skb, headers) ||
			     skb_cow(skb, LL_RESERVED_SPACE(dst_dev(dst)))))
			result = RVS_ROUTED_NO_MEMORY;
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

/* Marks the packet as handled; @orphan parts it from a socket that early demux found. */
void rvs_helper_packet_handled(struct sk_buff *skb, bool orphan)
{
	skb->ipvs_property = 1;
	rvs_packet_untrack(skb);
	/* A sum that the device made of the whole packet is wrong once its headers changed. */
	skb_forward_csum(skb);
	/* A device means that it came from the network: a local sender keeps its socket. */
	if (orphan && skb->dev)
		skb_orphan(skb);
}

/* Whether rvs alone listens at LOCAL_OUT, where it has nothing to do with what it sends itself. */
static bool rvs_is_alone_at_local_out(const struct net *net, u8 family)
{
	const struct nf_hook_entries *hooks;

	if (family == AF_INET)
		hooks = rcu_dereference(net->nf.hooks_ipv4[NF_INET_LOCAL_OUT]);
	else
		hooks = rcu_dereference(net->nf.hooks_ipv6[NF_INET_LOCAL_OUT]);
	return hooks && hooks->num_hook_entries == 1 &&
	       hooks->hooks[0].hook == rvs_hook_local_out;
}

/* Sends the packet by its route, through the LOCAL_OUT and POST_ROUTING rules. Consumes it. */
int rvs_helper_packet_send(struct net *net, struct sk_buff *skb, u8 family)
{
	rvs_helper_packet_handled(skb, true);
	if (skb->dev)
		skb_clear_tstamp(skb);
	/* The MTU was checked; a packet without DF may be fragmented. */
	skb->ignore_df = 1;
	if (likely(rvs_is_alone_at_local_out(net, family)))
		return dst_output(net, NULL, skb);
	return NF_HOOK(family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6, NF_INET_LOCAL_OUT, net,
		       NULL, skb, NULL, dst_dev(skb_dst(skb)), dst_output);
}

/*
 * At POST_ROUTING: accounts a packet that rvs has handled in the two counters of this CPU, packets and
 * bytes, and takes it away from conntrack once more, should a rule have brought it back.
 */
void rvs_helper_packet_left(struct sk_buff *skb, void *counters)
{
	u64 __percpu *sent = (u64 __percpu *)(unsigned long)counters;

	if (!skb->ipvs_property)
		return;
	if (skb_nfct(skb))
		rvs_packet_untrack(skb);
	this_cpu_inc(sent[0]);
	this_cpu_add(sent[1], skb->len);
}

/*
 * Routes a packet again after its addresses changed, unless its route stays on this host. Unless
 * @always, only where the source address can matter to the route: with policy rules or
 * source-specific routes.
 */
int rvs_helper_packet_reroute(struct net *net, struct sk_buff *skb, u8 family, bool always)
{
	if (family == AF_INET) {
#ifdef CONFIG_IP_MULTIPLE_TABLES
		always |= net->ipv4.fib_has_custom_rules;
#endif
		if (likely(!always) || skb_rtable(skb)->rt_flags & RTCF_LOCAL)
			return 0;
		return ip_route_me_harder(net, skb->sk, skb, RTN_LOCAL);
	}
	always |= fib6_has_custom_rules(net) || fib6_routes_require_src(net);
	if (likely(!always) || dst_dev(skb_dst(skb))->flags & IFF_LOOPBACK)
		return 0;
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

/* ----------------------------------------------------------------- routes */

void rvs_helper_route_init(struct rvs_route *route)
{
	memset(route, 0, sizeof(*route));
	spin_lock_init(&route->lock);
}

/* Forgets the cached route; @close also keeps another from being cached. */
void rvs_helper_route_drop(struct rvs_route *route, bool close)
{
	struct dst_entry *old;

	spin_lock_bh(&route->lock);
	old = rcu_replace_pointer(route->dst, NULL, lockdep_is_held(&route->lock));
	route->closed |= close;
	spin_unlock_bh(&route->lock);
	dst_release(old);
}

/* Whether @addr can be a real server: a unicast or local address, as IPVS demands. */
bool rvs_helper_addr_is_unicast_or_local(struct net *net, u8 family, const u8 *addr)
{
	struct in6_addr addr6;
	__be32 addr4;
	u32 type;

	if (family == AF_INET) {
		memcpy(&addr4, addr, sizeof(addr4));
		type = inet_addr_type(net, addr4);
		return type == RTN_LOCAL || type == RTN_UNICAST;
	}
	memcpy(&addr6, addr, sizeof(addr6));
	type = ipv6_addr_type(&addr6);
	if (type & IPV6_ADDR_UNICAST && !(type & IPV6_ADDR_LINKLOCAL))
		return true;
	return ipv6_chk_addr(net, &addr6, NULL, 0);
}
