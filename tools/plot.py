#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./dev bench plot: draws what ./dev bench measured: build/bench/NAME.json to docs/figures/NAME.svg.

A chart is {"title", "x", "y", "series": [{"name", "points": [[x, y], ...]}]}; both axes are logarithmic. It is made of
the comparison of engines (consensus.json) and of figures by size ("1000 items: WHAT"); other files are passed over.
"""
import json
import math
import pathlib
import re
import sys
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 70, 220, 50, 50
COLOURS = ["#0b5fa5", "#c2410c", "#15803d", "#7e22ce", "#6b7280", "#b91c1c"]


def engines(told):
    """Latency by the rate that was taken."""
    series = []
    for system in told["systems"]:
        points = [[one["taken_per_s"], one["p50_ms"]] for one in system["latency"]]
        series.append({"name": system["name"], "points": points})
    machine, day = told["machine"].split(", Linux")[0], told["date"][:10]
    return {"title": f"Commit latency (p50) by load: four validators, {machine}, {day}",
            "x": "transactions a second, taken", "y": "ms", "series": series}


SIZED = re.compile(r"(\d+) items: (CPU of an event|disk an event|trace with proof, p99)$")


def sizes(told):
    """What things cost by how many there are."""
    series = {}
    for figure in told["figures"]:
        if match := SIZED.match(figure["name"]):
            points = series.setdefault(f"{match[2]}, {figure['unit']}", [])
            points.append([int(match[1]), figure["median"]])
    machine, day = told["machine"].split(", Linux")[0], told["date"][:10]
    return {"title": f"Cost by size: {machine}, {day}", "x": "items recorded", "y": "",
            "series": [{"name": name, "points": points} for name, points in series.items()]}


def decades(values):
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def plain(power):
    return f"{10 ** power:,}" if power >= 0 else f"{10 ** power:g}"


def drawn(chart):
    points = [point for one in chart["series"] for point in one["points"]]
    (x0, x1), (y0, y1) = decades([p[0] for p in points]), decades([p[1] for p in points])

    def x(value):
        return LEFT + (math.log10(value) - x0) / max(x1 - x0, 1) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - (math.log10(value) - y0) / max(y1 - y0, 1) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<title>{escape(chart["title"])}</title>', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
           f'<text x="{LEFT}" y="24" font-size="14">{escape(chart["title"])}</text>']
    for power in range(x0, x1 + 1):
        at = x(10 ** power)
        out.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        out.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{plain(power)}</text>')
    for power in range(y0, y1 + 1):
        at = y(10 ** power)
        out.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{plain(power)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    out.append(f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">{escape(chart["x"])}</text>')
    out.append(f'<text x="{LEFT}" y="{TOP - 8}" text-anchor="end">{escape(chart["y"])}</text>')
    for number, one in enumerate(chart["series"]):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(f"{x(px):.1f},{y(py):.1f}" for px, py in one["points"])
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x(px):.1f}" cy="{y(py):.1f}" r="3" fill="{colour}"/>' for px, py in one["points"]]
        at = TOP + 14 + 20 * number
        out.append(f'<path d="M{WIDTH - RIGHT + 14} {at - 4}h18" stroke="{colour}" stroke-width="3"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 38}" y="{at}">{escape(one["name"])}</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    measured = sorted((ROOT / "build/bench").glob("*.json"))
    if not measured:
        sys.exit("nothing measured yet. Fix: ./dev bench consensus, or ./dev bench scale")
    for path in measured:
        told = json.loads(path.read_text())
        chart = engines(told) if "systems" in told else sizes(told)
        if not chart["series"]:
            continue
        target = ROOT / "docs/figures" / (path.stem + ".svg")
        target.parent.mkdir(exist_ok=True)
        target.write_text(drawn(chart))
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
