#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A service that has no usable server refuses at once, instead of leaving its clients
# to wait for a timeout.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# refused FAMILY PROTOCOL: so quick that nobody repeated a packet, which takes a second.
refused() {
	local answer
	answer=$(talk time get "$2" "$(vip "$1")" 80)
	same refused "${answer% *}"
	[ "${answer#* }" -lt 900 ] || {
		echo "it took ${answer#* } ms"
		return 1
	}
}

without_servers() {
	adm -A "-${2:0:1}" "$(at "$(vip "$1")" 80)" -s rr
	refused "$1" "$2"
}

with_weight_0() {
	adm -a "-${2:0:1}" "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)" -m -w 0
	refused "$1" "$2"
}

with_server() {
	adm -e "-${2:0:1}" "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)" -m -w 1
	same server1 "$(talk get "$2" "$(vip "$1")" 80)"
}

after_removal() {
	adm -d "-${2:0:1}" "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)"
	refused "$1" "$2"
}

# counted: each refused packet is in the drop counter; there were three for each of four.
counted() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "$RVS_ENGINE does not count what it drops"
	same 12 "$(adm info | awk '$1 == "no-destination" { print $2 }')"
}

make_site
start_servers
start_client
engine "$RVS_ENGINE"
# As in a real network the answer comes after connect() has gone to sleep; one that
# came earlier would be a hint to TCP over IPv6 only, and the SYN would be repeated.
in_ns director tc qdisc add dev net root netem delay 5ms
# Answers to refused packets must not be held back.
in_ns director sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=10000 \
	net.ipv6.icmp.ratelimit=0

for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		ktap_case "$text: no server is refused at once" without_servers $family $proto
		ktap_case "$text: only weight 0 is refused at once" with_weight_0 $family $proto
		ktap_case "$text: a usable server answers" with_server $family $proto
		ktap_case "$text: the last server removed is refused at once" after_removal $family $proto
	done
done
ktap_case "refused packets are counted as no-destination" counted
ktap_run
