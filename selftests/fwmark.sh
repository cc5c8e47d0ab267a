#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Services that are not an address and a port: packets with a firewall mark, and all ports of
# an address. What is more exact comes first, and a mark before everything.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# get FAMILY PROTOCOL PORT [COUNT]
get() {
	talk get "$2" "$(vip "$1")" "$3" "${4:-1}"
}

# six FAMILY: the option for a mark of IPv6.
six() {
	[ "$1" = 4 ] || echo -6
}

# server FAMILY METHOD SERVER PORT SERVICE...: adds it to the service.
server() {
	adm -a "${@:5}" -r "$(real "$1" "$3" "$4")" "-$2"
}

# marks FAMILY METHOD: both ports and protocols are one service, whose servers take turns.
marks() {
	adm -C
	# shellcheck disable=SC2046 # An option or nothing.
	adm -A -f 7 $(six "$1") -s rr
	for number in 3 2 1; do
		# shellcheck disable=SC2046
		server "$1" "$2" "$number" 0 -f 7 $(six "$1")
	done
	same "server1 server2" "$(get "$1" tcp 80 2)"
	same "server3" "$(get "$1" tcp 81)"
	same "server1" "$(get "$1" udp 80)"
	same "server2" "$(get "$1" udp 81)"
	same refused "$(get "$1" tcp 82)"
}

# shown FAMILY: in the lists, by its mark.
shown() {
	local name="FWM 7"
	[ "$1" = 4 ] || name="FWM 7 IPv6"
	adm -L -n | tr -s ' ' | grep -F "$name rr"
	# shellcheck disable=SC2046
	adm -L -n -f 7 $(six "$1") | grep -F "$(real "$1" 1 0)"
}

# to_port FAMILY: a NAT server has another port than the client asked for.
to_port() {
	adm -C
	# shellcheck disable=SC2046
	adm -A -f 7 $(six "$1") -s rr
	# shellcheck disable=SC2046
	server "$1" m 1 82 -f 7 $(six "$1")
	same "server1 server1" "$(get "$1" tcp 80 2)"
	same "server1" "$(get "$1" udp 81)"
}

# first FAMILY METHOD: the mark comes before the address, the address before port 0.
first() {
	local end
	end=$(vip "$1")
	adm -C
	adm -A -t "$(at "$end" 0)" -s rr -p 1
	server "$1" "$2" 3 0 -t "$(at "$end" 0)"
	same "server3" "$(get "$1" tcp 80)"
	adm -A -t "$(at "$end" 80)" -s rr
	server "$1" "$2" 2 80 -t "$(at "$end" 80)"
	same "server2" "$(get "$1" tcp 80)"
	same "server3" "$(get "$1" tcp 81)"
	# shellcheck disable=SC2046
	adm -A -f 7 $(six "$1") -s rr
	# shellcheck disable=SC2046
	server "$1" "$2" 1 0 -f 7 $(six "$1")
	same "server1" "$(get "$1" tcp 80)"
	same "server1" "$(get "$1" tcp 81)"
	# shellcheck disable=SC2046
	adm -D -f 7 $(six "$1")
	same "server2" "$(get "$1" tcp 80)"
	adm -D -t "$(at "$end" 80)"
	same "server3" "$(get "$1" tcp 80)"
}

# all_ports FAMILY METHOD: a service of all ports without persistence, as only rvs has it.
all_ports() {
	local end
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs schedules no connections of such a service"
	end=$(vip "$1")
	adm -C
	adm service add tcp "$(at "$end" 0)" -s rr
	for number in 3 2 1; do
		server "$1" "$2" "$number" 0 -t "$(at "$end" 0)"
	done
	same "server1 server2 server3" "$(get "$1" tcp 80 3)"
	same "server1 server2" "$(get "$1" tcp 81 2)"
	same refused "$(get "$1" udp 80)"
}

make_site
in_ns director nft -f - <<-END
	table inet marks { chain marks { type filter hook prerouting priority mangle;
		meta l4proto { tcp, udp } th dport { 80, 81 } meta mark set 7; }; }
END
for port in 80 81 82; do
	start_servers $port
done
start_client
engine "$RVS_ENGINE"

for pair in "m director NAT" "g client DR"; do
	read -r method way name <<<"$pair"
	ktap_case "$name: the answers go through the $way" replies_through "$way"
	for family in 4 6; do
		text="IPv$family, $name"
		ktap_case "$text: two ports and protocols by one mark" marks $family "$method"
		ktap_case "$text: it is listed by its mark" shown $family
		[ "$method" = g ] || ktap_case "$text: the servers have one port" to_port $family
		ktap_case "$text: what comes first" first $family "$method"
		ktap_case "$text: all ports of an address" all_ports $family "$method"
	done
done
ktap_run
