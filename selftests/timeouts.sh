#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every state has a timeout that can be set, for the namespace and for a service, also
# while there are connections.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# walk [END:FLAGS...]: a new connection that takes these steps.
walk() {
	local step
	next_port
	for step in "$@"; do
		talk "${step%:*}" "$PORT" "${step#*:}"
	done
}

# look: STATE and remaining TIME of the connection of $PORT, or -.
look() {
	local expires state client
	STATE=- TIME=0
	while read -r _ expires state client _; do
		[[ $client != *:"$PORT" ]] ||
			STATE=$state TIME=$((10#${expires%:*} * 60 + 10#${expires#*:}))
	done < <(adm -L -n -c | tail -n +3)
}

# shows STATE SECONDS
shows() {
	look
	same "$1" "$STATE"
	[ "$TIME" -le "$2" ] && [ "$TIME" -ge $(($2 - 5)) ] || same "$2 s" "$TIME s"
}

gone() {
	look
	[ "$STATE" = - ]
}

# service FAMILY METHOD
service() {
	adm -C
	add_service tcp "$1" "$2" 80 1
	talk family "$1"
}

# own FAMILY SETTING...: timeouts of the service's own.
own() {
	adm service set tcp "$(at "$(vip "$1")" 80)" "${@:2}"
}

OPEN="c:S s:SA c:A"

# in_state FAMILY METHOD STATE NAME STEP...: the namespace's timeout, then the service's, then the
# namespace's again; the connection is there all the time, and then no more.
in_state() {
	local name=$3 shown=$4
	service "$1" "$2"
	walk "${@:5}"
	adm config set --timeout "$name=300"
	shows "$shown" 300
	own "$1" --timeout "$name=500"
	shows "$shown" 500
	own "$1" --timeout "$name=0"
	shows "$shown" 300
	adm config set --timeout "$name=100"
	shows "$shown" 100
	own "$1" --timeout "$name=1"
	eventually 6 gone
}

# sctp FAMILY: the first INIT, and one that comes again.
sctp() {
	local key
	key=$(at "$(vip "$1")" 80)
	adm -C
	adm -A --sctp-service "$key" -s rr
	adm -a --sctp-service "$key" -r "$(real "$1" 1 80)" -m
	talk family "$1"
	walk
	adm config set --timeout sctp-init1=200 --timeout sctp-init=300
	talk init "$PORT"
	shows INIT1 200
	talk init "$PORT"
	shows INIT 300
	adm service set sctp "$key" --timeout sctp-init=1
	eventually 6 gone
}

# separate FAMILY: a timeout of one service is none of another's.
separate() {
	service "$1" m
	adm config set --timeout established=900
	own "$1" --timeout established=50
	adm -A -t "$(at "$(vip "$1")" 81)" -s rr
	adm -a -t "$(at "$(vip "$1")" 81)" -r "$(real "$1" 2 81)" -m
	TALKER="talk" talk open tcp "$(vip "$1")" 81
	# shellcheck disable=SC2086 # The steps of OPEN are words.
	walk $OPEN
	shows ESTABLISHED 50
	adm -L -n -c | awk -v end="$(at "$(vip "$1")" 81)" '$5 == end { print $2, $3 }' |
		grep -E '^14:5[0-9] ESTABLISHED|^15:00 ESTABLISHED'
	TALKER="talk" talk close
}

# stays_over FAMILY: a longer timeout brings no connection back that has expired.
stays_over() {
	service "$1" m
	for _ in {1..30}; do
		# shellcheck disable=SC2086 # The steps of OPEN are words.
		walk $OPEN
	done
	adm config set --timeout established=1
	sleep 1.1
	adm config set --timeout established=300
	fails grep ESTABLISHED <(adm -L -n -c)
}

make_site
start_servers 81 server2
start_client
start_segments seg
for name in client server1; do
	in_ns $name nft -f - <<-END
		table inet quiet { chain input { type filter hook input priority 0;
			tcp dport != 81 tcp sport != 81 drop; meta l4proto sctp drop; }; }
	END
done
engine rvs

for family in 4 6; do
	# shellcheck disable=SC2086 # The steps of OPEN are words.
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		ktap_case "$text: opening" in_state $family $method syn-recv SYN_RECV c:S
		ktap_case "$text: open" in_state $family $method established ESTABLISHED c:S c:A
		ktap_case "$text: reset" in_state $family $method close CLOSE c:S c:A c:R
		if [ $method = m ]; then
			ktap_case "$text: half closed by the client" in_state $family m close-wait CLOSE_WAIT \
				$OPEN c:FA
			ktap_case "$text: half closed by the server" in_state $family m fin-wait FIN_WAIT \
				$OPEN s:FA
			ktap_case "$text: closed" in_state $family m time-wait TIME_WAIT $OPEN s:FA c:FA
		else
			ktap_case "$text: half closed" in_state $family g fin-wait FIN_WAIT c:S c:A c:FA
		fi
	done
	ktap_case "IPv$family: SCTP" sctp $family
	ktap_case "IPv$family: services have timeouts of their own" separate $family
	ktap_case "IPv$family: what has expired does not come back" stays_over $family
done
ktap_run
