#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets per second of two processors relative to one, rvs beside ip_vs: many flows, one
# service. The host must have two processors to spare; ROUNDS smooths what it does besides.
#
# usage: selftests/bench/cpus.sh [ROUNDS]

set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib/common.sh

mkdir -p build/bench
tools/vm run --cpus 2 --memory 4G --timeout 1800 -- python3 /selftests/bench/cpus.py rates "${1:-10}" \
	>build/bench/cpus.records || die "the benchmark failed"
tools/buildroot python3 - build/bench/cpus.records <<-'END'
	import json, sys
	print(f"{'packets per second':20} {'one':>9} {'both':>9} {'best':>6} {'median':>7}")
	for line in open(sys.argv[1], encoding="utf-8"):
	    if line.startswith("{"):
	        case = json.loads(line)
	        print(f"{case['case']:20} {case['one']:9,} {case['both']:9,}"
	              f" {case['both'] / case['one']:6.2f} {case['median']:7.2f}")
END
