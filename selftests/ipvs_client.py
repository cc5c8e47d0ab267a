# SPDX-License-Identifier: GPL-2.0
"""A client of the netlink family IPVS that behaves as Kubernetes' proxy does.

    ipvs_client.py COUNT SERVERS ROUNDS

It makes COUNT services with SERVERS endpoints each (addresses on a dummy device), reads all
of them back, and then ROUNDS times replaces endpoints: a new one is added, an old one gets
weight 0 and is deleted once no connection is left. It compares what the kernel lists with
what it configured after each step, and ends with all services deleted one by one. Each
finding that is wrong is a line; the last line is "done" and how many requests were sent.
"""

import errno
import socket
import struct
import sys

NETLINK_GENERIC, CONTROL, GET_FAMILY = 16, 16, 3
REQUEST, ACK, DUMP, NESTED = 0x1, 0x4, 0x300, 0x8000
ERROR, DONE = 2, 3
# <linux/ip_vs.h>
(NEW_SERVICE, SET_SERVICE, DEL_SERVICE, GET_SERVICE, NEW_DEST, SET_DEST, DEL_DEST, GET_DEST) = range(1, 9)
SET_CONFIG, GET_CONFIG, GET_INFO, FLUSH = 12, 13, 15, 17
SERVICE, DEST = 1, 2
AF, PROTOCOL, ADDR, PORT, FWMARK, SCHED, FLAGS, TIMEOUT, NETMASK, STATS, PE, STATS64 = range(1, 13)
(D_ADDR, D_PORT, D_METHOD, D_WEIGHT, D_UPPER, D_LOWER, D_ACTIVE, D_INACTIVE, D_PERSIST, D_STATS) = range(1, 11)
D_FAMILY, D_STATS64 = 11, 12
PERSISTENT = 1


def attr(kind, value):
    data = struct.pack("=HH", len(value) + 4, kind) + value
    return data + bytes(-len(value) % 4)


def u32(value):
    return struct.pack("=I", value)


def parse(data):
    attrs = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        attrs[kind & 0x3FFF] = data[4:size]
        data = data[(size + 3) & ~3 :]
    return attrs


class Client:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((0, 0))
        self.sequence = 0
        name = attr(2, b"IPVS\0")
        [(_, reply)] = self.request(CONTROL, GET_FAMILY, name)
        [self.family] = struct.unpack("=H", reply[1])

    def request(self, family, command, body, flags=0):
        """The answers to a request, each a command and attributes; OSError if it is refused."""
        self.sequence += 1
        message = struct.pack("=BBxx", command, 1) + body
        head = struct.pack("=IHHII", len(message) + 16, family, REQUEST | (flags or ACK), self.sequence, 0)
        self.sock.send(head + message)
        answers = []
        while True:
            data = self.sock.recv(1 << 20)
            while data:
                size, kind, _, sequence, _ = struct.unpack_from("=IHHII", data)
                body, data = data[16:size], data[(size + 3) & ~3 :]
                if sequence != self.sequence:
                    continue
                if kind == DONE:
                    return answers
                if kind == ERROR:
                    [code] = struct.unpack_from("=i", body)
                    if code:
                        raise OSError(-code, errno.errorcode.get(-code, "?"))
                    return answers
                answers.append((body[0], parse(body[4:])))

    def ipvs(self, command, body=b"", flags=0):
        return self.request(self.family, command, body, flags)


def address(number, base):
    """10.BASE.x.y"""
    return struct.pack("!I", 10 << 24 | base << 16 | number)


def service_key(number):
    return (
        attr(AF, struct.pack("=H", socket.AF_INET))
        + attr(PROTOCOL, struct.pack("=H", 6 if number % 3 else 17))
        + attr(ADDR, address(number + 1, 96))
        + attr(PORT, struct.pack("!H", 80 + number % 7))
    )


def service(number, full=True, affinity=False):
    body = service_key(number)
    if full:
        flags = PERSISTENT if affinity else 0
        body += attr(SCHED, b"rr\0")
        body += attr(FLAGS, struct.pack("=II", flags, 0xFFFFFFFF))
        body += attr(TIMEOUT, u32(10800 if affinity else 0))
        body += attr(NETMASK, b"\xff\xff\xff\xff")
    # As Kubernetes' library does it: without the flag "nested".
    return attr(SERVICE, body)


def dest(number, weight=None):
    body = attr(D_ADDR, address(number, 128)) + attr(D_PORT, struct.pack("!H", 8080))
    if weight is not None:
        body += attr(D_METHOD, u32(0)) + attr(D_WEIGHT, u32(weight))
        body += attr(D_UPPER, u32(0)) + attr(D_LOWER, u32(0))
    return attr(DEST, body)


