#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transactions: many changes in one message, all or nothing.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

SEED=${FUZZ_SEED:-$RANDOM}

transact() {
	in_ns director python3 -S "$SELFTESTS/transact.py" "$@"
}

# same_as_single: SEED says which changes.
same_as_single() {
	echo "seed $SEED"
	transact same_as_single "$SEED"
}

make_site
ip netns add other
ip -n other link set lo up
SITES+=(other)
engine rvs

ktap_case "changes are one step, counted" transact whole
ktap_case "what is put, there or not" transact put
ktap_case "one wrong change among 10,000" transact refusal
ktap_case "settings" transact settings
ktap_case "a dry run changes nothing" transact dry_run
ktap_case "what was made for another generation is refused" transact generation
ktap_case "removed and added again" transact again
ktap_case "owners" transact owners
ktap_case "several writers" transact writers
ktap_case "ten times as many changes, ten times the cost" transact linear
ktap_case "random changes, one by one and at once" same_as_single
ktap_run
