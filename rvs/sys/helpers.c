// SPDX-License-Identifier: GPL-2.0
/*
 * Macros and static inlines of the kernel as functions that Rust can call; see helpers.h.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/percpu.h>
#include <net/netns/generic.h>

#include "helpers.h"

/* ------------------------------------------------------------------ locks */

static struct lock_class_key rvs_lock_keys[8];
static const char *const rvs_lock_names[] = { "rvs_list", "rvs_table", "rvs_scheduler",
						"rvs_module", "rvs_stats", "rvs_hairpin", "rvs_dest",
						"rvs_turn" };

void rvs_helper_spin_lock_init(spinlock_t *lock, u32 class)
{
	spin_lock_init(lock);
	lockdep_set_class_and_name(lock, &rvs_lock_keys[class], rvs_lock_names[class]);
}
EXPORT_SYMBOL_GPL(rvs_helper_spin_lock_init);

/* ----------------------------------------------------------------- memory */

void *rvs_helper_percpu_alloc(size_t size, size_t align)
{
	return (void *)(__force unsigned long)__alloc_percpu_gfp(size, align, GFP_KERNEL_ACCOUNT);
}

/* The copy of the possible CPU @cpu or the next higher one, NULL after the last; moves @cpu on. */
void *rvs_helper_percpu_next(void *base, u32 *cpu)
{
	unsigned int next = cpumask_next((int)*cpu - 1, cpu_possible_mask);

	if (next >= nr_cpu_ids)
		return NULL;
	*cpu = next + 1;
	return per_cpu_ptr((void __percpu *)(unsigned long)base, next);
}

/*
 * Objects are freed after a grace period and written as a whole when they are allocated. To say the
 * former of the cache keeps the allocator from clearing them in vain; @rcu is where the object's
 * callback head is, which is not in use while the object is free.
 */
struct kmem_cache *rvs_helper_cache_create(const char *name, size_t size, size_t align, size_t rcu)
{
	struct kmem_cache_args args = {
		.align = align,
		.use_freeptr_offset = true,
		.freeptr_offset = rcu,
	};

	return kmem_cache_create(name, size, &args,
				 SLAB_HWCACHE_ALIGN | SLAB_NO_MERGE | SLAB_TYPESAFE_BY_RCU);
}

u64 rvs_helper_available_pages(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	return (u64)info.freeram + info.bufferram;
}

/* --------------------------------------------------- namespaces and hooks */

static unsigned int rvs_net_id __read_mostly;

static struct pernet_operations rvs_pernet_ops = {
	.init = rvs_net_init,
	.pre_exit = rvs_net_pre_exit,
	.exit = rvs_net_exit,
	.id = &rvs_net_id,
	.size = sizeof(void *),
};

/*
 * A device that goes down must not be kept by cached routes: its removal waits for them. The fast path
 * has a hook at each device.
 */
static int rvs_device_event(struct notifier_block *this, unsigned long event, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct rvs_namespace *ns = rvs_helper_net_state(dev_net(dev));

	if (ns)
		rvs_ingress_event(ns, dev, event);
	if (event == NETDEV_DOWN || event == NETDEV_UNREGISTER)
		rvs_net_device_down(dev_net(dev));
	return NOTIFY_DONE;
}

static struct notifier_block rvs_device_notifier = {
	.notifier_call = rvs_device_event,
};

int rvs_helper_pernet_register(void)
{
	int ret;

	ret = register_pernet_subsys(&rvs_pernet_ops);
	if (ret)
		return ret;
	ret = register_netdevice_notifier(&rvs_device_notifier);
	if (ret)
		unregister_pernet_subsys(&rvs_pernet_ops);
	return ret;
}

void rvs_helper_pernet_unregister(void)
{
	rvs_ingress_close();
	unregister_netdevice_notifier(&rvs_device_notifier);
	unregister_pernet_subsys(&rvs_pernet_ops);
}

void *rvs_helper_net_state(const struct net *net)
{
	return *(void **)net_generic(net, rvs_net_id);
}

void rvs_helper_net_set_state(const struct net *net, void *state)
{
	*(void **)net_generic(net, rvs_net_id) = state;
}

