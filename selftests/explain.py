# SPDX-License-Identifier: GPL-2.0
"""What `explain` says of random packets, and what then becomes of them.

    explain.py SEED COUNT

The director gets random services with servers that nobody answers for (behind a device
that takes everything), which change all the time. Of each of COUNT packets it is asked
what would become of it; then the packet is sent, and the counters tell what did.
Asking twice must give the same answer, and must change nothing.
"""

import collections
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import nl  # pylint: disable=wrong-import-position
import wire  # pylint: disable=wrong-import-position

SCHEDULERS = "rr wrr lc wlc sed nq fo ovf sh dh mh lblc lblcr twos p2c ewma".split()
PASS, FORWARD, DROP, REJECT = range(4)
VERDICTS = ["pass", "forward", "drop", "reject"]
REASONS = (
    "malformed no-destination no-memory destination-removed no-route ttl-expired too-big not-writable "
    "transmit conn-limit defense checksum fragment encapsulation crossing conntrack no-connection killed"
).split()
AF = {4: 2, 6: 10}
PROTOCOLS = [6, 17, 132]
PORTS = [80, 53]
MARK = 7
# Packets with this traffic class get the mark, see explain.sh.
MARKED = 4
CLIENTS = {4: [f"10.0.0.{n}" for n in (2, 66, 130)], 6: [f"2001:db8:a::{n}" for n in (2, 66, 130)]}
# The last is no address of the director.
TARGETS = {4: ["10.0.0.100", "10.0.0.101", "10.9.9.9"], 6: ["2001:db8:a::100", "2001:db8:a::101", "2001:db8:9::9"]}
# The last has no route.
SERVERS = {
    4: [f"192.168.0.{n}" for n in range(21, 25)] + ["172.31.0.1"],
    6: [f"2001:db8:b::{n}" for n in range(21, 25)] + ["2001:db8:dead::1"],
}
METHODS = [0, 0, 3, 2, 1]  # masq, masq, direct, tunnel, local; see the specification
SNMP = {4: ("snmp", "ForwDatagrams"), 6: ("snmp6", "OutForwDatagrams")}
# Without a server a packet counts nowhere at all, or before it came to one.
NO_SERVER = ["no-destination", "destination-removed", "defense", "conn-limit", "no-connection"]
FLAGS = ["S", "S", "S", "A", "FA", "R", "SA", ""]


def values(answer):
    """The values of an answer; of those that come several times the last."""
    if answer.error != "ok":
        raise OSError(f"{answer.error} {answer.where} {answer.text}")
    return dict(value.split("=", 1) for value in answer.values() if "=" in value)


