"""Many report files become one: tests added up, lines united, findings of several legs told once.

`read_archives` and `read_files` run where they can be killed (port `compute`), and never raise for what the files hold.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from app.domain.audits import Audit, Component
from app.domain.findings import FindingReport
from app.domain.reports import CaseTotals, Report, TestReport
from app.errors import InvalidInput
from handlers.quality_gate import formats
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source
from handlers.quality_gate.reports import promises
from handlers.quality_gate.reports.archives import NESTED, is_archive, left_out, members, without_content
from handlers.quality_gate.reports.audited import together
from handlers.quality_gate.reports.covered import Covered
from handlers.quality_gate.reports.found import Found
from handlers.quality_gate.reports.linted import linter_of, without_passed
from handlers.quality_gate.reports.ran import Ran
from handlers.quality_gate.reports.readings import MAX_NOTES, Problem, ReportFile, Reports, some_of
from handlers.quality_gate.reports.tree import Tree

MAX_MEMBERS = 1_000
"""Names that are kept of one artifact: those nearest to its root."""
MAX_FILES = 2_000
SHORT_BYTES = 256
SHOWN = 5

JUDGED = (Kind.TESTS, Kind.COVERAGE, Kind.FINDINGS, Kind.AUDIT)
"""The kinds that gates ask for."""


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
        if path.is_symlink() or not path.is_file():
            gathered.notes.append(left_out(name, "a link, or no regular file"))
            continue
        try:
            with path.open("rb") as source:
                if nested := is_archive(name, source):
                    gathered.notes.append(left_out(name, NESTED))
                gathered.take(artifact, name, io.BytesIO() if nested else source)
        except OSError as error:
            gathered.problems.append(Problem("", f"{artifact}/{name}: it cannot be read: {error.strerror}"))
            continue
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
        self._linted: list[str] = []
        self._unknown: list[str] = []
        self._blank: list[str] = []
        self._packed: dict[tuple[str, str], str] = {}
        self._covered = Covered(self._tree)
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
        if self._is_packed(artifact, name):
            return
        try:
            head = formats.head_of(source)
            found = self._format(name, head, source)
            if found is None:
                self._hold_to_its_name(name, where, head)
                return
            kind = found.kind.value
            if not self._wanted or found.name in self._wanted:
                self._add(artifact, name, found, head, found.read(source))
        except InvalidInput as error:
            self._doubt(kind, f"{where}: {error.message}")

    def note_empty(self, artifact: str, names: Iterable[str]) -> None:
        """Files of an artifact that have no byte."""
        self._empty |= {f"{artifact}/{name}" for name in names}

    def _format(self, name: str, head: bytes, source: Source) -> Format | None:
        try:
            found = formats.recognise(source)
        except InvalidInput:
            if name.lower().endswith(promises.REPORT_SUFFIXES):
                raise
            return None
        return self._demanded(head) if found is None and self._wanted else found

    def _hold_to_its_name(self, name: str, where: str, head: bytes) -> None:
        """A file of no format: a problem where its name promises a report of a kind that is looked for."""
        promised = promises.broken(name, head)
        if promised is None:
            if head.strip() == b"[]":
                self._blank.append(where)
            self._doubt_unknown(name, where)
            return
        kind, why = promised
        if not kind and not self._wanted and promises.may_be_clean(name, why):
            self.notes.append(f"{where}: {why}")
        elif not kind or kind in self._kinds():
            self._doubt(kind, f"{where}: {why}")

    def _doubt_unknown(self, name: str, where: str) -> None:
        """A file whose name promises nothing to everybody: one that is called like a format that is looked for was lost."""
        for wanted in sorted(self._wanted):
            sought = formats.named(wanted)
            if promises.is_called_like(name, sought.tool):
                self._doubt(
                    sought.kind, f"{where}: it is called like {wanted}, and is of no format that is known"
                )
                return
        if name.lower().endswith(promises.REPORT_SUFFIXES) and [where] != self._blank[-1:]:
            self._unknown.append(where)

    def _is_packed(self, artifact: str, name: str) -> bool:
        """Whether a file is packed: nobody looks into it, so that one that may hold reports leaves them unknown."""
        plain = promises.unpacked_name(name)
        if plain:
            self._packed[artifact, name] = plain
        elif promises.is_archive_of_reports(name, promised=bool(self._wanted)):
            self._packed[artifact, name] = ""
        return bool(plain)

    def _doubt_packed(self) -> None:
        for (artifact, name), plain in self._packed.items():
            # A site has pages beside what a server is to send packed: the plain one was read.
            if not plain or plain not in self._members[artifact]:
                for kind in self._kinds():
                    self.problems.append(
                        Problem(
                            kind,
                            f"{artifact}/{name}: reports that are packed are not read; upload them as they are",
                        )
                    )

    def _kinds(self) -> tuple[Kind, ...]:
        """The kinds of reports that are looked for; a bill of materials is looked for by audits."""
        wanted = {formats.named(name).kind for name in self._wanted}
        if Kind.COMPONENTS in wanted:
            wanted.add(Kind.AUDIT)
        return tuple(kind for kind in JUDGED if not wanted or kind in wanted)

    def _doubt(self, kind: str, text: str) -> None:
        """A reason not to believe reports of a kind; a bill of materials may also hold the findings of an audit."""
        self.problems.append(Problem(kind, text))
        if kind == Kind.COMPONENTS:
            self.problems.append(Problem(Kind.AUDIT, text))

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

    def _add(self, artifact: str, name: str, found: Format, head: bytes, report: Report) -> None:
        kind, where = found.kind.value, f"{artifact}/{name}"
        self._files.append(ReportFile(artifact, name, found.name, kind, report.tools))
        for each in report.contradictions:
            self._doubt(kind, f"{where}: {each}")
        self._vacuous += [Problem(kind, f"{where}: {each}") for each in report.vacuous]
        self.notes += [f"{where}: {each}" for each in report.warnings]
        if report.tests is not None:
            self._add_tests(artifact, name, found, head, report.tests)
        if report.coverage is not None:
            doubts = self._covered.add(found.name, report.coverage)
            self.problems += [Problem(Kind.COVERAGE, f"{where}: {each}") for each in doubts]
        if report.findings is not None:
            self._add_findings(artifact, found, report, report.findings)
        if report.audit is not None:
            self._audits.append(report.audit)
        if report.components is not None:
            self._components = (self._components or {}) | dict.fromkeys(report.components)

    def _add_tests(self, artifact: str, name: str, found: Format, head: bytes, tests: TestReport) -> None:
        failures = tuple(replace(each, path=self._path(each.path)) for each in tests.failures)
        tests = replace(tests, failures=failures)
        linter = linter_of(head)
        if linter:
            tests = without_passed(tests)
            self._linted.append(f"{artifact}/{name}: what {linter} writes as JUnit are no tests")
        if not linter or tests.totals.tests:
            self._ran.add(artifact, found.name, tests)

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
        self._doubt_packed()
        self.notes += [*self._covered.notes(), *self._linted]
        if not self._wanted:
            self.notes += [
                f"{where} holds []: to count as a report its format must be in the policy"
                for where in self._blank
            ]
        if self._unknown and self._wanted:
            few = ", ".join(self._unknown[:SHOWN])
            self.notes.append(f"files of no known format are left out: {few} ({len(self._unknown)} in all)")
        tests = self._ran.together()
        if tests is None and self._linted:
            tests = TestReport(CaseTotals())
            self._vacuous += [Problem(Kind.TESTS, each) for each in self._linted]
        members = self._kept_members()
        contradictions = (
            *(Problem(Kind.FINDINGS, each) for each in self._found.contradictions()),
            *(Problem(Kind.TESTS, each) for each in self._ran.contradictions()),
            *(Problem(Kind.COVERAGE, each) for each in self._covered.problems()),
        )
        return Reports(
            files=tuple(sorted(self._files, key=lambda each: (each.artifact, each.name)))[:MAX_FILES],
            tests=tests,
            coverage=self._covered.maps(),
            variants=self._covered.variants(),
            outside=self._covered.outside(),
            findings=self._found.tools(),
            audit=together(self._audits),
            components=None if self._components is None else tuple(self._components),
            members=members,
            empty=tuple(each for each in members if each in self._empty),
            unknown=tuple(sorted(self._unknown)[:MAX_NOTES]),
            blank=tuple(sorted(self._blank)[:MAX_NOTES]),
            problems=some_of((*self.problems, *contradictions)),
            vacuous=some_of(self._vacuous),
            notes=tuple(self.notes[:MAX_NOTES]),
        )
