#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The order in which rr gives new connections to the servers: from the one added last
# to the first; a removed server's place is kept, weight 0 is passed over.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# picks NUMBER FAMILY WANTED: the servers of so many new connections.
picks() {
	same "$3" "$(talk get "$PROTO" "$(vip "$2")" 80 "$1" | sed 's/server//g')"
}

# weight FAMILY SERVER WEIGHT
weight() {
	adm -e "-${PROTO:0:1}" "$(at "$(vip "$1")" 80)" -r "$(real "$1" "$2" 80)" -m -w "$3"
}

# change a|d FAMILY SERVER: adds or removes a server.
change() {
	local method=()
	[ "$1" = d ] || method=(-m)
	adm "-$1" "-${PROTO:0:1}" "$(at "$(vip "$2")" 80)" -r "$(real "$2" "$3" 80)" "${method[@]}"
}

newest_first() {
	add_service "$PROTO" "$1" m 80 1 2 3 4
	picks 9 "$1" "4 3 2 1 4 3 2 1 4"
}

passes_over_weight_0() {
	picks 1 "$1" 3
	weight "$1" 2 0
	picks 5 "$1" "1 4 3 1 4"
	weight "$1" 2 1
	picks 5 "$1" "3 2 1 4 3"
}

removed_server_was_next() {
	change d "$1" 2
	picks 4 "$1" "1 4 3 1"
}

added_server_comes_first() {
	change a "$1" 2
	# The order is 2 4 3 1 now, and 1 had the last connection.
	picks 5 "$1" "2 4 3 1 2"
}

removed_server_was_last() {
	change d "$1" 2
	picks 4 "$1" "4 3 1 4"
	change d "$1" 4
	picks 3 "$1" "3 1 3"
}

one_server_gets_all() {
	change d "$1" 1
	picks 3 "$1" "3 3 3"
}

make_site '' 4
start_servers 80 server{1..4}
start_client
engine "$RVS_ENGINE"

for PROTO in tcp udp; do
	for family in 4 6; do
		text="$PROTO over IPv$family"
		for step in newest_first passes_over_weight_0 removed_server_was_next \
			added_server_comes_first removed_server_was_last one_server_gets_all; do
			ktap_case "$text: ${step//_/ }" eval "PROTO=$PROTO; $step $family"
		done
	done
done
ktap_run
