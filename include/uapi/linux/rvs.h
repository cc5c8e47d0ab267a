/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/rvs.yaml */
/* YNL-GEN uapi header */
/* To regenerate run: tools/netlink/generate */

#ifndef _UAPI_LINUX_RVS_H
#define _UAPI_LINUX_RVS_H

#define RVS_FAMILY_NAME		"rvs"
#define RVS_FAMILY_VERSION	1

#define RVS_NAME_LEN		16
#define RVS_OWNER_LEN		32
#define RVS_WEIGHT_MAX		2147483647
#define RVS_SCHED_SIZE_MAX	131072
#define RVS_TIMEOUT_MAX		2678400

/**
 * enum rvs_method - How packets reach a real server. The numbers are those of
 *   IPVS, so that tools need no translation.
 * @RVS_METHOD_NAT: Network address translation; replies return through the
 *   director.
 * @RVS_METHOD_LOCAL: The director itself; the packet goes on to its own
 *   sockets.
 * @RVS_METHOD_TUNNEL: The packet is sent inside another one to the server,
 *   which unpacks it and answers the client itself.
 * @RVS_METHOD_DIRECT: Direct routing; the packet is sent unchanged to the
 *   server, which answers the client itself.
 * @RVS_METHOD_BYPASS: The packet goes where it was sent to. Connections have
 *   this method, destinations do not.
 */
enum rvs_method {
	RVS_METHOD_NAT,
	RVS_METHOD_LOCAL,
	RVS_METHOD_TUNNEL,
	RVS_METHOD_DIRECT,
	RVS_METHOD_BYPASS,
};

/**
 * enum rvs_tun_type - What a packet is put into by the method tunnel. The
 *   numbers are those of IPVS.
 * @RVS_TUN_TYPE_IPIP: IP in IP (protocol 4 or 41).
 * @RVS_TUN_TYPE_GUE: Generic UDP encapsulation.
 * @RVS_TUN_TYPE_GRE: Generic routing encapsulation, without key and sequence
 *   number.
 */
enum rvs_tun_type {
	RVS_TUN_TYPE_IPIP,
	RVS_TUN_TYPE_GUE,
	RVS_TUN_TYPE_GRE,
};

/**
 * enum rvs_tun_flag - How tunnel packets are protected. The bits are those of
 *   IPVS.
 * @RVS_TUN_FLAG_CSUM: With a checksum over the whole, in the UDP or GRE
 *   header.
 * @RVS_TUN_FLAG_REMCSUM: With remote checksum offload (GUE only).
 */
enum rvs_tun_flag {
	RVS_TUN_FLAG_CSUM = 1,
	RVS_TUN_FLAG_REMCSUM = 2,
};

/**
 * enum rvs_service_flag - What a service does beyond choosing servers.
 * @RVS_SERVICE_FLAG_ONE_PACKET: Every datagram is scheduled for itself and
 *   leaves no connection behind (UDP only).
 * @RVS_SERVICE_FLAG_RESET_IDLE: When an idle TCP connection expires, both ends
 *   get a RST (method nat only).
 * @RVS_SERVICE_FLAG_HAIRPIN: A client that is a server of the service, or in
 *   the network of the chosen server, is given an address of the director as
 *   source, so that the answer comes back (method nat only).
 * @RVS_SERVICE_FLAG_MSS_CLAMP: The MSS option of a SYN is lowered to what fits
 *   through the tunnel to the server (method tunnel only).
 * @RVS_SERVICE_FLAG_FAST: Established flows are taken where they come in, past
 *   routing and all other hooks of the host (TCP and UDP, methods nat and
 *   direct).
 */
enum rvs_service_flag {
	RVS_SERVICE_FLAG_ONE_PACKET = 1,
	RVS_SERVICE_FLAG_RESET_IDLE = 2,
	RVS_SERVICE_FLAG_HAIRPIN = 4,
	RVS_SERVICE_FLAG_MSS_CLAMP = 8,
	RVS_SERVICE_FLAG_FAST = 16,
};

