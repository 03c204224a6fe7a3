"""The findings of all report files of a run: told once however many legs and formats report them, and compared. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from app.domain.findings import Finding, FindingReport, FindingTotals, Level, Replacement
from handlers.quality_gate.reports.aliases import same_as
from handlers.quality_gate.reports.fingerprints import ELSEWHERE, NO_FILE, name_print, path_print, place
from handlers.quality_gate.reports.once import ORDER, told_once, worse
from handlers.quality_gate.reports.readings import ToolFindings
from handlers.quality_gate.reports.tree import Tree, normalised

MAX_FINDINGS = 2_000
"""Kept in full of one tool; all are counted, and have their place."""
SERIOUS = frozenset({Level.ERROR, Level.WARNING})
Key = tuple[str, str, int | None, int | None, str, int]
"""Rule, file, line, column, message, and the how manyth of its report this is, the worst level first."""


@dataclass(slots=True)
class _Entry:
    """A finding with the hash of its file, what that is called, and the artifacts that have it, as bits."""

    finding: Finding
    file: bytes
    name: str
    artifacts: int

    def join(self, other: _Entry) -> _Entry:
        """Itself, told by both, at the worse level."""
        level = worse(self.finding.level, other.finding.level)
        if level is not self.finding.level:
            self.finding = replace(self.finding, level=level)
        self.artifacts |= other.artifacts
        return self


@dataclass
class _Tool:
    """The findings of one tool: by the format of the report, and by what makes them the same in every leg of a matrix."""

    formats: dict[str, dict[Key, _Entry]] = field(default_factory=dict)
    reported: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    suppressed: int = 0


class Found:
    """Takes the findings of report files one after the other."""

    def __init__(self, tree: Tree | None) -> None:
        self._tree = tree
        self._tools: dict[str, _Tool] = defaultdict(_Tool)
        self._artifacts: dict[str, int] = {}
        self._files: dict[str, tuple[str | None, bytes, str]] = {}

    def add(self, artifact: str, report_format: str, tools: Iterable[str], report: FindingReport) -> None:
        """One report; `tools` are those that ran, one at least: also one that found nothing is kept."""
        bit = 1 << self._artifacts.setdefault(artifact, len(self._artifacts))
        names = list(dict.fromkeys(tools))
        self._tools[names[0]].suppressed += report.suppressed
        for name in names:
            self._ran(name, artifact, report_format)
        times: Counter[tuple[str, Key]] = Counter()
        for each in sorted(report.findings, key=lambda each: ORDER[each.level]):
            entry = _Entry(*self._located(each), bit)
            key = (each.rule, entry.name, each.line, each.column, each.message, 0)
            times[each.tool, key] += 1
            nth = times[each.tool, key]
            self._ran(each.tool, artifact, report_format).setdefault((*key[:5], nth), entry).join(entry)

    def tools(self) -> tuple[ToolFindings, ...]:
        """What each tool found, in the order of their names."""
        found = {name: _ordered(tool) for name, tool in sorted(self._tools.items())}
        twins = twins_of({name: [each.finding for each in entries] for name, entries in found.items()})
        return tuple(
            self._tool(name, self._tools[name], entries, twins.get(name, ()))
            for name, entries in found.items()
        )

    def contradictions(self) -> Iterator[str]:
        """Where reports of two formats that one artifact has of a tool do not tell of as many findings.

        Two that tell of different files may be of different runs; two that only call some notes differently are no contradiction.
        """
        for name, tool in sorted(self._tools.items()):
            for artifact, formats in tool.reported.items():
                told = [(each, self._told(tool, artifact, each)) for each in sorted(formats)]
                for (one, first), (other, second) in pairwise(told):
                    if _differ(first, second):
                        yield (
                            f"{artifact}: {name} has {len(first)} findings in its {one} report and {len(second)} in its "
                            f"{other} report"
                        )

    def _ran(self, tool: str, artifact: str, report_format: str) -> dict[Key, _Entry]:
        found = self._tools[tool]
        found.reported[artifact].add(report_format)
        return found.formats.setdefault(report_format, {})

    def _told(self, tool: _Tool, artifact: str, report_format: str) -> list[Finding]:
        bit = 1 << self._artifacts[artifact]
        return [
            each.finding
            for each in tool.formats[report_format].values()
            if each.artifacts & bit and each.finding.level is not Level.NONE
        ]

    def _located(self, finding: Finding) -> tuple[Finding, bytes, str]:
        """The finding with the repository's name of its file, that file's hash, and what it is called otherwise."""
        if finding.path is None:
            return finding, NO_FILE, ""
        where = self._files.get(finding.path)
        if where is None:
            where = self._files[finding.path] = self._file(finding.path)
        path, file, name = where
        if path == finding.path and not finding.fix:
            return finding, file, name
        return replace(finding, path=path, fix=self._fix(finding.fix) if path else ()), file, name

    def _file(self, called: str) -> tuple[str | None, bytes, str]:
        name = normalised(called)
        if self._tree is None:
            return name, name_print(name), name
        located = self._tree.locate(called)
        if located.path is not None:
            return located.path, path_print(located.path), located.path
        return None, name_print(name) if located.several else ELSEWHERE, name

    def _fix(self, pieces: tuple[Replacement, ...]) -> tuple[Replacement, ...]:
        """The pieces in the repository's files; none where one of them is in no file that is known for sure."""
        if self._tree is None:
            return ()
        paths = [self._tree.locate(each.path).path for each in pieces]
        return (
            tuple(
                replace(each, path=path) for each, path in zip(pieces, paths, strict=True) if path is not None
            )
            if all(paths)
            else ()
        )

    def _tool(
        self, name: str, tool: _Tool, entries: list[_Entry], twins: tuple[tuple[int, int], ...]
    ) -> ToolFindings:
        levels = Counter(each.finding.level for each in entries)
        places: dict[Level, list[bytes]] = defaultdict(list)
        for each in entries:
            places[each.finding.level].append(place(each.finding, each.file))
        ran_in = [number for artifact, number in self._artifacts.items() if artifact in tool.reported]
        everywhere = sum(1 << number for number in ran_in)
        return ToolFindings(
            tool=name,
            totals=FindingTotals(len(entries), *(levels[level] for level in Level)),
            findings=tuple(each.finding for each in entries[:MAX_FINDINGS]),
            places=tuple((level.value, b"".join(places[level])) for level in Level if level in places),
            suppressed=tool.suppressed,
            twins=twins,
            artifacts=tuple(self._artifacts),
            legs=tuple(
                (number, each.artifacts)
                for number, each in enumerate(entries[:MAX_FINDINGS])
                if each.artifacts != everywhere
            ),
        )


