#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Documents that the kernel is to have: diff, apply, and the return to what was before if
# nobody confirms. What a document says is what clients meet, in both families.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

FILE=$WORK/rvs.toml

# service FAMILY SERVER...: a service for port 80 with these servers, in TOML. If ALONE is set, all but that
# one have the weight 0.
service() {
	local number
	printf '[[service]]\nprotocol = "tcp"\naddress = "%s"\nscheduler = "rr"\n' \
		"$(at "$(vip "$1")" 80)"
	for number in "${@:2}"; do
		printf '[[service.server]]\naddress = "%s"\nmethod = "nat"\n' "$(real "$1" "$number" 80)"
		printf 'weight = %s\n' "$((${ALONE:-$number} == number))"
	done
}

# both SERVER...: the document with a service of each family.
both() {
	{
		service 4 "$@"
		service 6 "$@"
	} >"$FILE"
}

# met FAMILY WANTED: which servers six new connections meet.
met() {
	same "$2" "$(talk get tcp "$(vip "$1")" 80 6 | tr ' ' '\n' | sort -u | paste -sd' ')"
}

# all_meet WANTED: the same for both families.
all_meet() {
	met 4 "$1"
	met 6 "$1"
}

generation() {
	adm --json info | python3 -IS -c 'import json, sys; print(json.load(sys.stdin)["generation"])'
}

# ends STATUS COMMAND...: whether it ends so; TEXT is what it says.
ends() {
	local status=0
	TEXT=$("${@:2}" 2>&1) || status=$?
	same "$1" "$status" || {
		echo "$TEXT"
		return 1
	}
}

# applied FILE...: and then nothing differs.
applied() {
	adm apply "$@"
	ends 0 adm diff "$@"
}

begin() {
	adm flush --force
	both 1 2
	adm apply "$FILE"
}

what_is_applied_is_met() {
	both 1 2
	ends 1 adm diff "$FILE"
	applied "$FILE"
	all_meet "server1 server2"
	both 3
	ends 1 adm diff "$FILE"
	[[ $TEXT == *"2 to add, 0 to change, 4 to remove" ]] || same "2 to add ..." "$TEXT"
	applied "$FILE"
	all_meet server3
}

applied_again_it_changes_nothing() {
	begin
	local before
	before=$(generation)
	adm apply "$FILE"
	same "$before" "$(generation)"
	adm export >"$WORK/exported"
	ends 0 adm diff "$WORK/exported" --prune
	adm --json export >"$WORK/exported.json"
	ends 0 adm diff "$WORK/exported.json" --prune
}

every_setting() {
	adm flush --force
	cat >"$FILE" <<-'END'
		[timeouts]
		time-wait = 33
		[[service]]
		protocol = "tcp"
		address = "192.0.2.1:80"
		scheduler = "sh"
		scheduler_flags = ["sh-port"]
		flags = ["hairpin", "reset-idle"]
		persistence = { timeout = 300, prefix = 24 }
		timeouts = { fin-wait = 10 }
		fallback = { address = "10.0.1.99:8080", method = "nat" }
		owner = "web"
		[[service.server]]
		address = "10.0.1.11:8080"
		method = "nat"
		weight = 3
		upper = 1000
		lower = 500
		owner = "other"
		[[service.server]]
		address = "[2001:db8::13]:80"
		tunnel = { type = "gue", port = 6080, flags = ["csum"] }
	END
	applied "$FILE" --prune
	# The same service with nothing of it.
	cat >"$FILE" <<-'END'
		[[service]]
		protocol = "tcp"
		address = "192.0.2.1:80"
		scheduler = "mh"
		no_server = "drop"
		[[service.server]]
		address = "10.0.1.11:8080"
		tunnel = { type = "gre" }
	END
	ends 3 adm apply "$FILE"
	[[ $TEXT == "rvsadm: $FILE:"*": this is of '"* ]] || same "this is of ..." "$TEXT"
	applied "$FILE" --prune --force
	same '[]' "$(adm --json config show | python3 -IS -c '
import json, sys
print([name for name, time in json.load(sys.stdin)["timeouts"].items() if time == 33])')"
}

a_refusal_changes_nothing() {
	begin
	local before
	before=$(generation)
	both 3
	sed -i '$!b; s/$/\n[[service]]\nfwmark = 9\nscheduler = "nosuch"/' "$FILE"
	ends 3 adm apply "$FILE"
	[[ $TEXT == "rvsadm: $FILE:"*":13: "*"nosuch"*" | scheduler = \"nosuch\""*"^^^^^^^^"* ]] ||
		same "a place with a caret" "$TEXT"
	ends 3 adm apply "$FILE" --dry-run
	same "$before" "$(generation)"
	both 3
	adm apply "$FILE" --dry-run
	same "$before" "$(generation)"
	all_meet "server1 server2"
}

