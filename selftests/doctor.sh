#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rvsadm doctor: each fault is made, has its effect, is found, is mended by the command that
# is printed, and is gone then.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

HOST=director ARGUMENTS=()

# doctor OPTION...: looks at HOST.
doctor() {
	in_ns "$HOST" rvsadm doctor "${ARGUMENTS[@]}" "$@"
}

# printed CHECK LEVEL: the commands against what was found.
printed() {
	{ doctor --json || true; } | python3 -IS -c '
import json, sys
for found in json.load(sys.stdin):
    if [found["check"], found["level"]] == sys.argv[1:]:
        print(*found["commands"], sep="\n")' "$@"
}

# well: nothing at all is wrong.
well() {
	local text
	text=$(doctor) && [[ $text != *:*:* ]] || {
		echo "not well: $text"
		return 1
	}
}

# mended CHECK LEVEL [COMMAND...]: something is found, and nothing is left after what is printed was
# typed. COMMAND is what should be printed.
mended() {
	local commands status=0
	commands=$(printed "$1" "$2")
	[ -n "$commands" ] || {
		doctor
		return 1
	}
	[ $# -lt 3 ] || same "$(printf '%s\n' "${@:3}")" "$commands"
	doctor >/dev/null || status=$?
	same "$([ "$2" = fault ] && echo 1 || echo 0)" "$status"
	in_ns "$HOST" bash -ec "$commands"
	well
}

# begin METHOD [OPTION...]: a service of each family.
begin() {
	HOST=director ARGUMENTS=()
	local family
	rvsadm -n director flush
	for family in 4 6; do
		adm service add tcp "$(at "$(vip "$family")" 80)" -s rr
		adm server add tcp "$(at "$(vip "$family")" 80)" "$(real "$family" 1 80)" --method "$1" "${@:2}"
	done
	well
}

# reach FAMILY: what a client gets.
reach() {
	talk get tcp "$(vip "$1")" 80 1
}

# reaches FAMILY: whether a client is answered.
reaches() {
	same server1 "$(reach "$1")"
}

forwarding() {
	begin nat
	replies_through director
	eventually 10 reaches 4
	eventually 10 reaches 6
	in_ns director sysctl -q -w net.ipv4.ip_forward=0
	same timeout "$(reach 4)"
	mended forwarding fault "sysctl -w net.ipv4.ip_forward=1"
	eventually 10 reaches 4
	in_ns director sysctl -q -w net.ipv4.conf.lan.forwarding=0
	same timeout "$(reach 4)"
	mended forwarding fault "sysctl -w net.ipv4.conf.lan.forwarding=1"
	eventually 10 reaches 4
	in_ns director sysctl -q -w net.ipv6.conf.all.forwarding=0
	same timeout "$(reach 6)"
	mended forwarding fault "sysctl -w net.ipv6.conf.all.forwarding=1"
	eventually 10 reaches 6
}

virtual_address_missing() {
	begin nat
	ip -n director address del "$VIP4/32" dev net
	same timeout "$(reach 4)"
	mended "virtual addresses" fault "ip address add $VIP4/32 dev net"
	eventually 10 reaches 4
	ip -n director address del "$VIP6/128" dev net
	mended "virtual addresses" fault "ip address add $VIP6/128 dev net nodad"
	eventually 10 reaches 6
	# An address that another host has, too, is there and does not work.
	ip -n director address del "$VIP6/128" dev net
	ip -n client address add "$VIP6/128" dev net nodad
	ip -n director address add "$VIP6/128" dev net
	eventually 10 is_duplicate
	mended "virtual addresses" fault "ip address del $VIP6/128 dev net" \
		"ip address add $VIP6/128 dev net nodad"
	ip -n client address del "$VIP6/128" dev net
	eventually 10 reaches 6
}

is_duplicate() {
	ip -n director address show dev net dadfailed | grep -F "$VIP6"
}

virtual_address_on_lo() {
	begin nat
	ip -n director address del "$VIP4/32" dev net
	ip -n director address add "$VIP4/32" dev lo
	ip -n client neigh flush dev net
	[[ $(reach 4) != server1 ]]
	mended "virtual addresses" fault "ip address add $VIP4/32 dev net"
	eventually 10 reaches 4
	ip -n director address del "$VIP4/32" dev lo
}

virtual_address_down() {
	begin nat
	ip -n director link set net down
	[[ $(printed "virtual addresses" fault) == "ip link set net up"* ]]
	in_ns director bash -ec "$(printed "virtual addresses" fault | sort -u)"
	# IPv6 loses its addresses with the device.
	eventually 10 in_ns director ip -br link show up dev net
	addresses net net 1 | sed 's/address add/address replace/' | ip -n director -batch -
	ip -n director address replace "$VIP6/128" dev net nodad
	eventually 10 well
	eventually 10 reaches 4
}

strict_source_check() {
	begin nat
	# The way to all clients but neighbours is another than theirs.
	ip -n director route add default via "$(host 4 lan 2)"
	ip -n client address add 203.0.113.7/32 dev lo
	talk source 203.0.113.7
	in_ns director sysctl -q -w net.ipv4.conf.net.rp_filter=1
	same timeout "$(reach 4)"
	mended rp_filter fault "sysctl -w net.ipv4.conf.net.rp_filter=2"
	ip -n server1 route add 203.0.113.7/32 via "$(host 4 lan 1)"
	eventually 10 reaches 4
	talk source
	ip -n director route del default
	in_ns director sysctl -q -w net.ipv4.conf.net.rp_filter=0
}

ways_to_servers() {
	begin nat
	ip -n director address del "$(host 4 lan 1)/24" dev lan
	[[ $(reach 4) != server1 ]]
	same "ip route add $(host 4 lan 11)/32 via GATEWAY" "$(printed servers fault)"
	ip -n director address add "$(host 4 lan 1)/24" dev lan
	well
	# Behind a gateway the method direct does not work.
	rvsadm -n director flush
	adm service add tcp "$VIP4:80" -s rr
	adm server add tcp "$VIP4:80" 198.51.100.9 --method direct
	ip -n director route add 198.51.100.0/24 via "$(host 4 lan 2)"
	ip -n director link set lan mtu 1520
	mended servers fault "rvsadm server set tcp $VIP4:80 198.51.100.9:80 --tunnel ipip"
	same tunnel "$(adm --json server list | python3 -IS -c 'import json, sys
print(json.load(sys.stdin)[0]["method"])')"
	ip -n director link set lan mtu 1500
	ip -n director route del 198.51.100.0/24
}

tunnels_that_are_too_narrow() {
	begin nat
	adm server set tcp "$VIP4:80" "$(real 4 1 80)" --tunnel gue:6080
	mended mtu warning "rvsadm service set tcp $VIP4:80 --mss-clamp"
	begin nat
	adm service add udp "[$VIP6]:53" -s rr
	adm server add udp "[$VIP6]:53" "[$(host 6 lan 11)]" --tunnel gre --tunnel-checksum
	mended mtu warning "ip link set lan mtu 1548"
	ip -n director link set lan mtu 1500
}

services_without_servers() {
	begin nat
	adm server set tcp "$VIP4:80" "$(real 4 1 80)" --weight 0
	same refused "$(reach 4)"
	mended services warning "rvsadm server set tcp $VIP4:80 $(real 4 1 80) --weight 1"
	eventually 10 reaches 4
	# With a connection it stays.
	talk open tcp "$VIP4" 80 1
	adm drain tcp "$VIP4:80" "$(real 4 1 80)"
	mended services warning "rvsadm ready tcp $VIP4:80 $(real 4 1 80)"
	talk close
	adm server del tcp "$VIP4:80" "$(real 4 1 80)"
	same "rvsadm server add tcp $VIP4:80 SERVER" "$(printed services warning)"
}

ip_vs_beside() {
	begin nat
	modprobe -a ip_vs ip_vs_rr
	mended ip_vs warning
	fails grep '^ip_vs' /proc/modules
	modprobe -a ip_vs ip_vs_rr
	in_ns director ipvsadm -A -t "$VIP4:80" -s rr
	mended ip_vs fault
	fails grep '^ip_vs' /proc/modules
	eventually 10 reaches 4
}

the_module() {
	begin nat
	rvsadm -n director flush
	unload_engines
	# Asking would load it.
	local modprobe
	modprobe=$(cat /proc/sys/kernel/modprobe)
	echo /bin/false >/proc/sys/kernel/modprobe
	same "modprobe rvs" "$(printed module fault)"
	fails doctor
	# shellcheck disable=SC2091 # It prints a command.
	$(printed module fault)
	echo "$modprobe" >/proc/sys/kernel/modprobe
	begin nat
}

schedulers_that_modprobe_does_not_know() {
	begin nat
	local list file
	list=/lib/modules/$(uname -r)/modules.dep
	cp "$list" "$WORK/modules.dep"
	grep -v 'rvs_mh\.ko' "$WORK/modules.dep" >"$list"
	same "depmod -a" "$(printed schedulers warning)"
	# What it says works, but takes a minute here: it would look at all modules.
	cp "$WORK/modules.dep" "$list"
	well
	file=$(find /lib/modules/ -name 'rvs_mh.ko*')
	grep -v 'rvs_mh\.ko' "$WORK/modules.dep" >"$list"
	mv "$file" "$WORK/"
	same "make install" "$(printed schedulers warning)"
	mv "$WORK/${file##*/}" "$file"
	cp "$WORK/modules.dep" "$list"
	well
}

source_nat() {
	begin nat
	in_ns director nft add table ip outgoing
	in_ns director nft add chain ip outgoing post '{ type nat hook postrouting priority 100; }'
	well
	in_ns director nft add rule ip outgoing post oifname lan masquerade
	replies_through client
	same timeout "$(reach 4)"
	mended conntrack warning "sysctl -w net.rvs.conntrack=1"
	# Now the server sees the director's address and answers to it.
	eventually 10 reaches 4
	replies_through director
	in_ns director nft delete table ip outgoing
	in_ns director sysctl -q -w net.rvs.conntrack=0
}

limits() {
	begin nat
	local max command
	talk open tcp "$VIP4" 80 3
	in_ns director sysctl -q -w net.rvs.conn_max=3
	mended connections warning
	talk close
	in_ns director sysctl -q -w net.rvs.conn_max=1073741824
	max=$(cat /proc/sys/net/netfilter/nf_conntrack_max)
	in_ns director conntrack -I -p udp -s 192.0.2.1 -d 192.0.2.2 --sport 1 --dport 2 -t 60
	echo 1 >/proc/sys/net/netfilter/nf_conntrack_max
	command=$(printed conntrack warning)
	echo "$max" >/proc/sys/net/netfilter/nf_conntrack_max
	[[ $command =~ ^sysctl\ -w\ net.netfilter.nf_conntrack_max=[0-9]+$ ]] || same "sysctl ..." "$command"
	bash -ec "$command"
	well
	echo "$max" >/proc/sys/net/netfilter/nf_conntrack_max
	in_ns director conntrack -F
}

# answers_for NAMESPACE: whether the client's network gets an answer from it for the virtual address.
answers_for() {
	in_ns lan python3 -IS -c '
import socket, struct, sys
ask = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
ask.bind((sys.argv[1], 0))
ask.settimeout(2)
mac = ask.getsockname()[4]
vip = socket.inet_aton(sys.argv[2])
arp = struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, mac, socket.inet_aton("192.168.0.2"), bytes(6), vip)
ask.send(b"\xff" * 6 + mac + b"\x08\x06" + arp)
try:
    while True:
        frame = ask.recv(64)
        if frame[20:22] == b"\0\2" and frame[28:32] == vip:
            sys.exit(0)
except TimeoutError:
    sys.exit(1)' "$1" "$VIP4"
}

