#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who may use the netlink family: whoever has CAP_NET_ADMIN in the user namespace that
# owns the network namespace, and nobody else.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)
NL=(python3 -IS "$SELFTESTS/nl.py")

# unaffected COMMAND...: runs it in the director, whose state must stay as it is.
unaffected() {
	local before after
	before=$(in_ns director "${NL[@]}" state)
	in_ns director "$@"
	after=$(in_ns director "${NL[@]}" state)
	same "$before" "$after"
}

# refused COMMAND...: as what COMMAND makes of the client, everything is refused.
refused() {
	unaffected "$@" "${NL[@]}" all EPERM
}

# Malformed requests do not tell an unprivileged user any more than others do.
refused_before_all() {
	local changes
	for changes in -service service.port=0 '!service' service.99=x: service.port=82; do
		echo "service-del|$changes|EPERM||"
	done | unaffected "${NOBODY[@]}" "${NL[@]}" try
}

capable() {
	echo 'info-get||ok||' |
		unaffected setpriv --bounding-set '-all,+net_admin' "${NL[@]}" try
}

# own_namespace COMMAND...: root of the namespaces that COMMAND makes may do all.
own_namespace() {
	# shellcheck disable=SC2016
	unaffected "$@" sh -c 'ip link set lo up && "$@" setup && "$@" all ok' - "${NL[@]}"
}

ip netns add director
SITES+=(director)
ip -n director link set lo up
engine rvs
in_ns director "${NL[@]}" setup
# Neither may depend on what was there before.
[ ! -e /proc/sys/kernel/unprivileged_userns_clone ] ||
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone

ktap_case 'an unprivileged user is refused' refused "${NOBODY[@]}"
ktap_case 'an unprivileged user is refused before the request is looked at' refused_before_all
ktap_case 'root without CAP_NET_ADMIN is refused' refused setpriv --bounding-set -net_admin
ktap_case 'CAP_NET_ADMIN is enough' capable
ktap_case "root of a child user namespace is refused in its parent's network namespace" \
	refused "${NOBODY[@]}" unshare --user --map-root-user
ktap_case 'a user without rights in a network namespace of its own is refused' \
	refused "${NOBODY[@]}" unshare --user --net
ktap_case 'root of a child user namespace may do all in a network namespace of its own' \
	own_namespace unshare --user --map-root-user --net
ktap_case 'so may an unprivileged user who becomes that root' \
	own_namespace "${NOBODY[@]}" unshare --user --map-root-user --net
ktap_run
