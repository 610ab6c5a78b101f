"""Turns what criterion measured into a record: figures.csv, figures.md and figures.svg.

    python3 tools/figures.py target/criterion benches/record/NAME
    python3 tools/figures.py speed.jsonl benches/record/NAME

Reads every baseline that `tools/record` saved, one an instruction set, or what `saring speed --json`
printed. A figure is elements a second: the throughput divided by the median time.
"""

import csv
import json
import math
import re
import sys
from pathlib import Path

# Instruction sets as `saring speed` names them, in the order in which they are drawn.
SETS = ["portable", "avx2", "avx512", "avx512ifma"]
COLOURS = {"portable": "#9aa5b1", "avx2": "#6baed6", "avx512": "#3182bd", "avx512ifma": "#08519c", "peer": "#e6a04b"}
BAR, GAP, LEFT, WIDTH = 16, 22, 330, 620


def measured(criterion: Path) -> list[dict]:
    """One figure for each bench and baseline: {group, bench, set, per_second, low, high}."""
    figures = []
    for benchmark in sorted(criterion.glob("**/benchmark.json")):
        said = json.loads(benchmark.read_text())
        name = benchmark.parent.name
        elements = (said.get("throughput") or {}).get("Elements")
        if name not in SETS or not elements:
            continue
        median = json.loads((benchmark.parent / "estimates.json").read_text())["median"]
        interval = median["confidence_interval"]
        rate = lambda nanoseconds: elements / (nanoseconds / 1e9)
        bench = said["function_id"]
        # A bench that runs every set by itself names each: "saring on avx2, in cache".
        by_itself = re.fullmatch(r"saring on (\w+), (.*)", bench)
        if by_itself:
            name, bench = by_itself[1], f"saring, {by_itself[2]}"
        figures.append(
            {
                "group": said["group_id"],
                "bench": bench,
                "set": name,
                "per_second": rate(median["point_estimate"]),
                "low": rate(interval["upper_bound"]),
                "high": rate(interval["lower_bound"]),
            }
        )
    order = lambda f: (f["group"], f["bench"].startswith("peer"), f["bench"], SETS.index(f["set"]))
    return sorted(figures, key=order)


def told_by_speed(lines: Path) -> list[dict]:
    """The same of `saring speed --json`, which measures once and knows no peers."""
    figures = []
    for line in lines.read_text().splitlines():
        said = json.loads(line)
        rate = said["per_second"]
        figure = {"group": said["operation"], "bench": "saring", "set": said["instruction_set"]}
        figures.append({**figure, "per_second": rate, "low": rate, "high": rate})
    return figures


def once_a_peer(figures: list[dict]) -> list[dict]:
    """Peers choose for themselves what they run on: one figure each, of the last set's run."""
    kept = {}
    for figure in figures:
        peer = figure["bench"].startswith("peer")
        kept[figure["group"], figure["bench"], "" if peer else figure["set"]] = figure
    return list(kept.values())


def readable(rate: float) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rate >= size:
            return f"{rate / size:.3g} {unit}/s"
    return f"{rate:.3g} /s"


def write_table(figures: list[dict], to: Path) -> None:
    strongest = {}
    for figure in figures:
        if figure["bench"].startswith("peer"):
            group = figure["group"]
            strongest[group] = max(strongest.get(group, 0.0), figure["per_second"])
    lines = ["| work | what | instruction set | median, one core | beside the strongest peer |", "|---|---|---|---|---|"]
    for figure in figures:
        peer = strongest.get(figure["group"])
        ratio = f"{figure['per_second'] / peer:.2f}x" if peer else ""
        shown = "its own choice" if figure["bench"].startswith("peer") else figure["set"]
        lines.append(f"| {figure['group']} | {figure['bench']} | {shown} | {readable(figure['per_second'])} | {ratio} |")
    to.write_text("\n".join(lines) + "\n")


def write_plot(figures: list[dict], to: Path) -> None:
    """Bars on a logarithmic scale, one block a group."""
    low = math.floor(math.log10(min(f["per_second"] for f in figures)))
    high = math.ceil(math.log10(max(f["per_second"] for f in figures)))
    at = lambda rate: LEFT + WIDTH * (math.log10(rate) - low) / max(1, high - low)
    body, y, group = [], 30, None
    for figure in figures:
        if figure["group"] != group:
            group = figure["group"]
            y += GAP
            body.append(f'<text x="8" y="{y}" font-weight="bold">{group}</text>')
            y += 8
        peer = figure["bench"].startswith("peer")
        label = figure["bench"] if peer else f'{figure["bench"]}, {figure["set"]}'
        colour = COLOURS["peer" if peer else figure["set"]]
        end = at(figure["per_second"])
        body.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{label}</text>')
        body.append(f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR - 3}" fill="{colour}"/>')
        body.append(f'<text x="{end + 5:.1f}" y="{y + 11}">{readable(figure["per_second"])}</text>')
        y += BAR
    grid = []
    for decade in range(low, high + 1):
        x = at(10.0**decade)
        grid.append(f'<line x1="{x:.1f}" y1="34" x2="{x:.1f}" y2="{y}" stroke="#ddd"/>')
        grid.append(f'<text x="{x:.1f}" y="28" text-anchor="middle">{readable(10.0**decade)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 110}" height="{y + 16}" font-family="sans-serif" font-size="11">'
    title = '<text x="8" y="14" font-size="13">Elements a second on one core, logarithmic scale</text>'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    to.write_text("\n".join([head, ground, title, *grid, *body, "</svg>"]) + "\n")


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    source, record = Path(sys.argv[1]), Path(sys.argv[2])
    figures = told_by_speed(source) if source.is_file() else once_a_peer(measured(source))
    if not figures:
        print(f"nothing measured in {source}: run tools/record", file=sys.stderr)
        return 1
    record.mkdir(parents=True, exist_ok=True)
    with open(record / "figures.csv", "w", newline="") as file:
        rows = csv.DictWriter(file, fieldnames=list(figures[0]))
        rows.writeheader()
        rows.writerows({**f, **{k: round(f[k]) for k in ("per_second", "low", "high")}} for f in figures)
    write_table(figures, record / "figures.md")
    write_plot(figures, record / "figures.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
