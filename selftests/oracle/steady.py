# SPDX-License-Identifier: GPL-2.0
"""Takes out of a transcript what differs between two runs of one and the same engine:

- the order in which services and connections are hashed;
- the number of buckets, and of threads that estimate rates;
- the time that has passed: what is left of a timeout is rounded up to a usual one;
- the source ports of clients;
- which CPU counted a packet.

All columns keep their widths.
"""

import re
import sys

HEX = r"(?:[0-9A-F]{8}|[0-9a-f:]{39}|\[[0-9a-f:]{39}\])"
CONN = re.compile(
    rf"((?:TCP|UDP|SCTP|IP ?) {HEX}) ([0-9A-F]{{4}}) ({HEX} [0-9A-F]{{4}} {HEX} [0-9A-F]{{4}} .{{11}})"
    r" ((?:LOCAL  |SYNC   )?)( *\d+)(.*)"
)
LISTED = re.compile(r"((?:TCP|UDP|SCTP|IP) +)(\d\d):(\d\d)( +[A-Z_]+ +\S+:)(\d+)( .*)")
ROW = re.compile(r"(?:TCP|UDP|SCTP|IP|FWM) +\S+ +\S|-A ")
PER_CPU = re.compile(r" *[0-9A-F]+((?: +[0-9A-F]+){5})$")


def round_up(seconds):
    return next(usual for usual in (10, 30, 60, 120, 300, 900, 1 << 20) if seconds <= usual)


def port_hex(port):
    return "****" if 10_000 <= int(port, 16) < 0xFFFF else port


def conn(match):
    head, port, middle, origin, left, rest = match.groups()
    return f"{head} {port_hex(port)} {middle} {origin}{round_up(int(left)):{len(left)}}{rest}"


def listed(match):
    head, minutes, seconds, middle, port, rest = match.groups()
    left = round_up(int(minutes) * 60 + int(seconds))
    port = "*****" if int(port) >= 10_000 else port
    return f"{head}{left // 60:02}:{left % 60:02}{middle}{port}{rest}"


def steady(line):
    line = re.sub(r"size=\d+", "size=N", line)
    line = re.sub(r"^(Conn buckets|Service buckets|Stats )(.*:\t).*", r"\1\2N", line)
    return LISTED.sub(listed, CONN.sub(conn, line))


def sum_cpus(lines):
    """The counters of all CPUs as one, in the width of the first."""
    sums, out = None, []
    for line in lines:
        match = PER_CPU.fullmatch(line)
        if match and not line.startswith("   ~") and sums is not False:
            numbers = [int(n, 16) for n in match[1].split()]
            sums = [a + b for a, b in zip(sums or [0] * 5, numbers)]
            first = line if len(out) == 0 or not out[-1].startswith("CPUS") else ""
            if first:
                out.append("CPUS")
            out[-1] = f"CPUS {len(line)} " + " ".join(f"{n:X}" for n in sums)
        else:
            out.append(line)
    return out


def blocks(lines):
    """Groups of lines that belong together: a service and its servers; a connection."""
    block = []
    for line in lines:
        if block and not line.startswith(("  ->", "-a ")):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def sorted_runs(lines):
    """Neighbouring services, and neighbouring connections, in an order of their own."""
    run = []
    for block in blocks(lines):
        if ROW.match(block[0]):
            run.append(block)
            continue
        yield from (line for one in sorted(run) for line in one)
        run = []
        yield from block
    yield from (line for one in sorted(run) for line in one)


def commands(lines):
    """The transcript, command by command."""
    command = []
    for line in lines:
        if line.startswith("$ ") and command:
            yield command
            command = []
        command.append(line)
    yield command


for command in commands(sys.stdin.read().split("\n")):
    command = [steady(line) for line in command]
    if "percpu" in command[0]:
        command = sum_cpus(command)
    print("\n".join(sorted_runs(command)))
