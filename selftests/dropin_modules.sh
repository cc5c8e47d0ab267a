#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# With the file for modprobe that `make install` puts in place, whatever asks for a module of
# IPVS gets its counterpart: by name, by its netlink family, by the match of iptables. And
# beside a loaded ip_vs rvs_ipvs refuses, and the other way round.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

CONF=/etc/modprobe.d/rvs.conf

loaded() {
	[ -d "/sys/module/$1" ]
}

# fresh: nothing is loaded.
fresh() {
	eventually 20 unload_engines >/dev/null
}

by_name() {
	fresh
	modprobe ip_vs
	loaded rvs_ipvs
	fails loaded ip_vs
	[ -e /proc/net/ip_vs ]
	[ -e /proc/sys/net/ipv4/vs/conn_max ]
}

schedulers_by_name() {
	local name
	fresh
	for name in rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos; do
		modprobe "ip_vs_$name"
		loaded "rvs_$name"
		fails loaded "ip_vs_$name"
		modinfo -F alias "rvs_$name" | grep -qx "ip_vs_$name"
	done
	fails loaded ip_vs
}

by_netlink_family() {
	fresh
	ipvsadm -Ln >/dev/null
	loaded rvs_ipvs
	fails loaded ip_vs
}

without_counterpart() {
	fresh
	fails modprobe ip_vs_ftp 2>"$WORK/ftp"
	grep -q 'no helper for FTP' "$WORK/ftp"
	fails modprobe ip_vs_pe_sip 2>/dev/null
	fails loaded ip_vs
}

match_of_iptables() {
	fresh
	iptables -A OUTPUT -m ipvs --vport 80
	loaded rvs_xt
	fails loaded xt_ipvs
	fails loaded ip_vs
	iptables -D OUTPUT -m ipvs --vport 80
}

beside_ip_vs() {
	fresh
	rm "$CONF"
	modprobe ip_vs
	fails modprobe rvs_ipvs 2>/dev/null
	fails loaded rvs_ipvs
	loaded ip_vs
	[ -e /proc/net/ip_vs ]
	dmesg | grep -q 'rvs_ipvs: the interfaces of IPVS are taken'
	install_conf
}

# Who loads the stock module all the same, past the file, does not get it either. proc says so
# with a warning; the console must not have it, as a machine whose kernel warns has failed.
ip_vs_beside_it() {
	local before
	fresh
	modprobe ip_vs
	ipvsadm -A -t 10.9.9.9:80 -s rr
	before=$(cat /proc/net/ip_vs /proc/net/ip_vs_stats; sysctl -a -r '^net.ipv4.vs')
	dmesg -C
	dmesg -n 1
	fails modprobe -C /dev/null ip_vs 2>"$WORK/refused" || touch "$WORK/loaded"
	dmesg -n 7
	[ ! -e "$WORK/loaded" ]
	dmesg | grep -q "'net/ip_vs' already registered"
	same 1 "$(dmesg | grep -c 'WARNING: ')"
	fails loaded ip_vs
	loaded rvs_ipvs
	same "$before" "$(cat /proc/net/ip_vs /proc/net/ip_vs_stats; sysctl -a -r '^net.ipv4.vs')"
	ipvsadm -Ln | grep -q '10.9.9.9:80 rr'
	ipvsadm -C
}

back() {
	fresh
	modprobe ip_vs
	loaded rvs_ipvs
	rm "$CONF"
	modprobe -r rvs_ipvs
	modprobe ip_vs
	loaded ip_vs
	fresh
}

install_conf() {
	install -D -m 644 /vm/modprobe.conf "$CONF"
}

install_conf
ktap_case "modprobe ip_vs loads rvs_ipvs" by_name
ktap_case "modprobe ip_vs_rr and all others load the schedulers of rvs" schedulers_by_name
ktap_case "the netlink family IPVS loads rvs_ipvs" by_netlink_family
ktap_case "what has no counterpart says so" without_counterpart
ktap_case "the match ipvs of iptables loads rvs_xt" match_of_iptables
ktap_case "beside ip_vs it refuses and changes nothing" beside_ip_vs
ktap_case "beside it ip_vs is refused, and nothing changes" ip_vs_beside_it
ktap_case "without the file ip_vs is back" back
ktap_run
