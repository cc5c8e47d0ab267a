#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The packets of tunnels, byte for byte: outer headers, checksums, what they take over from the
# packet inside; what does not fit through a tunnel, and what its sender is told.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# use KIND OUTER INNER: services with server 1 at the end of a tunnel.
use() {
	local options service proto
	read -ra options < <(tunnel_options "$1")
	adm -C
	for proto in t u; do
		service=$(at "$(vip "$3")" 80)
		adm -A "-$proto" "$service" -s rr
		adm -a "-$proto" "$service" -r "$(real "$2" 1 80)" "${options[@]}"
	done
}

# knob VALUE: whether the tunnels' packets keep "don't fragment".
knob() {
	local directory=net.rvs
	[ "$RVS_ENGINE" = rvs ] || directory=net.ipv4.vs
	in_ns director sysctl -qw "$directory.pmtu_disc=$1"
}

# split KIND OUTER: an IPv4 packet that says that it must not be split is.
split() {
	use "$1" "$2" 4
	knob 0
	says ok split "$1" "$2" 4 "$RVS_ENGINE"
	knob 1
}

# narrow KIND OUTER: no sender of IPv6 needs to make packets of less than 1280 bytes.
narrow() {
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "$RVS_ENGINE names a smaller MTU, or drops"
	use "$1" "$2" 6
	ip -n director link set lan mtu 1290
	says ok narrow "$1" "$2" 6 "$RVS_ENGINE"
	ip -n director link set lan mtu 1500
}

# clamp KIND OUTER INNER: the MSS of SYN and SYN+ACK is lowered.
clamp() {
	local options service
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "$RVS_ENGINE does not do that"
	read -ra options < <(tunnel_options "$1")
	service=$(at "$(vip "$3")" 80)
	adm -C
	adm service add tcp "$service" --scheduler rr --flags mss-clamp
	adm -a -t "$service" -r "$(real "$2" 1 80)" "${options[@]}"
	says ok clamp "$1" "$2" "$3" "$RVS_ENGINE"
}

make_site '' 1
engine "$RVS_ENGINE"
start_client
# What is seen on the wire is complete then; the client leaves its checksums to the device.
in_ns director ethtool -K lan tx off >/dev/null
# For answers that come back this way with the director's own address as their source.
in_ns director sysctl -qw net.ipv4.conf.lan.accept_local=1
start_talker wire python3 -IS "$SELFTESTS/tunnel_headers.py"

ktap_case "client and server fall silent" silence client server1
for kind in ipip gre gre-csum gue gue-csum gue-remcsum; do
	for outer in 4 6; do
		for inner in 4 6; do
			text="$kind, IPv$inner in IPv$outer"
			args=("$kind" "$outer" "$inner" "$RVS_ENGINE")
			ktap_case "$text: a service" use "${args[@]:0:3}"
			ktap_case "$text: headers" says ok headers "${args[@]}"
			ktap_case "$text: an incomplete checksum" says ok partial "${args[@]}"
			ktap_case "$text: the longest packet, and a longer one" says ok longest "${args[@]}"
			ktap_case "$text: no hop left" says ok last_hop "${args[@]}"
			ktap_case "$text: the MSS is lowered" clamp "${args[@]:0:3}"
		done
		ktap_case "$kind in IPv$outer: splits packets if told so" split $kind $outer
		ktap_case "$kind in IPv$outer: IPv6 gets its least MTU" narrow $kind $outer
	done
done
ktap_run
