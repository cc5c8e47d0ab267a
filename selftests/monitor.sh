#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rvsadm monitor: events in their order, the loss of some, and a module that goes and comes back.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

TCP=(tcp "$VIP4:80")
SERVER=192.168.0.11:80

# watch OPTION...: a monitor in the background, which has begun to listen; MONITOR is its process.
watch() {
	# Of one that a case left behind nothing is read.
	rm -f "$WORK/events"
	: >"$WORK/events"
	start in_ns director rvsadm --json monitor "$@" >"$WORK/events"
	MONITOR=$PID
	eventually 30 grep -q '"listening"' "$WORK/events"
}

# told KEY...: these keys of the events so far, a line each.
told() {
	python3 -IS -c '
import json, sys
for line in open(sys.argv[1]):
    event = json.loads(line)
    print(*[event[key] for key in sys.argv[2:]])' "$WORK/events" "$@"
}

# tells NAME: whether there was such an event.
tells() {
	told event | grep -x "$1"
}

configuration() {
	rvsadm -n director flush
	watch --group config
	adm service add "${TCP[@]}" -s rr
	adm server add "${TCP[@]}" "$SERVER" --method nat
	adm server set "${TCP[@]}" "$SERVER" --weight 3
	adm service set "${TCP[@]}" -s wrr
	adm server del "${TCP[@]}" "$SERVER"
	adm config set --timeout-udp 77
	adm service del "${TCP[@]}"
	eventually 30 tells service-removed
	same "service-added dest-added dest-changed service-changed dest-removed config-changed service-removed" \
		"$(told event | grep -vx -e committed -e listening | paste -sd' ')"
	# Numbers without a gap, generations that do not fall.
	told number generation | python3 -IS -c '
import sys
rows = [line.split() for line in sys.stdin][1:]
numbers = [int(number) for number, _ in rows]
assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), numbers
generations = [int(generation) for _, generation in rows]
assert generations == sorted(generations), generations'
	told event service server | grep -F "dest-added {'family': 'ipv4', 'protocol': 'tcp', 'address': '$VIP4', 'port': 80} {'address': '192.168.0.11', 'port': 80}"
	stop "$MONITOR"
}

states() {
	rvsadm -n director flush
	adm service add "${TCP[@]}" -s rr
	adm server add "${TCP[@]}" "$SERVER" --method nat
	watch --group state
	adm server drain "${TCP[@]}" "$SERVER" --timeout 600
	eventually 30 grep -q -e '"draining"' -e '"drained"' "$WORK/events"
	# What has no connections goes at once.
	eventually 30 tells drained
	tells no-server
	stop "$MONITOR"
}

traffic() {
	rvsadm -n director flush
	adm config set --timeout close=1 --timeout fin-wait=1 --timeout time-wait=1
	local endpoint server
	endpoint=$(at "$(vip "$1")" 80) server=$(real "$1" 1 80)
	adm service add tcp "$endpoint" -s rr
	adm server add tcp "$endpoint" "$server" --method nat --upper 2
	watch --group state
	talk open tcp "$(vip "$1")" 80 2
	eventually 30 tells overloaded
	eventually 30 tells no-server
	told event connections limit | grep -x "overloaded 2 2"
	told event server | grep -F overloaded | grep -F "$(host "$1" lan 11)"
	adm drain tcp "$endpoint" "$server"
	eventually 30 tells draining
	adm ready tcp "$endpoint" "$server"
	eventually 30 tells ready
	# The connections outlive it.
	adm drain tcp "$endpoint" "$server"
	fails tells drained
	talk close || true
	eventually 30 tells drained
	[[ $(adm server list tcp "$endpoint") != *"$server"* ]]
	stop "$MONITOR"
}

# A server that fills before anything has looked at it: the service had one, and has none now.
at_once() {
	rvsadm -n director flush
	watch --group state
	adm service add "${TCP[@]}" -s rr
	adm server add "${TCP[@]}" "$SERVER" --method nat --upper 1
	talk open tcp "$VIP4" 80
	eventually 30 tells overloaded
	eventually 30 tells no-server
	talk close || true
	stop "$MONITOR"
}

ends_after_so_many() {
	rvsadm -n director flush
	watch --group config --count 2
	adm service add "${TCP[@]}" -s rr
	adm service set "${TCP[@]}" -s wrr
	wait "$MONITOR"
	same 3 "$(wc -l <"$WORK/events")"
}

says_what_was_lost() {
	rvsadm -n director flush
	watch --group config
	kill -STOP "$MONITOR"
	local round
	for ((round = 0; round < 12; round++)); do
		for ((number = 1; number <= 200; number++)); do
			echo "-A -t 192.0.2.1:$number -s rr"
		done | adm -R
		rvsadm -n director flush
	done
	kill -CONT "$MONITOR"
	eventually 30 tells lost
	adm service add "${TCP[@]}" -s rr
	eventually 30 grep -q "$VIP4" "$WORK/events"
	# What is said to be lost is what is missing.
	python3 -IS - "$WORK/events" <<-'END'
		import json, sys
		last, lost, seen = None, 0, 0
		for event in map(json.loads, open(sys.argv[1])):
		    if event["event"] == "lost":
		        lost += event["lost"] or 0
		    elif event["number"] is not None:
		        first = event["number"] if last is None else first
		        last, seen = event["number"], seen + 1
		assert lost > 0
		assert last - first + 1 == seen + lost, (first, last, seen, lost)
	END
	stop "$MONITOR"
}

module_comes_back() {
	rvsadm -n director flush
	watch
	local number
	eventually 30 unload_engines
	eventually 30 tells gone
	modprobe rvs
	adm service add "${TCP[@]}" -s rr
	eventually 30 tells service-added
	same 2 "$(told event | grep -cx listening)"
	number=$(told event number | awk '$1 == "service-added" { print $2 }')
	[ "$number" -le 2 ]
	stop "$MONITOR"
}

for_people() {
	rvsadm -n director flush
	in_ns director rvsadm monitor --group config --count 1 >"$WORK/text" &
	local pid=$!
	eventually 30 grep -q listening "$WORK/text"
	adm service add "${TCP[@]}" -s rr
	wait "$pid"
	grep -qE "^[0-9:]{8} service-added tcp $VIP4:80, generation [0-9]+$" "$WORK/text"
}

engine rvs
make_site
start_servers
start_client
ktap_case "changes of the configuration, in their order" configuration
ktap_case "states of servers and services" states
for family in 4 6; do
	ktap_case "connections fill and keep a server that drains, IPv$family" traffic "$family"
done
ktap_case "a server that fills before anything has looked at it" at_once
ktap_case "ends after so many events" ends_after_so_many
ktap_case "what was lost is said, and what follows is complete" says_what_was_lost
ktap_case "goes on when the module comes back" module_comes_back
ktap_case "lines for people" for_people
ktap_run
