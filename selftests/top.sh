#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rvsadm top on a terminal: what it shows under traffic, what its keys do, and how it leaves.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# sit COLUMNS LINES: somebody at a terminal, with top on it.
sit() {
	rm -f "$WORK"/seat.*
	start_talker seat in_ns director python3 -IS "$SELFTESTS/terminal.py" "$1" "$2" \
		env -u NO_COLOR rvsadm top
	TALKER="talk"
}

# seat ANSWER COMMAND...: what they do, and what should come of it.
seat() {
	same "$1" "$(TALKER=seat talk "${@:2}")"
}

sees() { seat yes await "$*"; }
misses() { seat yes gone "$*"; }
types() { seat typed type "$1"; }

# leaves KEYS: quits, with the terminal as it was.
leaves() {
	types "$1"
	seat "0 clean" end
}

# draining SERVER: whether it is.
draining() {
	adm server list | grep -F "$1" | grep draining
}

prepare() {
	rvsadm -n director flush
	add_service tcp 4 m
	add_service tcp 6 m
}

shows_what_passes() {
	prepare
	sit 100 24
	sees "tcp $VIP4:80"
	sees "tcp [$VIP6]:80"
	sees "$(real 4 2 80)"
	sees "services 2  servers 6"
	sees "q quit"
	tell storm tcp "$VIP4" 80
	# Some connections each second, and a picture of them.
	local screen end=$((SECONDS + 30))
	until screen=$(TALKER=seat talk screen) && grep -qE "connections/s +[1-9]" <<<"$screen" &&
		grep -q '[▂▃▄▅▆▇█]' <<<"$screen"; do
		[ "$SECONDS" -lt "$end" ] || same "connections per second" "$screen"
	done
	talk close
	leaves q
}

drains_and_makes_ready() {
	prepare
	sit 100 24
	sees "$(real 4 1 80)"
	# The first line is a service, which cannot drain.
	types d
	sees "choose a server first"
	types '\x1b[B'
	types d
	sees "Sure?"
	sees "no new connections"
	types n
	sees "nothing was changed"
	fails draining "$(real 4 1 80)"
	types d
	sees "Sure?"
	# So that it stays for a while.
	talk open tcp "$VIP4" 80 3
	types y
	sees "$(real 4 1 80) drains"
	sees "$(real 4 1 80) draining"
	draining "$(real 4 1 80)"
	types r
	sees "It stays"
	types y
	sees "is ready"
	misses "$(real 4 1 80) draining"
	fails draining "$(real 4 1 80)"
	talk close
	leaves q
}

folds_sorts_and_helps() {
	prepare
	sit 80 24
	sees "$(real 6 3 80)"
	types f
	misses "$(real 6 3 80)"
	sees "+ tcp $VIP4:80"
	types '\r'
	sees "$(real 4 3 80)"
	types s
	sees "order: connections"
	types '?'
	sees "Keys"
	types ' '
	misses "Keys"
	types p
	sees PAUSED
	leaves '\x03'
}

fits_any_terminal() {
	prepare
	sit 80 24
	sees "services 2"
	local size
	for size in "20 5" "1 1" "300 100" "40 12"; do
		seat resized resize "$size"
		types '\x1b[B'
	done
	sees "tcp $VIP4:80"
	leaves q
}

survives_what_happens_to_the_module() {
	prepare
	sit 100 24
	sees "tcp $VIP4:80"
	rvsadm -n director flush
	sees "There are no services."
	adm service add udp "$VIP4:53" -s rr
	sees "udp $VIP4:53"
	rvsadm -n director flush
	eventually 30 unload_engines
	# Asking loads it again.
	eventually 30 test -d /sys/module/rvs
	adm service add udp "$VIP4:54" -s rr
	sees "udp $VIP4:54"
	# A terminal that is told to end is left as it was.
	seat sent signal 15
	seat "0 clean" end
}

needs_a_terminal() {
	local text status=0
	text=$(in_ns director rvsadm top 2>&1 </dev/null) || status=$?
	same 2 "$status"
	[[ $text == *"needs a terminal"* ]]
	text=$(in_ns director setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
		rvsadm top 2>&1 </dev/null) || true
	[[ $text == *"needs a terminal"* ]]
}

engine rvs
make_site
start_servers
start_client
ktap_case "shows services, servers and what passes" shows_what_passes
ktap_case "d and r drain a server and make it ready, when confirmed" drains_and_makes_ready
ktap_case "other keys fold, sort, pause and help" folds_sorts_and_helps
ktap_case "fits any terminal" fits_any_terminal
ktap_case "goes on when services and the module come and go" survives_what_happens_to_the_module
ktap_case "needs a terminal, and says so" needs_a_terminal
ktap_run
