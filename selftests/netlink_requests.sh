#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Requests that the netlink family accepts: what they set is what is shown then, up to
# the limits of each value.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

nl() {
	in_ns director python3 -IS "$SELFTESTS/nl.py" "$@"
}

# accepted COMMAND CHANGES [VALUES]: a case for nl.py; VALUES are in the answer.
accepted() {
	echo "$1|$2|ok||${3:-}"
}

defaults() {
	accepted dest-new 'dest.addr=192.168.0.14 -dest.method -dest.weight'
	accepted dest-get dest.addr=192.168.0.14 'dest.method=3 dest.weight=1'
}

# What a request does not name stays.
partial_changes() {
	accepted dest-set 'dest.method=3 -dest.weight'
	accepted dest-get '' 'dest.method=3 dest.weight=7'
	accepted dest-set '-dest.method dest.weight=8'
	accepted dest-get '' 'dest.method=3 dest.weight=8'
	accepted dest-set '-dest.method -dest.weight'
	accepted dest-get '' 'dest.method=3 dest.weight=8'
	accepted config-set 'config.timeout-udp=77'
	accepted config-set 'config.timeout-tcp-fin=66 -config.timeout-tcp'
	accepted config-set '-config.timeout-tcp'
	accepted config-get '' \
		'config.timeout-tcp=900 config.timeout-tcp-fin=66 config.timeout-udp=77'
}

limits() {
	local value name
	for value in 0 2147483647; do
		accepted dest-set "dest.weight=$value"
		accepted dest-get '' "dest.weight=$value"
	done
	for value in 1 65535; do
		accepted service-new "service.port=$value"
		accepted service-get "service.port=$value" "service.port=$value service.scheduler=rr"
		accepted dest-new "service.port=$value dest.port=$value"
		accepted dest-get "service.port=$value dest.addr=192.168.0.13 dest.port=$value" \
			"dest.port=$value dest.method=0"
		accepted service-del "service.port=$value"
	done
	for name in timeout-tcp timeout-tcp-fin timeout-udp; do
		for value in 1 2678400; do
			accepted config-set "config.$name=$value"
			accepted config-get '' "config.$name=$value"
		done
	done
}

counts() {
	accepted service-get '' service.dests=3
	accepted info-get '' 'info.services=2 info.dests=4 info.conns=0'
	accepted dest-del dest.addr=192.168.0.14
	accepted info-get '' 'info.services=2 info.dests=3 info.conns=0'
	accepted service-del ''
	accepted info-get '' 'info.services=1 info.dests=1 info.conns=0'
	accepted flush ''
	accepted info-get '' 'info.services=0 info.dests=0 info.conns=0'
}

# succeeds CASES: runs the cases that a function prints.
succeeds() {
	"$1" | nl try
}

ip netns add director
SITES+=(director)
ip -n director link set lo up
engine rvs
nl setup

ktap_case 'a server has method direct and weight 1 unless something else is given' \
	succeeds defaults
ktap_case 'changes keep what they do not name' succeeds partial_changes
ktap_case 'the least and the greatest values' succeeds limits
ktap_case 'the numbers of objects follow' succeeds counts
ktap_run
