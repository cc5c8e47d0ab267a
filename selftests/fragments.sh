#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets in fragments, to the servers and back: they arrive whole and once, whatever their
# order, and not at all if a part is missing or parts contradict each other.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# use FAMILY METHOD
use() {
	adm -C
	add_service udp "$1" "$2" 80 1
	add_service tcp "$1" "$2" 80 1
}

# program FAMILY METHOD: real programs, whose datagrams are larger than any link carries.
program() {
	local size
	if [ "$2" = g ]; then replies_through client; else replies_through director; fi
	adm -C
	add_service udp "$1" "$2" 81
	for size in 1473 8000 60000; do
		TALKER="talk" talk size "$size"
		same "server1 server2 server3" "$(TALKER="talk" talk get udp "$(vip "$1")" 81 3)"
	done
}

quiet() {
	adm -C
	replies_through director
	silence client server1
}

make_site
engine "$RVS_ENGINE"
start_servers 81
start_client
start_talker wire python3 -IS "$SELFTESTS/fragments.py"
for family in 4 6; do
	ktap_case "IPv$family, DR: large datagrams of programs" program $family g
	ktap_case "IPv$family, NAT: large datagrams of programs" program $family m
done
ktap_case "client and server fall silent" quiet
for family in 4 6; do
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		ktap_case "$text: services" use $family $method
		for way in request answer; do
			# The answers do not pass the director.
			[ $method = m ] || [ $way = request ] || continue
			args=("$family" "$method" "$way")
			ktap_case "$text, $way: in order" says ok in_order "${args[@]}"
			ktap_case "$text, $way: the last part first" says ok reversed "${args[@]}"
			ktap_case "$text, $way: mixed with those of another packet" says ok mixed "${args[@]}"
			ktap_case "$text, $way: one part twice" says ok twice "${args[@]}"
			ktap_case "$text, $way: overlapping" says ok overlapping "${args[@]}"
			ktap_case "$text, $way: one missing" says ok missing "${args[@]}"
			ktap_case "$text, $way: TCP" says ok tcp "${args[@]}"
			if [ $family = 6 ]; then
				ktap_case "$text, $way: a fragment that is whole" says ok atomic "${args[@]}"
			else
				ktap_case "$text, $way: very small parts" says ok small "${args[@]}"
			fi
		done
	done
done
ktap_run
