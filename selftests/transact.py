# SPDX-License-Identifier: GPL-2.0
"""Transactions with the netlink family rvs, in the namespace that it is run in.

    transact.py CASE [ARGUMENT...]    runs the function of this name; fails with a message
"""

import multiprocessing
import os
import random
import socket
import struct
import sys
import time

from os.path import dirname

sys.path.insert(0, dirname(__file__))
from nl import ACK, NESTED, REQUEST, SETS, Client, decode, key  # noqa: E402

TRANSACT, SNDBUFFORCE = 15, 32
OPS = ("service-new service-set service-del dest-new dest-set dest-del service-put dest-put "
       "flush config-set").split()
# The requests of the same names.
SINGLE = {"service-new": 1, "service-set": 2, "service-del": 3, "dest-new": 5, "dest-set": 6,
          "dest-del": 7, "flush": 10}
FORMS = {name: {entry[0]: (number, entry[1]) for number, entry in enumerate(entries, 1)}
         for name, entries in SETS.items()}
NUMBERS = {"u8": "=B", "u16": "=H", "be16": ">H", "u32": "=I"}
FAMILIES = {"4": socket.AF_INET, "6": socket.AF_INET6}
PROTOCOLS = {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}


def attr(kind, data):
    """An attribute, padded."""
    return struct.pack("=HH", len(data) + 4, kind) + data + bytes(-len(data) % 4)


def value(form, what):
    """The payload of an attribute."""
    if form in NUMBERS:
        return struct.pack(NUMBERS[form], what)
    if form == "addr":
        return socket.inet_pton(socket.AF_INET6 if ":" in what else socket.AF_INET, what)
    return b"" if form == "flag" else what.encode() + b"\0"


def nest(form, **values):
    """The attributes of a nest; `_` in names stands for `-`."""
    parts = []
    for name, what in values.items():
        kind, inner = FORMS[form][name.replace("_", "-")]
        parts.append(attr(kind, value(inner, what)))
    return b"".join(parts)


def vip(family):
    return "2001:db8:a::100" if family == "6" else "10.0.0.100"


def service(port, family="4", protocol="udp", addr=None, **values):
    """What names a service, and more of it."""
    return nest("service", family=FAMILIES[family], protocol=PROTOCOLS[protocol],
                addr=addr or vip(family), port=port, **values)


def new(port, scheduler="rr", **values):
    return service(port, scheduler=scheduler, **values)


def host(number, family="4"):
    """The address of a server; its last digits have all of 16 bits."""
    high, low = number >> 8, number & 255
    return f"2001:db8:50::{high:x}:{low:x}" if family == "6" else f"10.50.{high}.{low}"


def dest(number, family="4", port=80, **values):
    return nest("dest", addr=host(number, family), port=port, **values)


def server(number, weight=1, **values):
    """A destination with settings."""
    return dest(number, method=0, weight=weight, **values)


def change(op, service=b"", dest=b"", config=b""):
    """A change of a transaction."""
    body = attr(FORMS["change"]["op"][0], bytes([OPS.index(op)])) if op else b""
    for name, inner in ("service", service), ("dest", dest), ("config", config):
        if inner:
            body += attr(FORMS["change"][name][0] | NESTED, inner)
    return attr(FORMS["rvs"]["change"][0] | NESTED, body)


