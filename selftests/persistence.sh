#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Persistence: a client keeps its server for a while, or all clients of a network do.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# flag PROTOCOL: the option of the administration tool.
flag() {
	echo "-${1:0:1}"
}

# here FAMILY [PORT]: the endpoint of the service.
here() {
	at "$(vip "$1")" "${2:-80}"
}

# from FAMILY NUMBER: the client speaks from that address of its network from now on.
from() {
	talk source "$(host "$1" net "$2")" >/dev/null
}

# get FAMILY PROTOCOL COUNT [PORT]: the servers of new connections.
get() {
	talk get "$2" "$(vip "$1")" "${4:-80}" "$3"
}

# fresh: nothing is known of any client.
fresh() {
	talk close >/dev/null
	adm -C
	unload_engines
	engine "$RVS_ENGINE"
}

# service FAMILY PROTOCOL METHOD OPTION...: a persistent service with three servers.
service() {
	fresh
	add_service "$2" "$1" "$3"
	adm -E "$(flag "$2")" "$(here "$1")" -s rr "${@:4}"
}

# templates FAMILY PROTOCOL: how many clients the servers 1 2 3 keep.
templates() {
	local number
	for number in 1 2 3; do
		adm -L -n --persistent-conn "$(flag "$2")" "$(here "$1")" |
			awk -v server="$(real "$1" "$number" 80)" '$2 == server { printf "%s ", $4 }'
	done
}

# remembered: the lines of the connection list that are about clients, not connections.
remembered() {
	adm -L -n -c | awk '$4 ~ /:0$/ || $4 ~ /\]:0$/ { print $1, $3, $4, $5, $6 }'
}

keeps() {
	service "$1" "$2" "$3" -p 100
	from "$1" 2
	same "server1 server1 server1" "$(get "$1" "$2" 3)"
	from "$1" 5
	same "server2 server2" "$(get "$1" "$2" 2)"
	from "$1" 2
	same "server1" "$(get "$1" "$2" 1)"
	same "1 1 0 " "$(templates "$1" "$2")"
}

# listed FAMILY PROTOCOL METHOD: the client is in the list of connections.
listed() {
	local state=ASSURED
	[ "$2" = tcp ] || state=NONE
	remembered | grep -F "${2^^} $state $(at "$(host "$1" net 5)" 0) $(here "$1") $(real "$1" 2 80)"
}

# network FAMILY PROTOCOL METHOD: one server for the lower half of the network, one for the upper.
network() {
	local mask=255.255.255.128
	[ "$1" = 4 ] || mask=121
	service "$1" "$2" "$3" -p 100 -M "$mask"
	for number in 2 5; do
		from "$1" "$number"
		same "server1 server1" "$(get "$1" "$2" 2)"
	done
	from "$1" 200
	same "server2 server2" "$(get "$1" "$2" 2)"
	same "1 1 0 " "$(templates "$1" "$2")"
	remembered | grep -F "$(at "$(host "$1" net "$([ "$1" = 4 ] && echo 0 || true)")" 0)"
}

# quiesced FAMILY PROTOCOL METHOD: a server with the weight 0 gets no new connections, from
# whomever, and keeps those that it has.
quiesced() {
	service "$1" "$2" "$3" -p 100
	[ "$RVS_ENGINE" = rvs ] || in_ns director sysctl -q -w net.ipv4.vs.expire_quiescent_template=1
	from "$1" 2
	same "server1" "$(talk open "$2" "$(vip "$1")" 80)"
	adm -e "$(flag "$2")" "$(here "$1")" -r "$(real "$1" 1 80)" "-$3" -w 0
	same "server1" "$(talk say)"
	same "server2 server2" "$(get "$1" "$2" 2)"
	same "server1" "$(talk say)"
	talk close >/dev/null
	adm -e "$(flag "$2")" "$(here "$1")" -r "$(real "$1" 1 80)" "-$3" -w 1
	same "server2" "$(get "$1" "$2" 1)"
}

# removed FAMILY PROTOCOL METHOD: a server that was removed gets nothing.
removed() {
	service "$1" "$2" "$3" -p 100
	from "$1" 2
	same "server1" "$(get "$1" "$2" 1)"
	adm -d "$(flag "$2")" "$(here "$1")" -r "$(real "$1" 1 80)"
	same "server2 server2" "$(get "$1" "$2" 2)"
}

# off FAMILY PROTOCOL METHOD: without persistence each connection is scheduled again.
off() {
	service "$1" "$2" "$3" -p 100
	from "$1" 2
	same "server1 server1" "$(get "$1" "$2" 2)"
	adm -E "$(flag "$2")" "$(here "$1")" -s rr
	same "server2 server3 server1" "$(get "$1" "$2" 3)"
}

nothing_remembered() {
	[ -z "$(remembered)" ]
}

