#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every scheduler is unloaded right after its last service has gone, again and again, with
# connections that were just made through it, while a client goes on.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SCHEDULERS=(rr wrr lc wlc sed nq fo ovf dh sh mh lblc lblcr twos p2c ewma)
TIMES=50

# services: lines that make one of each scheduler, which loads them.
services() {
	local name port=8000
	for name in "${SCHEDULERS[@]}"; do
		port=$((port + 1))
		echo "-A -u $VIP4:$port -s $name"
		echo "-a -u $VIP4:$port -r 192.168.0.11:80 -m -w 3"
		echo "-a -u $VIP4:$port -r 192.168.0.12:80 -m -w 2"
	done
}

round() {
	local port
	adm -R <"$WORK/services"
	for port in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		tell send udp "$VIP4" "$((8000 + port))" 2
	done
	for port in {1..16}; do
		hear >/dev/null
	done
	adm -C
	# Each time another one is the first.
	SCHEDULERS=("${SCHEDULERS[@]:1}" "${SCHEDULERS[0]}")
	rmmod "${SCHEDULERS[@]/#/rvs_}"
}

unload_all() {
	local number
	services >"$WORK/services"
	TALKER=storm tell storm udp "$VIP4" 8001
	for ((number = 0; number < $1; number++)); do
		round
	done
	TALKER=storm tell stop
	TALKER=storm hear
}

make_site
start_servers
start_client client storm
start_client
engine rvs
in_ns director sysctl -q -w net.ipv4.icmp_ratelimit=0
ktap_case "all schedulers are unloaded right after their last services, $TIMES times" unload_all "$TIMES"
ktap_run