static void rvs_ns_work_fn(struct work_struct *work)
{
	rvs_ns_work(container_of(to_delayed_work(work), struct rvs_namespace, work));
}

static void rvs_ns_defend_fn(struct work_struct *work)
{
	rvs_ns_defend(container_of(to_delayed_work(work), struct rvs_namespace, defense));
}

void rvs_helper_ns_init(struct rvs_namespace *ns, struct net *net)
{
	ns->net = net;
	ns->hooks = NULL;
	INIT_LIST_HEAD(&ns->ingress);
	ns->ways = NULL;
	ns->ingress_count = 0;
	ns->fast = false;
	ns->sysctl = NULL;
	ns->gathers_ipv6 = false;
	INIT_DELAYED_WORK(&ns->work, rvs_ns_work_fn);
	INIT_DELAYED_WORK(&ns->defense, rvs_ns_defend_fn);
}

/* Runs the namespace's work in @ms milliseconds; a run that is due earlier stays. Any context. */
void rvs_helper_ns_kick(struct rvs_namespace *ns, u32 ms)
{
	if (ms)
		queue_delayed_work(system_dfl_wq, &ns->work, msecs_to_jiffies(ms));
	else
		mod_delayed_work(system_dfl_wq, &ns->work, 0);
}

/* Runs the namespace's defence in @ms milliseconds; a run that is due earlier stays. Any context. */
void rvs_helper_ns_defend(struct rvs_namespace *ns, u32 ms)
{
	queue_delayed_work(system_dfl_wq, &ns->defense, msecs_to_jiffies(ms));
}

/* Waits for both works and keeps them from ever running again. */
void rvs_helper_ns_stop(struct rvs_namespace *ns)
{
	disable_delayed_work_sync(&ns->defense);
	disable_delayed_work_sync(&ns->work);
}

/*
 * Priorities: after the filter rules of LOCAL_IN (0), where IPVS stands; before source NAT (100)
 * in POST_ROUTING; after conntrack (-200) and destination NAT (-100), before filter rules (0), in
 * LOCAL_OUT.
 */
#define RVS_HOOKS(pf_)								\
	{ .hook = rvs_hook_local_in, .pf = (pf_), .hooknum = NF_INET_LOCAL_IN,	\
	  .priority = NF_IP_PRI_NAT_SRC - 1 },					\
	{ .hook = rvs_hook_forward, .pf = (pf_), .hooknum = NF_INET_FORWARD,	\
	  .priority = NF_IP_PRI_NAT_SRC },					\
	{ .hook = rvs_hook_local_out, .pf = (pf_), .hooknum = NF_INET_LOCAL_OUT,	\
	  .priority = NF_IP_PRI_NAT_DST + 2 },					\
	{ .hook = rvs_hook_post_routing, .pf = (pf_),				\
	  .hooknum = NF_INET_POST_ROUTING, .priority = NF_IP_PRI_NAT_SRC - 1 }

static const struct nf_hook_ops rvs_hook_ops[] = {
	RVS_HOOKS(NFPROTO_IPV4),
	RVS_HOOKS(NFPROTO_IPV6),
};

int rvs_helper_ns_hook(struct rvs_namespace *ns)
{
	struct nf_hook_ops *ops;
	size_t i;
	int ret;

	if (ns->hooks)
		return 0;
	ops = kmemdup(rvs_hook_ops, sizeof(rvs_hook_ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(rvs_hook_ops); i++)
		ops[i].priv = ns;
	ret = nf_register_net_hooks(ns->net, ops, ARRAY_SIZE(rvs_hook_ops));
	if (ret) {
		kfree(ops);
		return ret;
	}
	ns->hooks = ops;
	return 0;
}

/* Returns when no packet is inside a hook of this namespace any more. */
void rvs_helper_ns_unhook(struct rvs_namespace *ns)
{
	rvs_helper_ns_scatter_ipv6(ns);
	if (!ns->hooks)
		return;
	nf_unregister_net_hooks(ns->net, ns->hooks, ARRAY_SIZE(rvs_hook_ops));
	synchronize_rcu();
	kfree(ns->hooks);
	ns->hooks = NULL;
}
