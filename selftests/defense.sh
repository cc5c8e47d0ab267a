#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Defence against overload: new connections are refused by rate or by number, old ones that are worth
# little are given up, and whoever is connected notices nothing.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# Memory is always low below this many pages, and never below none.
LOW=2147483647 FINE=0
# Small packets of UDP flows that get old while the other cases run.
FLOWS=400

# answered FAMILY COUNT: which of COUNT new UDP flows are answered, as a word of + and -.
answered() {
	local number answer pattern=''
	talk patience 0.4 >/dev/null
	for ((number = 0; number < $2; number++)); do
		answer=$(talk get udp "$(vip "$1")" 80)
		[[ $answer == server? ]] && pattern+=+ || pattern+=-
	done
	talk patience >/dev/null
	echo "$pattern"
}

# drops REASON: packets dropped for that reason; ip_vs does not count them.
drops() {
	[ "$RVS_ENGINE" = rvs ] || return 0
	adm info | awk -v reason="$1" '$1 == reason { n = $2 } END { print n + 0 }'
}

# dropped REASON COUNT COMMAND...: the counter goes up by COUNT.
dropped() {
	local before
	before=$(drops "$1")
	"${@:3}"
	[ "$RVS_ENGINE" != rvs ] || same "$2" $(($(drops "$1") - before))
}

