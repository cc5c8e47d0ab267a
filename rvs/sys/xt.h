/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between rvs_xt.ko and the core; see xt.rs.
 */
#ifndef RVS_SYS_XT_H
#define RVS_SYS_XT_H

#include <linux/types.h>

struct net;

/* Bytes of struct xt_ipvs_mtinfo. */
#define RVS_XT_INFO 40

/* A packet that rvs has handled. */
struct rvs_xt_packet {
	u8 source[16];		/* an IPv4 address is in the first bytes */
	u8 dest[16];
	u16 source_port;
	u16 dest_port;
	u8 family;		/* AF_INET or AF_INET6 */
	u8 protocol;
	bool tracked;		/* nf_conntrack knows it, and then: */
	bool reply;		/* as an answer */
};

/* Whether the packet is what struct xt_ipvs_mtinfo asks for. Under RCU. */
bool rvs_xt_match(struct net *net, const struct rvs_xt_packet *packet, const u8 *info);

#endif /* RVS_SYS_XT_H */
