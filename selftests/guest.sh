#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs tests one after the other inside the virtual machine, as nested KTAP. Each
# begins with no engine loaded; one that leaves something behind fails for it.
#
# usage: /selftests/guest.sh NAME...

set -uo pipefail

cd "$(dirname "$0")" || exit
LIMIT=180

# clean_up: what a test that ended badly may have left; succeeds if nothing was.
clean_up() {
	local name left=0
	while read -r name _; do
		echo "namespace $name was left behind"
		ip netns del "$name"
		left=1
	done < <(ip netns list)
	# Namespaces end in the background, and with them what uses a scheduler.
	until unload 2>/dev/null || [ $((SECONDS - began)) -gt "$LIMIT" ]; do
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

echo "KTAP version 1"
echo "1..$#"
number=0 status=0
for name in "$@"; do
	number=$((number + 1)) began=$SECONDS
	echo "# $name"
	timeout -k 5 "$LIMIT" "./$name.sh" </dev/null | sed 's/^/    /'
	result=${PIPESTATUS[0]}
	[ "$result" != 124 ] || echo "# did not end within $LIMIT seconds"
	clean_up | sed 's/^/# /'
	[ "${PIPESTATUS[0]}" = 0 ] || result=1
	[ "$result" = 0 ] || status=1
	[ "$result" = 0 ] && echo -n "ok" || echo -n "not ok"
	echo " $number $name # $((SECONDS - began)) s"
done
exit "$status"
