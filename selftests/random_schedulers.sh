#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Schedulers that draw lots: how often each server is chosen. A share that is off by more than four
# standard deviations of an independent draw fails; a right scheduler does that less often than once
# in ten thousand runs. Choosing the less loaded of two makes the deviations smaller still.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

DRAWS=600

# begin SCHEDULER FAMILY PORT WEIGHT...: a service whose servers have these weights.
begin() {
	local number=0 weight
	SERVICE=$(at "$(vip "$2")" "$3")
	adm -C
	adm -A -u "$SERVICE" -s "$1"
	for weight in "${@:4}"; do
		number=$((number + 1))
		adm -a -u "$SERVICE" -r "$(real "$2" "$number" 80)" -m -w "$weight"
	done
}

# shares COUNT...: how many new connections each server is given, which should be so many.
shares() {
	local number=0 wanted got
	talk get udp "$(vip "$FAMILY")" 80 "$DRAWS" | tr ' ' '\n' | sort | uniq -c >"$WORK/shares"
	cat "$WORK/shares"
	for wanted; do
		number=$((number + 1))
		got=$(awk -v name="server$number" '$2 == name { print $1 }' "$WORK/shares")
		awk -v got="${got:-0}" -v wanted="$wanted" -v draws="$DRAWS" 'BEGIN {
			bound = 4 * sqrt(wanted * (1 - wanted / draws))
			off = got - wanted
			exit off > bound || off < -bound
		}' || {
			echo "server$number: ${got:-0}, not about $wanted"
			return 1
		}
	done
}

by_weight() {
	begin "$1" "$FAMILY" 80 1 2 3
	shares 100 200 300
}

# Nobody draws a server of weight 0 or one at its upper threshold.
only_eligible() {
	local port
	# At another port: engines may remember the connections of the servers of the case before.
	begin "$1" "$FAMILY" 81 1 0 5
	adm -e -u "$SERVICE" -r "$(real "$FAMILY" 3 80)" -m -w 5 -x 7
	# Each from a port of its own: none belongs to a connection that is there.
	for ((port = 20000; port < 20100; port++)); do
		tell bind "$port"
		tell get udp "$(vip "$FAMILY")" 81
	done
	for ((port = 20000; port < 20100; port++)); do
		hear >/dev/null
		hear
	done | sort | uniq -c >"$WORK/shares"
	cat "$WORK/shares"
	same "93 server1 7 server3" "$(xargs <"$WORK/shares")"
}

make_site
start_servers
start_client
engine "$RVS_ENGINE"
all=(twos p2c ewma)
[ "$RVS_ENGINE" = rvs ] || all=(twos)
for FAMILY in 4 6; do
	for name in "${all[@]}"; do
		text="IPv$FAMILY: $name"
		ktap_case "$text chooses by weight" eval "FAMILY=$FAMILY; by_weight $name"
		ktap_case "$text chooses nobody who takes no connections" \
			eval "FAMILY=$FAMILY; only_eligible $name"
	done
done

# slow: of two servers the one whose answers take longer gets fewer connections.
slow() {
	local network=$1
	adm -C
	SERVICE=$(at "$(vip "$network")" 80)
	adm -A -t "$SERVICE" -s ewma
	for number in 1 2; do
		adm -a -t "$SERVICE" -r "$(real "$network" "$number" 80)" -m
	done
	in_ns server2 tc qdisc add dev lan root netem delay 40ms
	talk get tcp "$(vip "$network")" 80 120 | tr ' ' '\n' | sort | uniq -c >"$WORK/shares"
	in_ns server2 tc qdisc del dev lan root
	cat "$WORK/shares"
	# It is chosen when it is drawn twice, and before it has been measured.
	awk '{ got[$2] = $1 } END { exit !(got["server1"] >= 72 && got["server2"] >= 12) }' "$WORK/shares"
}

says_so() {
	adm -C
	SERVICE=$(at "$VIP4" 80)
	adm -A -t "$SERVICE" -s ewma
	dmesg -C
	adm -a -t "$SERVICE" -r "$(real 4 1 80)" -m
	fails dmesg_says 'ewma'
	adm -a -t "$SERVICE" -r "$(real 4 2 80)" -g
	dmesg_says 'ewma: answers pass the director with the method nat only'
}

dmesg_says() {
	dmesg | grep -q "$1"
}

if [ "$RVS_ENGINE" = rvs ]; then
	for FAMILY in 4 6; do
		ktap_case "IPv$FAMILY: ewma gives less to a server that answers slowly" slow "$FAMILY"
	done
	ktap_case 'ewma says when a server cannot be measured' says_so
fi
ktap_run
