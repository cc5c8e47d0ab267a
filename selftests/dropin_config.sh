#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What ip_vs's own clients configure and read, without any packet, is with rvs_ipvs what
# it is with ip_vs: ipvsadm, the files of /proc/net, and /proc/sys/net/ipv4/vs.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/oracle/lib.sh
. "$SELFTESTS/oracle/lib.sh"

FILES=(/proc/net/ip_vs{,_conn,_conn_sync,_stats,_stats_percpu,_app})
VS=/proc/sys/net/ipv4/vs

scenario_nothing_configured() {
	# shellcheck disable=SC2016 # For that shell.
	run bash -c 'ls /proc/net | grep ^ip_vs'
	run stat -c '%A %s %N' "${FILES[@]}" /proc/net/ip_vs_status
	show "${FILES[@]}" /proc/net/ip_vs_status
	run ipvsadm -L
	run ipvsadm -Lcn
	run ipvsadm -L --timeout
	run ipvsadm -L --daemon
	run ipvsadm -Ln --stats
	run ipvsadm -Ln --rate
}

scenario_services_of_all_kinds() {
	local options server=10
	run ipvsadm -A -t 10.0.0.100:80 -s rr
	run ipvsadm -A -t 10.0.0.100:443 -s wlc -p 360
	run ipvsadm -A -t 10.0.0.100:8080 -s sh -b sh-port -p 7 -M 255.255.240.0
	run ipvsadm -A -t 10.0.0.100:0 -s wrr -p 60
	run ipvsadm -A -u 10.0.0.100:53 -s rr -o
	run ipvsadm -A --sctp-service 10.0.0.100:90 -s lc
	run ipvsadm -A -f 1 -s rr
	run ipvsadm -A -f 2147483648 -s mh -b mh-port,mh-fallback -p 30 -M 255.255.255.0
	run ipvsadm -A -f 3 -s rr -o
	run ipvsadm -A -f 1 -6 -s wlc -p 9
	run ipvsadm -A -t '[2001:db8:a::100]:80' -s rr
	run ipvsadm -A -u '[2001:db8:a::100]:53' -s rr -o
	run ipvsadm -A -t '[2001:db8:a::100]:443' -s nq -p 5 -M 64
	for options in '-m' '-g' '-i' '-i --tun-type gre' '-i --tun-type gue --tun-port 6080 --tun-csum'; do
		# shellcheck disable=SC2086 # They are several.
		run ipvsadm -a -t 10.0.0.100:80 -r "192.168.0.$((++server))" $options -w "$server"
	done
	run ipvsadm -a -f 1 -r 192.168.0.11:8080 -m -w 0 -x 100 -y 50
	run ipvsadm -a -f 1 -6 -r '[2001:db8:b::11]:0' -g
	run ipvsadm -a -t '[2001:db8:a::100]:80' -r '[2001:db8:b::11]:80' -m -w 2147483647
	run ipvsadm -a -t '[2001:db8:a::100]:80' -r '[2001:db8:b::12]:80' -g
	run ipvsadm -a -t '[2001:db8:a::100]:80' -r '192.168.0.13:80' -i
	run ipvsadm -a -t 10.0.0.100:80 -r '[2001:db8:b::13]' -i
	run ipvsadm -a -t 10.0.0.100:443 -r 127.0.0.1:443 -m
	for options in '' --stats --rate --thresholds --persistent-conn --tun-info; do
		# shellcheck disable=SC2086 # One or none.
		run ipvsadm -Ln $options
	done
	run ipvsadm -Sn
	show "${FILES[@]}"
}

scenario_changes() {
	run ipvsadm -A -t 10.0.0.100:80 -s wrr -p 60 -M 255.255.255.0
	run ipvsadm -a -t 10.0.0.100:80 -r 192.168.0.11 -m -w 3 -x 9 -y 3
	run ipvsadm -a -t 10.0.0.100:80 -r 192.168.0.12 -g -w 2
	run ipvsadm -a -t 10.0.0.100:80 -r 192.168.0.13 -m
	show /proc/net/ip_vs
	run ipvsadm -E -t 10.0.0.100:80 -s lc
	run ipvsadm -e -t 10.0.0.100:80 -r 192.168.0.11 -g -w 0
	run ipvsadm -e -t 10.0.0.100:80 -r 192.168.0.12 -i -w 5 -x 4
	run ipvsadm -e -t 10.0.0.100:80 -r 192.168.0.14 -i
	run ipvsadm -a -t 10.0.0.100:80 -r 192.168.0.12 -g
	run ipvsadm -d -t 10.0.0.100:80 -r 192.168.0.14
	run ipvsadm -d -t 10.0.0.100:80 -r 192.168.0.13
	show /proc/net/ip_vs
	run ipvsadm -Ln --thresholds
	run ipvsadm -a -t 10.0.0.100:80 -r 192.168.0.13 -m
	show /proc/net/ip_vs
	run ipvsadm -E -t 10.0.0.100:80 -s nosuch
	run ipvsadm -E -t 10.0.0.100:81 -s rr
	run ipvsadm -Z -t 10.0.0.100:80
	run ipvsadm -Z -t 10.0.0.100:81
	run ipvsadm -Z
	run ipvsadm --set 100 20 30
	run ipvsadm -L --timeout
	run ipvsadm --set 0 0 40
	run ipvsadm -L --timeout
	run ipvsadm -D -t 10.0.0.100:81
	run ipvsadm -D -t 10.0.0.100:80
	run ipvsadm -D -t 10.0.0.100:80
	show /proc/net/ip_vs
}

