#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The director loses the interface to its servers while connections use it: the
# interface goes at once, and the service works again when there is another.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# Protocol, family, port, method and server of the services.
KINDS=(tcp:4:80:m:1 udp:6:80:m:1 tcp:6:81:g:2 udp:4:81:g:2)

# ask: one request of each kind; the answers.
ask() {
	local kind proto family port
	for kind in "${KINDS[@]}"; do
		IFS=: read -r proto family port _ <<<"$kind"
		talk get "$proto" "$(vip "$family")" "$port"
	done
}

answered() {
	same "server1 server1 server2 server2" "$(ask | paste -sd' ')"
}

down_and_up() {
	ip -n director link set lan down
	fails answered
	ip -n director link set lan up
	ip -n director address add "$(host 6 lan 1)/64" dev lan nodad
	eventually 10 answered
}

# deleted: what still used the device would keep this waiting.
deleted() {
	local start=$EPOCHREALTIME
	timeout 20 ip -n director link del lan
	echo "took $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
	same "" "$(dmesg | grep "unregister_netdevice: waiting" || true)"
}

another() {
	# With the same address: who it is is not what this is about.
	ip link add lan netns director address "$MAC" type veth peer name director netns lan
	addresses lan lan 1 | ip -n director -batch -
	ip -n lan link set director up master bridge
	eventually 10 answered
}

make_site '' 2
routes replace client | ip -n server2 -batch -
MAC=$(ip -n director -o link show lan | sed 's:.*link/ether \([^ ]*\).*:\1:')
start_servers 80 server1 server2
start_servers 81 server1 server2
start_client
talk patience 0.5 >/dev/null
engine "$RVS_ENGINE"
for kind in "${KINDS[@]}"; do
	IFS=: read -r proto family port method server <<<"$kind"
	add_service "$proto" "$family" "$method" "$port" "$server"
done

ktap_case "requests are answered" answered
ktap_case "the interface goes down and comes up" down_and_up
ktap_case "the interface is deleted" deleted
ktap_case "with another one requests are answered" another
ktap_run
