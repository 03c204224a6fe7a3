"""Keys are what makes an effect idempotent: one for each thing that may exist once at GitHub."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.effects import (
    CheckConclusion,
    CheckStatus,
    Comment,
    CommitFixes,
    DeleteAttestation,
    DispatchWorkflow,
    EditRelease,
    FileChange,
    MarkNotes,
    OpenIssue,
    OpenPullRequest,
    PublishCheckRun,
    RerunFailedJobs,
    WakeAt,
)
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.release_marks import ReleaseMarks
from app.domain.repo import Repository, Subject, SubjectKind

REPOSITORY = Repository(RepositoryId(7), "octo", "tool", InstallationId(5))
SHA = CommitSha("a" * 40)
SUBJECT = Subject(AppKey("api.github.com/1"), REPOSITORY.id, SubjectKind.SHA, SHA)
CHECK = PublishCheckRun(REPOSITORY, SHA, "gate", CheckStatus.COMPLETED, CheckConclusion.SUCCESS, "t", "s")
PULL = OpenPullRequest(
    repository=REPOSITORY,
    base_branch="main",
    base_sha=SHA,
    branch="hephaestus/fix",
    title="t",
    body="b",
    commit_headline="h",
    commit_body="",
    changes=(FileChange("src/a.py", b"x"),),
)


def test_a_check_run_is_one_for_repository_commit_and_name() -> None:
    assert CHECK.key == f"check|7|{SHA}|gate"
    assert replace(CHECK, title="other", conclusion=CheckConclusion.FAILURE).key == CHECK.key
    assert replace(CHECK, name="other").key != CHECK.key


def test_a_pull_request_is_one_for_repository_and_branch() -> None:
    assert PULL.key == "pull|7|hephaestus/fix"
    assert replace(PULL, changes=(), title="other").key == PULL.key


def test_a_change_of_a_workflow_needs_its_own_permission() -> None:
    assert not PULL.needs_workflows
    assert not replace(PULL, changes=(FileChange(".github/dependabot.yml", b""),)).needs_workflows
    workflow = FileChange(".github/workflows/ci.yml", None)
    assert replace(PULL, changes=(*PULL.changes, workflow)).needs_workflows


def test_a_comment_is_one_for_thread_and_marker() -> None:
    assert Comment(REPOSITORY, 3, "gate", "hello").key == "comment|7|3|gate"


def test_a_commit_of_fixes_is_one_for_branch_and_head() -> None:
    fixes = CommitFixes(REPOSITORY, "topic", SHA, "h", "b", (FileChange("a.py", b"x"),))
    assert fixes.key == f"fixes|7|topic|{SHA}"


def test_a_run_by_hand_is_one_for_a_correlation_and_a_deletion_for_an_attestation() -> None:
    started = DispatchWorkflow(REPOSITORY, ".github/workflows/a.yml", "main", "b" * 40, "plan-1", ())
    assert started.key == "dispatch|7|plan-1"
    assert DeleteAttestation(REPOSITORY, 31).key == "attestation|7|31"


def test_a_rerun_is_one_for_an_attempt() -> None:
    assert RerunFailedJobs(REPOSITORY, 11, 2, "main", SHA).key == "rerun|7|11|2"


def test_a_wake_up_is_one_for_capability_subject_and_purpose() -> None:
    first = WakeAt(REPOSITORY, "gate", SUBJECT, datetime(2026, 1, 1, tzinfo=UTC), "reports")
    assert first.key == f"wake|gate|{SUBJECT.key}|reports"
    assert replace(first, at=datetime(2026, 1, 2, tzinfo=UTC)).key == first.key


def test_each_decision_to_edit_a_release_is_an_edit_of_its_own() -> None:
    first, later = (datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (12, 13))
    seen = ReleaseMarks("v1", draft=False, prerelease=False)
    edit = EditRelease(REPOSITORY, 9, seen, draft=False, prerelease=True, latest=False, asked_at=first)
    assert edit.key == "release|7|9|2026-11-24T12:00:00+00:00"
    assert replace(edit, prerelease=False).key == edit.key
    assert replace(edit, asked_at=later).key != edit.key


def test_an_issue_is_one_for_repository_and_marker() -> None:
    issue = OpenIssue(REPOSITORY, "hephaestus:release:9", "t", "b")
    assert issue.key == "issue|7|hephaestus:release:9"
    assert replace(issue, cured="It is good again.").key == issue.key


def test_notes_carry_one_mark_whatever_it_says() -> None:
    mark = MarkNotes(REPOSITORY, 9, "v1", "good")
    assert mark.key == replace(mark, text="refused", tag="v2").key
    assert mark.key != replace(mark, release_id=10).key
