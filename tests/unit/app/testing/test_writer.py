"""What the double does beyond the port; what it has in common with GitHub is in tests/contract/github/test_writer.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.effects import Annotation, AnnotationLevel, CheckConclusion, CheckStatus
from app.domain.ids import CommitSha
from app.errors import NotFound, PermanentError
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


@pytest.mark.parametrize(
    "unclear",
    [
        replace(DRAFT, annotations=(replace(NOTE, start_line=0),)),
        replace(DRAFT, annotations=(replace(NOTE, message=""),)),
        replace(DRAFT, status=CheckStatus.IN_PROGRESS),
    ],
    ids=["line 0", "no message", "a verdict while in progress"],
)
async def test_what_github_takes_and_shows_as_nobody_meant_it_is_refused(unclear: CheckRunDraft) -> None:
    with pytest.raises(PermanentError, match="unprocessable"):
        await github().create_check_run(unclear)


async def test_a_comment_of_somebody_else_cannot_be_changed() -> None:
    writer = github()
    writer.threads[5] = [IssueComment(1, 999, "theirs", "u")]
    with pytest.raises(NotFound):
        await writer.update_comment(1, "ours")


@pytest.mark.parametrize(("lost", "there"), [(True, False), (False, True)])
async def test_an_interruption_comes_before_or_after_github_acted(*, lost: bool, there: bool) -> None:
    writer = github()
    writer.interruption = Interruption(1, RuntimeError("the power went"), lost=lost)
    with pytest.raises(RuntimeError):
        await writer.create_branch("fix", BASE)
    assert ("fix" in writer.branches) is there
