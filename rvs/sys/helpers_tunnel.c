// SPDX-License-Identifier: GPL-2.0
/*
 * Packets inside of others for Rust; see helpers.h. The headers themselves are written by Rust.
 */
#include <net/gre.h>
#include <net/ip6_checksum.h>
#include <net/ip_tunnels.h>
#include <net/udp.h>
#include <net/xfrm.h>

#include "packet.h"

/* ----------------------------------------------------------------- routes */

/* The route to @daddr that is bound to the source address which the host prefers for it, or an error. */
static struct dst_entry *rvs_tunnel_lookup4(struct net *net, const u8 *daddr,
					    struct in6_addr *source)
{
	struct flowi4 fl4 = {};
	struct rtable *rt;
	__be32 addr;

	memcpy(&addr, daddr, sizeof(addr));
	fl4.daddr = addr;
	rt = ip_route_output_key(net, &fl4);
	if (!IS_ERR(rt) && fl4.saddr) {
		ip_rt_put(rt);
		flowi4_update_output(&fl4, 0, addr, fl4.saddr);
		rt = ip_route_output_key(net, &fl4);
	}
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	memset(source, 0, sizeof(*source));
	source->s6_addr32[0] = fl4.saddr;
	return &rt->dst;
}

static struct dst_entry *rvs_tunnel_lookup6(struct net *net, const u8 *daddr,
					    struct in6_addr *source)
{
	struct flowi6 fl6 = {};
	struct dst_entry *dst;
	int error;

	memcpy(&fl6.daddr, daddr, sizeof(fl6.daddr));
	dst = ip6_route_output(net, NULL, &fl6);
	error = dst->error;
	if (!error && ipv6_addr_any(&fl6.saddr))
		error = ipv6_dev_get_saddr(net, dst_dev(dst), &fl6.daddr, 0, &fl6.saddr);
	if (error) {
		dst_release(dst);
		return ERR_PTR(error);
	}
	*source = fl6.saddr;
	/* Consumes the reference also when it fails. */
	return xfrm_lookup(net, dst, flowi6_to_flowi(&fl6), NULL, 0);
}

/*
 * The route of a tunnel to @daddr, cached if it may be, with its source address, or an error. Sets @own
 * when the caller has a reference. Under RCU.
 */
static struct dst_entry *rvs_tunnel_dst(struct net *net, u8 family, struct rvs_route *route,
					const u8 *daddr, struct in6_addr *source, bool *own)
{
	struct dst_entry *dst;
	unsigned int sequence;
	u32 cookie = 0;

	*own = false;
	do {
		sequence = read_seqcount_begin(&route->sequence);
		dst = rvs_route_cached(route, RVS_USE_TUNNEL);
		*source = route->source;
	} while (read_seqcount_retry(&route->sequence, sequence));
	if (likely(dst))
		return dst;
	if (family == AF_INET) {
		dst = rvs_tunnel_lookup4(net, daddr, source);
	} else {
		dst = rvs_tunnel_lookup6(net, daddr, source);
		/* That of an IPsec bundle is inside of it. */
		if (!IS_ERR(dst) && !dst_xfrm(dst))
			cookie = rt6_get_cookie(dst_rt6_info(dst));
	}
	*own = !rvs_route_store(route, IS_ERR(dst) ? NULL : dst, cookie, RVS_USE_TUNNEL, source);
	return dst;
}

/* What a packet may have at most. */
static u32 rvs_inner_mtu(const struct dst_entry *dst, const struct rvs_tunnel *tunnel)
{
	u32 mtu = dst_mtu(dst);

	return mtu > tunnel->overhead + tunnel->least ? mtu - tunnel->overhead : tunnel->least;
}

/* Lets a socket of this host know what fits through the tunnel. */
static void rvs_tell_socket(struct sk_buff *skb, u32 mtu)
{
	struct dst_entry *dst = skb_dst(skb);

	if (!skb->dev && skb->sk && sk_fullsock(skb->sk) && dst->ops->update_pmtu)
		dst->ops->update_pmtu(dst, skb->sk, NULL, mtu, true);
}

