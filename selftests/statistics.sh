#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Counters can be set to zero, for a server, a service or everything, and no packet is lost or counted
# twice when that happens under traffic. Rates are those of the traffic. Drops are counted for
# the service that they concern.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# counters NAME [OPTION]: connections, packets and bytes in of the line that begins with NAME.
counters() {
	adm -L -n --stats --exact | awk -v name="$1" '$2 == name { print $3, $4, $6; exit }'
}

# server FAMILY NUMBER, service FAMILY: their names in the list.
server() {
	real "$1" "$2" 80
}

service() {
	at "$(vip "$1")" 80
}

# sum FAMILY: over the three servers.
sum() {
	adm -L -n --stats --exact | awk -v name="$(service "$1")" '
		$1 != "->" { inside = $2 == name; next }
		inside { conns += $3; packets += $4; bytes += $6 }
		END { print conns + 0, packets + 0, bytes + 0 }'
}

# shows WANTED COMMAND...: what COMMAND prints becomes that; ip_vs looks every two seconds.
shows() {
	local got='' tries
	for tries in {1..40}; do
		got=$("${@:2}")
		[ "$got" != "$1" ] || return 0
		[ "$RVS_ENGINE" != rvs ] || break
		sleep 0.2
	done
	same "$1" "$got" || echo "$tries tries: ${*:2}"
	return 1
}

# total: what the namespace has counted.
total() {
	if [ "$RVS_ENGINE" = rvs ]; then
		adm --json info | python3 -c "
import json, sys
total = json.load(sys.stdin)['stats']
print(total['connections'], total['in_packets'], total['in_bytes'])"
	else
		in_ns director python3 -c "
words = open('/proc/net/ip_vs_stats').readlines()[2].split()
print(*(int(words[n], 16) for n in (0, 1, 3)))"
	fi
}

# packets COUNT LENGTH: as the three numbers of that many new connections of one packet.
packets() {
	echo "$1 $1 $(($1 * $2))"
}

# length FAMILY: of a SYN of the flood.
length() {
	[ "$1" = 4 ] && echo 40 || echo 60
}

# quiet FAMILY: set to zero while nothing happens, it counts from zero.
quiet() {
	local size
	size=$(length "$1")
	adm -Z
	shows "0 0 0" sum "$1"
	shows "0 0 0" total
	TALKER=flood$1 talk 300
	shows "$(packets 300 "$size")" sum "$1"
	shows "$(packets 300 "$size")" counters "$(service "$1")"
	shows "$(packets 300 "$size")" total
	adm -Z -t "$(service "$1")"
	shows "0 0 0" sum "$1"
	shows "0 0 0" counters "$(service "$1")"
	shows "$(packets 300 "$size")" total
	TALKER=flood$1 talk 30
	shows "$(packets 30 "$size")" counters "$(service "$1")"
	shows "$(packets 10 "$size")" counters "$(server "$1" 2)"
	shows "$(packets 330 "$size")" total
}

# while_flooded FAMILY COUNT COMMAND...: COMMAND three times while COUNT connections begin.
while_flooded() {
	TALKER=flood$1 tell "$2"
	eventually 10 begun "$1"
	for _ in {1..3}; do
		"${@:3}"
	done
	fails read -r -t 0 -u "$(flood_answers "$1")"
	same "$2" "$(TALKER=flood$1 hear)"
}

# begun FAMILY: the flood has come.
begun() {
	[ "$(sum "$1")" != "0 0 0" ]
}

flood_answers() {
	local name=OUT_flood$1
	echo "${!name}"
}

rvs_only() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs sets to zero what it knew up to two seconds ago"
}

# A server is set to zero again and again: its service and the namespace miss nothing.
server_only() {
	local size
	rvs_only
	size=$(length "$1")
	adm -Z
	while_flooded "$1" 12000 adm zero tcp "$(service "$1")" "$(server "$1" 1)"
	shows "$(packets 12000 "$size")" counters "$(service "$1")"
	shows "$(packets 4000 "$size")" counters "$(server "$1" 2)"
	shows "$(packets 12000 "$size")" total
	adm zero tcp "$(service "$1")" "$(server "$1" 1)"
	shows "0 0 0" counters "$(server "$1" 1)"
}

# The service is: its servers' sum is its own, and the namespace misses nothing.
service_only() {
	rvs_only
	adm -Z
	while_flooded "$1" 12000 adm -Z -t "$(service "$1")"
	same "$(sum "$1")" "$(counters "$(service "$1")")"
	shows "$(packets 12000 "$(length "$1")")" total
}

# Everything is: all sums are equal.
everything() {
	rvs_only
	adm -Z
	while_flooded "$1" 12000 adm -Z
	fails same "0 0 0" "$(sum "$1")"
	same "$(sum "$1")" "$(counters "$(service "$1")")"
	same "$(sum "$1")" "$(total)"
}

