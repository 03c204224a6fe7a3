"""The merge queue, as far as Apps see it: a branch of GitHub's own with the trial merge, and a question about it."""

from __future__ import annotations

from app.standin.github import answers, pulling, pushes
from app.standin.github.records import Account, Json, PullRequest
from app.standin.github.shapes import commits
from app.standin.github.state import Repository


def _told(repository: Repository, pull: PullRequest, ref: str, head: str) -> Json:
    return {
        "head_sha": head,
        "head_ref": ref,
        "base_sha": repository.git.commit(head).parents[0].decode(),
        "base_ref": f"refs/heads/{pull.base_ref}",
        "head_commit": commits.simple(repository, head),
    }


def enqueue(repository: Repository, pull: PullRequest, sender: Account) -> str:
    """Puts a pull request into the queue and asks for checks on the trial merge, whose sha it gives.

    Raises: answers.Refusal 405 when it cannot be merged.
    """
    sha = pulling.merge(repository, pull, sender)
    base = repository.git.commit(sha).parents[0].decode()
    ref = f"refs/heads/gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{base}"
    repository.git.set_ref(ref, sha, repository.git.ref(ref))
    pushes.ref_moved(repository, ref, None, sha, sender)
    payload: Json = {"merge_group": _told(repository, pull, ref, sha)}
    repository.github.emit("merge_group", "checks_requested", payload, repository, sender=sender)
    return sha


def finish(repository: Repository, pull: PullRequest, sha: str, sender: Account, *, merged: bool) -> None:
    """Ends the trial: the base moves to it, or it is thrown away. Raises: answers.Refusal 409 when the base has moved."""
    base = repository.git.commit(sha).parents[0].decode()
    ref, target = (
        f"refs/heads/gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{base}",
        f"refs/heads/{pull.base_ref}",
    )
    if merged and repository.git.ref(target) != base:
        raise answers.Refusal(409, "Base branch was modified.")
    payload: Json = {
        "merge_group": _told(repository, pull, ref, sha),
        "reason": "merged" if merged else "dequeued",
    }
    repository.github.emit("merge_group", "destroyed", payload, repository, sender=sender)
    repository.git.delete_ref(ref)
    if merged:
        repository.git.set_ref(target, sha, base)
        pushes.ref_moved(repository, target, base, sha, sender)
