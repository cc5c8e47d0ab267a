#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Requests while the module is unloaded, again and again, and loaded by them: each works,
# or is refused in a way that the client can understand, and nothing of the module stays
# behind.
#
# Requests that come all the time may keep the module busy all the time. So the clients can
# be held: while there is a file $WORK/hold they finish what they have begun, begin nothing,
# and tell it by a file $WORK/idle.NAME. A file $WORK/round.NAME tells that a client has got
# through its requests once.
# UNLOAD_RACE_ROUNDS (3) is how often the module goes; `make check-races` asks for more.
# Limit: 300 s

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

NL=(python3 -IS "$SELFTESTS/nl.py")
IN_DIRECTOR=(nsenter --net=/run/netns/director --)
# What the cases tell when they succeed, too.
exec {TELL}>&1

# unload: one attempt. The modules may be in use; requests load them again at any time.
unload() {
	[ ! -d /sys/module/rvs_rr ] || rmmod rvs_rr 2>>"$WORK/rmmod" || return 1
	rmmod rvs 2>>"$WORK/rmmod"
}

# unload_times NUMBER CLIENT...: unloads the module so many times. It is tried while the
# clients go on; where they leave no gap, and the last time in any case, they are held.
unload_times() {
	local round attempt raced=0
	: >"$WORK/rmmod"
	eventually 60 all round "${@:2}"
	for ((round = 1; round < $1; round++)); do
		eventually 60 [ -d /sys/module/rvs ]
		for ((attempt = 0; attempt < 20; attempt++)); do
			! unload || break
		done
		if [ "$attempt" -lt 20 ]; then
			raced=$((raced + 1))
		else
			unload_held "${@:2}"
		fi
	done
	unload_held "${@:2}"
	echo "# unloaded $raced times between requests, $(($1 - raced)) times with the clients held" >&"$TELL"
}

# unload_held CLIENT...: unloads the module while the clients are held. After that each has got
# through its requests.
unload_held() {
	touch "$WORK/hold"
	eventually 60 all idle "$@"
	modprobe rvs
	# A namespace that has ended takes its services with it in the background.
	eventually 60 unload
	rm -f "$WORK"/round.*
	rm "$WORK/hold"
	eventually 60 none idle "$@"
	eventually 60 all round "$@"
}

# all WHAT CLIENT...: whether each client tells this.
all() {
	local name
	for name in "${@:2}"; do
		[ -e "$WORK/$1.$name" ] || return 1
	done
}

# none WHAT CLIENT...: whether no client tells this.
none() {
	local name
	for name in "${@:2}"; do
		[ ! -e "$WORK/$1.$name" ] || return 1
	done
}

# pause CLIENT: for the clients that are part of this script: waits while they are held.
pause() {
	while [ -e "$WORK/hold" ]; do
		touch "$WORK/idle.$1"
		sleep 0.1
	done
	rm -f "$WORK/idle.$1"
}

# race NUMBER COMMAND CLIENT...: unloads the module so many times while COMMAND, which is those
# clients and ends when there is a file $WORK/stop, goes on. Then the module must be as good
# as new.
race() {
	local status
	rm -f "$WORK"/{stop,hold,idle.*,round.*}
	modprobe rvs
	start "$2"
	# Whatever comes of it, the clients end here.
	set +e
	(
		set -e
		unload_times "$1" "${@:3}"
	)
	status=$?
	set -e
	rm -f "$WORK/hold"
	touch "$WORK/stop"
	wait "$PID" || status=1
	if [ "$status" != 0 ]; then
		sort "$WORK/rmmod" | uniq -c
		return 1
	fi
	good_as_new
}

# no TEXT COMMAND...: fails if a line of the output has TEXT.
no() {
	local output found
	output=$("${@:2}")
	found=$(grep -E "$1" <<<"$output") || return 0
	echo "$* says $found"
	return 1
}

# slabs: the kernel leaves the links of caches that it has merged with others.
slabs() {
	find /sys/kernel/slab -maxdepth 1 -type d 2>/dev/null || true
}

# hooks: unload.sh proves that rvs is found there.
hooks() {
	nft list hooks 2>/dev/null || true
}

# nothing_left: what the module had registered with the kernel is gone with it.
nothing_left() {
	modules_gone
	no '^rvs_' cat /proc/slabinfo
	no rvs_ slabs
	no '\[rvs' cat /proc/kallsyms
	no rvs hooks
}

