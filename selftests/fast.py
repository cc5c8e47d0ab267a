# SPDX-License-Identifier: GPL-2.0
"""Client and server 1 of fast.sh: an established flow, and packets of it that are unusual.

    steady 4|6 m|g          UDP and TCP: after the first packets all take the fast path
    unusual 4|6 m|g         options, extension headers, fragments and the last hop do not
    ends 4|6 m|g            what begins or ends a TCP connection does not, and is followed
    long 4|6 m|g MTU        a packet above the MTU on the way to the server does not
    keep 4|6 m|g            a flow that the rest is about
    go-on 4|6 m|g           its next request arrives; says how many packets took the fast path
    answers 4|6 m|g         the same for its next answer
    lost 4|6 m|g            its next request does not arrive at the server
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from headers import OPTIONS  # noqa: E402
from wire import PORT, Ends, fragments, tcp, udp, want  # noqa: E402


def rvsadm(*words):
    command = ["nsenter", "--net=/run/netns/director", "rvsadm", "--json", *words]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def taken():
    """How many packets have taken the fast path."""
    return rvsadm("info")["fast_packets"]


class Flow:
    """A flow of one of the protocols, both ends of which are here."""

    def __init__(self, protocol, family, method):
        self.ends, self.protocol = Ends(family, method), protocol
        self.method = method

    def packet(self, src, dst, sport, dport, flags="A", data=b"data", **rest):
        if self.protocol == "tcp":
            return tcp(src, dst, sport, dport, flags, data, **rest)
        return udp(src, dst, sport, dport, data, **rest)

    def request(self, flags="A", **rest):
        """Sends a packet of the client."""
        ends = self.ends
        packet = self.packet(ends.client, ends.vip, ends.port, PORT, flags, **rest)
        ends.client_link.send(packet)
        return packet

    def answer(self, flags="A", **rest):
        """Sends a packet of the server to the director."""
        ends = self.ends
        packet = self.packet(ends.target, ends.client, PORT, ends.port, flags, **rest)
        ends.server_link.send(packet)
        return packet

    def there(self, flags="A", **rest):
        """A packet arrives at the server, one hop less."""
        self.request(flags, **rest)
        got = self.ends.at_server()
        want("hops", rest.get("ttl", 64) - 1, got.ttl)
        return got

    def back(self, flags="A", **rest):
        """A packet arrives at the client, one hop less. Without NAT it passes the director by."""
        if self.method != "m":
            return None
        self.answer(flags, **rest)
        got = self.ends.at_client()
        want("hops", rest.get("ttl", 64) - 1, got.ttl)
        return got

    def both(self, **rest):
        self.there(**rest)
        self.back(**rest)

    def establish(self):
        """The first packets, until the state no longer changes."""
        if self.protocol == "tcp":
            self.there("S", data=b"")
            self.back("SA", data=b"")
            self.there("A", data=b"")
        self.both()
        return self

    def state(self):
        """What rvs thinks of it."""
        conns = rvsadm("conn", "list")
        return next(conn["state"] for conn in conns if str(self.ends.port) in json.dumps(conn["client"]))

    @property
    def each(self):
        """How many packets of a request and its answer can take the fast path."""
        return 2 if self.method == "m" else 1


def both_kinds(family, method):
    for protocol in ("udp", "tcp"):
        yield Flow(protocol, family, method).establish()


def took(number, what, action, *arguments, **rest):
    """Does something, during which so many packets take the fast path."""
    before = taken()
    result = action(*arguments, **rest)
    want(f"{what}: packets on the fast path", number, taken() - before)
    return result


def steady(family, method):
    for flow in both_kinds(family, method):
        before = taken()
        for size in (0, 1, 4, 7, 100, 1400):
            flow.both(data=bytes(size))
        if flow.protocol == "tcp":
            flow.both(flags="PA")
            flow.both(flags="UA")
        count = 8 if flow.protocol == "tcp" else 6
        want("packets on the fast path", count * flow.each, taken() - before)


def unusual(family, method):
    for flow in both_kinds(family, method):
        took(1, "usual", flow.there)
        for rest in OPTIONS[int(family)]:
            took(0, f"options {rest}", flow.there, **rest)
            if method == "m":
                took(0, f"options {rest}", flow.back, **rest)
        took(0, "fragments", in_fragments, flow)
        took(0, "the last hop", last_hop, flow)
        took(1, "usual again", flow.there)


def in_fragments(flow):
    ends = flow.ends
    packet = flow.packet(ends.client, ends.vip, ends.port, PORT, data=bytes(2000),
                         **({"dont_fragment": False} if ends.family == 4 else {}))
    for part in fragments(packet, [1200]):
        ends.client_link.send(part)
    want("bytes at the server", True, len(ends.at_server().segment) > 2000)


def last_hop(flow):
    flow.request(ttl=1)
    error = flow.ends.client_link.receive(lambda packet: packet.protocol in (1, 58) and
                                          packet.segment[0] == (11 if flow.ends.family == 4 else 3))
    want("an error", True, error is not None)


def closes(family, method):
    flow = Flow("tcp", family, method).establish()
    want("state", "ESTABLISHED", flow.state())
    took(0, "SYN", flow.request, "S")
    flow = Flow("tcp", family, method).establish()
    took(0, "FIN", flow.there, "FA")
    if method == "m":
        want("state", "CLOSE_WAIT", flow.state())
        took(0, "FIN back", flow.back, "FA")
        want("state", "TIME_WAIT", flow.state())
    flow = Flow("tcp", family, method).establish()
    took(0, "RST", flow.there, "R")
    if method == "m":
        want("state", "CLOSE", flow.state())


def too_long(family, method, mtu):
    headers = (20 if int(family) == 4 else 40) + 8
    flow = Flow("udp", family, method).establish()
    fits = bytes(int(mtu) - headers)
    took(1, "as long as the MTU", flow.there, data=fits)
    before = taken()
    flow.request(data=fits + b"x")
    error = flow.ends.client_link.receive(lambda packet: packet.protocol in (1, 58) and
                                          packet.segment[0] == (3 if flow.ends.family == 4 else 2))
    want("an error", True, error is not None)
    want("packets on the fast path", before, taken())


FLOWS = {}


def keep(family, method):
    """A flow that goes on in other cases."""
    FLOWS[family, method] = Flow("udp", family, method).establish()


def go_on(family, method):
    """The next request of that flow, and whether it took the fast path."""
    before = taken()
    FLOWS[family, method].there()
    return str(taken() - before)


def answers(family, method):
    """The next answer of that flow, and whether it took the fast path."""
    before = taken()
    FLOWS[family, method].back()
    return str(taken() - before)


def lost(family, method):
    """The next request of that flow does not come to the server."""
    flow = FLOWS[family, method]
    before = taken()
    flow.request()
    want("the request", None, flow.ends.at_server(patience=0.5))
    want("packets on the fast path", before, taken())


if __name__ == "__main__":
    wire.serve({"steady": steady, "unusual": unusual, "ends": closes, "long": too_long, "keep": keep, "go-on": go_on, "answers": answers, "lost": lost})
