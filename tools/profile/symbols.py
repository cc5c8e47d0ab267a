# SPDX-License-Identifier: GPL-2.0
"""Where the instructions of a packet are: sums per function of what count.c has counted.

    symbols.py COUNTS KALLSYMS PACKETS [LINES]
"""

import bisect
import re
import sys


def demangle(name):
    """The last parts of a mangled Rust name, which are enough to find the function."""
    if not name.startswith("_R"):
        return name
    parts = re.findall(r"(?<![0-9])([0-9]+)_?([A-Za-z_][A-Za-z0-9_]*)", name)
    words = [text[: int(length)] for length, text in parts if len(text) >= int(length) > 1]
    return "::".join(words[-3:]) or name


def main():
    counts, kallsyms, packets = sys.argv[1], sys.argv[2], int(sys.argv[3])
    lines = int(sys.argv[4]) if len(sys.argv) > 4 else 40
    symbols = []
    with open(kallsyms, encoding="ascii") as file:
        for line in file:
            address, kind, name, *module = line.split()
            if kind in "tTwW" and not name.startswith("__pfx_"):
                symbols.append((int(address, 16), name, "".join(module)))
    symbols.sort()
    addresses = [symbol[0] for symbol in symbols]
    sums = {}
    with open(counts, encoding="ascii") as file:
        for line in file:
            address, instructions, executed = line.split()
            address, instructions = int(address, 16), int(instructions)
            if address < 1 << 63:
                key = ("(user space)", "")
            else:
                _, name, module = symbols[bisect.bisect_right(addresses, address) - 1]
                key = (name, module)
            total, calls = sums.get(key, (0, 0))
            at_entry = int(executed) if address in addresses[bisect.bisect_left(addresses, address):][:1] else 0
            sums[key] = (total + instructions, calls + at_entry)
    total = sum(value for value, _ in sums.values())
    print(f"{total / packets:10.1f}  all")
    for (name, module), (value, calls) in sorted(sums.items(), key=lambda item: -item[1][0])[:lines]:
        print(f"{value / packets:10.1f} {calls / packets:8.2f}  {demangle(name)} {module}")


if __name__ == "__main__":
    main()