class Kernel(Client):
    """The family rvs."""

    def __init__(self):
        super().__init__()
        self.sock.setsockopt(socket.SOL_SOCKET, SNDBUFFORCE, 64 << 20)
        self.sock.settimeout(60)
        self.find_family()

    def transact(self, *changes, **tail):
        self.send(self.family, REQUEST | ACK, TRANSACT, b"".join(changes) + nest("rvs", **tail))
        return self.receive({})

    def single(self, op, service=b"", dest=b"", **tail):
        """The request of the name of a change."""
        body = attr(FORMS["rvs"]["service"][0] | NESTED, service) if service else b""
        body += attr(FORMS["rvs"]["dest"][0] | NESTED, dest) if dest else b""
        self.send(self.family, REQUEST | ACK, SINGLE[op], body + nest("rvs", **tail))
        return self.receive({})

    def generation(self):
        answer = self.transact()
        expect(answer)
        return number(answer, "generation")

    def info(self, name):
        return number(self.request("info-get"), f"info.{name}")

    def everything(self):
        """What shows any difference: the dumps, and what is counted."""
        bodies = [answer.bodies for answer in self.state()[:3] + self.state()[4:]]
        return bodies, [self.info(name) for name in ("services", "dests", "generation")]

    def configuration(self):
        """Services and destinations, as texts in their order; not when they changed."""
        def shown(body):
            return [text for text in decode("rvs", body) if "generation=" not in text]

        objects = []
        for body in self.state()[0].bodies:
            objects.append(" ".join(shown(body)))
            dests = self.request("dest-dump", key(body)).bodies
            objects += [" ".join([key(body), *shown(dest)]) for dest in dests]
        return sorted(objects)


def number(answer, name):
    return next(int(text.split("=")[1]) for text in answer.values() if text.startswith(name + "="))


def expect(answer, error="ok", text=""):
    if answer.error != error or not answer.text.startswith(text):
        sys.exit(f"got {answer.error} {answer.text!r}, not {error} {text!r}")


def same(wanted, got, what):
    if wanted != got:
        sys.exit(f"{what}: {got}, not {wanted}")


def unchanged(kernel, changes, error, text, **tail):
    """A transaction is refused and changes nothing."""
    before = kernel.everything()
    answer = kernel.transact(*changes, **tail)
    expect(answer, error, text)
    if kernel.everything() != before:
        sys.exit(f"{text} changed something")
    return answer


def fresh():
    kernel = Kernel()
    expect(kernel.transact(change("flush"), force=None))
    return kernel


def whole():
    """Several changes are one; the answer counts them; the generation goes up by one."""
    kernel = fresh()
    before = kernel.generation()
    answer = kernel.transact(
        change("service-new", new(1)), change("dest-new", service(1), server(1)),
        change("dest-new", service(1), server(2)), change("service-new", new(2, family="6")),
        change("dest-new", service(2, family="6"), server(1, family="6")),
        change("dest-del", service(1), dest(1)))
    expect(answer)
    same([before + 1, 6], [number(answer, "generation"), number(answer, "count")], "answer")
    same([2, 2], [kernel.info("services"), kernel.info("dests")], "objects")
    expect(kernel.transact(change("flush")))
    same([0, 0, before + 2],
         [kernel.info(name) for name in ("services", "dests", "generation")], "objects")


def put():
    """Puts make what is not there, and set all of what is."""
    kernel = fresh()
    both = [change("service-put", new(1, persist_timeout=300)),
            change("dest-put", service(1), server(1, 5, upper=10))]
    expect(kernel.transact(*both))
    first = kernel.configuration()
    expect(kernel.transact(*both))
    same(first, kernel.configuration(), "the same once more")
    expect(kernel.transact(change("service-put", new(1, "wrr")),
                           change("dest-put", service(1), server(1))))
    second = kernel.configuration()
    expect(kernel.transact(change("flush"), change("service-put", new(1, "wrr")),
                           change("dest-put", service(1), server(1))))
    same(second, kernel.configuration(), "what is absent is the default")


