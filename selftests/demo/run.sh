#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `make demo`, inside the virtual machine: 60 requests over three servers.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
trap cleanup EXIT

REQUESTS=60 URL=http://$VIP4/

# shown COMMAND...: prints a command as somebody would type it in the director, and runs it.
shown() {
	echo "director# $*"
	in_ns director "$@"
}

# ask: sends the requests; the answers, a line each, are in $WORK/answers.
ask() {
	local number
	for ((number = 0; number < REQUESTS; number++)); do
		in_ns client curl -s -S -m 5 "$URL" >>"$WORK/answers" || true
	done
}

# answered NAME: how many answers came from it.
answered() {
	grep -c "^$1$" "$WORK/answers" || true
}

cat <<END
One machine, five network namespaces:

                               ┌── server1  192.168.0.11
    client ──── director ──────┼── server2  192.168.0.12
   10.0.0.2   VIP 10.0.0.100   └── server3  192.168.0.13

END
make_site
start_http server1 server2 server3
modprobe rvs
shown rvsadm -A -t "$VIP4:80" -s rr
for number in 3 2 1; do
	shown rvsadm -a -t "$VIP4:80" -r "$(real 4 $number 80)" -m
done
echo
echo "client# for i in {1..$REQUESTS}; do curl -s $URL; done | sort | uniq -c"
: >"$WORK/answers"
ask
sort "$WORK/answers" | uniq -c
echo
shown rvsadm -L -n --stats
cat <<END

To try next:
    tools/vm shell                               a machine with rvs and rvsadm in it
    modprobe rvs && rvsadm --help                inside: what rvsadm can do
    rvsadm service add tcp 10.0.0.1:80 --scheduler rr
    rvsadm service list --json
    make check                                   all tests

END
total=$(wc -l <"$WORK/answers")
counts="$(answered server1) $(answered server2) $(answered server3)"
echo "demo: $REQUESTS sent, $total answered, $counts"
[ "$total $counts" = "60 20 20 20" ]
