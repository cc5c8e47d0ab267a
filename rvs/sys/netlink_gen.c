// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/rvs.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: tools/netlink/generate */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/rvs.h>

/* Integer value ranges */
static const struct netlink_range_validation rvs_a_timeout_seconds_range = {
	.max	= RVS_TIMEOUT_MAX,
};

static const struct netlink_range_validation rvs_a_service_sched_size_range = {
	.max	= RVS_SCHED_SIZE_MAX,
};

static const struct netlink_range_validation rvs_a_service_sched_expiry_range = {
	.max	= RVS_TIMEOUT_MAX,
};

static const struct netlink_range_validation rvs_a_service_persist_timeout_range = {
	.max	= RVS_TIMEOUT_MAX,
};

static const struct netlink_range_validation rvs_a_service_slow_start_range = {
	.max	= RVS_TIMEOUT_MAX,
};

static const struct netlink_range_validation rvs_a_dest_weight_range = {
	.max	= RVS_WEIGHT_MAX,
};

static const struct netlink_range_validation rvs_a_dest_upper_range = {
	.max	= RVS_WEIGHT_MAX,
};

static const struct netlink_range_validation rvs_a_dest_lower_range = {
	.max	= RVS_WEIGHT_MAX,
};

static const struct netlink_range_validation rvs_a_dest_drain_timeout_range = {
	.max	= RVS_TIMEOUT_MAX,
};

static const struct netlink_range_validation rvs_a_config_timeout_tcp_range = {
	.min	= 1ULL,
	.max	= RVS_TIMEOUT_MAX,
};

static const struct netlink_range_validation rvs_a_config_timeout_tcp_fin_range = {
	.min	= 1ULL,
	.max	= RVS_TIMEOUT_MAX,
};

static const struct netlink_range_validation rvs_a_config_timeout_udp_range = {
	.min	= 1ULL,
	.max	= RVS_TIMEOUT_MAX,
};

/* Common nested types */
const struct nla_policy rvs_change_nl_policy[RVS_A_CHANGE_CONFIG + 1] = {
	[RVS_A_CHANGE_OP] = NLA_POLICY_MAX(NLA_U8, 9),
	[RVS_A_CHANGE_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
	[RVS_A_CHANGE_DEST] = NLA_POLICY_NESTED(rvs_dest_nl_policy),
	[RVS_A_CHANGE_CONFIG] = NLA_POLICY_NESTED(rvs_config_nl_policy),
};

const struct nla_policy rvs_config_nl_policy[RVS_A_CONFIG_TIMEOUT + 1] = {
	[RVS_A_CONFIG_TIMEOUT_TCP] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_config_timeout_tcp_range),
	[RVS_A_CONFIG_TIMEOUT_TCP_FIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_config_timeout_tcp_fin_range),
	[RVS_A_CONFIG_TIMEOUT_UDP] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_config_timeout_udp_range),
	[RVS_A_CONFIG_TIMEOUT] = NLA_POLICY_NESTED(rvs_timeout_nl_policy),
};

