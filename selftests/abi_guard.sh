#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A scheduler that was built against another core is refused, with a reason in the
# kernel log. The other core is made by changing the identity inside rvs_rr.ko.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

OTHER=$WORK/rvs_rr.ko

# make_other: rvs_rr.ko with another ABI number.
make_other() {
	local abi
	abi=$(rvsadm info --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["scheduler_interface"])')
	python3 - "$abi" "$(modinfo -F filename rvs_rr)" "$OTHER" <<-'PYTHON'
		import sys
		abi, source, target = int(sys.argv[1], 16), sys.argv[2], sys.argv[3]
		data, number = open(source, "rb").read(), abi.to_bytes(8, "little")
		assert number in data
		open(target, "wb").write(data.replace(number, (abi ^ 1).to_bytes(8, "little")))
	PYTHON
}

# try_other: loading it fails; what insmod says is in $WORK/error, what the kernel says in $WORK/log.
try_other() {
	local mark="abi_guard: $EPOCHREALTIME"
	make_other
	echo "$mark" >/dev/kmsg
	if insmod "$OTHER" 2>"$WORK/error"; then
		echo "the module was loaded"
		return 1
	fi
	dmesg | awk -v mark="$mark" 'index($0, mark) { seen = 1; next } seen' >"$WORK/log"
}

refused() {
	try_other
	grep -i "invalid" "$WORK/error"
}

reason_is_logged() {
	try_other
	grep "rvs: a scheduler was built for ABI" "$WORK/log"
}

# is_loaded: the core has that scheduler.
is_loaded() {
	rvsadm info --json | python3 -c '
import json, sys
sys.exit("rr" not in json.load(sys.stdin)["schedulers"])'
}

nothing_left() {
	try_other
	fails grep '^rvs_rr ' /proc/modules
	fails is_loaded
}

right_one_loads() {
	modprobe rvs_rr
	is_loaded
}

engine rvs
ktap_case "a scheduler for another core is refused" refused
ktap_case "the kernel log says why" reason_is_logged
ktap_case "nothing of it is left" nothing_left
ktap_case "the right one loads" right_one_loads
ktap_run
