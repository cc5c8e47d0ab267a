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
static const struct netlink_range_validation rvs_a_dest_weight_range = {
	.max	= RVS_WEIGHT_MAX,
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

/* Sparse enums validation callbacks */
static int
rvs_a_dest_method_validate(const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	switch (nla_get_u8(attr)) {
	case RVS_METHOD_NAT:
		fallthrough;
	case RVS_METHOD_DIRECT:
		return 0;
	}
	NL_SET_ERR_MSG_ATTR(extack, attr, "invalid enum value");
	return -EINVAL;
}

/* Common nested types */
const struct nla_policy rvs_config_nl_policy[RVS_A_CONFIG_TIMEOUT_UDP + 1] = {
	[RVS_A_CONFIG_TIMEOUT_TCP] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_config_timeout_tcp_range),
	[RVS_A_CONFIG_TIMEOUT_TCP_FIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_config_timeout_tcp_fin_range),
	[RVS_A_CONFIG_TIMEOUT_UDP] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_config_timeout_udp_range),
};

const struct nla_policy rvs_dest_nl_policy[RVS_A_DEST_STATS + 1] = {
	[RVS_A_DEST_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_DEST_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[RVS_A_DEST_METHOD] = NLA_POLICY_VALIDATE_FN(NLA_U8, &rvs_a_dest_method_validate),
	[RVS_A_DEST_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &rvs_a_dest_weight_range),
	[RVS_A_DEST_ACTIVE] = { .type = NLA_U32, },
	[RVS_A_DEST_INACTIVE] = { .type = NLA_U32, },
	[RVS_A_DEST_STATS] = NLA_POLICY_NESTED(rvs_stats_nl_policy),
};

const struct nla_policy rvs_service_nl_policy[RVS_A_SERVICE_DESTS + 1] = {
	[RVS_A_SERVICE_FAMILY] = { .type = NLA_U16, },
	[RVS_A_SERVICE_PROTOCOL] = { .type = NLA_U8, },
	[RVS_A_SERVICE_ADDR] = NLA_POLICY_MAX_LEN(16),
	[RVS_A_SERVICE_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[RVS_A_SERVICE_SCHEDULER] = { .type = NLA_NUL_STRING, .len = 15, },
	[RVS_A_SERVICE_STATS] = NLA_POLICY_NESTED(rvs_stats_nl_policy),
	[RVS_A_SERVICE_DESTS] = { .type = NLA_U32, },
};

const struct nla_policy rvs_stats_nl_policy[RVS_A_STATS_OUT_BYTES + 1] = {
	[RVS_A_STATS_CONNS] = { .type = NLA_U64, },
	[RVS_A_STATS_IN_PKTS] = { .type = NLA_U64, },
	[RVS_A_STATS_IN_BYTES] = { .type = NLA_U64, },
	[RVS_A_STATS_OUT_PKTS] = { .type = NLA_U64, },
	[RVS_A_STATS_OUT_BYTES] = { .type = NLA_U64, },
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
static const struct nla_policy rvs_service_get_nl_policy[RVS_A_SERVICE + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
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
static const struct nla_policy rvs_dest_get_dump_nl_policy[RVS_A_SERVICE + 1] = {
	[RVS_A_SERVICE] = NLA_POLICY_NESTED(rvs_service_nl_policy),
};

/* RVS_CMD_CONFIG_SET - do */
static const struct nla_policy rvs_config_set_nl_policy[RVS_A_CONFIG + 1] = {
	[RVS_A_CONFIG] = NLA_POLICY_NESTED(rvs_config_nl_policy),
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
		.policy		= rvs_service_get_nl_policy,
		.maxattr	= RVS_A_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= RVS_CMD_SERVICE_GET,
		.dumpit	= rvs_nl_service_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
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
		.maxattr	= RVS_A_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= RVS_CMD_CONN_GET,
		.dumpit	= rvs_nl_conn_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= RVS_CMD_FLUSH,
		.doit	= rvs_nl_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
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
};

struct genl_family rvs_nl_family __ro_after_init = {
	.name		= RVS_FAMILY_NAME,
	.version	= RVS_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= rvs_nl_ops,
	.n_split_ops	= ARRAY_SIZE(rvs_nl_ops),
};
