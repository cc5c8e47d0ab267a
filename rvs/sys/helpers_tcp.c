// SPDX-License-Identifier: GPL-2.0
/*
 * TCP segments that rvs makes itself, for Rust; see helpers.h.
 */
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/tcp.h>

#include "helpers.h"

static void rvs_tcp_put(struct sk_buff *skb, const struct rvs_segment *segment)
{
	struct tcphdr *tcp = skb_put_zero(skb, sizeof(*tcp));

	skb_set_transport_header(skb, (u8 *)tcp - skb->data);
	tcp->source = htons(segment->src_port);
	tcp->dest = htons(segment->dst_port);
	tcp->seq = htonl(segment->seq);
	tcp->ack_seq = htonl(segment->ack);
	tcp->doff = sizeof(*tcp) / 4;
	tcp_flag_byte(tcp) = segment->flags;
}

/* The ends need not be addresses of this host. The mark that chose a service is none of an answer. */
static struct dst_entry *rvs_tcp_route4(struct net *net, const struct rvs_segment *segment)
{
	struct flowi4 fl4 = {
		.flowi4_proto = IPPROTO_TCP,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt;

	memcpy(&fl4.saddr, segment->src, sizeof(fl4.saddr));
	memcpy(&fl4.daddr, segment->dst, sizeof(fl4.daddr));
	rt = ip_route_output_key(net, &fl4);
	return IS_ERR(rt) ? NULL : &rt->dst;
}

static struct dst_entry *rvs_tcp_route6(struct net *net, const struct rvs_segment *segment)
{
	struct flowi6 fl6 = {
		.flowi6_proto = IPPROTO_TCP,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
	};
	struct dst_entry *dst;

	memcpy(&fl6.saddr, segment->src, sizeof(fl6.saddr));
	memcpy(&fl6.daddr, segment->dst, sizeof(fl6.daddr));
	dst = ip6_route_output(net, NULL, &fl6);
	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

static void rvs_tcp_put4(struct sk_buff *skb, const struct rvs_segment *segment)
{
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));
	struct tcphdr *tcp;

	skb_reset_network_header(skb);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->frag_off = htons(IP_DF);
	ip->ttl = ip4_dst_hoplimit(skb_dst(skb));
	ip->protocol = IPPROTO_TCP;
	memcpy(&ip->saddr, segment->src, sizeof(ip->saddr));
	memcpy(&ip->daddr, segment->dst, sizeof(ip->daddr));
	rvs_tcp_put(skb, segment);
	tcp = tcp_hdr(skb);
	tcp->check = tcp_v4_check(sizeof(*tcp), ip->saddr, ip->daddr,
				  csum_partial(tcp, sizeof(*tcp), 0));
	skb->protocol = htons(ETH_P_IP);
}

static void rvs_tcp_put6(struct sk_buff *skb, const struct rvs_segment *segment)
{
	struct ipv6hdr *ip = skb_put_zero(skb, sizeof(*ip));
	struct tcphdr *tcp;

	skb_reset_network_header(skb);
	ip->version = 6;
	ip->nexthdr = IPPROTO_TCP;
	ip->hop_limit = ip6_dst_hoplimit(skb_dst(skb));
	memcpy(&ip->saddr, segment->src, sizeof(ip->saddr));
	memcpy(&ip->daddr, segment->dst, sizeof(ip->daddr));
	rvs_tcp_put(skb, segment);
	tcp = tcp_hdr(skb);
	tcp->check = csum_ipv6_magic(&ip->saddr, &ip->daddr, sizeof(*tcp), IPPROTO_TCP,
				     csum_partial(tcp, sizeof(*tcp), 0));
	skb->protocol = htons(ETH_P_IPV6);
}

/* Sends a segment without data, if there is a way. Under RCU, any context but hard irq. */
void rvs_helper_tcp_send(struct net *net, const struct rvs_segment *segment)
{
	bool v4 = segment->family == AF_INET;
	struct dst_entry *dst;
	struct sk_buff *skb;

	dst = v4 ? rvs_tcp_route4(net, segment) : rvs_tcp_route6(net, segment);
	if (!dst)
		return;
	skb = alloc_skb(LL_RESERVED_SPACE(dst_dev(dst)) + sizeof(struct ipv6hdr) +
			sizeof(struct tcphdr), GFP_ATOMIC | __GFP_NOWARN);
	if (!skb) {
		dst_release(dst);
		return;
	}
	skb_reserve(skb, LL_RESERVED_SPACE(dst_dev(dst)));
	skb_dst_set(skb, dst);
	/* It is part of a balanced connection, of which neither our hooks nor conntrack need to know. */
	skb->ipvs_property = 1;
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	if (v4) {
		rvs_tcp_put4(skb, segment);
		ip_local_out(net, NULL, skb);
	} else {
		rvs_tcp_put6(skb, segment);
		ip6_local_out(net, NULL, skb);
	}
}
