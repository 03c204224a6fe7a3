"""The findings of one run that were read for several producers: told once, as `found` tells those of one. Pure.

Of a tool with more findings than are kept in full only the places of the rest are known: what is not known to be the same
counts twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from app.domain.findings import Finding, FindingTotals, Level
from handlers.quality_gate.formats import FORMATS
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.reports.fingerprints import PATH, places_in
from handlers.quality_gate.reports.found import MAX_FINDINGS, in_order, twins_of
from handlers.quality_gate.reports.once import told_once, worse
from handlers.quality_gate.reports.readings import ReportFile, Reports, ToolFindings

LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A finding of a part: what is kept of it, the artifacts that have it, and its group of twins in that part."""

    level: Level
    place: bytes
    finding: Finding | None
    artifacts: frozenset[str]
    group: tuple[int, int] | None


def tools_of_all(parts: Sequence[Reports]) -> tuple[ToolFindings, ...]:
    """What each tool found in all parts, in the order of their names."""
    names = sorted({tool.tool for part in parts for tool in part.findings})
    entries = {name: _together(parts, name) for name in names}
    twins = _twins(entries)
    every = dict.fromkeys(each for part in parts for tool in part.findings for each in tool.artifacts)
    return tuple(_tool(name, parts, entries[name], twins[name], tuple(every)) for name in names)


def _together(parts: Sequence[Reports], name: str) -> list[_Entry]:
    """All findings of a tool: one that several parts tell of is told once, or as often as one of them does."""
    found = []
    for formats, numbers in _alike([{file.format for file in _files(part, name)} for part in parts]):
        entries = (_entries(parts[number], name, number) for number in numbers)
        found.append((sorted(formats), told_once(entries, _exactly, _level_of, _both)))
    ranked = sorted(found, key=lambda each: (-len(each[1]), each[0]))
    return sorted(told_once((each for _, each in ranked), _roughly, _level_of, _both), key=_order)


def _alike(formats: Sequence[set[str]]) -> list[tuple[set[str], list[int]]]:
    """The numbers of the parts that have a tool's reports in the same formats, however those are linked, with these."""
    groups: list[tuple[set[str], list[int]]] = []
    for number, own in enumerate(formats):
        linked = [each for each in groups if each[0] & own or each[0] == own]
        groups = [each for each in groups if each not in linked]
        groups.append(
            (
                own.union(*(each for each, _ in linked)),
                sorted([number, *(at for _, ats in linked for at in ats)]),
            )
        )
    return groups


def _level_of(entry: _Entry) -> Level:
    return entry.level


def _both(entry: _Entry, other: _Entry) -> _Entry:
    level = worse(entry.level, other.level)
    finding = None if entry.finding is None else replace(entry.finding, level=level)
    return replace(entry, level=level, finding=finding, artifacts=entry.artifacts | other.artifacts)


def _exactly(entry: _Entry) -> Hashable:
    """What makes two findings of a tool one where their reports have the same format."""
    finding = entry.finding
    return entry.place if finding is None else (entry.place, finding.column, finding.message)


def _roughly(entry: _Entry) -> Hashable:
    """What makes them one where not: formats have messages and columns of their own."""
    finding = entry.finding
    return entry.place if finding is None else (finding.rule, entry.place[:PATH], finding.line)


def _order(entry: _Entry) -> tuple[object, ...]:
    """By level; then those that are kept in full, as a report has them."""
    if entry.finding is None:
        return LEVELS.index(entry.level), 1
    return LEVELS.index(entry.level), 0, in_order(entry.finding)


def _entries(part: Reports, name: str, number: int) -> Iterator[_Entry]:
    for tool in part.findings:
        if tool.tool != name:
            continue
        ran_in = _ran_in(part, tool)
        legs, groups = dict(tool.legs), dict(tool.twins)
        at = 0
        for level, places in tool.places:
            for where in places_in(places):
                bits, group = legs.get(at), groups.get(at)
                names = (each for bit, each in enumerate(tool.artifacts) if (bits or 0) >> bit & 1)
                yield _Entry(
                    Level(level),
                    where,
                    tool.findings[at] if at < len(tool.findings) else None,
                    ran_in if bits is None else frozenset(names),
                    None if group is None else (number, group),
                )
                at += 1


def _ran_in(part: Reports, tool: ToolFindings) -> frozenset[str]:
    """The artifacts in which a tool ran; all with findings where no file names it."""
    return frozenset(file.artifact for file in _files(part, tool.tool)) or frozenset(tool.artifacts)


def _files(part: Reports, name: str) -> tuple[ReportFile, ...]:
    """The report files of a tool: those that name it, or, naming none, are of its format."""
    return tuple(file for file in part.files_of(Kind.FINDINGS) if name in _named(file))


def _named(file: ReportFile) -> set[str]:
    return {tool.name.lower() for tool in file.tools} or {
        FORMATS[file.format].tool if file.format in FORMATS else file.format
    }


def _twins(found: Mapping[str, Sequence[_Entry]]) -> dict[str, tuple[tuple[int, int], ...]]:
    """The twins among those that are kept in full anew, and of the others those that their part knew."""
    anew = twins_of({name: [each.finding for each in entries] for name, entries in found.items()})
    twins = {name: list(anew.get(name, ())) for name in found}
    first = 1 + max((group for pairs in twins.values() for _, group in pairs), default=-1)
    groups: dict[tuple[int, int], int] = {}
    for name, entries in found.items():
        for at, each in enumerate(entries):
            if each.finding is None and each.group is not None:
                twins[name].append((at, first + groups.setdefault(each.group, len(groups))))
    return {name: tuple(pairs) for name, pairs in twins.items()}


def _tool(
    name: str,
    parts: Sequence[Reports],
    entries: Sequence[_Entry],
    twins: tuple[tuple[int, int], ...],
    artifacts: tuple[str, ...],
) -> ToolFindings:
    mine = [(part, tool) for part in parts for tool in part.findings if tool.tool == name]
    everywhere = frozenset[str]().union(*(_ran_in(part, tool) for part, tool in mine))
    by_level = {level: b"".join(each.place for each in entries if each.level is level) for level in LEVELS}
    levels = Counter(each.level for each in entries)
    kept = [each.finding for each in takewhile(lambda each: each.finding is not None, entries[:MAX_FINDINGS])]
    bits = {artifact: 1 << number for number, artifact in enumerate(artifacts)}
    return ToolFindings(
        tool=name,
        totals=FindingTotals(len(entries), *(levels[level] for level in LEVELS)),
        findings=tuple(each for each in kept if each is not None),
        places=tuple((level.value, places) for level, places in by_level.items() if places),
        suppressed=max(tool.suppressed for _, tool in mine),
        twins=twins,
        artifacts=artifacts,
        legs=tuple(
            (number, sum(bits[each] for each in entry.artifacts))
            for number, entry in enumerate(entries[: len(kept)])
            if entry.artifacts != everywhere
        ),
    )