a_server_that_answers_arp() {
	begin nat
	HOST=server1 ARGUMENTS=(--vip "$VIP4" --vip "$VIP6")
	well
	fails answers_for server1
	in_ns server1 sysctl -q -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.lan.arp_ignore=0
	answers_for server1
	mended arp fault "sysctl -w net.ipv4.conf.all.arp_ignore=1"
	fails answers_for server1
	in_ns server1 sysctl -q -w net.ipv4.conf.all.arp_announce=0 net.ipv4.conf.lan.arp_announce=0
	mended arp fault "sysctl -w net.ipv4.conf.all.arp_announce=2"
	# A host without services is taken for a server.
	ARGUMENTS=()
	well
	in_ns server1 sysctl -q -w net.ipv4.conf.all.arp_ignore=0
	mended arp fault "sysctl -w net.ipv4.conf.all.arp_ignore=1"
}

a_server_without_the_address() {
	begin direct
	replies_through client
	HOST=server1 ARGUMENTS=(--vip "$VIP4")
	eventually 10 reaches 4
	ip -n server1 address del "$VIP4/32" dev lo
	[[ $(reach 4) != server1 ]]
	mended "virtual addresses" fault "ip address add $VIP4/32 dev lo"
	eventually 10 reaches 4
	ip -n server1 address del "$VIP4/32" dev lo
	ip -n server1 address add "$VIP4/32" dev lan
	mended "virtual addresses" fault "ip address del $VIP4/32 dev lan" "ip address add $VIP4/32 dev lo"
	eventually 10 reaches 4
	replies_through director
}

