#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs tests one after the other inside the virtual machine, as nested KTAP. Each
# begins with no engine loaded; one that leaves something behind fails for it: a
# namespace, a module, or (where the kernel can tell) memory that nobody points to.
#
# A line `# Limit: 300 s` at the head of a test gives it another time than 180 s, and
# all have four times as much on a kernel with detectors. The kernel's log has a line
# `selftest: NAME` where each begins, so that its complaints can be put to one.
#
# usage: /selftests/guest.sh NAME...

set -uo pipefail

cd "$(dirname "$0")" || exit
LEAKS=/sys/kernel/debug/kmemleak

# limit NAME: how many seconds a test may take.
limit() {
	local seconds
	seconds=$(sed -nE '1,/^$/ s/^# Limit: ([0-9]+) s$/\1/p' "$1.sh" | head -n 1)
	seconds=${seconds:-180}
	[ ! -e "$LEAKS" ] || seconds=$((seconds * 4))
	echo "$seconds"
}

# clean_up LIMIT: what a test that ended badly may have left; succeeds if nothing was.
clean_up() {
	local name left=0
	while read -r name _; do
		echo "namespace $name was left behind"
		ip netns del "$name"
		left=1
	done < <(ip netns list)
	rm -f /etc/modprobe.d/rvs.conf
	# Namespaces end in the background, and with them what uses a scheduler.
	until unload 2>/dev/null || [ $((SECONDS - began)) -gt "$1" ]; do
		sleep 0.2
	done
	unload || left=1
	return "$left"
}

# unload: unloads both engines; succeeds if they are gone.
unload() {
	local name
	while read -r name _; do
		case $name in
		rvs_* | ip_vs_*) rmmod "$name" ;;
		esac
	done </proc/modules
	for name in rvs ip_vs; do
		[ ! -d "/sys/module/$name" ] || rmmod "$name" || return 1
	done
}

# no_leaks: nothing that was allocated is out of reach. kmemleak trusts nothing younger than
# five seconds, and calls an object lost when two scans in a row found no pointer to it.
no_leaks() {
	[ -e "$LEAKS" ] || return 0
	sleep 6
	echo scan >"$LEAKS"
	echo scan >"$LEAKS"
	! grep . "$LEAKS"
}

# one NAME: a test, and what it left; the status is its own.
one() {
	local seconds began=$SECONDS result
	seconds=$(limit "$1")
	echo "selftest: $1" >/dev/kmsg
	timeout -k 5 "$seconds" "./$1.sh" </dev/null | sed 's/^/    /'
	result=${PIPESTATUS[0]}
	[ "$result" != 124 ] || echo "# did not end within $seconds seconds"
	clean_up $((seconds + 60)) | sed 's/^/# /'
	[ "${PIPESTATUS[0]}" = 0 ] || result=1
	no_leaks | sed 's/^/# /'
	[ "${PIPESTATUS[0]}" = 0 ] || result=1
	return "$result"
}

echo "KTAP version 1"
echo "1..$#"
number=0 status=0
for name in "$@"; do
	number=$((number + 1)) began=$SECONDS
	echo "# $name"
	if one "$name"; then
		echo -n "ok"
	else
		status=1
		echo -n "not ok"
	fi
	echo " $number $name # $((SECONDS - began)) s"
done
exit "$status"
