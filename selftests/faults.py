# SPDX-License-Identifier: GPL-2.0
"""Requests and packets with each of their allocations failing in turn, for faults.sh.

    faults.py requests      every request of nl.py, and those that make tables grow
    faults.py transactions  several changes in one request, which are done together or not at all
    faults.py namespaces    new network namespaces
    faults.py packets ADDRESS...
                            datagrams from here, each from a new port, to port 81

What fails is chosen in /sys/kernel/debug/failslab: allocations below a function of the module.
/proc/thread-self/fail-nth then makes the n-th of them fail in this thread, until there is none.

A request that was refused has changed nothing; what was refused works when it is tried again. A
datagram is answered, or one more has been dropped.
"""

import collections
import ctypes
import errno
import os
import socket
import sys

import nl
import transact

CLONE_NEWNET = 0x40000000
SCHEDULERS = "rr wrr lc wlc sed nq sh mh dh lblc lblcr fo ovf twos p2c ewma".split()
# What a request without memory may end with.
REFUSALS = ("ENOMEM", "ENOBUFS")
# More than any of them makes.
MOST = 200

with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as probe:
    FAIL = os.dup(probe.fileno())


class Nth:
    """Lets the n-th allocation fail; `hit` tells afterwards whether there were as many."""

    def __init__(self, number):
        self.number, self.hit = number, False

    def __enter__(self):
        os.pwrite(FAIL, str(self.number).encode(), 0)
        return self

    def __exit__(self, *_):
        self.hit = int(os.pread(FAIL, 16, 0).rstrip(b"\0\n")) == 0
        os.pwrite(FAIL, b"0", 0)


class Requests:
    def __init__(self):
        self.client = nl.Client()
        self.client.find_family()
        self.counts = collections.Counter()
        self.bad = []

    def state(self):
        return [sorted(answer.values()) for answer in self.client.state()]

    def once(self, number, command, changes):
        """The outcome of the request with this allocation failing, and whether one failed."""
        try:
            with Nth(number) as fault:
                outcome = self.client.request(command, changes).error
        except OSError as error:
            outcome = errno.errorcode[error.errno]
        return outcome, fault.hit

    def each_fails(self, command, changes="", undo=None):
        """The request, until none of its allocations is left to fail. It has been done then, and
        is undone but for the last time."""
        before = self.state()
        for number in range(1, MOST):
            outcome, hit = self.once(number, command, changes)
            if not hit:
                break
            self.counts["faults"] += 1
            if outcome == "ok":
                self.counts["faults that were overcome"] += 1
                undo()
                before = self.state()
            elif outcome not in REFUSALS:
                self.bad.append(f"{command} {changes}, allocation {number}: {outcome}")
            elif self.state() != before:
                self.bad.append(f"{command} {changes}, allocation {number}: changed something")
                before = self.state()
        else:
            self.bad.append(f"{command} {changes}: has no end")
        if outcome != "ok":
            self.bad.append(f"{command} {changes}: {outcome} without a fault")
        self.counts["requests"] += 1

    def set_up(self):
        self.client.request("flush")
        for step in nl.SETUP:
            self.client.request(*step)

    def all(self):
        """Every request there is."""
        for command in nl.REQUESTS:
            self.set_up()
            self.each_fails(command, undo=self.set_up)

    def growth(self, scheduler):
        """A service with this scheduler, and its servers until the tables have grown."""
        service = "service.port=81"
        remove = lambda: self.client.request("service-del", service)
        self.set_up()
        self.each_fails("service-new", f"{service} service.scheduler={scheduler}", remove)
        for number in range(1, 12):
            server = f"{service} dest.addr=192.168.1.{number}"
            remove = lambda server=server: self.client.request("dest-del", server)
            self.each_fails("dest-new", server, remove)
        for weight in (3, 0):
            change = f"{service} dest.addr=192.168.1.5 dest.weight={weight}"
            back = f"{service} dest.addr=192.168.1.5 dest.weight=7"
            self.each_fails("dest-set", change, lambda: self.client.request("dest-set", back))
        self.each_fails("dest-del", f"{service} dest.addr=192.168.1.7",
                        lambda: self.client.request("dest-new", f"{service} dest.addr=192.168.1.7"))

    def change_of_scheduler(self, scheduler):
        """From rr and back."""
        back = lambda name: lambda: self.client.request("service-set", f"service.scheduler={name}")
        self.each_fails("service-set", f"service.scheduler={scheduler}", back("rr"))
        self.each_fails("service-set", "service.scheduler=rr", back(scheduler))

    def settings(self):
        """What a service may have besides."""
        self.set_up()
        extra = "service.persist-timeout=60 service.timeout.state=1 service.timeout.seconds=9 "
        extra += "service.port=82 service.flags=4"
        remove = lambda: self.client.request("service-del", "service.port=82")
        self.each_fails("service-new", extra, remove)
        self.set_up()
        for number in range(40):
            service = f"service.port={1000 + number}"
            remove = lambda service=service: self.client.request("service-del", service)
            self.each_fails("service-new", service, remove)
        self.each_fails("flush", undo=self.set_up)

    def run(self):
        self.all()
        self.settings()
        for scheduler in SCHEDULERS:
            self.growth(scheduler)
            self.change_of_scheduler(scheduler)
        self.client.request("flush")
        return self.counts, self.bad