static void rvs_tunnel_describe(struct net *net, struct sk_buff *skb, struct rvs_tunnel *tunnel)
{
	if (tunnel->hashed)
		tunnel->port = ntohs(udp_flow_src_port(net, skb, 0, 0, false));
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		tunnel->csum_start = skb_checksum_start_offset(skb);
		tunnel->csum_offset = skb->csum_offset;
	}
}

/*
 * Gives a packet of @family the route of a tunnel, and room for the headers. The packet is unchanged
 * unless RVS_ROUTED_OUT is returned. Under RCU, bottom halves off.
 */
enum rvs_routed rvs_helper_tunnel_route(struct net *net, struct sk_buff *skb, u8 family,
					struct rvs_route *route, struct rvs_tunnel *tunnel,
					struct rvs_packet *packet)
{
	enum rvs_routed result = RVS_ROUTED_OUT;
	struct in6_addr source;
	struct dst_entry *dst;
	bool own;
	u8 ttl;

	dst = rvs_tunnel_dst(net, tunnel->family, route, tunnel->daddr, &source, &own);
	if (IS_ERR(dst))
		return rvs_unrouted(dst);
	memcpy(tunnel->source, &source, sizeof(source));
	ttl = family == AF_INET ? ip_hdr(skb)->ttl : ipv6_hdr(skb)->hop_limit;
	tunnel->mtu = rvs_inner_mtu(dst, tunnel);
	if (unlikely(rvs_route_is_local(dst, tunnel->family))) {
		result = rvs_route_is_local(skb_dst(skb), family) ? RVS_ROUTED_LOCAL :
								    RVS_ROUTED_CROSSING;
	} else if (unlikely(rvs_from_loopback(skb, family))) {
		result = RVS_ROUTED_CROSSING;
	} else if (unlikely(ttl <= 1)) {
		result = RVS_ROUTED_TTL;
	} else {
		rvs_tell_socket(skb, tunnel->mtu);
		if (!tunnel->always && unlikely(rvs_exceeds_mtu(skb, family, tunnel->mtu)))
			result = RVS_ROUTED_TOO_BIG;
	}
	if (likely(result == RVS_ROUTED_OUT)) {
		u32 room = LL_RESERVED_SPACE(dst_dev(dst)) + tunnel->overhead;

		if (unlikely(skb_ensure_writable(skb, tunnel->headers) || skb_cow_head(skb, room)))
			result = RVS_ROUTED_NOT_WRITABLE;
		rvs_packet_update(skb, packet);
	}
	if (unlikely(result != RVS_ROUTED_OUT)) {
		if (own)
			dst_release(dst);
		return result;
	}
	rvs_tunnel_describe(net, skb, tunnel);
	skb_dst_drop(skb);
	if (unlikely(own))
		skb_dst_set(skb, dst);
	else
		skb_dst_set_noref(skb, dst);
	return result;
}

/* The MTU of the route of a tunnel to @daddr, 0 if there is none. Under RCU, bottom halves off. */
u32 rvs_helper_tunnel_mtu(struct net *net, u8 family, struct rvs_route *route, const u8 *daddr)
{
	struct in6_addr source;
	struct dst_entry *dst;
	bool own;
	u32 mtu;

	dst = rvs_tunnel_dst(net, family, route, daddr, &source, &own);
	if (IS_ERR(dst))
		return 0;
	mtu = dst_mtu(dst);
	if (own)
		dst_release(dst);
	return mtu;
}

/* ------------------------------------------------------------ encapsulation */

