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
		for ((number = 0; number < $4; number++)); do
			tell get "$1" "$ADDRESS" 80
		done
		for ((number = 0; number < $4; number++)); do
			hear
		done
		;;
	esac
}

# watch: counts the SYNs and datagrams of clients that come to the director from now on.
watch() {
	in_ns director nft -f - <<-END
		table inet watch
		delete table inet watch
		table inet watch {
			counter asked { }
			chain input {
				type filter hook input priority 0
				tcp flags & (syn | ack) == syn counter name asked
				meta l4proto udp counter name asked
			}
		}
	END
}

# asked: how many.
asked() {
	in_ns director nft list counter inet watch asked | awk '$1 == "packets" { print $2 }'
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
	eventually 60 unload_engines >&2
}

# picks_equal PROTOCOL FAMILY SEED: each engine was asked once for each connection; a packet
# that was sent again might have been one more pick.
picks_equal() {
	local name count wanted
	eventually 60 unload_engines
	make_plan "$3" >"$WORK/plan"
	wanted=$(awk '$1 == "get" { sum += $2 } END { print sum }' "$WORK/plan")
	for name in ip_vs rvs; do
		watch
		replay "$name" "$1" "$2" >"$WORK/$name"
		same "$wanted" "$(asked)"
		count=$(grep -c '^server' "$WORK/$name")
		echo "$name: $count picks"
		[ "$count" -ge 200 ]
	done
	diff -U 20 "$WORK/ip_vs" "$WORK/rvs"
}

make_site '' 4
start_servers 80 server{1..4}
start_client
# Every connection that finds no server is told so, however many there are, and not before
# connect() has gone to sleep: TCP would take that for a hint and send its SYN again.
in_ns director sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=10000 \
	net.ipv6.icmp.ratelimit=0
in_ns director tc qdisc add dev net root netem delay 20ms

ktap_case 'tcp over IPv4: the picks of ip_vs and rvs are equal' picks_equal tcp 4 1
ktap_case 'udp over IPv6: the picks of ip_vs and rvs are equal' picks_equal udp 6 2
ktap_run
