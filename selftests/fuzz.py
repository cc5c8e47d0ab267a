# SPDX-License-Identifier: GPL-2.0
"""Sends what fuzzgen writes, which is read from standard input.

    fuzz.py requests             each is a request to the netlink family rvs
    fuzz.py packets              each is a packet from the client or from server1 to the
                                 director of the topology in lib.sh

At the end come the numbers: of requests by their result, of packets by their side. A
request that is never answered ends the program with an error.
"""

import collections
import errno
import os
import socket
import struct
import sys

import nl

ETHERTYPES = {4: 0x0800, 6: 0x86DD}


def inputs():
    """The inputs, one after the other."""
    read = sys.stdin.buffer.read
    while len(head := read(4)) == 4:
        yield read(struct.unpack("<I", head)[0])


def outcome(client):
    """The name of the error with which the request that was sent last ended, or ok."""
    while True:
        data = client.sock.recv(1 << 16)
        while data:
            length, kind, _, sequence, _ = struct.unpack_from("=IHHII", data)
            if sequence == client.sequence and kind in (nl.ERROR, nl.DONE):
                return nl.ERRORS[-struct.unpack_from("=i", data, 16)[0]]
            data = data[(length + 3) & ~3 :]


def requests():
    """Each request gets an answer, whatever it is."""
    client = nl.Client()
    client.find_family()
    results = collections.Counter()
    for data in inputs():
        flags, command = struct.unpack_from("<HB", data)
        try:
            client.send(client.family, flags, command, data[3:])
            results[outcome(client)] += 1
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            results["too long"] += 1
    return results


class Side:
    """One end of a link to the director: where packets for it are written."""

    def __init__(self, namespace, device, director):
        handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
        os.setns(handle, os.CLONE_NEWNET)
        os.close(handle)
        self.device = device
        self.address = director
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)

    def send(self, packet):
        ether = ETHERTYPES.get(packet[0] >> 4 if packet else 0, 0x0800)
        self.socket.sendto(packet, (self.device, ether, 0, 0, self.address))


def packets():
    links = [bytes.fromhex(text.replace(":", "")) for text in sys.argv[2:4]]
    sides = [Side("client", "net", links[0]), Side("server1", "lan", links[1])]
    results = collections.Counter()
    for data in inputs():
        try:
            sides[data[0]].send(data[1:])
            results["client" if data[0] == 0 else "server"] += 1
        except OSError as error:
            # The queue is full, or the packet is empty.
            if error.errno not in (errno.ENOBUFS, errno.EINVAL, errno.EMSGSIZE):
                raise
            results["not sent"] += 1
    return results


def main():
    results = {"requests": requests, "packets": packets}[sys.argv[1]]()
    total = sum(results.values())
    print(f"{total} in all:", *(f"{name}={count}" for name, count in sorted(results.items())))
    return total == 0


if __name__ == "__main__":
    sys.exit(main())
