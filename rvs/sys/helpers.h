/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Rust needs of the kernel that is a macro or a static inline in C, and the structures that
 * both sides share. One function per need; the Rust side of each is a safe type in rvs/sys.
 *
 * Functions named rvs_helper_*() are implemented in helpers.c and called by Rust; those named
 * rvs_net_*(), rvs_ns_*() and rvs_hook_*() are implemented in Rust and called by the kernel.
 */
#ifndef RVS_SYS_HELPERS_H
#define RVS_SYS_HELPERS_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

/* A packet as a hook sees it, gathered in one call. */
struct rvs_packet {
	u8 *data;			/* the network header */
	u32 linear;			/* bytes from there that are linear */
	u32 len;			/* bytes from there to the end */
	unsigned long cpu_offset;	/* per-CPU offset of this CPU */
	u32 now;			/* low word of jiffies */
	u8 partial;			/* the transport checksum is CHECKSUM_PARTIAL */
};

/* A cached route, validated at each use. */
struct rvs_route {
	struct dst_entry __rcu *dst;
	u32 cookie;
	bool direct;			/* the route is for a packet that keeps its daddr */
	bool closed;			/* nothing may be cached any more */
	spinlock_t lock;		/* writers */
};

/* What became of a packet that was to be sent to a destination. */
enum rvs_routed {
	RVS_ROUTED_OUT,			/* the packet carries the new route */
	RVS_ROUTED_LOCAL,		/* the destination is this host */
	RVS_ROUTED_NONE,		/* no route, or one that must not be taken */
	RVS_ROUTED_TTL,			/* TTL or hop limit is used up */
	RVS_ROUTED_TOO_BIG,		/* longer than the path MTU, which is returned */
	RVS_ROUTED_NO_MEMORY,		/* headers could not be made writable */
};

/* Which ICMP error to send. */
enum rvs_icmp {
	RVS_ICMP_PORT_UNREACH,
	RVS_ICMP_TTL,
	RVS_ICMP_TOO_BIG,
	RVS_ICMP_NO_ROUTE,
};

/* The part of a namespace's state that C needs to see. */
struct rvs_namespace {
	struct net *net;
	struct nf_hook_ops *hooks;	/* NULL while not registered */
	struct delayed_work work;
};

/* locks */
void rvs_helper_spin_lock_init(spinlock_t *lock, u32 class);
void rvs_helper_spin_lock_bh(spinlock_t *lock);
void rvs_helper_spin_unlock_bh(spinlock_t *lock);

/* memory */
void *rvs_helper_percpu_alloc(size_t size, size_t align);
void *rvs_helper_percpu_next(void *base, u32 *cpu);
struct kmem_cache *rvs_helper_cache_create(const char *name, size_t size, size_t align);
void *rvs_helper_cache_alloc(struct kmem_cache *cache);

/* time */
u32 rvs_helper_seconds_to_jiffies(u32 seconds);
u32 rvs_helper_jiffies_to_msecs(u32 jiffies);

/* namespaces and hooks */
int rvs_helper_pernet_register(void);
void rvs_helper_pernet_unregister(void);
void *rvs_helper_net_state(const struct net *net);
void rvs_helper_net_set_state(const struct net *net, void *state);
void rvs_helper_ns_init(struct rvs_namespace *ns, struct net *net);
void rvs_helper_ns_kick(struct rvs_namespace *ns, u32 ms);
void rvs_helper_ns_stop(struct rvs_namespace *ns);
int rvs_helper_ns_hook(struct rvs_namespace *ns);
void rvs_helper_ns_unhook(struct rvs_namespace *ns);

/* packets */
bool rvs_helper_packet_enter(struct sk_buff *skb, const struct nf_hook_state *state,
			     struct rvs_packet *packet);
void rvs_helper_packet_leave(void);
bool rvs_helper_packet_pull(struct sk_buff *skb, u32 len, struct rvs_packet *packet);
bool rvs_helper_packet_writable(struct sk_buff *skb, u32 len, struct rvs_packet *packet);
enum rvs_routed rvs_helper_packet_route(struct net *net, struct sk_buff *skb, u8 family,
					struct rvs_route *route, const u8 *daddr, bool direct,
					u32 headers, struct rvs_packet *packet, u32 *mtu);
int rvs_helper_packet_send(struct net *net, struct sk_buff *skb, u8 family);
int rvs_helper_packet_reroute(struct net *net, struct sk_buff *skb, u8 family, bool always);
void rvs_helper_packet_handled(struct sk_buff *skb, bool orphan);
void rvs_helper_packet_left(struct sk_buff *skb, void *counters);
void rvs_helper_packet_icmp(struct net *net, struct sk_buff *skb, u8 family, enum rvs_icmp kind,
			    u32 info);

/* routes */
void rvs_helper_route_init(struct rvs_route *route);
void rvs_helper_route_drop(struct rvs_route *route, bool close);

/* addresses */
bool rvs_helper_addr_is_unicast_or_local(struct net *net, u8 family, const u8 *addr);

/* generic netlink */
u8 *rvs_helper_genl_reply_new(struct genl_info *info, u8 cmd, u32 size, struct sk_buff **skb,
			      u32 *room);
int rvs_helper_genl_reply_send(struct genl_info *info, struct sk_buff *skb, u32 used);
u8 *rvs_helper_genl_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			       struct nlmsghdr **header, u32 *room);
void rvs_helper_genl_dump_end(struct sk_buff *skb, struct nlmsghdr *header, u32 used);
struct net *rvs_helper_genl_info_net(const struct genl_info *info);
struct net *rvs_helper_genl_dump_net(const struct netlink_callback *cb);

/* implemented in Rust */
int rvs_net_init(struct net *net);
void rvs_net_pre_exit(struct net *net);
void rvs_net_exit(struct net *net);
void rvs_net_device_down(struct net *net);
void rvs_ns_work(struct rvs_namespace *ns);
unsigned int rvs_hook_local_in(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int rvs_hook_forward(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int rvs_hook_local_out(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int rvs_hook_post_routing(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state);

#endif /* RVS_SYS_HELPERS_H */
