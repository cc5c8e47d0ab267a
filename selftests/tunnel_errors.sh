#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ICMP errors about packets in a tunnel come to the director; the client is told what they
# mean for its own packet: from the virtual address, quoting what it sent, with the MTU less what
# the tunnel adds. Tunnel and packet are of the same family or not.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# use KIND OUTER INNER: a service with server 1 at the end of such a tunnel. The routes to it
# have no MTU of their own yet.
use() {
	local endpoint options
	read -ra options < <(tunnel_options "$1")
	adm -C
	in_ns director ip route flush cache
	in_ns director ip -6 route flush cache
	endpoint=$(at "$(vip "$3")" 80)
	adm -A -u "$endpoint" -s rr
	adm -a -u "$endpoint" -r "$(real "$2" 1 80)" "${options[@]}"
}

make_site
engine "$RVS_ENGINE"
silence client server1
start_talker wire python3 -IS "$SELFTESTS/tunnel_errors.py"
for kind in ipip gre gre-csum gue gue-csum; do
	for outer in 4 6; do
		for inner in 4 6; do
			# Beyond IPv4 in IPv4 ip_vs tells nobody.
			[ "$RVS_ENGINE" = rvs ] || [ $outer$inner = 44 ] || continue
			text="$kind, IPv$inner in IPv$outer"
			args=("$kind" "$outer" "$inner")
			ktap_case "$text: a service" use "${args[@]}"
			ktap_case "$text: other errors" says ok other "${args[@]}"
			ktap_case "$text: errors that help nobody" says ok useless "${args[@]}"
			[ $inner = 6 ] ||
				ktap_case "$text: too big, but it may be split" says ok may_split "${args[@]}"
			ktap_case "$text: a service again" use "${args[@]}"
			ktap_case "$text: too big" says ok too_big "${args[@]}"
		done
	done
done
ktap_run
