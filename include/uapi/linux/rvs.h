/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/rvs.yaml */
/* YNL-GEN uapi header */
/* To regenerate run: tools/netlink/generate */

#ifndef _UAPI_LINUX_RVS_H
#define _UAPI_LINUX_RVS_H

#define RVS_FAMILY_NAME		"rvs"
#define RVS_FAMILY_VERSION	1

#define RVS_NAME_LEN	16
#define RVS_WEIGHT_MAX	2147483647
#define RVS_TIMEOUT_MAX	2678400

/**
 * enum rvs_method - How packets reach a real server. The numbers are those of
 *   IPVS, so that tools need no translation.
 * @RVS_METHOD_NAT: Network address translation; replies return through the
 *   director.
 * @RVS_METHOD_DIRECT: Direct routing; the packet is sent unchanged to the
 *   server, which answers the client itself.
 */
enum rvs_method {
	RVS_METHOD_NAT,
	RVS_METHOD_DIRECT = 3,
};

/*
 * State of a connection, as ip_vs_conn names them.
 */
enum rvs_conn_state {
	RVS_CONN_STATE_NONE,
	RVS_CONN_STATE_ESTABLISHED,
	RVS_CONN_STATE_SYN_SENT,
	RVS_CONN_STATE_SYN_RECV,
	RVS_CONN_STATE_FIN_WAIT,
	RVS_CONN_STATE_TIME_WAIT,
	RVS_CONN_STATE_CLOSE,
	RVS_CONN_STATE_CLOSE_WAIT,
	RVS_CONN_STATE_LAST_ACK,
	RVS_CONN_STATE_LISTEN,
	RVS_CONN_STATE_SYNACK,
	RVS_CONN_STATE_UDP,
};

/**
 * enum rvs_drop_reason - Why rvs dropped, or did not forward, a packet.
 * @RVS_DROP_REASON_MALFORMED: The network or transport header is truncated or
 *   contradicts itself.
 * @RVS_DROP_REASON_NO_DESTINATION: No destination of the service is usable;
 *   the client got port unreachable.
 * @RVS_DROP_REASON_NO_MEMORY: The entry of a new connection could not be
 *   allocated.
 * @RVS_DROP_REASON_DESTINATION_REMOVED: The connection's destination was
 *   removed from its service.
 * @RVS_DROP_REASON_NO_ROUTE: There is no route to the destination.
 * @RVS_DROP_REASON_TTL_EXPIRED: The TTL or hop limit ran out; the sender got
 *   time exceeded.
 * @RVS_DROP_REASON_TOO_BIG: The packet exceeds the path MTU; the sender got
 *   the MTU.
 * @RVS_DROP_REASON_NOT_WRITABLE: The packet's headers could not be made
 *   writable.
 * @RVS_DROP_REASON_TRANSMIT: The network stack refused the packet.
 */
enum rvs_drop_reason {
	RVS_DROP_REASON_MALFORMED,
	RVS_DROP_REASON_NO_DESTINATION,
	RVS_DROP_REASON_NO_MEMORY,
	RVS_DROP_REASON_DESTINATION_REMOVED,
	RVS_DROP_REASON_NO_ROUTE,
	RVS_DROP_REASON_TTL_EXPIRED,
	RVS_DROP_REASON_TOO_BIG,
	RVS_DROP_REASON_NOT_WRITABLE,
	RVS_DROP_REASON_TRANSMIT,
};

enum {
	RVS_A_STATS_CONNS = 1,
	RVS_A_STATS_IN_PKTS,
	RVS_A_STATS_IN_BYTES,
	RVS_A_STATS_OUT_PKTS,
	RVS_A_STATS_OUT_BYTES,

	__RVS_A_STATS_MAX,
	RVS_A_STATS_MAX = (__RVS_A_STATS_MAX - 1)
};

enum {
	RVS_A_SERVICE_FAMILY = 1,
	RVS_A_SERVICE_PROTOCOL,
	RVS_A_SERVICE_ADDR,
	RVS_A_SERVICE_PORT,
	RVS_A_SERVICE_SCHEDULER,
	RVS_A_SERVICE_STATS,
	RVS_A_SERVICE_DESTS,

