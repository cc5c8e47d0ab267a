#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What ip_vs's own clients see of connections is with rvs_ipvs what it is with ip_vs: their
# states, templates, thresholds and limits, changes of services and servers meanwhile.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/oracle/lib.sh
. "$SELFTESTS/oracle/lib.sh"

# shellcheck source=selftests/oracle/traffic.sh
. "$SELFTESTS/oracle/traffic.sh"

# silent_servers add|delete: they answer nothing to port 81.
silent_servers() {
	local name
	for name in server1 server2 server3; do
		in_ns "$name" nft "$1" table inet silent
		[ "$1" = delete ] || in_ns "$name" nft -f - <<-END
			table inet silent { chain in { type filter hook input priority 0; tcp dport 81 drop; }; }
		END
	done
}

scenario_tcp() {
	local family
	replies_through director
	for family in 4 6; do
		service tcp "$family" 80 m
		service tcp "$family" 81 m
		talk open tcp "$(vip "$family")" 80 4
		eventually 20 lists "$family" 80 ESTABLISHED 4
		look
		talk say
		talk close
		eventually 20 lists "$family" 80 TIME_WAIT 4
		look
		# Nobody listens there, and nobody answers.
		talk get tcp "$(vip "$family")" 81
		eventually 20 lists "$family" 81 CLOSE 1
		silent_servers add
		talk patience 0.5
		talk get tcp "$(vip "$family")" 81
		talk patience 5
		eventually 20 lists "$family" 81 SYN_RECV 1
		silent_servers delete
		look
	done
	replies_through client
	for family in 4 6; do
		service tcp "$family" 82 g
		talk open tcp "$(vip "$family")" 82 4
		eventually 20 lists "$family" 82 ESTABLISHED 4
		look
		talk close
		eventually 20 lists "$family" 82 FIN_WAIT 4
		look
	done
	# Connections stay when their services go.
	run ipvsadm -C
	run ipvsadm -Lcn
	run ipvsadm -Ln
}

scenario_persistence() {
	local family
	replies_through director
	for family in 4 6; do
		service tcp "$family" 80 m -p 60
		service udp "$family" 80 m -p 100 -M "$([ "$family" = 4 ] && echo 255.255.255.0 || echo 64)"
		talk get tcp "$(vip "$family")" 80 3
		talk get udp "$(vip "$family")" 80 3
		eventually 20 lists "$family" 80 TIME_WAIT 3
		look
		run ipvsadm -Ln --persistent-conn
		run ipvsadm -Lcn --persistent-conn
	done
	# All ports, whatever the server's is.
	quiet ipvsadm -A -t "$VIP4:0" -s rr -p 60
	quiet ipvsadm -a -t "$VIP4:0" -r 192.168.0.12:80 -m
	quiet ipvsadm -a -t "$VIP4:0" -r 192.168.0.11:80 -m
	talk get tcp "$VIP4" 82 2
	talk get tcp "$VIP4" 81
	eventually 20 lists 4 82 TIME_WAIT 2
	look
	# Of a removed server nothing stays.
	talk get tcp "$VIP6" 80
	quiet ipvsadm -d -t "[$VIP6]:80" -r "$(real 6 1 80)"
	talk get tcp "$VIP6" 80
	eventually 20 lists 6 80 TIME_WAIT 5
	run ipvsadm -Ln --persistent-conn
}

scenario_thresholds() {
	local family
	replies_through director
	for family in 4 6; do
		service tcp "$family" 80 m
		quiet ipvsadm -e -t "$(at "$(vip "$family")" 80)" -r "$(real "$family" 1 80)" -m -x 2 -y 1
		quiet ipvsadm -e -t "$(at "$(vip "$family")" 80)" -r "$(real "$family" 2 80)" -m -x 1
		quiet ipvsadm -e -t "$(at "$(vip "$family")" 80)" -r "$(real "$family" 3 80)" -m -x 1 -y 1
		talk open tcp "$(vip "$family")" 80 4
		talk get tcp "$(vip "$family")" 80
		eventually 20 lists "$family" 80 ESTABLISHED 4
		run ipvsadm -Ln --thresholds
		quiet ipvsadm -e -t "$(at "$(vip "$family")" 80)" -r "$(real "$family" 1 80)" -m -x 4 -y 3
		talk get tcp "$(vip "$family")" 80
		quiet ipvsadm -e -t "$(at "$(vip "$family")" 80)" -r "$(real "$family" 2 80)" -m
		talk open tcp "$(vip "$family")" 80 2
		eventually 20 lists "$family" 80 ESTABLISHED 6
		run ipvsadm -Ln --thresholds
		talk close
	done
}

