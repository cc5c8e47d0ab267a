#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server three hops away at the end of a tunnel, whose last link takes shorter packets than
# the others: the client learns what fits through, and uploads arrive whole.
#
#     client ── director ── server1, a router ── 1400 bytes ── far, the server

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

FAR4=192.168.9.2 FAR6=2001:db8:c::2

# far FAMILY: the address of the server.
far() {
	case $1 in
	4) echo "$FAR4" ;;
	6) echo "$FAR6" ;;
	esac
}

# make_far: the server behind server1, which is no server any more.
make_far() {
	SITES+=(far)
	ip netns add far
	ip -n server1 link add far mtu 1400 type veth peer name lan mtu 1400 netns far
	ip -n server1 -batch - <<-END
		address del $VIP4/32 dev lo
		address del $VIP6/128 dev lo
		address add 192.168.9.1/24 dev far
		address add 2001:db8:c::1/64 dev far nodad
		link set far up
	END
	ip -n far -batch - <<-END
		link set lo up
		link set lan up
		address add $VIP4/32 dev lo
		address add $VIP6/128 dev lo nodad
		address add $FAR4/24 dev lan
		address add $FAR6/64 dev lan nodad
		route add default via 192.168.9.1
		route add default via 2001:db8:c::1
	END
	ip -n director route add 192.168.9.0/24 via 192.168.0.11
	ip -n director route add 2001:db8:c::/64 via 2001:db8:b::11
	in_ns server1 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# prepare KIND OUTER INNER
prepare() {
	local options
	read -ra options < <(tunnel_options "$1")
	ip -n client route flush cache
	ip -n client -6 route flush cache
	ip -n director route flush cache
	ip -n director -6 route flush cache
	adm -C
	tunnel_end far "$1" "$2" "$3" "$(far "$2")"
	adm -A -t "$(at "$(vip "$3")" 80)" -s rr
	adm -a -t "$(at "$(vip "$3")" 80)" -r "$(at "$(far "$2")" 80)" "${options[@]}"
}

upload() {
	local file=$WORK/http-far/root/put/upload
	in_ns client curl -sSfg --max-time 30 -T "$WORK/large" "http://$(at "$(vip "$1")" 80)/put/upload"
	cmp "$WORK/large" "$file"
	rm "$file"
}

# knows FAMILY MTU: what the client believes to be the path MTU.
knows() {
	same "mtu $2" "$(ip -n client -o route get "$(vip "$1")" | grep -o 'mtu [0-9]*')"
}

# through KIND OUTER INNER OVERHEAD
through() {
	[ "$RVS_ENGINE/$2" != ip_vs/6 ] || ktap_skip "ip_vs relays no errors about IPv6 tunnels"
	prepare "$@"
	upload "$3"
	# The router may split the packets in between, and nobody need know.
	[ "$2/$3" = 4/6 ] || knows "$3" $((1400 - $4))
}

make_site '' 1
make_far
replies_through client
start_http far
engine "$RVS_ENGINE"
head -c 300000 /dev/urandom >"$WORK/large"

for kind in ipip/0 gre/4 gre-csum/8 gue/12; do
	for outer in 4/20 6/40; do
		for inner in 4 6; do
			ktap_case "${kind%/*}, IPv$inner in IPv${outer%/*}: finds the path MTU" \
				through "${kind%/*}" "${outer%/*}" $inner $((${kind#*/} + ${outer#*/}))
		done
	done
done
ktap_run
