#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `rvsadm ipvsadm` against rvs says and does, byte for byte, what ipvsadm 1.31 says and
# does against ip_vs: the same command lines are run with both, each in a fresh namespace,
# and output, messages and exit codes are compared.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/oracle/ipvsadm.sh
. "$SELFTESTS/oracle/ipvsadm.sh"

compare_with_ip_vs rvs rvsadm ipvsadm