scenario_firewall_marks() {
	local family
	replies_through director
	# Marks may be given before routing and after.
	in_ns director nft -f - <<-END
		table inet marks {
			chain before { type filter hook prerouting priority mangle;
				ip daddr $VIP4 tcp dport 80 meta mark set 5
				ip6 daddr $VIP6 tcp dport 80 meta mark set 6
				meta l4proto udp th dport { 80, 82 } meta mark set 7; }
			chain after { type filter hook input priority mangle;
				ip daddr $VIP4 tcp dport 82 meta mark set 5
				ip6 daddr $VIP6 tcp dport 82 meta mark set 6; }
		}
	END
	quiet ipvsadm -A -f 5 -s rr
	quiet ipvsadm -A -f 6 -6 -s rr -p 50
	quiet ipvsadm -A -f 7 -s rr
	quiet ipvsadm -a -f 5 -r 192.168.0.12:0 -m
	quiet ipvsadm -a -f 5 -r 192.168.0.11:82 -m
	quiet ipvsadm -a -f 6 -6 -r "$(real 6 1 80)" -m
	quiet ipvsadm -a -f 6 -6 -r "$(real 6 2 80)" -m
	quiet ipvsadm -a -f 7 -r 192.168.0.13:0 -m
	talk get tcp "$VIP4" 80 3
	talk get tcp "$VIP4" 82 3
	talk get tcp "$VIP6" 80 2
	talk get tcp "$VIP6" 82 2
	talk get udp "$VIP4" 80 2
	# No mark, no service.
	talk get tcp "$VIP4" 81
	for family in 4 6; do
		eventually 20 lists "$family" 82 TIME_WAIT "$((family == 4 ? 3 : 2))"
	done
	look
	run ipvsadm -Ln -f 6 -6
	in_ns director nft delete table inet marks
}

scenario_changes_under_traffic() {
	local family here
	replies_through director
	for family in 4 6; do
		here=$(at "$(vip "$family")" 80)
		service tcp "$family" 80 m
		talk open tcp "$(vip "$family")" 80 3
		eventually 20 lists "$family" 80 ESTABLISHED 3
		# Quiesced: what is open goes on, and nobody new comes.
		run ipvsadm -e -t "$here" -r "$(real "$family" 1 80)" -m -w 0
		talk say
		talk get tcp "$(vip "$family")" 80 4
		eventually 20 lists "$family" 80 TIME_WAIT 4
		look
		# Removed, and back with its connections.
		run ipvsadm -d -t "$here" -r "$(real "$family" 2 80)"
		look
		run ipvsadm -a -t "$here" -r "$(real "$family" 2 80)" -m
		talk say
		look
		run ipvsadm -E -t "$here" -s wrr
		talk get tcp "$(vip "$family")" 80 4
		eventually 20 lists "$family" 80 TIME_WAIT 8
		run ipvsadm -D -t "$here"
		run ipvsadm -Lcn
		service tcp "$family" 80 m
		talk say
		look
		talk close
		eventually 20 lists "$family" 80 TIME_WAIT 11
	done
}

scenario_limit_of_connections() {
	replies_through director
	quiet ipvsadm -A -u "$VIP4:80" -s rr
	quiet ipvsadm -a -u "$VIP4:80" -r 192.168.0.11:80 -m
	run sysctl net.ipv4.vs.conn_max=3
	talk get udp "$VIP4" 80 3
	talk patience 0.5
	talk get udp "$VIP4" 80
	talk patience 5
	look
	run sysctl net.ipv4.vs.conn_max=1073741824
	talk get udp "$VIP4" 80
	look
}

scenario_timeouts() {
	replies_through director
	service tcp 4 80 m
	service udp 4 80 m
	run ipvsadm --set 55 25 290
	talk open tcp "$VIP4" 80
	talk open udp "$VIP4" 80
	eventually 20 lists 4 80 ESTABLISHED 1
	look
	run ipvsadm --set 500 0 50
	# shellcheck disable=SC2016
	differs "a changed timeout holds at once, and not from the next packet on" \
		bash -c 'ipvsadm -Lcn | awk '\''{ print $1, substr($2, 1, 2), $3 }'\'
	talk say
	talk open udp "$VIP4" 80
	look
	talk close
	eventually 20 lists 4 80 TIME_WAIT 1
	run ipvsadm --set 900 120 300
	run ipvsadm -C
}

# Where rvs does better than ip_vs by design.
scenario_what_must_differ() {
	replies_through director
	service udp 4 80 m
	talk open udp "$VIP4" 80
	quiet ipvsadm -d -u "$VIP4:80" -r 192.168.0.11:80
	talk patience 0.5
	differs_says "datagrams go to another server when theirs was removed" say
	talk patience 5
	talk close
	service tcp 4 80 m -p 60
	talk get tcp "$VIP4" 80
	quiet ipvsadm -e -t "$VIP4:80" -r 192.168.0.11:80 -m -w 0
	differs_says "with weight 0 a server keeps no clients" get tcp "$VIP4" 80
}

# differs_says REASON COMMAND...: like differs, for the client.
differs_says() {
	echo "\$ ${*:2} (differs: $1)"
	talk "${@:2}" >>"$DIFFERING"
}

make_site
start_servers 80
SERVE=serve-routed start_servers 82
start_client
compare tcp persistence thresholds firewall_marks \
	changes_under_traffic limit_of_connections timeouts \
	what_must_differ
ktap_run
