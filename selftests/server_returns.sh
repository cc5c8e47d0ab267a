#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server that was removed and comes back takes its live connections back, also when
# the service was removed, too.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# here FAMILY PROTOCOL: the service as the administration tool names it.
here() {
	echo "-${2:0:1} $(at "$(vip "$1")" 80)"
}

# shellcheck disable=SC2046 # here() is two words.
remove() {
	adm -d $(here "$1" "$2") -r "$(real "$1" "$4" 80)"
}

# shellcheck disable=SC2046
add() {
	adm -a $(here "$1" "$2") -r "$(real "$1" "$4" 80)" "-$3"
}

# row FAMILY PROTOCOL SERVER COLUMN [OPTION...]: of the list of the service.
# shellcheck disable=SC2046
row() {
	adm -L -n "${@:5}" $(here "$1" "$2") |
		awk -v server="$(real "$1" "$3" 80)" -v column="$4" '$2 == server { print $column }'
}

# connections FAMILY PROTOCOL SERVER: all of its connections, active and inactive.
connections() {
	echo $(($(row "$1" "$2" "$3" 5) + $(row "$1" "$2" "$3" 6)))
}

opens() {
	add_service "$2" "$1" "$3"
	same "server1 server2 server3" "$(talk open "$2" "$(vip "$1")" 80 3)"
	same "server1 server2 server3" "$(talk say)"
}

# comes_back FAMILY PROTOCOL METHOD: its connections go on, and count for it.
comes_back() {
	remove "$@" 2
	same "server1 server3" "$(talk say 1) $(talk say 3)"
	add "$@" 2
	same 1 "$(connections "$1" "$2" 2)"
	same "server1 server2 server3" "$(talk say)"
	same "server2" "$(talk get "$2" "$(vip "$1")" 80 3 | tr ' ' '\n' | sort -u | grep server2)"
}

# counted FAMILY PROTOCOL: what the server had counted before it left is still there.
counted() {
	eventually 5 counts_two "$@"
}

counts_two() {
	[ "$(row "$1" "$2" 2 3 --stats --exact)" -ge 2 ]
}

# all_at_once FAMILY PROTOCOL METHOD: the service is removed and comes back with its servers.
all_at_once() {
	local number before
	before=$(connections "$1" "$2" 3)
	# shellcheck disable=SC2046
	adm -D $(here "$1" "$2")
	# shellcheck disable=SC2046
	adm -A $(here "$1" "$2") -s rr
	for number in 3 2 1; do
		add "$@" "$number"
	done
	same "$before" "$(connections "$1" "$2" 3)"
	[ "$before" -ge 1 ]
	same "server1 server2 server3" "$(talk say)"
}

# zeroed FAMILY PROTOCOL: a new service begins to count at zero.
zeroed() {
	[ "$(row "$1" "$2" 2 3 --stats --exact)" -le 1 ]
}

# persistent FAMILY PROTOCOL METHOD: clients come back to their server, too.
persistent() {
	talk close >/dev/null
	adm -C
	add_service "$2" "$1" "$3"
	# shellcheck disable=SC2046
	adm -E $(here "$1" "$2") -s rr -p 300
	same "server1" "$(talk open "$2" "$(vip "$1")" 80)"
	remove "$@" 1
	add "$@" 1
	same "server1" "$(talk say)"
	same "server1 server1" "$(talk get "$2" "$(vip "$1")" 80 2)"
}

# ends: everything is forgotten, also by ip_vs.
ends() {
	talk close >/dev/null
	adm -C
	unload_engines
	engine "$RVS_ENGINE"
}

# forgotten: connections of a server that stays away end.
forgotten() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs keeps a server for two minutes after its last connection"
	opens 4 tcp m
	remove 4 tcp m 2
	talk close
	adm config set --timeout established=1 --timeout close=1 --timeout time-wait=1 --timeout udp=1 \
		--timeout fin-wait=1 --timeout close-wait=1 --timeout last-ack=1 --timeout none=1 \
		--timeout syn-recv=1
	eventually 10 no_tcp_or_udp
	adm --set 900 120 300
}

no_tcp_or_udp() {
	! adm -L -n -c | grep -E ' (ESTABLISHED|UDP|CLOSE|TIME_WAIT|FIN_WAIT|SYN_RECV|CLOSE_WAIT|LAST_ACK) '
}

make_site
start_servers
start_client
engine "$RVS_ENGINE"

for pair in "tcp m director NAT" "udp g client DR" "tcp g client DR" "udp m director NAT"; do
	read -r proto method way name <<<"$pair"
	ktap_case "$name: the answers go through the $way" replies_through "$way"
	for family in 4 6; do
		text="$proto over IPv$family, $name"
		ktap_case "$text: connections to three servers" opens $family "$proto" "$method"
		ktap_case "$text: one goes and comes back" comes_back $family "$proto" "$method"
		ktap_case "$text: with what it had counted" counted $family "$proto"
		ktap_case "$text: the service goes and comes back" all_at_once $family "$proto" "$method"
		ktap_case "$text: and counts anew" zeroed $family "$proto"
		ktap_case "$text: clients come back to their server" persistent $family "$proto" "$method"
		ktap_case "$text: everything is removed" ends
	done
done
ktap_case "NAT: the answers go through the director" replies_through director
ktap_case "connections of servers that stay away end" forgotten
ktap_run
