"""Reports of one run that were read for several producers, as one: united before they are judged. Pure.

Two producers may name the same artifact: a report that both have counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TypeVar

from app.domain.audits import Component
from app.domain.coverage import LineMap
from app.domain.reports import TestReport
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.reports.audited import together
from handlers.quality_gate.reports.ran import sum_of
from handlers.quality_gate.reports.readings import MAX_NOTES, Problem, Reports, some_of
from handlers.quality_gate.reports.united_findings import tools_of_all

Item = TypeVar("Item")
Named = frozenset[tuple[str, str]]
"""Report files, as (artifact, name)."""


def united(parts: Sequence[Reports]) -> Reports:
    """All that the parts say, one at least: tests added, lines united, findings and audits told once; no problem is lost."""
    first, *others = parts
    if not others:
        return first
    return Reports(
        files=_once(each for part in parts for each in part.files),
        tests=_tests(parts),
        coverage=_coverage(parts),
        findings=tools_of_all(parts),
        audit=together(_once(part.audit for part in parts if part.audit is not None)),
        components=_components(parts),
        members=_once(each for part in parts for each in part.members),
        empty=_once(each for part in parts for each in part.empty),
        problems=some_of(_once((*(each for part in parts for each in part.problems), *_doubts(parts)))),
        vacuous=some_of(_once(each for part in parts for each in part.vacuous)),
        notes=_once(each for part in parts for each in part.notes)[:MAX_NOTES],
    )


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))


def _coverage(parts: Sequence[Reports]) -> tuple[tuple[str, bytes], ...]:
    by_format: dict[str, list[bytes]] = {}
    for name, packed in (each for part in parts for each in part.coverage):
        by_format.setdefault(name, []).append(packed)
    return tuple((name, _lines(packed)) for name, packed in sorted(by_format.items()))


def _lines(packed: Sequence[bytes]) -> bytes:
    if len(packed) == 1:
        return packed[0]
    lines = LineMap()
    for each in packed:
        lines.add(LineMap.unpack(each))
    return lines.pack()


def _of_tests(part: Reports) -> Named:
    return frozenset((file.artifact, file.name) for file in part.files_of(Kind.TESTS))


def _tests(parts: Sequence[Reports]) -> TestReport | None:
    """The sum; a part whose files of tests another part has, too, is in that one's."""
    found: TestReport | None = None
    for number, part in enumerate(parts):
        if part.tests is not None and not _is_in_another(parts, number):
            found = part.tests if found is None else sum_of(found, part.tests)
    return found


def _is_in_another(parts: Sequence[Reports], number: int) -> bool:
    mine = _of_tests(parts[number])
    return bool(mine) and any(
        mine < theirs or (mine == theirs and other < number)
        for other, theirs in enumerate(map(_of_tests, parts))
    )


def _doubts(parts: Sequence[Reports]) -> Iterable[Problem]:
    """Parts of tests that share some files and not all: how many tests there are together cannot be told from their sums."""
    for one, other in combinations(map(_of_tests, parts), 2):
        if (both := one & other) and not (one <= other or other <= one):
            artifact, name = min(both)
            yield Problem(
                Kind.TESTS,
                f"{artifact}/{name} is of two producers that each have other tests, too; let one producer alone name {artifact}",
            )


def _components(parts: Sequence[Reports]) -> tuple[Component, ...] | None:
    known = [part.components for part in parts if part.components is not None]
    return _once(each for components in known for each in components) if known else None
