#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Scheduler modules: loaded when a service asks for them, held while it has them, safe
# to unload at any other time.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SERVICE=$(at "$VIP4" 80)

loaded() {
	grep -q "^$1 " /proc/modules
}

schedulers() {
	adm info | sed -n 's/^schedulers loaded: *//p'
}

# begin: no service is there and no scheduler is loaded.
begin() {
	modprobe rvs
	adm -C
	eventually 30 without rvs_rr
	same none "$(schedulers)"
}

# without MODULE: unloads it, if it is there.
without() {
	[ ! -d "/sys/module/$1" ] || rmmod "$1"
}

on_demand() {
	begin
	fails loaded rvs_rr
	add_service tcp 4 m
	loaded rvs_rr
	same rr "$(schedulers)"
}

# refused NAME: such a scheduler is not found, and nothing is left of the service.
refused() {
	local status=0
	begin
	adm -A -t "$(at "$VIP4" 8000)" -s "$1" >"$WORK/out" 2>&1 || status=$?
	same 3 "$status"
	grep "scheduler '$1' is not loaded" "$WORK/out"
	same "" "$(adm -L -n | grep 8000 || true)"
}

no_unloading_in_use() {
	begin
	add_service tcp 4 m
	same "server1 server2" "$(talk get tcp "$VIP4" 80 2)"
	fails rmmod rvs_rr 2>"$WORK/error"
	grep "in use" "$WORK/error"
	same server3 "$(talk get tcp "$VIP4" 80)"
}

# one hold for each service: the module can go with the last one.
held_by_each_service() {
	begin
	add_service tcp 4 m
	add_service udp 6 m
	adm -D -t "$SERVICE"
	fails rmmod rvs_rr
	adm -C
	eventually 30 rmmod rvs_rr
	same none "$(schedulers)"
	loaded rvs
}

# asked_more NUMBER: more than so many connections have been scheduled.
asked_more() {
	[ "$(adm info | awk '$1 == "scheduled:" { print $2 }')" -gt "$1" ]
}

# under_traffic: comes with a service and goes right after it, while requests keep coming.
under_traffic() {
	local round before
	begin
	TALKER=storm tell storm udp "$VIP4" 80
	for ((round = 0; round < 10; round++)); do
		before=$(adm info | awk '$1 == "scheduled:" { print $2 }')
		add_service udp 4 m 80 1
		same 3 "$(talk get udp "$VIP4" 80 3 | tr ' ' '\n' | grep -c server)"
		# Some of them are the storm's.
		eventually 60 asked_more $((before + 3))
		adm -C
		eventually 30 rmmod rvs_rr
	done
	TALKER=storm tell stop
	TALKER=storm hear
	add_service tcp 4 m
	same "server1 server2 server3" "$(talk get tcp "$VIP4" 80 3)"
}

# core_is_held: the core stays while a scheduler is there.
core_is_held() {
	begin
	add_service tcp 4 m
	adm -C
	fails rmmod rvs
	eventually 30 rmmod rvs_rr
	rmmod rvs
	fails loaded rvs
}

make_site
start_servers
start_client client storm
start_client
engine rvs
# A request on its way when its service goes may be lost, and the next must not wait for it.
TALKER=storm talk patience 1 >/dev/null

ktap_case "a scheduler is loaded when a service asks for it" on_demand
ktap_case "an unknown scheduler is refused by name" refused no-such
ktap_case "a scheduler in use cannot be unloaded" no_unloading_in_use
ktap_case "it can when the last of its services is gone" held_by_each_service
ktap_case "it comes and goes under traffic, 10 times" under_traffic
ktap_case "the core cannot be unloaded before its schedulers" core_is_held
ktap_run
