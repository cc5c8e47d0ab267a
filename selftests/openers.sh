#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A SYN alone begins a TCP connection. Every other segment without a connection is for the host itself.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# left: how many segments rvs has left to the host.
left() {
	in_ns director nft list counter inet seen left | sed -nE 's/.*packets ([0-9]+) .*/\1/p'
}

left_is() {
	[ "$(left)" = "$1" ]
}

connection() {
	grep -q ":$PORT " <(adm -L -n -c)
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
	next_port
	talk c "$PORT" S
	eventually 5 connection
	left_is "$before"
}

# is_the_hosts FAMILY METHOD FLAGS: the segment passes to the host, and makes no connection.
is_the_hosts() {
	local before
	before=$(left)
	service "$1" "$2"
	next_port
	talk c "$PORT" "$3"
	eventually 5 left_is $((before + 1))
	fails connection
}

# stays FAMILY FLAGS: nor does it put an end to a connection that is over, as a client's SYN does. In the state CLOSE it
# is forwarded, and the entry is the same.
stays() {
	local before
	service "$1" m
	next_port
	talk c "$PORT" S
	talk c "$PORT" A
	talk c "$PORT" R
	eventually 5 closed
	before=$(scheduled)
	talk c "$PORT" "$2"
	eventually 5 in_packets 4
	same "$before" "$(scheduled)"
}

closed() {
	grep ":$PORT " <(adm -L -n -c) | grep -q CLOSE
}

# scheduled: how many connections the service has had.
scheduled() {
	adm -L -n --stats --exact | awk '$1 == "TCP" { print $3 }'
}

# in_packets NUMBER: so many packets have come for the service.
in_packets() {
	[ "$(adm -L -n --stats --exact | awk '$1 == "TCP" { print $4 }')" = "$1" ]
}

make_site
start_segments
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

for family in 4 6; do
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		ktap_case "$text: SYN begins a connection" begins $family $method
		for flags in SA SF SFA SR A F FA R; do
			ktap_case "$text: $flags is the host's" is_the_hosts $family $method $flags
		done
	done
	ktap_case "IPv$family: SYN+FIN does not take the place of a connection that is over" stays $family SF
done
ktap_run
