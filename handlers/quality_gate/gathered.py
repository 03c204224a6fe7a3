"""Many report files become one: tests added up, lines united, findings of several legs told once.

`read_archives` and `read_files` run where they can be killed (port `compute`), and never raise for what the files hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from app.domain.audits import Audit, Component
from app.domain.coverage import LineMap
from app.domain.findings import FindingReport
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate import formats
from handlers.quality_gate.archives import members, without_content
from handlers.quality_gate.audited import together
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import HEAD_BYTES, Source
from handlers.quality_gate.found import Found
from handlers.quality_gate.ran import Ran
from handlers.quality_gate.readings import MAX_NOTES, Problem, ReportFile, Reports, some_of
from handlers.quality_gate.tree import Tree

MAX_MEMBERS = 1_000
"""Names that are kept of one artifact: those nearest to its root."""
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
            gathered.note_empty(artifact, without_content(path))
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
        if not path.stat().st_size:
            gathered.note_empty(artifact, (name,))
    return gathered.reports()


class Gathered:
    """Takes report files one after the other; `reports` says what they hold together."""

    def __init__(self, wanted: tuple[str, ...], paths: tuple[str, ...] | None) -> None:
        self._wanted = frozenset(wanted)
        self._tree = None if paths is None else Tree(paths)
        self._files: list[ReportFile] = []
        self._members: dict[str, list[str]] = defaultdict(list)
        self._empty: set[str] = set()
        self._ran = Ran()
        self._coverage: dict[str, LineMap] = {}
        self._outside: dict[str, None] = {}
        self._found = Found(self._tree)
        self._audits: list[Audit] = []
        self._components: dict[Component, None] | None = None
        self._vacuous: list[Problem] = []
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def take(self, artifact: str, name: str, source: Source) -> None:
        """One file; what is no report of a wanted format is left out."""
        kind, where = "", f"{artifact}/{name}"
        self._members[artifact].append(name)
        try:
            found = self._format(name, source)
            if found is None:
                return
            kind = found.kind.value
            self._add(artifact, name, found, found.parse(source))
        except InvalidInput as error:
            self.problems.append(Problem(kind, f"{where}: {error.message}"))

    def note_empty(self, artifact: str, names: Iterable[str]) -> None:
        """Files of an artifact that have no byte."""
        self._empty |= {f"{artifact}/{name}" for name in names}

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
            failures = tuple(replace(each, path=self._path(each.path)) for each in report.tests.failures)
            self._ran.add(artifact, found.name, replace(report.tests, failures=failures))
        if report.coverage is not None:
            self._add_coverage(found.name, where, report.coverage)
        if report.findings is not None:
            self._add_findings(artifact, found, report, report.findings)
        if report.audit is not None:
            self._audits.append(report.audit)
        if report.components is not None:
            self._components = (self._components or {}) | dict.fromkeys(report.components)

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

    def _add_findings(self, artifact: str, found: Format, report: Report, findings: FindingReport) -> None:
        """A report that names no tool is of the one that its findings name, or its format."""
        names = [tool.name.lower() for tool in report.tools] or [each.tool for each in findings.findings[:1]]
        self._found.add(artifact, found.name, names or [found.tool], findings)

    def _path(self, name: str | None) -> str | None:
        """A report's file as the repository calls it; None for one that it does not have, where that is known."""
        return name if name is None or self._tree is None else self._tree.locate(name).path

    def _kept_members(self) -> tuple[str, ...]:
        kept = []
        for artifact, names in self._members.items():
            nearest = sorted(names, key=lambda name: (name.count("/"), name))[:MAX_MEMBERS]
            if len(names) > MAX_MEMBERS:
                self.notes.append(f"{artifact} has {len(names)} files: the names of {MAX_MEMBERS} are kept")
            kept += [f"{artifact}/{name}" for name in nearest]
        return tuple(sorted(kept))

    def reports(self) -> Reports:
        """All of it together."""
        if self._outside:
            few = ", ".join(list(self._outside)[:SHOWN])
            self.notes.append(
                f"coverage of {len(self._outside)} files that the repository does not have is left out: {few}"
            )
        members = self._kept_members()
        contradictions = (
            *(Problem(Kind.FINDINGS, each) for each in self._found.contradictions()),
            *(Problem(Kind.TESTS, each) for each in self._ran.contradictions()),
        )
        return Reports(
            files=tuple(sorted(self._files, key=lambda each: (each.artifact, each.name)))[:MAX_FILES],
            tests=self._ran.together(),
            coverage=tuple((name, lines.pack()) for name, lines in sorted(self._coverage.items())),
            findings=self._found.tools(),
            audit=together(self._audits),
            components=None if self._components is None else tuple(self._components),
            members=members,
            empty=tuple(each for each in members if each in self._empty),
            problems=some_of((*self.problems, *contradictions)),
            vacuous=some_of(self._vacuous),
            notes=tuple(self.notes[:MAX_NOTES]),
        )
