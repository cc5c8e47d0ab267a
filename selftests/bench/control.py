# SPDX-License-Identifier: GPL-2.0
"""What the configuration costs: loading, showing and changing it, and its memory.

A tool that is run as a whole (its start, its messages, the kernel's work and its output) is
counted by the clock, which advances by a nanosecond per instruction. rvs's tool is
rvsadm, ip_vs's is ipvsadm; both read the lines that `ipvsadm -R` reads.
"""

import gc
import itertools
import os
import subprocess
import sys
import time

from engines import ENGINES
from lab import emit, enter, memory, run

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import transact  # noqa: E402

SIZES = (500, 10000)
SERVERS = 5
# Runs of a tool; the least of them is free of what happens to run beside it.
RUNS = 3
TOOLS = {"rvs": ["rvsadm"], "ip_vs": ["ipvsadm"]}


def service(number):
    """The address and port of a service."""
    return f"10.{8 + (number >> 16)}.{number >> 8 & 255}.{number & 255}:80"


def server(number, index):
    """The address and port of a server of a service."""
    return f"10.{100 + index}.{number >> 8 & 255}.{number & 255}:8080"


def load(services, servers=SERVERS):
    """The lines that make services with their servers."""
    for number in range(services):
        yield f"-A -t {service(number)} -s rr"
        for index in range(servers):
            yield f"-a -t {service(number)} -r {server(number, index)} -m -w 1"


def change(services):
    """The lines that change a server of each service."""
    for number in range(services):
        yield f"-e -t {service(number)} -r {server(number, 2)} -m -w 7"


def cost(command, text=""):
    """Instructions that a command takes from its start to its end."""
    data = text.encode()
    began = time.monotonic_ns()
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    used = time.monotonic_ns() - began
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
    return used


def lines(generator):
    return "\n".join(generator) + "\n"


class Space:
    """A namespace of its own, for one case."""

    def __enter__(self):
        run("ip", "netns", "add", "control")
        enter("control")
        run("ip", "link", "set", "lo", "up")

    def __exit__(self, *_):
        enter("init")
        run("ip", "netns", "del", "control")
        time.sleep(5)


def commands(engine, services):
    """Loading, showing and changing."""
    tool = TOOLS[engine.name]
    runs = 1 if services > 1000 else RUNS
    counted = {}

    def keep(case, used):
        counted[case] = min(used, counted.get(case, used))

    for _ in range(runs):
        with Space():
            keep("load", cost([*tool, "-R"], lines(load(services))))
            keep("show", cost([*tool, "-L", "-n"]))
            keep("change", cost([*tool, "-R"], lines(change(services))))
            keep("change one", cost([*tool, *f"-e -t {service(services // 2)} -r "
                                     f"{server(services // 2, 1)} -m -w 9".split()]))
            keep("clear", cost([*tool, "-C"]))
    for case, used in counted.items():
        emit(case=case, services=services, engine=engine.name, total=used)


def message(services):
    """The same configuration as the changes of a transaction."""
    changes = []
    for number in range(services):
        here = {"protocol": "tcp", "addr": service(number).partition(":")[0], "port": 80}
        changes.append(transact.change("service-new", transact.new(**here)))
        key = transact.service(**here)
        for index in range(SERVERS):
            addr, _, port = server(number, index).partition(":")
            there = transact.nest("dest", addr=addr, port=int(port), method=0, weight=1)
            changes.append(transact.change("dest-new", key, there))
    return b"".join(changes)


def at_once(services):
    """What sending that costs, without a tool that makes it."""
    changes = message(services)
    counted = []
    for _ in range(1 if services > 1000 else RUNS):
        with Space():
            kernel = transact.Kernel()
            began = time.monotonic_ns()
            transact.expect(kernel.transact(changes))
            counted.append(time.monotonic_ns() - began)
            run("rvsadm", "-C")
    emit(case="transaction", services=services, engine="rvs", total=min(counted))


def bytes_of(text, tool):
    """The kernel memory that a configuration takes."""
    gc.collect()
    time.sleep(10)
    before = memory()
    run(*tool, "-R", text=text)
    time.sleep(10)
    after = memory()
    return sum(after[name] - before[name] for name in ("slab", "vmalloc", "percpu"))


def sizes(engine):
    """Bytes of a service, and of a server."""
    tool = TOOLS[engine.name]
    with Space():
        # The first service brings along what a namespace has once.
        run(*tool, "-A", "-u", "10.7.0.1:53", "-s", "rr")
        alone = bytes_of(lines(load(2000, 0)), tool)
    with Space():
        run(*tool, "-A", "-u", "10.7.0.1:53", "-s", "rr")
        both = bytes_of(lines(load(2000, 10)), tool)
    emit(case="object", what="service", engine=engine.name, bytes=alone / 2000)
    emit(case="object", what="server", engine=engine.name, bytes=(both - alone) / 20000)


def measure(_count):
    """All of it."""
    os.environ["LC_ALL"] = "C"
    for engine in ENGINES:
        engine.load()
        run("modprobe", {"rvs": "rvs_rr", "ip_vs": "ip_vs_rr"}[engine.name])
    # First, while slabs are full and so of the size of what is in them.
    for engine in ENGINES:
        sizes(engine)
    for services, engine in itertools.product(SIZES, ENGINES):
        commands(engine, services)
        if engine.name == "rvs":
            at_once(services)
