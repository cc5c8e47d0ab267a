#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A client on the director itself, a server on the director itself, and both.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# service PROTOCOL FAMILY METHOD PORT SERVER...: a service at PORT with these endpoints.
service() {
	local flag="-${1:0:1}" endpoint server
	endpoint=$(at "$(vip "$2")" "$4")
	adm -C
	adm -A "$flag" "$endpoint" -s rr
	for server in "${@:5}"; do
		adm -a "$flag" "$endpoint" -r "$server" "-$3"
	done
}

# entries PROTOCOL FAMILY PORT: the number of connections to the service.
entries() {
	adm -L -n -c | awk -v protocol="${1^^}" -v service="$(at "$(vip "$2")" "$3")" \
		'$1 == protocol && $5 == service { count++ } END { print count + 0 }'
}

# converse PROTOCOL FAMILY PORT SERVER...: connections to these servers, and data both
# ways on them. TALKER is the client. The director knows about all of them.
converse() {
	local wanted="${*:4}" count=$(($# - 3)) before
	before=$(entries "$1" "$2" "$3")
	talk close >&2
	talk size 1000 >&2
	same "$wanted" "$(talk open "$1" "$(vip "$2")" "$3" "$count")"
	same "$wanted" "$(talk say)"
	same $((before + count)) "$(entries "$1" "$2" "$3")"
	talk close
}

# own FAMILY PORT: an endpoint on the director.
own() {
	at "$(host "$1" lan 1)" "$2"
}

# client_address virtual|other: the address that a client on the director has. Only in
# the second case may the servers have the virtual one, too; and then answers may come
# with it, the director's own, as their source.
client_address() {
	local name verb=replace source4=$VIP4 source6=$VIP6 accept=0
	if [ "$1" = virtual ]; then
		verb=del
	else
		source4=$(host 4 lan 1) source6=$(host 6 lan 1) accept=1
	fi
	for name in server1 server2; do
		printf "address $verb %s dev lo\n" "$VIP4/32" "$VIP6/128" |
			ip -n "$name" -force -batch - 2>/dev/null || true
	done
	ip -n director route replace local "$VIP4" dev net table local src "$source4"
	ip -n director -6 route flush table local root "$VIP6/128"
	ip -n director -6 route add local "$VIP6" dev net table local src "$source6"
	in_ns director sysctl -q -w "net.ipv4.conf.lan.accept_local=$accept"
}

local_client_nat() {
	client_address virtual
	service "$1" "$2" m 80 "$(real "$2" 2 80)" "$(real "$2" 1 80)"
	TALKER=here converse "$1" "$2" 80 server1 server2
}

local_client_direct() {
	client_address other
	service "$1" "$2" g 80 "$(real "$2" 2 80)" "$(real "$2" 1 80)"
	TALKER=here converse "$1" "$2" 80 server1 server2
}

local_client_refused() {
	service "$1" "$2" m 80
	TALKER=here
	case $1 in
	tcp) same refused "$(talk get "$1" "$(vip "$2")" 80)" ;;
	# Here the sender hears at once that its datagram was dropped.
	udp) same 'error: [Errno 1] Operation not permitted' "$(talk get "$1" "$(vip "$2")" 80)" ;;
	esac
}

# At another port: what is not balanced finds nobody at the service's.
local_server_nat() {
	service "$1" "$2" m 80 "$(own "$2" 81)"
	converse "$1" "$2" 80 director director
}

local_server_direct() {
	service "$1" "$2" g 81 "$(own "$2" 81)"
	converse "$1" "$2" 81 director director
}

local_and_remote_servers() {
	client_address other
	service "$1" "$2" m 80 "$(real "$2" 2 80)" "$(own "$2" 81)" "$(real "$2" 1 80)"
	converse "$1" "$2" 80 server1 director server2 server1
}

both_local() {
	local source
	service "$1" "$2" m 80 "$(own "$2" 81)"
	for source in virtual other; do
		client_address "$source"
		TALKER=here converse "$1" "$2" 80 director director
	done
}

make_site '' 2
start_servers 80 server1 server2
start_servers 81 director
start_client director here
start_client
engine "$RVS_ENGINE"

for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		ktap_case "$text, NAT: a client on the director" local_client_nat $proto $family
		ktap_case "$text, DR: a client on the director" local_client_direct $proto $family
		ktap_case "$text: a client on the director is refused" \
			local_client_refused $proto $family
		ktap_case "$text, NAT: a server on the director" local_server_nat $proto $family
		ktap_case "$text, DR: a server on the director" local_server_direct $proto $family
		ktap_case "$text, NAT: servers on the director and elsewhere" \
			local_and_remote_servers $proto $family
		ktap_case "$text, NAT: client and server on the director" both_local $proto $family
	done
done
ktap_run
