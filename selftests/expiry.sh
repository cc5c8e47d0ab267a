#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The states of connections and how long each lasts: single segments are sent from both
# ends, and the list of connections must show what IPVS would show.
# Limit: 300 s

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# By how many milliseconds a remaining time may be off: those of rvs come in milliseconds
# and change by jiffies, those of ip_vs in seconds.
[ "$RVS_ENGINE" = rvs ] && SLACK=100 || SLACK=2000

# now: milliseconds of the clock.
now() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# list: the connections, one line each: protocol, client port, state and milliseconds left.
list() {
	if [ "$RVS_ENGINE" = rvs ]; then
		adm conn list --json | tr -d ' ",' | awk -F : '
			$1 == "protocol" { proto = $2 }
			$1 == "client" { inside = 1 }
			$1 == "port" && inside { port = $2; inside = 0 }
			$1 == "state" { state = $2 }
			$1 == "expires_ms" { print proto, port, state, $2 }'
	else
		adm -L -n -c | awk '$2 ~ /^[0-9]+:[0-9]+$/ { split($2, left, ":"); sub(/.*:/, "", $4)
			print tolower($1), $4, $3, (left[1] * 60 + left[2]) * 1000 }'
	fi
}

# look PROTOCOL PORT: the STATE of the connection with that client port, or -, and the
# milliseconds LEFT. With the port `any` there must be one of the protocol at most.
look() {
	local found
	found=$(list | awk -v proto="$1" -v port="$2" '
		$1 == proto && (port == "any" || $2 == port) { print $3, $4 }')
	read -r STATE LEFT <<<"${found:-- 0}"
	[ "$(wc -l <<<"$found")" = 1 ] || same "one $1 connection of port $2" "$found"
}

# shows PROTOCOL PORT STATE TIMEOUT: the connection has this state, and its timeout has begun
# at SENT or later. That is known to the millisecond, however long this shell was away.
shows() {
	look "$1" "$2"
	same "$3" "$STATE" || return 1
	[ "$LEFT" -le $(($4 * 1000)) ] && [ "$LEFT" -ge $(($4 * 1000 - ($(now) - SENT) - SLACK)) ] ||
		same "$4 s since $SENT" "$LEFT ms at $(now)"
}

# step END FLAGS STATE TIMEOUT: a segment, and what the connection of PORT shows then. The
# pause tells a timeout that has begun anew from one that has not.
step() {
	sleep 0.3
	SENT=$(now)
	talk "$1" "$PORT" "$2"
	eventually 20 shows tcp "$PORT" "$3" "$4"
}

# walk STEP...: a connection takes these steps, each "END:FLAGS:STATE:TIMEOUT".
walk() {
	local step end flags state timeout
	for step in "$@"; do
		IFS=: read -r end flags state timeout <<<"$step"
		step "$end" "$flags" "$state" "$timeout"
	done
}

# walks FAMILY METHOD STEP...
walks() {
	use "$1" "$2" 1
	walk "${@:3}"
}

# fresh: no server has connections that it would take back.
fresh() {
	[ "$RVS_ENGINE" = rvs ] || return 0
	adm -C
	unload_engines
	engine "$RVS_ENGINE"
}

# use FAMILY METHOD SERVER...: a service with that method and these servers, and a client port
# of its own for the case.
use() {
	adm -C
	adm --set 900 120 300
	add_service tcp "$1" "$2" 80 "${@:3}"
	talk family "$1"
	next_port
}

# counts FAMILY: the connections of server 1, active and inactive. ip_vs adds those that the
# server had before it was removed.
counts() {
	adm -L -n -t "$(at "$(vip "$1")" 80)" |
		awk -v server="$(real "$1" 1 80)" '$2 == server { print $5, $6 }'
}

# counted FAMILY WANTED
counted() {
	same "$2" "$(counts "$1")"
}

# active FAMILY: only opening and established connections count as active.
active() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs adds connections from before"
	fresh
	use "$1" m 2 1
	talk c "$PORT" S
	eventually 20 counted "$1" "1 0"
	talk s "$PORT" SA
	talk c "$PORT" A
	eventually 20 shows_state ESTABLISHED
	counted "$1" "1 0"
	talk c "$PORT" FA
	eventually 20 counted "$1" "0 1"
}

# shows_state STATE
shows_state() {
	look tcp "$PORT"
	same "$1" "$STATE"
}

# reuse FAMILY: the client port of a finished connection begins a new one at once, which
# goes to the server whose turn it is.
reuse() {
	fresh
	use "$1" m 3 1
	walk c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:900 s:FA:FIN_WAIT:120 c:FA:TIME_WAIT:120
	walk c:S:SYN_RECV:60
	same 1 "$(adm -L -n -c | grep -c ":$PORT ")"
	adm -L -n -c | grep ":$PORT " | grep -F "$(real "$1" 3 80)"
	[ "$RVS_ENGINE" != rvs ] || counted "$1" "0 0"
}

