#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the selftests in virtual machines, see `selftests/run.sh --help`.

set -euo pipefail
# shellcheck source=tools/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/lib/common.sh"

hash python3 2>/dev/null || host_packages python3
exec python3 -IS "$RVS_TOP/selftests/run.py" "$@"
