# SPDX-License-Identifier: GPL-2.0
"""One case for tools/profile/run, with marks around what is to be counted.

    profile.py CASE ENGINE FAMILY

CASE is a method of forwarding, the same with "-new" behind it for new connections, "transaction", which loads 500
services in one step, or "load", the same with the tool and its lines.
"""

import ctypes
import mmap
import sys

import control
import lab
from engines import ENGINES
from guest import FLOWS, NEW, request, warm

PACKETS = 20000


def marker(text):
    """A function that executes the instruction which tools/profile/count.c looks for."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\x0f\x18\x04\x25" + text + b"\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    function = ctypes.CFUNCTYPE(None)(address)
    function.code = code
    return function


def keep_symbols():
    """Leaves the addresses of the kernel's functions for tools/profile/symbols.py."""
    with open("/proc/kallsyms", encoding="ascii") as file:
        symbols = file.read()
    with open("/profile/kallsyms", "w", encoding="ascii") as file:
        file.write(symbols)


def configuration(case, name, begin, end):
    """Loads 500 services with their servers."""
    lab.run("modprobe", {"rvs": "rvs_rr", "ip_vs": "ip_vs_rr"}[name])
    message, lines = control.message(500), control.lines(control.load(500))
    with control.Space():
        kernel = control.transact.Kernel() if case == "transaction" else None
        begin()
        if kernel:
            control.transact.expect(kernel.transact(message))
        else:
            lab.run(*control.TOOLS[name], "-R", text=lines)
        end()
        keep_symbols()


def main():
    case, name, family = sys.argv[1], sys.argv[2], int(sys.argv[3])
    begin, end = marker(b"RVS0"), marker(b"RVS1")
    lab.setup()
    for engine in ENGINES:
        engine.load()
    if case in ("load", "transaction"):
        configuration(case, name, begin, end)
        return
    with lab.Lab() as site:
        method, _, new = case.partition("-")
        dst = lab.server(family, 0)
        for engine in ENGINES:
            if engine.name == name:
                engine.configure(family, method=method)
                dst = lab.VIP[family]
        options = request(family, dst)
        if new:
            site.send(1000, **{**options, "udp_src": (62000, 63000)})
        else:
            warm(site, **options)
        begin()
        site.send(PACKETS, **{**options, **(NEW if new else FLOWS)})
        end()
        keep_symbols()


if __name__ == "__main__":
    main()