/**
 * enum rvs_sched_flag - What a flag means is the scheduler's to say. The bits
 *   are IPVS's flag-1 to flag-3.
 * @RVS_SCHED_FLAG_SCHED_1: sh and mh fall back to another server (sh-fallback,
 *   mh-fallback).
 * @RVS_SCHED_FLAG_SCHED_2: sh and mh include the client's port (sh-port,
 *   mh-port).
 * @RVS_SCHED_FLAG_SCHED_3: Free for a scheduler.
 * @RVS_SCHED_FLAG_EXACT: Choose exactly as IPVS does, also where rvs knows
 *   better by default.
 */
enum rvs_sched_flag {
	RVS_SCHED_FLAG_SCHED_1 = 1,
	RVS_SCHED_FLAG_SCHED_2 = 2,
	RVS_SCHED_FLAG_SCHED_3 = 4,
	RVS_SCHED_FLAG_EXACT = 8,
};

/**
 * enum rvs_no_server - What becomes of a new connection for which no server is
 *   usable.
 * @RVS_NO_SERVER_REJECT: TCP gets a RST, everything else port unreachable.
 * @RVS_NO_SERVER_DROP: Nothing.
 * @RVS_NO_SERVER_FALLBACK: It goes to the fallback destination.
 * @RVS_NO_SERVER_BYPASS: It goes on to the address it was sent to, by the
 *   director's routes (services with a firewall mark).
 * @RVS_NO_SERVER_UNREACHABLE: Everything gets port unreachable, as IPVS
 *   answers.
 */
enum rvs_no_server {
	RVS_NO_SERVER_REJECT,
	RVS_NO_SERVER_DROP,
	RVS_NO_SERVER_FALLBACK,
	RVS_NO_SERVER_BYPASS,
	RVS_NO_SERVER_UNREACHABLE,
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
	RVS_CONN_STATE_SCTP_INIT1,
	RVS_CONN_STATE_SCTP_INIT,
	RVS_CONN_STATE_SCTP_COOKIE_SENT,
	RVS_CONN_STATE_SCTP_COOKIE_REPLIED,
	RVS_CONN_STATE_SCTP_COOKIE_WAIT,
	RVS_CONN_STATE_SCTP_COOKIE,
	RVS_CONN_STATE_SCTP_COOKIE_ECHOED,
	RVS_CONN_STATE_SCTP_ESTABLISHED,
	RVS_CONN_STATE_SCTP_SHUTDOWN_SENT,
	RVS_CONN_STATE_SCTP_SHUTDOWN_RECEIVED,
	RVS_CONN_STATE_SCTP_SHUTDOWN_ACK_SENT,
	RVS_CONN_STATE_SCTP_REJECTED,
	RVS_CONN_STATE_SCTP_CLOSED,
	RVS_CONN_STATE_ASSURED,
};

/**
 * enum rvs_drop_reason - Why rvs dropped, or did not forward, a packet.
 * @RVS_DROP_REASON_MALFORMED: The network or transport header is truncated or
 *   contradicts itself.
 * @RVS_DROP_REASON_NO_DESTINATION: No destination of the service is usable;
 *   what the client got is the service's no-server.
 * @RVS_DROP_REASON_NO_MEMORY: The entry of a new connection, or a route, could
 *   not be allocated.
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
 * @RVS_DROP_REASON_CONN_LIMIT: The namespace has as many connections as it may
 *   have.
 * @RVS_DROP_REASON_DEFENSE: Dropped by drop_packet under attack, before it was
 *   scheduled.
 * @RVS_DROP_REASON_CHECKSUM: An ICMP message that was to be translated has a
 *   wrong checksum.
 * @RVS_DROP_REASON_FRAGMENT: A fragment of a packet that cannot be, or has not
 *   yet been, put together.
 * @RVS_DROP_REASON_ENCAPSULATION: The packet could not be put into a tunnel
 *   packet.
 * @RVS_DROP_REASON_CROSSING: The packet must not cross from or to the loopback
 *   network, or would come back to where it was.
 * @RVS_DROP_REASON_CONNTRACK: nf_conntrack could not be kept in step.
 * @RVS_DROP_REASON_NO_CONNECTION: A packet of a NAT server that belongs to no
 *   connection; the server got port unreachable (nat_icmp_send).
 * @RVS_DROP_REASON_KILLED: A packet of a TCP connection that was removed by
 *   force; its sender got a RST.
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
	RVS_DROP_REASON_CONN_LIMIT,
	RVS_DROP_REASON_DEFENSE,
	RVS_DROP_REASON_CHECKSUM,
	RVS_DROP_REASON_FRAGMENT,
	RVS_DROP_REASON_ENCAPSULATION,
	RVS_DROP_REASON_CROSSING,
	RVS_DROP_REASON_CONNTRACK,
	RVS_DROP_REASON_NO_CONNECTION,
	RVS_DROP_REASON_KILLED,
};

/**
 * enum rvs_dest_state - Whether a destination is to stay. Apart from that its
 *   weight may be 0.
 * @RVS_DEST_STATE_READY: It takes new connections as its weight says.
 * @RVS_DEST_STATE_DRAINING: It takes no new connections, and is removed when
 *   it has none left or the time is up.
 */
