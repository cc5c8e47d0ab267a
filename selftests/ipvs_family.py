# SPDX-License-Identifier: GPL-2.0
"""Requests to the netlink family IPVS, right ones and wrong ones.

    ipvs_family.py ENGINE GROUP

Sends the requests of a group, and compares how each ends with what ip_vs says, or with what rvs
says on purpose: that is the last argument of check() and answer(), with ENGINE "rvs_ipvs". Each
finding is a line; without any the last line is "done" and how many requests were looked at.
"""

import errno
import os
import random
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ipvs_client as abi  # noqa: E402
from ipvs_client import attr, parse, u32  # noqa: E402

NEW_DAEMON, DEL_DAEMON, GET_DAEMON, SET_INFO, ZERO = 9, 10, 11, 14, 16
DAEMON, TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP = 3, 4, 5, 6
D_TUN_TYPE, D_TUN_PORT, D_TUN_FLAGS = 13, 14, 15
STATE, IFN, SYNC_ID, MAXLEN, GROUP, GROUP6, MPORT, TTL = range(1, 9)
V4, V6 = socket.AF_INET, socket.AF_INET6
INT_MAX, HASHED = 0x7FFFFFFF, 2


def u16(value):
    return struct.pack("=H", value)


def be16(value):
    return struct.pack("!H", value)


def flags(value, mask=0xFFFFFFFF):
    return struct.pack("=II", value, mask)


def addr(text):
    return socket.inet_pton(V6 if ":" in text else V4, text)


def merged(base, change):
    """A set of attributes with some others; None leaves one out."""
    return {kind: value for kind, value in {**base, **change}.items() if value is not None}


def nest(kind, attrs):
    return attr(kind, b"".join(attr(one, value) for one, value in attrs.items()))


KEY = {abi.AF: u16(V4), abi.PROTOCOL: u16(6), abi.ADDR: addr("10.0.0.100"), abi.PORT: be16(80)}
KEY6 = {**KEY, abi.AF: u16(V6), abi.ADDR: addr("2001:db8:a::100")}
MARK = {abi.AF: u16(V4), abi.FWMARK: u32(7)}
MARK6 = {**MARK, abi.AF: u16(V6)}
REST = {abi.SCHED: b"rr\0", abi.FLAGS: flags(0), abi.TIMEOUT: u32(0), abi.NETMASK: b"\xff" * 4}
REST6 = {**REST, abi.NETMASK: u32(128)}
SERVER = {abi.D_ADDR: addr("192.168.0.11"), abi.D_PORT: be16(8080)}
SERVER6 = {abi.D_ADDR: addr("2001:db8:b::11"), abi.D_PORT: be16(8080)}
FULL = {abi.D_METHOD: u32(0), abi.D_WEIGHT: u32(1), abi.D_UPPER: u32(0), abi.D_LOWER: u32(0)}