def refusal():
    """One wrong change among ten thousand: nothing is changed, and its number is named."""
    kernel = fresh()
    expect(kernel.transact(change("service-new", new(1)), *(
        change("dest-new", service(1), server(n)) for n in range(1, 101))))
    here = service(1)
    half = [change("dest-put", here, server(n, n & 7)) for n in range(1, 5001)]
    for wrong, error, text in (
            (change("dest-del", here, dest(6000)), "ENOENT", "the service has no such destination"),
            (change("dest-new", here, server(5)), "EEXIST", ""),
            (change("service-del", service(9)), "ESRCH", ""),
            (change("service-new", new(2, "rx")), "ENOENT", "scheduler 'rx' is not loaded"),
            (change("service-new", service(3)), "EINVAL", "attribute service.scheduler"),
            (change("dest-set", here), "EINVAL", "attribute dest is missing"),
            (change("", here), "EINVAL", "attribute change.op is missing"),
            (change("config-set"), "EINVAL", "attribute config is missing"),
            (change("flush", here), "EINVAL", "this attribute is not for flush")):
        answer = unchanged(kernel, [*half, wrong, *half], error, f"change 5001: {text}")
        # After the header of the message and the changes before it.
        place = int(answer.where.split()[1]) - 20 - sum(map(len, half))
        if not 0 <= place < len(wrong):
            sys.exit(f"{text}: the place is {place} bytes into the change")


def settings():
    """Settings change with the rest, or not at all."""
    kernel = fresh()
    expect(kernel.transact(change("config-set", config=nest("config", timeout_tcp=777)),
                           change("service-new", new(1))))
    same(777, number(kernel.request("config-get"), "config.timeout-tcp"), "timeout")
    same(1, kernel.info("services"), "services")
    unchanged(kernel, [change("config-set", config=nest("config", timeout_tcp=778)),
                       change("service-new", new(1))], "EEXIST", "change 2: ")
    same(777, number(kernel.request("config-get"), "config.timeout-tcp"), "timeout")


def dry_run():
    """Nothing changes, but what would be refused is."""
    kernel = fresh()
    expect(kernel.transact(change("service-new", new(1)), change("dest-new", service(1), server(1))))
    many = [change("dest-new", service(1), server(n)) for n in range(2, 1002)]
    sets = [[change("service-new", new(7, "mh")), change("dest-new", service(7), server(1))],
            [change("service-del", service(1)), change("service-new", new(1, "wlc")), *many],
            [change("flush")], many,
            [change("dest-set", service(1), server(1, 9))], [change("dest-del", service(1), dest(1))]]
    for changes in sets:
        unchanged(kernel, changes, "ok", "", dry_run=None)
    unchanged(kernel, [*many, change("dest-del", service(1), dest(5000))], "ENOENT",
              "change 1001: ", dry_run=None)
    expect(kernel.transact(*many))


def generation():
    """What was made for another generation is refused."""
    kernel = fresh()
    expect(kernel.transact(change("service-new", new(1))))
    now = kernel.generation()
    expect(kernel.transact(change("dest-put", service(1), server(9)), generation=now))
    unchanged(kernel, [change("dest-put", service(1), server(8))], "ESTALE",
              f"the configuration has changed: its generation is {now + 1}", generation=now)
    unchanged(kernel, [], "ESTALE", "the configuration has changed", generation=now)
    expect(kernel.single("dest-set", service(1), server(9, 4)))
    same(now + 2, kernel.generation(), "generation after a request")
    unchanged(kernel, [], "ok", "", generation=now + 2)


def again():
    """What is removed and added in one transaction."""
    kernel = fresh()
    expect(kernel.transact(change("service-new", new(1)), change("dest-new", service(1), server(1))))
    expect(kernel.transact(change("service-del", service(1)), change("service-new", new(1, "lc")),
                           change("dest-new", service(1), server(1)),
                           change("dest-new", service(1), server(2))))
    same([1, 2], [kernel.info("services"), kernel.info("dests")], "objects")
    expect(kernel.transact(change("dest-del", service(1), dest(1)),
                           change("dest-new", service(1), server(1, 5))))
    same([1, 2], [kernel.info("services"), kernel.info("dests")], "objects")
    expect(kernel.transact(change("service-new", new(2)), change("service-del", service(2))))
    same(1, kernel.info("services"), "services")


