#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tunnels of every kind carry TCP and UDP of both families in packets of both families,
# without changing a byte. The servers take the packets out with the kernel's own devices.
# Segments are offloaded: uploads go in packets much longer than the links take.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# fetch ARGUMENT...: curl in the client.
fetch() {
	in_ns client curl -sSfg --max-time 30 -H 'Connection: close' "$@"
}

# prepare KIND OUTER INNER: services whose servers 1 and 2 end tunnels.
prepare() {
	local port number options
	read -ra options < <(tunnel_options "$1")
	adm -C
	for number in 1 2; do
		tunnel_end "server$number" "$1" "$2" "$3"
	done
	for port in t:80 t:81 u:81; do
		adm -A "-${port%:*}" "$(at "$(vip "$3")" "${port#*:}")" -s rr
		for number in 2 1; do
			adm -a "-${port%:*}" "$(at "$(vip "$3")" "${port#*:}")" \
				-r "$(real "$2" "$number" "${port#*:}")" "${options[@]}"
		done
	done
}

# carries INNER: pages of both servers, an upload that arrives whole, a stream both ways,
# datagrams.
carries() {
	local page file
	page="http://$(at "$(vip "$1")" 80)"
	same "$(printf 'server%s\n' 1 2)" "$(fetch "$page/index.html" "$page/index.html")"
	fetch -T "$WORK/large" "$page/put/upload"
	file=$(echo "$WORK"/http-server*/root/put/upload)
	cmp "$WORK/large" "$file"
	rm "$file"
	talk size 30000
	same "server1 server2" "$(talk open tcp "$(vip "$1")" 81 2)"
	same "server1 server2" "$(talk say)"
	talk close
	talk size 1300
	same "server1 server2" "$(talk get udp "$(vip "$1")" 81 2)"
}

# returns_directly: the director has forwarded nothing: no answer passed it. (Its own ICMP errors
# count as answers of a service.)
returns_directly() {
	in_ns director cat /proc/net/snmp /proc/net/snmp6 | awk '
		/^Ip: [0-9]/ { forwarded += $7; found++ }
		/^Ip6OutForwDatagrams/ { forwarded += $2; found++ }
		END { if (forwarded) print forwarded " packets returned through the director"
			exit forwarded || found != 2 }'
}

make_site '' 2
replies_through client
start_http server1 server2
SERVE=serve-routed start_servers 81 server1 server2
start_client
engine "$RVS_ENGINE"
head -c 1000000 /dev/urandom >"$WORK/large"

for kind in ipip gre gre-csum gue gue-csum gue-remcsum; do
	for outer in 4 6; do
		for inner in 4 6; do
			text="$kind, IPv$inner in IPv$outer"
			ktap_case "$text: is set up" prepare $kind $outer $inner
			ktap_case "$text: carries TCP and UDP" carries $inner
		done
	done
	ktap_case "$kind: answers do not pass the director" returns_directly
done
ktap_run