# good_as_new: unloads the module, if it is still there, and tries a new one.
good_as_new() {
	local state
	eventually 60 absent
	nothing_left
	engine rvs
	"${IN_DIRECTOR[@]}" "${NL[@]}" setup
	state=$("${IN_DIRECTOR[@]}" "${NL[@]}" state)
	grep -qx service.dests=2 <<<"$state"
	echo 'flush||ok||' | "${IN_DIRECTOR[@]}" "${NL[@]}" try
	eventually 60 absent
	nothing_left
}

# absent: unloads the module if it is there.
absent() {
	[ ! -d /sys/module/rvs ] || unload
}

# clients: two that send requests all the time.
clients() {
	local number pids=()
	for number in 1 2; do
		"${IN_DIRECTOR[@]}" "${NL[@]}" hammer "$WORK" "$number" >"$WORK/hammer$number" &
		pids+=($!)
	done
	until [ -e "$WORK/stop" ]; do
		sleep 0.2
	done
	kill -TERM "${pids[@]}"
	wait "${pids[0]}" && wait "${pids[1]}"
}

# requests: each client has met both, the module and its absence.
requests() {
	rm -f "$WORK"/hammer*
	race "${UNLOAD_RACE_ROUNDS:-3}" clients 1 2
	cat "$WORK"/hammer*
	no '(worked|absent)=0( |$)' cat "$WORK"/hammer*
}

# administer: what administrators type, with each exit status and message.
administer() {
	local arguments status
	while [ ! -e "$WORK/stop" ]; do
		pause tool
		for arguments in '-A -t 10.0.0.100:80 -s rr' '-a -t 10.0.0.100:80 -r 192.168.0.11 -m' \
			'-D -t 10.0.0.100:80' -C -Ln -Lnc '-L --timeout' -Ln -Lnc; do
			status=0
			# shellcheck disable=SC2086
			"${IN_DIRECTOR[@]}" rvsadm $arguments >/dev/null 2>"$WORK/message" || status=$?
			echo "$status $(tr '\n' ' ' <"$WORK/message")"
		done
		touch "$WORK/round.tool"
	done >"$WORK/administer"
}

tool() {
	race 2 administer tool
	sort "$WORK/administer" | uniq -c | sort -rn
	# The last round was with the module in place.
	same "$(printf '0 \n%.0s' {1..9})" "$(tail -n 9 "$WORK/administer")"
	# Success, or refused (3) or absent (4) with a reason.
	no '^([125-9]|.[0-9]|[34] *$)' cat "$WORK/administer"
}

# A dump that its client does not read to the end holds the module.
dump() {
	rm -f "$WORK"/holder.*
	engine rvs
	{
		echo 'flush||ok||'
		printf 'service-new|service.port=%s|ok||\n' {1..250}
	} | "${IN_DIRECTOR[@]}" "${NL[@]}" try
	pipe holder.in
	pipe holder.out
	start "${IN_DIRECTOR[@]}" "${NL[@]}" hold <"$WORK/holder.in" >"$WORK/holder.out"
	await_ready "$PIPE"
	echo 'flush||ok||' | "${IN_DIRECTOR[@]}" "${NL[@]}" try
	eventually 60 rmmod rvs_rr
	fails rmmod rvs
	same 1 "$(cat /sys/module/rvs/refcnt)"
	kill -KILL "$PID"
	eventually 60 unload
	nothing_left
}

# namespaces: come, are configured, and end.
namespaces() {
	while [ ! -e "$WORK/stop" ]; do
		pause namespaces
		# While the module leaves this may fail.
		if unshare --net sh -c 'ip link set lo up && "$@" setup' - "${NL[@]}"; then
			touch "$WORK/round.namespaces"
		fi
		sleep 0.5
	done >"$WORK/namespaces" 2>&1
}

ip netns add director
SITES+=(director)
ip -n director link set lo up
engine rvs

ktap_case 'requests of two clients while the module is unloaded 6 times' requests
ktap_case 'the tool while the module is unloaded twice' tool
ktap_case 'a dump that has begun holds the module' dump
ktap_case 'namespaces end while the module is unloaded twice' race 2 namespaces namespaces
ktap_run
