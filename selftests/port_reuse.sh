#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A client uses a port again: its SYN begins a new connection, with the server whose turn
# it is, and is never dropped.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

PORT=

knob() {
	case $RVS_ENGINE in
	rvs) in_ns director sysctl -q -w "net.rvs.$1=$2" ;;
	ip_vs) in_ns director sysctl -q -w "net.ipv4.vs.$1=$2" ;;
	esac
}

service() {
	adm -C
	next_port
	knob conn_reuse_mode "$([ "$2" = m ] && echo 1 || echo 3)"
	add_service tcp "$1" "$2" 80
	[ $# -lt 3 ] || adm -E -t "$(at "$(vip "$1")" 80)" -s rr "${@:3}"
}

# again FAMILY: a connection from the same port as ever, so quick that no SYN was sent twice.
again() {
	local answer
	talk bind "$PORT" >/dev/null
	answer=$(talk time get tcp "$(vip "$1")" 80)
	[ "${answer#* }" -lt 900 ] || same "at once" "after ${answer#* } ms"
	echo "${answer% *}"
}

# rounds FAMILY METHOD: one connection after the other.
rounds() {
	service "$1" "$2"
	same "server1" "$(again "$1")"
	same "server2" "$(again "$1")"
	same "server3" "$(again "$1")"
	same 1 "$(adm -L -n -c | grep -c ":$PORT ")"
}

# quiesced FAMILY METHOD: the server of the old connection takes none any more.
quiesced() {
	service "$1" "$2"
	same "server1" "$(again "$1")"
	adm -e -t "$(at "$(vip "$1")" 80)" -r "$(real "$1" 2 80)" "-$2" -w 0
	same "server3" "$(again "$1")"
	same "server1" "$(again "$1")"
}

# persistent FAMILY METHOD: the client has its server, whatever the port.
persistent() {
	service "$1" "$2" -p 100
	local server
	server=$(again "$1")
	same "$server" "$(again "$1")"
	same "$server" "$(again "$1")"
}

# removed FAMILY METHOD: the server of the old connection is not there any more.
removed() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs drops the SYN"
	service "$1" "$2"
	same "server1" "$(again "$1")"
	adm -d -t "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)"
	[[ $(again "$1") == server[23] ]]
}

# old FAMILY METHOD: with conn_reuse_mode 0 the old server gets the SYN, unless it takes none.
old() {
	service "$1" "$2"
	knob conn_reuse_mode 0
	same "server1" "$(again "$1")"
	same "server1" "$(again "$1")"
	[ "$RVS_ENGINE" = rvs ] || return 0
	adm -e -t "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)" "-$2" -w 0
	[[ $(again "$1") == server[23] ]]
}

make_site
# The client's port is free again at once.
in_ns client sysctl -q -w net.ipv4.tcp_tw_reuse=1 net.ipv4.tcp_max_tw_buckets=0
start_servers
start_client
engine "$RVS_ENGINE"
for name in server1 server2 server3; do
	in_ns $name sysctl -q -w net.ipv4.tcp_max_tw_buckets=0
done

for pair in "m director NAT" "g client DR"; do
	read -r method way name <<<"$pair"
	ktap_case "$name: the answers go through the $way" replies_through "$way"
	for family in 4 6; do
		text="IPv$family, $name"
		ktap_case "$text: one connection after the other from one port" rounds $family "$method"
		ktap_case "$text: not to a server with the weight 0" quiesced $family "$method"
		ktap_case "$text: persistent" persistent $family "$method"
		ktap_case "$text: the server was removed" removed $family "$method"
		ktap_case "$text: conn_reuse_mode 0" old $family "$method"
	done
done
ktap_run
