#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What rvs has sent on is not balanced again, whatever the server's address is, and
# packets do not cross between the loopback network and others.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SECOND4=10.0.0.101 SECOND6=2001:db8:a::101 FAR4=10.0.0.77 FAR6=2001:db8:a::77

# second|far FAMILY: another virtual address of the director; one that nobody has.
second() {
	[ "$1" = 4 ] && echo "$SECOND4" || echo "$SECOND6"
}
far() {
	[ "$1" = 4 ] && echo "$FAR4" || echo "$FAR6"
}
loopback() {
	[ "$1" = 4 ] && echo 127.0.0.1 || echo ::1
}

# serve PROTOCOL ENDPOINT METHOD SERVER: a service with one server.
serve() {
	adm -A "-${1:0:1}" "$2" -s rr
	adm -a "-${1:0:1}" "$2" -r "$4" "-$3"
}

# entries PORT: the number of connections of a client's port.
entries() {
	adm -L -n -c | grep -c ":$1 " || true
}

# another_service PROTOCOL FAMILY METHOD: the server is a virtual address, too. There the
# packet comes to the director's own port, where nobody listens.
another_service() {
	local port=$((20000 + $(ktap_number)))
	adm -C
	serve "$1" "$(at "$(second "$2")" 80)" m "$(real "$2" 1 80)"
	serve "$1" "$(at "$(vip "$2")" 80)" "$3" "$(at "$(second "$2")" 80)"
	talk bind "$port" >&2
	same refused "$(talk get "$1" "$(vip "$2")" 80)"
	same 1 "$(entries "$port")"
	same server1 "$(talk get "$1" "$(second "$2")" 80)"
}

# itself PROTOCOL FAMILY METHOD: the server is the virtual address itself.
itself() {
	adm -C
	serve "$1" "$(at "$(vip "$2")" 81)" "$3" "$(at "$(vip "$2")" 81)"
	same director "$(talk get "$1" "$(vip "$2")" 81)"
	# The server names the device of its datagrams, by which it does not find a client here.
	[ "$1$3" = udpg ] ||
		same director "$(TALKER=here talk get "$1" "$(vip "$2")" 81)"
}

# sent_on PROTOCOL FAMILY METHOD: there is a service at the server's own address. The
# director's clients are balanced there, but not what was balanced before.
sent_on() {
	adm -C
	serve "$1" "$(real "$2" 1 80)" m "$(real "$2" 2 80)"
	serve "$1" "$(at "$(vip "$2")" 80)" "$3" "$(real "$2" 1 80)"
	same server2 "$(TALKER=here talk get "$1" "$(host "$2" lan 11)" 80)"
	if [ "$3" = g ]; then
		replies_through client
	fi
	same "server1 server1" "$(talk get "$1" "$(vip "$2")" 80 2)"
	replies_through director
}

# crossed COMMAND...: it fails, and rvs says why.
crossed() {
	local before
	[ "$RVS_ENGINE" != rvs ] || before=$(drops crossing)
	fails "$@"
	[ "$RVS_ENGINE" != rvs ] || [ "$(drops crossing)" -gt "$before" ]
}

# hears SERVER COMMAND...: whether the answer is this.
hears() {
	same "$1" "$("${@:2}")"
}

# ask SOURCE PROTOCOL ADDRESS PORT: a client in the director with this address.
ask() {
	in_ns director python3 -ISc '
import socket, sys
source, proto, address, port = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
sock = socket.socket(family, socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
sock.settimeout(1)
sock.bind((source, 0))
try:
    sock.connect((address, int(port)))
    if proto == "udp":
        sock.send(b"x\n")
    print(sock.recv(64).decode().split()[0])
except OSError as error:
    print(error)' "$@"
}

# from_loopback PROTOCOL FAMILY: such a client reaches servers here, and none elsewhere.
from_loopback() {
	adm -C
	serve "$1" "$(at "$(vip "$2")" 80)" m "$(at "$(host "$2" lan 1)" 81)"
	# The server names the device of its datagrams, which does not lead to ::1.
	[ "$1$2" = udp6 ] ||
		same director "$(ask "$(loopback "$2")" "$1" "$(vip "$2")" 80)"
	adm -C
	serve "$1" "$(at "$(vip "$2")" 80)" m "$(real "$2" 1 80)"
	crossed hears server1 ask "$(loopback "$2")" "$1" "$(vip "$2")" 80
	adm -C
	serve "$1" "$(at "$(vip "$2")" 80)" g "$(real "$2" 1 80)"
	crossed hears server1 ask "$(loopback "$2")" "$1" "$(vip "$2")" 80
}

# to_loopback PROTOCOL FAMILY: a server at a loopback address is for clients here.
to_loopback() {
	adm -C
	serve "$1" "$(at "$(vip "$2")" 80)" m "$(at "$(loopback "$2")" 81)"
	[ "$1" = udp ] ||
		same director "$(TALKER=here talk get "$1" "$(vip "$2")" 80)"
	talk patience 1 >&2
	crossed hears director talk get "$1" "$(vip "$2")" 80
	talk patience >&2
}

# marked_for PROTOCOL FAMILY METHOD: a service for marked packets of clients here, which
# go to an address elsewhere, has a server here.
marked_for() {
	local six=()
	[ "$2" = 4 ] || six=(-6)
	adm -C
	adm -A -f 1 "${six[@]}" -s rr
	adm -a -f 1 "${six[@]}" -r "$(at "$(host "$2" lan 1)" 81)" "-$3"
}

redirected() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "ip_vs keeps the route to the other address"
	marked_for "$1" "$2" m
	same director "$(TALKER=here talk get "$1" "$(far "$2")" 81)"
}

