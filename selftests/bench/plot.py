# SPDX-License-Identifier: GPL-2.0
"""Draws what a packet costs, rvs beside ip_vs, from the JSON of report.py.

    plot.py JSON SVG
"""

import json
import sys

from report import Report

WIDTH, LEFT, STEP, BAR = 860, 300, 34, 12
COLOURS = {"rvs": "#b7410e", "ip_vs": "#8a8f98"}


def rows(report):
    """The cases that both engines have: instructions above plain forwarding."""
    for name, row in report.rows.items():
        if {"rvs", "ip_vs"} <= row.keys() and "total" in row["rvs"] and "services" not in row["rvs"]:
            if row["rvs"]["case"] in ("established", "reply", "persistent") or ", rr, 10 " in name:
                yield name, {engine: report.above(row[engine]) for engine in COLOURS}


def draw(report, facts):
    """The lines of the picture."""
    cases = list(rows(report))
    most = max((max(values.values()) for _, values in cases), default=1)
    scale = (WIDTH - LEFT - 60) / most
    height = 60 + STEP * len(cases)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
           f'font-family="sans-serif" font-size="12">')
    yield f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    yield (f'<text x="10" y="20" font-size="14">Instructions per packet above plain forwarding '
           f'(kernel {facts["kernel"]})</text>')
    for index, (engine, colour) in enumerate(COLOURS.items()):
        x = LEFT + 90 * index
        yield f'<rect x="{x}" y="32" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{x + 18}" y="42">{engine}</text>'
    for index, (name, values) in enumerate(cases):
        y = 56 + STEP * index
        yield f'<text x="{LEFT - 8}" y="{y + 17}" text-anchor="end">{name}</text>'
        for line, (engine, value) in enumerate(values.items()):
            top, width = y + line * (BAR + 1), max(value, 0) * scale
            yield (f'<rect x="{LEFT}" y="{top}" width="{width:.0f}" height="{BAR}" '
                   f'fill="{COLOURS[engine]}"/>')
            yield f'<text x="{LEFT + width + 5:.0f}" y="{top + 10}" font-size="11">{value:,.0f}</text>'
    yield "</svg>"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        facts = json.load(file)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(draw(Report(facts["records"]), facts)) + "\n")


if __name__ == "__main__":
    main()
