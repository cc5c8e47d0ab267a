# SPDX-License-Identifier: GPL-2.0
"""Raw requests to the netlink family rvs, right ones and wrong ones.

    nl.py setup     makes the configuration that the requests are about
    nl.py check     runs the cases on standard input and looks at the state around each
    nl.py try       the same without looking at the state
    nl.py all ERROR
                    sends every request as it is, and expects the same of each
    nl.py each ERROR
                    sends every request that the kernel says the family has, empty, and asks for
                    every dump, and expects the same of each
    nl.py as WHO ERROR
                    every request again, from a socket that was opened in this network namespace;
                    WHO is `dropped` if a user without rights opened it as root and sends now,
                    `lent` if one opened it and root sends now, `foreign` if root opened it, and
                    root of another user namespace sends now
    nl.py refused   all of this, and joining each group of the family for notifications, ends with
                    EPERM
    nl.py groups ERROR
                    joins each group, with that result
    nl.py clean     looks for bytes that say something about the kernel's memory: in the gaps
                    between attributes, and in their values
    nl.py ask COMMAND CHANGE...
                    sends one request, and prints the values of the answer, or the error
                    with its explanation
    nl.py state     prints all that the namespace's dumps say
    nl.py hammer DIRECTORY NAME
                    sends requests until SIGTERM, and counts how they end. While there is
                    a file DIRECTORY/hold it sends none, which idle.NAME tells; round.NAME
                    tells that all requests of a round came to the module
    nl.py hold      begins a dump, says "ready", and leaves it there until standard
                    input ends

A case is a line COMMAND|CHANGES|ERROR|WHERE|TEXT. COMMAND is a key of REQUESTS, which
would succeed unchanged. The CHANGES, separated by blanks, are

    PATH=VALUE      sets or adds an attribute; VALUE may be x:HEX, PATH end in a number
    -PATH           leaves an attribute out
    !PATH           turns the flag NLA_F_NESTED over
    PATH+HEX        appends bytes inside an attribute; +HEX at the end of the message
    flags=N  command=N  reserved=N  length=N
                    changes the headers

ERROR is the name of an errno, or `ok`; WHERE is the attribute at fault, -PATH if it is
the one that is missing; TEXT is the explanation. After `ok` it is values of the answer.
"""

import errno
import functools
import os
import pathlib
import signal
import socket
import struct
import sys
import time

ERRORS = {**errno.errorcode, 0: "ok", errno.EOPNOTSUPP: "EOPNOTSUPP"}
# <linux/netlink.h>, <linux/genetlink.h>
NETLINK_GENERIC, SOL_NETLINK, CAP_ACK, EXT_ACK = 16, 270, 10, 11
REQUEST, ACK, DUMP = 0x1, 0x4, 0x300
ERROR, DONE = 2, 3
NESTED, TYPE_MASK = 0x8000, 0x3FFF
ACK_TEXT, ACK_OFFSET, ACK_MISSING, ACK_MISSING_IN = 1, 2, 5, 6
CONTROL, GET_FAMILY, FAMILY_ID, FAMILY_NAME = 16, 3, 1, 2
FAMILY_OPS, FAMILY_GROUPS, CAN_DO, CAN_DUMP = 6, 7, 2, 4
ADD_MEMBERSHIP, NEWUSER, NOBODY = 1, 0x10000000, 65534

