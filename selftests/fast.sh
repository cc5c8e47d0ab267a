#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path: packets of established flows are taken at ingress, and whatever is unusual goes
# the normal way. A counter tells which way a packet went.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# info NAME: a number out of the state of the module.
info() {
	adm --json info | sed -n "s/^ *\"$1\": \([0-9]*\),\{0,1\}$/\1/p" | head -n 1
}

taken() {
	info fast_packets
}

devices() {
	info fast_devices
}

# devices_are NUMBER
devices_are() {
	[ "$(devices)" = "$1" ]
}

# devices_of NAMESPACE: how many devices it has; the loopback device does not count.
devices_of() {
	echo $(($(ip -n "$1" -o link show | wc -l) - 1))
}

# use FAMILY METHOD yes|no [PORT]: services of TCP and UDP, with or without the flag; METHOD is m or g.
# With them the devices have hooks, or none has.
use() {
	local proto endpoint port=${4:-80} method=nat wanted=$DEVICES
	[ "$2" = m ] || method=direct
	[ "$3" = yes ] || wanted=0
	endpoint=$(at "$(vip "$1")" "$port")
	adm -C
	# What a case that failed has left.
	ip -n director link del br0 2>/dev/null || true
	TALKER="talk" talk close >&2
	for proto in tcp udp; do
		adm service add "$proto" "$endpoint" --scheduler rr "--fast=$3"
		adm server add "$proto" "$endpoint" "$(real "$1" 1 "$port")" --method "$method"
	done
	eventually 10 devices_are "$wanted"
}

# refused TEXT ARGUMENT...: a service that is not possible, and why.
refused() {
	local text=$1 before
	shift
	before=$(adm --json service list)
	fails adm service add "$@" --scheduler rr 2>"$WORK/refused"
	grep -F "$text" "$WORK/refused"
	same "$before" "$(adm --json service list)"
}

refusals() {
	adm -C
	refused "one-packet makes none" udp "$VIP4:80" --fast --one-packet
	refused "reset-idle has to see" tcp "$VIP4:80" --fast --reset-idle
	refused "fast is for TCP, UDP" sctp "$VIP4:80" --fast
	adm service add tcp "$VIP4:80" --scheduler rr --fast
	fails adm service set tcp "$VIP4:80" --reset-idle
	same '["fast"]' "$(adm --json service show tcp "$VIP4:80" | tr -d ' \n' |
		sed 's/.*"flags":\(\[[^]]*\]\).*/\1/')"
}

# hooked: the hooks come with the first service that wants them and go with the last; new
# devices get one.
hooked() {
	adm -C
	eventually 10 devices_are 0
	adm service add tcp "$VIP4:80" --scheduler rr
	adm service add udp "$VIP4:80" --scheduler rr --fast
	eventually 10 devices_are "$DEVICES"
	ip -n director link add new0 type dummy
	same $((DEVICES + 1)) "$(devices)"
	ip -n director link set new0 up
	ip -n director link set new0 netns lan
	same "$DEVICES" "$(devices)"
	ip -n lan link set new0 netns director
	same $((DEVICES + 1)) "$(devices)"
	ip -n director link del new0
	same "$DEVICES" "$(devices)"
	adm service set udp "$VIP4:80" --fast=no
	eventually 10 devices_are 0
	adm service set tcp "$VIP4:80" --fast
	eventually 10 devices_are "$DEVICES"
	adm -D -t "$VIP4:80"
	eventually 10 devices_are 0
}

# counted PROTOCOL FAMILY: packets in and out of the service.
counted() {
	adm --json service show "$1" "$(at "$(vip "$2")" 81)" |
		sed -n 's/^ *"\(in\|out\)_packets": \([0-9]*\),*$/\2/p' | head -n 2 | xargs
}

