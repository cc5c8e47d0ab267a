#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A scheduler that is not part of rvs, as Documentation/schedulers.md shows it: built from
# exactly what the page says (tools/own-scheduler, on the host), loaded, and at work.
#
# Before: tools/own-scheduler

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

loaded() {
	modprobe rvs_fewest
	same fewest "$(adm info | sed -n 's/^schedulers loaded: *//p')"
}

# The server with the fewest active connections, the last added of equal ones.
chooses() {
	adm -A -t "$(at "$(vip "$1")" 80)" -s fewest
	for number in 1 2 3; do
		adm -a -t "$(at "$(vip "$1")" 80)" -r "$(real "$1" "$number" 80)" -m
	done
	same "server3 server2 server1 server3 server2" "$(talk open tcp "$(vip "$1")" 80 5)"
	adm -e -t "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)" -m -w 0
	adm -e -t "$(at "$(vip "$1")" 80)" -r "$(real "$1" 2 80)" -m -x 2
	same "server3 server3" "$(talk open tcp "$(vip "$1")" 80 2)"
}

goes() {
	fails rmmod rvs_fewest
	adm -C
	eventually 10 rmmod rvs_fewest
}

make_site
start_servers
start_client
engine rvs
ktap_case 'the scheduler of the page is loaded' loaded
for family in 4 6; do
	ktap_case "IPv$family: it chooses the server with the fewest connections" chooses "$family"
done
ktap_case 'it goes when it is not in use any more' goes
ktap_run
