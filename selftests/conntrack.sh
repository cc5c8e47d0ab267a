#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The setting conntrack: without it nf_conntrack knows nothing of balanced flows, with it
# it follows them, so that rules before and after rvs see their state and may translate.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# loadable: skips the case if nf_conntrack is not a module.
loadable() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs depends on nf_conntrack"
	[ ! -d /sys/module/nf_conntrack ] || [ -e /sys/module/nf_conntrack/refcnt ] ||
		ktap_skip "nf_conntrack is part of this kernel"
}

# unload_with_users MODULE: unloads a module after all that use it, which other tests
# may have loaded.
unload_with_users() {
	local user
	[ -d "/sys/module/$1" ] || return 0
	for user in "/sys/module/$1/holders"/*; do
		[ ! -e "$user" ] || unload_with_users "${user##*/}"
	done
	rmmod "$1"
}

# alone: rvs works without that module.
alone() {
	loadable
	in_ns director nft flush ruleset
	unload_with_users nf_conntrack
	[ ! -d /sys/module/nf_conntrack ]
	fails grep -w nf_conntrack <<<"$(modinfo -F depends rvs)"
	add_service tcp 4 m 80 1
	same server1 "$(talk get tcp "$VIP4" 80)"
	adm -C
	[ ! -d /sys/module/nf_conntrack ]
}

# kept: the setting loads the module and keeps it.
kept() {
	loadable
	knob conntrack 1
	[ -d /sys/module/nf_conntrack ]
	fails rmmod nf_conntrack 2>&1
	knob conntrack 0
}

# states: counts the states of balanced packets before and after rvs.
states() {
	in_ns director nft -f - <<-END
		flush ruleset
		table inet states {
			counter in_new { }
			counter in_established { }
			counter in_untracked { }
			counter in_invalid { }
			counter out_new { }
			counter out_established { }
			counter out_untracked { }
			counter out_invalid { }
			counter answer_new { }
			counter answer_established { }
			counter answer_untracked { }
			counter answer_invalid { }
			chain input {
				type filter hook input priority filter
				meta l4proto { tcp, udp } th dport 80 goto come
			}
			chain come {
				ct state new counter name in_new
				ct state established counter name in_established
				ct state untracked counter name in_untracked
				ct state invalid counter name in_invalid
			}
			chain output {
				type filter hook output priority filter
				meta l4proto { tcp, udp } th dport 80 goto leave
			}
			chain leave {
				ct state new counter name out_new
				ct state established counter name out_established
				ct state untracked counter name out_untracked
				ct state invalid counter name out_invalid
			}
			chain post {
				type filter hook postrouting priority 200
				meta l4proto { tcp, udp } th sport 80 goto answer
			}
			chain answer {
				ct state new counter name answer_new
				ct state established counter name answer_established
				ct state untracked counter name answer_untracked
				ct state invalid counter name answer_invalid
			}
		}
	END
}

# seen in|out|answer: the states that were counted there.
seen() {
	in_ns director nft list counters | awk -v place="$1" '/counter/ { name = $2 }
		/packets/ && $2 && sub("^" place "_", "", name) { print name }' | xargs
}

# entries PROTOCOL: what nf_conntrack knows.
entries() {
	in_ns director conntrack -L -p "$1" 2>/dev/null | grep -w "dport=80" || true
}

forget() {
	in_ns director conntrack -F >/dev/null 2>&1
}

# begin VALUE PROTOCOL FAMILY METHOD
begin() {
	for TALKER in neighbour here talk; do
		talk close >&2
		talk size 32 >&2
	done
	unset TALKER
	adm -C
	forget
	knob conntrack "$1"
	if [ "$4" = g ]; then
		replies_through client
	else
		replies_through director
	fi
	add_service "$2" "$3" "$4" 80 1
}

