"""Every public coverage report: totals of the peers, or a clear refusal; nothing is slow."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.coverage import FORMATS

NAMES = {"coveragepy-json": "coveragepy"}
SECONDS = 2
NOT_WELL_FORMED = "cobertura/coverage-reporter__cobertura-cobertura.xml"
CUT_BY_HAND = {
    "clover/coverage-model__clover-clover-declarative.xml": "11 statements are counted, none is listed",
    "cobertura/coverage-model__cobertura-cobertura-cpp.xml": "4 lines are counted, 2 are listed",
    "cobertura/coverage-model__cobertura-cobertura-duplicate-methods.xml": "53 lines are counted, 47 are listed",
    "cobertura/coverage-model__cobertura-cobertura-merge-a.xml": "4,161 lines are counted, 25 are listed",
    "cobertura/coverage-model__cobertura-cobertura-python.xml": "2,661 lines are counted, 19 are listed",
    "cobertura/coverage-model__cobertura-cobertura-same-filename.xml": "12 lines are counted, 2 are listed",
    "cobertura/pycobertura__tests-cobertura-no-branch-rate.xml": "8 lines are counted, none is listed",
}
HOSTILE = {
    "cobertura/hostile__forged-root-rate.xml": "100 lines are counted, 4 are listed",
    "lcov/hostile__no-end-of-record.info": "no record ends",
}
"""Contradictions that there must be; no other report has one."""


def cases(corpus: Path) -> list[dict[str, Any]]:
    ours = {each.name for each in FORMATS}
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return [entry for entry in entries if NAMES.get(entry["format"], entry["format"]) in ours]


def read(corpus: Path, name: str) -> Report | None:
    begun = time.perf_counter()
    try:
        with (corpus / "reports" / name).open("rb") as file:
            return read_report(file)
    except InvalidInput:
        return None
    finally:
        assert time.perf_counter() - begun < SECONDS, name


@pytest.mark.corpus
def test_every_report_has_the_totals_of_its_peers(corpus: Path) -> None:
    compared = 0
    for case in cases(corpus):
        report = read(corpus, case["file"])
        if report is None:
            continue
        assert report.coverage is not None
        assert report.format == NAMES.get(case["format"], case["format"])
        found = asdict(report.coverage.totals())
        shared = case["expected"].keys() & found.keys()
        assert {key: found[key] for key in shared} == {key: case["expected"][key] for key in shared}, case[
            "file"
        ]
        compared += bool(shared)
    assert compared >= 17


@pytest.mark.corpus
def test_only_what_must_be_refused_or_is_no_xml_is_refused(corpus: Path) -> None:
    refused = {case["file"] for case in cases(corpus) if read(corpus, case["file"]) is None}
    must = {case["file"] for case in cases(corpus) if case["expected"].get("must") == "reject"}
    empty = {case["file"] for case in cases(corpus) if case["bytes"] == 0}
    assert refused == must | empty | {NOT_WELL_FORMED}


@pytest.mark.corpus
def test_a_report_without_a_line_is_never_taken_for_one(corpus: Path) -> None:
    empty = [case["file"] for case in cases(corpus) if case["expected"].get("must") == "report-empty"]
    assert len(empty) >= 3
    for name in empty:
        report = read(corpus, name)
        assert report is None or report.vacuous, name


@pytest.mark.corpus
def test_reports_deny_themselves_where_they_were_forged_or_cut_and_nowhere_else(corpus: Path) -> None:
    denying = set()
    for case in cases(corpus):
        report = read(corpus, case["file"])
        if report is not None and report.contradictions:
            denying.add(case["file"])
    assert denying == CUT_BY_HAND.keys() | HOSTILE.keys()


@pytest.mark.corpus
def test_lines_that_a_peer_lists_one_by_one_are_the_same(corpus: Path) -> None:
    compared = 0
    for case in cases(corpus):
        expected = case["expected"]
        if "covered_lines" in expected:
            report = read(corpus, case["file"])
            assert report is not None
            assert report.coverage is not None
            (file,) = report.coverage.files.values()
            assert all(file.covered >> line & 1 for line in expected["covered_lines"])
            missed = file.valid & ~file.covered
            assert all(missed >> line & 1 for line in expected["missed_lines"])
            compared += 1
    assert compared


@pytest.mark.corpus
def test_no_other_report_is_taken_for_coverage(corpus: Path) -> None:
    ours, coverage = {case["file"] for case in cases(corpus)}, {each.name for each in FORMATS}
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        others = [name for name in (json.loads(line)["file"] for line in lines) if name not in ours]
    for name in others:
        try:
            found = recognise((corpus / "reports" / name).read_bytes())
        except InvalidInput:
            continue
        assert found is None or found.name not in coverage, name
    assert len(others) > 100
