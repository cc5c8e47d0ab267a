#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# SCTP from end to end: associations of the kernel's own SCTP through the director, with the
# CRC made by the sender, or left to a device that can make it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# use FAMILY METHOD: a service with three servers.
use() {
	local endpoint number
	if [ "$2" = g ]; then replies_through client; else replies_through director; fi
	adm -C
	endpoint=$(at "$(vip "$1")" 80)
	adm -A --sctp-service "$endpoint" -s rr
	for number in 3 2 1; do
		adm -a --sctp-service "$endpoint" -r "$(real "$1" "$number" 80)" "-$2"
	done
}

# offload on|off: whether devices are to make the CRC; those here leave it out then.
offload() {
	local name
	for name in client server1 server2 server3 director; do
		in_ns "$name" ethtool -K lan tx-checksum-sctp "$1" >/dev/null
	done
	for name in client director; do
		in_ns "$name" ethtool -K net tx-checksum-sctp "$1" >/dev/null
	done
}

# carries FAMILY on|off: data both ways; nobody has seen a wrong CRC.
carries() {
	local name
	offload "$2"
	same "server1 server2 server3" \
		"$(TALKER=sctp talk get "$(host "$1" net 2)" "$(vip "$1")" 3 30000)"
	for name in client server1 server2 server3; do
		# shellcheck disable=SC2016 # awk's fields
		same 0 "$(in_ns "$name" awk '$1 == "SctpChecksumErrors" { print $2 }' /proc/net/sctp/snmp)"
	done
}

# state: of the connections that there are, without those that are over.
state() {
	adm -L -n -c | awk '$1 == "SCTP" && $3 != "CLOSED" { print $3, ($2 > "14:50") }'
}

# shown FAMILY METHOD: the state, and that only an open association is active.
shown() {
	TALKER=sctp talk open "$(host "$1" net 2)" "$(vip "$1")"
	same "ESTABLISHED 1" "$(state)"
	same 1 "$(adm -L -n | awk '$1 == "->" && $5 ~ /^[0-9]+$/ { n += $5 } END { print n }')"
	TALKER=sctp talk close
	if [ "$2" = m ]; then
		eventually 3 closed CLOSED
	else
		# SHUTDOWN and SHUTDOWN COMPLETE of the client are all that is seen.
		eventually 3 closed 'CLOSED|S-RECEIVED'
	fi
}

closed() {
	adm -L -n -c | awk -v wanted="^($1)$" '$1 == "SCTP" && $3 !~ wanted { exit 1 }'
}

make_site
modprobe sctp
engine "$RVS_ENGINE"
pipe sctp-servers
arguments=()
for number in 1 2 3; do
	arguments+=(-- "server$number" "$(host 4 lan 1$number)" "$(host 6 lan 1$number)" "$VIP4" "$VIP6")
done
start python3 -IS "$SELFTESTS/sctp.py" serve "${arguments[@]:1}" >&"$PIPE"
await_ready "$PIPE"
start_talker sctp in_ns client python3 -IS "$SELFTESTS/sctp.py" client
for family in 4 6; do
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		ktap_case "$text: a service" use $family $method
		ktap_case "$text: data both ways, the CRC made by the sender" carries $family off
		ktap_case "$text: data both ways, the CRC left to devices" carries $family on
		ktap_case "$text: the states are shown" shown $family $method
	done
done
ktap_run