# removed FAMILY: a removed server stays in the sums, and is not in them twice when it comes back.
removed() {
	rvs_only
	adm -Z
	TALKER=flood$1 talk 300
	adm -d -t "$(service "$1")" -r "$(server "$1" 1)"
	shows "$(packets 300 "$(length "$1")")" counters "$(service "$1")"
	shows "$(packets 200 "$(length "$1")")" sum "$1"
	adm -a -t "$(service "$1")" -r "$(server "$1" 1)" -m
	shows "$(packets 300 "$(length "$1")")" counters "$(service "$1")"
	TALKER=flood$1 talk 300
	shows "$(packets 600 "$(length "$1")")" counters "$(service "$1")"
	shows "$(packets 600 "$(length "$1")")" total
}

# rates FAMILY: 100 packets a second in each direction, read every second for 16 seconds.
rates() {
	start in_ns client python3 -ISc "
import socket, time
family = socket.AF_INET6 if $1 == 6 else socket.AF_INET
sock = socket.socket(family, socket.SOCK_DGRAM)
sock.connect(('$(vip "$1")', 80))
start = time.monotonic()
for number in range(100000):
    sock.send(bytes(60))
    time.sleep(max(0, start + number / 100 - time.monotonic()))"
	for _ in {1..16}; do
		sleep 1
		adm -L -n --rate >"$WORK/rates"
	done
	stop "$PID"
	cat "$WORK/rates"
	awk -v name="$(at "$(vip "$1")" 80)" -v head="$([ "$1" = 4 ] && echo 28 || echo 48)" '
		function near(got, want) { return got > 0.8 * want && got < 1.15 * want }
		$1 == "UDP" && $2 == name {
			# The answers begin with the name of the server and a blank.
			good = $3 == 0 && near($4, 100) && near($5, 100) &&
				near($6, 100 * (60 + head)) && near($7, 100 * (68 + head))
		}
		END { exit !good }' "$WORK/rates"
}

# fading FAMILY: when the traffic ends, so does its rate.
fading() {
	local before
	before=$(packet_rate "$1")
	[ "$before" -gt 20 ]
	eventually 12 fewer_than "$1" $((before / 2))
}

packet_rate() {
	adm -L -n --rate | awk -v name="$(at "$(vip "$1")" 80)" '$1 == "UDP" && $2 == name { print $4 }'
}

fewer_than() {
	[ "$(packet_rate "$1")" -lt "$2" ]
}

# drops FAMILY: at the service that they concern and in sum.
drops() {
	rvs_only
	adm -Z
	knob am_droprate 1
	knob drop_packet 3
	TALKER=flood$1 talk 7
	knob drop_packet 0
	knob conn_max 0
	TALKER=flood$1 talk 5
	knob conn_max 1073741824
	same "defense 7 conn-limit 5" "$(by_service tcp "$1")"
	same "" "$(by_service udp "$1")"
	adm info | grep -E '^defense +7$'
	adm info | grep -E '^conn-limit +5$'
	adm -Z -t "$(service "$1")"
	same "" "$(by_service tcp "$1")"
	adm info | grep -E '^defense +7$'
	adm -Z
	fails grep -E '^defense +[1-9]' <(adm info)
}

# by_service PROTOCOL FAMILY: reasons and numbers of what a service has dropped.
by_service() {
	adm --json service show "$1" "$(service "$2")" | python3 -c "
import json, sys
def find(value):
    if isinstance(value, list):
        value = value[0]
    return value['drops']
drops = find(json.load(sys.stdin))
order = ['defense', 'conn-limit']
print(*(f'{name} {drops[name]}' for name in sorted(drops, key=order.index) if drops[name]))"
}

make_site
start_servers
MAC=$(ip -n director -o link show net | sed 's:.*link/ether \([^ ]*\).*:\1:')
for family in 4 6; do
	start_talker flood$family in_ns client python3 -IS "$SELFTESTS/flood.py" \
		net "$MAC" "$(vip $family)" 80
done
engine "$RVS_ENGINE"
for family in 4 6; do
	add_service tcp $family m
	add_service udp $family m
done
in_ns director nft -f - <<-END
	table inet quiet { chain forward { type filter hook forward priority 0;
		ip daddr 10.1.0.0/16 drop; ip6 daddr 2001:db8:f::/64 drop; }; }
END

for family in 4 6; do
	text="IPv$family"
	ktap_case "$text: set to zero at rest, all count from zero" quiet $family
	ktap_case "$text: a server set to zero under traffic" server_only $family
	ktap_case "$text: a service set to zero under traffic" service_only $family
	ktap_case "$text: everything set to zero under traffic" everything $family
	ktap_case "$text: servers that leave and come back" removed $family
	ktap_case "$text: drops are counted for the service" drops $family
	ktap_case "$text: rates are those of the traffic" rates $family
	ktap_case "$text: rates end with the traffic" fading $family
done
ktap_run
