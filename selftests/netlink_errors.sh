#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Requests that the netlink family refuses: each says the documented errno, the
# attribute and the reason, and leaves everything as it was.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SERVICE='service-new service-set service-del service-get'
DEST='dest-new dest-set dest-del dest-get'
KEYED="$SERVICE $DEST dest-dump"
ALL="$KEYED service-dump conn-dump flush config-set config-get info-get"
LENGTH='invalid attribute length'
UNKNOWN='Unknown attribute type'
LEFTOVER='bytes leftover after parsing attributes'
UNICAST='address is not unicast'
POLICY='Attribute failed policy validation'
# The service over IPv6, which is there, too.
SIX='service.family=10 service.protocol=17 service.addr=2001:db8:a::100 service.port=53'

# each COMMANDS CHANGES ERROR WHERE TEXT: a case for each command.
each() {
	local command
	for command in $1; do
		echo "$command|$2|$3|$4|$5"
	done
}

# number COMMANDS PATH BYTES: an attribute with every wrong length, and with a flag that
# is for nests.
number() {
	local zeros=000000000000000000 length
	for length in $(seq 0 $(($3 - 1))) $(($3 + 1)) $(($3 * 2 + 1)); do
		each "$1" "$2=x:${zeros::length*2}" EINVAL "$2" "$LENGTH"
	done
	each "$1" "$2=x:${zeros::$3*2} !$2" EINVAL "$2" 'NLA_F_NESTED not expected'
}

# nest COMMANDS PATH LAST: a nest without its flag, with broken content, and with numbers
# that its set does not have.
nest() {
	local kind
	each "$1" "!$2" EINVAL "$2" 'NLA_F_NESTED is missing'
	each "$1" "$2=x:0800" ERANGE "$2" "$POLICY"
	for kind in 0 $(($3 + 1)) 255 16383; do
		each "$1" "$2.$kind=x:00000000" EINVAL "$2.$kind" "$UNKNOWN"
	done
	# Some bytes, a length below that of the header, and one beyond the end.
	each "$1" "$2+000000" EINVAL '' "$LEFTOVER"
	each "$1" "$2+03000100" EINVAL '' "$LEFTOVER"
	each "$1" "$2+09000100aabbccdd" EINVAL '' "$LEFTOVER"
}

# stats COMMANDS SET: the counters, which cannot be given, nor given wrongly.
stats() {
	local name
	each "$1" "!$2.stats" EINVAL "$2.stats" 'NLA_F_NESTED is missing'
	each "$1" "$2.stats.11=x:00" EINVAL "$2.stats.11" "$UNKNOWN"
	for name in conns in-pkts in-bytes out-pkts out-bytes; do
		each "$1" "$2.stats.$name=x:00000000" EINVAL "$2.stats.$name" "$LENGTH"
	done
	forbidden "$1" "$2" stats.conns=1
	forbidden "$1" "$2" stats=x:
}

# forbidden COMMANDS SET ASSIGNMENT: an attribute that is known, but not for giving.
forbidden() {
	each "$1" "$2.$3" EINVAL "$2.${3%%[.=]*}" "this attribute of a $2 cannot be given here"
}

# address COMMANDS PATH: addresses of wrong lengths.
address() {
	local length bytes=0a000001020304050607080910111213141516
	for length in 0 1 3 5 16; do
		each "$1" "$2=x:${bytes::length*2}" EINVAL "$2" \
			"the address has $length bytes, the family's have 4"
	done
	each "$1" "$2=x:${bytes::34}" ERANGE "$2" 'binary attribute size out of range'
	each "$1" "!$2" EINVAL "$2" 'NLA_F_NESTED not expected'
	each "$1" "$SIX $2=192.0.2.1" EINVAL "$2" "the address has 4 bytes, the family's have 16"
}

