"""Reports of one run that were read for several producers, as one: united before they are judged. Pure.

Two producers may name the same artifact: a report that both have counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
from handlers.quality_gate.reports.variants import Variants, sets_of

Item = TypeVar("Item")
Named = frozenset[tuple[str, str]]
"""Report files, as (artifact, name)."""


def united(parts: Sequence[Reports]) -> Reports:
    """All that the parts say, one at least: tests added, lines united, findings and audits told once; no problem is lost."""
    first, *others = parts
    if not others:
        return first
    covered = _coverage(parts)
    doubts = (
        *_doubts(parts),
        *(Problem(Kind.COVERAGE, text) for each in covered.values() for text in each.variants.problems()),
    )
    return Reports(
        files=_once(each for part in parts for each in part.files),
        tests=_tests(parts),
        coverage=tuple((name, each.lines.pack()) for name, each in covered.items()),
        variants=tuple((name, packed) for name, each in covered.items() for packed in each.variants.maps()),
        outside=_outside(parts),
        findings=tools_of_all(parts),
        audit=together(_once(part.audit for part in parts if part.audit is not None)),
        components=_components(parts),
        members=_once(each for part in parts for each in part.members),
        empty=_once(each for part in parts for each in part.empty),
        unknown=_once(each for part in parts for each in part.unknown)[:MAX_NOTES],
        blank=_once(each for part in parts for each in part.blank)[:MAX_NOTES],
        problems=some_of(_once((*(each for part in parts for each in part.problems), *doubts))),
        vacuous=some_of(_once(each for part in parts for each in part.vacuous)),
        notes=_once(each for part in parts for each in part.notes)[:MAX_NOTES],
    )


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))


class _Lines:
    """The lines of one format, and what its reports differ in."""

    def __init__(self) -> None:
        self.lines = LineMap()
        self.variants = Variants()

    def add(self, packed: bytes, sets: Mapping[str, tuple[int, ...]]) -> None:
        """A part's lines; `sets` are what its own reports differ in."""
        lines = LineMap.unpack(packed)
        for name, file in lines.files.items():
            before = self.lines.file(name).valid
            for each in sets.get(name, (file.valid,)):
                self.variants.see(name, before, each)
                before |= each
        self.lines.add(lines)


def _coverage(parts: Sequence[Reports]) -> dict[str, _Lines]:
    """All lines by format."""
    found: dict[str, _Lines] = defaultdict(_Lines)
    for part in parts:
        for name, packed in part.coverage:
            found[name].add(packed, sets_of(each for of, each in part.variants if of == name))
    return dict(sorted(found.items()))


def _outside(parts: Sequence[Reports]) -> tuple[tuple[str, bytes], ...]:
    found: dict[str, LineMap] = defaultdict(LineMap)
    for part in parts:
        for name, packed in part.outside:
            found[name].add(LineMap.unpack(packed))
    return tuple((name, lines.pack()) for name, lines in sorted(found.items()))


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
