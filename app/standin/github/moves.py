"""Moving refs on behalf of a caller: the guard of workflow files, the write itself, and what follows from it."""

from __future__ import annotations

from app.standin.github import answers, pushes
from app.standin.github.answers import Refusal
from app.standin.github.call import Call, Caller
from app.standin.github.git import GitStore, Person, RefRefused
from app.standin.github.records import Account
from app.standin.github.state import Repository

WORKFLOWS = ".github/workflows"
EMPTY = Refusal(409, "Git Repository is empty.")


def head_of(repository: Repository, branch: str) -> str | None:
    """The commit a branch points to."""
    return repository.git.ref(f"refs/heads/{branch}")


def touched_workflow(git: GitStore, before: str | None, after: str) -> str | None:
    """A workflow file that new commits add, change or remove; None when they leave them all alone."""
    for sha in _new_commits(git, before, after):
        parents = [p.decode() for p in git.commit(sha).parents]
        if any(_tree(git, sha) == _tree(git, parent) for parent in parents):
            continue
        mine, theirs = _files(git, sha), _files(git, parents[0]) if parents else {}
        for path in sorted(mine.keys() | theirs.keys()):
            if mine.get(path) != theirs.get(path):
                return f"{WORKFLOWS}/{path}"
    return None


def _new_commits(git: GitStore, before: str | None, after: str) -> list[str]:
    known = {sha for prefix in ("refs/heads/", "refs/tags/") for sha in git.refs(prefix).values()}
    bases = {before, *known} - {None}
    excluded = {s for s in (git.peel(base) for base in bases if base) if s is not None}
    return [] if after in excluded else list(git.log(after, exclude=sorted(excluded)))


def _tree(git: GitStore, sha: str) -> str | None:
    entry = git.entry(sha, WORKFLOWS)
    return None if entry is None else entry.sha


def _files(git: GitStore, sha: str) -> dict[str, str]:
    tree = _tree(git, sha)
    found = git.entries(tree, recursive=True) if tree is not None else ()
    return {entry.path: entry.sha for entry in found if entry.type != "tree"}


def may_write_workflows(caller: Caller) -> bool:
    """People may (their token's scopes are not modelled); installations need `workflows: write`."""
    return caller.kind != "installation" or caller.has("workflows", "write")


def refusal_text(path: str) -> str:
    """GitHub's sentence for a push that touches a workflow without the permission."""
    return (
        f"refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"
    )


def move(call: Call, ref: str, before: str | None, after: str) -> None:
    """Creates a ref (before None) or moves it, if the caller may and it has not moved meanwhile.

    Raises: Refusal 403 for workflow files, RefRefused when somebody else was faster or the name is none.
    """
    repository = call.repository
    commit = repository.git.peel(after)
    if commit is not None and not may_write_workflows(call.caller):
        path = touched_workflow(repository.git, before, commit)
        if path is not None:
            raise Refusal(
                403, refusal_text(path), headers={"X-Accepted-GitHub-Permissions": "workflows=write"}
            )
    repository.git.set_ref(ref, after, before)
    pushes.ref_moved(repository, ref, before, after, call.actor)


def author_of(call: Call) -> Person:
    """The caller as author of a commit made now."""
    return pushes.person(call.repository, call.actor)


def sign(repository: Repository, author: Account, sha: str) -> None:
    """GitHub signs what bots write through its API without naming an author themselves."""
    if author.type == "Bot":
        repository.signed.add(sha)


def move_or_refuse(call: Call, ref: str, before: str | None, after: str, complaint: str) -> None:
    """The same with 422 and a complaint of GitHub's for what git refuses."""
    try:
        move(call, ref, before, after)
    except RefRefused as exc:
        raise answers.unprocessable(complaint) from exc