# passed NUMBER: so many segments have come to the engine and were not for it.
passed() {
	same "$1" "$(in_ns director nft list counter inet watch passed |
		awk '$1 == "packets" { print $2 }')"
}

# rest FAMILY: a segment without a connection that does not begin one leaves no trace.
rest() {
	use "$1" m 3 1
	in_ns director nft -f - <<-END
		table inet watch
		delete table inet watch
		table inet watch {
			counter passed { }
			chain input {
				type filter hook input priority 110
				tcp sport $PORT counter name passed
			}
		}
	END
	talk c "$PORT" A
	talk c "$PORT" FA
	talk c "$PORT" R
	eventually 20 passed 3
	gone "$PORT"
}

gone() {
	look tcp "$1"
	same - "$STATE"
}

# vanishes SECONDS: the connection of PORT goes when it has been idle for so long, not before.
vanishes() {
	sleep $(($1 - 2))
	eventually $(($1 + 30)) gone "$PORT"
	[ $(($(now) - SENT)) -ge $(($1 * 1000 - SLACK)) ]
}

# settable FAMILY: the three timeouts can be set; entries vanish when their time is over.
settable() {
	fresh
	use "$1" m 2 1
	adm --set 20 15 10
	adm -L --timeout | grep 'Timeout (tcp tcpfin udp): 20 15 10'
	walk c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:20
	vanishes 20
	# What has expired is counted until it is removed, a second later at most.
	[ "$RVS_ENGINE" != rvs ] || eventually 20 counted "$1" "0 0"
	use "$1" m 1
	adm --set 20 15 10
	walk c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:20 s:FA:FIN_WAIT:15
	vanishes 15
}

# kept FAMILY: each packet starts the timeout again.
kept() {
	local end
	use "$1" m 1
	adm --set 20 0 0
	walk c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:20
	for end in c s c s; do
		sleep 6
		walk "$end:A:ESTABLISHED:20"
	done
}

# udp FAMILY: a flow has 300 s; one that has expired is new for the next packet.
udp() {
	local TALKER=udp
	talk close
	# No flow is left of before: one whose time is over is not shown, but would be there again
	# with a longer timeout, until it is removed.
	adm -C
	eventually 30 unload_engines
	engine "$RVS_ENGINE"
	add_service udp "$1" m 80 2 1
	SENT=$(now)
	same server1 "$(talk open udp "$(vip "$1")" 80)"
	shows udp any UDP 300
	adm --set 0 0 15
	SENT=$(now)
	same server1 "$(talk say)"
	shows udp any UDP 15
	sleep 13
	eventually 60 no_udp
	[ $(($(now) - SENT)) -ge $((15000 - SLACK)) ]
	same server2 "$(talk say)"
}

no_udp() {
	look udp any
	same - "$STATE"
}

make_site
start_servers
start_client client udp
start_segments seg
# Neither end's kernel may take part in the TCP of this test.
for name in client server1 server2 server3; do
	in_ns $name nft -f - <<-END
		table inet quiet { chain input { type filter hook input priority 0;
			meta l4proto tcp drop; }; }
	END
done
engine "$RVS_ENGINE"

OPEN="c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:900"
for family in 4 6; do
	# shellcheck disable=SC2086 # The steps of OPEN are words.
	{
		text="IPv$family, NAT"
		ktap_case "$text: the client closes first" walks $family m $OPEN \
			c:FA:CLOSE_WAIT:60 s:FA:TIME_WAIT:120 c:A:TIME_WAIT:120
		ktap_case "$text: the server closes first" walks $family m $OPEN \
			s:FA:FIN_WAIT:120 c:A:FIN_WAIT:120 c:FA:TIME_WAIT:120
		ktap_case "$text: the server resets" walks $family m $OPEN s:R:CLOSE:10
		ktap_case "$text: the client resets" walks $family m $OPEN c:R:CLOSE:10
		ktap_case "$text: the server refuses" walks $family m c:S:SYN_RECV:60 s:RA:CLOSE:10
		text="IPv$family, DR"
		ktap_case "$text: opened and closed, seen from one side" walks $family g \
			c:S:SYN_RECV:60 c:A:ESTABLISHED:900 c:FA:FIN_WAIT:120
		ktap_case "$text: closed before it was open" walks $family g c:S:SYN_RECV:60 c:FA:TIME_WAIT:120
		ktap_case "$text: reset before it was open" walks $family g c:S:SYN_RECV:60 c:R:SYN_RECV:60
		ktap_case "$text: reset" walks $family g c:S:SYN_RECV:60 c:A:ESTABLISHED:900 c:R:CLOSE:10
	}
	text="IPv$family"
	ktap_case "$text: active and inactive connections" active $family
	ktap_case "$text: a client port is used again after TIME_WAIT" reuse $family
	ktap_case "$text: segments that begin nothing leave no entry" rest $family
done
ktap_case "timeouts can be set, entries vanish" settable 4
ktap_case "each packet starts the timeout again" kept 6
for family in 4 6; do
	ktap_case "udp over IPv$family: 300 s, then it is new" udp $family
done
ktap_run
