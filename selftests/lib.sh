# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every test shares: the engine, the topology, servers and clients. A test
# sources this file, sets up what it needs, declares its cases and runs them.
#
# The topology, each box a network namespace (make_site):
#
#     client ── net ──── director ─┐
#        │      .2      .1 [VIP .100] │ .1
#        └─────────── lan ────────────┴──── server1 server2 server3
#                  .2                          .11    .12    .13
#
# net is 10.0.0.0/24 and 2001:db8:a::/64, lan is 192.168.0.0/24 and 2001:db8:b::/64.
# The servers own the virtual address, too. Their answers go back through the
# director (replies_through director: NAT needs that) or straight to the client's
# second interface (replies_through client: direct routing).

set -euo pipefail

SELFTESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/ktap.sh
. "$SELFTESTS/ktap.sh"

# What balances: rvs, or ip_vs to see whether it would behave the same, or rvs_ipvs, which
# is rvs driven by ip_vs's own tools.
RVS_ENGINE=${RVS_ENGINE:-rvs}
WORK=$(mktemp -d /tmp/rvs-test.XXXXXX)
SITES=()
VIP4=10.0.0.100 VIP6=2001:db8:a::100

# engine NAME: the engine from here on; loads its module.
engine() {
	RVS_ENGINE=$1
	case $1 in
	rvs) ADM=rvsadm ;;
	ip_vs | rvs_ipvs) ADM=ipvsadm ;;
	*) echo "unknown engine: $1" && return 1 ;;
	esac
	modprobe "$1"
	# A file for modprobe may say otherwise.
	[ -d "/sys/module/$1" ]
}

# ask COMMAND CHANGE...: a raw request in the director.
ask() {
	in_ns director python3 -IS "$SELFTESTS/nl.py" ask "$@"
}

# named_service FAMILY: the service at the port PORT, as nl.py takes it.
named_service() {
	local family=2
	[ "$1" = 4 ] || family=10
	echo "service.family=$family service.addr=$(vip "$1") service.port=${PORT:-80}"
}

# named_server FAMILY NUMBER: a server of it.
named_server() {
	echo "$(named_service "$1") dest.addr=$(host "$1" lan "1$2") dest.port=${PORT:-80}"
}

# modules_gone: whether no module of either engine is loaded.
modules_gone() {
	! grep -qE '^(rvs|ip_vs)(_|[[:space:]])' /proc/modules
}

# unload_engines: unloads whatever is loaded of both engines.
unload_engines() {
	local name
	while read -r name _; do
		case $name in rvs_* | ip_vs_*) rmmod "$name" || true ;; esac
	done </proc/modules
	for name in rvs ip_vs; do
		[ ! -d "/sys/module/$name" ] || rmmod "$name" || true
	done
	modules_gone
}

# in_ns NAMESPACE COMMAND...
in_ns() {
	nsenter "--net=/run/netns/$1" -- "${@:2}"
}

# adm ARGUMENT...: the administration tool, in the director.
adm() {
	in_ns "${DIRECTOR:-director}" "$ADM" "$@"
}

# knob NAME [VALUE]: a setting in the director's /proc/sys/net/rvs, or ip_vs's: sets or prints it.
knob() {
	local file=/proc/sys/net/rvs/$1
	[ "$RVS_ENGINE" = rvs ] || file=/proc/sys/net/ipv4/vs/$1
	# shellcheck disable=SC2016
	in_ns "${DIRECTOR:-director}" bash -c '[ $# = 1 ] && cat "$1" || echo "$2" >"$1"' - "$file" "${@:2}"
}

# drops REASON: how many packets were dropped for it.
drops() {
	adm info | awk -v reason="$1" '$1 == reason { print $2 }'
}

# ktap_context: what may explain a failure: how busy the machine was, and what the engine dropped.
ktap_context() {
	echo "load: $(</proc/loadavg)"
	if [ "$RVS_ENGINE" = rvs ] && [ -e "/run/netns/${DIRECTOR:-director}" ]; then
		adm info | awk '$2 ~ /^[0-9]+$/ && $2 > 0'
	fi
}

# eventually SECONDS COMMAND...: repeats COMMAND until it succeeds.
eventually() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -le "$end" ] || {
			echo "never came true: $*"
			return 1
		}
		sleep 0.1
	done
}

# fails COMMAND...: succeeds if COMMAND does not.
fails() {
	if "$@"; then
		echo "should have failed: $*"
		return 1
	fi
}

# same WANTED GOT: succeeds if both are the same text.
same() {
	[ "$1" = "$2" ] || {
		printf 'wanted: %s\ngot:    %s\n' "$1" "$2"
		return 1
	}
}

