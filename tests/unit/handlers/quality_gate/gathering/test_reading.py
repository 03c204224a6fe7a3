"""Which artifacts are read."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from app.domain.decision import Verdict
from app.errors import Gone
from tests.unit.handlers.quality_gate.commit import DEFAULT, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of
from tests.unit.handlers.quality_gate.samples import GOOD, packed


@pytest.mark.parametrize(("name", "is_read"), [("dist-all", True), ("logs", False)])
async def test_a_build_is_read_though_it_is_larger_than_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, is_read: bool
) -> None:
    monkeypatch.setattr(
        "handlers.quality_gate.gathering.reading.MAX_UNDECLARED_BYTES", len(packed({"a.whl": b"x"})) - 1
    )
    evidence = await evidence_of(AtGitHub(tmp_path, [Run({name: {"a.whl": b"x"}})], DEFAULT))
    ((run,),) = [each.runs for each in evidence.producers]
    assert run.reports is not None
    assert run.reports.members == ((f"{name}/a.whl",) if is_read else ())


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("junit-all", Verdict.INCONCLUSIVE),
        ("CoverageHtml", Verdict.INCONCLUSIVE),
        ("pytest", Verdict.INCONCLUSIVE),
        ("logs", Verdict.PASS),
        ("latest-image", Verdict.PASS),
        ("attestations", Verdict.PASS),
    ],
)
async def test_what_is_too_large_to_be_a_report_is_told_and_passes_only_under_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, verdict: Verdict
) -> None:
    large = {"x.bin": bytes(range(256)) * 4}
    monkeypatch.setattr(
        "handlers.quality_gate.gathering.reading.MAX_UNDECLARED_BYTES", len(packed(large)) - 1
    )
    decision = await decided(AtGitHub(tmp_path, [Run({**GOOD, name: large})], DEFAULT))
    assert decision.verdict is verdict
    assert f"{name}: it is larger than 25 MiB" in check_of(decision).text.replace("\\", "")


@pytest.mark.parametrize("has_digests", [True, False])
async def test_every_artifact_that_is_read_has_the_digest_of_its_bytes(
    tmp_path: Path, *, has_digests: bool
) -> None:
    github = AtGitHub(tmp_path, [Run(has_digests=has_digests)])
    found = {
        each.name: each.sha256
        for reading in (await evidence_of(github)).producers
        for run in reading.runs
        for each in run.artifacts
    }
    assert found == {name: sha256(packed(files)).hexdigest() for name, files in GOOD.items()}
    summary = check_of(await decided(github)).summary
    assert all(f"sha256:{digest[:12]}" in summary for digest in found.values() if digest)


async def test_an_artifact_that_cannot_be_read_has_no_digest_of_ours(tmp_path: Path) -> None:
    github = AtGitHub(tmp_path, [Run(has_digests=False)], refusal=Gone("download.gone", "gone"))
    found = [run.artifacts for each in (await evidence_of(github)).producers for run in each.runs]
    assert [each.sha256 for artifacts in found for each in artifacts] == [None, None]


async def test_a_declared_artifact_with_a_file_of_no_known_format_is_named_with_it(tmp_path: Path) -> None:
    run = Run({**GOOD, "junit-py": {"out.json": b'{"runs": 3}'}})
    said = [each.text for each in (await decided(AtGitHub(tmp_path, runs=[run]))).reasons]
    assert any(
        "junit-py: it holds no report of the format junit: of no known format is junit-py/out.json" in each
        for each in said
    ), said
