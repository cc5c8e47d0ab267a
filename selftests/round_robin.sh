#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The order in which rr gives new connections to the servers: from the one added last
# to the first; a removed server's place is kept, weight 0 is passed over.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# begin PROTOCOL FAMILY PORT: a service of its own for a case, to which the servers 1 2 3 4
# were added in this order. The functions below are about it.
begin() {
	local number
	PROTO=$1 FAMILY=$2 PORT=$3
	SERVICE=("-${1:0:1}" "$(at "$(vip "$2")" "$3")")
	adm -A "${SERVICE[@]}" -s rr
	for number in 1 2 3 4; do
		change a "$number"
	done
}

# picks WANTED...: the servers of so many new connections.
picks() {
	same "$*" "$(talk get "$PROTO" "$(vip "$FAMILY")" "$PORT" $# | sed 's/server//g')"
}

# change a|e|d SERVER [WEIGHT]: adds, edits or removes a server.
change() {
	local how=(-m -w "${3:-1}")
	[ "$1" != d ] || how=()
	adm "-$1" "${SERVICE[@]}" -r "$(real "$FAMILY" "$2" 80)" "${how[@]}"
}

newest_first() {
	begin "$@"
	picks 4 3 2 1 4 3 2 1 4
}

passes_over_weight_0() {
	begin "$@"
	picks 4 3
	change e 2 0
	picks 1 4 3 1 4
	change e 2 1
	picks 3 2 1 4 3
}

removed_server_was_next() {
	begin "$@"
	picks 4 3
	change d 2
	picks 1 4 3 1
}

added_server_comes_first() {
	begin "$@"
	change d 2
	picks 4 3 1
	change a 2
	# The order is 2 4 3 1 now, and 1 had the last connection.
	picks 2 4 3 1 2
}

removed_server_was_last() {
	begin "$@"
	picks 4 3
	change d 3
	picks 2 1 4
	# This one is the first in the order, too.
	change d 4
	picks 2 1 2
}

one_server_gets_all() {
	begin "$@"
	change d 2
	change d 4
	picks 3 1
	change d 1
	picks 3 3 3
}

make_site '' 4
start_servers 80 server{1..4}
start_client
engine "$RVS_ENGINE"

for proto in tcp udp; do
	for family in 4 6; do
		port=8000
		for step in newest_first passes_over_weight_0 removed_server_was_next \
			added_server_comes_first removed_server_was_last one_server_gets_all; do
			port=$((port + 1))
			ktap_case "$proto over IPv$family: ${step//_/ }" $step $proto $family $port
		done
	done
done
ktap_run