service_attributes() {
	local name
	each "$SERVICE $DEST" -service EINVAL -service 'attribute service is missing'
	each "$KEYED" service=x: EINVAL -service.family 'attribute service.family is missing'
	for name in service.{family,protocol,addr,port}; do
		each "$KEYED" "-$name" EINVAL "-$name" "attribute $name is missing"
	done
	nest "$KEYED" service 23
	number "$KEYED" service.family 2
	number "$KEYED" service.protocol 1
	number "$KEYED" service.port 2
	number "$KEYED" service.dests 4
	address "$KEYED" service.addr
	forbidden "$KEYED" service dests=1
	stats "$KEYED" service
}

service_values() {
	local value
	for value in 0 1 3 9 11 65535; do
		each "$KEYED" "service.family=$value" EAFNOSUPPORT service.family \
			"unknown address family $value: 2 and 10 are known"
	done
	for value in 0 1 58 50 255; do
		each "$KEYED" "service.protocol=$value" EPROTONOSUPPORT service.protocol \
			"protocol $value is not supported: 6 (TCP), 17 (UDP) and 132 (SCTP) are"
	done
	for value in 0.0.0.0 224.0.0.1 239.255.255.255 255.255.255.255; do
		each "$KEYED" "service.addr=$value" EINVAL service.addr "the virtual $UNICAST"
	done
	for value in :: ff02::1; do
		each "$KEYED" "$SIX service.addr=$value" EINVAL service.addr "the virtual $UNICAST"
	done
}

scheduler() {
	local value others="service-del service-get $DEST dest-dump" own='service-new service-set'
	value='attribute service.scheduler is missing'
	each service-new -service.scheduler EINVAL -service.scheduler "$value"
	# Empty, without its NUL, too long.
	for value in x: x:7272 sixteen_letters_; do
		each "$KEYED" "service.scheduler=$value" EINVAL service.scheduler "$POLICY"
	done
	value=x:7272007272727272727272727272727272
	each "$KEYED" "service.scheduler=$value" ERANGE service.scheduler "$POLICY"
	value='!service.scheduler service.scheduler=rr'
	each "$KEYED" "$value" EINVAL service.scheduler 'NLA_F_NESTED not expected'
	for value in x:00 RR r/r ../rr rr. x:72207200 x:ff00; do
		each "$own" "service.scheduler=$value" EINVAL service.scheduler \
			"a scheduler's name consists of a-z, 0-9, '_' and '-'"
	done
	for value in nonesuch fifteen_letters; do
		each "$own" "service.scheduler=$value" ENOENT service.scheduler \
			"scheduler '$value' is not loaded: modprobe rvs_$value"
	done
	forbidden "$others" service scheduler=rr
}

dest_attributes() {
	local name
	each "$DEST" -dest EINVAL -dest 'attribute dest is missing'
	each "$DEST" dest=x: EINVAL -dest.addr 'attribute dest.addr is missing'
	each "$DEST" -dest.addr EINVAL -dest.addr 'attribute dest.addr is missing'
	each "$DEST" -dest.port EINVAL -dest.port 'attribute dest.port is missing'
	nest "$DEST" dest 23
	address "$DEST" dest.addr
	number "$DEST" dest.port 2
	number "$DEST" dest.method 1
	for name in dest.{weight,active,inactive}; do number "$DEST" "$name" 4; done
	stats "$DEST" dest
	forbidden "$DEST" dest active=0
	forbidden "$DEST" dest inactive=0
	forbidden 'dest-del dest-get' dest method=0
	forbidden 'dest-del dest-get' dest weight=1
}

dest_values() {
	local value
	for value in 5 255; do
		each "$DEST" "dest.method=$value" ERANGE dest.method 'integer out of range'
	done
	for value in 2147483648 4294967295; do
		each "$DEST" "dest.weight=$value" ERANGE dest.weight 'integer out of range'
	done
	for value in 0.0.0.0 224.0.0.1 255.255.255.255; do
		each dest-new "dest.addr=$value" EINVAL dest.addr "the server's $UNICAST"
	done
	for value in :: ff02::1 fe80::1; do
		each dest-new "$SIX dest.addr=$value" EINVAL dest.addr "the server's $UNICAST"
	done
	value='direct routing keeps the port: it must be 80, not 8080'
	each dest-new 'dest.port=8080 dest.method=3' EINVAL dest.port "$value"
	each dest-new 'dest.port=8080 -dest.method' EINVAL dest.port "$value"
	each dest-set 'dest.addr=192.168.0.12 dest.port=8080 dest.method=3' EINVAL dest.port "$value"
}

