# SPDX-License-Identifier: GPL-2.0
"""Drives the same sequence through ip_vs and through rvs, side by side in one kernel, and
compares whom they choose, connection by connection.

    oracle.py FAMILY SEED [SCHEDULER...]

The sequence is made of the SEED: servers come, change their weights and thresholds, and
go; connections open, become inactive, and end. Each scheduler has a service of its own,
all of them are driven at the same time. Prints a line for each: its picks, and where
they differ.

Each engine has a director of its own, whose two devices lead to the namespace
ENGINE-outside. There this program is all clients and all servers: it writes whole frames
and reads which server they are sent on to. A director handles a frame before the
call that writes it returns, and nothing waits for an answer.
"""

import ipaddress
import os
import random
import socket
import struct
import subprocess
import sys
import time

ENGINES = {"ip_vs": "ipvsadm", "rvs": "rvsadm"}
# name: scheduler, flags of ip_vs, flags of rvs, whether the service is a firewall mark
SERVICES = {
    "rr": ("rr", "", "", False),
    "wrr": ("wrr", "", "", False),
    "lc": ("lc", "", "", False),
    "wlc": ("wlc", "", "", False),
    "sed": ("sed", "", "", False),
    "nq": ("nq", "", "", False),
    "fo": ("fo", "", "", False),
    "ovf": ("ovf", "", "", False),
    "dh": ("dh", "", "exact", True),
    "sh": ("sh", "", "exact", False),
    "sh-fallback-port": ("sh", "sh-fallback,sh-port", "sh-fallback,sh-port,exact", False),
    "mh": ("mh", "", "exact", False),
    "mh-fallback-port": ("mh", "mh-fallback,mh-port", "mh-fallback,mh-port,exact", False),
    "lblc": ("lblc", "", "exact", True),
    "lblcr": ("lblcr", "", "exact", True),
}
PHASES, ROUNDS, PICKS = 3, 6, 56
SYN, ACK, FIN, RST = 2, 16, 17, 20
FENCE = 65000


def address(family, net, number):
    """Address NUMBER of a network: vip, client or server."""
    if family == 4:
        base = {"vip": "10.7.0.0", "client": "10.99.0.0", "server": "192.168.0.0"}[net]
    else:
        base = {"vip": "2001:db8:7::", "client": "2001:db8:99::", "server": "2001:db8:b::"}[net]
    return ipaddress.ip_address(int(ipaddress.ip_address(base)) + number)


def words(data):
    """The sum of the 16-bit words."""
    return sum(struct.unpack(f">{len(data) // 2}H", data))


class Wire:
    """The ends of the two wires of a director."""

    def __init__(self, engine, family):
        self.family, self.number = family, 0
        with open(f"/run/netns/{engine}-outside", "rb") as handle:
            os.setns(handle.fileno(), os.CLONE_NEWNET)
        kind = 0x0800 if family == 4 else 0x86DD
        self.net, self.lan = (
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(kind)) for _ in "ab"
        )
        for sock, device in ((self.net, "net"), (self.lan, "lan")):
            sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
            sock.bind((device, kind))
        self.lan.settimeout(20)
        # The director's device has the other address of this pair, see oracle.sh.
        self.head = bytes.fromhex("020000000001020000000002") + struct.pack(">H", kind)

    def send(self, source, port, target, flags):
        """A TCP segment from a client."""
        self.frame(source, target, 6, struct.pack(">HHIIHHI", port, 80, 1, 1, 0x5000 | flags, 99, 0))

    def frame(self, source, target, protocol, data):
        if self.family == 4:
            head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 0, 0, 64, protocol, 0)
            total = words(head + source + target)
            total = (total & 0xFFFF) + (total >> 16)
            head = head[:10] + struct.pack(">H", ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF)
        else:
            head = struct.pack(">IHBB", 6 << 28, len(data), protocol, 64)
        self.net.send(self.head + head + source + target + data)

    def arrived(self):
        """Who was sent each segment: the server by the client's address and port. Those
        that were sent before have been handled."""
        self.number += 1
        server = address(self.family, "server", FENCE).packed
        client = address(self.family, "client", 1).packed
        self.frame(client, server, 17, struct.pack(">HHHH", self.number, 9, 8, 0))
        at, size = (26, 4) if self.family == 4 else (22, 16)
        found = {}
        while True:
            frame = self.lan.recv(256)
            source, target = frame[at : at + size], frame[at + size : at + 2 * size]
            if frame[at - 3 if self.family == 4 else 20] not in (6, 17):
                continue
            port, _ = struct.unpack_from(">HH", frame, at + 2 * size)
            server = int.from_bytes(target, "big") & 0xFFFF
            if server == FENCE:
                if port == self.number & 0xFFFF:
                    return found
                continue
            found.setdefault((source, port), server)