enum rvs_dest_state {
	RVS_DEST_STATE_READY,
	RVS_DEST_STATE_DRAINING,
};

/**
 * enum rvs_drain_policy - What becomes of the connections that are left when
 *   the time of a draining destination is up.
 * @RVS_DRAIN_POLICY_WAIT: They go on as those of any removed destination;
 *   nobody is told.
 * @RVS_DRAIN_POLICY_RESET: Both ends of each TCP connection get a RST (method
 *   nat only), and all entries are removed.
 */
enum rvs_drain_policy {
	RVS_DRAIN_POLICY_WAIT,
	RVS_DRAIN_POLICY_RESET,
};

/**
 * enum rvs_change_op - What one change of a transaction does. The requests of
 *   the same names say the rest.
 * @RVS_CHANGE_OP_SERVICE_PUT: Add the service, or set everything about it when
 *   it exists; what is absent becomes the default.
 * @RVS_CHANGE_OP_DEST_PUT: The same for a destination.
 * @RVS_CHANGE_OP_FLUSH: Remove all services and destinations of the
 *   transaction's owner, or all without one.
 * @RVS_CHANGE_OP_CONFIG_SET: Change settings of the namespace.
 */
enum rvs_change_op {
	RVS_CHANGE_OP_SERVICE_NEW,
	RVS_CHANGE_OP_SERVICE_SET,
	RVS_CHANGE_OP_SERVICE_DEL,
	RVS_CHANGE_OP_DEST_NEW,
	RVS_CHANGE_OP_DEST_SET,
	RVS_CHANGE_OP_DEST_DEL,
	RVS_CHANGE_OP_SERVICE_PUT,
	RVS_CHANGE_OP_DEST_PUT,
	RVS_CHANGE_OP_FLUSH,
	RVS_CHANGE_OP_CONFIG_SET,
};

/**
 * enum rvs_event_kind - What an event is about.
 * @RVS_EVENT_KIND_SERVICE_ADDED: Group config.
 * @RVS_EVENT_KIND_SERVICE_CHANGED: Group config.
 * @RVS_EVENT_KIND_SERVICE_REMOVED: Group config. Its destinations went with
 *   it.
 * @RVS_EVENT_KIND_DEST_ADDED: Group config.
 * @RVS_EVENT_KIND_DEST_CHANGED: Group config.
 * @RVS_EVENT_KIND_DEST_REMOVED: Group config.
 * @RVS_EVENT_KIND_CONFIG_CHANGED: Group config. Timeouts of the namespace,
 *   which config-set changes.
 * @RVS_EVENT_KIND_COMMITTED: Group config. The last event of a generation; the
 *   events before it belong to one step.
 * @RVS_EVENT_KIND_OVERLOADED: Group state. The destination reached its upper
 *   threshold.
 * @RVS_EVENT_KIND_RELIEVED: Group state. It takes new connections again.
 * @RVS_EVENT_KIND_DRAINING: Group state.
 * @RVS_EVENT_KIND_DRAINED: Group state. The draining destination had no
 *   connections left and was removed.
 * @RVS_EVENT_KIND_DRAIN_EXPIRED: Group state. The time was up and the
 *   destination was removed; conns says how many were left.
 * @RVS_EVENT_KIND_READY: Group state. A draining destination stays.
 * @RVS_EVENT_KIND_QUIESCED: Group state. A destination of weight 0 has no
 *   connections left.
 * @RVS_EVENT_KIND_NO_SERVER: Group state. The last usable server of the
 *   service is gone.
 * @RVS_EVENT_KIND_SERVER_AGAIN: Group state. The service has a usable server
 *   again.
 * @RVS_EVENT_KIND_PRESSURE: Group pressure. The connections of the namespace
 *   reached a share of the limit; see conns and limit.
 * @RVS_EVENT_KIND_PRESSURE_OVER: Group pressure. They fell below it again.
 */
