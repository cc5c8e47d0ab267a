#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The connection table grows while 8,000 connections are opened, without anybody
# noticing: every packet finds its connection, and a dump has each exactly once.
# Limit: 300 s

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

FLOWS=8000 FIRST=20000
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

# flood_prepare: the generator sends one datagram from each of the ports, in order, and leaves
# time for others in between.
flood_prepare() {
	local mac
	mac=$(ip -n director -o link show net | sed 's:.*link/ether \([^ ]*\).*:\1:')
	modprobe pktgen
	pktgen kpktgend_0 rem_device_all "add_device net"
	pktgen net "count $FLOWS" "pkt_size 60" "delay 200000" "dst_mac $mac" \
		"src_min $(host 4 net 2)" "src_max $(host 4 net 2)" "dst $VIP4" \
		"udp_dst_min $FLOOD_PORT" "udp_dst_max $FLOOD_PORT" \
		"udp_src_min $FIRST" "udp_src_max $((FIRST + FLOWS))"
}

# flood: until the generator is done and everything has come to the service; nothing may get
# lost in between.
flood() {
	local before
	before=$(arrived)
	pktgen pgctrl start
	in_ns client grep "^Result: OK" "$PKTGEN/net"
	eventually 60 all_arrived $((before + FLOWS))
}

# arrived: datagrams of the flood that have come to the service.
arrived() {
	adm -L -n --stats --exact -u "$VIP4:$FLOOD_PORT" | awk '$1 == "UDP" { print $4 }'
}

all_arrived() {
	same "$1" "$(arrived)"
}

# once STEP: what several cases build upon, done by the first of them.
once() {
	if [ ! -e "$WORK/done-$1" ]; then
		"$1"
		touch "$WORK/done-$1"
	fi
}

# few: the flood is over, and the table has become small again.
few() {
	local conns
	conns=$(adm -L -n -c)
	fails grep -q ":$FLOOD_PORT " <<<"$conns" && [ "$(buckets)" -le 1024 ]
}

# begin: no flood yet, and 60 real connections in use.
begin() {
	local family
	talk close
	adm -C
	adm --set 900 120 1
	eventually 60 few
	adm --set 900 120 300
	for family in 4 6; do
		add_service tcp "$family" m
	done
	add_service udp 6 m
	add_service udp 4 m "$FLOOD_PORT"
	same 15 "$(talk open tcp "$VIP4" 80 15 | wc -w)"
	same 15 "$(talk open tcp "$VIP6" 80 15 | wc -w)"
	same 30 "$(talk open udp "$VIP6" 80 30 | wc -w)"
	talk say >"$WORK/companions"
	same 60 "$(tr ' ' '\n' <"$WORK/companions" | grep -c '^server[123]$')"
}

# watch_dumps: dumps without end, each of which must have nobody twice.
watch_dumps() {
	local number
	for ((number = 1; ; number++)); do
		dump "$WORK/watch"
		cut -d ' ' -f 1 "$WORK/watch" | uniq -d >>"$WORK/twice"
		echo "$number $(wc -l <"$WORK/watch")" >>"$WORK/watched"
	done
}

# watched NUMBER: more than so many dumps have been looked at.
watched() {
	[ "$(wc -l <"$WORK/watched")" -gt "$1" ]
}

# larger BUCKETS: the table has as many.
larger() {
	[ "$(buckets)" -ge "$1" ]
}

# grow: the flood, with dumps and requests going on meanwhile.
grow() {
	local small watcher
	[ ! -s "$WORK/watcher" ] || stop "$(<"$WORK/watcher")"
	once begin
	rm "$WORK/done-begin"
	small=$(buckets)
	: >"$WORK/watched"
	: >"$WORK/twice"
	watch_dumps &
	watcher=$!
	tee -a "$WORK/pids" >"$WORK/watcher" <<<"$watcher"
	eventually 60 watched 0
	flood &
	stayed
	stayed
	wait "$!"
	# The one that had begun before the flood was over, and one after it.
	eventually 60 watched $(($(wc -l <"$WORK/watched") + 1))
	stop "$watcher"
	: >"$WORK/watcher"
	eventually 60 larger $((small * 16))
	echo "the table had $small buckets and has $(buckets)"
}

# stayed [FIRST LAST]: the connections in use stay with their servers; or some of them do.
stayed() {
	same "$(cut -d ' ' -f "${1:-1}-${2:-60}" "$WORK/companions")" "$(talk say "${1:-1}" "${2:-60}")"
}

in_use() {
	once begin
	stayed
}

grows() {
	once grow
}

companions_stayed() {
	once grow
	stayed
}

# dumps: those that were made meanwhile.
dumps() {
	once grow
	cat "$WORK/watched"
	same "" "$(cat "$WORK/twice")"
}

# complete: each port once, and the servers in turn.
complete() {
	once grow
	dump "$WORK/first"
	same "$FLOWS" "$(wc -l <"$WORK/first")"
	same "" "$(cut -d ' ' -f 1 "$WORK/first" | uniq -d)"
	awk -v flows="$FLOWS" '{ count[$2]++ }
		END { for (server in count) { print server, count[server]
			if (count[server] < int(flows / 3) || count[server] > int(flows / 3) + 1) exit 1 } }' \
		"$WORK/first"
}

# same_servers: all flows once more; nobody is new and nobody has moved.
same_servers() {
	local before
	once grow
	dump "$WORK/first"
	before=$(scheduled)
	flood
	dump "$WORK/second"
	cmp "$WORK/first" "$WORK/second"
	same "$before" "$(scheduled)"
}

# shrinks: when the flood has expired the table gets smaller; who is in use stays. These are
# TCP connections: the others are under the timeout that ends the flood.
shrinks() {
	local end
	once grow
	rm "$WORK/done-grow"
	larger 4096
	adm --set 0 0 1
	end=$((SECONDS + 120))
	until few; do
		stayed 1 30
		[ "$SECONDS" -lt "$end" ]
	done
	stayed 1 30
}

make_site
start_servers
start_client
engine rvs
# The servers take in the flood's datagrams without an answer.
for number in 3 2 1; do
	in_ns "server$number" nft -f - <<-END
		table ip flood { chain input { type filter hook input priority 0;
			udp dport $FLOOD_PORT drop; }; }
	END
done
flood_prepare
# Nothing of the flood may be lost on the way.
echo 100000 >/proc/sys/net/core/netdev_max_backlog

ktap_case "60 connections in use" in_use
ktap_case "the table grows while $FLOWS connections are opened" grows
ktap_case "the connections in use stay with their servers" companions_stayed
ktap_case "no dump meanwhile had a connection twice" dumps
ktap_case "all connections are in the dump, once each" complete
ktap_case "all of them keep their servers" same_servers
ktap_case "the table shrinks when they have expired" shrinks
ktap_run
