"""Every public report of test results: the totals of its peers, or a clear refusal."""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report
from handlers.quality_gate.formats.results import FORMATS

NAMES = frozenset(each.name for each in FORMATS)
REFUSED = frozenset({"reject", "not-resolve-external-entity"})
MAX_S = 2.0
PAGE = Path(__file__).parents[6] / "docs/reference/report-formats/results.md"
CUT = "the file was cut by hand: its summary counts more than is written"
DISTINCT = "the peer counts distinct methods, we count cases as the file does"
NO_CASES = "ten suites failed before their cases were made: ten broken tests here, nothing for the peer"
MISSPELT = "success is neither True nor False: a broken test here, a pass for the peer; the file's own summary counts a failure"
CRASHED = "what could not be run, or was aborted with the test host, is broken here and skipped for the peer"
CLASSES = "suites are classes here, files for the peer"
PACKAGE = "a package that failed without a failed test is a broken test here, and none for the peer"
NUNIT = "nunit/publish-unit-test-result-action__jenkins-"
YAMI = "trx/publish-unit-test-result-action__trx-yami_YAMILEX_2015-10-24_04_18_59.trx"
FIXIE = "xunit/publish-unit-test-result-action__mstest-fixie.xml"
DEVIATIONS = {
    (f"{NUNIT}NUnit-issue44527.xml", "errors"): NO_CASES,
    (f"{NUNIT}NUnit-issue44527.xml", "runs"): NO_CASES,
    (f"{NUNIT}NUnit-issue44527.xml", "suites"): "the peer counts suites that group other suites in part",
    (f"{NUNIT}NUnit-issue44527.xml", "tests"): NO_CASES,
    (f"{NUNIT}NUnit-multinamespace.xml", "errors"): MISSPELT,
    (f"{NUNIT}NUnit-multinamespace.xml", "passed"): MISSPELT,
    (YAMI, "errors"): CRASHED,
    (YAMI, "skipped"): CRASHED,
    (YAMI, "suites"): CLASSES,
    (FIXIE, "passed"): DISTINCT,
    (FIXIE, "tests"): DISTINCT,
    ("gotest-json/gotestsum__input-go-test-json.out", "tests"): PACKAGE,
}
CONTRADICTED = {
    "junit/coverage-model__junit-jest-junit.xml": CUT,
    f"{NUNIT}NUnitUnicode.xml": CUT,
    "dart-json/test-reporter__flutter-provider-test-results.json": "the file ends before the runner said that it ended",
    "gotest-json/hostile__truncated-last-line.jsonl": "the last line is cut off",
}
REFUSED_ALTHOUGH_READ = {
    f"{NUNIT}NUnit-sec1752-https.xml": "it declares an external entity, which peers leave out in silence",
}


def entries(corpus: Path) -> list[dict[str, Any]]:
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [entry for entry in found if entry["format"] in NAMES]


def must_be_refused(entry: dict[str, Any]) -> bool:
    is_hostile = entry["expected"].get("must") in REFUSED or entry["file"] in REFUSED_ALTHOUGH_READ
    return is_hostile or entry.get("xml_well_formed") is False


def read(corpus: Path, entry: dict[str, Any]) -> Report:
    with (corpus / "reports" / entry["file"]).open("rb") as file:
        return read_report(file)


def readable(corpus: Path) -> list[tuple[dict[str, Any], Report]]:
    return [(entry, read(corpus, entry)) for entry in entries(corpus) if not must_be_refused(entry)]


def totals(report: Report) -> dict[str, int]:
    assert report.tests is not None
    counted = asdict(report.tests.totals)
    more = {"runs": counted["tests"], "failed_or_error": counted["failed"] + counted["errors"]}
    return counted | more


@pytest.mark.corpus
def test_every_report_has_the_totals_of_its_peers(corpus: Path) -> None:
    compared, used = 0, set[tuple[str, str]]()
    for entry, report in readable(corpus):
        name, expected, found = entry["file"], entry["expected"], totals(report)
        assert report.format == entry["format"], name
        shared = expected.keys() & found.keys()
        different = {key for key in shared if found[key] != expected[key]}
        reasons = {(name, key) for key in different}
        assert reasons <= DEVIATIONS.keys(), (name, {key: (found[key], expected[key]) for key in different})
        used |= reasons
        compared += bool(shared)
    assert used == DEVIATIONS.keys()
    assert compared >= 65


def test_every_deviation_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8").partition("## Deviations")[2]
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for file, counted in DEVIATIONS:
        about = [row for row in rows if _named(file, row)]
        assert about, (file, counted)
        assert counted != "suites" or any("suite" in row.split("|")[2] for row in about), (file, counted)


def _named(file: str, row: str) -> bool:
    """Whether the name in the first column, with dots for what is left out, is that of a file."""
    parts = row.split("`")[1].split("…")
    return re.fullmatch(".*".join(map(re.escape, parts)), file) is not None


@pytest.mark.corpus
def test_every_report_that_is_broken_or_hostile_is_refused(corpus: Path) -> None:
    refused = 0
    for entry in entries(corpus):
        if must_be_refused(entry):
            with pytest.raises(InvalidInput):
                read(corpus, entry)
            refused += 1
    assert refused >= 8


@pytest.mark.corpus
def test_every_report_that_must_fail_cannot_pass(corpus: Path) -> None:
    for entry, report in readable(corpus):
        tests = report.tests
        if entry["expected"].get("must") == "fail":
            assert tests is not None
            assert tests.failures or report.contradictions or report.vacuous, entry["file"]


@pytest.mark.corpus
def test_only_reports_that_deny_themselves_are_contradicted(corpus: Path) -> None:
    found = {entry["file"] for entry, report in readable(corpus) if report.contradictions}
    assert found == CONTRADICTED.keys()


@pytest.mark.corpus
def test_no_report_takes_long(corpus: Path) -> None:
    for entry in entries(corpus):
        begun = time.process_time()
        try:
            read(corpus, entry)
        except InvalidInput:
            assert must_be_refused(entry), entry["file"]
        assert time.process_time() - begun < MAX_S, entry["file"]
