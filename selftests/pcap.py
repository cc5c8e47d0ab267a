# SPDX-License-Identifier: GPL-2.0
"""Sums up what tcpdump captured.

    pcap.py FILE...

One line for each flow of TCP or UDP in one direction, separated by spaces: name of the
file without its extension, source and destination MAC, protocol, source address and
port, destination address and port, packets, bytes from the IP header on.
"""

import pathlib
import socket
import struct
import sys
from collections import defaultdict

PROTOCOLS = {6: "tcp", 17: "udp"}


def frames(data):
    """The frames of a capture file of the classic format."""
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    offset = 24
    while offset < len(data):
        (length,) = struct.unpack_from(order + "I", data, offset + 8)
        yield data[offset + 16 : offset + 16 + length]
        offset += 16 + length


def network(packet, ethertype):
    """Protocol, addresses, transport header and length of an IP packet; None for others."""
    if ethertype == 0x0800:
        (length,) = struct.unpack_from(">H", packet, 2)
        family, protocol, addresses = socket.AF_INET, packet[9], packet[12:20]
        rest = packet[(packet[0] & 15) * 4 :]
    elif ethertype == 0x86DD:
        length = struct.unpack_from(">H", packet, 4)[0] + 40
        family, protocol, addresses = socket.AF_INET6, packet[6], packet[8:40]
        rest = packet[40:]
    else:
        return None
    half = len(addresses) // 2
    ends = [socket.inet_ntop(family, end) for end in (addresses[:half], addresses[half:])]
    return protocol, ends, rest, length


def flows(path):
    """Packets and bytes of each flow of a file."""
    sums = defaultdict(lambda: [0, 0])
    for frame in frames(pathlib.Path(path).read_bytes()):
        found = network(frame[14:], struct.unpack_from(">H", frame, 12)[0])
        if not found or found[0] not in PROTOCOLS:
            continue
        protocol, (source, destination), rest, length = found
        ports = struct.unpack_from(">HH", rest)
        macs = frame[6:12].hex(":"), frame[0:6].hex(":")
        key = (*macs, PROTOCOLS[protocol], source, ports[0], destination, ports[1])
        sums[key][0] += 1
        sums[key][1] += length
    return sums


for name in sys.argv[1:]:
    for key, total in flows(name).items():
        print(pathlib.Path(name).stem, *key, *total)
