#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The settings in /proc/sys/net/rvs: their values and ranges, who may write them, that each
# namespace has its own, and that they go away cleanly while somebody holds them open.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)
# NAME DEFAULT LARGEST, of all that there are.
SETTINGS='
am_droprate 10 2147483647
amemthresh 1024 2147483647
conn_max 1073741824 1073741824
conn_reuse_mode 1 3
conntrack 0 1
drop_entry 0 3
drop_packet 0 3
expire_nodest_conn 0 1
ignore_tunneled 0 1
nat_icmp_send 0 1
pmtu_disc 1 1
schedule_icmp 0 1
secure_tcp 0 3
sloppy_sctp 0 1
sloppy_tcp 0 1
snat_reroute 1 1
'
case $RVS_ENGINE in
rvs) DIR=/proc/sys/net/rvs ;;
ip_vs)
	DIR=/proc/sys/net/ipv4/vs
	# It limits only these.
	BOUNDED='^(conn_max|drop_entry|drop_packet|secure_tcp) '
	;;
esac

# each FUNCTION: calls FUNCTION NAME DEFAULT LARGEST for every setting.
each() {
	local name default largest
	while read -r name default largest; do
		"$1" "$name" "$default" "$largest"
	done < <(grep . <<<"$SETTINGS" | grep -E "${BOUNDED:-.}")
}

# get NAME [NAMESPACE]
get() {
	in_ns "${2:-director}" cat "$DIR/$1"
}

# set_to NAME VALUE [NAMESPACE]: prints why it failed, if it did.
set_to() {
	# shellcheck disable=SC2016
	{ in_ns "${3:-director}" bash -c 'echo "$2" >"$1"' - "$DIR/$1" "$2" || true; } 2>&1 |
		sed 's/.*write error: //'
}

# takes NAME VALUE: it can be set to that.
takes() {
	same "" "$(set_to "$1" "$2")"
	same "$2" "$(get "$1")"
}

# refuses NAME VALUE: it cannot, and stays as it is.
refuses() {
	local before
	before=$(get "$1")
	same "Invalid argument" "$(set_to "$1" "$2")"
	same "$before" "$(get "$1")"
}

has_default() {
	same "$1 $2" "$1 $(get "$1")"
}

defaults() {
	BOUNDED='' each has_default
}

complete() {
	same "$(awk 'NF { print $1 }' <<<"$SETTINGS")" "$(in_ns director ls "$DIR" | LC_ALL=C sort)"
}

limits() {
	takes "$1" 0
	takes "$1" "$3"
	refuses "$1" -1
	refuses "$1" $(($3 + 1))
	takes "$1" "$2"
}

ranges() {
	each limits
}

nonsense() {
	local text
	for text in x '' 1x ' ' - 4294967295 4294967296 99999999999999999999; do
		refuses drop_entry "$text"
	done
	same "" "$(set_to drop_entry " 3 ")"
	same 3 "$(get drop_entry)"
	takes drop_entry 0
}

# A write that does not begin at the front changes nothing.
offset() {
	takes drop_packet 0
	in_ns director dd "of=$DIR/drop_packet" bs=1 seek=3 conv=notrunc status=none <<<"3" || true
	same 0 "$(get drop_packet)"
}

isolated() {
	takes drop_entry 3
	same 0 "$(get drop_entry client)"
	same "" "$(set_to secure_tcp 3 client)"
	same 0 "$(get secure_tcp)"
	same "" "$(set_to secure_tcp 0 client)"
	takes drop_entry 0
}

# as_nobody COMMAND...
as_nobody() {
	in_ns director "${NOBODY[@]}" "$@"
}

unprivileged() {
	local name=$1
	as_nobody cat "$DIR/$name" >/dev/null
	fails as_nobody bash -c "echo 0 >$DIR/$name"
	fails as_nobody unshare --user --map-root-user bash -c "echo 0 >$DIR/$name"
	fails in_ns director setpriv --reuid 65534 --clear-groups --bounding-set -net_admin \
		bash -c "echo 0 >$DIR/$name"
}

all_refuse() {
	BOUNDED='' each unprivileged
}

# own SCRIPT: as root of a user namespace with a network namespace of its own.
own() {
	"${NOBODY[@]}" unshare --user --map-root-user --net bash -euc "$1"
}

