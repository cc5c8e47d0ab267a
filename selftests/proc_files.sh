#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# IPVS's files in /proc/net list connections, templates and counters in IPVS's format: the same
# checks pass with ip_vs.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# The regular expressions of an address in ip_vs_conn.
V4='[0-9A-F]{8}' V6='([0-9a-f]{4}:){7}[0-9a-f]{4}'

file() {
	in_ns director cat "/proc/net/$1"
}

# has FILE LINE: exactly one line like this extended regular expression.
has() {
	same 1 "$(file "$1" | grep -cxE -e "$2")"
}

connections() {
	talk open tcp "$(vip 4)" 80 1 >/dev/null
	talk open tcp "$(vip 6)" 80 1 >/dev/null
	talk get udp "$(vip 4)" 80 1 >/dev/null
	has ip_vs_conn "TCP 0A000002 [0-9A-F]{4} 0A000064 0050 C0A8000[BCD] 0050 ESTABLISHED     (900|8[0-9]{2})"
	has ip_vs_conn "TCP $V6 [0-9A-F]{4} 2001:0db8:000a:0000:0000:0000:0000:0100 0050 2001:0db8:000b(:0000){4}:001[123] 0050 ESTABLISHED     (900|8[0-9]{2})"
	has ip_vs_conn "UDP $V4 [0-9A-F]{4} 0A000064 0050 $V4 0050 UDP             (300|2[0-9]{2})"
	has ip_vs_conn_sync "UDP $V4 [0-9A-F]{4} 0A000064 0050 $V4 0050 UDP         LOCAL      (300|2[0-9]{2})"
	same "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData" \
		"$(file ip_vs_conn | head -n 1)"
	same "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires" \
		"$(file ip_vs_conn_sync | head -n 1)"
	same 3 "$(in_ns director grep -c -v Pro /proc/net/ip_vs_conn)"
	talk close >/dev/null
}

templates() {
	adm -A -t "$VIP4:81" -s rr -p 60
	adm -a -t "$VIP4:81" -r 192.168.0.11:80 -m
	adm -A -f 7 -s rr -p 60
	talk get tcp "$(vip 4)" 81 1 >/dev/null
	has ip_vs_conn "TCP 0A000002 0000 0A000064 0051 C0A8000B 0050 (NONE   |ASSURED)          (60|5[0-9])"
	has ip_vs "TCP  0A000064:0051 rr  persistent [0-9]+ FFFFFFFF"
	has ip_vs "FWM  00000007 rr persistent [0-9]+ FFFFFFFF"
	adm -D -t "$VIP4:81"
	adm -D -f 7
}

# counted NUMBER: packets from clients. ip_vs shows them up to 2 seconds later, and sets to zero what it shows.
counted() {
	[ "$(file ip_vs_stats | awk 'NR == 3 { print $2 }')" = "$1" ]
}

counters() {
	[ "$RVS_ENGINE" != ip_vs ] || sleep 3
	adm -Z
	eventually 20 counted 0
	talk get udp "$(vip 4)" 80 17 >/dev/null
	eventually 20 counted 11
	has ip_vs_stats "      11       11 +[0-9A-F]+ +40D +[0-9A-F]+"
	has ip_vs_stats_percpu '  ~       11       11 +[0-9A-F]+ +40D +[0-9A-F]+'
	same "$(nproc)" "$(file ip_vs_stats_percpu | grep -cE '^ +[0-9A-F]+( +[0-9A-F]+){5}$')"
}

# Readers with small buffers, who seek, and who read while the file grows.
small_reads() {
	in_ns director python3 -IS -c "
import os
whole = open('/proc/net/ip_vs', 'rb').read()
for size in 1, 7, 100, 4096:
    file, pieces = os.open('/proc/net/ip_vs', os.O_RDONLY), b''
    while piece := os.read(file, size):
        pieces += piece
    assert pieces == whole, size
    os.close(file)
assert whole.count(b'\n') > 100
file = os.open('/proc/net/ip_vs', os.O_RDONLY)
for offset in 1000, 5, 3000, 0:
    assert os.pread(file, 50, offset) == whole[offset:offset + 50], offset
"
}

many_servers() {
	local number
	adm -A -t "$VIP4:82" -s rr
	for number in {1..130}; do
		adm -a -t "$VIP4:82" -r "192.168.0.$number:83" -m
	done
	same 130 "$(file ip_vs | grep -c '^  -> C0A800[0-9A-F]*:0053      Masq    1      0          0         $')"
	small_reads
	adm -D -t "$VIP4:82"
}

namespace_of_its_own() {
	same 3 "$(in_ns client cat /proc/net/ip_vs | wc -l)"
	ip netns add short
	nsenter --net=/run/netns/short cat /proc/net/ip_vs_stats >/dev/null
	ip netns del short
}

make_site
start_servers 80
start_client
replies_through director
engine "$RVS_ENGINE"
[ "$RVS_ENGINE" != rvs ] || modprobe rvs_ipvs
for family in 4 6; do
	add_service tcp "$family" m
	add_service udp "$family" m
done
ktap_case "connections, IPv4 and IPv6" connections
ktap_case "templates, and services that are persistent" templates
ktap_case "counters" counters
ktap_case "many servers, in pieces" many_servers
ktap_case "each namespace has its own" namespace_of_its_own
ktap_run
