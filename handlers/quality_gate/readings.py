"""What lies in artifacts: zips read in memory, with bounds, where it can be killed (port `compute`)."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from app.domain.coverage import CoverageTotals, LineMap
from app.domain.reports import CaseTotals, FailedCase, TestReport
from app.errors import InvalidInput
from handlers.quality_gate import formats
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.source import HEAD_BYTES, MAX_REPORT_BYTES

MAX_MEMBERS = 2_000
MAX_TOTAL_BYTES = 512 * 1024 * 1024
MAX_RATIO = 500
"""Real reports compress by up to 100; a bomb by 1,000 and more."""
SMALL_BYTES = 1024 * 1024
MAX_FAILURES = 300
MAX_NOTES = 20
ENCRYPTED = 0x1
ARCHIVES = (".zip", ".jar", ".whl", ".gz", ".tar", ".tgz", ".7z")
REPORT_SUFFIXES = (".xml", ".json")


@dataclass(frozen=True, slots=True)
class Reports:
    """Everything that some artifacts report, counted.

    `coverage` has one entry a format, each merged over all its files. `problems` are reasons not to believe the rest;
    `notes` are for people.
    """

    files: tuple[str, ...] = ()
    tests: CaseTotals | None = None
    coverage: tuple[tuple[str, CoverageTotals], ...] = ()
    failures: tuple[FailedCase, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def with_problems(self, *problems: str) -> Reports:
        """The same with more reasons not to believe it."""
        return replace(self, problems=(*self.problems, *problems)[:MAX_NOTES])


def read_archives(archives: tuple[tuple[str, Path], ...], report_format: str | None) -> Reports:
    """All reports in the zips, given as (artifact's name, path); never raises for what they contain."""
    gathered = _Gathered(report_format)
    for name, path in archives:
        try:
            for member, raw in _members(path, gathered):
                gathered.take(f"{name}/{member}", raw)
        except InvalidInput as error:
            gathered.problems.append(f"{name}: {error.message}")
    return gathered.reports()


def read_files(files: tuple[tuple[str, Path], ...], report_format: str | None) -> Reports:
    """All reports among files on disk, given as (name, path), as `read_archives` reads them from zips."""
    gathered = _Gathered(report_format)
    for name, path in files:
        if not name.lower().endswith(REPORT_SUFFIXES):
            continue
        if path.is_symlink() or path.stat().st_size > MAX_REPORT_BYTES:
            gathered.problems.append(f"{name}: a link, or too large")
            continue
        gathered.take(name, path.read_bytes())
    return gathered.reports()


class _Gathered:
    def __init__(self, report_format: str | None) -> None:
        self._format = report_format
        self._files: list[str] = []
        self._tests: CaseTotals | None = None
        self._coverage: dict[str, LineMap] = {}
        self._failures: list[FailedCase] = []
        self.problems: list[str] = []
        self.notes: list[str] = []

    def take(self, name: str, raw: bytes) -> None:
        try:
            found = _format_of(name, raw)
            if found is None or (self._format is not None and found.name != self._format):
                return
            report = found.parse(raw)
        except InvalidInput as error:
            self.problems.append(f"{name}: {error.message}")
            return
        self._files.append(name)
        self.problems += [f"{name}: {each}" for each in report.contradictions]
        self.notes += [f"{name}: {each}" for each in (*report.warnings, *report.vacuous)]
        if report.tests is not None:
            self._take_tests(report.tests)
        if report.coverage is not None:
            self._coverage.setdefault(found.name, LineMap()).add(report.coverage)

    def _take_tests(self, tests: TestReport) -> None:
        self._tests = tests.totals.plus(self._tests or CaseTotals())
        self._failures += tests.failures

    def reports(self) -> Reports:
        return Reports(
            files=tuple(sorted(self._files)[:MAX_MEMBERS]),
            tests=self._tests,
            coverage=tuple((name, lines.totals()) for name, lines in sorted(self._coverage.items())),
            failures=tuple(self._failures[:MAX_FAILURES]),
            problems=tuple(self.problems[:MAX_NOTES]),
            notes=tuple(self.notes[:MAX_NOTES]),
        )


def _format_of(name: str, raw: bytes) -> formats.Format | None:
    found = formats.recognise(raw)
    if found is None and name.lower().endswith(".xml") and heads.xml_root(raw[:HEAD_BYTES]) is None:
        raise InvalidInput("report.xml", "the file is empty, or not XML")
    return found


def _members(path: Path, gathered: _Gathered) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check(entries)
            for entry in entries:
                if stat.S_ISLNK(entry.external_attr >> 16) or entry.filename.lower().endswith(ARCHIVES):
                    gathered.notes.append(f"{path.name}: links and archives inside an artifact are not read")
                elif entry.filename.lower().endswith(REPORT_SUFFIXES):
                    yield entry.filename, _read(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise InvalidInput("artifact.zip", "the artifact is not a zip that can be read") from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_MEMBERS:
        raise InvalidInput("artifact.zip", f"the artifact has more than {MAX_MEMBERS} files")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise InvalidInput("artifact.zip", "two files of the artifact have one name")
    if sum(entry.file_size for entry in entries if _is_report(entry)) > MAX_TOTAL_BYTES:
        raise InvalidInput("artifact.zip", f"its reports are larger than {MAX_TOTAL_BYTES >> 20} MiB")
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or "\0" in entry.filename or entry.filename[1:2] == ":":
            raise InvalidInput("artifact.zip", "a file of the artifact has a path that leads out of it")
        if entry.flag_bits & ENCRYPTED:
            raise InvalidInput("artifact.zip", "a file of the artifact is encrypted")


def _is_report(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().endswith(REPORT_SUFFIXES)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    limit = MAX_REPORT_BYTES
    if entry.file_size > limit:
        raise InvalidInput("artifact.zip", f"a report is larger than {limit >> 20} MiB")
    if entry.file_size > SMALL_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise InvalidInput("artifact.zip", "a report is packed too tightly to be a report")
    with archive.open(entry) as file:
        raw = file.read(limit + 1)
    if len(raw) != entry.file_size:
        raise InvalidInput("artifact.zip", "a report is not as long as the zip says")
    return raw
