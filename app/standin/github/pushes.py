"""What follows when a ref moves, however it moved: events, pull requests that follow their branch, check suites.

Every writer of refs (API, GraphQL, git push, seeding) comes through `ref_moved`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.standin.github.git import ZERO, Person
from app.standin.github.records import Account
from app.standin.github.trees import FILE, Change

if TYPE_CHECKING:
    from app.standin.github.state import Repository


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
    """Tells GitHub's followers that a ref was created (before None), moved or deleted (after None)."""
    repository.pushed_at = repository.github.now()
    payload = {"ref": ref, "before": before or ZERO, "after": after or ZERO}
    repository.github.emit("push", None, payload, repository, sender=sender)
