#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The netlink family IPVS: every kind of request that it refuses, with the errno; and every attribute,
# which reads as it was set. With ip_vs the same requests end the same way; where rvs differs on
# purpose, ipvs_family.py says so.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
[ "$RVS_ENGINE" != rvs ] || RVS_ENGINE=rvs_ipvs

# group NAME: all its requests end as they should.
group() {
	in_ns director python3 -IS "$SELFTESTS/ipvs_family.py" "$RVS_ENGINE" "$1" >"$WORK/group"
	cat "$WORK/group"
	[[ $(<"$WORK/group") =~ ^done\ [0-9]+$ ]]
}

# Whoever is not root in the initial user namespace may not even ask.
not_permitted() {
	in_ns director unshare -Ur python3 -IS -c "
import errno, os, sys
sys.path.insert(0, '$SELFTESTS')
import ipvs_client as abi
client = abi.Client()
for command, flag in (abi.GET_INFO, 0), (abi.GET_SERVICE, abi.DUMP), (abi.FLUSH, 0), (abi.GET_CONFIG, 0):
    try:
        client.ipvs(command, b'', flag)
    except PermissionError:
        continue
    sys.exit(f'command {command} was permitted')
"
}

make_lone_director
engine "$RVS_ENGINE"
ktap_case "the size of the table, before and after the first service" group info
ktap_case "commands that there are not" group commands
ktap_case "what names a service" group service_keys
ktap_case "what is said about a service" group services
ktap_case "servers" group dests
ktap_case "synchronisation daemons" group daemons
ktap_case "timeouts" group config
ktap_case "every attribute of a service reads as it was set" group service_attributes
ktap_case "every attribute of a server reads as it was set" group dest_attributes
ktap_case "the order of a long dump" group order
ktap_case "damaged requests" group noise
ktap_case "nobody else than root may ask" not_permitted
ktap_run
