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

#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/seqlock.h>
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
	u32 mark;			/* firewall mark */
	u8 partial;			/* the transport checksum is CHECKSUM_PARTIAL */
};

/* A cached route, validated at each use. */
struct rvs_route {
	struct dst_entry __rcu *dst;
	u32 cookie;
	u8 use;				/* what it is for, enum rvs_use */
	bool closed;			/* nothing may be cached any more */
	spinlock_t lock;		/* writers */
	seqcount_t sequence;		/* of dst and source together */
	struct in6_addr source;		/* what goes into a tunnel's outer header */
};

/* What a route is for. */
enum rvs_use {
	RVS_USE_PLAIN,			/* a packet to its address */
	RVS_USE_DIRECT,			/* a packet that keeps another address */
	RVS_USE_TUNNEL,			/* a tunnel's packet */
};

/* What became of a packet that was to be sent to a destination. */
enum rvs_routed {
	RVS_ROUTED_OUT,			/* the packet carries the new route */
	RVS_ROUTED_LOCAL,		/* the destination is this host */
	RVS_ROUTED_NONE,		/* no route, or one that must not be taken */
	RVS_ROUTED_TTL,			/* TTL or hop limit is used up */
	RVS_ROUTED_TOO_BIG,		/* longer than the path MTU, which is returned */
	RVS_ROUTED_NO_MEMORY,		/* for the route */
	RVS_ROUTED_NOT_WRITABLE,	/* headers could not be made writable */
	RVS_ROUTED_CROSSING,		/* from or to the loopback network, or back out */
};

/* The way of a packet that is to be put into another one. */
struct rvs_tunnel {
	u8 daddr[16];			/* in: the end of the tunnel */
	u8 family;			/* in: of the outer header */
	bool hashed;			/* in: wants a source port */
	bool always;			/* in: may be split whatever it says itself */
	u32 headers;			/* in: bytes to make writable */
	u32 overhead;			/* in: bytes that the encapsulation adds */
	u32 least;			/* in: an MTU below this counts as this */
	u8 source[16];			/* out: this end of the tunnel */
	u32 mtu;			/* out: what the packet may have at most */
	u16 port;			/* out: source port that depends on the flow */
	u16 csum_start;			/* out: of a packet with CHECKSUM_PARTIAL */
	u16 csum_offset;		/* out: where its checksum stands, from there */
};

/* Headers to be put before a packet. */
struct rvs_encap {
	u8 bytes[64];
	u32 len;
	u32 ip_len;			/* length of the IP header, which comes first */
	u8 family;			/* of that header */
	u8 inner_family;
	u8 protocol;			/* IPPROTO_IPIP (any inner family), IPPROTO_UDP, IPPROTO_GRE */
	bool csum;			/* has a checksum over the whole */
	bool remcsum;			/* the receiver completes the checksum inside */
};

/* Which ICMP error to send. */
enum rvs_icmp {
	RVS_ICMP_PORT_UNREACH,
	RVS_ICMP_TTL,
	RVS_ICMP_TOO_BIG,
	RVS_ICMP_NO_ROUTE,
};

/* An ICMP error about a packet of a tunnel, and what to tell the sender of the packet inside. */
struct rvs_relay {
	u32 icmp;			/* offset of the ICMP header of the error */
	u32 outer;			/* offset of the tunnel's outer header, which the error quotes */
	u32 inner;			/* offset of the packet inside, from there */
	u32 inner_header;		/* length of its network header */
	u32 mtu;			/* new path MTU of the tunnel, or 0 */
	u32 info;			/* of the error to send */
	u8 family;			/* of the error and the tunnel */
	u8 inner_family;		/* of the packet inside and the error to send */
	u8 type;			/* of the error to send */
	u8 code;
	bool tell;			/* whether to send it */
};

/* A TCP segment without data, to be sent. */
struct rvs_segment {
	u8 family;
	u8 flags;
	u16 src_port;			/* ports and numbers in host order */
	u16 dst_port;
	u32 seq;
	u32 ack;
	u8 src[16];
	u8 dst[16];
};