# programs PROTOCOL FAMILY METHOD: connections of programs, small and large data. All of the
# packets are counted; most of them took the fast path.
programs() {
	local before number before_in before_out in out number_of=1
	TALKER="talk"
	use "$2" "$3" yes 81
	replies_through "$([ "$3" = m ] && echo director || echo client)"
	talk size 100 >&2
	same server1 "$(talk open "$1" "$(vip "$2")" 81)"
	same server1 "$(talk say)"
	[ "$3" = g ] || number_of=2
	before=$(taken)
	read -r before_in before_out < <(counted "$1" "$2")
	for ((number = 0; number < 10; number++)); do
		same server1 "$(talk say)"
	done
	echo "$(($(taken) - before)) packets" >&2
	[ $(($(taken) - before)) -ge $((8 * number_of)) ]
	if [ "$1" = udp ]; then
		read -r in out < <(counted "$1" "$2")
		same "10 $((number_of * 10 - 10))" "$((in - before_in)) $((out - before_out))"
	else
		talk size 300000 >&2
		before=$(taken)
		same server1 "$(talk say)"
		[ $(($(taken) - before)) -ge 5 ]
	fi
	talk close >&2
	talk size 100 >&2
	replies_through director
}

# bypassed FAMILY: rules of the host do not see these packets; those of the device do.
bypassed() {
	local number
	use "$1" m yes 81
	TALKER="talk"
	same server1 "$(talk open udp "$(vip "$1")" 81)"
	same server1 "$(talk say)"
	in_ns director nft -f - <<-END
		table inet seen { counter above { }
			chain pre { type filter hook prerouting priority -400;
				udp dport 81 counter name above; udp sport 81 counter name above; }; }
		table netdev seen { counter below { }
			chain in { type filter hook ingress device net priority 0;
				udp dport 81 counter name below; }; }
	END
	for ((number = 0; number < 5; number++)); do
		same server1 "$(talk say)"
	done
	in_ns director nft list counters >"$WORK/seen"
	in_ns director nft delete table inet seen
	in_ns director nft delete table netdev seen
	same "packets 0 packets 5" "$(grep -o 'packets [0-9]*' "$WORK/seen" | xargs)"
	talk close >&2
}

# off FAMILY: a service without the flag, beside one that has it.
off() {
	use "$1" m yes 81
	adm service add udp "$(at "$(vip "$1")" 80)" --scheduler rr
	adm server add udp "$(at "$(vip "$1")" 80)" "$(real "$1" 1 80)" --method nat
	says ok keep "$1" m
	says 0 go-on "$1" m
	# The flag holds for connections that there are.
	adm service set udp "$(at "$(vip "$1")" 80)" --fast
	says 1 go-on "$1" m
	says 1 answers "$1" m
	adm service set udp "$(at "$(vip "$1")" 80)" --fast=no
	says 0 go-on "$1" m
}

# goes COUNT WHAT FAMILY: the next packet arrives and takes the fast path or not.
goes() {
	says "$1" "$2" "$3" m
}

# changes FAMILY: what changes about the host.
changes() {
	local prefix=32 forwarding=net.ipv4.ip_forward
	[ "$1" = 4 ] || prefix=128 forwarding=net.ipv6.conf.all.forwarding
	use "$1" m yes
	says ok keep "$1" m
	goes 1 go-on "$1"
	goes 1 answers "$1"
	# A neighbour that is not known for sure, until it is.
	ip -n director neigh change "$(host "$1" lan 11)" dev lan nud stale
	goes 0 go-on "$1"
	eventually 15 goes 1 go-on "$1"
	# A host that is no router.
	in_ns director sysctl -q -w "$forwarding=0"
	says "the answer did not come" answers "$1" m
	in_ns director sysctl -q -w "$forwarding=1"
	# No longer the virtual address of this host.
	ip -n director address del "$(vip "$1")/$prefix" dev net
	says ok lost "$1" m
	ip -n director address add "$(vip "$1")/$prefix" dev net nodad
	eventually 15 goes 1 go-on "$1"
	# A device that goes down takes routes along.
	ip -n director link set lan down
	ip -n director link set lan up
	# The addresses of IPv6 went with it.
	ip -n director address add "$(host 6 lan 1)/64" dev lan nodad
	eventually 15 goes 1 go-on "$1"
	eventually 15 goes 1 answers "$1"
	# The server leaves.
	adm server del udp "$(at "$(vip "$1")" 80)" "$(real "$1" 1 80)"
	says ok lost "$1" m
}

# rules FAMILY: there is a routing rule, which may ask for the source of answers.
rules() {
	use "$1" m yes
	says ok keep "$1" m
	goes 1 answers "$1"
	ip -n director "-$1" rule add from "$(host "$1" lan 200)" lookup 100
	goes 0 answers "$1"
	ip -n director "-$1" rule del from "$(host "$1" lan 200)" lookup 100
}

