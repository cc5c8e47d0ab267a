# SPDX-License-Identifier: GPL-2.0
"""Walks the state tables of TCP and SCTP through a director, for states.sh.

    walk tcp|sctp|secure 4|6 m|g ADM
    count tcp|sctp|secure 4|6 m|g ADM

Every state that packets can lead to is entered by the shortest way, on a connection of its own, and
then left by every packet of both ends. The list of connections must show the state and the timeout
that the tables below have. They are written as rules: for each direction and packet the states that
change; the rest go to the state under None, or stay.

`count` enters every state once, and tells which of the server's connections, active or inactive, became
one more.
"""

import os
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire  # noqa: E402
from wire import PORT, Failure  # noqa: E402

BATCH = 16


def rules(text):
    """{packet: {state: next}} from lines "PACKET FROM,FROM>TO FROM>TO [>REST]"."""
    table = {}
    for line in text.strip().splitlines():
        packet, *changes = line.split()
        row = table.setdefault(packet, {})
        for change in changes:
            states, to = change.split(">")
            for state in states.split(",") if states else [None]:
                row[state] = to
    return table


def after(row, state):
    return row.get(state, row.get(None, state))


# IPVS's names of the states by the codes below, and their timeouts in seconds.
TCP_STATES = {
    "NO": ("NONE", 2), "ES": ("ESTABLISHED", 900), "SS": ("SYN_SENT", 120), "SR": ("SYN_RECV", 60),
    "FW": ("FIN_WAIT", 120), "TW": ("TIME_WAIT", 120), "CL": ("CLOSE", 10),
    "CW": ("CLOSE_WAIT", 60), "LA": ("LAST_ACK", 30), "LI": ("LISTEN", 120), "SA": ("SYNACK", 120),
}
TCP_OUT = """
SYN ES>ES SR>SR LI>LI SA>SR >SS
FIN NO,SR,CW,SA>TW ES>FW
ACK NO,SR,LI,SA>ES
RST SS>SS TW>TW >CL
NUL >CL
"""
TCP_ONLY = """
SYN ES,SS>ES >SR
FIN NO>CL ES>FW SR,SA>TW
ACK NO,SR,SA>ES LA>CL
RST SR>SR LA>LA LI>LI >CL
NUL >CL
"""
TCP = {
    "in": rules("""
SYN ES,SS>ES >SR
FIN NO>CL ES>CW SR,FW,SA>TW
ACK NO,SR,SA>ES LA>CL
RST SR>SR LA>LA LI>LI SA>SR >CL
NUL >CL
"""),
    "out": rules(TCP_OUT),
    "only": rules(TCP_ONLY),
}
SECURE = {
    "in": rules("""
SYN ES,SS>ES SA>SA >SR
FIN NO>CL ES>CW SR,FW>TW
ACK NO>ES LA>CL
RST SR>SR LA>LA LI>LI >CL
NUL >CL
"""),
    "out": rules(TCP_OUT.replace("SYN ES>ES SR>SR LI>LI SA>SR >SS", "SYN ES>ES LI>LI SR,SA>SA >SS")),
    "only": rules(TCP_ONLY.replace("SYN ES,SS>ES >SR", "SYN ES,SS>ES SR>SR >SA")),
}
SEGMENTS = {"SYN": "S", "FIN": "FA", "ACK": "A", "RST": "R", "NUL": "P"}

