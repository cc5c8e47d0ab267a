# SPDX-License-Identifier: GPL-2.0
"""What rust.py and reference.py share: loading the specification, names, text."""

import sys
import textwrap

from lib.nlspec import SpecFamily  # the kernel's tools/net/ynl/pyynl, on PYTHONPATH


def load():
    """The specification that is named on the command line."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} SPECIFICATION")
    return SpecFamily(sys.argv[1])


def text(element):
    """The documentation of an element, on one line."""
    return " ".join(str(element.yaml.get("doc", "")).split())


def doc_lines(prefix, string, width=100):
    """`string` wrapped to `width`, every line with `prefix`."""
    return textwrap.wrap(string, width=width, initial_indent=prefix, subsequent_indent=prefix,
                         break_long_words=False, break_on_hyphens=False)


def upper(name):
    """`in-pkts` as the name of a constant."""
    return name.replace("-", "_").upper()


def snake(name):
    """`in-pkts` as the name of a module."""
    return name.replace("-", "_")


def camel(name):
    """`in-pkts` as the name of a type."""
    return "".join(part.capitalize() for part in name.split("-"))


def constants(family):
    """The definitions that are numbers."""
    return [item for item in family.yaml["definitions"] if item["type"] == "const"]


def enums(family):
    """The definitions that are enumerations."""
    return [item for item in family.consts.values() if hasattr(item, "entries")]