# host FAMILY NET NUMBER: an address of the topology; FAMILY is 4 or 6.
host() {
	case $1$2 in
	4net) echo "10.0.0.$3" ;;
	4lan) echo "192.168.0.$3" ;;
	6net) echo "2001:db8:a::$3" ;;
	6lan) echo "2001:db8:b::$3" ;;
	esac
}

# vip FAMILY: the virtual address.
vip() {
	case $1 in
	4) echo "$VIP4" ;;
	6) echo "$VIP6" ;;
	esac
}

# at ADDRESS PORT: an endpoint as rvsadm takes it.
at() {
	case $1 in
	*:*) echo "[$1]:$2" ;;
	*) echo "$1:$2" ;;
	esac
}

# real FAMILY NUMBER PORT: the endpoint of server NUMBER.
real() {
	case $1 in
	4) echo "192.168.0.1$2:$3" ;;
	6) echo "[2001:db8:b::1$2]:$3" ;;
	esac
}

# addresses DEVICE [NET NUMBER]: lines for `ip -batch`, a device with its addresses.
addresses() {
	echo "link set $1 up"
	[ $# -gt 1 ] || return 0
	echo "address add $(host 4 "$2" "$3")/24 dev $1"
	echo "address add $(host 6 "$2" "$3")/64 dev $1 nodad"
}

# settings: what all namespaces have in common; new ones inherit it.
settings() {
	local conf=/proc/sys/net/ipv4/conf name
	echo 1 >/proc/sys/net/core/devconf_inherit_init_net
	for name in all default; do
		echo 0 >"$conf/$name/rp_filter"
		echo 0 >"$conf/$name/send_redirects"
		echo 1 >"$conf/$name/arp_ignore"
		echo 2 >"$conf/$name/arp_announce"
	done
	echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitations
}

# make_lone_director: a director by itself, whose networks have nobody else.
make_lone_director() {
	SITES=(director)
	ip netns add director
	ip -n director -batch - <<-END
		link set lo up
		link add net type dummy
		link set net up
		address add 10.0.0.1/24 dev net
		address add 192.168.0.254/24 dev net
		address add 2001:db8:a::1/64 dev net nodad
		address add 2001:db8:b::1/64 dev net nodad
	END
}

# make_site [PREFIX [SERVERS]]: the topology above; the names of all namespaces
# begin with PREFIX.
make_site() {
	local p=${1:-} number names=(client director lan)
	settings
	for ((number = 1; number <= ${2:-3}; number++)); do
		names+=("server$number")
	done
	SITES+=("${names[@]/#/$p}")
	{
		printf "netns add $p%s\n" "${names[@]}"
		echo "link add net netns ${p}client type veth peer name net netns ${p}director"
		for number in "${names[@]}"; do
			[ "$number" = lan ] ||
				echo "link add lan netns $p$number type veth peer name $number netns ${p}lan"
		done
	} | ip -batch -
	make_lan "$p" "${names[@]}"
	make_director "$p"
	for ((number = 1; number <= ${2:-3}; number++)); do
		make_server "$p" "$number"
	done
	await_links "$p" "${2:-3}"
}

# await_links PREFIX SERVERS: until everybody reaches everybody, in both families: a link that is up does
# not yet pass packets, and IPv6 finds neighbours later than IPv4.
await_links() {
	local number family pids=() pid
	for family in 4 6; do
		await_ping "${1}director" "$(host $family net 2)" & pids+=("$!")
		for ((number = 1; number <= $2; number++)); do
			await_ping "${1}director" "$(host $family lan "1$number")" & pids+=("$!")
			await_ping "${1}client" "$(host $family lan "1$number")" & pids+=("$!")
		done
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
}

# await_ping NAMESPACE ADDRESS: until it answers a ping.
await_ping() {
	in_ns "$1" ping -q -n -c 1 -i 0.2 -w 30 "$2" >"$WORK/ping-$1-$2" 2>&1 || {
		cat "$WORK/ping-$1-$2"
		return 1
	}
}

# make_lan PREFIX NAME...: the bridge between all but itself, and the client.
make_lan() {
	local p=$1 name
	{
		echo "link add bridge type bridge mcast_snooping 0"
		echo "link set bridge up"
		for name in "${@:2}"; do
			[ "$name" = lan ] || echo "link set $name up master bridge"
		done
	} | ip -n "${p}lan" -batch -
	{
		addresses lo
		addresses net net 2
		addresses lan lan 2
	} | ip -n "${p}client" -batch -
}

# make_director PREFIX
make_director() {
	{
		addresses lo
		addresses net net 1
		addresses lan lan 1
		echo "address add $VIP4/32 dev net"
		echo "address add $VIP6/128 dev net nodad"
	} | ip -n "${1}director" -batch -
	in_ns "${1}director" sysctl -q -w \
		net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
}

# make_server PREFIX NUMBER
make_server() {
	{
		addresses lo
		addresses lan lan "1$2"
		echo "address add $VIP4/32 dev lo"
		echo "address add $VIP6/128 dev lo nodad"
		routes replace director
	} | ip -n "${1}server$2" -batch -
}

# routes VERB director|client: lines for `ip -batch`, the routes to the clients' network.
routes() {
	local number=1
	[ "$2" = director ] || number=2
	echo "route $1 10.0.0.0/24 via $(host 4 lan "$number")"
	echo "route $1 2001:db8:a::/64 via $(host 6 lan "$number")"
}

# replies_through director|client: which way the servers' answers take.
replies_through() {
	local name
	for name in "${SITES[@]}"; do
		[[ $name != *server* ]] || routes replace "$1" | ip -n "$name" -batch -
	done
}

# add_service PROTOCOL FAMILY METHOD [PORT [SERVER...]]: a service, scheduler rr, with
# the servers 3 2 1: new connections go to 1 2 3 in this order. METHOD is m or g.
add_service() {
	local port=${4:-80} number servers=("${@:5}") endpoint=$VIP4 lan=192.168.0.1 tail
	[ ${#servers[@]} -gt 0 ] || servers=(3 2 1)
	tail=:$port
	if [ "$2" = 6 ]; then
		endpoint=[$VIP6 lan=[2001:db8:b::1 tail=]:$port
	fi
	adm -A "-${1:0:1}" "$endpoint$tail" -s rr
	for number in "${servers[@]}"; do
		adm -a "-${1:0:1}" "$endpoint$tail" -r "$lan$number$tail" "-$3"
	done
}

# tunnel_options KIND: the options of a server that is reached through a tunnel. KIND is ipip,
# gre, gre-csum, gue, gue-csum or gue-remcsum.
tunnel_options() {
	local kind=${1%%-*} flag=nocsum
	[[ $1 != *-* ]] || flag=${1#*-}
	echo -n "-i --tun-type $kind"
	[ "$kind" != gue ] || echo -n " --tun-port 6080"
	[ "$kind" = ipip ] || echo -n " --tun-$flag"
	echo
}

# tunnel_end NAMESPACE KIND OUTER INNER [ADDRESS]: the kernel's own end of such a tunnel, for
# packets of the family INNER in packets of the family OUTER to ADDRESS, that of the server.
tunnel_end() {
	local device options=() local=${5:-$(host "$3" lan "1${1#server}")}
	case $2/$3/$4 in
	gre*/4/*) device=gre ;;
	gre*/6/*) device=ip6gre options=(remote ::) ;;
	*/4/4) device=ipip ;;
	*/4/6) device=sit ;;
	*/6/*) device=ip6tnl options=(remote :: mode any) ;;
	esac
	[ "$2" != gre-csum ] || options+=(icsum)
	ip -n "$1" link del tunnel 2>/dev/null || true
	ip -n "$1" link add tunnel type "$device" local "$local" "${options[@]}"
	ip -n "$1" link set tunnel up
	[[ $2 == gue* ]] || return 0
	modprobe -a fou fou6
	in_ns "$1" ip "-$3" fou del port 6080 2>/dev/null || true
	in_ns "$1" ip "-$3" fou add port 6080 gue
}

# start COMMAND...: in the background until the test ends; PID is its process. Begin
# the command with in_ns NAMESPACE to run it there.
start() {
	# Not a function in the background: that would be a shell of its own.
	if [ "$1" = in_ns ]; then
		set -- nsenter "--net=/run/netns/$2" -- "${@:3}"
	fi
	"$@" <&0 &
	PID=$!
	echo "$PID" >>"$WORK/pids"
}

# stop PID: ends a process that start() started.
stop() {
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# pipe NAME: makes the pipe $WORK/NAME and opens it, as descriptor PIPE, both ways, so
# that neither end has to wait for the other.
pipe() {
	mkfifo "$WORK/$1"
	exec {PIPE}<>"$WORK/$1"
}

# await_ready DESCRIPTOR: waits until a process that was started says that it is ready.
await_ready() {
	local line
	read -r -t 60 -u "$1" line && [ "$line" = ready ] || {
		echo "a server or client did not start" >&2
		return 1
	}
}

# start_servers [PORT [NAMESPACE...]]: TCP and UDP servers that say their names. SERVE is how
# traffic.py serves.
start_servers() {
	local names=("${@:2}") port=${1:-80}
	[ ${#names[@]} -gt 0 ] || names=(server1 server2 server3)
	pipe "servers-$port-${names[0]}"
	start python3 -IS "$SELFTESTS/traffic.py" "${SERVE:-serve}" "$port" "${names[@]}" >&"$PIPE"
	await_ready "$PIPE"
}

# start_talker NAME COMMAND...: a process that talk() commands; NAME becomes the TALKER.
start_talker() {
	TALKER=$1
	pipe "$1.in"
	declare -g "IN_$1=$PIPE"
	pipe "$1.out"
	declare -g "OUT_$1=$PIPE"
	start "${@:2}" <"$WORK/$1.in" >"$WORK/$1.out"
	await_ready "$PIPE"
}

# start_client [NAMESPACE [NAME]]: a client; traffic.py says what it understands.
start_client() {
	start_talker "${2:-talk}" in_ns "${1:-client}" python3 -IS "$SELFTESTS/traffic.py" client
}

# start_segments [NAME]: sends single segments (segments.py), from and to the ends of the site.
start_segments() {
	local family
	start_talker "${1:-talk}" python3 -IS "$SELFTESTS/segments.py"
	for family in 4 6; do
		talk family $family
		talk address "$(vip $family)" "$(host $family lan 11)" "$(host $family net 2)"
	done >/dev/null
	echo 4000 >"$WORK/port"
}

# next_port: sets PORT to a client port that no case has had, for those that do not let the client choose.
next_port() {
	PORT=$(($(cat "$WORK/port" 2>/dev/null || echo 5000) + 1))
	echo "$PORT" >"$WORK/port"
}

# hear: the next answer of the client, or whatever TALKER is.
hear() {
	local line out=OUT_${TALKER:-talk}
	read -r -t 120 -u "${!out}" line || {
		echo "the client says nothing" >&2
		return 1
	}
	echo "$line"
}

# tell COMMAND...: lets the client begin; talk COMMAND...: also awaits its answer.
# TALKER names the client if there are several.
tell() {
	local in=IN_${TALKER:-talk}
	echo "$*" >&"${!in}"
}

talk() {
	tell "$@"
	hear
}

# says ANSWER COMMAND...: whether TALKER answers so; "wire" if none is named.
says() {
	same "$1" "$(TALKER=${TALKER:-wire} talk "${@:2}")"
}

# silence NAMESPACE...: its kernel sees no packet but those that find neighbours, so that
# a test can play its part (wire.py).
silence() {
	local name
	for name in "$@"; do
		in_ns "$name" nft -f - <<-END
			table inet silence { chain input { type filter hook input priority -300;
				icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept;
				drop; }; }
		END
	done
}

# start_http [NAMESPACE...]: nginx, whose answers name the namespace. Below /put/
# files can be uploaded and fetched.
start_http() {
	local name dir
	for name in "$@"; do
		dir=$WORK/http-$name
		mkdir -p "$dir/root/put" "$dir/tmp"
		chmod -R a+rwx "$WORK"
		echo "$name" >"$dir/root/index.html"
		cat >"$dir/nginx.conf" <<-END
			pid $dir/pid;
			error_log $dir/error.log;
			worker_processes 1;
			events { worker_connections 512; }
			http {
				access_log off;
				client_body_temp_path $dir/tmp;
				client_max_body_size 0;
				server {
					listen 80;
					listen [::]:80;
					root $dir/root;
					location /put/ { dav_methods PUT; }
				}
			}
		END
		# The parent returns when the ports are open.
		in_ns "$name" nginx -c "$dir/nginx.conf" -e "$dir/error.log"
		cat "$dir/pid" >>"$WORK/pids"
	done
}

# cleanup: ends what the test started, whatever that was.
cleanup() {
	local name pids=()
	[ ! -s "$WORK/pids" ] || mapfile -t pids <"$WORK/pids"
	for name in "${SITES[@]}"; do
		mapfile -t -O ${#pids[@]} pids < <(ip netns pids "$name" 2>/dev/null)
	done
	[ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	for name in "${SITES[@]}"; do
		ip netns del "$name" 2>/dev/null || true
	done
	rm -rf "$WORK"
}

# ended: the end of every test.
ended() {
	local status=$?
	ktap_unplanned
	cleanup
	exit "$status"
}
trap ended EXIT