# untracked PROTOCOL FAMILY METHOD
untracked() {
	begin 0 "$@"
	states
	same server1 "$(talk open "$1" "$(vip "$2")" 80)"
	same server1 "$(talk say)"
	same untracked "$(seen out)"
	# To conntrack the SYN/ACK is invalid, and ip_vs leaves it at that.
	case $3$RVS_ENGINE in
	mrvs) same untracked "$(seen answer)" ;;
	mip_vs) same untracked "$(seen answer | sed 's/ invalid//')" ;;
	esac
	same "" "$(entries "$1")"
	talk close >&2
	in_ns director nft flush ruleset
}

# tracked PROTOCOL FAMILY METHOD
tracked() {
	begin 1 "$@"
	states
	same server1 "$(talk open "$1" "$(vip "$2")" 80)"
	same server1 "$(talk say)"
	same "established new" "$(seen in | xargs -n 1 | sort | xargs)"
	same "established new" "$(seen out | xargs -n 1 | sort | xargs)"
	[ "$3" = g ] || same established "$(seen answer)"
	[ "$(entries "$1" | tee /dev/stderr | wc -l)" = 1 ]
	[ "$3" = g ] || entries "$1" | grep -w "src=$(host "$2" lan 11)" >&2
	talk close >&2
}

# strict PROTOCOL FAMILY METHOD: only what conntrack knows may pass.
strict() {
	begin 1 "$@"
	in_ns director nft -f - <<-END
		flush ruleset
		table inet strict {
			chain input {
				type filter hook input priority filter; policy drop
				meta l4proto { icmp, icmpv6 } accept
				ct state invalid drop
				ct state established,related accept
				meta l4proto { tcp, udp } th dport 80 ct state new accept
			}
			chain forward {
				type filter hook forward priority filter; policy drop
				ct state established,related accept
				meta l4proto { icmp, icmpv6 } accept
			}
			chain output {
				type filter hook output priority filter; policy drop
				meta l4proto { icmp, icmpv6 } accept
				ct state established,related accept
				meta l4proto { tcp, udp } th dport 80 ct state new accept
			}
		}
	END
	talk size 2000 >&2
	same "server1 server1" "$(talk open "$1" "$(vip "$2")" 80 2)"
	same "server1 server1" "$(talk say)"
	talk close >&2
	talk size 32 >&2
}

# ended PROTOCOL FAMILY METHOD: what conntrack knows ends with the connection.
expires() {
	[ "$1" = udp ] || return 0
	begin 1 "$@"
	states
	adm --set 0 0 2
	same server1 "$(talk get "$1" "$(vip "$2")" 80)"
	same 1 "$(entries "$1" | wc -l)"
	eventually 20 gone "$1"
	adm --set 0 0 300
}
gone() {
	[ -z "$(entries "$1")" ]
}

# masqueraded PROTOCOL FAMILY: a rule behind rvs gives the packets an address of the
# director, and their answers find back.
masqueraded() {
	begin 1 "$1" "$2" m
	replies_through client
	in_ns director nft -f - <<-END
		flush ruleset
		table inet rules {
			chain post {
				type nat hook postrouting priority srcnat
				oifname lan masquerade
			}
		}
	END
	same "server1 server1" "$(talk open "$1" "$(vip "$2")" 80 2)"
	same "server1 server1" "$(talk say)"
	entries "$1" | grep "src=$(host "$2" lan 11) dst=$(host "$2" lan 1) " >&2
	talk close >&2
	replies_through director
}

# redirected PROTOCOL FAMILY: a rule before rvs leads another address to the virtual one.
redirected() {
	local other=10.0.0.102
	[ "$2" = 4 ] || other=2001:db8:a::102
	begin 1 "$1" "$2" m
	in_ns director nft -f - <<-END
		flush ruleset
		table inet rules {
			chain pre {
				type nat hook prerouting priority dstnat
				ip daddr 10.0.0.102 dnat ip to $VIP4
				ip6 daddr 2001:db8:a::102 dnat ip6 to $VIP6
			}
		}
	END
	same "server1 server1" "$(talk open "$1" "$other" 80 2)"
	same "server1 server1" "$(talk say)"
	talk close >&2
}

