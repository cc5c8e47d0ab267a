#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# At its limits - a flood of SYNs from random sources, no more connections allowed, memory low - the
# director refuses new connections and says how many. A download that goes on meanwhile loses no byte,
# and all memory comes back.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

UNLIMITED=1073741824
MEGABYTES=16

# connections: how many there are.
connections() {
	adm info | awk '$1 == "connections:" { print $2 }'
}

# objects: how many objects the slab caches of rvs hold for connections and templates.
objects() {
	local cache
	for cache in rvs_conn rvs_template; do
		[ ! -e "/sys/kernel/slab/$cache/shrink" ] || echo 1 >"/sys/kernel/slab/$cache/shrink"
	done
	awk '/^rvs_(conn|template) / { n += $2 } END { print n + 0 }' /proc/slabinfo
}

# nothing_held: no connection, and no memory of one.
nothing_held() {
	[ "$(connections)" = 0 ] && [ "$(objects)" = 0 ]
}

# during FAMILY COMMAND...: a download goes on while COMMAND does its worst, and a kept connection
# echoes what is sent.
during() {
	local begun first status=0 servers
	servers=$(talk open tcp "$(vip "$1")" 81 3)
	begun=$(TALKER=load$1 talk begin)
	same $((MEGABYTES << 20)) "$begun"
	"${@:2}" "$1" || status=$?
	# It goes on, and is not over.
	first=$(TALKER=load$1 talk count)
	talk size 100000
	same "$servers" "$(talk say)"
	talk size 32
	advances() { [ "$(TALKER=load$1 talk count)" -gt "$first" ]; }
	[ "$first" -ge $((MEGABYTES << 19)) ] || eventually 20 advances "$1"
	calm "$1"
	same "$((MEGABYTES << 20)) $SUM" "$(TALKER=load$1 talk finish)"
	same "$servers" "$(talk say)"
	talk close
	return "$status"
}

# calm FAMILY: the end of whatever was done.
calm() {
	if [ -e "$WORK/flood$1" ]; then
		TALKER=flood$1 talk stop >"$WORK/sent$1"
		rm "$WORK/flood$1"
	fi
	talk patience 5
	knob conn_max "$UNLIMITED"
	umount "$WORK/full" 2>/dev/null || true
	for name in drop_packet drop_entry secure_tcp; do
		knob "$name" 0
	done
	knob amemthresh 1024
	adm config set --timeout syn-recv=2
}

flood() {
	touch "$WORK/flood$1"
	TALKER=flood$1 tell storm
}

# more REASON COUNT: whether so many packets were dropped for that reason since it was noted.
note() {
	drops "$1" >"$WORK/drops-$1"
}

more() {
	[ "$(drops "$1")" -gt $(($(cat "$WORK/drops-$1") + $2)) ]
}

# shut FAMILY: a new connection is refused.
shut() {
	talk patience 0.6
	same timeout "$(talk get tcp "$(vip "$1")" 81)"
	same timeout "$(talk get udp "$(vip "$1")" 81)"
}

# flooded FAMILY: as many half-open connections as are allowed, none of which ends until `calm`, and still they come.
flooded() {
	note conn-limit
	adm config set --timeout syn-recv=300
	knob conn_max $(($(connections) + 2000))
	flood "$1"
	eventually 60 more conn-limit 1000
	shut "$1"
}

# full FAMILY: not one connection more is allowed; nobody is thrown out. Whatever ends while this is set leaves
# more of them than one: those that go on.
full() {
	note conn-limit
	knob conn_max 1
	shut "$1"
	more conn-limit 1
}

# defended FAMILY: memory is low, with a flood: new connections are refused, half-open ones are given
# up, and TCP connections are believed in only when their servers have answered.
defended() {
	local available
	note defense
	for name in drop_packet drop_entry secure_tcp; do
		knob "$name" 1
	done
	available=$(awk '/^MemAvailable:/ { print int($2 / 4) }' /proc/meminfo)
	knob amemthresh $((available - (64 << 8)))
	mkdir -p "$WORK/full"
	mount -t tmpfs -o size=1g none "$WORK/full"
	head -c 192M /dev/zero >"$WORK/full/file"
	on_alert() { [ "$(knob drop_packet)" = 2 ]; }
	eventually 20 on_alert
	flood "$1"
	eventually 60 more defense 500
}

