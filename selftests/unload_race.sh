#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Requests while the module is unloaded, again and again, and loaded by them: each works,
# or is refused in a way that the client can understand, and nothing of the module stays
# behind.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

NL=(python3 -IS "$SELFTESTS/nl.py")
IN_DIRECTOR=(nsenter --net=/run/netns/director --)

# unload: one attempt. The modules may be in use; requests load them again at any time.
unload() {
	[ ! -d /sys/module/rvs_rr ] || rmmod rvs_rr 2>>"$WORK/rmmod" || return 1
	rmmod rvs 2>>"$WORK/rmmod"
}

# unload_times NUMBER: until it has succeeded so many times.
unload_times() {
	local done=0 end=$((SECONDS + 60))
	: >"$WORK/rmmod"
	while [ "$done" -lt "$1" ]; do
		[ "$SECONDS" -lt "$end" ] || {
			echo "only $done of $1 times unloaded"
			sort "$WORK/rmmod" | uniq -c
			return 1
		}
		! unload || done=$((done + 1))
	done
}

# race NUMBER COMMAND...: unloads the module so many times while COMMAND, which watches
# the file $WORK/stop, goes on. Then the module must be as good as new.
race() {
	local status=0
	rm -f "$WORK/stop"
	start "${@:2}"
	unload_times "$1" || status=1
	touch "$WORK/stop"
	wait "$PID" || status=1
	[ "$status" = 0 ] || return 1
	good_as_new
}

# no TEXT COMMAND...: fails if a line of the output has TEXT.
no() {
	local found
	found=$("${@:2}" | grep -E "$1") || return 0
	echo "$* says $found"
	return 1
}

# nothing_left: what the module had registered with the kernel is gone with it.
nothing_left() {
	modules_gone
	no '^rvs_' cat /proc/slabinfo
	# The kernel leaves the links of caches that it has merged with others.
	no rvs_ find /sys/kernel/slab -maxdepth 1 -type d
	no '\[rvs' cat /proc/kallsyms
	no rvs nft list hooks
}

# good_as_new: unloads the module, if it is still there, and tries a new one.
good_as_new() {
	[ ! -d /sys/module/rvs ] || eventually 10 unload
	nothing_left
	engine rvs
	"${IN_DIRECTOR[@]}" "${NL[@]}" setup
	"${IN_DIRECTOR[@]}" "${NL[@]}" state | grep -qx service.dests=2
	echo 'flush||ok||' | "${IN_DIRECTOR[@]}" "${NL[@]}" try
	eventually 10 unload
	nothing_left
}

# clients: two that send requests all the time.
clients() {
	local number pids=()
	for number in 1 2; do
		"${IN_DIRECTOR[@]}" "${NL[@]}" hammer >"$WORK/hammer$number" &
		pids+=($!)
	done
	eventually 60 [ -e "$WORK/stop" ]
	kill -TERM "${pids[@]}"
	wait "${pids[0]}" && wait "${pids[1]}"
}

requests() {
	race 6 clients || {
		cat "$WORK"/hammer*
		return 1
	}
	cat "$WORK"/hammer*
	no '(worked|absent)=0( |$)' cat "$WORK"/hammer*
}

# administer: what administrators type, with each exit status and message.
administer() {
	local arguments status
	while [ ! -e "$WORK/stop" ]; do
		for arguments in '-A -t 10.0.0.100:80 -s rr' '-a -t 10.0.0.100:80 -r 192.168.0.11 -m' \
			'-D -t 10.0.0.100:80' -C -Ln -Lnc '-L --timeout' -Ln -Lnc; do
			status=0
			# shellcheck disable=SC2086
			"${IN_DIRECTOR[@]}" rvsadm $arguments >/dev/null 2>"$WORK/message" || status=$?
			echo "$status $(tr '\n' ' ' <"$WORK/message")"
		done
	done >"$WORK/administer"
}

tool() {
	race 2 administer
	sort "$WORK/administer" | uniq -c | sort -rn
	grep -q '^0 ' "$WORK/administer"
	# Success, or refused (3) or absent (4) with a reason.
	no '^([125-9]|.[0-9]|[34] *$)' cat "$WORK/administer"
}

# A dump that its client does not read to the end holds the module.
dump() {
	local number
	engine rvs
	for number in {1..250}; do
		echo "service-new|service.port=$number|ok||"
	done | "${IN_DIRECTOR[@]}" "${NL[@]}" try
	pipe holder.in
	pipe holder.out
	start "${IN_DIRECTOR[@]}" "${NL[@]}" hold <"$WORK/holder.in" >"$WORK/holder.out"
	await_ready "$PIPE"
	echo 'flush||ok||' | "${IN_DIRECTOR[@]}" "${NL[@]}" try
	eventually 10 rmmod rvs_rr
	! rmmod rvs || return 1
	same 1 "$(cat /sys/module/rvs/refcnt)"
	kill -KILL "$PID"
	eventually 10 unload
	nothing_left
}

# namespaces: come, are configured, and end.
namespaces() {
	while [ ! -e "$WORK/stop" ]; do
		unshare --net sh -c 'ip link set lo up && "$@" setup' - "${NL[@]}" || true
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
ktap_case 'namespaces end while the module is unloaded twice' race 2 namespaces
ktap_run
