#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rvsadm exporter: what it serves, how much of it, and to whom.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# serve OPTION...: starts an exporter; URL is where, EXPORTER its process.
serve() {
	local pipe
	rm -f "$WORK/exporter"
	pipe exporter
	pipe=$PIPE
	start "$@" --listen 127.0.0.1:0 >&"$pipe"
	EXPORTER=$PID
	read -r -t 60 -u "$pipe" URL
}

fetch() {
	curl -s --max-time 60 "$@" "$URL"
}

# value NAME: the value of a sample.
value() {
	fetch | awk -v name="$1" '$1 == name { print $2 }'
}

has_value() {
	same "$2" "$(value "$1")"
}

fill() {
	rvsadm -n director flush
	for ((number = 1; number <= $1; number++)); do
		echo "-A -t 192.0.2.1:$number -s rr"
		echo "-a -t 192.0.2.1:$number -r 192.168.0.11:80 -m"
	done | adm -R
}

serves_counters() {
	rvsadm -n director flush
	adm zero
	add_service tcp 4 m
	serve rvsadm -n director exporter --level server
	talk get tcp "$VIP4" 80 3
	eventually 10 has_value rvs_scheduled_connections_total 3
	has_value rvs_services 1
	has_value rvs_servers 3
	same "$(adm stats --openmetrics --level server)" "$(fetch)"
	[[ $(fetch) == *"rvs_server_scheduled_connections_total{service=\"tcp $VIP4:80\",server=\"$(real 4 2 80)\"} 1"* ]]
	[[ $(fetch -D -) == *"Content-Type: application/openmetrics-text; version=1.0.0"* ]]
	same 200 "$(fetch -I -o "$WORK/head" -w '%{http_code}')"
	URL=${URL%metrics}nothing
	same 404 "$(fetch -o "$WORK/body" -w '%{http_code}')"
	stop "$EXPORTER"
}

drains_and_goes_fast() {
	rvsadm -n director flush
	local labels
	adm service add tcp "$VIP4:80" -s rr --fast
	adm server add tcp "$VIP4:80" "$(real 4 1 80)" --method nat --weight 3
	labels="{service=\"tcp $VIP4:80\",server=\"$(real 4 1 80)\"}"
	replies_through director
	serve rvsadm -n director exporter --level server
	eventually 20 took_fast
	talk open tcp "$VIP4" 80 1
	eventually 10 server_has draining 0
	server_has effective_weight 3
	adm drain tcp "$VIP4:80" "$(real 4 1 80)"
	eventually 10 server_has draining 1
	server_has effective_weight 0
	server_has weight 3
	adm ready tcp "$VIP4:80" "$(real 4 1 80)"
	eventually 10 server_has draining 0
	server_has effective_weight 3
	talk close
	stop "$EXPORTER"
}

# server_has NAME VALUE: of the server that drains.
server_has() {
	fetch | grep -xF "rvs_server_$1$labels $2"
}

# took_fast: some packet of a new connection did.
took_fast() {
	talk get tcp "$VIP4" 80 3
	[ "$(value rvs_fast_packets_total)" -gt 0 ] && [ "$(value rvs_fast_bytes_total)" -gt 0 ]
}

levels_bound_it() {
	fill 1
	local one
	serve rvsadm -n director exporter
	one=$(fetch | wc -l)
	stop "$EXPORTER"
	fill 500
	serve rvsadm -n director exporter
	eventually 10 has_value rvs_services 500
	same "$one" "$(fetch | wc -l)"
	stop "$EXPORTER"
	serve rvsadm -n director exporter --level service
	same 500 "$(fetch | grep -c '^rvs_service_in_packets_total{')"
	same 0 "$(fetch | grep -c '^rvs_server_' || true)"
	stop "$EXPORTER"
	rvsadm -n director flush
}

bad_clients_do_no_harm() {
	serve rvsadm -n director exporter
	python3 -IS - "$URL" <<-'END'
		import re, socket, sys, time
		host, port = re.match(r"http://(.*):(\d+)/", sys.argv[1]).groups()
		connect = lambda: socket.create_connection((host, int(port)), 60)
		# Idle, half, endless, nonsense, gone at once.
		idle = [connect() for _ in range(40)]
		for line in idle[:10]:
		    line.send(b"GET /metr")
		for junk in (b"\0" * 100, b"\x16\x03\x01", b"GET / HTTP/9\r\n\r\n"):
		    try:
		        connect().send(junk)
		    except OSError:
		        pass
		connect().close()
		# When their time is up there is room again, though they are still there.
		end = time.monotonic() + 60
		while True:
		    answer = b""
		    try:
		        line = connect()
		        line.send(b"GET /metrics HTTP/1.1\r\n\r\n")
		        answer = line.recv(12)
		    except OSError:
		        pass
		    if answer == b"HTTP/1.1 200":
		        break
		    assert time.monotonic() < end, answer
		    time.sleep(0.2)
	END
	[ "$(fetch | tail -n 1)" = "# EOF" ]
	eventually 30 is_alone
	stop "$EXPORTER"
}

is_alone() {
	same 1 "$(find "/proc/$EXPORTER/task" -mindepth 1 -maxdepth 1 | wc -l)"
}

module_comes_back() {
	rvsadm -n director flush
	serve rvsadm -n director exporter
	same 200 "$(fetch -o "$WORK/body" -w '%{http_code}')"
	local modprobe
	modprobe=$(cat /proc/sys/kernel/modprobe)
	echo /bin/false >/proc/sys/kernel/modprobe
	eventually 30 unload_engines
	sleep 1.1
	same 503 "$(fetch -o "$WORK/body" -w '%{http_code}')"
	grep -q 'modprobe rvs' "$WORK/body"
	echo "$modprobe" >/proc/sys/kernel/modprobe
	modprobe rvs
	eventually 10 has_value rvs_services 0
	stop "$EXPORTER"
}

engine rvs
make_site
start_servers
start_client
ktap_case "serves the counters of a namespace to another" serves_counters
ktap_case "servers that drain, and the fast path" drains_and_goes_fast
ktap_case "the level bounds how much it is, also for many services" levels_bound_it
ktap_case "clients that behave badly do no harm" bad_clients_do_no_harm
ktap_case "says when the module is not loaded, and goes on when it is" module_comes_back
ktap_run
