#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Owners: services and destinations carry a name, and a flush takes away no more than
# it was asked for.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# refuses WANTED COMMAND CHANGE...: the request is refused with this error and text.
refuses() {
	local want=$1
	shift
	same "$want" "$(ask "$@" | paste -sd ' ')"
}

SIX="service.family=10 service.protocol=17 service.addr=2001:db8:a::100 service.port=53"

# two_owners: a service of red with servers of red, blue and nobody; one of blue; one of nobody.
two_owners() {
	ask flush force= >"$WORK/log"
	ask service-new service.port=80 service.owner=red
	ask dest-new dest.addr=192.168.0.11
	# shellcheck disable=SC2086
	ask service-new $SIX service.owner=blue
	# shellcheck disable=SC2086
	ask dest-new $SIX dest.addr=2001:db8:b::11 dest.port=53
	ask service-new service.port=82
	ask dest-new service.port=82 dest.port=82 dest.addr=192.168.0.11
}

# owner COMMAND CHANGE...: the owners in the answer.
owner() {
	ask "$@" | sed -n 's/^[a-z]*\.owner=//p' | paste -sd ' '
}

# left: ports of the services that there are, each with the addresses of its servers.
left() {
	adm -L -n | awk '$1 ~ /^(TCP|UDP)$/ { sub(/.*:/, "", $2); printf "%s%s", sep, $2; sep = " " }
		$1 == "->" && $2 ~ /:[0-9]/ { sub(/:[0-9]*$/, "", $2); printf "=%s", $2 } END { print "" }'
}

inherits() {
	two_owners
	same "red" "$(owner service-get)"
	same "red" "$(owner dest-get)"
	# shellcheck disable=SC2086
	same "blue" "$(owner dest-get $SIX dest.addr=2001:db8:b::11 dest.port=53)"
	same "" "$(owner service-get service.port=82)"
	same "" "$(owner dest-get service.port=82 dest.port=82)"
}

another_owner() {
	ask dest-new dest.addr=192.168.0.12 dest.owner=green
	same "green" "$(owner dest-get dest.addr=192.168.0.12)"
	ask dest-new dest.addr=192.168.0.13 dest.owner=
	same "" "$(owner dest-get dest.addr=192.168.0.13)"
}

# A change of anything else leaves the owner; a change of the service's leaves the servers'.
changed() {
	two_owners
	ask dest-set dest.weight=5
	ask service-set service.flags=0
	same "red red" "$(owner service-get) $(owner dest-get)"
	ask service-set service.owner=x123456789012345678901234567890
	same "x123456789012345678901234567890" "$(owner service-get)"
	same "red" "$(owner dest-get)"
	ask dest-set dest.owner=blue
	same "blue" "$(owner dest-get)"
	ask dest-set dest.owner=
	same "" "$(owner dest-get)"
}

bad_names() {
	local text="EINVAL the name of an owner has no blanks and no control characters"
	refuses "$text" service-new service.owner=x:61206200
	refuses "$text" dest-new dest.owner=x:610a00
	refuses "EINVAL the name of an owner is empty" flush owner=
	refuses "EINVAL Attribute failed policy validation" service-new \
		service.owner=x1234567890123456789012345678901
	refuses "EINVAL this attribute of a dest cannot be given here" service-new service.port=83 \
		service.no-server=2 service.fallback.addr=10.1.1.1 service.fallback.port=83 \
		service.fallback.owner=red
}

# flush_one OWNER WANTED
flush_one() {
	two_owners
	ask flush owner="$1"
	same "$2" "$(left)"
}

unforced() {
	two_owners
	refuses "EPERM objects of 'red' would go, too: name that owner, or force it" flush
	same "80=192.168.0.11 82=192.168.0.11 53=[2001:db8:b::11]" "$(left)"
	fails adm -C
	ask flush force=
	same "" "$(left)"
}

# A server that belongs to another is not taken away with the service.
mixed() {
	two_owners
	ask dest-new dest.addr=192.168.0.12 dest.owner=blue
	refuses "EPERM objects of 'blue' would go, too: name that owner, or force it" \
		flush owner=red
	same "80=192.168.0.11=192.168.0.12 82=192.168.0.11 53=[2001:db8:b::11]" "$(left)"
	ask flush owner=blue
	same "80=192.168.0.11 82=192.168.0.11" "$(left)"
	ask dest-new dest.addr=192.168.0.12 dest.owner=blue
	ask flush owner=red force=
	same "82=192.168.0.11" "$(left)"
}

# many: a hundred servers of blue among a hundred of nobody, in a service of nobody.
many() {
	local number
	ask flush force=
	for ((number = 1; number <= 100; number++)); do
		echo "dest-new|service.port=82 dest.port=82 dest.addr=10.9.0.$number dest.owner=blue|ok||"
		echo "dest-new|service.port=82 dest.port=82 dest.addr=10.9.1.$number|ok||"
	done >"$WORK/cases"
	ask service-new service.port=82
	in_ns director python3 -IS "$SELFTESTS/nl.py" try <"$WORK/cases"
	ask flush owner=blue
	same 100 "$(adm -L -n | grep -c '10\.9\.1\.')"
	same 0 "$(adm -L -n | grep -c '10\.9\.0\.' || true)"
}

# A configuration without owners is flushed as ever.
unowned() {
	ask flush force=
	ask service-new service.port=80
	ask dest-new
	adm -C
	same "" "$(left)"
}

make_site
engine rvs

ktap_case "servers get the owner of their service" inherits
ktap_case "a server can have another owner, or none" another_owner
ktap_case "owners are changed, and only by their name" changed
ktap_case "names with blanks, too long, empty" bad_names
ktap_case "a flush of red leaves what is others'" flush_one red \
	"82=192.168.0.11 53=[2001:db8:b::11]"
ktap_case "a flush of blue, over IPv6" flush_one blue "80=192.168.0.11 82=192.168.0.11"
ktap_case "a flush of an unknown owner takes nothing" flush_one green \
	"80=192.168.0.11 82=192.168.0.11 53=[2001:db8:b::11]"
ktap_case "a flush of everything needs force when there are owners" unforced
ktap_case "a service with servers of another owner" mixed
ktap_case "a hundred servers of one owner among those of nobody" many
ktap_case "without owners everything goes at once" unowned
ktap_run