a_server_that_refuses_tunnels() {
	begin nat
	replies_through client
	ip -n director link set lan mtu 1600
	adm server set tcp "$VIP4:80" "$(real 4 1 80)" --tunnel ipip
	tunnel_end server1 ipip 4 4
	HOST=server1 ARGUMENTS=(--vip "$VIP4")
	well
	eventually 10 reaches 4
	in_ns server1 sysctl -q -w net.ipv4.conf.tunnel.rp_filter=1
	same timeout "$(reach 4)"
	mended rp_filter fault "sysctl -w net.ipv4.conf.tunnel.rp_filter=0"
	eventually 10 reaches 4
	# A device without an address passes neither of the checks; that of all devices shall stay.
	in_ns server1 sysctl -q -w net.ipv4.conf.tunnel.rp_filter=2
	same timeout "$(reach 4)"
	in_ns server1 sysctl -q -w net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.lan.rp_filter=2
	mended rp_filter fault "sysctl -w net.ipv4.conf.tunnel.rp_filter=2" \
		"ip address add $VIP4/32 dev tunnel"
	eventually 10 reaches 4
	in_ns server1 sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.lan.rp_filter=0
	ip -n server1 link del tunnel
	ip -n director link set lan mtu 1500
	replies_through director
}

from_outside() {
	begin nat
	in_ns director sysctl -q -w net.ipv4.ip_forward=0
	local command
	command=$(rvsadm -n director doctor | sed -n 's/^    //p') || true
	same "ip netns exec director sysctl -w net.ipv4.ip_forward=1" "$command"
	bash -ec "$command"
	rvsadm -n director doctor
}

engine rvs
make_site '' 1
start_servers 80 server1
start_client
talk patience 1
ktap_case "answers that are not forwarded" forwarding
ktap_case "a virtual address that is missing" virtual_address_missing
ktap_case "a virtual address where nobody answers for it" virtual_address_on_lo
ktap_case "a virtual address on a device that is down" virtual_address_down
ktap_case "clients whose source address is refused" strict_source_check
ktap_case "servers without a way, or behind a gateway" ways_to_servers
ktap_case "tunnels that are too narrow" tunnels_that_are_too_narrow
ktap_case "services without a server" services_without_servers
ktap_case "ip_vs beside rvs" ip_vs_beside
ktap_case "schedulers whose modules are missing" schedulers_that_modprobe_does_not_know
ktap_case "source NAT that needs connection tracking" source_nat
ktap_case "tables that are nearly full" limits
ktap_case "a server that answers for the virtual address" a_server_that_answers_arp
ktap_case "a server that does not have the virtual address" a_server_without_the_address
ktap_case "a server that refuses what comes out of a tunnel" a_server_that_refuses_tunnels
ktap_case "commands for another namespace" from_outside
ktap_case "rvs is not loaded" the_module
ktap_run
