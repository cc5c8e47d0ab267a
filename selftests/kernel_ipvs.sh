#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own test of IPVS, as it is in the kernel's source (tools/vm brings it along), passes:
# direct routing, NAT, a tunnel. It loads ip_vs and configures it with ipvsadm.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

CONF=/etc/modprobe.d/rvs.conf
KERNELS=/vm/kselftest/net/netfilter

# It gives its programs fixed times, which a busy machine may exceed: up to three attempts.
ipvs_test() {
	[ -e "$KERNELS/ipvs.sh" ] || ktap_skip "the source of this kernel is not there"
	for _ in 1 2 3; do
		(cd "$KERNELS" && bash ./ipvs.sh) >"$WORK/log" 2>&1 || true
		cat "$WORK/log"
		! grep -q 'ipvs.sh: .*PASS' "$WORK/log" || break
	done
	grep -q 'ipvs.sh: .*PASS' "$WORK/log"
	same 3 "$(grep -cE '^Testing (DR|NAT|Tunnel) mode' "$WORK/log")"
	if [ "$RVS_ENGINE" = ip_vs ]; then
		[ -d /sys/module/ip_vs ]
	else
		[ -d /sys/module/rvs_ipvs ]
		[ ! -d /sys/module/ip_vs ]
	fi
}

tidy_up() {
	eventually 20 unload_engines >/dev/null
	rm -f "$CONF"
	modprobe -n -v ip_vs | grep -q '/ip_vs\.ko'
}

[ "$RVS_ENGINE" = ip_vs ] || install -D -m 644 /vm/modprobe.conf "$CONF"
ktap_case "ipvs.sh: direct routing, NAT, tunnel" ipvs_test
ktap_case "without the file for modprobe ip_vs is what it was" tidy_up
ktap_run
