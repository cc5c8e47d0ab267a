#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Weight 0: a server keeps its connections and gets no new ones.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# weight FAMILY PROTOCOL SERVER WEIGHT
weight() {
	adm -e "-${2:0:1}" "$(at "$(vip "$1")" 80)" -r "$(real "$1" "$3" 80)" -m -w "$4"
}

opens() {
	add_service "$2" "$1" m
	same "server1 server2 server3" "$(talk open "$2" "$(vip "$1")" 80 3)"
	same "server1 server2 server3" "$(talk say)"
}

no_new_connections() {
	weight "$1" "$2" 2 0
	same "server1 server3 server1 server3" "$(talk get "$2" "$(vip "$1")" 80 4)"
}

existing_go_on() {
	same "server1 server2 server3" "$(talk say)"
}

# listed FAMILY PROTOCOL: weight 0 is shown, with the connection that is left.
listed() {
	local want='0 1 0'
	[ "$2" = tcp ] || want='0 0 1'
	same "$want" "$(adm -L -n "-${2:0:1}" "$(at "$(vip "$1")" 80)" |
		awk -v server="$(real "$1" 2 80)" '$2 == server { print $4, $5, $6 }')"
}

# all_quiet FAMILY PROTOCOL: nobody takes new ones, everybody keeps the old ones.
all_quiet() {
	weight "$1" "$2" 1 0
	weight "$1" "$2" 3 0
	same "refused" "$(talk get "$2" "$(vip "$1")" 80)"
	existing_go_on
}

comes_back() {
	weight "$1" "$2" 2 1
	same "server2 server2" "$(talk get "$2" "$(vip "$1")" 80 2)"
	existing_go_on
	talk close
}

make_site
start_servers
start_client
engine "$RVS_ENGINE"

for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		ktap_case "$text: three servers, three connections" opens $family $proto
		ktap_case "$text: weight 0 takes no new connection" no_new_connections $family $proto
		ktap_case "$text: the existing connections go on" existing_go_on
		ktap_case "$text: the list shows weight 0 and the connection" listed $family $proto
		ktap_case "$text: all at weight 0 refuse, existing go on" all_quiet $family $proto
		ktap_case "$text: with its weight come new connections" comes_back $family $proto
	done
done
ktap_run
