"""Many report files become one: tests added up, lines united, findings of several legs told once.

`read_archives` and `read_files` run where they can be killed (port `compute`), and never raise for what the files hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from app.domain.audits import Audit, Component
from app.domain.coverage import LineMap
from app.domain.findings import Finding, FindingReport, FindingTotals, Level
from app.domain.hashes import apart, joined
from app.domain.reports import CaseTotals, Report, TestReport
from app.errors import InvalidInput
from handlers.quality_gate import formats
from handlers.quality_gate.archives import members
from handlers.quality_gate.fingerprints import fingerprint, joined_all
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import HEAD_BYTES, Source
from handlers.quality_gate.readings import MAX_NOTES, Problem, ReportFile, Reports, ToolFindings
from handlers.quality_gate.tree import Tree

MAX_FAILURES = 300
MAX_FINDINGS = 2_000
"""Kept in full of one tool; all are counted and fingerprinted."""
MAX_MEMBERS = 10_000
MAX_FILES = 2_000
SHOWN = 5
SHORT_BYTES = 256
REPORT_SUFFIXES = (
    ".xml",
    ".json",
    ".sarif",
    ".info",
    ".lcov",
    ".trx",
    ".jsonl",
    ".ndjson",
    ".tap",
    ".spdx",
    ".cdx",
)
"""A file that is called so and cannot be read is a broken report; another one is no report."""
ORDER = {level: place for place, level in enumerate(Level)}


def read_archives(
    archives: tuple[tuple[str, Path], ...], wanted: tuple[str, ...], tree: tuple[str, ...] | None
) -> Reports:
    """All reports in the zips, given as (artifact's name, path); of the wanted formats only, where any are named.

    `tree` are the repository's files, None where they are not known: then paths stay as the reports give them.
    """
    gathered = Gathered(wanted, tree)
    for artifact, path in archives:
        try:
            for name, source in members(path, gathered.notes):
                gathered.take(artifact, name, source)
        except InvalidInput as error:
            gathered.problems.append(Problem("", f"{artifact}: {error.message}"))
    return gathered.reports()


def read_files(
    files: tuple[tuple[str, str, Path], ...], wanted: tuple[str, ...], tree: tuple[str, ...] | None
) -> Reports:
    """All reports among files on disk, given as (artifact's name, name in it, path), as `read_archives` reads them from zips."""
    gathered = Gathered(wanted, tree)
    for artifact, name, path in files:
        if path.is_symlink():
            gathered.notes.append(f"{artifact}: links are not read")
            continue
        with path.open("rb") as source:
            gathered.take(artifact, name, source)
    return gathered.reports()


@dataclass
class _Tool:
    """The findings of one tool, by what makes them the same in every leg of a matrix."""

    found: dict[tuple[str, str | None, int | None, int | None, str], Finding] = field(default_factory=dict)
    suppressed: int = 0


class Gathered:
    """Takes report files one after the other; `reports` says what they hold together."""

    def __init__(self, wanted: tuple[str, ...], paths: tuple[str, ...] | None) -> None:
        self._wanted = frozenset(wanted)
        self._tree = None if paths is None else Tree(paths)
        self._files: list[ReportFile] = []
        self._members: list[str] = []
        self._tests: TestReport | None = None
        self._coverage: dict[str, LineMap] = {}
        self._outside: dict[str, None] = {}
        self._tools: dict[str, _Tool] = {}
        self._audit: Audit | None = None
        self._components: dict[Component, None] | None = None
        self._vacuous: list[Problem] = []
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def take(self, artifact: str, name: str, source: Source) -> None:
        """One file; what is no report of a wanted format is left out."""
        self._members.append(f"{artifact}/{name}")
        kind, where = "", f"{artifact}/{name}"
        try:
            found = self._format(name, source)
            if found is None:
                return
            kind = found.kind.value
            self._add(artifact, name, found, found.parse(source))
        except InvalidInput as error:
            self.problems.append(Problem(kind, f"{where}: {error.message}"))

    def _format(self, name: str, source: Source) -> Format | None:
        head = source[:HEAD_BYTES] if isinstance(source, bytes) else source.read(HEAD_BYTES)
        if not isinstance(source, bytes):
            source.seek(0)
        is_report = name.lower().endswith(REPORT_SUFFIXES)
        try:
            found = formats.recognise(head)
        except InvalidInput:
            if is_report:
                raise
            return None
        if found is None and self._wanted:
            found = self._demanded(head)
        if found is None:
            if is_report and not head.strip():
                raise InvalidInput("report.empty", "the file is empty")
            return None
        return found if not self._wanted or found.name in self._wanted else None

    def _demanded(self, head: bytes) -> Format | None:
        """What cannot be told by its content is what the policy says it is, where it names one format for it.

        That are texts of some tools, and what linters write that found nothing: `[]`, or a line.
        """
        named = [formats.named(name) for name in self._wanted]
        texts = [each for each in named if each.named_only]
        if len(texts) == 1 and head.strip():
            return texts[0]
        is_short = len(named) == 1 and named[0].kind is Kind.FINDINGS and 0 < len(head) <= SHORT_BYTES
        return named[0] if is_short else None

    def _add(self, artifact: str, name: str, found: Format, report: Report) -> None:
        kind, where = found.kind.value, f"{artifact}/{name}"
        self._files.append(ReportFile(artifact, name, found.name, kind, report.tools))
        self.problems += [Problem(kind, f"{where}: {each}") for each in report.contradictions]
        self._vacuous += [Problem(kind, f"{where}: {each}") for each in report.vacuous]
        self.notes += [f"{where}: {each}" for each in report.warnings]
        if report.tests is not None:
            self._add_tests(report.tests)
        if report.coverage is not None:
            self._add_coverage(found.name, where, report.coverage)
        if report.findings is not None:
            self._add_findings(found, report, report.findings)
        if report.audit is not None:
            self._add_audit(report.audit)
        if report.components is not None:
            self._components = (self._components or {}) | dict.fromkeys(report.components)

    def _add_tests(self, tests: TestReport) -> None:
        before = self._tests or TestReport(CaseTotals())
        failures = tuple(replace(each, path=self._path(each.path)) for each in tests.failures)
        self._tests = TestReport(
            totals=tests.totals.plus(before.totals),
            failures=(*before.failures, *failures)[:MAX_FAILURES],
            flaky=before.flaky + tests.flaky,
            names=joined((*apart(before.names), *apart(tests.names))),
        )

    def _add_coverage(self, report_format: str, where: str, lines: LineMap) -> None:
        target = self._coverage.setdefault(report_format, LineMap())
        if self._tree is None:
            target.add(lines)
            return
        inside = 0
        for name, file in lines.files.items():
            located = self._tree.locate(name, lines.sources)
            if located.path is not None:
                inside += 1
                target.file(located.path).add(file)
            elif located.several:
                several = ", ".join(located.several[:SHOWN])
                self.problems.append(
                    Problem(
                        Kind.COVERAGE, f"{where}: {name[:200]} may be any of {several}; write longer paths"
                    )
                )
            else:
                self._outside[name[:200]] = None
        if lines.files and not inside:
            self.problems.append(
                Problem(Kind.COVERAGE, f"{where}: none of its files is a file of the repository")
            )

    def _add_findings(self, found: Format, report: Report, findings: FindingReport) -> None:
        """Also a tool that found nothing is kept: that it ran is what a gate without findings rests on."""
        names = [tool.name.lower() for tool in report.tools] or [each.tool for each in findings.findings[:1]]
        for name in names or [found.tool]:
            self._tools.setdefault(name, _Tool())
        self._tools[(names or [found.tool])[0]].suppressed += findings.suppressed
        for each in findings.findings:
            path = self._path(each.path)
            finding = each if path == each.path else replace(each, path=path)
            key = (finding.rule, finding.path, finding.line, finding.column, finding.message)
            self._tools.setdefault(finding.tool, _Tool()).found.setdefault(key, finding)

    def _add_audit(self, audit: Audit) -> None:
        before = self._audit
        if before is None:
            self._audit = audit
            return
        self._audit = Audit(
            dependencies=tuple(dict.fromkeys((*before.dependencies, *audit.dependencies))),
            vulnerabilities=tuple(dict.fromkeys((*before.vulnerabilities, *audit.vulnerabilities))),
            lists_all=before.lists_all and audit.lists_all,
            declared=None
            if before.declared is audit.declared is None
            else (before.declared or 0) + (audit.declared or 0),
        )

    def _path(self, name: str | None) -> str | None:
        """A report's file as the repository calls it; None for one that it does not have, where that is known."""
        return name if name is None or self._tree is None else self._tree.locate(name).path

    def reports(self) -> Reports:
        """All of it together."""
        if self._outside:
            few = ", ".join(list(self._outside)[:SHOWN])
            self.notes.append(
                f"coverage of {len(self._outside)} files that the repository does not have is left out: {few}"
            )
        return Reports(
            files=tuple(sorted(self._files, key=lambda each: (each.artifact, each.name)))[:MAX_FILES],
            tests=self._tests,
            coverage=tuple((name, lines.pack()) for name, lines in sorted(self._coverage.items())),
            findings=tuple(_tool(name, tool) for name, tool in sorted(self._tools.items())),
            audit=self._audit,
            components=None if self._components is None else tuple(self._components),
            members=tuple(sorted(self._members)[:MAX_MEMBERS]),
            problems=tuple(self.problems[:MAX_NOTES]),
            vacuous=tuple(self._vacuous[:MAX_NOTES]),
            notes=tuple(self.notes[:MAX_NOTES]),
        )


def _tool(name: str, tool: _Tool) -> ToolFindings:
    found = sorted(
        tool.found.values(),
        key=lambda each: (ORDER[each.level], each.path or "", each.line or 0, each.rule, each.message),
    )
    levels = [each.level for each in found]
    prints = {
        level: joined_all(fingerprint(each, each.path) for each in found if each.level is level)
        for level in Level
        if level in levels
    }
    return ToolFindings(
        tool=name,
        totals=FindingTotals(len(found), *(levels.count(level) for level in Level)),
        findings=tuple(found[:MAX_FINDINGS]),
        prints=tuple((level.value, value) for level, value in prints.items()),
        suppressed=tool.suppressed,
    )
