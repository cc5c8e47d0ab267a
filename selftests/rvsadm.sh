#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The native face of rvsadm: what it sets is what it shows; `set` keeps what is not named;
# documents make the same again; and bash completes what the kernel has.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

TCP=(tcp 192.0.2.1:80)

# rvsadm ARGUMENT...: in a namespace that goes away with the test.
rvsadm() {
	in_ns adm rvsadm "$@"
}

# field NAME...: values of the service TCP, by the path of their keys.
field() {
	rvsadm --json service show "${TCP[@]}" | python3 -IS -c '
import functools, json, sys
service = json.load(sys.stdin)
for path in sys.argv[1:]:
    keys = path.split(".")
    value = functools.reduce(lambda at, key: at[int(key) if key.isdigit() else key], keys, service)
    print(json.dumps(value))' "$@" | paste -sd' '
}

begin() {
	rvsadm flush
	rvsadm service add "${TCP[@]}" --scheduler rr
}

settings_are_shown() {
	begin
	rvsadm service set "${TCP[@]}" -s sh --scheduler-flags port --scheduler-size 512 \
		--persist 300/24 --no-server drop --timeout established=3600 --timeout fin-wait=7
	same '"sh" ["sh-port"] 512 {"timeout": 300, "prefix": 24, "templates": 0} "drop" {"established": 3600, "fin-wait": 7}' \
		"$(field scheduler scheduler_flags scheduler_size persistence no_server timeouts)"
	rvsadm service set "${TCP[@]}" --timeout fin-wait=0 --persist 0
	same 'null {"established": 3600}' "$(field persistence timeouts)"
}

flags_are_switched() {
	begin
	rvsadm service set "${TCP[@]}" --flags hairpin
	rvsadm service set "${TCP[@]}" --reset-idle
	same '["reset-idle", "hairpin"]' "$(field flags)"
	rvsadm service set "${TCP[@]}" --hairpin=no --no-server unreachable
	same '["reset-idle"] "unreachable"' "$(field flags no_server)"
	rvsadm service set "${TCP[@]}" --flags none
	same '[]' "$(field flags)"
}

a_fallback() {
	begin
	rvsadm service set "${TCP[@]}" --fallback 10.0.1.99:8080 --fallback-method nat
	same '"fallback" "10.0.1.99" 8080 "nat"' \
		"$(field no_server fallback.address fallback.port fallback.method)"
	rvsadm service set "${TCP[@]}" --no-server reject
	same '"reject"' "$(field no_server)"
}

servers_keep_what_is_not_named() {
	begin
	rvsadm server add "${TCP[@]}" 10.0.1.11:8080 --method nat --weight 3 --upper 100 --lower 50
	rvsadm server set "${TCP[@]}" 10.0.1.11:8080 --weight 5
	same '"nat" 5 100 50 false' \
		"$(field servers.0.method servers.0.weight servers.0.upper servers.0.lower servers.0.overloaded)"
	# ipvsadm's edit is a full replace.
	rvsadm -e -t 192.0.2.1:80 -r 10.0.1.11:8080 -m
	same '"nat" 1 0 0' \
		"$(field servers.0.method servers.0.weight servers.0.upper servers.0.lower)"
}

firewall_marks() {
	rvsadm flush
	rvsadm service add fwmark 7 --scheduler rr
	rvsadm service add fwmark 7 --ipv6 --scheduler rr
	rvsadm server add fwmark 7 --ipv6 '[2001:db8::11]:80' --method nat
	same "-A -f 7 -s rr
-A -f 7 -6 -s rr
-a -f 7 -6 -r [2001:db8::11]:80 -m -w 1" "$(rvsadm -Sn)"
	rvsadm service del fwmark 7
	same "fwmark 7 --ipv6 rr 1" "$(rvsadm service list | awk 'NR > 1 { print $1, $2, $3, $4, $5 }')"
}

refusals_name_the_attribute() {
	begin
	local text status=0
	text=$(rvsadm service add "${TCP[@]}" --scheduler rr 2>&1) || status=$?
	same 3 "$status"
	[[ $text == "rvsadm: service: "* ]] || same "rvsadm: service: ..." "$text"
	text=$(rvsadm service set "${TCP[@]}" --scheduler wcl 2>&1) || true
	[[ $text == *"did you mean wlc?" ]] || same "... did you mean wlc?" "$text"
}

documents_make_the_same_again() {
	local toml=$WORK/rvs.toml rules=$WORK/rules
	begin
	rvsadm server add "${TCP[@]}" 10.0.1.11:8080 --method nat --weight 3 --upper 100 --lower 50
	rvsadm service add udp '[2001:db8::1]:53' -s wrr --one-packet
	rvsadm server add udp '[2001:db8::1]:53' '[2001:db8::11]:53' --method nat
	rvsadm service add fwmark 9 -s sh --scheduler-flags fallback --persist 60/16
	rvsadm config set --timeout-udp 77
	rvsadm export >"$toml"
	rvsadm import "$toml" --format ipvsadm >"$rules"
	rvsadm flush
	rvsadm config set --timeout-udp 300
	rvsadm -R <"$rules"
	same "$(<"$toml")" "$(rvsadm export)"
	same "$(<"$toml")" "$(rvsadm import "$rules")"
	rvsadm config set --timeout-udp 300
}

# offered LINE: what bash would offer.
offered() {
	COMP_LINE=$1 COMP_POINT=${#1}
	_rvsadm
	paste -sd' ' < <(printf '%s\n' "${COMPREPLY[@]}")
}

completion_knows_the_kernel() {
	begin
	rvsadm server add "${TCP[@]}" 10.0.1.11
	rvsadm server add "${TCP[@]}" 10.0.1.12:80
	rvsadm service add tcp '[2001:db8::1]:80' -s rr
	rvsadm service add udp 192.0.2.9:53 -s rr
	# shellcheck source=/dev/null
	source <(rvsadm completions bash)
	same "192.0.2.1:80" "$(offered "rvsadm service show tcp 192")"
	same "192.0.2.9:53" "$(offered "rvsadm service del udp 1")"
	# Bash takes what follows the last colon for the word.
	same "80" "$(offered "rvsadm service show tcp 192.0.2.1:8")"
	same "10.0.1.11:80 10.0.1.12:80" "$(offered "rvsadm server del ${TCP[*]} 10")"
}

engine rvs
SITES=(adm)
ip netns add adm
ip -n adm link set lo up
ktap_case "settings of a service are shown as they were set" settings_are_shown
ktap_case "flags are switched one by one and set together" flags_are_switched
ktap_case "a fallback server" a_fallback
ktap_case "set keeps what is not named, ipvsadm's edit does not" servers_keep_what_is_not_named
ktap_case "services of firewall marks" firewall_marks
ktap_case "refusals name the attribute, and what may be meant" refusals_name_the_attribute
ktap_case "export, import and restore make the same again" documents_make_the_same_again
ktap_case "bash completes services and servers" completion_knows_the_kernel
ktap_run