owner() {
	own "
		cd $DIR
		for name in \$(ls | grep -xE '$(awk 'NF { printf "%s%s", bar, $1; bar = "|" }' <<<"$SETTINGS")'); do
			echo 0 >\$name
			[ \$(cat \$name) = 0 ]
		done"
}

# The administrator of the machine bounds what those of later namespaces can allow.
bound() {
	local first=/proc/sys/net${DIR#/proc/sys/net}/conn_max
	same 1073741824 "$(cat "$first")"
	echo 5000 >"$first"
	same "5000 5000 4000 5000" "$(own "
		cd $DIR
		cat conn_max
		echo 5001 2>/dev/null >conn_max || cat conn_max
		echo 4000 >conn_max; cat conn_max
		echo 5000 >conn_max; cat conn_max" | xargs)"
	# It does not bind the administrator, in whatever namespace.
	takes conn_max 6000
	takes conn_max 1073741824
	echo 1073741824 >"$first"
}

# opened: whether what holds_open opens can still be read.
opened() {
	echo >&"$HOLD_IN"
	read -r -t 10 -u "$HOLD_OUT" line
	echo "$line"
}

# holds_open NAMESPACE: a process there holds a setting open; see opened.
holds_open() {
	pipe hold.in
	HOLD_IN=$PIPE
	pipe hold.out
	HOLD_OUT=$PIPE
	start in_ns "$1" python3 -ISuc "
import os, sys
file = os.open('$DIR/drop_entry', os.O_RDWR)
print('ready')
while sys.stdin.readline():
    try:
        print(os.pread(file, 9, 0).decode().strip(), os.pwrite(file, b'0', 0))
    except OSError as error:
        print(error.strerror)
" <"$WORK/hold.in" >"$WORK/hold.out"
	HOLDER=$PID
	await_ready "$HOLD_OUT"
}

let_go() {
	stop "$HOLDER"
	rm "$WORK/hold.in" "$WORK/hold.out"
}

unload_opened() {
	holds_open director
	same "0 1" "$(opened)"
	unload_engines
	same "No such file or directory" "$(opened)"
	[ ! -e "$DIR/drop_entry" ]
	modprobe "$RVS_ENGINE"
	same "No such file or directory" "$(opened)"
	same 0 "$(get drop_entry)"
	let_go
}

namespace_opened() {
	ip netns add short
	holds_open short
	same "0 1" "$(opened)"
	# The holder keeps the namespace, but module and settings can go.
	ip netns del short
	unload_engines
	same "No such file or directory" "$(opened)"
	let_go
	modprobe "$RVS_ENGINE"
}

# hammered: the module is unloaded while files are being read and written.
hammered() {
	local number writers=()
	for number in 1 2; do
		start in_ns director bash -c "
			while :; do
				for name in drop_entry drop_packet secure_tcp conn_max; do
					{ echo $number >$DIR/\$name; read -r line <$DIR/\$name; } 2>/dev/null
				done
			done"
		writers+=("$PID")
	done
	for number in {1..10}; do
		modprobe "$RVS_ENGINE"
		eventually 10 changed
		unload_engines
	done
	stop "${writers[0]}"
	stop "${writers[1]}"
	modprobe "$RVS_ENGINE"
}

changed() {
	[ "$(get conn_max)" != 1073741824 ]
}

ip netns add director
ip netns add client
SITES+=(director client)
engine "$RVS_ENGINE"
[ ! -e /proc/sys/kernel/unprivileged_userns_clone ] ||
	echo 1 >/proc/sys/kernel/unprivileged_userns_clone

ktap_case 'a new namespace has the documented values' defaults
[ "$RVS_ENGINE" != rvs ] || ktap_case 'there are no other settings' complete
ktap_case 'each takes its range and nothing else' ranges
ktap_case 'what is no number, or a very large one, is refused' nonsense
ktap_case 'a write behind the front changes nothing' offset
ktap_case 'each namespace has its own' isolated
ktap_case 'who is not the administrator of the namespace may read only' all_refuse
ktap_case 'the owner of a namespace may write them' owner
ktap_case 'the owner cannot allow more connections than the administrator of the machine' bound
ktap_case 'a file that is held open does not keep the module, and fails afterwards' unload_opened
ktap_case 'neither does one of a namespace that is ending' namespace_opened
ktap_case 'unloaded ten times while files are read and written' hammered
ktap_run
