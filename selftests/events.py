# SPDX-License-Identifier: GPL-2.0
"""Listens to the multicast groups of the netlink family rvs.

    events.py GROUP [BYTES]     prints an event per line as it comes, after "listening": its kind and
                                its values; "lost" when the receive buffer of BYTES was too small,
                                and what follows then when standard input has a line
"""

import importlib.util
import os
import socket
import struct
import sys

SPEC = importlib.util.spec_from_file_location(
    "nl", os.path.join(os.path.dirname(os.path.abspath(__file__)), "nl.py")
)
nl = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(nl)

GROUPS, GROUP_NAME, GROUP_ID, ADD_MEMBERSHIP = 7, 1, 2, 1
KINDS = (
    "service-added service-changed service-removed dest-added dest-changed dest-removed "
    "config-changed committed overloaded relieved draining drained drain-expired ready quiesced "
    "no-server server-again pressure pressure-over"
).split()


def group(client, name):
    """The number of a group of the family."""
    family = struct.pack("=HH4s", 8, nl.FAMILY_NAME, b"rvs\0")
    client.send(nl.CONTROL, nl.REQUEST | nl.ACK, nl.GET_FAMILY, family)
    answer = client.receive({})
    for _, entry in nl.split(dict(nl.split(answer.bodies[0]))[GROUPS]):
        entry = dict(nl.split(entry))
        if entry[GROUP_NAME] == name.encode() + b"\0":
            return struct.unpack("=I", entry[GROUP_ID])[0]
    raise OSError("no such group")


def main():
    client = nl.Client()
    client.find_family()
    number = group(client, sys.argv[1])
    sock = client.sock
    if len(sys.argv) > 2:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(sys.argv[2]))
    try:
        sock.setsockopt(nl.SOL_NETLINK, ADD_MEMBERSHIP, number)
    except PermissionError:
        print("EPERM", flush=True)
        return
    sock.settimeout(None)
    print("listening", flush=True)
    if len(sys.argv) > 2:
        sys.stdin.readline()
    while True:
        try:
            data = sock.recv(1 << 16)
        except OSError as error:
            print("lost" if error.errno == nl.errno.ENOBUFS else error, flush=True)
            continue
        values = list(nl.decode("rvs", data[20 : struct.unpack_from("=I", data)[0]]))
        kind = int(next(v for v in values if v.startswith("event.kind=")).partition("=")[2])
        rest = [v.partition(".")[2] for v in values if ".kind=" not in v and ".stats." not in v]
        print(KINDS[kind], *rest, flush=True)


main()
