# SPDX-License-Identifier: GPL-2.0
"""Whole TCP connections between real sockets, through the director.

    client ── veth ── director ── veth ── server

Client and server are one process that does one step of each in turn, so nothing waits
and every run is the same: connect, a request of 100 bytes, an answer of 1,000, close.
What remains after the same through plain forwarding is the cost of the director.
"""

import itertools
import socket
import time

from engines import ENGINES
from lab import PORT, VIP, emit, enter, run, write

CLIENT = {4: "10.0.0.2", 6: "fd00::2"}
GATE = {4: ("10.0.0.1", "10.1.0.1"), 6: ("fd00::1", "fd00:1::1")}
SERVERS = {4: [f"10.1.1.{n}" for n in range(1, 11)], 6: [f"fd00:1::1:{n:x}" for n in range(1, 11)]}
BITS = {4: (24, 16, 32), 6: (64, 64, 128)}
REQUEST, ANSWER = b"q" * 100, b"a" * 1000


def links():
    """The network, as arguments of ip."""
    for name in ("client", "director", "server"):
        yield f"netns add {name}"
        yield f"-n {name} link set lo up"
    for host, end in (("client", "c0"), ("server", "s0")):
        yield f"link add {end} netns {host} type veth peer name d-{end} netns director"
        yield f"-n {host} link set {end} up"
        yield f"-n director link set d-{end} up"
    for family in (4, 6):
        near, far, whole = BITS[family]
        quick = " nodad" if family == 6 else ""
        yield f"-n client addr add {CLIENT[family]}/{near} dev c0{quick}"
        yield f"-n director addr add {GATE[family][0]}/{near} dev d-c0{quick}"
        yield f"-n director addr add {GATE[family][1]}/{far} dev d-s0{quick}"
        yield f"-n director addr add {VIP[family]}/{whole} dev lo"
        for address in SERVERS[family]:
            yield f"-n server addr add {address}/{far} dev s0{quick}"
        yield f"-n client -{family} route add default via {GATE[family][0]}"
        yield f"-n server -{family} route add default via {GATE[family][1]}"


class Path:
    """The network, for one case. The caller is in the director's namespace."""

    def __enter__(self):
        for line in links():
            run("ip", *line.split())
        for name in ("client", "server", "director"):
            enter(name)
            write("/proc/sys/net/ipv4/ip_forward", "1")
            write("/proc/sys/net/ipv6/conf/all/forwarding", "1")
        time.sleep(5)
        return self

    def __exit__(self, *_):
        enter("init")
        for name in ("client", "director", "server"):
            run("ip", "netns", "del", name)
        time.sleep(5)

    @staticmethod
    def listen(family):
        """A listening socket for all addresses of the server."""
        enter("server")
        kind = socket.AF_INET6 if family == 6 else socket.AF_INET
        listener = socket.socket(kind, socket.SOCK_STREAM)
        listener.bind(("", PORT))
        listener.listen(64)
        enter("director")
        return listener

    def exchange(self, family, address, count):
        """Makes connections one after the other; returns the instructions for each."""
        with self.listen(family) as listener:
            enter("client")
            try:
                for _ in range(50):
                    connection(family, address, listener)
                began = time.monotonic_ns()
                for _ in range(count):
                    connection(family, address, listener)
                return (time.monotonic_ns() - began) / count
            finally:
                enter("director")


def connection(family, address, listener):
    """One connection from its opening to its end."""
    kind = socket.AF_INET6 if family == 6 else socket.AF_INET
    with socket.socket(kind, socket.SOCK_STREAM) as client:
        client.connect((address, PORT))
        server, _ = listener.accept()
        with server:
            client.sendall(REQUEST)
            read(server, len(REQUEST))
            server.sendall(ANSWER)
            read(client, len(ANSWER))
            client.shutdown(socket.SHUT_WR)
            server.recv(1)
        client.recv(1)


def read(source, size):
    """Reads exactly so many bytes."""
    while size:
        data = source.recv(size)
        if not data:
            raise EOFError("the connection ended early")
        size -= len(data)


def measure(count):
    """Plain forwarding, and each engine."""
    with Path() as path:
        for family in (4, 6):
            total = path.exchange(family, SERVERS[family][0], count)
            emit(case="forward", kind="tcp", family=family, total=total)
    for engine in ENGINES:
        engine.load()
    for family, engine in itertools.product((4, 6), ENGINES):
        with Path() as path:
            engine.configure(family, protocol="tcp")
            total = path.exchange(family, VIP[family], count)
            emit(case="TCP connection", kind="tcp", engine=engine.name, family=family,
                 method="nat", total=total)
