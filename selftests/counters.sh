#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The counters of services and servers are exact: packets and bytes are those that
# tcpdump sees on the director's interfaces, connections are those that were made.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# The flows that tcpdump saw are lines in $WORK/flows, see pcap.py; the columns are
# 1 interface, 2 3 MACs, 4 protocol, 5 6 source, 7 8 destination, 9 packets, 10 bytes.

# captured CONDITION: packets and bytes of the flows that an awk condition selects.
captured() {
	awk "$1"' { packets += $9; bytes += $10 } END { print packets + 0, bytes + 0 }' "$WORK/flows"
}

# counted FIELD NAME: two columns of the line that begins with "NAME" in the statistics:
# in or out of the service or the server.
counted() {
	awk -v name="$2" -v column="$([ "$1" = in ] && echo 4 || echo 5)" \
		'$2 == name { print $column, $(column + 2) }' "$WORK/stats"
}

# mac NAMESPACE: of the interface to the servers' network.
mac() {
	ip -n "$1" -o link show lan | sed 's:.*link/ether \([^ ]*\).*:\1:'
}

# capture INTERFACE: tcpdump into $WORK/INTERFACE.pcap, from now on.
capture() {
	pipe "$1.log"
	start in_ns director tcpdump -i "$1" -p -U -s 128 -B 16384 -w "$WORK/$1.pcap" --immediate-mode \
		'tcp or udp' 2>&"$PIPE"
	DUMPS+=("$PID")
	read -r -t 30 -u "$PIPE" _
}

# await_capture INTERFACE ADDRESS: everything that passed the interface is in the file: a
# datagram that is sent now is there as well.
await_capture() {
	in_ns director bash -c "echo the end >/dev/udp/$2/9"
	eventually 60 grep -qaF "the end" "$WORK/$1.pcap"
}

# readings: all that is counted.
readings() {
	adm -L -n --stats --exact
	[ "$RVS_ENGINE" != rvs ] || adm info
}

# ended_all: no TCP connection has anything more to send: the servers have none left, nor has the
# client but for TIME-WAIT; the director has seen them end, by both sides with NAT and by the
# client's alone with direct routing.
ended_all() {
	local name left=''
	for name in server1 server2 server3; do
		left+=$(in_ns "$name" ss -Htan state connected)
	done
	left+=$(in_ns client ss -Htan state connected exclude time-wait)
	same "" "$left" || return 1
	same "" "$(adm -L -n -c | awk '$1 == "TCP" && !($3 == "TIME_WAIT" || $3 == "CLOSE" ||
		$3 == "FIN_WAIT" && $5 ~ /:81$/)')"
}

# settled: nothing moves any more.
settled() {
	local before
	ended_all || return 1
	before=$(readings)
	sleep 0.2
	same "$before" "$(readings)"
}

# traffic FAMILY PORT PROTOCOL: seven connections, small and large data.
traffic() {
	talk size 100
	talk open "$3" "$(vip "$1")" "$2" 6
	talk say
	talk size "$([ "$3" = tcp ] && echo 40000 || echo 1200)"
	talk say
	talk close
	talk get "$3" "$(vip "$1")" "$2" 1
}

# statistics FAMILY PROTOCOL PORT: into $WORK/stats.
statistics() {
	adm -L -n --stats --exact "-${2:0:1}" "$(at "$(vip "$1")" "$3")" >"$WORK/stats"
	cat "$WORK/stats"
}

# service_counters FAMILY PROTOCOL PORT METHOD: against what passed the clients' side.
service_counters() {
	local vip name out="0 0"
	vip=$(vip "$1")
	name=$(at "$vip" "$3")
	statistics "$1" "$2" "$3"
	same 7 "$(awk -v name="$name" '$2 == name { print $3 }' "$WORK/stats")"
	same "$(captured "\$1 == \"net\" && \$4 == \"$2\" && \$7 == \"$vip\" && \$8 == $3")" \
		"$(counted in "$name")"
	[ "$4" = g ] ||
		out=$(captured "\$1 == \"net\" && \$4 == \"$2\" && \$5 == \"$vip\" && \$6 == $3")
	same "$out" "$(counted out "$name")"
}