class Proxy:
    def __init__(self, count, servers):
        self.client = Client()
        self.want = {}
        self.next = 1
        self.count, self.servers = count, servers

    def wrong(self, text):
        print(text, flush=True)

    def refuses(self, error, command, body):
        try:
            self.client.ipvs(command, body)
        except OSError as refused:
            if refused.errno == error:
                return
            self.wrong(f"command {command}: {refused.strerror} instead of {errno.errorcode[error]}")
            return
        self.wrong(f"command {command}: no {errno.errorcode[error]}")

    def add_endpoint(self, number):
        endpoint, self.next = self.next, self.next + 1
        self.client.ipvs(NEW_DEST, service(number, full=False) + dest(endpoint, 1))
        self.want[number].insert(0, endpoint)

    def sync_all(self):
        for number in range(self.count):
            self.client.ipvs(NEW_SERVICE, service(number))
            self.want[number] = []
            for _ in range(self.servers):
                self.add_endpoint(number)

    def endpoints(self, number):
        """What the kernel lists, as endpoint: (weight, connections)."""
        listed = {}
        for command, attrs in self.client.ipvs(GET_DEST, service(number, full=False), DUMP):
            one = parse(attrs[DEST])
            if command != NEW_DEST:
                self.wrong(f"a server came as command {command}")
            [endpoint] = struct.unpack("!I", one[D_ADDR][:4])
            if len(one[D_ADDR]) != 16 or one[D_ADDR][4:] != bytes(12):
                self.wrong("the address of a server is not zero-padded")
            if struct.unpack("=H", one[D_FAMILY])[0] != socket.AF_INET:
                self.wrong("a server has no family")
            if D_STATS not in one or D_STATS64 not in one:
                self.wrong("a server has no counters")
            numbers = [struct.unpack("=I", one[kind])[0] for kind in (D_WEIGHT, D_ACTIVE, D_INACTIVE)]
            listed[endpoint & 0xFFFF] = (numbers[0], numbers[1] + numbers[2])
        return listed

    def check(self, numbers):
        for number in numbers:
            listed = self.endpoints(number)
            if list(listed) != self.want[number]:
                self.wrong(f"service {number}: {list(listed)} instead of {self.want[number]}")

    def check_services(self):
        answers = self.client.ipvs(GET_SERVICE, b"", DUMP)
        found = set()
        for command, attrs in answers:
            one = parse(attrs[SERVICE])
            if command != NEW_SERVICE or one[SCHED] != b"rr\0" or STATS64 not in one:
                self.wrong("a service came back as another")
            found.add((one[ADDR][:4], one[PORT], one[PROTOCOL]))
        if len(answers) != len(self.want) or len(found) != len(self.want):
            self.wrong(f"{len(answers)} services listed, {len(self.want)} configured")

    def replace(self, number):
        """One endpoint more, one less: what a rolling update does to a service."""
        self.add_endpoint(number)
        old = self.want[number][-1]
        key = service(number, full=False)
        self.client.ipvs(SET_DEST, key + dest(old, 0))
        weight, conns = self.endpoints(number).get(old, (None, None))
        if (weight, conns) != (0, 0):
            self.wrong(f"endpoint {old} has weight {weight} and {conns} connections")
        self.client.ipvs(DEL_DEST, key + dest(old))
        self.want[number].remove(old)

    def affinity(self, number, on):
        self.client.ipvs(SET_SERVICE, service(number, affinity=on))
        [(_, attrs)] = self.client.ipvs(GET_SERVICE, service(number, full=False))
        one = parse(attrs[SERVICE])
        [flags, _] = struct.unpack("=II", one[FLAGS])
        [timeout] = struct.unpack("=I", one[TIMEOUT])
        if (flags & PERSISTENT, timeout) != ((1, 10800) if on else (0, 0)):
            self.wrong(f"affinity {on}: flags {flags:#x}, timeout {timeout}")

    def errors(self):
        """What the proxy relies on when it starts beside what an earlier one has left."""
        self.refuses(errno.EEXIST, NEW_SERVICE, service(0))
        self.refuses(errno.ESRCH, DEL_SERVICE, service(self.count + 1))
        self.refuses(errno.ESRCH, GET_SERVICE, service(self.count + 1, full=False))
        key = service(0, full=False)
        self.refuses(errno.EEXIST, NEW_DEST, key + dest(self.want[0][0], 1))
        self.refuses(errno.ENOENT, DEL_DEST, key + dest(65000))
        self.refuses(errno.ENOENT, SET_DEST, key + dest(65000, 1))
        self.refuses(errno.ESRCH, NEW_DEST, service(self.count + 1, full=False) + dest(1, 1))

    def run(self, rounds):
        self.sync_all()
        self.check_services()
        some = range(0, self.count, max(self.count // 50, 1))
        self.check(some)
        self.errors()
        for number in some:
            self.affinity(number, True)
            self.affinity(number, False)
        for _ in range(rounds):
            for number in some:
                self.replace(number)
            self.check(some)
        for number in range(self.count):
            self.client.ipvs(DEL_SERVICE, service(number, full=False))
            del self.want[number]
        self.check_services()
        print("done", self.client.sequence)


if __name__ == "__main__":
    many, each, times = map(int, sys.argv[1:])
    Proxy(many, each).run(times)
