#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What becomes of new connections when no server is usable is the service's to say.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# action FAMILY PROTOCOL OPTION...: what the service is to do.
action() {
	adm service set "$2" "$(at "$(vip "$1")" 80)" "${@:3}"
}

# weight FAMILY PROTOCOL METHOD WEIGHT: of server 1, which is the only one.
weight() {
	adm -e "-${2:0:1}" "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)" "-$3" -w "$4"
}

# answers: how many resets and ICMP errors the client has got since it was last asked.
answers() {
	in_ns client nft -j reset counters | python3 -c '
import json, sys
counters = [entry["counter"] for entry in json.load(sys.stdin)["nftables"] if "counter" in entry]
print(*sorted("%s=%d" % (counter["name"], counter["packets"]) for counter in counters))'
}

# try FAMILY PROTOCOL WANTED RESETS UNREACHABLE: a connection, and what came for it.
try() {
	answers >/dev/null
	talk patience 0.6
	same "$3" "$(talk get "$2" "$(vip "$1")" 80)"
	talk patience
	same "resets=$4 unreachable=$5" "$(answers)"
}

setup() {
	add_service "$2" "$1" "$3" 80 1
	same server1 "$(talk open "$2" "$(vip "$1")" 80)"
	weight "$1" "$2" "$3" 0
}

# reject FAMILY PROTOCOL: as hosts do.
reject() {
	local answer="0 1"
	[ "$2" = udp ] || answer="1 0"
	# shellcheck disable=SC2086 # Two words.
	try "$1" "$2" refused $answer
}

unreachable() {
	action "$1" "$2" --no-server unreachable
	try "$1" "$2" refused 0 1
}

dropped() {
	action "$1" "$2" --no-server drop
	try "$1" "$2" timeout 0 0
}

# fallback FAMILY PROTOCOL METHOD: another server takes them, until one is usable again.
fallback() {
	local method=nat
	[ "$3" = m ] || method=direct
	action "$1" "$2" --no-server fallback --fallback "$(real "$1" 3 80)" --fallback-method "$method"
	same "server3 server3" "$(talk get "$2" "$(vip "$1")" 80 2)"
	weight "$1" "$2" "$3" 1
	same server1 "$(talk get "$2" "$(vip "$1")" 80)"
	weight "$1" "$2" "$3" 0
	same server3 "$(talk open "$2" "$(vip "$1")" 80)"
	same "server1 server3" "$(talk say)"
	action "$1" "$2" --no-server reject
	talk close
	reject "$1" "$2"
}

# counted FAMILY PROTOCOL: what was refused or dropped, and why.
counted() {
	local before
	before=$(adm info | awk '$1 == "no-destination" { print $2 }')
	same refused "$(talk get "$2" "$(vip "$1")" 80)"
	same $((before + 1)) "$(adm info | awk '$1 == "no-destination" { print $2 }')"
	adm -D "-${2:0:1}" "$(at "$(vip "$1")" 80)"
}

# bypass FAMILY PROTOCOL: a service by firewall mark, to which the director's rules lead packets for
# others: they go on to where they were sent.
bypass() {
	local six=() mark=7 server rule=(fwmark 7 lookup 100)
	[ "$1" = 4 ] || six=(-6)
	server=$(host "$1" lan 11)
	replies_through director
	ip -n client "-$1" route replace "$server" via "$(host "$1" net 1)"
	ip -n director "-$1" rule add "${rule[@]}"
	ip -n director "-$1" route replace local default dev lo table 100
	adm service add fwmark "$mark" "${six[@]}" -s rr --no-server bypass
	same "server1" "$(talk open "$2" "$server" 80)"
	same "server1" "$(talk say)"
	# The list shows where it went.
	adm -L -n -c | grep -F "$(at "$server" 80)"
	talk close
	# ICMP for IPv4 cannot have the server's address as its source here; a reset can.
	adm service set fwmark "$mark" "${six[@]}" --no-server reject
	[ "$2" = udp ] || same refused "$(talk get "$2" "$server" 80)"
	adm -D -f "$mark" "${six[@]}"
	ip -n director "-$1" rule del "${rule[@]}"
	ip -n client "-$1" route del "$server" via "$(host "$1" net 1)"
}

make_site
in_ns client nft -f - <<-END
	table inet seen {
		counter resets { }
		counter unreachable { }
		chain input { type filter hook input priority 0;
			tcp flags & rst == rst counter name resets
			icmp type destination-unreachable icmp code port-unreachable counter name unreachable
			icmpv6 type destination-unreachable icmpv6 code port-unreachable counter name unreachable
		}
	}
END
in_ns director nft -f - <<-END
	table inet marks { chain marks { type filter hook prerouting priority mangle;
		ip daddr $(host 4 lan 11) iifname net meta mark set 7;
		ip6 daddr $(host 6 lan 11) iifname net meta mark set 7; }; }
END
start_servers
start_client
engine rvs
# As in a real network, see no_server.sh.
in_ns director tc qdisc add dev net root netem delay 5ms
in_ns director sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=10000 \
	net.ipv6.icmp.ratelimit=0

for method in m g; do
	[ $method = m ] && name="NAT" way=director || { name="DR" way=client; }
	ktap_case "$name: the answers go through the $way" replies_through "$way"
	for family in 4 6; do
		for proto in tcp udp; do
			text="$proto over IPv$family, $name"
			ktap_case "$text: a service whose server is not usable" setup $family $proto $method
			ktap_case "$text: refused as hosts do" reject $family $proto
			ktap_case "$text: refused by ICMP" unreachable $family $proto
			ktap_case "$text: dropped" dropped $family $proto
			ktap_case "$text: another server takes them" fallback $family $proto $method
			ktap_case "$text: what was refused is counted" counted $family $proto
		done
	done
done
for family in 4 6; do
	for proto in tcp udp; do
		ktap_case "$proto over IPv$family: goes on to where it was sent" bypass $family $proto
	done
done
ktap_run