NUMBERS = {"u8": "=B", "u16": "=H", "be16": ">H", "u32": "=I", "u64": "=Q"}
SETS = {
    "rvs": "service:service dest:dest conn:conn config:config info:info change:change "
    "generation:u32 dry-run:flag owner:str force:flag filter:filter since:u32 count:u32 "
    "flow:flow explanation:explanation event:event",
    "service": "family:u16 protocol:u8 addr:addr port:be16 scheduler:str stats:stats dests:u32 "
    "fwmark:u32 flags:u32 sched-flags:u32 sched-size:u32 sched-expiry:u32 persist-timeout:u32 "
    "persist-prefix:u8 timeout:timeout no-server:u8 fallback:dest drop:drop templates:u32 "
    "slow-start:u32 owner:str generation:u32 removed:u8",
    "dest": "addr:addr port:be16 method:u8 weight:u32 active:u32 inactive:u32 stats:stats "
    "family:u16 upper:u32 lower:u32 overloaded:u8 templates:u32 tun-type:u8 tun-port:be16 "
    "tun-flags:u16 state:u8 drain-policy:u8 drain-timeout:u32 drain-left:u32 "
    "effective-weight:u32 owner:str generation:u32 removed:u8",
    "timeout": "state:u8 seconds:u32",
    "conn": "family:u16 protocol:u8 client-addr:addr client-port:be16 virtual-addr:addr "
    "virtual-port:be16 dest-addr:addr dest-port:be16 method:u8 state:u8 expires:u32 "
    "dest-family:u16 fwmark:u32 template:u8",
    "config": "timeout-tcp:u32 timeout-tcp-fin:u32 timeout-udp:u32 timeout:timeout",
    "drop": "reason:u8 packets:u64",
    "info": "version:str abi:str services:u32 dests:u32 conns:u32 service-buckets:u32 "
    "conn-buckets:u32 conn-size:u32 stats:stats sent-pkts:u64 sent-bytes:u64 drop:drop "
    "scheduler:str feature:str known-scheduler:str generation:u32 conn-limit:u32 "
    "change-limit:u32 since:u32 fast-pkts:u64 fast-bytes:u64 fast-devices:u32",
    "stats": "conns:u64 in-pkts:u64 in-bytes:u64 out-pkts:u64 out-bytes:u64 conn-rate:u64 "
    "in-pkt-rate:u64 in-byte-rate:u64 out-pkt-rate:u64 out-byte-rate:u64",
    "change": "op:u8 service:service dest:dest config:config",
    "filter": "family:u16 protocol:u8 client-addr:addr client-prefix:u8 client-port:be16 "
    "virtual-addr:addr virtual-prefix:u8 virtual-port:be16 dest-family:u16 dest-addr:addr "
    "dest-prefix:u8 dest-port:be16 state:u8 fwmark:u32 method:u8 service:service template:u8",
    "flow": "family:u16 protocol:u8 src-addr:addr src-port:be16 dst-addr:addr dst-port:be16 "
    "mark:u32 tcp-flags:u8",
    "explanation": "verdict:u8 found:u8 service:service dest:dest conn:conn random:u8 method:u8 "
    "reason:u8 text:str route-dev:u32 route-via:addr route-source:addr route-mtu:u32",
    "event": "kind:u8 generation:u32 number:u64 service:service dest:dest conns:u32 limit:u32",
}
SETS = {name: [entry.split(":") for entry in text.split()] for name, text in SETS.items()}

KEY = "service.family=2 service.protocol=6 service.addr=10.0.0.100 service.port=80"
SERVER = KEY + " dest.addr=192.168.0.11 dest.port=80"
REQUESTS = {
    "service-new": (1, KEY + " service.port=81 service.scheduler=rr"),
    "service-set": (2, KEY + " service.scheduler=rr"),
    "service-del": (3, KEY),
    "service-get": (4, KEY),
    "service-dump": (4, ""),
    "dest-new": (5, SERVER + " dest.addr=192.168.0.13 dest.method=0 dest.weight=7"),
    "dest-set": (6, SERVER + " dest.method=0 dest.weight=9"),
    "dest-del": (7, SERVER),
    "dest-get": (8, SERVER),
    "dest-dump": (8, KEY),
    "conn-dump": (9, ""),
    "flush": (10, ""),
    "config-set": (11, "config.timeout-tcp=900"),
    "config-get": (12, ""),
    "info-get": (13, ""),
    "zero": (14, SERVER),
    "conn-del": (16, ""),
    "explain": (
        17,
        "flow.family=2 flow.protocol=6 flow.src-addr=10.0.0.2 flow.src-port=4000 "
        "flow.dst-addr=10.0.0.100 flow.dst-port=80",
    ),
}
SIX = "service.family=10 service.protocol=17 service.addr=2001:db8:a::100 service.port=53"
SETUP = [
    ("service-new", "service.port=80"),
    ("dest-new", "dest.addr=192.168.0.11"),
    ("dest-new", "dest.addr=192.168.0.12 dest.port=8080"),
    ("service-new", SIX),
    ("dest-new", SIX + " dest.addr=2001:db8:b::11 dest.port=53"),
]