/* What a super-packet is from now on, for those who cut it. */
static int rvs_gso_type(const struct sk_buff *skb, const struct rvs_encap *encap)
{
	switch (encap->protocol) {
	case IPPROTO_GRE:
		return encap->csum ? SKB_GSO_GRE_CSUM : SKB_GSO_GRE;
	case IPPROTO_UDP:
		return (encap->family == AF_INET ? SKB_GSO_IPXIP4 : SKB_GSO_IPXIP6) |
		       (encap->csum ? SKB_GSO_UDP_TUNNEL_CSUM : SKB_GSO_UDP_TUNNEL) |
		       (encap->remcsum ? SKB_GSO_TUNNEL_REMCSUM : 0);
	default:
		return encap->family == AF_INET ? SKB_GSO_IPXIP4 : SKB_GSO_IPXIP6;
	}
}

/* Notes where the packet inside begins, and what it is. */
static bool rvs_note_inner(struct sk_buff *skb, const struct rvs_encap *encap)
{
	bool v4 = encap->inner_family == AF_INET;

	if (iptunnel_handle_offloads(skb, rvs_gso_type(skb, encap)))
		return false;
	skb_set_inner_mac_header(skb, skb_inner_network_offset(skb));
	if (encap->protocol == IPPROTO_GRE)
		skb_set_inner_protocol(skb, htons(v4 ? ETH_P_IP : ETH_P_IPV6));
	else
		skb_set_inner_ipproto(skb, v4 ? IPPROTO_IPIP : IPPROTO_IPV6);
	/* The receiver completes the checksum inside: the device must not. */
	if (encap->remcsum && !skb_is_gso(skb)) {
		skb->ip_summed = CHECKSUM_NONE;
		skb->encapsulation = 0;
	}
	return true;
}

/* The checksum of GRE over a packet that goes as it is, made now or by the device. */
static void rvs_gre_checksum(struct sk_buff *skb)
{
	__sum16 *check = (__sum16 *)(skb_transport_header(skb) + sizeof(struct gre_base_hdr));

	if (skb_is_gso(skb))
		return;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		*check = csum_fold(lco_csum(skb));
		return;
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = sizeof(struct gre_base_hdr);
}

static void rvs_outer_checksum(struct sk_buff *skb, const struct rvs_encap *encap)
{
	int len = skb->len - encap->ip_len;

	if (encap->protocol == IPPROTO_GRE)
		rvs_gre_checksum(skb);
	else if (encap->family == AF_INET)
		udp_set_csum(false, skb, ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, len);
	else
		udp6_set_csum(false, skb, &ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr, len);
}

/*
 * Puts headers before a packet that rvs_helper_tunnel_route() has made ready, and completes what
 * depends on the rest: checksums, and the ID of an IPv4 header. False if memory is short.
 */
bool rvs_helper_tunnel_push(struct net *net, struct sk_buff *skb, const struct rvs_encap *encap,
			    struct rvs_packet *packet)
{
	/* The CRC of SCTP must be there before a checksum over it. */
	if (encap->csum && skb->ip_summed == CHECKSUM_PARTIAL && skb->csum_not_inet &&
	    !skb_is_gso(skb) && skb_crc32c_csum_help(skb))
		return false;
	if (!rvs_note_inner(skb, encap))
		return false;
	memcpy(skb_push(skb, encap->len), encap->bytes, encap->len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, encap->ip_len);
	/* What the layer of the inner header noted there means something else now. */
	memset(skb->cb, 0, max(sizeof(struct inet_skb_parm), sizeof(struct inet6_skb_parm)));
	if (encap->csum)
		rvs_outer_checksum(skb, encap);
	if (encap->family == AF_INET) {
		struct iphdr *iph = ip_hdr(skb);

		skb->protocol = htons(ETH_P_IP);
		if (!(iph->frag_off & htons(IP_DF)))
			__ip_select_ident(net, iph, skb_shinfo(skb)->gso_segs ?: 1);
		ip_send_check(iph);
	} else {
		skb->protocol = htons(ETH_P_IPV6);
	}
	rvs_packet_update(skb, packet);
	return true;
}
