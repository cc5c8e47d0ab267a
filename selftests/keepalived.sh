#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# keepalived, as Debian ships it, drives rvs through rvs_ipvs: it configures services, checks
# the servers over TCP, HTTP and with a program, takes dead ones out and back in, changes
# weights, falls back to a sorry server, reloads and stops. No request fails after a dead
# server has been removed.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
[ "$RVS_ENGINE" != rvs ] || RVS_ENGINE=rvs_ipvs

# server NUMBER PORT OPTION...: a real server in the configuration. keepalived wants each word with
# its value on a line of its own; here they end with a semicolon.
server() {
	printf 'real_server 192.168.0.1%s %s {\n%s}\n' "$1" "$2" "$(printf '%s;' "${@:3}")" | tr ';' '\n'
}

TCP_CHECK='TCP_CHECK {;connect_timeout 1;}'
HTTP_CHECK='HTTP_GET {;url {;path /index.html;status_code 200;};connect_timeout 1;}'

# configuration WEIGHT2 SERVICES: with this weight for server2 of the first service.
configuration() {
	local misc="MISC_CHECK {;misc_path \"/usr/bin/test -e $WORK/misc\";user root;}"
	cat <<-END
		global_defs {
			router_id test
			script_user root
			enable_script_security
		}
		virtual_server 10.0.0.100 80 {
			delay_loop 1
			delay_before_retry 1
			retry 0
			lvs_sched wrr
			lvs_method NAT
			protocol TCP
			quorum 3
			hysteresis 0
			sorry_server 192.168.0.13 8080
			quorum_up "/usr/bin/touch $WORK/up"
			quorum_down "/usr/bin/touch $WORK/down"
			$(server 1 80 "weight 1" "$HTTP_CHECK")
			$(server 2 80 "weight $1" "$HTTP_CHECK")
		}
	END
	[ "$2" -gt 1 ] || return 0
	cat <<-END
		virtual_server 10.0.0.100 8080 {
			delay_loop 1
			delay_before_retry 1
			retry 0
			lvs_sched rr
			lvs_method NAT
			protocol TCP
			$(server 1 8080 "weight 1" inhibit_on_failure "$TCP_CHECK")
			$(server 2 8080 "weight 1" "$TCP_CHECK")
			$(server 3 8080 "weight 1" "$misc")
		}
	END
}

# listed: the services and servers, without counters.
listed() {
	adm -Ln | awk 'NR > 3 { print $1, $2, $3, $4 }'
}

# has LINE: whether a line like this is in it.
has() {
	listed | grep -qE -e "$1"
}

hasnt() {
	! has "$1"
}

# reload WEIGHT2 SERVICES
reload() {
	configuration "$1" "$2" >"$WORK/keepalived.conf"
	kill -HUP "$(<"$WORK/keepalived.pid")"
}

# drop NUMBER: the server's machine answers nobody any more; undrop NUMBER: and again.
drop() {
	in_ns "server$1" nft add table inet dead
	in_ns "server$1" nft -f - <<-END
		table inet dead { chain input { type filter hook input priority 0; tcp dport { 80, 8080 } reject with tcp reset; }; }
	END
}

undrop() {
	in_ns "server$1" nft delete table inet dead
}

configures() {
	eventually 40 has '^-> 192.168.0.12:80 Masq 2'
	eventually 40 has '^-> 192.168.0.13:8080 Masq 1'
	same "TCP 10.0.0.100:80 wrr 
-> 192.168.0.11:80 Masq 1
-> 192.168.0.12:80 Masq 2
TCP 10.0.0.100:8080 rr 
-> 192.168.0.11:8080 Masq 1
-> 192.168.0.12:8080 Masq 1
-> 192.168.0.13:8080 Masq 1" "$(listed)"
}

# fetch: the server that answers over HTTP.
fetch() {
	in_ns client curl -s --max-time 5 "http://$VIP4/"
}

balances() {
	for _ in 1 2 3 4 5 6; do fetch; done | sort | uniq -c | awk '{ print $1, $2 }' >"$WORK/answers"
	same "2 server1
4 server2" "$(<"$WORK/answers")"
}

