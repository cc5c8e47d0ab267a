#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Weight 0: a server keeps its connections and gets no new ones.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# begin FAMILY PROTOCOL PORT: a service of its own for a case, with a connection to each of
# its three servers. The functions below are about it.
begin() {
	local number
	as_before
	FAMILY=$1 PROTO=$2 PORT=$3
	SERVICE=("-${2:0:1}" "$(at "$(vip "$1")" "$3")")
	adm -A "${SERVICE[@]}" -s rr
	for number in 3 2 1; do
		adm -a "${SERVICE[@]}" -r "$(real "$1" "$number" 80)" -m
	done
	talk close
	same "server1 server2 server3" "$(talk open "$2" "$(vip "$1")" "$3" 3)"
	go_on
}

# go_on: the connections that exist are undisturbed.
go_on() {
	same "server1 server2 server3" "$(talk say)"
}

# weight SERVER WEIGHT
weight() {
	adm -e "${SERVICE[@]}" -r "$(real "$FAMILY" "$1" 80)" -m -w "$2"
}

# get [COUNT]: the servers of new connections.
get() {
	talk get "$PROTO" "$(vip "$FAMILY")" "$PORT" "${1:-1}"
}

opens() {
	begin "$@"
}

no_new_connections() {
	begin "$@"
	weight 2 0
	same "server1 server3 server1 server3" "$(get 4)"
}

existing_go_on() {
	begin "$@"
	weight 2 0
	go_on
}

# listed FAMILY PROTOCOL PORT: weight 0 is shown, with the connection that is left.
listed() {
	local want='0 1 0'
	[ "$2" = tcp ] || want='0 0 1'
	begin "$@"
	weight 2 0
	same "$want" "$(adm -L -n "${SERVICE[@]}" |
		awk -v server="$(real "$1" 2 80)" '$2 == server { print $4, $5, $6 }')"
}

# all_quiet: nobody takes new ones, everybody keeps the old ones.
all_quiet() {
	local number
	begin "$@"
	for number in 1 2 3; do
		weight "$number" 0
	done
	same refused "$(get)"
	go_on
}

comes_back() {
	local number
	begin "$@"
	for number in 1 2 3; do
		weight "$number" 0
	done
	weight 2 1
	same "server2 server2" "$(get 2)"
	go_on
}

# opening: a connection waits for its server.
opening() {
	grep -q SYN_RECV <(adm -L -n -c)
}

# unanswered FAMILY METHOD: a server that has not answered the SYN is not asked again.
unanswered() {
	local vip
	vip=$(at "$(vip "$1")" 80)
	as_before
	[ "$2" = m ] || replies_through client
	adm -C
	adm -A -t "$vip" -s rr
	adm -a -t "$vip" -r "$(real "$1" 1 80)" "-$2"
	in_ns server1 nft add table inet mute "{ chain input { type filter hook input priority 0; tcp dport 80 drop; }; }"
	tell get tcp "$(vip "$1")" 80
	eventually 10 opening
	adm -a -t "$vip" -r "$(real "$1" 2 80)" "-$2"
	adm -e -t "$vip" -r "$(real "$1" 1 80)" "-$2" -w 0
	same server2 "$(hear)"
}

# as_before: what the case before may have changed of the servers.
as_before() {
	in_ns server1 nft flush ruleset
	replies_through director
}

# case_of TEXT FUNCTION: a case with a port of its own.
case_of() {
	port=$((port + 1))
	ktap_case "$text: $1" "$2" "$family" "$proto" "$port"
}

make_site
start_servers
start_client
engine "$RVS_ENGINE"

for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family" port=8000
		case_of "three servers, three connections" opens
		case_of "weight 0 takes no new connection" no_new_connections
		case_of "the existing connections go on" existing_go_on
		case_of "the list shows weight 0 and the connection" listed
		case_of "all at weight 0 refuse, existing go on" all_quiet
		case_of "with its weight come new connections" comes_back
	done
	# ip_vs sends the SYN to the dead server as long as the client does.
	[ "$RVS_ENGINE" = rvs ] || continue
	for method in m g; do
		ktap_case "IPv$family, $([ $method = m ] && echo NAT || echo DR): a SYN that was not answered goes to another" \
			unanswered $family $method
	done
done
ktap_run
