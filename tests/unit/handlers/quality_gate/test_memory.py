"""An unchanged commit is judged again without a download; whatever may have changed is read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from app.domain.ci import Artifact
from app.domain.decision import Verdict
from app.domain.ids import InstallationId
from app.errors import Gone
from handlers.quality_gate import memory
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, DECLARED, DEFAULT, REPOSITORY, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura, junit

STATE = TypeAdapter(GateState)
FORMAT = f"""version: 1
quality_gate:
  producers:
    unit: {{workflow: {CI}, artifact: "junit-*", format: junit}}
    cov: {{workflow: {CI}, artifact: coverage, format: cobertura}}
  gates:
    tests: {{from: unit}}
    coverage: {{from: cov, total: ">= 85%"}}
"""


async def first(github: AtGitHub) -> GateState:
    """The state after the first evaluation, as the ledger gives it back."""
    state = (await decided(github)).next_state
    assert state is not None
    github.downloads = 0
    return STATE.validate_json(STATE.dump_json(state))


@pytest.mark.parametrize("config", [DECLARED, DEFAULT])
async def test_an_unchanged_commit_is_judged_again_without_a_download(github: AtGitHub, config: str) -> None:
    github.config = config
    before = await decided(github)
    state = await first(github)
    again = await decided(github, state=state)
    assert (again, github.downloads) == (replace(before, next_state=again.next_state), 0)
    assert again.next_state == state


async def test_what_is_known_is_judged_by_the_thresholds_of_now(github: AtGitHub) -> None:
    state = await first(github)
    github.config = DECLARED.replace("85%", "95%")
    decision = await decided(github, state=state)
    assert (decision.verdict, github.downloads) == (Verdict.FAIL, 0)


def other_id(run: Run) -> None:
    run.first_id += 50


def other_time(run: Run) -> None:
    run.made_at += timedelta(seconds=1)


def no_digest(run: Run) -> None:
    run.has_digests = False


def other_bytes(run: Run) -> None:
    run.artifacts = GOOD | {"coverage": {"coverage.xml": cobertura(8, 10)}, "junit-py": {"j.xml": junit("")}}


@pytest.mark.parametrize("change", [other_id, other_time, no_digest, other_bytes])
async def test_what_github_calls_otherwise_is_read_again(
    github: AtGitHub, change: Callable[[Run], None]
) -> None:
    state = await first(github)
    change(github.runs[0])
    await decided(github, state=state)
    assert github.downloads == 2


async def test_a_producer_that_names_another_format_is_read_again(github: AtGitHub) -> None:
    state = await first(github)
    github.config = FORMAT
    assert (await decided(github, state=state)).verdict is Verdict.PASS
    assert github.downloads == 1


async def test_another_installation_reads_for_itself(github: AtGitHub) -> None:
    state = await first(github)
    github.repository = replace(REPOSITORY, installation_id=InstallationId(6))
    await decided(github, state=state, repository=github.repository)
    assert github.downloads == 2


async def test_another_program_reads_for_itself(github: AtGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    state = await first(github)
    monkeypatch.setattr("handlers.quality_gate.gathering.identity.reader", lambda: "another")
    await decided(github, state=state)
    assert github.downloads == 2


async def test_trouble_with_a_download_is_not_remembered(github: AtGitHub) -> None:
    github.refusal = Gone("download.gone", "gone")
    state = await first(github)
    github.refusal = None
    assert state.known == ()
    assert (await decided(github, state=state)).verdict is Verdict.PASS


async def test_artifacts_without_a_digest_are_not_remembered(github: AtGitHub) -> None:
    github.runs = [Run(has_digests=False)]
    assert (await first(github)).known == ()


async def test_reports_beyond_the_bound_are_read_each_time(
    github: AtGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MAX_KEPT_BYTES", 600)
    github.runs = [Run(GOOD | {"junit-py": {"r.xml": junit('<failure message="expected one"/>')}})]
    state = await first(github)
    assert len(state.known) == 1
    decision = await decided(github, state=state)
    assert (decision.verdict, github.downloads) == (Verdict.FAIL, 1)
    assert check_of(decision).annotations[0].message == "expected one"


async def test_a_state_without_its_reports_is_read(github: AtGitHub) -> None:
    state = await first(github)
    assert STATE.validate_json(STATE.dump_json(state, exclude={"known"})) == replace(state, known=())


def ruff_of(number: int) -> bytes:
    places = ({"row": each % 3000 + 1, "column": 1} for each in range(number))
    found = [
        {
            "code": "F401",
            "message": f"`module_{each}.some_name` imported but unused",
            "filename": f"src/m{each % 700}.py",
        }
        | {"location": place, "end_location": place, "fix": None, "noqa_row": 1, "url": None, "cell": None}
        for each, place in enumerate(places)
    ]
    return json.dumps(found).encode()


def coverage_of(number: int) -> bytes:
    files = {
        f"src/package_{each // 50}/module_{each}.py": {
            "executed_lines": [line for line in range(1, 300) if line * (each + 3) % 7],
            "missing_lines": [line for line in range(1, 300) if not line * (each + 3) % 7],
        }
        for each in range(number)
    }
    return json.dumps({"meta": {}, "files": files}).encode()


@pytest.mark.parametrize(
    "artifacts",
    [{"lint": {"ruff.json": ruff_of(20_000)}}, {"coverage": {"coverage.json": coverage_of(5_000)}}],
    ids=["20,000 findings", "5,000 covered files"],
)
async def test_a_large_commit_is_not_downloaded_again(
    github: AtGitHub, artifacts: dict[str, dict[str, bytes]]
) -> None:
    github.config = DEFAULT
    github.runs = [Run(artifacts)]
    state = await first(github)
    await decided(github, state=state)
    assert (len(state.known), github.downloads) == (1, 0)


async def test_the_artifacts_of_a_run_are_listed_once_however_many_producers_it_is_of(
    github: AtGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[int] = []
    plain = github.artifacts

    async def artifacts(run_id: int) -> tuple[Artifact, ...]:
        listed.append(run_id)
        return await plain(run_id)

    monkeypatch.setattr(github, "artifacts", artifacts)
    assert (await decided(github)).verdict is Verdict.PASS
    assert listed == [1]
