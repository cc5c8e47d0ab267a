# SPDX-License-Identifier: GPL-2.0
"""Dumps of services and servers with the netlink family rvs, in the namespace that it is run in.

    dumps.py CASE    runs the function of this name; fails with a message
"""

import multiprocessing
import socket
import struct
import sys

from os.path import dirname

sys.path.insert(0, dirname(__file__))
from nl import ACK, DONE, DUMP, ERROR, NESTED, REQUEST, decode, split  # noqa: E402
from transact import (FORMS, NUMBERS, Kernel, attr, change, dest, expect, fresh, nest, new, same,  # noqa: E402
                      server, service)

SERVICE_GET, DEST_GET, INTERRUPTED, TEXT = 4, 8, 0x10, 1
VOLATILE = ("service.stats", "dest.stats", "service.drop")


def find(body, name):
    """A value in a message, found without a look at the others; None if it is not there."""
    form = "rvs"
    for part in name.split("."):
        wanted, form = FORMS[form][part]
        body = next((payload for kind, payload in split(body) if kind == wanted), None)
        if body is None:
            return None
    if form == "addr":
        return socket.inet_ntop(socket.AF_INET if len(body) == 4 else socket.AF_INET6, body)
    return body[:-1].decode() if form == "str" else str(struct.unpack(NUMBERS[form], body)[0])


class Dumped:
    """A dump: its messages, and how it ended."""

    def __init__(self, kernel, command, key=b"", meanwhile=None, **tail):
        body = attr(FORMS["rvs"]["service"][0] | NESTED, key) if key else b""
        kernel.send(kernel.family, REQUEST | ACK | DUMP, command, body + nest("rvs", **tail))
        self.bodies = []
        self.interrupted, self.error, self.text = False, 0, ""
        while self.take(kernel, kernel.sock.recv(1 << 14)):
            if meanwhile:
                meanwhile()
                meanwhile = None

    def take(self, kernel, data):
        while data:
            length, kind, flags, sequence, _ = struct.unpack_from("=IHHII", data)
            message, data = data[16:length], data[(length + 3) & ~3:]
            if sequence != kernel.sequence:
                continue
            self.interrupted |= bool(flags & INTERRUPTED)
            if kind in (ERROR, DONE):
                self.error = -struct.unpack_from("=i", message)[0]
                tlvs = dict(split(message[20 if kind == ERROR else 4:]))
                self.text = tlvs.get(TEXT, b"\0")[:-1].decode()
                return False
            self.bodies.append(message[4:])
        return True

    @property
    def objects(self):
        """All that is said of each object, but for counters."""
        hidden = (*VOLATILE, "generation=")
        return [[text for text in decode("rvs", body) if not text.startswith(hidden)]
                for body in self.bodies]

    @property
    def generations(self):
        return {int(text) for text, in self.get("generation")}

    def get(self, *names):
        """These values of each object."""
        return [tuple(find(body, name) for name in names) for body in self.bodies]


def good(dumped):
    same((0, "", False), (dumped.error, dumped.text, dumped.interrupted), "end of a dump")
    return dumped


def services(kernel, **tail):
    return good(Dumped(kernel, SERVICE_GET, **tail))


def servers(kernel, key=b"", **tail):
    return good(Dumped(kernel, DEST_GET, key, **tail))


def site(kernel, count=3, each=2, **tail):
    """Services at both families, each with servers."""
    changes = []
    for port in range(1, count + 1):
        for family in "46":
            at = service(port, family)
            changes.append(change("service-new", service(port, family, scheduler="rr")))
            changes += [change("dest-new", at, server(n, n)) if family == "4" else
                        change("dest-new", at, dest(n, "6", method=0, weight=n))
                        for n in range(1, each + 1)]
    expect(kernel.transact(*changes, **tail))