enum rvs_event_kind {
	RVS_EVENT_KIND_SERVICE_ADDED,
	RVS_EVENT_KIND_SERVICE_CHANGED,
	RVS_EVENT_KIND_SERVICE_REMOVED,
	RVS_EVENT_KIND_DEST_ADDED,
	RVS_EVENT_KIND_DEST_CHANGED,
	RVS_EVENT_KIND_DEST_REMOVED,
	RVS_EVENT_KIND_CONFIG_CHANGED,
	RVS_EVENT_KIND_COMMITTED,
	RVS_EVENT_KIND_OVERLOADED,
	RVS_EVENT_KIND_RELIEVED,
	RVS_EVENT_KIND_DRAINING,
	RVS_EVENT_KIND_DRAINED,
	RVS_EVENT_KIND_DRAIN_EXPIRED,
	RVS_EVENT_KIND_READY,
	RVS_EVENT_KIND_QUIESCED,
	RVS_EVENT_KIND_NO_SERVER,
	RVS_EVENT_KIND_SERVER_AGAIN,
	RVS_EVENT_KIND_PRESSURE,
	RVS_EVENT_KIND_PRESSURE_OVER,
};

/**
 * enum rvs_verdict - What would become of a packet.
 * @RVS_VERDICT_PASS: It goes on through the host's own stack. Not rvs's
 *   business, or an answer to a client.
 * @RVS_VERDICT_FORWARD: It goes to a destination.
 * @RVS_VERDICT_DROP: It is dropped.
 * @RVS_VERDICT_REJECT: It is dropped and its sender is told.
 */
enum rvs_verdict {
	RVS_VERDICT_PASS,
	RVS_VERDICT_FORWARD,
	RVS_VERDICT_DROP,
	RVS_VERDICT_REJECT,
};

/**
 * enum rvs_flow_found - By what the destination of a packet is known.
 * @RVS_FLOW_FOUND_NOTHING: Neither a connection nor a service.
 * @RVS_FLOW_FOUND_CONN: An entry of the connection table.
 * @RVS_FLOW_FOUND_TEMPLATE: Persistence; a new connection would be made.
 * @RVS_FLOW_FOUND_SCHEDULER: The scheduler's choice; a new connection would be
 *   made.
 * @RVS_FLOW_FOUND_FALLBACK: No server is usable; the fallback destination
 *   takes it.
 * @RVS_FLOW_FOUND_BYPASS: No server is usable; the packet goes on to where it
 *   was sent.
 */
enum rvs_flow_found {
	RVS_FLOW_FOUND_NOTHING,
	RVS_FLOW_FOUND_CONN,
	RVS_FLOW_FOUND_TEMPLATE,
	RVS_FLOW_FOUND_SCHEDULER,
	RVS_FLOW_FOUND_FALLBACK,
	RVS_FLOW_FOUND_BYPASS,
};

enum {
	RVS_A_STATS_CONNS = 1,
	RVS_A_STATS_IN_PKTS,
	RVS_A_STATS_IN_BYTES,
	RVS_A_STATS_OUT_PKTS,
	RVS_A_STATS_OUT_BYTES,
	RVS_A_STATS_CONN_RATE,
	RVS_A_STATS_IN_PKT_RATE,
	RVS_A_STATS_IN_BYTE_RATE,
	RVS_A_STATS_OUT_PKT_RATE,
	RVS_A_STATS_OUT_BYTE_RATE,