/* One end of a connection; the port in host order. */
struct rvs_flow_end {
	u8 addr[16];
	u16 port;
};

/* A connection as nf_conntrack has to see it. */
struct rvs_flow {
	struct rvs_flow_end client;
	struct rvs_flow_end virt;
	struct rvs_flow_end server;
	struct rvs_flow_end source;	/* the sender of packets to the server */
	u8 family;
	u8 protocol;
	bool translated;		/* the server is reached by NAT */
	bool masqueraded;		/* source is not the client */
};

/* Where a client is, seen from a server. */
enum rvs_vicinity {
	RVS_VICINITY_HERE,		/* the server is this host, or cannot be reached */
	RVS_VICINITY_NEAR,		/* both are in one network */
	RVS_VICINITY_FAR,
};

/* Where packets to an address leave, or that they stay here; see helpers_ways.c. */
struct rvs_way {
	struct rcu_head rcu;
	struct dst_entry *dst;
	u32 cookie;
	u32 since;			/* jiffies */
	u8 family;
	struct in6_addr addr;
};

#define RVS_WAY_BITS 11

/* A way out of this host, for someone who only asks. */
struct rvs_next_hop {
	u32 device;			/* index */
	u32 mtu;
	u8 via[16];			/* the gateway, if there is one */
	u8 source[16];			/* the host's own address that goes with it */
	u8 via_family;			/* 0 without a gateway */
};

/* Where a packet would be seen, for someone who only asks. */
#define RVS_ARRIVES_FROM_HERE	1	/* its source is an address of this host */
#define RVS_ARRIVES_HERE	2	/* its destination is */

/* The part of a namespace's state that C needs to see. */
struct rvs_namespace {
	struct net *net;
	struct list_head ingress;	/* the fast path's hooks at devices; RTNL */
	struct rvs_way __rcu **ways;	/* NULL unless there are such hooks; RTNL */
	u32 ingress_count;
	bool fast;			/* new devices get one, too; RTNL */
	struct nf_hook_ops *hooks;	/* NULL while not registered */
	bool gathers_ipv6;		/* has turned defragmentation of IPv6 on */
	struct delayed_work work;
	struct delayed_work defense;
	struct ctl_table_header *sysctl;	/* NULL while there are no files */
	struct ctl_table *sysctl_table;
};

/* locks */
void rvs_helper_spin_lock_init(spinlock_t *lock, u32 class);
bool rvs_helper_spin_lock_bh(spinlock_t *lock);
void rvs_helper_spin_unlock_bh(spinlock_t *lock, bool bh);

/* memory */
void *rvs_helper_percpu_alloc(size_t size, size_t align);
void *rvs_helper_percpu_next(void *base, u32 *cpu);
struct kmem_cache *rvs_helper_cache_create(const char *name, size_t size, size_t align,
					   size_t rcu);
void *rvs_helper_cache_alloc(struct kmem_cache *cache);
u64 rvs_helper_available_pages(void);

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
void rvs_helper_ns_defend(struct rvs_namespace *ns, u32 ms);
void rvs_helper_ns_stop(struct rvs_namespace *ns);
int rvs_helper_ns_hook(struct rvs_namespace *ns);
void rvs_helper_ns_unhook(struct rvs_namespace *ns);
int rvs_helper_ns_sysctl(struct rvs_namespace *ns, const char *names, u32 *values, u32 count);
void rvs_helper_ns_unsysctl(struct rvs_namespace *ns);
int rvs_helper_ns_gather_ipv6(struct rvs_namespace *ns);
void rvs_helper_ns_scatter_ipv6(struct rvs_namespace *ns);

/* files of a front end */

/* How a setting is written. */
enum rvs_front_kind {
	RVS_FRONT_NUMBER,
	RVS_FRONT_PAIR,
	RVS_FRONT_WORD,		/* an unsigned long that nobody looks at */
	RVS_FRONT_CPUS,		/* a list of CPUs that nobody looks at */
};