class Node:
    """An attribute, or the message as a whole: a payload or attributes in it, and more bytes."""

    def __init__(self, kind=0, form="rvs", path=""):
        self.kind, self.form, self.path = kind, form, path
        self.flag = NESTED if form in SETS else 0
        self.payload, self.inner, self.tail = b"", {}, b""

    def child(self, name):
        """The attribute of this name or number, which is made if need be."""
        if name not in self.inner:
            names = [entry[0] for entry in SETS.get(self.form, [])]
            known = name in names
            kind = names.index(name) + 1 if known else int(name)
            form = SETS[self.form][kind - 1][1] if known else "raw"
            self.inner[name] = Node(kind, form, f"{self.path}.{name}".lstrip("."))
        return self.inner[name]

    def at(self, path):
        node = self
        for name in path.split(".") if path else []:
            node = node.child(name)
        return node

    def change(self, text):
        """Applies one change."""
        if text[0] == "-":
            path, _, name = text[1:].rpartition(".")
            del self.at(path).inner[name]
        elif text[0] == "!":
            self.at(text[1:]).flag ^= NESTED
        elif "=" in text:
            path, _, value = text.partition("=")
            node = self.at(path)
            node.payload, node.inner = encode(node.form, value), {}
        else:
            path, _, value = text.partition("+")
            self.at(path).tail = bytes.fromhex(value)

    def body(self, start, places):
        """The bytes of the content; `places` learns where each attribute begins."""
        data = self.payload
        for node in self.inner.values():
            data += bytes(-len(data) % 4)
            places[start + len(data)] = node.path
            inner = node.body(start + len(data) + 4, places)
            data += struct.pack("=HH", len(inner) + 4, node.kind | node.flag) + inner
        return data + bytes(-len(data) % 4 if self.inner else 0) + self.tail


def encode(form, value):
    if value.startswith("x:"):
        return bytes.fromhex(value[2:])
    if form == "addr":
        return socket.inet_pton(socket.AF_INET6 if ":" in value else socket.AF_INET, value)
    if form == "str":
        return value.encode() + b"\0"
    if form == "flag":
        return b""
    if form == "flag":
        return b""
    return struct.pack(NUMBERS[form], int(value))


