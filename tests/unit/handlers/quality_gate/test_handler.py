"""From a commit's runs at GitHub to evidence and a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion, CheckStatus, WakeAt
from app.domain.events import (
    CheckRerequested,
    CheckRunCompleted,
    CheckSuiteCompleted,
    Event,
    MergeGroupRequested,
    ReleaseChanged,
    WokenUp,
    WorkflowRunCompleted,
)
from app.domain.ids import CommitSha
from app.domain.repo import Subject, SubjectKind
from app.errors import Gone, InvalidInput, NotFound, TransientError
from handlers.quality_gate import CAPABILITY
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.reading import MAX_RUNS
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import (
    APP,
    CI,
    DECLARED,
    DEFAULT,
    GOOD,
    MAIN,
    NOW,
    OPENED,
    REPOSITORY,
    SHA,
    SUBJECT,
    AtGitHub,
    Run,
    check_of,
    cobertura,
    decided,
    junit,
)

WOKEN = WokenUp(REPOSITORY, "quality_gate", SUBJECT, "reports")
FAILED = '<failure message="expected 1">assert 1 == 2</failure>'


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(tmp_path)


@pytest.mark.parametrize("config", [DECLARED, DEFAULT])
async def test_good_reports_pass(github: AtGitHub, config: str) -> None:
    github.config = config
    decision = await decided(github, OPENED)
    check = check_of(decision)
    assert decision.verdict is Verdict.PASS
    assert (check.name, check.head_sha) == ("hephaestus/quality-gate", SHA)
    assert (check.status, check.conclusion) == (CheckStatus.COMPLETED, CheckConclusion.SUCCESS)
    assert check.title == "tests: 2 of 2 passed; coverage: 90.00 % (9 of 10 lines)"
    assert len(decision.effects) == 1


async def test_a_failing_test_is_annotated_where_it_is(github: AtGitHub) -> None:
    github.runs = [Run(GOOD | {"junit-py": {"r.xml": junit("", FAILED)}}, conclusion="failure")]
    decision = await decided(github)
    (annotation,) = check_of(decision).annotations
    assert decision.verdict is Verdict.FAIL
    assert check_of(decision).conclusion is CheckConclusion.FAILURE
    assert (annotation.path, annotation.start_line, annotation.message) == (
        "tests/test_a.py",
        11,
        "expected 1",
    )
    assert annotation.title == "tests.test_a.test_1"


@pytest.mark.parametrize(("covered", "verdict"), [(85, Verdict.PASS), (84, Verdict.FAIL)])
async def test_the_threshold_itself_is_enough(github: AtGitHub, covered: int, verdict: Verdict) -> None:
    github.runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(covered, 100)}})]
    assert (await decided(github)).verdict is verdict


async def test_a_share_is_never_rounded_up(github: AtGitHub) -> None:
    github.runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(21249, 25000)}})]
    decision = await decided(github)
    assert decision.verdict is Verdict.FAIL
    assert check_of(decision).title == (
        "coverage: 84.99 % (21249 of 25000 lines): 1 more covered line needed"
    )


@pytest.mark.parametrize(
    "runs", [[], [Run(status="in_progress")], [Run(), Run(status="queued", id=2, trigger="push")]]
)
async def test_while_reports_may_come_the_check_is_in_progress(github: AtGitHub, runs: list[Run]) -> None:
    github.runs = runs
    decision = await decided(github, OPENED)
    check = check_of(decision)
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert decision.verdict is Verdict.WAITING
    assert (check.status, check.conclusion) == (CheckStatus.IN_PROGRESS, None)
    assert (wake.subject, wake.at) == (SUBJECT, NOW + timedelta(minutes=15))
    assert decision.next_state is not None
    assert replace(decision.next_state, known=()) == GateState(NOW, proposals=(Proposal(3, "main"),))


@pytest.mark.parametrize("config", [DECLARED, DEFAULT])
@pytest.mark.parametrize("runs", [[], [Run(status="in_progress")]])
async def test_after_the_deadline_what_did_not_come_is_missing(
    github: AtGitHub, runs: list[Run], config: str
) -> None:
    github.runs, github.config = runs, config
    decision = await decided(github, WOKEN, now=NOW + timedelta(hours=1), state=GateState(NOW))
    assert decision.verdict is Verdict.MISSING
    assert check_of(decision).conclusion is CheckConclusion.FAILURE
    assert not any(isinstance(effect, WakeAt) for effect in decision.effects)


async def test_a_timer_does_not_push_the_deadline_away(github: AtGitHub) -> None:
    github.runs = []
    later = NOW + timedelta(minutes=50)
    decision = await decided(github, WOKEN, now=later, state=GateState(NOW))
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert wake.at == NOW + timedelta(minutes=60)
    assert decision.next_state == GateState(NOW)


async def test_an_event_pushes_the_deadline_away(github: AtGitHub) -> None:
    github.runs = []
    later = NOW + timedelta(minutes=50)
    decision = await decided(github, OPENED, WOKEN, now=later, state=GateState(NOW))
    assert decision.next_state == GateState(later, proposals=(Proposal(3, "main"),))


@pytest.mark.parametrize(
    ("artifacts", "verdict"),
    [
        ({}, Verdict.MISSING),
        ({"coverage": GOOD["coverage"]}, Verdict.MISSING),
        ({"junit-py": GOOD["junit-py"]}, Verdict.MISSING),
        (GOOD | {"junit-py": {}}, Verdict.INCONCLUSIVE),
        (GOOD | {"junit-py": {"notes.txt": b"all good"}}, Verdict.INCONCLUSIVE),
        (GOOD | {"junit-2": {}}, Verdict.INCONCLUSIVE),
        (GOOD | {"junit-2": {"r.xml": b"<html><body>502</body></html>"}}, Verdict.INCONCLUSIVE),
        (GOOD | {"junit-py": {"r.xml": junit()}}, Verdict.FAIL),
        (GOOD | {"junit-py": {"r.xml": junit("<skipped/>")}}, Verdict.FAIL),
        (GOOD | {"junit-py": {"r.xml": b""}}, Verdict.INCONCLUSIVE),
        (GOOD | {"junit-py": {"r.xml": junit(""), "cut.xml": junit("")[:-9]}}, Verdict.INCONCLUSIVE),
        (GOOD | {"junit-2": {"r.xml": junit(FAILED)}}, Verdict.FAIL),
        (GOOD | {"coverage": {"c.xml": cobertura(0, 0)}}, Verdict.INCONCLUSIVE),
        (GOOD | {"coverage": {"../c.xml": cobertura(9, 10)}}, Verdict.INCONCLUSIVE),
    ],
)
async def test_no_evidence_is_never_a_pass(
    github: AtGitHub, artifacts: dict[str, dict[str, bytes]], verdict: Verdict
) -> None:
    github.runs = [Run(artifacts)]
    decision = await decided(github)
    assert decision.verdict is verdict
    assert check_of(decision).conclusion is CheckConclusion.FAILURE


@pytest.mark.parametrize(
    "run", [Run(conclusion="failure"), Run(conclusion="cancelled"), Run(expired=True), Run(artifact_sha=MAIN)]
)
async def test_reports_that_do_not_speak_for_the_run_are_inconclusive(github: AtGitHub, run: Run) -> None:
    github.runs = [run]
    decision = await decided(github)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert check_of(decision).conclusion is CheckConclusion.FAILURE


async def test_a_run_of_another_workflow_cannot_stand_in_for_the_producer(github: AtGitHub) -> None:
    github.runs = [Run(path=".github/workflows/forged.yml"), Run({}, id=2)]
    assert (await decided(github)).verdict is Verdict.MISSING


async def test_two_runs_of_one_commit_do_not_mend_each_other(github: AtGitHub) -> None:
    half = GOOD | {"coverage": {"c.xml": cobertura(1, 10)}}
    github.runs = [Run(), Run(half, id=2, trigger="push")]
    assert (await decided(github)).verdict is Verdict.FAIL


def many_runs(last: Run) -> list[Run]:
    """As many runs as are read, the first with good reports, and `last`, which comes after them all."""
    builds = [
        Run({}, path=f".github/workflows/build{number // 2:02}.yml", id=number + 1, trigger=trigger)
        for number, trigger in enumerate(("push", "pull_request") * (MAX_RUNS // 2))
    ]
    builds[0].artifacts = GOOD
    return [*builds, replace(last, path=".github/workflows/test.yml", id=MAX_RUNS + 1)]


@pytest.mark.parametrize(
    "last",
    [Run(), Run({}), Run({"junit-py": {"r.xml": junit(FAILED)}}, conclusion="failure"), Run(status="queued")],
)
async def test_more_runs_than_are_read_are_inconclusive_and_say_what_to_do(
    github: AtGitHub, last: Run
) -> None:
    github.config, github.runs = DEFAULT, many_runs(last)
    decision = await decided(github)
    check = check_of(decision)
    assert (decision.verdict, check.conclusion) == (Verdict.INCONCLUSIVE, CheckConclusion.FAILURE)
    assert check.title.startswith("tests: the commit has more than 30 runs to read; declare a producer")
    github.runs = github.runs[:-1]
    assert (await decided(github)).verdict is Verdict.PASS


async def test_a_declared_producer_is_read_however_many_other_runs_there_are(github: AtGitHub) -> None:
    github.runs = [*many_runs(Run({}, conclusion="failure")), Run(id=99)]
    assert (await decided(github)).verdict is Verdict.PASS


async def test_the_newest_run_of_a_trigger_counts(github: AtGitHub) -> None:
    github.runs = [Run({}, id=1, conclusion="failure"), Run(id=2)]
    assert (await decided(github)).verdict is Verdict.PASS


async def test_legs_of_a_matrix_are_merged_line_by_line(github: AtGitHub) -> None:
    upper = b"".join(b'<line number="%d" hits="%d"/>' % (n, n > 5) for n in range(1, 11))
    other = (
        b'<coverage><packages><package><classes><class name="a" filename="a.py"><lines>'
        + upper
        + b"</lines></class></classes></package></packages></coverage>"
    )
    github.runs = [Run(GOOD | {"coverage": {"one.xml": cobertura(5, 10), "two.xml": other}})]
    assert "100.00 % (10 of 10 lines)" in check_of(await decided(github)).title


async def test_only_red_informational_gates_are_neutral(github: AtGitHub) -> None:
    github.config = DECLARED + "  informational: [coverage]\n"
    github.runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(1, 10)}})]
    check = check_of(await decided(github))
    assert check.conclusion is CheckConclusion.NEUTRAL
    assert check.title.startswith("informational: coverage: 10.00 %")


async def test_an_informational_gate_is_waited_for_too(github: AtGitHub) -> None:
    other = ".github/workflows/cov.yml"
    github.config = DECLARED.replace(f"cov: {{workflow: {CI}", f"cov: {{workflow: {other}")
    github.config += "  informational: [coverage]\n"
    assert (await decided(github)).verdict is Verdict.WAITING


@pytest.mark.parametrize(
    "refusal",
    [
        Gone("github.gone", "gone"),
        NotFound("github.not_found", "no"),
        InvalidInput("download.too_large", "big"),
    ],
)
async def test_an_artifact_that_cannot_be_fetched_is_inconclusive(
    github: AtGitHub, refusal: Exception
) -> None:
    github.refusal = refusal
    assert (await decided(github)).verdict is Verdict.INCONCLUSIVE


async def test_a_failure_of_our_own_is_not_a_verdict(github: AtGitHub) -> None:
    github.refusal = TransientError("github.unavailable", "later")
    with pytest.raises(TransientError):
        await decided(github)


async def test_without_a_file_the_first_pull_request_is_told_once(github: AtGitHub) -> None:
    github.config = None
    first = await decided(github, OPENED)
    assert first.verdict is Verdict.NOT_CONFIGURED
    assert check_of(first).conclusion is CheckConclusion.NEUTRAL
    github.said = (check_of(first).once,)
    assert (await decided(github, OPENED)).effects == ()


async def test_without_a_file_other_events_say_nothing(github: AtGitHub) -> None:
    github.config = None
    decision = await decided(
        github, WorkflowRunCompleted(REPOSITORY, 1, 1, SHA, "t", None, CI, "push", None, None)
    )
    assert (decision.verdict, decision.effects) == (Verdict.NOT_CONFIGURED, ())


async def test_a_file_without_the_section_says_nothing(github: AtGitHub) -> None:
    github.config = "version: 1\n"
    decision = await decided(github, OPENED)
    assert (decision.verdict, decision.effects) == (Verdict.NOT_CONFIGURED, ())


async def test_an_invalid_file_asks_for_action_on_its_line(github: AtGitHub) -> None:
    github.config = "version: 1\nquality_gate:\n  gaits: {}\n"
    decision = await decided(github, OPENED)
    check = check_of(decision)
    (annotation,) = check.annotations
    assert check.conclusion is CheckConclusion.ACTION_REQUIRED
    assert (annotation.path, annotation.start_line, annotation.start_column) == (
        ".github/hephaestus.yml",
        3,
        3,
    )
    assert annotation.message == "quality_gate.gaits: unknown key"
    assert github.downloads == 0


@pytest.mark.parametrize(
    ("covered", "conclusion"), [(9, CheckConclusion.ACTION_REQUIRED), (1, CheckConclusion.FAILURE)]
)
async def test_the_last_good_version_decides_the_rest_and_is_named(
    github: AtGitHub, covered: int, conclusion: CheckConclusion
) -> None:
    await decided(github)
    github.config = "version: 2\n"
    github.runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(covered, 10)}})]
    check = check_of(await decided(github))
    assert check.conclusion is conclusion
    assert "The last good version" in check.summary
    assert check.annotations[0].start_line == 1


SLOW = f"""version: 1
quality_gate:
  producers:
    unit: {{workflow: {CI}, artifact: "junit-*"}}
    slow: {{workflow: .github/workflows/slow.yml}}
  gates:
    tests: {{from: unit, trust: T2}}
    types: {{from: slow}}