def everything():
    """All servers in one dump are those of each service, in the same order."""
    kernel = fresh()
    site(kernel, 20, 9)
    now = kernel.generation()
    whole = servers(kernel)
    parts = []
    for family in "46":
        for port in range(1, 21):
            parts += servers(kernel, service(port, family)).objects
    same(360, len(whole.objects), "servers")
    same(sorted(parts), sorted(whole.objects), "servers of all services")
    same([{now}, {now}], [whole.generations, services(kernel).generations], "generations of messages")
    order = [values for values in whole.get("service.port", "service.addr")]
    same(40, 1 + sum(a != b for a, b in zip(order, order[1:])), "runs of services")
    same([str(n) for n in range(9, 0, -1)], [w for w, in whole.get("dest.weight")][:9], "newest first")


def owners():
    """Those of an owner, and those of nobody."""
    kernel = fresh()
    site(kernel, 2, 2, owner="red")
    expect(kernel.transact(change("service-new", new(9)), change("dest-new", service(9), server(1))))
    expect(kernel.transact(change("dest-new", service(9), server(2)), owner="blue", force=None))
    counts = {who: (len(services(kernel, owner=who).bodies), len(servers(kernel, owner=who).bodies))
              for who in ("red", "blue", "", "green")}
    same({"red": (4, 8), "blue": (0, 1), "": (1, 1), "green": (0, 0)}, counts, "objects of owners")
    same([("9", "blue")], servers(kernel, owner="blue").get("service.port", "dest.owner"), "of blue")
    same(1, len(servers(kernel, service(9), owner="blue").objects), "of blue in a service")
    bad = Dumped(kernel, SERVICE_GET, owner="a b")
    same((22, "the name of an owner has no blanks and no control characters"), (bad.error, bad.text),
         "a bad name")


def since():
    """Only what changed, until something is removed."""
    kernel = fresh()
    site(kernel)
    begun = kernel.generation()
    same([[], []], [services(kernel, since=begun).objects, servers(kernel, since=begun).objects], "nothing")
    expect(kernel.transact(change("dest-set", service(2), server(1, 9))))
    expect(kernel.transact(change("service-set", service(3, "6", persist_timeout=60)),
                           change("dest-new", service(3, "6"), dest(7, "6", method=0, weight=1))))
    expect(kernel.single("dest-set", service(1), server(2, 5)))
    same([("3", str(begun + 2))], services(kernel, since=begun).get("service.port", "service.generation"),
         "services")
    same([("1", str(begun + 3)), ("2", str(begun + 1)), ("3", str(begun + 2))],
         sorted(servers(kernel, since=begun).get("service.port", "dest.generation")), "servers")
    same(["1"], [port for port, in servers(kernel, since=begun + 2).get("service.port")], "later ones")
    same(1, len(servers(kernel, service(2), since=begun).objects), "of a service")
    same([], servers(kernel, since=kernel.generation()).objects, "nothing more")
    wrong(kernel, begun + 99, 116, f"objects may have been removed since {begun + 99}: dump everything")
    both = Dumped(kernel, DEST_GET, since=begun, owner="red")
    same((22, "what changed since is told of all owners: leave owner out"), (both.error, both.text), "both")


def wrong(kernel, generation, error, text):
    for command in SERVICE_GET, DEST_GET:
        got = Dumped(kernel, command, since=generation)
        same((error, text, []), (got.error, got.text, got.objects), f"since {generation}")