class Service:
    """A service, its servers and its connections, as both engines should have them."""

    def __init__(self, number, name, family, seed):
        self.number, self.name, self.family = number, name, family
        self.random = random.Random(f"{seed} {name}")
        self.scheduler, *flags, self.mark = SERVICES[name]
        self.flags = dict(zip(ENGINES, flags))
        self.servers, self.last = {}, 0
        self.conns, self.idle = {}, []
        self.port = 1024
        self.picks, self.none, self.wrong = 0, 0, ""

    def key(self):
        if self.mark:
            return f"-f {self.number}" + (" -6" if self.family == 6 else "")
        return "-t " + self.end(address(self.family, "vip", self.number << 8), 80)

    def end(self, addr, port):
        return f"[{addr}]:{port}" if self.family == 6 else f"{addr}:{port}"

    def add(self, engine):
        flags = self.flags[engine]
        return f"-A {self.key()} -s {self.scheduler}" + (f" -b {flags}" if flags else "")

    def real(self, server):
        return self.end(address(self.family, "server", server), 8000 + self.number)

    def settings(self):
        """A weight and thresholds."""
        roll = self.random
        weight = roll.choice((0, 1, 1, 2, 3, 3, 5, 8, 10, 20))
        # ovf takes no more active connections than the weights add up to.
        weight *= 12 if self.name == "ovf" else 1
        upper = roll.choice((0, 0, 0, 3, 6, 10, 20))
        lower = roll.choice((0, 0, roll.randint(0, upper)))
        return f"-m -w {weight} -x {upper} -y {lower}"

    def change(self):
        """A change of the servers, as a line for both tools."""
        roll = self.random.random()
        if len(self.servers) < 3 or (roll < 0.3 and len(self.servers) < 8):
            # One that has left does not come again: that is another test's business.
            self.last += 1
            self.servers[self.last] = True
            return f"-a {self.key()} -r {self.real(self.last)} {self.settings()}"
        server = self.random.choice(sorted(self.servers))
        if roll > 0.85:
            del self.servers[server]
            self.conns = {conn: at for conn, at in self.conns.items() if at != server}
            return f"-d {self.key()} -r {self.real(server)}"
        return f"-e {self.key()} -r {self.real(server)} {self.settings()}"

    def begin(self):
        """The connections of a round: client, port, virtual address."""
        fresh = []
        for _ in range(PICKS):
            self.port += 1
            client = address(self.family, "client", self.random.randint(2, 250)).packed
            low = self.random.randint(1, 20) if self.mark else 0
            target = address(self.family, "vip", (self.number << 8) + low).packed
            fresh.append((client, self.port, target))
        return fresh

    def pause(self):
        """Some connections that become inactive now."""
        running = [conn for conn in self.conns if conn not in self.idle]
        chosen = self.random.sample(running, len(running) // 4)
        self.idle += chosen
        return chosen

    def compare(self, fresh, found):
        """Notes where the engines sent new connections; they should agree."""
        for client, port, target in fresh:
            got = {engine: there.get((client, port)) for engine, there in found.items()}
            self.picks += 1
            if got["rvs"] != got["ip_vs"]:
                self.wrong = f"pick {self.picks}: ip_vs {got['ip_vs']}, rvs {got['rvs']}"
                return
            if got["rvs"] is None:
                self.none += 1
            elif got["rvs"] in self.servers:
                self.conns[client, port, target] = got["rvs"]


def administer(engine, lines):
    """Gives lines to the tool of an engine."""
    command = ["ip", "netns", "exec", f"{engine}-director", ENGINES[engine], "-R"]
    text = "\n".join(lines) + "\n"
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    if done.returncode or done.stderr:
        sys.exit(f"{engine}: {done.stderr} of\n{text}")


def connections(engine):
    """How many connections the servers of an engine have."""
    command = ["ip", "netns", "exec", f"{engine}-director", ENGINES[engine], "-L", "-n"]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines() if "->" in line]
    return sum(int(line[-1]) + int(line[-2]) for line in lines if line[-1].isdigit())


class Oracle:
    """Both engines and all services."""

    def __init__(self, family, seed, names):
        self.wires = {engine: Wire(engine, family) for engine in ENGINES}
        self.services = [
            Service(number, name, family, seed)
            for number, name in enumerate(SERVICES, 1)
            if not names or name in names
        ]
        for engine in ENGINES:
            administer(engine, [service.add(engine) for service in self.services])

    def right(self):
        return [service for service in self.services if not service.wrong]

    def round(self):
        for _ in range(2):
            changes = [service.change() for service in self.right()]
            for engine in ENGINES:
                administer(engine, changes)
        for service in self.right():
            idle, fresh, found = service.pause(), service.begin(), {}
            for engine, wire in self.wires.items():
                for client, port, target in idle:
                    wire.send(client, port, target, FIN)
                for client, port, target in fresh:
                    wire.send(client, port, target, SYN)
                    wire.send(client, port, target, ACK)
                found[engine] = wire.arrived()
            service.compare(fresh, found)

    def end_connections(self):
        """Resets those that are idle, and waits until they are gone: 10 seconds."""
        for service in self.services:
            for conn in service.idle:
                for wire in self.wires.values():
                    wire.send(*conn, RST)
                service.conns.pop(conn, None)
            service.idle = []
        for wire in self.wires.values():
            wire.arrived()
        if any(service.wrong for service in self.services):
            time.sleep(12)
            return
        wanted = sum(len(service.conns) for service in self.services)
        for _ in range(60):
            counts = {engine: connections(engine) for engine in ENGINES}
            if all(count == wanted for count in counts.values()):
                return
            time.sleep(0.5)
        sys.exit(f"{wanted} connections should be left, not {counts}")


def main():
    family, seed = int(sys.argv[1]), sys.argv[2]
    os.sched_setaffinity(0, {0})
    oracle = Oracle(family, seed, sys.argv[3:])
    for _ in range(PHASES):
        for _ in range(ROUNDS):
            oracle.round()
        oracle.end_connections()
    for service in oracle.services:
        result = service.wrong or f"{service.picks} picks, {service.none} of nobody"
        print(f"{service.name}: {'differ at ' if service.wrong else 'equal: '}{result}")


main()
