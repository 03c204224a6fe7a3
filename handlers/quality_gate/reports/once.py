"""Findings that several lists tell of, told once, and at the worst level that one of them has. Pure.

Which list comes first makes no difference to how many there are of a level: formats of one tool, and producers of one run, may
call the same finding differently, and none of them may take back what another says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from app.domain.findings import Level

ORDER = {level: place for place, level in enumerate(Level)}
"""The worst level first."""
Entry = TypeVar("Entry")


def worse(one: Level, other: Level) -> Level:
    """The level of a finding that is told at both."""
    return min(one, other, key=ORDER.__getitem__)


def told_once(
    lists: Iterable[Iterable[Entry]],
    key: Callable[[Entry], Hashable],
    level: Callable[[Entry], Level],
    both: Callable[[Entry, Entry], Entry],
) -> list[Entry]:
    """As many entries of a key as the list with the most of them has; `both` makes one of two, the earlier list's first.

    Of a key the worst of each list are the same one, then the next worst; so `both` must have the worse level of the two.
    """
    found: dict[Hashable, list[Entry]] = {}
    for entries in lists:
        here: dict[Hashable, list[Entry]] = defaultdict(list)
        for each in sorted(entries, key=lambda each: ORDER[level(each)]):
            here[key(each)].append(each)
        for same, mine in here.items():
            known = found.setdefault(same, [])
            for at, each in enumerate(mine):
                if at < len(known):
                    known[at] = both(known[at], each)
                else:
                    known.append(each)
    return [each for known in found.values() for each in known]