def owners():
    """Changes in somebody's name, and of what is somebody else's."""
    kernel = fresh()
    expect(kernel.transact(
        change("service-new", new(1)), change("dest-new", service(1), server(1)),
        change("service-new", new(2, owner="blue")),
        change("dest-new", service(2), server(1)),
        change("service-new", new(3, owner="")),
        change("dest-new", service(3), server(1, owner="blue")), owner="red"))
    for port, of, its in (1, "red", "red"), (2, "blue", "red"), (3, None, "blue"):
        for command, path, wanted in ("service-get", "service", of), ("dest-get", "dest", its):
            answer = kernel.request(command, f"service.protocol=17 service.port={port} "
                                    + (f"dest.addr={host(1)}" if path == "dest" else ""))
            got = [text for text in answer.values() if text.startswith(f"{path}.owner=")]
            same([f"{path}.owner={wanted}"] if wanted else [], got, f"owner of {port}")
    blue = "change 2: this is of 'blue': name that owner, or force it"
    fine = change("dest-set", service(1), server(1, 3))
    for wrong in (change("service-set", service(2, persist_timeout=9)), change("service-del", service(2)),
                  change("service-put", new(2, "lc")), change("dest-set", service(3), server(1, 8)),
                  change("dest-put", service(3), server(1, 8)),
                  change("dest-del", service(3), dest(1)), change("service-del", service(3))):
        unchanged(kernel, [fine, wrong], "EPERM", blue, owner="red")
    unchanged(kernel, [change("flush")], "EPERM", "change 1: this is of '")
    expect(kernel.transact(change("flush"), owner="red"))
    same([2, 1], [kernel.info("services"), kernel.info("dests")], "objects that are left")
    expect(kernel.transact(change("dest-del", service(3), dest(1)), change("flush"), owner="red",
                           force=None))
    expect(kernel.transact(change("flush"), owner="blue"))
    same([1, 0], [kernel.info("services"), kernel.info("dests")], "objects that are left")
    expect(kernel.transact(change("flush")))


def increment(count):
    """Raises the weight of a server so many times, each time from what is there."""
    kernel = Kernel()
    lost = 0
    while count:
        now = kernel.generation()
        answer = kernel.request("dest-get", f"service.protocol=17 service.port=1 dest.addr={host(1)}")
        weight = number(answer, "dest.weight") + 1
        changes = [change("dest-set", service(1), server(1, weight)),
                   change("dest-put", service(1), server(2, weight))]
        answer = kernel.transact(*changes, generation=now)
        expect(answer, "ESTALE" if answer.error == "ESTALE" else "ok")
        count -= answer.error == "ok"
        lost += answer.error != "ok"
    print(f"{lost} were too late")


def writers(processes="4", count="50"):
    """Several writers, none of whose changes is lost."""
    kernel = fresh()
    expect(kernel.transact(change("service-new", new(1)), change("dest-new", service(1), server(1, 0)),
                           change("dest-new", service(1), server(2, 0))))
    context = multiprocessing.get_context("fork")
    running = [context.Process(target=increment, args=(int(count),)) for _ in range(int(processes))]
    for process in running:
        process.start()
    for process in running:
        process.join()
        same(0, process.exitcode, "a writer ended with")
    for name in 1, 2:
        answer = kernel.request("dest-get", f"service.protocol=17 service.port=1 dest.addr={host(name)}")
        same(int(processes) * int(count), number(answer, "dest.weight"), f"weight of {name}")
    expect(kernel.transact(change("flush")))


def used(kernel, *changes):
    """The processor time of a transaction."""
    began = time.process_time()
    expect(kernel.transact(*changes))
    return time.process_time() - began


