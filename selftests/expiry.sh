#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The states of connections and how long each lasts: single segments are sent from both
# ends, and the list of connections must show what IPVS would show.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

PORT=4000

# look PORT: STATE and remaining TIME of the connection with that client port, or -.
look() {
	local expires state client
	STATE=- TIME=0
	while read -r _ expires state client _; do
		[[ $client != *:"$1" ]] ||
			STATE=$state TIME=$((10#${expires%:*} * 60 + 10#${expires#*:}))
	done < <(adm -L -n -c | tail -n +3)
}

# shows STATE TIMEOUT: the connection of $PORT has this state, fresh.
shows() {
	look "$PORT"
	same "$1" "$STATE"
	[ "$TIME" -le "$2" ] && [ "$TIME" -ge $(($2 - 4)) ] || same "$2 s" "$TIME s"
}

# walk STEP...: a new connection that takes these steps, each "END:FLAGS:STATE:TIMEOUT".
walk() {
	local step end flags state timeout
	for step in "$@"; do
		IFS=: read -r end flags state timeout <<<"$step"
		talk "$end" "$PORT" "$flags"
		shows "$state" "$timeout"
	done
}

# walks FAMILY METHOD STEP...
walks() {
	use "$1" "$2" 1
	walk "${@:3}"
}

# use FAMILY METHOD [SERVER...]: a service with that method, server 1 alone unless others
# are named, and a client port of its own.
use() {
	local wanted="$*" present='' number
	[ ! -e "$WORK/use" ] || read -r number present <"$WORK/use"
	[ "$wanted" = "$present" ] || [ -z "$present" ] || adm -D -t "$(at "$(vip "${present%% *}")" 80)"
	[ "$wanted" = "$present" ] || add_service tcp "$1" "$2" 80 "${@:3}"
	talk family "$1"
	PORT=$((number + 1))
	echo "$PORT $wanted" >"$WORK/use"
}

# counts FAMILY: the connections of server 1, active and inactive.
counts() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs adds the connections that a server had before it was removed"
	adm -L -n -t "$(at "$(vip "$1")" 80)" |
		awk -v server="$(real "$1" 1 80)" '$2 == server { print $5, $6 }'
}

# active FAMILY: only opening and established connections count as active.
active() {
	use "$1" m 2 1
	talk c "$PORT" S
	same "1 0" "$(counts "$1")"
	talk s "$PORT" SA
	talk c "$PORT" A
	same "1 0" "$(counts "$1")"
	talk c "$PORT" FA
	same "0 1" "$(counts "$1")"
}

# reuse FAMILY: the client port of a finished connection begins a new one at once, which
# goes to the server whose turn it is.
reuse() {
	use "$1" m 3 1
	walk c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:900 s:FA:FIN_WAIT:120 c:FA:TIME_WAIT:120
	walk c:S:SYN_RECV:60
	same 1 "$(adm -L -n -c | grep -c ":$PORT ")"
	adm -L -n -c | grep ":$PORT " | grep -F "$(real "$1" 3 80)"
	same "0 0" "$(counts "$1")"
}

# rest FAMILY: a segment without a connection that does not begin one leaves no trace.
rest() {
	use "$1" m 3 1
	talk c "$PORT" A
	talk c "$PORT" FA
	talk c "$PORT" R
	gone "$PORT"
}

none_counted() {
	[ "$(counts "$1")" = "0 0" ]
}

gone() {
	look "$1"
	[ "$STATE" = - ]
}

# settable FAMILY: the three timeouts can be set; entries vanish when their time is over.
settable() {
	use "$1" m 2 1
	adm --set 4 3 2
	adm -L --timeout | grep 'Timeout (tcp tcpfin udp): 4 3 2'
	walk c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:4
	eventually 8 gone "$PORT"
	# What has expired is counted until it is removed, a second later at most.
	eventually 5 none_counted "$1"
	use "$1" m
	walk c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:4 s:FA:FIN_WAIT:3
	eventually 7 gone "$PORT"
}

# kept FAMILY: each packet starts the timeout again.
kept() {
	local end
	use "$1" m 1
	walk c:S:SYN_RECV:60 s:SA:SYN_RECV:60 c:A:ESTABLISHED:4
	for end in c s c s; do
		sleep 1.3
		walk "$end:A:ESTABLISHED:4"
	done
}

# udp FAMILY: a flow has 300 s; one that has expired is new for the next packet.
udp() {
	adm --set 900 120 300
	add_service udp "$1" m 80 2 1
	TALKER=udp talk bind 0
	same server1 "$(TALKER=udp talk open udp "$(vip "$1")" 80)"
	same "UDP 1" "$(adm -L -n -c | awk -v vip="$(at "$(vip "$1")" 80)" '
		$1 == "UDP" && $5 == vip && $2 > "04:55" && $2 <= "05:00" { print $3, ++n }')"
	adm --set 0 0 1
	same server1 "$(TALKER=udp talk say)"
	sleep 2.1
	same server2 "$(TALKER=udp talk say)"
	TALKER=udp talk close
	eventually 5 no_udp
	adm --set 900 120 300
}

no_udp() {
	! adm -L -n -c | grep -q '^UDP'
}

make_site
start_servers
start_client client udp
start_talker seg python3 -IS "$SELFTESTS/segments.py"
for family in 4 6; do
	talk family $family
	talk address "$(vip $family)" "$(host $family lan 11)" "$(host $family net 2)"
done >/dev/null
# Neither end's kernel may take part in the TCP of this test.
for name in client server1 server2 server3; do
	in_ns $name nft -f - <<-END
		table inet quiet { chain input { type filter hook input priority 0;
			meta l4proto tcp drop; }; }
	END
done
engine "$RVS_ENGINE"
echo 4000 >"$WORK/use"

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
