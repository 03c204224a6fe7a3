"""Every public report of the linters: the totals of their peers, or the reason why not."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from handlers.quality_gate.formats.findings import (
    checkstyle,
    cppcheck,
    detect_secrets,
    flake8,
    gitlab,
    lint_text,
    rdjson,
    shellcheck,
    sqlfluff,
)

FORMATS = {
    each.name: each
    for each in (
        checkstyle.FORMAT,
        cppcheck.FORMAT,
        detect_secrets.FORMAT,
        gitlab.FORMAT,
        lint_text.FORMAT,
        rdjson.FORMAT,
        shellcheck.FORMAT,
        sqlfluff.FORMAT,
    )
}
DEVIATIONS = {
    "lint-text/errorformat__testdata-tsc.in": (
        {"findings": 3},
        "the peer counts the second line of a message as one more finding",
    ),
}
UNSTATED = {
    "checkstyle/analysis-model__checkstyle-all-severities.xml": {
        "findings": 3,
        "error": 1,
        "warning": 1,
        "note": 1,
    },
    "lint-text/analysis-model__parser-flake8.log": {"findings": 2},
    "lint-text/diff_cover__fixtures-pylint_report.txt": {"findings": 3},
}
"""Counted by eye, where the peer states nothing."""
VAGUE = frozenset({"lint-text/errorformat__testdata-govet.in", "lint-text/errorformat__testdata-luacheck.in"})
"""A place and a text, as any log has them: a policy must name the format."""


def cases(corpus: Path) -> list[dict[str, Any]]:
    index = (corpus / "reports" / "index.jsonl").read_text(encoding="utf-8")
    return [each for each in map(json.loads, index.splitlines()) if each["format"] in FORMATS]


@pytest.mark.corpus
def test_every_report_has_the_totals_of_its_peers(corpus: Path) -> None:
    compared = 0
    for case in cases(corpus):
        name = case["file"]
        raw = (corpus / "reports" / name).read_bytes()
        begun = time.perf_counter()
        report = FORMATS[case["format"]].parse(raw)
        assert time.perf_counter() - begun < 2, name
        assert report.findings is not None
        found = asdict(report.findings.totals)
        expected = {key: value for key, value in case["expected"].items() if key in found}
        expected = DEVIATIONS[name][0] if name in DEVIATIONS else expected or UNSTATED[name]
        assert {key: found[key] for key in expected} == expected, name
        assert (report.contradictions, report.vacuous) == ((), ()), name
        compared += 1
    assert compared == 20


@pytest.mark.corpus
def test_every_report_is_recognised(corpus: Path) -> None:
    recognised = 0
    for case in cases(corpus):
        if case["file"] in VAGUE:
            continue
        raw = (corpus / "reports" / case["file"]).read_bytes()
        # flake8 has a format of its own, which reads the text that the corpus files among all others.
        expected = flake8.FORMAT if "flake8" in case["file"] else FORMATS[case["format"]]
        assert expected.sniff(raw), case["file"]
        recognised += 1
    assert recognised == 18


@pytest.mark.corpus
def test_no_report_of_another_format_is_taken_for_one(corpus: Path) -> None:
    index = (corpus / "reports" / "index.jsonl").read_text(encoding="utf-8")
    for case in map(json.loads, index.splitlines()):
        raw = (corpus / "reports" / case["file"]).read_bytes()
        taken = [name for name, each in FORMATS.items() if each.sniff(raw)]
        assert set(taken) <= {case["format"]}, case["file"]
