#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ICMP errors reach the end that they concern as if nobody balanced: about a client's packet
# the client, from the virtual address and quoting what it sent; about a server's packet the
# server. Packets and errors are made by hand and compared byte for byte.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# use FAMILY METHOD: a service with server 1.
use() {
	adm -C
	add_service udp "$1" "$2" 80 1
}

# narrow MTU: the MTU of the director's link to the servers.
narrow() {
	ip -n director link set lan mtu "$1"
}

too_long() {
	narrow 1300
	says ok too_long "$@"
	narrow 1500
}

# real FAMILY: what a program in the client is told.
program() {
	adm -C
	add_service udp "$1" m 82 1
	same refused "$(TALKER="talk" talk get udp "$(vip "$1")" 82)"
}

undropped() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "$RVS_ENGINE does not count what it drops"
	adm info | awk '$1 == "malformed" && $2 { print; exit 1 }'
}

make_site
engine "$RVS_ENGINE"
start_client
start_talker wire python3 -IS "$SELFTESTS/icmp_errors.py"

for family in 4 6; do
	ktap_case "IPv$family: a program is told that its port at the server is closed" program $family
done
ktap_case "client and servers fall silent" silence client server1
for family in 4 6; do
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		args=("$family" "$method" "$RVS_ENGINE")
		ktap_case "$text: a service" use $family $method
		if [ $method = m ]; then
			ktap_case "$text: the server's port is unreachable" says ok port_unreachable "${args[@]}"
			ktap_case "$text: a router before the server finds no hop left" says ok time_exceeded "${args[@]}"
			ktap_case "$text: as little is quoted as may be" says ok short "${args[@]}"
			ktap_case "$text: an odd number of bytes is quoted" says ok odd "${args[@]}"
			[ $family = 6 ] ||
				ktap_case "$text: an error in two fragments" says ok in_parts "${args[@]}"
		fi
		ktap_case "$text: an answer is too big for a router" says ok too_big "${args[@]}"
		ktap_case "$text: an answer is refused by the client" says ok unreachable "${args[@]}"
		ktap_case "$text: a damaged error stays damaged" says ok damaged "${args[@]}"
		ktap_case "$text: what is about no connection goes to no server" says ok foreign "${args[@]}"
		ktap_case "$text: no hop left at the director" says ok last_hop "${args[@]}"
		ktap_case "$text: too long for the director" too_long "${args[@]}"
	done
done
ktap_case "nothing was counted as malformed" undropped
ktap_run
