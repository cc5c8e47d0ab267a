// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments and relayed ICMP errors for Rust; see helpers.h.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv6.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/route.h>

#include "helpers.h"

/* -------------------------------------------------------------- fragments */

/*
 * Puts an IPv4 fragment together with the others of its packet. True when the packet is whole, which
 * takes the place of its last fragment; otherwise the fragment is consumed. Bottom halves off.
 */
bool rvs_helper_packet_gather(struct net *net, struct sk_buff *skb, bool forwarded,
			      struct rvs_packet *packet)
{
	if (ip_defrag(net, skb, forwarded ? IP_DEFRAG_VS_FWD : IP_DEFRAG_VS_OUT))
		return false;
	ip_send_check(ip_hdr(skb));
	packet->data = skb_network_header(skb);
	packet->linear = skb_headlen(skb);
	packet->len = skb->len;
	packet->partial = skb->ip_summed == CHECKSUM_PARTIAL;
	return true;
}

nf_hookfn *rvs_defrag_ipv6 __read_mostly;

/* Finds out which hook at LOCAL_OUT puts fragments together: the kernel's own, at that priority. */
static void rvs_learn_defrag_ipv6(const struct net *net)
{
	const struct nf_hook_entries *hooks;
	struct nf_hook_ops **ops;
	unsigned int i;

	rcu_read_lock();
	hooks = rcu_dereference(net->nf.hooks_ipv6[NF_INET_LOCAL_OUT]);
	ops = hooks ? nf_hook_entries_get_hook_ops(hooks) : NULL;
	for (i = 0; ops && i < hooks->num_hook_entries; i++)
		if (ops[i]->priority == NF_IP6_PRI_CONNTRACK_DEFRAG &&
		    ops[i]->hook_ops_type == NF_HOOK_OP_UNDEFINED)
			WRITE_ONCE(rvs_defrag_ipv6, hooks->hooks[i].hook);
	rcu_read_unlock();
}

/* From now on IPv6 fragments are put together before a hook sees them. Process context. */
int rvs_helper_ns_gather_ipv6(struct rvs_namespace *ns)
{
	int ret;

	if (ns->gathers_ipv6)
		return 0;
	ret = nf_defrag_ipv6_enable(ns->net);
	ns->gathers_ipv6 = !ret;
	if (!ret && !READ_ONCE(rvs_defrag_ipv6))
		rvs_learn_defrag_ipv6(ns->net);
	return ret;
}

void rvs_helper_ns_scatter_ipv6(struct rvs_namespace *ns)
{
	if (ns->gathers_ipv6)
		nf_defrag_ipv6_disable(ns->net);
	ns->gathers_ipv6 = false;
}

/* --------------------------------------------------------- relayed errors */

/* Notes the path MTU of a tunnel; the packet begins with the tunnel's outer header. */
static void rvs_tunnel_mtu(struct net *net, struct sk_buff *skb, u8 family, u32 mtu)
{
	if (family == AF_INET)
		ipv4_update_pmtu(skb, net, mtu, 0, 0);
	else
		ip6_update_pmtu(skb, net, htonl(mtu), 0, 0, sock_net_uid(net, NULL));
}

/* Gives an IPv4 packet the input route that its error is sent by, as if it had just come in. */
static bool rvs_route_input(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct flowi4 fl4 = { .daddr = iph->saddr };
	struct rtable *rt = ip_route_output_key(net, &fl4);

	if (IS_ERR(rt))
		return false;
	skb->dev = rt->dst.dev;
	ip_rt_put(rt);
	return !ip_route_input(skb, iph->daddr, iph->saddr, ip4h_dscp(iph), skb->dev);
}

/* Sends the error to the sender of the packet, which begins with its own header now. */
static void rvs_relay_send(struct net *net, struct sk_buff *skb, const struct rvs_relay *relay)
{
	bool other = relay->inner_family != relay->family;

	/* What the layer of the outer header noted there means something else now. */
	memset(skb->cb, 0, max(sizeof(struct inet_skb_parm), sizeof(struct inet6_skb_parm)));
	if (other)
		skb_dst_drop(skb);
	if (relay->inner_family == AF_INET) {
		skb->protocol = htons(ETH_P_IP);
		if (!other || rvs_route_input(net, skb))
			icmp_send(skb, relay->type, relay->code, htonl(relay->info));
	} else {
		skb->protocol = htons(ETH_P_IPV6);
		IP6CB(skb)->iif = skb->dev->ifindex;
		icmpv6_send(skb, relay->type, relay->code, relay->info);
	}
}

/*
 * Handles an ICMP error about a packet of a tunnel of ours; @relay says what it quotes and what to tell
 * the sender of the packet inside. False if the error is damaged; otherwise it is consumed. At LOCAL_IN.
 */
bool rvs_helper_packet_relay(struct net *net, struct sk_buff *skb, const struct rvs_relay *relay)
{
	u8 protocol = relay->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	u32 inner = relay->outer + relay->inner;

	if (nf_checksum(skb, NF_INET_LOCAL_IN, relay->icmp, protocol, relay->family))
		return false;
	if (!pskb_may_pull(skb, inner + relay->inner_header))
		return false;
	skb_pull(skb, relay->outer);
	skb_reset_network_header(skb);
	if (relay->mtu)
		rvs_tunnel_mtu(net, skb, relay->family, relay->mtu);
	if (relay->tell) {
		skb_pull(skb, relay->inner);
		skb_reset_network_header(skb);
		skb_set_transport_header(skb, relay->inner_header);
		rvs_relay_send(net, skb, relay);
	}
	consume_skb(skb);
	return true;
}
