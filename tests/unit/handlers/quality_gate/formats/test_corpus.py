"""Every public Cobertura and coverage.py report of the corpus: totals of the peers, or a clear refusal."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report
from handlers.quality_gate.gathered import read_archives

FORMATS = {"cobertura", "coveragepy-json"}
FORBIDDEN = frozenset({"reject"})
DIFFERENT = {
    # One file with two classes is one file here; the peer counts classes.
    ("cobertura/coverage-model__cobertura-cobertura-same-filename.xml", "files"),
}


def cases(corpus: Path, formats: set[str]) -> list[dict[str, Any]]:
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return [entry for entry in entries if entry["format"] in formats]


def totals(path: Path) -> dict[str, int]:
    report = read_report(path.read_bytes())
    assert report.coverage is not None
    return asdict(report.coverage.totals())


@pytest.mark.corpus
def test_every_well_formed_report_has_the_totals_of_its_peers(corpus: Path) -> None:
    compared = 0
    for case in cases(corpus, FORMATS):
        name, expected = case["file"], case["expected"]
        if expected.get("must") in FORBIDDEN or case.get("xml_well_formed") is False:
            continue
        found = totals(corpus / "reports" / name)
        shared = {key for key in expected.keys() & found.keys() if (name, key) not in DIFFERENT}
        assert {key: found[key] for key in shared} == {key: expected[key] for key in shared}, name
        compared += bool(shared)
    assert compared >= 6


@pytest.mark.corpus
def test_every_hostile_or_malformed_report_is_refused(corpus: Path) -> None:
    refused = 0
    for case in cases(corpus, FORMATS):
        if case["expected"].get("must") in FORBIDDEN or case.get("xml_well_formed") is False:
            with pytest.raises(InvalidInput):
                read_report((corpus / "reports" / case["file"]).read_bytes())
            refused += 1
    assert refused >= 2


@pytest.mark.corpus
def test_hostile_archives_are_refused_or_their_entries_left_out(corpus: Path) -> None:
    for case in cases(corpus, {"artifact-zip"}):
        reports = read_archives((("artifact", corpus / "reports" / case["file"]),), (), None)
        if case["expected"]["must"].startswith("reject"):
            assert reports.problems, case["file"]
            assert reports.files == ()
        else:
            assert (reports.problems, len(reports.notes)) == ((), 1), case["file"]
