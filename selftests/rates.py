# SPDX-License-Identifier: GPL-2.0
"""What ipvsadm and /proc/net/ip_vs_stats show of rates, beside what they must be; for dropin_rates.sh.

    rates.py UP DOWN

Runs in the director. For UP seconds the client sends datagrams on ever new connections, then for DOWN
seconds nothing, and all the time the rates are read. IPVS makes them every two seconds: a quarter of what
came in these, and three quarters of what the rate was. Nobody tells when these two seconds begin, and they
begin for each service, server and namespace at another time. A rate that is shown must therefore be one
that some beginning leads to, or be off by less than BOUND and SLACK.

Prints how many rates were read and how far the worst was off; ends with status 1 if one was off too far, and
with 3 if the machine has stood still for so long that nothing can be said.
"""

import os
import socket
import subprocess
import sys
import threading
import time

BOUND = 0.15
SLACK = 3
PAUSE = 0.02  # seconds between two rounds of the client
EVERY = 0.4  # seconds between two readings
GAP = 1.8  # seconds between two readings that are too far apart
INTERVAL = 2.0
NAMES = ("CPS", "InPPS", "OutPPS", "InBPS", "OutBPS")
DATA = b"x" * 31 + b"\n"
ANSWER = len("server1 ")  # what servers add to the data
# Service, size of the headers, and datagrams for each connection.
SERVICES = {"10.0.0.100:80": (28, 3), "[2001:db8:a::100]:80": (48, 1)}


class Client(threading.Thread):
    """Sends until it is told to stop; `history` has the rounds that were begun, by time."""

    def __init__(self):
        super().__init__()
        self.history = [(time.monotonic(), 0)]
        self.stopped = threading.Event()
        self.failure = None

    def run(self):
        try:
            with open("/run/netns/client", "rb") as handle:
                os.setns(handle.fileno(), os.CLONE_NEWNET)
            while not self.stopped.is_set():
                self.round(len(self.history))
                self.history.append((time.monotonic(), len(self.history)))
                self.stopped.wait(PAUSE)
        except OSError as error:
            self.failure = error

    @staticmethod
    def round(number):
        """A connection to each service, from a port that none had."""
        for index, (service, (_, count)) in enumerate(SERVICES.items()):
            address, port = service.strip("[").replace("]", "").rsplit(":", 1)
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family, socket.SOCK_DGRAM) as sock:
                sock.settimeout(20)
                sock.bind(("", 20000 + number * len(SERVICES) + index))
                sock.connect((address, int(port)))
                for _ in range(count):
                    sock.send(DATA)
                    sock.recv(256)


def per_round(service):
    """What a round adds to the five counters of a service."""
    headers, count = SERVICES[service]
    return (1, count, count, count * (headers + len(DATA)), count * (headers + len(DATA) + ANSWER))


def rounds(history, times):
    """How many rounds there were at these times, which ascend."""
    at, out = 0, []
    for moment in times:
        while at + 1 < len(history) and history[at + 1][0] <= moment:
            at += 1
        out.append(history[at][1])
    return out


class Model:
    """The rate of rounds as IPVS makes it, for every time at which the two seconds may begin."""

    def __init__(self, history, end, steps=40):
        self.lines = []
        for step in range(steps):
            first = history[0][0] - INTERVAL + INTERVAL * step / steps
            times = [first + INTERVAL * n for n in range(int((end - first) / INTERVAL) + 2)]
            counts, average, line = rounds(history, times), 0.0, []
            for number in range(1, len(times)):
                delta = (counts[number] - counts[number - 1]) / INTERVAL
                average += (delta - average) / 4
                line.append((times[number], average))
            self.lines.append(line)

    def range(self, begin, end):
        """The least and the most that can be shown between two times."""
        found = []
        for line in self.lines:
            before = [average for moment, average in line if moment <= begin]
            found += before[-1:] or [0.0]
            found += [average for moment, average in line if begin < moment <= end]
        return min(found), max(found)


def read():
    """{object: five rates}, with the times before and after."""
    begin, found, service = time.monotonic(), {}, None
    text = subprocess.run(
        ["ipvsadm", "-L", "-n", "--rate", "--exact"], capture_output=True, check=True, text=True
    ).stdout
    for line in text.splitlines()[3:]:
        kind, name, *rates = line.split()
        if kind == "->":
            name = (service, name)
        else:
            service = name
        found[name] = [int(rate) for rate in rates]
    with open("/proc/net/ip_vs_stats", encoding="ascii") as stats:
        found["total"] = [int(rate, 16) for rate in stats.read().splitlines()[-1].split()]
    return begin, time.monotonic(), found


def wanted(name):
    """What a round adds, on the average, to the counters of an object."""
    if name == "total":
        return [sum(each) for each in zip(*(per_round(service) for service in SERVICES))]
    if isinstance(name, tuple):
        return [each / 3 for each in per_round(name[0])]
    return per_round(name)


def main():
    up, down = float(sys.argv[1]), float(sys.argv[2])
    # Of what nobody has read yet rvs shows the mean since it was made: both begin with silence.
    read()
    time.sleep(1.2)
    read()
    client, readings = Client(), []
    client.start()
    while (now := time.monotonic() - client.history[0][0]) < up + down:
        if now >= up:
            client.stopped.set()
        readings.append(read())
        time.sleep(EVERY)
    client.join()
    if client.failure:
        sys.exit(f"the client: {client.failure}")
    if max(then - now for (now, *_), (then, *_) in zip(readings, readings[1:])) > GAP:
        sys.exit(3)
    model = Model(client.history, time.monotonic())
    worst, count, bad = 0.0, 0, 0
    for begin, end, found in readings:
        # A round that is under way is half there.
        least, most = model.range(begin - 0.2, end)
        for name, rates in found.items():
            for kind, each, rate in zip(NAMES, wanted(name), rates):
                low, high = least * each, most * each
                off = max(low - rate, rate - high, 0)
                count += 1
                if off > SLACK:
                    worst = max(worst, off / max(high, 1))
                if off > SLACK + BOUND * high:
                    bad += 1
                    print(f"{begin - client.history[0][0]:.1f} s: {name} {kind}: {rate}, not {low:.0f} to {high:.0f}")
    objects = 1 + len(SERVICES) * 4
    if any(len(found) != objects for _, _, found in readings) or len(readings) < 10:
        sys.exit(f"{len(readings)} readings, of {[len(found) for _, _, found in readings]} objects")
    peak = max(found["total"][0] for _, _, found in readings)
    least, most = model.range(client.history[0][0], client.history[-1][0])
    print(f"{count} rates in {len(readings)} readings, {len(client.history) - 1} rounds, peak {peak} CPS,"
          f" worst {worst * 100:.0f} % beside what it can be")
    sys.exit(1 if bad or peak < most else 0)


main()
