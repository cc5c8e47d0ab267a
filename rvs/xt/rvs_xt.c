// SPDX-License-Identifier: GPL-2.0
/*
 * rvs_xt: the match "ipvs" of iptables, revision 0, about the connections of rvs.
 *
 * What is asked of a packet is decided in rvs/logic/ipvs/xt.rs; here it is read.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_ipvs.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>

#include "../sys/xt.h"

/* The addresses and the protocol; the offset of what follows the header, negative if there is none. */
static int rvs_xt_header(const struct sk_buff *skb, u8 family, struct rvs_xt_packet *packet)
{
	int start = skb_network_offset(skb), protocol;
	unsigned int offset = 0;
	unsigned short fragment = 0;

	packet->family = family;
	if (family == NFPROTO_IPV4) {
		struct iphdr buffer;
		const struct iphdr *ip = skb_header_pointer(skb, start, sizeof(buffer), &buffer);

		if (!ip || ip->frag_off & htons(IP_OFFSET))
			return -1;
		memcpy(packet->source, &ip->saddr, sizeof(ip->saddr));
		memcpy(packet->dest, &ip->daddr, sizeof(ip->daddr));
		packet->protocol = ip->protocol;
		return start + ip->ihl * 4;
	} else {
		struct ipv6hdr buffer;
		const struct ipv6hdr *ip = skb_header_pointer(skb, start, sizeof(buffer), &buffer);

		if (!ip)
			return -1;
		memcpy(packet->source, &ip->saddr, sizeof(ip->saddr));
		memcpy(packet->dest, &ip->daddr, sizeof(ip->daddr));
		protocol = ipv6_find_hdr(skb, &offset, -1, &fragment, NULL);
		if (protocol < 0 || fragment)
			return -1;
		packet->protocol = protocol;
		return offset;
	}
}

static bool rvs_xt_read(const struct sk_buff *skb, u8 family, struct rvs_xt_packet *packet)
{
	enum ip_conntrack_info info;
	__be16 buffer[2], *ports;
	int offset = rvs_xt_header(skb, family, packet);

	if (offset < 0)
		return false;
	switch (packet->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		ports = skb_header_pointer(skb, offset, sizeof(buffer), buffer);
		if (!ports)
			return false;
		packet->source_port = ntohs(ports[0]);
		packet->dest_port = ntohs(ports[1]);
		break;
	default:
		return false;
	}
	packet->tracked = nf_ct_get(skb, &info);
	packet->reply = packet->tracked && info >= IP_CT_IS_REPLY;
	return true;
}

static bool rvs_xt_matches(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_ipvs_mtinfo *info = par->matchinfo;
	struct rvs_xt_packet packet = {};

	if (info->bitmask == XT_IPVS_IPVS_PROPERTY)
		return skb->ipvs_property ^ !!(info->invert & XT_IPVS_IPVS_PROPERTY);
	return skb->ipvs_property && rvs_xt_read(skb, xt_family(par), &packet) &&
	       rvs_xt_match(xt_net(par), &packet, (const u8 *)info);
}

static int rvs_xt_check(const struct xt_mtchk_param *par)
{
	if (par->family == NFPROTO_IPV4 || par->family == NFPROTO_IPV6)
		return 0;
	return -EINVAL;
}

static struct xt_match rvs_xt_ipvs __read_mostly = {
	.name = "ipvs",
	.revision = 0,
	.family = NFPROTO_UNSPEC,
	.match = rvs_xt_matches,
	.checkentry = rvs_xt_check,
	.matchsize = XT_ALIGN(sizeof(struct xt_ipvs_mtinfo)),
	.me = THIS_MODULE,
};

static int __init rvs_xt_init(void)
{
	BUILD_BUG_ON(sizeof(struct xt_ipvs_mtinfo) != RVS_XT_INFO);
	return xt_register_match(&rvs_xt_ipvs);
}

static void __exit rvs_xt_exit(void)
{
	xt_unregister_match(&rvs_xt_ipvs);
}

module_init(rvs_xt_init);
module_exit(rvs_xt_exit);

MODULE_AUTHOR("The rvs authors");
MODULE_DESCRIPTION("rvs: the match ipvs of iptables");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xt_ipvs");
MODULE_ALIAS("ipt_ipvs");
MODULE_ALIAS("ip6t_ipvs");
