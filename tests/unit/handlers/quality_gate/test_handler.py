"""From a commit's runs at GitHub to evidence and a decision."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion, CheckStatus
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
from handlers.builtin import QUALITY_GATE
from handlers.quality_gate.gathering.reading import MAX_RUNS
from tests.unit.handlers.quality_gate.commit import (
    APP,
    CI,
    DECLARED,
    DEFAULT,
    MAIN,
    OPENED,
    REPOSITORY,
    SHA,
    SUBJECT,
    AtGitHub,
    Run,
)
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura, junit

WOKEN = WokenUp(REPOSITORY, "quality_gate", SUBJECT, "reports")
FAILED = '<failure message="expected 1">assert 1 == 2</failure>'


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


async def test_a_later_run_that_was_skipped_replaces_none_and_is_noted(github: AtGitHub) -> None:
    github.runs = [Run(), Run({}, id=2, conclusion="skipped")]
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    assert "was skipped; run 1 counts" in check_of(decision).summary


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
    subjects = [target.subject for target in QUALITY_GATE.targets(APP, event)]
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