def removals():
    """Every way in which something goes makes what was known before stale, and nothing else does."""
    ways = {
        "a server": lambda kernel: kernel.single("dest-del", service(1), dest(1)),
        "a service": lambda kernel: kernel.single("service-del", service(2, "6")),
        "in a transaction": lambda kernel: kernel.transact(
            change("dest-del", service(3), dest(1)), change("dest-set", service(3), server(2, 8))),
        "a service, renewed": lambda kernel: kernel.transact(
            change("service-del", service(3)), change("service-new", new(3))),
        "everything": lambda kernel: kernel.single("flush"),
    }
    kernel = fresh()
    site(kernel)
    for name, remove in ways.items():
        before = kernel.generation()
        expect(kernel.transact(change("service-set", service(1, "6", persist_timeout=60))))
        services(kernel, since=before)
        expect(remove(kernel))
        wrong(kernel, before, 116, f"objects may have been removed since {before}: dump everything")
        now = kernel.generation()
        same(now, kernel.info("since"), f"after {name}: oldest generation")
        same([[], []], [services(kernel, since=now).objects, servers(kernel, since=now).objects], name)
    site(kernel)
    before = kernel.generation()
    refused = kernel.transact(change("dest-del", service(1), dest(1)), change("dest-del", service(1), dest(77)))
    same("ENOENT", refused.error, "a refusal")
    expect(kernel.transact(change("dest-del", service(1), dest(1)), dry_run=None))
    same([], servers(kernel, since=before).objects, "after what was refused, or only tried")


def change_all(stop):
    """Gives all servers the same weight, another one each time."""
    kernel = Kernel()
    weight = 1
    while not stop.is_set():
        weight = weight % 1000 + 1
        expect(kernel.transact(*[change("dest-set", service(1), server(n, weight)) for n in range(1, 201)]))
        stop.wait(0.02)


def changing():
    """A dump that is not marked as interrupted is of one generation."""
    kernel, other = fresh(), Kernel()
    expect(kernel.transact(change("service-new", new(1)),
                           *[change("dest-new", service(1), server(n, 1)) for n in range(1, 201)]))
    for step in (("dest-set", service(1), server(1, 2)), ("dest-del", service(1), dest(200)),
                 ("dest-new", service(1), server(200)), ("service-new", new(2))):
        for key in service(1), b"":
            got = Dumped(kernel, DEST_GET, key, lambda: other.single(*step))
            same((0, True), (got.error, got.interrupted), f"{step[0]} meanwhile")
            step = ("dest-set", service(1), server(1, 3))
    good(Dumped(kernel, DEST_GET, service(1), other.generation))
    expect(kernel.transact(*[change("dest-set", service(1), server(n, 1)) for n in range(1, 201)]))
    context = multiprocessing.get_context("fork")
    stop = context.Event()
    # Whatever goes wrong here ends it, too.
    writer = context.Process(target=change_all, args=(stop,), daemon=True)
    writer.start()
    whole = torn = 0
    while whole < 20 and torn < 2000:
        got = Dumped(kernel, DEST_GET, service(1) if whole % 2 else b"")
        if got.interrupted:
            torn += 1
            continue
        whole += 1
        pairs = set(got.get("dest.addr", "dest.weight", "generation"))
        same((0, 200, 200, 1), (got.error, len(got.bodies), len(pairs), len({pair[1:] for pair in pairs})),
             "a whole dump")
    stop.set()
    writer.join()
    print(f"{whole} whole, {torn} interrupted")
    same((0, 20), (writer.exitcode, whole), "the writer; whole dumps")


def many():
    """Thousands of services, and of servers of one service: each once, in order."""
    kernel = fresh()
    places = [f"10.60.{n >> 8}.{n & 255}" for n in range(5000)]
    expect(kernel.transact(*[part for at in places for part in (
        change("service-new", new(1, addr=at)), change("dest-new", service(1, addr=at), server(1)))]))
    same(places, [at for at, in services(kernel).get("service.addr")], "services")
    same(places, [at for at, in servers(kernel).get("service.addr")], "servers")
    expect(kernel.transact(change("flush")))
    expect(kernel.transact(change("service-new", new(1)),
                           *[change("dest-new", service(1), server(n, n)) for n in range(1, 5001)]))
    wanted = [str(n) for n in range(5000, 0, -1)]
    for key in service(1), b"":
        same(wanted, [weight for weight, in servers(kernel, key).get("dest.weight")], "servers of one service")
    expect(kernel.transact(change("flush")))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
