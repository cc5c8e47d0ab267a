#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The director's own NAT rules do not translate what has been balanced, though they
# match it, and do translate everything else.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# rules: masquerades all that leaves, and redirects server1's traffic to server2.
rules() {
	in_ns director nft -f - <<-END
		flush ruleset
		table inet rules {
			chain post {
				type nat hook postrouting priority srcnat
				oifname { lan, net } masquerade
			}
			chain pre {
				type nat hook prerouting priority dstnat
				ip daddr $(host 4 lan 11) dnat ip to $(host 4 lan 12)
				ip6 daddr $(host 6 lan 11) dnat ip6 to $(host 6 lan 12)
			}
			chain out {
				type nat hook output priority dstnat
				ip daddr $(host 4 lan 11) dnat ip to $(host 4 lan 12)
				ip6 daddr $(host 6 lan 11) dnat ip6 to $(host 6 lan 12)
			}
		}
	END
}

# watch SERVER: counts the packets whose source is not what the client sent them from.
watch() {
	in_ns "$1" nft -f - <<-END
		table inet watch {
			counter right { }
			counter wrong { }
			chain input {
				type filter hook input priority filter
				meta l4proto != { tcp, udp } accept
				ip saddr { $(host 4 net 2), $VIP4 } counter name right accept
				ip6 saddr { $(host 6 net 2), $VIP6 } counter name right accept
				counter name wrong
			}
		}
	END
}

# arrived SERVER right|wrong|nothing: which packets have come since this was asked last.
arrived() {
	local counters seen=nothing
	counters=$(in_ns "$1" nft reset counters table inet watch)
	[[ ! $counters =~ right\ \{[^}]*packets\ [1-9] ]] || seen=right
	[[ ! $counters =~ wrong\ \{[^}]*packets\ [1-9] ]] || seen=wrong
	same "$2" "$seen"
}

# translates FAMILY: the rules are at work on what is not balanced.
translates() {
	same server2 "$(talk get tcp "$(host "$1" lan 12)" 80)"
	arrived server2 wrong
	same server2 "$(talk get tcp "$(host "$1" lan 11)" 80)"
	TALKER=here
	same server2 "$(talk get tcp "$(host "$1" lan 11)" 80)"
	arrived server2 wrong
}

# passes PROTOCOL FAMILY METHOD: from the client through a service with server1.
passes() {
	adm -C
	if [ "$3" = g ]; then
		replies_through client
	else
		replies_through director
	fi
	add_service "$1" "$2" "$3" 80 1
	same 'server1 server1' "$(talk get "$1" "$(vip "$2")" 80 2)"
	arrived server1 right
}

# stays PROTOCOL FAMILY: a connection that was there before the rules.
stays() {
	in_ns director nft flush ruleset
	same server1 "$(talk open "$1" "$(vip "$2")" 80)"
	rules
	same server1 "$(talk say)"
	talk close
	arrived server1 right
}

# passes_from_here PROTOCOL FAMILY: from a client on the director itself. Its address is
# the virtual one, which the server must not have then.
passes_from_here() {
	local address length=32
	address=$(vip "$2")
	[ "$2" = 4 ] || length=128
	ip -n server1 address del "$address/$length" dev lo
	TALKER=here
	same 'server1 server1' "$(talk get "$1" "$address" 80 2)"
	ip -n server1 address add "$address/$length" dev lo
	arrived server1 right
}

make_site '' 2
# Past the director, though the client is in the servers' network, too.
ip -n client route add "$(host 4 lan 11)" via "$(host 4 net 1)"
ip -n client route add "$(host 4 lan 12)" via "$(host 4 net 1)"
ip -n client route add "$(host 6 lan 11)" via "$(host 6 net 1)"
ip -n client route add "$(host 6 lan 12)" via "$(host 6 net 1)"
start_servers 80 server1 server2
start_client director here
start_client
engine "$RVS_ENGINE"
watch server1
watch server2
rules

for family in 4 6; do
	ktap_case "IPv$family: the rules translate what is not balanced" translates $family
	for proto in tcp udp; do
		text="$proto over IPv$family"
		for method in m g; do
			name="$text, $([ $method = m ] && echo NAT || echo DR)"
			ktap_case "$name: new connections are not translated" \
				passes $proto $family $method
			ktap_case "$name: one that was there before the rules goes on" \
				stays $proto $family
			[ $method = g ] || ktap_case "$name: nor those of a client on the director" \
				passes_from_here $proto $family
		done
	done
done
ktap_run
