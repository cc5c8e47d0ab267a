# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The oracle for what ip_vs's own clients see: the same commands and packets, once with
# ip_vs and once with rvs and rvs_ipvs, in the same kernel and the same namespaces. What
# the commands print must be the same, but for what steady.py takes out.
#
# A test that sources this, after lib.sh, defines scenarios (functions scenario_NAME, made
# of run and differs) and ends with
#
#     compare NAME...
#     ktap_run
#
# ORACLE_ENGINES="ip_vs ip_vs" tells whether the scenarios are repeatable at all.

read -ra ENGINES <<<"${ORACLE_ENGINES:-ip_vs rvs_ipvs}"

# run COMMAND...: in the director: the command, what it says, and how it ends if not well.
run() {
	local status=0
	echo "\$ $*"
	in_ns director "$@" 2>&1 || status=$?
	[ "$status" = 0 ] || echo "exit status $status"
}

# differs REASON COMMAND...: like run; for what is not the same, and must not be, or the
# reason is gone.
differs() {
	echo "\$ ${*:2} (differs: $1)"
	run "${@:2}" >>"$DIFFERING"
}

# show FILE...: files of the director.
show() {
	local file
	for file in "$@"; do
		run cat "$file"
	done
}

# quiet COMMAND...: in the director, not part of the transcript.
quiet() {
	in_ns director "$@" >/dev/null
}

# play ENGINE SCENARIO NUMBER: the transcript of a scenario, with a freshly loaded engine.
play() {
	local log=$WORK/oracle/$3.$2
	DIFFERING=$log.differing
	: >"$DIFFERING"
	engine "$1"
	# shellcheck disable=SC2034 # For scenarios.
	ENGINE=$1
	local began=$SECONDS
	(set +e && "scenario_$2") >"$log.raw" 2>&1
	[ -z "${ORACLE_SHOW:-}" ] || echo "$1 $2: $((SECONDS - began)) s" >&2
	python3 -IS "$SELFTESTS/oracle/steady.py" <"$log.raw" >"$log"
	in_ns director ipvsadm -C
	eventually 20 unload_engines >"$log.unload" 2>&1 || {
		cat "$log.unload" /proc/modules
		return 1
	}
}

# equal SCENARIO: both engines did the same.
equal() {
	local one=$WORK/oracle/1.$1 other=$WORK/oracle/2.$1
	[ -s "$one" ] || fails true
	diff -U 4 --label "${ENGINES[0]}" "$one" --label "${ENGINES[1]}" "$other"
	[ ! -s "$one.differing" ] || [ "${ENGINES[0]}" = "${ENGINES[1]}" ] ||
		fails cmp "$one.differing" "$other.differing"
}

# compare NAME...: plays scenarios with both engines, and declares their cases.
compare() {
	local number name
	mkdir "$WORK/oracle"
	for number in 1 2; do
		for name in "$@"; do
			play "${ENGINES[number - 1]}" "$name" "$number"
		done
	done
	for name in "$@"; do
		ktap_case "${name//_/ }" equal "$name"
	done
	[ -z "${ORACLE_SHOW:-}" ] || cat "$WORK"/oracle/[12].*[a-z] >&2
}
