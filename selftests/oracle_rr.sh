#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same changes and the same connections through ip_vs and through rvs, in the same
# kernel: rr picks the same servers.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

STEPS=26

# make_plan SEED: lines of the form add|remove SERVER, weight SERVER WEIGHT, or get
# NUMBER. They are the same for the same seed.
make_plan() {
	local present=() server step
	RANDOM=$1
	for ((step = 0; step < STEPS; step++)); do
		server=$((RANDOM % 4 + 1))
		if [ -z "${present[server]:-}" ]; then
			present[server]=1
			echo "add $server $((RANDOM % 3))"
		elif ((RANDOM % 2)); then
			unset "present[server]"
			echo "remove $server"
		else
			echo "weight $server $((RANDOM % 4))"
		fi
		echo "get $((RANDOM % 6 + 7))"
	done
}

# step PROTOCOL FAMILY VERB [ARGUMENT...]: does one line of the plan.
step() {
	local number server service=("-${1:0:1}" "$ENDPOINT")
	[ "$3" = get ] || server=$(real "$2" "$4" 80)
	case $3 in
	add) adm -a "${service[@]}" -r "$server" -m -w "$5" ;;
	weight) adm -e "${service[@]}" -r "$server" -m -w "$5" ;;
	remove) adm -d "${service[@]}" -r "$server" ;;
	get)
		# Each from a port of its own: none belongs to a connection that is remembered.
		for ((number = 0; number < $4; number++)); do
			PORT=$((PORT + 1))
			tell bind "$PORT"
			tell get "$1" "$ADDRESS" 80
		done
		for ((number = 0; number < $4; number++)); do
			hear >/dev/null
			hear
		done
		;;
	esac
}

# replay ENGINE PROTOCOL FAMILY: the plan through a fresh ENGINE; prints its lines, the
# picks, and the servers that are there at the end.
replay() {
	local line
	engine "$1" >&2
	ADDRESS=$(vip "$3")
	ENDPOINT=$(at "$ADDRESS" 80)
	adm -A "-${2:0:1}" "$ENDPOINT" -s rr
	while read -r line; do
		echo "$line"
		# shellcheck disable=SC2086
		step "$2" "$3" $line
	done <"$WORK/plan"
	adm -L -n | awk '$1 == "->" && $4 ~ /^[0-9]+$/ { print $2, $3, $4 }'
	adm -C
	eventually 10 unload_engines >&2
}

# picks_equal PROTOCOL FAMILY SEED
picks_equal() {
	local name count
	make_plan "$3" >"$WORK/plan"
	for name in ip_vs rvs; do
		PORT=20000
		replay "$name" "$1" "$2" >"$WORK/$name"
		count=$(grep -c '^server' "$WORK/$name")
		echo "$name: $count picks"
		[ "$count" -ge 200 ]
	done
	diff -U 20 "$WORK/ip_vs" "$WORK/rvs"
}

make_site '' 4
start_servers 80 server{1..4}
start_client
eventually 10 unload_engines
# Every connection that finds no server is told so, however many there are.
in_ns director sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0

ktap_case 'tcp over IPv4: the picks of ip_vs and rvs are equal' picks_equal tcp 4 1
ktap_case 'udp over IPv6: the picks of ip_vs and rvs are equal' picks_equal udp 6 2
ktap_run
