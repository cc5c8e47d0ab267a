#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Events: what happens is told in its order, numbered, in its namespace, to whom may know.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SERVICE="service.addr=10.0.0.100 service.port=80"
SERVER="$SERVICE dest.addr=192.168.0.11"

# listen NAME GROUP NAMESPACE [BYTES]: events of a group, to $WORK/NAME.
listen() {
	mkfifo "$WORK/$1.in"
	exec {LISTEN}<>"$WORK/$1.in"
	start in_ns "$3" python3 -IS "$SELFTESTS/events.py" "$2" "${@:4}" \
		<"$WORK/$1.in" >>"$WORK/$1"
	eventually 20 grep -q . "$WORK/$1"
}

# kinds NAME: of the events so far.
kinds() {
	awk '$1 != "listening" { printf "%s%s", sep, $1; sep = " " } END { print "" }' "$WORK/$1"
}

# told NAME KINDS: exactly these came, soon.
told() {
	eventually 20 is_told "$1" "$2" || same "$2" "$(kinds "$1")"
}

is_told() {
	[ "$(kinds "$1")" = "$2" ]
}

# clear NAME: forgets what came.
clear() {
	: >"$WORK/$1"
}

# consecutive NAME: the numbers have no gap.
consecutive() {
	grep -o ' number=[0-9]*' "$WORK/$1" | tr -dc '0-9\n' |
		awk 'NR > 1 && $1 != last + 1 { gap = 1 } { last = $1 } END { exit gap || NR < 2 }'
}

configuration() {
	# shellcheck disable=SC2086
	{
		ask service-new $SERVICE service.owner=me
		ask dest-new $SERVER
		ask dest-set $SERVER dest.weight=5
		ask service-set $SERVICE service.flags=0
		ask config-set
		ask dest-del $SERVER
		ask service-del $SERVICE
	}
	told config "service-added committed dest-added committed dest-changed committed $(:
	)service-changed committed config-changed committed dest-removed committed $(:
	)service-removed committed"
	consecutive config
	grep -q '^service-added .*service.owner=me' "$WORK/config"
	grep -q '^dest-changed .*dest.addr=192.168.0.11 .*dest.weight=5' "$WORK/config"
	fails grep -q . "$WORK/elsewhere.events"
	# Each step has a generation.
	same 7 "$(grep -o ' generation=[0-9]*' "$WORK/config" | sort -u | wc -l)"
}

# one_step: the changes of a transaction have one generation and one end.
one_step() {
	local vip
	vip=$(at "$VIP6" 80)
	ask flush force=
	sleep 1
	clear config
	{
		echo "-A -t $vip -s rr"
		echo "-a -t $vip -r $(real 6 1 80) -m"
		echo "-a -t $vip -r $(real 6 2 80) -m"
	} | adm -R
	told config "service-added dest-added dest-added committed"
	same 1 "$(grep -o ' generation=[0-9]*' "$WORK/config" | sort -u | wc -l)"
	consecutive config
	ask flush force=
	told config "service-added dest-added dest-added committed service-removed committed"
}

refused_is_not_told() {
	clear config
	ask dest-set service.port=99 || true
	told config ""
}

# state_events FAMILY
state_events() {
	local vip
	vip=$(at "$(vip "$1")" 80)
	ask flush force=
	sleep 1
	clear state
	adm -A -t "$vip" -s rr
	adm -a -t "$vip" -r "$(real "$1" 1 80)" -m -x 2
	# News are told ten times a second.
	sleep 1
	talk open tcp "$(vip "$1")" 80 2
	told state "overloaded no-server"
	grep -q '^overloaded .*conns=2 limit=2' "$WORK/state"
	talk close
	knob_expire
	told state "overloaded no-server relieved server-again"
	adm -e -t "$vip" -r "$(real "$1" 1 80)" -m -w 0
	told state "overloaded no-server relieved server-again no-server quiesced"
	consecutive state
}

# knob_expire: closed connections go at once.
knob_expire() {
	ask config-set -config.timeout-tcp config.timeout.state=5 config.timeout.seconds=1
}

drain_events() {
	ask flush force=
	sleep 1
	clear state
	# shellcheck disable=SC2086
	{
		ask service-new $SERVICE
		ask dest-new $SERVER
		ask dest-new $SERVICE dest.addr=192.168.0.12
		talk open tcp "$VIP4" 80 2
		ask dest-set $SERVER -dest.method -dest.weight dest.state=1
		told state "draining"
		ask dest-set $SERVER -dest.method -dest.weight dest.state=0
		told state "draining ready"
		ask dest-set $SERVER -dest.method -dest.weight dest.state=1 dest.drain-timeout=1
		told state "draining ready draining drain-expired"
		grep -q '^drain-expired .*conns=1' "$WORK/state"
		ask dest-set $SERVER -dest.method -dest.weight dest.addr=192.168.0.12 dest.state=1
		told state "draining ready draining drain-expired draining no-server"
		talk close || true
		told state "draining ready draining drain-expired draining no-server drained"
	}
	grep -q '^dest-removed .*dest.addr=192.168.0.12' "$WORK/config"
}

pressure() {
	ask flush force=
	knob_expire
	sleep 1.5
	add_service udp 4 m
	knob conn_max 10
	told pressure ""
	talk get udp "$VIP4" 80 8
	told pressure "pressure"
	grep -qE '^pressure .*conns=[89] limit=10' "$WORK/pressure"
	knob conn_max 1000
	told pressure "pressure pressure-over"
}

# loss: a listener that does not read learns that it lost events, and sees the gap.
loss() {
	local number
	listen slow config director 4096
	for ((number = 0; number < 40; number++)); do
		echo "config-set||ok||"
	done | in_ns director python3 -IS "$SELFTESTS/nl.py" try
	echo go >&"$LISTEN"
	eventually 20 grep -q lost "$WORK/slow"
	sleep 0.3
	ask config-set
	eventually 20 consecutive_not slow
	eventually 20 same_last
}

consecutive_not() {
	! consecutive "$1"
}

# same_last: the last event is known to both listeners.
same_last() {
	[ "$(tail -n 1 "$WORK/slow")" = "$(tail -n 1 "$WORK/config")" ]
}

permission() {
	same EPERM "$(in_ns director setpriv --reuid 65534 --clear-groups --bounding-set=-all \
		--inh-caps=-all python3 -IS "$SELFTESTS/events.py" config)"
}

make_site
chmod a+rx "$WORK"
start_servers
start_client
engine rvs
ip netns add elsewhere
SITES+=(elsewhere)
for group in config state pressure; do
	listen "$group" "$group" director
	clear "$group"
done
listen elsewhere.events config elsewhere
clear elsewhere.events

ktap_case "changes of the configuration, in order, numbered" configuration
ktap_case "a transaction is one step" one_step
ktap_case "what is refused is not told" refused_is_not_told
ktap_case "thresholds, weight 0 and the last server, IPv4" state_events 4
ktap_case "the same, IPv6" state_events 6
ktap_case "draining, ready, drained, expired" drain_events
ktap_case "pressure" pressure
ktap_case "a slow listener learns that it has lost some" loss
ktap_case "listening takes CAP_NET_ADMIN" permission
ktap_run
