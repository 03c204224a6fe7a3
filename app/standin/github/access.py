"""Reaching an issue: a pull request is one too, and there either of two permissions will do."""

from __future__ import annotations

from app.standin.github import answers
from app.standin.github.auth import check_access
from app.standin.github.call import Call
from app.standin.github.records import Comment, Issue


def _check(call: Call, number: int | None, level: str) -> None:
    is_pull = number in call.repository.pulls
    permission = "pull_requests" if is_pull and call.caller.has("pull_requests", level) else "issues"
    check_access(call, call.repository, permission, level)


def reach(call: Call, level: str) -> Issue:
    """The issue of the path. Raises: Refusal 403, 404."""
    found = call.repository.issues.get(call.number("number"))
    _check(call, None if found is None else found.number, level)
    if found is None:
        raise answers.not_found()
    return found


def reach_comment(call: Call, level: str) -> Comment:
    """The comment of the path. Raises: Refusal 403, 404."""
    found = call.repository.comments.get(call.number("comment_id"))
    _check(call, None if found is None else found.issue_number, level)
    if found is None:
        raise answers.not_found()
    return found
