# SPDX-License-Identifier: GPL-2.0
"""The laboratory of the benchmark: a generator of packets, a director, and two networks.

    namespace "generator"             namespace "director"
    pktgen ── g0 ─── veth ─────────── d0
                                      servers   dummy, 10.1.0.0/16, fd00:1::/64
                                      clients   dummy, 10.64.0.0/10, fd00:2::/64

Every packet enters at d0 and leaves through one of the dummies, whose neighbours are
known; nothing is behind them. In a machine whose clock advances by a nanosecond per
instruction (`tools/vm run --icount`) the rate of pktgen is a count of instructions.
"""

import json
import os
import re
import subprocess
import sys
import time

VIP = {4: "10.9.0.1", 6: "fd00:9::1"}
PORT = 80
# Bytes on the wire: the smallest frame, and the smallest that pktgen makes for IPv6.
SIZE = {4: 60, 6: 78}


def emit(**record):
    """One line of output: a case with its key and what was measured."""
    print(json.dumps(record), flush=True)


def run(*command, text=None):
    """Runs a command; a failure ends the benchmark."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout


def enter(namespace):
    """Goes into a network namespace."""
    with open(f"/run/netns/{namespace}", encoding="ascii") as file:
        os.setns(file.fileno(), os.CLONE_NEWNET)


def write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(value)


def server(family, number):
    """The address of a real server, from 0 on."""
    if family == 4:
        return f"10.1.{1 + number // 250}.{1 + number % 250}"
    return f"fd00:1::1:{number + 1:x}"


def client(family, number):
    """The address of a client, from 0 on."""
    if family == 4:
        return f"10.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
    return f"fd00:2::1:{number:x}"


def director(servers):
    """The commands that build the director's network, for `ip -batch`."""
    yield from ("link set lo up", "link set d0 up",
                f"addr add {VIP[4]}/32 dev lo", f"addr add {VIP[6]}/128 dev lo",
                "addr add 10.0.0.1/24 dev d0", "addr add fd00::1/64 dev d0")
    for name in ("servers", "clients"):
        yield f"link add {name} type dummy"
        yield f"link set {name} up"
    yield from ("addr add 10.1.0.1/16 dev servers", "addr add fd00:1::1/64 dev servers",
                "addr add 10.2.0.1/24 dev clients", "addr add fd00:3::1/64 dev clients")
    for hop in ("10.2.0.2", "fd00:3::2"):
        yield f"neigh add {hop} lladdr 02:00:00:00:00:02 dev clients nud permanent"
    yield from ("route add 10.64.0.0/10 via 10.2.0.2", "route add fd00:2::/64 via fd00:3::2")
    for number in range(servers):
        link = f"lladdr 02:01:00:00:{number >> 8:02x}:{number & 255:02x}"
        for family in (4, 6):
            yield f"neigh add {server(family, number)} {link} dev servers nud permanent"


class Lab:
    """The two namespaces, for one case. The caller is in the director's."""

    def __init__(self, servers=10):
        self.servers = servers

    def __enter__(self):
        for name in ("generator", "director"):
            run("ip", "netns", "add", name)
        run("ip", "link", "add", "g0", "netns", "generator", "type", "veth",
            "peer", "name", "d0", "netns", "director")
        run("ip", "-n", "generator", "link", "set", "g0", "up")
        enter("director")
        for name in ("all", "default"):
            write(f"/proc/sys/net/ipv4/conf/{name}/rp_filter", "0")
            write(f"/proc/sys/net/ipv6/conf/{name}/accept_dad", "0")
        write("/proc/sys/net/ipv4/ip_forward", "1")
        write("/proc/sys/net/ipv6/conf/all/forwarding", "1")
        run("ip", "-batch", "-", text="\n".join(director(self.servers)) + "\n")
        self.mac = json.loads(run("ip", "-j", "link", "show", "d0"))[0]["address"]
        # Router solicitations and the like should be over.
        time.sleep(10)
        return self

    def __exit__(self, *_):
        enter("init")
        for name in ("generator", "director"):
            run("ip", "netns", "del", name)
        time.sleep(5)

    def sent(self, device):
        """How many packets have left through a dummy."""
        link = json.loads(run("ip", "-s", "-j", "link", "show", device))[0]
        return link["stats64"]["tx"]["packets"]

    def send(self, count, family=4, **options):
        """Sends packets with pktgen and returns the instructions for each.

        Options are pktgen's; a value may be a pair, the bounds of a range.
        """
        suffix = "6" if family == 6 else ""
        lines = ["count " + str(count), "clone_skb 0", "delay 0", f"pkt_size {SIZE[family]}",
                 "dst_mac " + self.mac]
        for flag in options.pop("flags", "").split():
            lines.append("flag " + flag)
        for name, value in options.items():
            low, high = value if isinstance(value, tuple) else (value, value)
            if name in ("src", "dst"):
                name += suffix
                if family == 6 and low == high:
                    lines.append(f"{name} {low}")
                    continue
            lines += [f"{name}_min {low}", f"{name}_max {high}"]
        enter("generator")
        write("/proc/net/pktgen/kpktgend_0", "rem_device_all\n")
        write("/proc/net/pktgen/kpktgend_0", "add_device g0\n")
        for line in lines:
            write("/proc/net/pktgen/g0", line + "\n")
        write("/proc/net/pktgen/pgctrl", "start\n")
        with open("/proc/net/pktgen/g0", encoding="ascii") as file:
            result = file.read()
        enter("director")
        match = re.search(r"Result: OK: (\d+)\(.*\) usec, (\d+) ", result)
        if not match or int(match[2]) != count:
            sys.exit(f"pktgen failed: {result}")
        return int(match[1]) * 1000 / count

    def measure(self, device, count, **options):
        """Sends packets, all of which must leave through a dummy (or none, without a device)."""
        before = device and self.sent(device)
        instructions = self.send(count, **options)
        if device and self.sent(device) - before != count:
            sys.exit(f"{count} packets sent, {self.sent(device) - before} arrived: {options}")
        return instructions


def memory():
    """Bytes of kernel memory in use: by slab caches and vmalloc; and all that is not free."""
    with open("/proc/slabinfo", encoding="ascii") as file:
        rows = [line.split() for line in file.readlines()[2:]]
    slabs = sum(int(row[14]) * int(row[5]) * 4096 for row in rows)
    with open("/proc/vmallocinfo", encoding="ascii") as file:
        areas = sum(int(line.split()[1]) for line in file if "vmap" not in line)
    with open("/proc/meminfo", encoding="ascii") as file:
        free = int(re.search(r"MemFree: *(\d+)", file.read())[1]) * 1024
    with open("/proc/meminfo", encoding="ascii") as file:
        per_cpu = int(re.search(r"Percpu: *(\d+)", file.read())[1]) * 1024
    return {"slab": slabs, "vmalloc": areas, "percpu": per_cpu, "used": -free}


def setup():
    """What all cases share."""
    for module in ("pktgen", "dummy", "veth"):
        run("modprobe", module)
    os.makedirs("/run/netns", exist_ok=True)
    run("ip", "netns", "attach", "init", str(os.getpid()))
