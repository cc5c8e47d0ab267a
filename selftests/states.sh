#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The state tables of TCP and SCTP, walked with single packets: from every state that packets
# can lead to, by every packet of either end, to the state and timeout that IPVS has.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# walk KIND FAMILY METHOD: KIND is tcp, sctp, or secure for TCP with secure_tcp.
walk() {
	local answer number
	adm -C
	case $1 in
	sctp)
		number=$(at "$(vip "$2")" 80)
		adm -A --sctp-service "$number" -s rr
		adm -a --sctp-service "$number" -r "$(real "$2" 1 80)" "-$3"
		;;
	*) add_service tcp "$2" "$3" 80 1 ;;
	esac
	knob secure_tcp "$([ "$1" = secure ] && echo 3 || echo 0)"
	answer=$(TALKER=wire talk walk "$1" "$2" "$3" "$ADM")
	knob secure_tcp 0
	echo "$answer"
	[[ $answer == ok* ]]
}

make_site
engine "$RVS_ENGINE"
silence client server1
start_talker wire python3 -IS "$SELFTESTS/states.py"
for family in 4 6; do
	for method in m g; do
		text="IPv$family, $([ $method = m ] && echo NAT || echo DR)"
		ktap_case "$text: TCP" walk tcp $family $method
		ktap_case "$text: TCP, secure_tcp" walk secure $family $method
		ktap_case "$text: SCTP" walk sctp $family $method
	done
done
ktap_run