def split(data):
    """The attributes in `data`: types and payloads."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & TYPE_MASK, data[4:length]
        data = data[(length + 3) & ~3 :]


def decode(form, data, path=""):
    """The values in an answer as PATH=VALUE."""
    for kind, payload in split(data):
        name, inner = SETS[form][kind - 1]
        name = f"{path}.{name}".lstrip(".")
        if inner in SETS:
            yield from decode(inner, payload, name)
        elif inner == "addr":
            family = socket.AF_INET if len(payload) == 4 else socket.AF_INET6
            yield f"{name}={socket.inet_ntop(family, payload)}"
        elif inner == "str":
            yield f"{name}={payload[:-1].decode()}"
        elif inner == "flag":
            yield name
        else:
            yield f"{name}={struct.unpack(NUMBERS[inner], payload)[0]}"


@functools.cache
def key(body):
    """The key of a service, from an answer about it."""
    names = [text.partition("=")[0] for text in KEY.split()]
    return " ".join(value for value in decode("rvs", body) if value.partition("=")[0] in names)


class Answer:
    """What the kernel said: the error and its explanation, or what was asked for."""

    def __init__(self, error, tlvs, places, bodies):
        self.error = ERRORS[error]
        self.bodies = bodies
        self.text = tlvs.get(ACK_TEXT, b"\0")[:-1].decode()
        number = lambda kind: struct.unpack("=I", tlvs[kind])[0]
        self.where = ""
        if ACK_OFFSET in tlvs:
            self.where = places.get(number(ACK_OFFSET), f"offset {number(ACK_OFFSET)}")
        elif ACK_MISSING in tlvs:
            nest = places[number(ACK_MISSING_IN)] if ACK_MISSING_IN in tlvs else ""
            name = SETS[nest.rpartition(".")[2] or "rvs"][number(ACK_MISSING) - 1][0]
            self.where = "-" + f"{nest}.{name}".lstrip(".")

    def values(self):
        return [value for body in self.bodies for value in decode("rvs", body)]

    def differs(self, error, where, text):
        """How this is not the wanted answer, if it is not."""
        if self.error != error or (error != "ok" and (self.where, self.text) != (where, text)):
            return f"got {self.error}|{self.where}|{self.text}"
        lacks = set(text.split()) - set(self.values()) if error == "ok" else ""
        return f"got {self.values()}" if lacks else ""


class Client:
    """A socket that speaks generic netlink."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.sock.settimeout(60)
        self.sock.bind((0, 0))
        self.sequence, self.family = 0, 0

    def find_family(self):
        """Asks for the number of the family, for which the kernel may load the module."""
        name = struct.pack("=HH4s", 8, FAMILY_NAME, b"rvs\0")
        self.send(CONTROL, REQUEST | ACK, GET_FAMILY, name)
        answer = self.receive({})
        if answer.error == "ok":
            self.family = struct.unpack("=H", dict(split(answer.bodies[0]))[FAMILY_ID])[0]
        return answer

    def send(self, family, flags, command, body, reserved=0, length=None):
        self.sequence += 1
        length = length or 20 + len(body)
        header = struct.pack("=IHHII", length, family, flags, self.sequence, 0)
        message = header + struct.pack("=BBH", command, 1, reserved) + body
        self.sock.send(message[:length])

    def receive(self, places):
        bodies = []
        while True:
            data = self.sock.recv(1 << 14)
            while data:
                length, kind, _, sequence, _ = struct.unpack_from("=IHHII", data)
                message, data = data[16:length], data[(length + 3) & ~3 :]
                if sequence != self.sequence:
                    continue
                if kind in (ERROR, DONE):
                    error = -struct.unpack_from("=i", message)[0]
                    # In an error message the header of the request comes first.
                    tlvs = dict(split(message[20 if kind == ERROR else 4 :]))
                    return Answer(error, tlvs, places, bodies)
                bodies.append(message[4:])

    def start(self, command, changes=""):
        """Sends a request; returns where its attributes are."""
        number, attributes = REQUESTS[command]
        flags = REQUEST | ACK | (DUMP if command.endswith("-dump") else 0)
        header = {"flags": flags, "command": number, "reserved": 0, "length": 0}
        root, places = Node(), {}
        for text in attributes.split() + changes.split():
            name, _, value = text.partition("=")
            if name in header:
                header[name] = int(value, 0)
            else:
                root.change(text)
        self.send(self.family, body=root.body(20, places), **header)
        return places

    def request(self, command, changes=""):
        return self.receive(self.start(command, changes))

    def state(self):
        """The answers to everything that only asks."""
        steps = ("service-dump", "conn-dump", "config-get", "info-get")
        answers = [self.request(step) for step in steps]
        answers += [self.request("dest-dump", key(body)) for body in answers[0].bodies]
        if any(answer.error != "ok" for answer in answers):
            raise OSError("the state cannot be read")
        return answers


