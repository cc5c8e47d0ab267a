#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Memory runs out: each allocation of loading, of each request, of transactions, of a new namespace and of a
# packet fails once, and any of a stream of packets. What is refused has changed nothing, what
# is dropped has a reason, and afterwards all works. Needs a kernel that can let allocations
# fail (the debug kernel).
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

FAILSLAB=/sys/kernel/debug/failslab

# failslab ATTRIBUTE=VALUE...
failslab() {
	local setting
	for setting in "$@"; do
		echo "${setting#*=}" >"$FAILSLAB/${setting%%=*}"
	done
}

# symbol NAME: where a function of the kernel begins, and where the next symbol does.
symbol() {
	sort /proc/kallsyms | awk -v name="$1" '
		found && $1 != found && !next_one { next_one = $1 }
		$3 == name { found = $1 }
		END { print "0x" found, "0x" next_one }'
}

# able: skips the case if nothing can be made to fail.
able() {
	[ -d "$FAILSLAB" ] && [ -e "$FAILSLAB/require-start" ] ||
		ktap_skip "this kernel cannot let allocations fail"
}

# prepare: no other kind of fault happens, and no failure for which a detector of the kernel
# itself would complain.
prepare() {
	local kind reject
	for kind in /sys/kernel/debug/*/require-start; do
		echo 1 >"$kind"
		echo 0 >"${kind%/*}/stacktrace-depth"
	done
	read -ra reject < <(symbol ref_tracker_alloc)
	failslab ignore-gfp-wait=N verbose=0 probability=0 times=-1 stacktrace-depth=32 \
		reject-start="${reject[0]}" reject-end="${reject[1]}"
}

# of_module: only allocations below the functions of the module fail.
of_module() {
	local size start
	read -r size start < <(awk '$1 == "rvs" { print $2, $6 }' /proc/modules)
	failslab require-start="$start" require-end="$(printf '0x%x' $((start + size)))"
}

# with_faults KIND ARGUMENT...: faults.py in the director.
with_faults() {
	local status=0
	able
	in_ns director python3 -S "$SELFTESTS/faults.py" "$@" >"$WORK/faults" 2>"$WORK/bad" || status=1
	echo "# $1: $(cat "$WORK/faults")" >&3
	cat "$WORK/bad"
	return "$status"
}

# loading MODULE: it is not loaded while an allocation fails, unless it can do without, and loads
# at last.
loading() {
	local number range overcome=0
	read -ra range < <(symbol do_one_initcall)
	failslab require-start="${range[0]}" require-end="${range[1]}"
	for number in {1..500}; do
		failslab times=1
		# shellcheck disable=SC2016 # The arguments of that shell.
		! bash -c 'echo "$1" >/proc/thread-self/fail-nth && exec modprobe "$2"' - "$number" "$1" \
			2>/dev/null || overcome=$((overcome + 1))
		[ "$(cat "$FAILSLAB/times")" = 0 ] || break
		rmmod "$1" 2>/dev/null || true
		[ ! -d "/sys/module/$1" ]
	done
	failslab times=-1
	echo "# loading $1: $((number - 1)) faults, $((overcome - 1)) of them overcome" >&3
	[ "$number" -gt 1 ] && [ "$number" -lt 500 ]
	[ -d "/sys/module/$1" ]
}

# loaded: what came of loading.
loaded() {
	able
	cat "$WORK/loading"
	[ -e "$WORK/loaded" ]
}

# use METHOD [SCHEDULER [OPTION...]]: services of both families at port 81.
use() {
	local family number
	adm -C
	for family in 4 6; do
		adm -A -u "$(at "$(vip "$family")" 81)" -s "${2:-rr}" "${@:3}"
		for number in 3 2 1; do
			# shellcheck disable=SC2046 # Several options.
			adm -a -u "$(at "$(vip "$family")" 81)" -r "$(real "$family" "$number" 81)" \
				$([ "$1" = i ] && tunnel_options ipip || echo "-$1")
		done
	done
	if [ "$1" = m ]; then replies_through director; else replies_through client; fi
}

# packets METHOD [SCHEDULER [OPTION...]]: those that are sent here; each is answered or counted as dropped.
packets() {
	able
	use "$@"
	with_faults packets "$VIP4" "$VIP6"
}

# tunnel_ends FAMILY: at the servers.
tunnel_ends() {
	local number
	for number in 1 2 3; do
		tunnel_end "server$number" ipip "$1" "$1"
	done
}

# all_drops: how many packets were dropped for any reason.
all_drops() {
	adm info --json | python3 -c 'import json, sys
print(sum(json.load(sys.stdin).get("drops", {}).values()))'
}

# stream METHOD FAMILY: packets from outside, of which every fourth allocation fails: whoever is
# not answered was dropped for a reason.
stream() {
	local before after answers lost
	able
	use "$1"
	[ "$1" != i ] || tunnel_ends "$2"
	talk patience 0.5
	before=$(all_drops)
	failslab probability=25
	answers=$(for _ in {1..60}; do talk get udp "$(vip "$2")" 81; done | sort | uniq -c | xargs)
	failslab probability=0
	after=$(all_drops)
	talk patience 5
	echo "# IPv$2, method $1, a quarter of the allocations failed: $answers; dropped: $((after - before))" >&3
	[ "$after" -gt "$before" ]
	lost=$(grep -oE '[0-9]+ timeout' <<<"$answers" | cut -d ' ' -f 1)
	[ "$((after - before))" -ge "${lost:-0}" ]
	same 3 "$(talk get udp "$(vip "$2")" 81 3 | tr ' ' '\n' | grep -c '^server')"
}

# works: as if nothing had been.
works() {
	local family
	use m
	for family in 4 6; do
		same "server1 server2 server3" "$(talk get udp "$(vip "$family")" 81 3)"
	done
}

nothing_left() {
	adm -C
	eventually 30 unload_engines
	! grep -E '^rvs_' /proc/slabinfo
}

exec 3>&1
# While there is no other namespace, each of which is a dozen allocations more.
if [ -d "$FAILSLAB" ]; then
	(prepare)
	! (set -e; unload_engines && loading rvs && loading rvs_rr) >"$WORK/loading" 2>&1 ||
		touch "$WORK/loaded"
fi
make_site
SERVE=serve-routed start_servers 81
start_client
engine rvs
modprobe -a rvs_{rr,wrr,lc,wlc,sed,nq,sh,mh,dh,lblc,lblcr,fo,ovf,twos,p2c,ewma}
[ ! -d "$FAILSLAB" ] || of_module

ktap_case "each allocation of loading" loaded
ktap_case "each allocation of each request" with_faults requests
ktap_case "each allocation of each transaction" with_faults transactions
ktap_case "requests work after that" works
ktap_case "each allocation for a new namespace" with_faults namespaces
ktap_case "each allocation of a packet, NAT" packets m
ktap_case "each allocation of a packet, persistent" packets m rr -p 60
ktap_case "each allocation of a packet, source hashing" packets m sh
for family in 4 6; do
	for method in m g i; do
		ktap_case "IPv$family, method $method: packets while a quarter of the allocations fails" \
			stream $method $family
	done
done
ktap_case "packets are answered after that" works
ktap_case "nothing is left of it" nothing_left
ktap_run