# local_ends PROTOCOL FAMILY: with a client, then a server, on the director.
local_ends() {
	begin 1 "$1" "$2" m
	states
	same server1 "$(TALKER=here talk open "$1" "$(vip "$2")" 80)"
	same server1 "$(TALKER=here talk say)"
	TALKER=here talk close >&2
	adm -C
	forget
	adm -A "-${1:0:1}" "$(at "$(vip "$2")" 80)" -s rr
	adm -a "-${1:0:1}" "$(at "$(vip "$2")" 80)" -r "$(at "$(host "$2" lan 1)" 81)" -m
	same director "$(talk open "$1" "$(vip "$2")" 80)"
	same director "$(talk say)"
	same 1 "$(entries "$1" | tee /dev/stderr | grep -cw "sport=81")"
	talk close >&2
}

# goes_on PROTOCOL FAMILY: connections are followed, or not, as they began.
goes_on() {
	begin 0 "$1" "$2" m
	states
	same server1 "$(talk open "$1" "$(vip "$2")" 80)"
	knob conntrack 1
	same server1 "$(talk open "$1" "$(vip "$2")" 80)"
	same "server1 server1" "$(talk say)"
	knob conntrack 0
	same "server1 server1" "$(talk say)"
	same 1 "$(entries "$1" | tee /dev/stderr | wc -l)"
	talk close >&2
}

# hidden FAMILY: clients that rvs itself hides from the servers are followed, too.
hidden() {
	local service
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs hides nobody"
	begin 1 tcp "$1" m
	states
	service=$(at "$(vip "$1")" 80)
	adm service set tcp "$service" --hairpin
	same server1 "$(TALKER=neighbour talk open tcp "$(vip "$1")" 80)"
	same server1 "$(TALKER=neighbour talk say)"
	entries tcp | grep "src=$(host "$1" lan 11) dst=$(host "$1" lan 1) " >&2
	TALKER=neighbour talk close >&2
}

make_site '' 2
for number in 4 6; do
	ip -n client "-$number" route add "$(host $number lan 11)" via "$(host $number net 1)"
done
printf "address del %s dev lo\n" "$VIP4/32" "$VIP6/128" | ip -n server2 -batch -
# Clients here have an address that the servers have not.
ip -n director route replace local "$VIP4" dev net table local src "$(host 4 lan 1)"
ip -n director -6 route flush table local root "$VIP6/128"
ip -n director -6 route add local "$VIP6" dev net table local src "$(host 6 lan 1)"
printf "address add %s dev net\n" 10.0.0.102/32 "2001:db8:a::102/128 nodad" | ip -n director -batch -
start_servers 80 server1
start_servers 81 director
start_client director here
start_client server2 neighbour
start_client
engine "$RVS_ENGINE"

ktap_case "nf_conntrack need not be there" alone
ktap_case "the setting loads it" kept
for family in 4 6; do
	for proto in tcp udp; do
		for method in m g; do
			text="$proto over IPv$family, $([ $method = m ] && echo NAT || echo DR)"
			ktap_case "$text: nothing is tracked" untracked $proto $family $method
			[ "$RVS_ENGINE$method" != ip_vsg ] || continue
			ktap_case "$text: everything is tracked" tracked $proto $family $method
			ktap_case "$text: through rules that demand it" strict $proto $family $method
			[ $proto = tcp ] || ktap_case "$text: the entry ends with the connection" \
				expires $proto $family $method
		done
		text="$proto over IPv$family"
		ktap_case "$text: masqueraded behind the balancing" masqueraded $proto $family
		ktap_case "$text: redirected before it" redirected $proto $family
		ktap_case "$text: client or server on the director" local_ends $proto $family
		ktap_case "$text: the setting changes" goes_on $proto $family
	done
	ktap_case "IPv$family: a hidden client" hidden $family
done
ktap_run
