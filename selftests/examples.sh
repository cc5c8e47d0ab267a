#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The examples in the help of rvsadm do what they say: each is run, as it stands there, where
# what it is about is there.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

rvsadm() {
	in_ns here rvsadm "$@"
}

# helps: the help of the command and of everything below it.
helps() {
	python3 -IS - <<-'END'
		import re, subprocess
		def walk(words):
		    text = subprocess.run(words + ["--help"], capture_output=True, text=True, check=True).stdout
		    print(text)
		    section = re.search(r"^Commands:\n((?:  .*\n|\n)*)", text, re.M)
		    names = re.findall(r"^  ([a-z]+)(?: |$)", section.group(1), re.M) if section else []
		    for name in names:
		        walk(words + [name])
		walk(["rvsadm"])
	END
}

# examples: the command lines in it, each once.
examples() {
	helps | sed -n 's/^ *\(rvsadm .*\)/\1/p; s/^ *\(source <(rvsadm .*\)/\1/p' | grep -v '\.\.\.' | awk '!seen[$0]++'
}

# furnish LINE: makes what the line is about, and nothing that it makes itself.
furnish() {
	local server=1
	rvsadm flush --force
	case $1 in *' service add '* | *'rvsadm -A'* | *' -R '*) return ;; esac
	case $1 in *' server add '* | *'rvsadm -a'*) server=0 ;; esac
	{
		echo "-A -t 192.0.2.1:80 -s rr"
		echo "-A -u 192.0.2.1:53 -s rr"
		echo "-A -f 7 -s wlc"
		[ "$server" = 0 ] || echo "-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m"
	} | rvsadm -R
}

# runs LINE: whether it does; what goes on for ever has a moment, and doctor and diff may find something.
runs() {
	local status=0
	furnish "$1"
	in_ns here timeout 5 bash -c "$1" </dev/null >"$WORK/out" 2>&1 || status=$?
	case $status/$1 in
	0/* | 1/*doctor* | 1/*diff*) ;;
	124/*monitor* | 124/*exporter* | 124/*watch* | 124/*--confirm*) ;;
	# Nothing waits.
	3/*confirm*) grep -q 'no change waits' "$WORK/out" ;;
	*)
		echo "status $status: $1"
		cat "$WORK/out"
		return 1
		;;
	esac
}

all_run() {
	local line failed=0 count=0
	while read -r line; do
		# It needs a terminal: see top.sh.
		[[ $line != *' top'* ]] || continue
		count=$((count + 1))
		runs "$line" || failed=1
	done <"$WORK/examples"
	echo "$count examples"
	[ "$count" -gt 40 ] && [ "$failed" = 0 ]
}

engine rvs
SITES=(here blue)
ip netns add here
ip netns add blue
ip -n blue link set lo up
ip -n here link set lo up
ip -n here address add 192.0.2.7/32 dev lo
ip -n blue address add 192.0.2.7/32 dev lo
cd "$WORK"
echo "-A -t 192.0.2.1:80 -s rr" >"$WORK/ipvsadm.rules"
mkdir "$WORK/keepalived"
cat >"$WORK/keepalived/keepalived.conf" <<-END
	virtual_server 192.0.2.1 80 {
	    lb_algo rr
	    lb_kind NAT
	    protocol TCP
	    real_server 10.0.0.2 8080 {
	        weight 1
	    }
	}
END
examples | sed "s,/etc/,$WORK/," >"$WORK/examples"
# What documents are read is there before.
rvsadm export >rvs.toml
ktap_case "every example of the help" all_run
ktap_run
