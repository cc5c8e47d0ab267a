#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Mixed real traffic for a long time, while servers, weights, schedulers, persistence and
# timeouts change at random: no request fails but those whose server was taken away, the
# kernel's memory does not grow, the sum of the servers is what the service has counted.
# SOAK_MINUTES says for how long, SOAK_SEED with which changes. Not one of the tests of
# `make selftests`: `make soak` runs it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

MINUTES=${SOAK_MINUTES:-60}
SEED=${SOAK_SEED:-$RANDOM}
# The log of each failure and change; a shared directory if it is to be kept.
TRACE=${SOAK_TRACE:-$WORK/trace}

# tunnels NUMBER NAMESPACE: the ends of the tunnels of soak.py: ipip to server 1, gre to 2, gue
# to 3, each in packets of its own family.
tunnels() {
	local name=$2
	local v4=(local "$(host 4 lan "1$1")") v6=(local "$(host 6 lan "1$1")" remote ::)
	case $1 in
	2)
		ip -n "$name" link add tun4 type gre "${v4[@]}"
		ip -n "$name" link add tun6 type ip6gre "${v6[@]}"
		;;
	*)
		ip -n "$name" link add tun4 type ipip "${v4[@]}"
		ip -n "$name" link add tun6 type ip6tnl "${v6[@]}" mode any
		;;
	esac
	ip -n "$name" link set tun4 up
	ip -n "$name" link set tun6 up
	[ "$1" != 3 ] || {
		modprobe -a fou fou6
		in_ns "$name" ip -4 fou add port 6080 gue
		in_ns "$name" ip -6 fou add port 6080 gue
	}
}

# answers NAMESPACE: what has the virtual address as source returns directly to the client, the
# rest through the director.
answers() {
	local family
	for family in 4 6; do
		ip -n "$1" "-$family" rule add from "$(vip "$family")" lookup 100
	done
	{
		echo "route add 10.0.0.0/24 via $(host 4 lan 2) table 100"
		echo "route add 2001:db8:a::/64 via $(host 6 lan 2) table 100"
	} | ip -n "$1" -batch -
}

# web NAMESPACE: nginx at the ports of all methods, whose answers name the namespace.
web() {
	local dir=$WORK/http-$1
	mkdir -p "$dir/root"
	chmod -R a+rx "$WORK"
	echo "$1" >"$dir/root/index.html"
	ln "$WORK/large" "$dir/root/large"
	cat >"$dir/nginx.conf" <<-END
		pid $dir/pid;
		error_log $dir/error.log;
		worker_processes 1;
		events { worker_connections 512; }
		http {
			access_log off;
			keepalive_timeout 600;
			send_timeout 600;
			add_header X-Server $1;
			server {
				$(printf 'listen %s; listen [::]:%s; ' 80 80 81 81 82 82)
				root $dir/root;
			}
		}
	END
	in_ns "$1" nginx -c "$dir/nginx.conf" -e "$dir/error.log"
	cat "$dir/pid" >>"$WORK/pids"
}

# associations: the servers of SCTP.
associations() {
	local number arguments=()
	modprobe sctp
	for number in 1 2 3; do
		arguments+=(-- "server$number" "$(host 4 lan 1$number)" "$(host 6 lan 1$number)" "$VIP4" "$VIP6")
	done
	pipe sctp-servers
	start python3 -IS "$SELFTESTS/sctp.py" serve "${arguments[@]:1}" >&"$PIPE"
	await_ready "$PIPE"
}

soak() {
	echo "seed $SEED"
	echo "# seed $SEED" >&3
	in_ns client python3 -S "$SELFTESTS/soak.py" "$MINUTES" "$SEED" "$WORK/large" "$TRACE" |
		tee "$WORK/soak" | sed -u 's/^/# /' >&3 || {
		grep -E 'FAILED|REFUSED' "$TRACE" | tail -n 50
		return 1
	}
}

# every_kind: none of the kinds of traffic stood still.
every_kind() {
	local kind
	for kind in keep_alive short download echo datagrams association; do
		grep -E "^all min:.*[: ]$kind=[1-9]" "$WORK/soak"
	done
}

# consistent: each service has counted what its servers have counted together; more only if one
# was away, which soak.py does not do to those at the ports of the tunnels. One that comes back
# when it is forgotten begins at zero, but its service does not.
consistent() {
	adm -L -n --stats --exact | tee "$WORK/stats"
	awk 'function check(  i) {
			for (i = 3; name != "" && i <= 7; i++)
				if (name ~ /:[89]2$/ ? want[i] != got[i] : want[i] < got[i]) {
					print name ", column " i ": " want[i] " but " got[i]; bad = 1
				}
			for (i = 3; i <= 7; i++) got[i] = 0
			exact += name ~ /:[89]2$/ && want[3] > 0
		}
		$1 ~ /^(TCP|UDP|SCTP)$/ { check(); name = $1 " " $2; for (i = 3; i <= 7; i++) want[i] = $i }
		$1 == "->" && $2 ~ /:[0-9]+$/ { for (i = 3; i <= 7; i++) got[i] += $i }
		END { check(); print exact " services, exactly"; exit bad || exact < 4 }' "$WORK/stats"
}

# memory MINUTE NAME: of the report of that minute.
memory() {
	awk -v minute="$1" -v name="$2" '$1 == minute { for (i = 3; i <= NF; i++)
		if (index($i, name "=") == 1) print substr($i, length(name) + 2) }' "$WORK/soak"
}

# flat: what the kernel keeps has not grown since the first tenth, when as many connections were
# kept as will ever be: by an eighth at most, which is what comes and goes in between.
flat() {
	local first=$((${MINUTES%.*} / 10)) last name before after
	[ "$first" -ge 5 ] || ktap_skip "$MINUTES minutes are too short to tell"
	last=$(awk '$2 == "min:" && $1 ~ /^[0-9]+$/ { last = $1 } END { print last }' "$WORK/soak")
	for name in unreclaimable percpu vmalloc; do
		before=$(memory "$first" "$name") after=$(memory "$last" "$name")
		echo "# $name: $before kB after $first minutes, $after kB after $last" | tee /dev/fd/3
		[ "$after" -le $((before * 9 / 8)) ]
	done
}

# explained: the drops of all this, by reason.
explained() {
	adm info | awk '/^DROPPED/ { drops = 1; next } drops && $2 != 0 { print "# dropped:", $1, $2 }' >&3
}

nothing_left() {
	adm -C
	eventually 60 unload_engines
	! grep -E '^rvs_' /proc/slabinfo
}

exec 3>&1
head -c 20000000 /dev/urandom >"$WORK/large"
make_site
for number in 1 2 3; do
	tunnels "$number" "server$number"
	answers "server$number"
	web "server$number"
done
for port in 90 91 92; do
	SERVE=serve-routed start_servers "$port"
done
associations
engine rvs

ktap_case "$MINUTES minutes: no request failed that should not have" soak
ktap_case "every kind of traffic went on" every_kind
ktap_case "services have counted what their servers have" consistent
ktap_case "memory is flat" flat
ktap_case "what was dropped" explained
ktap_case "nothing is left of it" nothing_left
ktap_run