owners_prune_their_own() {
	begin
	adm service add tcp 192.0.2.7:80 --scheduler rr --owner red
	service 4 1 >"$FILE"
	adm apply "$FILE" --owner blue --prune --force
	same "tcp 10.0.0.100:80 rr 1" "$(adm service list | awk 'NR > 1 { print $1, $2, $3, $4 }')"
	adm service add tcp 192.0.2.7:80 --scheduler rr --owner red
	echo >"$FILE"
	applied "$FILE" --owner blue --prune
	same "tcp 192.0.2.7:80" "$(adm service list | awk 'NR > 1 { print $1, $2 }')"
	ends 0 adm diff "$FILE" --prune
	ends 1 adm diff "$FILE" --prune --owner red
}

confirmed_it_stays() {
	begin
	both 3
	# The command ends although something waits, and nobody waits for that.
	TEXT=$(adm apply "$FILE" --confirm 3600)
	[[ $TEXT == *"rvsadm confirm"* ]] || same "rvsadm confirm" "$TEXT"
	all_meet server3
	ends 3 adm apply "$FILE"
	adm confirm
	all_meet server3
	ends 3 adm confirm
	adm apply "$FILE"
}

# is_back: whether the document before is there.
is_back() {
	adm diff "$WORK/before" >/dev/null
}

unconfirmed_it_goes_back() {
	begin
	cp "$FILE" "$WORK/before"
	both 3
	adm apply "$FILE" --confirm 2
	# What others do meanwhile stays.
	adm service add tcp 192.0.2.9:80 --scheduler rr
	eventually 30 is_back
	all_meet "server1 server2"
	adm service show tcp 192.0.2.9:80 >/dev/null
	eventually 10 fails adm confirm
}

undone_at_once() {
	begin
	cp "$FILE" "$WORK/before"
	both 3
	adm apply "$FILE" --confirm 3600 <&-
	adm confirm --undo
	is_back
	all_meet "server1 server2"
	# From standard input, and nothing to do.
	adm apply - --confirm 3600 <"$FILE"
	adm confirm --undo
	is_back
	ends 0 adm apply "$WORK/before" --confirm 3600
	ends 3 adm confirm
	# What is wrong is said as without.
	echo 'x = 1' >"$FILE"
	ends 2 adm apply "$FILE" --confirm 3600
}

# holder: the process that waits.
holder() {
	pgrep -f 'rvsadm apply .*--confirm 3600'
}

killed_it_is_no_obstacle() {
	begin
	both 3
	adm apply "$FILE" --confirm 3600
	kill -9 "$(holder)"
	eventually 10 fails holder
	ends 3 adm confirm
	both 1
	adm apply "$FILE" --confirm 3600
	adm confirm
	all_meet server1
}

# Requests while the servers take turns: at no moment there is none, so none fails. A server that is removed
# would take its requests with it; see drain.sh.
no_request_fails() {
	begin
	tell get tcp "$(vip "$1")" 80 200
	local round answers
	for round in {1..20}; do
		ALONE=$((round % 3 + 1)) both 1 2 3
		adm apply "$FILE" >/dev/null
	done
	answers=$(hear)
	same 200 "$(wc -w <<<"$answers")"
	[[ $answers != *[!0-9a-z\ ]* ]] || same "names of servers" "$answers"
}

make_site
engine rvs
start_servers
start_client

ktap_case "what is applied is what clients meet" what_is_applied_is_met
ktap_case "applied or exported, it is the same" applied_again_it_changes_nothing
ktap_case "every setting comes and goes" every_setting
ktap_case "a refusal shows its place and changes nothing, nor does a dry run" a_refusal_changes_nothing
ktap_case "owners prune what is their own" owners_prune_their_own
ktap_case "confirmed, it stays" confirmed_it_stays
ktap_case "unconfirmed, it goes back, and what others did stays" unconfirmed_it_goes_back
ktap_case "undone at once" undone_at_once
ktap_case "a waiting process that was killed is no obstacle" killed_it_is_no_obstacle
for family in 4 6; do
	ktap_case "no request fails while servers take turns, IPv$family" no_request_fails $family
done
ktap_run