# times_out FAMILY METHOD: the client is forgotten when it has been away for long enough.
times_out() {
	service "$1" udp "$2" -p 6
	adm --set 0 0 1
	from "$1" 2
	same "server1 server1" "$(get "$1" udp 2)"
	sleep 3.5
	same "server1" "$(get "$1" udp 1)"
	sleep 3.5
	same "server1" "$(get "$1" udp 1)"
	same "1 0 0 " "$(templates "$1" udp)"
	eventually 12 nothing_remembered
	same "server2" "$(get "$1" udp 1)"
	adm --set 0 0 300
}

# outlasts FAMILY METHOD: the client is not forgotten while it has a connection.
outlasts() {
	service "$1" udp "$2" -p 2
	from "$1" 2
	same "server1" "$(talk open udp "$(vip "$1")" 80)"
	sleep 4
	same "server1" "$(get "$1" udp 1)"
	same "1 0 0 " "$(templates "$1" udp)"
	talk close >/dev/null
}

# any_port FAMILY PROTOCOL METHOD: a service of all ports; a client has one server for all of them.
any_port() {
	local number
	fresh
	adm -A "$(flag "$2")" "$(here "$1" 0)" -s rr -p 100
	for number in 3 2 1; do
		adm -a "$(flag "$2")" "$(here "$1" 0)" -r "$(real "$1" "$number" 0)" "-$3"
	done
	from "$1" 2
	same "server1 server1" "$(get "$1" "$2" 2 80)"
	same "server1 server1" "$(get "$1" "$2" 2 81)"
	from "$1" 5
	same "server2 server2" "$(get "$1" "$2" 2 81)"
	same "server2" "$(get "$1" "$2" 1 80)"
	same refused "$(get "$1" "$2" 1 82)"
}

# marked FAMILY METHOD: two ports are one service by their firewall mark, and TCP and UDP too.
marked() {
	local number six=()
	fresh
	[ "$1" = 4 ] || six=(-6)
	adm -A -f 7 "${six[@]}" -s rr -p 100
	for number in 3 2 1; do
		# The port of the server counts for nothing.
		adm -a -f 7 "${six[@]}" -r "$(real "$1" "$number" 99)" "-$2"
	done
	from "$1" 2
	same "server1 server1" "$(get "$1" tcp 2 80)"
	same "server1 server1" "$(get "$1" tcp 2 81)"
	same "server1" "$(get "$1" udp 1 80)"
	from "$1" 5
	same "server2" "$(get "$1" udp 1 81)"
	same "server2 server2" "$(get "$1" tcp 2 80)"
	same 2 "$(remembered | wc -l)"
}

# both_ends: the service and then everything goes while clients are remembered.
both_ends() {
	service 4 tcp m -p 100
	from 4 2
	same "server1" "$(talk open tcp "$VIP4" 80)"
	same "1 0 0 " "$(templates 4 tcp)"
	fresh
	[ -z "$(remembered)" ]
}

make_site
for number in 5 200; do
	ip -n client address add "$(host 4 net $number)/24" dev net
	ip -n client address add "$(host 6 net $number)/64" dev net nodad
done
in_ns director nft -f - <<-END
	table inet marks { chain marks { type filter hook prerouting priority mangle;
		meta l4proto { tcp, udp } th dport { 80, 81 } meta mark set 7; }; }
END
start_servers 80
start_servers 81
start_client
engine "$RVS_ENGINE"

# Which method it is makes no difference to persistence, so each protocol has one of its own.
for pair in "tcp m director NAT" "udp g client DR"; do
	read -r proto method way name <<<"$pair"
	ktap_case "$name: the answers go through the $way" replies_through "$way"
	for family in 4 6; do
		text="$proto over IPv$family, $name"
		ktap_case "$text: a client keeps its server" keeps $family "$proto" "$method"
		ktap_case "$text: the client is listed" listed $family "$proto" "$method"
		ktap_case "$text: a network keeps its server" network $family "$proto" "$method"
		ktap_case "$text: weight 0 takes no clients" quiesced $family "$proto" "$method"
		ktap_case "$text: a removed server takes no clients" removed $family "$proto" "$method"
		ktap_case "$text: persistence is switched off" off $family "$proto" "$method"
		ktap_case "$text: a service of all ports" any_port $family "$proto" "$method"
		ktap_case "IPv$family, $name: a service by firewall mark" marked $family "$method"
	done
done
ktap_case "IPv4, DR: a client is forgotten" times_out 4 g
ktap_case "IPv6, DR: but not while it has a connection" outlasts 6 g
ktap_case "the answers go through the director" replies_through director
ktap_case "IPv4, NAT: but not while it has a connection" outlasts 4 m
ktap_case "IPv6, NAT: a client is forgotten" times_out 6 m
ktap_case "the service ends while clients are remembered" both_ends
ktap_run
