# SPDX-License-Identifier: GPL-2.0
"""Sends single TCP segments, from the client or from server 1, as lines on the standard
input say. Each is answered with a line when it has been sent.

    c PORT FLAGS            client:PORT to the virtual address, port 80
    s PORT FLAGS            server 1, port 80, to client:PORT
    init PORT               INIT of SCTP, client:PORT to the virtual address, port 80
    family 4|6              from now on
    address VIP SERVER CLIENT   of the family that is chosen

FLAGS are letters out of FSRA.
"""

import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402

FLAGS = {"F": 1, "S": 2, "R": 4, "A": 16}


def raw_socket(namespace, family, protocol=socket.IPPROTO_TCP):
    """A socket in the namespace; the kernel writes the IP header."""
    with open(f"/run/netns/{namespace}", "rb") as handle:
        os.setns(handle.fileno(), os.CLONE_NEWNET)
    sock = socket.socket(family, socket.SOCK_RAW, protocol)
    if family == socket.AF_INET6 and protocol == socket.IPPROTO_TCP:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_CHECKSUM, 16)
    return sock


def checksum(data):
    """The Internet checksum."""
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Ends:
    """Client and server of one family."""

    def __init__(self, family, vip, server, client):
        self.family = family
        self.addresses = {"c": (client, vip), "s": (server, client)}
        self.sockets = {
            "c": raw_socket("client", family),
            "s": raw_socket("server1", family),
            "init": raw_socket("client", family, socket.IPPROTO_SCTP),
        }

    def init(self, port):
        """Port, port, tag 0 and checksum; the chunk INIT with a tag, a window, streams and a number."""
        chunk = struct.pack(">BBHIIHHI", 1, 0, 20, 7, 1 << 16, 1, 1, 1)
        header = struct.pack(">HHI", port, 80, 0)
        total = struct.pack("<I", wire.crc32c(header + bytes(4) + chunk))
        packet = header + total + chunk
        destination = self.addresses["c"][1]
        end = (destination, 0) if self.family == socket.AF_INET else (destination, 0, 0, 0)
        self.sockets["init"].sendto(packet, end)

    def send(self, side, port, letters):
        source, destination = self.addresses[side]
        ports = (port, 80) if side == "c" else (80, port)
        flags = sum(FLAGS[letter] for letter in letters)
        segment = struct.pack(">HHIIBBHHH", *ports, 1000, 2000, 5 << 4, flags, 8192, 0, 0)
        if self.family == socket.AF_INET:
            pseudo = socket.inet_aton(source) + socket.inet_aton(destination)
            pseudo += struct.pack(">HH", socket.IPPROTO_TCP, len(segment))
            total = struct.pack(">H", checksum(pseudo + segment))
            segment = segment[:16] + total + segment[18:]
            self.sockets[side].sendto(segment, (destination, 0))
        else:
            self.sockets[side].sendto(segment, (destination, 0, 0, 0))


def main():
    ends, chosen = {}, "4"
    print("ready", flush=True)
    while words := sys.stdin.readline().split():
        if words[0] == "family":
            chosen = words[1]
        elif words[0] == "address":
            family = socket.AF_INET if chosen == "4" else socket.AF_INET6
            ends[chosen] = Ends(family, *words[1:])
        elif words[0] == "init":
            ends[chosen].init(int(words[1]))
        else:
            ends[chosen].send(words[0], int(words[1]), words[2])
        print("done", flush=True)


main()
