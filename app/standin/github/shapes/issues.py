"""Issues, comments and labels as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.standin.github.answers import stamp, stamp_or_none
from app.standin.github.records import Account, Comment, Issue, Json, Label
from app.standin.github.shapes import accounts
from app.standin.github.shapes.repositories import page_of, url_of

if TYPE_CHECKING:
    from app.standin.github.state import Repository

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def association(repository: Repository, who: Account) -> str:
    """How an author stands to the repository: OWNER, MEMBER, COLLABORATOR, CONTRIBUTOR (bots) or NONE."""
    if who.id == repository.owner.id:
        return "OWNER"
    if who.id in repository.collaborators:
        return "MEMBER" if repository.owner.type == "Organization" else "COLLABORATOR"
    return "CONTRIBUTOR" if who.type == "Bot" else "NONE"


def _reactions(url: str) -> Json:
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(REACTIONS, 0)}


def label(repository: Repository, one: Label) -> Json:
    """GitHub's `label`."""
    return {
        "id": one.id,
        "node_id": accounts.node_id("LA", one.id),
        "url": f"{url_of(repository)}/labels/{one.name}",
        "name": one.name,
        "color": one.color,
        "default": False,
        "description": one.description,
    }


def page_of_issue(repository: Repository, one: Issue) -> str:
    """The page for people: below `pull` or `issues`."""
    kind = "pull" if one.number in repository.pulls else "issues"
    return f"{page_of(repository)}/{kind}/{one.number}"


def comments_on(repository: Repository, one: Issue) -> list[Comment]:
    """The comments, oldest first."""
    return [c for c in repository.comments.values() if c.issue_number == one.number]


def issue(repository: Repository, one: Issue) -> Json:
    """GitHub's `issue`; with `pull_request` when it is one."""
    github, url = repository.github, f"{url_of(repository)}/issues/{one.number}"
    shown: Json = {
        "id": one.id,
        "node_id": accounts.node_id("I", one.id),
        "number": one.number,
        "url": url,
        "repository_url": url_of(repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": page_of_issue(repository, one),
        "timeline_url": f"{url}/timeline",
        "title": one.title,
        "body": one.body,
        "user": accounts.account(github, one.user),
        "labels": [label(repository, each) for each in one.labels],
        "state": one.state,
        "state_reason": one.state_reason,
        "locked": one.locked,
        "active_lock_reason": None,
        "assignee": accounts.account(github, one.assignees[0]) if one.assignees else None,
        "assignees": [accounts.account(github, each) for each in one.assignees],
        "milestone": None,
        "comments": len(comments_on(repository, one)),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "closed_at": stamp_or_none(one.closed_at),
        "closed_by": accounts.account(github, one.closed_by) if one.closed_by else None,
        "author_association": association(repository, one.user),
        "reactions": _reactions(url),
        "performed_via_github_app": accounts.app(github, one.app) if one.app else None,
    }
    if (pull := repository.pulls.get(one.number)) is not None:
        page = page_of_issue(repository, one)
        shown["pull_request"] = {
            "url": f"{url_of(repository)}/pulls/{one.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": stamp_or_none(pull.merged_at),
        }
        shown["draft"] = pull.draft
    return shown


def comment(repository: Repository, one: Comment) -> Json:
    """GitHub's `issue-comment`."""
    github, url = repository.github, f"{url_of(repository)}/issues/comments/{one.id}"
    page = page_of_issue(repository, repository.issues[one.issue_number])
    return {
        "id": one.id,
        "node_id": accounts.node_id("IC", one.id),
        "url": url,
        "html_url": f"{page}#issuecomment-{one.id}",
        "issue_url": f"{url_of(repository)}/issues/{one.issue_number}",
        "user": accounts.account(github, one.user),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "body": one.body,
        "author_association": association(repository, one.user),
        "reactions": _reactions(url),
        "performed_via_github_app": accounts.app(github, one.app) if one.app else None,
    }
