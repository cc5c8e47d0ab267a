#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same as oracle.sh, over IPv6.
#
# Tier: long

exec env ORACLE_FAMILY=6 bash "$(dirname "$0")/oracle.sh"
