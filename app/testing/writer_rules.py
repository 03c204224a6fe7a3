"""What the double of GitHub's write side keeps, and GitHub's rules about it (https://docs.github.com/rest/checks/runs)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from app.domain.effects import Annotation, CheckStatus, FileChange
from app.domain.ids import CommitSha
from app.errors import NotFound, PermanentError
from app.ports.github_writer import CheckRunDraft, EditableRelease

ANNOTATIONS = 50
BUTTONS = 3
TITLE_CHARACTERS = 255
TEXT_BYTES = 65_535
ANNOTATION_BYTES = 64 * 1024


@dataclass(slots=True)
class RecordedCheckRun:
    """A check run as a visitor sees it, and the statuses it went through."""

    id: int
    last: CheckRunDraft
    annotations: list[Annotation]
    statuses: list[CheckStatus]


@dataclass(frozen=True, slots=True)
class RecordedCommit:
    """A commit: its parent, message and what it changes."""

    parent: CommitSha
    headline: str
    body: str
    changes: tuple[FileChange, ...]
    verified: bool


@dataclass(frozen=True, slots=True)
class Interruption:
    """The request at which `error` is raised, counted from 1; after GitHub did it, or before with `lost`."""

    request: int
    error: BaseException
    lost: bool = False


def unprocessable(said: str) -> PermanentError:
    """GitHub's 422, but for the conflicts among them."""
    return PermanentError("github.unprocessable", said)


def not_found(what: str) -> NotFound:
    """GitHub's 404."""
    return NotFound("github.not_found", f"the {what} does not exist")


def remarked(known: EditableRelease, *, draft: bool, prerelease: bool) -> EditableRelease:
    """A release after an edit, which is a second later than what happened to it before."""
    at = known.marks.updated_at
    later = at and at + timedelta(seconds=1)
    return replace(known, marks=replace(known.marks, draft=draft, prerelease=prerelease, updated_at=later))


def check_text(text: str, limit: int = TEXT_BYTES) -> None:
    """GitHub's 422 for a text that is too long; counts bytes."""
    if len(text.encode()) > limit:
        raise unprocessable(f"Only {limit} characters are allowed")


def check_draft(draft: CheckRunDraft) -> None:
    """GitHub's 422s for a check run."""
    check_text(draft.summary)
    check_text(draft.text)
    if len(draft.annotations) > ANNOTATIONS:
        raise unprocessable(f"at most {ANNOTATIONS} annotations a request")
    if (draft.status is CheckStatus.COMPLETED) != (draft.conclusion is not None):
        raise unprocessable("a conclusion is given exactly when completed")
    if len(draft.buttons) > BUTTONS or (draft.buttons and draft.status is not CheckStatus.COMPLETED):
        raise unprocessable(f"at most {BUTTONS} actions, of a completed run")
    for found in draft.annotations:
        one_line = found.start_line == found.end_line
        if not 1 <= found.start_line <= found.end_line or (found.start_column is not None and not one_line):
            raise unprocessable("annotation has no such place")
        if not found.path or not found.message or len(found.title) > TITLE_CHARACTERS:
            raise unprocessable("annotation is not acceptable")
        check_text(found.message, ANNOTATION_BYTES)
        check_text(found.raw_details, ANNOTATION_BYTES)
        check_text(found.raw_details, ANNOTATION_BYTES)
