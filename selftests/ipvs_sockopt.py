# SPDX-License-Identifier: GPL-2.0
"""A client of IPVS's socket options: goes through all of them, right and wrong, and prints each with
how it ends. What it prints is compared between engines."""

import ctypes
import errno
import os
import socket
import struct

BASE = 64 + 1024 + 64
ADD, EDIT, DEL, FLUSH, ADDDEST, DELDEST, EDITDEST, TIMEOUT, START, STOP, ZERO = 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 15
VERSION, INFO, SERVICES, SERVICE, DESTS, TIMEOUTS, DAEMON = 0, 1, 2, 3, 4, 6, 7
libc = ctypes.CDLL(None, use_errno=True)
sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)


def service(addr="10.0.0.100", port=80, mark=0, protocol=6, sched=b"rr", flags=0, timeout=0, mask="255.255.255.255"):
    head = struct.pack("=H2x4s", protocol, socket.inet_aton(addr)) + struct.pack("!H2x", port)
    tail = struct.pack("=I16sII4s", mark, sched, flags, timeout, socket.inet_aton(mask))
    return head + tail


def dest(addr="192.168.0.11", port=8080, method=0, weight=1, upper=0, lower=0):
    head = socket.inet_aton(addr) + struct.pack("!H2x", port)
    return head + struct.pack("=IIII", method, weight & 0xFFFFFFFF, upper, lower)


def key(addr="10.0.0.100", port=80, mark=0, protocol=6):
    return service(addr, port, mark, protocol)[:16]


def daemon(state=1, name=b"net", ident=3):
    return struct.pack("=I16sI", state, name, ident)


def ended(text, code):
    print(f"{text}: {errno.errorcode[code] if code else 'ok'}")


def put(text, option, data=b""):
    ended(text, ctypes.get_errno() if libc.setsockopt(sock.fileno(), 0, BASE + option, data, len(data)) else 0)


def get(text, option, question, size):
    """Asks; the answer, or nothing."""
    buffer = ctypes.create_string_buffer(question.ljust(size, b"\0"), size)
    length = ctypes.c_uint(size)
    failed = libc.getsockopt(sock.fileno(), 0, BASE + option, buffer, ctypes.byref(length))
    ended(text, ctypes.get_errno() if failed else 0)
    return b"" if failed else buffer.raw[: length.value]


def listed(text, data, head, size, whole=True):
    """A list in an order of its own; which entries are in a part of it is chance."""
    print(f"{text}: {data[:head].hex()}")
    entries = [data[at : at + size] for at in range(head, len(data), size)]
    for entry in sorted(entries):
        print(f"  {entry.hex() if whole or not any(entry) else 'one of them'}")


def show():
    for name, question in (("address", key()), ("udp", key(port=53, protocol=17)), ("mark", key(mark=9, addr="0.0.0.0", port=0))):
        print(get(f"service, {name}", SERVICE, question, 104).hex())
        for count in range(4):
            answer = get(f"{count} servers, {name}", DESTS, question + struct.pack("=I", count), 24 + 96 * count)
            listed("servers", answer, 24, 96)
    info = get("info", INFO, b"", 12)
    print(info[:4].hex(), info[8:].hex())
    [total] = struct.unpack("=I", info[8:])
    for count in range(total + 2):
        answer = get(f"{count} services", SERVICES, struct.pack("=I", count), 8 + 104 * count)
        listed("services", answer, 8, 104, count >= total)
    print(get("timeouts", TIMEOUTS, b"", 12).hex())
    print(get("daemons", DAEMON, b"", 48).hex())


print(get("version", VERSION, b"", 64).partition(b" (size")[0])
for option, length in ((VERSION, 63), (INFO, 11), (SERVICE, 103), (SERVICE, 15), (TIMEOUTS, 11), (DAEMON, 47), (5, 64), (8, 64)):
    get(f"option {option} with {length} bytes", option, b"", length)
for option in (0, 1, 6, 13, 14, 16, ADD, ADDDEST, TIMEOUT, START, ZERO):
    put(f"option {option} with 3 bytes", option, b"\0\0\0")
show()
put("add", ADD, service())
put("add again", ADD, service())
put("add udp", ADD, service(port=53, protocol=17, flags=4, sched=b"wlc"))
put("add sctp", ADD, service(port=53, protocol=132, flags=1, timeout=60, mask="255.255.0.0", sched=b"sh"))
put("add mark", ADD, service(addr="0.0.0.0", port=0, mark=9, flags=1, timeout=5))
put("add no scheduler", ADD, service(port=81, sched=b"nosuch"))
put("add scheduler ''", ADD, service(port=81, sched=b""))
put("add scheduler without end", ADD, service(port=81, sched=b"r" * 16))
put("add protocol 1", ADD, service(port=81, protocol=1))
put("add mark with protocol 1", ADD, service(port=81, protocol=1, mark=8))
put("edit", EDIT, service(sched=b"wrr", flags=1, timeout=30, mask="255.255.255.0"))
put("edit none", EDIT, service(port=81))
put("delete none", DEL, service(port=81))
put("zero none", ZERO, service(port=81))
put("add server", ADDDEST, service() + dest())
put("add server again", ADDDEST, service() + dest())
put("add server to none", ADDDEST, service(port=81) + dest())
put("add server 2", ADDDEST, service() + dest("192.168.0.12", 80, 3, 7, 9, 4))
put("add server 3", ADDDEST, service() + dest("192.168.0.13", 80, 2, 0))
put("add server to mark", ADDDEST, service(addr="0.0.0.0", port=0, mark=9) + dest("192.168.0.13", 0, 1, 2))
put("add server 0.0.0.0", ADDDEST, service() + dest("0.0.0.0"))
put("add server 224.0.0.1", ADDDEST, service() + dest("224.0.0.1"))
put("add server, weight -1", ADDDEST, service() + dest("192.168.0.14", weight=-1))
put("add server, thresholds", ADDDEST, service() + dest("192.168.0.14", upper=3, lower=4))
put("edit server", EDITDEST, service() + dest(weight=5, upper=100, lower=50))
put("edit no server", EDITDEST, service() + dest("192.168.0.14"))
put("delete no server", DELDEST, service() + dest("192.168.0.14"))
put("zero", ZERO, service())
put("zero all", ZERO, service("0.0.0.0", 0, 0, 6))
show()
put("delete server", DELDEST, service() + dest("192.168.0.12", 80))
put("timeouts", TIMEOUT, struct.pack("=III", 0, 20, 30))
put("timeouts", TIMEOUT, struct.pack("=III", 0xFFFFFFFF, 20, 30))
put("timeouts", TIMEOUT, struct.pack("=III", 8589935, 20, 30))
put("stop", STOP, daemon())
put("stop 3", STOP, daemon(3))
put("start 3", START, daemon(3, b"lo"))
put("start without end", START, daemon(1, b"n" * 16))
show()
put("delete", DEL, service())
put("flush", FLUSH)
show()
put("timeouts", TIMEOUT, struct.pack("=III", 900, 120, 300))
os.close(sock.detach())
