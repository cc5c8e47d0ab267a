# SPDX-License-Identifier: GPL-2.0
"""A flood of SYNs from addresses and ports that nobody has used before.

    flood.py DEVICE MAC ADDRESS PORT

Sends frames from DEVICE to the host with that MAC. The packets are for ADDRESS and PORT and come
from 10.1.0.0/16 or 2001:db8:f::/112. Prints "ready" and does what the lines on its standard input
say; each is answered with the number of SYNs that were sent:

    N       N of them
    storm   without end; the next line ends it and is answered, this one is not
"""

import itertools
import random
import select
import socket
import struct
import sys

BATCH = 32


def folded(data):
    """The sum of the 16-bit words."""
    return sum(struct.unpack(f">{len(data) // 2}H", data))


def checksum(total):
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(pseudo, port, source_port):
    """A SYN with its checksum; `pseudo` is the sum over the addresses, protocol and length."""
    head = struct.pack(">HHIIBBHHH", source_port, port, random.getrandbits(32), 0, 5 << 4, 2, 9999, 0, 0)
    total = checksum(pseudo + folded(head))
    return head[:16] + struct.pack(">H", total) + head[18:]


def packet4(target, port, number):
    source = struct.pack(">BBH", 10, 1, number & 0xFFFF)
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, number & 0xFFFF, 0, 64, 6, 0, source, target)
    head = head[:10] + struct.pack(">H", checksum(folded(head))) + head[12:]
    pseudo = folded(source) + folded(target) + 6 + 20
    return head + segment(pseudo, port, 1024 + number % 60000)


def packet6(target, port, number):
    source = socket.inet_pton(socket.AF_INET6, "2001:db8:f::")[:14] + struct.pack(">H", number & 0xFFFF)
    head = struct.pack(">IHBB16s16s", 6 << 28, 20, 6, 64, source, target)
    pseudo = folded(source) + folded(target) + 6 + 20
    return head + segment(pseudo, port, 1024 + number % 60000)


def main():
    device, mac, address, port = sys.argv[1:]
    family, make, ethertype = (
        (socket.AF_INET6, packet6, 0x86DD) if ":" in address else (socket.AF_INET, packet4, 0x0800)
    )
    target = socket.inet_pton(family, address)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((device, 0))
    ethernet = bytes.fromhex(mac.replace(":", "")) + bytes(6) + struct.pack(">H", ethertype)
    numbers = itertools.count(1)

    def send(count):
        for number in itertools.islice(numbers, count):
            sock.send(ethernet + make(target, int(port), number))
        return count

    print("ready", flush=True)
    while line := sys.stdin.readline().strip():
        if line == "storm":
            sent = 0
            while not select.select([sys.stdin], [], [], 0)[0]:
                sent += send(BATCH)
            sys.stdin.readline()
        else:
            sent = send(int(line))
        print(sent, flush=True)


main()
