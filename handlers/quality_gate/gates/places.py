"""Lines for people: the fewest words that say where something is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from handlers.quality_gate.gathering.changes import ranges

SHOWN = 5


def places(lines: Iterable[tuple[str, int]]) -> str:
    """`a.py:41-45, b.py:7` of files with bitmaps of lines; the first five ranges, and whether there are others."""
    every = (place(path, each) for path, bits in lines for each in ranges(bits))
    found = list(islice(every, SHOWN + 1))
    return ", ".join(found[:SHOWN]) + (" and others" if len(found) > SHOWN else "")


def place(path: str, lines: tuple[int, int]) -> str:
    """`a.py:41-45`, or `a.py:41` for a single line."""
    first, last = lines
    return f"{path}:{first}" if first == last else f"{path}:{first}-{last}"


def few(names: Iterable[str], separator: str = ", ") -> str:
    """`a.py, b.py and 3 more`; the first five."""
    found = list(names)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return separator.join(found[:SHOWN]) + more
