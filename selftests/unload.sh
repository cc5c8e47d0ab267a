#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module is unloaded while there are connections and traffic, 20 times. Nothing
# of it stays behind: no memory, hook, file or netlink family.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

ROUNDS=20

# caches: the slab caches of rvs. The kernel must run with slab_nomerge: merged caches
# have no names. Objects left in a cache that goes are reported in the kernel log.
caches() {
	awk '/^rvs/ { names = names " " $1 } END { print substr(names, 2) }' /proc/slabinfo
}

# files: whatever in /proc and /sys is named after rvs. Each namespace has its own part.
files() {
	in_ns director find /proc/net/ /proc/sys/net /proc/fs /sys/module -maxdepth 3 \
		-name '*rvs*' 2>/dev/null || true
}

hooks() {
	in_ns director nft list hooks 2>/dev/null | grep rvs || true
}

# family: succeeds if the kernel knows the netlink family.
family() {
	[ "$(genl ctrl list | grep -c '^Name: rvs$')" = 1 ]
}

load() {
	modprobe rvs
	adm -C
	add_service tcp 4 m 80 2 1
	add_service udp 6 m 80 2 1
}

# there: what is looked for afterwards can be found before.
there() {
	load
	same "rvs_service rvs_conn" "$(caches)"
	same 8 "$(hooks | wc -l)"
	family
	[ -n "$(files)" ]
}

# live: new connections work, and those that are open.
live() {
	local servers
	servers="$(talk open tcp "$VIP4" 80 3) $(talk open udp "$VIP6" 80 3)"
	same 6 "$(tr ' ' '\n' <<<"$servers" | grep -c '^server[12]$')"
	same "$servers" "$(talk say)"
	[ "$(adm -L -n -c | grep -c -E '^(TCP|UDP)')" -ge 6 ]
}

# unload: services go first, as they hold their scheduler; connections are left.
unload() {
	adm -C
	[ "$(adm -L -n -c | grep -c -E '^(TCP|UDP)')" -ge 6 ]
	eventually 5 rmmod rvs_rr
	rmmod rvs
}

gone() {
	same "" "$(caches)"
	modules_gone
	fails family
}

# traces: the slower part of gone().
traces() {
	same "" "$(files)"
	same "" "$(hooks)"
	same "" "$(grep -o '\[rvs[^ ]*\]' /proc/kallsyms | sort -u)"
}

# round NUMBER
round() {
	load
	live
	unload
	gone
	talk close
}

# storms: the traffic of all rounds has met both, a working service and none.
storms() {
	local name
	for name in tcp udp; do
		TALKER=$name tell stop
		TALKER=$name hear | tee "$WORK/storm"
		grep -E '^[1-9][0-9]* [1-9][0-9]*$' "$WORK/storm"
	done
}

# quiet: the kernel had nothing to complain about since the test began.
quiet() {
	same "" "$(dmesg | tail -n "+$((MESSAGES + 1))" |
		grep -E 'rvs|WARNING|BUG|Call Trace|slab|refcount' | grep -vE 'taint' || true)"
}

# forced: unloading with services in place is refused, and they go on.
forced() {
	load
	fails rmmod rvs
	fails rmmod rvs_rr
	live
	talk close
	unload
	gone
}

make_site '' 2
start_servers 80 server1 server2
start_client client tcp
start_client client udp
start_client
ADM=rvsadm
MESSAGES=$(dmesg | wc -l)
TALKER=tcp tell storm tcp "$VIP4" 80
TALKER=udp tell storm udp "$VIP6" 80

ktap_case "its caches, hooks, files and netlink family are there" there
for ((number = 1; number <= ROUNDS; number++)); do
	ktap_case "unloaded with live connections and under traffic, round $number" round
	[ $((number % 10)) != 0 ] || ktap_case "no file, hook or symbol is left" traces
done
ktap_case "the traffic met both, a working service and none" storms
ktap_case "with services in place unloading is refused" forced
ktap_case "the kernel log is clean" quiet
ktap_run
