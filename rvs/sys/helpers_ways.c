// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path's hooks at devices, and the ways that it remembers; see helpers.h.
 *
 * A way is the route to a client, or to a virtual address, which leads nowhere but here. There is room for
 * one in each place of a table; readers use RCU, and whoever replaces one exchanges the pointer.
 */
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "packet.h"

/* ------------------------------------------------------------------- ways */

static void rvs_way_put(struct rvs_way *way)
{
	if (!way)
		return;
	/* At once: the removal of its device waits for it. Who still uses it is under RCU. */
	dst_release(way->dst);
	kfree_rcu(way, rcu);
}

static struct rvs_way *rvs_way_exchange(struct rvs_way __rcu **place, struct rvs_way *new)
{
	return (__force struct rvs_way *)xchg((__force struct rvs_way **)place, new);
}

/* Looks the way to @addr up and keeps it in its place, unless the one there came just now. In a hook. */
struct dst_entry *rvs_way_find(struct rvs_namespace *ns, u8 family, const u8 *addr,
			       struct rvs_way __rcu **place)
{
	struct rvs_way *old = rcu_dereference(*place), *new = NULL;
	struct dst_entry *dst;
	u32 cookie;

	dst = rvs_route_lookup(ns->net, family, addr, false, &cookie);
	if (IS_ERR(dst))
		return NULL;
	/* Many clients that share a place must not make it dearer than no place at all. */
	if (!old || old->since != (u32)jiffies)
		new = kmalloc_obj(*new, GFP_ATOMIC | __GFP_NOWARN);
	if (!new) {
		/* Freed after a grace period only. */
		dst_release(dst);
		return dst;
	}
	new->dst = dst;
	new->cookie = cookie;
	new->since = (u32)jiffies;
	new->family = family;
	memcpy(&new->addr, addr, sizeof(new->addr));
	rvs_way_put(rvs_way_exchange(place, new));
	/* Either this sees the device go down, or who forgets the ways sees this one. */
	if (unlikely(!netif_running(dst_dev(dst))))
		rvs_way_put(rvs_way_exchange(place, NULL));
	return dst;
}

/* Forgets all ways. RTNL held, or no hook is left. */
void rvs_ways_forget(struct rvs_namespace *ns)
{
	size_t i;

	for (i = 0; ns->ways && i < 1 << RVS_WAY_BITS; i++) {
		if (rcu_access_pointer(ns->ways[i]))
			rvs_way_put(rvs_way_exchange(&ns->ways[i], NULL));
	}
}

/* ------------------------------------------------------------------ hooks */

/* A hook at a device. */
struct rvs_ingress {
	struct list_head list;
	struct rcu_head rcu;
	struct nf_hook_ops ops;
};

/* The module is being unloaded: no device gets a hook any more. RTNL. */
static bool rvs_ingress_closed;

static struct rvs_ingress *rvs_ingress_find(struct rvs_namespace *ns, const struct net_device *dev)
{
	struct rvs_ingress *hook;

	list_for_each_entry(hook, &ns->ingress, list) {
		if (hook->ops.dev == dev)
			return hook;
	}
	return NULL;
}

/* After all other hooks there: what the administrator has there is not to be passed by. */
static int rvs_ingress_add(struct rvs_namespace *ns, struct net_device *dev)
{
	struct rvs_ingress *hook;
	int ret;

	if (dev->flags & IFF_LOOPBACK || rvs_ingress_find(ns, dev))
		return 0;
	hook = kzalloc_obj(*hook, GFP_KERNEL);
	if (!hook)
		return -ENOMEM;
	hook->ops.hook = rvs_hook_ingress;
	hook->ops.dev = dev;
	hook->ops.priv = ns;
	hook->ops.pf = NFPROTO_NETDEV;
	hook->ops.hooknum = NF_NETDEV_INGRESS;
	hook->ops.priority = INT_MAX;
	ret = nf_register_net_hook(ns->net, &hook->ops);
	if (ret) {
		kfree(hook);
		return ret;
	}
	list_add(&hook->list, &ns->ingress);
	WRITE_ONCE(ns->ingress_count, ns->ingress_count + 1);
	return 0;
}

static void rvs_ingress_del(struct rvs_namespace *ns, struct rvs_ingress *hook)
{
	nf_unregister_net_hook(ns->net, &hook->ops);
	list_del(&hook->list);
	WRITE_ONCE(ns->ingress_count, ns->ingress_count - 1);
	kfree_rcu(hook, rcu);
}

/* A device comes, goes or goes down. RTNL held. */
int rvs_ingress_event(struct rvs_namespace *ns, struct net_device *dev, unsigned long event)
{
	struct rvs_ingress *hook;

	ASSERT_RTNL();
	switch (event) {
	case NETDEV_REGISTER:
		return ns->fast && !rvs_ingress_closed ? rvs_ingress_add(ns, dev) : 0;
	case NETDEV_UNREGISTER:
		hook = rvs_ingress_find(ns, dev);
		if (hook)
			rvs_ingress_del(ns, hook);
		fallthrough;
	case NETDEV_DOWN:
		rvs_ways_forget(ns);
		return 0;
	default:
		return 0;
	}
}

/* Keeps devices from getting hooks: nobody will hear of them when they go. */
void rvs_ingress_close(void)
{
	rtnl_lock();
	rvs_ingress_closed = true;
	rtnl_unlock();
}

static int rvs_ingress_on(struct rvs_namespace *ns)
{
	struct net_device *dev;
	int ret = 0;

	ASSERT_RTNL();
	if (rvs_ingress_closed)
		return 0;
	if (!ns->ways)
		ns->ways = kvzalloc_objs(*ns->ways, 1 << RVS_WAY_BITS, GFP_KERNEL);
	if (!ns->ways)
		return -ENOMEM;
	ns->fast = true;
	for_each_netdev(ns->net, dev)
		ret = ret ?: rvs_ingress_add(ns, dev);
	return ret;
}

/* True if there were hooks. */
static bool rvs_ingress_off(struct rvs_namespace *ns)
{
	struct rvs_ingress *hook, *next;

	ASSERT_RTNL();
	ns->fast = false;
	list_for_each_entry_safe(hook, next, &ns->ingress, list)
		rvs_ingress_del(ns, hook);
	return ns->ways;
}

/*
 * Gives every device of the namespace a hook, those that come later included, or takes all away; then
 * no packet is inside one any more when this returns. Process context; not two at once.
 */
int rvs_helper_ns_fast(struct rvs_namespace *ns, bool on)
{
	bool were = false;
	int ret = 0;

	if (!on && !ns->ways)
		return 0;
	rtnl_lock();
	if (on)
		ret = rvs_ingress_on(ns);
	else
		were = rvs_ingress_off(ns);
	rtnl_unlock();
	if (!were)
		return ret;
	synchronize_rcu();
	/* No packet adds a way any more, but a device may go down. */
	rtnl_lock();
	rvs_ways_forget(ns);
	kvfree(ns->ways);
	ns->ways = NULL;
	rtnl_unlock();
	return 0;
}

/* How many devices have a hook. */
u32 rvs_helper_ns_fast_devices(const struct rvs_namespace *ns)
{
	return READ_ONCE(ns->ingress_count);
}
