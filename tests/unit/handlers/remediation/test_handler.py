"""From a failed run at GitHub to a decision: remedies, guards, modes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.decision import Verdict
from app.domain.effects import (
    CheckConclusion,
    FileChange,
    OpenPullRequest,
    PublishCheckRun,
    RerunFailedJobs,
    Reservation,
)
from app.domain.events import Actor, WokenUp, WorkflowRunCompleted
from app.domain.pulls import PullRequest
from app.errors import InvalidInput
from app.ports.policies import ConfigError
from handlers.builtin import REMEDIATION
from handlers.remediation.models import Mode, Remediation
from tests.conftest import Golden
from tests.unit.handlers.remediation.failed import (
    APP,
    DISK_FULL,
    HEAD,
    NEWER,
    REPOSITORY,
    SHUTDOWN,
    STAMP,
    SUBJECT,
    WORKFLOW,
    WORKFLOW_PATH,
    Failed,
    decided,
)

MISTAKE = ConfigError(2, 3, "remediation.mode", "is none of off, observe, explain, propose, auto")
HOSTILE = "build @octo/everyone fixes #1 `x` <img src=x>"
OPEN = PullRequest(
    number=12,
    state="open",
    draft=False,
    merged=False,
    title="",
    body="",
    head_sha=HEAD,
    head_ref="hephaestus/x",
    head_repository_id=REPOSITORY.id,
    base_ref="main",
    base_sha=HEAD,
    author=None,
    labels=(),
    url="",
)


def completed(conclusion: str) -> WorkflowRunCompleted:
    return WorkflowRunCompleted(
        REPOSITORY, 77, 1, HEAD, "main", REPOSITORY.id, WORKFLOW_PATH, "push", conclusion, None
    )


async def pull_of(failed: Failed, folder: Path) -> OpenPullRequest:
    decision = await decided(failed, folder)
    (effect,) = decision.effects
    assert isinstance(effect, OpenPullRequest)
    assert decision.verdict is Verdict.ACTED
    return effect


async def test_a_retired_action_becomes_a_pull_request_on_the_newest_default_branch(tmp_path: Path) -> None:
    pull = await pull_of(Failed(), tmp_path)
    assert (pull.base_branch, pull.base_sha) == ("main", NEWER)
    assert pull.changes == (FileChange(WORKFLOW_PATH, WORKFLOW.replace(b"@v3", b"@v4")),)
    assert pull.branch.startswith("hephaestus/gha-artifact-deprecated-")
    assert pull.reservations == (
        Reservation("api.github.com/7|1001|remediation|pulls", timedelta(days=1), 3),
    )
    assert pull.needs_workflows


@pytest.mark.parametrize("failed", [Failed(), Failed(log=SHUTDOWN)])
async def test_a_remedy_that_github_does_not_permit_has_an_explanation_in_its_place(
    tmp_path: Path, failed: Failed
) -> None:
    (effect,) = (await decided(failed, tmp_path)).effects
    assert isinstance(effect, OpenPullRequest | RerunFailedJobs)
    assert effect.instead is not None
    assert (effect.instead.head_sha, effect.instead.conclusion) == (HEAD, CheckConclusion.NEUTRAL)
    assert "GitHub does not let the App do it" in effect.instead.summary


async def test_the_pull_request_of_a_branch_goes_to_that_branch(tmp_path: Path) -> None:
    pull = await pull_of(Failed(branch_name="feature"), tmp_path)
    assert (pull.base_branch, pull.base_sha) == ("feature", HEAD)


async def test_a_workflow_file_that_is_a_program_stays_one(tmp_path: Path) -> None:
    assert [each.mode for each in (await pull_of(Failed(mode="100755"), tmp_path)).changes] == ["100755"]


async def test_one_change_has_one_branch_whatever_else_the_file_says(tmp_path: Path) -> None:
    first = await pull_of(Failed(), tmp_path)
    other_text = await pull_of(Failed(workflow=b"# more\n" + WORKFLOW), tmp_path)
    other_base = await pull_of(Failed(branch_name="feature"), tmp_path)
    assert first.branch == other_text.branch
    assert first.branch != other_base.branch


async def test_the_pull_request_says_cause_evidence_change_and_way_back(
    tmp_path: Path, golden: Golden
) -> None:
    pull = await pull_of(Failed(job_name=HOSTILE), tmp_path)
    golden.check("remediation/pull_request.md", pull.body)


async def test_nothing_from_the_log_enters_the_commit(tmp_path: Path) -> None:
    pull = await pull_of(Failed(job_name=HOSTILE), tmp_path)
    first, second = pull, await pull_of(Failed(), tmp_path)
    assert (first.commit_headline, first.commit_body) == (second.commit_headline, second.commit_body)
    *_, trailer = pull.commit_body.splitlines()
    assert trailer == f"Hephaestus-Fix: gha.artifact-deprecated/1/{pull.branch.rsplit('-', 1)[1]}"
    assert max(map(len, pull.commit_body.splitlines())) <= 72


async def test_a_runner_that_was_shut_down_gets_one_more_attempt(tmp_path: Path) -> None:
    decision = await decided(Failed(log=SHUTDOWN), tmp_path)
    (effect,) = decision.effects
    assert isinstance(effect, RerunFailedJobs)
    assert (effect.run_id, effect.attempt, effect.head_sha) == (77, 1, HEAD)
    assert [each.limit for each in effect.reservations] == [10, 2]
    assert decision.verdict is Verdict.ACTED


async def test_a_log_that_is_gone_is_replaced_by_the_annotations(tmp_path: Path) -> None:
    note = SHUTDOWN.removeprefix(f"{STAMP} ##[error]").strip()
    decision = await decided(Failed(log=None, notes=(note,)), tmp_path)
    assert isinstance(decision.effects[0], RerunFailedJobs)


EXPLAINED = {
    "a second attempt": (Failed(log=SHUTDOWN, attempt=2), "guard.attempt"),
    "a rerun of a fork": (Failed(log=SHUTDOWN, head_repository=5), "guard.fork"),
    "an edit for a fork": (Failed(head_repository=5), "guard.fork"),
    "an edit that is not safe": (Failed(workflow=b"jobs: {}\n"), "edit.refused"),
    "a workflow file that is a link": (Failed(mode="120000"), "edit.refused"),
    "files that GitHub does not list": (Failed(mode=None), "edit.refused"),
    "no workflow file": (Failed(workflow=None), "edit.no_file"),
    "a pull request that is open": (Failed(open_pulls=(OPEN,), applied=1), "guard.open_pull"),
    "a pull request that was closed": (Failed(applied=1), "guard.proposed_before"),
    "a remedy for people": (Failed(log=DISK_FULL), "remedy.explain"),
    "mode explain": (Failed(section=Remediation(mode=Mode.EXPLAIN)), "mode.explain"),
    "mode explain of one": (
        Failed(section=Remediation(signatures={"gha.artifact-deprecated": Mode.EXPLAIN})),
        "mode.explain",
    ),
}


@pytest.mark.parametrize(("failed", "code"), EXPLAINED.values(), ids=EXPLAINED)
async def test_what_must_not_be_done_is_explained(failed: Failed, code: str, tmp_path: Path) -> None:
    decision = await decided(failed, tmp_path)
    (check,) = decision.effects
    assert isinstance(check, PublishCheckRun)
    assert (check.name, check.conclusion) == ("hephaestus/remediation", CheckConclusion.NEUTRAL)
    assert decision.verdict is Verdict.EXPLAINED
    assert [each.code for each in decision.reasons] == [code]
    assert f"({code})" in check.summary


DIED = InvalidInput("compute.crashed", "the worker that read these bytes died, at a second try too")


async def test_a_log_that_nobody_could_read_is_told(tmp_path: Path, golden: Golden) -> None:
    decision = await decided(Failed(refusal=DIED, job_name=HOSTILE), tmp_path)
    (check,) = decision.effects
    assert isinstance(check, PublishCheckRun)
    assert (check.title, check.conclusion) == (
        "Logs of failed jobs could not be read",
        CheckConclusion.NEUTRAL,
    )
    assert decision.verdict is Verdict.EXPLAINED
    assert [each.code for each in decision.reasons] == ["signature.none", "log.unread"]
    golden.check("remediation/unread.md", check.summary)


async def test_annotations_that_nobody_could_read_are_told(tmp_path: Path) -> None:
    decision = await decided(Failed(log=None, notes=("x",), refusal=DIED), tmp_path)
    assert [effect.kind for effect in decision.effects] == ["publish_check_run"]


async def test_of_many_logs_that_nobody_could_read_some_are_named(tmp_path: Path) -> None:
    decision = await decided(Failed(refusal=DIED, job_count=12), tmp_path)
    (check,) = decision.effects
    assert isinstance(check, PublishCheckRun)
    assert "… and 2 more jobs." in check.summary


SILENT = {
    "a branch of ours": (Failed(branch_name="hephaestus/x"), "guard.own_branch"),
    "a bot's head": (Failed(author=Actor(5, "renovate[bot]", is_bot=True)), "guard.bot_head"),
    "a run that succeeded meanwhile": (Failed(conclusion="success"), "run.not_failed"),
    "a run that is gone": (Failed(exists=False), "run.gone"),
    "an unknown cause": (Failed(log="hello\n"), "signature.none"),
    "mode off": (Failed(section=Remediation(mode=Mode.OFF)), "mode.off"),
    "a log that nobody could read, in mode observe": (
        Failed(refusal=DIED, section=Remediation(mode=Mode.OBSERVE)),
        "signature.none",
    ),
    "mode observe": (Failed(section=Remediation(mode=Mode.OBSERVE)), "mode.observe"),
    "a configuration that was never valid": (Failed(section=None, errors=(MISTAKE,)), "CONFIG"),
}


@pytest.mark.parametrize(("failed", "code"), SILENT.values(), ids=SILENT)
async def test_what_is_none_of_our_business_is_left_alone(failed: Failed, code: str, tmp_path: Path) -> None:
    decision = await decided(failed, tmp_path)
    assert (decision.verdict, decision.effects) == (Verdict.NOT_APPLICABLE, ())
    assert decision.reasons[0].code == code


async def test_without_a_section_nothing_is_looked_at(tmp_path: Path) -> None:
    decision = await decided(Failed(section=None), tmp_path)
    assert (decision.verdict, decision.effects) == (Verdict.NOT_CONFIGURED, ())


async def test_a_remedy_that_a_newer_commit_carries_is_not_repeated(tmp_path: Path) -> None:
    pull = await pull_of(Failed(), tmp_path)
    decision = await decided(Failed(messages=("Merge", f"Use v4\n\n{pull.commit_body}")), tmp_path)
    assert [each.code for each in decision.reasons] == ["guard.fixed_before"]


async def test_the_explanation_says_cause_and_evidence(tmp_path: Path, golden: Golden) -> None:
    decision = await decided(Failed(log=SHUTDOWN, attempt=2, job_name=HOSTILE), tmp_path)
    (check,) = decision.effects
    assert isinstance(check, PublishCheckRun)
    golden.check("remediation/explanation.md", check.summary)


@pytest.mark.parametrize(("conclusion", "count"), [("failure", 1), ("success", 0), ("cancelled", 0)])
def test_only_a_failed_run_is_a_target(conclusion: str, count: int) -> None:
    targets = REMEDIATION.targets(APP, completed(conclusion))
    assert [each.subject for each in targets] == [SUBJECT] * count


def test_a_timer_of_ours_is_a_target() -> None:
    assert len(REMEDIATION.targets(APP, WokenUp(REPOSITORY, "remediation", SUBJECT, "x"))) == 1
    assert REMEDIATION.targets(APP, WokenUp(REPOSITORY, "quality_gate", SUBJECT, "x")) == ()
