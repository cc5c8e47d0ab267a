#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server is removed while it has connections: what belonged to its TCP connections
# is dropped, and counted; UDP flows and new connections go to the servers that are left.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# dropped: the counter of packets whose server was removed.
dropped() {
	adm info | awk '$1 == "destination-removed" { print $2 }'
}

opens() {
	add_service "$2" "$1" m
	same "server1 server2 server3" "$(talk open "$2" "$(vip "$1")" 80 3)"
	adm -d "-${2:0:1}" "$(at "$(vip "$1")" 80)" -r "$(real "$1" 2 80)"
}

others_go_on() {
	same server1 "$(talk say 1)"
	same server3 "$(talk say 3)"
}

# silence: TCP data to the removed server gets no answer of any kind.
silence() {
	local before
	before=$(dropped)
	talk patience 0.5
	same timeout "$(talk say 2)"
	talk patience 5
	[ "$(dropped)" -gt "$before" ]
}

# moves FAMILY: the next datagram of the flow goes to a server that is left, and the flow
# stays there.
moves() {
	local server
	server=$(talk say 2)
	[ "$server" = server1 ] || [ "$server" = server3 ] || same "server1 or 3" "$server"
	same "$server $server" "$(talk say 2) $(talk say 2)"
}

# new_ones FAMILY PROTOCOL
new_ones() {
	local got
	got=$(talk get "$2" "$(vip "$1")" 80 4)
	[[ $got != *server2* && $got == *server1* && $got == *server3* ]] || same "server1, server3" "$got"
}

# returns FAMILY PROTOCOL: the server comes back; the connections it had go on.
returns() {
	adm -a "-${2:0:1}" "$(at "$(vip "$1")" 80)" -r "$(real "$1" 2 80)" -m
	same server2 "$(talk get "$2" "$(vip "$1")" 80 3 | tr ' ' '\n' | sort -u | grep server2)"
	talk close
}

# service_gone FAMILY PROTOCOL: a connection does not outlive the use of its service.
service_gone() {
	add_service "$2" "$1" m 81
	same "server1" "$(talk open "$2" "$(vip "$1")" 81)"
	adm -D "-${2:0:1}" "$(at "$(vip "$1")" 81)"
	talk patience 0.5
	[ "$2" = tcp ] && same timeout "$(talk say 1)" || same refused "$(talk say 1)"
	talk patience 5
	talk close
}

make_site
start_servers 80
start_servers 81
start_client
engine rvs

for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		ktap_case "$text: one of three servers with connections is removed" opens $family $proto
		ktap_case "$text: the other connections go on" others_go_on
		if [ $proto = tcp ]; then
			ktap_case "$text: data to the removed server is dropped and counted" silence
		else
			ktap_case "$text: the flow moves to a server that is left" moves
		fi
		ktap_case "$text: new connections go to the others" new_ones $family $proto
		ktap_case "$text: the server returns and gets connections" returns $family $proto
		ktap_case "$text: the service is removed with a connection" service_gone $family $proto
	done
done
ktap_run