/* A setting; the names are static. */
struct rvs_front_setting {
	const char *name;
	enum rvs_front_kind kind;
	bool initial_only;	/* written in the initial user namespace only */
};

/* A file in /proc/net; ->show is Rust's. */
struct rvs_front_file {
	const char *name;
	umode_t mode;
	void (*show)(void);
};

struct seq_file;

int rvs_helper_front_register(const struct rvs_front_file *files, u32 file_count,
			      const struct rvs_front_setting *settings, u32 setting_count);
void rvs_helper_front_unregister(void);
void rvs_helper_front_write(struct seq_file *m, const char *text, size_t len);
int rvs_helper_front_number(const struct net *net, u32 index);

/* packets */
bool rvs_helper_packet_enter(struct sk_buff *skb, const struct nf_hook_state *state,
			     struct rvs_packet *packet);
void rvs_helper_packet_leave(void);
bool rvs_helper_packet_pull(struct sk_buff *skb, u32 len, struct rvs_packet *packet);
bool rvs_helper_packet_writable(struct sk_buff *skb, u32 len, struct rvs_packet *packet);
enum rvs_routed rvs_helper_packet_route(struct net *net, struct sk_buff *skb, u8 family,
					struct rvs_route *route, const u8 *daddr, bool direct,
					u32 headers, struct rvs_packet *packet, u32 *mtu);
int rvs_helper_packet_send(struct net *net, struct sk_buff *skb, u8 family, bool tracked);
bool rvs_helper_source_matters(const struct net *net, u8 family);
int rvs_helper_packet_reroute(struct net *net, struct sk_buff *skb, u8 family);
bool rvs_helper_packet_tunneled(const struct sk_buff *skb);
void rvs_helper_packet_handled(struct sk_buff *skb, bool orphan, bool tracked);
bool rvs_helper_packet_left(struct sk_buff *skb, void *counters);
void rvs_helper_packet_left_tracked(struct sk_buff *skb, void *counters, bool stays);
void rvs_helper_packet_icmp(struct net *net, struct sk_buff *skb, u8 family, enum rvs_icmp kind,
			    u32 info);
bool rvs_helper_packet_gather(struct net *net, struct sk_buff *skb, bool forwarded,
			      struct rvs_packet *packet);
bool rvs_helper_packet_relay(struct net *net, struct sk_buff *skb, const struct rvs_relay *relay);

/* the fast path */
int rvs_helper_ns_fast(struct rvs_namespace *ns, bool on);
u32 rvs_helper_ns_fast_devices(const struct rvs_namespace *ns);
bool rvs_helper_fast_enter(struct sk_buff *skb, struct rvs_packet *packet, u8 *family);
void *rvs_helper_fast_to_server(struct rvs_namespace *ns, struct sk_buff **skb, u8 family,
				struct rvs_route *route, const u8 *virtual_addr, const u8 *daddr,
				bool direct, u32 headers, struct rvs_packet *packet);
void *rvs_helper_fast_to_client(struct rvs_namespace *ns, struct sk_buff **skb, u8 family,
				const u8 *daddr, u32 headers, struct rvs_packet *packet);
int rvs_helper_fast_send(struct sk_buff *skb, void *neighbour, u32 transport);
struct dst_entry *rvs_way_find(struct rvs_namespace *ns, u8 family, const u8 *addr,
			       struct rvs_way __rcu **place);
void rvs_ways_forget(struct rvs_namespace *ns);
int rvs_ingress_event(struct rvs_namespace *ns, struct net_device *dev, unsigned long event);
void rvs_ingress_close(void);

/* tunnels */
enum rvs_routed rvs_helper_tunnel_route(struct net *net, struct sk_buff *skb, u8 family,
					struct rvs_route *route, struct rvs_tunnel *tunnel,
					struct rvs_packet *packet);
bool rvs_helper_tunnel_push(struct net *net, struct sk_buff *skb, const struct rvs_encap *encap,
			    struct rvs_packet *packet);
u32 rvs_helper_tunnel_mtu(struct net *net, u8 family, struct rvs_route *route, const u8 *daddr);

