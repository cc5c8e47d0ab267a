#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What Documentation/migrating.md says of both engines, as far as no comparison needs it: each case is a
# row, and looks at what ip_vs does and at what rvs does.
#
# Tier: long

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

VS=/proc/sys/net/ipv4/vs
# Settings that are those of net.rvs.
SHARED=(amemthresh am_droprate conn_max conn_reuse_mode conntrack drop_entry drop_packet expire_nodest_conn
	ignore_tunneled nat_icmp_send pmtu_disc schedule_icmp secure_tcp sloppy_sctp sloppy_tcp snat_reroute)
# Those that have no effect.
KEPT=(sync_version sync_ports sync_persist_mode sync_qlen_max sync_sock_size sync_threshold
	sync_refresh_period sync_retries backup_only run_estimation est_cpulist est_nice conn_lfactor
	svc_lfactor expire_quiescent_template cache_bypass)

is_rvs() {
	[ "$RVS_ENGINE" = rvs_ipvs ]
}

# row ENGINE CASE: a case with an engine, which is loaded unless it is.
row() {
	if [ ! -d "/sys/module/$1" ]; then
		eventually 20 unload_engines >/dev/null 2>&1
	fi
	engine "$1"
	in_ns director ipvsadm -C
	"$2"
	in_ns director ipvsadm -C
}

# reload: the engine once more, with nothing of earlier cases.
reload() {
	eventually 20 unload_engines >/dev/null 2>&1
	engine "$RVS_ENGINE"
}

file() {
	in_ns director cat "/proc/net/$1"
}

# counted NUMBER: packets of clients, of all services.
counted() {
	[ "$(($(file ip_vs_stats | awk 'NR == 3 { print "0x" $2 }') - BASE))" = "$1" ]
}

