#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes a table and a JSON file of what guest.py has measured.

    report.py [--json FILE] [--guard] [--record FILE [--keep]] [NAME=VALUE...] < RECORDS

NAME=VALUE are facts about the run, for the JSON. With --guard the exit status tells
whether every figure with a target meets it, and no total of rvs is more than 1 % above
the one that the record has for this kernel; --keep writes the record anew instead. The
records may be those of several runs: then the median counts.
"""

import argparse
import json
import statistics
import sys

# The most that rvs may cost: instructions above plain forwarding, bytes, and ratios of two
# cases. The target of new connections is half of what ip_vs needs above the forwarding of the packets
# of established flows, for which the generator draws random ports; so it is compared with
# that. In the column they are compared with the forwarding of packets made in the same way.
TARGETS = {
    "established, NAT, IPv4": 670,
    "established, direct, IPv4": 600,
    "established, NAT, IPv6": 670,
    "established, direct, IPv6": 600,
    # Cheaper than plain forwarding.
    "fast, NAT, IPv4": 0,
    "fast, direct, IPv4": 0,
    "fast, NAT, IPv6": 0,
    "fast, direct, IPv6": 0,
    "fast reply, NAT, IPv4": 0,
    "fast reply, NAT, IPv6": 0,
    "new, rr, 10 servers, NAT, IPv4": 1700,
    "new, rr, 10 servers, direct, IPv4": 1700,
}
SERVERS_TARGET = 300
MEMORY_TARGET = 256
LOOKUP_TARGET, NEXT_TARGET = 1.3, 1.5
METHODS = {"nat": "NAT", "direct": "direct", "ipip": "TUN ipip", "gue": "TUN gue"}
LOAD_TARGET = 0.2
TOLERANCE = 1.01


def title(record):
    """What a case is called."""
    words = [record["case"]]
    if "services" in record:
        return f"{record['case']}, {record['services']:,} services x 5 servers"
    if "what" in record:
        return record["what"]
    if "scheduler" in record:
        words += [record["scheduler"], f"{record['servers']:,} servers"]
    if "connections" in record:
        words.append(f"{record['connections']:,} connections")
    if record["case"] == "forward" and record["kind"] != "flows":
        words.append(record["kind"])
    if "method" in record:
        words.append(METHODS[record["method"]])
    return ", ".join(words + [f"IPv{record['family']}"])


def medians(records):
    """The records of repeated runs as those of one: of each case the run whose total is the median."""
    runs = {}
    for record in records:
        runs.setdefault((title(record), record.get("engine", "")), []).append(record)
    for same in runs.values():
        totals = [record.get("total", 0) for record in same]
        yield same[totals.index(statistics.median_low(totals))]


class Report:
    """The records, in rows of cases with a column for each engine."""

    def __init__(self, records):
        self.records = records
        self.forward = {(record["kind"], record["family"]): record["total"]
                        for record in records if record["case"] == "forward"}
        self.rows = {}
        for record in records:
            self.rows.setdefault(title(record), {})[record.get("engine", "")] = record
        self.failures = []

    def above(self, record):
        """Instructions above plain forwarding of the same packets."""
        return record["total"] - self.forward[record["kind"], record["family"]]

    def aimed(self, record):
        """The figure that a target is for."""
        if record["case"] == "new":
            return record["total"] - self.forward["flows", record["family"]]
        return self.above(record)

    def cost(self, name, engine="rvs"):
        record = self.rows.get(name, {}).get(engine)
        return record and self.above(record)

    def expect(self, name, value, target):
        """Compares a figure with its target; the mark to print behind it."""
        if target is None:
            return ""
        if value <= target:
            return f"  {value:,.4g} <= {target:,}"
        self.failures.append(f"{name}: {value:,.4g} instead of at most {target:,}")
        return f"  {value:,.4g} > {target:,} !"

    def costs(self):
        """The table of instructions per packet."""
        yield f"{'instructions per packet':44} {'rvs':>8} {'ip_vs':>8} | {'above forwarding':>17} {'ratio':>6}"
        for name, row in self.rows.items():
            first = next(iter(row.values()))
            if "total" not in first or "services" in first:
                continue
            if "" in row:
                above = ""
                if first["case"] not in ("floor", "forward"):
                    above = f"| {self.above(first):8,.0f}"
                yield f"{name:44} {first['total']:8,.0f} {'':8} {above}".rstrip()
                continue
            totals = [f"{row[engine]['total']:8,.0f}" if engine in row else " " * 8
                      for engine in ("rvs", "ip_vs")]
            above = [self.cost(name, engine) for engine in ("rvs", "ip_vs")]
            texts = ["" if value is None else f"{value:,.0f}" for value in above]
            ratio = f"{above[0] / above[1]:6.2f}" if None not in above else " " * 6
            mark = self.expect(name, self.aimed(row["rvs"]), TARGETS.get(name)) if "rvs" in row else ""
            yield f"{name:44} {' '.join(totals)} | {texts[0]:>8} {texts[1]:>8} {ratio}{mark}"

    def servers(self):
        """What 1,000 servers cost above 10, per scheduler."""
        for name in self.rows:
            if not name.startswith("new, ") or ", 1,000 servers" not in name:
                continue
            few = name.replace("1,000 servers", "10 servers")
            values = [self.cost(name, engine) and self.cost(few, engine) is not None
                      and self.cost(name, engine) - self.cost(few, engine)
                      for engine in ("rvs", "ip_vs")]
            texts = ["" if value in (None, False) else f"{value:+,.0f}" for value in values]
            mark = ""
            if texts[0]:
                mark = self.expect(f"{name} above 10 servers", values[0], SERVERS_TARGET)
            yield f"{name.split(', ')[1]:8} {texts[0]:>8} {texts[1]:>8}{mark}"

    def growth(self):
        """Looking up and opening with many connections, relative to 1,000."""
        for case, target in (("lookup", LOOKUP_TARGET), ("next", NEXT_TARGET)):
            for engine in ("rvs", "ip_vs"):
                small = self.cost(f"{case}, 1,000 connections, NAT, IPv4", engine)
                for number in ("100,000", "1,000,000"):
                    name = f"{case}, {number} connections, NAT, IPv4"
                    large = self.cost(name, engine)
                    if small and large:
                        ratio = large / small
                        mark = self.expect(name, ratio, target) if engine == "rvs" else ""
                        yield f"{engine:6} {case}, {number} connections: {ratio:.2f} of 1,000{mark}"

    def memory(self):
        """Bytes per connection, and what is left of them after expiry."""
        for name, row in self.rows.items():
            for engine, record in row.items():
                if record["case"] not in ("memory", "expiry"):
                    continue
                bytes_each = record["slab"] + record["vmalloc"] + record.get("percpu", 0)
                text = (f"{engine:6} {name}: {bytes_each:,.1f} bytes of slabs and vmalloc,"
                        f" {record['used']:,.1f} of all memory, for each connection")
                if record["case"] == "expiry":
                    text += f"; {record['seconds']:.2f} s of work"
                    target = 16
                else:
                    target = MEMORY_TARGET
                # Fewer drown in what the rest of the kernel allocates meanwhile.
                if engine == "rvs" and record["connections"] >= 1000000:
                    text += self.expect(name, bytes_each, target)
                yield text

    def control(self):
        """Millions of instructions of a tool and the kernel for whole configurations; memory."""
        for name, row in self.rows.items():
            first = next(iter(row.values()))
            if first["case"] == "transaction":
                loaded = self.rows.get(name.replace("transaction", "load"), {}).get("ip_vs")
                row = {**row, "ip_vs": loaded} if loaded else row
            if not ("services" in first or "what" in first) or len(row) < 2:
                continue
            if "what" in first:
                values = [row[engine]["bytes"] for engine in ("rvs", "ip_vs")]
                yield f"{name:44} {values[0]:9,.0f} {values[1]:9,.0f} bytes"
                continue
            values = [row[engine]["total"] for engine in ("rvs", "ip_vs")]
            mark = ""
            if first["case"] == "transaction":
                mark = self.expect(name, values[0] / values[1], LOAD_TARGET)
            yield (f"{name:44} {values[0] / 1e6:9,.1f} {values[1] / 1e6:9,.1f} million "
                   f"{values[0] / values[1]:6.2f}{mark}")

    def lines(self):
        yield from self.costs()
        for head, part in (("1,000 servers instead of 10: rvs, ip_vs", self.servers()),
                           ("the size of the table", self.growth()), ("memory", self.memory()),
                           ("the configuration, by rvsadm and ipvsadm: rvs, ip_vs", self.control())):
            rows = list(part)
            if rows:
                yield from ["", head, *rows]


    def recorded(self, path, kernel):
        """Compares the totals of rvs with the record of this kernel, if there is one."""
        with open(path, encoding="utf-8") as file:
            known = json.load(file).get(kernel)
        if known is None:
            yield f"no record for the kernel {kernel}"
            return
        for name, total in self.totals().items():
            old = known["totals"].get(name)
            if old and total > old * TOLERANCE:
                self.failures.append(f"{name}: {total:,.0f} in all, 1 % more than the record's {old:,}")

    def totals(self):
        """All instructions per packet of rvs, by case."""
        return {name: round(row["rvs"]["total"]) for name, row in self.rows.items()
                if "total" in row.get("rvs", {}) and "services" not in row["rvs"]}

    def keep(self, path, facts):
        """Writes the record of this kernel."""
        try:
            with open(path, encoding="utf-8") as file:
                records = json.load(file)
        except FileNotFoundError:
            records = {}
        records[facts["kernel"]] = {"date": facts["date"], "commit": facts["commit"],
                                    "totals": self.totals()}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(records, file, indent=1)
            file.write("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    parser.add_argument("--guard", action="store_true")
    parser.add_argument("--record")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("facts", nargs="*")
    arguments = parser.parse_args()
    records = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    report = Report(list(medians(records)))
    if not report.records:
        sys.exit("there are no records")
    facts = dict(fact.partition("=")[::2] for fact in arguments.facts)
    for line in report.lines():
        print(line)
    if arguments.record and arguments.keep:
        report.keep(arguments.record, facts)
    elif arguments.record:
        for line in report.recorded(arguments.record, facts["kernel"]):
            print(line)
    for failure in report.failures:
        print(f"too much: {failure}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({**facts, "records": report.records}, file, indent=1)
            file.write("\n")
    return 1 if arguments.guard and report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