"""


NAMED = "version: 1\nquality_gate:\n  gates:\n    tests: {}\n    checks: {require: [{app: 99, name: scan}]}\n"


@pytest.mark.parametrize(
    ("event", "moves"),
    [
        (CheckRunCompleted(REPOSITORY, 1, "scan", SHA, 99, "success"), True),
        (CheckRunCompleted(REPOSITORY, 1, "other", SHA, 99, "success"), False),
        (CheckRunCompleted(REPOSITORY, 1, "scan", SHA, 98, "success"), False),
        (CheckSuiteCompleted(REPOSITORY, SHA, 99, "success"), False),
        (WorkflowRunCompleted(REPOSITORY, 1, 1, SHA, None, None, CI, "push", None, None), True),
    ],
)
async def test_only_runs_and_checks_that_a_gate_names_push_the_deadline_away(
    github: AtGitHub, event: Event, *, moves: bool
) -> None:
    github.runs, github.config = [], NAMED
    later = NOW + timedelta(minutes=50)
    decision = await decided(github, event, now=later, state=GateState(NOW))
    assert decision.next_state is not None
    assert decision.next_state.last_activity_at == (later if moves else NOW)


async def test_in_a_merge_group_time_counts_from_its_request(github: AtGitHub) -> None:
    github.runs, later = [], NOW + timedelta(minutes=20)
    requested = MergeGroupRequested(REPOSITORY, SHA, MAIN, "main")
    first = await decided(github, requested, state=GateState(NOW - timedelta(minutes=5)))
    ended = WorkflowRunCompleted(REPOSITORY, 1, 1, SHA, None, None, CI, "merge_group", None, None)
    second = await decided(github, ended, now=later, state=first.next_state)
    assert second.next_state is not None
    assert second.next_state.last_activity_at == NOW


async def test_a_gate_that_waits_comes_before_what_only_needs_a_person(github: AtGitHub) -> None:
    github.config = SLOW
    decision = await decided(github, OPENED)
    assert check_of(decision).status is CheckStatus.IN_PROGRESS
    assert decision.verdict is Verdict.WAITING
    assert [effect.at for effect in decision.effects if isinstance(effect, WakeAt)] == [
        NOW + timedelta(minutes=15)
    ]


async def test_a_red_commit_of_which_a_gate_waits_is_looked_at_again(github: AtGitHub) -> None:
    github.config = SLOW.replace(", trust: T2", "")
    github.runs = [Run({"junit-py": {"r.xml": junit("", FAILED)}}, conclusion="failure")]
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.FAIL
    assert [effect.at for effect in decision.effects if isinstance(effect, WakeAt)] == [
        NOW + timedelta(minutes=15)
    ]


async def test_a_later_run_that_was_skipped_replaces_none_and_is_noted(github: AtGitHub) -> None:
    github.runs = [Run(), Run({}, id=2, conclusion="skipped")]
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    assert "was skipped; run 1 counts" in check_of(decision).summary


async def test_a_later_run_that_was_skipped_does_not_end_the_waiting_for_one(github: AtGitHub) -> None:
    github.runs = [Run(status="in_progress"), Run({}, id=2, conclusion="skipped")]
    assert (await decided(github, OPENED)).verdict is Verdict.WAITING


async def test_where_every_run_was_skipped_nothing_is_reported(github: AtGitHub) -> None:
    github.runs = [Run({}, conclusion="skipped"), Run({}, id=2, conclusion="skipped")]
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.MISSING
    assert "was skipped" not in check_of(decision).summary


@pytest.mark.parametrize(
    ("event", "is_target"),
    [
        (OPENED, True),
        (replace(OPENED, action="synchronize"), True),
        (replace(OPENED, action="edited"), True),
        (replace(OPENED, action="closed"), False),
        (MergeGroupRequested(REPOSITORY, SHA, MAIN, "main"), True),
        (WorkflowRunCompleted(REPOSITORY, 1, 1, SHA, None, None, CI, "push", None, None), True),
        (CheckRunCompleted(REPOSITORY, 1, "x", SHA, 15368, "success"), True),
        (CheckRunCompleted(REPOSITORY, 1, "hephaestus/quality-gate", SHA, 7, "success"), False),
        (CheckSuiteCompleted(REPOSITORY, SHA, 15368, "success"), True),
        (CheckSuiteCompleted(REPOSITORY, SHA, 7, "success"), False),
        (CheckRerequested(REPOSITORY, SHA, 7, "hephaestus/quality-gate", "", None), True),
        (CheckRerequested(REPOSITORY, SHA, 7, None, "", None), True),
        (CheckRerequested(REPOSITORY, SHA, 8, "hephaestus/quality-gate", "", None), False),
        (WOKEN, True),
        (replace(WOKEN, capability="remediation"), False),
        (ReleaseChanged(REPOSITORY, "published", 1, "v1"), False),
    ],
)
def test_the_commit_of_each_event_is_the_subject(event: Event, is_target: bool) -> None:  # noqa: FBT001 (a table's column)
    subjects = [target.subject for target in CAPABILITY.targets(APP, event)]
    assert subjects == ([Subject(APP, REPOSITORY.id, SubjectKind.SHA, CommitSha(SHA))] if is_target else [])


@pytest.mark.parametrize("event", [CheckRerequested(REPOSITORY, SHA, 7, None, "", None), OPENED])
async def test_who_pressed_re_run_is_answered_also_where_nothing_changed(
    github: AtGitHub, event: Event
) -> None:
    check = check_of(await decided(github, event))
    assert check.asked is isinstance(event, CheckRerequested)


async def test_a_push_that_leaves_the_file_alone_changes_no_word(
    github: AtGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = check_of(await decided(github, OPENED))
    monkeypatch.setattr("tests.unit.handlers.quality_gate.commit.MAIN", CommitSha("c" * 40))
    assert check_of(await decided(github, OPENED)) == before


async def test_a_red_gate_on_trial_is_judged_again_when_it_begins_to_count(github: AtGitHub) -> None:
    github.pulls = (OPENED,)
    github.config = DECLARED + "  informational: [{gate: coverage, until: 2026-11-03}]\n"
    github.runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(1, 10)}})]
    decision = await decided(github, OPENED)
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert check_of(decision).conclusion is CheckConclusion.NEUTRAL
    assert wake.at == datetime(2026, 11, 3, tzinfo=UTC)
    assert (await decided(github, WOKEN, now=wake.at)).verdict is Verdict.FAIL
