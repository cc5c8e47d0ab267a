#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything at once: requests and transactions that change everything, packets of all kinds from both
# sides, namespaces that come and go with services in them, schedulers that are unloaded.
# Afterwards all works as before, and can be unloaded. RACE_SECONDS says for how long,
# FUZZ_SEED with which requests and packets.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SECONDS_OF_RACE=${RACE_SECONDS:-20}
SEED=${FUZZ_SEED:-$RANDOM}

# link NAMESPACE DEVICE: its link address.
link() {
	ip -n "$1" -j link show dev "$2" | python3 -c \
		'import json, sys; print(json.load(sys.stdin)[0]["address"])'
}

# until_stopped COMMAND...: again and again, whatever comes of it.
until_stopped() {
	while [ ! -e "$WORK/stop" ]; do
		"$@" >/dev/null 2>&1 || true
	done
}

requests() {
	SEED=$((SEED + 1))
	fuzzgen netlink "$SEED" 3000 | in_ns director python3 -S "$SELFTESTS/fuzz.py" requests
}

transactions() {
	SEED=$((SEED + 1))
	in_ns director python3 -S "$SELFTESTS/transact.py" churn "$SEED"
}

packets() {
	SEED=$((SEED + 1))
	fuzzgen packets "$SEED" 5000 | python3 -S "$SELFTESTS/fuzz.py" packets "$@"
}

# passing_namespace: one with a service and a connection that ends with both in place.
passing_namespace() {
	ip netns add passing
	{
		echo "link set lo up"
		echo "address add 10.9.0.1/16 dev lo"
	} | ip -n passing -batch -
	DIRECTOR=passing adm -A -u 10.9.0.1:53 -s rr
	DIRECTOR=passing adm -a -u 10.9.0.1:53 -r 10.9.0.2:53 -m
	in_ns passing bash -c 'echo x >/dev/udp/10.9.0.1/53'
	ip netns del passing
}

# unload_schedulers: those that no service uses right now.
unload_schedulers() {
	local name
	while read -r name _; do
		case $name in rvs_*) rmmod "$name" ;; esac
	done </proc/modules
}

# race: all at the same time; none of it may end before the others do.
race() {
	local end=$((SECONDS + SECONDS_OF_RACE)) pids=()
	echo "# seed $SEED" >&3
	until_stopped requests &
	pids+=($!)
	until_stopped transactions &
	pids+=($!)
	until_stopped packets "$(link director net)" "$(link director lan)" &
	pids+=($!)
	until_stopped passing_namespace &
	pids+=($!)
	until_stopped unload_schedulers &
	pids+=($!)
	while [ "$SECONDS" -lt "$end" ]; do
		talk get udp "$VIP4" 81 >/dev/null || true
		sleep 0.2
	done
	touch "$WORK/stop"
	wait "${pids[@]}"
	rm "$WORK/stop"
}

# works FAMILY METHOD: as if nothing had been.
works() {
	adm -C
	add_service tcp "$1" m 80
	add_service udp "$1" m 81
	same "server1 server2 server3" "$(talk get tcp "$(vip "$1")" 80 3)"
	same "server1 server2 server3" "$(talk get udp "$(vip "$1")" 81 3)"
}

nothing_left() {
	adm -C
	ip netns del passing 2>/dev/null || true
	eventually 30 unload_engines
	! grep -E '^rvs_' /proc/slabinfo
}

exec 3>&1
make_site
start_servers 80
start_servers 81
start_client
engine rvs

ktap_case "everything at once, for $SECONDS_OF_RACE s" race
for family in 4 6; do
	ktap_case "IPv$family: clients are answered after that" works "$family"
done
ktap_case "nothing is left of it" nothing_left
ktap_run
