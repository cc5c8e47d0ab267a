/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/rvs.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: tools/netlink/generate */

#ifndef _LINUX_RVS_GEN_H
#define _LINUX_RVS_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/rvs.h>

/* Common nested types */
extern const struct nla_policy rvs_change_nl_policy[RVS_A_CHANGE_CONFIG + 1];
extern const struct nla_policy rvs_config_nl_policy[RVS_A_CONFIG_TIMEOUT + 1];
extern const struct nla_policy rvs_dest_nl_policy[RVS_A_DEST_REMOVED + 1];
extern const struct nla_policy rvs_drop_nl_policy[RVS_A_DROP_PACKETS + 1];
extern const struct nla_policy rvs_filter_nl_policy[RVS_A_FILTER_TEMPLATE + 1];
extern const struct nla_policy rvs_flow_nl_policy[RVS_A_FLOW_TCP_FLAGS + 1];
extern const struct nla_policy rvs_service_nl_policy[RVS_A_SERVICE_REMOVED + 1];
extern const struct nla_policy rvs_stats_nl_policy[RVS_A_STATS_OUT_BYTE_RATE + 1];
extern const struct nla_policy rvs_timeout_nl_policy[RVS_A_TIMEOUT_SECONDS + 1];

int rvs_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_service_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int rvs_nl_dest_new_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_dest_set_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_dest_del_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_dest_get_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_dest_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int rvs_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int rvs_nl_flush_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_config_set_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_info_get_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_zero_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_transact_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_conn_del_doit(struct sk_buff *skb, struct genl_info *info);
int rvs_nl_explain_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	RVS_NLGRP_CONFIG,
	RVS_NLGRP_STATE,
	RVS_NLGRP_PRESSURE,
};

extern struct genl_family rvs_nl_family;

#endif /* _LINUX_RVS_GEN_H */
