#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What ip_vs's own clients see of counters is with rvs_ipvs what it is with ip_vs, over every way
# to a server; and what those see that use the socket options.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/oracle/lib.sh
. "$SELFTESTS/oracle/lib.sh"

# shellcheck source=selftests/oracle/traffic.sh
. "$SELFTESTS/oracle/traffic.sh"

scenario_udp_and_counters() {
	local family conns=0
	replies_through director
	for family in 4 6; do
		service udp "$family" 80 m
		service udp "$family" 82 g
	done
	for family in 4 6; do
		talk get udp "$(vip "$family")" 80 7
		conns=$((conns + 7))
	done
	replies_through client
	for family in 4 6; do
		talk get udp "$(vip "$family")" 82 5
		conns=$((conns + 5))
	done
	settle "$conns"
	figures
	look
	run ipvsadm -Ln --stats -u "$VIP4:80"
	run ipvsadm -Z -u "$VIP4:80"
	run ipvsadm -Ln --stats --exact
	run ipvsadm -Z
	settle 0
	figures
	talk get udp "$VIP4" 82 3
	settle 3
	figures
	# No server: the client is told.
	quiet ipvsadm -A -u "$VIP4:99" -s rr
	talk get udp "$VIP4" 99
	run ipvsadm -D -u "$VIP4:82"
	figures
}

scenario_rates() {
	replies_through director
	service udp 4 80 m
	TALKER=storm tell storm udp "$VIP4" 80
	# What the numbers are is for another test.
	# shellcheck disable=SC2016
	eventually 20 in_ns director bash -c \
		'ipvsadm -Ln --rate | awk '\''$1 == "->" && $3 && $4 && $5 && $6 && $7 { n++ } END { exit n < 3 }'\'
	echo "status $?"
	eventually 20 in_ns director bash -c 'tail -n 1 /proc/net/ip_vs_stats | grep -qv " 0 "'
	echo "status $?"
	TALKER=storm talk stop >/dev/null
}

scenario_one_packet() {
	local family conns=0
	replies_through client
	for family in 4 6; do
		service udp "$family" 82 g -o
		talk send udp "$(vip "$family")" 82 6
		conns=$((conns + 6))
	done
	settle "$conns"
	figures
	look
}

scenario_tunnels() {
	local kind family options conns=0 inner
	replies_through client
	for kind in ipip gre gue-csum; do
		read -ra options < <(tunnel_options "$kind")
		for family in 4 6; do
			inner=$family
			[ "$kind" = ipip ] || inner=$((10 - family))
			tunnel_end server1 "$kind" "$family" "$inner"
			quiet ipvsadm -A -u "$(at "$(vip "$inner")" 82)" -s rr
			quiet ipvsadm -a -u "$(at "$(vip "$inner")" 82)" -r "$(real "$family" 1 82)" "${options[@]}"
			talk get udp "$(vip "$inner")" 82 4
			conns=$((conns + 4))
		done
		run ipvsadm -Ln --tun-info
		look
		settle "$conns"
		run ipvsadm -Ln --stats --exact
		run ipvsadm -C
	done
	ip -n server1 link del tunnel
}

scenario_socket_options() {
	run python3 -IS "$SELFTESTS/ipvs_sockopt.py"
}

# Namespaces of others than root have nothing but the options.
scenario_socket_options_in_a_container() {
	run unshare -Urn bash -c "ip link set lo up; python3 -IS $SELFTESTS/ipvs_sockopt.py"
}

make_site
start_servers 80
SERVE=serve-routed start_servers 82
start_client
start_client client storm
compare udp_and_counters rates one_packet tunnels socket_options \
	socket_options_in_a_container
ktap_run
