# SPDX-License-Identifier: GPL-2.0
"""Sends packets that are wrong in one way or in many, for malformed.sh.

    cut 4|6                 packets of which the transport header is cut off; how many
    odd 4|6                 packets that are wrong otherwise and nobody's fault to drop
    passed 4|6 m|g          wrong payloads, which are for the receiver to judge
    random 4|6 SEED COUNT   good packets with some bytes changed, cut off or added
"""

import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from wire import PORT, PROTO, Ends, Failure, icmp, ip, sctp, tcp, udp, want  # noqa: E402

CHUNK = struct.pack(">BBHIIHHI", 1, 0, 20, 1, 65535, 1, 1, 1)


def cut(family):
    """Each is whole as far as its IP header goes."""
    ends, count = Ends(family, "m"), 0
    addresses = ends.client, ends.vip
    ports = struct.pack(">HH", ends.port, PORT)
    for protocol, header in (("udp", 8), ("tcp", 20), ("sctp", 12)):
        for length in {0, 1, 3, 4, header - 1}:
            ends.client_link.send(ip(*addresses, PROTO[protocol], (ports + bytes(20))[:length]))
            count += 1
    name = "icmp" if ends.family == 4 else "icmp6"
    for length in (1, 4, 7):
        ends.client_link.send(ip(*addresses, PROTO[name], bytes([3, 3, 0, 0, 0, 0, 0])[:length]))
        count += 1
    if ends.family == 6:
        # Behind an extension header, too.
        options = (60, bytes([0, 1, 4, 0, 0, 0, 0]))
        ends.client_link.send(ip(*addresses, 17, ports, extensions=[options]))
        count += 1
    return f"ok {count}"


def odd(family):
    """Errors whose quotation is cut off or nonsense, headers that no host should accept, no headers."""
    ends = Ends(family, "m")
    addresses = ends.client, ends.vip
    answer = tcp(ends.vip, ends.client, PORT, ends.port, "A")
    kinds = [(3, 3), (3, 4), (4, 0), (11, 0)] if ends.family == 4 else [(1, 4), (2, 0), (3, 0), (4, 1)]
    for kind in kinds:
        for length in (0, 1, 7, 19, 20, 23, 24, 39, 40, 43, 44, len(answer)):
            ends.client_link.send(icmp(*addresses, *kind, 0, answer[:length]))
        for at in range(0, 44):
            for value in (0, 0x0F, 0x4F, 0x60, 0xFF):
                changed = answer[:at] + bytes([value]) + answer[at + 1 :]
                ends.client_link.send(icmp(*addresses, *kind, 0, changed))
    for protocol in (0, 4, 41, 43, 44, 47, 50, 51, 59, 60, 132, 253):
        for length in (0, 1, 8, 40):
            ends.client_link.send(ip(*addresses, protocol, bytes([0x45]) * length))
    good = udp(*addresses, ends.port, PORT)
    for length in range(0, len(good)):
        ends.client_link.send(good, length)
    if ends.family == 6:
        chain = (60, bytes([0, 1, 4, 0, 0, 0, 0]))
        for count in (7, 8, 9, 30):
            ends.client_link.send(
                udp(*addresses, ends.port, PORT, extensions=[chain] * count)
            )
        for kind in (0, 43, 60):
            beyond = (kind, bytes([255, 1, 4, 0, 0, 0, 0]))
            ends.client_link.send(udp(*addresses, ends.port, PORT, extensions=[beyond]))
        jumbo = good[:4] + b"\0\0" + good[6:]
        ends.client_link.send(jumbo)
    else:
        for first in (0x40, 0x44, 0x46, 0x4F, 0x55, 0x05):
            ends.client_link.send(bytes([first]) + good[1:])
        for total in (0, 19, 27, 65535):
            head = good[:2] + struct.pack(">H", total) + good[4:10] + b"\0\0" + good[12:20]
            sum_ = struct.pack(">H", wire.checksum(head))
            ends.client_link.send(head[:10] + sum_ + head[12:] + good[20:])
    return "ok"


