# SPDX-License-Identifier: GPL-2.0
"""Client and server 1 of ipsec.sh: the ISAKMP flow, AH and ESP, made by hand.

    CASE 4|6 m|g esp|ah     answered with "ok" or with what is wrong
"""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from wire import PROTO, Ends, Failure, there, udp, want  # noqa: E402

ISAKMP = 500
# Next header 59 (none), 4 more words; index, sequence number, integrity check value.
AH = bytes([59, 4, 0, 0]) + bytes(range(20))
BODY = {"esp": bytes(range(100)), "ah": AH}


class Peers(Ends):
    """Client and server, which have negotiated or have not."""

    def __init__(self, family, method, kind):
        super().__init__(family, method)
        self.port, self.kind = ISAKMP, kind

    def negotiate(self):
        """The ISAKMP flow: there and, with NAT, back."""
        self.client_link.send(udp(self.client, self.vip, ISAKMP, ISAKMP))
        self.at_server(port=ISAKMP)
        if self.method == "m":
            self.server_link.send(udp(self.server, self.client, ISAKMP, ISAKMP))
            self.at_client(port=ISAKMP)

    def make(self, src, dst, body=None):
        return wire.ip(src, dst, PROTO[self.kind], body or BODY[self.kind], dont_fragment=not body)

    def is_ours(self, packet):
        return packet.protocol == PROTO[self.kind]


def touch(*args):
    """A packet of the ISAKMP flow, whatever becomes of it."""
    peers = Peers(*args)
    for family in (4, 6):
        ends = wire.CLIENT[family], wire.VIP[family]
        peers.client_link.send(udp(*ends, ISAKMP, ISAKMP))


def alone(*args):
    """Without an ISAKMP flow no server gets anything."""
    peers = Peers(*args)
    peers.client_link.send(peers.make(peers.client, peers.vip))
    if got := peers.server_link.receive(peers.is_ours, 0.3):
        raise Failure(f"a server got {got}")


def there_and_back(*args):
    """All of it goes where the ISAKMP flow went, and the answers come from the virtual address."""
    peers = Peers(*args)
    peers.negotiate()
    for _ in range(4):
        peers.client_link.send(peers.make(peers.client, peers.vip))
        got = there(peers.server_link.receive(peers.is_ours), "the request")
        want("addresses", (peers.client, peers.target), (got.src, got.dst))
        want("body", BODY[peers.kind], got.segment)
        want("hops", 63, got.ttl)
    if peers.method == "m":
        peers.server_link.send(peers.make(peers.server, peers.client))
        got = there(peers.client_link.receive(peers.is_ours), "the answer")
        want("addresses", (peers.vip, peers.client), (got.src, got.dst))
        want("body", BODY[peers.kind], got.segment)


def in_parts(*args):
    """Fragments of it, which have no ports either."""
    peers = Peers(*args)
    peers.negotiate()
    body = BODY[peers.kind] + bytes(range(256)) * 10
    ways = [(peers.client_link, peers.server_link, (peers.client, peers.vip), (peers.client, peers.target))]
    if peers.method == "m":
        back = (peers.server, peers.client), (peers.vip, peers.client)
        ways.append((peers.server_link, peers.client_link, *back))
    for sender, receiver, sent, wanted in ways:
        for part in wire.fragments(peers.make(*sent, body), [1232]):
            sender.send(part)
        got = there(receiver.receive(peers.is_ours), "the packet")
        want("addresses", wanted, (got.src, got.dst))
        want("body", body, got.segment)
        if got.parts < 2:
            raise Failure("it came in one piece")


def quoted(*args):
    """An error about an answer goes to the server."""
    peers = Peers(*args)
    peers.negotiate()
    answer = peers.make(peers.vip, peers.client)
    kind = (3, 4) if peers.family == 4 else (2, 0)
    peers.client_link.send(wire.icmp(peers.client, peers.vip, *kind, 1400, answer))
    got = there(peers.server_link.receive(lambda packet: packet.protocol in (1, 58) and
                packet.segment[0] == kind[0]), "the error")
    want("addresses", (peers.client, peers.target), (got.src, got.dst))
    about = wire.Packet(got.error()[3])
    want("the quoted packet", (peers.target, peers.client), (about.src, about.dst))


def kept(*args):
    """It keeps the ISAKMP flow alive, whose timeout is 2 seconds now."""
    peers = Peers(*args)
    peers.negotiate()
    for _ in range(4):
        time.sleep(1)
        peers.client_link.send(peers.make(peers.client, peers.vip))
        there(peers.server_link.receive(peers.is_ours), "the request")


wire.serve({case.__name__: case for case in (touch, alone, there_and_back, in_parts, quoted, kept)})
