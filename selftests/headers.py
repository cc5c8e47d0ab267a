# SPDX-License-Identifier: GPL-2.0
"""Client and server 1 of headers.sh: packets with options and extension headers.

    options 4|6 m|g     all of them, both ways
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from wire import PORT, PROTO, Ends, Failure, sctp, tcp, udp, want  # noqa: E402

PAD = bytes([0, 1, 4, 0, 0, 0, 0])
HOP_BY_HOP, ROUTING, DESTINATION = 0, 43, 60
OPTIONS = {
    4: [
        {"options": bytes([1, 1, 1, 0])},
        # A stream identifier (RFC 791), and the longest header that there can be.
        {"options": bytes([136, 4, 0, 7])},
        {"options": bytes([1] * 39 + [0])},
    ],
    6: [
        {"extensions": [(HOP_BY_HOP, PAD)]},
        {"extensions": [(DESTINATION, PAD)]},
        {"extensions": [(HOP_BY_HOP, PAD), (DESTINATION, PAD)]},
        {"extensions": [(HOP_BY_HOP, PAD), (DESTINATION, bytes([2, 1, 20]) + bytes(20))]},
        # A routing header with nothing left to do (RFC 8200 §4.4).
        {"extensions": [(ROUTING, bytes([2, 4, 0, 0, 0, 0, 0]) + bytes(16))]},
        {"extensions": [(DESTINATION, PAD)] * 5},
    ],
}


def header(packet):
    """What stands between the fixed header and the transport header."""
    fixed = 20 if packet[0] >> 4 == 4 else 40
    seen = wire.Packet(packet)
    return packet[fixed : len(seen.data) - len(seen.segment)]


def crosses(sender, look, packet):
    """It arrives with the same options, one hop less, and right checksums."""
    sender.send(packet)
    got = look()
    want("options", header(packet).hex(), header(got.data).hex())
    want("hops", 63, got.ttl)


def options(family, method):
    for rest in OPTIONS[int(family)]:
        for make in (
            lambda *ends, **rest: udp(*ends, b"data", **rest),
            lambda *ends, **rest: tcp(*ends, "S", **rest),
            lambda *ends, **rest: sctp(*ends, bytes([1, 0, 0, 4]), **rest),
        ):
            ends = Ends(family, method)
            there = ends.client, ends.vip, ends.port, PORT
            crosses(ends.client_link, ends.at_server, make(*there, **rest))
            if method == "m":
                back = ends.server, ends.client, PORT, ends.port
                crosses(ends.server_link, ends.at_client, make(*back, **rest))


if __name__ == "__main__":
    wire.serve({"options": options})
