#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets that are wrong: truncated headers, impossible lengths and offsets, bad checksums. None
# of them does harm, those that are dropped are counted, and good ones pass afterwards.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SEED=${SEED:-$RANDOM}

# dropped: how many packets were counted as malformed.
dropped() {
	adm info | awk '$1 == "malformed" { print $2 }'
}

# counted FAMILY: each packet whose transport header is cut off is dropped and counted.
counted() {
	local before sent
	[ "$RVS_ENGINE" = rvs ] || ktap_skip "$RVS_ENGINE does not count what it drops"
	before=$(dropped)
	sent=$(TALKER="wire" talk cut "$1")
	same "${sent#ok }" "$(($(dropped) - before))"
}

# uncounted FAMILY: what is the host's to judge is not.
uncounted() {
	local before=0
	[ "$RVS_ENGINE" != rvs ] || before=$(dropped)
	says ok odd "$1"
	[ "$RVS_ENGINE" != rvs ] || echo "$(($(dropped) - before)) were counted"
}

# alive: connections of programs, which nothing of all that has disturbed.
alive() {
	local family proto
	for family in 4 6; do
		for proto in tcp udp; do
			same "server2 server3 server2 server3" \
				"$(TALKER="talk" talk get "$proto" "$(vip "$family")" 81 4)"
		done
	done
}

# random FAMILY: the seed is printed when it fails.
random() {
	echo "SEED=$SEED"
	says ok random "$1" "$SEED" 3000
}

# sctp FAMILY METHOD: a service of SCTP.
sctp() {
	local endpoint
	endpoint=$(at "$(vip "$1")" 80)
	adm -A --sctp-service "$endpoint" -s rr
	adm -a --sctp-service "$endpoint" -r "$(real "$1" 1 80)" "-$2"
}

# use METHOD: services at port 80 with server 1, which is silent.
use() {
	local family proto
	adm -C
	for family in 4 6; do
		for proto in tcp udp; do
			add_service "$proto" "$family" "$1" 80 1
			add_service "$proto" "$family" m 81 3 2
		done
		sctp "$family" "$1"
	done
}

make_site
engine "$RVS_ENGINE"
start_servers 81 server2 server3
start_client
start_talker wire python3 -IS "$SELFTESTS/malformed.py"
# The client's own kernel takes part only in what is for port 81.
silence server1
in_ns client nft -f - <<-END
	table inet silence { chain input { type filter hook input priority -300;
		th sport 80 drop; }; }
END
for method in m g; do
	text=$([ $method = m ] && echo NAT || echo DR)
	ktap_case "$text: services" use $method
	for family in 4 6; do
		ktap_case "$text, IPv$family: a transport header that is cut off" counted $family
		ktap_case "$text, IPv$family: other contradictions" uncounted $family
		ktap_case "$text, IPv$family: damaged payloads stay damaged" says ok passed $family $method
		ktap_case "$text, IPv$family: 3000 packets, changed at random" random $family
	done
	ktap_case "$text: good packets pass as before" alive
done
ktap_run
