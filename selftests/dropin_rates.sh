#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The rates that IPVS's clients see rise and fall with rvs_ipvs as they do with ip_vs: of services,
# servers and the namespace, by IPVS's formula, both within the same bound.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

follow() {
	local family status=3 left=4
	engine "$1"
	for family in 4 6; do
		add_service udp "$family" m
	done
	# A busy machine may stand still.
	while [ "$status" = 3 ] && [ "$left" -gt 0 ]; do
		left=$((left - 1)) status=0
		in_ns director python3 -IS "$SELFTESTS/rates.py" 9 8 >"$WORK/$1.rates" 2>&1 || status=$?
	done
	[ "$status" = 0 ] || echo "exit status $status" >>"$WORK/$1.rates"
	adm -C
	eventually 20 unload_engines >/dev/null 2>&1
}

shown() {
	cat "$WORK/$1.rates"
	fails grep -q '^exit status' "$WORK/$1.rates" >/dev/null
	grep -q '^[0-9]* rates in ' "$WORK/$1.rates"
}

make_site
start_servers 80
for name in ip_vs rvs_ipvs; do
	follow "$name"
	echo "# $name: $(tail -n 1 "$WORK/$name.rates")"
	ktap_case "$name: rates rise and fall by the formula" shown "$name"
done
ktap_run