	__RVS_A_STATS_MAX,
	RVS_A_STATS_MAX = (__RVS_A_STATS_MAX - 1)
};

enum {
	RVS_A_TIMEOUT_STATE = 1,
	RVS_A_TIMEOUT_SECONDS,

	__RVS_A_TIMEOUT_MAX,
	RVS_A_TIMEOUT_MAX = (__RVS_A_TIMEOUT_MAX - 1)
};

enum {
	RVS_A_SERVICE_FAMILY = 1,
	RVS_A_SERVICE_PROTOCOL,
	RVS_A_SERVICE_ADDR,
	RVS_A_SERVICE_PORT,
	RVS_A_SERVICE_SCHEDULER,
	RVS_A_SERVICE_STATS,
	RVS_A_SERVICE_DESTS,
	RVS_A_SERVICE_FWMARK,
	RVS_A_SERVICE_FLAGS,
	RVS_A_SERVICE_SCHED_FLAGS,
	RVS_A_SERVICE_SCHED_SIZE,
	RVS_A_SERVICE_SCHED_EXPIRY,
	RVS_A_SERVICE_PERSIST_TIMEOUT,
	RVS_A_SERVICE_PERSIST_PREFIX,
	RVS_A_SERVICE_TIMEOUT,
	RVS_A_SERVICE_NO_SERVER,
	RVS_A_SERVICE_FALLBACK,
	RVS_A_SERVICE_DROP,
	RVS_A_SERVICE_TEMPLATES,
	RVS_A_SERVICE_SLOW_START,
	RVS_A_SERVICE_OWNER,
	RVS_A_SERVICE_GENERATION,
	RVS_A_SERVICE_REMOVED,

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
	RVS_A_DEST_FAMILY,
	RVS_A_DEST_UPPER,
	RVS_A_DEST_LOWER,
	RVS_A_DEST_OVERLOADED,
	RVS_A_DEST_TEMPLATES,
	RVS_A_DEST_TUN_TYPE,
	RVS_A_DEST_TUN_PORT,
	RVS_A_DEST_TUN_FLAGS,
	RVS_A_DEST_STATE,
	RVS_A_DEST_DRAIN_POLICY,
	RVS_A_DEST_DRAIN_TIMEOUT,
	RVS_A_DEST_DRAIN_LEFT,
	RVS_A_DEST_EFFECTIVE_WEIGHT,
	RVS_A_DEST_OWNER,
	RVS_A_DEST_GENERATION,
	RVS_A_DEST_REMOVED,

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
	RVS_A_CONN_DEST_FAMILY,
	RVS_A_CONN_FWMARK,
	RVS_A_CONN_TEMPLATE,

	__RVS_A_CONN_MAX,
	RVS_A_CONN_MAX = (__RVS_A_CONN_MAX - 1)
};

enum {
	RVS_A_CONFIG_TIMEOUT_TCP = 1,
	RVS_A_CONFIG_TIMEOUT_TCP_FIN,
	RVS_A_CONFIG_TIMEOUT_UDP,
	RVS_A_CONFIG_TIMEOUT,

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
	RVS_A_INFO_KNOWN_SCHEDULER,
	RVS_A_INFO_GENERATION,
	RVS_A_INFO_CONN_LIMIT,
	RVS_A_INFO_CHANGE_LIMIT,
	RVS_A_INFO_SINCE,
	RVS_A_INFO_FAST_PKTS,
	RVS_A_INFO_FAST_BYTES,
	RVS_A_INFO_FAST_DEVICES,

	__RVS_A_INFO_MAX,
	RVS_A_INFO_MAX = (__RVS_A_INFO_MAX - 1)
};

enum {
	RVS_A_CHANGE_OP = 1,
	RVS_A_CHANGE_SERVICE,
	RVS_A_CHANGE_DEST,
	RVS_A_CHANGE_CONFIG,

	__RVS_A_CHANGE_MAX,
	RVS_A_CHANGE_MAX = (__RVS_A_CHANGE_MAX - 1)
};

