"""Every public audit and bill of materials of the corpus: the totals that are vouched for, or a clear refusal."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import audits, read_report

FORMATS = {each.name for each in audits.FORMATS}
DEVIATIONS = {
    # Times with fractions of a second break the letter of SPDX 2.3, and nothing that is read here.
    ("tools-python__invalid-spdx-trivy-vmware_log-intelligence-fluentd", "schema_valid"),
}


def deviates(name: str, key: str) -> bool:
    return any(part in name and key == of for part, of in DEVIATIONS)


def cases(corpus: Path) -> list[dict[str, Any]]:
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return [entry for entry in entries if entry["format"] in FORMATS]


def groups(report: Report) -> int:
    assert report.audit is not None
    return len({frozenset((each.id, *each.aliases)) for each in report.audit.vulnerabilities})


def measured(report: Report | None) -> dict[str, Any]:
    if report is None:
        return {"schema_valid": False}
    if report.audit is None:
        return {"schema_valid": True}
    totals = report.audit.totals
    return {
        "schema_valid": True,
        "findings": len(report.audit.vulnerabilities),
        "groups": groups(report),
        "dependencies": totals.declared,
        "audited": totals.audited,
        "skipped": totals.skipped,
    }


def read(path: Path) -> Report | None:
    try:
        return read_report(path.read_bytes())
    except InvalidInput:
        return None


@pytest.mark.corpus
def test_every_file_gives_what_is_vouched_for(corpus: Path) -> None:
    compared = 0
    for case in cases(corpus):
        name, expected = case["file"], case["expected"]
        began = time.perf_counter()
        report = read(corpus / "reports" / name)
        assert time.perf_counter() - began < 2, name
        assert report is None or report.format == case["format"], name
        assert (report is None) == (
            expected.get("schema_valid") is False and not deviates(name, "schema_valid")
        )
        found = measured(report)
        shared = {key for key in expected.keys() & found.keys() if not deviates(name, key)}
        assert {key: found[key] for key in shared} == {key: expected[key] for key in shared}, name
        compared += bool(shared)
        if expected.get("must") == "not-pass-as-audited":
            assert report is not None
            assert report.vacuous, name
    assert compared == 10


@pytest.mark.corpus
def test_no_file_of_another_format_is_taken_for_one_of_ours(corpus: Path) -> None:
    seen = 0
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    for entry in entries:
        head = (corpus / "reports" / entry["file"]).read_bytes()[: 64 * 1024]
        takers = {each.name for each in audits.FORMATS if each.sniff(head)}
        assert takers == ({entry["format"]} & FORMATS), entry["file"]
        seen += 1
    assert seen >= 200