const struct nla_policy rvs_dest_nl_policy[RVS_A_DEST_REMOVED + 1] = {
	[RVS_A_DEST_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_DEST_PORT] = { .type = NLA_BE16, },
	[RVS_A_DEST_METHOD] = NLA_POLICY_MAX(NLA_U8, 4),
	[RVS_A_DEST_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_dest_weight_range),
	[RVS_A_DEST_ACTIVE] = { .type = NLA_U32, },
	[RVS_A_DEST_INACTIVE] = { .type = NLA_U32, },
	[RVS_A_DEST_STATS] = NLA_POLICY_NESTED(rvs_stats_nl_policy),
	[RVS_A_DEST_FAMILY] = { .type = NLA_U16, },
	[RVS_A_DEST_UPPER] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_dest_upper_range),
	[RVS_A_DEST_LOWER] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_dest_lower_range),
	[RVS_A_DEST_OVERLOADED] = { .type = NLA_U8, },
	[RVS_A_DEST_TEMPLATES] = { .type = NLA_U32, },
	[RVS_A_DEST_TUN_TYPE] = NLA_POLICY_MAX(NLA_U8, 2),
	[RVS_A_DEST_TUN_PORT] = { .type = NLA_BE16, },
	[RVS_A_DEST_TUN_FLAGS] = NLA_POLICY_MASK(NLA_U16, 0x3),
	[RVS_A_DEST_STATE] = NLA_POLICY_MAX(NLA_U8, 1),
	[RVS_A_DEST_DRAIN_POLICY] = NLA_POLICY_MAX(NLA_U8, 1),
	[RVS_A_DEST_DRAIN_TIMEOUT] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_dest_drain_timeout_range),
	[RVS_A_DEST_DRAIN_LEFT] = { .type = NLA_U32, },
	[RVS_A_DEST_EFFECTIVE_WEIGHT] = { .type = NLA_U32, },
	[RVS_A_DEST_OWNER] = { .type = NLA_NUL_STRING, .len = 31, },
	[RVS_A_DEST_GENERATION] = { .type = NLA_U32, },
	[RVS_A_DEST_REMOVED] = { .type = NLA_U8, },
};

const struct nla_policy rvs_drop_nl_policy[RVS_A_DROP_PACKETS + 1] = {
	[RVS_A_DROP_REASON] = NLA_POLICY_MAX(NLA_U8, 17),
	[RVS_A_DROP_PACKETS] = { .type = NLA_U64, },
};

