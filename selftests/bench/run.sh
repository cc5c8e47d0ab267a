#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Counts what packets and connections cost, rvs beside ip_vs, in virtual machines whose
# clock counts instructions. Prints a table and leaves build/bench/NAME.json.
#
# usage: selftests/bench/run.sh quick|full|SET [--guard] [--keep]
#     SET: quick, fast, forwarding, schedulers, scale, sockets, control (see guest.py); full is
#     all but the first two
#     --guard: fails when a figure is above its target, or 1 % above the record; the quick set is
#     measured three times before it fails, and the median counts
#     --keep: writes the record, Documentation/performance/record.json

set -euo pipefail

cd "$(dirname "$0")/../.."
. tools/lib/common.sh

name=${1:-full}
case $name in
full) sets=(forwarding schedulers scale sockets control) ;;
quick | fast | forwarding | schedulers | scale | sockets | control) sets=("$name") ;;
*) die "unknown set: $name" ;;
esac

out=build/bench
record=Documentation/performance/record.json
mkdir -p "$out"
began=$SECONDS
: >"$out/$name.records"

# measure: adds what a run measures to the records.
measure() {
	local set
	for set in "${sets[@]}"; do
		# Four gigabytes and separate caches, for the figures of memory.
		# shellcheck disable=SC2016 # The argument of that shell.
		tools/vm run --icount --memory 4G --append slab_nomerge --timeout 3600 -- \
			sh -c 'uname -r >&2; exec python3 /selftests/bench/guest.py "$1"' sh "$set" \
			>>"$out/$name.records" 2>"$out/$name.errors" ||
			{ cat "$out/$name.errors" >&2; die "the benchmark '$set' failed"; }
	done
	kernel=$(head -n 1 "$out/$name.errors")
}

# report ARGUMENT...: makes the table and the JSON of the records.
report() {
	tools/buildroot python3 selftests/bench/report.py --json "$out/$name.json" --record "$record" "$@" \
		"date=$(date +%F)" "kernel=$kernel" "commit=$commit" \
		"inlined helpers=$([ -e "build/modules/$kernel/rvs/kernel_helpers.ll" ] && echo yes || echo no)" \
		<"$out/$name.records"
}

commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
git diff --quiet HEAD 2>/dev/null || commit+=", changed"
measure
if ! report "${@:2}"; then
	[ "$name" = quick ] || exit 1
	# The figures of single runs differ by more than some are below their target.
	echo "measured twice more; the medians of the three runs:"
	measure
	measure
	report "${@:2}"
fi
echo "kernel $kernel, commit $commit, $((SECONDS - began)) seconds; also in $out/$name.json"
if [ "$name" != quick ] && [ "$name" != fast ]; then
	tools/buildroot python3 selftests/bench/plot.py "$out/$name.json" "$out/$name.svg"
fi
