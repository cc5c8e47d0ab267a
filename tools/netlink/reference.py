#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints the reference page of the netlink interface: Documentation/netlink/index.md."""

import re

from spec import constants, enums, load, text, upper

HEAD = """\
<!-- SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) -->
<!-- Do not edit directly, auto-generated from: Documentation/netlink/specs/rvs.yaml -->
<!-- To regenerate run: tools/netlink/generate -->

# The netlink interface"""

GENERAL = """\
The specification is [specs/rvs.yaml](specs/rvs.yaml), in the form that the kernel's own `ynl`
tools read. Numbers for C are in `<linux/rvs.h>`, numbers for Rust in `rvs/logic/uapi.rs`.
`rvsadm` speaks this interface; so can any generic netlink library, or the kernel's
`tools/net/ynl/pyynl/cli.py --spec Documentation/netlink/specs/rvs.yaml`.

## Rules of every message

- Numbers are in the byte order of the machine, except where *big endian* is stated.
- Unknown attributes, attributes that a command does not take, wrong lengths and values out of
  range are refused with `EINVAL` or `ERANGE`; the extended ack names the attribute.
- A message that lacks a needed attribute is refused with `EINVAL`; the extended ack
  says which one is missing and in which nest.
- Without CAP_NET_ADMIN every command is refused with `EPERM`.
- A dump during which the tables changed carries `NLM_F_DUMP_INTR`: read it again."""


def emit_table(head, rows):
    print()
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def anchor(name):
    return f"[{name}](#attribute-set-{name})"


def fields(part):
    """The attributes of one direction of a command, as text."""
    names = (part or {}).get("attributes", [])
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def emit_command(message):
    print(f"\n### `{message.name}` (RVS_CMD_{upper(message.name)} = {message.req_value})\n")
    print(text(message))
    rows = []
    for mode in ("do", "dump"):
        if mode in message.yaml:
            part = message.yaml[mode] or {}
            rows.append([mode, fields(part.get("request")),
                         fields(part["reply"]) if "reply" in part else "ack"])
    emit_table(["mode", "request", "reply"], rows)
    errors = sorted(set(re.findall(r"\bE[A-Z]{3,}\b", text(message))))
    if errors:
        print("\nErrors of its own: " + ", ".join(f"`{error}`" for error in errors) + ".")


def attribute_type(attr):
    kind = attr.yaml["type"]
    if kind == "nest":
        kind = "nest of " + anchor(attr.yaml["nested-attributes"])
    if attr.yaml.get("byte-order") == "big-endian":
        kind += ", big endian"
    if "enum" in attr.yaml:
        kind += f", one of [{attr.yaml['enum']}](#{attr.yaml['enum']})"
    if attr.yaml.get("multi-attr"):
        kind += ", repeated"
    return kind


def attribute_range(attr, numbers):
    checks = attr.yaml.get("checks", {})
    low, high = checks.get("min"), checks.get("max")
    high = numbers.get(high, high)
    if low is not None and high is not None:
        return f"{low} to {high}"
    if high is not None:
        return f"at most {high}"
    if low is not None:
        return f"at least {low}"
    if "max-len" in checks:
        unit = "characters" if attr.yaml["type"] == "string" else "bytes"
        return f"at most {checks['max-len']} {unit}"
    return ""


def emit_attr_set(attr_set, numbers):
    print(f"\n### Attribute set `{attr_set.name}`")
    if text(attr_set):
        print("\n" + text(attr_set))
    emit_table(["number", "name", "type", "range", "meaning"],
               [[str(attr.value), f"`{attr.name}`", attribute_type(attr),
                 attribute_range(attr, numbers), text(attr)] for attr in attr_set.attrs.values()])


def emit_enum(enum):
    print(f"\n### {enum.name}\n")
    print(text(enum))
    emit_table(["value", "name", "meaning"],
               [[str(entry.value), f"`{entry.name}`", text(entry)]
                for entry in enum.entries.values()])


def main():
    family = load()
    numbers = {item["name"]: item["value"] for item in constants(family)}
    print(HEAD)
    print(f"\nGeneric netlink family `{family.yaml['name']}`, "
          f"version {family.yaml.get('version', 1)}. {text(family)}\n")
    print(GENERAL)
    print("\n## Commands")
    for message in family.msgs.values():
        emit_command(message)
    print("\n## Attributes")
    for attr_set in reversed(family.attr_sets.values()):
        emit_attr_set(attr_set, numbers)
    print("\n## Enumerations")
    for enum in enums(family):
        emit_enum(enum)
    print("\n## Constants")
    emit_table(["name", "value", "meaning"],
               [[f"`RVS_{upper(item['name'])}`", str(item["value"]),
                 " ".join(item["doc"].split())]
                for item in constants(family)])


if __name__ == "__main__":
    main()