/* TCP segments of our own */
void rvs_helper_tcp_send(struct net *net, const struct rvs_segment *segment);

/* routes */
bool rvs_route_store(struct rvs_route *route, struct dst_entry *dst, u32 cookie, u8 use,
		     const struct in6_addr *source);
void rvs_helper_route_init(struct rvs_route *route);
void rvs_helper_route_drop(struct rvs_route *route, bool close);
void rvs_helper_route_open(struct rvs_route *route);

/* nf_conntrack */
int rvs_helper_conntrack_hold(void);
void rvs_helper_conntrack_drop(void);
void rvs_helper_conntrack_follow(struct sk_buff *skb, const struct rvs_flow *flow, bool answer);
bool rvs_helper_conntrack_confirm(struct sk_buff *skb);
void rvs_helper_conntrack_end(struct net *net, const struct rvs_flow *flow);

/* addresses */
enum rvs_vicinity rvs_helper_vicinity(struct net *net, u8 family, const u8 *client,
				      const u8 *server, u8 *source);
u32 rvs_helper_local_ports(struct net *net);
u32 rvs_helper_arrives(struct net *net, u8 family, const u8 *saddr, const u8 *daddr, u32 mark);
enum rvs_routed rvs_helper_way(struct net *net, u8 family, const u8 *daddr, bool direct,
			       struct rvs_next_hop *hop);
bool rvs_helper_addr_is_unicast_or_local(struct net *net, u8 family, const u8 *addr);

/* generic netlink */
u8 *rvs_helper_genl_reply_new(struct genl_info *info, u8 cmd, u32 size, struct sk_buff **skb,
			      u32 *room);
int rvs_helper_genl_reply_send(struct genl_info *info, struct sk_buff *skb, u32 used);
bool rvs_helper_genl_has_listeners(struct net *net, u32 group);
u8 *rvs_helper_genl_event_new(u8 cmd, u32 size, struct sk_buff **skb, u32 *room);
void rvs_helper_genl_event_send(struct net *net, struct sk_buff *skb, u32 used, u32 group);
u8 *rvs_helper_genl_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			       struct nlmsghdr **header, u32 *room);
void rvs_helper_genl_dump_end(struct sk_buff *skb, struct nlmsghdr *header, u32 used);
const struct genl_family *rvs_helper_genl_dump_family(struct netlink_callback *cb, u8 *cmd);
struct net *rvs_helper_genl_info_net(const struct genl_info *info);
struct net *rvs_helper_genl_dump_net(const struct netlink_callback *cb);

/* socket options */
int rvs_helper_sockopt_register(struct module *owner, int base, int set_end, int get_end);
void rvs_helper_sockopt_unregister(void);
bool rvs_helper_sockopt_write(void *user, u32 offset, const u8 *bytes, u32 len);

/* implemented in Rust */
int rvs_sockopt_length(u32 option, bool set);
int rvs_sockopt_set(struct net *net, u32 option, const u8 *bytes, u32 len);
int rvs_sockopt_get(struct net *net, u32 option, const u8 *bytes, u32 len, void *user, int *room);
int rvs_net_init(struct net *net);
void rvs_net_pre_exit(struct net *net);
void rvs_net_exit(struct net *net);
void rvs_net_device_down(struct net *net);
void rvs_ns_work(struct rvs_namespace *ns);
void rvs_ns_defend(struct rvs_namespace *ns);
int rvs_ns_set(struct rvs_namespace *ns, u32 index, u32 value, bool privileged);
bool rvs_front_show(const struct rvs_front_file *file, struct net *net, struct seq_file *m,
		    u64 *cursor);
void rvs_front_begin(u32 index, bool initial, int *number);
void rvs_front_get(struct net *net, u32 index, int *number);
int rvs_front_set(struct net *net, u32 index, const int *number, bool privileged);
unsigned int rvs_hook_local_in(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int rvs_hook_forward(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int rvs_hook_local_out(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int rvs_hook_ingress(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int rvs_hook_post_routing(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state);

#endif /* RVS_SYS_HELPERS_H */
