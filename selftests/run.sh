#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the selftests in virtual machines: all of them in two at a time, or those that
# are named in one. KERNEL= chooses another kernel, see tools/vm.
#
# usage: selftests/run.sh [NAME...]

set -euo pipefail

cd "$(dirname "$0")"
TOP=$(cd .. && pwd)
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT

# all_tests: the names of the scripts that are tests, the longest first.
all_tests() {
	local name long='resize unload forwarding netlink_errors expiry counters unload_race'
	for name in $long; do
		[ ! -x "$name.sh" ] || echo "$name"
	done
	for name in *.sh; do
		name=${name%.sh}
		case $name in
		ktap | lib | run | guest) ;;
		*) [[ " $long " == *" $name "* ]] || echo "$name" ;;
		esac
	done
}

# machine LOG NAME...: runs tests in a machine of their own.
machine() {
	local log=$1 status=0
	shift
	"$TOP/tools/vm" run --timeout 1500 -- /selftests/guest.sh "$@" >"$log" 2>&1 || status=$?
	# A bug of QEMU, see tools/guest/qemu.sh, and nothing that rvs can cause.
	if [ "$status" = 125 ] && grep -q 'Oops: int3:' "$log"; then
		echo "# the emulator failed (int3 after patching of code): once more"
		status=0
		"$TOP/tools/vm" run --timeout 1500 -- /selftests/guest.sh "$@" >"$log" 2>&1 ||
			status=$?
	fi
	[ "$status" = 0 ] || [ "$status" = 1 ] ||
		echo "not ok 0 the machine ended with status $status" >>"$log"
	return "$status"
}

# totals LOG...: the results of the single cases, and of tests that had none.
totals() {
	cat "$@" | awk '
		/^    not ok/ { failed++; inner = 1; next }
		/^    ok .*# SKIP/ { skipped++; next }
		/^    ok/ { passed++; next }
		/^# / && !/^# did/ { inner = 0 }
		/^not ok/ { if (!inner) failed++; inner = 0 }
		END {
			printf "# Totals: pass:%d fail:%d skip:%d\n", passed, failed, skipped
			exit failed > 0 || passed == 0
		}'
}

status=0
if [ $# -gt 0 ]; then
	machine >(tee "$OUT/1") "$@" || status=1
	wait
	: >"$OUT/2"
else
	mapfile -t tests < <(all_tests)
	first=() second=()
	for index in "${!tests[@]}"; do
		case $((index % 2)) in
		0) first+=("${tests[index]}") ;;
		1) second+=("${tests[index]}") ;;
		esac
	done
	machine "$OUT/2" "${second[@]}" &
	other=$!
	# The log of the first is shown as it grows, that of the second when it is complete.
	touch "$OUT/1"
	tail -n +1 -f --pid=$$ "$OUT/1" &
	shower=$!
	machine "$OUT/1" "${first[@]}" || status=1
	sleep 0.2
	kill "$shower"
	wait "$other" || status=1
	cat "$OUT/2"
fi
totals "$OUT/1" "$OUT/2" || status=1
exit "$status"
