#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A SYN alone begins a TCP connection. Every other segment without a connection is for the host itself.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# port: the client port of the next segment, which no other has.
port() {
	PORT=$(($(cat "$WORK/port") + 1))
	echo "$PORT" >"$WORK/port"
}

# left: how many segments rvs has left to the host.
left() {
	in_ns director nft list counter inet seen left | sed -nE 's/.*packets ([0-9]+) .*/\1/p'
}

left_is() {
	[ "$(left)" = "$1" ]
}

connection() {
	adm -L -n -c | grep -q ":$PORT "
}

service() {
	adm -C
	add_service tcp "$1" "$2" 80 1
	talk family "$1"
}

# begins FAMILY METHOD
begins() {
	local before
	before=$(left)
	service "$1" "$2"
	port
	talk c "$PORT" S
	eventually 5 connection
	left_is "$before"
}

# is_the_hosts FAMILY METHOD FLAGS: the segment passes to the host, and makes no connection.
is_the_hosts() {
	local before
	before=$(left)
	service "$1" "$2"
	port
	talk c "$PORT" "$3"
	eventually 5 left_is $((before + 1))
	fails connection
}

make_site
start_talker talk python3 -IS "$SELFTESTS/segments.py"
for family in 4 6; do
	talk family $family
	talk address "$(vip $family)" "$(host $family lan 11)" "$(host $family net 2)"
done >/dev/null
for name in client server1; do
	in_ns $name nft add table inet quiet "{ chain input { type filter hook input priority 0; meta l4proto tcp drop; }; }"
done
engine rvs
in_ns director nft -f - <<-END
	table inet seen {
		counter left { }
		chain input { type filter hook input priority 300; tcp dport 80 counter name left; }
	}
END
echo 5000 >"$WORK/port"

for family in 4 6; do
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		ktap_case "$text: SYN begins a connection" begins $family $method
		for flags in SA SF SFA SR A F FA R; do
			ktap_case "$text: $flags is the host's" is_the_hosts $family $method $flags
		done
	done
done
ktap_run
