# SPDX-License-Identifier: GPL-2.0
"""Client and server 1 of fragments.sh: packets in parts, in any order, with holes and overlaps.

    CASE 4|6 m|g request|answer     answered with "ok" or with what is wrong
"""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from wire import PORT, Ends, Failure, udp, want  # noqa: E402

# IPv6 refuses shorter ones that are not the last.
SIZE = 1232


class Flow(Ends):
    """A flow, one of whose packets is sent in parts."""

    ident = 0x1000

    def __init__(self, family, method, way):
        super().__init__(family, method)
        self.way = way
        Flow.ident += 1
        if way == "answer":
            self.client_link.send(udp(self.client, self.vip, self.port, PORT))
            self.at_server()

    def make(self, length=3000):
        """A packet this way, and its payload."""
        data = random.Random(length).randbytes(length)
        if self.way == "request":
            ends = self.client, self.vip, self.port, PORT
        else:
            ends = self.server, self.client, PORT, self.port
        return udp(*ends, data, dont_fragment=False)

    def parts(self, packet, sizes):
        return wire.fragments(packet, sizes, Flow.ident)

    def send(self, parts):
        link = self.client_link if self.way == "request" else self.server_link
        for part in parts:
            link.send(part)

    def arrives(self, packet, parts):
        """It arrives once, whole, in parts of that size at most and in that number."""
        look = self.at_server if self.way == "request" else self.at_client
        got = look("the packet")
        want("payload", packet[-3000:].hex() == got.segment[8:].hex(), True)
        want("parts", parts, got.parts)
        if again := look("the packet", 0.1):
            raise Failure(f"it came twice: {again}")

    def is_lost(self):
        look = self.at_server if self.way == "request" else self.at_client
        if got := look("the packet", 0.3):
            raise Failure(f"it came: {got}")


def in_order(*args):
    flow = Flow(*args)
    packet = flow.make()
    flow.send(flow.parts(packet, [SIZE, SIZE]))
    flow.arrives(packet, 3)


def reversed_(*args):
    flow = Flow(*args)
    packet = flow.make()
    flow.send(reversed(flow.parts(packet, [SIZE, SIZE])))
    flow.arrives(packet, 3)


def mixed(*args):
    """The parts of two packets, one after the other in turns."""
    one, other = Flow(*args), Flow(*args)
    packets = one.make(), other.make()
    parts = [wire.fragments(packet, [SIZE, SIZE], 77 + n) for n, packet in enumerate(packets)]
    one.send([part for pair in zip(*parts) for part in pair])
    one.arrives(packets[0], 3)
    one.send(parts[1])
    other.arrives(packets[1], 3)


def twice(*args):
    """A part that comes twice does no harm."""
    flow = Flow(*args)
    packet = flow.make()
    first, second, third = flow.parts(packet, [SIZE, SIZE])
    flow.send([first, second, second, third])
    flow.arrives(packet, 3)


def overlapping(*args):
    """Parts that overlap are refused with all of the packet (RFC 5722, and the kernel for IPv4)."""
    flow = Flow(*args)
    packet = flow.make()
    head = 20 if flow.family == 4 else 40
    first, second, third = flow.parts(packet, [SIZE, SIZE])
    payload = packet[head + SIZE - 8 : head + 2 * SIZE]
    other = wire.fragment(packet[:head], payload, SIZE - 8, True, Flow.ident)
    flow.send([first, other, third, second])
    flow.is_lost()


def missing(*args):
    """Without one of its parts nothing of a packet goes on."""
    for absent in range(3):
        flow = Flow(*args)
        parts = flow.parts(flow.make(), [SIZE, SIZE])
        del parts[absent]
        flow.send(parts)
        flow.is_lost()


def atomic(*args):
    """An IPv6 fragment that is the whole packet."""
    flow = Flow(*args)
    packet = flow.make(1000)
    flow.send([wire.fragment(packet[:40], packet[40:], 0, False, Flow.ident)])
    look = flow.at_server if flow.way == "request" else flow.at_client
    want("payload", packet[48:], look("the packet").segment[8:])


def small(*args):
    """IPv4 parts as short as can be: the first has the ports and no more."""
    flow = Flow(*args)
    packet = flow.make(32)
    parts = flow.parts(packet, [8, 8, 8, 8])
    flow.send([parts[index] for index in (2, 0, 4, 1, 3)])
    look = flow.at_server if flow.way == "request" else flow.at_client
    want("payload", packet[28:], look("the packet").segment[8:])


def tcp(*args):
    """A TCP segment whose header is not in the last part that comes."""
    flow = Flow(*args)
    data = bytes(range(256)) * 8
    if flow.way == "request":
        flow.client_link.send(wire.tcp(flow.client, flow.vip, flow.port, PORT, "S"))
        flow.at_server()
        ends = flow.client, flow.vip, flow.port, PORT
    else:
        flow.client_link.send(wire.tcp(flow.client, flow.vip, flow.port, PORT, "S"))
        flow.at_server()
        ends = flow.server, flow.client, PORT, flow.port
    packet = wire.tcp(*ends, "A", data, dont_fragment=False)
    flow.send(flow.parts(packet, [SIZE]))
    look = flow.at_server if flow.way == "request" else flow.at_client
    want("data", data, look("the segment").segment[20:])


CASES = (in_order, reversed_, mixed, twice, overlapping, missing, atomic, small, tcp)
wire.serve({case.__name__.strip("_"): case for case in CASES})
