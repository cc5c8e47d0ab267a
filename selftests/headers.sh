#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets as they come: with IP options and extension headers, over a VLAN, over a bridge that
# shows its packets to the rules, and shared with a program that captures them.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# use FAMILY METHOD: services of all protocols with server 1 at port 80.
use() {
	local endpoint
	adm -C
	add_service tcp "$1" "$2" 80 1
	add_service udp "$1" "$2" 80 1
	endpoint=$(at "$(vip "$1")" 80)
	adm -A --sctp-service "$endpoint" -s rr
	adm -a --sctp-service "$endpoint" -r "$(real "$1" 1 80)" "-$2"
}

# plain: services of programs at port 81, NAT.
plain() {
	local family
	adm -C
	for family in 4 6; do
		add_service tcp "$family" m 81
		add_service udp "$family" m 81
	done
}

# works FAMILY: short and long connections.
works() {
	TALKER="talk" talk size 30000
	same "server1 server2 server3" "$(TALKER="talk" talk open tcp "$(vip "$1")" 81 3)"
	same "server1 server2 server3" "$(TALKER="talk" talk say)"
	TALKER="talk" talk close
	TALKER="talk" talk size 1000
	same "server1 server2 server3" "$(TALKER="talk" talk get udp "$(vip "$1")" 81 3)"
}

# moved FROM TO: the director's addresses, and the client's, go to other devices.
moved() {
	local name
	for name in client:2 director:1; do
		{
			echo "address flush dev $1 scope global"
			addresses "$2" net "${name#*:}"
			if [ "${name%:*}" = director ]; then
				echo "address add $VIP4/32 dev $2"
				echo "address add $VIP6/128 dev $2 nodad"
			fi
		} | ip -n "${name%:*}" -batch -
	done
}

vlan() {
	local name
	for name in client director; do
		ip -n "$name" link add link net name net.7 type vlan id 7
	done
	moved net net.7
	works "$1"
}

vlan_gone() {
	moved net.7 net
	for name in client director; do ip -n "$name" link del net.7; done
}

# bridged: both ends of the client's link become ports of bridges, whose packets are shown to
# the rules as if they were routed.
bridged() {
	local name
	vlan_gone
	modprobe br_netfilter || ktap_skip "the kernel lacks br_netfilter"
	for name in client director; do
		ip -n "$name" link add br0 type bridge mcast_snooping 0 stp_state 0 forward_delay 0
		ip -n "$name" link set net master br0
		in_ns "$name" sysctl -q -w net.bridge.bridge-nf-call-iptables=1 \
			net.bridge.bridge-nf-call-ip6tables=1
	done
	moved net br0
	eventually 20 works 4
	works 6
}

# captured: every packet is shared with a program, so that none may be changed in place.
captured() {
	local captures=() device
	for device in br0 lan; do
		start in_ns director tcpdump -i "$device" -w /dev/null -q 2>/dev/null
		captures+=("$PID")
	done
	sleep 1
	works 4
	works 6
	for PID in "${captures[@]}"; do stop "$PID"; done
}

make_site
engine "$RVS_ENGINE"
start_servers 81
start_client
start_talker wire python3 -IS "$SELFTESTS/headers.py"
# The kernels of client and server 1 take part only in what is for port 81.
for name in client server1; do
	in_ns $name nft -f - <<-END
		table inet silence { chain input { type filter hook input priority -300;
			th sport 80 drop; th dport 80 drop; }; }
	END
done
for family in 4 6; do
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		ktap_case "$text: services" use $family $method
		ktap_case "$text: options and extension headers" says ok options $family $method
	done
done
ktap_case "services of programs" plain
ktap_case "over a VLAN, IPv4" vlan 4
ktap_case "over a VLAN, IPv6" works 6
ktap_case "over a bridge that the rules see" bridged
ktap_case "while a program captures" captured
ktap_run
