# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Results in the Kernel Test Anything Protocol, version 1. A test declares its
# cases and then runs them:
#
#     ktap_case "what is checked" FUNCTION [ARGUMENT...]
#     ktap_run
#
# A case passes when its function succeeds. It runs in a shell of its own with
# `set -e`, and what it prints is shown, as diagnostics, when it fails. With
# KTAP_ONLY="2 5" only the second and the fifth case run. A function
# that calls ktap_skip WHY is skipped: for a feature that the kernel may lack, never
# for something that could not be set up.

KTAP_NAMES=() KTAP_COMMANDS=()
KTAP_PLANNED='' KTAP_PASSED=0 KTAP_FAILED=0 KTAP_SKIPPED=0
KTAP_SKIP=4

# ktap_case TEXT FUNCTION [ARGUMENT...]
ktap_case() {
	KTAP_NAMES+=("$1")
	KTAP_COMMANDS+=("$(printf '%q ' "${@:2}")")
}

# ktap_plan NUMBER
ktap_plan() {
	KTAP_PLANNED=$1
	echo 'KTAP version 1'
	echo "1..$1"
}

# ktap_skip REASON: ends the case that is running.
ktap_skip() {
	echo "$*" >"$KTAP_LOG.skip"
	exit "$KTAP_SKIP"
}

# ktap_diagnose: its input, as diagnostics.
ktap_diagnose() {
	sed 's/^/# /'
}

# ktap_result STATUS TEXT: one result line, with the number that is due.
ktap_result() {
	local number
	number=$(ktap_number)
	case $1 in
	0)
		KTAP_PASSED=$((KTAP_PASSED + 1))
		echo "ok $number $2"
		;;
	"$KTAP_SKIP")
		KTAP_SKIPPED=$((KTAP_SKIPPED + 1))
		echo "ok $number $2 # SKIP $(<"$KTAP_LOG.skip")"
		rm "$KTAP_LOG.skip"
		;;
	*)
		KTAP_FAILED=$((KTAP_FAILED + 1))
		echo "not ok $number $2"
		;;
	esac
}

# ktap_one COMMAND: runs a case and returns its status. Never call it in a condition:
# that would switch `set -e` off inside.
ktap_one() {
	(
		set -eE
		trap 'echo "failed with status $?: $BASH_COMMAND (line $LINENO of ${FUNCNAME[0]:-main})" >&2' ERR
		eval "$1"
	) >"$KTAP_LOG" 2>&1
}

# ktap_number: that of the case that is running, from 1.
ktap_number() {
	echo $((KTAP_PASSED + KTAP_FAILED + KTAP_SKIPPED + 1))
}

# ktap_explain: what a case that failed has printed, and what ktap_context() knows, if there is one.
ktap_explain() {
	ktap_diagnose <"$KTAP_LOG"
	if declare -F ktap_context >/dev/null; then
		ktap_context 2>&1 | ktap_diagnose
	fi
}

# ktap_choose NUMBER...: forgets all cases but these.
ktap_choose() {
	local number names=() commands=()
	for number in "$@"; do
		[ -n "${KTAP_NAMES[number - 1]:-}" ] || continue
		names+=("${KTAP_NAMES[number - 1]}")
		commands+=("${KTAP_COMMANDS[number - 1]}")
	done
	KTAP_NAMES=("${names[@]}") KTAP_COMMANDS=("${commands[@]}")
}

# ktap_run: runs the declared cases, prints the totals, ends the script.
ktap_run() {
	local index status
	KTAP_LOG=$(mktemp)
	# shellcheck disable=SC2086 # Several numbers.
	[ -z "${KTAP_ONLY:-}" ] || ktap_choose $KTAP_ONLY
	ktap_plan ${#KTAP_NAMES[@]}
	for index in "${!KTAP_NAMES[@]}"; do
		set +e
		ktap_one "${KTAP_COMMANDS[index]}"
		status=$?
		set -e
		[ "$status" != "$KTAP_SKIP" ] || [ -e "$KTAP_LOG.skip" ] || status=1
		[ "$status" = 0 ] || [ "$status" = "$KTAP_SKIP" ] || ktap_explain
		ktap_result "$status" "${KTAP_NAMES[index]}"
	done
	rm -f "$KTAP_LOG"
	ktap_totals
}

# ktap_totals: the closing line, and the exit status.
ktap_totals() {
	echo "# Totals: pass:$KTAP_PASSED fail:$KTAP_FAILED skip:$KTAP_SKIPPED"
	[ "$KTAP_FAILED" = 0 ] || exit 1
	exit 0
}

# ktap_unplanned: for the end of a script that never came to its cases: that is a failure.
ktap_unplanned() {
	[ -z "$KTAP_PLANNED" ] || return 0
	ktap_plan 1
	ktap_result 1 "setting up"
	echo '# Totals: pass:0 fail:1 skip:0'
}
