#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One-packet scheduling: every datagram goes to the server whose turn it is, and leaves
# nothing behind.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# service FAMILY METHOD [OPTION...]
service() {
	adm -C
	add_service udp "$1" "$2"
	adm -E -u "$(at "$(vip "$1")" 80)" -s rr -o "${@:3}"
}

# stats FAMILY: connections and packets in and out of the service.
stats() {
	adm -L -n --stats --exact -u "$(at "$(vip "$1")" 80)" | awk '$1 == "UDP" { print $3, $4, $5 }'
}

counts() {
	eventually 4 same "$2" "$(stats "$1")"
}

# spread FAMILY METHOD: datagrams of one flow, from one port, go round the servers.
spread() {
	service "$1" "$2"
	same "server1" "$(talk open udp "$(vip "$1")" 80)"
	same "server2 server3 server1" "$(talk say) $(talk say) $(talk say)"
	talk close
}

# no_trace FAMILY METHOD: four datagrams, four connections, none is left.
no_trace() {
	sleep 2.5
	counts "$1" "4 4 0"
	same 0 "$(adm -L -n -c | grep -v ':0 ' | grep -c -F "$(at "$(vip "$1")" 80)" || true)"
	same "0 0 0" "$(adm -L -n -u "$(at "$(vip "$1")" 80)" | awk '$1 == "->" && $4 == 1 { printf "%s%s", s, $6; s = " " }')"
}

# persistent FAMILY METHOD: together with persistence the client has one server.
persistent() {
	service "$1" "$2" -p 60
	same "server1" "$(talk open udp "$(vip "$1")" 80)"
	same "server1 server1" "$(talk say) $(talk say)"
	talk close
}

# answers FAMILY: answers of NAT servers are not translated, as nobody knows of what they are.
answers() {
	service "$1" m
	in_ns client nft add rule inet seen input udp sport 80 counter drop comment "\"$1\""
	talk patience 0.3
	same timeout "$(talk get udp "$(vip "$1")" 80)"
	talk patience
	in_ns client nft list chain inet seen input | grep -E 'udp sport 80 counter packets 1 '
	in_ns client nft flush chain inet seen input
	sleep 2.5
	counts "$1" "1 1 0"
}

# marked FAMILY: a service by firewall mark schedules datagrams alone, and TCP as ever.
marked() {
	local number six=()
	adm -C
	[ "$1" = 4 ] || six=(-6)
	adm -A -f 7 "${six[@]}" -s rr -o
	for number in 3 2 1; do
		adm -a -f 7 "${six[@]}" -r "$(real "$1" "$number" 80)" -g
	done
	same "server1" "$(talk open udp "$(vip "$1")" 80)"
	same "server2" "$(talk say)"
	talk close
	same "server3" "$(talk open tcp "$(vip "$1")" 80)"
	same "server3 server3" "$(talk say) $(talk say)"
	talk close
}

make_site
in_ns client nft 'table inet seen { chain input { type filter hook input priority 0; }; }'
in_ns director nft -f - <<-END
	table inet marks { chain marks { type filter hook prerouting priority mangle;
		meta l4proto { tcp, udp } th dport 80 meta mark set 7; }; }
END
start_servers
start_client
engine "$RVS_ENGINE"

for family in 4 6; do
	ktap_case "IPv$family: the answers go through the client" replies_through client
	ktap_case "IPv$family, DR: each datagram goes to another server" spread $family g
	ktap_case "IPv$family, DR: nothing is left of it but counts" no_trace $family
	ktap_case "IPv$family, DR: with persistence" persistent $family g
	ktap_case "IPv$family, DR: a service by firewall mark" marked $family
	ktap_case "IPv$family: the answers go through the director" replies_through director
	ktap_case "IPv$family, NAT: answers are not translated" answers $family
done
ktap_run