SCTP_STATES = {
    "NO": ("NONE", 2), "I1": ("INIT1", 4), "IN": ("INIT", 61), "CS": ("C-SENT", 61),
    "CR": ("C-REPLIED", 61), "CW": ("C-WAIT", 61), "CO": ("COOKIE", 61), "CE": ("C-ECHOED", 61),
    "ES": ("ESTABLISHED", 900), "SS": ("S-SENT", 61), "SR": ("S-RECEIVED", 61),
    "SA": ("S-ACK-SENT", 61), "RJ": ("REJECTED", 4), "CL": ("CLOSED", 61),
}
SCTP = {
    "in": rules("""
DATA NO>ES
INIT NO>I1 I1,RJ,CL>IN
INIT_ACK NO,I1,IN>CW CW>CO
COOKIE_ECHO NO,CS>CR I1>IN
COOKIE_ACK NO,CE>ES
SHUTDOWN NO,ES>SR
SHUTDOWN_ACK NO,SS,SA>CL I1>IN
SHUTDOWN_COMPLETE NO,I1,IN,SA>CL
ERROR NO,CE>CL
ABORT CW>RJ >CL
"""),
    "out": rules("""
DATA NO>ES
INIT ES>ES >CW
INIT_ACK NO,I1,IN>CS
COOKIE_ECHO NO,I1,IN,CS,CR,CW,CO,CE>CE
COOKIE_ACK NO,I1,IN,CS,CR,CW,CO,CE>ES
SHUTDOWN SR>SR SA>SA RJ>RJ CL>CL >SS
SHUTDOWN_ACK NO,I1,IN,CS,CR,SS,SR>SA
SHUTDOWN_COMPLETE NO>CL
ERROR NO,I1,IN,CS,CR>CL
ABORT I1>RJ >CL
"""),
    "only": rules("""
DATA NO,CW>ES
INIT NO>I1 I1,CS,CR,CW,RJ,CL>IN
INIT_ACK NO,I1,IN,CS,CR,CW>CE
COOKIE_ECHO NO,I1,IN,CS,CR,CW>ES
COOKIE_ACK NO,CS,CR,CO,CE>ES
SHUTDOWN NO,ES>SR
SHUTDOWN_ACK NO,ES,SS,SA>CL I1>IN
SHUTDOWN_COMPLETE NO,I1,IN,CS,CR,SR,SA>CL
ERROR NO>CL
ABORT CW>RJ >CL
"""),
}
# What the client is answered by: SACK, HEARTBEAT and chunks of types nobody knows are data too.
CHUNKS = {
    "DATA": 0, "INIT": 1, "INIT_ACK": 2, "ABORT": 6, "SHUTDOWN": 7, "SHUTDOWN_ACK": 8, "ERROR": 9,
    "COOKIE_ECHO": 10, "COOKIE_ACK": 11, "SHUTDOWN_COMPLETE": 14,
}
# Other chunks that mean the same; the last two are followed by an ABORT, which counts.
LIKE = {
    "DATA": (bytes([3, 0, 0, 4]), bytes([4, 0, 0, 4]), bytes([12, 0, 0, 4]), bytes([200, 0, 0, 4])),
    "ABORT": (bytes([11, 0, 0, 4, 6, 0, 0, 4]), bytes([10, 0, 0, 5, 9, 0, 0, 0, 6, 0, 0, 4])),
}


