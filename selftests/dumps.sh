#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Dumps of services and servers: all of them, an owner's, what changed since a generation.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

dumps() {
	in_ns director python3 -S "$SELFTESTS/dumps.py" "$@"
}

make_site
engine rvs

ktap_case "the servers of all services in one dump" dumps everything
ktap_case "what an owner has" dumps owners
ktap_case "what changed since a generation" dumps since
ktap_case "what was removed makes earlier generations stale" dumps removals
ktap_case "a dump while the configuration changes" dumps changing
ktap_case "thousands of services and servers" dumps many
ktap_run