	__RVS_A_SERVICE_MAX,
	RVS_A_SERVICE_MAX = (__RVS_A_SERVICE_MAX - 1)
};

enum {
	RVS_A_DEST_ADDR = 1,
	RVS_A_DEST_PORT,
	RVS_A_DEST_METHOD,
	RVS_A_DEST_WEIGHT,
	RVS_A_DEST_ACTIVE,
	RVS_A_DEST_INACTIVE,
	RVS_A_DEST_STATS,

	__RVS_A_DEST_MAX,
	RVS_A_DEST_MAX = (__RVS_A_DEST_MAX - 1)
};

enum {
	RVS_A_CONN_FAMILY = 1,
	RVS_A_CONN_PROTOCOL,
	RVS_A_CONN_CLIENT_ADDR,
	RVS_A_CONN_CLIENT_PORT,
	RVS_A_CONN_VIRTUAL_ADDR,
	RVS_A_CONN_VIRTUAL_PORT,
	RVS_A_CONN_DEST_ADDR,
	RVS_A_CONN_DEST_PORT,
	RVS_A_CONN_METHOD,
	RVS_A_CONN_STATE,
	RVS_A_CONN_EXPIRES,

	__RVS_A_CONN_MAX,
	RVS_A_CONN_MAX = (__RVS_A_CONN_MAX - 1)
};

enum {
	RVS_A_CONFIG_TIMEOUT_TCP = 1,
	RVS_A_CONFIG_TIMEOUT_TCP_FIN,
	RVS_A_CONFIG_TIMEOUT_UDP,

	__RVS_A_CONFIG_MAX,
	RVS_A_CONFIG_MAX = (__RVS_A_CONFIG_MAX - 1)
};

enum {
	RVS_A_DROP_REASON = 1,
	RVS_A_DROP_PACKETS,

	__RVS_A_DROP_MAX,
	RVS_A_DROP_MAX = (__RVS_A_DROP_MAX - 1)
};

enum {
	RVS_A_INFO_VERSION = 1,
	RVS_A_INFO_ABI,
	RVS_A_INFO_SERVICES,
	RVS_A_INFO_DESTS,
	RVS_A_INFO_CONNS,
	RVS_A_INFO_SERVICE_BUCKETS,
	RVS_A_INFO_CONN_BUCKETS,
	RVS_A_INFO_CONN_SIZE,
	RVS_A_INFO_STATS,
	RVS_A_INFO_SENT_PKTS,
	RVS_A_INFO_SENT_BYTES,
	RVS_A_INFO_DROP,
	RVS_A_INFO_SCHEDULER,
	RVS_A_INFO_FEATURE,

	__RVS_A_INFO_MAX,
	RVS_A_INFO_MAX = (__RVS_A_INFO_MAX - 1)
};

enum {
	RVS_A_SERVICE = 1,
	RVS_A_DEST,
	RVS_A_CONN,
	RVS_A_CONFIG,
	RVS_A_INFO,

	__RVS_A_MAX,
	RVS_A_MAX = (__RVS_A_MAX - 1)
};

enum {
	RVS_CMD_SERVICE_NEW = 1,
	RVS_CMD_SERVICE_SET,
	RVS_CMD_SERVICE_DEL,
	RVS_CMD_SERVICE_GET,
	RVS_CMD_DEST_NEW,
	RVS_CMD_DEST_SET,
	RVS_CMD_DEST_DEL,
	RVS_CMD_DEST_GET,
	RVS_CMD_CONN_GET,
	RVS_CMD_FLUSH,
	RVS_CMD_CONFIG_SET,
	RVS_CMD_CONFIG_GET,
	RVS_CMD_INFO_GET,

	__RVS_CMD_MAX,
	RVS_CMD_MAX = (__RVS_CMD_MAX - 1)
};

#endif /* _UAPI_LINUX_RVS_H */
