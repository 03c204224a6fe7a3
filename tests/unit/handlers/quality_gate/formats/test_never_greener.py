"""A report that was cut off, or in which one word was spoilt, is never greener than the whole one."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path

import pytest

from app.domain.audits import Severity
from app.domain.findings import Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import FORMATS, recognise
from handlers.quality_gate.formats.source import HEAD_BYTES
from handlers.quality_gate.reports.gathered import Gathered
from tests.unit.handlers.quality_gate.formats.bad_samples import MARKED, SAMPLES, plain, replaced

WITHOUT_VERDICT = {
    "diff": "says what changed",
    "spdx": "lists packages",
    "osv-record": "is one advisory, and never an audit",
}
UNENDED = frozenset(
    {
        "flake8",
        "gocover",
        "gotest-json",
        "lcov",
        "lint-text",
        "mypy-jsonl",
        "rdjsonl",
        "yamllint",
    }
)
"""Formats that have no end of their own: whoever is cut off at the end of a line (of a record) is a shorter report."""
PARTS = 50
WORDS = ("qxj", "Qxj", "QXJ", "0x", "-1", "")
LEVELS = (Level.ERROR, Level.WARNING, Level.NOTE)
MAX_CORPUS_BYTES = 24 * 1024
CORPUS_PARTS = 12


def read(name: str, raw: bytes) -> Report | None:
    """The report, None where it is refused."""
    try:
        return FORMATS[name].parse(raw)
    except InvalidInput:
        return None


def is_doubted(report: Report | None) -> bool:
    return report is None or bool(report.contradictions or report.vacuous)


def badness(report: Report) -> tuple[int, ...]:
    """What speaks against the commit, in numbers of which none may get smaller; those of levels include the worse ones."""
    numbers: list[int] = []
    if report.tests is not None:
        numbers.append(int(report.tests.totals.failed + report.tests.totals.errors > 0))
    if report.findings is not None:
        levels = [each.level for each in report.findings.findings]
        numbers += accumulate(levels.count(level) for level in LEVELS)
    if report.audit is not None:
        found = [each.severity for each in report.audit.vulnerabilities if not each.ignored]
        numbers += accumulate(found.count(severity) for severity in Severity)
        numbers.append(report.audit.totals.skipped)
    if report.coverage is not None:
        totals = report.coverage.totals()
        numbers.append(totals.lines_valid - totals.lines_covered)
        numbers.append(totals.branches_valid - totals.branches_covered)
    return tuple(numbers)


def is_greener(name: str, raw: bytes, *others: Report) -> bool:
    """Whether a report is read without a doubt, and a number is smaller than in each of the others."""
    report = read(name, raw)
    if report is None or is_doubted(report):
        return False
    least = map(min, zip(*map(badness, others), strict=True))
    return any(now < before for now, before in zip(badness(report), least, strict=True))


def cuts(raw: bytes, parts: int) -> set[int]:
    ends = {place + shift for place, byte in enumerate(raw) if byte in b"\n]}>" for shift in (0, 1)}
    return {len(raw) * part // parts for part in range(parts)} | (
        ends if len(raw) < HEAD_BYTES // 8 else set()
    )


def greener_cuts(name: str, raw: bytes, parts: int) -> list[int]:
    """Where cutting the report makes it greener than it is; of formats without an end, than its whole lines so far are, too."""
    whole = read(name, raw)
    found = []
    for cut in sorted(cuts(raw, parts)):
        begun = raw[:cut]
        kept = read(name, begun[: begun.rfind(b"\n") + 1]) if name in UNENDED else whole
        if whole is not None and kept is not None and is_greener(name, begun, whole, kept):
            found.append(cut)
    return found


def test_every_format_that_a_verdict_rests_on_has_a_sample_that_is_not_green() -> None:
    assert SAMPLES.keys() == FORMATS.keys() - WITHOUT_VERDICT.keys()
    for name in SAMPLES:
        report = read(name, plain(name).encode())
        assert report is not None, name
        assert any(badness(report)), name


@pytest.mark.parametrize("name", SAMPLES)
def test_no_cut_makes_a_report_greener(name: str) -> None:
    assert greener_cuts(name, plain(name).encode(), PARTS) == []


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("name", [name for name, text in SAMPLES.items() if MARKED.search(text)])
def test_no_unknown_word_makes_a_report_greener(name: str, word: str) -> None:
    whole = read(name, plain(name).encode())
    assert whole is not None
    assert [text for text in replaced(name, word) if is_greener(name, text.encode(), whole)] == []


@pytest.mark.parametrize("name", [name for name in SAMPLES if plain(name)[0] in "<{["])
def test_a_report_that_was_cut_off_is_not_passed_over_beside_another_one(name: str) -> None:
    raw = plain(name).encode()
    suffix = "xml" if raw.startswith(b"<") else "json"
    passed_over = []
    for cut in sorted(cuts(raw, PARTS) - {0}):
        gathered = Gathered((), None)
        gathered.take("reports", f"report.{suffix}", raw[:cut])
        reports = gathered.reports()
        if not (reports.files or reports.problems):
            passed_over.append(raw[:cut])
    assert passed_over == []


@pytest.mark.parametrize(
    "raw",
    [b'{"compilerOptions": {// how', b"[section]\nname = 1", b"{{ template }}", b"{}", b"[1]", b'{"a": 1}\n'],
)
def test_what_only_begins_like_json_is_no_broken_report(raw: bytes) -> None:
    assert recognise(raw) is None


@pytest.mark.parametrize(
    "name",
    [
        "junit",
        "nunit",
        "cobertura",
        "jacoco",
        "clover",
        "opencover",
        "checkstyle",
        "pmd",
        "spotbugs",
        "cppcheck",
    ],
)
@pytest.mark.parametrize("prefix", ["", "x"])
def test_a_report_in_a_namespace_is_read_or_refused_and_never_passed_over(name: str, prefix: str) -> None:
    text = plain(name)
    if prefix:
        text = re.sub(r"(</?)(?=\w)", rf"\g<1>{prefix}:", text)
    raw = re.sub(r"(<[\w:-]+)", rf"\1 xmlns{prefix and ':'}{prefix}='urn:x'", text, count=1).encode()
    gathered = Gathered((), None)
    gathered.take("reports", "report.xml", raw)
    reports = gathered.reports()
    assert reports.problems or [file.format for file in reports.files] == [name]


@pytest.mark.corpus
def test_no_cut_makes_a_public_report_greener(corpus: Path) -> None:
    seen = 0
    for path in sorted((corpus / "reports").glob("*/*")):
        if path.stat().st_size > MAX_CORPUS_BYTES:
            continue
        raw = path.read_bytes()
        try:
            found = recognise(raw)
        except InvalidInput:
            continue
        if found is not None and found.name in SAMPLES:
            seen += 1
            assert greener_cuts(found.name, raw, CORPUS_PARTS) == [], path.name
    assert seen >= 100
