// SPDX-License-Identifier: GPL-2.0
/*
 * Cached routes and addresses for Rust; see helpers.h.
 */
#include "packet.h"

/* ----------------------------------------------------------------- routes */

void rvs_helper_route_init(struct rvs_route *route)
{
	memset(route, 0, sizeof(*route));
	spin_lock_init(&route->lock);
	seqcount_init(&route->sequence);
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

/* Takes rvs_helper_route_drop()'s @close back. */
void rvs_helper_route_open(struct rvs_route *route)
{
	spin_lock_bh(&route->lock);
	route->closed = false;
	spin_unlock_bh(&route->lock);
}

/*
 * Caches a route (none, if @dst is NULL) for this use, and the source address that goes with it. False if it may not
 * be cached; then the caller keeps its reference.
 */
bool rvs_route_store(struct rvs_route *route, struct dst_entry *dst, u32 cookie, u8 use,
		     const struct in6_addr *source)
{
	struct dst_entry *old;
	bool stored;

	spin_lock_bh(&route->lock);
	old = rcu_dereference_protected(route->dst, lockdep_is_held(&route->lock));
	stored = !dst || (!route->closed && netif_running(dst_dev(dst)));
	write_seqcount_begin(&route->sequence);
	if (stored) {
		route->cookie = cookie;
		route->use = use;
		if (source)
			route->source = *source;
	}
	rcu_assign_pointer(route->dst, stored ? dst : NULL);
	write_seqcount_end(&route->sequence);
	spin_unlock_bh(&route->lock);
	dst_release(old);
	return stored;
}

/* -------------------------------------------------------------- addresses */

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

/* --------------------------------------------------------------- vicinity */

static enum rvs_vicinity rvs_vicinity4(struct net *net, const u8 *client, const u8 *server,
				       u8 *source)
{
	enum rvs_vicinity result = RVS_VICINITY_FAR;
	struct flowi4 there = {}, back = {};
	struct rtable *rt, *rt_client;

	memcpy(&there.daddr, server, sizeof(there.daddr));
	rt = ip_route_output_key(net, &there);
	if (IS_ERR(rt))
		return RVS_VICINITY_HERE;
	memcpy(source, &there.saddr, sizeof(there.saddr));
	memcpy(&back.daddr, client, sizeof(back.daddr));
	rt_client = ip_route_output_key(net, &back);
	if (rt->rt_flags & RTCF_LOCAL)
		result = RVS_VICINITY_HERE;
	else if (!IS_ERR(rt_client) && !rt_client->rt_gw_family &&
		 dst_dev(&rt_client->dst) == dst_dev(&rt->dst))
		result = RVS_VICINITY_NEAR;
	if (!IS_ERR(rt_client))
		ip_rt_put(rt_client);
	ip_rt_put(rt);
	return result;
}

static enum rvs_vicinity rvs_vicinity6(struct net *net, const u8 *client, const u8 *server,
				       u8 *source)
{
	enum rvs_vicinity result = RVS_VICINITY_FAR;
	struct flowi6 there = {}, back = {};
	struct dst_entry *dst, *dst_client;
	struct in6_addr saddr;

	memcpy(&there.daddr, server, sizeof(there.daddr));
	memcpy(&back.daddr, client, sizeof(back.daddr));
	dst = ip6_route_output(net, NULL, &there);
	dst_client = ip6_route_output(net, NULL, &back);
	if (dst->error || dst_dev(dst)->flags & IFF_LOOPBACK ||
	    ipv6_dev_get_saddr(net, dst_dev(dst), &there.daddr, 0, &saddr)) {
		result = RVS_VICINITY_HERE;
	} else {
		memcpy(source, &saddr, sizeof(saddr));
		if (!dst_client->error && !(dst_rt6_info(dst_client)->rt6i_flags & RTF_GATEWAY) &&
		    dst_dev(dst_client) == dst_dev(dst))
			result = RVS_VICINITY_NEAR;
	}
	dst_release(dst_client);
	dst_release(dst);
	return result;
}

/*
 * Whether @server can answer @client past this host, and the address with which this host talks to the
 * server. Under RCU, bottom halves off.
 */
enum rvs_vicinity rvs_helper_vicinity(struct net *net, u8 family, const u8 *client,
				      const u8 *server, u8 *source)
{
	if (family == AF_INET)
		return rvs_vicinity4(net, client, server, source);
	return rvs_vicinity6(net, client, server, source);
}

/* The range that sockets take their ports from: the first in the upper half, the last in the lower. */
u32 rvs_helper_local_ports(struct net *net)
{
	int low, high;

	inet_get_local_port_range(net, &low, &high);
	return (u32)low << 16 | (u32)high;
}

/* ------------------------------------------------------- for those who ask */

static bool rvs_route_exists(const struct dst_entry *dst)
{
	return !IS_ERR_OR_NULL(dst) && !dst->error;
}

/* Where a packet would be seen: bits of RVS_ARRIVES. Process context or bottom halves, under RCU. */
u32 rvs_helper_arrives(struct net *net, u8 family, const u8 *saddr, const u8 *daddr, u32 mark)
{
	struct dst_entry *dst;
	u32 where = 0;

	if (family == AF_INET) {
		struct flowi4 fl4 = { .flowi4_mark = mark, .flowi4_flags = FLOWI_FLAG_ANYSRC };
		struct rtable *rt;

		memcpy(&fl4.saddr, saddr, sizeof(fl4.saddr));
		memcpy(&fl4.daddr, daddr, sizeof(fl4.daddr));
		if (inet_addr_type(net, fl4.saddr) == RTN_LOCAL)
			where |= RVS_ARRIVES_FROM_HERE;
		rt = ip_route_output_key(net, &fl4);
		dst = IS_ERR(rt) ? NULL : &rt->dst;
	} else {
		struct flowi6 fl6 = { .flowi6_mark = mark };

		memcpy(&fl6.saddr, saddr, sizeof(fl6.saddr));
		memcpy(&fl6.daddr, daddr, sizeof(fl6.daddr));
		if (ipv6_chk_addr(net, &fl6.saddr, NULL, 0))
			where |= RVS_ARRIVES_FROM_HERE;
		dst = ip6_route_output(net, NULL, &fl6);
	}
	if (rvs_route_exists(dst) && rvs_route_is_local(dst, family))
		where |= RVS_ARRIVES_HERE;
	dst_release(dst);
	return where;
}

static struct dst_entry *rvs_hop4(struct net *net, const u8 *daddr, u8 flags, struct rvs_next_hop *hop)
{
	struct flowi4 fl4 = { .flowi4_flags = flags };
	struct rtable *rt;

	memcpy(&fl4.daddr, daddr, sizeof(fl4.daddr));
	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return NULL;
	memcpy(hop->source, &fl4.saddr, sizeof(fl4.saddr));
	hop->via_family = rt->rt_gw_family;
	if (rt->rt_gw_family == AF_INET)
		memcpy(hop->via, &rt->rt_gw4, sizeof(rt->rt_gw4));
	else if (rt->rt_gw_family == AF_INET6)
		memcpy(hop->via, &rt->rt_gw6, sizeof(rt->rt_gw6));
	hop->mtu = ip_dst_mtu_maybe_forward(&rt->dst, false);
	return &rt->dst;
}

static struct dst_entry *rvs_hop6(struct net *net, const u8 *daddr, u8 flags, struct rvs_next_hop *hop)
{
	struct flowi6 fl6 = { .flowi6_flags = flags };
	struct dst_entry *dst;
	struct rt6_info *rt;

	memcpy(&fl6.daddr, daddr, sizeof(fl6.daddr));
	dst = ip6_route_output(net, NULL, &fl6);
	if (!rvs_route_exists(dst)) {
		dst_release(dst);
		return NULL;
	}
	rt = dst_rt6_info(dst);
	if (!ipv6_dev_get_saddr(net, dst_dev(dst), &fl6.daddr, 0, &fl6.saddr))
		memcpy(hop->source, &fl6.saddr, sizeof(fl6.saddr));
	if (rt->rt6i_flags & RTF_GATEWAY) {
		hop->via_family = AF_INET6;
		memcpy(hop->via, &rt->rt6i_gateway, sizeof(rt->rt6i_gateway));
	}
	hop->mtu = ip6_dst_mtu_maybe_forward(dst, false);
	return dst;
}

/*
 * The hop that a packet to @daddr would take: RVS_ROUTED_OUT, RVS_ROUTED_LOCAL or RVS_ROUTED_NONE. @direct
 * is for one that keeps another address. Process context or bottom halves, under RCU.
 */
enum rvs_routed rvs_helper_way(struct net *net, u8 family, const u8 *daddr, bool direct,
			       struct rvs_next_hop *hop)
{
	u8 flags = direct ? FLOWI_FLAG_KNOWN_NH : 0;
	enum rvs_routed result;
	struct dst_entry *dst;

	memset(hop, 0, sizeof(*hop));
	if (family == AF_INET)
		dst = rvs_hop4(net, daddr, flags, hop);
	else
		dst = rvs_hop6(net, daddr, flags, hop);
	if (!dst)
		return RVS_ROUTED_NONE;
	hop->device = dst_dev(dst)->ifindex;
	result = rvs_route_is_local(dst, family) ? RVS_ROUTED_LOCAL : RVS_ROUTED_OUT;
	dst_release(dst);
	return result;
}