timeouts() {
	local name value
	each config-set -config EINVAL -config 'attribute config is missing'
	nest config-set config 4
	for name in timeout-tcp timeout-tcp-fin timeout-udp; do
		number config-set "config.$name" 4
		# One wrong value spoils the right ones.
		for value in 0 2678401 4294967295; do
			each config-set "config.timeout-tcp=5 config.timeout-udp=5 config.$name=$value" \
				ERANGE "config.$name" 'integer out of range'
		done
	done
}

existence() {
	local others="service-set service-del service-get $DEST dest-dump" change
	each service-new service.port=80 EEXIST service 'the service exists already'
	each service-new "$SIX" EEXIST service 'the service exists already'
	for change in service.port=82 service.protocol=17 service.addr=10.0.0.101; do
		each "$others" "$change" ESRCH service 'there is no such service'
	done
	each dest-new dest.addr=192.168.0.11 EEXIST dest 'the destination exists already'
	others='dest-set dest-del dest-get'
	each "$others" dest.port=81 ENOENT dest 'the service has no such destination'
	each "$others" dest.addr=192.168.0.14 ENOENT dest 'the service has no such destination'
}

messages() {
	local command
	# Attributes of other requests, and of none.
	each "$SERVICE" dest=x: EINVAL dest "$UNKNOWN"
	each dest-dump dest=x: EINVAL dest 'Unsupported attribute'
	each "$DEST" conn=x: EINVAL conn "$UNKNOWN"
	each config-set service=x: EINVAL service 'Unsupported attribute'
	each config-set info=x: EINVAL info "$UNKNOWN"
	each 'service-dump conn-dump flush' service=x: EINVAL service 'Unsupported attribute'
	each 'config-get info-get' service=x: EINVAL service "$UNKNOWN"
	each "$ALL" 0=x:00 EINVAL 0 "$UNKNOWN"
	each "$ALL" 99=x: EINVAL 99 "$UNKNOWN"
	each "$ALL" +0000 EINVAL '' "$LEFTOVER"
	each "$ALL" +03000100 EINVAL '' "$LEFTOVER"
	each "$ALL" length=19 EINVAL '' ''
	each "$ALL" reserved=1 EINVAL '' 'genlmsghdr.reserved field is not 0'
	each "$ALL" flags=0x105 EINVAL '' 'ambiguous or reserved bits set in nlmsg_flags'
	each "$ALL" flags=0x405 EINVAL '' 'ambiguous or reserved bits set in nlmsg_flags'
	# Commands that are not there, or not as a dump, or only as one.
	for command in 0 18 255; do
		each 'info-get service-dump' "command=$command" EOPNOTSUPP '' ''
	done
	each "$(echo {service,dest}-{new,set,del} flush config-{set,get})" flags=0x305 EOPNOTSUPP '' ''
	each conn-dump flags=0x5 EOPNOTSUPP '' ''
}

# refused CASES: runs the cases that a function prints.
refused() {
	"$1" | in_ns director python3 -IS "$SELFTESTS/nl.py" check
}

ip netns add director
SITES+=(director)
ip -n director link set lo up
engine rvs
in_ns director python3 -IS "$SELFTESTS/nl.py" setup

for cases in service_attributes service_values scheduler dest_attributes dest_values \
	timeouts existence messages; do
	ktap_case "refused, and nothing changed: ${cases//_/ }" refused "$cases"
done
ktap_case 'the same requests, unchanged, succeed' \
	in_ns director python3 -IS "$SELFTESTS/nl.py" all ok
ktap_run
