#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connections are shown and removed by filters inside the kernel; with force both ends of
# those of TCP learn of it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

filters() {
	in_ns director python3 -IS "$SELFTESTS/conn_filters.py" "$@"
}

# refused COMMAND CHANGES ERROR WHERE TEXT
refused() {
	echo "$1|$2|$3|$4|$5" | in_ns director python3 -IS "$SELFTESTS/nl.py" try
}

# untold FILTER...: the servers keep what nobody ended, which the next case must not find.
untold() {
	local name
	filters forget "$@"
	for name in server1 server2 server3; do
		in_ns "$name" ss -HtnK state established '( sport = :80 or sport = :81 )' >/dev/null
	done
}

no_entries() {
	! in_ns director python3 -IS "$SELFTESTS/nl.py" ask conn-dump | grep -q .
}

# Both ends of all of them are told, also where the service follows no numbers.
kills_all() {
	filters kill ''
	same count=0 "$(in_ns director python3 -IS "$SELFTESTS/nl.py" ask conn-del filter.protocol=6)"
	[ "$(drops killed)" -gt 0 ]
}

# What was killed does not stay for long, and its port can be used again at once.
leaves_nothing() {
	adm -C
	eventually 5 in_ns director python3 -IS "$SELFTESTS/nl.py" ask conn-del
	eventually 15 no_entries
	eventually 15 grep_conns 0
}

grep_conns() {
	in_ns director python3 -IS "$SELFTESTS/nl.py" ask info-get | tr ' ' '\n' | grep -x "info.conns=$1"
}

explains_errors() {
	local command a='filter.client-addr'
	for command in conn-dump conn-del; do
		refused "$command" "$a=10.0.0.2" EINVAL "$a" 'an address needs its family: 2 (IPv4) or 10 (IPv6)'
		refused "$command" "filter.family=2 $a=10.0.0.2 filter.client-prefix=33" EINVAL \
			filter.client-prefix "a prefix of 33 bits: the family's addresses have 32"
		refused "$command" "filter.family=2 $a=2001:db8::1" EINVAL "$a" \
			"the address has 16 bytes, the family's have 4"
		refused "$command" "filter.family=3" EAFNOSUPPORT filter.family \
			'unknown address family 3: 2 and 10 are known'
		refused "$command" "filter.client-prefix=8" EINVAL filter.client-prefix 'a prefix needs an address'
		refused "$command" "filter.service.family=2" EINVAL -filter.service.protocol \
			'attribute service.protocol is missing'
		refused "$command" generation=1 EINVAL generation \
			'Unsupported attribute'
	done
}

make_site
ip -n client address add 10.0.0.66/24 dev net
ip -n client address add 10.0.0.130/24 dev net
ip -n client address add 2001:db8:a::1:2/64 dev net nodad
for name in server1 server2 server3; do
	ip -n $name route replace 10.0.0.0/24 via 192.168.0.1
done
start_servers 80
# A persistent service without a port keeps that of the client.
start_servers 81
engine rvs
in_ns director nft -f - <<-END
	table inet marks { chain pre { type filter hook prerouting priority mangle;
		tcp dport 81 meta mark set 7; }; }
END
for family in 4 6; do
	add_service tcp $family m
	add_service udp $family g
	# Persistence of a firewall mark, in a family of its own.
	six=()
	[ $family = 4 ] || six=(-6)
	adm -A -f 7 "${six[@]}" -s rr -p 300
	for number in 3 2 1; do
		adm -a -f 7 "${six[@]}" -r "$(real $family $number 80)" -m
	done
done

ktap_case "dumps by each filter" filters dump
ktap_case "errors are explained" explains_errors
ktap_case "kill: one client" filters kill family=2 client-addr=10.0.0.66
ktap_case "kill: a network of clients" filters kill family=10 client-addr=2001:db8:a::1:0 client-prefix=112
ktap_case "kill: a server" filters kill family=2 dest-addr=192.168.0.12
ktap_case "kill: a server of IPv6" filters kill family=10 dest-addr=2001:db8:b::13 dest-prefix=127
ktap_case "kill: a firewall mark" filters kill fwmark=7 family=10
ktap_case "kill: a service" filters kill service.family=2 service.protocol=6 service.addr=10.0.0.100 service.port=80
ktap_case "kill: a protocol" filters kill protocol=6
ktap_case "kill: templates alone" filters kill template=1
ktap_case "without force nobody is told" untold family=2 protocol=6 virtual-port=80
ktap_case "kill: all" kills_all
ktap_case "nothing stays" leaves_nothing
ktap_run