class Transactions:
    """Two services with servers, and one step that does all that a step can do, in each scheduler."""

    def __init__(self):
        self.kernel = transact.Kernel()
        self.counts, self.bad = collections.Counter(), []

    def set_up(self):
        change, new, service, server = transact.change, transact.new, transact.service, transact.server
        changes = [change("flush"), change("config-set", config=transact.nest("config", timeout_tcp=900))]
        changes += [change("service-new", new(1)), change("service-new", new(2, family="6"))]
        changes += [change("dest-new", service(1), server(number)) for number in range(1, 70)]
        changes += [change("dest-new", service(2, family="6"), server(number, family="6"))
                    for number in range(1, 4)]
        transact.expect(self.kernel.transact(*changes))

    def step(self, scheduler):
        """Makes, puts, changes and removes services and servers of both families, and a setting."""
        change, new, service = transact.change, transact.new, transact.service
        dest, server = transact.dest, transact.server
        six = {"family": "6"}
        return [change("service-set", new(1, scheduler, persist_timeout=60)),
                change("dest-del", service(1), dest(1)), change("dest-set", service(1), server(2, 7)),
                change("dest-new", service(1), server(100)), change("dest-new", service(1), server(101, 0)),
                change("dest-new", service(2, **six), server(9, **six)),
                change("dest-del", service(2, **six), dest(1, **six)),
                change("service-put", new(2, scheduler, **six)),
                change("dest-put", service(2, **six), server(2, 5, **six)),
                change("service-new", new(3, scheduler)), change("dest-put", service(3), server(1)),
                change("service-new", new(4)), change("service-del", service(4)),
                change("config-set", config=transact.nest("config", timeout_tcp=777))]

    def once(self, number, step):
        """The outcome of the step with this allocation failing, and whether one failed."""
        try:
            with Nth(number) as fault:
                outcome = self.kernel.transact(*step).error
        except OSError as error:
            outcome = errno.errorcode.get(error.errno, str(error))
        return outcome, fault.hit

    def each_fails(self, scheduler):
        """The step, until none of its allocations is left to fail."""
        step = self.step(scheduler)
        self.set_up()
        for number in range(1, 5 * MOST):
            before = self.kernel.everything()
            outcome, hit = self.once(number, step)
            if not hit:
                break
            self.counts["faults"] += 1
            if outcome == "ok":
                self.counts["faults that were overcome"] += 1
                self.set_up()
            elif outcome not in REFUSALS:
                self.bad.append(f"{scheduler}, allocation {number}: {outcome}")
            elif self.kernel.everything() != before:
                self.bad.append(f"{scheduler}, allocation {number}: changed something")
                self.set_up()
        else:
            self.bad.append(f"{scheduler}: has no end")
        if outcome != "ok":
            self.bad.append(f"{scheduler}: {outcome} without a fault")
        self.counts["transactions"] += 1

    def run(self):
        for scheduler in SCHEDULERS:
            self.each_fails(scheduler)
        self.kernel.request("flush")
        return self.counts, self.bad


def unshare():
    """Makes a namespace, in a child; returns whether it worked."""
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.unshare(CLONE_NEWNET) == 0


def namespaces():
    counts, bad = collections.Counter(), []
    for number in range(1, MOST):
        child = os.fork()
        if child == 0:
            own = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
            os.pwrite(own, str(number).encode(), 0)
            worked = unshare()
            hit = int(os.pread(own, 16, 0).rstrip(b"\0\n")) == 0
            os.pwrite(own, b"0", 0)
            os._exit((0 if worked else 1) + (2 if hit else 0))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status == 0:
            break
        counts["faults"] += 1
        if status == 1:
            bad.append(f"namespace, allocation {number}: failed without a fault")
        if status == 2:
            counts["faults that were overcome"] += 1
    else:
        bad.append("namespaces: no end")
    counts["namespaces"] = 1
    return counts, bad


class Packets:
    def __init__(self):
        self.client = nl.Client()
        self.client.find_family()
        self.counts, self.bad = collections.Counter(), []

    def drops(self):
        """How many packets were dropped for any reason."""
        values = [text.partition("=") for text in self.client.request("info-get").values()]
        return sum(int(value) for name, _, value in values if name.endswith("drop.packets"))

    def datagram(self, address, number):
        """One from a new port; returns whether it was answered, and whether a fault was met."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1)
            # Not the virtual address, which the servers have, too.
            sock.bind(("192.168.0.1" if family == socket.AF_INET else "2001:db8:b::1", 0))
            sock.connect((address, 81))
            try:
                with Nth(number) as fault:
                    sock.send(b"x")
                answered = bool(sock.recv(100))
            except OSError:
                answered = False
            return answered, fault.hit

    def each_fails(self, address):
        for number in range(1, MOST):
            before = self.drops()
            answered, hit = self.datagram(address, number)
            if not hit:
                break
            self.counts["faults"] += 1
            if answered:
                self.counts["faults that were overcome"] += 1
            elif self.drops() == before:
                self.bad.append(f"{address}, allocation {number}: lost without a reason")
            else:
                self.counts["dropped"] += 1
        if not answered:
            self.bad.append(f"{address}: no answer without a fault")
        if not self.datagram(address, 0)[0]:
            self.bad.append(f"{address}: no answer after that")
        self.counts["packets"] += 1

    def run(self, addresses):
        for address in addresses:
            self.each_fails(address)
        return self.counts, self.bad


def main():
    if sys.argv[1] == "requests":
        counts, bad = Requests().run()
    elif sys.argv[1] == "transactions":
        counts, bad = Transactions().run()
    elif sys.argv[1] == "namespaces":
        counts, bad = namespaces()
    else:
        counts, bad = Packets().run(sys.argv[2:])
    print("; ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    print(*bad, sep="\n", file=sys.stderr)
    if not counts["faults"]:
        print("nothing failed", file=sys.stderr)
    return bool(bad) or not counts["faults"]


if __name__ == "__main__":
    sys.exit(main())