def wrong(answer, *request, error="ok", where="", text=""):
    """Says so if the answer is not the wanted one."""
    difference = answer.differs(error, where, text)
    if difference:
        print(*request, difference)
    return difference


def check(client, watch):
    """Runs the cases; says which went wrong, and fails if any did."""
    bad = count = 0
    before = watch and [answer.bodies for answer in client.state()]
    for count, line in enumerate(sys.stdin, 1):
        command, changes, error, where, text = line.rstrip("\n").split("|")
        answer = client.request(command, changes)
        after = watch and [answer.bodies for answer in client.state()]
        failed = wrong(answer, line.strip(), error=error, where=where, text=text)
        if error != "ok" and after != before:
            failed = True
            print(f"{line.strip()} changed something")
        bad += bool(failed)
        before = after
    print(f"{count} cases, {bad} wrong")
    return bad or not count


def every(client, error):
    """Every request as it is: those that only ask, those that make, those that remove."""
    asking = [step for step in REQUESTS if step.endswith(("-get", "-dump"))]
    removing = ["dest-del", "service-del", "flush"]
    making = [step for step in REQUESTS if step not in asking + removing]
    steps = asking + making + removing
    return [step for step in steps if wrong(client.request(step), step, error=error)]


def family(client):
    """What the kernel says about the family: its attributes."""
    name = struct.pack("=HH4s", 8, FAMILY_NAME, b"rvs\0")
    client.send(CONTROL, REQUEST | ACK, GET_FAMILY, name)
    return dict(split(client.receive({}).bodies[0]))


def each(client, error):
    """Every request of the family, empty."""
    bad = count = 0
    for _, entry in split(family(client)[FAMILY_OPS]):
        number, flags = (struct.unpack("=I", dict(split(entry))[kind])[0] for kind in (1, 2))
        for can, more in ((CAN_DO, 0), (CAN_DUMP, DUMP)):
            if not flags & can:
                continue
            client.send(client.family, REQUEST | ACK | more, number, b"")
            count += 1
            bad += bool(wrong(client.receive({}), f"command {number}, flags {more:#x}", error=error))
    print(f"{count} kinds of requests, {bad} wrong")
    return bad or count < len(REQUESTS)


def groups(client, error):
    """Every group for notifications."""
    bad = count = 0
    for _, entry in split(family(client).get(FAMILY_GROUPS, b"")):
        number = next(struct.unpack("=I", value)[0] for kind, value in split(entry) if kind == 2)
        try:
            client.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, number)
            got = "ok"
        except OSError as failure:
            got = errno.errorcode[failure.errno]
        count += 1
        if got != error:
            print(f"group {number}: {got}")
            bad += 1
    print(f"{count} groups, {bad} wrong")
    return bad


def drop_rights():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def lend(client):
    """Makes the client use a socket that was opened without rights."""
    os.setresuid(NOBODY, NOBODY, 0)
    number = client.family
    client.__init__()
    client.family = number
    os.setresuid(0, 0, 0)


def as_whom(client, who, error):
    """Every request, from a socket whose opener is somebody else than who sends."""
    if who == "dropped":
        drop_rights()
    elif who == "lent":
        lend(client)
    else:
        os.unshare(NEWUSER)
    return each(client, error) or every(client, error)


def suspicious(payload):
    """Whether there is something in a value that looks like an address of the kernel."""
    for at in range(0, len(payload) - 7, 8):
        number = struct.unpack_from("=Q", payload, at)[0]
        if number >> 47 == 0x1FFFF and number != (1 << 64) - 1:
            return True
    return False


