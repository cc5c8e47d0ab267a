#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connection thresholds of servers: exactly so many connections come in by scheduling, and
# there are new ones again when fewer than the lower threshold are left.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# server NUMBER ARGUMENT...: changes a server of the service.
server() {
	adm -e "-${PROTO:0:1}" "$SERVICE" -r "$(real "$FAMILY" "$1" 80)" -m "${@:2}"
}

# begin SCHEDULER: a new service with all servers, at the port PORT: the connections of the
# cases before, which engines may remember, are those of other services.
begin() {
	SERVICE=$(at "$(vip "$FAMILY")" "$PORT")
	adm -C
	case $1 in
	sh-fallback) adm -A "-${PROTO:0:1}" "$SERVICE" -s sh -b sh-fallback ;;
	*) adm -A "-${PROTO:0:1}" "$SERVICE" -s "$1" ;;
	esac
	for number in 3 2 1; do
		adm -a "-${PROTO:0:1}" "$SERVICE" -r "$(real "$FAMILY" "$number" 80)" -m
	done
}

# opens COUNT WANTED: the servers of so many new connections, which stay, sorted.
opens() {
	same "$2" "$(talk open "$PROTO" "$(vip "$FAMILY")" "$PORT" "$1" | tr ' ' '\n' |
		sed 's/server//' | sort | tr '\n' ' ')"
}

refused() {
	same refused "$(talk get "$PROTO" "$(vip "$FAMILY")" "$PORT" 1)"
}

exactly() {
	begin "$1"
	server 1 -x 2
	server 2 -x 1
	server 3 -w 0
	opens 3 "1 1 2 "
	refused
	server 3 -w 1
	opens 2 "3 3 "
	server 3 -w 0
	# Between the thresholds nothing changes; below the lower one there is room again.
	server 1 -x 4 -y 2
	refused
	server 1 -x 4 -y 3
	opens 2 "1 1 "
	refused
	# Without an upper threshold there is room for all.
	server 2
	opens 3 "2 2 2 "
	# At or above a new threshold there is none.
	server 2 -x 3
	refused
	talk close
}

# Connections that exist go on while their server is overloaded.
existing() {
	begin rr
	server 2 -w 0
	server 3 -w 0
	server 1 -x 2
	opens 2 "1 1 "
	refused
	same "server1 server1" "$(talk say)"
	talk close
}

make_site
start_servers
start_client
engine "$RVS_ENGINE"
in_ns director sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0

PORT=8000
for PROTO in tcp udp; do
	for FAMILY in 4 6; do
		text="$PROTO over IPv$FAMILY"
		for scheduler in rr wrr lc wlc sed nq fo sh-fallback twos; do
			PORT=$((PORT + 1))
			ktap_case "$text: $scheduler gives each server as many as it takes" \
				eval "PROTO=$PROTO FAMILY=$FAMILY PORT=$PORT; exactly $scheduler"
		done
		PORT=$((PORT + 1))
		ktap_case "$text: the connections of a full server go on" \
			eval "PROTO=$PROTO FAMILY=$FAMILY PORT=$PORT; existing"
	done
done
ktap_run