patterns() {
	same "$2" "$(answered "$1" "${#2}")"
}

# fresh FUNCTION...: runs it with nothing left over from the case before.
fresh() {
	local name
	for name in drop_entry drop_packet secure_tcp; do
		knob "$name" 0
	done
	knob amemthresh 1024
	knob conn_max 1073741824
	talk close
	talk size 32
	talk patience
	"$@"
}

# by_rate FAMILY RATE PATTERN
by_rate() {
	knob am_droprate "$2"
	knob drop_packet 3
	dropped defense "$(tr -cd - <<<"$3" | wc -c)" patterns "$1" "$3"
	knob drop_packet 0
	same +++ "$(answered "$1" 3)"
}

# spared FAMILY: who is connected notices nothing.
spared() {
	local tcp udp
	tcp=$(talk open tcp "$(vip "$1")" 80 3)
	udp=$(talk open udp "$(vip "$1")" 80 3)
	knob am_droprate 1
	knob drop_packet 3
	same "$tcp $udp" "$(talk say)"
	same --- "$(answered "$1" 3)"
	same "$tcp $udp" "$(talk say)"
	knob drop_packet 0
	talk close
}

# mode NAME VALUE
mode() {
	[ "$(knob "$1")" = "$2" ]
}

refuses_all() {
	[ "$(answered "$1" 1)" = - ]
}

refuses_none() {
	[ "$(answered "$1" 4)" = ++++ ]
}

# automatic FAMILY: on while memory is low.
automatic() {
	knob amemthresh "$FINE"
	knob drop_packet 1
	refuses_none "$1"
	mode drop_packet 1
	knob amemthresh "$LOW"
	eventually 4 mode drop_packet 2
	eventually 3 refuses_all "$1"
	knob amemthresh "$FINE"
	eventually 4 mode drop_packet 1
	eventually 3 refuses_none "$1"
	knob drop_packet 2
	eventually 4 mode drop_packet 1
	knob drop_packet 0
	knob amemthresh "$LOW"
	sleep 1.5
	mode drop_packet 0
	refuses_none "$1"
	knob amemthresh 1024
}

# others: the two other modes follow the memory, too.
others() {
	local name
	for name in drop_entry secure_tcp; do
		knob "$name" 1
		knob amemthresh "$LOW"
		eventually 4 mode "$name" 2
		knob amemthresh "$FINE"
		eventually 4 mode "$name" 1
		knob "$name" 0
	done
	knob amemthresh 1024
}

# connections [STATE]: how many there are.
connections() {
	adm -L -n -c | awk -v state="${1:-}" '$3 ~ state && NR > 2 { n++ } END { print n + 0 }'
}

# shut PROTOCOL ADDRESS: no new connection.
shut() {
	same timeout "$(talk get "$1" "$2" 80)"
}

# limit FAMILY PROTOCOL: the one that is one too many is dropped.
limit() {
	local vip before servers
	vip=$(vip "$1")
	before=$(connections)
	knob conn_max $((before + 5))
	servers=$(talk open "$2" "$vip" 80 5)
	talk patience 0.5
	dropped conn-limit 1 shut "$2" "$vip"
	# As many as there are, and fewer: nobody is thrown out.
	knob conn_max "$before"
	same "$servers" "$(talk say)"
	shut "$2" "$vip"
	knob conn_max 0
	shut "$2" "$vip"
	same "$servers" "$(talk say)"
	talk patience
	knob conn_max 1073741824
	[[ $(talk get "$2" "$vip" 80) == server? ]]
	talk close
}

# flooded FAMILY: during a flood of SYNs, with the table full, whoever is connected loses nothing.
flooded() {
	local servers before sent
	servers=$(talk open tcp "$(vip "$1")" 80 3)
	knob conn_max $(($(connections) + 500))
	before=$(drops conn-limit)
	TALKER=flood$1 tell storm
	eventually 20 full
	talk size 300000
	for _ in 1 2 3; do
		same "$servers" "$(talk say)"
	done
	talk size 32
	TALKER=flood$1 tell stop
	sent=$(TALKER=flood$1 hear)
	echo "$sent SYNs, $(connections) connections"
	[ "$sent" -gt 1000 ]
	[ "$RVS_ENGINE" != rvs ] || [ "$(drops conn-limit)" -gt $((before + 300)) ]
	same "$servers" "$(talk say)"
	talk close
	knob conn_max 1073741824
}

full() {
	[ "$(connections)" -ge "$(knob conn_max)" ]
}

# fewer STATE COUNT
fewer() {
	[ "$(connections "$1")" -lt "$2" ]
}

# half_open FAMILY: they are given up, those that are open are not.
half_open() {
	local open before
	open=$(talk open tcp "$(vip "$1")" 80 3)
	TALKER=flood$1 talk 400
	before=$(connections SYN_RECV)
	[ "$before" -ge 300 ]
	knob drop_entry 3
	# Each second a 32nd of the table is searched.
	eventually 15 fewer SYN_RECV $((before - 20))
	knob drop_entry 0
	same "$open" "$(talk say)"
	talk close
}

# old_flows: UDP flows of one packet that are a minute old; those that said more are kept.
old_flows() {
	local before
	old_enough() { [ "$SECONDS" -ge "$OLD" ]; }
	eventually 62 old_enough
	before=$(connections '^UDP$')
	[ "$before" -ge "$FLOWS" ]
	knob drop_entry 3
	eventually 15 fewer '^UDP$' $((before - 20))
	knob drop_entry 0
	TALKER=old talk say
	same 9 "$(TALKER=old talk say 1 9 | tr ' ' '\n' | grep -c '^server')"
}

# young_flows: before that age nothing happens to them.
young_flows() {
	local before
	before=$(connections '^UDP$')
	knob drop_entry 3
	sleep 4
	knob drop_entry 0
	same "$before" "$(connections '^UDP$')"
}

make_site
start_servers
start_servers 81
start_client client old
MAC=$(ip -n director -o link show net | sed 's:.*link/ether \([^ ]*\).*:\1:')
for family in 4 6; do
	start_talker flood$family in_ns client python3 -IS "$SELFTESTS/flood.py" \
		net "$MAC" "$(vip $family)" 80
done
# The last one is whom talk() means.
start_client
engine "$RVS_ENGINE"
for family in 4 6; do
	add_service tcp $family m
	add_service udp $family m
done
# What the flood asks for leads nowhere.
in_ns director nft -f - <<-END
	table inet quiet { chain forward { type filter hook forward priority 0;
		ip daddr 10.1.0.0/16 drop; ip6 daddr 2001:db8:f::/64 drop; }; }
END
# On a port of their own: new flows must not meet one of these.
add_service udp 4 m 81
TALKER=old talk send udp "$VIP4" 81 $FLOWS >/dev/null
TALKER=old talk open udp "$VIP4" 81 9 >/dev/null
for _ in {1..8}; do
	TALKER=old talk say >/dev/null
done
OLD=$((SECONDS + 61))

ktap_case 'drop_entry leaves flows alone that are not a minute old' young_flows
for family in 4 6; do
	text="IPv$family"
	ktap_case "$text: drop_packet drops one of three" fresh by_rate $family 3 -++-++-++
	ktap_case "$text: drop_packet drops one of two" fresh by_rate $family 2 -+-+-+
	ktap_case "$text: at rate 1 it drops all" fresh by_rate $family 1 ---
	ktap_case "$text: at rate 0 it drops none" fresh by_rate $family 0 +++
	ktap_case "$text: it spares whoever is connected" fresh spared $family
	for proto in tcp udp; do
		ktap_case "$text: no more than conn_max connections, $proto" fresh limit $family $proto
	done
	ktap_case "$text: a flood that fills the table does not touch connections" fresh flooded $family
	ktap_case "$text: drop_entry gives up half-open connections" fresh half_open $family
done
ktap_case 'drop_packet follows the memory' fresh automatic 4
ktap_case 'drop_entry and secure_tcp follow the memory' fresh others
ktap_case 'drop_entry gives up old flows of few packets' fresh old_flows
ktap_run
