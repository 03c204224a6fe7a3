from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.effects import Annotation, AnnotationLevel, CheckConclusion, CheckStatus
from app.domain.ids import CommitSha
from app.errors import Conflict, InvalidInput, NotFound, PermanentError
from app.ports.github_writer import CheckRunDraft, GitHubWriter, IssueComment
from app.testing.writer import RecordingWriter
from app.testing.writer_rules import Interruption

BASE = CommitSha("a" * 40)
NOTE = Annotation("a.py", 1, 1, AnnotationLevel.NOTICE, "here")
DRAFT = CheckRunDraft(
    "gate",
    BASE,
    CheckStatus.COMPLETED,
    CheckConclusion.SUCCESS,
    "id",
    "T",
    "S",
    "",
    (NOTE,),
    (),
)


def github() -> RecordingWriter:
    return RecordingWriter(app_id=7, branches={"main": BASE}, attempts={11: 1})


def test_it_is_a_github_writer() -> None:
    writer: GitHubWriter = github()
    assert isinstance(writer, RecordingWriter)


async def test_annotations_of_a_patch_are_appended() -> None:
    writer = github()
    made = await writer.create_check_run(DRAFT)
    await writer.update_check_run(made, DRAFT)
    assert await writer.find_check_run(BASE, "gate", "id") == (made, 2)


@pytest.mark.parametrize(
    "draft",
    [
        replace(DRAFT, annotations=(NOTE,) * 51),
        replace(DRAFT, summary="é" * 40_000),
        replace(DRAFT, conclusion=None),
        replace(DRAFT, annotations=(replace(NOTE, start_line=0),)),
        replace(DRAFT, annotations=(replace(NOTE, end_line=2, start_column=1),)),
    ],
    ids=["51 annotations", "long summary", "no verdict", "line 0", "columns over two lines"],
)
async def test_what_github_refuses_is_refused(draft: CheckRunDraft) -> None:
    with pytest.raises(InvalidInput):
        await github().create_check_run(draft)


async def test_a_branch_that_exists_and_a_stale_head_are_conflicts() -> None:
    writer = github()
    with pytest.raises(Conflict):
        await writer.create_branch("main", BASE)
    with pytest.raises(Conflict):
        await writer.commit_verified("main", CommitSha("b" * 40), "Title", "", ())


async def test_a_branch_moves_back_only_by_force_and_then_closes_its_pull_request() -> None:
    writer = github()
    await writer.create_branch("fix", BASE)
    await writer.commit_verified("fix", BASE, "Title", "", ())
    await writer.create_pull(title="Fix", body="", head="fix", base="main", draft=False)
    with pytest.raises(Conflict):
        await writer.create_pull(title="Fix", body="", head="fix", base="main", draft=False)
    with pytest.raises(Conflict):
        await writer.move_branch("fix", BASE, force=False)
    await writer.move_branch("fix", BASE, force=True)
    assert await writer.open_pulls("fix") == ()


async def test_a_comment_of_somebody_else_cannot_be_changed() -> None:
    writer = github()
    writer.threads[5] = [IssueComment(1, 999, "theirs", "u")]
    with pytest.raises(NotFound):
        await writer.update_comment(1, "ours")


async def test_a_run_that_runs_cannot_be_run_again() -> None:
    writer = github()
    await writer.rerun_failed_jobs(11)
    with pytest.raises(PermanentError):
        await writer.rerun_failed_jobs(11)
    assert await writer.run_attempt(11) == 2


@pytest.mark.parametrize(("lost", "there"), [(True, False), (False, True)])
async def test_an_interruption_comes_before_or_after_github_acted(*, lost: bool, there: bool) -> None:
    writer = github()
    writer.interruption = Interruption(1, RuntimeError("the power went"), lost=lost)
    with pytest.raises(RuntimeError):
        await writer.create_branch("fix", BASE)
    assert ("fix" in writer.branches) is there
