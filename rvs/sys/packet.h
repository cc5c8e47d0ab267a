/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the helpers of packets and of tunnels have in common.
 */
#ifndef RVS_SYS_PACKET_H
#define RVS_SYS_PACKET_H

#include <linux/netfilter.h>
#include <net/addrconf.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "helpers.h"

/* The hook that puts fragments of IPv6 together, once a namespace has it. */
extern nf_hookfn *rvs_defrag_ipv6;

static inline void rvs_packet_update(struct sk_buff *skb, struct rvs_packet *packet)
{
	packet->data = skb_network_header(skb);
	packet->linear = skb_headlen(skb);
	packet->len = skb->len;
}

static inline bool rvs_exceeds_mtu(const struct sk_buff *skb, u8 family, u32 mtu)
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

static inline bool rvs_route_is_local(const struct dst_entry *dst, u8 family)
{
	if (family == AF_INET)
		return dst_rtable(dst)->rt_flags & RTCF_LOCAL;
	return dst_dev(dst)->flags & IFF_LOOPBACK;
}

static inline bool rvs_from_loopback(const struct sk_buff *skb, u8 family)
{
	if (family == AF_INET)
		return ipv4_is_loopback(ip_hdr(skb)->saddr);
	return ipv6_addr_loopback(&ipv6_hdr(skb)->saddr);
}

/* What became of a packet to whose route a look-up answered with this error. */
static inline enum rvs_routed rvs_unrouted(const struct dst_entry *error)
{
	switch (PTR_ERR(error)) {
	case -ENOMEM:
	case -ENOBUFS:
		return RVS_ROUTED_NO_MEMORY;
	default:
		return RVS_ROUTED_NONE;
	}
}

/* The cached route, if there is a valid one for this use. Under RCU. */
static inline struct dst_entry *rvs_route_cached(struct rvs_route *route, u8 use)
{
	struct dst_entry *dst = rcu_dereference(route->dst);

	if (likely(dst && route->use == use) && likely(dst_check(dst, route->cookie)))
		return dst;
	return NULL;
}

/*
 * The route to @daddr; @direct if a packet keeps another address. The caller gets a reference, or an
 * error; IPv6 says of no memory that there is no route.
 */
static inline struct dst_entry *rvs_route_lookup(struct net *net, u8 family, const u8 *daddr,
						 bool direct, u32 *cookie)
{
	u8 flags = direct ? FLOWI_FLAG_KNOWN_NH : 0;
	struct dst_entry *dst;

	*cookie = 0;
	if (family == AF_INET) {
		struct flowi4 fl4 = { .flowi4_flags = flags };
		struct rtable *rt;

		memcpy(&fl4.daddr, daddr, sizeof(fl4.daddr));
		rt = ip_route_output_key(net, &fl4);
		return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
	} else {
		struct flowi6 fl6 = { .flowi6_flags = flags };

		memcpy(&fl6.daddr, daddr, sizeof(fl6.daddr));
		dst = ip6_route_output(net, NULL, &fl6);
		if (dst->error) {
			int error = dst->error;

			dst_release(dst);
			return ERR_PTR(error);
		}
		*cookie = rt6_get_cookie(dst_rt6_info(dst));
		return dst;
	}
}

/* Makes the first @headers bytes linear and the packet's own, with @room bytes before them. */
static inline bool rvs_make_room(struct sk_buff *skb, u32 headers, unsigned int room)
{
	if (likely(!skb_cloned(skb) && headers <= skb_headlen(skb) && skb_headroom(skb) >= room))
		return true;
	if (!pskb_may_pull(skb, headers))
		return false;
	/* A clone whose headers are its own already need not be copied. */
	if (skb_cloned(skb) && !skb_clone_writable(skb, headers))
		return !skb_cow(skb, room);
	return !__skb_cow(skb, room, 0);
}

/* Whether a route can depend on the source address: policy rules or source-specific routes. */
static inline bool rvs_source_matters(const struct net *net, u8 family)
{
	if (family == AF_INET) {
#ifdef CONFIG_IP_MULTIPLE_TABLES
		return net->ipv4.fib_has_custom_rules;
#else
		return false;
#endif
	}
	return fib6_has_custom_rules(net) || fib6_routes_require_src(net);
}

#endif /* RVS_SYS_PACKET_H */
