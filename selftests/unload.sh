#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module is unloaded while there are connections and traffic, again and again (as often
# as UNLOAD_ROUNDS says). Nothing of it stays behind: no memory, hook, file or netlink family.
# Limit: 300 s

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

ROUNDS=${UNLOAD_ROUNDS:-6}
MARK="unload: $EPOCHREALTIME"

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

# load: the module, with a service for each storm.
load() {
	talk close
	modprobe rvs
	adm -C
	add_service tcp 4 m 80 2 1
	add_service udp 6 m 80 2 1
}

# there: what is looked for afterwards can be found before.
there() {
	load
	same "rvs_service rvs_conn rvs_real rvs_template" "$(caches)"
	same 8 "$(hooks | wc -l)"
	family
	[ -n "$(files)" ]
}

# asked NAME: the requests of the storm `tcp` or `udp` that came to the director since met().
asked() {
	in_ns director nft list counter inet watch "asked_$1" | awk '$1 == "packets" { print $2 }'
}

# all_asked: each storm has begun three requests. It makes one after the other, and sends a
# packet twice at most, so one of them has begun and ended.
all_asked() {
	[ "$(asked tcp)" -ge 3 ] && [ "$(asked udp)" -ge 3 ]
}

# met: each storm has met what is there now, a service or none.
met() {
	in_ns director nft reset counters table inet watch >/dev/null
	eventually 60 all_asked
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
	eventually 30 rmmod rvs_rr
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

# round: the module comes, works and goes, and the storms notice.
round() {
	load
	met
	live
	unload
	met
	gone
}

# storms: the traffic has met both, a working service and none.
storms() {
	local name
	round
	for name in tcp udp; do
		TALKER=$name tell stop
		TALKER=$name hear | tee "$WORK/storm"
		grep -E '^[1-9][0-9]* [1-9][0-9]*$' "$WORK/storm"
	done
}

# quiet: the kernel had nothing to complain about since the test began.
quiet() {
	same "" "$(dmesg | awk -v mark="$MARK" 'index($0, mark) { seen = 1; next }
		seen && /rvs|WARNING|BUG|Call Trace|slab|refcount/ && !/taint/')"
}

# forced: unloading with services in place is refused, and they go on.
forced() {
	load
	fails rmmod rvs
	fails rmmod rvs_rr
	live
	unload
	gone
}

make_site '' 2
start_servers 80 server1 server2
start_client client tcp
start_client client udp
start_client
ADM=rvsadm
echo "$MARK" >/dev/kmsg
in_ns director nft -f - <<-END
	table inet watch {
		counter asked_tcp { }
		counter asked_udp { }
		chain input {
			type filter hook input priority 0
			ip daddr $VIP4 tcp flags & (syn | ack) == syn counter name asked_tcp
			ip6 daddr $VIP6 meta l4proto udp counter name asked_udp
		}
	}
END
# What was on its way when the module went may be lost, and the next must not wait for it.
TALKER=tcp talk patience 2 >/dev/null
TALKER=udp talk patience 2 >/dev/null
TALKER=tcp tell storm tcp "$VIP4" 80
TALKER=udp tell storm udp "$VIP6" 80

ktap_case "its caches, hooks, files and netlink family are there" there
for ((number = 1; number <= ROUNDS; number++)); do
	ktap_case "unloaded with live connections and under traffic, round $number" round
	[ $((number % 3)) != 0 ] || ktap_case "no file, hook or symbol is left" traces
done
ktap_case "the traffic met both, a working service and none" storms
ktap_case "with services in place unloading is refused" forced
ktap_case "the kernel log is clean" quiet
ktap_run
