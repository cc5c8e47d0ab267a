#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server is removed while it has connections: what belonged to its TCP connections
# is dropped, and counted; UDP flows and new connections go to the servers that are left.
# When it is added again it gets new connections.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# begin FAMILY PROTOCOL PORT: a service of its own for a case, with a connection to each of
# its three servers. The functions below are about it.
begin() {
	FAMILY=$1 PROTO=$2 PORT=$3
	SERVICE=("-${2:0:1}" "$(at "$(vip "$1")" "$3")")
	adm -A "${SERVICE[@]}" -s rr
	server a 3
	server a 2
	server a 1
	talk patience 20
	talk close
	watch
	same "server1 server2 server3" "$(talk open "$2" "$(vip "$1")" "$3" 3)"
	same "server1 server2 server3" "$(talk say)"
}

# removed: as begin, but server 2 is gone.
removed() {
	begin "$@"
	eventually 30 confirmed
	server d 2
}

# server a|d NUMBER: adds or removes a server.
server() {
	local how=(-m)
	[ "$1" != d ] || how=()
	adm "-$1" "${SERVICE[@]}" -r "$(real "$FAMILY" "$2" 80)" "${how[@]}"
}

# get COUNT: the servers of new connections.
get() {
	talk get "$PROTO" "$(vip "$FAMILY")" "$PORT" "$1"
}

# confirmed: no server waits for the confirmation of what it has sent, which would make it
# send that again.
confirmed() {
	local name unconfirmed=''
	for name in server1 server2 server3; do
		unconfirmed+=$(in_ns "$name" ss -Htn state established | awk '$2 != 0')
	done
	same "" "$unconfirmed"
}

# watch: counts what clients send to this service, and what comes back to them from its port;
# from here on nothing of earlier cases comes to rvs.
watch() {
	local name
	for name in director client; do
		in_ns "$name" nft -f - <<-END
			table inet watch
			delete table inet watch
			table inet watch {
				counter requests { }
				counter answers { }
				chain input {
					type filter hook input priority 0
					meta l4proto != { tcp, udp } accept
					th dport $PORT counter name requests accept
					th sport $PORT counter name answers accept
				}
			}
		END
	done
	in_ns director nft add rule inet watch input drop
}

# seen NAMESPACE requests|answers: how many.
seen() {
	in_ns "$1" nft list counter inet watch "$2" | awk '$1 == "packets" { print $2 }'
}

# dropped: the counter of packets whose server was removed.
dropped() {
	adm info | awk '$1 == "destination-removed" { print $2 }'
}

# silence NUMBER: data on that TCP connection is dropped and counted, and nothing comes back.
silence() {
	local drops answers requests
	drops=$(dropped) answers=$(seen client answers) requests=$(seen director requests)
	talk patience 1
	same timeout "$(talk say "$1")"
	same "$answers" "$(seen client answers)"
	[ "$(seen director requests)" -gt "$requests" ]
	[ "$(dropped)" -gt "$drops" ]
}

others_go_on() {
	removed "$@"
	same server1 "$(talk say 1)"
	same server3 "$(talk say 3)"
}

silent() {
	removed "$@"
	silence 2
}

# moves: the next datagram of the flow goes to a server that is left, and the flow stays there.
moves() {
	local server
	removed "$@"
	server=$(talk say 2)
	[[ $server = server[13] ]] || same "server1 or server3" "$server"
	same "$server $server" "$(talk say 2) $(talk say 2)"
}

new_ones() {
	local got
	removed "$@"
	got=$(get 4)
	same "2 server1 2 server3" "$(tr ' ' '\n' <<<"$got" | sort | uniq -c | xargs)"
}

# returns: the server is added again, and new connections come to it.
returns() {
	local got
	removed "$@"
	server a 2
	got=$(get 3)
	same "server1 server2 server3" "$(tr ' ' '\n' <<<"$got" | sort | xargs)"
}

# service_gone: a connection does not outlive the use of its service.
service_gone() {
	begin "$@"
	eventually 30 confirmed
	adm -D "${SERVICE[@]}"
	if [ "$2" = tcp ]; then
		silence 1
	else
		same refused "$(talk say 1)"
	fi
}

# case_of TEXT FUNCTION: a case with a port of its own.
case_of() {
	port=$((port + 1))
	ktap_case "$text: $1" "$2" "$family" "$proto" "$port"
}

make_site
start_servers
start_client
engine rvs

port=8000
for family in 4 6; do
	for proto in tcp udp; do
		text="$proto over IPv$family"
		case_of "one of three servers with connections is removed" removed
		case_of "the other connections go on" others_go_on
		if [ $proto = tcp ]; then
			case_of "data to the removed server is dropped and counted" silent
		else
			case_of "the flow moves to a server that is left" moves
		fi
		case_of "new connections go to the others" new_ones
		case_of "the server returns and gets connections" returns
		case_of "the service is removed with a connection" service_gone
	done
done
ktap_run
