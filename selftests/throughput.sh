#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# iperf3 over every forwarding method, with segmentation offload on: both directions,
# both families. Packets stay large on their way through the director, and all that was
# sent arrives.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

MEGABYTES=8

# prepare METHOD FAMILY: a service for iperf3 with one server; METHOD is m, g, or a kind of
# tunnel.
prepare() {
	local options=(-m) service
	service=$(at "$(vip "$2")" 5201)
	adm -C
	case $1 in
	m) replies_through director ;;
	g)
		replies_through client
		options=(-g)
		;;
	*)
		replies_through client
		read -ra options < <(tunnel_options "$1")
		tunnel_end server1 "$1" "$2" "$2"
		;;
	esac
	adm -A -t "$service" -s rr
	adm -a -t "$service" -r "$(real "$2" 1 5201)" "${options[@]}"
}

# iperf FAMILY OPTION...: one run; prints how many bytes the receiver got.
iperf() {
	in_ns client iperf3 -J -c "$(vip "$1")" -n "${MEGABYTES}M" "${@:2}" >"$WORK/iperf" || {
		tail -n 5 "$WORK/iperf"
		return 1
	}
	python3 -c 'import json, sys; print(json.load(sys.stdin)["end"]["sum_received"]["bytes"])' \
		<"$WORK/iperf"
}

# packets: that the service's only server got.
packets() {
	adm -L -n --stats --exact | awk '$1 == "->" && $3 ~ /^[0-9]+$/ { print $4 }'
}

# forth FAMILY: from the client. Were the packets cut on their way, there would be one for each
# 1448 bytes.
forth() {
	local got count before
	before=$(packets)
	got=$(iperf "$1")
	[ "$got" -ge $((MEGABYTES << 20)) ]
	count=$(($(packets) - before))
	echo "$got bytes in $count packets"
	[ "$count" -lt $((got / 1448)) ]
}

# back FAMILY: to the client.
back() {
	[ "$(iperf "$1" -R)" -ge $((MEGABYTES << 20)) ]
}

make_site '' 1
engine "$RVS_ENGINE"
start in_ns server1 iperf3 -s >/dev/null
for family in 4 6; do
	for method in m g ipip gre gue; do
		text="IPv$family, $(case $method in m) echo NAT ;; g) echo DR ;; *) echo $method ;; esac)"
		ktap_case "$text: is set up" prepare "$method" "$family"
		ktap_case "$text: to the server" forth "$family"
		ktap_case "$text: to the client" back "$family"
	done
done
ktap_run
