#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every scheduler of IPVS chooses the same servers in rvs: the same random sequence of changes
# and connections through both engines, in the same kernel (oracle.py). ORACLE_SEED=
# repeats a sequence.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

FAMILY=${ORACLE_FAMILY:-4}
SEED=${ORACLE_SEED:-$RANDOM}
SCHEDULERS=(rr wrr lc wlc sed nq fo ovf dh sh sh-fallback-port mh mh-fallback-port lblc lblcr)

# make_directors: for each engine a director whose devices both lead outside.
make_directors() {
	local engine number
	settings
	for engine in ip_vs rvs; do
		SITES+=("$engine-director" "$engine-outside")
		{
			echo "netns add $engine-director"
			echo "netns add $engine-outside"
			for name in net lan; do
				echo "link add $name netns $engine-director address 02:00:00:00:00:01 type veth peer name $name address 02:00:00:00:00:02 netns $engine-outside"
			done
		} | ip -batch -
		printf 'link set %s up\n' lo net lan | ip -n "$engine-outside" -batch -
		in_ns "$engine-outside" sysctl -q -w net.ipv6.conf.net.disable_ipv6=1 \
			net.ipv6.conf.lan.disable_ipv6=1
		{
			printf 'link set %s up\n' lo net lan
			echo "address add 10.0.0.1/24 dev net"
			echo "address add 192.168.0.254/16 dev lan"
			echo "address add 2001:db8:a::1/64 dev net nodad"
			echo "address add 2001:db8:b::fffe/64 dev lan nodad"
			echo "neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev net"
			echo "neighbour add 2001:db8:a::2 lladdr 02:00:00:00:00:02 dev net"
			echo "route add 10.99.0.0/16 via 10.0.0.2"
			echo "route add 2001:db8:99::/64 via 2001:db8:a::2"
			echo "route add local 10.7.0.0/16 dev lo"
			echo "route add local 2001:db8:7::/64 dev lo"
			for number in {1..150} 65000; do
				printf 'neighbour add 192.168.%d.%d lladdr 02:00:00:00:00:02 dev lan\n' \
					$((number / 256)) $((number % 256))
				printf 'neighbour add 2001:db8:b::%x lladdr 02:00:00:00:00:02 dev lan\n' "$number"
			done
		} | ip -n "$engine-director" -batch -
		in_ns "$engine-director" sysctl -q -w net.ipv4.ip_forward=1 \
			net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
		marks | in_ns "$engine-director" nft -f -
	done
}

# marks: for dh, lblc and lblcr the third part of a virtual address is the firewall mark of its packets.
marks() {
	local number
	echo "table inet marks {"
	echo "chain in {"
	echo "type filter hook prerouting priority mangle"
	for number in 9 14 15; do
		echo "ip daddr 10.7.$number.0/24 meta mark set $number"
		printf 'ip6 daddr 2001:db8:7::%x00/120 meta mark set %d\n' "$number" "$number"
	done
	echo "}"
	echo "}"
}

sequence() {
	echo "# IPv$FAMILY, seed $SEED"
	python3 -IS "$SELFTESTS/oracle.py" "$FAMILY" "$SEED" >"$WORK/picks"
}

# equal SCHEDULER: the picks of the sequence were, and they were enough.
equal() {
	local line
	line=$(grep "^$1: " "$WORK/picks")
	echo "$line, seed $SEED"
	[[ $line =~ ^"$1: equal: "([0-9]+)" picks, "([0-9]+)" of nobody"$ ]] || return 1
	[ "${BASH_REMATCH[1]}" -ge 1000 ]
	# Not all of them were refused.
	[ "${BASH_REMATCH[2]}" -le 800 ]
}

modprobe ip_vs
modprobe rvs
make_directors
ktap_case "IPv$FAMILY: the sequence of seed $SEED through both engines" sequence
for name in "${SCHEDULERS[@]}"; do
	ktap_case "IPv$FAMILY: $name chooses the same servers" equal "$name"
done
ktap_run