scenario_save_and_restore() {
	quiet ipvsadm -A -t 10.0.0.100:80 -s wrr -p 60 -M 255.255.255.0
	quiet ipvsadm -a -t 10.0.0.100:80 -r 192.168.0.11 -m -w 3
	quiet ipvsadm -a -t 10.0.0.100:80 -r 192.168.0.12 -i --tun-type gue --tun-port 6080 -w 2
	quiet ipvsadm -A -u '[2001:db8:a::100]:53' -s rr -o
	quiet ipvsadm -a -u '[2001:db8:a::100]:53' -r '[2001:db8:b::11]:53' -g
	quiet ipvsadm -A -f 7 -s sh -b sh-port,sh-fallback
	quiet ipvsadm -a -f 7 -r 192.168.0.12:0 -i
	in_ns director ipvsadm-save -n >"$WORK/saved"
	cat "$WORK/saved"
	quiet ipvsadm -C
	run ipvsadm -Ln
	in_ns director ipvsadm-restore <"$WORK/saved"
	run ipvsadm -Ln
	in_ns director ipvsadm-save -n >"$WORK/again"
	cmp "$WORK/saved" "$WORK/again" && echo "the same again"
	(
		echo "# a comment"
		echo "-A -t 10.0.0.100:81 -s rr"
		echo "-A -t 10.0.0.100:81 -s rr"
		echo "ipvsadm -a -t 10.0.0.100:81 -r 192.168.0.11 -m"
		echo ""
		echo "-a -t 10.0.0.100:82 -r 192.168.0.11 -m"
		echo "-A -t 10.0.0.100:83 -s rr"
	) | in_ns director ipvsadm-restore
	echo "exit status $?"
	run ipvsadm -Ln
}

# write VALUE FILE: a setting, and what it then is.
write() {
	local status=0
	echo "$1" >"$2" || status=$?
	echo "${2##*/}: '$1' $status, now '$(<"$2")'"
}

# settings_of NAME...: their values, and what can be written.
settings_of() {
	local name value
	for name in "$@"; do
		for value in -2147483649 -2147483648 -2 -1 0 1 2 3 4 5 8 9 20 100 65536 2147483647 \
			2147483648 '' abc '1 2' '7 3' 1x; do
			write "$value" "$VS/$name"
		done
	done
} 2>/dev/null

scenario_settings_and_their_defaults() {
	run ls "$VS"
	# The rest depends on the machine.
	run bash -c "cd $VS && grep -H . \$(ls | grep -v -e sync_qlen_max -e est_cpulist)"
	run stat -c '%A %s %n' "$VS"/*
	run unshare -Urn bash -c "cd $VS && stat -c '%A %n' *"
}

scenario_ranges_of_settings() {
	local play
	play=$(declare -f write settings_of)
	# shellcheck disable=SC2016 # For that shell.
	run bash -c "VS=$VS; $play; "'
		cd $VS && settings_of $(ls | grep -v -e sync_qlen_max -e est_cpulist -e conn_max -e lfactor)'
	run bash -c "VS=$VS; $play"'
		for value in -1 0 5 1073741823 1073741824 1073741825 x; do
			write $value $VS/conn_max
		done
		for value in -9 -8 -1 0 8 9; do
			write $value $VS/conn_lfactor
			write $value $VS/svc_lfactor
		done
		for value in -1 0 5 4294967296 x; do
			write $value $VS/sync_qlen_max
		done
		for value in 0 1 0-1 "" x; do
			write "$value" $VS/est_cpulist
		done
		for value in "5 10" "10 10" "10 5" "0 0" "4 0" "9" "-1 4"; do
			write "$value" $VS/sync_threshold
		done' 2>/dev/null
}

scenario_settings_per_namespace() {
	quiet sysctl -q -w net.ipv4.vs.conn_max=1000 net.ipv4.vs.drop_entry=3
	ip netns add other
	nsenter --net=/run/netns/other grep -H . "$VS"/{conn_max,drop_entry,conn_lfactor,svc_lfactor}
	nsenter --net=/run/netns/other ipvsadm -A -t 10.0.0.1:80 -s rr
	run ipvsadm -Ln
	nsenter --net=/run/netns/other cat /proc/net/ip_vs
	ip netns del other
	grep -H . "$VS"/{conn_max,drop_entry,conn_lfactor,svc_lfactor}
}

make_lone_director
compare nothing_configured services_of_all_kinds changes save_and_restore \
	settings_and_their_defaults ranges_of_settings settings_per_namespace
ktap_run