def unclean(form, data, path):
    """What is wrong with the bytes of an answer."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        end = (length + 3) & ~3
        name, inner = SETS[form][(kind & TYPE_MASK) - 1]
        if data[length:end].strip(b"\0"):
            yield f"{path}.{name}: the gap behind it is {data[length:end].hex()}"
        if inner in SETS:
            yield from unclean(inner, data[4:length], f"{path}.{name}")
        elif suspicious(data[4:length]):
            yield f"{path}.{name}: {data[4:length].hex()}"
        elif inner == "str" and data[4:length].find(b"\0") != length - 5:
            yield f"{path}.{name}: more behind the end: {data[4:length].hex()}"
        data = data[end:]


def clean(client):
    """Nothing in the answers comes from the kernel's memory by mistake."""
    bodies = [body for answer in client.state() for body in answer.bodies]
    bad = [line for body in bodies for line in unclean("rvs", body, "")]
    print(f"{sum(map(len, bodies))} bytes of {len(bodies)} answers", *bad, sep="\n")
    return bad or len(bodies) < 5


def pause(hold, idle, stopped):
    """Waits while `hold` is there, and says so; whether it was."""
    held = False
    while hold.exists() and not stopped:
        held = True
        idle.touch()
        time.sleep(0.1)
    idle.unlink(missing_ok=True)
    return held


def hammer(client, directory, name):
    """Requests without a pause. The module may be absent or leave at any time, which its
    family's absence tells; everything else must work, or fail for a known reason."""
    hold, idle, whole = [
        pathlib.Path(directory, file) for file in ("hold", f"idle.{name}", f"round.{name}")
    ]
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    reading = "info-get config-get service-dump conn-dump dest-dump config-set flush".split()
    changing = "service-new dest-new dest-set dest-get service-set dest-del service-del".split()
    # The two that make what the others name.
    changes = dict(SETUP[:2])
    counts = {"worked": 0, "refused": 0, "absent": 0}
    # While there is a service the module stays, so most of the time there is none.
    while not stopped:
        # Nothing is left of the last round. After a pause the family that was known comes
        # first: if the module went meanwhile nobody has that number.
        held = pause(hold, idle, stopped)
        steps = changing + reading * 6
        if not (held and client.family) and client.find_family().error != "ok":
            counts["absent"] += 1
            steps = []
        for step in steps:
            answer = client.request(step, changes.get(step, ""))
            if answer.error == "ok":
                counts["worked"] += 1
            elif (answer.error, answer.text) in (("ENOENT", ""), ("EPROTONOSUPPORT", "")):
                counts["absent"] += 1
                break
            elif answer.error in ("ENOENT", "ESRCH", "EEXIST"):
                counts["refused"] += 1
            else:
                print(f"{step}: {answer.error} {answer.text}")
                return 1
        else:
            if steps:
                whole.touch()
    print(" ".join(f"{name}={count}" for name, count in counts.items()))
    return 0


def ask(client, command, *changes):
    answer = client.request(command, " ".join(changes))
    for line in answer.values() if answer.error == "ok" else [answer.error, answer.text]:
        print(line)
    return answer.error != "ok"


def hold(client):
    client.start("service-dump")
    print("ready", flush=True)
    sys.stdin.read()
    return 0


def main():
    client = Client()
    if sys.argv[1] == "hammer":
        return hammer(client, *sys.argv[2:])
    client.find_family()
    if sys.argv[1] == "setup":
        client.request("flush")
        return [step for step in SETUP if wrong(client.request(*step), *step)]
    if sys.argv[1] == "hold":
        return hold(client)
    if sys.argv[1] == "ask":
        return ask(client, *sys.argv[2:])
    if sys.argv[1] == "state":
        for answer in client.state():
            print(*answer.values(), sep="\n")
        return 0
    if sys.argv[1] == "all":
        return every(client, sys.argv[2])
    if sys.argv[1] == "each":
        return each(client, sys.argv[2])
    if sys.argv[1] == "refused":
        return any([step(client, "EPERM") for step in (every, each, groups)])
    if sys.argv[1] == "as":
        return as_whom(client, *sys.argv[2:])
    if sys.argv[1] == "groups":
        return groups(client, sys.argv[2])
    if sys.argv[1] == "clean":
        return clean(client)
    return check(client, sys.argv[1] == "check")


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