# counts REASON FAMILY: for the record.
counts() {
	local now
	now=$(drops "$1")
	echo "# IPv$2: ${3:+$(cat "$3") SYNs were sent, }$((now - $(cat "$WORK/drops-$1"))) packets" \
		"dropped for $1, $(connections) connections" >&3
}

# case_of KIND FAMILY REASON
case_of() {
	during "$2" "$1"
	if [ "$1" = full ]; then counts "$3" "$2"; else counts "$3" "$2" "$WORK/sent$2"; fi
	# Whoever comes now is served.
	[[ $(talk get tcp "$(vip "$2")" 81) == server? ]]
	[[ $(talk get udp "$(vip "$2")" 81) == server? ]]
	eventually 60 nothing_held
}

# charged: what somebody configures counts as memory of theirs, so that their control group bounds it.
charged() {
	local group=/sys/fs/cgroup/rvs-limits before after number
	[ -e /sys/fs/cgroup/cgroup.subtree_control ] &&
		grep -qw memory /sys/fs/cgroup/cgroup.controllers || ktap_skip "no memory control groups"
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p "$group"
	ip netns add greedy
	SITES+=(greedy)
	addresses lo | ip -n greedy -batch -
	ip -n greedy address add 10.0.0.1/24 dev lo
	for number in {1..400}; do
		echo "-A -t 10.0.0.1:$number -s rr"
		echo "-a -t 10.0.0.1:$number -r 10.0.0.2:$number -m"
	done >"$WORK/rules"
	kernel_memory() { awk '$1 == "kernel" { print $2 }' "$group/memory.stat"; }
	before=$(kernel_memory)
	# shellcheck disable=SC2016 # The arguments of that shell.
	in_ns greedy bash -c 'echo $$ >"$1/cgroup.procs" && exec rvsadm -R <"$2"' - "$group" "$WORK/rules"
	after=$(kernel_memory)
	echo "# 400 services with a server each: $(((after - before) / 1024)) kB are charged" >&3
	[ $((after - before)) -gt $((400 * 500)) ]
	ip netns del greedy
	returned() { [ "$(kernel_memory)" -lt $((before + (after - before) / 4)) ]; }
	eventually 30 returned
	rmdir "$group"
}

exec 3>&1
make_site
start_http server1 server2 server3
head -c $((MEGABYTES << 20)) /dev/urandom >"$WORK/data"
SUM=$(sha256sum "$WORK/data" | cut -d ' ' -f 1)
for name in server1 server2 server3; do
	ln "$WORK/data" "$WORK/http-$name/root/data"
done
start_servers 81
MAC=$(ip -n director -o link show net | sed 's:.*link/ether \([^ ]*\).*:\1:')
for family in 4 6; do
	start_talker load$family in_ns client python3 -IS "$SELFTESTS/limits.py" "$(vip $family)" 80 /data
	start_talker flood$family in_ns client python3 -IS "$SELFTESTS/flood.py" \
		net "$MAC" "$(vip $family)" 81
done
start_client
engine rvs
# What the flood asks for leads nowhere, and half-open connections end soon.
in_ns director nft -f - <<-END
	table inet quiet { chain forward { type filter hook forward priority 0;
		ip daddr 10.1.0.0/16 drop; ip6 daddr 2001:db8:f::/64 drop; }; }
END
for state in syn-recv synack fin-wait time-wait close last-ack close-wait udp; do
	adm config set --timeout $state=2
done
for family in 4 6; do
	add_service tcp $family m 80
	add_service tcp $family m 81
	add_service udp $family m 81
done

for family in 4 6; do
	text="IPv$family"
	ktap_case "$text: a flood of SYNs fills the table" case_of flooded $family conn-limit
	ktap_case "$text: no more connections are allowed" case_of full $family conn-limit
	ktap_case "$text: memory is low, and a flood comes" case_of defended $family defense
done
ktap_case "what is configured is charged to a control group" charged
ktap_run