class Tester:
    def __init__(self, engine):
        self.engine = engine
        self.client = abi.Client()
        self.looked, self.wrong = 0, 0

    def says(self, wrong):
        self.wrong += 1
        print(wrong, flush=True)

    def send(self, command, body, flag=0):
        """How a request ends: the name of the errno, or the answers."""
        try:
            return self.client.ipvs(command, body, flag)
        except OSError as error:
            return errno.errorcode[error.errno].replace("ENOTSUP", "EOPNOTSUPP")

    def expect(self, text, got, want, rvs):
        self.looked += 1
        want = want if rvs is None or self.engine == "ip_vs" else rvs
        if got != want:
            self.says(f"{text}: {got} instead of {want}")

    def check(self, text, want, command, body=b"", rvs=None, flag=0):
        got = self.send(command, body, flag)
        self.expect(text, got if isinstance(got, str) else "ok", want, rvs)

    # The requests, with changes of single attributes.

    def new(self, text, want, change, key=None, rest=None, rvs=None, command=abi.NEW_SERVICE):
        body = nest(abi.SERVICE, merged({**(key or KEY), **(rest or REST)}, change))
        self.check(text, want, command, body, rvs)
        if want == "ok" and command == abi.NEW_SERVICE:
            self.send(abi.DEL_SERVICE, body)

    def dest(self, text, want, change, key=None, rest=None, rvs=None, command=abi.NEW_DEST):
        server = nest(abi.DEST, merged({**(rest or SERVER), **FULL}, change))
        self.check(text, want, command, nest(abi.SERVICE, key or KEY) + server, rvs)
        if want == "ok" and command == abi.NEW_DEST:
            self.send(abi.DEL_DEST, nest(abi.SERVICE, key or KEY) + server)

    def setup(self):
        self.send(abi.FLUSH, b"")
        for key, rest in ((KEY, REST), (KEY6, REST6), (MARK, REST), (MARK6, REST6)):
            assert self.send(abi.NEW_SERVICE, nest(abi.SERVICE, {**key, **rest})) == []

    # The groups.

    def commands(self):
        none = "EOPNOTSUPP"
        for command in (0, SET_INFO, 18, 19, 255):
            self.check(f"command {command}", none, command)
        self.check("GET_DEST without a dump", none, abi.GET_DEST, nest(abi.SERVICE, KEY))
        self.check("GET_DAEMON without a dump", none, GET_DAEMON)
        for command in (abi.GET_INFO, abi.GET_CONFIG, abi.NEW_SERVICE, ZERO):
            self.check(f"command {command} as a dump", none, command, flag=abi.DUMP)
        self.check("FLUSH of nothing", "ok", abi.FLUSH)
        self.check("ZERO of nothing", "ok", ZERO)
        for flag in (0x100 | 4, 0x200 | 4, 0x400 | 4, 0x800 | 4):
            self.check(f"flags {flag:#x}", "ok", abi.FLUSH, flag=flag)
        self.check("an unknown attribute", "ok", abi.FLUSH, attr(20, b"?"))
        self.check("rubbish at the end", "ok", abi.FLUSH, b"\1\0\0\0")

    def service_keys(self):
        self.setup()
        short = {"no family": {abi.AF: None}, "no protocol": {abi.PROTOCOL: None}}
        short |= {"no address": {abi.ADDR: None}, "no port": {abi.PORT: None}}
        short |= {"long address": {abi.ADDR: bytes(17)}, "short family": {abi.AF: b"\2"}}
        short |= {"short port": {abi.PORT: b"\0"}, "short mark": {abi.FWMARK: b"\7\0"}}
        short |= {"long scheduler": {abi.SCHED: b"r" * 16 + b"\0"}}
        short |= {"scheduler without end": {abi.SCHED: b"rr"}}
        short |= {"long engine": {abi.PE: b"x" * 17 + b"\0"}, "short timeout": {abi.TIMEOUT: b"\1"}}
        short |= {"long flags": {abi.FLAGS: bytes(9)}, "short netmask": {abi.NETMASK: b"\1"}}
        keyed = (abi.NEW_SERVICE, abi.SET_SERVICE, abi.DEL_SERVICE, abi.GET_SERVICE, ZERO)
        for command in keyed + (abi.NEW_DEST, abi.SET_DEST, abi.DEL_DEST):
            for text, change in short.items():
                self.new(f"{text}, command {command}", "EINVAL", change, command=command)
            if command != ZERO:
                self.check(f"no service, command {command}", "EINVAL", command)
            self.check(f"empty service, command {command}", "EINVAL", command, attr(abi.SERVICE, b""))
            for family in (0, 1, 3, 255):
                change = {abi.AF: u16(family)}
                self.new(f"family {family}, command {command}", "EAFNOSUPPORT", change, command=command)
            if command != abi.NEW_SERVICE:
                other = {abi.PORT: be16(81)}
                self.new(f"no such service, command {command}", "ESRCH", other, command=command)
                other = {abi.FWMARK: u32(8)}
                self.new(f"no such mark, command {command}", "ESRCH", other, command=command)

    def services(self):
        for text, kind in (("scheduler", abi.SCHED), ("flags", abi.FLAGS), ("timeout", abi.TIMEOUT), ("mask", abi.NETMASK)):
            self.setup()
            for command in (abi.NEW_SERVICE, abi.SET_SERVICE):
                self.new(f"no {text}, command {command}", "EINVAL", {kind: None}, command=command)
        for key, rest in ((KEY, REST), (KEY6, REST6), (MARK, REST), (MARK6, REST6)):
            self.new("the same again", "EEXIST", {}, key, rest)
            for command in (abi.NEW_SERVICE, abi.SET_SERVICE):
                there = {abi.PORT: be16(81)} if command == abi.NEW_SERVICE and abi.PORT in key else {}
                if command == abi.NEW_SERVICE and not there:
                    there = {abi.FWMARK: u32(9)}
                for name in (b"nosuch\0", b"\0", b"../x\0", b"RR\0"):
                    self.new(f"scheduler {name}", "ENOENT", {**there, abi.SCHED: name}, key, rest, command=command)
                self.new("an engine", "ENOENT", {**there, abi.PE: b"nosuch\0"}, key, rest, command=command)
                self.new("engine ''", "ok", {**there, abi.PE: b"\0"}, key, rest, command=command)
                if rest is REST6:
                    for mask in (0, 129, 0xFFFFFFFF):
                        self.new(f"prefix {mask}", "EINVAL", {**there, abi.NETMASK: u32(mask)}, key, rest, command=command)
        other = {abi.PORT: be16(81)}
        for protocol in (1, 17, 132, 200, 255):
            self.new(f"protocol {protocol}", "ok", {**other, abi.PROTOCOL: u16(protocol)})
        for protocol in (0, 256, 65535):
            self.new(f"protocol {protocol}", "ok", {**other, abi.PROTOCOL: u16(protocol)}, rvs="EINVAL")
        for timeout in (1, 8589934, 0xFFFFFFFF):
            self.new(f"timeout {timeout}", "ok", {**other, abi.TIMEOUT: u32(timeout)})
        for mask in ("0.0.0.0", "255.255.255.0", "128.0.0.0"):
            self.new(f"mask {mask}", "ok", {**other, abi.NETMASK: addr(mask)})
        for mask in ("255.0.255.0", "0.0.0.255"):
            self.new(f"mask {mask}", "ok", {**other, abi.NETMASK: addr(mask)}, rvs="EINVAL")
        self.new("mark 0", "ok", {abi.FWMARK: u32(0), abi.PORT: None, abi.ADDR: None})
        self.new("flags of 4 bytes", "ok", {**other, abi.FLAGS: b"\4\0\0\0"})
        self.new("no flags", "ok", {**other, abi.FLAGS: b""})
        self.new("an address of 4 bytes in IPv6", "ok", {abi.ADDR: b"\x20\1\x0d\xb8"}, KEY6, REST6)
        marked = attr(abi.SERVICE | abi.NESTED, b"".join(attr(*one) for one in {**KEY, **other, **REST}.items()))
        self.check("marked as nested", "ok", abi.NEW_SERVICE, marked)
        self.check("marked as nested", "ok", abi.DEL_SERVICE, marked)
        self.new("scheduler none", "ok", {**other, abi.SCHED: b"none\0"})

    def dests(self):
        self.setup()
        server = nest(abi.DEST, {**SERVER, **FULL})
        for command in (abi.NEW_DEST, abi.SET_DEST, abi.DEL_DEST):
            self.check(f"no server, command {command}", "EINVAL", command, nest(abi.SERVICE, KEY))
            self.check(f"empty, command {command}", "EINVAL", command, nest(abi.SERVICE, KEY) + attr(abi.DEST, b""))
            for kind in (abi.D_ADDR, abi.D_PORT):
                self.dest(f"without {kind}, command {command}", "EINVAL", {kind: None}, command=command)
            self.dest(f"family 7, command {command}", "EAFNOSUPPORT", {abi.D_FAMILY: u16(7)}, command=command)
            self.dest(f"long address, command {command}", "EINVAL", {abi.D_ADDR: bytes(17)}, command=command)
            if command != abi.NEW_DEST:
                self.dest(f"no such server, command {command}", "ENOENT", {abi.D_PORT: be16(1)}, command=command)
        assert self.send(abi.NEW_DEST, nest(abi.SERVICE, KEY) + server) == []
        self.dest("the same again", "EEXIST", {})
        for command in (abi.NEW_DEST, abi.SET_DEST):
            there = {} if command == abi.SET_DEST else {abi.D_PORT: be16(1)}

            def dest(text, want, change, key=None, rest=None, rvs=None):
                self.dest(f"{text}, command {command}", want, {**there, **change}, key, rest, rvs, command)

            for kind in FULL:
                dest(f"without {kind}", "EINVAL", {kind: None})
            dest("weight -1", "ERANGE", {abi.D_WEIGHT: u32(0x80000000)})
            dest("thresholds 5 and 6", "ERANGE", {abi.D_UPPER: u32(5), abi.D_LOWER: u32(6)})
            dest("thresholds 0 and 1", "ERANGE", {abi.D_LOWER: u32(1)})
            dest("threshold 2^31", "EINVAL", {abi.D_UPPER: u32(0x80000000)})
            dest("weight 2^31-1", "ok", {abi.D_WEIGHT: u32(INT_MAX)})
            dest("threshold 2^31-1", "ok", {abi.D_UPPER: u32(INT_MAX), abi.D_LOWER: u32(INT_MAX)})
            gue = {abi.D_METHOD: u32(2), D_TUN_TYPE: b"\1"}
            dest("gue without a port", "EINVAL", {**gue, D_TUN_PORT: be16(0)})
            dest("gue, not through a tunnel", "EINVAL", {**gue, abi.D_METHOD: u32(0)})
            dest("gue", "ok", {**gue, D_TUN_PORT: be16(6080)})
            dest("tunnel 9", "ok", {abi.D_METHOD: u32(2), D_TUN_TYPE: b"\x09"}, rvs="EINVAL")
            dest("flags 0x1ff", "ok", {abi.D_METHOD: u32(2), D_TUN_FLAGS: u16(0x1FF)}, rvs="EINVAL")
            for method in (1, 2, 3, 0x100):
                dest(f"method {method}", "ok", {abi.D_METHOD: u32(method)})
            for method in (4, 5, 6, 7):
                dest(f"method {method}", "ok", {abi.D_METHOD: u32(method)}, rvs="EINVAL")
            v6 = {abi.D_FAMILY: u16(V6), **SERVER6}
            dest("IPv6 in IPv4, NAT", "EINVAL", v6)
        v6 = {abi.D_FAMILY: u16(V6), **SERVER6, abi.D_METHOD: u32(2)}
        self.dest("IPv6 in IPv4, tunnel", "ok", v6)
        for ip in ("0.0.0.0", "224.0.0.1", "255.255.255.255"):
            self.dest(ip, "EINVAL", {abi.D_ADDR: addr(ip)})
        for ip in ("127.0.0.1", "10.0.0.1", "9.9.9.9", "192.168.0.1"):
            self.dest(ip, "ok", {abi.D_ADDR: addr(ip)})
        for ip in ("::", "ff02::1", "fe80::1"):
            self.dest(ip, "EINVAL", {abi.D_ADDR: addr(ip)}, KEY6, SERVER6)
        for ip in ("::1", "2001:db8:a::1", "fd00::1"):
            self.dest(ip, "ok", {abi.D_ADDR: addr(ip)}, KEY6, SERVER6)
        for key in (KEY6, MARK6):
            self.dest("IPv4 in IPv6, NAT", "EINVAL", {abi.D_FAMILY: u16(V4)}, key)
            self.dest("IPv4 in IPv6, DR", "EINVAL", {abi.D_FAMILY: u16(V4), abi.D_METHOD: u32(3)}, key)
            self.dest("IPv4 in IPv6, tunnel", "ok", {abi.D_FAMILY: u16(V4), abi.D_METHOD: u32(2)}, key)
        for text, body in (("no", {abi.PORT: be16(81)}), ("no valid", {abi.ADDR: None})):
            got = self.send(abi.GET_DEST, nest(abi.SERVICE, merged(KEY, body)), abi.DUMP)
            self.expect(f"servers of {text} service", got, [], None)
        self.expect("servers of nothing", self.send(abi.GET_DEST, b"", abi.DUMP), [], None)

    def daemons(self):
        full = {STATE: u32(1), IFN: b"lo\0", SYNC_ID: u32(3)}
        for kind in full:
            self.check(f"without {kind}", "EINVAL", NEW_DAEMON, nest(DAEMON, merged(full, {kind: None})))
        for text, change in (
            ("state 3", {STATE: u32(3)}),
            ("long name", {IFN: b"x" * 16 + b"\0"}),
            ("no group", {GROUP: addr("10.0.0.1")}),
            ("no group of IPv6", {GROUP6: addr("2001:db8::1")}),
        ):
            self.check(text, "EINVAL", NEW_DAEMON, nest(DAEMON, {**full, **change}))
        self.check("nothing", "EINVAL", NEW_DAEMON)
        self.check("no such interface", "ENODEV", NEW_DAEMON, nest(DAEMON, {**full, IFN: b"nosuch\0"}), rvs="EOPNOTSUPP")
        self.check("a daemon", "ok", NEW_DAEMON, nest(DAEMON, {**full, IFN: b"net\0"}), rvs="EOPNOTSUPP")
        self.check("two", "EEXIST", NEW_DAEMON, nest(DAEMON, {**full, IFN: b"net\0"}), rvs="EOPNOTSUPP")
        got = self.send(GET_DAEMON, b"", abi.DUMP)
        self.expect("daemons", len(got), 1, 0)
        self.check("stop", "ok", DEL_DAEMON, nest(DAEMON, {STATE: u32(1)}), rvs="ESRCH")
        self.check("stop none", "ESRCH", DEL_DAEMON, nest(DAEMON, {STATE: u32(1)}))
        self.check("stop none", "ESRCH", DEL_DAEMON, nest(DAEMON, {STATE: u32(2)}))
        self.check("stop 3", "EINVAL", DEL_DAEMON, nest(DAEMON, {STATE: u32(3)}))
        self.check("stop nothing", "EINVAL", DEL_DAEMON)
        self.expect("no daemons", self.send(GET_DAEMON, b"", abi.DUMP), [], None)

    def config(self):
        kinds = (TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP)

        def is_now(*want):
            # 31 days are the most in rvs.
            want = [min(value, 2678400) if self.engine != "ip_vs" else value for value in want]
            [(command, attrs)] = self.send(abi.GET_CONFIG, b"")
            self.expect("command", command, abi.SET_CONFIG, None)
            self.expect("timeouts", attrs, {kind: u32(value) for kind, value in zip(kinds, want)}, None)

        is_now(900, 120, 300)
        for kind in kinds:
            self.check(f"short {kind}", "ERANGE", abi.SET_CONFIG, attr(kind, b"\1\0"))
            for value in (0xFFFFFFFF, 0x80000000, 8589935):
                self.check(f"timeout {value}", "EINVAL", abi.SET_CONFIG, attr(kind, u32(value)))
        is_now(900, 120, 300)
        self.check("nothing", "ok", abi.SET_CONFIG)
        self.check("zeros", "ok", abi.SET_CONFIG, b"".join(attr(kind, u32(0)) for kind in kinds))
        is_now(900, 120, 300)
        self.check("one", "ok", abi.SET_CONFIG, attr(TIMEOUT_TCP_FIN, u32(8589934)))
        is_now(900, 8589934, 300)
        self.check("all", "ok", abi.SET_CONFIG, b"".join(attr(kind, u32(kind * 7)) for kind in kinds))
        is_now(28, 35, 42)

    def info(self):
        def is_now(size):
            [(command, attrs)] = self.send(abi.GET_INFO, b"")
            self.expect("command", command, SET_INFO, None)
            self.expect("info", attrs, {1: u32(0x10201), 2: u32(size)}, None)

        is_now(0)
        self.setup()
        is_now(256)
        self.send(abi.FLUSH, b"")
        is_now(256)

    # What was put in comes out.

    @staticmethod
    def counters(attrs, kinds):
        """The counters of an object: their sizes, if all are there; they are all 0."""
        sizes = []
        for kind in kinds:
            stats = parse(attrs.pop(kind, b""))
            sizes.append([(one, len(value)) for one, value in sorted(stats.items()) if one <= 10])
            if any(any(value) for value in stats.values()):
                sizes.append("not 0")
        return sizes

    SIZES = [[(kind, 8 if kind in (4, 5) else 4) for kind in range(1, 11)], [(kind, 8) for kind in range(1, 11)]]

    def shown(self, answers, nested, command, kinds):
        """The attributes of what was shown, without counters."""
        found = []
        for got, attrs in answers:
            one = parse(attrs[nested])
            self.expect("command", got, command, None)
            self.expect("counters", self.counters(one, kinds), self.SIZES, None)
            found.append(one)
        return found

    def service_is(self, text, key, want, rvs=None):
        want, rvs = merged(key, want), rvs and merged(key, {**want, **rvs})
        stats = (abi.STATS, abi.STATS64)
        one = self.shown(self.send(abi.GET_SERVICE, nest(abi.SERVICE, key)), abi.SERVICE, abi.NEW_SERVICE, stats)
        every = self.shown(self.send(abi.GET_SERVICE, b"", abi.DUMP), abi.SERVICE, abi.NEW_SERVICE, stats)
        self.expect(text, one, [want], rvs and [rvs])
        self.expect(f"{text}, in a dump", one[0] in every, True, None)

    def service_attributes(self):
        padded = {**KEY, abi.ADDR: addr("10.0.0.100") + bytes(12)}
        udp = {**padded, abi.PROTOCOL: u16(17)}
        for key, rest in ((padded, REST), (udp, REST), (KEY6, REST6), (MARK, REST), (MARK6, REST6)):
            self.send(abi.FLUSH, b"")
            plain = {**rest, abi.FLAGS: flags(HASHED)}
            self.check("new", "ok", abi.NEW_SERVICE, nest(abi.SERVICE, {**key, **rest}))
            self.service_is("plain", key, plain)

            def change(text, put, want=None, rvs=None):
                self.check(text, "ok", abi.SET_SERVICE, nest(abi.SERVICE, {**key, **rest, **put}))
                self.service_is(text, key, {**plain, **(put if want is None else want)}, rvs)

            v6 = rest is REST6
            for mask in (u32(1), u32(64), u32(128)) if v6 else (bytes(4), addr("255.255.240.0"), b"\xff" * 4):
                put = {abi.FLAGS: flags(1), abi.TIMEOUT: u32(300), abi.NETMASK: mask}
                change("persistent", put, {**put, abi.FLAGS: flags(3)})
            for name in ("wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos", "none"):
                change(name, {abi.SCHED: name.encode() + b"\0"})
            for bits in (4, 8, 0x10, 0x20, 0x3C):
                change(f"flags {bits}", {abi.FLAGS: flags(bits)}, {abi.FLAGS: flags(bits | HASHED)})
            # Of the flags that were there stay those that are not meant.
            change("flag 4 only", {abi.FLAGS: flags(0x28, 4)}, {abi.FLAGS: flags(0x3A)})
            change("no flag 0x10", {abi.FLAGS: flags(0, 0x10)}, {abi.FLAGS: flags(0x2A)})
            change("flags of 4 bytes", {abi.FLAGS: b"\4\0\0\0"}, {abi.FLAGS: flags(0x2A)})
            unknown = {abi.FLAGS: flags(0x8040)}
            change("unknown flags", unknown, {abi.FLAGS: flags(0x8042)}, rvs={abi.FLAGS: flags(HASHED)})
            change("a timeout without the flag", {abi.TIMEOUT: u32(9)}, rvs={abi.TIMEOUT: u32(0)})
            put = {abi.FLAGS: flags(1)}
            change("the flag without a timeout", put, {abi.FLAGS: flags(3)}, rvs={abi.FLAGS: flags(3), abi.TIMEOUT: u32(1)})
            self.check("del", "ok", abi.DEL_SERVICE, nest(abi.SERVICE, key))
            self.check("gone", "ESRCH", abi.GET_SERVICE, nest(abi.SERVICE, key))

    def dest_attributes(self):
        tunnel = {abi.D_METHOD: u32(2)}
        out = {abi.D_ACTIVE: u32(0), abi.D_INACTIVE: u32(0), abi.D_PERSIST: u32(0)}
        none = {D_TUN_TYPE: b"\0", D_TUN_PORT: be16(0), D_TUN_FLAGS: u16(0)}
        ends = {V4: {**SERVER, abi.D_ADDR: addr("192.168.0.11") + bytes(12)}, V6: SERVER6}
        for key, family in ((KEY, V4), (KEY6, V6), (MARK, V4), (MARK6, V6), (KEY, V6), (KEY6, V4)):
            self.setup()
            mixed = tunnel if (key[abi.AF] == u16(V6)) != (family == V6) else {}
            end = {**ends[family], abi.D_FAMILY: u16(family)}
            plain = {**end, **FULL, **out, **none, **mixed}

            def is_now(text, want):
                answers = self.send(abi.GET_DEST, nest(abi.SERVICE, key), abi.DUMP)
                got = self.shown(answers, abi.DEST, abi.NEW_DEST, (abi.D_STATS, abi.D_STATS64))
                self.expect(text, got, [{**plain, **want}], None)

            body = nest(abi.DEST, {**end, **FULL, **mixed})
            self.check("new", "ok", abi.NEW_DEST, nest(abi.SERVICE, key) + body)
            is_now("plain", {})
            changes = [{abi.D_WEIGHT: u32(n)} for n in (0, 7, INT_MAX)]
            changes += [{abi.D_METHOD: u32(n)} for n in (0, 1, 2, 3) if not mixed]
            changes += [{abi.D_UPPER: u32(9), abi.D_LOWER: u32(3)}, {abi.D_UPPER: u32(INT_MAX)}]
            for kind, port in ((0, 0), (1, 6080), (2, 0), (2, 9)):
                for bits in (0, 1, 2, 3, 0xFF):
                    changes.append({**tunnel, D_TUN_TYPE: bytes([kind]), D_TUN_PORT: be16(port), D_TUN_FLAGS: u16(bits)})
            for put in changes:
                body = nest(abi.DEST, {**end, **FULL, **mixed, **put})
                self.check(f"set {put}", "ok", abi.SET_DEST, nest(abi.SERVICE, key) + body)
                is_now(str(put), put)
            # Without a family it is the service's.
            if not mixed:
                body = nest(abi.DEST, {**ends[family], **FULL})
                self.check("set without a family", "ok", abi.SET_DEST, nest(abi.SERVICE, key) + body)
                is_now("without a family", {})
            self.check("del", "ok", abi.DEL_DEST, nest(abi.SERVICE, key) + nest(abi.DEST, end))
            self.expect("gone", self.send(abi.GET_DEST, nest(abi.SERVICE, key), abi.DUMP), [], None)

    def order(self):
        """Servers come newest first, in as many messages as it takes."""
        self.setup()
        for number in range(300):
            body = nest(abi.DEST, {**SERVER, **FULL, abi.D_PORT: be16(1000 + number)})
            assert self.send(abi.NEW_DEST, nest(abi.SERVICE, KEY) + body) == []
        answers = self.send(abi.GET_DEST, nest(abi.SERVICE, KEY), abi.DUMP)
        ports = [struct.unpack("!H", parse(attrs[abi.DEST])[abi.D_PORT])[0] for _, attrs in answers]
        self.expect("the order", ports, list(range(1299, 999, -1)), None)
        services = self.send(abi.GET_SERVICE, b"", abi.DUMP)
        self.expect("the number of services", len(services), 4, None)

    def noise(self):
        """Damaged requests: each is answered, and what they leave can be read and removed."""
        seed = int(os.environ.get("FUZZ_SEED") or time.time())
        chance = random.Random(seed)
        whole = [nest(abi.SERVICE, {**KEY6, **REST6}), nest(abi.SERVICE, {**MARK, **REST})]
        whole += [nest(abi.SERVICE, KEY) + nest(abi.DEST, {**SERVER, **FULL, D_TUN_TYPE: b"\1", D_TUN_PORT: be16(9)})]
        whole += [nest(DAEMON, {STATE: u32(1), IFN: b"net\0", SYNC_ID: u32(3), GROUP: addr("224.0.0.9")})]
        self.setup()
        for _ in range(int(os.environ.get("FUZZ_COUNT") or 600)):
            body = bytearray(chance.choice(whole))
            for _ in range(chance.randrange(1, 5)):
                body[chance.randrange(len(body))] = chance.choice((0, 1, 2, 4, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            body = bytes(body[: chance.choice((len(body), chance.randrange(len(body) + 1)))])
            # Neither all nor what is beyond services is to change.
            command = chance.choice([*range(1, 8), 9, 10, ZERO])
            got = self.send(command, body)
            self.expect(f"seed {seed}, command {command}, {body.hex()}", isinstance(got, (list, str)), True, None)
        for _, attrs in self.send(abi.GET_SERVICE, b"", abi.DUMP):
            one = parse(attrs[abi.SERVICE])
            key = {kind: one[kind] for kind in (abi.AF, abi.PROTOCOL, abi.ADDR, abi.PORT, abi.FWMARK) if kind in one}
            for _, server in self.send(abi.GET_DEST, nest(abi.SERVICE, key), abi.DUMP):
                body = nest(abi.DEST, {kind: parse(server[abi.DEST])[kind] for kind in (abi.D_ADDR, abi.D_PORT, abi.D_FAMILY)})
                self.check("a server", "ok", abi.DEL_DEST, nest(abi.SERVICE, key) + body)
            self.check("a service", "ok", abi.DEL_SERVICE, nest(abi.SERVICE, key))
        self.expect("what is left", self.send(abi.GET_SERVICE, b"", abi.DUMP), [], None)


def main():
    tester = Tester(sys.argv[1])
    getattr(tester, sys.argv[2])()
    tester.send(abi.FLUSH, b"")
    if not tester.wrong:
        print("done", tester.looked)


if __name__ == "__main__":
    main()
