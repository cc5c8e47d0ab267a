#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Draining: a server takes no new connections, keeps those that it has, and is removed
# when it has none left or its time is up.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# set_server FAMILY NUMBER CHANGE...
set_server() {
	# shellcheck disable=SC2046
	ask dest-set $(named_server "$1" "$2") -dest.method -dest.weight "${@:3}"
}

# shown FAMILY NUMBER NAME: a value of the server.
shown() {
	# shellcheck disable=SC2046
	ask dest-get $(named_server "$1" "$2") | sed -n "s/^dest\.$3=//p"
}

# gone FAMILY NUMBER: whether the server is there no more.
gone() {
	# shellcheck disable=SC2046
	[ "$(ask dest-get $(named_server "$1" "$2") | head -n 1)" = ENOENT ]
}

# fresh FAMILY [OPTION...]: the service with its servers, options for the service.
fresh() {
	talk close >/dev/null
	ask flush force=
	add_service tcp "$1" m
	[ $# = 1 ] || adm -E -t "$(at "$(vip "$1")" 80)" "${@:2}"
}

# three FAMILY: three connections, one to each server.
three() {
	same "server1 server2 server3" "$(talk open tcp "$(vip "$1")" 80 3)"
}

says_all() {
	same "server1 server2 server3" "$(talk say)"
}

# takes_none FAMILY: server2 drains, with a connection.
takes_none() {
	fresh "$1"
	three "$1"
	set_server "$1" 2 dest.state=1
	same "server1 server3 server1 server3" "$(talk get tcp "$(vip "$1")" 80 4)"
	says_all
	same "1 1 0" "$(shown "$1" 2 state) $(shown "$1" 2 weight) $(shown "$1" 2 effective-weight)"
	set_server "$1" 2 dest.weight=3
	same "1 3 0" "$(shown "$1" 2 state) $(shown "$1" 2 weight) $(shown "$1" 2 effective-weight)"
}

# stays FAMILY: as long as its connection lives; it goes soon after.
goes_when_empty() {
	sleep 1
	fails gone "$1" 2
	talk close
	eventually 20 gone "$1" 2
	same "server1 server3" "$(talk get tcp "$(vip "$1")" 80 2 | tr ' ' '\n' | sort | paste -sd ' ')"
}

# goes_at_once FAMILY: without connections.
goes_at_once() {
	fresh "$1"
	set_server "$1" 2 dest.state=1 dest.drain-timeout=60
	eventually 20 gone "$1" 2
}

# ready FAMILY: it comes back with its weight.
ready() {
	fresh "$1"
	three "$1"
	set_server "$1" 2 dest.weight=4
	set_server "$1" 2 dest.state=1 dest.drain-timeout=100
	[ "$(shown "$1" 2 drain-left)" -gt 90 ]
	set_server "$1" 2 dest.state=0
	same "0 4 4" "$(shown "$1" 2 state) $(shown "$1" 2 weight) $(shown "$1" 2 effective-weight)"
	same "" "$(shown "$1" 2 drain-left)"
	talk get tcp "$(vip "$1")" 80 3 | grep -q server2
	talk close
	sleep 1
	fails gone "$1" 2
}

# wait_policy FAMILY: when the time is up it goes, and nobody is told.
wait_policy() {
	fresh "$1"
	three "$1"
	set_server "$1" 2 dest.state=1 dest.drain-timeout=1
	eventually 20 gone "$1" 2
	same timeout "$(talk say)"
}

# reset_policy FAMILY: when the time is up both ends are told, an idle client, too.
reset_policy() {
	fresh "$1"
	three "$1"
	set_server "$1" 2 dest.state=1 dest.drain-policy=1 dest.drain-timeout=1
	eventually 20 gone "$1" 2
	eventually 20 no_sockets server2
	same reset "$(talk say)"
}

# no_sockets NAMESPACE: it has no established connection.
no_sockets() {
	[ -z "$(in_ns "$1" ss -Htn state established)" ]
}

# persistent FAMILY: a client that was kept with the server goes elsewhere.
persistent() {
	local mine
	fresh "$1" -s rr -p 300
	mine=$(talk get tcp "$(vip "$1")" 80 1)
	same "$mine $mine" "$(talk get tcp "$(vip "$1")" 80 2)"
	set_server "$1" "${mine#server}" dest.state=1
	fails grep -q "$mine" <<<"$(talk get tcp "$(vip "$1")" 80 3)"
	eventually 20 gone "$1" "${mine#server}"
}

# chosen FAMILY SCHEDULER: nor does a scheduler lead there, be it a hash or one that goes by the loads.
chosen() {
	local mine
	fresh "$1" -s "$2"
	mine=$(talk open tcp "$(vip "$1")" 80 1)
	set_server "$1" "${mine#server}" dest.state=1
	fails grep -qE "$mine|refused" <<<"$(talk get tcp "$(vip "$1")" 80 6)"
	same "$mine" "$(talk say)"
	talk close
	eventually 20 gone "$1" "${mine#server}"
}

# has_bytes FILE COUNT: so many at least.
has_bytes() {
	[ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -ge "$2" ]
}

# download FAMILY: a long download goes on while its server drains, which goes after it.
download() {
	local number vip
	vip=$(at "$(vip "$1")" 8080)
	rm -f "$WORK/big" "$WORK/more"
	ask flush force=
	adm -A -t "$vip" -s rr
	adm -a -t "$vip" -r "$(real "$1" 2 8080)" -m
	start in_ns client curl -gsN -o "$WORK/big" "http://$vip/big"
	number=$PID
	# It is under way; curl may keep the end of the first half to itself.
	eventually 20 has_bytes "$WORK/big" $((1 << 19))
	PORT=8080 set_server "$1" 2 dest.state=1 dest.drain-timeout=600
	fails in_ns client curl -gs -m 5 -o /dev/null "http://$vip/small"
	# Longer than it takes to see that a server is empty.
	sleep 2
	PORT=8080 fails gone "$1" 2
	touch "$WORK/more"
	wait "$number"
	same "$((2 << 20))" "$(stat -c %s "$WORK/big")"
	PORT=8080 eventually 20 gone "$1" 2
}

# commands FAMILY: the same by rvsadm.
commands() {
	local vip
	vip=$(at "$(vip "$1")" 80)
	fresh "$1"
	three "$1"
	adm drain tcp "$vip" "$(real "$1" 2 80)" --timeout 600 --policy reset
	same "1 1 600" "$(shown "$1" 2 state) $(shown "$1" 2 drain-policy) $(shown "$1" 2 drain-timeout)"
	adm server list | grep -q draining
	fails grep -q server2 <<<"$(talk get tcp "$(vip "$1")" 80 4)"
	adm ready tcp "$vip" "$(real "$1" 2 80)"
	same 0 "$(shown "$1" 2 state)"
	adm service set tcp "$vip" --slow-start 60
	# shellcheck disable=SC2046
	ask service-get $(named_service "$1") | grep -qx 'service.slow-start=60'
	talk get tcp "$(vip "$1")" 80 3 | grep -q server2
}

refusals() {
	fresh 4
	same "EINVAL the destination does not drain: give its state, too" \
		"$(set_server 4 2 dest.drain-timeout=5 | paste -sd ' ')"
	same "EINVAL the destination does not drain: give its state, too" \
		"$(set_server 4 2 dest.state=0 dest.drain-policy=1 | paste -sd ' ')"
}

make_site
start_servers
start_client
start in_ns server2 python3 -IS "$SELFTESTS/download.py" 8080 "$WORK/more"
engine rvs

ktap_case "what belongs to draining needs the state" refusals
for family in 4 6; do
	text="IPv$family"
	ktap_case "$text: no new connections, whatever the weight" takes_none $family
	ktap_case "$text: it is removed when its last connection has ended" goes_when_empty $family
	ktap_case "$text: without connections it is removed at once" goes_at_once $family
	ktap_case "$text: ready takes it back with its weight" ready $family
	ktap_case "$text: late, with the policy wait" wait_policy $family
	ktap_case "$text: late, with the policy reset" reset_policy $family
	ktap_case "$text: by rvsadm" commands $family
	ktap_case "$text: a long download goes on" download $family
	ktap_case "$text: persistence does not stick" persistent $family
	ktap_case "$text: source hashing" chosen $family sh
	ktap_case "$text: Maglev hashing" chosen $family mh
	ktap_case "$text: least connection" chosen $family lc
done
ktap_run
