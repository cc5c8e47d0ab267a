# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What scenarios with traffic share; a test sources it after oracle/lib.sh.

# service PROTOCOL FAMILY PORT METHOD [OPTION...]: with servers 1, 2 and 3, whose turns come in this order.
service() {
	local number here
	here=$(at "$(vip "$2")" "$3")
	quiet ipvsadm -A "-${1:0:1}" "$here" -s rr "${@:5}"
	for number in 3 2 1; do
		quiet ipvsadm -a "-${1:0:1}" "$here" -r "$(real "$2" "$number" "$3")" "-$4"
	done
}

# lists FAMILY PORT STATE COUNT: whether so many connections to the port are in this state.
lists() {
	local end
	printf -v end 'A000064 %04X' "$2"
	[ "$1" = 4 ] || printf -v end '0100 %04X' "$2"
	[ "$(in_ns director grep -e " $3 " /proc/net/ip_vs_conn | grep -c "$end")" = "$4" ]
}

# look: all there is to see without counters.
look() {
	run ipvsadm -Ln
	run ipvsadm -Lcn
	show /proc/net/ip_vs{,_conn,_conn_sync}
}

# totals: what the namespace has counted, as ip_vs shows it.
totals() {
	in_ns director sed -n 3p /proc/net/ip_vs_stats
}

# settle CONNECTIONS: until so many are counted, and nothing more comes. ip_vs copies its counters every
# 2 seconds.
settle() {
	eventually 20 counted "$1" || return 0
	unchanged
}

# unchanged: until nothing more comes.
unchanged() {
	local before now
	[ "$ENGINE" = ip_vs ] || return 0
	now=$(totals)
	until [ "$now" = "${before:-}" ]; do
		before=$now
		sleep 2.2
		now=$(totals)
	done
}

counted() {
	local conns
	read -r conns _ < <(totals)
	[ $((16#$conns)) = "$1" ]
}

# figures: the counters.
figures() {
	run ipvsadm -Ln --stats --exact
	run ipvsadm -Ln --stats
	run head -n 4 /proc/net/ip_vs_stats
	run head -n 5 /proc/net/ip_vs_stats_percpu
}