not_redirected() {
	marked_for "$1" "$2" g
	TALKER=here
	talk patience 1 >&2
	crossed hears director talk get "$1" "$(far "$2")" 81
	talk patience >&2
}

# whole DEFRAG ENTRIES: what raw sockets send that take care of fragments themselves is left alone. The
# service's address is elsewhere: to one of the director's own the packet would come in again, from nobody.
whole() {
	local port=$((20000 + $(ktap_number)))
	adm -C
	serve udp "$(at "$FAR4" 80)" m "$(real 4 1 80)"
	in_ns director python3 -ISc '
import socket, struct, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
if sys.argv[2] == "nodefrag":
    sock.setsockopt(socket.IPPROTO_IP, 22, 1)
sock.sendto(struct.pack("!4H", int(sys.argv[3]), 80, 9, 0) + b"x", (sys.argv[1], 0))' "$FAR4" "$1" "$port"
	same "$2" "$(entries "$port")"
}

# hops PROTOCOL FAMILY METHOD: the director is one for its own clients, too.
hops() {
	adm -C
	serve "$1" "$(at "$(vip "$2")" 80)" "$3" "$(real "$2" 1 80)"
	in_ns server1 nft -f - <<-END
		flush ruleset
		table inet watch {
			counter hop { }
			counter other { }
			chain input {
				type filter hook input priority filter
				meta l4proto != $1 accept
				ip ttl 63 counter name hop accept
				ip6 hoplimit 63 counter name hop accept
				counter name other
			}
		}
	END
	TALKER=here talk patience 1 >&2
	TALKER=here talk get "$1" "$(vip "$2")" 80 >&2
	TALKER=here talk patience >&2
	same "hop" "$(in_ns server1 nft list counters | awk '/counter/ { name = $2 }
		/packets/ && $2 { print name }' | xargs)"
}

# tunneled FAMILY VALUE SERVER: what comes out of a tunnel is balanced, or is not.
tunneled() {
	[ "$2$RVS_ENGINE" != 1ip_vs ] ||
		ktap_skip "this kernel's tunnels take away the mark that ip_vs gives their packets"
	adm -C
	serve tcp "$(at "$(vip "$1")" 81)" m "$(real "$1" 1 80)"
	knob ignore_tunneled "$2"
	ip -n client "-$1" route add "$(vip "$1")" dev "tunnel$1" src "$(host "$1" net 2)"
	same "$3 $3" "$(talk get tcp "$(vip "$1")" 81 2)"
	ip -n client "-$1" route del "$(vip "$1")" dev "tunnel$1"
	same server1 "$(talk get tcp "$(vip "$1")" 81)"
	knob ignore_tunneled 0
}

make_site '' 2
printf "address add %s dev net\n" "$SECOND4/32" "$SECOND6/128 nodad" | ip -n director -batch -
ip -n director link add tunnel4 type ipip local 10.0.0.1 remote 10.0.0.2
ip -n client link add tunnel4 type ipip local 10.0.0.2 remote 10.0.0.1
ip -n director link add tunnel6 type ip6tnl mode ip6ip6 encaplimit none \
	local "$(host 6 net 1)" remote "$(host 6 net 2)"
ip -n client link add tunnel6 type ip6tnl mode ip6ip6 encaplimit none \
	local "$(host 6 net 2)" remote "$(host 6 net 1)"
for name in director client; do
	printf "link set %s up\n" tunnel4 tunnel6 | ip -n "$name" -batch -
done
# Clients here have an address that the servers have not, and are answered by the virtual
# one, the director's own.
ip -n director route replace local "$VIP4" dev net table local src "$(host 4 lan 1)"
ip -n director -6 route flush table local root "$VIP6/128"
ip -n director -6 route add local "$VIP6" dev net table local src "$(host 6 lan 1)"
in_ns director sysctl -q -w net.ipv4.conf.lan.accept_local=1
# A rule, so that LOCAL_OUT is never passed over; and marks for an address elsewhere.
in_ns director nft -f - <<END
	table inet rules {
		chain out {
			type route hook output priority mangle
			ip daddr $FAR4 meta mark set 1
			ip6 daddr $FAR6 meta mark set 1
		}
	}
END
start_servers 80 server1 server2
start_servers 81 director
start_client director here
start_client
engine "$RVS_ENGINE"

for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		for method in m g; do
			name="$text, $([ $method = m ] && echo NAT || echo DR)"
			[ $method = g ] || ktap_case "$name: the server is another virtual address" \
				another_service $proto $family $method
			ktap_case "$name: the server is the virtual address itself" itself $proto $family $method
			ktap_case "$name: a service at the server's address" sent_on $proto $family $method
			ktap_case "$name: the TTL of a client on the director" hops $proto $family $method
		done
		ktap_case "$text: no packet leaves with a loopback source" from_loopback $proto $family
		ktap_case "$text: none comes to a loopback server" to_loopback $proto $family
		ktap_case "$text, NAT: from an address elsewhere to a server here" \
			redirected $proto $family
		ktap_case "$text, DR: not from an address elsewhere to a server here" \
			not_redirected $proto $family
	done
done
ktap_case "a raw socket is balanced" whole plain 1
ktap_case "a raw socket with IP_NODEFRAG is left alone" whole nodefrag 0
for family in 4 6; do
	ktap_case "IPv$family: what comes out of a tunnel is balanced" tunneled $family 0 server1
	ktap_case "IPv$family: unless that is switched off (ignore_tunneled)" \
		tunneled $family 1 director
done
ktap_run