class Director:
    """The director's configuration and counters."""

    def __init__(self):
        self.link = wire.Link("client", "net", "director", "net")
        wire.Link.enter("director", "net")
        self.control = nl.Client()
        self.control.find_family()
        # The key of each service, and its servers.
        self.services = {}
        # Nothing expires between a question and its packet.
        for state in range(25):
            self.control.request("config-set", f"-config config.timeout.state={state} config.timeout.seconds=3600")

    def ask(self, command, changes):
        return values(self.control.request(command, changes))

    # --------------------------------------------------------------- changes

    def add_service(self):
        family, flags = random.choice((4, 6)), random.choice((0, 0, 0, 1))
        key = f"service.family={AF[family]} "
        if random.random() < 0.2:
            key += f"service.fwmark={MARK}"
        else:
            key += (
                f"service.protocol={random.choices(PROTOCOLS, (3, 2, 1))[0]} "
                f"service.addr={random.choices(TARGETS[family][:2], (3, 1))[0]} service.port={random.choice(PORTS * 2 + [0])}"
            )
        if key in self.services:
            return
        persistent = random.random() < 0.3 or key.endswith("port=0")
        rest = f"-service.protocol -service.addr -service.port " if "fwmark" in key else ""
        rest += f"{key} service.scheduler={random.choice(SCHEDULERS)}"
        rest += f" service.no-server={random.choice((0, 1, 3, 4))} service.flags={flags}"
        if persistent:
            rest += " service.persist-timeout=300"
        if self.control.request("service-new", rest).error != "ok":
            return
        self.services[key] = (family, {})
        for _ in range(3):
            self.add_server(key)

    def named(self, key):
        return ("-service.protocol -service.addr -service.port " if "fwmark" in key else "") + key

    def add_server(self, key):
        family, servers = self.services[key]
        address = random.choice(SERVERS[family])
        if address in servers:
            return
        method, port = random.choice(METHODS), random.choice((80, 8080))
        if method != 0 or "port=" not in key or key.endswith("port=0"):
            # A server that keeps the address keeps the port.
            port = int(key.rpartition("port=")[2]) if "port=" in key else 0
        new = (
            f"{self.named(key)} dest.addr={address} dest.port={port} dest.method={method} "
            f"dest.weight={random.randint(0, 4)} dest.upper={random.choice((0, 0, 6))}"
        )
        if family == 6:
            new += " dest.family=10"
        if self.control.request("dest-new", new).error == "ok":
            servers[address] = port

    def server_of(self, key):
        servers = self.services[key][1]
        address = random.choice(sorted(servers)) if servers else None
        return address and f"{self.named(key)} dest.addr={address} dest.port={servers[address]}"

    def change(self):
        """Changes something."""
        if len(self.services) < 10:
            return self.add_service()
        key = random.choice(sorted(self.services))
        server = self.server_of(key)
        kind = random.randrange(8)
        if kind == 0:
            self.ask("service-del", self.named(key))
            del self.services[key]
        elif kind == 1:
            self.add_server(key)
        elif kind == 2 and server:
            self.ask("dest-del", server)
            del self.services[key][1][server.split("dest.addr=")[1].split()[0]]
        elif kind == 3:
            self.ask("service-set", f"{self.named(key)} service.scheduler={random.choice(SCHEDULERS)}")
        elif kind == 4:
            self.knob(random.choice(("expire_nodest_conn", "sloppy_tcp", "nat_icmp_send")), random.randint(0, 1))
        elif kind == 5:
            self.knob("conn_reuse_mode", random.choice((0, 1, 2, 3)))
        elif server:
            self.ask("dest-set", f"{server} dest.weight={random.randint(0, 4)}")
        return None

    @staticmethod
    def knob(name, value):
        with open(f"/proc/sys/net/rvs/{name}", "w", encoding="ascii") as file:
            file.write(str(value))

    # -------------------------------------------------------------- counters

    def seen(self, family):
        """What has happened so far."""
        counts, reason = collections.Counter(), None
        answer = self.control.request("info-get")
        for value in answer.values():
            name, _, text = value.partition("=")
            if name == "info.drop.reason":
                reason = REASONS[int(text)]
            elif name == "info.drop.packets":
                counts[f"drop {reason}"] = int(text)
            elif name in ("info.stats.in-pkts", "info.stats.out-pkts"):
                counts[name[11:]] = int(text)
        file, forwarded = SNMP[family]
        with open(f"/proc/self/net/{file}", encoding="ascii") as lines:
            if family == 4:
                names, numbers = [line.split()[1:] for line in lines if line.startswith("Ip:")]
            else:
                names, numbers = zip(*(line.split() for line in lines))
                names = [name.removeprefix("Ip6") for name in names]
        host = dict(zip(names, numbers))
        counts["delivered"] = int(host["InDelivers"]) + int(host["InUnknownProtos"])
        counts["forwarded"] = int(host[forwarded])
        return counts

    def server(self, about):
        """What the server of an explanation is answered with."""
        words = [f"{name}={value}" for name, value in about.items() if name.startswith(("service.", "dest."))]
        words = [word for word in words if not word.startswith("service.scheduler")]
        return self.control.request("dest-get", self.named(" ".join(words)))

    def dest(self, about):
        """The packets that the server of an explanation has got."""
        return int(values(self.server(about))["dest.stats.in-pkts"])

    # --------------------------------------------------------------- packets

    def packet(self):
        family, protocol = random.choice((4, 6)), random.choices(PROTOCOLS, (3, 2, 1))[0]
        source = random.choice(CLIENTS[family])
        target = random.choices(TARGETS[family], (9, 3, 1))[0]
        sport, dport = random.randint(2000, 2002), random.choice(PORTS * 4 + [81])
        if random.random() < 0.1:
            # An answer of a server, or what looks like one.
            source, target = random.choice(SERVERS[family]), source
            sport, dport = random.choice((80, 8080)), sport
        marked, flags = random.random() < 0.3, random.choice(FLAGS)
        ask = (
            f"flow.family={AF[family]} flow.protocol={protocol} flow.src-addr={source} flow.src-port={sport} "
            f"flow.dst-addr={target} flow.dst-port={dport} flow.mark={MARK if marked else 0}"
        )
        ends = (source, target, sport, dport)
        if protocol == 6:
            bits = sum(wire.FLAGS[flag] for flag in flags)
            data, ask = wire.tcp(*ends, flags), f"{ask} flow.tcp-flags={bits}"
        elif protocol == 17:
            data = wire.udp(*ends)
        else:
            init = bytes([1, 0, 0, 20]) + bytes([0, 0, 0, 9]) + bytes([0, 0, 255, 255, 0, 1, 0, 1, 0, 0, 0, 1])
            data = wire.sctp(*ends, init, tag=0)
        return family, ask, self.classed(data) if marked else data

    @staticmethod
    def classed(data):
        """The packet with the traffic class that is marked."""
        if wire.family_of(data) == 6:
            return bytes([0x60 | MARKED >> 4, (MARKED & 15) << 4]) + data[2:]
        head = data[:1] + bytes([MARKED]) + data[2:10] + b"\0\0" + data[12:20]
        return head[:10] + wire.checksum(head).to_bytes(2, "big") + head[12:] + data[20:]

    def explain(self, ask):
        about = self.ask("explain", "-flow " + ask)
        return {name.removeprefix("explanation."): value for name, value in about.items()}

    def try_one(self, tally):
        """Compares the explanation of one packet with what becomes of it."""
        family, ask, data = self.packet()
        about = self.explain(ask)
        again = self.explain(ask)
        drawn = about.get("random") == "1"
        same = {name: value for name, value in about.items() if name != "conn.expires"}
        if not drawn and same != {name: value for name, value in again.items() if name != "conn.expires"}:
            return f"{ask}: explained as {about}, then as {again}"
        # The connection may expire meanwhile.
        if int(about.get("conn.expires", 5000)) < 5000:
            tally["about to expire"] += 1
            return None
        verdict, reason = int(about["verdict"]), about.get("reason")
        goes = verdict == FORWARD and "dest.addr" in about and not drawn
        known = goes and about["found"] != "1" and self.dest(about)
        before = self.seen(family)
        self.link.send(data)
        done = self.wait(family, before)
        wanted = self.wanted(verdict, reason, about)
        if "out-pkts" in wanted and self.server(about).error != "ok":
            # The server has been removed. Its answers pass, and count nowhere any more, as with ip_vs.
            del wanted["out-pkts"]
        tally[VERDICTS[verdict], about["text"]] += 1
        rejected = verdict == REJECT or drawn and "drop no-route" in done
        if ("delivered" in done or rejected) and "out-pkts" not in wanted:
            # The director's own stack has answered at once, which can be the answer of a connection.
            done.pop("out-pkts", None)
        if reason and REASONS[int(reason)] == "no-connection":
            # The host counts a packet as forwarded before anybody looks at it.
            done.pop("forwarded", None)
        if done != wanted and not (drawn and self.like(done, wanted)):
            return f"{ask}: wanted {wanted}, got {done}: {about}"
        if known is not False and self.dest(about) != known + 1:
            return f"{ask}: another server got it: {about}"
        return None

    @staticmethod
    def like(done, wanted):
        """Chance decides which server, and so whether there is a way to it."""
        return done.keys() <= {"in-pkts", "drop no-route", "drop no-destination", "delivered"} and done != {}

    @staticmethod
    def wanted(verdict, reason, about):
        """The counters that an explanation promises to count."""
        counts = {}
        reason = reason and REASONS[int(reason)]
        if verdict != PASS and reason not in NO_SERVER:
            counts["in-pkts"] = 1
        if verdict in (DROP, REJECT):
            counts[f"drop {reason}"] = 1
        if verdict == FORWARD and about.get("method") == "1":
            counts["delivered"] = 1
        if verdict == PASS and about["found"] == "1":
            counts |= {"out-pkts": 1, "forwarded": 1}
        elif verdict == PASS:
            counts["forwarded" if "forwards it" in about["text"] else "delivered"] = 1
        return counts

    def wait(self, family, before):
        """What the packet changed, once it has changed anything."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            after = self.seen(family)
            # All that it counts it counts within a moment.
            if after != before and after == self.seen(family):
                return {name: after[name] - before[name] for name in after if after[name] != before[name]}
        return {}


def main():
    seed, count = sys.argv[1:]
    random.seed(int(seed))
    director, tally, wrong = Director(), collections.Counter(), []
    while len(director.services) < 8:
        director.change()
    for number in range(int(count)):
        if number % 4 == 0:
            director.change()
        failure = director.try_one(tally)
        if failure:
            wrong.append(failure)
    for name, times in sorted(tally.items(), key=str):
        print("#", times, *(name if isinstance(name, tuple) else (name,)))
    print(*wrong[:10], sep="\n")
    print(f"{count} packets, {len(wrong)} explained wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
