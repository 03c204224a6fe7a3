"""Every public report of linters and type checkers in the corpus: totals of the peers, or a clear refusal."""

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

FORMATS = frozenset(
    {
        "sarif",
        "ruff-json",
        "mypy-jsonl",
        "mypy-text",
        "pylint-json",
        "pyright-json",
        "eslint-json",
        "clippy-json",
        "gosec-json",
    }
)
BROKEN = frozenset({"eslint-json/hostile__not-a-list.json", "ruff-json/hostile__deep-array-100k.json"})
"""Not what their names say: a caller has to name the format, and is refused."""
REFUSED = frozenset(
    {
        # SARIF 1.0.0 has other shapes; a scanner that still writes it must be told.
        "sarif/sarif-sdk__Inputs-ResultLocationsAsEmptyArray.sarif",
    }
)
DIFFERENT = {
    # The peer leaves out a warning that has a code and no place; it is a finding all the same.
    ("clippy-json/analysis-model__parser-CargoCheck.json", "findings"): 3,
}


def cases(corpus: Path) -> list[dict[str, Any]]:
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return [
        entry
        for entry in entries
        if entry["format"] in FORMATS or (entry["format"] == "lint-text" and "flake8" in entry["file"])
    ]


def format_name(case: dict[str, Any]) -> str:
    return "flake8" if case["format"] == "lint-text" else str(case["format"])


def must_be_refused(case: dict[str, Any]) -> bool:
    return case["expected"].get("must") == "reject" or case["file"] in REFUSED


def read(corpus: Path, case: dict[str, Any]) -> Report:
    return read_report((corpus / "reports" / case["file"]).read_bytes(), format_name(case))


@pytest.mark.corpus
def test_every_report_is_recognised(corpus: Path) -> None:
    recognised = 0
    for case in cases(corpus):
        if case["file"] not in BROKEN:
            found = recognise((corpus / "reports" / case["file"]).read_bytes())
            assert found is not None, case["file"]
            assert found.name == format_name(case)
            recognised += 1
    assert recognised == 25


@pytest.mark.corpus
def test_every_report_has_the_totals_of_its_peers(corpus: Path) -> None:
    compared = 0
    for case in cases(corpus):
        if must_be_refused(case):
            continue
        began = time.perf_counter()
        report = read(corpus, case)
        assert time.perf_counter() - began < 2, case["file"]
        assert report.findings is not None
        found = asdict(report.findings.totals) | {"suppressed": report.findings.suppressed}
        for key in case["expected"].keys() & found.keys():
            expected = DIFFERENT.get((case["file"], key), case["expected"][key])
            assert found[key] == expected, (case["file"], key)
            compared += 1
    assert compared >= 60


@pytest.mark.corpus
def test_every_report_that_must_fail_does(corpus: Path) -> None:
    failing = [case for case in cases(corpus) if case["expected"].get("must") == "fail"]
    for case in failing:
        report = read(corpus, case)
        assert report.findings is not None
        assert report.findings.totals.error or report.contradictions or report.vacuous, case["file"]
    assert len(failing) == 1


@pytest.mark.corpus
def test_every_report_that_must_be_refused_is(corpus: Path) -> None:
    refused = [case for case in cases(corpus) if must_be_refused(case)]
    for case in refused:
        with pytest.raises(InvalidInput):
            read(corpus, case)
    assert len(refused) == 4
