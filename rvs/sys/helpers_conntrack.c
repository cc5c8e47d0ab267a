// SPDX-License-Identifier: GPL-2.0
/*
 * nf_conntrack for Rust; see helpers.h.
 *
 * Not a symbol of that module is linked here, so that rvs loads without it. What is needed besides
 * inline functions and the hook of the netfilter core is looked up when a namespace first wants it,
 * and keeps the module until the last such namespace has ended.
 */
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "helpers.h"

struct rvs_conntrack {
	typeof(&nf_conntrack_find_get) find_get;
	typeof(&nf_ct_delete) delete;
};

static DEFINE_MUTEX(rvs_conntrack_lock);
static struct rvs_conntrack rvs_conntrack_symbols;
static const struct rvs_conntrack __rcu *rvs_conntrack;
static u32 rvs_conntrack_users;

static void rvs_conntrack_put(void)
{
	if (rvs_conntrack_symbols.find_get)
		symbol_put(nf_conntrack_find_get);
	if (rvs_conntrack_symbols.delete)
		symbol_put(nf_ct_delete);
	rvs_conntrack_symbols = (struct rvs_conntrack){};
}

/* Loads nf_conntrack and keeps it, until rvs_helper_conntrack_drop(). Process context. */
int rvs_helper_conntrack_hold(void)
{
	int ret = 0;

	request_module("nf_conntrack");
	mutex_lock(&rvs_conntrack_lock);
	if (!rvs_conntrack_users) {
		rvs_conntrack_symbols.find_get = symbol_get(nf_conntrack_find_get);
		rvs_conntrack_symbols.delete = symbol_get(nf_ct_delete);
		if (rvs_conntrack_symbols.find_get && rvs_conntrack_symbols.delete) {
			rcu_assign_pointer(rvs_conntrack, &rvs_conntrack_symbols);
		} else {
			rvs_conntrack_put();
			ret = -EPROTONOSUPPORT;
		}
	}
	if (!ret)
		rvs_conntrack_users++;
	mutex_unlock(&rvs_conntrack_lock);
	return ret;
}

void rvs_helper_conntrack_drop(void)
{
	mutex_lock(&rvs_conntrack_lock);
	if (!--rvs_conntrack_users) {
		RCU_INIT_POINTER(rvs_conntrack, NULL);
		synchronize_rcu();
		rvs_conntrack_put();
	}
	mutex_unlock(&rvs_conntrack_lock);
}

static void rvs_conntrack_addr(union nf_inet_addr *to, const u8 *addr, u8 family)
{
	memcpy(to, addr, family == AF_INET ? sizeof(to->in) : sizeof(to->in6));
}

static void rvs_conntrack_tuple(struct nf_conntrack_tuple *tuple, const struct rvs_flow *flow,
				const struct rvs_flow_end *src, const struct rvs_flow_end *dst)
{
	memset(tuple, 0, sizeof(*tuple));
	rvs_conntrack_addr(&tuple->src.u3, src->addr, flow->family);
	rvs_conntrack_addr(&tuple->dst.u3, dst->addr, flow->family);
	tuple->src.u.all = htons(src->port);
	tuple->dst.u.all = htons(dst->port);
	tuple->src.l3num = flow->family;
	tuple->dst.protonum = flow->protocol;
}

/*
 * The server answers past this host. The entry shall not wait for answers, nor judge the client's
 * packets by those that it has not seen.
 */
static void rvs_conntrack_one_sided(struct nf_conn *ct)
{
	set_bit(IPS_SEEN_REPLY_BIT, &ct->status);
	if (nf_ct_protonum(ct) != IPPROTO_TCP)
		return;
	spin_lock_bh(&ct->lock);
	if (ct->proto.tcp.state == TCP_CONNTRACK_SYN_SENT)
		ct->proto.tcp.state = TCP_CONNTRACK_SYN_RECV;
	ct->proto.tcp.seen[0].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	ct->proto.tcp.seen[1].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	spin_unlock_bh(&ct->lock);
}

/*
 * Tells the entry of a connection, which this packet begins and which is not in the table yet, where the
 * answers come from, or for a packet that is an answer, where the client's packets go to.
 */
void rvs_helper_conntrack_follow(struct sk_buff *skb, const struct rvs_flow *flow, bool answer)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conntrack_tuple reply;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || nf_ct_is_confirmed(ct) || nf_ct_is_dying(ct))
		return;
	if (CTINFO2DIR(ctinfo) != IP_CT_DIR_ORIGINAL || nf_ct_protonum(ct) != flow->protocol)
		return;
	if (!flow->translated) {
		if (!answer)
			rvs_conntrack_one_sided(ct);
		return;
	}
	reply = ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	if (answer) {
		rvs_conntrack_addr(&reply.dst.u3, flow->virt.addr, flow->family);
		reply.dst.u.all = htons(flow->virt.port);
	} else {
		rvs_conntrack_addr(&reply.src.u3, flow->server.addr, flow->family);
		reply.src.u.all = htons(flow->server.port);
		if (flow->masqueraded) {
			rvs_conntrack_addr(&reply.dst.u3, flow->source.addr, flow->family);
			reply.dst.u.all = htons(flow->source.port);
		}
	}
	nf_conntrack_alter_reply(ct, &reply);
}

/* Puts the packet's entry into the table, as the end of its way through the rules would. */
bool rvs_helper_conntrack_confirm(struct sk_buff *skb)
{
	const struct nf_ct_hook *hook = rcu_dereference(nf_ct_hook);
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!hook || !ct || nf_ct_is_confirmed(ct))
		return true;
	return hook->confirm(skb) == NF_ACCEPT;
}

/* Ends the entry of a connection that has ended. Any context. */
void rvs_helper_conntrack_end(struct net *net, const struct rvs_flow *flow)
{
	static const struct nf_conntrack_zone zone = { .dir = NF_CT_DEFAULT_ZONE_DIR };
	const struct rvs_conntrack *symbols;
	struct nf_conntrack_tuple tuple;
	struct nf_conntrack_tuple_hash *found;
	struct nf_conn *ct;

	rcu_read_lock();
	symbols = rcu_dereference(rvs_conntrack);
	if (!symbols)
		goto out;
	rvs_conntrack_tuple(&tuple, flow, &flow->client, &flow->virt);
	found = symbols->find_get(net, &zone, &tuple);
	if (!found && flow->translated) {
		/* A rule before rvs has changed where the client sent it to. */
		rvs_conntrack_tuple(&tuple, flow, &flow->server, &flow->source);
		found = symbols->find_get(net, &zone, &tuple);
	}
	if (found) {
		ct = nf_ct_tuplehash_to_ctrack(found);
		symbols->delete(ct, 0, 0);
		nf_conntrack_put(&ct->ct_general);
	}
out:
	rcu_read_unlock();
}
