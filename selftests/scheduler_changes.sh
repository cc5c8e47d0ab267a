#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Changes of schedulers, weights and servers while clients on both processors begin connections.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SCHEDULERS=(rr wrr lc wlc sed nq fo ovf dh sh mh lblc lblcr twos p2c ewma)
SERVICE=$(at "$VIP4" 80)

# storms COMMAND...: runs COMMAND for two seconds at least while two clients, each on a processor of its own,
# begin connections all the time. Servers 1 and 2 can always take them: few may fail.
storms() {
	local client failed worked end=$((${EPOCHREALTIME/./} + 2000000))
	for client in one two; do
		TALKER=$client tell storm udp "$VIP4" 80
	done
	until [ "${EPOCHREALTIME/./}" -ge "$end" ]; do
		"$@"
	done
	for client in one two; do
		TALKER=$client tell stop
		read -r worked failed < <(TALKER=$client hear)
		echo "$client: $worked worked, $failed failed"
		[ "$worked" -gt 20 ]
		[ "$failed" -le $((worked / 50 + 2)) ]
	done
}

# a_service SCHEDULER
a_service() {
	adm -C
	adm -A -u "$SERVICE" -s "$1"
	for number in 1 2 3; do
		adm -a -u "$SERVICE" -r "$(real 4 "$number" 80)" -m -w 2
	done
}

schedulers() {
	local round name
	for round in 1 2 3; do
		for name in "${SCHEDULERS[@]}"; do
			adm -E -u "$SERVICE" -s "$name"
		done
	done
}

# changes: weights, thresholds and servers, under the scheduler that is there.
changes() {
	local round server
	server=$(real 4 3 80)
	for round in 1 2 3 4; do
		adm -e -u "$SERVICE" -r "$server" -m -w 0
		adm -e -u "$SERVICE" -r "$server" -m -w 3 -x "$round"
		adm -d -u "$SERVICE" -r "$server"
		adm -a -u "$SERVICE" -r "$server" -m -w "$round"
	done
}

all_changes() {
	local name
	for name in "${SCHEDULERS[@]}"; do
		adm -E -u "$SERVICE" -s "$name"
		changes
	done
}

# many_servers: so many that slots are numbered anew several times: as they come one by one, and by transactions.
many_servers() {
	local name number
	in_ns director python3 -S "$SELFTESTS/transact.py" one_by_one 150 rr wlc mh lblcr p2c
	for name in rr wlc mh lblcr p2c; do
		adm -E -u "$SERVICE" -s "$name"
		for number in {10..160}; do
			echo "-a -u $SERVICE -r 192.168.0.$number:9 -m -w 0"
		done >"$WORK/lines"
		adm -R <"$WORK/lines"
		sed 's/^-a/-d/; s/ -m.*//' "$WORK/lines" >"$WORK/back"
		adm -R <"$WORK/back"
	done
	same 3 "$(adm -L -n | grep -c 192.168)"
}

make_site
start_servers
start_client
start_talker one in_ns client taskset -c 0 python3 -IS "$SELFTESTS/traffic.py" client
start_talker two in_ns client taskset -c 1 python3 -IS "$SELFTESTS/traffic.py" client
TALKER="talk"
engine rvs
in_ns director sysctl -q -w net.ipv4.icmp_ratelimit=0

a_service rr
ktap_case 'schedulers change under traffic' storms schedulers
ktap_case 'weights, thresholds and servers change under traffic' storms all_changes
ktap_case 'servers are numbered anew under traffic' storms many_servers
ktap_run