def passed(family, method):
    """What the checksum of the transport header covers may be wrong; it stays so."""
    for make in (
        lambda ends: udp(ends.client, ends.vip, ends.port, PORT, b"x" * 99),
        lambda ends: tcp(ends.client, ends.vip, ends.port, PORT, "S", b"x" * 99),
        lambda ends: sctp(ends.client, ends.vip, ends.port, PORT, CHUNK + b"x" * 100),
    ):
        ends = Ends(family, method)
        good = make(ends)
        ends.client_link.send(good[:-1] + b"y")
        got = ends.server_link.receive(lambda heard, ends=ends: heard.ports == (ends.port, PORT))
        if not got or got.is_sound():
            raise Failure(f"what came of a damaged packet of protocol {wire.Packet(good).protocol}: {got}")
        want("address", ends.target, got.dst)
        # The same packet undamaged.
        ends.client_link.send(good)
        ends.at_server()
    return "ok"


def mutated(rng, packet):
    """The packet with some bytes changed, cut off or added."""
    data = bytearray(packet)
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    if rng.random() < 0.3:
        del data[rng.randrange(len(data)) :]
    if rng.random() < 0.1:
        data += rng.randbytes(rng.randrange(100))
    if rng.random() < 0.7 and len(data) >= 20 and data[0] >> 4 == 4:
        # Otherwise the host refuses the packet before anybody else sees it.
        data[2:4] = struct.pack(">H", len(data))
        length = max((data[0] & 15) * 4, 20)
        data[10:12] = b"\0\0"
        data[10:12] = struct.pack(">H", wire.checksum(bytes(data[:length])))
    if rng.random() < 0.7 and len(data) >= 40 and data[0] >> 4 == 6:
        data[4:6] = struct.pack(">H", len(data) - 40)
    return bytes(data)


def seeds(ends):
    """Good packets of all kinds, from the client and from the server."""
    there, back = (ends.client, ends.vip), (ends.server, ends.client)
    answer = udp(ends.vip, ends.client, PORT, ends.port, b"x" * 40)
    request = tcp(ends.client, ends.server, ends.port, PORT, "A", b"x" * 40)
    kind, code = ((3, 4) if ends.family == 4 else (2, 0))
    inside = ip(ends.vip, ends.client, 4, request) if ends.family == 4 else answer
    extra = {"options": b"\1\1\1\0"}
    if ends.family == 6:
        extra = {"extensions": [(60, bytes([0, 1, 4, 0, 0, 0, 0]))]}
    forward = [
        udp(*there, ends.port, PORT, b"x" * 40),
        udp(*there, ends.port, PORT, **extra),
        tcp(*there, ends.port, PORT, "S"),
        tcp(*there, ends.port, PORT, "A", b"x" * 40),
        sctp(*there, ends.port, PORT, CHUNK),
        icmp(*there, kind, code, 1300, answer),
        icmp(*there, kind, code, 1300, inside),
        ip(*there, 50, b"x" * 40),
        *wire.fragments(udp(*there, ends.port, PORT, b"x" * 200, dont_fragment=False), [104]),
    ]
    backward = [
        udp(*back, PORT, ends.port, b"x" * 40),
        tcp(*back, PORT, ends.port, "SA"),
        sctp(*back, PORT, ends.port, CHUNK),
        icmp(*back, kind, code, 1300, request),
        *wire.fragments(udp(*back, PORT, ends.port, b"x" * 200, dont_fragment=False), [104]),
    ]
    return forward, backward


def randomly(family, seed, count):
    rng = random.Random(int(seed))
    ends = Ends(family, "m")
    # Far from the ports of the other cases: a changed byte must not lead there.
    ends.port += 20000
    forward, backward = seeds(ends)
    for number in range(int(count)):
        side = number % 3
        packet = mutated(rng, rng.choice(backward if side == 2 else forward))
        if packet:
            (ends.server_link if side == 2 else ends.client_link).send(packet)
    ends.client_link.drain()
    ends.server_link.drain()
    return "ok"


wire.serve({"cut": cut, "odd": odd, "passed": passed, "random": randomly})