# base: what is counted from here on.
base() {
	[ "$RVS_ENGINE" != ip_vs ] || sleep 2.5
	BASE=$((16#$(file ip_vs_stats | awk 'NR == 3 { print $2 }')))
}

# setting NAME VALUE
setting() {
	in_ns director sysctl -q -w "net.ipv4.vs.$1=$2"
}

run_estimation() {
	reload
	add_service udp 4 m
	base
	setting run_estimation 0
	talk get udp "$VIP4" 80 5 >/dev/null
	if is_rvs; then
		counted 5
	else
		sleep 4.5
		counted 0
	fi
	setting run_estimation 1
	eventually 10 counted 5
}

# cpus: whether the rows of the CPUs are as many connections as the last row says.
cpus() {
	file ip_vs_stats_percpu | awk '
		$1 == "~" { print $2; exit }' >"$WORK/all"
	same $((16#$(cat "$WORK/all"))) \
		$(($(file ip_vs_stats_percpu | awk 'NF == 6 && /^[ 0-9A-F]+$/ { printf "%s0x%s", sep, $2; sep = "+" }')))
}

per_cpu() {
	reload
	add_service udp 4 m
	base
	talk get udp "$VIP4" 80 6 >/dev/null
	eventually 10 counted 6
	cpus
	ipvsadm_director -d -u "$VIP4:80" -r 192.168.0.12:80
	ipvsadm_director -D -u "$VIP4:80"
	counted 6
	cpus
}

ipvsadm_director() {
	in_ns director ipvsadm "$@"
}

size() {
	file ip_vs | sed -nE '1 s/.*size=([0-9]+)\)$/\1/p'
}

sizes() {
	reload
	! is_rvs || same 0 "$(size)"
	ipvsadm_director -A -u 10.9.9.9:53 -s rr
	[ "$(size)" -gt 0 ]
}

order() {
	local number
	for number in 5 3 9 1 7 2; do
		ipvsadm_director -A -u "10.9.9.$number:53" -s rr
		ipvsadm_director -a -u 10.9.9.5:53 -r "192.168.0.$number" -m
	done 2>/dev/null
	same 6 "$(file ip_vs | grep -c '^UDP ')"
	is_rvs || return 0
	same "0A090905 0A090903 0A090909 0A090901 0A090907 0A090902" \
		"$(file ip_vs | awk '$1 == "UDP" { sub(/:.*/, "", $2); print $2 }' | paste -sd ' ')"
}

servers_newest_first() {
	local number
	ipvsadm_director -A -u 10.9.9.9:53 -s rr
	for number in 5 3 9 1; do
		ipvsadm_director -a -u 10.9.9.9:53 -r "192.168.0.$number" -m
	done
	# ipvsadm sorts them.
	same "C0A80001 C0A80009 C0A80003 C0A80005" \
		"$(file ip_vs | awk '$1 == "->" && $2 ~ /^C0/ { sub(/:.*/, "", $2); print $2 }' | paste -sd ' ')"
}

limit_of_connections() {
	local want=server3
	! is_rvs || want=server2
	reload
	add_service udp 4 m
	setting conn_max 1
	same server1 "$(talk get udp "$VIP4" 80)"
	talk patience 0.5 >/dev/null
	same timeout "$(talk get udp "$VIP4" 80)"
	talk patience 20 >/dev/null
	setting conn_max 1073741824
	same "$want" "$(talk get udp "$VIP4" 80)"
}

synchronisation() {
	local status=0
	dmesg -C
	ipvsadm_director --start-daemon master --mcast-interface net >"$WORK/daemon" 2>&1 || status=$?
	if is_rvs; then
		[ "$status" != 0 ]
		dmesg | grep -q 'rvs_ipvs: there is no synchronisation daemon'
		same "" "$(ipvsadm_director -L --daemon)"
	else
		same 0 "$status"
		ipvsadm_director -L --daemon | grep -q master
	fi
	status=0
	ipvsadm_director --stop-daemon master 2>/dev/null || status=$?
	same "$(is_rvs && echo failed || echo stopped)" "$([ "$status" = 0 ] && echo stopped || echo failed)"
}

all_local() {
	reload
	add_service udp 4 m
	talk get udp "$VIP4" 80 3 >/dev/null
	same 3 "$(file ip_vs_conn_sync | grep -c ' LOCAL ')"
	fails grep -q ' SYNC ' <(file ip_vs_conn_sync)
}

locality() {
	reload
	modprobe "$(is_rvs && echo rvs || echo ip_vs)_lblc"
	modprobe "$(is_rvs && echo rvs || echo ip_vs)_lblcr"
	if is_rvs; then
		[ ! -e "$VS/lblc_expiration" ]
		[ ! -e "$VS/lblcr_expiration" ]
	else
		[ -e "$VS/lblc_expiration" ]
		[ -e "$VS/lblcr_expiration" ]
	fi
}

owners() {
	in_ns director python3 -IS "$SELFTESTS/nl.py" ask service-new service.port=80 service.owner=red
	grep -q '^TCP .*:0050 ' <(file ip_vs)
	ipvsadm_director -C
	fails grep -q '^TCP' <(file ip_vs)
}

shared_settings() {
	local name was
	for name in "${SHARED[@]}"; do
		was=$(in_ns director cat "$VS/$name")
		same "$was" "$(in_ns director cat "/proc/sys/net/rvs/$name")"
		setting "$name" 1
		same 1 "$(in_ns director cat "/proc/sys/net/rvs/$name")"
		in_ns director sysctl -q -w "net.rvs.$name=$was"
		same "$was" "$(in_ns director cat "$VS/$name")"
	done
}

# Each setting of ip_vs is in one of the two tables.
all_settings() {
	local there
	there=$(in_ns director ls "$VS" | grep -vx -e debug_level -e 'lblcr\?_expiration' | sort)
	same "$(printf '%s\n' "${SHARED[@]}" "${KEPT[@]}" | sort)" "$there"
}

any_switch() {
	setting conntrack 7
	same 7 "$(in_ns director cat "$VS/conntrack")"
	setting conntrack 0
}

make_site
engine ip_vs
start_servers 80
start_client
replies_through director
for name in ip_vs rvs_ipvs; do
	for text in run_estimation per_cpu sizes order servers_newest_first limit_of_connections synchronisation \
		all_local locality owners shared_settings all_settings any_switch; do
		[ "$name" = rvs_ipvs ] || case $text in owners | shared_settings) continue ;; esac
		ktap_case "$name: ${text//_/ }" row "$name" "$text"
	done
done
ktap_run