def linear():
    """Ten thousand changes cost about what ten times a thousand cost, of whatever kind they are. Quadratic
    costs would be ten times as much; a busy machine is given three tries."""
    kernel = fresh()

    def services(count):
        places = [f"10.60.{n >> 8}.{n & 255}" for n in range(count // 2)]
        make = [part for place in places for part in (
            change("service-new", new(1, addr=place)),
            change("dest-new", service(1, addr=place), server(1)))]
        edit = [part for place in places for part in (
            change("service-set", service(1, addr=place, persist_timeout=60)),
            change("dest-set", service(1, addr=place), server(1, 3)))]
        return make, edit, [change("flush")]

    def dests(count):
        here = service(1)
        make = [change("service-new", new(1, "wlc"))]
        make += [change("dest-new", here, server(n)) for n in range(1, count + 1)]
        edit = [change("dest-set", here, server(n, 7)) for n in range(1, count + 1)]
        return make, edit, [change("dest-del", here, dest(n)) for n in range(1, count + 1)]

    def costs(steps, times):
        runs = []
        for _ in range(times):
            runs.append([used(kernel, *step) for step in steps])
            same(0, kernel.info("dests"), "servers that are left")
            expect(kernel.transact(change("flush")))
        return [sum(step) for step in zip(*runs)]

    for kind in services, dests:
        small, large = kind(1000), kind(10000)
        for _ in range(3):
            pairs = list(zip(("making", "editing", "removing"), costs(small, 10), costs(large, 1)))
            for what, ten, one in pairs:
                print(f"{kind.__name__}, {what}: ten times 1000 {ten * 1e3:.0f} ms, once 10000 {one * 1e3:.0f} ms")
            # A clock may have ticks of 4 ms.
            if all(one <= 4 * (ten + 0.01) for _, ten, one in pairs):
                break
        else:
            sys.exit("that is not linear")


def same_as_single(seed, rounds="25"):
    """Random changes one by one in one namespace, and those that worked as a transaction in
    another: both end up with the same configuration."""
    dice = random.Random(int(seed))
    one_by_one = fresh()
    os.setns(os.open("/run/netns/other", os.O_RDONLY), os.CLONE_NEWNET)
    at_once = fresh()
    schedulers = "rr wrr lc wlc sed nq fo ovf dh sh mh lblc lblcr twos p2c ewma".split()

    def some():
        op = dice.choice(["service-new", "service-set", "service-del"] + 5 * ["dest-new", "dest-set"]
                         + 3 * ["dest-del"] + ["flush"] * (dice.random() < 0.02))
        if op == "flush":
            return op, b"", b""
        port, family = dice.randint(1, 4), dice.choice("46")
        more = {}
        if op == "service-new" or op == "service-set" and dice.random() < 0.5:
            more["scheduler"] = dice.choice(schedulers)
        if op.startswith("service") and op != "service-del" and dice.random() < 0.3:
            more["persist_timeout"] = dice.choice((60, 120))
        key = service(port, family=family, **more)
        if op.startswith("service"):
            return op, key, b""
        where = {"family": family}
        number = dice.randint(1, 30)
        if op == "dest-del":
            return op, key, dest(number, **where)
        return op, key, server(number, dice.randint(0, 5), upper=dice.choice((0, 8)), **where)

    for turn in range(int(rounds)):
        worked = []
        for _ in range(dice.randint(1, 60)):
            step = some()
            if one_by_one.single(*step).error == "ok":
                worked.append(step)
        expect(at_once.transact(*(change(*step) for step in worked)))
        pair = [set(kernel.configuration()) for kernel in (one_by_one, at_once)]
        same(sorted(pair[0] - pair[1]), sorted(pair[1] - pair[0]), f"seed {seed}, round {turn}")
    expect(at_once.transact(change("flush")))
    expect(one_by_one.transact(change("flush")))


def lineups(port, *schedulers):
    """For each scheduler three services, at this and the next ports, whose servers at 1 to 3 have come,
    been changed and gone: by requests of one change each, by one transaction, by one after another."""
    kernel = fresh()
    port = int(port)
    for scheduler in schedulers:
        for way in "single", "one", "two":
            here = service(port)
            first = [("service-new", new(port, "rr"), b""), ("service-set", new(port, scheduler), b"")]
            first += [("dest-new", here, server(n << 8 | index, 1 + index % 3))
                      for index in range(1, 9) for n in (1, 2, 3)]
            # In the tables of sh and mh a server of weight 0 keeps its places if it had a weight before. One that
            # comes in the same transaction never had any; so it rests in one of its own.
            rest = ("dest-set", here, server(2 << 8 | 3, 0))
            second = [("dest-set", here, server(1 << 8 | 5, 6)),
                      ("dest-del", here, dest(3 << 8 | 2)), ("dest-del", here, dest(1 << 8 | 1)),
                      ("dest-new", here, server(3 << 8 | 9, 2))]
            if way == "single":
                for step in [*first, *second, rest]:
                    expect(kernel.single(*step))
            for part in {"one": [first + second, [rest]], "two": [first, [*second, rest]]}.get(way, []):
                expect(kernel.transact(*(change(*step) for step in part)))
            port += 1


def sets(scheduler, family, protocol, count, way):
    """The first half of a service's servers, and transactions that put one half in the place of the other: of
    `count` for each host, by removing and adding them, or by their weights."""
    here = service(80, family=family, protocol=protocol)
    halves = [[host << 8 | half * count + index for host in (1, 2, 3) for index in range(count)]
              for half in (0, 1)]

    def gone(half):
        if way == "weights":
            return [change("dest-put", here, server(n, 0, family=family)) for n in halves[half]]
        return [change("dest-del", here, dest(n, family)) for n in halves[half]]

    def there(half):
        return [change("dest-put", here, server(n, family=family)) for n in halves[half]]

    setup = [change("service-new", new(80, scheduler, family=family, protocol=protocol)), *there(0)]
    if way == "weights":
        setup += gone(1)
    return setup, [gone(0) + there(1), gone(1) + there(0)]


def all_schedulers(way, count, *schedulers):
    """The same with one scheduler after the other, which is exchanged in the same step."""
    kernel = Kernel()
    for scheduler in schedulers * 2:
        _, steps = sets(scheduler, "4", "udp", int(count), way)
        put = change("service-put", new(80, scheduler))
        for step in steps:
            expect(kernel.transact(put, *step))
        expect(kernel.transact(put, *steps[0]))
        expect(kernel.transact(*steps[1]))


def one_by_one(count, *schedulers):
    """Under each scheduler servers of weight 0 come to a service that is there, and go, one by one."""
    kernel = Kernel()
    here = service(80)
    for scheduler in schedulers:
        expect(kernel.single("service-set", new(80, scheduler)))
        for index in range(int(count)):
            expect(kernel.single("dest-new", here, server(1 << 8 | index, 0)))
        for index in range(int(count)):
            expect(kernel.single("dest-del", here, dest(1 << 8 | index)))


def replace(scheduler, family, protocol, count, way, rounds, split="no"):
    """Replaces all servers of a service again and again; the first round makes the service. `split`: not
    in one step, to see what that is like."""
    kernel = Kernel()
    setup, steps = sets(scheduler, family, protocol, int(count), way)
    if rounds == "0":
        expect(kernel.transact(change("flush"), *setup))
        return
    for turn in range(int(rounds)):
        step = steps[turn & 1]
        middle = len(step) // 2
        for part in (step[:middle], step[middle:]) if split != "no" else (step,):
            expect(kernel.transact(*part))


def churn(seed, count="30"):
    """Random transactions, for a race: whatever comes of each."""
    dice = random.Random(int(seed))
    kernel = Kernel()
    for _ in range(int(count)):
        changes = []
        for _ in range(dice.randint(1, 200)):
            op = dice.choice(["dest-put"] * 30 + ["dest-del", "service-put", "service-del", "flush"])
            family = dice.choice("46")
            where = {"family": family, "protocol": dice.choice(("tcp", "udp"))}
            port, name = dice.choice((80, 81)), dice.randint(1, 3) << 8 | dice.randint(1, 60)
            key = service(port, **where)
            if op == "service-put":
                key = new(port, dice.choice("rr wrr wlc mh sh lblcr p2c".split()), **where)
            what = {"dest-put": server(name, dice.randint(0, 3), family=family),
                    "dest-del": dest(name, family)}
            changes.append(change(op, b"" if op == "flush" else key, what.get(op, b"")))
        more = {"dry_run": None} if dice.random() < 0.2 else {}
        kernel.transact(*changes, force=None, **more)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
