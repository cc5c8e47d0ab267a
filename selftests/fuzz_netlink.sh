#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Requests of random content, right in structure or not: each is answered, what is right
# works afterwards as before, and the kernel has nothing to report. FUZZ_COUNT says how
# many, FUZZ_SEED which.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

COUNT=${FUZZ_COUNT:-10000}
SEED=${FUZZ_SEED:-$RANDOM}

# fuzz KIND: sends all requests of this kind; the numbers are shown in any case.
fuzz() {
	local results
	echo "seed $SEED"
	results=$(fuzzgen "$1" "$SEED" "$COUNT" |
		in_ns director python3 -S "$SELFTESTS/fuzz.py" requests)
	echo "# $1, seed $SEED: $results" >&3
}

# works: what is right is done: a service is made, used and removed. What the requests have made may have
# an owner.
works() {
	adm flush --force
	in_ns director python3 -IS "$SELFTESTS/nl.py" setup
	in_ns director python3 -IS "$SELFTESTS/nl.py" all ok
}

# nothing_left: after the last service the module can go, with everything.
nothing_left() {
	adm flush --force
	eventually 20 unload_engines
	! grep -E '^rvs_' /proc/slabinfo
}

exec 3>&1
ip netns add director
SITES+=(director)
{
	echo "link set lo up"
	echo "address add 10.9.0.1/16 dev lo"
} | ip -n director -batch -
engine rvs

for kind in netlink bytes; do
	text="$COUNT requests of the kind '$kind' are answered"
	ktap_case "$text" fuzz $kind
	ktap_case "requests that are right work after that" works
done
ktap_case "nothing is left of it" nothing_left
ktap_run
