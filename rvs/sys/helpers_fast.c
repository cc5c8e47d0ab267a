// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path: packets at a device's ingress, for Rust; see helpers.h. Nothing here drops a packet:
 * what is unusual is left to the normal path, which knows what to do.
 */
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <net/arp.h>
#include <net/ndisc.h>

#include "packet.h"

/* ----------------------------------------------------------------- coming */

/* Takes the padding of short frames off, as the host would. */
static inline bool rvs_fast_trim(struct sk_buff *skb, u32 len)
{
	if (likely(len == skb->len))
		return true;
	return len < skb->len && !skb_shared(skb) && !pskb_trim_rcsum(skb, len);
}

static inline bool rvs_fast_header4(struct sk_buff *skb)
{
	const struct iphdr *iph;

	if (unlikely(skb_headlen(skb) < sizeof(*iph)))
		return false;
	iph = ip_hdr(skb);
	if (unlikely(iph->version != 4 || iph->ihl != 5 || iph->frag_off & htons(IP_MF | IP_OFFSET)))
		return false;
	if (unlikely(ip_fast_csum(iph, 5) || ipv4_is_loopback(iph->saddr)))
		return false;
	return rvs_fast_trim(skb, ntohs(iph->tot_len));
}

static inline bool rvs_fast_header6(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6;

	if (unlikely(skb_headlen(skb) < sizeof(*ip6)))
		return false;
	ip6 = ipv6_hdr(skb);
	if (unlikely(ip6->version != 6 || !ip6->payload_len || ipv6_addr_loopback(&ip6->saddr)))
		return false;
	return rvs_fast_trim(skb, sizeof(*ip6) + ntohs(ip6->payload_len));
}

/*
 * Describes a packet that has come to a device; false if it is not one for the fast path: not for this host
 * alone, not IP, with a VLAN tag, out of a tunnel, handled already; or for another device that is above this.
 */
bool rvs_helper_fast_enter(struct sk_buff *skb, struct rvs_packet *packet, u8 *family)
{
	const struct net_device *dev = skb->dev;

	if (skb->pkt_type != PACKET_HOST || unlikely(skb_vlan_tag_present(skb) || skb_dst(skb)))
		return false;
	if (unlikely(skb->ipvs_property || skb_nfct(skb)))
		return false;
	if (unlikely(rcu_access_pointer(dev->rx_handler) || netif_is_l3_slave(dev)))
		return false;
	if (skb->protocol == htons(ETH_P_IP)) {
		if (!rvs_fast_header4(skb))
			return false;
		*family = AF_INET;
	} else if (skb->protocol == htons(ETH_P_IPV6)) {
		if (!rvs_fast_header6(skb))
			return false;
		*family = AF_INET6;
	} else {
		return false;
	}
	rvs_packet_update(skb, packet);
	packet->cpu_offset = __my_cpu_offset;
	packet->now = (u32)jiffies;
	packet->mark = skb->mark;
	packet->partial = skb->ip_summed == CHECKSUM_PARTIAL;
	return true;
}

/* ------------------------------------------------------------------ routes */

static inline u32 rvs_way_hash(u8 family, const u8 *addr)
{
	const u32 *words = (const u32 *)addr;
	u32 word = words[0];

	if (family == AF_INET6)
		word ^= words[1] ^ words[2] ^ words[3];
	return (word * 0x9e3779b1u) >> (32 - RVS_WAY_BITS);
}

/* Where packets to @addr go; NULL if nowhere. In a hook. */
static inline struct dst_entry *rvs_way_get(struct rvs_namespace *ns, u8 family, const u8 *addr)
{
	struct rvs_way __rcu **place = &ns->ways[rvs_way_hash(family, addr)];
	const u64 *have, *want = (const u64 *)addr;
	struct rvs_way *way = rcu_dereference(*place);

	if (likely(way)) {
		have = (const u64 *)&way->addr;
		if (likely(have[0] == want[0] && have[1] == want[1] && way->family == family) &&
		    likely(dst_check(way->dst, way->cookie)))
			return way->dst;
	}
	return rvs_way_find(ns, family, addr, place);
}

/* The neighbour to which the route leads, if frames to it can be made at once. */
static inline struct neighbour *rvs_fast_neighbour(u8 family, struct dst_entry *dst, const u8 *daddr)
{
	struct net_device *dev = dst_dev(dst);
	struct neighbour *neigh;

	if (family == AF_INET) {
		const struct rtable *rt = dst_rtable(dst);
		u32 next = (__force u32)*(const __be32 *)daddr;

		if (rt->rt_gw_family == AF_INET)
			next = (__force u32)rt->rt_gw4;
		else if (unlikely(rt->rt_gw_family))
			return NULL;
		neigh = __ipv4_neigh_lookup_noref(dev, next);
	} else {
		const struct rt6_info *rt = dst_rt6_info(dst);

		neigh = __ipv6_neigh_lookup_noref(dev, rt6_nexthop(rt, (const void *)daddr));
	}
	if (unlikely(!neigh || !(READ_ONCE(neigh->nud_state) & NUD_CONNECTED) ||
		     !READ_ONCE(neigh->hh.hh_len)))
		return NULL;
	return neigh;
}

