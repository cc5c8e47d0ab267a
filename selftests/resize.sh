#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The connection table grows while 20,000 connections are opened, without anybody
# noticing: every packet finds its connection, and a dump has each exactly once.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

FLOWS=20000 FIRST=20000
PKTGEN=/proc/net/pktgen
FLOOD_PORT=90

# buckets: size of the connection table.
buckets() {
	adm info | sed -nE 's/^connections: .* in ([0-9]+) buckets$/\1/p'
}

# scheduled: connections that were ever made.
scheduled() {
	adm info | awk '$1 == "scheduled:" { print $2 }'
}

# dump FILE: the connections of the flood, one line each: client port and server.
dump() {
	adm -L -n -c | awk -v vip="$VIP4:$FLOOD_PORT" '
		$1 == "UDP" && $5 == vip { sub(/.*:/, "", $4); print $4, $6 }' | sort -n >"$1"
}

# pktgen FILE LINE...: gives commands to the packet generator, one by one.
pktgen() {
	printf '%s\n' "${@:2}" | in_ns client xargs -d '\n' -I LINE \
		bash -c "echo \"\$1\" >$PKTGEN/$1" - LINE
}

# flood_prepare: the generator sends one datagram from each of the ports, in order.
flood_prepare() {
	local mac
	mac=$(ip -n director -o link show net | sed 's:.*link/ether \([^ ]*\).*:\1:')
	modprobe pktgen
	pktgen kpktgend_0 rem_device_all "add_device net"
	pktgen net "count $FLOWS" "pkt_size 60" "delay 0" "dst_mac $mac" \
		"src_min $(host 4 net 2)" "src_max $(host 4 net 2)" "dst $VIP4" \
		"udp_dst_min $FLOOD_PORT" "udp_dst_max $FLOOD_PORT" \
		"udp_src_min $FIRST" "udp_src_max $((FIRST + FLOWS))"
}

# flood: until the generator is done; nothing may get lost in between.
flood() {
	pktgen pgctrl start
	in_ns client grep "^Result: OK" "$PKTGEN/net"
}

opened() {
	[ "$(scheduled)" -ge "$((BEFORE + FLOWS))" ]
}

# watch_dumps: dumps without end, each of which must have nobody twice.
watch_dumps() {
	local number
	for ((number = 1; ; number++)); do
		dump "$WORK/watch"
		cut -d ' ' -f 1 "$WORK/watch" | uniq -d | head -n 3 >>"$WORK/twice"
		echo "$number $(wc -l <"$WORK/watch")" >>"$WORK/watched"
	done
}

# companions: real connections that are in use all the time.
companions() {
	same 30 "$(talk open tcp "$VIP4" 80 30 | wc -w)"
	same 30 "$(talk open udp "$VIP6" 80 30 | wc -w)"
	talk say >"$WORK/companions"
	same 60 "$(tr ' ' '\n' <"$WORK/companions" | grep -c '^server[123]$')"
}

# grows: the flood, with dumps and requests going on meanwhile.
grows() {
	local small watcher
	small=$(buckets)
	BEFORE=$(scheduled)
	watch_dumps &
	watcher=$!
	flood &
	same "$(cat "$WORK/companions")" "$(talk say)"
	same "$(cat "$WORK/companions")" "$(talk say)"
	wait "$!"
	eventually 30 opened
	kill "$watcher"
	echo "the table had $small buckets and has $(buckets)"
	[ "$(buckets)" -gt $((small * 16)) ]
}

companions_stayed() {
	same "$(cat "$WORK/companions")" "$(talk say)"
}

watched() {
	cat "$WORK/watched"
	[ -s "$WORK/watched" ]
	same "" "$(cat "$WORK/twice")"
}

# complete: each port once, and the servers in turn.
complete() {
	dump "$WORK/first"
	same "$FLOWS" "$(wc -l <"$WORK/first")"
	same "" "$(cut -d ' ' -f 1 "$WORK/first" | uniq -d | head)"
	awk -v flows="$FLOWS" '{ count[$2]++ }
		END { for (server in count) { print server, count[server]
			if (count[server] < int(flows / 3) || count[server] > int(flows / 3) + 1) exit 1 } }' \
		"$WORK/first"
}

# same_servers: all flows once more; nobody is new and nobody has moved.
same_servers() {
	local before
	before=$(scheduled)
	flood
	dump "$WORK/second"
	cmp "$WORK/first" "$WORK/second"
	same "$before" "$(scheduled)"
}

few() {
	[ "$(adm -L -n -c | grep -c ":$FLOOD_PORT ")" = 0 ] && [ "$(buckets)" -lt 4096 ]
}

# shrinks: when the flood has expired the table gets smaller; the others stay in use.
shrinks() {
	adm --set 0 0 1
	until few; do
		same "$(cat "$WORK/companions")" "$(talk say)"
		[ "$SECONDS" -lt 150 ]
	done
	same "$(cat "$WORK/companions")" "$(talk say)"
}

make_site
start_servers
start_client
engine rvs
add_service tcp 4 m
add_service udp 6 m
# The servers take in the flood's datagrams without an answer.
for number in 3 2 1; do
	in_ns "server$number" nft -f - <<-END
		table ip flood { chain input { type filter hook input priority 0;
			udp dport $FLOOD_PORT drop; }; }
	END
done
add_service udp 4 m $FLOOD_PORT
flood_prepare
# Nothing of the flood may be lost on the way.
echo 100000 >/proc/sys/net/core/netdev_max_backlog

ktap_case "60 connections in use" companions
ktap_case "the table grows while $FLOWS connections are opened" grows
ktap_case "the connections in use stay with their servers" companions_stayed
ktap_case "no dump meanwhile had a connection twice" watched
ktap_case "all connections are in the dump, once each" complete
ktap_case "all of them keep their servers" same_servers
ktap_case "the table shrinks when they have expired" shrinks
ktap_run
