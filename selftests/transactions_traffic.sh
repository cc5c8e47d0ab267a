#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transactions under traffic: no packet sees half of one, and all schedulers follow them.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SCHEDULERS=(rr wrr lc wlc sed nq fo ovf dh sh mh lblc lblcr twos p2c ewma)
# Without those that choose by chance or by time, and without wrr, which does not begin with the largest weight
# if that came last.
EXACT=(rr lc wlc sed nq fo ovf dh sh mh lblc lblcr)
# With so many for each of three hosts a service has at least 200 servers.
SERVERS=67

transact() {
	in_ns director python3 -S "$SELFTESTS/transact.py" "$@"
}

# many_addresses: each server is at all addresses of 10.50.NUMBER.0/24 and of 2001:db8:50::NUMBER:0/112;
# the client has more, too.
many_addresses() {
	local number
	for number in 1 2 3; do
		in_ns "server$number" sysctl -q -w net.ipv6.ip_nonlocal_bind=1
		{
			echo "route add local 10.50.$number.0/24 dev lo"
			echo "route add local 2001:db8:50::$number:0/112 dev lo"
		} | ip -n "server$number" -batch -
		{
			echo "route add 10.50.$number.0/24 via $(host 4 lan "1$number")"
			echo "route add 2001:db8:50::$number:0/112 via $(host 6 lan "1$number")"
		} | ip -n director -batch -
	done
	for number in {20..27}; do
		echo "address add 10.0.0.$number/24 dev net"
	done | ip -n client -batch -
}

# storms FAMILY PROTOCOL COMMAND...: runs COMMAND while two clients begin connections all the time, each on a
# processor of its own. None may fail.
storms() {
	local client failed worked before
	before=$(drops no-destination)
	for client in one two; do
		TALKER=$client tell storm "$2" "$(vip "$1")" 80 0.002
	done
	"${@:3}"
	for client in one two; do
		TALKER=$client tell stop
		read -r worked failed < <(TALKER=$client hear)
		echo "$client: $worked worked, $failed failed"
		[ "$worked" -ge 20 ]
		same 0 "$failed"
	done
	same "$before" "$(drops no-destination)"
}

# replaced SCHEDULER FAMILY PROTOCOL WAY
replaced() {
	transact replace "$1" "$2" "$3" "$SERVERS" "$4" 0
	storms "$2" "$3" transact replace "$1" "$2" "$3" "$SERVERS" "$4" 100
}

# every_scheduler WAY
every_scheduler() {
	transact replace rr 4 udp 8 "$1" 0
	storms 4 udp transact all_schedulers "$1" 8 "${SCHEDULERS[@]}"
}

# picks PORT: the servers of connections, from several addresses, none of which was there before.
picks() {
	local number
	talk bind 20000 30 >"$WORK/log"
	talk get udp "$VIP4" "$1" 30
	for number in {20..27}; do
		talk source "10.0.0.$number" >"$WORK/log"
		talk get udp "$VIP4" "$1" 1
	done
	talk source >"$WORK/log"
}

# shares PORT: how many connections of 50 each server gets.
shares() {
	talk bind 20000 50 >"$WORK/log"
	talk get udp "$VIP4" "$1" 50 | tr ' ' '\n' | sort | uniq -c | awk '{ print $2, $1 }'
}

# in_proportion: wrr, whose weights add up to 50.
in_proportion() {
	transact lineups 2000 wrr
	for port in 2000 2001 2002; do
		same $'server1 18\nserver2 16\nserver3 16' "$(shares "$port")"
	done
}

# order: a service chooses the same servers however they came there.
order() {
	local name port=1000 one
	transact lineups "$port" "${EXACT[@]}"
	for name in "${EXACT[@]}"; do
		one=$(picks "$port")
		echo "$name: $one"
		[[ $one == *server* && $one != *timeout* && $one != *refused* ]]
		same "$one" "$(picks "$((port + 1))")"
		same "$one" "$(picks "$((port + 2))")"
		port=$((port + 3))
	done
}

make_site
many_addresses
start_servers 80
start_client
start_talker one in_ns client taskset -c 0 python3 -IS "$SELFTESTS/traffic.py" client
start_talker two in_ns client taskset -c 1 python3 -IS "$SELFTESTS/traffic.py" client
TALKER="talk"
engine rvs

ktap_case "servers are chosen in the same order" order
ktap_case "servers are chosen by their weights" in_proportion
ktap_case "IPv4, UDP: 200 servers are replaced 100 times" replaced wlc 4 udp servers
ktap_case "IPv6, UDP: 200 servers are replaced 100 times" replaced rr 6 udp servers
ktap_case "IPv4, TCP: 200 weights are exchanged 100 times" replaced wrr 4 tcp weights
ktap_case "IPv6, TCP: 200 weights are exchanged 100 times" replaced sed 6 tcp weights
ktap_case "every scheduler: servers are replaced" every_scheduler servers
ktap_case "every scheduler: weights are exchanged" every_scheduler weights
ktap_run
