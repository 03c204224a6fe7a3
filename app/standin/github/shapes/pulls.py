"""Pull requests as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.standin.github.answers import stamp_or_none
from app.standin.github.records import Json, PullRequest
from app.standin.github.shapes import accounts, issues, repositories

if TYPE_CHECKING:
    from app.standin.github.state import Repository


def _side(repository: Repository, ref: str, sha: str) -> Json:
    return {
        "label": f"{repository.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": accounts.account(repository.github, repository.owner),
        "repo": repositories.simple(repository),
    }


def head_repository(repository: Repository, pull: PullRequest) -> Repository:
    """Where the head branch lives: this repository or a fork."""
    return repository.github.repositories[pull.head_repository_id]


def pull(repository: Repository, one: PullRequest) -> Json:
    """GitHub's `pull-request-simple`, as lists show it."""
    shared = issues.issue(repository, one.issue)
    url = f"{repositories.url_of(repository)}/pulls/{one.number}"
    addresses = {
        "url": url,
        "issue_url": shared["url"],
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{repositories.url_of(repository)}/pulls/comments{{/number}}",
        "comments_url": shared["comments_url"],
        "statuses_url": f"{repositories.url_of(repository)}/statuses/{one.head_sha}",
        "html_url": shared["html_url"],
        "diff_url": f"{shared['html_url']}.diff",
        "patch_url": f"{shared['html_url']}.patch",
    }
    kept = (
        "number", "title", "body", "user", "labels", "state", "locked", "active_lock_reason", "assignee", "assignees",
        "milestone", "created_at", "updated_at", "closed_at", "author_association",
    )  # fmt: skip
    return {
        **addresses,
        "id": one.id,
        "node_id": accounts.node_id("PR", one.id),
        **{name: shared[name] for name in kept},
        "merged_at": stamp_or_none(one.merged_at),
        "merge_commit_sha": one.merge_commit_sha,
        "requested_reviewers": [],
        "requested_teams": [],
        "draft": one.draft,
        "head": _side(head_repository(repository, one), one.head_ref, one.head_sha),
        "base": _side(repository, one.base_ref, one.base_sha),
        "_links": _links(addresses),
        "auto_merge": None,
    }


def _links(addresses: dict[str, str]) -> Json:
    names = ("html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses")
    links = {name: {"href": addresses[f"{name}_url"]} for name in names}
    return {"self": {"href": addresses["url"]}, **links}


def detailed(repository: Repository, one: PullRequest, *, counts: Json) -> Json:
    """GitHub's `pull-request`; `counts` has commits, additions, deletions and changed_files."""
    state = {True: "clean", False: "dirty", None: "unknown"}[one.mergeable]
    return {
        **pull(repository, one),
        "merged": one.merged_at is not None,
        "mergeable": one.mergeable,
        "rebaseable": one.mergeable,
        "mergeable_state": "draft" if one.draft else state,
        "merged_by": accounts.account(repository.github, one.merged_by) if one.merged_by else None,
        "comments": len(issues.comments_on(repository, one.issue)),
        "review_comments": 0,
        "maintainer_can_modify": one.maintainer_can_modify,
        **counts,
    }


def in_event(repository: Repository, one: PullRequest, counts: Json) -> Json:
    """A pull request in a webhook payload: GitHub has not tried the merge yet when it sends one."""
    unknown = {"mergeable": None, "rebaseable": None, "mergeable_state": "unknown"}
    return {**detailed(repository, one, counts=counts), **unknown}
