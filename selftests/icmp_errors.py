# SPDX-License-Identifier: GPL-2.0
"""Client, server 1 and routers of icmp_errors.sh: sends packets and ICMP errors about them.

    CASE 4|6 m|g ENGINE     answered with "ok" or with what is wrong
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from wire import PORT, Ends, Failure, Packet, icmp, one_hop_less, there, udp, want  # noqa: E402

# Routers: one before the servers, one before the clients.
INNER = {4: "192.168.0.99", 6: "2001:db8:b::99"}
OUTER = {4: "10.0.0.77", 6: "2001:db8:a::77"}
# Type and code by family.
PORT_UNREACHABLE = {4: (3, 3), 6: (1, 4)}
TIME_EXCEEDED = {4: (11, 0), 6: (3, 0)}
TOO_BIG = {4: (3, 4), 6: (2, 0)}


class Flow(Ends):
    """A flow through the director, and the errors about it."""

    def request(self, **rest):
        """What the client sends."""
        return udp(self.client, self.vip, self.port, PORT, **rest)

    def begin(self, data=b"data"):
        """Sends a packet from the client; the packet, and the same as the server got it."""
        sent = self.request(data=data)
        Ends.client_link.send(sent)
        return sent, self.at_server()

    def answer(self):
        """Sends an answer from the server; as the client got it."""
        if self.method == "g":
            # It does not pass the director.
            return udp(self.vip, self.client, PORT, self.port)
        Ends.server_link.send(udp(self.server, self.client, PORT, self.port))
        return self.at_client().data

    def quoted(self, packet, sent):
        """Checks that an error quotes what the client sent, as it passed the director."""
        _, _, _, quoted = packet.error()
        wanted = one_hop_less(sent)[: len(quoted)]
        if self.engine == "ip_vs":
            # It leaves the transport checksum as the server got it.
            at = 26 if self.family == 4 else 46
            quoted = quoted[:at] + quoted[at + 2 :]
            wanted = wanted[:at] + wanted[at + 2 :]
        want("the quoted packet", wanted.hex(), quoted.hex())


def is_icmp(packet):
    return packet.protocol in (1, 58) and (packet.family == 4 or packet.segment[0] < 128)


def from_server(flow, kind, source, quote=1000, cut=None):
    """An error from behind the director about a request reaches the client, from the virtual address."""
    sent, got = flow.begin(b"x" * 600)
    error = icmp(source, flow.client, *kind[flow.family], 0, got.data[:quote])
    for part in [error] if cut is None else wire.fragments(error, [cut]):
        Ends.server_link.send(part)
    heard = there(Ends.client_link.receive(is_icmp), "the error")
    want("addresses", (flow.vip, flow.client), (heard.src, heard.dst))
    want("type and code", kind[flow.family], heard.error()[:2])
    want("hops", 63, heard.ttl)
    flow.quoted(heard, sent)


def port_unreachable(*args):
    flow = Flow(*args)
    from_server(flow, PORT_UNREACHABLE, flow.server)


def time_exceeded(*args):
    flow = Flow(*args)
    from_server(flow, TIME_EXCEEDED, INNER[flow.family])


def short(*args):
    """RFC 792 asks for 8 bytes behind the quoted header, not more."""
    flow = Flow(*args)
    from_server(flow, PORT_UNREACHABLE, flow.server, 28 if flow.family == 4 else 48)


def odd(*args):
    flow = Flow(*args)
    from_server(flow, PORT_UNREACHABLE, flow.server, 99)


def in_parts(*args):
    flow = Flow(*args)
    from_server(flow, PORT_UNREACHABLE, flow.server, cut=64)


def to_server(flow, kind, info, damage=False):
    """An error about an answer, sent to the virtual address, reaches the server."""
    flow.begin()
    answer = flow.answer()
    error = icmp(OUTER[flow.family], flow.vip, *kind[flow.family], info, answer)
    if damage:
        error = error[:-1] + bytes([error[-1] ^ 1])
    Ends.client_link.send(error)
    heard = Ends.server_link.receive(is_icmp, 1 if damage else 3)
    if damage:
        if heard and heard.is_sound():
            raise Failure("a damaged error arrived as a sound one")
        return
    there(heard, "the error")
    want("addresses", (OUTER[flow.family], flow.target), (heard.src, heard.dst))
    want("type, code and MTU", (*kind[flow.family], info), heard.error()[:3])
    want("hops", 63, heard.ttl)
    quoted = Packet(heard.error()[3])
    want("the quoted packet", (flow.target, PORT, flow.client, flow.port), quoted.ends())
    if flow.engine == "rvs":
        there(quoted, "the quoted packet")


def too_big(*args):
    to_server(Flow(*args), TOO_BIG, 1300)


def unreachable(*args):
    to_server(Flow(*args), PORT_UNREACHABLE, 0)


def damaged(*args):
    to_server(Flow(*args), PORT_UNREACHABLE, 0, True)


def foreign(*args):
    """An error about a flow that does not exist goes to no server, and an echo to none either."""
    flow = Flow(*args)
    quoted = udp(flow.vip, flow.client, PORT, flow.port)
    Ends.client_link.send(icmp(OUTER[flow.family], flow.vip, *TOO_BIG[flow.family], 1300, quoted))
    flow.begin()
    Ends.client_link.send(icmp(flow.client, flow.vip, 8 if flow.family == 4 else 128, 0, 1, b"echo"))
    reply = 0 if flow.family == 4 else 129
    heard = Ends.client_link.receive(lambda packet: packet.protocol in (1, 58) and packet.segment[0] == reply)
    there(heard, "the answer to the echo")
    if lost := Ends.server_link.receive(lambda packet: packet.protocol in (1, 58) and is_icmp(packet), 0.2):
        raise Failure(f"a server got {lost}")


def last_hop(*args):
    """A request with no hop left is answered from the virtual address."""
    flow = Flow(*args)
    sent = flow.request(ttl=1)
    Ends.client_link.send(sent)
    heard = there(Ends.client_link.receive(is_icmp), "the error")
    want("addresses", (flow.vip, flow.client), (heard.src, heard.dst))
    want("type and code", TIME_EXCEEDED[flow.family], heard.error()[:2])
    want("the quoted packet", sent.hex(), heard.error()[3][: len(sent)].hex())


def too_long(*args):
    """A request longer than the MTU behind the director, which is 1300 now."""
    flow = Flow(*args)
    sent = flow.request(data=b"x" * 1300)
    Ends.client_link.send(sent)
    heard = there(Ends.client_link.receive(is_icmp), "the error")
    want("addresses", (flow.vip, flow.client), (heard.src, heard.dst))
    want("type, code and MTU", (*TOO_BIG[flow.family], 1300), heard.error()[:3])
    quoted = heard.error()[3]
    if flow.engine == "ip_vs":
        # It takes the hop before it looks at the length.
        sent = one_hop_less(sent)
    want("the quoted packet", sent[: len(quoted)].hex(), quoted.hex())


wire.serve(
    {
        case.__name__: case
        for case in (
            port_unreachable,
            time_exceeded,
            short,
            odd,
            in_parts,
            too_big,
            unreachable,
            damaged,
            foreign,
            last_hop,
            too_long,
        )
    }
)