enum {
	RVS_A_FILTER_FAMILY = 1,
	RVS_A_FILTER_PROTOCOL,
	RVS_A_FILTER_CLIENT_ADDR,
	RVS_A_FILTER_CLIENT_PREFIX,
	RVS_A_FILTER_CLIENT_PORT,
	RVS_A_FILTER_VIRTUAL_ADDR,
	RVS_A_FILTER_VIRTUAL_PREFIX,
	RVS_A_FILTER_VIRTUAL_PORT,
	RVS_A_FILTER_DEST_FAMILY,
	RVS_A_FILTER_DEST_ADDR,
	RVS_A_FILTER_DEST_PREFIX,
	RVS_A_FILTER_DEST_PORT,
	RVS_A_FILTER_STATE,
	RVS_A_FILTER_FWMARK,
	RVS_A_FILTER_METHOD,
	RVS_A_FILTER_SERVICE,
	RVS_A_FILTER_TEMPLATE,

	__RVS_A_FILTER_MAX,
	RVS_A_FILTER_MAX = (__RVS_A_FILTER_MAX - 1)
};

enum {
	RVS_A_FLOW_FAMILY = 1,
	RVS_A_FLOW_PROTOCOL,
	RVS_A_FLOW_SRC_ADDR,
	RVS_A_FLOW_SRC_PORT,
	RVS_A_FLOW_DST_ADDR,
	RVS_A_FLOW_DST_PORT,
	RVS_A_FLOW_MARK,
	RVS_A_FLOW_TCP_FLAGS,

	__RVS_A_FLOW_MAX,
	RVS_A_FLOW_MAX = (__RVS_A_FLOW_MAX - 1)
};

enum {
	RVS_A_EXPLANATION_VERDICT = 1,
	RVS_A_EXPLANATION_FOUND,
	RVS_A_EXPLANATION_SERVICE,
	RVS_A_EXPLANATION_DEST,
	RVS_A_EXPLANATION_CONN,
	RVS_A_EXPLANATION_RANDOM,
	RVS_A_EXPLANATION_METHOD,
	RVS_A_EXPLANATION_REASON,
	RVS_A_EXPLANATION_TEXT,
	RVS_A_EXPLANATION_ROUTE_DEV,
	RVS_A_EXPLANATION_ROUTE_VIA,
	RVS_A_EXPLANATION_ROUTE_SOURCE,
	RVS_A_EXPLANATION_ROUTE_MTU,

	__RVS_A_EXPLANATION_MAX,
	RVS_A_EXPLANATION_MAX = (__RVS_A_EXPLANATION_MAX - 1)
};

enum {
	RVS_A_EVENT_KIND = 1,
	RVS_A_EVENT_GENERATION,
	RVS_A_EVENT_NUMBER,
	RVS_A_EVENT_SERVICE,
	RVS_A_EVENT_DEST,
	RVS_A_EVENT_CONNS,
	RVS_A_EVENT_LIMIT,

	__RVS_A_EVENT_MAX,
	RVS_A_EVENT_MAX = (__RVS_A_EVENT_MAX - 1)
};

enum {
	RVS_A_SERVICE = 1,
	RVS_A_DEST,
	RVS_A_CONN,
	RVS_A_CONFIG,
	RVS_A_INFO,
	RVS_A_CHANGE,
	RVS_A_GENERATION,
	RVS_A_DRY_RUN,
	RVS_A_OWNER,
	RVS_A_FORCE,
	RVS_A_FILTER,
	RVS_A_SINCE,
	RVS_A_COUNT,
	RVS_A_FLOW,
	RVS_A_EXPLANATION,
	RVS_A_EVENT,

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
	RVS_CMD_ZERO,
	RVS_CMD_TRANSACT,
	RVS_CMD_CONN_DEL,
	RVS_CMD_EXPLAIN,
	RVS_CMD_EVENT,

	__RVS_CMD_MAX,
	RVS_CMD_MAX = (__RVS_CMD_MAX - 1)
};

#define RVS_MCGRP_CONFIG	"config"
#define RVS_MCGRP_STATE		"state"
#define RVS_MCGRP_PRESSURE	"pressure"

#endif /* _UAPI_LINUX_RVS_H */
