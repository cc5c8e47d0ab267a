#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Network namespaces are worlds of their own: the same virtual address in two of them,
# and the end of one of them while it has services and connections.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# site NAME COMMAND...: with the director and the client of that site.
site() {
	local DIRECTOR=$1-director TALKER=$1
	"${@:2}"
}

# conns: number of connections of the site's director.
conns() {
	adm -L -n -c | grep -cE '^(TCP|UDP)' || true
}

# served NAME WANTED: a request of each kind is answered by that server.
served() {
	local proto family
	for proto in tcp udp; do
		for family in 4 6; do
			same "$2" "$(site "$1" talk get "$proto" "$(vip "$family")" 80)"
		done
	done
}

# all_services NAME: services of each kind with one server.
all_services() {
	local proto family
	for proto in tcp udp; do
		for family in 4 6; do
			site "$1" add_service "$proto" "$family" m 80 1
		done
	done
}

# begin NAME...: these sites have nothing but a service of each kind.
begin() {
	local name
	for name in "$@"; do
		site "$name" adm -C
		site "$name" adm --set 900 120 300
		all_services "$name"
	done
}

# scheduled: number of connections that the site's director ever made.
scheduled() {
	adm info | awk '$1 == "scheduled:" { print $2 }'
}

only_here() {
	local before
	begin a b
	site b adm -C
	before=$(site b conns)
	served a a-server1
	served b refused
	same "" "$(site b adm -L -n | tail -n +4)"
	same "$before" "$(site b conns)"
}

each_its_own() {
	local a b
	begin a b
	a=$(site a conns) b=$(site b conns)
	served b b-server1
	same "$a $((b + 4))" "$(site a conns) $(site b conns)"
	served a a-server1
	same "$((a + 4)) $((b + 4))" "$(site a conns) $(site b conns)"
}

own_counters() {
	local a b
	begin a b
	a=$(site a scheduled) b=$(site b scheduled)
	served a a-server1
	served a a-server1
	served b b-server1
	same "$((a + 8)) $((b + 4))" "$(site a scheduled) $(site b scheduled)"
}

own_settings() {
	begin a b
	site a adm --set 100 50 20
	same "100 50 20" "$(site a adm -L --timeout | grep -o '[0-9 ]*$' | xargs)"
	same "900 120 300" "$(site b adm -L --timeout | grep -o '[0-9 ]*$' | xargs)"
}

flush_of_one() {
	begin a b
	served a a-server1
	site a adm -C
	served b b-server1
	served a refused
	all_services a
	served a a-server1
}

# holders: what holds the scheduler, that is the number of services in the kernel.
holders() {
	awk '$1 == "rvs_rr" { print $3 }' /proc/modules
}

held() {
	same "$1" "$(holders)"
}

# more_than NUMBER: so many connections have been scheduled at site b, and another.
more_than() {
	[ "$(site b scheduled)" -gt "$1" ]
}

# ends_in_use: site b goes while it has services, connections and traffic; nobody at site a
# notices.
ends_in_use() {
	local before scheduled
	begin a b
	same "b-server1 b-server1 b-server1" "$(site b talk open tcp "$VIP4" 80 3)"
	same "b-server1 b-server1 b-server1" "$(site b talk open udp "$VIP6" 80 3)"
	[ "$(site b conns)" -ge 6 ]
	before=$(holders)
	scheduled=$(site b scheduled)
	TALKER=b tell storm udp "$VIP4" 80
	eventually 60 more_than "$scheduled"
	ip netns pids b-director | xargs -r kill -KILL
	ip netns del b-director
	served a a-server1
	eventually 60 held $((before - 4))
	served a a-server1
}

# many: site a has hundreds of connections.
many() {
	[ "$(site a conns)" -ge 500 ]
}

# ends_full: a namespace goes that has hundreds of connections.
ends_full() {
	local before
	begin a
	before=$(holders)
	site a talk send udp "$VIP4" 80 500 >/dev/null
	eventually 60 many
	ip netns del a-director
	eventually 60 held $((before - 4))
}

make_site a- 1
make_site b- 1
start_servers 80 a-server1 b-server1
start_client a-client a
start_client b-client b
engine rvs

ktap_case "a service of one namespace is not seen in the other" only_here
ktap_case "the same address in both, each with its own server" each_its_own
ktap_case "each has its own counters" own_counters
ktap_case "each has its own settings" own_settings
ktap_case "flushing one does not touch the other" flush_of_one
ktap_case "a namespace with services, connections and traffic is deleted, the other goes on" ends_in_use
ktap_case "a namespace with many connections is deleted" ends_full
ktap_run
