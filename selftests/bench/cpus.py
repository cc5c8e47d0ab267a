#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a second processor is good for: packets per second of two, relative to one.

    cpus.py rates ROUNDS    cpus.sh is what people call
    cpus.py writes CASE     packets between marks, for tools/profile/writes

Two generators, each on its processor and with a virtual cable of its own into the director, send
packets of 1,000 connections each to one service. A machine that is emulated has no speed to speak
of, and its host has other things to do; so what counts is the ratio of both together to one alone,
measured in turns, and of all rounds the best of each, which is the least disturbed.
"""

import re
import statistics
import sys
import time

import lab
from engines import ENGINES, FAST, IpVs, Rvs
from lab import emit
from profile import marker  # The one beside this, not Python's.

COUNT = 40000
# What tools/profile/writes divides by.
WRITES = 20000
CASES = (("forward", None, 0), ("rvs", Rvs, 0), ("ip_vs", IpVs, 0), ("rvs, fast", Rvs, FAST))


class Pair(lab.Lab):
    """The laboratory with a second cable, g1 and d1."""

    def __enter__(self):
        super().__enter__()
        lab.enter("init")
        lab.run("ip", "link", "add", "g1", "netns", "generator", "type", "veth",
                "peer", "name", "d1", "netns", "director")
        lab.run("ip", "-n", "generator", "link", "set", "g1", "up")
        lab.enter("director")
        lab.run("ip", "link", "set", "d1", "up")
        lab.run("ip", "addr", "add", "10.0.1.1/24", "dev", "d1")
        self.macs = [self.mac_of("d0"), self.mac_of("d1")]
        time.sleep(2)
        return self

    @staticmethod
    def mac_of(device):
        return re.search(r"link/ether (\S+)", lab.run("ip", "link", "show", device))[1]

    def rate(self, cpus, dst, count=COUNT):
        """Packets per second of generators on these processors, at the same time."""
        lab.enter("generator")
        for cpu in (0, 1):
            lab.write(f"/proc/net/pktgen/kpktgend_{cpu}", "rem_device_all\n")
        for cpu in cpus:
            lab.write(f"/proc/net/pktgen/kpktgend_{cpu}", f"add_device g{cpu}\n")
            client = lab.client(4, 1000 + cpu)
            for line in (f"count {count}", "clone_skb 0", "delay 0", f"pkt_size {lab.SIZE[4]}",
                         f"dst_mac {self.macs[cpu]}", f"src_min {client}", f"src_max {client}",
                         f"dst_min {dst}", f"dst_max {dst}", "udp_src_min 1024",
                         "udp_src_max 2024", f"udp_dst_min {lab.PORT}", f"udp_dst_max {lab.PORT}"):
                lab.write(f"/proc/net/pktgen/g{cpu}", line + "\n")
        lab.write("/proc/net/pktgen/pgctrl", "start\n")
        rates = []
        for cpu in cpus:
            with open(f"/proc/net/pktgen/g{cpu}", encoding="ascii") as file:
                rates.append(int(re.search(r"(\d+)pps", file.read())[1]))
        lab.enter("director")
        return sum(rates)


def measure(name, engine, flags, rounds):
    """The best rate of one processor and of both, and the median of the ratios of neighbours."""
    with Pair() as site:
        dst = lab.server(4, 0)
        if engine:
            dst = lab.VIP[4]
            if flags:
                engine.configure(4, flags=flags)
            else:
                engine.configure(4)
        site.rate((0, 1), dst, 20000)
        ones, twos = [], []
        for turn in range(rounds):
            ones.append(site.rate((turn % 2,), dst))
            twos.append(site.rate((0, 1), dst))
        if engine and engine.connections() != 2000:
            sys.exit(f"{name}: {engine.connections()} connections instead of 2000")
        if flags and Rvs.info("fast-pkts") < COUNT * rounds:
            sys.exit(f"only {Rvs.info('fast-pkts')} packets took the fast path")
        emit(case=name, one=max(ones), both=max(twos),
             median=statistics.median(two / one for one, two in zip(ones, twos)))
        return max(twos) / max(ones)


def writes(case):
    """Packets of both processors, when all connections are established."""
    name, engine, flags = next(row for row in CASES if row[0] == case)
    begin, end = marker(b"RVS0"), marker(b"RVS1")
    with Pair() as site:
        if flags:
            engine.configure(4, flags=flags)
        else:
            engine.configure(4)
        site.rate((0, 1), lab.VIP[4], 20000)
        begin()
        site.rate((0, 1), lab.VIP[4], WRITES // 2)
        end()
        if engine.connections() != 2000:
            sys.exit(f"{name}: {engine.connections()} connections instead of 2000")
    with open("/proc/kallsyms", encoding="ascii") as file:
        symbols = file.read()
    with open("/profile/kallsyms", "w", encoding="ascii") as file:
        file.write(symbols)


def main():
    lab.setup()
    for engine in ENGINES:
        engine.load()
    if sys.argv[1] == "writes":
        writes(sys.argv[2])
        return
    for name, engine, flags in CASES:
        measure(name, engine, flags, int(sys.argv[2]))


if __name__ == "__main__":
    main()
