#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Slow start: a server that has come takes its share of new connections little by little,
# whatever the scheduler, and at weight 1, too.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# effective FAMILY NUMBER
effective() {
	# shellcheck disable=SC2046
	ask dest-get $(named_server "$1" "$2") | sed -n 's/^dest\.effective-weight=//p'
}

# now: milliseconds.
now() {
	local up
	read -r up _ </proc/uptime
	echo "$((10#${up/./}0))"
}

# counted FAMILY CONNECTIONS: makes them; prints how many of a thousand went to server3.
counted() {
	local answer
	answer=$(talk get tcp "$(vip "$1")" 80 "$2")
	if grep -qE 'refused|timeout|reset' <<<"$answer"; then
		echo "not all were served: $answer" >&2
		return 1
	fi
	echo $(($(grep -o server3 <<<"$answer" | wc -l) * 1000 / $2))
}

# between LEAST MOST VALUE
between() {
	[ "$1" -le "$3" ] && [ "$3" -le "$2" ] || {
		echo "$3 is not between $1 and $2"
		return 1
	}
}

# is_between LEAST MOST COMMAND...: the same of what COMMAND prints, and silent.
is_between() {
	local value
	value=$("${@:3}") && between "$1" "$2" "$value" >/dev/null
}

# slow_start FAMILY SECONDS: of the service.
slow_start() {
	# shellcheck disable=SC2046
	ask service-set $(named_service "$1") -service.scheduler service.slow-start="$2"
}

# begin FAMILY SCHEDULER SECONDS: server1 and server2, then server3 comes, between BEFORE and AFTER.
begin() {
	local vip
	vip=$(at "$(vip "$1")" 80)
	SPAN=$(($3 * 1000))
	ask flush force=
	adm -A -t "$vip" -s "$2"
	adm -a -t "$vip" -r "$(real "$1" 1 80)" -m -w "${WEIGHT:-1}"
	adm -a -t "$vip" -r "$(real "$1" 2 80)" -m -w "${WEIGHT:-1}"
	slow_start "$1" "$3"
	BEFORE=$(now)
	adm -a -t "$vip" -r "$(real "$1" 3 80)" -m -w "${WEIGHT:-1}"
	AFTER=$(now)
}

# share SINCE UNTIL: how many of a thousand it is far at that time, from the beginning that counts. All
# is a thousand, and a fiftieth is the least.
share() {
	local share=$((($2 - $1) * 1000 / SPAN))
	share=$((share < 20 ? 20 : share))
	echo $((share > 1000 ? 1000 : share))
}

# rises FAMILY: what server3 gets now is what it should, between the earliest and the
# latest time that the connections may have come.
rises() {
	local from until got least most
	from=$(now)
	got=$(counted "$1" 150)
	until=$(now)
	least=$(share "$AFTER" "$from") most=$(share "$BEFORE" "$until")
	# Against two others that are as far as they can be.
	least=$((least * 1000 / (2000 + least))) most=$((most * 1000 / (2000 + most)))
	echo "# $got of 1000, wanted $least to $most"
	between $((least * 2 / 3 - 20)) $((most * 4 / 3 + 20)) "$got"
	# Slow machines may not prove it; but then they have to say so.
	[ "$most" -lt 300 ] || echo "# too late to prove anything"
}

# little_by_little FAMILY SCHEDULER [LEAST MOST]: what it gets rises with the time; when that is over
# it gets all.
little_by_little() {
	begin "$1" "$2" 40
	rises "$1"
	sleep 6
	rises "$1"
	slow_start "$1" 1
	eventually 20 is_between "${3:-300}" "${4:-370}" counted "$1" 60
}

# shown FAMILY: the weight that it stands for.
shown() {
	local from got
	WEIGHT=1000 begin "$1" wrr 20
	same 1000 "$(effective "$1" 1)"
	for _ in 1 2; do
		from=$(now)
		got=$(effective "$1" 3)
		# It is as of the last time that the work was here, ten times a second.
		between $(($(share "$AFTER" "$from") * 4 / 5 - 20)) $(($(share "$BEFORE" "$(now)") + 1)) "$got"
		sleep 3
	done
	slow_start "$1" 1
	eventually 20 full "$1"
}

full() {
	[ "$(effective "$1" 3)" = 1000 ]
}

# from_zero FAMILY: raised from weight 0, and made ready again.
from_zero() {
	begin "$1" rr 0
	slow_start "$1" 100
	# shellcheck disable=SC2046
	ask dest-set $(named_server "$1" 3) -dest.method dest.weight=0
	# shellcheck disable=SC2046
	ask dest-set $(named_server "$1" 3) -dest.method dest.weight=50
	between 1 20 "$(effective "$1" 3)"
	talk open tcp "$(vip "$1")" 80 3
	# shellcheck disable=SC2046
	ask dest-set $(named_server "$1" 1) -dest.method -dest.weight dest.state=1
	# shellcheck disable=SC2046
	ask dest-set $(named_server "$1" 1) -dest.method dest.weight=60 dest.state=0
	between 1 20 "$(effective "$1" 1)"
	talk close
}

# nobody_else FAMILY: while only those that start are there, they serve; none is refused.
nobody_else() {
	begin "$1" lc 600
	# shellcheck disable=SC2046
	ask dest-set $(named_server "$1" 1) -dest.method dest.weight=0
	# shellcheck disable=SC2046
	ask dest-set $(named_server "$1" 2) -dest.method dest.weight=0
	same 1000 "$(counted "$1" 60)"
}

# all_new FAMILY: a service whose servers are all new shares evenly when they are nearly equally far.
all_new() {
	local vip number
	vip=$(at "$(vip "$1")" 80)
	ask flush force=
	adm -A -t "$vip" -s rr
	slow_start "$1" 600
	for number in 1 2 3; do
		echo "-a -t $vip -r $(real "$1" "$number" 80) -m"
	done | adm -R
	eventually 30 is_between 300 370 counted "$1" 60
}

make_site
start_servers
start_client
engine rvs

ktap_case "IPv4, rr, weights of 1" little_by_little 4 rr
ktap_case "IPv6, lc" little_by_little 6 lc 200 1000
ktap_case "IPv4, the weight is shown" shown 4
ktap_case "IPv6, raised from 0, and ready again" from_zero 6
ktap_case "IPv4, nobody else is there" nobody_else 4
ktap_case "IPv6, all are new" all_new 6
ktap_run
