#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets of all protocols with mutations, from clients and from servers, to services of
# every kind: connections of real clients go on working, and the kernel has nothing to
# report. FUZZ_COUNT says how many, FUZZ_SEED which.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

COUNT=${FUZZ_COUNT:-20000}
SEED=${FUZZ_SEED:-$RANDOM}

# link NAMESPACE DEVICE: its link address.
link() {
	ip -n "$1" -j link show dev "$2" | python3 -c \
		'import json, sys; print(json.load(sys.stdin)[0]["address"])'
}

# fuzz SEED
fuzz() {
	local results
	echo "seed $1"
	results=$(fuzzgen packets "$1" "$COUNT" | python3 -S "$SELFTESTS/fuzz.py" packets \
		"$(link director net)" "$(link director lan)")
	echo "# seed $1: $results" >&3
}

# answers FAMILY: real clients are served, and what a service has counted is consistent.
answers() {
	local names
	names=$(talk get tcp "$(vip "$1")" 80 3)
	same "server1 server2 server3" "$(tr ' ' '\n' <<<"$names" | sort | xargs)"
	names=$(talk get udp "$(vip "$1")" 81 3)
	same "server1 server2 server3" "$(tr ' ' '\n' <<<"$names" | sort | xargs)"
}

# counted: the packets that were dropped have reasons.
counted() {
	adm info
}

make_site
start_servers 80
start_servers 81
start_client
engine rvs
exec 3>&1
for family in 4 6; do
	for protocol in tcp udp; do
		for port in 80 81 500; do
			add_service "$protocol" "$family" m "$port"
		done
	done
done

for round in 1 2; do
	ktap_case "$COUNT packets, round $round" fuzz $((SEED + round))
	for family in 4 6; do
		ktap_case "IPv$family: clients are answered, round $round" answers "$family"
	done
done
ktap_case "the drops have reasons" counted
ktap_run
