#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The way of the answers (snat_reroute), and what servers hear when nobody waits for
# their packets (nat_icmp_send).

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# ways: the director's routes lead to the client's address through the servers' network,
# but for packets that come from the virtual address.
ways() {
	local family
	for family in 4 6; do
		ip -n director "-$family" rule add from "$(vip $family)" lookup 100
		ip -n director "-$family" route add "$(host $family net 2)" via "$(host $family lan 2)"
		ip -n director "-$family" route add "$(host $family net 2)" dev net table 100
	done
	in_ns client nft -f - <<-END
		table inet watch {
			counter net { }
			counter lan { }
			set services { type inet_service; }
			chain input {
				type filter hook input priority filter
				meta l4proto != { tcp, udp } accept
				th sport != @services accept
				iifname net counter name net
				iifname lan counter name lan
			}
		}
	END
}

no_ways() {
	local family
	for family in 4 6; do
		ip -n director "-$family" rule del from "$(vip "$family")" lookup 100
		ip -n director "-$family" route del "$(host "$family" net 2)" via "$(host "$family" lan 2)"
	done
}

# watch PORT: answers of this service are counted from now on, and no other's. Connections
# of an earlier one may still be closing.
watch() {
	in_ns client nft -f - <<-END
		flush set inet watch services
		add element inet watch services { $1 }
	END
	in_ns client nft reset counters table inet watch >/dev/null
}

# came net|lan: by which of the client's devices the answers have come.
came() {
	local seen
	seen=$(in_ns client nft -j list counters table inet watch |
		python3 -ISc 'import json, sys
for entry in json.load(sys.stdin)["nftables"]:
    counter = entry.get("counter")
    if counter and counter["packets"]:
        print(counter["name"])' | xargs)
	same "$1" "$seen"
}

# answers PROTOCOL FAMILY DEVICE SERVER NAME: from a server the answers come this way.
answers() {
	local flag="-${1:0:1}" endpoint port
	# Every case has a port of its own.
	port=$((8000 + $(ktap_number)))
	endpoint=$(at "$(vip "$2")" "$port")
	adm -C
	adm -A "$flag" "$endpoint" -s rr
	adm -a "$flag" "$endpoint" -r "$4" -m
	watch "$port"
	same "$5 $5" "$(talk get "$1" "$(vip "$2")" "$port" 2)"
	came "$3"
}

# rerouted VALUE DEVICE PROTOCOL FAMILY
rerouted() {
	knob snat_reroute "$1"
	answers "$3" "$4" "$2" "$(real "$4" 1 80)" server1
	# A program may choose the way of its datagrams itself, as this server does.
	[ "$1$3" = 0udp ] ||
		answers "$3" "$4" "$2" "$(at "$(host "$4" lan 1)" 81)" director
	knob snat_reroute 1
}

# speaks PROTOCOL FAMILY PORT: server1 sends to the client from this port.
speaks() {
	python3 -IS "$SELFTESTS/stray.py" "$1" "$(host "$2" lan 11)" "$3" "$(host "$2" net 2)"
}

# told VALUE PROTOCOL FAMILY WANTED [PORT [METHOD]]: what becomes of such packets while
# server1 serves at port 83.
told() {
	local before port=${5:-83} method=${6:-m}
	adm -C
	adm -A "-${2:0:1}" "$(at "$(vip "$3")" 83)" -s rr
	adm -a "-${2:0:1}" "$(at "$(vip "$3")" 83)" -r "$(real "$3" 1 83)" "-$method"
	[ "$RVS_ENGINE" != rvs ] || before=$(drops no-connection)
	knob nat_icmp_send "$1"
	same "$4" "$(speaks "$2" "$3" "$port")"
	knob nat_icmp_send 0
	[ "$RVS_ENGINE" = rvs ] || return 0
	if [ "$4" = refused ]; then
		[ "$(drops no-connection)" -gt "$before" ]
	else
		same "$before" "$(drops no-connection)"
	fi
}

# A packet of the other protocol is not from the server.
other_protocol() {
	adm -C
	adm -A -t "$(at "$(vip "$1")" 83)" -s rr
	adm -a -t "$(at "$(vip "$1")" 83)" -r "$(real "$1" 1 83)" -m
	knob nat_icmp_send 1
	same arrived "$(speaks udp "$1" 83)"
	knob nat_icmp_send 0
}

# A server that is gone is none.
removed() {
	adm -C
	adm -A -t "$(at "$(vip "$1")" 83)" -s rr
	adm -a -t "$(at "$(vip "$1")" 83)" -r "$(real "$1" 1 83)" -m
	adm -d -t "$(at "$(vip "$1")" 83)" -r "$(real "$1" 1 83)"
	knob nat_icmp_send 1
	same arrived "$(speaks tcp "$1" 83)"
	knob nat_icmp_send 0
}

# RST is the answer to what nobody knows, and never answered: it passes.
resets() {
	adm -C
	adm -A -t "$(at "$(vip "$1")" 84)" -s rr
	adm -a -t "$(at "$(vip "$1")" 84)" -r "$(real "$1" 1 84)" -m
	knob nat_icmp_send 1
	same refused "$(talk get tcp "$(host "$1" lan 11)" 84)"
	knob nat_icmp_send 0
}

make_site '' 1
start_servers 80 server1
start_servers 81 director
start_client
engine "$RVS_ENGINE"
ways

for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		ktap_case "$text: answers are routed as their new source needs it" \
			rerouted 1 net $proto $family
		ktap_case "$text: or keep their way (snat_reroute 0)" rerouted 0 lan $proto $family
	done
done
ktap_case "the client is found by one way again" no_ways
# Past the director, though the client is in the servers' network, too.
ip -n client route add "$(host 4 lan 11)" via "$(host 4 net 1)"
ip -n client route add "$(host 6 lan 11)" via "$(host 6 net 1)"
for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		ktap_case "$text: what a server sends without a connection passes" told 0 $proto $family arrived
		ktap_case "$text: or it is told that nobody waits (nat_icmp_send)" \
			told 1 $proto $family refused
		ktap_case "$text: not about another port" told 1 $proto $family arrived 85
		ktap_case "$text: not if the server is reached by DR" told 1 $proto $family arrived 83 g
	done
	ktap_case "IPv$family: nor about another protocol" other_protocol $family
	ktap_case "IPv$family: nor when the server was removed" removed $family
	ktap_case "IPv$family: and a RST passes" resets $family
done
ktap_run
