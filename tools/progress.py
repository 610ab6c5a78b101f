"""Draws a rehearsal: people done, and the memory of client and registry, by time.

    python3 tools/progress.py EVENTS.jsonl OUT.svg

EVENTS is what `saring rehearse screening --events` wrote.
"""

import json
import sys
from pathlib import Path

LEFT, TOP, WIDTH, HEIGHT, GAP = 90, 30, 720, 180, 60


def panel(top: int, title: str, times: list, lines: list) -> list[str]:
    """One diagram: `lines` are (name, colour, values)."""
    highest = max(max(values) for _, _, values in lines) or 1
    last = times[-1] or 1
    at = lambda time, value: f"{LEFT + WIDTH * time / last:.1f},{top + HEIGHT * (1 - value / highest):.1f}"
    drawn = [f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{title}</text>']
    for part in range(5):
        y = top + HEIGHT * part / 4
        value = highest * (4 - part) / 4
        drawn.append(f'<line x1="{LEFT}" y1="{y}" x2="{LEFT + WIDTH}" y2="{y}" stroke="#ddd"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{value:,.1f}</text>')
        x = LEFT + WIDTH * part / 4
        drawn.append(f'<text x="{x}" y="{top + HEIGHT + 14}" text-anchor="middle">{last * part / 4:.0f} s</text>')
    for place, (name, colour, values) in enumerate(lines):
        points = " ".join(at(time, value) for time, value in zip(times, values))
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        drawn.append(f'<text x="{LEFT + WIDTH - 150}" y="{top + 14 + 14 * place}" fill="{colour}">{name}</text>')
    return drawn


def people(events: list[dict], phase: str) -> list[int]:
    """How many were done in a phase so far. Each contributor's upload counts from nothing again."""
    before, last, counts = 0, 0, []
    for event in events:
        if event["phase"] == phase:
            done = event["done"] or 0
            before += last if done < last else 0
            last = done
        counts.append(before + last)
    return counts


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    events = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    times = [event["time"] for event in events]
    screened, listed = people(events, "screening"), people(events, "listing")
    mebibytes = lambda name: [(event[name] or 0) / 2**20 for event in events]
    done = [("screened", "#08519c", [n / 1e6 for n in screened]), ("listed", "#e6a04b", [n / 1e6 for n in listed])]
    memory = [
        ("client", "#08519c", mebibytes("client_rss_bytes")),
        ("registry", "#e6a04b", mebibytes("server_rss_bytes")),
    ]
    body = panel(TOP, "People, millions", times, done)
    body += panel(TOP + HEIGHT + GAP, "Resident memory, MiB", times, memory)
    height = TOP + 2 * HEIGHT + GAP + 30
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 30}" height="{height}" font-family="sans-serif" font-size="11">'
    Path(sys.argv[2]).write_text("\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *body, "</svg>"]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
