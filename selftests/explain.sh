#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What would become of a packet, and why: the answers, and that they come true. SEED chooses
# the random packets; otherwise they are others each time.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# the NAME WANTED WORD...: a line of what rvsadm says of a packet.
the() {
	same "$2" "$(adm explain "${@:3}" | sed -n "s/^$1:  *//p")"
}

# tells WANTED WORD...: all that nl.py gets about a packet but the text.
tells() {
	local wanted=$1 family=2
	shift
	[[ $1 != *:* ]] || family=10
	same "$wanted" "$(in_ns director python3 -IS "$SELFTESTS/nl.py" ask explain -flow "flow.family=$family" \
		"flow.protocol=$3" "flow.src-addr=$1" flow.src-port=4000 "flow.dst-addr=$2" flow.dst-port=80 |
		sed -n 's/^explanation.\(verdict\|found\|method\|reason\|dest.addr\)=//p' | paste -sd ' ')"
}

# answers FAMILY: the kinds of answers that can be told beforehand.
answers() {
	local family=$1 client server
	client=$(host "$1" net 2)
	server=$(host "$1" lan 11)
	adm -C
	tells '0 0' "$client" "$(vip "$1")" 6
	tells '0 0' "$client" "$(vip "$1")" 99
	add_service tcp "$family" m 80 1
	tells "1 3 $server 0" "$client" "$(vip "$1")" 6
	the verdict 'forward: it goes to a server' tcp "$(at "$client" 4000)" "$(at "$(vip "$1")" 80)"
	the scheduler rr tcp "$(at "$client" 4000)" "$(at "$(vip "$1")" 80)"
	the leaves 'by lan, MTU 1500' tcp "$(at "$client" 4000)" "$(at "$(vip "$1")" 80)"
	tells '0 0' "$client" "$(vip "$1")" 17
	adm -e -t "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)" -m -w 0
	tells '3 0 1' "$client" "$(vip "$1")" 6
	the because 'the service has no server that takes connections' \
		tcp "$(at "$client" 4000)" "$(at "$(vip "$1")" 80)"
}

# asks_only: a question changes nothing of what can be seen.
asks_only() {
	local before
	adm -C
	add_service tcp 4 m
	before=$(in_ns director python3 -IS "$SELFTESTS/nl.py" state)
	for _ in 1 2 3; do
		the server "$(real 4 1 80)" tcp 10.0.0.2:4000 "$VIP4:80"
	done
	same "$before" "$(in_ns director python3 -IS "$SELFTESTS/nl.py" state)"
}

# random_packets: agrees with what then happens.
random_packets() {
	local seed=${SEED:-$RANDOM} mac name number
	echo "# seed $seed"
	adm -C
	silence client
	mac=$(ip -n client -o link show net | sed 's:.*link/ether \([^ ]*\).*:\1:')
	{
		for number in 2 66 130; do
			echo "neighbour replace 10.0.0.$number lladdr $mac nud permanent dev net"
			echo "neighbour replace 2001:db8:a::$number lladdr $mac nud permanent dev net"
		done
		for number in 21 22 23 24; do
			# Nobody has this address, and nobody answers.
			for name in 192.168.0. 2001:db8:b::; do
				echo "neighbour replace $name$number lladdr 02:00:00:00:00:01 nud permanent dev lan"
			done
		done
		echo "address add 10.0.0.101/32 dev net"
		echo "address add 2001:db8:a::101/128 dev net nodad"
		echo "route add 10.9.9.0/24 via 192.168.0.21 dev lan"
		echo "route add 2001:db8:9::/64 via 2001:db8:b::21 dev lan"
	} | ip -n director -batch -
	in_ns director nft -f - <<-END
		table inet marks { chain pre { type filter hook prerouting priority mangle;
			ip dscp 1 meta mark set 7;
			ip6 dscp 1 meta mark set 7; }; }
	END
	python3 -IS "$SELFTESTS/explain.py" "$seed" "${PACKETS:-500}"
}

# refused CHANGES ERROR WHERE TEXT
refused() {
	echo "explain|$1|$2|$3|$4" | in_ns director python3 -IS "$SELFTESTS/nl.py" check
}

explains_errors() {
	refused -flow EINVAL -flow 'attribute flow is missing'
	refused -flow.family EINVAL -flow.family 'attribute flow.family is missing'
	refused -flow.src-addr EINVAL -flow.src-addr 'attribute flow.src-addr is missing'
	refused flow.family=10 EINVAL flow.src-addr "the address has 4 bytes, the family's have 16"
	refused 'flow.protocol=17 flow.tcp-flags=2' EINVAL flow.tcp-flags 'only TCP has these flags'
}

make_site
engine rvs
for family in 4 6; do
	ktap_case "IPv$family: answers" answers "$family"
done
ktap_case "a question changes nothing" asks_only
ktap_case "errors are explained" explains_errors
ktap_case "random packets" random_packets
ktap_run
