"""Hostile archives of the corpus: refused, or their entries left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handlers.quality_gate.reports.gathered import read_archives


@pytest.mark.corpus
def test_hostile_archives_are_refused_or_their_entries_left_out(corpus: Path) -> None:
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        archives = [case for case in map(json.loads, lines) if case["format"] == "artifact-zip"]
    assert archives
    for case in archives:
        reports = read_archives((("artifact", corpus / "reports" / case["file"]),), (), None)
        if case["expected"]["must"].startswith("reject"):
            assert reports.problems, case["file"]
            assert reports.files == ()
        else:
            assert (reports.problems, len(reports.notes)) == ((), 1), case["file"]
