#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Clients that the servers would answer past the director: a server that calls its own
# virtual address, and a neighbour of the servers. The flag `hairpin` hides them.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# use PROTOCOL FAMILY PORT yes|no SERVER...: a service with these servers. Nobody talks yet.
use() {
	local server endpoint
	for TALKER in one three here talk; do
		talk close >&2
		talk size 32 >&2
		talk patience >&2
	done
	unset TALKER
	endpoint=$(at "$(vip "$2")" "$3")
	adm -C
	if [ "$RVS_ENGINE" = rvs ]; then
		adm service add "$1" "$endpoint" --scheduler rr "--hairpin=$4"
	else
		adm -A "-${1:0:1}" "$endpoint" -s rr
	fi
	for server in "${@:5}"; do
		adm -a "-${1:0:1}" "$endpoint" -r "$(real "$2" "$server" "$3")" -m
	done
}

# watch: counts, at each server, by whom what comes seems to be sent.
watch() {
	local name
	for name in server1 server2; do
		in_ns "$name" nft -f - <<-END
			table inet watch {
				counter director { }
				counter client { }
				counter other { }
				chain input {
					type filter hook input priority filter
					meta l4proto != { tcp, udp } accept
					th dport != 80 accept
					ip saddr $(host 4 lan 1) counter name director accept
					ip6 saddr $(host 6 lan 1) counter name director accept
					ip saddr $(host 4 net 2) counter name client accept
					ip6 saddr $(host 6 net 2) counter name client accept
					counter name other
				}
			}
		END
	done
}

# senders SERVER: who has sent since this was asked last.
senders() {
	in_ns "$1" nft reset counters | awk '/counter/ { name = $2 }
		/packets/ && $2 { print name }' | xargs
}

# unhidden PROTOCOL FAMILY: without the flag the answer goes past the director.
unhidden() {
	use "$1" "$2" 80 no 2
	TALKER=one talk patience 1 >&2
	same timeout "$(TALKER=one talk get "$1" "$(vip "$2")" 80)"
	TALKER=one talk patience >&2
	senders server2 >&2
}

# calls CLIENT PROTOCOL FAMILY WHO: new connections and data on them, which the servers
# see coming from WHO.
calls() {
	use "$2" "$3" 80 yes 2 1
	senders server1 >&2
	senders server2 >&2
	TALKER=$1
	talk size 1000 >&2
	same "server1 server2 server1 server2" "$(talk open "$2" "$(vip "$3")" 80 4)"
	same "server1 server2 server1 server2" "$(talk say)"
	same "$4 $4" "$(senders server1) $(senders server2)"
	talk close >&2
}

# much CLIENT FAMILY: more than fits into a packet.
much() {
	use tcp "$2" 80 yes 1
	TALKER=$1
	talk size 200000 >&2
	same server1 "$(talk open tcp "$(vip "$2")" 80)"
	same server1 "$(talk say)"
	talk close >&2
	talk size 32 >&2
}

# same_port PROTOCOL FAMILY: clients with the same port have different ones behind the
# director, and neither is one of those that its sockets are given.
same_port() {
	local name ports
	use "$1" "$2" 80 yes 2
	for name in one three; do
		TALKER=$name talk bind 40000 >&2
		same server2 "$(TALKER=$name talk open "$1" "$(vip "$2")" 80)"
	done
	for name in one three; do
		same server2 "$(TALKER=$name talk say)"
	done
	if [ "$1" = tcp ]; then
		ports=$(in_ns server2 ss -Htn state established 'sport = 80' |
			awk '{ sub(/.*:/, "", $NF); print $NF }')
		echo "$ports" >&2
		same 2 "$(sort -u <<<"$ports" | wc -l)"
		awk '$1 < 1024 || $1 >= 32768 && $1 <= 60999 { exit 1 }' <<<"$ports"
	fi
	for name in one three; do
		TALKER=$name talk close >&2
	done
}

# own_port FAMILY: a port outside of that range is kept.
own_port() {
	use tcp "$1" 80 yes 2
	TALKER=one
	talk bind 20000 >&2
	same server2 "$(talk open tcp "$(vip "$1")" 80)"
	in_ns server2 ss -Htn state established 'sport = 80' | grep -E ':20000 *$' >&2
	talk close >&2
}

# many PROTOCOL FAMILY
many() {
	use "$1" "$2" 80 yes 2 1
	TALKER=one
	same 200 "$(talk open "$1" "$(vip "$2")" 80 200 | wc -w)"
	same "100 server1 100 server2" "$(talk say | xargs -n 1 | sort | uniq -c | xargs)"
	talk close >&2
}

# closed FAMILY: an error about a hidden client's packet reaches it.
closed() {
	use udp "$1" 82 yes 2
	same refused "$(TALKER=one talk get udp "$(vip "$1")" 82)"
}

# changes FAMILY: the flag holds for the connections that begin while it is set.
changes() {
	use udp "$1" 80 yes 2
	TALKER=one
	same server2 "$(talk open udp "$(vip "$1")" 80)"
	adm service set udp "$(at "$(vip "$1")" 80)" --hairpin=no
	same server2 "$(talk say)"
	talk patience 1 >&2
	same timeout "$(talk get udp "$(vip "$1")" 80)"
	talk patience >&2
	adm service set udp "$(at "$(vip "$1")" 80)" --hairpin
	same server2 "$(talk get udp "$(vip "$1")" 80)"
	talk close >&2
}

make_site
# Who calls the virtual address must not have it.
for name in server1 server2 server3; do
	printf "address del %s dev lo\n" "$VIP4/32" "$VIP6/128" | ip -n "$name" -batch -
done
start_servers 80 server1 server2
start_client director here
start_client server1 one
start_client server3 three
start_client
engine "$RVS_ENGINE"
watch

for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		ktap_case "$text: without the flag a server is not answered" unhidden $proto $family
		[ "$RVS_ENGINE" = rvs ] || continue
		ktap_case "$text: a server calls itself and the others" calls one $proto $family director
		ktap_case "$text: so does a neighbour" calls three $proto $family director
		ktap_case "$text: a client elsewhere is not hidden" calls talk $proto $family client
		ktap_case "$text: one on the director is as it was" calls here $proto $family other
		ktap_case "$text: two clients with the same port" same_port $proto $family
		ktap_case "$text: many connections" many $proto $family
	done
	[ "$RVS_ENGINE" = rvs ] || continue
	ktap_case "IPv$family: 200 kB both ways" much one $family
	ktap_case "IPv$family: 200 kB both ways, from a neighbour" much three $family
	ktap_case "IPv$family: the client's own port is kept where it can be" own_port $family
	ktap_case "IPv$family: a closed port is reported" closed $family
	ktap_case "IPv$family: the flag changes" changes $family
done
ktap_run
