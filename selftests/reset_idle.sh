#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A connection that was idle for too long ends with a reset for both ends, if its service
# says so; otherwise neither end learns of it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# sockets NAMESPACE: its established connections of the service's port.
sockets() {
	in_ns "$1" ss -Htn state established '( sport = :80 or dport = :80 )' | wc -l
}

has() {
	[ "$(sockets "$1")" = "$2" ]
}

no_connections() {
	! adm -L -n -c | grep -v ':0 ' | grep -q '^TCP'
}

# opens FAMILY OPTION...: a connection through a service with that option.
opens() {
	adm -C
	adm config set --timeout-tcp 900
	adm service add tcp "$(at "$(vip "$1")" 80)" -s rr "${@:2}"
	adm -a -t "$(at "$(vip "$1")" 80)" -r "$(real "$1" 1 80)" -m
	same "server1 server1" "$(talk open tcp "$(vip "$1")" 80) $(talk say)"
	has client 1
	has server1 1
}

# expires: its time is over.
expires() {
	adm config set --timeout-tcp 1
	eventually 8 no_connections
}

# reset FAMILY: both ends learn of it.
reset() {
	opens "$1" --reset-idle
	# More data than fits into one segment, both ways.
	talk size 20000 >/dev/null
	same server1 "$(talk say)"
	talk size 32 >/dev/null
	expires
	eventually 3 has client 0
	eventually 3 has server1 0
	same reset "$(talk say)"
	talk close
}

# silent FAMILY: without the option nobody is told.
silent() {
	opens "$1"
	expires
	sleep 1
	has client 1
	has server1 1
	talk close
	in_ns server1 ss -HtnK state established '( sport = :80 )' >/dev/null
}

# persistent FAMILY: together with persistence.
persistent() {
	opens "$1" --reset-idle --persist 100
	expires
	eventually 3 has client 0
	eventually 3 has server1 0
	talk close
}

# own_timeout FAMILY: the service has a timeout of its own.
own_timeout() {
	opens "$1" --reset-idle --timeout established=2
	eventually 8 no_connections
	eventually 3 has client 0
	eventually 3 has server1 0
	talk close
}

# late FAMILY: a packet of the client may come before the connection is given up.
late() {
	opens "$1" --reset-idle --timeout established=1
	sleep 1.05
	[[ $(talk say) =~ ^(reset|server1)$ ]]
	talk close
	eventually 8 has server1 0
}

# finished FAMILY: a connection that was closed is not reset.
finished() {
	opens "$1" --reset-idle
	adm config set --timeout time-wait=1
	in_ns client nft reset counters >/dev/null
	talk close
	eventually 8 no_connections
	sleep 0.5
	in_ns client nft list counter inet seen resets | grep 'packets 0 '
	adm config set --timeout time-wait=120
}

make_site
in_ns client nft -f - <<-END
	table inet seen {
		counter resets { }
		chain input { type filter hook input priority 0; tcp flags & rst == rst counter name resets; }
	}
END
start_servers
start_client
engine rvs

for family in 4 6; do
	ktap_case "IPv$family: both ends are reset" reset $family
	ktap_case "IPv$family: not unless the service says so" silent $family
	ktap_case "IPv$family: with persistence" persistent $family
	ktap_case "IPv$family: with a timeout of the service's own" own_timeout $family
	ktap_case "IPv$family: a packet comes late" late $family
	ktap_case "IPv$family: a closed connection is not reset" finished $family
done
ktap_run
