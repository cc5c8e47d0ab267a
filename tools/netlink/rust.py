#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints the netlink interface as Rust: rvs/logic/uapi.rs."""

from spec import camel, constants, doc_lines, enums, load, snake, text, upper

# Longest list that rustfmt leaves on one line.
RUSTFMT_ARRAY_WIDTH = 60

HEAD = """\
// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
// Do not edit directly, auto-generated from:
//   Documentation/netlink/specs/rvs.yaml
// To regenerate run: tools/netlink/generate

//! The netlink interface of rvs: every number that travels between the kernel and its
//! clients, by name.

/// One attribute of an attribute set.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// The number of the attribute.
    pub kind: u16,
    /// Its name in the specification.
    pub name: &'static str,
    /// The attributes inside it, if it is a nest.
    pub nested: Option<&'static [Attribute]>,
}
"""


def emit_doc(indent, string):
    for line in doc_lines(f"{indent}/// ", string):
        print(line)


def emit_constants(family):
    print("\n/// Name of the generic netlink family.")
    print(f'pub const FAMILY_NAME: &str = "{family.yaml["name"]}";')
    print("/// Version of the generic netlink family.")
    print(f'pub const FAMILY_VERSION: u8 = {family.yaml.get("version", 1)};')
    for item in constants(family):
        emit_doc("", item["doc"])
        print(f'pub const {upper(item["name"])}: u32 = {item["value"]};')


def emit_variants(enum):
    for entry in enum.entries.values():
        emit_doc("    ", text(entry) or f"`{entry.name}`.")
        print(f"    {camel(entry.name)} = {entry.value},")


def emit_match(signature, doc, subject, arms):
    emit_doc("    ", doc)
    print(f"    {signature} {{")
    print(f"        match {subject} {{")
    for arm in arms:
        print(f"            {arm},")
    print("        }")
    print("    }")


def emit_all(name, variants):
    """The list of the variants, broken as rustfmt does."""
    print("    /// All of them, in the order of their numbers.")
    line = ", ".join(variants)
    if len(line) <= RUSTFMT_ARRAY_WIDTH:
        print(f"    pub const ALL: &'static [{name}] = &[{line}];\n")
        return
    print(f"    pub const ALL: &'static [{name}] = &[")
    for variant in variants:
        print(f"        {variant},")
    print("    ];\n")


def emit_enum(enum):
    name = camel(enum.name)
    variants = {f"{name}::{camel(entry.name)}": entry for entry in enum.entries.values()}
    print()
    emit_doc("", text(enum))
    print("#[derive(Clone, Copy, Debug, PartialEq, Eq)]")
    print("#[repr(u8)]")
    print(f"pub enum {name} {{")
    emit_variants(enum)
    print("}\n")
    print(f"impl {name} {{")
    emit_all(name, list(variants))
    emit_match("pub const fn from_u8(value: u8) -> Option<Self>", "The one with this number.",
               "value",
               [f"{e.value} => Some({v})" for v, e in variants.items()] + ["_ => None"])
    print()
    emit_match("pub const fn name(self) -> &'static str", "Its name in the specification.",
               "self", [f'{v} => "{e.name}"' for v, e in variants.items()])
    print()
    print("    /// Its number." if enum.type != "flags" else "    /// The number of its bit.")
    print("    pub const fn value(self) -> u8 {")
    print("        self as u8")
    print("    }")
    if enum.type == "flags":
        print("\n    /// Its bit.")
        print("    pub const fn bit(self) -> u32 {")
        print("        1 << self.value()")
        print("    }")
    print("}")


def emit_attribute(attr):
    nested = attr.yaml.get("nested-attributes")
    inner = f"Some(super::{snake(nested)}::ATTRIBUTES)" if nested else "None"
    print("        Attribute {")
    print(f"            kind: {upper(attr.name)},")
    print(f'            name: "{attr.name}",')
    print(f"            nested: {inner},")
    print("        },")


def emit_attr_set(attr_set):
    attrs = list(attr_set.attrs.values())
    print()
    emit_doc("", f"Attribute set `{attr_set.name}`. {text(attr_set)}".strip())
    print(f"pub mod {snake(attr_set.name)} {{")
    print("    use super::Attribute;\n")
    for attr in attrs:
        emit_doc("    ", text(attr))
        print(f"    pub const {upper(attr.name)}: u16 = {attr.value};")
    print("    /// The highest number of this set.")
    print(f"    pub const MAX: u16 = {max(attr.value for attr in attrs)};\n")
    print("    /// All attributes of this set.")
    print("    pub const ATTRIBUTES: &[Attribute] = &[")
    for attr in attrs:
        emit_attribute(attr)
    print("    ];")
    print("}")


def emit_commands(family):
    print("\n/// Commands.")
    print("pub mod cmd {")
    for message in family.msgs.values():
        emit_doc("    ", text(message))
        print(f"    pub const {upper(message.name)}: u8 = {message.req_value};")
    print("}")


def main():
    family = load()
    print(HEAD, end="")
    emit_constants(family)
    for enum in enums(family):
        emit_enum(enum)
    for attr_set in family.attr_sets.values():
        emit_attr_set(attr_set)
    emit_commands(family)


if __name__ == "__main__":
    main()