# server_counters FAMILY PROTOCOL PORT METHOD: against what went to each server and back.
server_counters() {
	local number name server mac here sent out
	here=$(mac director)
	statistics "$1" "$2" "$3"
	for number in 1 2 3; do
		name=$(real "$1" "$number" "$3")
		server=$(host "$1" lan "1$number")
		mac=${MACS[number]}
		sent="\$1 == \"lan\" && \$4 == \"$2\" && \$2 == \"$here\" && \$3 == \"$mac\" && \$8 == $3 &&
			\$7 == \"$([ "$4" = g ] && vip "$1" || echo "$server")\""
		out="0 0"
		[ "$4" = g ] || out=$(captured "\$1 == \"lan\" && \$4 == \"$2\" &&
			\$2 == \"$mac\" && \$3 == \"$here\" && \$5 == \"$server\" && \$6 == $3")
		same "$(captured "$sent")" "$(counted in "$name")"
		same "$out" "$(counted out "$name")"
	done
}

# sums FAMILY PROTOCOL PORT: the service has what its servers have, and no more when one leaves.
sums() {
	local before after
	statistics "$1" "$2" "$3"
	awk '$1 ~ /^(TCP|UDP)$/ { for (i = 3; i <= 7; i++) want[i] = $i }
		$1 == "->" && $2 ~ /:[0-9]+$/ { for (i = 3; i <= 7; i++) got[i] += $i }
		END { for (i = 3; i <= 7; i++) if (want[i] != got[i]) exit 1 }' "$WORK/stats"
	before=$(sed -n '/^\(TCP\|UDP\)/p' "$WORK/stats")
	adm -d "-${2:0:1}" "$(at "$(vip "$1")" "$3")" -r "$(real "$1" 2 "$3")"
	statistics "$1" "$2" "$3"
	after=$(sed -n '/^\(TCP\|UDP\)/p' "$WORK/stats")
	same "$before" "$after"
}

# nothing_dropped: no packet of all this met an obstacle.
nothing_dropped() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "$RVS_ENGINE does not count what it drops"
	adm info | awk '/^DROPPED/ { drops = 1; next } drops && $2 != 0 { print; bad = 1 }
		END { exit !drops || bad }'
}

make_site
start_servers 80
start_servers 81
start_client
engine "$RVS_ENGINE"
DUMPS=() MACS=('')
for number in 1 2 3; do
	MACS+=("$(mac "server$number")")
done
capture net
capture lan
# Method and port go together, so that one capture tells all apart.
for method in m g; do
	port=$([ $method = m ] && echo 80 || echo 81)
	[ $method = m ] || replies_through client
	for family in 4 6; do
		for proto in tcp udp; do
			add_service $proto $family $method "$port"
			traffic $family "$port" $proto >>"$WORK/answers"
		done
	done
done
eventually 60 settled
await_capture net "$(host 4 net 2)"
await_capture lan "$(host 4 lan 11)"
for pid in "${DUMPS[@]}"; do
	stop "$pid"
done
python3 -IS "$SELFTESTS/pcap.py" "$WORK/net.pcap" "$WORK/lan.pcap" >"$WORK/flows"
# ip_vs adds up its counters every two seconds.
[ "$RVS_ENGINE" = rvs ] || sleep 3

for method in m g; do
	port=$([ $method = m ] && echo 80 || echo 81)
	for family in 4 6; do
		for proto in tcp udp; do
			text="$([ $method = m ] && echo NAT || echo DR), $proto over IPv$family"
			set -- $family $proto "$port" $method
			ktap_case "$text: the service counts what passes the clients' interface" service_counters "$@"
			ktap_case "$text: the servers count what passes their interface" server_counters "$@"
			[ "$RVS_ENGINE" = ip_vs ] ||
				ktap_case "$text: the service is the sum of its servers, also without one" sums "$@"
		done
	done
done
ktap_case "no drop was counted" nothing_dropped
ktap_run