# long FAMILY METHOD
long() {
	use "$1" "$2" yes
	ip -n director link set lan mtu 1400
	says ok long "$1" "$2" 1400
	ip -n director link set lan mtu 1500
}

# master FAMILY: a device that is the port of a bridge, whose packets are the bridge's.
master() {
	use "$1" m yes
	says ok keep "$1" m
	goes 1 go-on "$1"
	ip -n director link add br0 type bridge mcast_snooping 0
	ip -n director link set lan master br0
	eventually 15 goes 1 go-on "$1"
	TALKER=wire tell answers "$1" m
	same "the answer did not come" "$(TALKER=wire hear)"
	ip -n director link del br0
	eventually 15 goes 1 answers "$1"
}

unload_rvs() {
	rmmod rvs_rr && rmmod rvs
}

# unloads FAMILY METHOD: under traffic on the fast path, and in a namespace that ends.
unloads() {
	local round before
	for ((round = 0; round < 3; round++)); do
		use "$1" "$2" yes 81
		before=$(taken)
		TALKER=storm tell storm udp "$(vip "$1")" 81
		TALKER=flow tell open udp "$(vip "$1")" 81
		same server1 "$(TALKER=flow hear)"
		for _ in 1 2 3 4 5; do TALKER=flow talk say >&2; done
		[ "$(taken)" -gt "$before" ]
		TALKER=flow tell say
		adm -C
		eventually 10 unload_rvs
		modules_gone
		in_ns director nft list hooks >"$WORK/hooks" 2>/dev/null || true
		fails grep -q rvs "$WORK/hooks"
		TALKER=flow hear >&2
		TALKER=flow talk close >&2
		TALKER=storm tell stop
		TALKER=storm hear >&2
		engine rvs
	done
}

# ends: a namespace with hooks ends while it has traffic.
ends() {
	local round
	for ((round = 0; round < 3; round++)); do
		ip netns add short
		SITES+=(short)
		ip link add s0 type veth peer name s1 netns short
		ip -n short link set lo up
		ip -n short link set s1 up
		in_ns short rvsadm service add udp 10.9.9.9:80 --scheduler rr --fast
		# A kernel may give each namespace devices of its own.
		DIRECTOR=short eventually 10 devices_are "$(devices_of short)"
		ip netns del short
		ip link del s0 2>/dev/null || true
	done
}

make_site
for name in net lan; do
	in_ns director sysctl -q -w "net.ipv4.neigh.$name.base_reachable_time_ms=3600000" \
		"net.ipv6.neigh.$name.base_reachable_time_ms=3600000"
done
engine rvs
start_servers 81 server1
start_client
start_client client flow
start_client client storm
start_talker wire python3 -IS "$SELFTESTS/fast.py"
# The kernels of client and server 1 take part only in what is for port 81.
for name in client server1; do
	in_ns $name nft -f - <<-END
		table inet silence { chain input { type filter hook input priority -300;
			th sport 80 drop; th dport 80 drop; }; }
	END
done
DEVICES=$(devices_of director)

ktap_case "what cannot work is refused" refusals
ktap_case "hooks come and go with services and devices" hooked
for family in 4 6; do
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		ktap_case "$text: services" use $family $method yes
		ktap_case "$text: established flows" says ok steady $family $method
		ktap_case "$text: unusual packets" says ok unusual $family $method
		ktap_case "$text: connections begin and end" says ok ends $family $method
		ktap_case "$text: above the MTU" long $family $method
		ktap_case "$text: UDP of programs" programs udp $family $method
		ktap_case "$text: TCP of programs" programs tcp $family $method
	done
	ktap_case "IPv$family: rules are passed by, but those of the device" bypassed $family
	ktap_case "IPv$family: services without the flag" off $family
	ktap_case "IPv$family: the host changes" changes $family
	ktap_case "IPv$family: the port of a bridge" master $family
	ktap_case "IPv$family: there are routing rules" rules $family
done
ktap_case "namespaces end" ends
ktap_case "unloaded under traffic, IPv4 NAT" unloads 4 m
ktap_case "unloaded under traffic, IPv6 DR" unloads 6 g
ktap_run