/* Makes a packet that somebody else holds, too, the caller's own; false if it stays as it is. */
static noinline bool rvs_fast_unshare(struct sk_buff **skb, u32 headers, unsigned int room)
{
	struct sk_buff *own = skb_clone(*skb, GFP_ATOMIC | __GFP_NOWARN);

	if (!own)
		return false;
	if (!rvs_make_room(own, headers, room)) {
		consume_skb(own);
		return false;
	}
	consume_skb(*skb);
	*skb = own;
	return true;
}

/*
 * The neighbour to which the packet can go at once by this route; its first @headers bytes are
 * writable then, and another packet may have taken its place. NULL if anything is unusual.
 */
static inline struct neighbour *rvs_fast_route(struct sk_buff **own, u8 family,
					       struct dst_entry *dst, const u8 *daddr, u32 headers,
					       struct rvs_packet *packet)
{
	struct sk_buff *skb = *own;
	struct neighbour *neigh;
	unsigned int room;
	u32 mtu;

	if (unlikely(!dst || rvs_route_is_local(dst, family)))
		return NULL;
	if (family == AF_INET) {
		if (unlikely(dst->output != ip_output))
			return NULL;
		mtu = ip_dst_mtu_maybe_forward(dst, false);
	} else {
		if (unlikely(dst->output != ip6_output))
			return NULL;
		mtu = ip6_dst_mtu_maybe_forward(dst, false);
	}
	if (unlikely(skb->len > mtu) &&
	    !(skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu)))
		return NULL;
	neigh = rvs_fast_neighbour(family, dst, daddr);
	if (unlikely(!neigh))
		return NULL;
	room = LL_RESERVED_SPACE(dst_dev(dst));
	if (unlikely(skb_shared(skb) ? !rvs_fast_unshare(own, headers, room) :
				       !rvs_make_room(skb, headers, room)))
		return NULL;
	rvs_packet_update(*own, packet);
	return neigh;
}

/* The same for a packet to a server, by its cached route, if the host still has the virtual address. */
void *rvs_helper_fast_to_server(struct rvs_namespace *ns, struct sk_buff **skb, u8 family,
				struct rvs_route *route, const u8 *virtual_addr, const u8 *daddr,
				bool direct, u32 headers, struct rvs_packet *packet)
{
	struct dst_entry *here = rvs_way_get(ns, family, virtual_addr);

	if (unlikely(!here || !rvs_route_is_local(here, family)))
		return NULL;
	return rvs_fast_route(skb, family, rvs_route_cached(route, direct), daddr, headers, packet);
}

/* Whether the host forwards what comes to the device, and nothing but the destination has a say in where to. */
static inline bool rvs_fast_forwards(const struct net *net, const struct sk_buff *skb, u8 family)
{
#ifdef CONFIG_XFRM
	if (unlikely(net->xfrm.policy_count[XFRM_POLICY_FWD] ||
		     net->xfrm.policy_count[XFRM_POLICY_OUT]))
		return false;
#endif
	if (unlikely(rvs_source_matters(net, family)))
		return false;
	if (family == AF_INET) {
		struct in_device *in = __in_dev_get_rcu(skb->dev);

		return in && IN_DEV_FORWARD(in);
	}
	return READ_ONCE(net->ipv6.devconf_all->forwarding);
}

/* The same for a packet to a client. */
void *rvs_helper_fast_to_client(struct rvs_namespace *ns, struct sk_buff **skb, u8 family,
				const u8 *daddr, u32 headers, struct rvs_packet *packet)
{
	struct neighbour *neigh;

	if (unlikely(!rvs_fast_forwards(ns->net, *skb, family)))
		return NULL;
	neigh = rvs_fast_route(skb, family, rvs_way_get(ns, family, daddr), daddr, headers,
			       packet);
	/* As the host does for what it forwards. */
	if (likely(neigh) && family == AF_INET)
		(*skb)->priority = rt_tos2priority(ip_hdr(*skb)->tos);
	return neigh;
}

/* ------------------------------------------------------------------- going */

/* Sends the packet, whose transport header is at @transport, to the neighbour. Consumes it. */
int rvs_helper_fast_send(struct sk_buff *skb, void *neighbour, u32 transport)
{
	struct neighbour *neigh = neighbour;

	skb->dev = neigh->dev;
	skb->ipvs_property = 1;
	skb_orphan(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb_reset_redirect(skb);
	skb_set_transport_header(skb, transport);
	return neigh_hh_output(&neigh->hh, skb);
}
