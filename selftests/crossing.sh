#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server at a loopback address of the director serves clients on the director, but nothing
# from the network is translated to it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

loopback() {
	case $1 in
	4) echo 127.0.0.1 ;;
	6) echo ::1 ;;
	esac
}

# use PROTOCOL FAMILY
use() {
	local service
	service=$(at "$(vip "$2")" 80)
	adm -C
	adm -A "-${1:0:1}" "$service" -s rr
	adm -a "-${1:0:1}" "$service" -r "$(at "$(loopback "$2")" 81)" -m
}

# crossed: how many packets were dropped for it.
crossed() {
	adm info | awk '$1 == "crossing" { print $2; found = 1 } END { if (!found) print 0 }'
}

# refused PROTOCOL FAMILY
refused() {
	local before=0 after=1
	[ "$RVS_ENGINE" != rvs ] || before=$(crossed)
	same timeout "$(talk get "$1" "$(vip "$2")" 80)"
	[ "$RVS_ENGINE" != rvs ] || after=$(crossed)
	[ "$after" -gt "$before" ]
}

allowed() {
	same director "$(TALKER=here talk get "$1" "$(vip "$2")" 80)"
}

make_site '' 1
SERVE=serve-routed start_servers 81 director
start_client director here
start_client
engine "$RVS_ENGINE"
talk patience 1 >/dev/null
for family in 4 6; do
	for proto in tcp udp; do
		ktap_case "$proto over IPv$family: a service" use $proto $family
		ktap_case "$proto over IPv$family: a client on the director is served" allowed $proto $family
		ktap_case "$proto over IPv$family: a client elsewhere is not" refused $proto $family
	done
done
ktap_run