def _ordered(tool: _Tool) -> list[_Entry]:
    """All findings of a tool, the worst levels first: the longest of its formats, and what only the others have."""
    ranked = sorted(tool.formats.items(), key=lambda each: (-len(each[1]), each[0]))
    found = told_once(
        (entries.values() for _, entries in ranked),
        lambda each: (each.finding.rule, each.name, each.finding.line),
        lambda each: each.finding.level,
        _Entry.join,
    )
    return sorted(found, key=lambda each: in_order(each.finding))


def in_order(finding: Finding) -> tuple[int, str, int, int, str, str]:
    """What findings are sorted by: the worst levels first, then places."""
    return (
        ORDER[finding.level],
        finding.path or "",
        finding.line or 0,
        finding.column or 0,
        finding.rule,
        finding.message,
    )


def twins_of(found: Mapping[str, Sequence[Finding | None]]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Of each tool the findings that another has as well, with a number that the same ones share; None is like no other."""
    if len(found) < 2:  # noqa: PLR2004 (one tool has no other)
        return {}
    same: dict[tuple[str, int, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for tool, findings in found.items():
        for number, each in enumerate(findings):
            if each is not None and each.path is not None and each.line is not None:
                same[each.path, each.line, same_as(each)][tool].append(number)
    twins: dict[str, list[tuple[int, int]]] = defaultdict(list)
    group = 0
    for _, by_tool in sorted(same.items()):
        for nth in range(max(map(len, by_tool.values()))):
            members = {tool: numbers[nth] for tool, numbers in by_tool.items() if nth < len(numbers)}
            if len(members) > 1:
                for tool, number in members.items():
                    twins[tool].append((number, group))
                group += 1
    return {tool: tuple(sorted(pairs)) for tool, pairs in twins.items()}


def _differ(first: list[Finding], second: list[Finding]) -> bool:
    if len(first) == len(second) or len(_serious(first)) == len(_serious(second)):
        return False
    return not first or not second or bool(_paths(first) & _paths(second))


def _serious(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.level in SERIOUS]


def _paths(findings: list[Finding]) -> set[str | None]:
    return {each.path for each in findings}
