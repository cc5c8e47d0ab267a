#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ipvsadm, as Debian ships it, says and does with rvs_ipvs, byte for byte, what it says and does
# with ip_vs.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/oracle/ipvsadm.sh
. "$SELFTESTS/oracle/ipvsadm.sh"

compare_with_ip_vs rvs_ipvs ipvsadm
