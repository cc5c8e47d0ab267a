#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A service that has no usable server refuses at once, instead of leaving its clients
# to wait for a timeout.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# begin FAMILY PROTOCOL PORT: a service without servers; SERVICE names it.
begin() {
	SERVICE=("-${2:0:1}" "$(at "$(vip "$1")" "$3")")
	adm -A "${SERVICE[@]}" -s rr
}

# server a|e|d FAMILY [WEIGHT]: adds, edits or removes the server.
server() {
	local server
	server=$(real "$2" 1 80)
	if [ "$1" = d ]; then
		adm -d "${SERVICE[@]}" -r "$server"
	else
		adm "-$1" "${SERVICE[@]}" -r "$server" -m -w "$3"
	fi
}

# asked: the SYNs and datagrams of clients that have come to the director.
asked() {
	in_ns director nft list counter inet watch asked | awk '$1 == "packets" { print $2 }'
}

# refusals: packets that were refused for want of a server.
refusals() {
	adm info | awk '$1 == "no-destination" { print $2 }'
}

# refused FAMILY PROTOCOL PORT: the first packet of the client brings the refusal; nobody
# had to repeat one.
refused() {
	local before
	before=$(asked)
	same refused "$(talk get "$2" "$(vip "$1")" "$3")"
	same $((before + 1)) "$(asked)"
}

without_servers() {
	begin "$@"
	refused "$@"
}

with_weight_0() {
	begin "$@"
	server a "$1" 0
	refused "$@"
}

with_server() {
	begin "$@"
	server a "$1" 0
	server e "$1" 1
	same server1 "$(talk get "$2" "$(vip "$1")" "$3")"
}

after_removal() {
	begin "$@"
	server a "$1" 1
	same server1 "$(talk get "$2" "$(vip "$1")" "$3")"
	server d "$1"
	refused "$@"
}

# counted PORT: each refused packet is in the drop counter.
counted() {
	local before family proto
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "$RVS_ENGINE does not count what it drops"
	before=$(refusals)
	for family in 4 6; do
		for proto in tcp udp; do
			begin "$family" "$proto" "$1"
			refused "$family" "$proto" "$1"
			refused "$family" "$proto" "$1"
		done
	done
	same $((before + 8)) "$(refusals)"
}

make_site
start_servers
start_client
engine "$RVS_ENGINE"
# As in a real network the answer comes after connect() has gone to sleep; one that
# came earlier would be a hint to TCP over IPv6 only, and the SYN would be repeated.
in_ns director tc qdisc add dev net root netem delay 50ms
# Answers to refused packets must not be held back.
in_ns director sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=10000 \
	net.ipv6.icmp.ratelimit=0
in_ns director nft -f - <<-END
	table inet watch {
		counter asked { }
		chain input {
			type filter hook input priority 0
			tcp flags & (syn | ack) == syn counter name asked
			meta l4proto udp counter name asked
		}
	}
END

port=8000
for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		ktap_case "$text: no server is refused at once" without_servers $family $proto $((port + 1))
		ktap_case "$text: only weight 0 is refused at once" with_weight_0 $family $proto $((port + 2))
		ktap_case "$text: a usable server answers" with_server $family $proto $((port + 3))
		ktap_case "$text: the last server removed is refused at once" after_removal $family $proto \
			$((port + 4))
	done
done
ktap_case "refused packets are counted as no-destination" counted $((port + 5))
ktap_run
