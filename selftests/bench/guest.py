#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The cases of the benchmark, inside the virtual machine; run.sh is what people call.

    guest.py SET...     quick, fast, forwarding, schedulers, scale, sockets, control

Prints one JSON object per line: a case with its key and what was measured. Forwarding
without any engine loaded is measured first, for each way in which packets are generated.
"""

import itertools
import sys
import time

import control
import lab
import sockets
from engines import ENGINES, FAST, Rvs
from lab import emit

# Bounds of ports are as pktgen has them: the upper one does not occur.
FLOWS = {"udp_src": (1024, 2024), "flags": "UDPSRC_RND"}
NEW = {"udp_src": (1024, 61024)}
METHODS = ("nat", "direct", "ipip", "gue")
# Connections in the table: numbers of addresses and ports that have no common divisor,
# so that counting both up at once goes through all pairs.
SIZES = {1000: (2, 501), 100000: (3, 33334), 1000000: (20, 50001)}


def opening(number):
    """How packets are made that open `number` connections, one each."""
    addresses, ports = SIZES[number]
    return {"src": (lab.client(4, 0), lab.client(4, addresses - 1)),
            "udp_src": (1024, 1024 + ports), "udp_dst": lab.PORT}


def warm(site, **options):
    """Opens the connections of FLOWS and lets each of them settle."""
    site.send(1000, **{**options, **FLOWS, "flags": ""})
    site.send(20000, **{**options, **FLOWS})


def request(family, dst, **options):
    """Packets of one client."""
    return {"family": family, "src": lab.client(family, 1000), "dst": dst, "udp_dst": lab.PORT,
            **options}


def reply(family):
    """Answers of the first server to the client of `request`."""
    return {"family": family, "src": lab.server(family, 0), "dst": lab.client(family, 1000),
            "udp_src": lab.PORT, "udp_dst": FLOWS["udp_src"], "flags": "UDPDST_RND"}


def floor(count):
    """What the generator and the virtual cable cost: every packet is dropped at once."""
    with lab.Lab() as site:
        lab.run("nft", "-f", "-", text="""
            table netdev floor {
                chain ingress { type filter hook ingress device d0 priority 0; policy drop; }
            }""")
        emit(case="floor", family=4, total=site.send(count, **request(4, lab.server(4, 0), **FLOWS)))


def forwarding(count, families, sizes=()):
    """Plain forwarding of the packets that the other cases send."""
    with lab.Lab() as site:
        for family in families:
            dst = lab.server(family, 0)
            for kind, options in (("flows", FLOWS), ("new", NEW)):
                total = site.measure("servers", count, **request(family, dst, **options))
                emit(case="forward", kind=kind, family=family, total=total)
            emit(case="forward", kind="reply", family=family,
                 total=site.measure("clients", count, **reply(family)))
        for number in sizes:
            total = site.measure("servers", count, dst=lab.server(4, 0),
                                 flags="UDPSRC_RND IPSRC_RND", **opening(number))
            emit(case="forward", kind=f"flows of {number}", family=4, total=total)


def nftables(count):
    """Destination NAT by nftables, for comparison."""
    with lab.Lab() as site:
        lab.run("nft", "-f", "-", text=f"""
            table ip nat {{
                chain prerouting {{
                    type nat hook prerouting priority dstnat;
                    ip daddr {lab.VIP[4]} dnat to {lab.server(4, 0)}
                }}
            }}""")
        warm(site, **request(4, lab.VIP[4]))
        total = site.measure("servers", count, **request(4, lab.VIP[4], **FLOWS))
        emit(case="nftables", kind="flows", method="nat", family=4, total=total)


def established(engine, count, family, method):
    """Packets of 1,000 connections, which rr gave to 10 servers; and new connections."""
    key = {"engine": engine.name, "family": family, "method": method}
    with lab.Lab() as site:
        engine.configure(family, method=method)
        warm(site, **request(family, lab.VIP[family]))
        total = site.measure("servers", count, **request(family, lab.VIP[family], **FLOWS))
        emit(case="established", kind="flows", total=total, **key)
        number = engine.connections()
        if number != 1000:
            sys.exit(f"{engine.name} has {number} connections instead of 1000")
    opened(engine, count, "rr", 10, family, method)


def replies(engine, count, family):
    """Answers of a server whose connections are translated."""
    with lab.Lab() as site:
        engine.configure(family, method="nat", servers=1)
        warm(site, **request(family, lab.VIP[family]))
        total = site.measure("clients", count, **reply(family))
        emit(case="reply", kind="reply", total=total, engine=engine.name, family=family,
             method="nat")


def fast(count, family, method):
    """The fast path of rvs: packets of 1,000 connections, and for NAT a server's answers; then new
    connections, and packets that are not for rvs, with the hook in place."""
    key = {"engine": "rvs", "family": family, "method": method}
    with lab.Lab() as site:
        Rvs.configure(family, method=method, servers=1, flags=FAST)
        warm(site, **request(family, lab.VIP[family]))
        # Of each connection the first answer, which changes its state.
        site.send(1000, **{**reply(family), "flags": ""})
        before = Rvs.info("fast-pkts")
        total = site.measure("servers", count, **request(family, lab.VIP[family], **FLOWS))
        emit(case="fast", kind="flows", total=total, **key)
        if method == "nat":
            site.send(5000, **reply(family))
            total = site.measure("clients", count, **reply(family))
            emit(case="fast reply", kind="reply", total=total, **key)
            count += count + 5000
        taken = Rvs.info("fast-pkts") - before
        if taken < count:
            sys.exit(f"only {taken} packets of {count} took the fast path")
    if method != "nat":
        return
    with lab.Lab() as site:
        Rvs.configure(family, method=method, flags=FAST)
        site.send(1000, **request(family, lab.VIP[family], udp_src=(62000, 63000)))
        count = 10000
        total = site.measure("servers", count, **request(family, lab.VIP[family], **NEW))
        emit(case="fast, new connection", kind="new", total=total, **key)
        total = site.measure("servers", count, **request(family, lab.server(family, 0), **FLOWS))
        emit(case="fast, not for rvs", kind="flows", total=total, engine="rvs", family=family)


def persistent(engine, count):
    """Every packet opens a connection, of one of 1,000 clients that each have their server."""
    key = {"engine": engine.name, "family": 4, "method": "nat"}
    clients = {"dst": lab.VIP[4], "src": (lab.client(4, 0), lab.client(4, 999)), "udp_dst": lab.PORT}
    with lab.Lab() as site:
        engine.configure(4, persist=3600)
        site.send(1000, **clients, udp_src=(1000, 1001))
        total = site.measure("servers", count, **clients, **NEW)
        emit(case="persistent", kind="new", total=total, **key)


def opened(engine, count, scheduler, servers, family=4, method="nat"):
    """Every packet opens a connection."""
    with lab.Lab(servers) as site:
        engine.configure(family, scheduler, method, servers)
        site.send(1000, **request(family, lab.VIP[family], udp_src=(62000, 63000)))
        total = site.measure("servers", count, **request(family, lab.VIP[family], **NEW))
        number = engine.connections()
        if number != count + 1000:
            sys.exit(f"{engine.name}, {scheduler}: {number} connections instead of {count + 1000}")
        emit(case="new", kind="new", scheduler=scheduler, servers=servers, total=total,
             engine=engine.name, family=family, method=method)


def busy():
    """Seconds that the processor was not idle."""
    with open("/proc/stat", encoding="ascii") as file:
        values = [int(word) for word in file.readline().split()[1:]]
    return (sum(values[:3]) + sum(values[5:7])) / 100


def scale(engine, count, number):
    """A number of connections: looking one up, opening the next, memory, expiry."""
    key = {"engine": engine.name, "connections": number, "family": 4, "method": "nat"}
    with lab.Lab() as site:
        engine.configure(4, udp_timeout=100)
        site.send(1000, **request(4, lab.VIP[4], **NEW))
        time.sleep(150)
        before = lab.memory()
        addresses, ports = SIZES[number]
        total = site.measure("servers", addresses * ports, dst=lab.VIP[4], **opening(number))
        emit(case="fill", kind="new", total=total, **key)
        time.sleep(5)
        now = engine.connections()
        if now != addresses * ports:
            sys.exit(f"{engine.name}: {now} connections instead of {addresses * ports}")
        full = lab.memory()
        emit(case="memory", **key, **{name: (full[name] - before[name]) / now for name in full})
        total = site.measure("servers", count, dst=lab.VIP[4], flags="UDPSRC_RND IPSRC_RND",
                             **opening(number))
        emit(case="lookup", kind=f"flows of {number}", total=total, **key)
        total = site.measure("servers", count, **request(4, lab.VIP[4], **NEW))
        emit(case="next", kind="new", total=total, **key)
        began, waited = busy(), 0
        while engine.connections():
            waited += 10
            if waited > 600:
                sys.exit(f"{engine.name}: {engine.connections()} connections do not expire")
            time.sleep(10)
        used = busy() - began
        time.sleep(30)
        after = lab.memory()
        emit(case="expiry", **key, seconds=used, waited=waited,
             **{name: (after[name] - before[name]) / now for name in after})


def quick(count):
    floor(count)
    forwarding(count, (4, 6))
    load()
    for method, engine in itertools.product(("nat", "direct"), ENGINES):
        established(engine, count, 4, method)
    for engine in ENGINES:
        replies(engine, count, 4)
    established(ENGINES[0], count, 6, "nat")
    for family, method in itertools.product((4, 6), ("nat", "direct")):
        fast(count, family, method)


def load():
    for engine in ENGINES:
        engine.load()


def all_forwarding(count):
    floor(count)
    forwarding(count, (4, 6))
    load()
    for family, method, engine in itertools.product((4, 6), METHODS, ENGINES):
        established(engine, count, family, method)
    for family, engine in itertools.product((4, 6), ENGINES):
        replies(engine, count, family)
    for family, method in itertools.product((4, 6), ("nat", "direct")):
        fast(count, family, method)
    for engine in ENGINES:
        persistent(engine, count)
    nftables(count)


def all_schedulers(count):
    forwarding(count, (4,))
    load()
    names = [engine.schedulers() for engine in ENGINES]
    for scheduler in sorted(names[0] | names[1]):
        for servers, engine in itertools.product((10, 1000), ENGINES):
            if scheduler in engine.schedulers():
                opened(engine, count, scheduler, servers)


def all_scale(count):
    forwarding(count, (4,), SIZES)
    load()
    for number, engine in itertools.product(SIZES, ENGINES):
        scale(engine, count, number)


def all_fast(count):
    floor(count)
    forwarding(count, (4, 6))
    load()
    for family, method in itertools.product((4, 6), ("nat", "direct")):
        fast(count, family, method)


SETS = {"quick": (quick, 10000), "fast": (all_fast, 10000), "forwarding": (all_forwarding, 20000),
        "schedulers": (all_schedulers, 5000), "scale": (all_scale, 20000),
        "sockets": (sockets.measure, 2000), "control": (control.measure, 0)}


def main():
    lab.setup()
    for name in sys.argv[1:]:
        case, count = SETS[name]
        case(count)


if __name__ == "__main__":
    main()
