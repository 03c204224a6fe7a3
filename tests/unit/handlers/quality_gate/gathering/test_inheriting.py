"""Which artifacts of earlier attempts count, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.ci import Job
from app.domain.decision import Verdict
from tests.unit.handlers.quality_gate.commit import CI, DECLARED, DEFAULT, NOW, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of
from tests.unit.handlers.quality_gate.samples import GOOD, junit

BEGAN = NOW - timedelta(minutes=5)
BEFORE = NOW - timedelta(minutes=60)
MINUTE = timedelta(minutes=1)
EARLIER = dict.fromkeys(GOOD, BEFORE)
BUILD = f"""version: 1
quality_gate:
  producers:
    wheels: {{workflow: {CI}, artifact: "dist"}}
  gates:
    build: {{from: wheels, expect: ["*.whl"]}}
"""


def job(name: str, started_at: datetime, conclusion: str | None = "success", minutes: int = 2) -> Job:
    ended_at = started_at + timedelta(minutes=minutes) if conclusion else None
    return Job(1, 1, 2, name, "completed", conclusion, (), started_at=started_at, completed_at=ended_at)


def second(*jobs: Job, times: dict[str, datetime] | None = None, **more: object) -> Run:
    """The second attempt of a run, which inherits what is in `times`."""
    run = Run(attempt=2, began_at=BEGAN, jobs=jobs, times=EARLIER if times is None else times)
    return replace(run, **more)  # type: ignore[arg-type]  # its own fields


AGAIN = job("again", BEGAN + MINUTE)
CARRIED = job("carried", BEFORE - MINUTE)


@pytest.mark.parametrize(
    ("jobs", "verdict"),
    [
        ((CARRIED, AGAIN), Verdict.PASS),
        ((AGAIN,), Verdict.INCONCLUSIVE),
        ((), Verdict.INCONCLUSIVE),
        ((replace(CARRIED, conclusion="skipped"), AGAIN), Verdict.INCONCLUSIVE),
        ((replace(CARRIED, completed_at=None), AGAIN), Verdict.INCONCLUSIVE),
        ((replace(CARRIED, started_at=None), AGAIN), Verdict.INCONCLUSIVE),
        ((job("after it", BEFORE + MINUTE), AGAIN), Verdict.INCONCLUSIVE),
        ((job("before it", BEFORE - 5 * MINUTE), AGAIN), Verdict.INCONCLUSIVE),
        ((job("at once", BEGAN), AGAIN), Verdict.INCONCLUSIVE),
    ],
    ids=["carried", "all again", "unknown", "skipped", "no end", "no begin", "after", "before", "at once"],
)
async def test_what_is_inherited_counts_where_its_job_may_have_been_carried_over(
    tmp_path: Path, jobs: tuple[Job, ...], verdict: Verdict
) -> None:
    assert (await decided(AtGitHub(tmp_path, [second(*jobs)]))).verdict is verdict


async def test_what_is_inherited_is_named_as_that(tmp_path: Path) -> None:
    run = second(CARRIED, AGAIN, times={"coverage": BEFORE})
    evidence = await evidence_of(AtGitHub(tmp_path, [run]))
    found = {each.name: each.is_inherited for one in evidence.producers for each in one.runs[0].artifacts}
    assert found == {"junit-py": False, "coverage": True}
    summary = check_of(await decided(AtGitHub(tmp_path, [run]))).summary
    assert summary.count("inherited from an earlier attempt") == 1


async def test_without_the_time_at_which_the_attempt_began_nothing_of_it_counts(tmp_path: Path) -> None:
    run = second(CARRIED, AGAIN, times={}, began_at=None)
    assert (await decided(AtGitHub(tmp_path, [run]))).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("run", "listings"),
    [
        (second(times={}), 0),
        (second(CARRIED), 1),
        (Run(times=EARLIER, began_at=NOW), 0),
    ],
    ids=["all its own", "inherited", "the first"],
)
async def test_jobs_are_asked_for_once_and_only_where_something_is_inherited(
    tmp_path: Path, run: Run, listings: int
) -> None:
    github = AtGitHub(tmp_path, [run])
    await decided(github)
    assert github.listings_of_jobs == listings


async def test_what_jobs_left_that_all_ran_again_does_not_count_beside_what_they_left_now(
    tmp_path: Path,
) -> None:
    bad = {"junit-1": {"r.xml": junit("<failure/>")}}
    run = second(AGAIN, times={"junit-1": BEFORE}, artifacts=GOOD | bad)
    for policy in (DEFAULT, DECLARED):
        decision = await decided(AtGitHub(tmp_path, [run], policy))
        assert decision.verdict is Verdict.PASS
        assert "junit-1: an earlier attempt left it, and it does not count" in check_of(
            decision
        ).text.replace("\\", "")


async def test_bad_news_of_a_job_that_ran_again_and_left_none_is_not_lost(tmp_path: Path) -> None:
    bad = {"junit-1": {"r.xml": junit("<failure/>")}}
    earlier = {"junit-1": BEFORE + 30 * MINUTE, "coverage": BEFORE}
    run = second(CARRIED, AGAIN, times=earlier, artifacts=GOOD | bad)
    for policy in (DEFAULT, DECLARED):
        assert (await decided(AtGitHub(tmp_path, [run], policy))).verdict is Verdict.FAIL


async def test_a_file_that_is_no_report_may_be_left_by_a_failure_alone(tmp_path: Path) -> None:
    times = {"screenshots": BEFORE + 30 * MINUTE, "coverage": BEFORE}
    run = second(CARRIED, AGAIN, times=times, artifacts=GOOD | {"screenshots": {"a.png": b"x"}})
    decision = await decided(AtGitHub(tmp_path, [run], DEFAULT))
    assert decision.verdict is Verdict.PASS
    assert "screenshots: an earlier attempt left it, and it does not count" in check_of(
        decision
    ).text.replace("\\", "")


@pytest.mark.parametrize(("made_at", "is_built"), [(BEFORE, True), (BEFORE + 30 * MINUTE, False)])
async def test_a_build_is_there_only_where_the_job_that_built_it_was_carried_over(
    tmp_path: Path, made_at: datetime, *, is_built: bool
) -> None:
    run = second(CARRIED, AGAIN, times={"dist": made_at}, artifacts={"dist": {"a.whl": b"x"}})
    decision = await decided(AtGitHub(tmp_path, [run], BUILD))
    assert (decision.verdict is Verdict.PASS) == is_built


async def test_the_same_doubt_is_told_once_at_the_next_look(tmp_path: Path) -> None:
    run = second(CARRIED, AGAIN, times=dict.fromkeys(GOOD, BEFORE + 30 * MINUTE))
    github = AtGitHub(tmp_path, [run])
    first = await evidence_of(github)
    decision = await decided(github)
    again = await evidence_of(github, state=decision.next_state)
    assert again.producers == first.producers


BAD = {"r.xml": junit("<failure/>")}
FINE = {"r.xml": junit("")}


@pytest.mark.parametrize(
    ("older", "verdict"), [(BAD, Verdict.FAIL), (FINE, Verdict.INCONCLUSIVE)], ids=["bad", "good"]
)
@pytest.mark.parametrize("policy", [DEFAULT, DECLARED])
async def test_of_two_artifacts_of_one_attempt_and_name_none_replaces_the_other(
    tmp_path: Path, policy: str, older: dict[str, bytes], verdict: Verdict
) -> None:
    run = Run(older=(("junit-py", older, NOW - MINUTE),))
    decision = await decided(AtGitHub(tmp_path, [run], policy))
    assert decision.verdict is verdict
    text = check_of(decision).text.replace("\\", "")
    assert (
        "junit-py: 2 artifacts of one attempt have this name, and none can be told to replace another" in text
    )


async def test_files_that_are_no_reports_may_have_one_name(tmp_path: Path) -> None:
    run = Run(artifacts=GOOD | {"site": {"a.png": b"x"}}, older=(("site", {"b.png": b"y"}, NOW - MINUTE),))
    assert (await decided(AtGitHub(tmp_path, [run], DEFAULT))).verdict is Verdict.PASS


async def test_the_newest_attempts_artifact_replaces_all_earlier_ones_of_its_name(tmp_path: Path) -> None:
    older = tuple(("junit-py", BAD, BEFORE + minutes * MINUTE) for minutes in range(2))
    run = second(CARRIED, AGAIN, times={}, older=older)
    assert (await decided(AtGitHub(tmp_path, [run], DECLARED))).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("made_at", "verdict"),
    [(BEFORE - MINUTE, Verdict.FAIL), (BEFORE - 30 * MINUTE, Verdict.PASS)],
    ids=["by one job", "by an earlier attempt"],
)
async def test_of_what_is_inherited_only_an_earlier_attempts_artifact_is_replaced(
    tmp_path: Path, made_at: datetime, verdict: Verdict
) -> None:
    """A job that was carried over ran at the time of the newer one, and another one at that of the older."""
    other = job("of the first attempt", BEFORE - 31 * MINUTE)
    older = (("junit-py", BAD, made_at),)
    run = second(CARRIED, other, AGAIN, times={"junit-py": BEFORE}, older=older)
    assert (await decided(AtGitHub(tmp_path, [run], DECLARED))).verdict is verdict