class Walker:
    """A table, how its packets are made, and the connections on which they are sent."""

    port = 1024

    def __init__(self, kind, family, method, adm):
        self.family, self.adm, self.kind = int(family), adm, kind
        self.vip, self.client = wire.VIP[self.family], wire.CLIENT[self.family]
        self.server = wire.SERVER[self.family]
        self.target = self.server if method == "m" else self.vip
        self.table = {"tcp": TCP, "secure": SECURE, "sctp": SCTP}[kind]
        self.states = SCTP_STATES if kind == "sctp" else TCP_STATES
        self.opener = "INIT" if kind == "sctp" else "SYN"
        self.ways = ("in", "out") if method == "m" else ("only",)
        self.checked = 0

    def next(self, state, way, packet):
        """The state after a packet, by the table."""
        if packet == self.opener and way != "out":
            # The client uses the port of a connection that is over: a new one begins.
            if state in ({"CL"} if self.kind == "sctp" else {"TW", "CL"}):
                state = "NO"
        return after(self.table[way][packet], state)

    def paths(self):
        """For each state that can be reached the shortest list of (way, packet) to it."""
        first = (self.ways[0], self.opener)
        found = {self.next("NO", *first): [first]}
        queue = list(found)
        while queue:
            state = queue.pop(0)
            for way in self.ways:
                for packet in self.table[way]:
                    follower = self.next(state, way, packet)
                    if follower not in found:
                        found[follower] = [*found[state], (way, packet)]
                        queue.append(follower)
        return found

    def make(self, ends, packet, variant):
        """A packet between two ends, each an address and a port."""
        (src, sport), (dst, dport) = ends
        if self.kind == "sctp":
            same = (struct.pack(">BBH", CHUNKS[packet], 0, 4), *LIKE.get(packet, ()))
            return wire.sctp(src, dst, sport, dport, same[variant % len(same)])
        return wire.tcp(src, dst, sport, dport, SEGMENTS[packet])

    def send(self, port, way, packet, variant):
        """Sends a packet and waits until the other end has it."""
        if way == "out":
            SERVER.send(self.make(((self.server, PORT), (self.client, port)), packet, variant))
            got = CLIENT.receive(lambda heard: heard.ports == (PORT, port))
            wanted = (self.vip, PORT, self.client, port)
        else:
            CLIENT.send(self.make(((self.client, port), (self.vip, PORT)), packet, variant))
            got = SERVER.receive(lambda heard: heard.ports == (port, PORT))
            wanted = (self.client, port, self.target, PORT)
        wire.there(got, f"{way} {packet}")
        wire.want("addresses", wanted, got.ends())

    def list(self):
        """State and seconds left of each connection, by the client's port."""
        command = ["nsenter", "--net=/run/netns/director", "--", self.adm, "-L", "-n", "-c"]
        lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        found = {}
        for line in lines.splitlines()[2:]:
            _, left, state, client, *_ = line.split()
            minutes, seconds = left.split(":")
            found[int(client.rpartition(":")[2])] = (state, int(minutes) * 60 + int(seconds))
        return found

    def check(self, batch):
        """Walks some paths, and looks at the connections then."""
        ends = {}
        for path, state in batch:
            Walker.port += 1
            for number, (way, packet) in enumerate(path):
                last = number == len(path) - 1
                self.send(Walker.port, way, packet, self.checked if last else 0)
            ends[Walker.port] = (path, state, time.monotonic())
            self.checked += 1
        found, now = self.list(), time.monotonic()
        for port, (path, state, then) in ends.items():
            name, timeout = self.states[state]
            text = ", ".join(f"{way} {packet}" for way, packet in path)
            seen, left = found.get(port, ("nothing", 0))
            wire.want(text, name, seen)
            if not timeout - (now - then) - 2 <= left <= timeout:
                raise Failure(f"{text}: {left} s are left of {timeout} in {name}")

    def walk(self):
        batch = []
        for state, path in self.paths().items():
            for way in self.ways:
                for packet in self.table[way]:
                    # Every variant of a packet once.
                    for _ in range(1 + len(LIKE.get(packet, ()) if self.kind == "sctp" else ())):
                        batch.append(([*path, (way, packet)], self.next(state, way, packet)))
        for begin in range(0, len(batch), BATCH):
            self.check(batch[begin : begin + BATCH])


    def active(self):
        """How many connections of the server are active, and how many inactive."""
        command = ["nsenter", "--net=/run/netns/director", "--", self.adm, "-L", "-n"]
        lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        rows = [line.split() for line in lines.splitlines() if f"{self.server}" in line and "->" in line]
        return [int(rows[0][-2]), int(rows[0][-1])]

    def count(self):
        """For each state how many active and inactive connections there are more for one in it."""
        found = []
        for state, path in sorted(self.paths().items()):
            # Once more if a connection has ended meanwhile.
            for _ in range(5):
                Walker.port += 1
                before = self.active()
                for way, packet in path:
                    self.send(Walker.port, way, packet, 0)
                more = [now - then for now, then in zip(self.active(), before)]
                if sum(more) == 1:
                    break
            found.append(f"{state}:{more[0]}+{more[1]}")
        return " ".join(found)


def count(*args):
    return Walker(*args).count()


def walk(*args):
    walker = Walker(*args)
    walker.walk()
    return f"ok {len(walker.paths())} states {walker.checked} steps"


CLIENT = wire.Link("client", "net", "director", "net")
SERVER = wire.Link("server1", "lan", "director", "lan")
wire.serve({"walk": walk, "count": count})
