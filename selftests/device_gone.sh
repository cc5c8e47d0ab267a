#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The director loses the interface to its servers while connections use it: the
# interface goes at once, and the service works again when there is another.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# Protocol, family, port, method and server of the services.
KINDS=(tcp:4:80:m:1 udp:6:80:m:1 tcp:6:81:g:2 udp:4:81:g:2)

# answered: a request of each kind is answered.
answered() {
	local kind proto family port answers=()
	for kind in "${KINDS[@]}"; do
		IFS=: read -r proto family port _ <<<"$kind"
		answers+=("$(talk get "$proto" "$(vip "$family")" "$port")")
	done
	same "server1 server1 server2 server2" "${answers[*]}"
}

# no_route: packets that were dropped for want of a route.
no_route() {
	adm info | awk '$1 == "no-route" { print $2 }'
}

# more_than NUMBER: as many, and another.
more_than() {
	[ "$(no_route)" -gt "$1" ]
}

# dropped: a request of each kind is dropped and counted, and opens no connection.
dropped() {
	local kind proto family port before sent
	for kind in "${KINDS[@]}"; do
		IFS=: read -r proto family port _ <<<"$kind"
		[ "$RVS_ENGINE" != rvs ] || before=$(no_route)
		sent=$(talk send "$proto" "$(vip "$family")" "$port" 1)
		[ "$proto" = udp ] || fails same 1 "$sent"
		[ "$RVS_ENGINE" != rvs ] || eventually 10 more_than "$before"
	done
}

# make_device: the director's interface to the servers, if it has none. The address is always
# the same: who it is is not what this is about.
make_device() {
	[ -z "$(ip -n director -o link show lan 2>/dev/null)" ] || return 0
	ip link add lan netns director address "$MAC" type veth peer name director netns lan
	addresses lan lan 1 | ip -n director -batch -
	ip -n lan link set director up master bridge
}

# begin: everything is in place, with a route to each server in use. Until then packets may
# get lost: patience only says when to try again.
begin() {
	make_device
	talk patience 2
	eventually 60 answered
	talk patience 20
	answered
}

down_and_up() {
	begin
	ip -n director link set lan down
	talk patience 2
	dropped
	ip -n director link set lan up
	ip -n director address add "$(host 6 lan 1)/64" dev lan nodad
	begin
}

# deleted: what still used the device would keep this waiting.
deleted() {
	local start took mark="device_gone: $EPOCHREALTIME"
	begin
	echo "$mark" >/dev/kmsg
	start=$EPOCHREALTIME
	timeout 60 ip -n director link del lan
	took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
	echo "took $took ms"
	same "" "$(dmesg | awk -v mark="$mark" 'index($0, mark) { seen = 1 }
		seen && /unregister_netdevice: waiting/')"
	[ "$took" -lt 5000 ]
}

another() {
	begin
	ip -n director link del lan
	begin
}

make_site '' 2
routes replace client | ip -n server2 -batch -
MAC=$(ip -n director -o link show lan | sed 's:.*link/ether \([^ ]*\).*:\1:')
start_servers 80 server1 server2
start_servers 81 server1 server2
start_client
engine "$RVS_ENGINE"
for kind in "${KINDS[@]}"; do
	IFS=: read -r proto family port method server <<<"$kind"
	add_service "$proto" "$family" "$method" "$port" "$server"
done

ktap_case "requests are answered" begin
ktap_case "the interface goes down and comes up" down_and_up
ktap_case "the interface is deleted" deleted
ktap_case "when there is another one requests are answered" another
ktap_run
