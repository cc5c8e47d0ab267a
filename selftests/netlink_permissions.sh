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

# refused COMMAND...: as what COMMAND makes of the client, everything is refused: what would work,
# and whatever else the kernel says there is.
refused() {
	unaffected "$@" "${NL[@]}" refused
}

# borrowed WHO: a socket that the one had opened does not let the other do more.
borrowed() {
	unaffected "${NL[@]}" as "$1" EPERM
}

# tells_nothing: what rvs says, and what it leaves in the kernel's log and files, has no address of
# the kernel and no bytes that it did not mean to say.
tells_nothing() {
	local found
	establish
	in_ns director "${NL[@]}" clean
	{
		adm -L -n --stats --exact
		adm -L -n --rate
		adm -L -n -c
		adm info
		adm info --json
		adm service list --json
		in_ns director bash -c 'grep -rs . /proc/sys/net/rvs'
		grep -rs . /sys/module/rvs/parameters /sys/module/rvs/{refcnt,coresize,initstate} || true
		dmesg | grep -i rvs || true
	} >"$WORK/said"
	[ "$(wc -l <"$WORK/said")" -gt 50 ]
	found=$(grep -nE '\b(0x)?f{4}[89a-f][0-9a-f]{11}\b' "$WORK/said" || true)
	same "" "$found"
}

# order NAMESPACE: the ports of its flows in the order of the table, that is, of their hashes.
order() {
	in_ns "$1" "${NL[@]}" ask conn-dump | sed -nE 's/^conn.client-port=(50[0-9][0-9])$/\1/p' | xargs
}

# flows NAMESPACE: the same in each.
flows() {
	local port
	adm_in() { DIRECTOR=$1 adm "${@:2}"; }
	ip -n "$1" address add 10.7.0.1/24 dev lo 2>/dev/null || true
	adm_in "$1" -A -u 10.7.0.1:53 -s rr
	adm_in "$1" -a -u 10.7.0.1:53 -r 10.7.0.1:54 -m
	for port in {5001..5040}; do
		echo x | in_ns "$1" socat -u - "UDP4-SENDTO:10.7.0.1:53,bind=10.7.0.1:$port"
	done
	same 40 "$(order "$1" | wc -w)"
}

# own_key: the same flows lie in another order in the table of each namespace, since its hash has
# a key of its own; in the same one they stay where they are.
own_key() {
	local first
	flows director
	ip netns add second
	SITES+=(second)
	ip -n second link set lo up
	flows second
	first=$(order director)
	same "$first" "$(order director)"
	[ "$first" != "$(order second)" ]
	same "$(xargs -n 1 <<<"$first" | sort)" "$(order second | xargs -n 1 | sort)"
	ip netns del second
}

# establish: a connection, and a template, among what is said.
establish() {
	in_ns director "${NL[@]}" ask service-new service.port=90 service.persist-timeout=60
	ip -n director address add 10.0.0.100/32 dev lo
	in_ns director "${NL[@]}" ask dest-new service.port=90 dest.addr=10.0.0.100 dest.port=91
	start in_ns director socat TCP4-LISTEN:91,fork PIPE
	start in_ns director socat -u TCP4:10.0.0.100:90,retry=50,interval=0.1 OPEN:/dev/null
	connected() { adm -L -n -c | grep -q ESTABLISHED; }
	eventually 10 connected
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
	unaffected "$@" sh -c 'ip link set lo up && "$@" setup && "$@" all ok && "$@" groups ok' - "${NL[@]}"
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
for who in dropped lent foreign; do
	ktap_case "a socket does not lend rights: $who" borrowed $who
done
ktap_case 'no answer, file or message has an address of the kernel' tells_nothing
ktap_case 'each namespace has a key of its own for its hashes' own_key
ktap_run
