#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The calls of Kubernetes' proxy in its mode "ipvs", over the netlink family IPVS: thousands
# of services on a dummy device, endpoints that come and go one by one, weight 0 before an
# endpoint is deleted, session affinity. And traffic meanwhile, of which nothing is lost.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
[ "$RVS_ENGINE" != rvs ] || RVS_ENGINE=rvs_ipvs

# proxy COUNT SERVERS ROUNDS: it finds nothing wrong.
proxy() {
	in_ns director python3 -IS "$SELFTESTS/ipvs_client.py" "$@" >"$WORK/proxy"
	cat "$WORK/proxy"
	[[ $(<"$WORK/proxy") =~ ^done\ [0-9]+$ ]]
}

# What a cluster address needs: the address on the dummy device, and a service.
cluster_address() {
	in_ns director ip address add 10.0.0.101/32 dev kube-ipvs0
	adm -A -t 10.0.0.101:80 -s rr
	adm -a -t 10.0.0.101:80 -r 192.168.0.11:80 -m
	adm -a -t 10.0.0.101:80 -r 192.168.0.12:80 -m
	same "server2 server1 server2 server1" "$(talk get tcp 10.0.0.101 80 4)"
	# From the node itself, too.
	same server "$(in_ns director python3 -IS -c "
import socket
print(socket.create_connection(('10.0.0.101', 80), 5).recv(6).decode())")"
}

# is_idle NUMBER: nobody is talking to the server.
is_idle() {
	! adm -Lcn | grep -E 'SYN_RECV|ESTABLISHED' | grep -q "192.168.0.1$1:80"
}

# A rolling update: each endpoint is drained, deleted and replaced while clients come.
rolling_update() {
	local number worked failed
	TALKER=storm tell storm tcp 10.0.0.101 80
	for number in 1 2 3 1 2; do
		adm -a -t 10.0.0.101:80 -r "192.168.0.1$((number % 3 + 1)):80" -m 2>/dev/null || true
		adm -e -t 10.0.0.101:80 -r "192.168.0.1$number:80" -m -w 0 2>/dev/null ||
			continue
		eventually 20 is_idle "$number"
		adm -d -t 10.0.0.101:80 -r "192.168.0.1$number:80"
	done
	sleep 0.5
	TALKER=storm talk stop >"$WORK/storm"
	read -r worked failed <"$WORK/storm"
	echo "$worked worked, $failed failed"
	[ "$worked" -gt 0 ]
	same 0 "$failed"
}

session_affinity() {
	adm -E -t 10.0.0.101:80 -s rr -p 10800
	adm -a -t 10.0.0.101:80 -r 192.168.0.11:80 -m 2>/dev/null || true
	adm -a -t 10.0.0.101:80 -r 192.168.0.12:80 -m 2>/dev/null || true
	same 1 "$(talk get tcp 10.0.0.101 80 6 | tr ' ' '\n' | sort -u | wc -l)"
	adm -D -t 10.0.0.101:80
	same refused "$(talk get tcp 10.0.0.101 80 1)"
}

make_site
in_ns director ip link add kube-ipvs0 type dummy
in_ns client ip route add 10.0.0.101/32 via 10.0.0.1
start_servers 80
start_client
start_client client storm
replies_through director
engine "$RVS_ENGINE"
# shellcheck disable=SC2016 # For that shell.
in_ns director bash -c 'for name in conntrack conn_reuse_mode expire_nodest_conn expire_quiescent_template; do
	echo 1 >/proc/sys/net/ipv4/vs/$name; done'
ktap_case "a cluster address reaches its endpoints" cluster_address
ktap_case "a rolling update loses no connection" rolling_update
ktap_case "session affinity, and then no service" session_affinity
ktap_case "2000 services with 3 endpoints, 3 rounds of changes" proxy 2000 3 3
ktap_case "1 service with 1000 endpoints" proxy 1 1000 3
ktap_run