# The TCP service: requests all the time; once the dead server has gone none fails.
dead_server_leaves() {
	drop 2
	eventually 40 hasnt '^-> 192.168.0.12:8080'
	same "server1 server3" "$(talk get tcp "$VIP4" 8080 20 | tr ' ' '\n' | sort -u | paste -sd ' ')"
	TALKER=storm tell storm tcp "$VIP4" 8080
	sleep 2
	undrop 2
	eventually 40 has '^-> 192.168.0.12:8080 Masq 1'
	sleep 1
	TALKER=storm talk stop >"$WORK/storm"
	read -r worked failed <"$WORK/storm"
	echo "$worked worked, $failed failed"
	[ "$worked" -gt 3 ]
	same 0 "$failed"
	same "server1 server2 server3" \
		"$(talk get tcp "$VIP4" 8080 20 | tr ' ' '\n' | sort -u | paste -sd ' ')"
}

inhibited_server_stays_with_weight_0() {
	drop 1
	eventually 40 has '^-> 192.168.0.11:8080 Masq 0'
	same "server2 server3" "$(talk get tcp "$VIP4" 8080 20 | tr ' ' '\n' | sort -u | paste -sd ' ')"
	undrop 1
	eventually 40 has '^-> 192.168.0.11:8080 Masq 1'
}

misc_check_decides() {
	rm "$WORK/misc"
	eventually 40 hasnt '^-> 192.168.0.13:8080'
	same "server1 server2" "$(talk get tcp "$VIP4" 8080 20 | tr ' ' '\n' | sort -u | paste -sd ' ')"
	touch "$WORK/misc"
	eventually 40 has '^-> 192.168.0.13:8080 Masq 1'
}

# The HTTP check asks for a file, and server1 loses it: with less than the quorum the sorry
# server serves alone.
quorum_and_sorry_server() {
	rm -f "$WORK/down" "$WORK/up"
	mv "$WORK/http-server1/root/index.html" "$WORK/lost"
	eventually 40 hasnt '^-> 192.168.0.11:80 '
	if [ "$1" = 2 ]; then
		mv "$WORK/http-server2/root/index.html" "$WORK/lost2"
		eventually 40 has '^-> 192.168.0.13:8080 Masq 1'
	fi
	eventually 40 test -e "$WORK/down"
	eventually 40 hasnt '^-> 192.168.0.12:80 '
	same sorry "$(in_ns client python3 -IS -c "
import socket
print('sorry' if socket.create_connection(('$VIP4', 80), 5).recv(64) == b'server3\n' else 'no')")"
	mv "$WORK/lost" "$WORK/http-server1/root/index.html"
	[ ! -e "$WORK/lost2" ] || mv "$WORK/lost2" "$WORK/http-server2/root/index.html"
	eventually 40 has '^-> 192.168.0.11:80 Masq 1'
	eventually 40 has '^-> 192.168.0.12:80 Masq 2'
	eventually 40 test -e "$WORK/up"
	balances
}

reload_changes_weights() {
	reload 5 2
	eventually 40 has '^-> 192.168.0.12:80 Masq 5'
	has '^-> 192.168.0.11:80 Masq 1'
	reload 2 1
	eventually 40 hasnt '10.0.0.100:8080'
	has '^-> 192.168.0.12:80 Masq 2'
	reload 2 2
	eventually 40 has '^-> 192.168.0.12:8080 Masq 1'
}

stop_removes_everything() {
	[ -z "${KEEPALIVED_LOG:-}" ] || cat "$WORK/keepalived.log"

	stop "$KEEPALIVED"
	eventually 40 hasnt .
}

make_site
start_http server1 server2
start_servers 8080
start_client
start_client client storm
replies_through director
engine "$RVS_ENGINE"
touch "$WORK/misc"
configuration 2 2 >"$WORK/keepalived.conf"
start in_ns director keepalived -n -l -D -C -G -f "$WORK/keepalived.conf" \
	-p "$WORK/keepalived.pid" -c "$WORK/checkers.pid" >"$WORK/keepalived.log" 2>&1
KEEPALIVED=$PID
ktap_case "keepalived configures its services" configures
ktap_case "weighted servers answer by weight" balances
ktap_case "a dead server leaves and returns, and no request fails after its removal" dead_server_leaves
ktap_case "inhibit_on_failure keeps a dead server with weight 0" inhibited_server_stays_with_weight_0
ktap_case "a program decides about a server" misc_check_decides
ktap_case "below the quorum the sorry server serves" quorum_and_sorry_server 1
ktap_case "the sorry server serves when no other does" quorum_and_sorry_server 2
ktap_case "a reload changes weights, removes and adds services" reload_changes_weights
ktap_case "stopping removes everything" stop_removes_everything
ktap_run
