#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The match "ipvs" of iptables: each of its conditions, and the opposite, about packets on their
# way to the server, and the source address that a rule with it can give them.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# rule FAMILY VERB ARGUMENT...: a rule about packets that leave the director.
rule() {
	local tool=iptables
	[ "$1" = 4 ] || tool=ip6tables
	in_ns director "$tool" -t mangle "$2" POSTROUTING -o lan "${@:3}"
}

# counted FAMILY PROTO ARGUMENT...: how many packets to server1 match while one connection is made.
counted() {
	rule "$1" -A -d "$(host "$1" lan 11)" -m ipvs "${@:3}"
	talk get "$2" "$(vip "$1")" 80 1 >/dev/null
	in_ns director "${tool[$1]}" -t mangle -nvxL POSTROUTING | awk 'NR == 3 { print $1 }'
	rule "$1" -D -d "$(host "$1" lan 11)" -m ipvs "${@:3}"
}

matches() {
	[ "$(counted "$@")" -gt 0 ]
}

not() {
	same 0 "$(counted "$@")"
}

conditions() {
	local family=$1 vip full=32
	vip=$(vip "$family")
	[ "$family" = 4 ] || full=128
	matches "$family" tcp --ipvs
	matches "$family" udp --ipvs
	matches "$family" tcp --vproto tcp
	not "$family" tcp --vproto udp
	matches "$family" tcp ! --vproto udp
	matches "$family" tcp --vaddr "$vip/$full" --vport 80
	not "$family" tcp --vport 81
	matches "$family" tcp ! --vport 81
	not "$family" tcp ! --vaddr "$vip"
	matches "$family" udp --vmethod MASQ
	not "$family" udp --vmethod GATE
	not "$family" tcp --vportctl 80
	matches "$family" tcp --vaddr "$vip" ! --vport 81 --vmethod MASQ --vproto 6
}

not_balanced() {
	rule 4 -A -m ipvs --ipvs
	in_ns client python3 -IS -c "
import socket
socket.create_connection(('192.168.0.11', 80), 5).recv(64)"
	in_ns director iptables -t mangle -nvxL POSTROUTING | awk 'NR == 3 { print $1 }' >"$WORK/packets"
	same 0 "$(<"$WORK/packets")"
	rule 4 -D -m ipvs --ipvs
}

direction() {
	# Something has to want nf_conntrack.
	in_ns director nft -f - <<-END
		table ip seen { chain in { type filter hook input priority 0; ct state new counter; }; }
	END
	knob conntrack 1
	matches 4 tcp --vdir ORIGINAL
	not 4 tcp --vdir REPLY
	knob conntrack 0
	not 4 tcp --vdir ORIGINAL
}

controlled() {
	adm -E -t "$VIP4:80" -s rr -p 60
	matches 4 tcp --vportctl 80
	not 4 tcp --vportctl 81
	adm -E -t "$VIP4:80" -s rr
}

declare -A tool=([4]=iptables [6]=ip6tables)
make_site
start_servers 80
start_client
replies_through director
engine "$RVS_ENGINE"
if [ "$RVS_ENGINE" = ip_vs ]; then modprobe xt_ipvs; else modprobe rvs_xt; fi
for family in 4 6; do
	for proto in tcp udp; do
		adm -A "-${proto:0:1}" "$(at "$(vip "$family")" 80)" -s rr
		adm -a "-${proto:0:1}" "$(at "$(vip "$family")" 80)" -r "$(real "$family" 1 80)" -m
	done
	ktap_case "IPv$family: every condition and its opposite" conditions "$family"
done
ktap_case "packets that are not balanced do not match" not_balanced
ktap_case "the direction, with nf_conntrack" direction
ktap_case "connections of a template" controlled
ktap_run
