#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every forwarding method carries TCP and UDP over IPv4 and IPv6 without changing a
# byte: real web servers, downloads and uploads, datagrams.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# url FAMILY PATH [PORT]
url() {
	echo "http://$(at "$(vip "$1")" "${3:-80}")/$2"
}

# fetch ARGUMENT...: curl in the client, a new connection for each URL.
fetch() {
	in_ns client curl -sSfg --max-time 30 -H 'Connection: close' "$@"
}

# pages FAMILY [PORT]: three requests are answered by the three servers.
pages() {
	local page
	page=$(url "$1" index.html "${2:-80}")
	same "$(printf 'server%s\n' 1 2 3)" "$(fetch "$page" "$page" "$page")"
}

download() {
	fetch -o "$WORK/got" "$(url "$1" put/large)"
	cmp "$WORK/large" "$WORK/got"
}

# upload FAMILY: some server has the file afterwards, whole.
upload() {
	local file
	fetch -T "$WORK/large" "$(url "$1" put/upload)"
	file=$(echo "$WORK"/http-server*/root/put/upload)
	cmp "$WORK/large" "$file"
	rm "$file"
}

# datagrams FAMILY SIZE
datagrams() {
	talk size "$2"
	same "server1 server2 server3" "$(talk get udp "$(vip "$1")" 81 3)"
}

# stream FAMILY: data both ways on connections that stay.
stream() {
	talk size 30000
	same "server1 server2 server3" "$(talk open tcp "$(vip "$1")" 81 3)"
	same "server1 server2 server3" "$(talk say)"
	same "server1 server2 server3" "$(talk say)"
	talk close
}

# other_port FAMILY: translated to a port that is not the service's.
other_port() {
	local endpoint number
	endpoint=$(at "$(vip "$1")" 8080)
	adm -A -t "$endpoint" -s rr
	for number in 3 2 1; do
		adm -a -t "$endpoint" -r "$(real "$1" "$number" 80)" -m
	done
	pages "$1" 8080
}

# returns_directly FAMILY: no answer passed the director.
returns_directly() {
	adm -L -n --stats --exact | awk '$1 ~ /^(TCP|UDP|->)$/ && $5 ~ /^[0-9]+$/ { out += $5 }
		END { if (out) print out " packets returned through the director"; exit out != 0 }'
}

# prepare FAMILY METHOD: services of both protocols.
prepare() {
	if [ "$2" = g ]; then
		replies_through client
	else
		replies_through director
	fi
	adm -C
	add_service tcp "$1" "$2" 80
	add_service tcp "$1" "$2" 81
	add_service udp "$1" "$2" 81
}

make_site
start_http server1 server2 server3
start_servers 81
start_client
engine "$RVS_ENGINE"
head -c 5000000 /dev/urandom >"$WORK/large"
for name in server1 server2 server3; do
	ln "$WORK/large" "$WORK/http-$name/root/put/large"
done

for method in m g; do
	for family in 4 6; do
		text="$([ $method = m ] && echo NAT || echo DR), IPv$family"
		ktap_case "$text: services and servers are added" prepare $family $method
		ktap_case "$text, TCP: three web servers take turns" pages $family
		ktap_case "$text, TCP: a download arrives whole" download $family
		ktap_case "$text, TCP: an upload arrives whole" upload $family
		ktap_case "$text, TCP: data both ways on three connections" stream $family
		ktap_case "$text, UDP: small datagrams come back" datagrams $family 10
		ktap_case "$text, UDP: large datagrams come back" datagrams $family 1400
		if [ $method = m ]; then
			ktap_case "$text, TCP: the servers have another port" other_port $family
		else
			ktap_case "$text: answers do not pass the director" returns_directly
		fi
	done
done
ktap_run