const struct nla_policy rvs_filter_nl_policy[RVS_A_FILTER_TEMPLATE + 1] = {
	[RVS_A_FILTER_FAMILY] = { .type = NLA_U16, },
	[RVS_A_FILTER_PROTOCOL] = { .type = NLA_U8, },
	[RVS_A_FILTER_CLIENT_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_FILTER_CLIENT_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[RVS_A_FILTER_CLIENT_PORT] = { .type = NLA_BE16, },
	[RVS_A_FILTER_VIRTUAL_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_FILTER_VIRTUAL_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[RVS_A_FILTER_VIRTUAL_PORT] = { .type = NLA_BE16, },
	[RVS_A_FILTER_DEST_FAMILY] = { .type = NLA_U16, },
	[RVS_A_FILTER_DEST_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_FILTER_DEST_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[RVS_A_FILTER_DEST_PORT] = { .type = NLA_BE16, },
	[RVS_A_FILTER_STATE] = NLA_POLICY_MAX(NLA_U8, 25),
	[RVS_A_FILTER_FWMARK] = { .type = NLA_U32, },
	[RVS_A_FILTER_METHOD] = NLA_POLICY_MAX(NLA_U8, 4),
	[RVS_A_FILTER_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
	[RVS_A_FILTER_TEMPLATE] = { .type = NLA_U8, },
};

const struct nla_policy rvs_flow_nl_policy[RVS_A_FLOW_TCP_FLAGS + 1] = {
	[RVS_A_FLOW_FAMILY] = { .type = NLA_U16, },
	[RVS_A_FLOW_PROTOCOL] = { .type = NLA_U8, },
	[RVS_A_FLOW_SRC_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_FLOW_SRC_PORT] = { .type = NLA_BE16, },
	[RVS_A_FLOW_DST_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_FLOW_DST_PORT] = { .type = NLA_BE16, },
	[RVS_A_FLOW_MARK] = { .type = NLA_U32, },
	[RVS_A_FLOW_TCP_FLAGS] = { .type = NLA_U8, },
};

const struct nla_policy rvs_service_nl_policy[RVS_A_SERVICE_REMOVED + 1] = {
	[RVS_A_SERVICE_FAMILY] = { .type = NLA_U16, },
	[RVS_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[RVS_A_SERVICE_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_SERVICE_PORT] = { .type = NLA_BE16, },
	[RVS_A_SERVICE_SCHEDULER] = { .type = NLA_NUL_STRING, .len = 15, },
	[RVS_A_SERVICE_STATS] = NLA_POLICY_NESTED(rvs_stats_nl_policy),
	[RVS_A_SERVICE_DESTS] = { .type = NLA_U32, },
	[RVS_A_SERVICE_FWMARK] = NLA_POLICY_MIN(NLA_U32, 1),
	[RVS_A_SERVICE_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x1f),
	[RVS_A_SERVICE_SCHED_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0xf),
	[RVS_A_SERVICE_SCHED_SIZE] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_service_sched_size_range),
	[RVS_A_SERVICE_SCHED_EXPIRY] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_service_sched_expiry_range),
	[RVS_A_SERVICE_PERSIST_TIMEOUT] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_service_persist_timeout_range),
	[RVS_A_SERVICE_PERSIST_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[RVS_A_SERVICE_TIMEOUT] = NLA_POLICY_NESTED(rvs_timeout_nl_policy),
	[RVS_A_SERVICE_NO_SERVER] = NLA_POLICY_MAX(NLA_U8, 4),
	[RVS_A_SERVICE_FALLBACK] = NLA_POLICY_NESTED(rvs_dest_nl_policy),
	[RVS_A_SERVICE_DROP] = NLA_POLICY_NESTED(rvs_drop_nl_policy),
	[RVS_A_SERVICE_TEMPLATES] = { .type = NLA_U32, },
	[RVS_A_SERVICE_SLOW_START] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_service_slow_start_range),
	[RVS_A_SERVICE_OWNER] = { .type = NLA_NUL_STRING, .len = 31, },
	[RVS_A_SERVICE_GENERATION] = { .type = NLA_U32, },
	[RVS_A_SERVICE_REMOVED] = { .type = NLA_U8, },
};

const struct nla_policy rvs_stats_nl_policy[RVS_A_STATS_OUT_BYTE_RATE + 1] = {
	[RVS_A_STATS_CONNS] = { .type = NLA_U64, },
	[RVS_A_STATS_IN_PKTS] = { .type = NLA_U64, },
	[RVS_A_STATS_IN_BYTES] = { .type = NLA_U64, },
	[RVS_A_STATS_OUT_PKTS] = { .type = NLA_U64, },
	[RVS_A_STATS_OUT_BYTES] = { .type = NLA_U64, },
	[RVS_A_STATS_CONN_RATE] = { .type = NLA_U64, },
	[RVS_A_STATS_IN_PKT_RATE] = { .type = NLA_U64, },
	[RVS_A_STATS_IN_BYTE_RATE] = { .type = NLA_U64, },
	[RVS_A_STATS_OUT_PKT_RATE] = { .type = NLA_U64, },
	[RVS_A_STATS_OUT_BYTE_RATE] = { .type = NLA_U64, },
};

const struct nla_policy rvs_timeout_nl_policy[RVS_A_TIMEOUT_SECONDS + 1] = {
	[RVS_A_TIMEOUT_STATE] = NLA_POLICY_MAX(NLA_U8, 25),
	[RVS_A_TIMEOUT_SECONDS] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_timeout_seconds_range),
};

/* RVS_CMD_SERVICE_NEW - do */
static const struct nla_policy rvs_service_new_nl_policy[RVS_A_SERVICE + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
};

/* RVS_CMD_SERVICE_SET - do */
static const struct nla_policy rvs_service_set_nl_policy[RVS_A_SERVICE + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
};

/* RVS_CMD_SERVICE_DEL - do */
static const struct nla_policy rvs_service_del_nl_policy[RVS_A_SERVICE + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
};

/* RVS_CMD_SERVICE_GET - do */
static const struct nla_policy rvs_service_get_do_nl_policy[RVS_A_SERVICE + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
};

/* RVS_CMD_SERVICE_GET - dump */
static const struct nla_policy rvs_service_get_dump_nl_policy[RVS_A_SINCE + 1] = {
	[RVS_A_SINCE] = { .type = NLA_U32, },
	[RVS_A_OWNER] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* RVS_CMD_DEST_NEW - do */
static const struct nla_policy rvs_dest_new_nl_policy[RVS_A_DEST + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
	[RVS_A_DEST] = NLA_POLICY_NESTED(rvs_dest_nl_policy),
};

/* RVS_CMD_DEST_SET - do */
static const struct nla_policy rvs_dest_set_nl_policy[RVS_A_DEST + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
	[RVS_A_DEST] = NLA_POLICY_NESTED(rvs_dest_nl_policy),
};

/* RVS_CMD_DEST_DEL - do */
static const struct nla_policy rvs_dest_del_nl_policy[RVS_A_DEST + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
	[RVS_A_DEST] = NLA_POLICY_NESTED(rvs_dest_nl_policy),
};

/* RVS_CMD_DEST_GET - do */
static const struct nla_policy rvs_dest_get_do_nl_policy[RVS_A_DEST + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
	[RVS_A_DEST] = NLA_POLICY_NESTED(rvs_dest_nl_policy),
};

/* RVS_CMD_DEST_GET - dump */
static const struct nla_policy rvs_dest_get_dump_nl_policy[RVS_A_SINCE + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
	[RVS_A_SINCE] = { .type = NLA_U32, },
	[RVS_A_OWNER] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* RVS_CMD_CONN_GET - dump */
static const struct nla_policy rvs_conn_get_nl_policy[RVS_A_FILTER + 1] = {
	[RVS_A_FILTER] = NLA_POLICY_NESTED(rvs_filter_nl_policy),
};

/* RVS_CMD_FLUSH - do */
static const struct nla_policy rvs_flush_nl_policy[RVS_A_FORCE + 1] = {
	[RVS_A_OWNER] = { .type = NLA_NUL_STRING, .len = 31, },
	[RVS_A_FORCE] = { .type = NLA_FLAG, },
};

/* RVS_CMD_CONFIG_SET - do */
static const struct nla_policy rvs_config_set_nl_policy[RVS_A_CONFIG + 1] = {
	[RVS_A_CONFIG] = NLA_POLICY_NESTED(rvs_config_nl_policy),
};

/* RVS_CMD_ZERO - do */
static const struct nla_policy rvs_zero_nl_policy[RVS_A_DEST + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
	[RVS_A_DEST] = NLA_POLICY_NESTED(rvs_dest_nl_policy),
};

/* RVS_CMD_TRANSACT - do */
static const struct nla_policy rvs_transact_nl_policy[RVS_A_FORCE + 1] = {
	[RVS_A_CHANGE] = NLA_POLICY_NESTED(rvs_change_nl_policy),
	[RVS_A_GENERATION] = { .type = NLA_U32, },
	[RVS_A_DRY_RUN] = { .type = NLA_FLAG, },
	[RVS_A_OWNER] = { .type = NLA_NUL_STRING, .len = 31, },
	[RVS_A_FORCE] = { .type = NLA_FLAG, },
};

/* RVS_CMD_CONN_DEL - do */
static const struct nla_policy rvs_conn_del_nl_policy[RVS_A_FILTER + 1] = {
	[RVS_A_FILTER] = NLA_POLICY_NESTED(rvs_filter_nl_policy),
	[RVS_A_FORCE] = { .type = NLA_FLAG, },
};

/* RVS_CMD_EXPLAIN - do */
static const struct nla_policy rvs_explain_nl_policy[RVS_A_FLOW + 1] = {
	[RVS_A_FLOW] = NLA_POLICY_NESTED(rvs_flow_nl_policy),
};

/* Ops table for rvs */
static const struct genl_split_ops rvs_nl_ops[] = {
	{
		.cmd		= RVS_CMD_SERVICE_NEW,
		.doit		= rvs_nl_service_new_doit,
		.policy		= rvs_service_new_nl_policy,
		.maxattr	= RVS_A_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_SERVICE_SET,
		.doit		= rvs_nl_service_set_doit,
		.policy		= rvs_service_set_nl_policy,
		.maxattr	= RVS_A_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_SERVICE_DEL,
		.doit		= rvs_nl_service_del_doit,
		.policy		= rvs_service_del_nl_policy,
		.maxattr	= RVS_A_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_SERVICE_GET,
		.doit		= rvs_nl_service_get_doit,
		.policy		= rvs_service_get_do_nl_policy,
		.maxattr	= RVS_A_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_SERVICE_GET,
		.dumpit		= rvs_nl_service_get_dumpit,
		.policy		= rvs_service_get_dump_nl_policy,
		.maxattr	= RVS_A_SINCE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= RVS_CMD_DEST_NEW,
		.doit		= rvs_nl_dest_new_doit,
		.policy		= rvs_dest_new_nl_policy,
		.maxattr	= RVS_A_DEST,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_DEST_SET,
		.doit		= rvs_nl_dest_set_doit,
		.policy		= rvs_dest_set_nl_policy,
		.maxattr	= RVS_A_DEST,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_DEST_DEL,
		.doit		= rvs_nl_dest_del_doit,
		.policy		= rvs_dest_del_nl_policy,
		.maxattr	= RVS_A_DEST,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_DEST_GET,
		.doit		= rvs_nl_dest_get_doit,
		.policy		= rvs_dest_get_do_nl_policy,
		.maxattr	= RVS_A_DEST,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_DEST_GET,
		.dumpit		= rvs_nl_dest_get_dumpit,
		.policy		= rvs_dest_get_dump_nl_policy,
		.maxattr	= RVS_A_SINCE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= RVS_CMD_CONN_GET,
		.dumpit		= rvs_nl_conn_get_dumpit,
		.policy		= rvs_conn_get_nl_policy,
		.maxattr	= RVS_A_FILTER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= RVS_CMD_FLUSH,
		.doit		= rvs_nl_flush_doit,
		.policy		= rvs_flush_nl_policy,
		.maxattr	= RVS_A_FORCE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_CONFIG_SET,
		.doit		= rvs_nl_config_set_doit,
		.policy		= rvs_config_set_nl_policy,
		.maxattr	= RVS_A_CONFIG,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= RVS_CMD_CONFIG_GET,
		.doit	= rvs_nl_config_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= RVS_CMD_INFO_GET,
		.doit	= rvs_nl_info_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_ZERO,
		.doit		= rvs_nl_zero_doit,
		.policy		= rvs_zero_nl_policy,
		.maxattr	= RVS_A_DEST,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_TRANSACT,
		.doit		= rvs_nl_transact_doit,
		.policy		= rvs_transact_nl_policy,
		.maxattr	= RVS_A_FORCE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_CONN_DEL,
		.doit		= rvs_nl_conn_del_doit,
		.policy		= rvs_conn_del_nl_policy,
		.maxattr	= RVS_A_FILTER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= RVS_CMD_EXPLAIN,
		.doit		= rvs_nl_explain_doit,
		.policy		= rvs_explain_nl_policy,
		.maxattr	= RVS_A_FLOW,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group rvs_nl_mcgrps[] = {
	[RVS_NLGRP_CONFIG] = { "config", GENL_MCAST_CAP_NET_ADMIN },
	[RVS_NLGRP_STATE] = { "state", GENL_MCAST_CAP_NET_ADMIN },
	[RVS_NLGRP_PRESSURE] = { "pressure", GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family rvs_nl_family __ro_after_init = {
	.name		= RVS_FAMILY_NAME,
	.version	= RVS_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= rvs_nl_ops,
	.n_split_ops	= ARRAY_SIZE(rvs_nl_ops),
	.mcgrps		= rvs_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(rvs_nl_mcgrps),
};
