#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# AH and ESP have no ports: they go to the server that the ISAKMP flow between the same
# addresses went to, in both directions, and nowhere without one.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# use FAMILY METHOD KIND: a service for ISAKMP with three servers and no connection.
use() {
	adm --set 900 120 1
	# In ip_vs a connection has the new timeout from its next packet on.
	TALKER=wire talk touch "$@"
	adm -C
	eventually 10 no_connection
	adm --set 900 120 300
	add_service udp "$1" "$2" 500
	says ok alone "$@"
}

# no_connection: none that a longer timeout or a returning server could bring back.
no_connection() {
	[ "$RVS_ENGINE" != rvs ] || adm info | grep -q '^connections: *0 ' || return 1
	! adm -L -n -c | grep -q '^UDP'
}

# case_of CASE FAMILY METHOD KIND
case_of() {
	# IPVS looks behind the authentication header of IPv6 for a protocol with ports.
	[ "$RVS_ENGINE$2$4" != ip_vs6ah ] || ktap_skip "ip_vs does not know AH in IPv6"
	says ok "$@"
}

kept() {
	adm --set 900 120 2
	case_of kept "$@"
	adm --set 900 120 300
}

make_site
engine "$RVS_ENGINE"
silence client server1 server2 server3
start_talker wire python3 -IS "$SELFTESTS/ipsec.py"
for family in 4 6; do
	for method in m g; do
		for kind in esp ah; do
			text="IPv$family, $([ $method = m ] && echo NAT || echo DR), $kind"
			ktap_case "$text: without an ISAKMP flow no server gets it" use $family $method $kind
			ktap_case "$text: follows the ISAKMP flow" case_of there_and_back $family $method $kind
			ktap_case "$text: in fragments" case_of in_parts $family $method $kind
			ktap_case "$text: an error about it" case_of quoted $family $method $kind
			[ $kind = ah ] ||
				ktap_case "$text: keeps the ISAKMP flow alive" kept $family $method $kind
		done
	done
done
ktap_run
