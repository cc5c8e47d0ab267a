# SPDX-License-Identifier: GPL-2.0
"""Which functions of a module write to what, from what writes.c has found.

    writes.py WRITES KALLSYMS MODULE PACKETS

For each function of the module: how many writes there were for each packet, to how many cache
lines, and to how many that another processor wrote, too (by whatever function of a module).
The exit status tells whether there are any of the latter. What a periodic work writes does not
count: it is no packet's, and the stack that it runs on may change processors.
"""

import bisect
import sys

from symbols import demangle

# What they call is theirs, too, when all connections are established.
WORKS = ("rvs_ns_work", "rvs_ns_defend", "rvs_helper_ns_kick")


def main():
    writes, kallsyms, wanted, packets = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    symbols = []
    with open(kallsyms, encoding="ascii") as file:
        for line in file:
            address, kind, name, *module = line.split()
            if kind in "tTwW" and not name.startswith("__pfx_"):
                symbols.append((int(address, 16), name, "".join(module).strip("[]")))
    symbols.sort()
    addresses = [symbol[0] for symbol in symbols]
    cpus, records = {}, []
    with open(writes, encoding="ascii") as file:
        for text in file:
            line, pc, mask, count = text.split()
            line, mask = int(line, 16), int(mask, 16)
            cpus[line] = cpus.get(line, 0) | mask
            _, name, module = symbols[bisect.bisect_right(addresses, int(pc, 16)) - 1]
            records.append((line, name, module, int(count)))
    functions = {}
    for line, name, module, count in records:
        if module == wanted:
            total, lines, shared = functions.setdefault(name, [0, set(), set()])
            functions[name][0] = total + count
            lines.add(line)
            if cpus[line] & (cpus[line] - 1) and name not in WORKS:
                shared.add(line)
    everywhere = set().union(*(shared for _, _, shared in functions.values()), set())
    print(f"{wanted}: writes for each packet, cache lines, of which two processors write, function")
    for name, (total, lines, shared) in sorted(functions.items(), key=lambda item: -item[1][0]):
        print(f"{total / packets:8.3f} {len(lines):8} {len(shared):6}  {demangle(name)}")
    print(f"{wanted}: {len(everywhere)} cache lines are written by both processors")
    return 1 if everywhere else 0


if __name__ == "__main__":
    sys.exit(main())
