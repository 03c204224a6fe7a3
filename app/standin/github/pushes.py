"""What follows when a ref moves, however it moved: events, pull requests that follow their branch, check suites.

Every writer of refs (API, GraphQL, git push, seeding) comes through `ref_moved`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.standin.github import pulling
from app.standin.github.git import ZERO, Person
from app.standin.github.records import LEVELS, Account, App, CheckSuite, Json, PullRequest
from app.standin.github.shapes import checks, commits
from app.standin.github.shapes.repositories import page_of
from app.standin.github.trees import FILE, Change

if TYPE_CHECKING:
    from app.standin.github.state import Repository

COMMITS_LISTED = 2048


def person(repository: Repository, account: Account) -> Person:
    """An account as the author of a commit made now."""
    return Person(account.name or account.login, account.email, repository.github.now())


def blobs(repository: Repository, files: Mapping[str, bytes | str | None]) -> dict[str, Change]:
    """Stores the files' bytes and gives the tree changes; a file that exists keeps its mode."""
    changes: dict[str, Change] = {}
    for path, data in files.items():
        raw = data.encode() if isinstance(data, str) else data
        changes[path] = None if raw is None else (FILE, repository.git.add_blob(raw))
    return changes


def first_commit(repository: Repository, files: Mapping[str, bytes | str]) -> str:
    """The first commit on the default branch; without events, since nobody could have subscribed yet."""
    tree = repository.git.edit_tree(None, blobs(repository, dict(files)))
    sha = repository.git.add_commit(tree, [], "Initial commit\n", person(repository, repository.owner))
    repository.git.set_ref(f"refs/heads/{repository.default_branch}", sha, None)
    return sha


def commit_files(
    repository: Repository,
    branch: str,
    files: Mapping[str, bytes | str | None],
    message: str,
    author: Account,
) -> str:
    """Commits files on a branch (made from the default branch when new) and tells what follows; the new sha."""
    ref = f"refs/heads/{branch}"
    before = repository.git.ref(ref)
    base = before or repository.git.ref(f"refs/heads/{repository.default_branch}")
    changes = blobs(repository, files)
    for path, change in changes.items():
        old = repository.git.entry(base, path) if base else None
        if change is not None and old is not None and old.type == "blob":
            changes[path] = (old.mode, change[1])
    tree = repository.git.edit_tree(repository.git.tree_of(base) if base else None, changes)
    sha = repository.git.add_commit(tree, [base] if base else [], message, person(repository, author))
    repository.git.set_ref(ref, sha, before)
    ref_moved(repository, ref, before, sha, author)
    return sha


def ref_moved(
    repository: Repository, ref: str, before: str | None, after: str | None, sender: Account
) -> None:
    """Tells what follows when a ref was created (before None), moved or deleted (after None)."""
    repository.pushed_at = repository.github.now()
    kind, _, name = ref.removeprefix("refs/").partition("/")
    if kind not in {"heads", "tags"}:
        return
    if before is None or after is None:
        _tell_made_or_gone(repository, kind, name, sender, made=before is None)
    _tell_push(repository, ref, before, after, sender)
    if kind == "heads":
        _move_pulls(repository, name, after, sender)
        if after is not None:
            request_suites(repository, name, before, after, sender)


def _tell_made_or_gone(repository: Repository, kind: str, name: str, sender: Account, *, made: bool) -> None:
    payload: Json = {
        "ref": name,
        "ref_type": "branch" if kind == "heads" else "tag",
        "pusher_type": "user" if sender.type != "Bot" else "deploy_key",
    }
    if made:
        payload |= {"master_branch": repository.default_branch, "description": repository.description}
    repository.github.emit("create" if made else "delete", None, payload, repository, sender=sender)


def _tell_push(
    repository: Repository, ref: str, before: str | None, after: str | None, sender: Account
) -> None:
    git, page = repository.git, page_of(repository)
    head = None if after is None else git.peel(after)
    fresh = [] if head is None else _fresh(repository, before, head)
    forced = before is not None and head is not None and git.peel(before) != git.merge_base(before, head)
    span = f"{before[:12]}...{after[:12]}" if before and after else (after or before or "")[:12]
    payload: Json = {
        "ref": ref,
        "before": before or ZERO,
        "after": after or ZERO,
        "created": before is None,
        "deleted": after is None,
        "forced": forced,
        "base_ref": None,
        "compare": f"{page}/compare/{span}",
        "commits": [commits.pushed(repository, sha) for sha in fresh],
        "head_commit": None if head is None else commits.pushed(repository, head),
        "pusher": {"name": sender.login, "email": sender.email},
    }
    repository.github.emit("push", None, payload, repository, sender=sender)


def _fresh(repository: Repository, before: str | None, head: str) -> list[str]:
    """New commits, oldest first, at most as many as GitHub lists."""
    old = (
        repository.git.peel(before)
        if before
        else repository.git.ref(f"refs/heads/{repository.default_branch}")
    )
    newest_first = itertools.islice(repository.git.log(head, exclude=old), COMMITS_LISTED)
    return list(newest_first)[::-1]


def _move_pulls(repository: Repository, branch: str, after: str | None, sender: Account) -> None:
    for base in list(repository.github.repositories.values()):
        for pull in list(base.pulls.values()):
            if pull.issue.state == "open":
                _move_pull(base, pull, (repository, branch), after, sender)


def _move_pull(
    base: Repository, pull: PullRequest, moved: tuple[Repository, str], after: str | None, sender: Account
) -> None:
    repository, branch = moved
    if (pull.head_repository_id, pull.head_ref) == (repository.id, branch):
        pulling.head_moved(base, pull, after, sender)
    elif base is repository and pull.base_ref == branch and after is not None:
        pulling.base_moved(base, pull, after, sender)


def request_suites(
    repository: Repository, branch: str, before: str | None, sha: str, sender: Account
) -> None:
    """A check suite for each App that may write checks, and `check_suite.requested` to that App alone."""
    github = repository.github
    for installation in github.installations_on(repository):
        if (
            LEVELS[installation.permissions.get("checks", "none")] < LEVELS["write"]
            or installation.suspended_at
        ):
            continue
        suite = suite_of(repository, installation.app, sha, branch, before)
        payload = {"check_suite": checks.suite_in_event(repository, suite)}
        github.emit(
            "check_suite", "requested", payload, repository, sender=sender, app_id=installation.app.id
        )


def suite_of(
    repository: Repository, app: App, sha: str, branch: str | None = None, before: str | None = None
) -> CheckSuite:
    """The App's suite on a commit, made if it is new."""
    for known in repository.check_suites.values():
        if known.app is app and known.head_sha == sha:
            return known
    now = repository.github.now()
    on = branch or _branch_at(repository, sha)
    suite = CheckSuite(repository.github.next_id(), app, sha, on, before, now, now)
    repository.check_suites[suite.id] = suite
    return suite


def _branch_at(repository: Repository, sha: str) -> str | None:
    heads = repository.git.refs("refs/heads/")
    return next((name.removeprefix("refs/heads/") for name, tip in heads.items() if tip == sha), None)
