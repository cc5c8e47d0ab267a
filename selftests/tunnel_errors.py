# SPDX-License-Identifier: GPL-2.0
"""Client, server 1 and a router between it and the director, for tunnel_errors.sh.

    CASE KIND OUTER INNER       answered with "ok" or with what is wrong
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from wire import PORT, Ends, Failure, Packet, icmp, one_hop_less, there, udp, want  # noqa: E402

ROUTER = {4: "192.168.0.99", 6: "2001:db8:b::99"}
DIRECTOR = {4: "192.168.0.1", 6: "2001:db8:b::1"}
TOO_BIG = {4: (3, 4), 6: (2, 0)}
UNREACHABLE = {4: (3, 1), 6: (1, 3)}
NO_HOP = {4: (11, 0), 6: (3, 0)}
ECHO = {4: 8, 6: 128}
CARRIERS = {"ipip": (4, 41), "gre": (47,), "gue": (17,)}
MTU = 1400


class Tunnel(Ends):
    """A flow of the inner family through a tunnel of the outer one."""

    def __init__(self, kind, outer, inner):
        super().__init__(inner, "i")
        self.kind, self.outer = kind.split("-")[0], int(outer)
        self.unsummed = kind == "gue"

    def is_ours(self, packet):
        return (
            packet.family == self.outer
            and packet.dst == wire.SERVER[self.outer]
            and packet.protocol in CARRIERS[self.kind]
        )

    def packed(self, data=b"x" * 100, **rest):
        """Sends a packet from the client; the packet, and the tunnel's packet as the router gets it."""
        sent = udp(self.client, self.vip, self.port, PORT, data, **rest)
        self.client_link.send(sent)
        got = there(self.server_link.receive(self.is_ours), "the tunnel's packet", self.unsummed)
        if one_hop_less(sent) not in got.data:
            raise Failure(f"it carries something else: {got}")
        return sent, got.data

    def error(self, kind, quoted, info=0):
        """An error of the router to the director."""
        return icmp(ROUTER[self.outer], DIRECTOR[self.outer], *kind, info, quoted)

    def told(self, patience=3.0):
        """The next error that the client gets."""
        limit = {4: 256, 6: 128}[self.family]
        return self.client_link.receive(
            lambda packet: packet.family == self.family
            and packet.protocol in (1, 58)
            and packet.segment[0] < limit
            and packet.segment[0] not in (0, 8),
            patience,
        )

    def hears(self, kind, info, sent):
        """The client is told so, by the virtual address, about what it sent."""
        heard = there(self.told(), "the error to the client")
        want("addresses", (self.vip, self.client), (heard.src, heard.dst))
        want("type, code and MTU", (*kind, info), heard.error()[:3])
        quoted = heard.error()[3]
        want("the quoted packet", one_hop_less(sent)[: len(quoted)].hex(), quoted.hex())


def too_big(*args):
    """What the tunnel adds is taken off the MTU, and the director itself refuses longer packets then."""
    tunnel = Tunnel(*args)
    sent, carried = tunnel.packed(b"x" * 1372)
    overhead = len(carried) - len(sent)
    tunnel.server_link.send(tunnel.error(TOO_BIG[tunnel.outer], carried[:600], MTU))
    tunnel.hears(TOO_BIG[tunnel.family], MTU - overhead, sent)
    again = udp(tunnel.client, tunnel.vip, tunnel.port, PORT, b"x" * 1372)
    tunnel.client_link.send(again)
    heard = there(tunnel.told(), "the director's own error")
    want("type, code and MTU", (*TOO_BIG[tunnel.family], MTU - overhead), heard.error()[:3])
    if got := tunnel.server_link.receive(tunnel.is_ours, 0.1):
        raise Failure(f"it went on all the same: {got}")


def may_split(*args):
    """A client whose packet may be split is not told anything."""
    tunnel = Tunnel(*args)
    _, carried = tunnel.packed(dont_fragment=False)
    tunnel.server_link.send(tunnel.error(TOO_BIG[tunnel.outer], carried, MTU))
    if heard := tunnel.told(0.3):
        raise Failure(f"the client was told: {heard}")


def other(*args):
    """Other errors are told as well as the inner family knows them."""
    tunnel = Tunnel(*args)
    for kinds in (UNREACHABLE, NO_HOP):
        sent, carried = tunnel.packed()
        tunnel.server_link.send(tunnel.error(kinds[tunnel.outer], carried))
        tunnel.hears(kinds[tunnel.family], 0, sent)


def useless(*args):
    """Errors that quote too little, that are damaged, or about packets of nobody, are told to nobody."""
    tunnel = Tunnel(*args)
    _, carried = tunnel.packed()
    kind = UNREACHABLE[tunnel.outer]
    inner = len(carried) - len(udp(tunnel.client, tunnel.vip, 1, 1, b"x" * 100))
    for length in range(0, inner + 20, 3):
        tunnel.server_link.send(tunnel.error(kind, carried[:length]))
    damaged = tunnel.error(kind, carried)
    tunnel.server_link.send(damaged[:-1] + b"y")
    # The same from a client who never sent it.
    head, body = carried[:inner], udp(tunnel.client, tunnel.vip, 9, PORT, b"x" * 100)
    tunnel.server_link.send(tunnel.error(kind, head + body))
    if heard := tunnel.told(0.3):
        raise Failure(f"the client was told: {heard}")


wire.serve({case.__name__: case for case in (too_big, may_split, other, useless)})
